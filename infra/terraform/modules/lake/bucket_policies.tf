# What the buckets refuse, whoever asks.

locals {
  bucket_policies = {
    for name, statements in {
      lake        = concat(local.tls_only.lake, local.marks)
      access_logs = concat(local.log_delivery, local.tls_only.access_logs)
    } : name => jsonencode({ Version = "2012-10-17", Statement = statements })
  }

  tls_only = {
    for name, arn in { lake = local.arn, access_logs = local.access_logs_arn } : name => [
      for sid, condition in {
        NoPlainHttp = { Bool = { "aws:SecureTransport" = "false" } }
        NoOldTls    = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
        } : {
        Sid       = sid
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "s3:*"
        Resource  = [arn, "${arn}/*"]
        Condition = condition
      }
    ]
  }

  # Nothing gets the mark that lets it expire but tables of scored/: no pointer, no model.
  marks = [{
    Sid         = "OnlyTablesOfScoredAreMarked"
    Effect      = "Deny"
    Principal   = { AWS = "*" }
    Action      = ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"]
    NotResource = ["${local.arn}/${var.prefix}/scored/scores/*", "${local.arn}/${var.prefix}/scored/recommendations/*"]
    Condition   = { StringEquals = { "s3:RequestObjectTag/${local.history_tag.key}" = local.history_tag.value } }
  }]

  log_delivery = [{
    Sid       = "DeliveryOfLogs"
    Effect    = "Allow"
    Principal = { Service = "logging.s3.amazonaws.com" }
    Action    = "s3:PutObject"
    Resource  = "${local.access_logs_arn}/lake/*"
    Condition = {
      ArnLike      = { "aws:SourceArn" = local.arn }
      StringEquals = { "aws:SourceAccount" = local.account }
    }
  }]
}
