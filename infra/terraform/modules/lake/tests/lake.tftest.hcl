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
  mock_resource "aws_kms_key" {
    defaults = {
      arn = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000001"
    }
  }
}

variables {
  name = "ours"
}

run "closed_versioned_encrypted" {
  assert {
    condition     = output.bucket_arn == "arn:aws:s3:::ours-lake-111122223333" && output.prefix == "churn"
    error_message = "The bucket is named by environment and account."
  }
  assert {
    condition     = aws_s3_bucket_versioning.lake.versioning_configuration[0].status == "Enabled"
    error_message = "A replaced object can be brought back."
  }
  assert {
    condition = alltrue([for rule in aws_s3_bucket_server_side_encryption_configuration.lake.rule :
      rule.bucket_key_enabled && rule.apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms"
    ])
    error_message = "Objects are encrypted with KMS, through a bucket key."
  }
  assert {
    condition     = aws_kms_key.lake.enable_key_rotation
    error_message = "The key is rotated."
  }
  assert {
    condition = alltrue([for block in [aws_s3_bucket_public_access_block.lake, aws_s3_bucket_public_access_block.access_logs] :
      block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets
    ])
    error_message = "Neither bucket can be made public."
  }
  assert {
    condition = alltrue([for controls in [aws_s3_bucket_ownership_controls.lake, aws_s3_bucket_ownership_controls.access_logs] :
      controls.rule[0].object_ownership == "BucketOwnerEnforced"
    ])
    error_message = "There are no access lists beside the policies."
  }
  assert {
    condition = alltrue([for policy in [aws_s3_bucket_policy.lake, aws_s3_bucket_policy.access_logs] : alltrue([
      for condition in [{ Bool = { "aws:SecureTransport" = "false" } }, { NumericLessThan = { "s3:TlsVersion" = "1.2" } }] :
      anytrue([for statement in jsondecode(policy.policy).Statement : statement.Effect == "Deny" && jsonencode(statement.Principal) == "{\"AWS\":\"*\"}" &&
        jsonencode(statement.Action) == "\"s3:*\"" && try(length(statement.Resource), 0) == 2 && jsonencode(statement.Condition) == jsonencode(condition)
      ])
    ])])
    error_message = "Plain HTTP and old TLS are refused to everybody."
  }
  assert {
    condition = anytrue([for statement in jsondecode(aws_s3_bucket_policy.lake.policy).Statement :
      statement.Effect == "Deny" && try(join(" ", statement.NotResource), "") == join(" ", [
        for folder in ["scores", "recommendations"] : "arn:aws:s3:::ours-lake-111122223333/churn/scored/${folder}/*"
      ]) && try(statement.Condition.StringEquals["s3:RequestObjectTag/lake"], "") == "history"
    ])
    error_message = "Nothing but tables of scored/ can be marked."
  }
  assert {
    condition     = !aws_s3_bucket.lake.force_destroy
    error_message = "A bucket with objects is not destroyed."
  }
  assert {
    condition     = aws_s3_bucket_logging.lake.target_bucket == aws_s3_bucket.access_logs.id
    error_message = "Access is logged."
  }
}

run "what_goes_by_itself" {
  assert {
    condition = anytrue([for rule in aws_s3_bucket_lifecycle_configuration.lake.rule :
      try("${rule.filter[0].prefix} ${one(rule.transition).days} ${one(rule.transition).storage_class}", "") == "churn/bronze/ 90 STANDARD_IA"
    ])
    error_message = "bronze/ moves to infrequent access after 90 days."
  }
  assert {
    condition = length([
      for rule in aws_s3_bucket_lifecycle_configuration.lake.rule : rule
      if try(rule.abort_incomplete_multipart_upload[0].days_after_initiation == 1, false)
    ]) == 1
    error_message = "An upload that nobody finishes ends after a day."
  }
  # Nothing that is current expires without the mark.
  assert {
    condition = join(", ", [
      for rule in aws_s3_bucket_lifecycle_configuration.lake.rule :
      "${try(rule.filter[0].tag[0].key, "no")}=${try(rule.filter[0].tag[0].value, "mark")} ${try(rule.expiration[0].days, "")}"
      if try(coalesce(rule.expiration[0].days, 0), 0) > 0 || try(rule.expiration[0].date, null) != null
    ]) == "lake=history 365"
    error_message = "Only what is marked expires, after 365 days."
  }
  # Nor does an old version of a pointer or a model.
  assert {
    condition = alltrue([
      for key in ["models/champion.json", "models/0123456789abcdef/model.ubj", "published.json", "scored/latest.json", "monitoring/latest.json", "lake.json"] :
      length([
        for rule in aws_s3_bucket_lifecycle_configuration.lake.rule : rule
        if length(rule.filter[0].tag) == 0 && try(startswith("churn/${key}", rule.filter[0].prefix), true)
        && length(rule.noncurrent_version_expiration) + length(rule.expiration) + length(rule.transition) + length(rule.noncurrent_version_transition) > 0
      ]) == 0
    ])
    error_message = "No rule touches a pointer or a model that is not marked."
  }
  assert {
    condition = length([
      for rule in aws_s3_bucket_lifecycle_configuration.lake.rule : rule
      if try(rule.noncurrent_version_expiration[0].noncurrent_days == 90 && startswith(rule.filter[0].prefix, "churn/"), false)
    ]) == 12
    error_message = "Old versions of everything else go after 90 days."
  }
}

run "services_use_the_key_for_this_account_alone" {
  variables {
    kms_service_principals = ["cloudwatch.amazonaws.com", "logs.eu-west-1.amazonaws.com"]
  }
  assert {
    condition = [
      for statement in jsondecode(aws_kms_key.lake.policy).Statement : jsonencode(statement.Condition) if can(statement.Condition)
      ] == [
      "{\"StringEquals\":{\"aws:SourceAccount\":\"111122223333\"}}",
      "{\"ArnLike\":{\"kms:EncryptionContext:aws:logs:arn\":\"arn:aws:logs:*:111122223333:log-group:*\"}}",
    ]
    error_message = "Each service uses the key only for resources of this account."
  }
}

run "name_refused" {
  command = plan
  variables {
    name = "Ours"
  }
  expect_failures = [var.name]
}

run "prefix_refused" {
  command = plan
  variables {
    prefix = "churn/"
  }
  expect_failures = [var.prefix]
}

run "days_refused" {
  command = plan
  variables {
    bronze_to_ia_days  = 29
    scored_expire_days = 29
    noncurrent_days    = 6
    access_log_days    = 29
  }
  expect_failures = [var.bronze_to_ia_days, var.scored_expire_days, var.noncurrent_days, var.access_log_days]
}

run "principals_refused" {
  command = plan
  variables {
    kms_service_principals = ["*"]
  }
  expect_failures = [var.kms_service_principals]
}
