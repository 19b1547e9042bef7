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

variable "prefix" {
  description = "The prefix of the lake's keys in the bucket."
  type        = string
  default     = "churn"

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9/_-]*[a-z0-9]$", var.prefix))
    error_message = "prefix must be a path without slashes at its ends, such as churn."
  }
}

variable "force_destroy" {
  description = "Whether `terraform destroy` may delete a bucket that has objects. Never where the data count."
  type        = bool
  default     = false
}

variable "bronze_to_ia_days" {
  description = "After how many days bronze/ moves to infrequent access."
  type        = number
  default     = 90

  validation {
    condition     = var.bronze_to_ia_days >= 30
    error_message = "bronze_to_ia_days must be 30 or more: S3 moves nothing younger to infrequent access."
  }
}

variable "scored_expire_days" {
  description = "After how many days the marked history of scored/ expires (see mark-history.py)."
  type        = number
  default     = 365

  validation {
    condition     = var.scored_expire_days >= 30
    error_message = "scored_expire_days must be 30 or more: what was published lately is compared with."
  }
}

variable "noncurrent_days" {
  description = "How long a replaced or deleted object can be brought back. Of models and pointers every version stays."
  type        = number
  default     = 90

  validation {
    condition     = var.noncurrent_days >= 7
    error_message = "noncurrent_days must be 7 or more: a mistake is found in a week, not in a day."
  }
}

variable "access_log_days" {
  description = "How long the bucket's access logs stay."
  type        = number
  default     = 365

  validation {
    condition     = var.access_log_days >= 30
    error_message = "access_log_days must be 30 or more."
  }
}

variable "kms_service_principals" {
  description = "Services that may use the key for resources of this account: for what else is encrypted with it, such as log groups (logs.REGION.amazonaws.com) or a topic with alarms (cloudwatch.amazonaws.com)."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for service in var.kms_service_principals : endswith(service, ".amazonaws.com")])
    error_message = "kms_service_principals must be services of AWS, such as cloudwatch.amazonaws.com."
  }
}
