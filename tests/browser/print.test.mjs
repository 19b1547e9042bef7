// What comes out of the printer: on every sheet what it is, of which day and which of how many sheets; no navigation; a
// customer's call sheet is one sheet.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { at, launch, pages, report, visitor } from "./support.mjs";

const folder = join(report, "print");
mkdirSync(folder, { recursive: true });

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

describe("on paper", () => {
  for (const { name, path } of pages)
    test(`${name} says on every sheet what it is`, async () => {
      const { context, page } = await visitor(browser, { theme: "dark" });
      try {
        await page.goto(at(path, "en"));
        const heading = plain(await page.locator("h1").innerText()).trim();
        const provenance = plain(await page.locator("p.provenance b").first().innerText());
        const sheets = await printed(page, name);
        assert.ok(sheets.length >= 1 && sheets.length <= 40, `${sheets.length} sheets`);
        sheets.forEach((sheet, place) => {
          const where = `sheet ${place + 1} of ${sheets.length}`;
          assert.ok(sheet.includes(heading), `${where} has no heading`);
          assert.ok(sheet.includes(provenance), `${where} does not say of which day it is`);
          assert.match(sheet, new RegExp(`\\b${place + 1}/${sheets.length}\\b`), `${where} has no number`);
        });
        const all = sheets.join("\n");
        for (const navigation of await page.locator(".skip, .settings a, footer button").allInnerTexts()) {
          const text = navigation.trim();
          if (text.length > 3) assert.ok(!all.includes(text), `${text} is printed`);
        }
      } finally {
        await context.close();
      }
    });

  test("a customer is one sheet", async () => {
    const { context, page } = await visitor(browser);
    try {
      await page.goto(at("/risk", "en"));
      const link = page.locator('a[href^="/customers/"]').first();
      const id = (await link.textContent()).trim();
      await link.click();
      await page.waitForURL((url) => url.pathname.startsWith("/customers/"));
      const sheets = await printed(page, "customer");
      assert.equal(sheets.length, 1);
      assert.ok(sheets[0].includes(id));
    } finally {
      await context.close();
    }
  });
});

/** A space that does not break is a space. */
function plain(text) {
  return text.replace(/\s+/g, " ");
}

/** The texts of the sheets, as poppler reads them. */
async function printed(page, name) {
  const file = join(folder, `${name}.pdf`);
  await page.pdf({ path: file, format: "A4", preferCSSPageSize: true });
  const info = execFileSync("pdfinfo", [file], { encoding: "utf8" });
  const count = Number(/^Pages:\s+(\d+)/m.exec(info)?.[1]);
  // A form feed ends each sheet.
  const sheets = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).split("\f").slice(0, -1);
  assert.equal(sheets.length, count);
  return sheets.map(plain);
}
