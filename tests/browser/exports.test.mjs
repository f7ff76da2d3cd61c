// The picture as a file: the page and the command write the same bytes, and they show what the live picture shows.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { eventuallyMatches, example, open, paste } from "./harness.mjs";

/** What `stagelight graph` writes, with a text on its standard input or for a file. */
const command = (args, input = "") => {
  const all = ["run", "--quiet", "--package", "stagelight", "--", "graph", "--format", "svg", ...args];
  const { stdout, stderr } = spawnSync("cargo", all, { encoding: "utf8", input, maxBuffer: 2 ** 28 });
  assert.notEqual(stdout, "", stderr);
  return stdout;
};

/** Two files are the same; else the first line that differs is told. */
const assertSame = (ours, theirs, name) => {
  const [a, b] = [ours.split("\n"), theirs.split("\n")];
  const at = a.findIndex((line, at) => line !== b[at]);
  assert.ok(ours === theirs, `${name}, line ${at + 1}:\n${a[at]}\n${b[at]}`);
};

/** What the page puts into the clipboard. */
const copied = async (page) => {
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await page.locator("#sight summary").click();
  await page.locator("#copy-picture").click();
  await eventuallyMatches(() => page.evaluate(() => navigator.clipboard.readText()), /<\/svg>\n$/);
  const svg = await page.evaluate(() => navigator.clipboard.readText());
  await page.keyboard.press("Escape");
  await page.locator("#sight").evaluate((menu) => (menu.open = false));
  return svg;
};

const hostile = [
  'FROM "</text><script>alert(1)</script>" AS a\u0301é日本\n',
  "FROM scratch AS x\nRUN </style><img src=x onerror=alert(1)> \u0001\u001b[31m & ]]> 'q' \"z\"\n",
  "COPY --from=x <a> /\nFROM x\nFROM nothing AS y\nCOPY --from=y /b /\n",
].join("");

test("the page and the command write the same bytes", async () => {
  const page = await open();
  const names = readdirSync("examples").map((name) => name.replace(".dockerfile", ""));
  const offered = await page.locator("#examples option").evaluateAll((options) => options.map((it) => it.value));
  const both = names.filter((name) => offered.includes(name));
  assert.ok(both.length >= 10, `of ${names} only ${both} are offered`);
  for (const name of both) {
    await example(page, name);
    assertSame(await copied(page), command([`examples/${name}.dockerfile`]), name);
  }
  await paste(page, hostile);
  await eventuallyMatches(() => page.locator(".card").count().then(String), /^4$/);
  assertSame(await copied(page), command(["-"], hostile), "hostile");
});

test("the file shows what the live picture shows, with a target chosen", async () => {
  const page = await open();
  await example(page, "shop-platform");
  await page.locator("[data-stage='worker'] .title").click();
  await page.locator("[data-stage='worker'].target").waitFor();
  const svg = await copied(page);
  assertSame(svg, command(["examples/shop-platform.dockerfile", "--target", "worker"]), "worker");
  // What the pointer is on is lit in the live picture alone.
  await page.mouse.move(0, 0);
  await page.locator(".line.lit").first().waitFor({ state: "detached" });
  const seen = (root) => {
    const of = (selector, read) => [...root.querySelectorAll(selector)].map(read).sort();
    const path = (it) => `${it.classList[0]} ${it.classList.contains("off")} ${it.getAttribute("d")}`;
    const words = (it) => it.textContent.replace(/\s+/g, " ").trim();
    return {
      lines: of(".lines .line, .lines .arrow", path),
      titles: of(".card .title", words),
      badges: of(".card .badge", words),
      reasons: of(".card .reason", words).filter((it) => it !== ""),
      labels: of(".source .label", words),
      dark: of(".card.off .title", words),
      rows: of(".card .row", (row) => [...row.querySelectorAll("text")].map(words).join(" ")),
    };
  };
  const shown = await page.evaluate(
    ({ svg, seen }) => {
      const read = new Function(`return ${seen}`)();
      const file = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
      // In the file, lines are in no group of their own.
      for (const line of file.querySelectorAll(".line, .arrow")) line.parentElement.classList.add("lines");
      for (const legend of file.querySelectorAll(".note")) legend.previousElementSibling.remove();
      return { live: read(document.querySelector(".drawing")), file: read(file) };
    },
    { svg, seen: seen.toString() },
  );
  assert.deepEqual(shown.file, shown.live);
  assert.ok(shown.live.dark.length > 3 && shown.live.lines.length > 20);
});

test("no text leaves its card, whatever fonts a reader has", async () => {
  const page = await open();
  const svg = command(["examples/shop-platform.dockerfile"]);
  const beyond = await page.evaluate((svg) => {
    document.body.innerHTML = svg;
    const found = [];
    for (const font of ["serif", "monospace", "cursive", "sans-serif"]) {
      for (const text of document.querySelectorAll(".stagelight text")) {
        text.style.fontFamily = font;
        text.style.fontStretch = "expanded";
        const frame = text.closest(".card, .source")?.querySelector(".frame").getBoundingClientRect();
        const box = text.getBoundingClientRect();
        if (frame && (box.right > frame.right || box.left < frame.left)) found.push(`${font}: ${text.textContent}`);
      }
    }
    return found;
  }, svg);
  assert.deepEqual(beyond, []);
});
