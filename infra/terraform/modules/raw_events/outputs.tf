output "queue_url" {
  description = "The queue that the workers read: events_queue of aws.yaml."
  value       = aws_sqs_queue.events.url
}

output "queue_arn" {
  description = "Its ARN; with -unread after it that of the queue of what nobody can read."
  value       = aws_sqs_queue.events.arn
}
