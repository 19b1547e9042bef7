# The provider itself, which plans without a call: mock providers know no ephemeral resources, such as the database's
# password.
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = module.iam.data.aws_caller_identity.here
  values = { account_id = "123456789012" }
}

override_data {
  target = module.lake.data.aws_caller_identity.here
  values = { account_id = "123456789012" }
}

override_data {
  target = module.monitoring.data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = module.network.data.aws_caller_identity.here
  values = { account_id = "123456789012" }
}

variables {
  name         = "spanishgas-test"
  tags         = { team = "retention" }
  network      = { availability_zones = ["eu-west-1a", "eu-west-1b"] }
  temporal     = { mode = "self_hosted" }
  image_digest = "sha256:0000000000000000000000000000000000000000000000000000000000000001"
  training     = { spot_max_wait_secs = 14400, price_usd_per_hour = 0.257, max_cost_usd = 5 }
}

run "the_usual_platform" {
  command = plan

  assert {
    condition     = local.settings.lake.part_mib == 16 && local.settings.lake.cache_gib == 20
    error_message = "the lake's settings are not in aws.yaml"
  }

  assert {
    condition     = length(aws_kms_key.model_signing) == 0 && length(aws_kms_key.payloads) == 0 && length(local.key_environment) == 0
    error_message = "a key was made that nobody asked for"
  }

  assert {
    condition     = local.settings.metrics.namespace == "SpanishGas/MLOps"
    error_message = "the namespace is not in aws.yaml"
  }

  assert {
    condition     = output.temporal_address == "temporal.spanishgas-test.internal:7233"
    error_message = "Temporal's address is wrong"
  }

  assert {
    condition     = !local.egress.internet && length(local.egress.prefix_list_ids) == 1
    error_message = "workers reach the internet although AWS has endpoints"
  }

  assert {
    condition     = length(module.dashboard) == 0 && length(module.budgets) == 0 && length(module.github_oidc) == 0
    error_message = "something is made that nobody asked for"
  }

  assert {
    condition     = output.worker_service == "spanishgas-test-worker" && output.worker_cluster == "spanishgas-test"
    error_message = "the alarms watch another service"
  }
}

run "the_program_knows_every_key_of_its_settings" {
  command = plan

  variables {
    dashboard = { url = "https://churn.example.com" }
  }

  assert {
    condition = alltrue(flatten([for section, settings in local.settings : [
      for key in try(keys(settings), []) : strcontains(file("${path.module}/../../../../configs/aws.yaml"), " ${key}:")
    ]]))
    error_message = "aws.yaml has a key that configs/aws.yaml does not name; the program refuses it"
  }

  assert {
    condition     = toset(keys(local.settings)) == toset(["region", "lake", "training", "registry", "alerts", "metrics"])
    error_message = "aws.yaml has not the six sections"
  }

  assert {
    condition     = local.settings.training.spot.max_wait_secs == 14400 && local.settings.training.price_usd_per_hour == 0.257 && local.settings.training.max_cost_usd == 5
    error_message = "spot, price or limit are missing"
  }

  assert {
    condition     = length(local.settings.training.vpc.subnets) == 2 && length(local.settings.training.vpc.security_groups) == 1
    error_message = "training jobs are not in the network"
  }

  assert {
    condition     = length(setsubtract(["volume_kms_key", "output_kms_key", "image", "role_arn"], keys(local.settings.training))) == 0
    error_message = "training has no image, role or keys"
  }

  assert {
    condition     = local.settings.training.tags.team == "retention" && local.settings.training.network_isolation
    error_message = "jobs are not tagged, or not isolated"
  }

  assert {
    condition     = local.settings.alerts.dashboard_url == "https://churn.example.com"
    error_message = "the dashboard's address is not in aws.yaml"
  }
}

run "new_raw_files_can_start_looks_at_once" {
  command = plan

  variables {
    raw_events = true
  }

  assert {
    condition     = contains(keys(local.settings), "events_queue") && strcontains(file("${path.module}/../../../../configs/aws.yaml"), "events_queue:")
    error_message = "the workers do not know the queue, or refuse the setting"
  }

  assert {
    condition     = length(module.raw_events) == 1 && length(module.monitoring.alarm_names) == 8
    error_message = "there is no queue, or nobody watches it"
  }
}

run "settings_without_a_value_are_left_out" {
  command = plan

  variables {
    tags      = {}
    training  = { in_network = false }
    dashboard = {}
  }

  assert {
    condition     = length(setintersection(keys(local.settings.training), ["spot", "vpc", "tags", "price_usd_per_hour", "max_cost_usd"])) == 0
    error_message = "a key without a value is in aws.yaml"
  }

  assert {
    condition     = toset(keys(local.settings.alerts)) == toset(["topic_arn"])
    error_message = "an address that there is not is in aws.yaml"
  }
}

