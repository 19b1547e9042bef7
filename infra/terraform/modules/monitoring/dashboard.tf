locals {
  region = data.aws_region.current.name

  # Title, metrics, statistic, period in seconds.
  graphs = [
    ["Runs that succeeded and failed", [[var.metric_namespace, "RunSucceeded"], [var.metric_namespace, "RunFailed"]], "Sum", 3600],
    ["PR-AUC of trained models", [[var.metric_namespace, "PrAuc"]], "Average", 86400],
    ["Drift", [[var.metric_namespace, "DriftDetected"], [var.metric_namespace, "FeaturesDrifted"]], "Maximum", 86400],
    ["Scores: age in hours, and 1 where they are late", [[var.metric_namespace, "ScoresAgeHours"], [var.metric_namespace, "ScoresStale"]], "Maximum", 3600],
    ["Rows processed", [[var.metric_namespace, "RowsProcessed"]], "Sum", 86400],
    ["Alerts that could not be sent", [[var.metric_namespace, "AlertsUndelivered"]], "Sum", 3600],
    ["Workers", [["ECS/ContainerInsights", "RunningTaskCount", "ClusterName", var.cluster_name, "ServiceName", var.service_name]], "Average", 60],
    ["CPU and memory of the workers, %", [
      ["AWS/ECS", "CPUUtilization", "ClusterName", var.cluster_name, "ServiceName", var.service_name],
      ["AWS/ECS", "MemoryUtilization", "ClusterName", var.cluster_name, "ServiceName", var.service_name],
    ], "Average", 300],
  ]

  graph_widgets = [for index, graph in local.graphs : {
    type   = "metric"
    x      = (index % 2) * 12
    y      = floor(index / 2) * 6
    width  = 12
    height = 6
    properties = {
      title   = graph[0]
      metrics = graph[1]
      stat    = graph[2]
      period  = graph[3]
      region  = local.region
      view    = "timeSeries"
    }
  }]

  # Stages are found by search: their names are the program's business.
  stage_widget = {
    type   = "metric"
    x      = 0
    y      = 24
    width  = 24
    height = 6
    properties = {
      title   = "Seconds of each stage"
      metrics = [[{ expression = "SEARCH('{${var.metric_namespace},Stage} MetricName=\"StageSeconds\"', 'Average', 86400)", id = "stages" }]]
      region  = local.region
      view    = "timeSeries"
      stacked = true
    }
  }

  log_widget = {
    type   = "log"
    x      = 0
    y      = 30
    width  = 24
    height = 6
    properties = {
      title  = "Warnings and errors of the workers"
      query  = "SOURCE '${var.log_group_name}' | fields @timestamp, @message | filter @message like /WARN|ERROR/ | sort @timestamp desc | limit 50"
      region = local.region
      view   = "table"
    }
  }
}

resource "aws_cloudwatch_dashboard" "pipeline" {
  dashboard_name = var.name
  dashboard_body = jsonencode({ widgets = concat(local.graph_widgets, [local.stage_widget, local.log_widget]) })
}
