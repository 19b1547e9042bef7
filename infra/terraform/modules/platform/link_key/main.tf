# The key of customers' links in the dashboard, made in Secrets Manager: neither the plan nor the state holds it, and nobody
# reads it but the tasks. A module of its own, as `terraform test` cannot play ephemeral resources and has to leave it out.
variable "secret_name" {
  description = "The secret's name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9/_+=.@-]{1,512}$", var.secret_name))
    error_message = "secret_name: letters, digits and /_+=.@- as Secrets Manager takes them."
  }
}

variable "key_version" {
  description = "A higher number makes another key: the links that people keep lead nowhere then."
  type        = number

  validation {
    condition     = var.key_version >= 1 && floor(var.key_version) == var.key_version
    error_message = "key_version: a whole number from 1."
  }
}

variable "kms_key_arn" {
  description = "The secret's key."
  type        = string
}

variable "recovery_days" {
  description = "For so many days the deleted secret can be brought back; 0: it is gone at once."
  type        = number

  validation {
    condition     = var.recovery_days == 0 || (var.recovery_days >= 7 && var.recovery_days <= 30)
    error_message = "recovery_days: 0, or between 7 and 30."
  }
}

variable "tags" {
  description = "Tags of the secret."
  type        = map(string)
}

ephemeral "aws_secretsmanager_random_password" "new" {
  # Always 64, of letters and digits; known only when the secret is there.
  password_length     = aws_secretsmanager_secret.key.id == "" ? 0 : 64
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "key" {
  #checkov:skip=CKV2_AWS_57: another key voids every link that was sent; raise key_version when that is meant
  name                    = var.secret_name
  description             = "The key of customers' links in the dashboard"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_days
  tags                    = var.tags
}

resource "aws_secretsmanager_secret_version" "key" {
  secret_id                = aws_secretsmanager_secret.key.id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.new.random_password
  secret_string_wo_version = var.key_version
}

output "secret_arn" {
  description = "The secret, once it has its value."
  value       = aws_secretsmanager_secret_version.key.arn
}
