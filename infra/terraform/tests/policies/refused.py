"""What no role may be allowed: what it needs, but elsewhere; and what lies here, but is not its business."""

from evaluate import Request
from needed import COLLECTED, MADE, RAW, SCORES, TABLE

# Values that a condition must refuse, by key.
OTHER_VALUES = {
    "cloudwatch:namespace": ["AWS/EC2", "SpanishGas"],
    "ec2:Subnet": ["arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-0000000000000000f"],
    "ecs:cluster": ["arn:aws:ecs:eu-west-1:111122223333:cluster/theirs"],
    "ecs:CreateAction": ["CreateService", "CreateCluster"],
    "iam:PassedToService": ["ec2.amazonaws.com", "lambda.amazonaws.com"],
    "kms:EncryptionContext:purpose": ["something else"],
    "kms:GrantIsForAWSResource": ["false"],
    "kms:ViaService": ["ec2.eu-west-1.amazonaws.com", "s3.us-east-1.amazonaws.com"],
    "s3:prefix": ["", "other/", "churn2/", "churn"],
}
# Roles that another role hands to a service.
PASSED = ["training", "worker", "dashboard", "execution"]
# Keys that AWS leaves out of some calls that are needed.
MAY_BE_ABSENT = ["s3:prefix"]


def elsewhere(needed, place):
    """The same request on what belongs to another account, region, environment, lake, group, job or key."""
    there = needed.resource
    changes = [(place.account, "999988887777"), (f":{place.region}:", ":us-east-1:")]
    if not needed.any_name:
        changes += [
            (place.name, "theirs"), (place.name, f"{place.name}2"),
            (f"/{place.prefix}/", "/other/"), (f"/{place.prefix}/", f"/{place.prefix}2/"), (f"/{place.prefix}/", "/"),
            (place.group, f"{place.group}2"), ("training-job/churn-", "training-job/other-"),
            ("key/00000000", "key/ffffffff"), ("TrainingJobs", "Endpoints"), ("/dev/", "/prod/"),
            ("-raw-events", "-others"),
            (".tflock", ""), (place.subnet, "subnet-f"), (place.group_of_vpc, "sg-f"),
            *[(f":role/{place.name}-{role}", ":role/Admin") for role in PASSED],
        ]
    if needed.action == "secretsmanager:GetSecretValue":
        changes.append(("/temporal-", "/another-"))
    if needed.action == "iam:PassRole":
        changes += [(f"-{role}", "-deploy") for role in PASSED]
    return [Request(needed.action, there.replace(old, new, 1), needed.context) for old, new in changes if old in there]


def otherwise(needed):
    """The same request with another value of each condition, and without one."""
    found = []
    for key, value in needed.context.items():
        others = [other for other in OTHER_VALUES[key] if other != value]
        found += [Request(needed.action, needed.resource, {**needed.context, key: other}) for other in others]
        if key not in MAY_BE_ABSENT:
            left = {known: value for known, value in needed.context.items() if known != key}
            found.append(Request(needed.action, needed.resource, left))
    return found


