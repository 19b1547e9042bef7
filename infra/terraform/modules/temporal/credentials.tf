# One secret, a JSON object. ECS gives a container only the keys that its definition names.
locals {
  has_credentials = local.by_key || local.by_certificate
  written         = local.has_credentials && var.credentials_version > 0

  # The variables of Temporal's clients, and the key of the secret that each is read from.
  client_secret_keys = merge(
    local.by_key ? { TEMPORAL_API_KEY = "api_key" } : {},
    local.by_certificate ? {
      TEMPORAL_TLS_CLIENT_CERT_DATA = "client_cert"
      TEMPORAL_TLS_CLIENT_KEY_DATA  = "client_key"
    } : {},
    local.tls ? { TEMPORAL_TLS_SERVER_CA_CERT_DATA = "ca_cert" } : {},
  )

  client_secrets = { for variable, key in local.client_secret_keys :
    variable => "${aws_secretsmanager_secret.credentials[0].arn}:${key}::"
  }

  client_environment = merge(
    { TEMPORAL_ADDRESS = local.address, TEMPORAL_NAMESPACE = local.namespace },
    local.by_certificate ? { TEMPORAL_TLS = "true" } : {},
    local.tls ? { TEMPORAL_TLS_SERVER_NAME = local.host } : {},
  )
}

resource "aws_secretsmanager_secret" "credentials" {
  #checkov:skip=CKV2_AWS_57: certificates and the keys of Temporal Cloud are made elsewhere; Secrets Manager cannot make new ones
  count                   = local.has_credentials ? 1 : 0
  name                    = "${var.name}/temporal/credentials"
  description             = "What clients of Temporal show: ${join(", ", values(local.client_secret_keys))}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.secret_recovery_days
  tags                    = var.tags
}

resource "aws_secretsmanager_secret_version" "credentials" {
  count                    = local.written ? 1 : 0
  secret_id                = aws_secretsmanager_secret.credentials[0].id
  secret_string_wo_version = var.credentials_version

  # The server and the Web UI read certificates in base64, clients as they are.
  secret_string_wo = jsonencode(merge(
    { for key, value in var.credentials : key => value if value != null },
    { for key, value in var.credentials : "${key}_base64" => base64encode(value) if value != null && key != "api_key" },
  ))
}
