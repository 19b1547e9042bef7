data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  region = data.aws_region.current.name
  image  = var.image_digest == null ? null : "${module.registry.repository_url}@${var.image_digest}"

  # Known before anything is made, so that what watches and what is watched need not wait for each other.
  worker_service = "${var.name}-worker"

  # https://churn.example.com is churn.example.com.
  dashboard_host = var.dashboard.url == null ? null : split("/", trimprefix(var.dashboard.url, "https://"))[0]

  # What leads to a run: the program adds /namespaces/NAMESPACE. Temporal Cloud's address has that already.
  temporal_ui = local.hosted ? module.temporal.ui_address : "https://cloud.temporal.io"

  own_network = var.network.existing == null
  hosted      = var.temporal.mode == "self_hosted"
  own_images = [for image in [
    var.temporal.self_hosted.server_image, var.temporal.self_hosted.admin_tools_image, var.temporal.self_hosted.ui_image,
  ] : image if strcontains(image, ".dkr.ecr.")]
  images_from_internet    = local.hosted && length(local.own_images) < 3
  temporal_needs_internet = !local.hosted || local.images_from_internet

  # In a network of one's own AWS is reached through endpoints; another network may have none.
  egress = {
    cidr_blocks     = [local.own_network ? var.network.cidr : module.network.vpc_cidr]
    prefix_list_ids = local.own_network ? { s3 = module.network.s3_prefix_list_id } : {}
    internet        = !local.own_network
  }
}

module "network" {
  source             = "../network"
  name               = var.name
  tags               = var.tags
  cidr               = var.network.cidr
  availability_zones = var.network.availability_zones
  nat                = var.network.nat
  existing           = var.network.existing
  kms_endpoint       = var.keys.model_signing || var.keys.payloads
  sqs_endpoint       = var.raw_events && local.hosted # with Temporal Cloud tasks have a way out anyway
  flow_log_days      = var.log_retention_days
}

module "lake" {
  source             = "../lake"
  name               = var.name
  tags               = var.tags
  prefix             = var.lake.prefix
  force_destroy      = var.lake.force_destroy
  bronze_to_ia_days  = var.lake.bronze_to_ia_days
  scored_expire_days = var.lake.scored_expire_days
  noncurrent_days    = var.lake.noncurrent_days
  access_log_days    = var.lake.access_log_days
}

module "raw_events" {
  source = "../raw_events"
  count  = var.raw_events ? 1 : 0

  name        = var.name
  tags        = var.tags
  bucket_name = module.lake.bucket_name
  prefix      = module.lake.prefix
}

module "registry" {
  source       = "../registry"
  name         = var.name
  tags         = var.tags
  keep_images  = var.registry.keep_images
  force_delete = var.registry.force_delete
  kms_key_arn  = module.lake.kms_key_arn
}

module "github_oidc" {
  source = "../github_oidc"
  count  = var.access.github == null ? 0 : 1

  name            = var.name
  tags            = var.tags
  repository      = var.access.github.repository
  environment     = var.access.github.environment
  create_provider = var.access.github.create_provider
}

module "iam" {
  source = "../iam"
  name   = var.name
  tags   = var.tags

  lake = {
    bucket_arn  = module.lake.bucket_arn
    prefix      = module.lake.prefix
    kms_key_arn = module.lake.kms_key_arn
  }

  model_package_group_name = module.registry.model_package_group_name
  repository_arn           = module.registry.repository_arn
  alert_topic_arn          = module.monitoring.alert_topic_arn
  alert_topic_kms_key_arn  = aws_kms_key.operations.arn
  metric_namespace         = var.metric_namespace
  secret_arns              = concat(module.temporal.secret_arns, module.link_key[*].secret_arn)
  written_secret_arns      = concat(module.temporal.written_secret_arns, module.link_key[*].secret_arn)
  secret_kms_key_arns      = [aws_kms_key.operations.arn]

  model_signing_kms_key_arn = one(aws_kms_key.model_signing[*].arn)
  payload_kms_key_arn       = one(aws_kms_key.payloads[*].arn)
  raw_events_queue_arn      = one(module.raw_events[*].queue_arn)

  training = {
    tags           = length(var.tags) > 0
    volume_kms_key = module.lake.kms_key_arn
    vpc = !var.training.in_network ? null : {
      subnet_ids         = module.network.private_subnet_ids
      security_group_ids = aws_security_group.training[*].id
    }
  }

  operator_principals      = var.access.operator_principals
  approver_principals      = var.access.approver_principals
  eraser                   = var.access.eraser
  collector                = var.access.collector
  deploy_trust_policy_json = var.access.github == null ? null : module.github_oidc[0].deploy_trust_policy_json
  state_bucket_arn         = var.access.state_bucket_arn
  state_key_prefix         = var.access.state_key_prefix
  state_kms_key_arn        = var.access.state_kms_key_arn
}

