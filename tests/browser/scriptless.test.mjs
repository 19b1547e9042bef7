// Without scripts nothing is lost but comfort: every page is whole, a filter is applied by its button, a table is sorted and
// turned by its links, the language and the colours are changed by theirs.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { at, launch, pages, visitor } from "./support.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

async function reading(what) {
  const { context, page, troubles } = await visitor(browser, { scripts: false });
  try {
    await what(page);
    assert.deepEqual(troubles, []);
  } finally {
    await context.close();
  }
}

describe("without scripts", () => {
  for (const { name, path } of pages)
    test(`${name} says the same`, async () => {
      const { context, page } = await visitor(browser);
      await page.goto(at(path, "en"));
      const told = words(await page.locator("main").textContent());
      await context.close();
      await reading(async (page) => {
        const answer = await page.goto(at(path, "en"));
        assert.equal(answer.status(), 200);
        assert.equal(words(await page.locator("main").textContent()), told);
      });
    });

  test("a filter is applied by its button, and stands in the address", () =>
    reading(async (page) => {
      await page.goto(at("/risk", "en"));
      await page.locator('details.choices:has(input[name="tier"]) > summary').click();
      await page.locator('input[name="tier"][value="high"]').check();
      await page.locator("form.filters button").click();
      await page.waitForURL((url) => url.searchParams.get("tier") === "high");
      const tiers = await page.locator("section.table tbody .mark").allInnerTexts();
      assert.ok(tiers.length > 0 && tiers.every((tier) => /high/i.test(tier)), `tiers: ${[...new Set(tiers)]}`);
    }));

  test("a table is sorted and turned by its links", () =>
    reading(async (page) => {
      await page.goto(at("/risk?per=25", "en"));
      const first = () => page.locator("section.table tbody tr th").first().innerText();
      const before = await first();
      await page.locator("section.table a[rel=next]").click();
      await page.waitForURL((url) => url.searchParams.get("page") === "2");
      assert.notEqual(await first(), before);
      await page.locator("section.table thead th:not([aria-sort]) a").first().click();
      await page.waitForURL((url) => url.searchParams.has("sort"));
      assert.equal(await page.locator("section.table thead th[aria-sort]").count(), 1);
    }));

  test("language and colours are links", () =>
    reading(async (page) => {
      await page.goto(at("/", "en"));
      await page.locator(".settings a[hreflang=es]").click();
      assert.equal(await page.locator("html").getAttribute("lang"), "es");
      await page.locator('.settings a[data-set-theme="dark"]').click();
      assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
    }));
});

/** Times since ("2 h ago") and the tokens of forms differ from page to page. */
function words(text) {
  return text.replace(/\s+/g, " ").replace(/\b\d+\s\S+ ago\b/g, "ago").trim();
}
