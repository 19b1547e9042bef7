mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = {
      account_id = "111122223333"
    }
  }
  mock_data "aws_partition" {
    defaults = {
      partition = "aws"
    }
  }
  mock_data "aws_region" {
    defaults = {
      name = "eu-west-1"
    }
  }
}

variables {
  name        = "ours"
  repository  = "ours/churn"
  environment = "prod"
}

run "one_repository_and_environment" {
  # A plan must know it: the role's existence depends on it.
  command = plan

  assert {
    condition = jsondecode(output.deploy_trust_policy_json).Statement[0].Condition == {
      StringEquals = {
        "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
        "token.actions.githubusercontent.com:sub" = "repo:ours/churn:environment:prod"
      }
    }
    error_message = "Compared as a whole, without patterns: audience, repository, environment."
  }
  assert {
    condition     = jsondecode(output.deploy_trust_policy_json).Statement[0].Principal.Federated == "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    error_message = "Only GitHub's tokens count."
  }
  assert {
    condition     = aws_iam_openid_connect_provider.github[0].url == "https://token.actions.githubusercontent.com" && aws_iam_openid_connect_provider.github[0].client_id_list == toset(["sts.amazonaws.com"])
    error_message = "GitHub is known to the account, for AWS alone."
  }
}

run "an_account_that_knows_github" {
  variables {
    create_provider = false
  }
  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && output.provider_arn == "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
    error_message = "The provider that is there is used."
  }
}

run "name_refused" {
  command = plan
  variables {
    name = "a.b"
  }
  expect_failures = [var.name]
}

run "repositories_refused" {
  command = plan
  variables {
    repository = "ours/*"
  }
  expect_failures = [var.repository]
}

run "environments_refused" {
  command = plan
  variables {
    environment = "*"
  }
  expect_failures = [var.environment]
}
