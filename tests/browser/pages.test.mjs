// Each of the eight pages, on a phone and on a desk, light and dark, in both languages: nothing on the console, nothing that
// axe-core objects to, no scrolling sideways, nothing that jumps. A picture of each is left in the report.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { at, axe, languages, launch, pages, report, themes, visitor, widths } from "./support.mjs";

const pictures = join(report, "pages");
mkdirSync(pictures, { recursive: true });

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

describe("each page", () => {
  for (const { name, path } of pages)
    for (const width of widths)
      for (const theme of themes)
        for (const language of languages)
          test(`${name}, ${width} px, ${theme}, ${language}`, async () => {
            const { context, page, troubles } = await visitor(browser, { width, theme, language });
            try {
              const answer = await page.goto(at(path, language), { waitUntil: "load" });
              assert.equal(answer.status(), 200, `${path} answers`);
              const found = [...troubles, ...(await looks(page, language)), ...(await jumpsEachTime(page))];
              await page.screenshot({ path: join(pictures, `${name}-${width}-${theme}-${language}.png`), fullPage: true });
              await unfold(page);
              found.push(...(await looks(page, language)).map((problem) => `unfolded: ${problem}`));
              // Last: what axe-core does to the page is not the page's.
              assert.deepEqual([...found, ...(await objections(page))], []);
            } finally {
              await context.close();
            }
          });
});

/** What a reader sees at once. */
async function looks(page, language) {
  return page.evaluate((language) => {
    const problems = [];
    const root = document.documentElement;
    if (root.lang !== language) problems.push(`lang is ${root.lang}`);
    if (root.scrollWidth > root.clientWidth) {
      // A cell of a table that scrolls by itself is not to blame.
      const beyond = [...document.body.querySelectorAll("*")]
        .filter((one) => !one.closest(".scroll") || one.matches(".scroll"))
        .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 0.5)
        .map((one) => `${one.tagName.toLowerCase()}.${one.className?.baseVal ?? one.className}`);
      problems.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth} px, by ${beyond.slice(0, 4).join(", ")}`);
    }
    const headings = document.querySelectorAll("h1");
    if (headings.length !== 1) problems.push(`${headings.length} headings of the first level`);
    // An empty one is what taking a picture leaves on fields.
    if (document.querySelectorAll('[style]:not([style=""])').length) problems.push("a style in the markup");
    const texts = document.body.innerText;
    for (const word of ["NaN", "undefined", "null", "{{", "}}"]) {
      if (new RegExp(`(^|\\s)${word.replace(/[{}]/g, "\\$&")}(\\s|$)`).test(texts)) problems.push(`shows ${word}`);
    }
    return problems;
  }, language);
}

/** What is behind a click is looked at, too: numbers of charts, long lists, keys. Boxes over the page stay shut. */
async function unfold(page) {
  await page.evaluate(() => {
    for (const fold of document.querySelectorAll("main details:not(.help, .choices)")) fold.open = true;
  });
}

/**
 * What moves after it was drawn, each time that the page comes. Once it may be the machine: a browser that is kept from
 * reading draws the half of a page that it has.
 */
async function jumpsEachTime(page) {
  if ((await jumps(page)).length === 0) return [];
  await page.reload({ waitUntil: "load" });
  return jumps(page);
}

async function jumps(page) {
  const { shift, moved } = await page.evaluate(
    () =>
      new Promise((done) => {
        let shift = 0;
        const moved = new Set();
        const name = ({ node }) => `${node?.nodeName?.toLowerCase()}.${node?.className?.baseVal ?? node?.className ?? ""}`;
        const look = (entry) => {
          shift += entry.value;
          entry.sources?.forEach((source) => moved.add(name(source)));
        };
        new PerformanceObserver((list) => list.getEntries().forEach(look)).observe({
          type: "layout-shift",
          buffered: true,
        });
        requestAnimationFrame(() => setTimeout(() => done({ shift, moved: [...moved] }), 50));
      }),
  );
  // Less is a rounding of the browser: nobody sees it.
  return shift >= 0.001 ? [`jumps: layout shift ${shift.toFixed(4)} of ${moved.join(", ")}`] : [];
}

/** axe-core with all its rules, and that nothing is too small to hit (WCAG 2.2 AA), which is off by default. */
async function objections(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }),
  );
  return violations.map(({ id, help, nodes }) => {
    const places = nodes.slice(0, 3).map((node) => `${node.target.join(" ")} (${node.html.slice(0, 120)})`);
    return `axe ${id}: ${help}: ${nodes.length} × ${places.join("; ")}`;
  });
}
