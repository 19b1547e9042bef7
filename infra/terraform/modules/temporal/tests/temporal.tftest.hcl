# The provider itself, which plans without a call: mock providers know no ephemeral resources.
provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  endpoints {
    secretsmanager = "http://127.0.0.1:1"
  }
}

variables {
  name        = "spanishgas-test"
  mode        = "self_hosted"
  kms_key_arn = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  network = {
    vpc_id                 = "vpc-1"
    private_subnet_ids     = ["subnet-1", "subnet-2"]
    client_security_groups = { workers = "sg-1" }
    egress                 = { cidr_blocks = ["10.20.0.0/16"], prefix_list_ids = { s3 = "pl-1" }, internet = true }
  }
  execution_role_arn = "arn:aws:iam::123456789012:role/execution"
}

run "self_hosted_has_server_setup_and_database" {
  command = plan

  assert {
    condition     = toset(keys(aws_ecs_task_definition.this)) == toset(["server", "setup"]) && length(aws_db_instance.temporal) == 1
    error_message = "server, set-up or database are missing"
  }

  assert {
    condition     = output.address == "temporal.spanishgas-test.internal:7233"
    error_message = "the server's address is not its name in the network"
  }
}

run "earlier_definitions_stay" {
  command = plan

  assert {
    condition     = alltrue([for definition in aws_ecs_task_definition.this : definition.skip_destroy])
    error_message = "Terraform ends task definitions, which the role deploy may not do"
  }
}

run "the_database_is_closed_encrypted_and_kept" {
  command = plan

  assert {
    condition     = !aws_db_instance.temporal[0].publicly_accessible && aws_db_instance.temporal[0].storage_encrypted
    error_message = "the database is public or not encrypted"
  }

  assert {
    condition     = aws_db_instance.temporal[0].multi_az && aws_db_instance.temporal[0].deletion_protection && !aws_db_instance.temporal[0].skip_final_snapshot
    error_message = "the database can be lost with a zone or by accident"
  }

  assert {
    condition     = contains([for one in aws_db_parameter_group.temporal[0].parameter : "${one.name}=${one.value}"], "rds.force_ssl=1")
    error_message = "the database takes connections without TLS"
  }
}

run "clients_of_a_server_with_tls_show_a_certificate" {
  command = plan

  assert {
    condition     = toset(keys(local.client_secret_keys)) == toset(["TEMPORAL_TLS_CLIENT_CERT_DATA", "TEMPORAL_TLS_CLIENT_KEY_DATA", "TEMPORAL_TLS_SERVER_CA_CERT_DATA"])
    error_message = "a client does not get certificate, key and authority"
  }

  assert {
    condition     = output.environment.TEMPORAL_TLS == "true" && local.server_environment.TEMPORAL_TLS_REQUIRE_CLIENT_AUTH == "true"
    error_message = "TLS is not mutual"
  }
}

run "without_tls_there_are_no_credentials" {
  command = plan

  variables {
    self_hosted = { tls = false }
  }

  assert {
    condition     = length(aws_secretsmanager_secret.credentials) == 0 && length(output.secrets) == 0 && !contains(keys(output.environment), "TEMPORAL_TLS")
    error_message = "there are credentials although nothing asks for them"
  }
}

# A plan reads back what Terraform wrote. What people put in, it never sees.
run "it_says_which_secrets_terraform_writes" {
  command = plan

  variables {
    credentials_version = 1
  }

  assert {
    condition     = length(output.written_secret_arns) == 2 && length(output.secret_arns) == 2
    error_message = "the password and the certificates are not both written"
  }
}

run "the_web_ui_is_there_for_somebody_only" {
  command = plan

  variables {
    self_hosted = { ui_client_cidr_blocks = ["10.30.0.0/16"] }
  }

  assert {
    condition     = contains(keys(aws_ecs_service.this), "ui") && length(aws_vpc_security_group_ingress_rule.ui) == 1
    error_message = "the Web UI is missing"
  }

  assert {
    condition     = output.ui_address == "http://temporal-ui.spanishgas-test.internal:8080"
    error_message = "the Web UI's address is wrong"
  }
}

