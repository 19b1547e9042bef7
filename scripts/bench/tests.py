#!/usr/bin/env python3
"""What the benchmarks' own code promises; `make check` runs it. No figure here was measured."""

import json
import re
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

import account
import document
import fan_out
import figures
import pictures
import places
import shapes_rules
import tables
import two_million
import watched

STAGES = [*tables.STAGES, *tables.CHECKS, "all"]


def figure(value: float, runs: int = 1) -> dict:
    return {"median": value, "low": value * 0.9, "high": value * 1.1, "runs": runs}


def entry(customers: int) -> dict:
    """A size whose every figure is made up: a line over the customers."""
    size = customers / 1000
    made = {f"stage/{name}/{measure}": figure(0.1 + size) for name in STAGES for measure in ("seconds", "cpu_seconds", "peak_mb")}
    made |= {f"whole/{name}/seconds": figure(0.2 + size) for name in [*tables.STAGES, "run", "all"]}
    made |= {"whole/all/cpu_seconds": figure(size), "whole/worker/peak_mb": figure(50 + size), "whole/trainer/peak_mb": figure(30 + size),
             "again/all/seconds": figure(3.0), "stage/process/seconds": figure(20 * size)}
    for what in ("raw scan", "sums", "DuckDB", "Polars"):
        made |= {f"sums/{what}/{measure}": figure(size / 10) for measure in ("seconds", "cpu_seconds", "peak_mb")}
    for what in ("fits", "shap", "scores"):
        made |= {f"fits/{who} {what}/{measure}": figure(size) for who in ("ours", "Python") for measure in ("seconds", "cpu_seconds")}
    made |= {f"dashboard/overview/{measure}": figure(9.0) for measure in ("first_ms", "p50_ms", "p95_ms")}
    made |= {"dashboard/start/seconds": figure(0.5), "dashboard/process/peak_mb": figure(80.0)}
    made |= {f"shapes/{name}/{measure}": figure(1.0) for name in shapes_rules.SHAPES for measure in ("seconds", "cpu_seconds")}
    made |= {f"fan_out/folder: 2 workers{part}": figure(size) for part in ("/seconds", "/cpu_seconds", ", months/seconds")}
    readings = customers * places.HOURS_OF_2024
    facts = {"rows": {"raw": readings}, "versions": {"DuckDB": "1"}, "sums_differ_by": {"DuckDB": 1e-15},
             "shapes": {name: {"bytes": readings} for name in shapes_rules.SHAPES},
             "fan_out": {"folder: 2 workers": {"slices": 48, "again": 0}}}
    return {"customers": customers, "readings": readings, "bytes": readings * 11, "taken": "2026-11-27", "revision": "abc", "machine": "none",
            "facts": facts, "figures": made}


def book() -> dict:
    return {"dev": {str(customers): entry(customers) for customers in (2_000, 20_099, 100_000)}}


class Figures(unittest.TestCase):
    def test_a_figure_that_is_worse_by_a_tenth_is_named_and_the_clocks_noise_is_not(self):
        stored = {"figures": {"whole/train/seconds": figure(10.0), "whole/gate/seconds": figure(0.02), "dashboard/risk/p95_ms": figure(20.0)}}
        measured = {"whole/train/seconds": figure(11.5), "whole/gate/seconds": figure(0.04), "dashboard/risk/p95_ms": figure(40.0),
                    "whole/new/seconds": figure(1.0)}
        self.assertEqual(figures.worse(stored, measured), ["whole/train/seconds: 11.5, stored 10 (+15 %)",
                                                           "dashboard/risk/p95_ms: 40, stored 20 (+100 %)"])
        self.assertEqual(figures.worse(stored, {"whole/train/seconds": figure(10.9)}), [])

    def test_parts_that_were_not_measured_stay_and_the_others_are_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "figures.json"
            first = {**entry(2_000), "figures": {"whole/old/seconds": figure(1.0), "sums/sums/seconds": figure(2.0)}}
            figures.store({}, "dev", first, path)
            second = {**entry(2_000), "figures": {"whole/new/seconds": figure(3.0)}}
            figures.store(figures.load(path), "dev", second, path)
            self.assertEqual(list(figures.load(path)["dev"]["2000"]["figures"]), ["sums/sums/seconds", "whole/new/seconds"])

    def test_samples_become_a_median_with_its_spread(self):
        samples = figures.Samples()
        for seconds in (3.0, 1.0, 2.0):
            samples.add("whole", "train", seconds=seconds, peak_mb=None)
        self.assertEqual(samples.figures(), {"whole/train/seconds": {"median": 2.0, "low": 1.0, "high": 3.0, "runs": 3}})


