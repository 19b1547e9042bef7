"""What actionlint does not ask of .github/workflows and .github/actions: every finding is printed, one is enough to fail.

- every action is pinned by the 40 digits of its commit, with the version as a comment;
- nothing is allowed for the whole workflow, and each job says what it may;
- each job has a time-out, each workflow a concurrency group;
- no expression stands in a shell script: values come through `env`, so that none is read as shell;
- a checkout leaves no token behind; nobody's pull request runs with our secrets (`pull_request_target`);
- the targets of make and the scripts that a step calls are there.
"""

import re
import sys
from pathlib import Path

import yaml

WORKFLOWS = Path(".github/workflows")
ACTIONS = Path(".github/actions")
TARGETS = set(re.findall(r"^([a-z-]+):(?!=)", Path("Makefile").read_text(), re.MULTILINE))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
USES = re.compile(r"^\s*(?:-\s+)?uses:\s*(?P<action>\S+)(?P<rest>.*)$")


def of_lines(text):
    """Pins stand in the text: a comment is not in the parsed file."""
    for number, line in enumerate(text.splitlines(), start=1):
        found = USES.match(line)
        if not found or found["action"].startswith("./"):
            continue
        if not PINNED.fullmatch(found["action"]):
            yield f"line {number}: {found['action']} is not pinned by a commit of 40 hex digits"
        elif not re.match(r"\s+# v\d+(\.\d+)*$", found["rest"]):
            yield f"line {number}: {found['action']} does not say its version (`# v1.2.3`)"


def of_step(step):
    name = step.get("name") or step.get("uses") or step.get("run", "").split("\n")[0]
    if "${{" in step.get("run", ""):
        yield f"step `{name}`: an expression in the shell script; give it through env"
    for call in re.findall(r"^\s*make\s+(.*)$", step.get("run", ""), re.MULTILINE):
        for target in (word for word in call.split() if re.fullmatch(r"[a-z][a-z-]*", word)):
            if target not in TARGETS:
                yield f"step `{name}`: the Makefile has no target {target}"
    for script in re.findall(r"(?<![\w/])scripts/[\w./-]+", step.get("run", "")):
        if not Path(script).is_file():
            yield f"step `{name}`: there is no {script}"
    if step.get("uses", "").startswith("actions/checkout@") and (step.get("with") or {}).get("persist-credentials") is not False:
        yield f"step `{name}`: without `persist-credentials: false` the token stays in .git/config"


def of_job(job):
    if "permissions" not in job:
        yield "no permissions of its own"
    elif not isinstance(job["permissions"], dict):
        yield f"permissions {job['permissions']!r}: name each one"
    if "uses" not in job and not isinstance(job.get("timeout-minutes"), int):
        yield "no timeout-minutes"
    for step in job.get("steps", []):
        yield from of_step(step)


def of_workflow(text):
    yield from of_lines(text)
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads the key `on` as true.
    triggers = workflow.get("on", workflow.get(True)) or {}
    if "pull_request_target" in triggers:
        yield "pull_request_target gives a stranger's change our secrets"
    if workflow.get("permissions") != {}:
        yield "`permissions: {}` is missing at the top: each job says what it may"
    # A workflow that others call has the group of its caller.
    if "concurrency" not in workflow and set(triggers) != {"workflow_call"}:
        yield "no concurrency group"
    for name, job in workflow["jobs"].items():
        for finding in of_job(job):
            yield f"job {name}: {finding}"


def of_action(text):
    yield from of_lines(text)
    for step in yaml.safe_load(text)["runs"].get("steps", []):
        yield from of_step(step)


def main():
    files = sorted(WORKFLOWS.glob("*.y*ml"))
    actions = sorted(ACTIONS.glob("*/action.y*ml"))
    findings = [f"{file}: {finding}" for file in files for finding in of_workflow(file.read_text())]
    findings += [f"{file}: {finding}" for file in actions for finding in of_action(file.read_text())]
    for finding in findings:
        print(finding, file=sys.stderr)
    if not files:
        sys.exit(f"{WORKFLOWS}: no workflow to look at")
    if findings:
        sys.exit(1)
    print(f"workflows ok: {len(files)} workflows, {len(actions)} actions")


if __name__ == "__main__":
    main()
