# GitHub's workflows become the role deploy without a stored key: each job brings a token that GitHub signed.

data "aws_caller_identity" "here" {}
data "aws_partition" "here" {}

locals {
  issuer = "token.actions.githubusercontent.com"
  # Put together rather than read from the resource, so that a plan knows the trust policy before the provider is there.
  provider_arn = "arn:${data.aws_partition.here.partition}:iam::${data.aws_caller_identity.here.account_id}:oidc-provider/${local.issuer}"
}

# AWS knows GitHub's certificates itself and takes no thumbprint.
resource "aws_iam_openid_connect_provider" "github" {
  count = var.create_provider ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
  tags           = merge(var.tags, { Name = var.name })
}
