#!/usr/bin/env python3
"""Holds a plan against the list of differences that the emulator makes: differences.py PLAN_JSON LIST."""

import json
import sys
from pathlib import Path


def read_list(path):
    """(type, attribute) -> reason."""
    lines = [line for line in Path(path).read_text().splitlines() if line and not line.startswith("#")]
    return {tuple(line.split(" ", 2)[:2]): line.split(" ", 2)[2] for line in lines}


def changed_attributes(change):
    before, after, unknown = change["before"] or {}, change["after"] or {}, change.get("after_unknown") or {}
    names = set(before) | set(after) | {name for name, value in unknown.items() if value is True}
    return sorted(name for name in names if before.get(name) != after.get(name) and not is_consequence(name, unknown))


def is_consequence(name, unknown):
    """An attribute that AWS gives a replaced resource anew."""
    return unknown.get(name) is True


def differences(plan):
    for resource in plan.get("resource_changes", []):
        actions = resource["change"]["actions"]
        if actions in (["no-op"], ["read"]):
            continue
        if actions in (["create"], ["delete"]):
            yield resource["address"], resource["type"], actions[0]
            continue
        attributes = changed_attributes(resource["change"])
        if not attributes:
            yield resource["address"], resource["type"], "+".join(actions)
        for attribute in attributes:
            yield resource["address"], resource["type"], attribute


def main():
    plan = json.loads(Path(sys.argv[1]).read_text())
    known = read_list(sys.argv[2])
    seen, surprising = set(), []
    for address, kind, attribute in differences(plan):
        reason = known.get((kind, attribute))
        seen.add((kind, attribute))
        print(f"  {address}: {attribute}: {reason or 'NOT EXPECTED'}")
        if reason is None:
            surprising.append(f"{address}: {attribute}")
    stale = [" ".join(key) for key in known if key not in seen]
    if surprising:
        print(f"the second plan changes what it should not ({len(surprising)}); mend the module, or explain in {sys.argv[2]}:")
        print("\n".join(f"  {line}" for line in surprising))
    if stale:
        print(f"{sys.argv[2]} explains what does not happen any more; remove:")
        print("\n".join(f"  {line}" for line in stale))
    sys.exit(bool(surprising or stale))


if __name__ == "__main__":
    main()
