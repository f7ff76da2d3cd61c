// A Compose or Bake file beside the Dockerfile: which service builds which stage.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, eventually, lights, open, paste, sizes } from "./harness.mjs";

const TEXT = `FROM alpine AS base
ARG VERSION
RUN make $VERSION
FROM base AS test
RUN check
FROM base AS production
COPY . .
`;

const COMPOSE = `services:
  web:
    build:
      context: .
      target: production
      args:
        VERSION: \${VERSION}
        EXTRA: "1"
      platforms: [linux/arm64]
      additional_contexts:
        alpine: docker-image://alpine:3.20
  typo:
    build: {target: "tset"}
  docs:
    build: docs
  db:
    image: postgres
`;

const show = async (page, name) => {
  const tab = page.getByRole("tab", { name });
  if ((await tab.getAttribute("aria-selected")) !== "true") await tab.click();
};
const area = (page) => page.getByRole("textbox", { name: "Compose or Bake file" });
const builds = (page) => page.locator(".builds > li .head").evaluateAll((heads) => heads.map((it) => it.querySelector("h3").textContent + " " + it.querySelector(".to").textContent));
const marks = (page) => page.locator(".card").evaluateAll((cards) => cards.map((it) => `${it.dataset.stage}: ${it.querySelector(".builds-mark text")?.textContent ?? ""}`));

test("services attach to the stages that they build, and the reader is loaded only then", async () => {
  const page = await open();
  const asked = [];
  page.on("request", (request) => /reader|compose/.test(request.url()) && asked.push(new URL(request.url()).pathname));
  await paste(page, TEXT);
  await show(page, "Compose");
  assert.deepEqual(await axe(page), []);
  assert.deepEqual(asked, []);
  await area(page).fill(COMPOSE);
  await eventually(() => builds(page), ["web builds production, with 1 stage before it", "typo asks for tset, which is not there"]);
  assert.deepEqual(asked.map((it) => it.split("/").at(-1)), ["stagelight-compose.js", "stagelight-compose_bg.wasm"]);
  await eventually(() => marks(page), ["base: ", "test: ", "production: web"]);
  assert.match(await page.locator(".card[data-stage=production] > title").textContent(), /Built by web\./);
  assert.match(await page.locator(".builds > li").first().innerText(), /VERSION = unknown: VERSION comes from the environment/);
  assert.deepEqual(await page.locator(".builds-problems li").allInnerTexts().then((all) => all.map((it) => it.replace(/\s+/g, " "))), [
    "13:21 Error typo: target stage \"tset\" could not be found Did you mean 'test'?",
    "8:9 Note web: no ARG declares 'EXTRA' The build runs, and nothing reads the value; add ARG to the stage that wants it",
  ]);
  assert.deepEqual(await page.locator(".builds-stages button").allInnerTexts(), ["test"]);
  assert.deepEqual(await page.locator(".builds-others li").allInnerTexts(), [
    "docs builds from docs/Dockerfile",
    "db runs the image postgres, and builds nothing",
  ]);
  assert.deepEqual(await axe(page), []);
  // A problem leads to its line, and its word can be written.
  await page.getByRole("button", { name: "13:21 in the file" }).click();
  assert.equal(await area(page).evaluate((it) => it.value.slice(it.selectionStart, it.selectionEnd)), '    build: {target: "tset"}');
  await page.getByRole("button", { name: "Write test for typo" }).click();
  await eventually(() => marks(page), ["base: ", "test: typo", "production: web"]);
  assert.match(await area(page).inputValue(), /build: \{target: "test"\}/);
});