class Document(unittest.TestCase):
    def test_every_table_has_its_place_and_every_place_its_table(self):
        text = document.DOCUMENT.read_text()
        places_in_it = set(document.re.findall(r"<!-- bench: (\w+) -->", text))
        self.assertEqual(places_in_it, set(tables.all_tables(book())))

    def test_tables_are_written_the_same_twice_and_none_is_empty(self):
        made = tables.all_tables(book())
        for name, rows in made.items():
            self.assertNotEqual(rows, tables.NOT_YET, name)
        once = document.filled(document.DOCUMENT.read_text(), made)
        self.assertEqual(document.filled(once, made), once)

    def test_without_figures_every_table_says_so(self):
        self.assertEqual(set(map(tuple, tables.all_tables({}).values())), {tuple(tables.NOT_YET)})
        self.assertEqual(pictures.all_pictures({}), {})

    def test_pictures_are_whole_and_a_table_names_each(self):
        made = pictures.all_pictures(book())
        shown = "\n".join(line for rows in tables.all_tables(book()).values() for line in rows)
        self.assertEqual(len(made), 4)
        for name, picture in made.items():
            self.assertTrue(xml.fromstring(picture).tag.endswith("svg"), name)
            self.assertIn(f"({tables.PICTURES}/{name})", shown)

    def test_the_pieces_of_a_run_add_up_to_it(self):
        *parts, (_, ran, called) = tables.pieces(entry(20_099))
        self.assertAlmostEqual(sum(piece[1] for piece in parts), ran)
        self.assertAlmostEqual(sum(piece[2] for piece in parts), called)


class Settings(unittest.TestCase):
    def test_the_c_libraries_are_set_as_the_program_sets_them(self):
        program = (Path(__file__).parents[2] / "worker/src/main.rs").read_text()
        listed = re.search(r"const C_LIBRARIES.*?= \[(.*?)\];", program, re.DOTALL)[1]
        names = dict(re.findall(r'const (\w+): &str = "(\w+)";', program))
        pairs = re.findall(r'\((\w+|"\w+"), "(\w+)"\)', listed)
        self.assertEqual({names.get(name, name.strip('"')): value for name, value in pairs}, places.C_LIBRARIES)


class Shapes(unittest.TestCase):
    def test_every_shape_has_a_folder_of_its_own(self):
        shapes = [*shapes_rules.SHAPES, shapes_rules.WARM_UP]
        self.assertEqual(len({shapes_rules.folder_of(shape) for shape in shapes}), len(shapes))

    def test_files_hold_every_reading_once_wherever_they_are_cut(self):
        for rows, shift in ((17_568_000, 0), (17_568_000, 5_856), (10_001, 3)):
            cuts = shapes_rules.cuts(rows, shift)
            self.assertEqual(len(cuts), shapes_rules.FILES)
            self.assertTrue(all(first < end for first, end in cuts))
            self.assertEqual([end for _, end in cuts[:-1]], [first for first, _ in cuts[1:]])
            self.assertEqual((cuts[0][0], cuts[-1][1]), (0, rows))

    def test_the_slowest_shape_stands_beside_the_fastest(self):
        some = entry(2_000)
        some["figures"]["shapes/CSV/seconds"] = figure(3.0)
        rows = tables.shapes({"2000": some})
        self.assertTrue(next(row for row in rows if "| CSV |" in row).endswith("| 3.0 |"))
        self.assertTrue(next(row for row in rows if "| shuffled |" in row).endswith("| 1.0 |"))


