# To try things: one zone may fail, everything may be torn down, spare capacity where it is cheaper.
locals {
  name = "spanishgas-dev"
  tags = { project = "spanishgas-churn", environment = "dev" }
  # Null: the budget counts the whole account.
  cost_tag = var.budget_of_tag ? { key = "environment", value = "dev" } : null
}

module "platform" {
  source = "../../modules/platform"

  name = local.name
  tags = local.tags
  # Empty is what a shell makes of an output that is not there yet.
  image_digest = var.image_digest == "" ? null : var.image_digest

  network = {
    cidr               = "10.20.0.0/16"
    availability_zones = var.availability_zones
    existing           = var.existing_network
    nat                = "single"
  }

  lake = {
    force_destroy   = true
    noncurrent_days = 7
    access_log_days = 30
  }

  registry = { keep_images = 10, force_delete = true }

  access = var.access
  keys   = var.keys

  raw_events = var.raw_events

  temporal = {
    mode                = var.temporal_cloud == null ? "self_hosted" : "cloud"
    cloud               = var.temporal_cloud
    credentials_version = var.temporal_credentials_version

    self_hosted = {
      history_shards        = 4
      tasks                 = 1
      cpu                   = 512
      memory_mib            = 1024
      tls                   = false
      ui_client_cidr_blocks = try(var.existing_network.ui_client_cidr_blocks, ["10.20.0.0/16"])

      database = {
        instance_class        = "db.t4g.micro"
        max_storage_gib       = 50
        multi_az              = false
        deletion_protection   = false
        skip_final_snapshot   = true
        backup_retention_days = 1
      }
    }
  }

  temporal_credentials = var.temporal_credentials
  secret_recovery_days = 0

  worker = {
    cpu               = 1024
    memory_mib        = 4096
    min_tasks         = 1
    max_tasks         = 2
    capacity_provider = "FARGATE_SPOT"
  }

  training = {
    max_runtime_secs   = 3600
    spot_max_wait_secs = 7200
    # Of the instance type in eu-west-1 (docs/costs.md says whose bill it is from); another region has
    # another one. It gives the cost in run.json.
    price_usd_per_hour = 0.257
    # No further job is started when those of a run were charged this much.
    max_cost_usd = 1
  }

  dashboard          = merge(var.dashboard, { tasks = 1, waf = false, deletion_protection = false })
  oidc_client_secret = var.oidc_client_secret

  alerts = { emails = var.emails }
  # What docs/costs.md computes for dev, rounded up: less would tell every month of what everybody knows.
  budget             = { monthly_limit_usd = var.temporal_cloud == null ? 300 : 250, emails = var.emails, cost_tag = local.cost_tag }
  log_retention_days = 30
}
