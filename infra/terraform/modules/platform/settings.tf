# The program's aws.yaml (configs/aws.yaml, docs/aws.md): keys without a value are left out, as it refuses what it does
# not know.
locals {
  settings = merge(local.sections, !var.raw_events ? {} : { events_queue = module.raw_events[0].queue_url })

  sections = {
    region = local.region

    lake = {
      kms_key        = module.lake.kms_key_arn
      part_mib       = var.lake.part_mib
      parallel_parts = var.lake.parallel_parts
      cache_gib      = var.lake.cache_gib
    }

    training = merge({
      # Before the first push: a name that fits and is no image, so that the settings can be checked.
      image             = coalesce(local.image, "${module.registry.repository_url}:none-yet")
      role_arn          = module.iam.training_role_arn
      instance_type     = var.training.instance_type
      volume_gib        = var.training.volume_gib
      volume_kms_key    = module.lake.kms_key_arn
      output_kms_key    = module.lake.kms_key_arn
      max_runtime_secs  = var.training.max_runtime_secs
      network_isolation = true
      poll_secs         = var.training.poll_secs
      },
      var.training.spot_max_wait_secs == null ? {} : { spot = { max_wait_secs = var.training.spot_max_wait_secs } },
      !var.training.in_network ? {} : { vpc = { subnets = module.network.private_subnet_ids, security_groups = aws_security_group.training[*].id } },
      length(var.tags) == 0 ? {} : { tags = var.tags },
      var.training.price_usd_per_hour == null ? {} : { price_usd_per_hour = var.training.price_usd_per_hour },
      var.training.max_cost_usd == null ? {} : { max_cost_usd = var.training.max_cost_usd },
    )

    registry = { model_package_group = module.registry.model_package_group_name }

    alerts = merge(
      { topic_arn = module.monitoring.alert_topic_arn },
      module.temporal.ui_address == null ? {} : { temporal_ui_url = module.temporal.ui_address },
      var.dashboard.url == null ? {} : { dashboard_url = var.dashboard.url },
    )

    metrics = { namespace = var.metric_namespace }
  }

  aws_yaml = yamlencode(local.settings)
}

# Training jobs reach S3 and the endpoints of AWS, nothing else; their container reaches nothing at all.
resource "aws_security_group" "training" {
  #checkov:skip=CKV2_AWS_5: training jobs have it, by aws.yaml; they are no resources of Terraform
  count       = var.training.in_network ? 1 : 0
  name        = "${var.name}-training"
  description = "Training jobs of ${var.name}: no way in, and out only to AWS"
  vpc_id      = module.network.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-training" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "training_network" {
  for_each          = var.training.in_network ? toset(local.egress.cidr_blocks) : []
  security_group_id = aws_security_group.training[0].id
  description       = "HTTPS to the endpoints of AWS services"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "training_s3" {
  for_each          = var.training.in_network ? local.egress.prefix_list_ids : {}
  security_group_id = aws_security_group.training[0].id
  description       = "HTTPS to S3 through its gateway endpoint"
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

#trivy:ignore:AVD-AWS-0104 only in a network of others, where S3 may have no endpoint; only HTTPS
resource "aws_vpc_security_group_egress_rule" "training_internet" {
  count             = var.training.in_network && local.egress.internet ? 1 : 0
  security_group_id = aws_security_group.training[0].id
  description       = "HTTPS to S3 by its public addresses"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
