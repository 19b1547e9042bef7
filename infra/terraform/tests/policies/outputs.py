#!/usr/bin/env python3
"""Writes the outputs of the one plan that `terraform test -json -verbose` prints; with --errors, what failed."""

import json
import sys


def main():
    messages = [json.loads(line) for line in sys.stdin]
    if "--errors" in sys.argv:
        for message in messages:
            if message["type"] == "diagnostic":
                print(message["@message"], message["diagnostic"].get("detail", ""), sep="\n  ")
        return
    plans = [message["test_plan"] for message in messages if message["type"] == "test_plan"]
    if len(plans) != 1:
        sys.exit(f"terraform test printed {len(plans)} plans, expected one: its format has changed")
    outputs = plans[0]["output_changes"]
    print(json.dumps({name: outputs[name]["after"] for name in ["policies", "places", "permissions"]}))


if __name__ == "__main__":
    main()
