output "address" {
  description = "HOST:PORT of the server (TEMPORAL_ADDRESS)."
  value       = local.address
}

output "namespace" {
  description = "The namespace (TEMPORAL_NAMESPACE)."
  value       = local.namespace
}

output "environment" {
  description = "Plain variables of a client's container."
  value       = local.client_environment
}

output "secrets" {
  description = "Variables of a client's container that come from Secrets Manager: name to what ECS calls valueFrom."
  value       = local.client_secrets
}

output "secret_arns" {
  description = "All secrets that ECS must be able to read."
  value       = concat(aws_secretsmanager_secret.credentials[*].arn, module.password[*].secret_arn)
}

output "written_secret_arns" {
  description = "Those of them whose content Terraform writes, and reads back in every plan."
  value       = concat(local.written ? aws_secretsmanager_secret.credentials[*].arn : [], module.password[*].secret_arn)
}

output "credentials_secret_name" {
  description = "The secret that the credentials are put into by hand; null when none is needed."
  value       = local.has_credentials ? "${var.name}/temporal/credentials" : null
}

output "ui_address" {
  description = "The Web UI; null when there is none here."
  value       = !local.hosted ? "https://cloud.temporal.io/namespaces/${local.namespace}" : local.has_ui ? "http://temporal-ui.${var.name}.internal:8080" : null
}

output "setup_command" {
  description = "Makes or upgrades the schemas and the namespace; once after the first apply, and in an upgrade after the definition of this task was applied alone and before the rest (README.md). Null with Temporal Cloud."
  value = !local.hosted ? null : join(" ", [
    "aws ecs run-task --launch-type FARGATE --cluster ${aws_ecs_cluster.temporal[0].name}",
    "--task-definition ${aws_ecs_task_definition.this["setup"].family}",
    "--network-configuration 'awsvpcConfiguration={subnets=[${join(",", var.network.private_subnet_ids)}],securityGroups=[${aws_security_group.server[0].id}],assignPublicIp=DISABLED}'",
  ])
}
