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

variable "bucket_name" {
  description = "The lake's bucket. It has no other notifications: S3 keeps one configuration of them, and this is it."
  type        = string
}

variable "prefix" {
  description = "The prefix of the lake's keys in the bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9/_-]*[a-z0-9]$", var.prefix))
    error_message = "prefix must be a path without slashes at its ends, such as churn."
  }
}
