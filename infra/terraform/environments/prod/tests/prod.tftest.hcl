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
  target = module.platform.data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = module.platform.module.iam.data.aws_caller_identity.here
  values = { account_id = "123456789012" }
}

override_data {
  target = module.platform.module.lake.data.aws_caller_identity.here
  values = { account_id = "123456789012" }
}

override_data {
  target = module.platform.module.monitoring.data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = module.platform.module.network.data.aws_caller_identity.here
  values = { account_id = "123456789012" }
}

variables {
  emails       = ["retention@example.com"]
  image_digest = "sha256:0000000000000000000000000000000000000000000000000000000000000001"
}

run "nothing_takes_it_down" {
  command = plan

  assert {
    condition     = output.guards.database_protected && output.guards.dashboard_protected && !output.guards.lake_force_destroy && output.guards.secret_days == 30
    error_message = "a slip of the hand takes prod down"
  }

  assert {
    condition     = output.guards.database_multi_az && output.guards.zones == 3 && output.guards.nat == "per_zone" && output.guards.min_workers >= 2
    error_message = "a zone takes prod down"
  }

  assert {
    condition     = output.guards.temporal_tls && output.guards.backup_days == 35 && output.guards.log_days == 365
    error_message = "prod keeps too little, or talks in the clear"
  }

  assert {
    condition     = output.guards.max_workers == 10 && !output.guards.training_on_spot
    error_message = "prod is not the largest"
  }

  assert {
    condition     = output.temporal_address == "temporal.spanishgas-prod.internal:7233" && output.worker_service == "spanishgas-prod-worker"
    error_message = "the names are not those of prod"
  }
}

run "temporal_cloud_is_one_variable" {
  command = plan

  variables {
    temporal_cloud               = { address = "eu-west-1.aws.api.temporal.io:7233", namespace = "churn.abc12" }
    temporal_credentials         = { api_key = "not-a-key" }
    temporal_credentials_version = 1
  }

  assert {
    condition     = output.temporal_address == "eu-west-1.aws.api.temporal.io:7233" && output.temporal_setup_command == null
    error_message = "Temporal Cloud is not what is connected to"
  }
}

run "refuses_to_tell_nobody" {
  command         = plan
  expect_failures = [var.emails]

  variables {
    emails = []
  }
}

run "refuses_what_is_mistyped" {
  command         = plan
  expect_failures = [var.region, var.image_digest, var.emails, var.access, var.temporal_cloud, var.temporal_credentials_version, var.existing_network]

  variables {
    region                       = "eu-west"
    image_digest                 = "1.0.0"
    emails                       = ["platform"]
    access                       = { operator_principals = ["Platform"] }
    temporal_cloud               = { address = "eu-west-1.aws.api.temporal.io:7233", namespace = "churn" }
    temporal_credentials_version = 1.5
    existing_network             = { vpc_id = "vpc-1", private_subnet_ids = ["subnet-1"] }
  }
}

run "refuses_zones_of_another_region" {
  command         = plan
  expect_failures = [var.availability_zones]

  variables {
    region = "eu-central-1"
  }
}

run "an_existing_network_and_its_tag_can_be_named" {
  command = plan

  override_data {
    target = module.platform.module.network.data.aws_vpc.existing
    values = { cidr_block = "10.99.0.0/16" }
  }

  variables {
    existing_network = { vpc_id = "vpc-1", private_subnet_ids = ["subnet-1", "subnet-2"], public_subnet_ids = ["subnet-3", "subnet-4"] }
    budget_of_tag    = true
  }

  assert {
    condition     = output.temporal_ui == null && output.guards.budget_counts == "environment=prod"
    error_message = "the Web UI is open to a network that nobody named, or the budget counts the whole account"
  }
}
