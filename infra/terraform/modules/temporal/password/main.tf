# A password that is made in Secrets Manager and read back from there, so what the secret holds and what its user gets
# never differ; neither the plan nor the state holds it. A module of its own, as `terraform test` cannot play ephemeral
# resources and has to leave it out.
variable "secret_name" {
  description = "The secret's name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9/_+=.@-]{1,512}$", var.secret_name))
    error_message = "secret_name: letters, digits and /_+=.@- as Secrets Manager takes them."
  }
}

variable "description" {
  description = "What the password is for."
  type        = string
}

variable "password_version" {
  description = "A higher number makes another password."
  type        = number

  validation {
    condition     = var.password_version >= 1 && floor(var.password_version) == var.password_version
    error_message = "password_version: a whole number from 1."
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
  # Always 40; known only when the secret is there.
  password_length     = aws_secretsmanager_secret.password.id == "" ? 0 : 40
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "password" {
  #checkov:skip=CKV2_AWS_57: the server reads the password only at its start; raise password_version and restart it
  name                    = var.secret_name
  description             = var.description
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_days
  tags                    = var.tags
}

resource "aws_secretsmanager_secret_version" "password" {
  secret_id                = aws_secretsmanager_secret.password.id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.new.random_password
  secret_string_wo_version = var.password_version
}

ephemeral "aws_secretsmanager_secret_version" "kept" {
  secret_id  = aws_secretsmanager_secret_version.password.secret_id
  version_id = aws_secretsmanager_secret_version.password.version_id
}

output "secret_arn" {
  description = "The secret."
  value       = aws_secretsmanager_secret.password.arn
}

output "password" {
  description = "The password, for write-only arguments."
  value       = ephemeral.aws_secretsmanager_secret_version.kept.secret_string
  ephemeral   = true
}
