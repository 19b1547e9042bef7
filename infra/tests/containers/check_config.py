"""Looks at what `docker compose config --format json` prints: ports, versions, rights, health, limits."""

import collections
import json
import sys

# Not tried with a read-only root: the image has never run here.
MAY_WRITE = {"temporal-ui"}
MAY_BE_ROOT = {"certificates", "postgres"}


def problems(name: str, service: dict) -> list[str]:
    found = []
    for port in service.get("ports", []):
        if port.get("host_ip") != "127.0.0.1":
            found.append(f"port {port['published']} is open to other machines")
    image = service["image"]
    if ":" not in image or image.endswith(":latest"):
        found.append(f"image {image} has no version")
    if not service.get("read_only") and name not in MAY_WRITE:
        found.append("its root file system can be written to")
    if service.get("cap_drop") != ["ALL"]:
        found.append("it keeps capabilities")
    if service.get("cap_add") and name not in MAY_BE_ROOT:
        found.append("it takes capabilities")
    if "no-new-privileges:true" not in service.get("security_opt", []):
        found.append("it may take new privileges")
    if not service.get("deploy", {}).get("resources", {}).get("limits", {}).get("memory"):
        found.append("it has no limit of memory")
    if "restart" not in service:
        found.append("it does not say whether it is restarted")
    return found


services = json.load(sys.stdin)["services"]
found = [f"{name}: {problem}" for name, service in services.items() for problem in problems(name, service)]
ports = collections.Counter(port["published"] for service in services.values() for port in service.get("ports", []))
found += [f"port {port} is published twice" for port, times in ports.items() if times > 1]
print(len(services), "services looked at")
sys.exit("\n".join(found) if found else 0)
