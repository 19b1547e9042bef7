# As prod, in small: what is released is tried here first.
locals {
  name = "spanishgas-staging"
  tags = { project = "spanishgas-churn", environment = "staging" }
  # Null: the budget counts the whole account.
  cost_tag = var.budget_of_tag ? { key = "environment", value = "staging" } : null
}

module "platform" {
  source = "../../modules/platform"

  name = local.name
  tags = local.tags
  # Empty is what a shell makes of an output that is not there yet.
  image_digest = var.image_digest == "" ? null : var.image_digest

  network = {
    cidr               = "10.21.0.0/16"
    availability_zones = var.availability_zones
    existing           = var.existing_network
    nat                = "single"
  }

  lake = {
    noncurrent_days = 30
    access_log_days = 90
  }

  registry = { keep_images = 20 }

  access = var.access
  keys   = var.keys

  raw_events = var.raw_events

  temporal = {
    mode                = var.temporal_cloud == null ? "self_hosted" : "cloud"
    cloud               = var.temporal_cloud
    credentials_version = var.temporal_credentials_version

    self_hosted = {
      history_shards        = 512
      tasks                 = 1
      cpu                   = 1024
      memory_mib            = 2048
      tls                   = true
      ui_client_cidr_blocks = try(var.existing_network.ui_client_cidr_blocks, ["10.21.0.0/16"])

      database = {
        instance_class        = "db.t4g.small"
        multi_az              = false
        deletion_protection   = true
        backup_retention_days = 7
      }
    }
  }

  temporal_credentials = var.temporal_credentials
  secret_recovery_days = 7

  worker = {
    cpu        = 2048
    memory_mib = 8192
    min_tasks  = 1
    max_tasks  = 4
  }

  training = {
    spot_max_wait_secs = 14400
    # Of the instance type in eu-west-1 (docs/costs.md says whose bill it is from); another region has
    # another one. It gives the cost in run.json.
    price_usd_per_hour = 0.257
    # No further job is started when those of a run were charged this much.
    max_cost_usd = 2
  }

  dashboard          = merge(var.dashboard, { tasks = 1, waf = true, deletion_protection = true })
  oidc_client_secret = var.oidc_client_secret

  alerts             = { emails = var.emails }
  budget             = { monthly_limit_usd = 400, emails = var.emails, cost_tag = local.cost_tag }
  log_retention_days = 90
}
