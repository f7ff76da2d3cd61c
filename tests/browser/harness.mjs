// Serves the built site and drives it in Chromium.
//
// The site is served under a sub-path by the plainest of servers, since that is what it promises to work with.
// Each page notes what went wrong in it: console errors, exceptions, and requests to any other host.

import assert from "node:assert/strict";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join, normalize } from "node:path";
import { after, afterEach, before } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const site = process.env.STAGELIGHT_SITE ?? join(root, "dist");
const subPath = "/docs/play/";
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

let server;
let port;
let browser;
let served = site;
const pages = [];

before(start);
after(stop);
// Whatever a test looked at, this holds: nothing goes wrong in the page, and nothing is asked of another host.
afterEach(async () => {
  const troubles = pages.flatMap((page) => page.troubles);
  for (const page of pages.splice(0)) await page.context().close();
  assert.deepEqual(troubles, []);
});

async function start() {
  if (!existsSync(join(site, "index.html"))) {
    throw new Error(`There is no built site in ${site}; run \`cargo xtask dist\` first.`);
  }
  server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const name = path.startsWith(subPath) ? normalize(path.slice(subPath.length) || "index.html") : "..";
    asked.push(name);
    const file = join(served, name);
    if (name.startsWith("..") || !existsSync(file)) return response.writeHead(404).end();
    // Other pages may read the site: that is what embedding takes.
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", "access-control-allow-origin": "*" });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = server.address().port;
  browser = await chromium.launch({
    executablePath: process.env.STAGELIGHT_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
}

async function stop() {
  await browser?.close();
  server?.close();
}

export const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

/** What has been asked of the site, in order. */
export const asked = [];

/** The folder of the site. */
export const folder = site;

/** From now on the site is what is in another folder, or again its own. */
export const serve = (other = site) => {
  served = other;
};

/** No network any more, or again: nobody answers at the site's address. */
export async function network(isThere) {
  if (isThere) return new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

/** The address of the site. */
export const host = () => `http://127.0.0.1:${port}${subPath}`;

/**
 * Opens the page; `fragment` starts with #. Or another one, with an `address` of its own. The browser knows no service
 * workers unless `isKept`: they would fetch the whole site for each test. `beside` is a page whose browser it shares.
 */
export async function open({ fragment = "", address, viewport = sizes.desktop, colorScheme = "light", javaScriptEnabled = true, isKept = false, beside } = {}) {
  const permissions = ["clipboard-read", "clipboard-write"];
  const context = beside?.context() ?? (await browser.newContext({ viewport, colorScheme, permissions, javaScriptEnabled }));
  if (!isKept) await context.addInitScript(() => delete Navigator.prototype.serviceWorker);
  const page = await context.newPage();
  page.troubles = [];
  pages.push(page);
  const allowed = [host(), ...(address ? [new URL(address).origin] : [])];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) page.troubles.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => page.troubles.push(`exception: ${error.message}`));
  page.on("request", (request) => {
    if (!allowed.some((it) => request.url().startsWith(it))) page.troubles.push(`request: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) page.troubles.push(`status ${response.status()}: ${response.url()}`);
  });
  page.address = host();
  await page.goto(address ?? page.address + fragment);
  if (address) return page;
  await page.locator(".cm-content").waitFor({ state: "attached" });
  return page;
}

/** Replaces the whole text as a paste does. */
export async function paste(page, text) {
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+a");
  if (text === "") return page.keyboard.press("Delete");
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    document.querySelector(".cm-content").dispatchEvent(event);
  }, text);
}

/** Chooses an example from the menu, by its id. */
export async function example(page, id) {
  await page.locator("#examples").selectOption(id);
}

/** The picture in words: for each stage its name and whether it is the target, runs or stays dark. */
export async function lights(page) {
  return page.locator(".card").evaluateAll((cards) =>
    cards.map((card) => {
      const name = card.dataset.stage;
      const state = ["target", "on", "off"].find((state) => card.classList.contains(state)) ?? "unknown";
      return `${name} ${state}`;
    }),
  );
}

/** Waits until what is read is as expected, for five seconds. */
export const eventually = async (read, expected) => {
  let seen;
  for (let attempt = 0; attempt < 50; attempt++) {
    seen = await read();
    try {
      return assert.deepEqual(seen, expected);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  assert.deepEqual(seen, expected);
};

/** Waits until the text that is read matches, for five seconds. What follows the text at a pause in typing needs it. */
export const eventuallyMatches = async (read, pattern) => {
  let seen;
  for (let attempt = 0; attempt < 50; attempt++) {
    seen = await read();
    if (pattern.test(seen)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.match(seen, pattern);
};

/** axe-core's findings, one line each. */
export async function axe(page) {
  // What follows the text at a pause in typing has to be there: axe cannot read a page that changes under it.
  await page.waitForTimeout(300);
  // Not as an element of the page, which a page's policy may refuse.
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
}
