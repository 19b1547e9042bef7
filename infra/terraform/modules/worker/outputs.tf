output "cluster_name" {
  description = "The ECS cluster."
  value       = aws_ecs_cluster.worker.name
}

output "cluster_arn" {
  description = "The ECS cluster's ARN."
  value       = aws_ecs_cluster.worker.arn
}

output "service_name" {
  description = "The ECS service; it is there when an image is."
  value       = local.service_name
}

output "security_group_id" {
  description = "The security group of the workers."
  value       = aws_security_group.worker.id
}

output "log_group_name" {
  description = "The log group."
  value       = aws_cloudwatch_log_group.worker.name
}

output "task_definition_family" {
  description = "The family of the task definition; one-shot jobs run it with another command."
  value       = local.service_name
}
