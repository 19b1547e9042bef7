// What is taken away is what is in the lake: every row of a filter, every column, every value.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { at, lake, launch, parquet, visitor } from "./support.mjs";
import { saved } from "./taken.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

const filter = "/risk?tier=critical&tier=high";
const isChosen = (row) => /^(Critical|High)\b/.test(row.risk_tier);

describe("a download", () => {
  test("as CSV has every row and every value of the file in the lake", async () => {
    const { name, text } = await taken(filter, "en", "export.csv");
    assert.match(name, /^spanishgas-risk-\d{4}-\d\d-\d\d-[0-9a-f]{8}-run-[0-9a-f]{8}\.csv$/);
    const [columns, ...rows] = parsed(text, ",");
    const stored = (await scores()).filter(isChosen);
    assert.ok(stored.length > 0, "the lake has nobody at high risk: the test compares nothing");
    assert.deepEqual(columns, Object.keys(stored[0]));
    assert.deepEqual(differences(rows.map((row) => object(columns, row)), stored.map(asText)), []);
  });

  test("for Excel in Spanish has its mark, its semicolons and its decimal commas", async () => {
    const { name, text } = await taken(filter, "es", "export.excel.csv");
    assert.match(name, /\.csv$/);
    assert.equal(text[0], "\ufeff");
    const [columns, ...rows] = parsed(text.slice(1), ";");
    const stored = (await scores()).filter(isChosen);
    assert.equal(rows.length, stored.length);
    const loss = columns.indexOf("expected_monthly_loss");
    const sum = (values) => values.reduce((sum, value) => sum + value, 0).toFixed(2);
    const shown = rows.map((row) => row[loss]).filter(Boolean);
    assert.ok(shown.every((value) => /^-?\d+(,\d+)?$/.test(value)), "a number with a decimal comma");
    const known = stored.map((row) => row.expected_monthly_loss).filter((value) => value !== null && value !== undefined);
    assert.equal(sum(shown.map((value) => Number(value.replace(",", ".")))), sum(known));
  });

  test("as Parquet is the same table", async () => {
    const { bytes } = await taken(filter, "en", "export.parquet");
    const rows = await read(bytes);
    assert.deepEqual(differences(rows.map(asText), (await scores()).filter(isChosen).map(asText)), []);
  });

  test("of a picture is a picture with its colours inside", async () => {
    const { context, page } = await visitor(browser);
    try {
      await page.goto(at("/risk", "en"));
      await page.locator("details.numbers summary").first().click();
      const { text } = await saved(page, page.locator('details.numbers[open] a[href*=".svg"]').first());
      assert.match(text, /^<svg[^>]* xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
      assert.match(text, /<style>/);
      assert.doesNotMatch(text, /https?:\/\/(?!www\.w3\.org\/)/, "it asks nobody for anything");
    } finally {
      await context.close();
    }
  });

  test("of a picture's numbers counts the customers of the lake", async () => {
    const { context, page } = await visitor(browser);
    try {
      await page.goto(at("/risk", "en"));
      await page.locator("#tiers details.numbers summary").click();
      const { name, text } = await saved(page, page.locator('#tiers a[href*="/tiers.csv"]'));
      assert.match(name, /^spanishgas-risk-tiers-\d{4}-\d\d-\d\d-[0-9a-f]{8}-run-[0-9a-f]{8}\.csv$/);
      const [columns, ...bars] = parsed(text, ",");
      const counted = bars.reduce((sum, bar) => sum + Number(bar[columns.indexOf("value")]), 0);
      assert.equal(counted, (await scores()).length);
    } finally {
      await context.close();
    }
  });
});

/** Clicks the link above the table, as a person does. */
async function taken(path, language, file) {
  const { context, page, troubles } = await visitor(browser, { language });
  try {
    await page.goto(at(path, language));
    const taken = await saved(page, page.locator(`section.table a[href*="/${file}"]`).first());
    assert.deepEqual(troubles, []);
    return taken;
  } finally {
    await context.close();
  }
}

async function scores() {
  const pointer = JSON.parse(await readFile(join(lake, "scored/latest.json"), "utf8"));
  return read(await readFile(join(lake, pointer.outputs.scores.key)));
}

async function read(bytes) {
  const { parquetReadObjects } = await parquet();
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return parquetReadObjects({ file });
}

/** RFC 4180: fields in quotes may hold separators, quotes and line ends. */
function parsed(text, separator) {
  const rows = [[]];
  let field = "";
  let quoted = false;
  const end = () => (rows.at(-1).push(field), (field = ""));
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (quoted && sign === '"' && text[i + 1] === '"') (field += '"'), i++;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === separator) end();
    else if (!quoted && sign === "\n") end(), rows.push([]);
    else if (quoted || sign !== "\r") field += sign;
  }
  if (field || rows.at(-1).length) end();
  return rows.filter((row) => row.length > 0);
}

function object(columns, row) {
  assert.equal(row.length, columns.length);
  return Object.fromEntries(columns.map((column, place) => [column, canonical(row[place])]));
}

function asText(row) {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, canonical(written(value))]));
}

function written(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  return String(value);
}

/** Rust writes 1e-7 as 0.0000001 and 4 as 4: the same number, whichever way. */
function canonical(text) {
  return /^-?\d+(\.\d+)?(e-?\d+)?$/.test(text) && String(text) !== "" ? String(Number(text)) : text;
}

/** What is in one of two tables alone, in words for who reads the report: the first few, and how many more. */
function differences(taken, stored) {
  const rows = (table) => new Map(table.map((row) => [row.customer_id, row]));
  const [mine, theirs] = [rows(taken), rows(stored)];
  const found = taken.length === mine.size ? [] : ["a customer is there twice"];
  for (const [id, row] of theirs) {
    if (!mine.has(id)) found.push(`${id} is missing`);
    else for (const [column, value] of Object.entries(row)) if (mine.get(id)[column] !== value) found.push(`${id} ${column}: ${mine.get(id)[column]}, not ${value}`);
  }
  for (const id of mine.keys()) if (!theirs.has(id)) found.push(`${id} does not belong there`);
  return found.length > 5 ? [...found.slice(0, 5), `and ${found.length - 5} more`] : found;
}
