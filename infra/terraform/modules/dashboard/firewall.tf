# Amazon's rules against what everybody tries, and a limit for one address.
locals {
  rule_sets = ["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesAmazonIpReputationList"]
}

resource "aws_wafv2_web_acl" "dashboard" {
  count       = var.waf ? 1 : 0
  name        = local.service_name
  description = "Before the load balancer of ${local.service_name}"
  scope       = "REGIONAL"
  tags        = var.tags

  default_action {
    allow {}
  }

  dynamic "rule" {
    for_each = local.rule_sets

    content {
      name     = rule.value
      priority = rule.key

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.value
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.value
        sampled_requests_enabled   = true
      }
    }
  }

  rule {
    name     = "rate"
    priority = 10

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit              = 2000
        aggregate_key_type = "IP"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "rate"
      sampled_requests_enabled   = true
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = local.service_name
    sampled_requests_enabled   = true
  }
}

resource "aws_wafv2_web_acl_association" "dashboard" {
  count        = var.waf ? 1 : 0
  resource_arn = aws_lb.dashboard.arn
  web_acl_arn  = aws_wafv2_web_acl.dashboard[0].arn
}

# The name's beginning is AWS's demand.
resource "aws_cloudwatch_log_group" "firewall" {
  count             = var.waf ? 1 : 0
  name              = "aws-waf-logs-${local.service_name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_wafv2_web_acl_logging_configuration" "dashboard" {
  count                   = var.waf ? 1 : 0
  resource_arn            = aws_wafv2_web_acl.dashboard[0].arn
  log_destination_configs = [aws_cloudwatch_log_group.firewall[0].arn]

  # Who is signed in stands in the cookie.
  redacted_fields {
    single_header {
      name = "cookie"
    }
  }
}
