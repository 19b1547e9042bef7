# Scaling in is slow on purpose: a task that ends hands its activities over, and they begin again elsewhere.
locals {
  scale_out_cooldown_secs = 60
  scale_in_cooldown_secs  = 900
  follows_cpu             = local.deployed == 1 && var.scaling.on == "cpu"
  follows_backlog         = local.deployed == 1 && var.scaling.on == "backlog"
  backlog                 = var.scaling.backlog
}

resource "aws_appautoscaling_target" "worker" {
  count              = local.deployed
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.worker.name}/${aws_ecs_service.worker[0].name}"
  min_capacity       = var.min_tasks
  max_capacity       = var.max_tasks
  tags               = var.tags
}

resource "aws_appautoscaling_policy" "cpu" {
  count              = local.follows_cpu ? 1 : 0
  name               = "${local.service_name}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.worker[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.worker[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.worker[0].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.scaling.cpu_percent
    scale_out_cooldown = local.scale_out_cooldown_secs
    scale_in_cooldown  = local.scale_in_cooldown_secs

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

resource "aws_appautoscaling_policy" "backlog" {
  count              = local.follows_backlog ? 1 : 0
  name               = "${local.service_name}-backlog"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.worker[0].service_namespace
  scalable_dimension = aws_appautoscaling_target.worker[0].scalable_dimension
  resource_id        = aws_appautoscaling_target.worker[0].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = local.backlog.per_task
    scale_out_cooldown = local.scale_out_cooldown_secs
    scale_in_cooldown  = local.scale_in_cooldown_secs

    customized_metric_specification {
      metrics {
        id          = "per_task"
        label       = "Tasks that wait for each worker"
        expression  = "waiting / IF(running > 0, running, 1)"
        return_data = true
      }

      metrics {
        id          = "waiting"
        return_data = false

        metric_stat {
          stat = "Average"

          metric {
            namespace   = local.backlog.namespace
            metric_name = local.backlog.metric

            dynamic "dimensions" {
              for_each = local.backlog.dimensions

              content {
                name  = dimensions.key
                value = dimensions.value
              }
            }
          }
        }
      }

      metrics {
        id          = "running"
        return_data = false

        metric_stat {
          stat = "Average"

          metric {
            namespace   = "ECS/ContainerInsights"
            metric_name = "RunningTaskCount"

            dimensions {
              name  = "ClusterName"
              value = aws_ecs_cluster.worker.name
            }

            dimensions {
              name  = "ServiceName"
              value = aws_ecs_service.worker[0].name
            }
          }
        }
      }
    }
  }
}
