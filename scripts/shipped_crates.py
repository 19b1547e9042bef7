"""Cargo.lock with only those crates that `cargo tree` names on standard input, so that the list of what is in an image
leaves out what serves tests, builds and other platforms. `shipped_crates.py < tree > Cargo.lock`"""

import sys
import tomllib

shipped = {tuple(line.split()[:2]) for line in sys.stdin if line.strip()}
packages = tomllib.load(open("Cargo.lock", "rb"))["package"]
kept = [p for p in packages if (p["name"], f"v{p['version']}") in shipped]
if len(kept) != len(shipped):
    sys.exit(f"cargo tree names {len(shipped)} crates, Cargo.lock has {len(kept)} of them: is Cargo.lock of this checkout?")

versions_of = {}
for package in kept:
    versions_of.setdefault(package["name"], set()).add(package["version"])


def is_kept(dependency):
    """A lock file writes `name`, or `name version` where there are several."""
    name, *version = dependency.split()
    return name in versions_of and (not version or version[0] in versions_of[name])


print("version = 4")
for package in kept:
    print("\n[[package]]")
    for key in ("name", "version", "source", "checksum"):
        if key in package:
            print(f'{key} = "{package[key]}"')
    dependencies = [d for d in package.get("dependencies", []) if is_kept(d)]
    print("dependencies = [" + ", ".join(f'"{d}"' for d in dependencies) + "]")