run "an_existing_network_is_left_alone" {
  command = plan

  override_data {
    target = module.network.data.aws_vpc.existing
    values = { cidr_block = "10.99.0.0/16" }
  }

  variables {
    network = {
      existing = { vpc_id = "vpc-1", private_subnet_ids = ["subnet-1", "subnet-2"], public_subnet_ids = ["subnet-3", "subnet-4"] }
    }
  }

  assert {
    condition     = local.egress.internet && length(local.egress.prefix_list_ids) == 0
    error_message = "in a network without endpoints workers reach nothing"
  }
}

run "training_can_stay_outside_the_network" {
  command = plan

  variables {
    training = { in_network = false }
  }

  assert {
    condition     = length(aws_security_group.training) == 0
    error_message = "there is a security group that no job has"
  }
}

run "a_dashboard_can_be_had" {
  command = plan

  override_data {
    target = module.dashboard[0].data.aws_caller_identity.current
    values = { account_id = "123456789012" }
  }

  variables {
    dashboard = {
      enabled         = true
      url             = "https://churn.example.com"
      cpu             = 1024
      memory_mib      = 2048
      roles           = { groups_claim = "custom:role", viewers = ["*"], operators = ["retention-leads"] }
      certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000001"
      sign_in = {
        cognito = { user_pool_arn = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_test", client_id = "client", domain = "churn" }
      }
    }
  }

  assert {
    condition     = length(module.dashboard) == 1 && length(module.link_key) == 1
    error_message = "the dashboard or the key of its links is missing"
  }

  assert {
    condition     = module.dashboard[0].task_size.cpu == 1024 && module.dashboard[0].task_size.memory_mib == 2048
    error_message = "the dashboard is not as large as it is asked for"
  }

  assert {
    condition     = local.dashboard_host == "churn.example.com"
    error_message = "the dashboard answers to another name than people come by"
  }
}

# The keys of the load balancer's signatures are outside.
run "refuses_a_dashboard_without_a_way_out" {
  command         = plan
  expect_failures = [var.dashboard]

  variables {
    network = { availability_zones = ["eu-west-1a", "eu-west-1b"], nat = "none" }
    # Temporal itself is content with that.
    temporal = {
      mode = "self_hosted"
      self_hosted = {
        server_image      = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/temporal/server:1.32.0"
        admin_tools_image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/temporal/admin-tools:1.32.0"
        ui_image          = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/temporal/ui:2.54.1"
      }
    }
    dashboard = {
      enabled         = true
      certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000001"
      sign_in = {
        cognito = { user_pool_arn = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_test", client_id = "client", domain = "churn" }
      }
    }
  }
}

run "keys_of_models_and_payloads_where_they_are_asked_for" {
  command = plan

  variables {
    keys = { model_signing = true, payloads = true }
  }

  assert {
    condition     = one(aws_kms_key.model_signing).customer_master_key_spec == "HMAC_256" && one(aws_kms_key.model_signing).key_usage == "GENERATE_VERIFY_MAC"
    error_message = "the program signs with a key of HMAC-SHA-256"
  }

  assert {
    condition     = one(aws_kms_key.payloads).enable_key_rotation
    error_message = "the key of payloads is not rotated"
  }

  assert {
    condition     = keys(local.key_environment) == tolist(["SPANISHGAS_PAYLOAD_KEY", "SPANISHGAS_SIGNING_KEY"])
    error_message = "the workers do not know both keys"
  }
}

run "refuses_what_cannot_be" {
  command         = plan
  expect_failures = [var.name, var.network, var.worker, var.training]

  variables {
    name     = "spanishgas-production-2"
    network  = { availability_zones = ["eu-west-1a", "eu-west-1b"], nat = "none" }
    worker   = { ephemeral_gib = 30 }
    training = { spot_max_wait_secs = 60 }
  }
}

# By itself: what it asks of the network is not looked at while the network is refused.
run "refuses_a_dashboard_that_nobody_can_sign_in_to" {
  command         = plan
  expect_failures = [var.dashboard]

  variables {
    dashboard = { enabled = true }
  }
}

run "refuses_a_tag_and_a_cost_without_a_price" {
  command         = plan
  expect_failures = [var.image_digest, var.training]

  variables {
    image_digest = "latest"
    training     = { max_cost_usd = 5 }
  }
}