run "temporal_cloud_with_a_key_is_one_secret" {
  command = plan

  variables {
    mode    = "cloud"
    network = null
    cloud   = { address = "eu-west-1.aws.api.temporal.io:7233", namespace = "churn.abc12" }
  }

  assert {
    condition     = toset(keys(local.client_secret_keys)) == toset(["TEMPORAL_API_KEY"])
    error_message = "a client does not get the API key, or more than that"
  }

  assert {
    condition     = length(aws_secretsmanager_secret.credentials) == 1 && length(aws_secretsmanager_secret_version.credentials) == 0
    error_message = "the secret is missing, or has a value that nobody gave"
  }

  assert {
    condition     = length(output.written_secret_arns) == 0 && length(output.secret_arns) == 1
    error_message = "a key that people put in is said to be written by Terraform"
  }

  assert {
    condition     = length(aws_ecs_task_definition.this) + length(aws_db_instance.temporal) + length(aws_service_discovery_service.this) + length(aws_security_group.server) == 0
    error_message = "Temporal Cloud needs none of the servers here"
  }

  assert {
    condition     = output.environment == { TEMPORAL_ADDRESS = "eu-west-1.aws.api.temporal.io:7233", TEMPORAL_NAMESPACE = "churn.abc12" }
    error_message = "the connection is another"
  }
}

run "temporal_cloud_with_certificates" {
  command = plan

  variables {
    mode                = "cloud"
    network             = null
    cloud               = { address = "churn.abc12.tmprl.cloud:7233", namespace = "churn.abc12", auth = "mtls" }
    credentials         = { client_cert = "certificate", client_key = "key" }
    credentials_version = 1
  }

  assert {
    condition     = toset(keys(local.client_secret_keys)) == toset(["TEMPORAL_TLS_CLIENT_CERT_DATA", "TEMPORAL_TLS_CLIENT_KEY_DATA"])
    error_message = "a client does not get certificate and key"
  }

  assert {
    condition     = length(aws_secretsmanager_secret_version.credentials) == 1 && aws_secretsmanager_secret_version.credentials[0].secret_string == null
    error_message = "the certificates are not written, or not in the write-only way"
  }
}

run "refuses_an_unknown_mode" {
  command         = plan
  expect_failures = [var.mode]

  variables {
    mode = "kubernetes"
  }
}

run "refuses_cloud_without_a_namespace" {
  command         = plan
  expect_failures = [var.mode]

  variables {
    mode = "cloud"
  }
}

run "refuses_self_hosted_without_a_network" {
  command         = plan
  expect_failures = [var.mode]

  variables {
    network = null
  }
}

run "refuses_an_unknown_way_to_sign_in" {
  command         = plan
  expect_failures = [var.cloud]

  variables {
    cloud = { address = "x.tmprl.cloud:7233", namespace = "churn", auth = "password" }
  }
}

run "refuses_an_address_without_a_port" {
  command         = plan
  expect_failures = [var.cloud]

  variables {
    cloud = { address = "x.tmprl.cloud", namespace = "churn" }
  }
}

run "refuses_shards_that_cannot_be" {
  command         = plan
  expect_failures = [var.self_hosted]

  variables {
    self_hosted = { history_shards = 3 }
  }
}

run "refuses_no_server" {
  command         = plan
  expect_failures = [var.self_hosted]

  variables {
    self_hosted = { tasks = 0 }
  }
}

run "refuses_memory_that_does_not_fit_the_cpu" {
  command         = plan
  expect_failures = [var.self_hosted]

  variables {
    self_hosted = { cpu = 2048, memory_mib = 1024 }
  }
}

run "refuses_runs_that_vanish_at_once" {
  command         = plan
  expect_failures = [var.self_hosted]

  variables {
    self_hosted = { retention_days = 0 }
  }
}

run "refuses_a_database_without_backups" {
  command         = plan
  expect_failures = [var.self_hosted]

  variables {
    self_hosted = { database = { backup_retention_days = 0 } }
  }
}

run "refuses_one_subnet" {
  command         = plan
  expect_failures = [var.network]

  variables {
    network = {
      vpc_id                 = "vpc-1"
      private_subnet_ids     = ["subnet-1"]
      client_security_groups = {}
      egress                 = { cidr_blocks = [] }
    }
  }
}

run "refuses_names_and_numbers_that_cannot_be" {
  command         = plan
  expect_failures = [var.name, var.credentials_version, var.secret_recovery_days]

  variables {
    name                 = "X"
    credentials_version  = -1
    secret_recovery_days = 3
  }
}