def not_its_business(role, p):
    """Requests on what is ours that this role has no reason to make."""
    def objects(action, keys):
        return [Request(action, p.object(key)) for key in keys]

    models = ["models/0123456789abcdef/model.ubj", "models/0123456789abcdef/files.json"]
    may_go = COLLECTED if role == "collector" else [key for key in MADE if "/attempts/" in key]
    everywhere = objects("s3:DeleteObject", [key for key in [*MADE, *COLLECTED, RAW] if key not in may_go]) + [
        *objects("s3:DeleteObjectVersion", [*MADE, RAW]),
        *objects("s3:PutObject", [RAW, "raw/_generated.json", "foreign.txt"]),
        Request("s3:GetObject", f"arn:aws:s3:::{p.name}-lake-logs-{p.account}/lake/2024"),
        Request("iam:PassRole", p.role("approver"), {"iam:PassedToService": "sagemaker.amazonaws.com"}),
        Request("sns:Subscribe", p.topic),
        *[Request(f"sqs:{name}", p.events_queue) for name in ["SendMessage", "PurgeQueue", "SetQueueAttributes"]],
        *[Request(f"events:{name}", p.events_rule) for name in ["PutTargets", "DisableRule"]],
        Request("kms:ScheduleKeyDeletion", p.lake_key),
        Request("kms:ScheduleKeyDeletion", p.signing_key),
    ]
    if role != "worker":
        everywhere.append(Request("kms:GenerateMac", p.signing_key))
        everywhere += [Request(f"sqs:{name}", p.events_queue) for name in ["ReceiveMessage", "DeleteMessage"]]
    reads_nothing_else = objects("s3:GetObject", [RAW, SCORES, "gold/gold_master/0123456789ab/gold_master.parquet"])
    writes_nothing = objects("s3:PutObject", MADE) + objects("s3:DeleteObject", MADE)
    if role == "eraser":
        # Within the lake it may change all, and nothing else.
        return [request for request in everywhere if not request.action.startswith("s3:")] + [
            Request("s3:GetObject", f"arn:aws:s3:::{p.name}-lake-logs-{p.account}/lake/2024"),
            Request("sagemaker:CreateTrainingJob", p.job),
            Request("iam:PassRole", p.role("training"), {"iam:PassedToService": "sagemaker.amazonaws.com"}),
            *[Request("secretsmanager:GetSecretValue", secret) for secret in p.secrets],
        ]
    return everywhere + {
        "worker": [
            Request("iam:PassRole", p.role("training"), {"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
            Request("iam:PassRole", p.role("worker"), {"iam:PassedToService": "sagemaker.amazonaws.com"}),
            Request("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "/aws/sagemaker/TrainingJobs"}),
            *[Request("secretsmanager:GetSecretValue", secret) for secret in p.secrets],
        ],
        # MADE has not the one object that it may write.
        "dashboard": [
            *writes_nothing,
            *objects("s3:PutObject", ["monitoring/alerts/r1-0123456789ab.json", "monitoring/acknowledgements.json.bak"]),
            *objects("s3:DeleteObject", ["monitoring/acknowledgements.json"]),
            *[Request("secretsmanager:GetSecretValue", secret) for secret in p.secrets],
        ],
        "operator": writes_nothing,
        "approver": [
            *reads_nothing_else,
            *objects("s3:PutObject", [*models, "published.json", "scored/latest.json", "lake.json", SCORES,
                                      "settings/0123456789ab.json", "monitoring/alerts/r1-0123456789ab.json"]),
            *objects("s3:DeleteObject", MADE),
            Request("s3:ListBucket", p.bucket_arn, {"s3:prefix": f"{p.prefix}/raw/"}),
            Request("sagemaker:CreateModelPackage", p.package),
        ],
        "collector": [
            *objects("s3:DeleteObject", [*models, "monitoring/alerts/r1-0123456789ab.json", "lake.json"]),
            *objects("s3:PutObject", [*models, "models/champion.json", "published.json", "scored/latest.json",
                                      "monitoring/latest.json", "lake.json", TABLE, SCORES, "runs/8e5f/run.json"]),
            Request("sagemaker:CreateTrainingJob", p.job),
            Request("iam:PassRole", p.role("training"), {"iam:PassedToService": "sagemaker.amazonaws.com"}),
            *[Request("secretsmanager:GetSecretValue", secret) for secret in p.secrets],
        ],
        "training": [
            *objects("s3:GetObject", [RAW, SCORES, *models, "published.json"]),
            *objects("s3:PutObject", [*models, "models/champion.json", "published.json", SCORES,
                                      "training/input/churn-1/settings/settings.json"]),
            Request("s3:ListBucket", p.bucket_arn, {"s3:prefix": f"{p.prefix}/raw/"}),
            Request("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": p.namespace}),
        ],
        "execution": [*reads_nothing_else, *writes_nothing],
        "deploy": [
            *reads_nothing_else,
            *writes_nothing,
            # The last two are written by Terraform, which reads them back.
            *[Request("secretsmanager:GetSecretValue", secret) for secret in p.secrets[:-2]],
            *[Request("iam:PassRole", p.role(role), {"iam:PassedToService": "ecs-tasks.amazonaws.com"})
              for role in ["training", "approver", "deploy"]],
            Request("s3:PutObjectTagging", p.object("models/champion.json")),
            Request("s3:PutObjectTagging", p.object("scored/latest.json")),
            Request("s3:DeleteObject", f"arn:aws:s3:::{p.state_bucket}/dev/terraform.tfstate"),
        ],
    }[role]
