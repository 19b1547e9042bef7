mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name               = "spanishgas-test"
  image              = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/spanishgas-test@sha256:0000000000000000000000000000000000000000000000000000000000000001"
  lake_url           = "s3://lake/churn"
  aws_yaml           = "region: eu-west-1"
  vpc_id             = "vpc-1"
  public_subnet_ids  = ["subnet-3", "subnet-4"]
  private_subnet_ids = ["subnet-1", "subnet-2"]
  egress             = { cidr_blocks = ["10.20.0.0/16"], prefix_list_ids = { s3 = "pl-1" } }
  task_role_arn      = "arn:aws:iam::123456789012:role/dashboard"
  execution_role_arn = "arn:aws:iam::123456789012:role/execution"
  certificate_arn    = "arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000001"
  kms_key_arn        = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  oidc_client_secret = "not-a-secret"

  temporal_environment = { TEMPORAL_ADDRESS = "temporal.spanishgas-test.internal:7233", TEMPORAL_NAMESPACE = "churn" }
  temporal_secrets     = { TEMPORAL_TLS_CLIENT_KEY_DATA = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:spanishgas-test/temporal/credentials-AbCdEf:client_key::" }
  link_key_secret_arn  = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:spanishgas-test/dashboard/link-key-AbCdEf"
  roles                = { groups_claim = "custom:role", viewers = ["retention"], operators = ["platform", "leads"] }
  host                 = "churn.example.com"

  sign_in = {
    oidc = {
      issuer                 = "https://id.example.com"
      authorization_endpoint = "https://id.example.com/authorize"
      token_endpoint         = "https://id.example.com/token"
      user_info_endpoint     = "https://id.example.com/userinfo"
      client_id              = "dashboard"
    }
  }
}

run "nobody_gets_in_without_signing_in" {
  command = plan

  assert {
    condition     = [for action in aws_lb_listener.https.default_action : action.type] == ["authenticate-oidc", "forward"]
    error_message = "the listener forwards before it authenticates"
  }

  assert {
    condition     = aws_lb_listener.https.protocol == "HTTPS" && aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    error_message = "the listener takes less than TLS 1.2"
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "redirect"
    error_message = "port 80 does more than redirect"
  }
}

run "cognito_signs_in_without_a_secret" {
  command = plan

  variables {
    oidc_client_secret = null
    sign_in = {
      cognito = {
        user_pool_arn = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_test"
        client_id     = "client"
        domain        = "churn"
      }
    }
  }

  assert {
    condition     = [for action in aws_lb_listener.https.default_action : action.type] == ["authenticate-cognito", "forward"]
    error_message = "Cognito does not sign in"
  }

  assert {
    condition     = local.oidc_issuer == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_test"
    error_message = "the issuer is not that of the user pool"
  }
}

run "the_load_balancer_is_kept_and_logged" {
  command = plan

  assert {
    condition     = aws_lb.dashboard.enable_deletion_protection && aws_lb.dashboard.access_logs[0].enabled
    error_message = "the load balancer may be deleted, or keeps no log"
  }
}

run "health_is_asked_where_the_program_answers" {
  command = plan

  assert {
    condition     = aws_lb_target_group.dashboard.health_check[0].path == "/healthz" && aws_lb_target_group.dashboard.port == 8080
    error_message = "the health check does not ask 8080 for /healthz"
  }
}

