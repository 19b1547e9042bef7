"""The account on the emulator, as a person sees it. Run by moto's own Python, which has boto3:

account.py upload FOLDER s3://BUCKET/PREFIX   raw files go up
account.py listen TOPIC_ARN                   a queue hears the topic; prints its address
account.py letters QUEUE_URL SUBJECT_PART     waits for a letter
account.py look OUTPUTS_JSON STATE_JSON       what a run left is where Terraform's outputs say, and what its alarms watch
account.py password OUTPUTS STATE DIGEST      secret and user have the same password, the state none; its digest is kept
account.py clear GROUP                        the model packages go, as docs/deploy.md has it before a teardown
account.py gone OUTPUTS_JSON                  nothing is left
"""

import hashlib
import json
import sys
import time
from pathlib import Path

import boto3
import yaml
from botocore.config import Config
from botocore.exceptions import ClientError

DEADLINE_SECS = 60


def client(service):
    path_style = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2})
    return boto3.client(service, config=path_style)


def place(url):
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    return bucket, prefix


def outputs(path):
    return {name: output["value"] for name, output in json.loads(Path(path).read_text()).items()}


def upload(folder, url):
    bucket, prefix = place(url)
    files = sorted(path for path in Path(folder).iterdir() if path.is_file() and not path.name.startswith("."))
    for path in files:
        # In one piece: of an upload in parts moto tells a checksum that is not the object's.
        with path.open("rb") as body:
            client("s3").put_object(Bucket=bucket, Key=f"{prefix}/raw/{path.name}", Body=body, ChecksumAlgorithm="SHA256")
    print(f"uploaded {len(files)} files to {url}/raw")


def listen(topic):
    queue = client("sqs").create_queue(QueueName="apply-test")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    print(queue)


def letters(queue, wanted):
    end, heard = time.monotonic() + DEADLINE_SECS, []
    while time.monotonic() < end:
        for message in client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=2).get("Messages", []):
            body = json.loads(message["Body"])
            heard.append(f"{body.get('Subject')}: {body['Message'][:200]}")
            if wanted.lower() in heard[-1].lower():
                print(f"alert came through the topic: {heard[-1]}")
                return
    sys.exit(f"no alert with `{wanted}` came through the topic within {DEADLINE_SECS} s; heard: {heard}")


class Findings:
    """What was looked at: each line is printed, and one that is wrong ends it badly."""

    def __init__(self):
        self.wrong = 0

    def note(self, good, text):
        print(f"  {'ok   ' if good else 'WRONG'} {text}")
        self.wrong += not good

    def end(self):
        if self.wrong:
            sys.exit(f"{self.wrong} things are not where Terraform's outputs say")


def look(path, state):
    out, found = outputs(path), Findings()
    bucket, prefix = place(out["lake_url"])
    settings = yaml.safe_load(out["aws_yaml"])
    s3 = client("s3")

    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/")
    keys = [entry["Key"].removeprefix(f"{prefix}/") for page in pages for entry in page.get("Contents", [])]
    for key in ["published.json", "models/champion.json", "scored/latest.json", "monitoring/latest.json"]:
        found.note(key in keys, f"s3://{bucket}/{prefix}/{key}")
    for folder in ["bronze/", "silver/", "gold/", "training/output/", "runs/"]:
        count = sum(key.startswith(folder) for key in keys)
        found.note(count > 0, f"{count} objects below {folder}")

    head = s3.head_object(Bucket=bucket, Key=f"{prefix}/published.json")
    key = (head.get("ServerSideEncryption"), head.get("SSEKMSKeyId"))
    found.note(key == ("aws:kms", settings["lake"]["kms_key"]), f"published.json is encrypted with {key[1]}")

    packages = client("sagemaker").list_model_packages(ModelPackageGroupName=out["model_package_group"])
    approved = [one for one in packages["ModelPackageSummaryList"] if one["ModelApprovalStatus"] == "Approved"]
    found.note(len(approved) == 1, f"{len(approved)} approved model package in {out['model_package_group']}")

    jobs = client("sagemaker").list_training_jobs()["TrainingJobSummaries"]
    for name in [job["TrainingJobName"] for job in jobs]:
        job = client("sagemaker").describe_training_job(TrainingJobName=name)
        found.note(job["TrainingJobStatus"] == "Completed", f"training job {name}: {job['TrainingJobStatus']}")
        found.note(job["RoleArn"] == out["training_role_arn"], f"it ran as {job['RoleArn']}")
        image = job["AlgorithmSpecification"]["TrainingImage"]
        found.note(image.startswith(out["repository_url"] + "@sha256:"), f"it ran {image}")
        network = job.get("VpcConfig", {})
        found.note(network.get("Subnets") == settings["training"]["vpc"]["subnets"], f"it ran in {network}")
        found.note(job.get("EnableManagedSpotTraining") is True, "it ran on spare capacity")
    found.note(len(jobs) == 1, f"{len(jobs)} training job")

    people = client("sns").list_subscriptions_by_topic(TopicArn=out["alert_topic_arn"])["Subscriptions"]
    emails = [one["Endpoint"] for one in people if one["Protocol"] == "email"]
    found.note(len(emails) == 1, f"subscribed to {out['alert_topic_arn']}: {emails}")

    figures = metrics_of(out["metric_namespace"])
    for name in ["RunSucceeded", "RowsProcessed", "PrAuc", "DriftDetected", "RunFailed", "AlertsUndelivered", "StageSeconds", "ScoresStale"]:
        found.note(name in figures, f"metric {out['metric_namespace']} {name}")
    # From Terraform's state: boto3 and moto do not speak the same protocol of CloudWatch.
    alarms = [one["values"] for one in resources(json.loads(Path(state).read_text())["values"]["root_module"], "aws_cloudwatch_metric_alarm")]
    watched = {alarm["metric_name"] for alarm in alarms if alarm["namespace"] == out["metric_namespace"]}
    found.note(sorted(alarm["alarm_name"] for alarm in alarms) == sorted(out["alarm_names"]), f"alarms {out['alarm_names']}")
    found.note(bool(watched) and watched <= figures, f"alarms watch {sorted(watched)}, which the run has published")
    found.end()


