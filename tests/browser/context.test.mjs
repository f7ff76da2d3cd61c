// The build context: pretended files and real folders, what becomes of each, and what fails.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { axe, eventually, open, paste, sizes } from "./harness.mjs";

const TEXT = `FROM golang:1.25 AS build
COPY go.mod go.sum ./
COPY cmd/ cmd/
RUN go build -o /app ./cmd/server
FROM scratch
COPY --from=build /app /app
`;

const show = async (page, name) => {
  const tab = page.getByRole("tab", { name });
  if ((await tab.getAttribute("aria-selected")) !== "true") await tab.click();
};
/** What the table says of a file. */
const fate = (page, path) =>
  page.locator(".context-table tr").filter({ has: page.locator("th", { hasText: new RegExp(`^${path.replaceAll(".", "\\.")}$`) }) })
    .locator(".fate").innerText();
const problems = (page) => page.locator(".problem .what").allInnerTexts();

test("a template shows what is sent, what is left out and who takes what", async () => {
  const page = await open();
  await paste(page, TEXT);
  await show(page, "Context");
  assert.match(await page.locator(".context-start").innerText(), /Nothing leaves the browser/);
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Go service" }).click();
  await eventually(() => fate(page, "go.mod"), "taken by 2");
  await eventually(() => fate(page, "cmd/server/main.go"), "taken by 3");
  assert.equal(await fate(page, "main.go"), "not asked for");
  assert.equal(await fate(page, "bin/app"), "left out by bin");
  assert.match(await page.locator(".summary").innerText(), /^3 of 21 files go to the builder/);
  assert.deepEqual(await axe(page), []);
  // A click on the line selects it everywhere.
  await page.getByRole("row", { name: /go\.mod/ }).getByRole("button", { name: "Line 2" }).click();
  await eventually(() => page.locator("#selection").innerText(), "Selected: line 2, COPY go.mod go.sum ./");
  // The whole context is what COPY . asks for; an exception keeps a file.
  await paste(page, "FROM golang:1.25\nCOPY . .\n");
  await eventually(() => fate(page, "README.md"), "taken by 2, kept by !README.md");
  await eventually(() => fate(page, "main.go"), "taken by 2");
});

test("a COPY that finds nothing is an error everywhere, until the file is there", async () => {
  const page = await open();
  await paste(page, "FROM alpine\nCOPY config.json docs/*.md /etc/\n");
  await show(page, "Context");
  await page.getByRole("button", { name: "Begin with no files" }).click();
  assert.deepEqual(await axe(page), []);
  await eventually(
    async () => (await problems(page)).filter((it) => it.includes("MissingCopySource")).length, 2);
  assert.match(await page.locator(".takers").innerText(), /config\.json fails: .*"\/config\.json": not found/);
  assert.match(await page.locator(".takers").innerText(), /docs\/\*\.md fails: lstat \/docs: no such file or directory/);
  await page.locator("#context-add").fill("config.json");
  await page.locator("#context-size").fill("120");
  await page.keyboard.press("Enter");
  await eventually(() => fate(page, "config.json"), "taken by 2");
  await page.locator("#context-add").fill("docs/a.txt");
  await page.keyboard.press("Enter");
  // A directory of which nothing fits does not go over.
  await eventually(async () => (await problems(page)).filter((it) => it.includes("lstat /docs")).length, 1);
  await page.getByRole("button", { name: "Rename docs/a.txt" }).click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("docs/a.md");
  await page.keyboard.press("Enter");
  await eventually(() => fate(page, "docs/a.md"), "taken by 2");
  await eventually(async () => (await problems(page)).filter((it) => it.includes("MissingCopySource")).length, 0);
  assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), "Rename docs/a.md");
  await page.getByRole("button", { name: "Take out config.json" }).focus();
  await page.keyboard.press("Enter");
  await eventually(() => page.evaluate(() => document.activeElement.ariaLabel), "Take out docs/a.md");
  await eventually(async () => (await problems(page)).filter((it) => it.includes("MissingCopySource")).length, 1);
});

