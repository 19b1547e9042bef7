output "alert_topic_arn" {
  description = "The topic of the alerts (alerts.topic_arn in aws.yaml)."
  value       = aws_sns_topic.alerts.arn
}

output "dashboard_name" {
  description = "The CloudWatch dashboard."
  value       = aws_cloudwatch_dashboard.pipeline.dashboard_name
}

output "alarm_names" {
  description = "All alarms."
  value = concat(
    [for alarm in aws_cloudwatch_metric_alarm.event : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.raw_events : alarm.alarm_name],
    [
      aws_cloudwatch_metric_alarm.no_success.alarm_name,
      aws_cloudwatch_metric_alarm.scores_stale.alarm_name,
      aws_cloudwatch_metric_alarm.worker_down.alarm_name,
    ],
  )
}
