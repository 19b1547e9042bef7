# What the retention team works with: no zone, no task and no slip of the hand takes it down.
locals {
  name = "spanishgas-prod"
  tags = { project = "spanishgas-churn", environment = "prod" }
  # Null: the budget counts the whole account.
  cost_tag = var.budget_of_tag ? { key = "environment", value = "prod" } : null
}

module "platform" {
  source = "../../modules/platform"

  name = local.name
  tags = local.tags
  # Empty is what a shell makes of an output that is not there yet.
  image_digest = var.image_digest == "" ? null : var.image_digest

  network = {
    cidr               = "10.22.0.0/16"
    availability_zones = var.availability_zones
    existing           = var.existing_network
    nat                = "per_zone"
  }

  lake = {
    noncurrent_days = 90
    access_log_days = 365
    parallel_parts  = 16
    cache_gib       = 60
  }

  registry = { keep_images = 50 }

  access = var.access
  keys   = var.keys

  raw_events = var.raw_events

  temporal = {
    mode                = var.temporal_cloud == null ? "self_hosted" : "cloud"
    cloud               = var.temporal_cloud
    credentials_version = var.temporal_credentials_version

    self_hosted = {
      history_shards        = 512
      tasks                 = 3
      cpu                   = 1024
      memory_mib            = 2048
      tls                   = true
      ui_client_cidr_blocks = try(var.existing_network.ui_client_cidr_blocks, ["10.22.0.0/16"])

      database = {
        instance_class        = "db.m7g.large"
        storage_gib           = 100
        max_storage_gib       = 500
        multi_az              = true
        deletion_protection   = true
        backup_retention_days = 35
      }
    }
  }

  temporal_credentials = var.temporal_credentials
  secret_recovery_days = 30

  worker = {
    cpu           = 4096
    memory_mib    = 16384
    ephemeral_gib = 100
    min_tasks     = 2
    max_tasks     = 10
  }

  # On demand: a nightly run must be done by morning.
  training = {
    instance_type    = "ml.m5.2xlarge"
    volume_gib       = 60
    max_runtime_secs = 14400
    # Of the instance type in eu-west-1 (docs/costs.md: twice ml.m5.xlarge, nobody looked it up); another region has
    # another one. It gives the cost in run.json.
    price_usd_per_hour = 0.514
    # No further job is started when those of a run were charged this much.
    max_cost_usd = 8
  }

  dashboard          = merge(var.dashboard, { tasks = 2, waf = true, deletion_protection = true })
  oidc_client_secret = var.oidc_client_secret

  alerts             = { emails = var.emails }
  budget             = { monthly_limit_usd = 1500, emails = var.emails, cost_tag = local.cost_tag }
  log_retention_days = 365
}
