// The recipes of docs/embedding.md with the real generators: a minimal site of each, built and opened.
//
// A generator that is not there is installed into the cache folder, from its public registry; where that cannot be
// done, its test is skipped and says why.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { homedir, tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { after, test } from "node:test";
import { axe, eventually, host, open } from "./harness.mjs";

const MDBOOK = "0.5.4";
const MATERIAL = "9.8.1";

const cache = process.env.STAGELIGHT_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "stagelight");
const root = mkdtempSync(join(tmpdir(), "stagelight-generators-"));
after(() => rmSync(root, { recursive: true, force: true }));

/** Runs a program; what it says if it fails. */
function run(program, args, options = {}) {
  const { status, stderr, stdout, error } = spawnSync(program, args, { encoding: "utf8", ...options });
  return status === 0 ? null : (error?.message ?? `${stderr}${stdout}`).trim().split("\n").at(-1);
}

/** mdBook, or why there is none. */
function mdbook() {
  const folder = join(cache, `mdbook-${MDBOOK}`);
  const program = join(folder, "bin", "mdbook");
  if (existsSync(program)) return { program };
  const args = ["install", "mdbook", "--version", MDBOOK, "--locked", "--no-default-features", "--profile", "dev"];
  const why = run("cargo", [...args, "--root", folder, "--target-dir", join(root, "target")]);
  return why === null ? { program } : { why };
}

/** MkDocs with Material, or why there is none. */
function mkdocs() {
  const folder = join(cache, `mkdocs-material-${MATERIAL}`);
  const program = join(folder, "bin", "mkdocs");
  if (existsSync(program)) return { program };
  const why =
    run("python3", ["-m", "venv", folder]) ??
    run(join(folder, "bin", "pip"), ["install", "--quiet", "--disable-pip-version-check", `mkdocs-material==${MATERIAL}`]);
  if (why === null) return { program };
  rmSync(folder, { recursive: true, force: true });
  return { why };
}

const PAGE = `# A guide

\`\`\`dockerfile
FROM golang:1.23 AS build
WORKDIR /src
COPY . .
RUN go build -o /app .

FROM build AS test
RUN go test ./...

FROM scratch
COPY --from=build /app /app
\`\`\`

<div class="stagelight" data-target="test"MARKDOWN>

\`\`\`dockerfile
FROM alpine AS base
FROM base AS test
FROM base
\`\`\`

</div>

\`\`\`sh
docker build .
\`\`\`

The end.
`;

function write(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** Serves a folder from an origin of its own. */
async function serve(folder) {
  const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" };
  const server = createServer((request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
    if (!file.startsWith(folder) || !existsSync(file) || statSync(file).isDirectory()) {
      return response.writeHead(path === "/favicon.ico" ? 204 : 404).end();
    }
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  return server;
}

/** What a page of a generator has to show. */
async function holds(folder, picture) {
  const server = await serve(folder);
  const address = `http://localhost:${server.address().port}/`;
  try {
    for (const [name, width] of [["desk", 1440], ["phone", 390]]) {
      const page = await open({ address, viewport: { width, height: 900 } });
      const elements = page.locator("stagelight-dockerfile");
      await eventually(() => elements.count(), 2);
      await eventually(() => elements.locator("pre[aria-hidden] .keyword").first().isVisible(), true);
      const texts = await elements.evaluateAll((all) => all.map((it) => it.value.split("\n")[0]));
      assert.deepEqual(texts, ["FROM golang:1.23 AS build", "FROM alpine AS base"]);
      await eventually(() => elements.nth(1).getAttribute("target"), "test");
      // What does not run is dark in the text as well.
      await eventually(() => elements.nth(0).locator(".line.off").count(), 3);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      assert.deepEqual((await axe(page)).filter((it) => it.includes("stagelight")), []);
      const shift = await page.evaluate(
        () =>
          new Promise((resolve) => {
            let sum = 0;
            const seen = (list) => list.getEntries().forEach((it) => (sum += it.value));
            new PerformanceObserver(seen).observe({ type: "layout-shift", buffered: true });
            setTimeout(() => resolve(sum), 300);
          }),
      );
      assert.equal(shift, 0, `${name}: what is below a block stays where it was`);
      if (process.env.STAGELIGHT_PICTURES) {
        await page.screenshot({ path: join(process.env.STAGELIGHT_PICTURES, `${picture}-${name}.png`) });
      }
      // Their own themes may ask for fonts, icons or an index elsewhere; that is not ours.
      page.troubles = page.troubles.filter((it) => it.includes("stagelight") || it.includes(host()));
    }
  } finally {
    server.close();
  }
}

test("mdBook", async (t) => {
  const { program, why } = mdbook();
  if (why) {
    console.log(`The recipe for mdBook is not tested: ${why}`);
    return t.skip(why);
  }
  const folder = join(root, "book");
  write(folder, {
    "book.toml": '[book]\ntitle = "Guide"\n\n[output.html]\nadditional-js = ["stagelight.js"]\n',
    // The theme's own fonts come late and move things by themselves; an empty file leaves them out.
    "theme/fonts/fonts.css": "",
    "stagelight.js": `addEventListener("load", async () => {
      const { upgrade } = await import("${host()}embed.js");
      upgrade();
    });\n`,
    "src/SUMMARY.md": "- [A guide](guide.md)\n",
    "src/guide.md": PAGE.replace("MARKDOWN", ""),
  });
  assert.equal(run(program, ["build", folder]), null);
  await holds(join(folder, "book"), "mdbook");
});

test("MkDocs with Material", async (t) => {
  const { program, why } = mkdocs();
  if (why) {
    console.log(`The recipe for MkDocs is not tested: ${why}`);
    return t.skip(why);
  }
  const folder = join(root, "mkdocs");
  write(folder, {
    "mkdocs.yml": `site_name: Guide
theme:
  name: material
  font: false
extra_javascript:
  - path: ${host()}embed.js?upgrade
    type: module
markdown_extensions:
  - md_in_html
  - pymdownx.superfences
  - pymdownx.highlight:
      pygments_lang_class: true
`,
    "docs/index.md": PAGE.replace("MARKDOWN", " markdown"),
  });
  assert.equal(run(program, ["build", "--quiet"], { cwd: folder }), null);
  await holds(join(folder, "site"), "mkdocs");
});
