data "aws_region" "current" {}

locals {
  service_name = "${var.name}-worker"
  # Without an image there is nothing to run.
  deployed = var.image == null ? 0 : 1
}

resource "aws_cloudwatch_log_group" "worker" {
  name              = "/${var.name}/worker"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn
  tags              = var.tags
}

resource "aws_ecs_cluster" "worker" {
  name = var.name
  tags = var.tags

  # The alarm "worker down" counts running tasks, which only Container Insights does.
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_cluster_capacity_providers" "worker" {
  cluster_name       = aws_ecs_cluster.worker.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  default_capacity_provider_strategy {
    capacity_provider = var.capacity_provider
    weight            = 1
  }
}

resource "aws_ecs_service" "worker" {
  count           = local.deployed
  name            = local.service_name
  cluster         = aws_ecs_cluster.worker.arn
  task_definition = aws_ecs_task_definition.worker[0].arn
  desired_count   = var.min_tasks
  propagate_tags  = "SERVICE"
  tags            = var.tags

  # New workers poll before old ones drain, so no task waits during a deployment.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  # A version whose workers do not become healthy is taken back.
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  capacity_provider_strategy {
    capacity_provider = var.capacity_provider
    weight            = 1
  }

  network_configuration {
    subnets          = var.private_subnet_ids
    security_groups  = [aws_security_group.worker.id]
    assign_public_ip = false
  }

  lifecycle {
    # Autoscaling moves it.
    ignore_changes = [desired_count]
  }

  depends_on = [aws_ecs_cluster_capacity_providers.worker]
}
