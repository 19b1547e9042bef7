output "worker_role_arn" {
  description = "The role of the worker's tasks."
  value       = aws_iam_role.this["worker"].arn
}

output "dashboard_role_arn" {
  description = "The role of the dashboard's tasks."
  value       = aws_iam_role.this["dashboard"].arn
}

output "training_role_arn" {
  description = "The role of training jobs: training.role_arn of aws.yaml."
  value       = aws_iam_role.this["training"].arn
}

output "execution_role_arn" {
  description = "The role that ECS starts containers with."
  value       = aws_iam_role.this["execution"].arn
}

output "operator_role_arn" {
  description = "The role of people who start and look; null when nobody may act as it."
  value       = try(aws_iam_role.this["operator"].arn, null)
}

output "approver_role_arn" {
  description = "The role of people who move the champion by hand; null when nobody may act as it."
  value       = try(aws_iam_role.this["approver"].arn, null)
}

output "eraser_role_arn" {
  description = "The role of tasks that take customers out of the lake; null without eraser."
  value       = try(aws_iam_role.this["eraser"].arn, null)
}

output "collector_role_arn" {
  description = "The role of tasks that delete what nothing reaches any more; null without collector."
  value       = try(aws_iam_role.this["collector"].arn, null)
}

output "deploy_role_arn" {
  description = "The role of releases from CI; null without deploy_trust_policy_json."
  value       = try(aws_iam_role.this["deploy"].arn, null)
}

output "permission_boundary_arn" {
  description = "The boundary of all roles but deploy, eraser and collector, which have one of their own."
  value       = aws_iam_policy.boundary.arn
}

output "policies" {
  description = "Role -> its policy as JSON; `boundary`, `eraser_boundary`, `collector_boundary` and `deploy_boundary` too."
  value       = local.policies
}
