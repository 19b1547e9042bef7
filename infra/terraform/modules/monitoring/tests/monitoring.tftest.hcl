mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name           = "spanishgas-test"
  emails         = ["ana@example.com", "luis@example.com"]
  kms_key_id     = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  cluster_name   = "spanishgas-test"
  service_name   = "spanishgas-test-worker"
  log_group_name = "/spanishgas-test/worker"
}

run "the_topic_is_encrypted_and_everybody_is_subscribed" {
  command = plan

  assert {
    condition     = aws_sns_topic.alerts.kms_master_key_id == var.kms_key_id
    error_message = "the topic is not encrypted with the given key"
  }

  assert {
    condition     = toset([for one in aws_sns_topic_subscription.email : one.endpoint]) == toset(var.emails)
    error_message = "not everybody is subscribed"
  }
}

run "each_event_has_an_alarm_on_the_metric_of_the_program" {
  command = plan

  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.event : name => alarm.metric_name } == {
      run-failed        = "RunFailed"
      drift             = "DriftDetected"
      alert-undelivered = "AlertsUndelivered"
    }
    error_message = "the alarms do not watch RunFailed, DriftDetected and AlertsUndelivered"
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.event : alarm.treat_missing_data == "notBreaching"])
    error_message = "an event's alarm goes off when nothing happened"
  }
}

run "a_day_and_two_hours_of_silence_are_an_alarm" {
  command = plan

  assert {
    condition     = aws_cloudwatch_metric_alarm.no_success.period * aws_cloudwatch_metric_alarm.no_success.evaluation_periods == 26 * 3600
    error_message = "the alarm does not look at 26 hours"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.no_success.treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.no_success.comparison_operator == "LessThanThreshold"
    error_message = "silence is taken for success"
  }
}

run "late_scores_are_an_alarm_until_they_come" {
  command = plan

  assert {
    condition     = aws_cloudwatch_metric_alarm.scores_stale.metric_name == "ScoresStale" && aws_cloudwatch_metric_alarm.scores_stale.statistic == "Maximum" && aws_cloudwatch_metric_alarm.scores_stale.threshold == 1
    error_message = "the alarm does not watch ScoresStale"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.scores_stale.treat_missing_data == "ignore" && aws_cloudwatch_metric_alarm.scores_stale.period >= 1800
    error_message = "a look that did not come, or between two looks, ends the alarm"
  }
}

run "a_missing_worker_is_an_alarm" {
  command = plan

  assert {
    condition     = aws_cloudwatch_metric_alarm.worker_down.treat_missing_data == "breaching"
    error_message = "a service without any task is taken for a running one"
  }
}

run "every_alarm_reaches_the_topic" {
  command = apply

  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.event), [aws_cloudwatch_metric_alarm.no_success, aws_cloudwatch_metric_alarm.scores_stale, aws_cloudwatch_metric_alarm.worker_down]) :
      alarm.alarm_actions == toset([aws_sns_topic.alerts.arn])
    ])
    error_message = "an alarm tells nobody"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.scores_stale.ok_actions == toset([aws_sns_topic.alerts.arn])
    error_message = "nobody hears that the scores have come"
  }

  assert {
    condition     = length(output.alarm_names) == 6
    error_message = "not all alarms are in the output"
  }
}

run "events_that_nobody_follows_are_an_alarm" {
  command = apply

  variables {
    raw_events = true
  }

  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.raw_events : name => "${alarm.metric_name} of ${alarm.dimensions.QueueName}" } == {
      unread  = "ApproximateNumberOfMessagesVisible of spanishgas-test-raw-events-unread"
      waiting = "ApproximateAgeOfOldestMessage of spanishgas-test-raw-events"
    }
    error_message = "the alarms do not watch the queues of module raw_events"
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.raw_events : alarm.alarm_actions == toset([aws_sns_topic.alerts.arn]) && alarm.treat_missing_data == "notBreaching"])
    error_message = "an alarm tells nobody, or goes off for an empty queue"
  }

  assert {
    condition     = length(output.alarm_names) == 8
    error_message = "not all alarms are in the output"
  }
}

run "the_dashboard_is_whole" {
  command = plan

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.pipeline.dashboard_body).widgets) == length(local.graphs) + 2
    error_message = "a widget is missing"
  }
}

run "refuses_what_cannot_be" {
  command         = plan
  expect_failures = [var.name, var.emails, var.metric_namespace, var.min_tasks, var.hours_without_success]

  variables {
    name                  = "X"
    emails                = ["ana"]
    metric_namespace      = "AWS/ECS"
    min_tasks             = 0
    hours_without_success = 200
  }
}
