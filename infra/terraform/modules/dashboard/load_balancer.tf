#trivy:ignore:AVD-AWS-0053 the dashboard is for people outside the network; nobody gets in without signing in, and client_cidr_blocks narrows it
resource "aws_lb" "dashboard" {
  #checkov:skip=CKV_AWS_150: deletion_protection is a variable: prod has it, dev can be torn down
  #checkov:skip=CKV2_AWS_28: waf is a variable, on by default
  #checkov:skip=CKV2_AWS_76: the rules against Log4j are in AWSManagedRulesKnownBadInputsRuleSet, which a dynamic block hides from checkov
  name                       = local.service_name
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = var.public_subnet_ids
  security_groups            = [aws_security_group.load_balancer.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = var.deletion_protection
  tags                       = var.tags

  access_logs {
    bucket  = aws_s3_bucket.access_logs.bucket
    enabled = true
  }

  depends_on = [aws_s3_bucket_policy.access_logs]
}

resource "aws_lb_target_group" "dashboard" {
  #checkov:skip=CKV_AWS_378: TLS ends at the load balancer; the way to the tasks is inside the network, between two security groups
  name                 = local.service_name
  port                 = local.port
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = var.vpc_id
  deregistration_delay = 30
  tags                 = var.tags

  health_check {
    path                = local.health
    matcher             = "200"
    interval            = 15
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.dashboard.arn
  port              = 443
  protocol          = "HTTPS"
  # TLS 1.2 and 1.3, forward secrecy only.
  ssl_policy      = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn = var.certificate_arn
  tags            = var.tags

  dynamic "default_action" {
    for_each = var.sign_in.cognito[*]

    content {
      order = 1
      type  = "authenticate-cognito"

      authenticate_cognito {
        user_pool_arn       = default_action.value.user_pool_arn
        user_pool_client_id = default_action.value.client_id
        user_pool_domain    = default_action.value.domain
        session_timeout     = var.sign_in.session_hours * 3600
      }
    }
  }

  dynamic "default_action" {
    for_each = var.sign_in.oidc[*]

    content {
      order = 1
      type  = "authenticate-oidc"

      authenticate_oidc {
        issuer                 = default_action.value.issuer
        authorization_endpoint = default_action.value.authorization_endpoint
        token_endpoint         = default_action.value.token_endpoint
        user_info_endpoint     = default_action.value.user_info_endpoint
        client_id              = default_action.value.client_id
        client_secret          = var.oidc_client_secret
        scope                  = "openid email profile"
        session_timeout        = var.sign_in.session_hours * 3600
      }
    }
  }

  default_action {
    order            = 2
    type             = "forward"
    target_group_arn = aws_lb_target_group.dashboard.arn
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.dashboard.arn
  port              = 80
  protocol          = "HTTP"
  tags              = var.tags

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}
