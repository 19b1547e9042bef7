data "aws_region" "current" {}

locals {
  hosted = var.mode == "self_hosted"
  tls    = local.hosted && var.self_hosted.tls
  # How clients show who they are.
  by_key         = !local.hosted && try(var.cloud.auth, "") == "api_key"
  by_certificate = local.tls || (!local.hosted && try(var.cloud.auth, "") == "mtls")

  host      = "temporal.${var.name}.internal"
  address   = local.hosted ? "${local.host}:7233" : try(var.cloud.address, "")
  namespace = local.hosted ? var.self_hosted.namespace : try(var.cloud.namespace, "")
}
