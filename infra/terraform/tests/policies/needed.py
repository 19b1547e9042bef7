"""What each role must be allowed: requests as the program, SageMaker, ECS and Terraform make them.

They are written here by hand and not derived from the list, so that a wrong place in the list is found.
"""

from evaluate import Request

# Keys of the lake as docs/lake.md has them.
TABLE = "gold/gold_master/0123456789ab/gold_master.parquet"
SCORES = "scored/scores/0123456789ab/scores.parquet"
ATTEMPT = "runs/8e5f/attempts/build_gold-7-1.json"
MADE = ["bronze/lists/0123456789ab.json", "silver/silver/0123456789ab/silver_customer.parquet", TABLE, SCORES, ATTEMPT,
        "models/0123456789abcdef/model.ubj", "models/champion.json", "models/moves/000001.json",
        "evaluated/0123456789abcdef/0123456789ab/evaluation.json", "scored/latest.json", "monitoring/latest.json",
        "training/runs/8e5f/churn-1", "runs/8e5f/run.json", "runs/index/2024-12.json", "settings/0123456789ab.json",
        "lake.json", "published.json"]
RAW = "raw/customer_attributes.csv"
# What runs make again, and nothing may reach any more.
COLLECTED = ["bronze/lists/0123456789ab.json", "silver/silver/0123456789ab/silver_customer.parquet", TABLE, SCORES,
             "evaluated/0123456789abcdef/0123456789ab/evaluation.json", "monitoring/drift/0123456789ab/drift.json"]


class Needed(Request):
    """A request that must be allowed.

    operation   "service Operation" of the list, where it is one
    optional    only where its setting is in use
    any_name    AWS or the list compares no name within the account
    """

    def __init__(self, action, resource, context=None, operation=None, optional=False, any_name=False):
        super().__init__(action, resource, context)
        self.operation, self.optional, self.any_name = operation, optional, any_name


class Place:
    """ARNs of one environment."""

    def __init__(self, names):
        self.__dict__.update(names)

    def regional(self, service, rest):
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    def object(self, key):
        return f"arn:aws:s3:::{self.bucket}/{self.prefix}/{key}"

    def role(self, role):
        return f"arn:aws:iam::{self.account}:role/{self.name}-{role}"

    @property
    def bucket_arn(self):
        return f"arn:aws:s3:::{self.bucket}"

    @property
    def job(self):
        return self.regional("sagemaker", "training-job/churn-0123456789ab-0a1b-1")

    @property
    def group_arn(self):
        return self.regional("sagemaker", f"model-package-group/{self.group}")

    @property
    def package(self):
        return self.regional("sagemaker", f"model-package/{self.group}/7")

    @property
    def via_s3(self):
        return {"kms:ViaService": f"s3.{self.region}.amazonaws.com"}

    @property
    def via_secrets(self):
        return {"kms:ViaService": f"secretsmanager.{self.region}.amazonaws.com"}

    def log(self, group):
        return self.regional("logs", f"log-group:{group}:log-stream:one")

    def log_group(self, group):
        return self.regional("logs", f"log-group:{group}")


def s3(place, operation, action, keys):
    return [Needed(action, place.object(key), operation=f"s3 {operation}") for key in keys]


def listing(place, operation, folders):
    # A 404 instead of a 403 wants a listing without a prefix.
    asked = [{"s3:prefix": f"{place.prefix}/{folder}"} for folder in folders]
    return [Needed("s3:ListBucket", place.bucket_arn, context, operation=operation) for context in [*asked, {}]]


def kms_keys(place, signatures):
    """What a role asks of keys in KMS by itself: of the one of models' signatures, and of the one of payloads."""
    payloads = {"kms:EncryptionContext:purpose": "spanishgas payloads"}
    asked = [(name, place.signing_key, None) for name in signatures]
    asked += [(name, place.payload_key, payloads) for name in ["GenerateDataKey", "Decrypt"]]
    return [Needed(f"kms:{name}", key, context, operation=f"kms {name}", optional=True) for name, key, context in asked]


