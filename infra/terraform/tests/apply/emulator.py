"""moto's server, with what Terraform needs and moto leaves out.

Run by moto's own Python: `emulator.py --gaps` lists what is added, else the arguments are moto_server's. Each addition
answers what was asked for before; none makes moto say that something is there that is not.
"""

import json
import re
import sys

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.budgets.responses import BudgetsResponse
from moto.iam.access_control import IAMPolicy
from moto.s3 import models as s3_models
from moto.s3.responses import S3Response
from moto.sagemaker.exceptions import ConflictException
from moto.sagemaker.responses import SageMakerResponse
from moto.server import main

GAPS = []


def fills(cls, name, what):
    """Puts a function in place of `cls.name`; it gets the function that was there, None where there was none."""

    def put(function):
        before = getattr(cls, name, None)
        setattr(cls, name, lambda self, *args, **kwargs: function(before, self, *args, **kwargs))
        GAPS.append(what)

    return put


@fills(BudgetsResponse, "describe_subscribers_for_notification", "budgets: who is subscribed to a notification")
def _subscribers(_before, self):
    budget = self.backend.budgets[self._get_param("AccountId")][self._get_param("BudgetName")]
    # Numbers come as they were written, 50 or 50.0.
    asked = {**self._get_param("Notification"), "Threshold": float(self._get_param("Notification")["Threshold"])}
    for known in budget.notifications:
        details = {**known.details, "Threshold": float(known.details["Threshold"])}
        if all(details.get(key) == value for key, value in asked.items() if key != "NotificationState"):
            return json.dumps({"Subscribers": known.subscribers})
    return json.dumps({"Subscribers": []})


BUDGET_TAGS = {}


@fills(BudgetsResponse, "create_budget", "budgets: tags of a budget are kept")
def _create_budget(before, self):
    name = self._get_param("Budget")["BudgetName"]
    BUDGET_TAGS[f"arn:aws:budgets::{self.current_account}:budget/{name}"] = self._get_param("ResourceTags", [])
    return before(self)


@fills(BudgetsResponse, "list_tags_for_resource", "budgets: tags of a budget can be read")
def _budget_tags(_before, self):
    return json.dumps({"ResourceTags": BUDGET_TAGS.get(self._get_param("ResourceARN"), [])})


SCALING_TAGS = {}


@fills(ApplicationAutoScalingResponse, "register_scalable_target", "autoscaling: tags of a target are kept")
def _register(before, self):
    answer = before(self)
    service, resource = self._get_param("ServiceNamespace"), self._get_param("ResourceId")
    for target in self.applicationautoscaling_backend.describe_scalable_targets(service, [resource], None):
        if self._get_param("Tags"):
            SCALING_TAGS[target.arn] = self._get_param("Tags")
    return answer


@fills(ApplicationAutoScalingResponse, "list_tags_for_resource", "autoscaling: tags of a target can be read")
def _scaling_tags(_before, self):
    return json.dumps({"Tags": SCALING_TAGS.get(self._get_param("ResourceARN"), {})})


@fills(s3_models.FakeBucket, "set_lifecycle", "s3: the size limits of a lifecycle rule with a tag are kept")
def _set_lifecycle(before, self, rules):
    self.size_limits = {}
    for rule in rules if isinstance(rules, list) else [rules]:
        both = (rule.get("Filter") or {}).get("And") or {}
        self.size_limits[rule.get("ID")] = {
            key: both[key] for key in ("ObjectSizeGreaterThan", "ObjectSizeLessThan") if key in both
        }
    return before(self, rules)


@fills(S3Response, "get_bucket_lifecycle", "s3: the size limits of a lifecycle rule with a tag can be read")
def _get_lifecycle(before, self):
    status, headers, body = before(self)
    limits = getattr(self.backend.get_bucket(self.bucket_name), "size_limits", {})

    def with_limits(rule):
        name = re.search(r"<ID>(.*?)</ID>", rule.group(0))
        values = limits.get(name.group(1), {}) if name else {}
        return rule.group(0).replace("<And>", "<And>" + "".join(f"<{k}>{v}</{k}>" for k, v in values.items()))

    return status, headers, re.sub(r"<Rule>.*?</Rule>", with_limits, body, flags=re.DOTALL)


@fills(s3_models.S3Backend, "delete_object", "s3: one version can be deleted while versioning is suspended, as Terraform leaves it before it empties a bucket")
def _delete_object(before, self, bucket_name, key_name, version_id=None, bypass=False):
    bucket = self.get_bucket(bucket_name)
    if version_id is None or bucket.versioning_status != "Suspended":
        return before(self, bucket_name, key_name, version_id=version_id, bypass=bypass)
    kept = [version for version in bucket.keys.getlist(key_name, []) if str(version.version_id) != str(version_id)]
    bucket.keys.setlist(key_name, kept)
    if not kept:
        bucket.keys.pop(key_name)
    return True, {"version-id": version_id}


def _may_deliver_logs(target_bucket, target_prefix):
    """moto's own check stumbles over `"Principal": "*"`."""
    place = f"arn:aws:s3:::{target_bucket.name}/{target_prefix or ''}*"
    for statement in json.loads(target_bucket.policy or b'{"Statement": []}')["Statement"]:
        principal = statement["Principal"]
        if (
            isinstance(principal, dict)
            and principal.get("Service") == "logging.s3.amazonaws.com"
            and statement["Effect"] == "Allow"
            and statement["Resource"] == place
        ):
            return True
    return False


s3_models.FakeBucket._log_permissions_enabled_policy = staticmethod(_may_deliver_logs)
GAPS.append("s3: a policy of a log bucket may also say something to everybody")

@fills(SageMakerResponse, "delete_model_package", "sagemaker: a model package can be deleted")
def _delete_package(_before, self):
    backend = self.sagemaker_backend
    package = backend.describe_model_package(self._get_param("ModelPackageName"))
    del backend.model_packages[package.arn]
    return json.dumps({})


@fills(SageMakerResponse, "delete_model_package_group", "sagemaker: an empty group can be deleted, one with packages cannot")
def _delete_group(_before, self):
    backend, name = self.sagemaker_backend, self._get_param("ModelPackageGroupName")
    if any(package.model_package_group_name == name for package in backend.model_packages.values()):
        raise ConflictException(f"Model Package Group {name} cannot be deleted as it still contains Model Packages.")
    backend.model_package_groups.pop(name, None)
    return json.dumps({})


ABOUT_TLS = {"aws:SecureTransport", "s3:TlsVersion"}


def _is_about_tls(statement):
    keys = {key for values in statement.get("Condition", {}).values() for key in values}
    return statement["Effect"] == "Deny" and bool(keys) and keys <= ABOUT_TLS


@fills(s3_models.FakeBucket, "get_permission", "s3: plain HTTP is let in, as the emulator has no TLS (moto denies whatever a condition says)")
def _permission(_before, self, action, resource):
    document = json.loads(self.policy or b'{"Statement": []}')
    document["Statement"] = [statement for statement in document["Statement"] if not _is_about_tls(statement)]
    return IAMPolicy(json.dumps(document)).is_action_permitted(action, resource)


if __name__ == "__main__":
    if sys.argv[1:] == ["--gaps"]:
        print("\n".join(GAPS))
    else:
        sys.exit(main())
