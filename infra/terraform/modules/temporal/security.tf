# Who talks to whom: clients -> server (7233); server, set-up -> database (5432); servers among themselves.
locals {
  # Without a server there are no rules.
  egress  = local.hosted ? var.network.egress : { cidr_blocks = [], prefix_list_ids = {}, internet = false }
  clients = local.hosted ? var.network.client_security_groups : {}
}

resource "aws_security_group" "server" {
  count       = local.hosted ? 1 : 0
  name        = "${var.name}-temporal"
  description = "Temporal of ${var.name}: server, set-up and Web UI"
  vpc_id      = var.network.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-temporal" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each                     = local.clients
  security_group_id            = aws_security_group.server[0].id
  description                  = "gRPC from ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 7233
  to_port                      = 7233
}

# gRPC of the four services (7233 to 7239) and their membership protocol (6933 to 6939).
resource "aws_vpc_security_group_ingress_rule" "servers" {
  for_each                     = local.hosted ? { membership = [6933, 6939], gRPC = [7233, 7239] } : {}
  security_group_id            = aws_security_group.server[0].id
  description                  = "${each.key} among the servers"
  referenced_security_group_id = aws_security_group.server[0].id
  ip_protocol                  = "tcp"
  from_port                    = each.value[0]
  to_port                      = each.value[1]
}

resource "aws_vpc_security_group_egress_rule" "servers" {
  for_each                     = local.hosted ? { membership = [6933, 6939], gRPC = [7233, 7239] } : {}
  security_group_id            = aws_security_group.server[0].id
  description                  = "${each.key} among the servers"
  referenced_security_group_id = aws_security_group.server[0].id
  ip_protocol                  = "tcp"
  from_port                    = each.value[0]
  to_port                      = each.value[1]
}

resource "aws_vpc_security_group_ingress_rule" "ui" {
  for_each          = local.has_ui ? toset(var.self_hosted.ui_client_cidr_blocks) : []
  security_group_id = aws_security_group.server[0].id
  description       = "The Web UI"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 8080
  to_port           = 8080
}

resource "aws_vpc_security_group_egress_rule" "network" {
  for_each          = toset(local.egress.cidr_blocks)
  security_group_id = aws_security_group.server[0].id
  description       = "HTTPS to the endpoints of AWS services"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "s3" {
  for_each          = local.egress.prefix_list_ids
  security_group_id = aws_security_group.server[0].id
  description       = "HTTPS to S3 (layers of images) through its gateway endpoint"
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# The images are on Docker Hub, which has no fixed addresses. With copies in ECR, egress.internet can be false.
#trivy:ignore:AVD-AWS-0104 only with egress.internet, and only HTTPS
resource "aws_vpc_security_group_egress_rule" "internet" {
  count             = local.egress.internet ? 1 : 0
  security_group_id = aws_security_group.server[0].id
  description       = "HTTPS to the registry of Temporal's images"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "database" {
  count                        = local.hosted ? 1 : 0
  security_group_id            = aws_security_group.server[0].id
  description                  = "The database"
  referenced_security_group_id = aws_security_group.database[0].id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_security_group" "database" {
  count       = local.hosted ? 1 : 0
  name        = "${var.name}-temporal-database"
  description = "Temporal's database of ${var.name}: only the server connects"
  vpc_id      = var.network.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-temporal-database" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  count                        = local.hosted ? 1 : 0
  security_group_id            = aws_security_group.database[0].id
  description                  = "PostgreSQL from Temporal"
  referenced_security_group_id = aws_security_group.server[0].id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}
