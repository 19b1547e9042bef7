"""An emulated AWS account for a lake in S3: a bucket by ministack, a model package group by moto. Neither looks at signatures."""

import json
import os
import shutil
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import running
from places import Missing, Places

REGION = "eu-west-1"
BUCKET = "bench"
GROUP = "bench-churn"
# What a lake's place begins with, and what its keys begin with in the bucket.
PREFIX = "churn"
# Python calls every content a form, unless it is told, and the emulator then reads it as one.
BYTES = {"Content-Type": "application/octet-stream"}
XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
AWS_YAML = """lake: {{ path_style: true, part_mib: 16, parallel_parts: 4 }}
training:
  image: 123456789012.dkr.ecr.{region}.amazonaws.com/spanishgas:bench
  role_arn: arn:aws:iam::123456789012:role/training
registry: {{ model_package_group: {group} }}
alerts: {{ topic_arn: '{topic}' }}
"""


@dataclass(frozen=True)
class Account:
    """Where it listens, and the topic of its alerts."""

    aws: str
    sagemaker: str
    topic: str

    def settings(self) -> str:
        """The text of aws.yaml."""
        return AWS_YAML.format(region=REGION, group=GROUP, topic=self.topic)

    def variables(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_ENDPOINT_URL": self.aws, "AWS_ENDPOINT_URL_SAGEMAKER": self.sagemaker,
        }

    def put(self, key: str, content: bytes) -> None:
        _ask(f"{self.aws}/{BUCKET}/{PREFIX}/{key}", "PUT", content)

    def get(self, key: str) -> bytes:
        return _ask(f"{self.aws}/{BUCKET}/{PREFIX}/{key}", "GET")

    def count(self, prefix: str) -> int:
        """Objects below a prefix: 1,000 at most."""
        asked = urllib.parse.urlencode({"list-type": "2", "prefix": f"{PREFIX}/{prefix}"})
        return _ask(f"{self.aws}/{BUCKET}?{asked}", "GET").count(b"<Key>")


@contextmanager
def account(places: Places, host: str = "127.0.0.1") -> Iterator[Account]:
    """A new account with an empty bucket that keeps versions; it listens at `host`."""
    aws_port, sagemaker_port = running.free_ports(2)
    aws, sagemaker = f"http://{host}:{aws_port}", f"http://{host}:{sagemaker_port}"
    ministack, moto = _program("MINISTACK", "ministack"), _program("MOTO_SERVER", "moto_server")
    listens = {"BIND_HOST": host, "GATEWAY_PORT": str(aws_port)}
    moto_command = [moto, "-H", host, "-p", sagemaker_port]
    with running.background(places, "ministack", [ministack], listens) as first, running.background(places, "moto", moto_command) as second:
        running.wait_until("ministack", first, lambda: _answers(f"{aws}/_ministack/health"))
        running.wait_until("moto", second, lambda: _answers(f"{sagemaker}/moto-api/data.json"))
        yield Account(aws, sagemaker, _furnish(aws, sagemaker))


def _furnish(aws: str, sagemaker: str) -> str:
    """Bucket, group and topic; the topic's ARN."""
    place = f"<CreateBucketConfiguration {XMLNS}><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
    _ask(f"{aws}/{BUCKET}", "PUT", place.encode())
    _ask(f"{aws}/{BUCKET}?versioning", "PUT", f"<VersioningConfiguration {XMLNS}><Status>Enabled</Status></VersioningConfiguration>".encode())
    group = json.dumps({"ModelPackageGroupName": GROUP}).encode()
    spoken = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.CreateModelPackageGroup"}
    _ask(sagemaker, "POST", group, {**spoken, **_signed("sagemaker")})
    form = urllib.parse.urlencode({"Action": "CreateTopic", "Name": "bench-alerts", "Version": "2010-03-31"}).encode()
    answer = _ask(aws, "POST", form, {"Content-Type": "application/x-www-form-urlencoded", **_signed("sns")}).decode()
    return answer.partition("<TopicArn>")[2].partition("</TopicArn>")[0]


def _signed(service: str) -> dict[str, str]:
    """The emulators find the service in it and believe it."""
    credential = f"test/20260101/{REGION}/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"}


def _ask(url: str, method: str, content: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
    request = urllib.request.Request(url, data=content, method=method, headers=headers or {**BYTES, **_signed("s3")})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _program(variable: str, name: str) -> str:
    found = shutil.which(os.environ.get(variable, name))
    if found is None:
        raise Missing(f"a lake in S3 needs {name}, which is not there; `make emulators` installs it")
    return str(Path(found))
