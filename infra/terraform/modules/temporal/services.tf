resource "aws_cloudwatch_log_group" "temporal" {
  count             = local.hosted ? 1 : 0
  name              = "/${var.name}/temporal"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_ecs_cluster" "temporal" {
  count = local.hosted ? 1 : 0
  name  = "${var.name}-temporal"
  tags  = var.tags

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "this" {
  #checkov:skip=CKV_AWS_336: read-only but for the Web UI, which writes its configuration at the start
  for_each = local.tasks
  family   = "${var.name}-temporal-${each.key}"
  # A new image replaces the definition. ECS goes back only to one that is still active, and deploy need not end any.
  skip_destroy             = true
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  execution_role_arn       = var.execution_role_arn
  container_definitions    = jsonencode([local.containers[each.key]])
  tags                     = var.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }
}

# No circuit breaker: before the set-up has run, no server can become healthy, and afterwards it shall by itself. In an
# upgrade the old servers stay until new ones are healthy.
resource "aws_ecs_service" "this" {
  for_each        = { for name, service in { server = "temporal", ui = "temporal-ui" } : name => service if contains(local.task_names, name) }
  name            = "${var.name}-${each.value}"
  cluster         = aws_ecs_cluster.temporal[0].arn
  task_definition = aws_ecs_task_definition.this[each.key].arn
  desired_count   = each.key == "server" ? var.self_hosted.tasks : 1
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"
  tags            = var.tags

  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  network_configuration {
    subnets          = var.network.private_subnet_ids
    security_groups  = [aws_security_group.server[0].id]
    assign_public_ip = false
  }

  service_registries {
    registry_arn = aws_service_discovery_service.this[each.value].arn
  }
}
