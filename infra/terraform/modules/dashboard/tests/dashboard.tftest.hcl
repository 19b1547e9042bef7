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

run "refuses_what_cannot_be" {
  command         = plan
  expect_failures = [var.name, var.image, var.tasks, var.public_subnet_ids, var.certificate_arn]

  variables {
    name              = "X"
    image             = "spanishgas:latest"
    tasks             = 0
    public_subnet_ids = ["subnet-3"]
    certificate_arn   = "certificate"
  }
}
