// The four pictures of README.md, taken from a dashboard that runs: `scripts/dashboard-pictures.sh` starts this.
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";

import { at, launch, report, visitor } from "./support.mjs";

/** So heavy may a picture be. */
const MOST_BYTES = 150_000;

const shots = [
  { name: "overview", path: "/" },
  { name: "risk", path: "/risk?tier=critical" },
  { name: "customer", path: firstCustomer, theme: "dark" },
  { name: "recommendations", path: "/recommendations?budget=5000" },
];

const browser = await launch();
try {
  for (const shot of shots) await take(shot);
} finally {
  await browser.close();
}

async function take({ name, path, theme = "light" }) {
  const { context, page } = await visitor(browser, { width: 1280, theme });
  try {
    const answer = await page.goto(at(typeof path === "string" ? path : await path(page), "en"));
    if (answer.status() !== 200) throw new Error(`${name}: ${page.url()} answers ${answer.status()}`);
    const file = join(report, `${name}.png`);
    await page.screenshot({ path: file });
    // 256 colours are enough for a page, and a third of the bytes.
    execFileSync("pngquant", ["--force", "--strip", "--speed", "1", "--output", file, "256", file]);
    const { size } = statSync(file);
    if (size > MOST_BYTES) throw new Error(`${file} has ${size} bytes, and ${MOST_BYTES} are the most`);
    console.log(`${file}  ${size} bytes`);
  } finally {
    await context.close();
  }
}

/** Who has the most to lose among the first of the list. */
async function firstCustomer(page) {
  await page.goto(at("/risk?tier=critical", "en"));
  return page.locator('section.table a[href^="/customers/"]').first().getAttribute("href");
}
