variable "name" {
  description = "Prefix of every name, such as spanishgas-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]{3,32}$", var.name))
    error_message = "name must be 3 to 32 lower-case letters, digits and hyphens."
  }
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}

variable "permissions_file" {
  description = "The list of permissions; configs/permissions.yaml of this repository when null."
  type        = string
  default     = null
}

variable "lake" {
  description = "The lake: its bucket, the prefix of its keys, the key that encrypts it."
  type = object({
    bucket_arn  = string
    prefix      = string
    kms_key_arn = string
  })

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9/_-]*[a-z0-9]$", var.lake.prefix))
    error_message = "lake.prefix must be a path without slashes at its ends: no policy may reach beyond it."
  }
}

variable "model_package_group_name" {
  description = "SageMaker's group of the model."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+$", var.model_package_group_name))
    error_message = "model_package_group_name must be lower-case letters, digits and hyphens: no policy may name two groups."
  }
}

variable "repository_arn" {
  description = "The ECR repository of the image."
  type        = string
}

variable "alert_topic_arn" {
  description = "The topic of the alerts."
  type        = string
}

variable "alert_topic_kms_key_arn" {
  description = "The key that encrypts the topic; null when it has none."
  type        = string
  default     = null
}

variable "metric_namespace" {
  description = "The CloudWatch namespace of the program."
  type        = string
  default     = "SpanishGas/MLOps"

  validation {
    condition     = can(regex("^[0-9A-Za-z._/#:-]+$", var.metric_namespace)) && !startswith(var.metric_namespace, "AWS/")
    error_message = "metric_namespace must be a CloudWatch namespace that is not AWS's own (AWS/...)."
  }
}

variable "secret_arns" {
  description = "The secrets that containers start with; the execution role of ECS reads them, nobody else."
  type        = list(string)
  default     = []
}

variable "secret_kms_key_arns" {
  description = "The keys of those secrets, where they are not AWS's own."
  type        = list(string)
  default     = []
}

variable "written_secret_arns" {
  description = "Those of them whose content Terraform writes: it reads them back in every plan, so deploy must be able to."
  type        = list(string)
  default     = []
}

variable "model_signing_kms_key_arn" {
  description = "The key that models are signed with (HMAC_256); null when they are not, or with a file."
  type        = string
  default     = null
}

variable "payload_kms_key_arn" {
  description = "The key that seals the keys of payloads; null when they are not encrypted, or with a file."
  type        = string
  default     = null
}

variable "raw_events_queue_arn" {
  description = "The queue of events of new raw files (raw_events): the worker reads it. Null: there is none, and nobody has rights on any."
  type        = string
  default     = null
}

variable "training" {
  description = "What training jobs have: tags, a key for their disk, a network (aws.yaml's training.tags, .volume_kms_key, .vpc). Rights that only those need are given only with them."
  type = object({
    tags           = optional(bool, false)
    volume_kms_key = optional(string)
    vpc = optional(object({
      subnet_ids         = list(string)
      security_group_ids = list(string)
    }))
  })
  default = {}
}

variable "operator_principals" {
  description = "ARNs of the users and roles that may act as operator; without any there is no such role."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.operator_principals : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(root|user/|role/)", arn))])
    error_message = "operator_principals must be ARNs of accounts, users or roles: a star would let everybody in."
  }
}

variable "approver_principals" {
  description = "ARNs of the users and roles that may act as approver; without any there is no such role."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.approver_principals : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(root|user/|role/)", arn))])
    error_message = "approver_principals must be ARNs of accounts, users or roles: a star would let everybody in."
  }
}

variable "eraser" {
  description = "Whether there is a role for tasks that take customers out of the lake."
  type        = bool
  default     = false
}

variable "collector" {
  description = "Whether there is a role for tasks that delete what nothing in the lake reaches any more."
  type        = bool
  default     = false
}

variable "deploy_trust_policy_json" {
  description = "Who may act as deploy, from github_oidc; null: no such role."
  type        = string
  default     = null
}

variable "state_bucket_arn" {
  description = "The bucket of Terraform's state, which deploy reads and writes; null: it may not."
  type        = string
  default     = null
}

variable "state_key_prefix" {
  description = "Where in that bucket this environment's state lies; deploy reaches nothing else there."
  type        = string
  default     = null
}

variable "state_kms_key_arn" {
  description = "The key that encrypts the state; null when it has none of yours."
  type        = string
  default     = null
}
