// Keeps the whole site for days without a network.
//
// When the site is built, a list of its files with digests of what is in them is put in front of this, and a digest of
// the list (www/site/worker.mjs). The worker fetches the files of its list and no others, all of them before it serves
// any, so that no page is made of two versions. A newer worker waits until a page asks it to take over. One without a
// list, as while developing, only takes away itself and what was kept.

const { version: VERSION, files: FILES } = self.site ?? { version: "none", files: {} };

/** The address of the site. What it does not have in its list is none of the worker's business. */
const SITE = registration.scope;
/** Caches belong to all pages of a server, so their names say of which site they are; addresses have no spaces. */
const OURS = `stagelight ${SITE} `;
const CACHE = OURS + VERSION;
/** The page itself: some servers know it by the name of its folder alone. */
const PAGE = "";

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("message", ({ data }) => {
  if (data === "take over") skipWaiting();
});
addEventListener("fetch", (event) => {
  const file = fileOf(event.request);
  if (Object.hasOwn(FILES, file)) event.respondWith(kept(file, event.request));
});

/** One file after the other: who works on the page goes first. Where an earlier attempt broke off, this one goes on. */
async function fill() {
  const cache = await caches.open(CACHE);
  for (const [file, { digest, isForEver }] of Object.entries(FILES)) {
    const address = SITE + file;
    if (await cache.match(address)) continue;
    const before = isForEver ? await caches.match(address, { ignoreVary: true }) : undefined;
    await cache.put(address, before ?? (await fetched(address, digest, isForEver)));
  }
}

/** A file as it is on the server; it fails when that is another version, or half of one. */
async function fetched(address, integrity, isForEver) {
  const response = await fetch(address, { integrity, cache: isForEver ? "default" : "no-cache" });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  // Browsers refuse to show a page from a response that was redirected, as some servers do with page.html.
  return response.redirected ? new Response(response.body, response) : response;
}

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith(OURS) && name !== CACHE) await caches.delete(name);
  }
  if (Object.keys(FILES).length === 0) {
    await caches.delete(CACHE);
    await registration.unregister();
  }
  await clients.claim();
}

/** The browser may have thrown files away when the disk was full. */
async function kept(file, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(SITE + file, { ignoreVary: true })) ?? fetch(request);
}

/** The file that is asked for, as the list has it; a query does not make it another one. */
function fileOf({ method, url }) {
  const address = url.replace(/[?#].*/, "");
  if (method !== "GET" || !address.startsWith(SITE)) return undefined;
  const file = address.slice(SITE.length);
  return file === "index.html" ? PAGE : file;
}
