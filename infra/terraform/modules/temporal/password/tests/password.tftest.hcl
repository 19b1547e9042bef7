# The provider itself, which plans without a call: mock providers know no ephemeral resources.
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  secret_name      = "spanishgas-test/temporal/database"
  description      = "The password of Temporal's database"
  password_version = 1
  kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  recovery_days    = 7
  tags             = { team = "retention" }
}

run "the_secret_has_its_key_and_its_days" {
  command = plan

  assert {
    condition     = aws_secretsmanager_secret.password.kms_key_id == var.kms_key_arn && aws_secretsmanager_secret.password.recovery_window_in_days == 7
    error_message = "the secret has another key, or cannot be brought back"
  }

  assert {
    condition     = aws_secretsmanager_secret_version.password.secret_string_wo_version == 1 && aws_secretsmanager_secret_version.password.secret_string == null
    error_message = "the password is not written past the state"
  }
}

run "refuses_what_cannot_be" {
  command         = plan
  expect_failures = [var.secret_name, var.password_version, var.recovery_days]

  variables {
    secret_name      = "a secret"
    password_version = 0
    recovery_days    = 3
  }
}