def resources(module, kind):
    yield from (one for one in module.get("resources", []) if one["type"] == kind)
    for child in module.get("child_modules", []):
        yield from resources(child, kind)


def metrics_of(namespace):
    pages = client("cloudwatch").get_paginator("list_metrics").paginate(Namespace=namespace)
    return {metric["MetricName"] for page in pages for metric in page["Metrics"]}


def password(path, state, digest):
    out, found = outputs(path), Findings()
    of_secret, of_user = [client("secretsmanager").get_secret_value(SecretId=out[arn])["SecretString"]
                          for arn in ["secret_arn", "user_arn"]]
    found.note(of_secret == of_user, "the user has what the secret holds")
    found.note(len(of_secret) == 40 and of_secret.isalnum(), f"it is {len(of_secret)} characters, and no punctuation")
    found.note(of_secret not in Path(state).read_text(), "Terraform's state does not hold it")
    Path(digest).write_text(hashlib.sha256(of_secret.encode()).hexdigest())
    found.end()


def clear(group):
    try:
        client("sagemaker").delete_model_package_group(ModelPackageGroupName=group)
        sys.exit(f"{group} was deleted with its packages: AWS refuses that, so the emulator must")
    except ClientError as refused:
        print(f"refused, as on AWS: {refused.response['Error']['Message']}")
    packages = client("sagemaker").list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"]
    for package in packages:
        client("sagemaker").delete_model_package(ModelPackageName=package["ModelPackageArn"])
    print(f"deleted {len(packages)} model packages of {group}")


def gone(path):
    out, found = outputs(path), Findings()
    buckets = [one["Name"] for one in client("s3").list_buckets()["Buckets"]]
    found.note(not buckets, f"buckets: {buckets}")
    roles = [one["RoleName"] for one in client("iam").list_roles()["Roles"] if "spanishgas" in one["RoleName"]]
    found.note(not roles, f"roles: {roles}")
    # A deleted cluster can still be described for a while, as INACTIVE.
    clusters = client("ecs").describe_clusters(clusters=client("ecs").list_clusters()["clusterArns"])["clusters"]
    active = [one["clusterName"] for one in clusters if one["status"] != "INACTIVE"]
    found.note(not active, f"ecs clusters: {active}")
    for service, call, field in [
        ("rds", "describe_db_instances", "DBInstances"),
        ("sns", "list_topics", "Topics"),
        ("logs", "describe_log_groups", "logGroups"),
        ("secretsmanager", "list_secrets", "SecretList"),
    ]:
        left = getattr(client(service), call)()[field]
        found.note(not left, f"{service} {call}: {len(left)}")
    try:
        client("sagemaker").describe_model_package_group(ModelPackageGroupName=out["model_package_group"])
        found.note(False, f"group {out['model_package_group']} is still there")
    except ClientError:
        found.note(True, f"group {out['model_package_group']}: none")
    found.end()


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    {"upload": upload, "listen": listen, "letters": letters, "look": look, "password": password, "clear": clear, "gone": gone}[command](*arguments)
