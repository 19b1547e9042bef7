"""AWS's actions, and which of them change something."""

import pathlib

# AWS counts them among what writes: how an encrypted object is read, what is said to Temporal is encrypted, and a model's
# signature is checked. None of them changes anything.
READS = {"kms:Decrypt", "kms:GenerateDataKey", "kms:VerifyMac"}

# Actions that AWS knows no resource for (Service Authorization Reference), and one that takes a machine, which tasks of
# Fargate have none of (ecs:ListTasks).
WITHOUT_RESOURCE = {
    "application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies",
    "cloudwatch:PutMetricData",
    "ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute",
    "ec2:DescribeDhcpOptions", "ec2:DescribeFlowLogs",
    "ec2:DescribeInternetGateways", "ec2:DescribeNatGateways", "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces", "ec2:DescribePrefixLists", "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs", "ecr:GetAuthorizationToken", "ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions",
    "ecs:ListTasks", "ecs:RegisterTaskDefinition", "elasticloadbalancing:DescribeCapacityReservation",
    "elasticloadbalancing:DescribeListenerAttributes", "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups", "kms:ListAliases", "logs:DescribeLogGroups",
    "secretsmanager:GetRandomPassword", "servicediscovery:ListTagsForResource", "sns:GetSubscriptionAttributes",
}
# In the ceiling of deploy alone, which looks at more than it must: descriptions and names, never content.
WITHOUT_RESOURCE_IN_CEILINGS = {
    "application-autoscaling:Describe*", "application-autoscaling:List*", "cloudwatch:DescribeAlarms", "ec2:Describe*",
    "ecs:Describe*", "ecs:List*", "elasticloadbalancing:Describe*", "events:DescribeRule", "events:ListTagsForResource",
    "events:ListTargetsByRule", "servicediscovery:Get*", "servicediscovery:List*", "sqs:GetQueueAttributes",
    "sqs:ListQueueTags",
}


def load():
    """Action -> access level."""
    levels = {}
    for line in (pathlib.Path(__file__).parent / "actions.txt").read_text().splitlines():
        if not line.startswith("#"):
            head, _, names = line.partition(": ")
            service, level = head.split(" ")
            levels.update({f"{service}:{name}": level for name in names.split()})
    return levels


def of_a_plan():
    """The actions that Terraform was seen to need for a plan."""
    lines = (pathlib.Path(__file__).parent / "plan_requests.txt").read_text().splitlines()
    named = [line.partition(": ")[::2] for line in lines if not line.startswith("#")]
    return {f"{service}:{name}" for service, names in named for name in names.split()}


def changes_something(action, levels):
    return levels[action] not in ("Read", "List") and action not in READS
