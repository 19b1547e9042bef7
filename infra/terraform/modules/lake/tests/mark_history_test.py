#!/usr/bin/env python3
"""Nothing that a pointer names is marked, whatever happens meanwhile. The AWS CLI is played by a dictionary."""

import importlib.util
import io
import json
import pathlib
import sys
import unittest
from contextlib import redirect_stdout

SCRIPT = pathlib.Path(__file__).parent.parent / "mark-history.py"
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location("mark_history", SCRIPT)
mark_history = importlib.util.module_from_spec(spec)
spec.loader.exec_module(mark_history)


class Bucket:
    """Objects with age and tags, and a pointer that may move after the first marks."""

    def __init__(self, published, moves_to=None):
        self.published, self.moves_to, self.tags = published, moves_to, {}
        folders = [f"churn/scored/scores/{digest}/" for digest in ["old", "new", "young"]]
        self.changed = {folder + name: "2020-01-01T00:00:00Z" for folder in folders[:2]
                        for name in ["scores.parquet", "manifest.json"]}
        self.changed[folders[2] + "scores.parquet"] = "2999-01-01T00:00:00Z"
        self.changed["churn/models/champion.json"] = "2020-01-01T00:00:00Z"
        if published:
            self.changed["churn/published.json"] = "2020-01-01T00:00:00Z"

    def aws(self, *words):
        command = words[1]
        if command == "cp":
            return json.dumps({"outputs": {"scores": {"key": f"scored/scores/{self.published}/scores.parquet"}}})
        key = words[5]
        if command == "list-objects-v2":
            found = [{"Key": name, "LastModified": at} for name, at in self.changed.items() if name.startswith(key)]
            return json.dumps({"Contents": found}) if found else ""
        if command == "put-object-tagging":
            self.tags[key] = json.loads(words[-1])["TagSet"]
            self.published = self.moves_to or self.published
            return ""
        return json.dumps({"TagSet": self.tags.get(key, [])})

    def marked(self):
        return sorted(key for key, tags in self.tags.items() if {"Key": "lake", "Value": "history"} in tags)

    def run(self, *options):
        mark_history.aws = self.aws
        sys.argv = ["mark-history.py", "s3://bucket/churn", *options]
        with redirect_stdout(io.StringIO()) as said:
            mark_history.main()
        return said.getvalue().splitlines()[-1]


class MarkHistory(unittest.TestCase):
    OLD = ["churn/scored/scores/old/manifest.json", "churn/scored/scores/old/scores.parquet"]

    def test_old_tables_that_no_pointer_names_are_marked(self):
        bucket = Bucket(published="new")
        self.assertEqual(bucket.run(), "2 marked, 0 freed, 2 published")
        self.assertEqual(bucket.marked(), self.OLD)

    def test_other_tags_stay(self):
        bucket = Bucket(published="new")
        bucket.tags[self.OLD[0]] = [{"Key": "team", "Value": "retention"}]
        bucket.run()
        self.assertIn({"Key": "team", "Value": "retention"}, bucket.tags[self.OLD[0]])

    def test_what_is_published_meanwhile_is_freed(self):
        bucket = Bucket(published="new", moves_to="old")
        self.assertEqual(bucket.run(), "2 marked, 2 freed, 2 published")
        self.assertEqual(bucket.marked(), [])

    def test_a_dry_run_marks_nothing(self):
        bucket = Bucket(published="new")
        self.assertEqual(bucket.run("--dry-run"), "2 marked, 0 freed, 2 published")
        self.assertEqual(bucket.tags, {})

    def test_without_a_pointer_nothing_is_marked(self):
        bucket = Bucket(published=None)
        with self.assertRaisesRegex(SystemExit, "no pointer"):
            bucket.run()
        self.assertEqual(bucket.tags, {})


if __name__ == "__main__":
    unittest.main()
