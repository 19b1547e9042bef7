# Keys that the program uses by itself, where they are asked for: models are signed, and what runs say is encrypted
# (docs/settings.md). Roles use them by their own policies; who signs, configs/permissions.yaml says.

locals {
  policy_of_the_account = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "PoliciesOfTheAccount"
      Effect    = "Allow"
      Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })

  key_environment = merge(
    !var.keys.model_signing ? {} : { SPANISHGAS_SIGNING_KEY = "kms:${aws_kms_key.model_signing[0].arn}" },
    !var.keys.payloads ? {} : { SPANISHGAS_PAYLOAD_KEY = "kms:${aws_kms_key.payloads[0].arn}" },
  )
}

#trivy:ignore:AVD-AWS-0065 KMS rotates no key of HMAC; a new key is named before the old one
resource "aws_kms_key" "model_signing" {
  count = var.keys.model_signing ? 1 : 0

  description              = "${var.name}: signs models"
  customer_master_key_spec = "HMAC_256"
  key_usage                = "GENERATE_VERIFY_MAC"
  deletion_window_in_days  = 30
  policy                   = local.policy_of_the_account
  tags                     = var.tags
}

resource "aws_kms_alias" "model_signing" {
  count = var.keys.model_signing ? 1 : 0

  name          = "alias/${var.name}-models"
  target_key_id = aws_kms_key.model_signing[0].key_id
}

resource "aws_kms_key" "payloads" {
  count = var.keys.payloads ? 1 : 0

  description             = "${var.name}: seals the keys of payloads"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = local.policy_of_the_account
  tags                    = var.tags
}

resource "aws_kms_alias" "payloads" {
  count = var.keys.payloads ? 1 : 0

  name          = "alias/${var.name}-payloads"
  target_key_id = aws_kms_key.payloads[0].key_id
}
