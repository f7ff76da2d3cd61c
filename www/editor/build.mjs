// Makes what the site takes from npm: www/generated/editor.js (the editor and CodeMirror in one module),
// www/generated/fonts/*.woff2 and www/generated/licences.txt (the notices that travel with them).
//
// Trunk calls this before each build, so it does nothing in a few milliseconds when nothing changed:
// it compares the files it read last time, which it noted in www/generated/inputs.json.

import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const generated = join(root, "www/generated");
const inputsFile = join(generated, "inputs.json");
const packages = join(root, "node_modules");

// Of each font the weights that the style sheet uses, and of its features the kerning and figures of one width: that is
// less than half of it. Without ligatures, each character of a Dockerfile is seen as it is.
const fonts = {
  "inter.woff2": {
    source: "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    keepFeatures: ["kern", "tnum"],
  },
  "jetbrains-mono.woff2": {
    source: "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
    keepFeatures: [],
  },
};
const weights = { min: 400, max: 700 };
const outputs = ["editor.js", "licences.txt", ...Object.keys(fonts).map((name) => `fonts/${name}`)];

try {
  if (!(await isFresh())) await build();
} catch (error) {
  console.error(`The editor could not be built: ${error.message}`);
  process.exitCode = 1;
}

/** Whether every output is there and no input was changed or added since they were written. */
async function isFresh() {
  if (!outputs.every((name) => existsSync(join(generated, name)))) return false;
  let noted;
  try {
    noted = JSON.parse(await readFile(inputsFile, "utf8"));
  } catch {
    return false;
  }
  for (const [path, stamp] of Object.entries(noted)) {
    if ((await stampOf(path).catch(() => null)) !== stamp) return false;
  }
  return true;
}

async function build() {
  if (!existsSync(packages)) throw new Error("node_modules is missing; run `npm ci` first.");
  const { build: bundle } = await import("esbuild");
  await mkdir(join(generated, "fonts"), { recursive: true });

  const result = await bundle({
    absWorkingDir: root,
    entryPoints: ["www/editor/editor.js"],
    outfile: "www/generated/editor.js",
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "error",
  });
  await writeWhole(join(generated, "editor.js"), result.outputFiles[0].contents);
  for (const [name, font] of Object.entries(fonts)) {
    await writeWhole(join(generated, "fonts", name), await smaller(font));
  }

  const bundled = Object.keys(result.metafile.inputs);
  const sources = Object.values(fonts).map(({ source }) => `node_modules/${source}`);
  const names = new Set([...bundled, ...sources].map(packageOf));
  names.delete(undefined);
  await writeWhole(join(generated, "licences.txt"), await notices([...names].sort()));

  // The stamps come last: a build cut short leaves none, and the next one starts over.
  const inputs = [...bundled, "package-lock.json", relative(root, fileURLToPath(import.meta.url))];
  const stamps = await Promise.all(inputs.map(async (path) => [path, await stampOf(path)]));
  await writeWhole(inputsFile, JSON.stringify(Object.fromEntries(stamps)));
}

/** A font with all its letters, and of the rest what is used. */
async function smaller({ source, keepFeatures }) {
  const { default: subset } = await import("subset-font");
  const whole = await readFile(join(packages, source));
  const ranges = JSON.parse(await readFile(join(packages, source, "../../unicode.json"), "utf8")).latin.split(",");
  const letters = ranges.flatMap((range) => {
    const [first, last = first] = range.replace("U+", "").split("-").map((digits) => Number.parseInt(digits, 16));
    return Array.from({ length: last - first + 1 }, (_, nth) => String.fromCodePoint(first + nth));
  });
  return subset(whole, letters.join(""), { targetFormat: "woff2", variationAxes: { wght: weights }, keepFeatures });
}

async function stampOf(path) {
  const { mtimeMs, size } = await stat(join(root, path));
  return `${mtimeMs} ${size}`;
}

/** `node_modules/@codemirror/view/dist/index.js` is of `@codemirror/view`. */
function packageOf(path) {
  return path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1];
}

async function notices(names) {
  const parts = await Promise.all(
    names.map(async (name) => {
      const folder = join(packages, name);
      const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
      const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file ? await readFile(join(folder, file), "utf8") : "";
      return `${name} ${version} (${license})\n\n${text.trim()}\n`;
    }),
  );
  return `This site contains these packages.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

/** A reader sees the old file or the new one, never half of one. */
async function writeWhole(path, contents) {
  await writeFile(`${path}.new`, contents);
  await rename(`${path}.new`, path);
}
