mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = {
      account_id = "111122223333"
    }
  }
  mock_data "aws_partition" {
    defaults = {
      partition = "aws"
    }
  }
  mock_data "aws_region" {
    defaults = {
      name = "eu-west-1"
    }
  }

  mock_resource "aws_iam_policy" {
    defaults = {
      arn = "arn:aws:iam::111122223333:policy/ours-boundary"
    }
  }
}

# What the policies allow and refuse is evaluated in infra/terraform/tests/policies.

variables {
  name = "ours"
  lake = {
    bucket_arn  = "arn:aws:s3:::ours-lake"
    prefix      = "churn"
    kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000001"
  }
  model_package_group_name = "ours-churn"
  repository_arn           = "arn:aws:ecr:eu-west-1:111122223333:repository/ours"
  alert_topic_arn          = "arn:aws:sns:eu-west-1:111122223333:ours-alerts"
}

run "roles_that_always_are" {
  assert {
    condition     = keys(aws_iam_role.this) == ["dashboard", "execution", "training", "worker"]
    error_message = "Roles of people and of releases are made only for somebody."
  }
  assert {
    condition     = output.operator_role_arn == null && output.approver_role_arn == null && output.deploy_role_arn == null
    error_message = "And then have no ARN."
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.this : role.permissions_boundary == output.permission_boundary_arn])
    error_message = "Every role lies within the boundary."
  }
  assert {
    condition     = alltrue([for role, policy in aws_iam_role_policy.this : policy.policy == output.policies[role]])
    error_message = "Every role has its own policy."
  }
  assert {
    condition = alltrue([for role, trusted in { worker = "ecs-tasks", dashboard = "ecs-tasks", execution = "ecs-tasks", training = "sagemaker" } :
      jsonencode(jsondecode(aws_iam_role.this[role].assume_role_policy).Statement[0].Principal) == "{\"Service\":\"${trusted}.amazonaws.com\"}" &&
      jsonencode(jsondecode(aws_iam_role.this[role].assume_role_policy).Statement[0].Condition) == "{\"StringEquals\":{\"aws:SourceAccount\":\"111122223333\"}}"
    ])
    error_message = "A service acts as a role only for this account."
  }
}

run "roles_for_somebody" {
  variables {
    operator_principals      = ["arn:aws:iam::111122223333:role/people"]
    approver_principals      = ["arn:aws:iam::111122223333:user/ana"]
    deploy_trust_policy_json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
  }
  assert {
    condition     = length(aws_iam_role.this) == 7 && length(aws_iam_policy.deploy_boundary) == 1
    error_message = "Seven roles, and a ceiling of its own for deploy."
  }
  assert {
    condition     = jsondecode(aws_iam_role.this["approver"].assume_role_policy).Statement[0].Principal.AWS == ["arn:aws:iam::111122223333:user/ana"]
    error_message = "Only those who are named may act as approver."
  }
  assert {
    condition     = aws_iam_role.this["deploy"].assume_role_policy == var.deploy_trust_policy_json
    error_message = "Who may act as deploy is said by github_oidc."
  }
}

run "an_eraser_where_one_is_wanted" {
  variables {
    eraser = true
  }
  assert {
    condition     = output.eraser_role_arn != null && length(aws_iam_policy.eraser_boundary) == 1
    error_message = "It has a role and a ceiling of its own."
  }
  assert {
    condition     = strcontains(output.policies.eraser, "s3:DeleteObjectVersion") && !strcontains(output.policies.worker, "s3:DeleteObjectVersion") && !strcontains(output.policies.boundary, "s3:DeleteObjectVersion")
    error_message = "Nobody else reaches versions."
  }
}

run "a_collector_where_one_is_wanted" {
  variables {
    collector = true
  }
  assert {
    condition     = output.collector_role_arn != null && length(aws_iam_policy.collector_boundary) == 1 && contains(keys(local.own_boundaries), "collector")
    error_message = "It has a role and a ceiling of its own."
  }
  assert {
    condition     = toset(flatten([for statement in jsondecode(output.policies.collector).Statement : statement.Resource if contains(statement.Action, "s3:DeleteObject")])) == toset([for folder in ["bronze/*", "silver/*", "gold/*", "evaluated/*", "scored/*", "monitoring/drift"] : "arn:aws:s3:::ours-lake/churn/${folder}/*"])
    error_message = "It deletes folders of stages and lists: no model, no pointer, no raw file, no report."
  }
  assert {
    condition     = !strcontains(output.policies.worker, "/gold/*/*") && !strcontains(output.policies.boundary, "/gold/*/*")
    error_message = "Nobody else may."
  }
}

