#!/usr/bin/env python3
"""Evaluates the rendered policies: check.py RENDERED.json [--loosen]

RENDERED.json holds the outputs of render/. With --loosen every policy is damaged in many ways, one at a time, and the
checks must find each: a check that cannot fail is none.
"""

import json
import sys

import loosen
from actions import WITHOUT_RESOURCE, WITHOUT_RESOURCE_IN_CEILINGS, changes_something, load, of_a_plan
from evaluate import as_list, gives_action, is_allowed, matches
from needed import ROLES, Place
from refused import elsewhere, not_its_business, otherwise

CEILINGS = {"boundary": [role for role in ROLES if role not in ("deploy", "eraser", "collector")],
            "eraser_boundary": ["eraser"], "collector_boundary": ["collector"], "deploy_boundary": ["deploy"]}
# Roles that look; and what little they may change: the acknowledgements of alerts, and what their encryption needs.
MAY_WRITE = {"operator": set(), "dashboard": {"s3:PutObject", "kms:GenerateDataKey"}}
# Whose conditions a ceiling repeats.
CONDITIONS = {
    "boundary": ["cloudwatch:PutMetricData", "ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface",
                 "ec2:DeleteNetworkInterfacePermission", "iam:PassRole", "kms:CreateGrant", "s3:ListBucket"],
    "eraser_boundary": ["cloudwatch:PutMetricData", "s3:ListBucket", "s3:ListBucketVersions"],
    "collector_boundary": ["s3:ListBucket"],
    "deploy_boundary": ["iam:PassRole"],
}
ACTIONS = load()


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        rendered = json.load(file)
    permissions = json.loads(rendered["permissions"])
    if "--loosen" in sys.argv:
        place = Place(rendered["places"]["everything"])
        return report(loosen.all_found(rendered["policies"]["everything"], lambda policies, role: any(
            not passed for passed, _ in check(permissions, policies, place, False, role))))
    results = [result for name, policies in rendered["policies"].items() for result in check_environment(
        permissions, policies, Place(rendered["places"][name]), name == "plain", name)]
    return report(results)


def check_environment(permissions, texts, place, plain, name):
    policies = {role: json.loads(text) for role, text in texts.items()}
    if set(policies) != set(ROLES) | set(CEILINGS):
        yield False, f"{name}: policies of {sorted(policies)}, expected {sorted(set(ROLES) | set(CEILINGS))}"
    for role in policies:
        for passed, what in check(permissions, policies, place, plain, role):
            yield passed, f"{name}, {role}: {what}"


def check(permissions, policies, place, plain, role):
    """All that is asked of one policy: whether it held, and what it was."""
    if role in CEILINGS:
        yield from check_ceiling(policies, place, plain, role)
    else:
        yield from check_role(permissions, policies[role], place, plain, role)
    coarse = WITHOUT_RESOURCE_IN_CEILINGS if role == "deploy_boundary" else set()
    yield from check_stars(policies[role], WITHOUT_RESOURCE | coarse)


def check_role(permissions, policy, place, plain, role):
    needed = ROLES[role](place)
    yield from check_needed(policy, needed, plain)
    yield from check_refused(policy, needed, place)
    for request in not_its_business(role, place):
        yield not is_allowed(policy, request), f"must refuse {request}"
    listed = listed_actions(permissions[role])
    yield from check_other_actions(policy, listed)
    yield from check_list(permissions[role], listed, needed)
    if role == "deploy":
        for action in of_a_plan():
            yield action in {request.action for request in needed}, f"needed.py has no request for {action} of a plan"
    if role in MAY_WRITE:
        writes = {action for action in ACTIONS if changes_something(action, ACTIONS) and gives_action(policy, action)}
        yield writes <= MAY_WRITE[role], f"must write nothing else, and is allowed {sorted(writes - MAY_WRITE[role])}"


def check_needed(policy, needed, plain):
    for request in needed:
        if not (plain and request.optional):
            yield is_allowed(policy, request), f"must allow {request}"
        else:
            yield not is_allowed(policy, request), f"must refuse what is not in use: {request}"


def check_refused(policy, needed, place):
    for request in needed:
        for other in [*elsewhere(request, place), *otherwise(request)]:
            yield not is_allowed(policy, other), f"must refuse {other}"


def check_other_actions(policy, listed):
    for action in ACTIONS:
        if action not in listed:
            yield not gives_action(policy, action), f"must not be allowed {action} anywhere"


def check_list(services, listed, needed):
    """Every operation and action of the list is among what was asked above."""
    operations = {f"{service} {operation}": action for service, grants in services.items() if service != "also"
                  for operation, action in grants["operations"].items()}
    asked = {(request.operation, request.action) for request in needed}
    for operation, action in operations.items():
        yield (operation, action) in asked, f"needed.py has no request for {operation} ({action})"
    for action in listed:
        yield action in {request.action for request in needed}, f"needed.py has no request for {action}"
        yield action in ACTIONS, f"{action} is no action that AWS knows (actions.txt)"


def listed_actions(services):
    grants = [grant for service, listed in services.items()
              for grant in (listed if service == "also" else listed["grants"])]
    return {action for grant in grants for action in grant["actions"]}


def check_ceiling(policies, place, plain, ceiling):
    """A ceiling lets its roles have what they need, and nobody anything that none of them has."""
    policy, below = policies[ceiling], CEILINGS[ceiling]

    def beyond(request):
        return is_allowed(policy, request) and not any(is_allowed(policies[role], request) for role in below)

    for role in below:
        for request in ROLES[role](place):
            if not (plain and request.optional):
                yield is_allowed(policy, request), f"must allow {role} {request}"
            may_be_coarse = ceiling == "deploy_boundary" and looks_beyond(request.action)
            for other in elsewhere(request, place):
                yield may_be_coarse or not beyond(other), f"must refuse {other}"
            if request.action in CONDITIONS[ceiling]:
                for other in otherwise(request):
                    yield not beyond(other), f"must refuse {other}"
        for request in not_its_business(role, place):
            yield not beyond(request), f"must refuse {request}"
    for action in ACTIONS:
        looks = ceiling == "deploy_boundary" and not changes_something(action, ACTIONS)
        had = looks or not gives_action(policy, action) or any(gives_action(policies[role], action) for role in below)
        yield had, f"must not be allowed {action}, which none of its roles has"


def looks_beyond(action):
    return any(matches(pattern, action) for pattern in WITHOUT_RESOURCE_IN_CEILINGS)


def check_stars(policy, exempt):
    """All resources only where AWS knows none, and never all actions of a service."""
    for statement in policy["Statement"]:
        actions = as_list(statement.get("Action", ["NotAction"]))
        if any(set(resource) == {"*"} for resource in as_list(statement["Resource"])):
            beyond = [action for action in actions if action not in exempt]
            yield not beyond, f"{beyond} on all resources"
        wide = [action for action in actions if action in ("*", "NotAction") or action.endswith(":*")]
        yield not wide, f"whole services are allowed: {wide}"


def failures(results):
    return [what for passed, what in results if not passed]


def report(results):
    results = list(results)
    failed = failures(results)
    for what in failed[:40]:
        print(f"FAILED  {what}")
    if len(failed) > 40:
        print(f"FAILED  and {len(failed) - 40} more")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
