output "provider_arn" {
  description = "GitHub as this account knows it."
  value       = local.provider_arn

  depends_on = [aws_iam_openid_connect_provider.github]
}

output "deploy_trust_policy_json" {
  description = "The trust policy of deploy: jobs of one repository in one environment, nobody else."
  value = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.provider_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = "repo:${var.repository}:environment:${var.environment}"
        }
      }
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.github]
}
