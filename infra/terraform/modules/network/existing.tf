# A network that is there already is only looked at.

data "aws_vpc" "existing" {
  count = local.made ? 0 : 1

  id = var.existing.vpc_id
}
