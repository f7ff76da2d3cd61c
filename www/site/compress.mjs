// Puts compressed copies beside the files of a site, name.br and name.gz, for servers that take those where they find
// them and compress nothing themselves. Fonts are compressed already.

import { readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { filesOf } from "./worker.mjs";

const WORTH_IT = new Set([".css", ".html", ".js", ".md", ".svg", ".txt", ".wasm"]);

const folder = process.argv[2];
try {
  const paths = (await filesOf(folder)).filter((path) => WORTH_IT.has(extname(path)));
  await Promise.all(paths.map((path) => compress(join(folder, path))));
} catch (error) {
  console.error(`The site in ${folder} could not be compressed: ${error.message}`);
  process.exitCode = 1;
}

async function compress(path) {
  const contents = await readFile(path);
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: contents.length };
  await writeFile(`${path}.br`, await promisify(brotliCompress)(contents, { params }));
  await writeFile(`${path}.gz`, await promisify(gzip)(contents, { level: 9 }));
}
