# A network whose private subnets reach AWS without the Internet. Public ones are for a load balancer and for NAT.

data "aws_region" "here" {}

locals {
  made  = var.existing == null
  zones = local.made ? { for index, zone in var.availability_zones : zone => index } : {}
}

resource "aws_vpc" "this" {
  count = local.made ? 1 : 0

  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(var.tags, { Name = var.name })
}

# Nothing uses it, so that nothing is open by accident.
resource "aws_default_security_group" "closed" {
  count = local.made ? 1 : 0

  vpc_id = aws_vpc.this[0].id
  tags   = merge(var.tags, { Name = "${var.name}-closed" })
}

resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  # Four sixteenths of the network for each private subnet, from the start.
  cidr_block = cidrsubnet(var.cidr, 2, each.value)
  tags       = merge(var.tags, { Name = "${var.name}-private-${each.key}" })
}

resource "aws_subnet" "public" {
  for_each = local.zones

  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  # A sixteenth for each public one, of the last quarter.
  cidr_block              = cidrsubnet(var.cidr, 4, 12 + each.value)
  map_public_ip_on_launch = false
  tags                    = merge(var.tags, { Name = "${var.name}-public-${each.key}" })
}
