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

variable "keep_images" {
  description = "How many tagged images stay; older ones expire. A rollback needs the image it goes back to."
  type        = number
  default     = 30

  validation {
    condition     = var.keep_images >= 5
    error_message = "keep_images must be 5 or more: a rollback needs the image it goes back to."
  }
}

variable "kms_key_arn" {
  description = "The key that encrypts the images."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key."
  }
}

variable "force_delete" {
  description = "Whether `terraform destroy` may delete a repository that has images."
  type        = bool
  default     = false
}
