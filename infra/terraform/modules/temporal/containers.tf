# Server, set-up and Web UI: three task definitions of the same make.
locals {
  has_ui = local.hosted && length(var.self_hosted.ui_client_cidr_blocks) > 0

  database_secret = local.hosted ? module.password[0].secret_arn : ""
  tls_secret      = local.tls ? aws_secretsmanager_secret.credentials[0].arn : ""

  server_environment = merge({
    DB                 = "postgres12"
    POSTGRES_SEEDS     = local.hosted ? aws_db_instance.temporal[0].address : ""
    POSTGRES_USER      = "temporal"
    DB_PORT            = "5432"
    NUM_HISTORY_SHARDS = tostring(var.self_hosted.history_shards)
    SERVICES           = "frontend:history:matching:worker"
    # On all addresses; what the servers tell each other is the task's own, found by the image.
    BIND_ON_IP = "0.0.0.0"
    LOG_LEVEL  = "info"
    # Encrypted; whose certificate it is, is not checked, as the image has no certificate of RDS's authority.
    SQL_TLS_ENABLED       = "true"
    SQL_HOST_VERIFICATION = "false"
    }, local.tls ? {
    TEMPORAL_TLS_REQUIRE_CLIENT_AUTH   = "true"
    TEMPORAL_TLS_FRONTEND_SERVER_NAME  = local.host
    TEMPORAL_TLS_INTERNODE_SERVER_NAME = local.host
  } : {})

  # One certificate for what clients see and for what the servers see of each other.
  server_secrets = merge({ POSTGRES_PWD = local.database_secret }, local.tls ? {
    TEMPORAL_TLS_SERVER_CA_CERT_DATA  = "${local.tls_secret}:ca_cert_base64::"
    TEMPORAL_TLS_SERVER_CERT_DATA     = "${local.tls_secret}:server_cert_base64::"
    TEMPORAL_TLS_SERVER_KEY_DATA      = "${local.tls_secret}:server_key_base64::"
    TEMPORAL_TLS_FRONTEND_CERT_DATA   = "${local.tls_secret}:server_cert_base64::"
    TEMPORAL_TLS_FRONTEND_KEY_DATA    = "${local.tls_secret}:server_key_base64::"
    TEMPORAL_TLS_CLIENT1_CA_CERT_DATA = "${local.tls_secret}:ca_cert_base64::"
  } : {})

  setup_environment = merge(local.client_environment, {
    SQL_PLUGIN                        = "postgres12"
    SQL_HOST                          = local.hosted ? aws_db_instance.temporal[0].address : ""
    SQL_PORT                          = "5432"
    SQL_USER                          = "temporal"
    SQL_TLS                           = "true"
    SQL_TLS_DISABLE_HOST_VERIFICATION = "true"
    RETENTION                         = "${var.self_hosted.retention_days * 24}h"
  })

  ui_environment = merge({
    TEMPORAL_ADDRESS           = local.address
    TEMPORAL_DEFAULT_NAMESPACE = local.namespace
    TEMPORAL_UI_PORT           = "8080"
    }, local.tls ? {
    TEMPORAL_TLS_ENABLE_HOST_VERIFICATION = "true"
    TEMPORAL_TLS_SERVER_NAME              = local.host
  } : {})

  ui_secrets = local.tls ? {
    TEMPORAL_TLS_CA_DATA   = "${local.tls_secret}:ca_cert_base64::"
    TEMPORAL_TLS_CERT_DATA = "${local.tls_secret}:client_cert_base64::"
    TEMPORAL_TLS_KEY_DATA  = "${local.tls_secret}:client_key_base64::"
  } : {}

  all_tasks = {
    server = {
      image       = var.self_hosted.server_image
      cpu         = var.self_hosted.cpu
      memory      = var.self_hosted.memory_mib
      environment = local.server_environment
      secrets     = local.server_secrets
      port        = 7233
      more = {
        stopTimeout = 60
        healthCheck = {
          command     = ["CMD-SHELL", "nc -z 127.0.0.1 7233"]
          interval    = 15
          timeout     = 5
          retries     = 4
          startPeriod = 60
        }
      }
    }
    setup = {
      image       = var.self_hosted.admin_tools_image
      cpu         = 256
      memory      = 512
      environment = local.setup_environment
      secrets     = merge(local.client_secrets, { SQL_PASSWORD = local.database_secret })
      port        = null
      more        = { entryPoint = ["/bin/sh", "-ec"], command = [file("${path.module}/setup.sh")] }
    }
    ui = {
      image       = var.self_hosted.ui_image
      cpu         = 256
      memory      = 512
      environment = local.ui_environment
      secrets     = local.ui_secrets
      port        = 8080
      more        = {}
    }
  }

  task_names = concat(local.hosted ? ["server", "setup"] : [], local.has_ui ? ["ui"] : [])
  tasks      = { for name in local.task_names : name => local.all_tasks[name] }

  containers = { for name, task in local.tasks : name => merge({
    name      = name
    image     = task.image
    essential = true
    # The Web UI writes its configuration beside its program at the start.
    readonlyRootFilesystem = name != "ui"
    environment            = [for key, value in task.environment : { name = key, value = value }]
    secrets                = [for key, arn in task.secrets : { name = key, valueFrom = arn }]
    portMappings           = task.port == null ? [] : [{ containerPort = task.port, hostPort = task.port, protocol = "tcp" }]
    mountPoints            = []
    volumesFrom            = []
    systemControls         = []

    linuxParameters = {
      capabilities = { add = [], drop = ["ALL"] }
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.temporal[0].name
        awslogs-region        = data.aws_region.current.name
        awslogs-stream-prefix = name
      }
    }
  }, task.more) }
}
