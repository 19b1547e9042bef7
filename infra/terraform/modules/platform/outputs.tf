# --- what the program needs ---

output "lake_url" {
  description = "The lake (SPANISHGAS_LAKE)."
  value       = module.lake.url
}

output "aws_yaml" {
  description = "The program's aws.yaml."
  value       = local.aws_yaml
}

output "temporal_address" {
  description = "HOST:PORT of Temporal (TEMPORAL_ADDRESS)."
  value       = module.temporal.address
}

output "temporal_namespace" {
  description = "The namespace (TEMPORAL_NAMESPACE)."
  value       = module.temporal.namespace
}

output "signing_key" {
  description = "The key that models are signed with (SPANISHGAS_SIGNING_KEY); null when they are not."
  value       = try(local.key_environment.SPANISHGAS_SIGNING_KEY, null)
}

output "payload_key" {
  description = "The key that payloads are encrypted with (SPANISHGAS_PAYLOAD_KEY); null when they are not."
  value       = try(local.key_environment.SPANISHGAS_PAYLOAD_KEY, null)
}

# --- what an operator needs ---

output "repository_url" {
  description = "Where the image is pushed to."
  value       = module.registry.repository_url
}

output "image_digest" {
  description = "Which image runs; null when there is none. The next apply by hand gives it as image_digest, or it removes what runs."
  value       = var.image_digest
}

output "model_package_group" {
  description = "SageMaker's group of the model."
  value       = module.registry.model_package_group_name
}

output "alert_topic_arn" {
  description = "The topic of the alerts."
  value       = module.monitoring.alert_topic_arn
}

output "alarm_names" {
  description = "All alarms."
  value       = module.monitoring.alarm_names
}

output "dashboard_name" {
  description = "The CloudWatch dashboard."
  value       = module.monitoring.dashboard_name
}

output "metric_namespace" {
  description = "The namespace of the program's metrics."
  value       = var.metric_namespace
}

output "worker_cluster" {
  description = "The ECS cluster of the workers."
  value       = module.worker.cluster_name
}

output "worker_service" {
  description = "The ECS service of the workers."
  value       = module.worker.service_name
}

output "worker_log_group" {
  description = "The log of the workers."
  value       = module.worker.log_group_name
}

output "run_command" {
  description = "Starts a training run as a task beside the workers, whose network and role it needs; null before there is an image."
  value = var.image_digest == null ? null : join(" ", [
    "aws ecs run-task --launch-type FARGATE --cluster ${module.worker.cluster_name} --task-definition ${module.worker.task_definition_family}",
    "--network-configuration 'awsvpcConfiguration={subnets=[${join(",", module.network.private_subnet_ids)}],securityGroups=[${module.worker.security_group_id}],assignPublicIp=DISABLED}'",
    "--overrides '{\"containerOverrides\":[{\"name\":\"worker\",\"command\":[\"run\",\"--mode\",\"train\"]}]}'",
  ])
}

output "temporal_mode" {
  description = "cloud or self_hosted."
  value       = var.temporal.mode
}

output "temporal_setup_command" {
  description = "Makes or upgrades the tables of a self-hosted Temporal; null with Temporal Cloud."
  value       = module.temporal.setup_command
}

output "temporal_credentials_secret" {
  description = "The secret of the connection to Temporal; null when none is needed."
  value       = module.temporal.credentials_secret_name
}

output "temporal_ui" {
  description = "The Web UI of Temporal."
  value       = module.temporal.ui_address
}

output "dashboard_dns_name" {
  description = "Where the dashboard's name points to; null without a dashboard."
  value       = one(module.dashboard[*].load_balancer_dns_name)
}

# --- roles ---

output "worker_role_arn" {
  description = "The role of the worker."
  value       = module.iam.worker_role_arn
}

output "training_role_arn" {
  description = "The role of training jobs."
  value       = module.iam.training_role_arn
}

output "operator_role_arn" {
  description = "The role of operators; null when nobody may act as it."
  value       = module.iam.operator_role_arn
}

output "eraser_role_arn" {
  description = "The role of tasks that take customers out of the lake; null without access.eraser."
  value       = module.iam.eraser_role_arn
}

output "collector_role_arn" {
  description = "The role of tasks that delete what nothing in the lake reaches any more; null without access.collector."
  value       = module.iam.collector_role_arn
}

output "approver_role_arn" {
  description = "The role of approvers; null when nobody may act as it."
  value       = module.iam.approver_role_arn
}

output "deploy_role_arn" {
  description = "The role of releases from GitHub; null without access.github."
  value       = module.iam.deploy_role_arn
}

# --- what tells environments apart ---

output "guards" {
  description = "How well this environment is kept, and how large it may grow."
  value = {
    zones               = length(var.network.availability_zones)
    nat                 = var.network.nat
    lake_force_destroy  = var.lake.force_destroy
    secret_days         = var.secret_recovery_days
    database_multi_az   = local.hosted && var.temporal.self_hosted.database.multi_az
    database_protected  = local.hosted && var.temporal.self_hosted.database.deletion_protection
    backup_days         = local.hosted ? var.temporal.self_hosted.database.backup_retention_days : null
    temporal_tls        = !local.hosted || var.temporal.self_hosted.tls
    dashboard_protected = var.dashboard.deletion_protection
    min_workers         = var.worker.min_tasks
    max_workers         = var.worker.max_tasks
    training_on_spot    = var.training.spot_max_wait_secs != null
    log_days            = var.log_retention_days
    budget_usd          = try(var.budget.monthly_limit_usd, null)
    budget_counts       = try("${var.budget.cost_tag.key}=${var.budget.cost_tag.value}", "the account")
  }
}
