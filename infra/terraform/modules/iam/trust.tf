# Who may act as which role. A service only for resources of this account: else anybody's could use our roles.

locals {
  service_trust = {
    for service in ["ecs-tasks", "sagemaker"] : service => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Service = "${service}.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      }]
    })
  }

  people = {
    operator = var.operator_principals
    approver = var.approver_principals
  }
  people_trust = {
    for role, principals in local.people : role => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { AWS = sort(principals) }
        Action    = "sts:AssumeRole"
      }]
    }) if length(principals) > 0
  }

  # Role -> its trust policy, of those that exist here.
  trust = merge(
    {
      worker    = local.service_trust["ecs-tasks"]
      dashboard = local.service_trust["ecs-tasks"]
      execution = local.service_trust["ecs-tasks"]
      training  = local.service_trust["sagemaker"]
    },
    local.people_trust,
    var.eraser ? { eraser = local.service_trust["ecs-tasks"] } : {},
    var.collector ? { collector = local.service_trust["ecs-tasks"] } : {},
    var.deploy_trust_policy_json == null ? {} : { deploy = var.deploy_trust_policy_json },
  )
}
