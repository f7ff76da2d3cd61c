// What goes over the wire until something is seen, as servers compress it best. The bounds are what it weighs, with some
// room for a few more features; a better figure is a reason to lower them.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";
import { asked, folder, open } from "./harness.mjs";

/** Fonts are compressed already. */
const weight = async (name) => {
  const contents = await readFile(join(folder, name));
  return name.endsWith(".woff2") ? contents.length : (await promisify(brotliCompress)(contents)).length;
};

async function weigh(t, names, bound) {
  const weights = await Promise.all(names.map(weight));
  names.forEach((name, at) => t.diagnostic(`${weights[at]} ${name}`));
  const sum = weights.reduce((a, b) => a + b);
  t.diagnostic(`${sum} in all`);
  assert.ok(sum <= bound, `${sum} bytes, which is more than ${bound}`);
}

test("the first view with the editor", async (t) => {
  asked.length = 0;
  const page = await open();
  await page.locator(".card").first().waitFor();
  await page.evaluate(async () => void (await document.fonts.ready));
  const names = [...new Set(asked)];
  for (const name of [/\.css$/, /\.js$/, /\.wasm$/, /inter\.woff2$/, /mono\.woff2$/]) {
    assert.equal(names.filter((it) => name.test(it)).length, 1, `${name} of ${names}`);
  }
  await weigh(t, names, 1_200_000);
});

test("Dockerfiles in another page", async (t) => {
  await weigh(t, ["embed.js", "stagelight-embed.js", "stagelight-embed_bg.wasm"], 250_000);
});
