// What is wrong and how to mend it: the list, the panel, the hover box, the pages of the rules.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, eventually, open, paste, sizes } from "./harness.mjs";

const numbered = "FROM alpine AS tools\nRUN make /a\nFROM scratch\nCOPY --from=0 /a /a\n";

const text = (page) => page.locator(".cm-line").evaluateAll((lines) => lines.map((line) => line.textContent).join("\n"));
const rules = (page) => page.locator(".checks .found .tag").allInnerTexts();
const showChecks = async (page) => {
  const tab = page.getByRole("tab", { name: "Checks" });
  if ((await tab.getAttribute("aria-selected")) !== "true") await tab.click();
};

test("a finding is explained, mended with one click, and the click undone", async () => {
  const page = await open();
  await paste(page, numbered);
  await showChecks(page);
  await page.locator(".checks .problem", { hasText: "NumericReference" }).click();
  const panel = page.locator("#panel");
  assert.match(await panel.innerText(), /info\s*Stage 0 is/i);
  assert.match(await panel.innerText(), /What is built stays the same/);
  assert.match(await panel.locator(".diff").innerText(), /4\s*- COPY --from=0 \/a \/a[\s\S]*\+ COPY --from=tools \/a \/a/);
  assert.match(await panel.locator(".rule-page").innerText(), /another stage/);
  await panel.getByRole("button", { name: "Refer to 'tools'" }).click();
  await eventually(() => text(page), numbered.replace("--from=0", "--from=tools"));
  await eventually(async () => /not found any more/.test(await panel.innerText()), true);
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+z");
  await eventually(() => text(page), numbered);
  await eventually(async () => /Stage 0 is/.test(await panel.innerText()), true);
});

test("a finding is silenced here or in the file, and comes back with undo", async () => {
  const page = await open();
  await paste(page, numbered);
  await showChecks(page);
  const found = page.locator(".checks .problem", { hasText: "NumericReference" });
  await found.click();
  await page.getByRole("button", { name: "Skip NumericReference here" }).click();
  await eventually(() => text(page), numbered.replace("COPY", "# check=skip=NumericReference\nCOPY"));
  await page.getByRole("button", { name: "All checks" }).click();
  await eventually(async () => (await rules(page)).includes("NumericReference"), false);
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+z");
  await found.click();
  await page.getByRole("button", { name: "Skip NumericReference in this file" }).click();
  await eventually(() => text(page), `# check=skip=NumericReference\n${numbered}`);
});

test("the box over the text says what is wrong and mends it", async () => {
  const page = await open();
  await paste(page, "FROM alpine as a\nRUN a\n");
  await page.mouse.move(900, 300);
  await page.locator(".cm-lintRange-warning").first().hover();
  const box = page.locator(".cm-tooltip .cm-diagnostic");
  await box.waitFor();
  assert.match(await box.innerText(), /'as' and 'FROM' keywords' casing do not match[\s\S]*BuildKit's check FromAsCasing/);
  await box.getByRole("button", { name: "Details" }).click();
  await eventually(async () => await page.locator(".checks.one").getAttribute("data-rule"), "FromAsCasing");
});

test("every rule has a page, whose examples can be opened", async () => {
  const page = await open();
  await showChecks(page);
  await page.locator(".checks .rules summary").click();
  assert.ok((await page.locator(".rule-list li").count()) >= 24);
  await page.locator(".rule-list").getByRole("button", { name: "NumericReference" }).click();
  const article = page.locator(".rule-page");
  assert.match(await article.locator("h3").first().innerText(), /NumericReference/);
  assert.match(await article.locator(".carets").first().innerText(), /^\^+$/);
  assert.deepEqual(await axe(page), []);
  await article.getByRole("button", { name: "Open this example" }).first().click();
  await eventually(async () => /--from=0/.test(await text(page)) && !/\^/.test(await text(page)), true);
});

