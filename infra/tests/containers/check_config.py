"""Looks at what `docker compose config --format json` prints: ports, versions, digests, rights, secrets, health,
limits: `check_config.py .env.example < CONFIG`."""

import collections
import json
import re
import sys
from pathlib import Path

# Not tried with a read-only root: the image has never run here.
MAY_WRITE = {"temporal-ui"}
MAY_BE_ROOT = {"certificates", "dashboard-tokens", "postgres"}
# Runs for long, and nothing looks at its health.
WITHOUT_HEALTH = {"temporal-ui": "it is not known here what its image could ask with; nothing waits for it"}
# What the work is done in: all CPUs are meant, unless WORKER_CPUS says otherwise.
MAY_USE_ALL_CPUS = {"worker", "worker-aws", "worker-production", "data", "aws-data", "sagemaker"}
# Ours are built here; the digests of the others could not be looked up.
BUILT_HERE = re.compile(r"spanishgas(-[a-z]+)?:local")
WITHOUT_DIGEST = {"POSTGRES_IMAGE", "TEMPORAL_UI_IMAGE", "PROMETHEUS_IMAGE", "GRAFANA_IMAGE"}
# Names of variables that hold a secret, and the two of the emulators, which look at no key.
SECRET = re.compile(r"PASSWORD|PASSWD|PWD|SECRET|TOKEN|API_KEY|CREDENTIAL|ACCESS_KEY")
NO_SECRET = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def problems(name: str, service: dict, services: dict) -> list[str]:
    return [*of_ports(service), *of_rights(name, service), *of_secrets(service), *of_limits(name, service),
            *of_health(name, service), *of_waiting(service, services)]


def of_ports(service: dict):
    for port in service.get("ports", []):
        if port.get("host_ip") != "127.0.0.1":
            yield f"port {port['published']} is open to other machines"


def of_rights(name: str, service: dict):
    if not service.get("read_only") and name not in MAY_WRITE:
        yield "its root file system can be written to"
    if service.get("cap_drop") != ["ALL"]:
        yield "it keeps capabilities"
    if service.get("cap_add") and name not in MAY_BE_ROOT:
        yield "it takes capabilities"
    if service.get("privileged") or service.get("network_mode") == "host" or service.get("pid"):
        yield "it shares the machine's processes, network or devices"
    if service.get("user", "10001").split(":")[0] in ("0", "root") and name not in MAY_BE_ROOT:
        yield "it is root"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "it may take new privileges"


def of_secrets(service: dict):
    for variable, value in service.get("environment", {}).items():
        a_path = variable.endswith("_FILE") and (value or "").startswith("/run/secrets/")
        if SECRET.search(variable) and not a_path and NO_SECRET.get(variable) != value:
            yield f"{variable} is in the environment, where `docker inspect` shows it"


def of_limits(name: str, service: dict):
    limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
    for what in ("memory", "pids", "cpus"):
        if not limits.get(what) and not (what == "cpus" and name in MAY_USE_ALL_CPUS):
            yield f"it has no limit of {what}"


def is_asked(service: dict) -> bool:
    health = service.get("healthcheck", {})
    return bool(health.get("test")) and not health.get("disable")


def of_health(name: str, service: dict):
    if "restart" not in service:
        yield "it does not say whether it is restarted"
    elif service["restart"] != "no" and not is_asked(service) and name not in WITHOUT_HEALTH:
        yield "it runs for long, and no health check looks at it"
    test = service.get("healthcheck", {}).get("test") or []
    if "pg_isready" in test and "-h" not in test:
        yield "its health check is green by the socket of initdb's own server, which ends again"


def of_waiting(service: dict, services: dict):
    for other, how in service.get("depends_on", {}).items():
        wanted = how["condition"]
        if wanted == "service_healthy" and not is_asked(services[other]):
            yield f"it waits for the health of {other}, which has no health check"
        if wanted == "service_completed_successfully" and services[other].get("restart") != "no":
            yield f"it waits for the end of {other}, which runs for long"


def problems_of_images(services: dict, examples: str):
    """Each image has a version, and the digest that .env.example offers is one of that version."""
    settings = dict(re.findall(r"^([A-Z_]+_IMAGE)=(\S+)$", examples, re.MULTILINE))
    pinned = dict(re.findall(r"^#([A-Z_]+_IMAGE)=(\S+)$", examples, re.MULTILINE))
    variables = {image: variable for variable, image in settings.items()}
    for image in sorted({service["image"] for service in services.values()}):
        variable = variables.get(image)
        if not re.search(r":[^:/]+$", image) or image.endswith(":latest"):
            yield f"{image}: it has no version"
        if variable is None:
            yield f"{image}: .env.example has another, or none"
        elif not BUILT_HERE.fullmatch(image) and variable not in WITHOUT_DIGEST:
            if not re.fullmatch(re.escape(image) + "@sha256:[0-9a-f]{64}", pinned.get(variable, "")):
                yield f"{image}: .env.example offers no digest of this version in #{variable}="


services = json.load(sys.stdin)["services"]
found = [f"{name}: {problem}" for name, service in services.items() for problem in problems(name, service, services)]
found += problems_of_images(services, Path(sys.argv[1]).read_text())
ports = collections.Counter(port["published"] for service in services.values() for port in service.get("ports", []))
found += [f"port {port} is published twice" for port, times in ports.items() if times > 1]
print(len(services), "services looked at; without a health check:")
for name, why in WITHOUT_HEALTH.items():
    print(f"    {name}: {why}")
sys.exit("\n".join(found) if found else 0)
