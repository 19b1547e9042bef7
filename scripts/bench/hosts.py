"""Hosts of their own: network namespaces, each on a cable to one switch. It needs root."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Iterator

SWITCH = "sgbench"
NETWORK = "10.203.77"
# What the hosts call the machine itself.
GATEWAY = f"{NETWORK}.1"


@dataclass(frozen=True)
class Host:
    """What stands before a command that is to run there, where it is found, and where a server there listens."""

    before: list[str] = field(default_factory=list)
    address: str = "127.0.0.1"
    listens: str = "127.0.0.1"


def are_possible() -> bool:
    """Root is not enough: a container may have no right to make networks."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    made = subprocess.run(["ip", "netns", "add", SWITCH], capture_output=True, check=False)
    _ip(f"netns del {SWITCH}", must=False)
    return made.returncode == 0


@contextmanager
def hosts(count: int) -> Iterator[list[Host]]:
    """So many of them, until the block ends."""
    _remove(count)
    try:
        _ip(f"link add {SWITCH} type bridge")
        _ip(f"addr add {GATEWAY}/24 dev {SWITCH}")
        _ip(f"link set {SWITCH} up")
        for number in range(count):
            _add(number)
        yield [Host(["ip", "netns", "exec", _name(number)], _address(number), "0.0.0.0") for number in range(count)]
    finally:
        _remove(count)


def _add(number: int) -> None:
    name = _name(number)
    _ip(f"netns add {name}")
    _ip(f"link add {name} type veth peer name eth0 netns {name}")
    _ip(f"link set {name} master {SWITCH} up")
    _ip(f"-n {name} addr add {_address(number)}/24 dev eth0")
    _ip(f"-n {name} link set lo up")
    _ip(f"-n {name} link set eth0 up")


def _remove(count: int) -> None:
    """With what a run that was cut off has left."""
    for number in range(count):
        _ip(f"netns del {_name(number)}", must=False)
        _ip(f"link del {_name(number)}", must=False)
    _ip(f"link del {SWITCH}", must=False)


def _address(number: int) -> str:
    return f"{NETWORK}.{number + 2}"


def _name(number: int) -> str:
    return f"{SWITCH}{number}"


def _ip(words: str, must: bool = True) -> None:
    subprocess.run(["ip", *words.split()], check=must, capture_output=not must)
