# The policies as they would be for two made-up environments, so that they can be evaluated: `everything` has all that is
# optional and a name as long as may be (the ceilings must fit), `plain` has nothing of it.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "permissions_file" {
  description = "Another list of permissions, to see that a loosened one is found."
  type        = string
  default     = null
}

locals {
  account = "111122223333"
  region  = "eu-west-1"
  arn     = "${local.region}:${local.account}"

  environments = {
    plain      = "ours"
    everything = "ours-that-is-as-long-as-it-may-b"
  }
  places = {
    for environment, name in local.environments : environment => {
      name         = name
      account      = local.account
      region       = local.region
      bucket       = "${name}-lake-${local.account}"
      prefix       = "churn"
      group        = "${name}-churn"
      namespace    = "SpanishGas/MLOps"
      repository   = "arn:aws:ecr:${local.arn}:repository/${name}"
      topic        = "arn:aws:sns:${local.arn}:${name}-alerts"
      lake_key     = "arn:aws:kms:${local.arn}:key/00000000-0000-0000-0000-000000000001"
      topic_key    = "arn:aws:kms:${local.arn}:key/00000000-0000-0000-0000-000000000002"
      secret_key   = "arn:aws:kms:${local.arn}:key/00000000-0000-0000-0000-000000000003"
      state_key    = "arn:aws:kms:${local.arn}:key/00000000-0000-0000-0000-000000000004"
      volume_key   = "arn:aws:kms:${local.arn}:key/00000000-0000-0000-0000-000000000005"
      signing_key  = "arn:aws:kms:${local.arn}:key/00000000-0000-0000-0000-000000000006"
      payload_key  = "arn:aws:kms:${local.arn}:key/00000000-0000-0000-0000-000000000007"
      events_queue = "arn:aws:sqs:${local.arn}:${name}-raw-events"
      events_rule  = "arn:aws:events:${local.arn}:rule/${name}-raw-events"
      secrets      = [for secret in ["key", "cert", "ca", "database"] : "arn:aws:secretsmanager:${local.arn}:secret:${name}/temporal-${secret}-AbCdEf"]
      state_bucket = "${name}-state"
      subnet       = "subnet-00000000000000001"
      group_of_vpc = "sg-00000000000000001"
    }
  }
}

module "plain" {
  source = "../../../modules/iam"

  name                     = local.places.plain.name
  permissions_file         = var.permissions_file
  model_package_group_name = local.places.plain.group
  repository_arn           = local.places.plain.repository
  alert_topic_arn          = local.places.plain.topic
  metric_namespace         = local.places.plain.namespace
  lake = {
    bucket_arn  = "arn:aws:s3:::${local.places.plain.bucket}"
    prefix      = local.places.plain.prefix
    kms_key_arn = local.places.plain.lake_key
  }
}

module "everything" {
  source = "../../../modules/iam"

  name                     = local.places.everything.name
  permissions_file         = var.permissions_file
  model_package_group_name = local.places.everything.group
  repository_arn           = local.places.everything.repository
  alert_topic_arn          = local.places.everything.topic
  alert_topic_kms_key_arn  = local.places.everything.topic_key
  metric_namespace         = local.places.everything.namespace
  lake = {
    bucket_arn  = "arn:aws:s3:::${local.places.everything.bucket}"
    prefix      = local.places.everything.prefix
    kms_key_arn = local.places.everything.lake_key
  }
  secret_arns              = local.places.everything.secrets
  written_secret_arns      = slice(local.places.everything.secrets, 2, 4) # password and certificates: there are no more
  secret_kms_key_arns      = [local.places.everything.secret_key]
  operator_principals      = ["arn:aws:iam::${local.account}:role/people"]
  approver_principals      = ["arn:aws:iam::${local.account}:user/ana"]
  deploy_trust_policy_json = jsonencode({ Version = "2012-10-17", Statement = [] })
  state_bucket_arn         = "arn:aws:s3:::${local.places.everything.state_bucket}"
  state_key_prefix         = "dev"
  state_kms_key_arn        = local.places.everything.state_key

  model_signing_kms_key_arn = local.places.everything.signing_key
  payload_kms_key_arn       = local.places.everything.payload_key
  raw_events_queue_arn      = local.places.everything.events_queue

  training = {
    tags           = true
    volume_kms_key = local.places.everything.volume_key
    vpc = {
      subnet_ids         = [local.places.everything.subnet]
      security_group_ids = [local.places.everything.group_of_vpc]
    }
  }
}

output "policies" {
  description = "Environment -> role -> policy."
  value       = { plain = module.plain.policies, everything = module.everything.policies }
}

output "places" {
  description = "Environment -> the names of what it has."
  value       = local.places
}

output "permissions" {
  description = "The list that the policies are made of, as JSON."
  value       = jsonencode(yamldecode(file(coalesce(var.permissions_file, "${path.module}/../../../../../configs/permissions.yaml"))))
}
