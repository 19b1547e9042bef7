# No request without TLS 1.2, by anybody.

locals {
  tls_only = {
    for name, arn in { lake = local.arn, access_logs = local.access_logs_arn } : name => jsonencode({
      Version = "2012-10-17"
      Statement = concat(
        [
          {
            Sid       = "NoPlainHttp"
            Effect    = "Deny"
            Principal = "*"
            Action    = "s3:*"
            Resource  = [arn, "${arn}/*"]
            Condition = { Bool = { "aws:SecureTransport" = "false" } }
          },
          {
            Sid       = "NoOldTls"
            Effect    = "Deny"
            Principal = "*"
            Action    = "s3:*"
            Resource  = [arn, "${arn}/*"]
            Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
          },
        ],
        [for statement in local.log_delivery : statement if name == "access_logs"],
      )
    })
  }

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
