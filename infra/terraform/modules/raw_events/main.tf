# New raw files tell of themselves: S3 to EventBridge, a rule, a queue, which the workers read. An event only says "look", so
# nothing is lost with one that is lost: the schedule of the watcher looks all the same.

locals {
  name = "${var.name}-raw-events"

  # What may be put into each queue comes from the rule alone, and by TLS alone.
  queues = {
    events = aws_sqs_queue.events
    unread = aws_sqs_queue.unread
  }
}

# The bucket tells EventBridge of every object; the rule leaves all but the raw files out.
resource "aws_s3_bucket_notification" "lake" {
  bucket      = var.bucket_name
  eventbridge = true
}

resource "aws_cloudwatch_event_rule" "raw" {
  name        = local.name
  description = "New raw files in the lake of ${var.name}"
  tags        = var.tags

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [var.bucket_name] }
      object = { key = [{ prefix = "${var.prefix}/raw/" }] }
    }
  })
}

resource "aws_cloudwatch_event_target" "queue" {
  rule      = aws_cloudwatch_event_rule.raw.name
  target_id = "queue"
  arn       = aws_sqs_queue.events.arn

  dead_letter_config {
    arn = aws_sqs_queue.unread.arn
  }
}

resource "aws_sqs_queue" "events" {
  name                    = local.name
  sqs_managed_sse_enabled = true
  # A worker that has taken one asks Temporal within seconds; one that is lost leaves it to another after this time.
  visibility_timeout_seconds = 120
  # An older one is no news: the schedule has looked since.
  message_retention_seconds = 86400
  receive_wait_time_seconds = 20
  tags                      = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.unread.arn
    maxReceiveCount     = 10
  })
}

# What no worker can read, and what EventBridge could not deliver: for people (alarm raw-events-unread).
resource "aws_sqs_queue" "unread" {
  name                      = "${local.name}-unread"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "this" {
  for_each  = local.queues
  queue_url = each.value.url

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TheRuleAlone"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = each.value.arn
        Condition = { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.raw.arn } }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = each.value.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
