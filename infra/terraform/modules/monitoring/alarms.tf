# One figure of the program each: it went wrong when there is at least one in five minutes.
locals {
  events = {
    run-failed = {
      metric      = "RunFailed"
      description = "A run of the churn pipeline failed. The alert of the run names the error and its page in docs/errors."
    }
    drift = {
      metric      = "DriftDetected"
      description = "The scored customers differ from those that the champion was trained on: see monitoring/latest.json in the lake."
    }
    # Published by the service itself, so it comes through when the worker's role may not publish. When the topic is
    # what is broken, only the dashboard shows it.
    alert-undelivered = {
      metric      = "AlertsUndelivered"
      description = "A run could not send an alert; run.json in the lake names it."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "event" {
  for_each            = local.events
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = var.metric_namespace
  metric_name         = each.value.metric
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  # Nothing happened.
  treat_missing_data = "notBreaching"
  alarm_actions      = [aws_sns_topic.alerts.arn]
  tags               = var.tags
}

# Hour by hour, as CloudWatch allows no period above a day: all of the last hours were without a success.
resource "aws_cloudwatch_metric_alarm" "no_success" {
  alarm_name          = "${var.name}-no-successful-run"
  alarm_description   = "No run of the churn pipeline ended well in ${var.hours_without_success} hours: is the schedule paused, Temporal down, or the raw data late?"
  namespace           = var.metric_namespace
  metric_name         = "RunSucceeded"
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = var.hours_without_success
  datapoints_to_alarm = var.hours_without_success
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  # No figure is no success.
  treat_missing_data = "breaching"
  alarm_actions      = [aws_sns_topic.alerts.arn]
  ok_actions         = [aws_sns_topic.alerts.arn]
  tags               = var.tags
}

# A state, not an event: the schedule `freshness` says 0 or 1 every quarter of an hour.
resource "aws_cloudwatch_metric_alarm" "scores_stale" {
  alarm_name          = "${var.name}-scores-stale"
  alarm_description   = "The scores of the day were not there when they were promised, see scores_stale in docs/RUNBOOK.md. It is over when they have come."
  namespace           = var.metric_namespace
  metric_name         = "ScoresStale"
  statistic           = "Maximum"
  period              = 1800
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  # Nobody has looked: neither that they came nor that they are late. no-successful-run and worker-down say why.
  treat_missing_data = "ignore"
  alarm_actions      = [aws_sns_topic.alerts.arn]
  ok_actions         = [aws_sns_topic.alerts.arn]
  tags               = var.tags
}

resource "aws_cloudwatch_metric_alarm" "worker_down" {
  alarm_name          = "${var.name}-worker-down"
  alarm_description   = "Fewer than ${var.min_tasks} workers run: see the events of the service ${var.service_name} and its logs."
  namespace           = "ECS/ContainerInsights"
  metric_name         = "RunningTaskCount"
  dimensions          = { ClusterName = var.cluster_name, ServiceName = var.service_name }
  statistic           = "Minimum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  threshold           = var.min_tasks
  comparison_operator = "LessThanThreshold"
  # A service without tasks has no figure.
  treat_missing_data = "breaching"
  alarm_actions      = [aws_sns_topic.alerts.arn]
  ok_actions         = [aws_sns_topic.alerts.arn]
  tags               = var.tags
}

# Where events of new raw files start looks (module raw_events, whose queues have these names): something in them is not
# followed. The schedule of the watcher looks meanwhile, so no delivery is lost, only time.
locals {
  raw_events = {
    unread = {
      queue       = "${var.name}-raw-events-unread"
      metric      = "ApproximateNumberOfMessagesVisible"
      threshold   = 1
      description = "A message that no worker can read, or that could not be delivered, lies in the queue ${var.name}-raw-events-unread: see \"Events of new raw files are not followed\" in docs/RUNBOOK.md."
    }
    waiting = {
      queue       = "${var.name}-raw-events"
      metric      = "ApproximateAgeOfOldestMessage"
      threshold   = 3600
      description = "An event of a new raw file has waited for an hour in the queue ${var.name}-raw-events: see \"Events of new raw files are not followed\" in docs/RUNBOOK.md."
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "raw_events" {
  for_each            = var.raw_events ? local.raw_events : {}
  alarm_name          = "${var.name}-raw-events-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/SQS"
  metric_name         = each.value.metric
  dimensions          = { QueueName = each.value.queue }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanOrEqualToThreshold"
  # A queue that is empty for hours has no figure.
  treat_missing_data = "notBreaching"
  alarm_actions      = [aws_sns_topic.alerts.arn]
  ok_actions         = [aws_sns_topic.alerts.arn]
  tags               = var.tags
}