def worker(p):
    sagemaker = [("CreateTrainingJob", p.job), ("DescribeTrainingJob", p.job), ("StopTrainingJob", p.job),
                 ("CreateModelPackage", p.group_arn), ("CreateModelPackage", p.package),
                 ("DescribeModelPackage", p.package), ("ListModelPackages", p.package),
                 ("ListModelPackages", p.group_arn), ("UpdateModelPackage", p.package)]
    uploads = ["PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]
    return [
        *s3(p, "GetObject", "s3:GetObject", [*MADE, RAW]),
        *s3(p, "HeadObject", "s3:GetObject", [*MADE, RAW]),
        *[needed for operation in uploads for needed in s3(p, operation, "s3:PutObject", MADE)],
        *s3(p, "AbortMultipartUpload", "s3:AbortMultipartUpload", [TABLE]),
        *s3(p, "DeleteObject", "s3:DeleteObject", [ATTEMPT]),
        *listing(p, "s3 ListObjectsV2", ["raw/", "models/", "runs/8e5f/attempts/"]),
        *[Needed(f"sagemaker:{name}", where, operation=f"sagemaker {name}") for name, where in sagemaker],
        Needed("sns:Publish", p.topic, operation="sns Publish"),
        *[Needed(f"sqs:{name}", p.events_queue, operation=f"sqs {name}", optional=True)
          for name in ["ReceiveMessage", "DeleteMessage"]],
        Needed("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": p.namespace},
               operation="cloudwatch PutMetricData"),
        Needed("iam:PassRole", p.role("training"), {"iam:PassedToService": "sagemaker.amazonaws.com"}),
        Needed("sagemaker:AddTags", p.job, optional=True),
        *[Needed(f"kms:{name}", p.lake_key) for name in ["GenerateDataKey", "Decrypt"]],
        *[Needed(f"kms:{name}", p.topic_key, optional=True) for name in ["GenerateDataKey", "Decrypt"]],
        Needed("kms:CreateGrant", p.volume_key, {"kms:GrantIsForAWSResource": "true"}, optional=True),
        *kms_keys(p, ["GenerateMac", "VerifyMac"]),
    ]


def dashboard(p):
    read = [SCORES, TABLE, "published.json", "lake.json", "monitoring/acknowledgements.json"]
    return [
        *[Needed("s3:GetObject", p.object(key)) for key in read],
        Needed("s3:PutObject", p.object("monitoring/acknowledgements.json")),
        *listing(p, None, ["models/", "runs/", "monitoring/alerts/"]),
        *[Needed(f"kms:{name}", p.lake_key, p.via_s3) for name in ["Decrypt", "GenerateDataKey"]],
    ]


def operator(p):
    return [
        *s3(p, "GetObject", "s3:GetObject", ["published.json", RAW, "models/champion.json"]),
        *s3(p, "HeadObject", "s3:GetObject", ["lake.json"]),
        *listing(p, "s3 ListObjectsV2", ["raw/", "models/"]),
        Needed("s3:ListBucket", p.bucket_arn, operation="s3 HeadBucket"),
        Needed("sagemaker:DescribeModelPackageGroup", p.group_arn, operation="sagemaker DescribeModelPackageGroup"),
        Needed("sns:GetTopicAttributes", p.topic, operation="sns GetTopicAttributes"),
        Needed("sqs:GetQueueAttributes", p.events_queue, operation="sqs GetQueueAttributes", optional=True),
        Needed("kms:Decrypt", p.lake_key, p.via_s3),
        *kms_keys(p, ["DescribeKey", "VerifyMac"]),
        Needed("kms:DescribeKey", p.payload_key, operation="kms DescribeKey", optional=True),
    ]


def approver(p):
    read = ["models/champion.json", "models/0123456789abcdef/registration.json", "models/moves/000001.json",
            "settings/0123456789ab.json", "lake.json", "published.json", "scored/latest.json",
            "monitoring/alerts/r1-0123456789ab.json", "monitoring/acknowledgements.json"]
    written = ["models/champion.json", "models/0123456789abcdef/registration.json", "models/moves/000002.json",
               "models/0123456789abcdef/package.json", "monitoring/acknowledgements.json"]
    packages = ["DescribeModelPackage", "ListModelPackages", "UpdateModelPackage"]
    return [
        *s3(p, "GetObject", "s3:GetObject", read),
        *s3(p, "HeadObject", "s3:GetObject", read),
        *s3(p, "PutObject", "s3:PutObject", written),
        *listing(p, "s3 ListObjectsV2", ["models/", "models/moves/", "settings/", "monitoring/alerts/"]),
        *[Needed(f"sagemaker:{name}", p.package, operation=f"sagemaker {name}") for name in packages],
        *[Needed(f"kms:{name}", p.lake_key, p.via_s3) for name in ["Decrypt", "GenerateDataKey"]],
        *kms_keys(p, ["VerifyMac"]),
    ]


