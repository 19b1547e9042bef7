output "lake_url" {
  description = "The lake (SPANISHGAS_LAKE)."
  value       = module.platform.lake_url
}

output "aws_yaml" {
  description = "The program's aws.yaml."
  value       = module.platform.aws_yaml
}

output "signing_key" {
  description = "The key that models are signed with (SPANISHGAS_SIGNING_KEY); null when they are not."
  value       = module.platform.signing_key
}

output "payload_key" {
  description = "The key that payloads are encrypted with (SPANISHGAS_PAYLOAD_KEY); null when they are not."
  value       = module.platform.payload_key
}

output "temporal_address" {
  description = "HOST:PORT of Temporal (TEMPORAL_ADDRESS)."
  value       = module.platform.temporal_address
}

output "temporal_namespace" {
  description = "The namespace (TEMPORAL_NAMESPACE)."
  value       = module.platform.temporal_namespace
}

output "repository_url" {
  description = "Where the image is pushed to."
  value       = module.platform.repository_url
}

output "image_digest" {
  description = "Which image runs; null when there is none. An apply by hand gives it again as image_digest."
  value       = module.platform.image_digest
}

output "model_package_group" {
  description = "SageMaker's group of the model."
  value       = module.platform.model_package_group
}

output "alert_topic_arn" {
  description = "The topic of the alerts."
  value       = module.platform.alert_topic_arn
}

output "alarm_names" {
  description = "All alarms."
  value       = module.platform.alarm_names
}

output "dashboard_name" {
  description = "The CloudWatch dashboard."
  value       = module.platform.dashboard_name
}

output "metric_namespace" {
  description = "The namespace of the program's metrics."
  value       = module.platform.metric_namespace
}

output "worker_cluster" {
  description = "The ECS cluster of the workers."
  value       = module.platform.worker_cluster
}

output "worker_service" {
  description = "The ECS service of the workers."
  value       = module.platform.worker_service
}

output "worker_log_group" {
  description = "The log of the workers."
  value       = module.platform.worker_log_group
}

output "run_command" {
  description = "Starts a training run as a task beside the workers, whose network and role it needs; null before there is an image."
  value       = module.platform.run_command
}

output "temporal_mode" {
  description = "cloud or self_hosted."
  value       = module.platform.temporal_mode
}

output "temporal_setup_command" {
  description = "Makes or upgrades the tables of a self-hosted Temporal; null with Temporal Cloud."
  value       = module.platform.temporal_setup_command
}

output "temporal_credentials_secret" {
  description = "The secret of the connection to Temporal; null when none is needed."
  value       = module.platform.temporal_credentials_secret
}

output "temporal_ui" {
  description = "The Web UI of Temporal."
  value       = module.platform.temporal_ui
}

output "dashboard_dns_name" {
  description = "Where the dashboard's name points to; null without a dashboard."
  value       = module.platform.dashboard_dns_name
}

output "worker_role_arn" {
  description = "The role of the worker."
  value       = module.platform.worker_role_arn
}

output "training_role_arn" {
  description = "The role of training jobs."
  value       = module.platform.training_role_arn
}

output "operator_role_arn" {
  description = "The role of operators; null when nobody may act as it."
  value       = module.platform.operator_role_arn
}

output "eraser_role_arn" {
  description = "The role of tasks that take customers out of the lake; null without access.eraser."
  value       = module.platform.eraser_role_arn
}

output "collector_role_arn" {
  description = "The role of tasks that delete what nothing in the lake reaches any more; null without access.collector."
  value       = module.platform.collector_role_arn
}

output "approver_role_arn" {
  description = "The role of approvers; null when nobody may act as it."
  value       = module.platform.approver_role_arn
}

output "deploy_role_arn" {
  description = "The role of releases from GitHub; null without access.github."
  value       = module.platform.deploy_role_arn
}

output "guards" {
  description = "How well this environment is kept, and how large it may grow."
  value       = module.platform.guards
}
