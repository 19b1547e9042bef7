# The server's name in the network: temporal.NAME.internal.
resource "aws_service_discovery_private_dns_namespace" "internal" {
  count       = local.hosted ? 1 : 0
  name        = "${var.name}.internal"
  description = "Names of ${var.name} inside the network"
  vpc         = var.network.vpc_id
  tags        = var.tags
}

resource "aws_service_discovery_service" "this" {
  for_each = local.hosted ? toset(concat(["temporal"], local.has_ui ? ["temporal-ui"] : [])) : []
  name     = each.key
  tags     = var.tags

  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.internal[0].id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 10
    }
  }
}