def eraser(p):
    keys = [*MADE, RAW, "erasure/requests/0123456789abcdef.json"]
    uploads = ["PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]
    versions = [{"s3:prefix": f"{p.prefix}/{folder}"} for folder in ["raw/", "scored/scores/0123456789ab/scores.parquet"]]
    return [
        *s3(p, "GetObject", "s3:GetObject", keys),
        *s3(p, "HeadObject", "s3:GetObject", keys),
        *[needed for operation in uploads for needed in s3(p, operation, "s3:PutObject", keys)],
        *s3(p, "AbortMultipartUpload", "s3:AbortMultipartUpload", [RAW]),
        *s3(p, "DeleteObject", "s3:DeleteObject", keys),
        *[Needed("s3:DeleteObjectVersion", p.object(key)) for key in keys],
        *listing(p, "s3 ListObjectsV2", ["", "raw/"]),
        *[Needed("s3:ListBucketVersions", p.bucket_arn, where, operation="s3 ListObjectVersions") for where in versions],
        Needed("sns:Publish", p.topic, operation="sns Publish"),
        Needed("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": p.namespace},
               operation="cloudwatch PutMetricData"),
        *[Needed(f"kms:{name}", p.lake_key) for name in ["GenerateDataKey", "Decrypt"]],
        *[Needed(f"kms:{name}", p.topic_key, optional=True) for name in ["GenerateDataKey", "Decrypt"]],
        *kms_keys(p, ["VerifyMac"]),
    ]


def collector(p):
    read = [*MADE, *COLLECTED, RAW, "monitoring/acknowledgements.json"]
    manifests = [f"{key.rsplit('/', 1)[0]}/manifest.json" for key in COLLECTED[1:]]
    return [
        *s3(p, "GetObject", "s3:GetObject", read),
        *s3(p, "HeadObject", "s3:GetObject", read),
        *s3(p, "PutObject", "s3:PutObject", [*manifests, "settings/0123456789ab.json",
                                             "monitoring/alerts/r1-0123456789ab.json",
                                             "monitoring/delivered/r1-0123456789ab/ops"]),
        *s3(p, "DeleteObject", "s3:DeleteObject", [*COLLECTED, *manifests]),
        *listing(p, "s3 ListObjectsV2", ["bronze/", "gold/", "models/", "runs/", "settings/"]),
        Needed("sns:Publish", p.topic, operation="sns Publish"),
        *[Needed(f"kms:{name}", p.lake_key) for name in ["GenerateDataKey", "Decrypt"]],
        *[Needed(f"kms:{name}", p.topic_key, optional=True) for name in ["GenerateDataKey", "Decrypt"]],
        *kms_keys(p, []),
    ]


def pull(p):
    names = ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"]
    return [Needed("ecr:GetAuthorizationToken", "*"), *[Needed(f"ecr:{name}", p.repository) for name in names]]


