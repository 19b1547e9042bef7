locals {
  # The root file system is read-only: temporary files go to /scratch, too.
  plain_environment = merge(var.temporal_environment, var.key_environment, {
    SPANISHGAS_PROFILE    = "aws"
    SPANISHGAS_LAKE       = var.lake_url
    SPANISHGAS_AWS_YAML   = var.aws_yaml
    SPANISHGAS_TASK_QUEUE = var.task_queue
    AWS_REGION            = data.aws_region.current.name
    TMPDIR                = "/scratch"
  })

  container = merge({
    name                   = "worker"
    image                  = var.image
    essential              = true
    command                = ["worker", "--scratch", "/scratch"]
    readonlyRootFilesystem = true
    stopTimeout            = var.stop_timeout_secs
    environment            = [for key, value in local.plain_environment : { name = key, value = value }]
    secrets                = [for key, arn in var.temporal_secrets : { name = key, valueFrom = arn }]
    mountPoints            = [{ sourceVolume = "scratch", containerPath = "/scratch", readOnly = false }]
    portMappings           = []
    volumesFrom            = []
    systemControls         = []

    linuxParameters = {
      capabilities = { add = [], drop = ["ALL"] }
    }

    healthCheck = {
      command     = ["CMD", "spanishgas", "health", "worker"]
      interval    = 30
      timeout     = 10
      retries     = 3
      startPeriod = 60
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.worker.name
        awslogs-region        = data.aws_region.current.name
        awslogs-stream-prefix = "worker"
      }
    }
  }, var.user == null ? {} : { user = var.user })
}

resource "aws_ecs_task_definition" "worker" {
  count  = local.deployed
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

  ephemeral_storage {
    size_in_gib = var.ephemeral_gib
  }

  # On the task's own disk, gone with the task.
  volume {
    name = "scratch"
  }
}
