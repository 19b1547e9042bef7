variable "name" {
  description = "Prefix of all names, such as spanishgas-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]{3,20}$", var.name))
    error_message = "name: 3 to 20 of a-z, 0-9 and hyphens: with its ending it names a load balancer, which has 32 characters."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  default     = {}
}

# --- what runs ---

variable "image" {
  description = "The image by digest: REPOSITORY@sha256:..."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image: give it by digest, REPOSITORY@sha256:... with 64 hexadecimal digits."
  }
}

variable "lake_url" {
  description = "The lake: s3://BUCKET/PREFIX."
  type        = string
}

variable "aws_yaml" {
  description = "The text of the program's aws.yaml."
  type        = string
}

variable "temporal_environment" {
  description = "Plain variables of the connection to Temporal (module temporal, output environment)."
  type        = map(string)

  validation {
    condition     = contains(keys(var.temporal_environment), "TEMPORAL_ADDRESS")
    error_message = "temporal_environment: TEMPORAL_ADDRESS is missing; take the output `environment` of module temporal."
  }
}

variable "temporal_secrets" {
  description = "Variables of the connection to Temporal that come from Secrets Manager: name to ARN."
  type        = map(string)
  default     = {}
}

variable "temporal_ui" {
  description = "Temporal's own pages, for the links to a run; null: no links."
  type        = string
  default     = null
}

variable "task_queue" {
  description = "The task queue of the workflows."
  type        = string
  default     = "spanishgas"
}

variable "link_key_secret_arn" {
  description = "The secret with the key of customers' links, 32 characters or more. Another key voids every link that was sent."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:", var.link_key_secret_arn))
    error_message = "link_key_secret_arn: the ARN of a secret in Secrets Manager."
  }
}

variable "tasks" {
  description = "Tasks that run; two so that one may fail."
  type        = number
  default     = 1

  validation {
    condition     = var.tasks >= 1 && var.tasks <= 10
    error_message = "tasks: between 1 and 10."
  }
}

variable "cpu" {
  description = "CPU units of a task."
  type        = number
  default     = 512
}

variable "memory_mib" {
  description = "Memory of a task, MiB; 2048 for ten times 20,000 customers."
  type        = number
  default     = 1024

  validation {
    condition     = var.memory_mib >= 2 * var.cpu && var.memory_mib <= 8 * var.cpu
    error_message = "memory_mib: Fargate wants 2 to 8 GiB for each vCPU (2 to 8 times `cpu`)."
  }
}

# --- where it runs ---

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "public_subnet_ids" {
  description = "The subnets of the load balancer, in two zones at least."
  type        = list(string)

  validation {
    condition     = length(var.public_subnet_ids) >= 2
    error_message = "public_subnet_ids: a load balancer wants two at least, in two zones."
  }
}

variable "private_subnet_ids" {
  description = "The subnets of the tasks."
  type        = list(string)
}

variable "egress" {
  description = "Where the tasks may connect to."
  type = object({
    cidr_blocks     = list(string)
    prefix_list_ids = optional(map(string), {})
    internet        = optional(bool, false)
  })
}

variable "task_role_arn" {
  description = "The role of the program (module iam, dashboard)."
  type        = string
}

variable "execution_role_arn" {
  description = "The role that ECS pulls the image as."
  type        = string
}

# --- who gets in ---

variable "certificate_arn" {
  description = "The certificate of the dashboard's name, in ACM."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:", var.certificate_arn))
    error_message = "certificate_arn: the ARN of a certificate in ACM, in the region of the load balancer."
  }
}

variable "client_cidr_blocks" {
  description = "From where the load balancer can be reached at all."
  type        = list(string)
  default     = ["0.0.0.0/0"]
}

variable "sign_in" {
  description = "Who signs people in: a Cognito user pool, or any OpenID Connect provider. Nobody gets in without."
  type = object({
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
    session_hours = optional(number, 8)
  })

  validation {
    condition     = (var.sign_in.cognito == null) != (var.sign_in.oidc == null)
    error_message = "sign_in: either cognito or oidc."
  }
}

variable "oidc_client_secret" {
  description = "The client's secret of sign_in.oidc. AWS takes it only as part of the listener, so it is in the state; with cognito there is none."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.sign_in.oidc == null || var.oidc_client_secret != null
    error_message = "oidc_client_secret: sign_in.oidc needs it."
  }
}

variable "roles" {
  description = "Who of those who are signed in may look, and who may act: groups of a claim of theirs. '*' among the viewers is everybody."
  type = object({
    name_claim   = optional(string, "email")
    groups_claim = optional(string, "groups")
    viewers      = optional(list(string), ["*"])
    operators    = optional(list(string), [])
  })
  default = {}

  validation {
    condition     = length(var.roles.viewers) + length(var.roles.operators) > 0
    error_message = "roles: nobody may look; name groups, or viewers = [\"*\"]."
  }

  validation {
    condition     = !contains(var.roles.operators, "*")
    error_message = "roles.operators: not everybody who can sign in may act; name groups."
  }

  validation {
    condition     = alltrue([for group in concat(var.roles.viewers, var.roles.operators) : !strcontains(group, ",") && trimspace(group) != ""])
    error_message = "roles: a group has a name, without a comma."
  }
}

variable "host" {
  description = "The name that people come by; the dashboard answers to no other then. null: to any, as only the load balancer reaches it."
  type        = string
  default     = null

  validation {
    condition     = var.host == null || can(regex("^[a-z0-9.-]+$", var.host))
    error_message = "host: a name such as churn.example.com, without https:// and without a path."
  }
}

variable "waf" {
  description = "A web application firewall with Amazon's common rules before the load balancer."
  type        = bool
  default     = true
}

variable "deletion_protection" {
  description = "Whether the load balancer is kept from deletion."
  type        = bool
  default     = true
}

# --- logs ---

variable "log_retention_days" {
  description = "How long logs are kept, those of accesses too."
  type        = number
  default     = 365
}

variable "kms_key_arn" {
  description = "The key of logs; its policy lets CloudWatch Logs use it."
  type        = string
}

variable "force_destroy" {
  description = "Whether the bucket of access logs may be deleted while it holds any."
  type        = bool
  default     = false
}
