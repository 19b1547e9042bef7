#!/usr/bin/env python3
"""Every name that docs/deploy.md and docs/costs.md give to somebody who types it must exist: files, links, make targets,
Terraform's outputs and variables, workflows and their inputs, alarms, commands of the program, keys of aws.yaml. And every
variable of the shell that a command uses is set in its section before, or by the words that are typed in every new shell.

    scripts/check_deploy_doc.py        ends with 1 and says which names are not there
"""

import re
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
DOCUMENTS = [TOP / "docs" / "deploy.md", TOP / "docs" / "costs.md"]
ENVIRONMENTS = TOP / "infra" / "terraform" / "environments"
MODULES = TOP / "infra" / "terraform" / "modules"


def read(*paths: Path) -> str:
    """The text of all of them; of a path that is not there, nothing: its names are then missing."""
    return "\n".join(path.read_text() for path in paths if path.is_file())


def declared(kind: str, folder: Path) -> set[str]:
    """Names of Terraform's outputs or variables in a folder."""
    return set(re.findall(rf'^{kind} "(\w+)"', read(*sorted(folder.glob("*.tf"))), re.MULTILINE))


def in_every_environment(kind: str) -> set[str]:
    folders = [folder for folder in sorted(ENVIRONMENTS.glob("*")) if folder.is_dir()]
    return set.intersection(*(declared(kind, folder) for folder in folders)) if folders else set()


def slug(heading: str) -> str:
    """GitHub's anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def missing_links(path: Path, text: str):
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http:", "https:")):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if not file.exists():
            yield f"link {target}"
        elif anchor and anchor not in {slug(head) for head in re.findall(r"^#+ (.*)$", read(file), re.MULTILINE)}:
            yield f"link {target}: no such heading"


def missing_files(text: str):
    for name in set(re.findall(r"(?<![\w/.-])((?:scripts|infra|configs|docs)/[\w./-]*\w)", text)):
        if not (TOP / name).exists():
            yield f"file {name}"


def missing_targets(text: str):
    targets = set(re.findall(r"^([a-z-]+):", read(TOP / "Makefile"), re.MULTILINE))
    for name in set(re.findall(r"`make ([a-z-]+)", text)) - targets:
        yield f"make {name}"


def missing_terraform(text: str):
    outputs, variables = in_every_environment("output"), in_every_environment("variable")
    for name in set(re.findall(r"\$\(out (\w+)[ )]", text)) - outputs:
        yield f"output {name} in every one of {ENVIRONMENTS.relative_to(TOP)}"
    settings = "\n".join(re.findall(r"```hcl\n(.*?)```", text, re.DOTALL))
    typed = set(re.findall(r"TF_VAR_(\w+)", text)) | set(re.findall(r"^(\w+) *=", settings, re.MULTILINE))
    for name in typed - variables:
        yield f"variable {name} in every one of {ENVIRONMENTS.relative_to(TOP)}"
    for path in sorted(ENVIRONMENTS.glob("*/variables.tf")):
        known = set(re.findall(r"^ +(\w+) += ", read(path), re.MULTILINE))
        for name in set(re.findall(r"[ {](\w+) += ", settings)) - known:
            yield f"part {name} of a variable in {path.relative_to(TOP)}"


def missing_workflows(text: str):
    for name in set(re.findall(r"workflow `(\w+)`", text)):
        if not (TOP / ".github" / "workflows" / f"{name}.yml").exists():
            yield f"workflow {name}"
    deploy = read(TOP / ".github" / "workflows" / "deploy.yml")
    inputs = set(re.findall(r"^      (\w+):$", deploy.partition("inputs:")[2].partition("permissions:")[0], re.MULTILINE))
    for name in set(re.findall(r"with `(\w+)` = ", text)):
        if name not in inputs:
            yield f"input {name} of the workflow deploy"


def missing_alarms(text: str):
    there = read(MODULES / "monitoring" / "alarms.tf")
    for name in set(re.findall(r"alarm `([\w-]+)`", text)):
        if name not in there:
            yield f"alarm {name}"


def missing_commands(text: str):
    known = set(re.findall(r"^## spanishgas (.*)$", read(TOP / "docs" / "reference" / "cli.md"), re.MULTILINE))
    groups = {words.split()[0] for words in known if " " in words}
    typed = re.findall(r"`(?:spanishgas|churn) ([a-z-]+(?: [a-z]+)?)", text) + re.findall(r"^churn ([a-z-]+ [a-z]+)", text, re.MULTILINE)
    for words in set(typed):
        # What follows a command that has none below it is an argument.
        if words not in known and (words.split()[0] in groups or words.split()[0] not in known):
            yield f"command spanishgas {words}"


def missing_settings(text: str):
    settings = read(TOP / "docs" / "aws.md")
    for name in set(re.findall(r"`((?:lake|training|registry|alerts|metrics)\.[\w.]+)`", text)):
        if f"`{name}`" not in settings:
            yield f"setting {name} of aws.yaml"


def missing_attributes(text: str):
    """Whatever else is in backticks and looks like a name of a setting: Terraform, aws.yaml or a workflow must know it."""
    others = [TOP / "docs" / "aws.md", TOP / ".github" / "workflows" / "deploy.yml"]
    everywhere = read(*sorted(MODULES.rglob("*.tf")), *sorted(ENVIRONMENTS.rglob("*.tf")), *others)
    for name in set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text)):
        if not re.search(rf"\b{name}\b", everywhere):
            yield f"name {name} in infra/terraform, docs/aws.md or the workflow deploy"


def commands(section: str) -> list[str]:
    """What is typed, in order: fenced blocks without a language, and words in backticks."""
    return [block or word for block, word in re.findall(r"^```\n(.*?)^```$|(?<!`)`([^`\n]+)`(?!`)", section, re.DOTALL | re.MULTILINE)]


def missing_variables(text: str):
    """Steps are days apart, in shells of their own: what one section sets, another does not know."""
    # The shell's own, and arguments of functions.
    every_shell = {"PWD", "1", "@"}
    sections = re.split(r"^## ", text, flags=re.MULTILINE)
    for section in sections:
        for command in commands(section.partition("Type them in every new shell")[2]):
            every_shell |= variables_set(command)
    for section in sections:
        known = set(every_shell)
        for command in commands(section):
            known |= variables_set(command)
            for name in sorted(set(re.findall(r"\$\{?(\w+|@)", command)) - known):
                yield f"${name}, which neither the words of every shell nor \"{section.splitlines()[0]}\" set before it is used"


def variables_set(command: str) -> set[str]:
    assigned = re.findall(r"(?:^|[\s;(])(\w+)=", command)
    read_in = re.findall(r"\bread -rs (\w+)", command)
    loops = re.findall(r"\bfor (\w+) in", command)
    of_jq = re.findall(r"--arg (\w+)", command)
    local = [name for names in re.findall(r"\blocal ((?:\w+ ?)+)", command) for name in names.split()]
    return {*assigned, *read_in, *loops, *of_jq, *local}


def main() -> int:
    problems = []
    for path in DOCUMENTS:
        text = read(path)
        found = [f"no {path.name}"] if not text else [
            *missing_links(path, text), *missing_files(text), *missing_targets(text), *missing_terraform(text), *missing_workflows(text),
            *missing_alarms(text), *missing_commands(text), *missing_settings(text), *missing_attributes(text),
            *missing_variables(text),
        ]
        problems += [f"{path.relative_to(TOP)} names what is not there: {what}" for what in found]
    for problem in sorted(problems):
        print(f"check_deploy_doc: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
