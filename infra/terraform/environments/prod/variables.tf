variable "region" {
  description = "The region of everything."
  type        = string
  default     = "eu-west-1"
}

variable "availability_zones" {
  description = "The zones of the network."
  type        = list(string)
  default     = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
}

variable "image_digest" {
  description = "Which image runs: sha256:... Null or empty before the first push."
  type        = string
  default     = null
}

variable "emails" {
  description = "Who gets alerts, alarms and the budget's mails."
  type        = list(string)

  validation {
    condition     = length(var.emails) >= 1
    error_message = "emails: at least one, or nobody learns of anything."
  }
}

variable "access" {
  description = "Operators, approvers, GitHub, Terraform's state: see modules/platform."
  type = object({
    operator_principals = optional(list(string), [])
    approver_principals = optional(list(string), [])
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
}

variable "temporal_cloud" {
  description = "A namespace in Temporal Cloud (address, namespace, auth: api_key or mtls); null: a server of one's own."
  type = object({
    address   = string
    namespace = string
    auth      = optional(string, "api_key")
  })
  default = null
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
}

variable "dashboard" {
  description = "The business dashboard: see modules/dashboard. The program has none yet."
  type = object({
    enabled            = optional(bool, false)
    url                = optional(string)
    certificate_arn    = optional(string, "")
    client_cidr_blocks = optional(list(string), ["0.0.0.0/0"])
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