test("a build is taken over with all it is given, and a link carries the file", async () => {
  const page = await open({ colorScheme: "dark" });
  await paste(page, TEXT);
  await show(page, "Compose");
  await area(page).fill(COMPOSE);
  await page.getByLabel("VERSION", { exact: true }).fill("7");
  await eventually(() => page.locator(".builds dd li").first().innerText(), "VERSION = 7");
  const take = page.getByRole("button", { name: /^Taken? over: web$/ });
  await take.focus();
  await page.keyboard.press("Enter");
  await eventually(() => take.getAttribute("aria-pressed"), "true");
  await eventually(
    () => page.locator("#command").innerText(),
    "docker build --target production --platform linux/arm64 --build-arg EXTRA=1 --build-arg VERSION=7 --build-context alpine=docker-image://alpine:3.20 .",
  );
  assert.equal(await page.locator(".builds .command-line code").innerText(), "docker compose build web");
  assert.deepEqual(await axe(page), []);
  await eventually(() => page.evaluate(() => location.hash.length > 300), true);
  await page.waitForTimeout(400);
  const again = await open({ fragment: await page.evaluate(() => location.hash) });
  await eventually(() => marks(again), ["base: ", "test: ", "production: web"]);
  await eventually(() => again.getByRole("button", { name: /^Taken? over: web$/ }).getAttribute("aria-pressed"), "true");
  await again.getByRole("button", { name: "Forget: VERSION" }).click();
  await eventually(() => again.getByRole("button", { name: /^Taken? over: web$/ }).getAttribute("aria-pressed"), "false");
  await again.getByRole("button", { name: "Take it out" }).click();
  await eventually(() => marks(again), ["base: ", "test: ", "production: "]);
  assert.equal(await area(again).inputValue(), "");
});

test("a Bake file on a phone: an example, what is not there, and another Dockerfile", async () => {
  const page = await open({ viewport: sizes.phone });
  await page.getByRole("button", { name: "Dockerfile" }).click();
  await paste(page, TEXT);
  await page.getByRole("button", { name: "Details" }).click();
  await show(page, "Compose");
  await page.getByRole("button", { name: "A Bake file" }).click();
  await eventually(() => builds(page), ["web builds production, with 1 stage before it", "test builds test, with 1 stage before it", "base builds base"]);
  assert.equal(await page.locator("#builds-language option:checked").innerText(), "Found: Bake, HCL");
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Take over: test" }).click();
  await eventually(() => page.locator(".builds .command-line code").innerText(), "docker buildx bake test");
  await eventually(() => lights(page), ["base on", "test target", "production off"]);
  await area(page).fill('target "a" {\n  target = "x\n}\n');
  await eventually(() => page.locator(".builds-problems .error").innerText().then((it) => it.replace(/\s+/g, " ")), "2:3 Error This is not HCL: invalid block body; expected `}`, newline or identifier Look for a quote that is not closed in this line");
  await area(page).fill('{"target": {"a": {"dockerfile": "a/Dockerfile"}, "b": {"dockerfile": "b/Dockerfile", "target": "test"}}}');
  await eventually(() => builds(page), ["a builds the last stage, production, with 1 stage before it"]);
  await page.getByLabel("This Dockerfile is").selectOption("b/Dockerfile");
  await eventually(() => builds(page), ["b builds test, with 1 stage before it"]);
  await page.locator("#builds-language").selectOption("compose");
  await eventually(() => page.locator(".builds-problems .error").innerText().then((it) => it.split("\n").at(-2)), "Error There is no 'services' in the file");
  assert.deepEqual(await axe(page), []);
});

test("letters typed quickly all arrive, and what is typed meanwhile is read", async () => {
  const page = await open();
  await paste(page, TEXT);
  await show(page, "Compose");
  await area(page).pressSequentially("services:\n  web:\n    build:\n      target: test\n", { delay: 3 });
  assert.equal(await area(page).inputValue(), "services:\n  web:\n    build:\n      target: test\n");
  await eventually(() => builds(page), ["web builds test, with 1 stage before it"]);
  // The Dockerfile changes under the file.
  await paste(page, TEXT.replace("AS test", "AS check"));
  await eventually(() => builds(page), ["web asks for test, which is not there"]);
  await eventually(() => marks(page), ["base: ", "check: ", "production: "]);
});

test("a Compose file that is opened with a Dockerfile lies beside it", async () => {
  const page = await open();
  await page.evaluate(([dockerfile, compose]) => {
    const data = new DataTransfer();
    data.items.add(new File([dockerfile], "Dockerfile"));
    data.items.add(new File([compose], "compose.yaml"));
    const target = document.querySelector("#pane-text");
    for (const type of ["dragenter", "dragover", "drop"]) {
      target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    }
  }, [TEXT, COMPOSE]);
  await eventually(() => marks(page), ["base: ", "test: ", "production: web"]);
});
