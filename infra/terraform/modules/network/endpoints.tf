# The ways to AWS that do not leave AWS. An interface endpoint costs per zone and hour; the one for S3 is free.

locals {
  interfaces = local.made ? toset([
    "ecr.api", "ecr.dkr", "logs", "monitoring", "sagemaker.api", "secretsmanager", "sns", "sts",
  ]) : toset([])
}

resource "aws_vpc_endpoint" "s3" {
  count = local.made ? 1 : 0

  vpc_id            = aws_vpc.this[0].id
  service_name      = "com.amazonaws.${data.aws_region.here.name}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.private : table.id]
  tags              = merge(var.tags, { Name = "${var.name}-s3" })
}

resource "aws_vpc_endpoint" "interface" {
  for_each = setunion(
    local.interfaces,
    local.made && var.kms_endpoint ? ["kms"] : [],
    local.made && var.sqs_endpoint ? ["sqs"] : [],
  )

  vpc_id              = aws_vpc.this[0].id
  service_name        = "com.amazonaws.${data.aws_region.here.name}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = [aws_security_group.endpoints[0].id]
  tags                = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_security_group" "endpoints" {
  count = local.made ? 1 : 0

  name        = "${var.name}-endpoints"
  description = "Endpoints of AWS services, for the private subnets"
  vpc_id      = aws_vpc.this[0].id
  tags        = merge(var.tags, { Name = "${var.name}-endpoints" })
}

# No rule for what leaves: an endpoint answers and asks nothing.
resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  count = local.made ? 1 : 0

  security_group_id = aws_security_group.endpoints[0].id
  description       = "HTTPS from the network"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = var.cidr
  tags              = var.tags
}