test("the picture marks the stages and the rows in which something is wrong", async () => {
  const page = await open();
  await paste(page, "FROM alpine as a\nENV API_KEY=1\nRUN a\nFROM a\nCOPPY b c\n");
  await paste(page, "FROM alpine as a\nENV API_KEY=1\nRUN a\nFROM a\nRUN b\n");
  const first = page.locator(".card").first();
  await eventually(() => first.locator(".found text").allTextContents(), ["2 warnings"]);
  assert.equal(await first.locator(".row .found.warning").count(), 2);
  assert.match(await first.locator("title").first().textContent(), /2 warnings/);
  assert.equal(await page.locator(".card").nth(1).locator(".found").count(), 0);
});

test("a link carries the problem that is looked at", async () => {
  const page = await open();
  await paste(page, numbered);
  await showChecks(page);
  await page.locator(".checks .problem", { hasText: "NumericReference" }).click();
  await page.waitForFunction(() => location.hash.length > 20);
  await page.waitForTimeout(400);
  const fragment = await page.evaluate(() => location.hash);
  const again = await open({ fragment });
  await eventually(async () => await again.locator(".checks.one").getAttribute("data-rule"), "NumericReference");
});

test("nothing to find is said, and all of it is accessible on both sizes", async () => {
  for (const viewport of Object.values(sizes)) {
    const page = await open({ viewport, colorScheme: viewport === sizes.phone ? "dark" : "light" });
    if (viewport === sizes.phone) await page.getByRole("button", { name: "Dockerfile", exact: true }).click();
    await paste(page, "FROM scratch\n");
    if (viewport === sizes.phone) await page.getByRole("button", { name: "Details", exact: true }).click();
    await showChecks(page);
    await eventually(async () => /Nothing found/.test(await page.locator(".checks .lead").innerText()), true);
    assert.deepEqual(await axe(page), []);
    if (viewport === sizes.phone) await page.getByRole("button", { name: "Dockerfile", exact: true }).click();
    await paste(page, numbered);
    await page.locator(".problems-head .link").click();
    await page.locator(".checks .problem", { hasText: "NumericReference" }).click();
    await page.locator(".fix").waitFor();
    assert.deepEqual(await axe(page), []);
  }
});

test("everything that can be mended safely is mended at once, and undone at once", async () => {
  const page = await open();
  const before = "from alpine as Tools\nRUN make /a\nFROM scratch\nCOPY --from=0 /a /a\n";
  await paste(page, before);
  await showChecks(page);
  await page.getByRole("button", { name: /^Mend \d+ findings safely$/ }).click();
  await eventually(async () => /^FROM alpine AS tools\n[\s\S]*COPY --from=tools \/a \/a/.test(await text(page)), true);
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+z");
  await eventually(() => text(page), before);
});

test("a word that BuildKit suggests is put in", async () => {
  const page = await open();
  await paste(page, "FROM alpine\nCOPPY a b\n");
  await page.locator(".problem", { hasText: "COPPY" }).click();
  await page.locator(".fix .control").first().click();
  await eventually(() => text(page), "FROM alpine\nCOPY a b\n");
});

test("a stage is renamed with all that refers to it, or why not is said", async () => {
  const page = await open();
  await paste(page, "FROM alpine AS tools\nRUN make\nFROM scratch AS last\nCOPY --from=tools /a /a\nCOPY --from=0 /b /b\n");
  await page.getByRole("tab", { name: "This line" }).click();
  await page.locator(".cm-line").first().click();
  await eventually(() => page.locator("#rename").inputValue(), "tools");
  await page.locator("#rename").fill("last");
  await page.locator(".refusal").waitFor();
  await page.locator("#rename").fill("build");
  await page.locator(".rename .fix .control").click();
  await eventually(async () => /^FROM alpine AS build\n[\s\S]*--from=build \/a \/a/.test(await text(page)), true);
  assert.deepEqual(await axe(page), []);
});

test("a .dockerignore to begin with can be copied", async () => {
  const page = await open();
  await paste(page, "FROM node:22\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"a.js\"]\n");
  await showChecks(page);
  await page.locator(".checks .problem", { hasText: "NoDockerignore" }).click();
  await page.getByRole("button", { name: "Copy a .dockerignore" }).click();
  await eventually(() => page.evaluate(() => navigator.clipboard.readText().then((text) => /node_modules/.test(text))), true);
});
