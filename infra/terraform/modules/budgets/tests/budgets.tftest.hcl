mock_provider "aws" {}

variables {
  name              = "ours"
  monthly_limit_usd = 200
  emails            = ["ops@example.com"]
}

run "people_are_told_early" {
  command = plan

  assert {
    condition     = aws_budgets_budget.monthly.limit_amount == "200.0" && aws_budgets_budget.monthly.time_unit == "MONTHLY"
    error_message = "A limit for a month."
  }
  assert {
    condition = toset([for told in aws_budgets_budget.monthly.notification : "${told.notification_type} ${told.threshold}"]) == toset([
      "ACTUAL 50", "ACTUAL 80", "ACTUAL 100", "FORECASTED 100",
    ])
    error_message = "At each threshold, and when the forecast is above the limit."
  }
  assert {
    condition     = alltrue([for told in aws_budgets_budget.monthly.notification : told.subscriber_email_addresses == toset(["ops@example.com"])])
    error_message = "Each by mail."
  }
  assert {
    condition     = length(aws_budgets_budget.monthly.cost_filter) == 0
    error_message = "The whole account counts."
  }
}

run "of_one_tag" {
  command = plan
  variables {
    cost_tag = {
      key   = "environment"
      value = "dev"
    }
  }
  assert {
    condition     = one(aws_budgets_budget.monthly.cost_filter).values == tolist(["user:environment$dev"])
    error_message = "In AWS's spelling of tags."
  }
}

run "name_refused" {
  command = plan
  variables {
    name = "Ours!"
  }
  expect_failures = [var.name]
}

run "limit_refused" {
  command = plan
  variables {
    monthly_limit_usd = 0
  }
  expect_failures = [var.monthly_limit_usd]
}

run "nobody_refused" {
  command = plan
  variables {
    emails = []
  }
  expect_failures = [var.emails]
}

run "no_address_refused" {
  command = plan
  variables {
    emails = ["ops"]
  }
  expect_failures = [var.emails]
}

run "thresholds_refused" {
  command = plan
  variables {
    thresholds         = [50, 50]
    forecast_threshold = 0
  }
  expect_failures = [var.thresholds, var.forecast_threshold]
}
