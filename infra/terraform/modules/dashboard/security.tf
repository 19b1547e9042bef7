# Clients -> load balancer (443, and 80 for its redirect) -> tasks (8080) -> AWS and Temporal.
resource "aws_security_group" "load_balancer" {
  name        = "${local.service_name}-lb"
  description = "The load balancer of ${local.service_name}"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${local.service_name}-lb" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  #checkov:skip=CKV_AWS_260: port 80 answers with a redirect to HTTPS and nothing else
  for_each          = { for pair in setproduct(var.client_cidr_blocks, [80, 443]) : "${pair[0]} ${pair[1]}" => { cidr = pair[0], port = pair[1] } }
  security_group_id = aws_security_group.load_balancer.id
  description       = "Clients"
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "to_tasks" {
  security_group_id            = aws_security_group.load_balancer.id
  description                  = "The tasks"
  referenced_security_group_id = aws_security_group.tasks.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

# The load balancer itself asks the provider who somebody is.
#trivy:ignore:AVD-AWS-0104 providers have no fixed addresses; only HTTPS
resource "aws_vpc_security_group_egress_rule" "to_sign_in" {
  security_group_id = aws_security_group.load_balancer.id
  description       = "HTTPS to who signs people in"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_security_group" "tasks" {
  name        = local.service_name
  description = "The tasks of ${local.service_name}"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = local.service_name })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "from_load_balancer" {
  security_group_id            = aws_security_group.tasks.id
  description                  = "The load balancer"
  referenced_security_group_id = aws_security_group.load_balancer.id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_egress_rule" "network" {
  for_each          = toset(var.egress.cidr_blocks)
  security_group_id = aws_security_group.tasks.id
  description       = "HTTPS to the endpoints of AWS services"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "network_temporal" {
  for_each          = toset(var.egress.cidr_blocks)
  security_group_id = aws_security_group.tasks.id
  description       = "gRPC to Temporal in the network"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 7233
  to_port           = 7233
}

resource "aws_vpc_security_group_egress_rule" "s3" {
  for_each          = var.egress.prefix_list_ids
  security_group_id = aws_security_group.tasks.id
  description       = "HTTPS to S3 through its gateway endpoint"
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# The load balancer signs who somebody is, with keys that AWS publishes at public-keys.auth.elb.REGION.amazonaws.com: no
# endpoint in the network leads there.
#trivy:ignore:AVD-AWS-0104 that address has no fixed ones; only HTTPS
resource "aws_vpc_security_group_egress_rule" "internet" {
  security_group_id = aws_security_group.tasks.id
  description       = "HTTPS to the keys of the load balancer"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

#trivy:ignore:AVD-AWS-0104 only with egress.internet (Temporal Cloud has no fixed addresses), and only to its port
resource "aws_vpc_security_group_egress_rule" "internet_temporal" {
  count             = var.egress.internet ? 1 : 0
  security_group_id = aws_security_group.tasks.id
  description       = "gRPC to Temporal Cloud"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 7233
  to_port           = 7233
}
