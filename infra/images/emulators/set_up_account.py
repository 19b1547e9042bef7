"""Makes what the `aws` profile needs in an emulated account, and uploads the raw files: `set_up_account.py FOLDER`.

Bucket (with versions), topic with a queue that hears it, model package group. Safe to run again: what is there
stays, and a file of the same size is not uploaded twice.
"""

import os
import sys
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

BUCKET, PREFIX = os.environ["LAKE_BUCKET"], os.environ["LAKE_PREFIX"]
TOPIC, GROUP = os.environ["ALERT_TOPIC"], os.environ["MODEL_PACKAGE_GROUP"]


def main(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        sys.exit(f"set-up: no raw files in {folder}: generate them first")
    make_bucket()
    make_topic()
    make_group()
    upload(folder, files)


def s3():
    return boto3.client("s3", config=Config(s3={"addressing_style": "path"}))


def make_bucket() -> None:
    place = {"LocationConstraint": os.environ["AWS_REGION"]}
    try:
        s3().create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
            raise
    s3().put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    print(f"set-up: bucket {BUCKET}, which keeps versions")


def make_topic() -> None:
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    topic = sns.create_topic(Name=TOPIC)["TopicArn"]
    queue = sqs.create_queue(QueueName=TOPIC)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    print(f"set-up: topic {topic}, and a queue that hears it")


def make_group() -> None:
    sagemaker = boto3.client("sagemaker")
    known = sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]
    if GROUP not in (group["ModelPackageGroupName"] for group in known):
        sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)
    print(f"set-up: model package group {GROUP}")


def upload(folder: Path, files: list[Path]) -> None:
    there = {}
    for page in s3().get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"{PREFIX}/raw/"):
        there.update((item["Key"], item["Size"]) for item in page.get("Contents", []))
    for path in files:
        key, size = f"{PREFIX}/raw/{path.relative_to(folder)}", path.stat().st_size
        if there.get(key) != size:
            s3().upload_file(str(path), BUCKET, key)
            print(f"set-up: s3://{BUCKET}/{key}, {size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
