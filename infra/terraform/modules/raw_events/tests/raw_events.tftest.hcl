mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  name        = "spanishgas-test"
  bucket_name = "spanishgas-test-lake-123456789012"
  prefix      = "churn"
}

run "only_new_raw_files_of_this_lake_are_told_of" {
  command = plan

  assert {
    condition     = aws_s3_bucket_notification.lake.eventbridge && aws_s3_bucket_notification.lake.bucket == var.bucket_name
    error_message = "the bucket does not tell EventBridge"
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.raw.event_pattern) == {
      source      = ["aws.s3"]
      detail-type = ["Object Created"]
      detail = {
        bucket = { name = ["spanishgas-test-lake-123456789012"] }
        object = { key = [{ prefix = "churn/raw/" }] }
      }
    }
    error_message = "the rule lets something else through"
  }

  assert {
    condition     = aws_cloudwatch_event_rule.raw.name == "spanishgas-test-raw-events" && aws_sqs_queue.events.name == "spanishgas-test-raw-events" && aws_sqs_queue.unread.name == "spanishgas-test-raw-events-unread"
    error_message = "the names are not those that modules iam and monitoring know"
  }
}

run "the_queues_are_encrypted_and_forget_old_news" {
  command = plan

  assert {
    condition     = aws_sqs_queue.events.sqs_managed_sse_enabled && aws_sqs_queue.unread.sqs_managed_sse_enabled
    error_message = "a queue is not encrypted"
  }

  assert {
    condition     = aws_sqs_queue.events.message_retention_seconds == 86400 && aws_sqs_queue.unread.message_retention_seconds == 14 * 86400
    error_message = "events stay for more than a day, or people have less than two weeks to look"
  }

  assert {
    condition     = aws_sqs_queue.events.visibility_timeout_seconds * 10 < 3600
    error_message = "what nobody can read goes aside after the alarm on waiting events"
  }
}

run "only_the_rule_fills_them_and_what_nobody_can_read_goes_aside" {
  command = apply

  assert {
    condition     = jsondecode(aws_sqs_queue.events.redrive_policy) == { deadLetterTargetArn = aws_sqs_queue.unread.arn, maxReceiveCount = 10 }
    error_message = "what nobody can read stays for ever, or goes elsewhere"
  }

  assert {
    condition     = aws_cloudwatch_event_target.queue.arn == aws_sqs_queue.events.arn && one(aws_cloudwatch_event_target.queue.dead_letter_config).arn == aws_sqs_queue.unread.arn
    error_message = "events go elsewhere"
  }

  assert {
    condition = alltrue([for policy in aws_sqs_queue_policy.this : [
      for statement in jsondecode(policy.policy).Statement : jsonencode([statement.Action, statement.Principal, statement.Condition]) if statement.Effect == "Allow"
    ] == [jsonencode(["sqs:SendMessage", { Service = "events.amazonaws.com" }, { ArnEquals = { "aws:SourceArn" = aws_cloudwatch_event_rule.raw.arn } }])]])
    error_message = "somebody else than the rule may fill a queue"
  }
}

run "refuses_what_cannot_be" {
  command         = plan
  expect_failures = [var.name, var.prefix]

  variables {
    name   = "X"
    prefix = "churn/"
  }
}
