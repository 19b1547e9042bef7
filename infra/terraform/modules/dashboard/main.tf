data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  service_name = "${var.name}-dashboard"
  port         = 8080
  health       = "/healthz"

  # Behind the listener there is TLS only, so browsers may be told so for good.
  command = concat(["dashboard", "--hsts"], var.host == null ? [] : ["--host", var.host])

  # The load balancer signs in; the program takes no other's word for who somebody is.
  oidc_client = try(var.sign_in.cognito.client_id, var.sign_in.oidc.client_id, "")

  # Of a user pool, what follows from its ARN: arn:aws:cognito-idp:REGION:ACCOUNT:userpool/POOL.
  cognito_issuer = try(format(
    "https://cognito-idp.%s.%s/%s",
    split(":", var.sign_in.cognito.user_pool_arn)[3],
    data.aws_partition.current.dns_suffix,
    split("/", var.sign_in.cognito.user_pool_arn)[1],
  ), "")
  oidc_issuer = try(var.sign_in.oidc.issuer, local.cognito_issuer)

  environment = merge(
    var.temporal_environment,
    {
      SPANISHGAS_PROFILE           = "aws"
      SPANISHGAS_LAKE              = var.lake_url
      SPANISHGAS_AWS_YAML          = var.aws_yaml
      SPANISHGAS_TASK_QUEUE        = var.task_queue
      SPANISHGAS_DASHBOARD         = "0.0.0.0:${local.port}"
      SPANISHGAS_OIDC_SIGNER       = aws_lb.dashboard.arn
      SPANISHGAS_OIDC_CLIENT       = local.oidc_client
      SPANISHGAS_OIDC_ISSUER       = local.oidc_issuer
      SPANISHGAS_OIDC_NAME_CLAIM   = var.roles.name_claim
      SPANISHGAS_OIDC_GROUPS_CLAIM = var.roles.groups_claim
      AWS_REGION                   = data.aws_region.current.name
      TMPDIR                       = "/scratch"
    },
    # A variable without a value would be a group without a name.
    length(var.roles.viewers) == 0 ? {} : { SPANISHGAS_OIDC_VIEWERS = join(",", var.roles.viewers) },
    length(var.roles.operators) == 0 ? {} : { SPANISHGAS_OIDC_OPERATORS = join(",", var.roles.operators) },
    var.temporal_ui == null ? {} : { SPANISHGAS_TEMPORAL_UI = var.temporal_ui },
  )

  # Which of several processes answers must make no difference: all have the same key of customers' links and of forms.
  secrets = merge(var.temporal_secrets, { SPANISHGAS_LINK_KEY = var.link_key_secret_arn })

  container = {
    name                   = "dashboard"
    image                  = var.image
    essential              = true
    command                = local.command
    readonlyRootFilesystem = true
    stopTimeout            = 30
    environment            = [for key, value in local.environment : { name = key, value = value }]
    secrets                = [for key, arn in local.secrets : { name = key, valueFrom = arn }]
    volumesFrom            = []
    systemControls         = []
    portMappings           = [{ containerPort = local.port, hostPort = local.port, protocol = "tcp" }]
    mountPoints            = [{ sourceVolume = "scratch", containerPath = "/scratch", readOnly = false }]

    linuxParameters = {
      capabilities = { add = [], drop = ["ALL"] }
    }

    healthCheck = {
      command     = ["CMD", "spanishgas", "health", "dashboard"]
      interval    = 30
      timeout     = 10
      retries     = 3
      startPeriod = 30
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.dashboard.name
        awslogs-region        = data.aws_region.current.name
        awslogs-stream-prefix = "dashboard"
      }
    }
  }
}

resource "aws_cloudwatch_log_group" "dashboard" {
  name              = "/${var.name}/dashboard"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_ecs_cluster" "dashboard" {
  name = local.service_name
  tags = var.tags

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "dashboard" {
  family = local.service_name
  # A new image replaces the definition. ECS goes back only to one that is still active, and deploy need not end any.
  skip_destroy             = true
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory_mib
  task_role_arn            = var.task_role_arn
  execution_role_arn       = var.execution_role_arn
  container_definitions    = jsonencode([local.container])
  tags                     = var.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  volume {
    name = "scratch"
  }
}

resource "aws_ecs_service" "dashboard" {
  name                              = local.service_name
  cluster                           = aws_ecs_cluster.dashboard.arn
  task_definition                   = aws_ecs_task_definition.dashboard.arn
  desired_count                     = var.tasks
  launch_type                       = "FARGATE"
  propagate_tags                    = "SERVICE"
  health_check_grace_period_seconds = 60
  tags                              = var.tags

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.private_subnet_ids
    security_groups  = [aws_security_group.tasks.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.dashboard.arn
    container_name   = "dashboard"
    container_port   = local.port
  }

  # A target group without a listener takes no service.
  depends_on = [aws_lb_listener.https]
}
