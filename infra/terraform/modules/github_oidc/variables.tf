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

variable "repository" {
  description = "The repository on GitHub whose workflows may deploy: owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.repository))
    error_message = "repository must be owner/name, without a star: each pattern lets other repositories in."
  }
}

variable "environment" {
  description = "The GitHub environment that a job must run in; its rules (who approves, which branches) guard the deploy."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+$", var.environment))
    error_message = "environment must be the name of one GitHub environment, without a star."
  }
}

variable "create_provider" {
  description = "Whether GitHub is made known to the account. An account knows it once: false where it does already."
  type        = bool
  default     = true
}