test("the ignore file is edited line by line, and what cannot be read is said", async () => {
  const page = await open({ colorScheme: "dark" });
  await paste(page, "FROM alpine\nCOPY . /src\n");
  await show(page, "Context");
  await page.getByRole("button", { name: "Begin with no files" }).click();
  for (const path of ["a.md", "b.md", "c.txt"]) {
    await page.locator("#context-add").fill(path);
    await page.keyboard.press("Enter");
    await eventually(() => fate(page, path), "taken by 2");
  }
  const area = page.getByRole("textbox", { name: ".dockerignore" });
  // However fast somebody types, no letter is lost, and the cursor stays.
  await area.pressSequentially("*.md\nx");
  await page.keyboard.press("Backspace");
  await area.pressSequentially("!b.md");
  await page.keyboard.press("Home");
  await area.pressSequentially("# kept: ");
  for (let at = 0; at < 8; at++) await page.keyboard.press("Backspace");
  assert.equal(await area.inputValue(), "*.md\n!b.md");
  await eventually(() => fate(page, "a.md"), "left out by *.md");
  await eventually(() => fate(page, "b.md"), "taken by 2, kept by !b.md");
  await eventually(() => page.locator(".gutter").innerText(), "1 −1\n2 +1\n3\n4");
  await page.getByRole("button", { name: "Line 1 of .dockerignore, *.md" }).click();
  assert.equal(await page.evaluate(() => {
    const { value, selectionStart, selectionEnd } = document.activeElement;
    return value.slice(selectionStart, selectionEnd);
  }), "*.md");
  await area.fill("*.md\n[a");
  await eventually(() => page.locator(".context-side .refusal").innerText(),
    "Line 2: syntax error in pattern. '[a' needs a ']' for each '[', and ranges from low to high; '\\[' is the character itself.");
  await eventually(() => page.locator(".gutter .bad").innerText(), "2 ✕");
  await eventually(async () => (await problems(page)).some((it) => it.includes("BadDockerignore")), true);
  assert.deepEqual(await axe(page), []);
  // The link carries all of it.
  await eventually(() => page.evaluate(() => location.hash.length > 40), true);
  const again = await open({ fragment: await page.evaluate(() => location.hash), viewport: sizes.phone });
  await again.getByRole("button", { name: "Details" }).click();
  await show(again, "Context");
  await eventually(() => again.getByRole("textbox", { name: ".dockerignore" }).inputValue(), "*.md\n[a");
  // The rows take the width that there is.
  assert.ok((await again.locator(".context-table tbody tr").first().boundingBox()).width > 320);
  assert.deepEqual(await axe(again), []);
});

test("a folder gives names and sizes, and no more than five thousand of them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "stagelight-"));
  const write = (path, text) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  try {
    write("go.mod", "module x\n");
    write("go.sum", "");
    write("cmd/server/main.go", "package main\n");
    write(".dockerignore", "*.sum\n");
    const page = await open();
    await paste(page, TEXT);
    await show(page, "Context");
    await page.locator("#context-folder").setInputFiles(folder);
    await eventually(() => fate(page, "go.mod"), "taken by 2");
    await eventually(() => fate(page, "go.sum"), "left out by *.sum");
    assert.equal(await page.getByRole("textbox", { name: ".dockerignore" }).inputValue(), "*.sum\n");
    await eventually(async () => (await problems(page)).filter((it) => it.includes("MissingCopySource")).length, 1);
    // Dropped, it is the same; the ignore file beside the Dockerfile comes first.
    write("Dockerfile.dockerignore", "cmd\n");
    await page.getByRole("button", { name: "Forget the files" }).click();
    await page.locator(".context-start").waitFor();
    const { x, y, width, height } = await page.locator(".context-drop").boundingBox();
    const cdp = await page.context().newCDPSession(page);
    for (const type of ["dragEnter", "dragOver", "drop"]) {
      await cdp.send("Input.dispatchDragEvent",
        { type, x: x + width / 2, y: y + height / 2, data: { items: [], files: [folder], dragOperationsMask: 1 } });
    }
    await eventually(() => fate(page, "go.sum"), "taken by 2");
    await eventually(() => fate(page, "cmd/server/main.go"), "left out by cmd");
    assert.match(await page.locator("#context-title").innerText(), /5 files/);
    rmSync(join(folder, "Dockerfile.dockerignore"));
    for (let at = 0; at < 5100; at++) write(`node_modules/${at % 10}/${at}.js`, "");
    await page.locator("#context-folder").setInputFiles(folder);
    await eventually(() => page.locator(".context-head ~ .context-notice").innerText(),
      "The folder has more than 5000 files; those nearest its top are listed, and nothing is said to be missing.");
    await eventually(async () => (await page.locator("#context-title").innerText()).includes("5000 files"), true);
    assert.equal(await page.locator(".context-table tbody tr").count(), 200);
    await page.locator("#context-more").click();
    await eventually(() => page.locator(".context-table tbody tr").count(), 400);
    // Nothing but names: the page stays quick.
    const start = Date.now();
    await page.getByRole("searchbox", { name: "Filter paths" }).fill("go.mod");
    await eventually(() => page.locator(".context-table tbody tr").count(), 1);
    assert.ok(Date.now() - start < 2000, `the filter took ${Date.now() - start} ms`);
    await page.getByRole("button", { name: "Forget the files" }).click();
    await eventually(() => page.locator(".context-start").count(), 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
