// Help while writing: what can be typed at a place, what there is to say of it, and the way to a stage.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, eventually, open, paste } from "./harness.mjs";

const text = (page) => page.locator(".cm-line").evaluateAll((lines) => lines.map((line) => line.textContent).join("\n"));
const offered = (page) => page.locator(".cm-tooltip-autocomplete li .cm-completionLabel").allInnerTexts();

const file = "FROM golang:1.25 AS build\nRUN go build -o /app .\nFROM scratch AS assets\nFROM scratch\n";

test("stages are offered behind --from, with what they are built on, and Tab takes one", async () => {
  const page = await open();
  await paste(page, file);
  await page.keyboard.type("COPY --from=");
  await eventually(async () => (await offered(page)).slice(0, 2).sort(), ["assets", "build"]);
  assert.match(await page.locator(".cm-tooltip-autocomplete").innerText(), /golang:1\.25/);
  assert.deepEqual(await axe(page), []);
  await page.keyboard.type("bu");
  await eventually(async () => (await offered(page))[0], "build");
  await page.waitForTimeout(100);
  await page.keyboard.press("Tab");
  await page.keyboard.type(" /app /");
  await eventually(() => text(page), `${file}COPY --from=build /app /`);
});

test("Enter is a new line as long as nothing was chosen from the list", async () => {
  const page = await open();
  await paste(page, "FROM alpine\n");
  await page.keyboard.type("WORK");
  await eventually(async () => (await offered(page))[0], "WORKDIR");
  await page.waitForTimeout(100);
  await page.keyboard.press("Enter");
  await eventually(() => text(page), "FROM alpine\nWORK\n");
});

test("an instruction says what it does, in a box that takes no HTML", async () => {
  const page = await open();
  await paste(page, 'FROM alpine AS base\nENV X="<img src=x>"\nRUN echo $X\nFROM base\nENTRYPOINT ["a"]\n');
  await page.mouse.move(900, 300);
  await page.locator(".tok-keyword", { hasText: "ENTRYPOINT" }).hover();
  const box = page.locator(".cm-tooltip .explained");
  await box.first().waitFor();
  assert.match(await box.first().innerText(), /CMD/);
  assert.equal(await page.locator(".explained img").count(), 0);
});

test("F12 goes from a reference to its stage", async () => {
  const page = await open();
  await paste(page, `${file}COPY --from=build /app /app`);
  for (let n = 0; n < 13; n++) await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("F12");
  await page.keyboard.type("!");
  await eventually(async () => (await text(page)).split("\n")[0].includes("!"), true);
});
