# The key of the lake. IAM decides who uses it: the roles' policies name it.

resource "aws_kms_key" "lake" {
  description             = "SpanishGas Churn, the lake of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = local.key_policy
  tags                    = var.tags
}

resource "aws_kms_alias" "lake" {
  name          = "alias/${var.name}-lake"
  target_key_id = aws_kms_key.lake.key_id
}

locals {
  key_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "PoliciesOfTheAccountDecide"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*" # in the policy of a key: this key
      }],
      [for service in sort(var.kms_service_principals) : {
        Sid       = "For${replace(title(replace(service, "/[^a-z0-9]/", " ")), " ", "")}"
        Effect    = "Allow"
        Principal = { Service = service }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*" # in the policy of a key: this key
        Condition = jsondecode(startswith(service, "logs.") ? local.for_log_groups : local.for_this_account)
      }],
    )
  })

  for_this_account = jsonencode({ StringEquals = { "aws:SourceAccount" = local.account } })
  # CloudWatch Logs says which group it acts for, not which account.
  for_log_groups = jsonencode({
    ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:*:${local.account}:log-group:*" }
  })
}
