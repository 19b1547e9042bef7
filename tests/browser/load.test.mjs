// How fast the pages are and how much they weigh, on loopback: 200 requests one after the other and 32 at once for each page,
// written into the report. What is far beyond the budget fails.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";

import { asker, share } from "./requests.mjs";
import { origin, pages, report } from "./support.mjs";

const SEQUENTIAL = 200;
const PARALLEL = 32;
/** The budget of a warm page: 95 of 100 are answered within so many milliseconds. The program of a test is not optimised. */
const BUDGET_MS = 100;
const MOST_MS = Number(process.env.BROWSER_P95_MS || 2 * BUDGET_MS);
/** Compressed: of the first page with style and script, and of any later one. */
const FIRST_KB = 60;
const PAGE_KB = 30;

const ask = asker(origin, PARALLEL);

describe("load", () => {
  test("every page is quick and light", { timeout: 600_000 }, async () => {
    const lines = [];
    const beyond = [];
    for (const { name, path } of pages) {
      const first = await ask(path); // what is read once from the lake is read
      await ask(path);
      const alone = [];
      for (let request = 0; request < SEQUENTIAL; request++) alone.push((await ask(path)).ms);
      const together = (await Promise.all(Array.from({ length: PARALLEL }, () => ask(path)))).map(({ ms }) => ms);
      const weight = first.bytes / 1000;
      const assets = await weightOf(first.text());
      lines.push({ name, cold: first.ms, p50: share(alone, 0.5), p95: share(alone, 0.95), most: Math.max(...alone), together: share(together, 0.95), weight, whole: weight + assets });
      if (share(alone, 0.95) > MOST_MS) beyond.push(`${name}: p95 ${share(alone, 0.95).toFixed(0)} ms > ${MOST_MS} ms`);
      if (weight > PAGE_KB) beyond.push(`${name}: ${weight.toFixed(1)} kB > ${PAGE_KB} kB`);
      if (weight + assets > FIRST_KB) beyond.push(`${name}: ${(weight + assets).toFixed(1)} kB with style and script > ${FIRST_KB} kB`);
    }
    writeFileSync(join(report, "load.md"), table(lines));
    writeFileSync(join(report, "load.json"), `${JSON.stringify(lines, null, 2)}\n`);
    console.log(table(lines));
    assert.deepEqual(beyond, []);
  });
});

function table(lines) {
  const head = [
    `${SEQUENTIAL} requests one after the other, then ${PARALLEL} at once, each page; ${cpus().length} cores, loopback, gzip.`,
    `Budget of a warm page: p95 ${BUDGET_MS} ms; this report fails above ${MOST_MS} ms.`,
    "",
    "| page | first, ms | p50, ms | p95, ms | most, ms | p95 of 32 at once, ms | kB | kB with style and script |",
    "|---|---:|---:|---:|---:|---:|---:|---:|",
  ];
  const rows = lines.map((line) => `| ${line.name} | ${[line.cold, line.p50, line.p95, line.most, line.together, line.weight, line.whole].map((value) => value.toFixed(1)).join(" | ")} |`);
  return [...head, ...rows, ""].join("\n");
}

/** Compressed kilobytes of what the head of a page asks for. */
async function weightOf(html) {
  const head = html.slice(0, html.indexOf("</head>"));
  const parts = [...head.matchAll(/<(?:link|script)\b[^>]*?\b(?:href|src)="(\/[^"]+)"/g)].map(([, path]) => path);
  const answers = await Promise.all(parts.map((path) => ask(path)));
  return answers.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
}
