// What every look at the dashboard needs: its address, the eight pages, and a browser that reaches nothing but them.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

function given(variable) {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: these tests are started by \`make browser-test\``);
  return value;
}

/** Where the dashboard listens, such as http://127.0.0.1:8080. */
export const origin = new URL(given("DASHBOARD_URL")).origin;
/** The folder of its lake. */
export const lake = process.env.LAKE;
/** Where pictures and figures go. */
export const report = given("REPORT");
mkdirSync(report, { recursive: true });

// The packages are in the folder of the tools, not in the tree.
const packages = createRequire(join(given("BROWSER_TOOLS"), "from-here.js"));
export const playwright = packages("playwright-core");
export const axe = packages("axe-core").source;
export const parquet = () => import(pathToFileURL(packages.resolve("hyparquet")));

export { customerPath, pages } from "./addresses.mjs";
export const widths = [390, 1280];
export const themes = ["light", "dark"];
export const languages = ["en", "es"];

/** Debian's browser. As root it has no sandbox; any name but this machine's is unknown to it. */
export function launch() {
  return playwright.chromium.launch({
    executablePath: given("CHROMIUM"),
    chromiumSandbox: process.getuid?.() !== 0,
    args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--force-color-profile=srgb"],
  });
}

/** A visitor with a window of their own, and what went wrong before their eyes. */
export async function visitor(browser, { width = 1280, theme = "light", language = "en", scripts = true } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: width < 900 ? 844 : 900 },
    colorScheme: theme,
    locale: language === "es" ? "es-ES" : "en-GB",
    timezoneId: "Europe/Madrid",
    javaScriptEnabled: scripts,
    reducedMotion: "reduce",
    acceptDownloads: true,
  });
  await context.addCookies(
    [["theme", theme], ["lang", language]].map(([name, value]) => ({ name, value, url: origin })),
  );
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  return { context, page, troubles: watch(context, page) };
}

/** Everything that a page must not do: complain, break, call elsewhere, miss a part of itself. */
function watch(context, page) {
  const troubles = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) troubles.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`script: ${error.message}`));
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !["data:", "blob:"].includes(url.protocol)) troubles.push(`asks ${url.origin}`);
  });
  context.on("response", (response) => {
    const document = response.request().resourceType() === "document";
    if (!document && response.status() >= 400) troubles.push(`${response.status()} for ${response.url()}`);
  });
  return troubles;
}

/** The same address in a language. */
export function at(path, language) {
  const url = new URL(path, origin);
  if (language) url.searchParams.set("lang", language);
  return url.href;
}