class FanOut(unittest.TestCase):
    def test_only_the_size_of_a_slice_is_another_setting(self):
        pipeline = (fan_out.TOP / "configs/pipeline.yaml").read_text()
        changed = fan_out.with_slices(pipeline, 4)
        pairs = zip(pipeline.splitlines(), changed.splitlines(), strict=True)
        self.assertEqual([pair for pair in pairs if pair[0] != pair[1]], [("slice_mib: 512", "slice_mib: 4")])
        self.assertEqual((fan_out.slice_mib(2_000_000_000), fan_out.slice_mib(1_000)), (39, 1))

    def test_a_table_of_other_bytes_is_named_and_so_is_one_that_is_missing(self):
        one = {"tables": {"gold": "a", "silver": "b"}}
        fan_out.require_one_result({"1 worker": one, "2 workers": one})
        for tables_of_two in ({"gold": "x", "silver": "b"}, {"silver": "b"}):
            with self.assertRaisesRegex(watched.Failed, "^2 workers: other bytes than with 1 worker: gold$"):
                fan_out.require_one_result({"1 worker": one, "2 workers": {"tables": tables_of_two}})

    def test_an_account_has_an_answer_for_every_value_without_a_default(self):
        there = account.Account("http://a", "http://s", "arn:topic")
        settings = (fan_out.TOP / "configs/aws.yaml").read_text()
        asked = [line.split(":")[0].strip() for line in settings.splitlines() if line.split("#")[0].rstrip().endswith(":") and line.startswith("  ")]
        self.assertEqual(asked, ["image", "role_arn", "model_package_group", "topic_arn"])
        for name in asked:
            self.assertRegex(there.settings(), rf"{name}: \S+")


class TwoMillion(unittest.TestCase):
    def test_a_line_is_found_again(self):
        line = two_million.Line.through([(1, 5.0), (2, 7.0), (10, 23.0)])
        self.assertAlmostEqual(line.start, 3.0)
        self.assertAlmostEqual(line.at(100), 203.0)

    def test_slices_of_one_length_take_turns(self):
        self.assertAlmostEqual(two_million.seconds_of_slices(10, 4, 2.0, 0.0), 6.0)
        self.assertAlmostEqual(two_million.seconds_of_slices(10, 100, 2.0, 0.0), 2.0)

    def test_more_workers_are_faster_and_a_history_fits(self):
        rows = two_million.by_workers(book()["dev"])
        self.assertEqual([row["workers"] for row in rows], two_million.WORKERS)
        self.assertTrue(all(a["slices"] > b["slices"] for a, b in zip(rows, rows[1:])))
        self.assertLess(two_million.plan_of(book()["dev"]).events_of_a_batch(), two_million.MOST_EVENTS)

    def test_what_is_full_first_comes_first_and_its_line_is_there(self):
        sizes = book()["dev"]
        rows = two_million.full_at(sizes)
        self.assertEqual([row[3] for row in rows], sorted(row[3] for row in rows))
        name, there, needed, customers = next(row for row in rows if row[0].startswith("disk"))
        self.assertAlmostEqual(customers / two_million.CUSTOMERS, there / needed)
        memory = next(row for row in rows if row[0].startswith("memory"))
        self.assertAlmostEqual(two_million.line(sizes, f"stage/{memory[0].removeprefix('memory, in ')}/peak_mb").at(memory[3]), memory[1] * 1000)
        self.assertEqual(two_million.customers_at(two_million.Line(5.0, 0.0), 10.0), float("inf"))


class Watched(unittest.TestCase):
    def test_a_command_is_seen_with_the_processes_below_it(self):
        hold = "import sys, time; block = bytearray(50_000_000); time.sleep(1)"
        command = [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}, 'child']); print('done')"]
        with tempfile.TemporaryDirectory() as folder:
            taken = watched.run(command, Path(folder) / "log", role=lambda words: "child" if words[-1] == "child" else None)
        self.assertEqual(taken.stdout, "done\n")
        self.assertGreater(taken.seconds, 1.0)
        self.assertGreater(taken.peak_mb["child"], taken.peak_mb["own"])

    def test_a_failure_shows_the_end_of_its_messages(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(watched.Failed, "no such table"):
            watched.run([sys.executable, "-c", "import sys; sys.exit('no such table')"], Path(folder) / "log")

    def test_benches_are_found_in_cargos_messages(self):
        with tempfile.TemporaryDirectory() as folder:
            messages = Path(folder) / "messages"
            target = {"reason": "compiler-artifact", "executable": "/t/stages-1", "target": {"name": "stages", "kind": ["bench"]}}
            library = {"reason": "compiler-artifact", "executable": None, "target": {"name": "churn", "kind": ["lib"]}}
            messages.write_text("\n".join([json.dumps(library), json.dumps(target), "not JSON"]))
            self.assertEqual(places.built(messages), {"stages": Path("/t/stages-1")})


if __name__ == "__main__":
    unittest.main()