# The names are those of `spanishgas dashboard` (worker/src/commands): a wrong one is not refused there, but ignored.
run "the_program_is_told_where_it_listens_and_whose_word_counts" {
  command = plan

  # Of a plan alone the ARN is not known yet.
  override_resource {
    target          = aws_lb.dashboard
    override_during = plan
    values          = { arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/spanishgas-test-dashboard/1" }
  }

  assert {
    condition     = local.environment.SPANISHGAS_DASHBOARD == "0.0.0.0:8080"
    error_message = "it does not listen where the load balancer asks"
  }

  assert {
    condition     = endswith(local.environment.SPANISHGAS_OIDC_SIGNER, ":loadbalancer/app/spanishgas-test-dashboard/1") && local.environment.SPANISHGAS_OIDC_CLIENT == "dashboard"
    error_message = "somebody else's load balancer or client could say who somebody is"
  }

  assert {
    condition     = local.environment.SPANISHGAS_OIDC_ISSUER == "https://id.example.com"
    error_message = "another identity provider could say who somebody is"
  }

  assert {
    condition     = local.environment.SPANISHGAS_OIDC_VIEWERS == "retention" && local.environment.SPANISHGAS_OIDC_OPERATORS == "platform,leads" && local.environment.SPANISHGAS_OIDC_GROUPS_CLAIM == "custom:role"
    error_message = "the groups are not those that were named"
  }

  assert {
    condition     = local.command == ["dashboard", "--hsts", "--host", "churn.example.com"]
    error_message = "it answers to any name, or does not insist on TLS"
  }

  assert {
    condition     = local.environment.TEMPORAL_ADDRESS == "temporal.spanishgas-test.internal:7233"
    error_message = "it does not know where Temporal is"
  }
}

run "secrets_come_from_secrets_manager_alone" {
  command = plan

  assert {
    condition     = toset(keys(local.secrets)) == toset(["SPANISHGAS_LINK_KEY", "TEMPORAL_TLS_CLIENT_KEY_DATA"])
    error_message = "the key of the links, or the credentials of Temporal, are missing"
  }

  assert {
    condition     = length(setintersection(keys(local.environment), keys(local.secrets))) == 0
    error_message = "a secret stands in the task definition in the clear"
  }

  assert {
    condition     = [for secret in local.container.secrets : secret.name] == ["SPANISHGAS_LINK_KEY", "TEMPORAL_TLS_CLIENT_KEY_DATA"]
    error_message = "the container does not get them"
  }
}

run "everybody_may_look_and_nobody_act_unless_somebody_says_otherwise" {
  command = plan

  variables {
    roles = {}
    host  = null
  }

  assert {
    condition     = local.environment.SPANISHGAS_OIDC_VIEWERS == "*" && !contains(keys(local.environment), "SPANISHGAS_OIDC_OPERATORS")
    error_message = "the usual roles are others"
  }

  assert {
    condition     = local.command == ["dashboard", "--hsts"]
    error_message = "there is a host that nobody named"
  }
}

run "its_health_is_looked_at_and_it_changes_nothing_of_its_own" {
  command = plan

  assert {
    condition     = local.container.healthCheck.command == ["CMD", "spanishgas", "health", "dashboard"]
    error_message = "ECS does not look at its health"
  }

  assert {
    condition     = local.container.readonlyRootFilesystem && local.container.linuxParameters.capabilities.drop == ["ALL"]
    error_message = "its root can be written to, or it keeps capabilities"
  }
}

run "temporal_cloud_is_reached_only_where_it_is" {
  command = plan

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.internet_temporal) == 0 && aws_vpc_security_group_egress_rule.internet.to_port == 443
    error_message = "the tasks reach more of the internet than the keys of the load balancer"
  }

  assert {
    condition     = [for rule in aws_vpc_security_group_egress_rule.network_temporal : rule.to_port] == [7233]
    error_message = "the tasks do not reach Temporal's server"
  }
}

run "the_firewall_can_be_left_out" {
  command = plan

  variables {
    waf = false
  }

  assert {
    condition     = length(aws_wafv2_web_acl.dashboard) + length(aws_wafv2_web_acl_association.dashboard) == 0
    error_message = "there is a firewall that nobody wants"
  }
}

run "refuses_no_sign_in" {
  command         = plan
  expect_failures = [var.sign_in]

  variables {
    sign_in = {}
  }
}

run "refuses_a_provider_without_its_secret" {
  command         = plan
  expect_failures = [var.oidc_client_secret]

  variables {
    oidc_client_secret = null
  }
}

run "refuses_that_everybody_acts" {
  command         = plan
  expect_failures = [var.roles]

  variables {
    roles = { operators = ["*"] }
  }
}

run "refuses_what_cannot_be" {
  command         = plan
  expect_failures = [var.name, var.image, var.tasks, var.memory_mib, var.public_subnet_ids, var.certificate_arn, var.temporal_environment, var.link_key_secret_arn, var.host]

  variables {
    name              = "X"
    image             = "spanishgas:latest"
    tasks             = 0
    memory_mib        = 512
    public_subnet_ids = ["subnet-3"]
    certificate_arn   = "certificate"

    temporal_environment = {}
    link_key_secret_arn  = "key"
    host                 = "https://churn.example.com/"
  }
}
