# The names that configs/permissions.yaml uses for resources, filled in.

data "aws_caller_identity" "here" {}
data "aws_partition" "here" {}
data "aws_region" "here" {}

locals {
  account   = data.aws_caller_identity.here.account_id
  partition = data.aws_partition.here.partition
  region    = data.aws_region.here.name
  global    = "arn:${local.partition}:iam::${local.account}"

  # Everything regional: arn("sns", "topic").
  arn = {
    for service in [
      "application-autoscaling", "cloudwatch", "ec2", "ecs", "elasticloadbalancing", "events", "kms", "logs", "rds",
      "sagemaker", "secretsmanager", "servicediscovery", "wafv2",
    ] : service => "arn:${local.partition}:${service}:${local.region}:${local.account}"
  }

  dashboard = "arn:${local.partition}:cloudwatch::${local.account}:dashboard"
  budget    = "arn:${local.partition}:budgets::${local.account}:budget"

  bucket       = var.lake.bucket_arn
  lake         = "${var.lake.bucket_arn}/${var.lake.prefix}"
  state_prefix = coalesce(var.state_key_prefix, var.name)

  # What the program makes: lake/src/keys.rs, TopFolder and the documents beside them. Not raw/.
  made = [
    "bronze/*", "silver/*", "gold/*", "models/*", "evaluated/*", "scored/*", "monitoring/*", "training/*", "runs/*",
    "settings/*", "lake.json", "published.json",
  ]

  # What nothing but a run needs, which makes it again: folders of stages and lists, activities/src/steps/gc. Two slashes,
  # so that pointers (scored/latest.json) are none of it.
  collected = ["bronze/*/*", "silver/*/*", "gold/*/*", "evaluated/*/*", "scored/*/*", "monitoring/drift/*"]

  resources = merge(local.lake_resources, local.run_resources, local.release_resources, {
    any = ["*"]
  })

  lake_resources = {
    lake_bucket               = [local.bucket]
    lake_objects              = ["${local.lake}/*"]
    lake_made_objects         = [for made in local.made : "${local.lake}/${made}"]
    lake_collected            = [for collected in local.collected : "${local.lake}/${collected}"]
    lake_collected_manifests  = [for collected in local.collected : "${local.lake}/${collected}/manifest.json"]
    lake_attempts             = ["${local.lake}/runs/*/attempts/*"]
    lake_models               = ["${local.lake}/models/*"]
    lake_champion             = ["${local.lake}/models/champion.json"]
    lake_moves                = ["${local.lake}/models/moves/*.json"]
    lake_registrations        = ["${local.lake}/models/*/registration.json"]
    lake_packages             = ["${local.lake}/models/*/package.json"]
    lake_alerts               = ["${local.lake}/monitoring/alerts/*.json"]
    lake_delivered            = ["${local.lake}/monitoring/delivered/*"]
    lake_acknowledgements     = ["${local.lake}/monitoring/acknowledgements.json"]
    lake_settings             = ["${local.lake}/settings/*.json"]
    lake_identity             = ["${local.lake}/lake.json"]
    lake_published            = ["${local.lake}/published.json", "${local.lake}/scored/latest.json"]
    lake_scored_tables        = ["${local.lake}/scored/scores/*", "${local.lake}/scored/recommendations/*"]
    lake_gold                 = ["${local.lake}/gold/*"]
    lake_training_input       = ["${local.lake}/training/input/*"]
    lake_training_output      = ["${local.lake}/training/output/*"]
    lake_training_checkpoints = ["${local.lake}/training/checkpoints/*"]
    lake_key                  = [var.lake.kms_key_arn]
  }

  run_resources = {
    training_jobs            = ["${local.arn.sagemaker}:training-job/churn-*"]
    model_package_group      = ["${local.arn.sagemaker}:model-package-group/${var.model_package_group_name}"]
    model_packages           = ["${local.arn.sagemaker}:model-package/${var.model_package_group_name}/*"]
    alert_topic              = [var.alert_topic_arn]
    alert_topic_key          = compact([var.alert_topic_kms_key_arn])
    model_signing_key        = compact([var.model_signing_kms_key_arn])
    payload_key              = compact([var.payload_kms_key_arn])
    raw_events_queue         = compact([var.raw_events_queue_arn])
    training_role            = ["${local.global}:role/${local.role_names.training}"]
    training_volume_key      = compact([var.training.volume_kms_key])
    training_logs            = ["${local.arn.logs}:log-group:/aws/sagemaker/TrainingJobs*"]
    network_interfaces       = ["${local.arn.ec2}:network-interface/*"]
    training_subnets         = [for subnet in try(var.training.vpc.subnet_ids, []) : "${local.arn.ec2}:subnet/${subnet}"]
    training_security_groups = [for group in try(var.training.vpc.security_group_ids, []) : "${local.arn.ec2}:security-group/${group}"]
    image_repository         = [var.repository_arn]
    container_logs           = ["${local.arn.logs}:log-group:/${var.name}/*"]
    firewall_logs            = ["${local.arn.logs}:log-group:aws-waf-logs-${var.name}-*"] # the beginning is AWS's demand
    secrets                  = var.secret_arns
    secret_keys              = var.secret_kms_key_arns
    written_secrets          = var.written_secret_arns
    written_secret_keys      = length(var.written_secret_arns) > 0 ? var.secret_kms_key_arns : []
  }

  release_resources = {
    worker_role    = ["${local.global}:role/${local.role_names.worker}"]
    dashboard_role = ["${local.global}:role/${local.role_names.dashboard}"]
    execution_role = ["${local.global}:role/${local.role_names.execution}"]
    # "NAME-*" and NAME itself, never "NAME*": spanishgas-dev is not spanishgas-dev2.
    clusters         = ["${local.arn.ecs}:cluster/${var.name}", "${local.arn.ecs}:cluster/${var.name}-*"]
    services         = ["${local.arn.ecs}:service/${var.name}/*", "${local.arn.ecs}:service/${var.name}-*"]
    task_definitions = ["${local.arn.ecs}:task-definition/${var.name}-*"]
    tasks            = ["${local.arn.ecs}:task/${var.name}/*", "${local.arn.ecs}:task/${var.name}-*"]
    alarms           = ["${local.arn.cloudwatch}:alarm:${var.name}-*"]
    all_alarms       = ["${local.arn.cloudwatch}:alarm:*"]
    dashboards       = ["${local.dashboard}/${var.name}"]
    state_bucket     = compact([var.state_bucket_arn])
    state_objects    = [for bucket in compact([var.state_bucket_arn]) : "${bucket}/${local.state_prefix}/*"]
    state_locks      = [for bucket in compact([var.state_bucket_arn]) : "${bucket}/${local.state_prefix}/*.tflock"]
    state_key        = compact([var.state_kms_key_arn])
    # Names of buckets are of the whole world: without the account one of somebody else might match.
    buckets          = [for end in ["", "-${local.region}"] : "arn:${local.partition}:s3:::${var.name}-*-${local.account}${end}"]
    roles            = ["${local.global}:role/${var.name}-*"]
    policies         = ["${local.global}:policy/${var.name}-*"]
    oidc_provider    = ["${local.global}:oidc-provider/token.actions.githubusercontent.com"]
    keys             = ["${local.arn.kms}:key/*"]
    own_secrets      = ["${local.arn.secretsmanager}:secret:${var.name}/*"]
    budgets          = ["${local.budget}/${var.name}-*"]
    databases        = [for kind in ["db", "pg", "subgrp"] : "${local.arn.rds}:${kind}:${var.name}-*"]
    all_databases    = ["${local.arn.rds}:db:*"]
    discovery        = [for kind in ["namespace", "service"] : "${local.arn.servicediscovery}:${kind}/*"]
    scalable_targets = ["${local.arn.application-autoscaling}:scalable-target/*"]
    vpcs             = ["${local.arn.ec2}:vpc/*"]
    web_acls         = ["${local.arn.wafv2}:regional/webacl/${var.name}-*"]
    load_balancers   = ["${local.arn.elasticloadbalancing}:loadbalancer/app/${var.name}-*"]
    # The queue, and the one beside it of what cannot be read (modules/raw_events).
    raw_events_queues = [for queue in compact([var.raw_events_queue_arn]) : "${queue}*"]
    raw_events_rule   = [for queue in compact([var.raw_events_queue_arn]) : "${local.arn.events}:rule/${var.name}-raw-events"]
  }

  # Words in brackets, in the values of conditions; a word that stands for a list takes the whole value's place.
  words = {
    "<prefix>"           = var.lake.prefix
    "<region>"           = local.region
    "<metric_namespace>" = var.metric_namespace
  }
  lists = {
    "<training_subnets>" = local.resources.training_subnets
    "<clusters>"         = local.resources.clusters
  }

  settings_in_use = toset(compact([
    length(var.written_secret_arns) > 0 ? "written_secrets" : "",
    var.raw_events_queue_arn != null ? "events_queue" : "",
    var.training.tags ? "training.tags" : "",
    var.training.volume_kms_key != null ? "training.volume_kms_key" : "",
    var.training.vpc != null ? "training.vpc" : "",
  ]))
}