locals {
  # By its place: a `for` over the module would wait for all of it, and the dashboard waits for Temporal.
  dashboard_security_group = var.dashboard.enabled ? { dashboard = module.dashboard[0].security_group_id } : {}
}

module "temporal" {
  source      = "../temporal"
  name        = var.name
  tags        = var.tags
  mode        = var.temporal.mode
  cloud       = var.temporal.cloud
  self_hosted = var.temporal.self_hosted

  network = {
    vpc_id                 = module.network.vpc_id
    private_subnet_ids     = module.network.private_subnet_ids
    client_security_groups = merge({ workers = module.worker.security_group_id }, local.dashboard_security_group)
    egress                 = merge(local.egress, { internet = local.egress.internet || local.images_from_internet })
  }

  execution_role_arn   = module.iam.execution_role_arn
  credentials          = var.temporal_credentials
  credentials_version  = var.temporal.credentials_version
  kms_key_arn          = aws_kms_key.operations.arn
  secret_recovery_days = var.secret_recovery_days
  log_retention_days   = var.log_retention_days
}

module "worker" {
  source               = "../worker"
  name                 = var.name
  tags                 = var.tags
  image                = local.image
  lake_url             = module.lake.url
  aws_yaml             = local.aws_yaml
  key_environment      = local.key_environment
  temporal_environment = module.temporal.environment
  temporal_secrets     = module.temporal.secrets
  vpc_id               = module.network.vpc_id
  private_subnet_ids   = module.network.private_subnet_ids
  egress               = merge(local.egress, { internet = local.egress.internet || !local.hosted })
  task_role_arn        = module.iam.worker_role_arn
  execution_role_arn   = module.iam.execution_role_arn
  cpu                  = var.worker.cpu
  memory_mib           = var.worker.memory_mib
  ephemeral_gib        = var.worker.ephemeral_gib
  min_tasks            = var.worker.min_tasks
  max_tasks            = var.worker.max_tasks
  capacity_provider    = var.worker.capacity_provider
  scaling              = var.worker.scaling
  stop_timeout_secs    = var.worker.stop_timeout_secs
  log_retention_days   = var.log_retention_days
  log_kms_key_arn      = aws_kms_key.operations.arn
}

module "link_key" {
  source = "./link_key"
  count  = var.dashboard.enabled ? 1 : 0

  secret_name   = "${var.name}/dashboard/link-key"
  key_version   = var.dashboard.link_key_version
  kms_key_arn   = aws_kms_key.operations.arn
  recovery_days = var.secret_recovery_days
  tags          = var.tags
}

module "dashboard" {
  source = "../dashboard"
  count  = var.dashboard.enabled ? 1 : 0

  name                 = var.name
  tags                 = var.tags
  image                = local.image
  lake_url             = module.lake.url
  aws_yaml             = local.aws_yaml
  temporal_environment = module.temporal.environment
  temporal_secrets     = module.temporal.secrets
  temporal_ui          = local.temporal_ui
  link_key_secret_arn  = module.link_key[0].secret_arn
  tasks                = var.dashboard.tasks
  cpu                  = var.dashboard.cpu
  memory_mib           = var.dashboard.memory_mib
  vpc_id               = module.network.vpc_id
  public_subnet_ids    = module.network.public_subnet_ids
  private_subnet_ids   = module.network.private_subnet_ids
  egress               = merge(local.egress, { internet = local.egress.internet || !local.hosted })
  task_role_arn        = module.iam.dashboard_role_arn
  execution_role_arn   = module.iam.execution_role_arn
  certificate_arn      = var.dashboard.certificate_arn
  client_cidr_blocks   = var.dashboard.client_cidr_blocks
  sign_in              = var.dashboard.sign_in
  oidc_client_secret   = var.oidc_client_secret
  roles                = var.dashboard.roles
  host                 = local.dashboard_host
  waf                  = var.dashboard.waf
  deletion_protection  = var.dashboard.deletion_protection
  force_destroy        = var.lake.force_destroy
  log_retention_days   = var.log_retention_days
  kms_key_arn          = aws_kms_key.operations.arn
}

module "monitoring" {
  source                = "../monitoring"
  name                  = var.name
  tags                  = var.tags
  emails                = var.alerts.emails
  hours_without_success = var.alerts.hours_without_success
  kms_key_id            = aws_kms_key.operations.arn
  metric_namespace      = var.metric_namespace
  cluster_name          = var.name
  service_name          = local.worker_service
  log_group_name        = "/${var.name}/worker"
  min_tasks             = var.worker.min_tasks
  raw_events            = var.raw_events
}

module "budgets" {
  source = "../budgets"
  count  = var.budget == null ? 0 : 1

  name              = var.name
  tags              = var.tags
  monthly_limit_usd = var.budget.monthly_limit_usd
  emails            = var.budget.emails
  thresholds        = var.budget.thresholds
  cost_tag          = var.budget.cost_tag
}
