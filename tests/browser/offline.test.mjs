// Days without a network, and newer versions of the site.

import assert from "node:assert/strict";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { writeWorker } from "../../www/site/worker.mjs";
import { asked, axe, eventually, eventuallyMatches, folder, lights, network, open, paste, serve } from "./harness.mjs";

const TEXT = "FROM alpine AS one\nFROM alpine AS two\n";

const folders = [];
afterEach(async () => {
  serve();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** Opens the page, and waits until all of the site is kept. */
async function visit(options) {
  const page = await open({ isKept: true, ...options });
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await eventually(() => page.evaluate(() => navigator.serviceWorker.controller !== null), true);
  return page;
}

/** Another version of the site, with another title. */
async function version(title) {
  const other = await mkdtemp(join(tmpdir(), "stagelight-"));
  folders.push(other);
  await cp(folder, other, { recursive: true });
  const html = await readFile(join(folder, "index.html"), "utf8");
  await writeFile(join(other, "index.html"), html.replace(/<title>.*<\/title>/, `<title>${title}</title>`));
  await writeWorker(other);
  return other;
}

const caches = (page) => page.evaluate(async () => (await window.caches.keys()).length);
const text = (page) => page.locator(".cm-content").innerText();

/** Without a network for as long as `what` takes. */
async function offline(what) {
  await network(false);
  try {
    await what();
  } finally {
    await network(true);
  }
}

test("after one visit everything works without a network", async () => {
  const page = await visit();
  await paste(page, TEXT);
  await page.locator("#target").selectOption("one");
  await eventuallyMatches(() => page.url(), /#1\./);
  await page.waitForTimeout(400);
  const link = page.url();
  await offline(async () => {
    await page.reload();
    await eventually(() => lights(page), ["one target", "two off"]);
    assert.ok(await page.evaluate(async () => (await document.fonts.ready, document.fonts.check("16px 'Inter Variable'"))));
    // Another visit, with what is loaded when somebody asks for it.
    await page.goto(`${page.address}index.html?lesson=03-copy-from`);
    await eventually(() => page.locator("#lesson-title").innerText(), "What COPY --from takes");
    await page.locator("#exercise-start").click();
    await eventuallyMatches(() => page.locator(".goal .outcome").first().innerText(), /^Met$/);
    await page.goto(`${page.address}?another${new URL(link).hash}`);
    await eventually(() => lights(page), ["one target", "two off"]);
    await page.getByRole("tab", { name: "Compose" }).click();
    await page.getByRole("textbox", { name: "Compose or Bake file" }).fill("services: {web: {build: {target: two}}}");
    await eventuallyMatches(() => page.locator(".builds").innerText(), /builds two/);
    await page.goto(`${page.address}embed.html${new URL(link).hash}`);
    await page.locator("stagelight-dockerfile svg").waitFor();
  });
});

test("the first visit asks for what it shows alone, then for the rest", async () => {
  asked.length = 0;
  await visit();
  const place = (name) => asked.findIndex((it) => name.test(it));
  const first = asked.slice(0, place(/^service-worker\.js$/));
  for (const name of [/^index\.html$/, /^style-/, /^stagelight-web-.*\.js$/, /^stagelight-web-.*\.wasm$/]) {
    assert.equal(first.filter((it) => name.test(it)).length, 1, `${name} of ${first}`);
  }
  assert.deepEqual(first.filter((it) => /lessons|compose|embed|licences/.test(it)), []);
  assert.ok(place(/^stagelight-lessons_bg\.wasm$/) > first.length);
});

test("a newer version announces itself, comes when it is asked for, and takes no text along", async () => {
  const page = await visit();
  const other = await visit({ beside: page });
  await paste(page, TEXT);
  await paste(other, "FROM scratch AS other\n");
  serve(await version("Second"));
  await page.reload();
  await page.locator("#newer").waitFor();
  assert.notEqual(await page.title(), "Second");
  assert.equal(await page.locator("#newer").innerText().then((it) => it.split("\n")[0]), "There is a newer version of Stagelight. What you see stays as it is when it is loaded.");
  assert.deepEqual(await axe(page), []);
  // What was typed a moment ago is neither in the address nor a draft yet.
  await paste(page, `${TEXT}FROM one AS three\n`);
  await page.locator("#newer-reload").click();
  await eventually(() => page.title(), "Second");
  await eventually(() => lights(page), ["one on", "two off", "three target"]);
  await eventuallyMatches(() => page.url(), /#1\./);
  assert.equal(await page.locator("#newer").count(), 0);
  await eventually(() => caches(page), 1);
  // The other tab is told, and is left alone.
  await other.locator("#newer").waitFor();
  assert.notEqual(await other.title(), "Second");
  assert.match(await text(other), /FROM scratch AS other/);
  await other.getByRole("button", { name: "Later" }).click();
  assert.equal(await other.locator("#newer").count(), 0);
  await offline(async () => {
    await page.reload();
    assert.equal(await page.title(), "Second");
    await eventually(() => lights(page), ["one on", "two off", "three target"]);
  });
});

test("a text that is too long for the address stays when the page is loaded again", async () => {
  const page = await visit();
  serve(await version("Second"));
  await page.reload();
  await page.locator("#newer").waitFor();
  let seed = 7;
  const noise = Array.from({ length: 60_000 }, () => ((seed = (seed * 48271) % 2147483647)).toString(36)).join("");
  await paste(page, `FROM alpine AS long\n${noise.replace(/.{1000}/g, "# $&\n")}\n`);
  await page.locator(".card[data-stage=long]").waitFor();
  const facts = await page.locator(".facts").first().innerText();
  await page.locator("#newer-reload").click();
  await eventually(() => page.title(), "Second");
  await page.locator(".card[data-stage=long]").waitFor();
  assert.equal(await page.locator(".facts").first().innerText(), facts);
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
});

test("other servers, and what else this one has, are none of the worker's business", async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { "access-control-allow-origin": "*", "content-type": "text/plain" });
    response.end("FROM alpine AS elsewhere\n");
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  const elsewhere = `http://localhost:${server.address().port}/Dockerfile`;
  const page = await visit();
  await page.goto(`${page.address}?url=${encodeURIComponent(elsewhere)}`);
  await eventually(() => lights(page), ["elsewhere target"]);
  asked.length = 0;
  const statuses = await page.evaluate(() => Promise.all(["api/builds", "embed.js"].map(async (it) => (await fetch(it)).status)));
  assert.deepEqual(statuses, [404, 200]);
  assert.deepEqual(asked.filter((it) => !/service-worker/.test(it)), ["api/builds"]);
  page.troubles = page.troubles.filter((it) => !it.includes(elsewhere) && !/404/.test(it));
  server.close();
});

test("half a site is none: what is not as the list says is not kept", async () => {
  const broken = await version("Broken");
  await writeFile(join(broken, "embed.html"), "something else");
  const page = await visit();
  serve(broken);
  await page.reload();
  await page.waitForTimeout(1_500);
  assert.equal(await page.locator("#newer").count(), 0);
  await offline(async () => {
    await page.reload();
    assert.notEqual(await page.title(), "Broken");
  });
});

test("the worker of a site under development takes itself away", async () => {
  const page = await visit();
  const developed = await version("Developed");
  await cp(new URL("../../www/service-worker.js", import.meta.url), join(developed, "service-worker.js"));
  serve(developed);
  await page.reload();
  await page.locator("#newer-reload").click();
  await eventually(() => page.title(), "Developed");
  await eventually(() => caches(page), 0);
});

test("where the browser refuses, the page is as without", async () => {
  const page = await open({ isKept: true });
  await page.context().addInitScript(() => {
    navigator.serviceWorker.register = () => Promise.reject(new DOMException("Not here", "SecurityError"));
  });
  await page.reload();
  await page.locator(".card").first().waitFor();
  await page.waitForTimeout(500);
});
