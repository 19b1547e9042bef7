// A download that does not come is told by its cause: what downloads.test.mjs says when it fails can be believed.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";

import { launch } from "./support.mjs";
import { saved } from "./taken.mjs";

const file = { "content-type": "text/csv", "content-disposition": 'attachment; filename="a.csv"' };
/** For what never comes; whatever comes is waited for as long as elsewhere. */
const SHORT_MS = 5_000;

let browser, server;
before(async () => {
  server = createServer(answer).listen(0, "127.0.0.1");
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server.closeAllConnections();
  server.close();
});

/** A page with a link to a file, and what a server in trouble makes of that file. */
function answer({ url }, response) {
  if (url === "/file") response.writeHead(200, file).end("a,b\n1,2\n");
  else if (url === "/busy") response.writeHead(503, { "content-type": "text/html" }).end("<p>busy</p>");
  else if (url === "/sign-in") response.writeHead(303, { location: "/?sign-in" }).end();
  else if (url === "/cut") response.writeHead(200, file).write("a,b\n", () => setTimeout(() => response.destroy(), 100));
  else if (url === "/endless") response.writeHead(200, file).write("a,b\n");
  else if (url !== "/silent") response.writeHead(200, { "content-type": "text/html" }).end("<a>file</a>");
}

/** What is said of a link to such a file, on a page that somebody made worse. */
async function taken(path, { spoil = () => {}, patience } = {}) {
  const context = await browser.newContext({ acceptDownloads: true });
  try {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.evaluate((path) => document.querySelector("a").setAttribute("href", path), path);
    await page.evaluate(spoil);
    return await saved(page, page.locator("a"), patience).then(
      ({ name, text }) => ({ name, text }),
      (error) => error.message,
    );
  } finally {
    await context.close();
  }
}

describe("of a link to a file", () => {
  test("the file is taken", async () => {
    assert.deepEqual(await taken("/file"), { name: "a.csv", text: "a,b\n1,2\n" });
  });

  test("a click that does not land is told", async () => {
    const cover = () => document.body.insertAdjacentHTML("beforeend", '<p style="position:fixed;inset:0">x</p>');
    const said = await taken("/file", { spoil: cover, patience: SHORT_MS });
    assert.match(said, /^the click did not land on the link within 5 s: .*intercepts pointer events/s);
  });

  test("a click that the page keeps to itself is told", async () => {
    const swallow = () => document.addEventListener("click", (event) => event.preventDefault());
    const said = await taken("/file", { spoil: swallow, patience: SHORT_MS });
    assert.match(said, /^the click landed, and the browser asked the server for nothing within 5 s$/);
  });

  test("what the server answers instead is told", async () => {
    assert.match(await taken("/busy"), /the server answered 503 text\/html for \/busy$/);
    assert.match(await taken("/sign-in"), /the server answered 303 for \/sign-in, then 200 text\/html for \/$/);
  });

  test("a server that answers nothing, or not to the end, is told", async () => {
    const never = { patience: SHORT_MS };
    assert.match(await taken("/silent", never), /the server answered nothing yet for \/silent$/);
    assert.match(await taken("/cut"), /^the browser gave the file up \(canceled\): the server answered 200 text\/csv for \/cut$/);
    assert.match(await taken("/endless", never), /^the file had no end within 5 s: the server answered 200 text\/csv/);
  });
});
