"""Damages policies one statement at a time. What the checks do not find shows where they are blind."""

import copy
import json


def damages(policy):
    """What is damaged, and the damaged policy."""
    for number, statement in enumerate(policy["Statement"]):
        def changed(change, number=number):
            damaged = copy.deepcopy(policy["Statement"][number])
            change(damaged)
            # The other statements stay the same ones: evaluate.py remembers what they answered.
            statements = policy["Statement"]
            return {**policy, "Statement": [*statements[:number], damaged, *statements[number + 1:]]}

        what = f"statement {number} ({statement['Action'][0]} and {len(statement['Action']) - 1} more)"
        if statement["Resource"] != ["*"]:
            yield f"{what} on all resources", changed(lambda s: s.update(Resource=["*"]))
            widened = [any_account(arn) for arn in statement["Resource"]]
            yield f"{what} on any account's", changed(lambda s, arns=widened: s.update(Resource=arns))
        if "Condition" in statement:
            yield f"{what} without its condition", changed(lambda s: s.pop("Condition"))
        yield f"{what} with iam:CreateUser", changed(lambda s: s["Action"].append("iam:CreateUser"))
        yield f"{what} with s3:Delete*", changed(lambda s: s["Action"].append("s3:Delete*"))
        service = statement["Action"][0].split(":")[0]
        yield f"{what} with its whole service", changed(lambda s, all_of=f"{service}:*": s["Action"].append(all_of))
        yield f"{what} for all other actions", changed(lambda s: s.update(NotAction=[s.pop("Action")[0]]))
        for action in statement["Action"]:
            yield f"{what} without {action}", changed(lambda s, a=action: s["Action"].remove(a))
    yield "a statement more that allows everything", {
        **policy, "Statement": [*policy["Statement"], {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]}


def any_account(arn):
    parts = arn.split(":", 5)
    if len(parts) == 6 and parts[2] == "s3":
        return f"arn:aws:s3:::*/{arn.split('/', 1)[1]}" if "/" in arn else "arn:aws:s3:::*"
    return ":".join([*parts[:3], "*", "*", parts[5]]) if len(parts) == 6 else arn


def all_found(texts, has_failed):
    """For each damage whether a check failed."""
    policies = {role: json.loads(text) for role, text in texts.items()}
    for role, policy in policies.items():
        for what, damaged in damages(policy):
            yield has_failed({**policies, role: damaged}, role), f"nobody saw it: {role}: {what}"
