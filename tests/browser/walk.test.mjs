// With the keyboard alone from the overview to a customer, and through a page without a trap.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { at, customerPath, launch, origin, pages, visitor } from "./support.mjs";

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

describe("with the keyboard alone", () => {
  test("from the overview to a customer by Tab and Enter", async () => {
    const { context, page, troubles } = await visitor(browser);
    try {
      await page.goto(at("/", "en"));
      await page.keyboard.press("Tab");
      assert.equal((await focused(page)).href, "#content", "the first stop is the skip link");
      await tabTo(page, ({ href }) => href?.split("?")[0] === "/risk");
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.pathname === "/risk");
      // Past the navigation.
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await tabTo(page, ({ href }) => customerPath.test(href?.split("?")[0] ?? ""));
      const row = await page.evaluate(() => document.activeElement.textContent.trim());
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => customerPath.test(url.pathname));
      assert.match(await page.locator("main").innerText(), new RegExp(row), "the page is that customer's");
      assert.ok(!page.url().includes(row), "the address names nobody");
      assert.deepEqual(troubles, []);
    } finally {
      await context.close();
    }
  });

  test("a search by / and an ID leads to an address that names nobody", async () => {
    const { context, page, troubles } = await visitor(browser);
    try {
      await page.goto(at("/risk", "en"));
      const id = (await page.locator('a[href^="/customers/"]').first().textContent()).trim();
      await page.keyboard.press("/");
      await page.waitForURL((url) => url.pathname === "/customers");
      await page.waitForFunction(() => document.activeElement?.matches("input[type=search]"));
      await page.keyboard.type(id);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => customerPath.test(url.pathname));
      assert.ok(!page.url().includes(id));
      assert.match(await page.locator("main").innerText(), new RegExp(id));
      assert.deepEqual(troubles, []);
    } finally {
      await context.close();
    }
  });

  test("g and a letter lead to every page", async () => {
    const { context, page, troubles } = await visitor(browser);
    try {
      await page.goto(at("/", "en"));
      for (const { path, letter } of [...pages].reverse()) {
        await page.keyboard.press("g");
        await page.keyboard.press(letter);
        await page.waitForURL((url) => url.pathname === path);
      }
      assert.deepEqual(troubles, []);
    } finally {
      await context.close();
    }
  });

  for (const { name, path } of pages)
    test(`no trap on ${name}, and the focus is seen at every stop`, async () => {
      const { context, page } = await visitor(browser);
      try {
        await page.goto(at(path, "en"));
        const unseen = new Set();
        for (let stops = 0; ; stops++) {
          assert.ok(stops < 1000, "Tab never comes back to the begin");
          await page.keyboard.press("Tab");
          const stop = await focused(page);
          // Behind the last stop is the browser's own bar, then the skip link again.
          if (!stop.tag || (stops > 0 && stop.href === "#content")) break;
          if (!stop.seen) unseen.add(`${stop.tag} ${stop.text}`);
        }
        assert.deepEqual([...unseen], []);
      } finally {
        await context.close();
      }
    });
});

/** Where the focus is, and whether it can be seen. */
function focused(page) {
  return page.evaluate((origin) => {
    const at = document.activeElement;
    if (!at || at === document.body || at === document.documentElement) return {};
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    return {
      tag: at.tagName.toLowerCase(),
      text: (at.textContent || at.name || "").trim().slice(0, 40),
      href: at.getAttribute("href")?.replace(origin, ""),
      seen: box.width > 0 && box.height > 0 && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    };
  }, origin);
}

async function tabTo(page, wanted) {
  for (let stops = 0; stops < 400; stops++) {
    await page.keyboard.press("Tab");
    const stop = await focused(page);
    if (wanted(stop)) {
      assert.ok(stop.seen, `the focus is not seen on ${stop.tag} ${stop.text}`);
      return;
    }
  }
  assert.fail("400 × Tab did not lead there");
}
