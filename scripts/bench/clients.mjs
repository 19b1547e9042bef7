// Many visitors at once: `clients.mjs ORIGIN CLIENTS REQUESTS` asks the dashboard for every page, so many times in all, each client
// for its next one when it has its last. Prints a line of JSON for each page.
import { customerPath, pages } from "../../tests/browser/addresses.mjs";
import { asker, share } from "../../tests/browser/requests.mjs";

const [origin, clients, requests] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const ask = asker(origin, clients);

for (const { name, path } of [...pages, { name: "customer", path: await anybody() }]) {
  const first = (await ask(path)).ms;
  const times = [];
  let left = requests;
  const client = async () => {
    while (left-- > 0) times.push((await ask(path)).ms);
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - began) / 1000;
  const line = { name, first_ms: first, p50_ms: share(times, 0.5), p95_ms: share(times, 0.95), per_second: times.length / seconds };
  console.log(JSON.stringify(line));
}

/** The first customer of the list of risks. */
async function anybody() {
  const links = (await ask("/risk")).text().matchAll(/href="(\/customers\/[^"?#]+)/g);
  const found = [...links].map(([, path]) => path).find((path) => customerPath.test(path));
  if (!found) throw new Error("the list of risks links to no customer: the lake has no scores");
  return found;
}
