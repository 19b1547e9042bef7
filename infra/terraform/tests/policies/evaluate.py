"""Decides as IAM does whether a policy allows a request: as far as our policies go, and no further.

What it does not know (another operator, NotPrincipal, policy variables) it refuses to judge. That is an error of this
file, not an answer.
"""

import functools
import re

STRINGS = {"StringEquals": "equals", "StringLike": "like", "ArnEquals": "like", "ArnLike": "like", "Bool": "bool"}


class Request:
    """An action on a resource, and what AWS knows of the call."""

    def __init__(self, action, resource, context=None):
        self.action, self.resource, self.context = action, resource, context or {}

    def __str__(self):
        known = "".join(f", {key} {value}" for key, value in self.context.items())
        return f"{self.action} on {self.resource}{known}"


def is_allowed(policy, request):
    """Whether some statement allows it and none denies it."""
    effects = {statement["Effect"] for statement in policy["Statement"] if applies(statement, request)}
    return "Allow" in effects and "Deny" not in effects


def gives_action(policy, action):
    """Whether some statement allows the action anywhere, under whatever condition."""
    return any(s["Effect"] == "Allow" and names_action(s, action) for s in policy["Statement"])


def applies(statement, request):
    unknown = set(statement) - {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
    if unknown:
        raise ValueError(f"a statement has {sorted(unknown)}, which evaluate.py cannot judge")
    return (names_action(statement, request.action)
            and names_resource(statement, request.resource)
            and all(holds(operator, keys, request.context) for operator, keys in conditions_of(statement)))


# id(statement) -> the statement, so that no other one gets its id, and what it answered for each action. Nearly all of the
# time went into asking the same statements the same things.
ANSWERS, ANSWERS_KEPT = {}, 500


def names_action(statement, action):
    """Whether the statement is about the action. A statement must not be changed once it was asked."""
    if len(ANSWERS) > ANSWERS_KEPT:
        ANSWERS.clear()
    _, answers = ANSWERS.setdefault(id(statement), (statement, {}))
    if action not in answers:
        # Actions are compared without case, resources with it.
        listed = as_list(statement.get("Action", statement.get("NotAction")))
        named = any(matches(pattern.lower(), action.lower()) for pattern in listed)
        answers[action] = named == ("Action" in statement)
    return answers[action]


def names_resource(statement, resource):
    listed = as_list(statement.get("Resource", statement.get("NotResource")))
    return any(matches(pattern, resource) for pattern in listed) == ("Resource" in statement)


def conditions_of(statement):
    return statement.get("Condition", {}).items()


def holds(operator, keys, context):
    """Every key must hold; of its values one."""
    if_exists = operator.endswith("IfExists")
    kind = STRINGS.get(operator.removesuffix("IfExists"))
    if kind is None:
        raise ValueError(f"the condition operator {operator} is unknown to evaluate.py")
    known = {key.lower(): value for key, value in context.items()}
    for key, wanted in keys.items():
        if key.lower() not in known:
            if not if_exists:
                return False
            continue
        if not any(agrees(kind, str(value), known[key.lower()]) for value in as_list(wanted)):
            return False
    return True


def agrees(kind, wanted, given):
    if "${" in wanted:
        raise ValueError(f"{wanted} holds a policy variable, which evaluate.py cannot judge")
    if kind == "like":
        return matches(wanted, given)
    return wanted.lower() == given.lower() if kind == "bool" else wanted == given


def matches(pattern, text):
    if not set("*?$") & set(pattern):
        return pattern == text
    return compiled(pattern).fullmatch(text) is not None


@functools.lru_cache(maxsize=None)
def compiled(pattern):
    if "${" in pattern:
        raise ValueError(f"{pattern} holds a policy variable, which evaluate.py cannot judge")
    return re.compile("".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern), re.DOTALL)


def as_list(value):
    return value if isinstance(value, list) else [value]
