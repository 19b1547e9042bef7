mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name                 = "spanishgas-test"
  image                = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/spanishgas-test@sha256:0000000000000000000000000000000000000000000000000000000000000001"
  lake_url             = "s3://lake/churn"
  aws_yaml             = "region: eu-west-1"
  temporal_environment = { TEMPORAL_ADDRESS = "temporal.test.internal:7233" }
  temporal_secrets     = { TEMPORAL_API_KEY = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key" }
  vpc_id               = "vpc-1"
  private_subnet_ids   = ["subnet-1", "subnet-2"]
  egress               = { cidr_blocks = ["10.20.0.0/16"], prefix_list_ids = { s3 = "pl-1" } }
  task_role_arn        = "arn:aws:iam::123456789012:role/worker"
  execution_role_arn   = "arn:aws:iam::123456789012:role/execution"
  log_kms_key_arn      = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
}

run "a_worker_cannot_write_but_to_scratch" {
  command = plan

  assert {
    condition     = local.container.readonlyRootFilesystem
    error_message = "the root file system is writable"
  }

  assert {
    condition     = [for mount in local.container.mountPoints : mount.containerPath] == ["/scratch"]
    error_message = "something else than /scratch is mounted"
  }

  assert {
    condition     = local.container.linuxParameters.capabilities.drop == ["ALL"]
    error_message = "the container keeps capabilities"
  }
}

run "a_worker_has_time_to_drain" {
  command = plan

  assert {
    condition     = local.container.stopTimeout > 27
    error_message = "the stop time-out is not above the worker's drain time (25 s and 2 s)"
  }
}

run "secrets_are_no_plain_variables" {
  command = plan

  assert {
    condition     = !contains(keys(local.plain_environment), "TEMPORAL_API_KEY")
    error_message = "the API key is a plain variable"
  }

  assert {
    condition     = [for secret in local.container.secrets : secret.name] == ["TEMPORAL_API_KEY"]
    error_message = "the API key does not come from Secrets Manager"
  }
}

run "keys_in_kms_are_named_by_variables" {
  command = plan

  variables {
    key_environment = { SPANISHGAS_SIGNING_KEY = "kms:arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000006" }
  }

  assert {
    condition     = startswith(local.plain_environment.SPANISHGAS_SIGNING_KEY, "kms:")
    error_message = "the worker does not know the key"
  }
}

run "refuses_a_key_that_is_none" {
  command         = plan
  expect_failures = [var.key_environment]

  variables {
    key_environment = { SPANISHGAS_PAYLOAD_KEY = "payload.key" }
  }
}

run "a_bad_version_is_taken_back" {
  command = plan

  assert {
    condition     = aws_ecs_service.worker[0].deployment_circuit_breaker[0].enable && aws_ecs_service.worker[0].deployment_circuit_breaker[0].rollback
    error_message = "the deployment circuit breaker does not roll back"
  }
}

run "the_version_before_stays_for_the_way_back" {
  command = plan

  assert {
    condition     = aws_ecs_task_definition.worker[0].skip_destroy
    error_message = "Terraform ends the task definition that ECS would go back to, and deploy may not do that"
  }
}

run "the_internet_is_closed_unless_asked_for" {
  command = plan

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.internet) == 0
    error_message = "the worker reaches the internet"
  }
}

run "temporal_cloud_opens_two_ports" {
  command = plan

  variables {
    egress = { cidr_blocks = ["10.20.0.0/16"], internet = true }
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_egress_rule.internet : rule.from_port]) == toset([443, 7233])
    error_message = "not exactly 443 and 7233 are open"
  }
}

run "without_an_image_nothing_runs" {
  command = plan

  variables {
    image = null
  }

  assert {
    condition     = length(aws_ecs_service.worker) == 0 && length(aws_appautoscaling_target.worker) == 0
    error_message = "there is a service without an image"
  }

  assert {
    condition     = output.service_name == "spanishgas-test-worker"
    error_message = "the service's name is not known before its image"
  }
}

run "scaling_follows_the_cpu" {
  command = plan

  assert {
    condition     = length(aws_appautoscaling_policy.cpu) == 1 && length(aws_appautoscaling_policy.backlog) == 0
    error_message = "CPU is not what scaling follows"
  }
}

run "scaling_can_follow_the_backlog" {
  command = plan

  variables {
    scaling = { on = "backlog", backlog = { namespace = "SpanishGas/Temporal", metric = "TaskQueueBacklog" } }
  }

  assert {
    condition     = length(aws_appautoscaling_policy.cpu) == 0 && length(aws_appautoscaling_policy.backlog) == 1
    error_message = "the backlog is not what scaling follows"
  }
}

run "refuses_a_tag" {
  command         = plan
  expect_failures = [var.image]

  variables {
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/spanishgas-test:latest"
  }
}

run "refuses_root" {
  command         = plan
  expect_failures = [var.user]

  variables {
    user = "0"
  }
}

run "refuses_names_and_places_that_cannot_be" {
  command = plan
  expect_failures = [
    var.name, var.lake_url, var.temporal_environment, var.private_subnet_ids,
  ]

  variables {
    name                 = "Spanish Gas"
    lake_url             = "/data"
    temporal_environment = {}
    private_subnet_ids   = []
  }
}

run "refuses_sizes_that_fargate_does_not_know" {
  command         = plan
  expect_failures = [var.cpu, var.ephemeral_gib, var.capacity_provider]

  variables {
    cpu               = 1000
    ephemeral_gib     = 20
    capacity_provider = "EC2"
  }
}

run "refuses_memory_that_does_not_fit_the_cpu" {
  command         = plan
  expect_failures = [var.memory_mib]

  variables {
    cpu        = 2048
    memory_mib = 2048
  }
}

run "refuses_no_task_at_all" {
  command         = plan
  expect_failures = [var.min_tasks]

  variables {
    min_tasks = 0
  }
}

run "refuses_fewer_tasks_at_most_than_at_least" {
  command         = plan
  expect_failures = [var.max_tasks]

  variables {
    min_tasks = 3
    max_tasks = 2
  }
}

run "refuses_a_stop_time_out_below_the_drain_time" {
  command         = plan
  expect_failures = [var.stop_timeout_secs]

  variables {
    stop_timeout_secs = 30
  }
}

run "refuses_a_backlog_without_a_metric" {
  command         = plan
  expect_failures = [var.scaling]

  variables {
    scaling = { on = "backlog" }
  }
}

run "refuses_a_retention_that_cloudwatch_does_not_know" {
  command         = plan
  expect_failures = [var.log_retention_days]

  variables {
    log_retention_days = 100
  }
}
