// One click, one file. Where none comes, the message says at which step: the click, the server's answer, the browser's
// download. One that only says "no download in time" leaves all three to be guessed.
import { readFile } from "node:fs/promises";

/** For each step. A fresh browser on a busy machine is slow; how fast the dashboard is, load.test.mjs says. */
const PATIENCE_MS = 60_000;

/** Follows a link to a file as a person does: the file's name and bytes. */
export async function saved(page, link, patience = PATIENCE_MS) {
  const seconds = patience / 1000;
  const { clicks, answers } = await watched(page, link);
  const [begun, left] = [once(page, "download"), once(page, "framenavigated")];
  const problem = await link.click({ timeout: patience }).catch((error) => error.message);
  // A click that waits for an answer in vain has landed; where a page came, no file will.
  const download = await within(problem ? 0 : patience, Promise.race([begun, left.then(() => undefined)]));
  if (!download) throw new Error(missing({ problem, seconds, clicks: await clicks(), answers }));
  const failure = await within(patience, download.failure());
  if (failure === undefined) throw new Error(`the file had no end within ${seconds} s: ${said(answers)}`);
  if (failure !== null) throw new Error(`the browser gave the file up (${failure}): ${said(answers)}`);
  const bytes = await readFile(await download.path());
  return { name: download.suggestedFilename(), bytes, text: bytes.toString("utf8") };
}

/** What becomes of the link: how often it was clicked, and what the server was asked and said. */
async function watched(page, link) {
  const count = await link.evaluateHandle((link) => {
    const seen = { clicks: 0 };
    link.addEventListener("click", () => (seen.clicks += 1));
    return seen;
  });
  // A page that was left knows of no clicks any more; one that hangs does not say.
  const clicks = () => within(2_000, count.evaluate((seen) => seen.clicks).catch(() => undefined));
  const answers = new Map();
  const note = (request, answer) => {
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) answers.set(request, answer ?? answers.get(request));
  };
  page.on("request", (request) => note(request, "nothing yet"));
  page.on("response", (response) => note(response.request(), `${response.status()} ${response.headers()["content-type"] ?? ""}`.trim()));
  // An answer that becomes a download is a failure to the page: what the server said stays.
  page.on("requestfailed", (request) => answers.get(request) === "nothing yet" && note(request, request.failure()?.errorText));
  return { clicks, answers };
}

/** Why there is no file. */
function missing({ problem, seconds, clicks, answers }) {
  if (answers.size > 0) return `there is no file after ${seconds} s at most: ${said(answers)}`;
  if (clicks === undefined) return `whether the click landed is unknown, the page hangs: ${problem ?? "the click was sent"}`;
  if (clicks === 0) return `the click did not land on the link within ${seconds} s: ${problem ?? "something else took it"}`;
  return `the click landed, and the browser asked the server for nothing within ${seconds} s`;
}

/** What the server was asked and said, in its order; a sign-in or a page about an error is seen by it. */
function said(answers) {
  const all = [...answers].map(([request, answer]) => `${answer} for ${new URL(request.url()).pathname}`);
  return all.length === 0 ? "the browser told of no answer" : `the server answered ${all.slice(0, 3).join(", then ")}`;
}

function once(page, event) {
  return new Promise((done) => page.once(event, done));
}

/** What comes of a promise, or nothing where it takes too long. */
function within(ms, promise) {
  let timer;
  const late = new Promise((done) => (timer = setTimeout(done, ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