run "rights_of_what_is_not_used_are_not_given" {
  command = plan
  assert {
    condition     = !strcontains(output.policies.training, "ec2:") && !strcontains(output.policies.worker, "AddTags") && !strcontains(output.policies.worker, "CreateGrant")
    error_message = "Without a network, tags or a key of the disk nobody needs the rights for them."
  }
  assert {
    condition     = !strcontains(output.policies.worker, "Mac") && !strcontains(output.policies.boundary, "Mac")
    error_message = "Without a key of signatures nobody needs the rights for it."
  }
}

run "rights_of_what_is_used" {
  command = plan
  variables {
    training = {
      tags           = true
      volume_kms_key = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000002"
      vpc = {
        subnet_ids         = ["subnet-1"]
        security_group_ids = ["sg-1"]
      }
    }
  }
  assert {
    condition     = strcontains(output.policies.training, "subnet/subnet-1") && strcontains(output.policies.worker, "AddTags") && strcontains(output.policies.worker, "CreateGrant")
    error_message = "With them they are given."
  }
}

run "keys_of_signatures_and_payloads" {
  command = plan
  variables {
    operator_principals       = ["arn:aws:iam::111122223333:role/people"]
    model_signing_kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000006"
    payload_kms_key_arn       = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000007"
  }
  assert {
    condition     = strcontains(output.policies.worker, "kms:GenerateMac") && !strcontains(output.policies.operator, "kms:GenerateMac")
    error_message = "Who trains signs; who looks does not."
  }
  assert {
    condition     = alltrue([for role in ["worker", "operator"] : strcontains(output.policies[role], "kms:VerifyMac") && strcontains(output.policies[role], "spanishgas payloads")])
    error_message = "Both check, and both read what runs say."
  }
}

run "the_worker_alone_reads_events_of_new_raw_files" {
  command = plan
  variables {
    operator_principals  = ["arn:aws:iam::111122223333:role/people"]
    eraser               = true
    raw_events_queue_arn = "arn:aws:sqs:eu-west-1:111122223333:ours-raw-events"
  }
  assert {
    condition     = strcontains(output.policies.worker, "sqs:ReceiveMessage") && strcontains(output.policies.worker, "sqs:DeleteMessage")
    error_message = "It takes them from the queue."
  }
  assert {
    condition     = alltrue([for role in ["dashboard", "training", "execution", "operator", "approver", "eraser", "deploy"] : !strcontains(output.policies[role], "sqs:ReceiveMessage")])
    error_message = "Nobody else takes one away from it."
  }
  assert {
    condition     = strcontains(output.policies.operator, "sqs:GetQueueAttributes") && strcontains(output.policies.deploy, "events:DescribeRule")
    error_message = "Operators see whether it is there; a plan looks at it and at its rule."
  }
}

run "without_events_nobody_has_rights_on_a_queue" {
  command = plan
  assert {
    condition     = alltrue([for role in ["worker", "operator", "deploy", "boundary"] : !strcontains(output.policies[role], "sqs:")])
    error_message = "Rights of what is not used are not given."
  }
}

run "deploy_reads_the_secrets_that_terraform_writes_and_no_others" {
  command = plan
  variables {
    deploy_trust_policy_json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
    secret_arns              = ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:ours/by-hand-AbCdEf", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ours/written-AbCdEf"]
    written_secret_arns      = ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:ours/written-AbCdEf"]
  }
  assert {
    condition     = strcontains(output.policies.deploy, "ours/written-AbCdEf") && !strcontains(output.policies.deploy, "ours/by-hand-AbCdEf")
    error_message = "A plan reads back what Terraform wrote, and nothing that people put in."
  }
}

run "a_list_that_contradicts_itself_is_refused" {
  command = plan
  variables {
    permissions_file = "tests/contradiction.yaml"
  }
  expect_failures = [aws_iam_policy.boundary]
}

run "a_boundary_that_is_too_long_is_refused" {
  command = plan
  variables {
    secret_arns = [for number in range(60) : "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ours/temporal-${number}-AbCdEf"]
  }
  expect_failures = [aws_iam_policy.boundary]
}

run "name_refused" {
  command = plan
  variables {
    name = "ours*"
  }
  expect_failures = [var.name]
}

run "prefix_refused" {
  command = plan
  variables {
    lake = {
      bucket_arn  = "arn:aws:s3:::ours-lake"
      prefix      = "*"
      kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000001"
    }
  }
  expect_failures = [var.lake]
}

run "group_refused" {
  command = plan
  variables {
    model_package_group_name = "*"
  }
  expect_failures = [var.model_package_group_name]
}

run "namespace_refused" {
  command = plan
  variables {
    metric_namespace = "AWS/EC2"
  }
  expect_failures = [var.metric_namespace]
}

run "everybody_refused" {
  command = plan
  variables {
    operator_principals = ["*"]
    approver_principals = ["*"]
  }
  expect_failures = [var.operator_principals, var.approver_principals]
}
