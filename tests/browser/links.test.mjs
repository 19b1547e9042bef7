// Every link leads somewhere: from the eight pages in both languages, through every kind of page that is found on the way,
// downloads too.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { test } from "node:test";

import { languages, origin, pages, report } from "./support.mjs";

/** Whatever stands on one of the eight pages is opened. Of what is found further on, so many of each kind of page. */
const OF_A_KIND = 8;
/** More is a mistake of the crawl. */
const MOST = 6000;

test("every link leads somewhere", { timeout: 600_000 }, async () => {
  const seen = new Map();
  const kinds = new Map();
  const broken = [];
  const elsewhere = new Set();
  const queue = [];
  const add = (href, from, depth) => {
    const url = new URL(href.replaceAll("&amp;", "&"), new URL(from, origin));
    url.hash = "";
    if (!/^https?:$/.test(url.protocol)) return broken.push(`${href} on ${from} is no address`);
    if (url.origin !== origin) return elsewhere.add(url.origin);
    const key = url.pathname + url.search;
    const count = kinds.get(kind(url)) ?? 0;
    if (seen.has(key) || (depth > 1 && count >= OF_A_KIND)) return;
    kinds.set(kind(url), count + 1);
    seen.set(key, from);
    queue.push({ key, depth });
  };
  for (const { path } of pages) for (const language of languages) add(`${path}?lang=${language}`, "/", 0);

  while (queue.length > 0) {
    assert.ok(seen.size < MOST, `${MOST} addresses and no end`);
    // As a hasty reader: a few at once.
    await Promise.all(
      queue.splice(0, 8).map(async ({ key, depth }) => {
        const { status, type, location, text } = await ask(key);
        if (status >= 400) broken.push(`${status} for ${key}, on ${seen.get(key)}`);
        if (location) add(location, key, depth);
        if (status !== 200 || !type.startsWith("text/html")) return;
        for (const [, href] of text.matchAll(/<(?:a|link)\b[^>]*?\bhref="([^"]*)"/g)) if (!href.startsWith("#")) add(href, key, depth + 1);
        for (const [, src] of text.matchAll(/<(?:script|img)\b[^>]*?\bsrc="([^"]*)"/g)) add(src, key, depth + 1);
        broken.push(...anchors(text, key));
      }),
    );
  }
  const lines = [...kinds].sort().map(([kind, count]) => `${String(count).padStart(5)}  ${kind}`);
  writeFileSync(join(report, "links.txt"), [`${seen.size} addresses`, ...lines, `elsewhere: ${[...elsewhere].join(" ") || "none"}`, ""].join("\n"));
  assert.deepEqual(broken, []);
  assert.ok(seen.size >= 100, `only ${seen.size} addresses were found`);
  const files = [...kinds.keys()].filter((kind) => /\/export\.(csv|excel\.csv|parquet)$/.test(kind));
  assert.ok(files.length >= 3, "no download was among them");
  // Temporal's own pages are the only ones of others.
  assert.ok([...elsewhere].every((host) => host === process.env.TEMPORAL_UI), `links lead to ${[...elsewhere]}`);
});

/** Which page an address is of, whoever and whatever it shows. */
function kind(url) {
  return url.pathname
    .replace(/\/customers\/[a-z2-7]{16}/, "/customers/{token}")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "{run}");
}

/** A link within a page to nothing. */
function anchors(text, key) {
  const targets = new Set([...text.matchAll(/\bid="([^"]*)"/g)].map(([, id]) => id));
  const inside = [...text.matchAll(/\bhref="#([^"]+)"/g)].map(([, id]) => id);
  return inside.filter((id) => !targets.has(id)).map((id) => `#${id} on ${key} is nowhere`);
}

function ask(path) {
  return new Promise((done, failed) => {
    const request = get(new URL(path, origin), { headers: { accept: "text/html", "accept-language": "en" } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", failed);
      answer.on("end", () =>
        done({
          status: answer.statusCode,
          type: answer.headers["content-type"] ?? "",
          location: answer.headers.location,
          text: Buffer.concat(parts).toString("utf8"),
        }),
      );
    });
    request.setTimeout(20_000, () => request.destroy(new Error(`no answer within 20 s for ${path}`)));
    request.on("error", failed);
  });
}
