# Who talked to whom, and was it refused.

data "aws_caller_identity" "here" {}
data "aws_partition" "here" {}

locals {
  flow_log_group     = "/${var.name}/flow-logs"
  flow_log_group_arn = "arn:${data.aws_partition.here.partition}:logs:${data.aws_region.here.name}:${data.aws_caller_identity.here.account_id}:log-group:${local.flow_log_group}"
}

resource "aws_flow_log" "this" {
  count = local.made ? 1 : 0

  vpc_id                   = aws_vpc.this[0].id
  traffic_type             = "ALL"
  max_aggregation_interval = 600
  log_destination          = aws_cloudwatch_log_group.flow_logs[0].arn
  iam_role_arn             = aws_iam_role.flow_logs[0].arn
  tags                     = merge(var.tags, { Name = var.name })
}

# Addresses and ports, no content: AWS's own key encrypts them.
#trivy:ignore:AWS-0017
resource "aws_cloudwatch_log_group" "flow_logs" {
  #checkov:skip=CKV_AWS_158:addresses and ports, no content; AWS's own key encrypts them, and a key of ours would tie the network to the lake
  #checkov:skip=CKV_AWS_338:flow_log_days decides, and is a year unless somebody says otherwise
  count = local.made ? 1 : 0

  name              = local.flow_log_group
  retention_in_days = var.flow_log_days
  tags              = var.tags
}

resource "aws_iam_role" "flow_logs" {
  count = local.made ? 1 : 0

  name        = "${var.name}-flow-logs"
  description = "Writes the flow logs of ${var.name}"
  tags        = var.tags
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.here.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "flow_logs" {
  count = local.made ? 1 : 0

  name = "permissions"
  role = aws_iam_role.flow_logs[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [local.flow_log_group_arn, "${local.flow_log_group_arn}:*"]
    }]
  })
}
