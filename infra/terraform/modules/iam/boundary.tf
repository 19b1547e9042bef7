# What no role may exceed, whatever is attached to it later: the four ceilings of configs/permissions.yaml. They are apart
# because a release looks at much that nothing at run time may see, and an erasure and a collection of garbage delete what
# nobody else may.

locals {
  # Role -> its ceiling, of those that have one of their own and exist here.
  own_boundaries = merge(
    { for one in aws_iam_policy.deploy_boundary : "deploy" => one.arn },
    { for one in aws_iam_policy.eraser_boundary : "eraser" => one.arn },
    { for one in aws_iam_policy.collector_boundary : "collector" => one.arn },
  )
}

resource "aws_iam_policy" "boundary" {
  name        = "${var.name}-boundary"
  description = "The most that a role of ${var.name} may be allowed at run time"
  policy      = local.policies.boundary
  tags        = var.tags

  lifecycle {
    precondition {
      condition     = length(local.policies.boundary) <= 6144
      error_message = "The permission boundary has ${length(local.policies.boundary)} characters, and AWS takes 6,144: shorten var.name or secret_arns."
    }
    precondition {
      condition     = length(local.not_granted) == 0
      error_message = "${local.permissions_file} lists operations that no grant allows: ${join("; ", local.not_granted)}."
    }
  }
}

resource "aws_iam_policy" "deploy_boundary" {
  count = var.deploy_trust_policy_json == null ? 0 : 1

  name        = "${var.name}-deploy-boundary"
  description = "The most that deploy of ${var.name} may be allowed"
  policy      = local.policies.deploy_boundary
  tags        = var.tags

  lifecycle {
    precondition {
      condition     = length(local.policies.deploy_boundary) <= 6144
      error_message = "The boundary of deploy has ${length(local.policies.deploy_boundary)} characters, and AWS takes 6,144: shorten var.name."
    }
  }
}

resource "aws_iam_policy" "eraser_boundary" {
  count = var.eraser ? 1 : 0

  name        = "${var.name}-eraser-boundary"
  description = "The most that eraser of ${var.name} may be allowed"
  policy      = local.policies.eraser_boundary
  tags        = var.tags

  lifecycle {
    precondition {
      condition     = length(local.policies.eraser_boundary) <= 6144
      error_message = "The boundary of eraser has ${length(local.policies.eraser_boundary)} characters, and AWS takes 6,144: shorten var.name."
    }
  }
}

resource "aws_iam_policy" "collector_boundary" {
  count = var.collector ? 1 : 0

  name        = "${var.name}-collector-boundary"
  description = "The most that collector of ${var.name} may be allowed"
  policy      = local.policies.collector_boundary
  tags        = var.tags

  lifecycle {
    precondition {
      condition     = length(local.policies.collector_boundary) <= 6144
      error_message = "The boundary of collector has ${length(local.policies.collector_boundary)} characters, and AWS takes 6,144: shorten var.name."
    }
  }
}
