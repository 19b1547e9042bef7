output "load_balancer_dns_name" {
  description = "Where the dashboard's name points to (CNAME, or an alias record)."
  value       = aws_lb.dashboard.dns_name
}

output "load_balancer_zone_id" {
  description = "The hosted zone of that name, for an alias record."
  value       = aws_lb.dashboard.zone_id
}

output "cluster_name" {
  description = "The ECS cluster."
  value       = aws_ecs_cluster.dashboard.name
}

output "service_name" {
  description = "The ECS service."
  value       = aws_ecs_service.dashboard.name
}

output "security_group_id" {
  description = "The security group of the tasks: Temporal's server lets it in."
  value       = aws_security_group.tasks.id
}

output "log_group_name" {
  description = "The log group."
  value       = aws_cloudwatch_log_group.dashboard.name
}

output "task_size" {
  description = "What a task is given: CPU units, and MiB of memory."
  value       = { cpu = var.cpu, memory_mib = var.memory_mib }
}
