# Nobody connects to a worker: it polls.
resource "aws_security_group" "worker" {
  name        = local.service_name
  description = "Workers of ${var.name}: no way in, and out only to AWS and Temporal"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = local.service_name })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "network_https" {
  for_each          = toset(var.egress.cidr_blocks)
  security_group_id = aws_security_group.worker.id
  description       = "HTTPS to the endpoints of AWS services"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "network_temporal" {
  for_each          = toset(var.egress.cidr_blocks)
  security_group_id = aws_security_group.worker.id
  description       = "gRPC to Temporal in the network"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 7233
  to_port           = 7233
}

resource "aws_vpc_security_group_egress_rule" "s3" {
  for_each          = var.egress.prefix_list_ids
  security_group_id = aws_security_group.worker.id
  description       = "HTTPS to S3 through its gateway endpoint"
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# Temporal Cloud has no fixed addresses, and a network without endpoints reaches AWS by its public ones.
#trivy:ignore:AVD-AWS-0104 only with egress.internet, and only to the two ports that are needed
resource "aws_vpc_security_group_egress_rule" "internet" {
  for_each          = var.egress.internet ? { https = 443, temporal = 7233 } : {}
  security_group_id = aws_security_group.worker.id
  description       = "${each.key} to the internet"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}
