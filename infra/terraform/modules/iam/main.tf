# One role per row of configs/permissions.yaml, each with its policy and within the boundary.

locals {
  role_names = {
    for role in ["worker", "dashboard", "training", "execution", "operator", "approver", "eraser", "collector", "deploy"] : role => "${var.name}-${role}"
  }
}

resource "aws_iam_role" "this" {
  for_each = local.trust

  name                 = local.role_names[each.key]
  description          = "SpanishGas Churn, ${each.key}: configs/permissions.yaml"
  assume_role_policy   = each.value
  permissions_boundary = lookup(local.own_boundaries, each.key, aws_iam_policy.boundary.arn)
  max_session_duration = 3600
  tags                 = var.tags
}

resource "aws_iam_role_policy" "this" {
  for_each = local.trust

  name   = "permissions"
  role   = aws_iam_role.this[each.key].id
  policy = local.policies[each.key]

  lifecycle {
    precondition {
      condition     = length(local.policies[each.key]) <= 10240
      error_message = "The policy of ${each.key} has ${length(local.policies[each.key])} characters, and AWS takes 10,240."
    }
  }
}
