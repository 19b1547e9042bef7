variable "region" {
  description = "The region of everything."
  type        = string
  default     = "eu-west-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region: such as eu-west-1."
  }
}

variable "availability_zones" {
  description = "The zones of the network."
  type        = list(string)
  default     = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]

  validation {
    condition     = var.existing_network != null || alltrue([for zone in var.availability_zones : can(regex("^${var.region}[a-z]$", zone))])
    error_message = "availability_zones: zones of the region ${var.region}, such as ${var.region}a."
  }
}

# With this the network is not made.
variable "existing_network" {
  description = <<-EOT
    A network that is there already; null: one is made. It must reach AWS's services by itself, and Temporal Cloud or
    Docker Hub. ui_client_cidr_blocks: who reaches the Web UI of a Temporal of one's own; empty: there is none.
  EOT
  type = object({
    vpc_id                = string
    private_subnet_ids    = list(string)
    public_subnet_ids     = optional(list(string), [])
    ui_client_cidr_blocks = optional(list(string), [])
  })
  default = null

  validation {
    condition     = try(startswith(var.existing_network.vpc_id, "vpc-") && length(distinct(var.existing_network.private_subnet_ids)) >= 2, var.existing_network == null)
    error_message = "existing_network: a VPC (vpc-...) and at least two private subnets, in two zones."
  }

  validation {
    condition     = alltrue([for block in try(var.existing_network.ui_client_cidr_blocks, []) : can(cidrnetmask(block))])
    error_message = "existing_network.ui_client_cidr_blocks: IPv4 networks, such as 10.0.0.0/16."
  }
}

variable "image_digest" {
  description = "Which image runs: sha256:... Null or empty before the first push."
  type        = string
  default     = null

  validation {
    condition     = var.image_digest == null || can(regex("^(sha256:[0-9a-f]{64})?$", var.image_digest))
    error_message = "image_digest: sha256: and 64 hexadecimal digits, as `docker push` prints it; nothing before the first push."
  }
}

variable "emails" {
  description = "Who gets alerts, alarms and the budget's mails."
  type        = list(string)

  validation {
    condition     = length(var.emails) >= 1
    error_message = "emails: at least one, or nobody learns of anything."
  }

  validation {
    condition     = length(var.emails) <= 10 && alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", email))])
    error_message = "emails: addresses such as platform@example.com, ten at most, as a budget takes no more."
  }
}

variable "budget_of_tag" {
  description = "The budget counts only what has this environment's tag `environment`, which must be active as a cost allocation tag of the account. False: it counts the whole account."
  type        = bool
  default     = false
}

variable "access" {
  description = "Operators, approvers, GitHub, Terraform's state: see modules/platform."
  type = object({
    operator_principals = optional(list(string), [])
    approver_principals = optional(list(string), [])
    eraser              = optional(bool, false)
    collector           = optional(bool, false)
    github = optional(object({
      repository      = string
      environment     = optional(string, "prod")
      create_provider = optional(bool, true)
    }))
    state_bucket_arn  = optional(string)
    state_key_prefix  = optional(string, "spanishgas-prod")
    state_kms_key_arn = optional(string)
  })
  default = {}

  validation {
    condition = alltrue([
      for arn in concat(var.access.operator_principals, var.access.approver_principals) : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(root|user/|role/)", arn))
    ])
    error_message = "access: operator_principals and approver_principals are ARNs of roles or users, such as arn:aws:iam::111122223333:role/Platform."
  }

  validation {
    condition     = var.access.state_bucket_arn == null || can(regex("^arn:aws[a-z-]*:s3:::[a-z0-9.-]+$", var.access.state_bucket_arn))
    error_message = "access.state_bucket_arn: the ARN of a bucket, such as arn:aws:s3:::111122223333-terraform-state."
  }

  validation {
    condition     = var.access.state_kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.access.state_kms_key_arn))
    error_message = "access.state_kms_key_arn: the ARN of a key (no alias), such as arn:aws:kms:eu-west-1:111122223333:key/..."
  }
}

variable "keys" {
  description = "Keys in KMS that models are signed and payloads are encrypted with: see modules/platform."
  type = object({
    model_signing = optional(bool, false)
    payloads      = optional(bool, false)
  })
  default = {}
}

variable "raw_events" {
  description = "Whether new raw files start a look at once, by events of S3: see modules/platform."
  type        = bool
  default     = false
}

variable "temporal_cloud" {
  description = "A namespace in Temporal Cloud (address, namespace, auth: api_key or mtls); null: a server of one's own."
  type = object({
    address   = string
    namespace = string
    auth      = optional(string, "api_key")
  })
  default = null

  validation {
    condition     = var.temporal_cloud == null || can(regex("^[^.:/ ]+[.][^.:/ ]+$", var.temporal_cloud.namespace))
    error_message = "temporal_cloud.namespace: with the account's ending, such as spanishgas-dev.abc12."
  }
}

variable "temporal_credentials" {
  description = "What the connection to Temporal is opened with: see modules/temporal. Give it as TF_VAR_temporal_credentials."
  type = object({
    api_key     = optional(string)
    client_cert = optional(string)
    client_key  = optional(string)
    ca_cert     = optional(string)
    server_cert = optional(string)
    server_key  = optional(string)
  })
  default   = {}
  ephemeral = true
  sensitive = true
}

variable "temporal_credentials_version" {
  description = "0: the secret is put in by hand. Above: temporal_credentials is written, anew with each higher number."
  type        = number
  default     = 0

  validation {
    condition     = var.temporal_credentials_version >= 0 && floor(var.temporal_credentials_version) == var.temporal_credentials_version
    error_message = "temporal_credentials_version: 0, or a whole number that is higher by one for each renewal."
  }
}

variable "dashboard" {
  description = "The business dashboard: see modules/dashboard. url is the name that people come by; roles says which groups look and which act."
  type = object({
    enabled            = optional(bool, false)
    url                = optional(string)
    certificate_arn    = optional(string, "")
    cpu                = optional(number, 512)
    memory_mib         = optional(number, 1024)
    client_cidr_blocks = optional(list(string), ["0.0.0.0/0"])
    link_key_version   = optional(number, 1)
    roles = optional(object({
      name_claim   = optional(string, "email")
      groups_claim = optional(string, "groups")
      viewers      = optional(list(string), ["*"])
      operators    = optional(list(string), [])
    }), {})
    sign_in = optional(object({
      cognito = optional(object({
        user_pool_arn = string
        client_id     = string
        domain        = string
      }))
      oidc = optional(object({
        issuer                 = string
        authorization_endpoint = string
        token_endpoint         = string
        user_info_endpoint     = string
        client_id              = string
      }))
    }))
  })
  default = {}
}

variable "oidc_client_secret" {
  description = "The client's secret of dashboard.sign_in.oidc. Give it as TF_VAR_oidc_client_secret."
  type        = string
  default     = null
  sensitive   = true
}
