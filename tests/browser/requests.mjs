// Pages asked for as a browser does, over connections that stay open, and how long each answer took.
import assert from "node:assert/strict";
import { Agent, get } from "node:http";
import { gunzipSync } from "node:zlib";

/** Asks a dashboard for pages, over so many connections at most. */
export function asker(origin, connections) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return async function ask(path) {
    const began = performance.now();
    const { status, bytes, body, coding } = await once(new URL(path, origin), agent);
    const ms = performance.now() - began;
    assert.equal(status, 200, path);
    const text = () => (coding === "gzip" ? gunzipSync(body) : body).toString("utf8");
    return { ms, bytes, text };
  };
}

/** The smallest value that is not below this share of all. */
export function share(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}

function once(url, agent) {
  return new Promise((done, failed) => {
    const request = get(url, { agent, headers: { "accept-encoding": "gzip", "accept-language": "en" } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", failed);
      answer.on("end", () => {
        const body = Buffer.concat(parts);
        done({ status: answer.statusCode, bytes: body.length, body, coding: answer.headers["content-encoding"] });
      });
    });
    request.on("error", failed);
  });
}
