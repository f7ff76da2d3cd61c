// Makes of what Trunk has built in a folder the site that is delivered: the application's scripts in one, scripts and
// styles without what only people read, and the service worker with its list of files.
//
// Trunk's hash in a name is of what it compiled, before wasm-opt and before this. Here names get the hash of what is in
// the file, so that a file with one in its name never changes, and can be kept for ever.

import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { build, transform } from "esbuild";
import { digestOf, writeWorker } from "./worker.mjs";

const SETTINGS = { minify: true, target: "es2022", charset: "utf8", legalComments: "none", logLevel: "error" };
/** The application and its style: the names that the page alone knows. */
const HASHED = /^(?<stem>stagelight-web|style|icon)-(?<hash>[0-9a-f]+)(?<rest>.*)$/;

const folder = process.argv[2];
try {
  await finish();
} catch (error) {
  console.error(`The site in ${folder} could not be finished: ${error.message}`);
  process.exitCode = 1;
}

async function finish() {
  let page = await readFile(join(folder, "index.html"), "utf8");
  const names = (await readdir(folder, { withFileTypes: true })).filter((it) => it.isFile()).map((it) => it.name);
  for (const name of names) {
    const { stem, rest } = HASHED.exec(name)?.groups ?? {};
    const contents = await smaller(name, stem === "stagelight-web");
    if (stem === undefined) {
      await writeFile(join(folder, name), contents);
      continue;
    }
    const named = `${stem}-${digestOf(contents, "hex").slice(0, 16)}${rest}`;
    await rm(join(folder, name));
    await writeFile(join(folder, named), contents);
    page = page.replaceAll(`./${name}`, `./${named}`);
  }
  // What was imported is in the script of the application now.
  await rm(join(folder, "snippets"), { recursive: true, force: true });
  page = page
    .replace(/<link rel="modulepreload" href="\.\/snippets\/[^>]*>/g, "")
    .replace("</head>", '<link rel="serviceworker" href="./service-worker.js"></head>');
  await writeFile(join(folder, "index.html"), page);
  await writeWorker(folder);
}

/** A file with nothing in it that only people read; `isBundle`: together with what it imports. */
async function smaller(name, isBundle) {
  const path = join(folder, name);
  if (isBundle && extname(name) === ".js") {
    const bundled = await build({ ...SETTINGS, entryPoints: [path], bundle: true, format: "esm", write: false });
    return bundled.outputFiles[0].contents;
  }
  const contents = await readFile(path);
  const loader = { ".js": "js", ".css": "css" }[extname(name)];
  return loader ? (await transform(contents, { ...SETTINGS, loader })).code : contents;
}
