# The module temporal/password with a user of its password: another secret, which gets it as the database does. By itself
# the module cannot be tried: its output is ephemeral, and `terraform test` neither runs such a module nor plays one.

variable "password_version" {
  description = "A higher number makes another password."
  type        = number
}

provider "aws" {
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  max_retries                 = 2
}

locals {
  # The emulator keeps what is encrypted as it is, with any key.
  key = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
}

module "password" {
  source = "../../../modules/temporal/password"

  secret_name      = "apply-test/password"
  description      = "A password that is tried"
  password_version = var.password_version
  kms_key_arn      = local.key
  recovery_days    = 0
  tags             = {}
}

resource "aws_secretsmanager_secret" "user" {
  #checkov:skip=CKV2_AWS_57: it lasts as long as a test
  name                    = "apply-test/user"
  kms_key_id              = local.key
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "user" {
  secret_id                = aws_secretsmanager_secret.user.id
  secret_string_wo         = module.password.password
  secret_string_wo_version = var.password_version
}

output "secret_arn" {
  description = "The secret of the module."
  value       = module.password.secret_arn
}

output "user_arn" {
  description = "The secret of the user; there once it has its password."
  value       = aws_secretsmanager_secret_version.user.arn
}
