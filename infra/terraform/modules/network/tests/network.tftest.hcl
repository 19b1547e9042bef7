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

  mock_resource "aws_cloudwatch_log_group" {
    defaults = {
      arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/ours/flow-logs"
    }
  }
  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::111122223333:role/ours-flow-logs"
    }
  }
}

variables {
  name               = "ours"
  availability_zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
}

run "three_zones_without_the_internet" {
  assert {
    condition     = length(output.private_subnet_ids) == 3 && length(output.public_subnet_ids) == 3 && output.vpc_cidr == "10.20.0.0/16"
    error_message = "A private and a public subnet in every zone."
  }
  assert {
    condition     = sort([for subnet in aws_subnet.private : subnet.cidr_block]) == tolist(["10.20.0.0/18", "10.20.128.0/18", "10.20.64.0/18"])
    error_message = "Private subnets do not overlap."
  }
  assert {
    condition     = sort([for subnet in aws_subnet.public : subnet.cidr_block]) == tolist(["10.20.192.0/20", "10.20.208.0/20", "10.20.224.0/20"])
    error_message = "Public subnets lie in the last quarter."
  }
  assert {
    condition     = alltrue([for subnet in aws_subnet.public : !subnet.map_public_ip_on_launch])
    error_message = "Nothing gets a public address by itself."
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_route.to_nat) == 0
    error_message = "Without NAT private subnets have no way out."
  }
  assert {
    condition = sort([for endpoint in aws_vpc_endpoint.interface : endpoint.service_name]) == tolist([
      for service in ["ecr.api", "ecr.dkr", "logs", "monitoring", "sagemaker.api", "secretsmanager", "sns", "sts"] : "com.amazonaws.eu-west-1.${service}"
    ])
    error_message = "Every service that the program and ECS call has an endpoint."
  }
  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.interface : endpoint.private_dns_enabled])
    error_message = "The SDKs find the endpoints by AWS's own names."
  }
  assert {
    condition     = aws_vpc_endpoint.s3[0].vpc_endpoint_type == "Gateway" && length(aws_vpc_endpoint.s3[0].route_table_ids) == 3
    error_message = "Every private subnet reaches S3 through the gateway."
  }
  assert {
    condition     = length(aws_default_security_group.closed) == 1 && aws_flow_log.this[0].traffic_type == "ALL"
    error_message = "The default group is closed, and traffic is logged."
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints[0].from_port == 443 && aws_vpc_security_group_ingress_rule.endpoints[0].cidr_ipv4 == "10.20.0.0/16"
    error_message = "Endpoints hear HTTPS from the network alone."
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.flow_logs[0].policy, "\"*\"")
    error_message = "The role of the flow logs reaches its own group."
  }
}

run "an_endpoint_of_kms_where_tasks_use_keys" {
  variables {
    kms_endpoint = true
  }
  assert {
    condition     = length(aws_vpc_endpoint.interface) == 9 && endswith(aws_vpc_endpoint.interface["kms"].service_name, ".kms")
    error_message = "One more than the usual eight."
  }
}

run "an_endpoint_of_sqs_where_tasks_take_events" {
  variables {
    sqs_endpoint = true
  }
  assert {
    condition     = length(aws_vpc_endpoint.interface) == 9 && endswith(aws_vpc_endpoint.interface["sqs"].service_name, ".sqs")
    error_message = "One more than the usual eight."
  }
}

run "one_nat_for_all_zones" {
  variables {
    nat = "single"
  }
  assert {
    condition     = keys(aws_nat_gateway.this) == ["eu-west-1a"] && keys(aws_route.to_nat) == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    error_message = "All zones leave through the first one's gateway."
  }
}

run "a_nat_in_each_zone" {
  variables {
    nat = "per_zone"
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_route.to_nat) == 3
    error_message = "Every zone leaves through its own gateway."
  }
}

run "a_network_that_is_there" {
  variables {
    availability_zones = []
    existing = {
      vpc_id             = "vpc-1"
      private_subnet_ids = ["subnet-1", "subnet-2"]
    }
  }
  assert {
    condition     = output.vpc_id == "vpc-1" && output.private_subnet_ids == tolist(["subnet-1", "subnet-2"]) && length(output.public_subnet_ids) == 0
    error_message = "It is taken as it is."
  }
  assert {
    condition     = length(aws_vpc.this) + length(aws_vpc_endpoint.interface) + length(aws_flow_log.this) + length(aws_subnet.private) + length(aws_internet_gateway.this) == 0
    error_message = "Nothing is made in it."
  }
  assert {
    condition     = output.endpoint_security_group_id == null && output.s3_prefix_list_id == null
    error_message = "It has no endpoints of ours."
  }
}

run "name_refused" {
  command = plan
  variables {
    name = "a_b"
  }
  expect_failures = [var.name]
}

run "cidr_refused" {
  command = plan
  variables {
    cidr = "10.20.0.0/24"
  }
  expect_failures = [var.cidr]
}

run "one_zone_refused" {
  command = plan
  variables {
    availability_zones = ["eu-west-1a", "eu-west-1a"]
  }
  expect_failures = [var.availability_zones]
}

run "existing_refused" {
  command = plan
  variables {
    existing = {
      vpc_id             = "vpc-1"
      private_subnet_ids = ["subnet-1"]
    }
  }
  expect_failures = [var.existing]
}

run "nat_refused" {
  command = plan
  variables {
    nat = "many"
  }
  expect_failures = [var.nat]
}

run "flow_log_days_refused" {
  command = plan
  variables {
    flow_log_days = 100
  }
  expect_failures = [var.flow_log_days]
}
