// Writes the service worker of a site: its source with the list of all files in front.

import { createHash } from "node:crypto";
import { readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { transform } from "esbuild";

const SOURCE = new URL("../service-worker.js", import.meta.url);
const NAME = "service-worker.js";

/** A hash of the contents in the name, as finish.mjs gives them. */
const HASHED = /-[0-9a-f]{16}[._]/;

/** `stagelight serve` changes the page, and finds its digest and the version in what this writes (crates/server/src/site.rs). */
export async function writeWorker(folder) {
  const files = {};
  for (const path of await listed(folder)) {
    const digest = `sha256-${digestOf(await readFile(join(folder, path)), "base64")}`;
    const address = path.split(sep).map(encodeURIComponent).join("/");
    files[address === "index.html" ? "" : address] = { digest, isForEver: HASHED.test(path) };
  }
  const list = JSON.stringify(files);
  const version = digestOf(list, "hex").slice(0, 16);
  const { code } = await transform(await readFile(SOURCE, "utf8"), { minify: true, target: "es2022" });
  await writeFile(join(folder, NAME), `self.site = { version: "${version}", files: ${list} };\n${code}`);
}

export function digestOf(contents, encoding) {
  return createHash("sha256").update(contents).digest(encoding);
}

/** All files but the worker itself and compressed copies, in an order that is the same everywhere. */
async function listed(folder) {
  return (await filesOf(folder)).filter((path) => path !== NAME && !/\.(br|gz)$/.test(path)).sort();
}

/** The paths of all files in a folder, relative to it. */
export async function filesOf(folder) {
  const paths = await readdir(folder, { recursive: true });
  const stats = await Promise.all(paths.map((path) => stat(join(folder, path))));
  return paths.filter((_, at) => stats[at].isFile());
}
