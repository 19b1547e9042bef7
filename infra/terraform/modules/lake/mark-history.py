#!/usr/bin/env python3
"""Marks the history of scored/, so that the lifecycle rules of the lake's bucket let it expire.

S3's rules tell folders, tags and ages apart. They cannot tell what a pointer names, and what is published lies in the
same folders as its history. So rules expire only what has the tag lake=history, and this gives the tag to tables that
are old enough and that no pointer names. What has become published again gets lake=current. If it is never called,
nothing expires.

It calls the AWS CLI, with the rights of the role `deploy` or of an administrator: mark-history.py s3://BUCKET/PREFIX
"""

import argparse
import datetime
import json
import subprocess
import sys

POINTERS = ["published.json", "scored/latest.json"]
TABLES = ["scored/scores/", "scored/recommendations/"]
HISTORY = {"Key": "lake", "Value": "history"}
CURRENT = {"Key": "lake", "Value": "current"}


def main():
    arguments = parse_arguments()
    lake = Lake(arguments.lake)
    published = lake.published_folders()
    if not published:
        sys.exit(f"nothing is marked: no pointer of {arguments.lake} names a table, so nothing tells history apart; "
                 f"look for {' and '.join(POINTERS)} there")
    now = datetime.datetime.now(datetime.timezone.utc)
    old = [entry["Key"] for folder in TABLES for entry in lake.objects(folder)
           if age_days(entry, now) >= arguments.older_than_days]
    history = [key for key in old if folder_of(key) not in published]
    for key in history:
        print(f"history: {key}")
        if not arguments.dry_run:
            lake.mark(key)
    # Once more: a run may have published meanwhile, perhaps tables that were history before.
    published = lake.published_folders()
    kept = [entry["Key"] for folder in sorted(published) for entry in lake.objects(folder, whole_key=True)]
    freed = [key for key in kept if lake.is_marked(key)]
    for key in freed:
        print(f"published again: {key}")
        if not arguments.dry_run:
            lake.unmark(key)
    print(f"{len(history)} marked, {len(freed)} freed, {len(kept)} published")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lake", help="s3://BUCKET/PREFIX")
    parser.add_argument("--older-than-days", type=int, default=330,
                        help="younger tables are left alone (330; the rules expire at 365)")
    parser.add_argument("--dry-run", action="store_true", help="say what would be marked, and mark nothing")
    return parser.parse_args()


def age_days(entry, now):
    changed = datetime.datetime.fromisoformat(entry["LastModified"].replace("Z", "+00:00"))
    return (now - changed).days


def folder_of(key):
    return key.rsplit("/", 1)[0] + "/"


class Lake:
    """The lake as far as this needs it; keys are whole, with the prefix."""

    def __init__(self, url):
        scheme, _, place = url.partition("://")
        self.bucket, _, prefix = place.partition("/")
        if scheme != "s3" or not self.bucket or not prefix.strip("/"):
            sys.exit(f"{url} is no lake in S3: give s3://BUCKET/PREFIX")
        self.prefix = prefix.strip("/") + "/"

    def published_folders(self):
        """The folders of all tables that a pointer names."""
        found = set()
        for name in POINTERS:
            # A listing first: only it tells a pointer that is not there from one that may not be read.
            if any(entry["Key"] == self.prefix + name for entry in self.objects(name)):
                keys = [output["key"] for output in self.document(name)["outputs"].values()]
                found |= {self.prefix + folder_of(key) for key in keys if key.startswith("scored/")}
        return found

    def document(self, name):
        return json.loads(aws("s3", "cp", f"s3://{self.bucket}/{self.prefix}{name}", "-", "--only-show-errors"))

    def objects(self, folder, whole_key=False):
        prefix = folder if whole_key else self.prefix + folder
        listed = aws("s3api", "list-objects-v2", "--bucket", self.bucket, "--prefix", prefix, "--output", "json")
        return json.loads(listed or "{}").get("Contents") or []

    def tags(self, key):
        return json.loads(self.tagging("get", key))["TagSet"]

    def is_marked(self, key):
        return HISTORY in self.tags(key)

    def mark(self, key):
        self.tag(key, HISTORY)

    def unmark(self, key):
        self.tag(key, CURRENT)

    def tag(self, key, tag):
        others = [other for other in self.tags(key) if other["Key"] != tag["Key"]]
        self.tagging("put", key, "--tagging", json.dumps({"TagSet": [*others, tag]}))

    def tagging(self, verb, key, *more):
        return aws("s3api", f"{verb}-object-tagging", "--bucket", self.bucket, "--key", key, "--output", "json", *more)


def aws(*words):
    try:
        done = subprocess.run(["aws", *words], capture_output=True, text=True)
    except FileNotFoundError:
        sys.exit("the AWS CLI is not installed: no `aws` on PATH")
    if done.returncode != 0:
        sys.exit(f"aws {' '.join(words)} failed with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    main()