def training(p):
    logs = "/aws/sagemaker/TrainingJobs"
    interface = p.regional("ec2", "network-interface/eni-1")
    subnet = {"ec2:Subnet": p.regional("ec2", f"subnet/{p.subnet}")}
    describe = ["NetworkInterfaces", "Vpcs", "DhcpOptions", "Subnets", "SecurityGroups"]
    of_interface = ["CreateNetworkInterfacePermission", "DeleteNetworkInterface", "DeleteNetworkInterfacePermission"]
    return [
        *[Needed("s3:GetObject", p.object(key)) for key in
          [TABLE, "training/input/churn-1/settings/settings.json", "training/checkpoints/churn-1/0.ubj"]],
        *[Needed("s3:PutObject", p.object(key)) for key in
          ["training/output/churn-1/output/model.tar.gz", "training/checkpoints/churn-1/0.ubj"]],
        *listing(p, None, ["gold/gold_master/", "training/input/"]),
        *pull(p),
        *[Needed(f"logs:{name}", p.log_group(logs)) for name in ["CreateLogGroup", "DescribeLogStreams"]],
        *[Needed(f"logs:{name}", p.log(logs)) for name in ["CreateLogStream", "PutLogEvents"]],
        Needed("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "/aws/sagemaker/TrainingJobs"}),
        *[Needed(f"kms:{name}", p.lake_key) for name in ["GenerateDataKey", "Decrypt", "Encrypt"]],
        Needed("kms:CreateGrant", p.volume_key, {"kms:GrantIsForAWSResource": "true"}, optional=True),
        Needed("ec2:CreateNetworkInterface", p.regional("ec2", f"subnet/{p.subnet}"), optional=True),
        Needed("ec2:CreateNetworkInterface", p.regional("ec2", f"security-group/{p.group_of_vpc}"), optional=True),
        Needed("ec2:CreateNetworkInterface", interface, optional=True, any_name=True),
        *[Needed(f"ec2:{name}", interface, subnet, optional=True, any_name=True) for name in of_interface],
        *[Needed(f"ec2:Describe{name}", "*", optional=True) for name in describe],
    ]


def execution(p):
    return [
        *pull(p),
        *[Needed(f"logs:{name}", p.log(f"/{p.name}/worker")) for name in ["CreateLogStream", "PutLogEvents"]],
        *[Needed("secretsmanager:GetSecretValue", secret, optional=True) for secret in p.secrets],
        Needed("kms:Decrypt", p.secret_key, p.via_secrets, optional=True),
    ]


def deploy(p):
    push = ["CompleteLayerUpload", "DescribeImages", "DescribeImageScanFindings", "InitiateLayerUpload", "PutImage",
            "UploadLayerPart", "DescribeRepositories", "GetLifecyclePolicy",
            "ListTagsForResource"]
    definition = p.regional("ecs", f"task-definition/{p.name}-worker:7")
    task = p.regional("ecs", f"task/{p.name}/0123456789abcdef")
    service = p.regional("ecs", f"service/{p.name}/{p.name}-worker")
    cluster = p.regional("ecs", f"cluster/{p.name}")
    alarm = p.regional("cloudwatch", f"alarm:{p.name}-run-failed")
    board = f"arn:aws:cloudwatch::{p.account}:dashboard/{p.name}"
    state = f"arn:aws:s3:::{p.state_bucket}"
    return [
        *pull(p),
        *[Needed(f"ecr:{name}", p.repository) for name in push],
        Needed("ecs:RegisterTaskDefinition", "*"),
        Needed("ecs:RunTask", definition),
        Needed("ecs:TagResource", definition, {"ecs:CreateAction": "RegisterTaskDefinition"}),
        Needed("ecs:TagResource", task, {"ecs:CreateAction": "RunTask"}),
        *[Needed(f"ecs:{name}", service) for name in ["UpdateService", "DescribeServices"]],
        *[Needed(f"ecs:{name}", task) for name in ["DescribeTasks", "StopTask"]],
        Needed("ecs:DescribeClusters", cluster),
        Needed("ecs:ListTasks", "*", {"ecs:cluster": cluster}),
        *[Needed(f"ecs:{name}", "*") for name in ["DescribeTaskDefinition", "ListTaskDefinitions"]],
        *[Needed("iam:PassRole", p.role(role), {"iam:PassedToService": "ecs-tasks.amazonaws.com"})
          for role in ["worker", "dashboard", "execution"]],
        *[Needed(f"logs:{name}", p.log(f"/{p.name}/worker")) for name in ["GetLogEvents", "FilterLogEvents"]],
        *[Needed("logs:ListTagsForResource", p.log_group(group))
          for group in [f"/{p.name}/worker", f"aws-waf-logs-{p.name}-dashboard"]],
        *[Needed(f"cloudwatch:{name}", alarm) for name in ["PutMetricAlarm", "DeleteAlarms", "ListTagsForResource"]],
        *[Needed(f"cloudwatch:{name}", board) for name in ["GetDashboard", "PutDashboard"]],
        Needed("cloudwatch:DescribeAlarms", alarm, any_name=True),
        *[Needed("s3:GetObject", p.object(key)) for key in ["published.json", "scored/latest.json"]],
        *[Needed(f"s3:{name}", p.object(SCORES)) for name in ["GetObjectTagging", "PutObjectTagging"]],
        # modules/lake/mark-history.py lists each pointer before it reads it.
        *listing(p, None, ["published.json", "scored/latest.json", "scored/scores/"]),
        Needed("kms:Decrypt", p.lake_key, p.via_s3),
        *[Needed("secretsmanager:GetSecretValue", secret, optional=True) for secret in p.secrets[-2:]],
        Needed("secretsmanager:GetRandomPassword", "*", optional=True),
        Needed("kms:Decrypt", p.secret_key, p.via_secrets, optional=True),
        *[Needed(f"s3:{name}", f"{state}/dev/terraform.tfstate", optional=True) for name in ["GetObject", "PutObject"]],
        Needed("s3:DeleteObject", f"{state}/dev/terraform.tfstate.tflock", optional=True),
        Needed("s3:ListBucket", state, optional=True),
        *[Needed(f"kms:{name}", p.state_key, p.via_s3, optional=True) for name in ["Decrypt", "GenerateDataKey"]],
        *looks_of_a_plan(p),
    ]


def looks_of_a_plan(p):
    bucket = ["GetAccelerateConfiguration", "GetBucketAcl", "GetBucketCORS", "GetBucketLocation", "GetBucketLogging",
              "GetBucketObjectLockConfiguration", "GetBucketOwnershipControls", "GetBucketPolicy",
              "GetBucketPublicAccessBlock", "GetBucketRequestPayment", "GetBucketTagging", "GetBucketVersioning",
              "GetBucketWebsite", "GetEncryptionConfiguration", "GetLifecycleConfiguration",
              "GetReplicationConfiguration", "ListBucket"]
    role = ["GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies"]
    policy = ["GetPolicy", "GetPolicyVersion"]
    key = ["DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"]
    database = [("DescribeDBParameterGroups", "pg"), ("DescribeDBParameters", "pg"),
                ("DescribeDBSubnetGroups", "subgrp"), ("ListTagsForResource", "db")]
    wafv2 = ["GetLoggingConfiguration", "GetWebACL", "GetWebACLForResource", "ListTagsForResource"]
    web = p.regional("wafv2", f"regional/webacl/{p.name}-dashboard/1")
    looked = [
        *[("s3", name, f"arn:aws:s3:::{p.name}-lake-logs-{p.account}") for name in bucket],
        *[("iam", name, p.role("worker")) for name in role],
        *[("iam", name, f"arn:aws:iam::{p.account}:policy/{p.name}-boundary") for name in policy],
        *[("secretsmanager", name, p.secrets[0]) for name in ["DescribeSecret", "GetResourcePolicy"]],
        *[("sns", name, p.topic) for name in ["GetTopicAttributes", "ListTagsForResource"]],
        *[("sagemaker", name, p.group_arn) for name in ["DescribeModelPackageGroup", "ListTags"]],
        *[("budgets", name, f"arn:aws:budgets::{p.account}:budget/{p.name}-monthly")
          for name in ["ViewBudget", "ListTagsForResource"]],
        *[("rds", name, p.regional("rds", f"{kind}:{p.name}-temporal")) for name, kind in database],
        *[("wafv2", name, web) for name in wafv2],
    ]
    everywhere = {
        "application-autoscaling": ["DescribeScalableTargets", "DescribeScalingPolicies"],
        "ec2": ["DescribeAddresses", "DescribeAddressesAttribute", "DescribeFlowLogs",
                "DescribeInternetGateways", "DescribeNatGateways", "DescribeNetworkAcls", "DescribeNetworkInterfaces",
                "DescribePrefixLists",
                "DescribeRouteTables", "DescribeSecurityGroupRules", "DescribeSecurityGroups", "DescribeSubnets",
                "DescribeVpcEndpoints", "DescribeVpcs"],
        "elasticloadbalancing": ["DescribeCapacityReservation", "DescribeListenerAttributes", "DescribeListeners",
                                 "DescribeLoadBalancerAttributes", "DescribeLoadBalancers",
                                 "DescribeTags", "DescribeTargetGroupAttributes", "DescribeTargetGroups"],
        "kms": ["ListAliases"],
        "logs": ["DescribeLogGroups"],
        "servicediscovery": ["ListTagsForResource"],
        "sns": ["GetSubscriptionAttributes"],
    }
    events = [("s3", "GetBucketNotification", f"arn:aws:s3:::{p.name}-lake-{p.account}"),
              *[("events", name, p.events_rule) for name in ["DescribeRule", "ListTagsForResource", "ListTargetsByRule"]],
              *[("sqs", name, queue) for name in ["GetQueueAttributes", "ListQueueTags"]
                for queue in [p.events_queue, f"{p.events_queue}-unread"]]]
    return [
        *[Needed(f"{service}:{name}", where) for service, name, where in looked],
        *[Needed(f"{service}:{name}", where, optional=True) for service, name, where in events],
        *[Needed(f"kms:{name}", p.lake_key, any_name=True) for name in key],
        Needed("iam:GetOpenIDConnectProvider",
               f"arn:aws:iam::{p.account}:oidc-provider/token.actions.githubusercontent.com"),
        *[Needed(f"servicediscovery:{name}", p.regional("servicediscovery", where), any_name=True) for name, where in
          [("GetNamespace", "namespace/ns-1"), ("GetService", "service/srv-1")]],
        Needed("application-autoscaling:ListTagsForResource",
               p.regional("application-autoscaling", "scalable-target/1"), any_name=True),
        # By its number, not by its name: AWS then compares no name.
        Needed("rds:DescribeDBInstances", p.regional("rds", "db:*"), any_name=True),
        Needed("ec2:DescribeVpcAttribute", p.regional("ec2", "vpc/vpc-1"), any_name=True),
        *[Needed(f"{service}:{name}", "*") for service, names in everywhere.items() for name in names],
    ]


ROLES = {role.__name__: role for role in [worker, dashboard, operator, approver, eraser, collector, training, execution,
                                          deploy]}
