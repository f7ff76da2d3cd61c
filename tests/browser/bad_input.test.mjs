// Input that nobody means to give: the answer is a message or a right picture, never a frozen page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, eventuallyMatches, lights, open, paste } from "./harness.mjs";

let page;

/** The page still answers: another text is taken over. */
const stillAlive = async () => {
  await paste(page, "FROM alpine AS alive\n");
  await page.locator('.card[data-stage=alive]').waitFor();
  assert.deepEqual(await lights(page), ["alive target"]);
};

const errors = () => page.locator(".problems").innerText();

test("an empty file", async () => {
  page = await open();
  await paste(page, "");
  await page.locator("#stale, #empty").first().waitFor();
  await eventuallyMatches(errors, /the Dockerfile cannot be empty/);
  await stillAlive();
});

test("one megabyte of instructions", async () => {
  page = await open();
  const line = "RUN echo 'one of very many lines that all look alike'\n";
  await paste(page, "FROM alpine AS big\n" + line.repeat(1_000_000 / line.length));
  await page.locator('.card[data-stage=big]').waitFor();
  assert.match(await page.locator(".facts").innerText(), /18,?519 lines|1\.0 MB/);
  assert.deepEqual(await lights(page), ["big target"]);
  assert.match(await page.locator(".more").textContent(), /^and 18\d{3} more instructions$/);
  await stillAlive();
});

test("one megabyte of rubbish", async () => {
  page = await open();
  await paste(page, "lorem ipsum dolor sit amet\n".repeat(37_000));
  await page.locator("#stale").waitFor();
  await eventuallyMatches(errors, /37000 errors[^]*unknown instruction: lorem/i);
  await stillAlive();
});

test("a line of 100 kB", async () => {
  page = await open();
  await paste(page, `FROM alpine\nRUN echo ${"x".repeat(100_000)}\n`);
  await page.locator("#refused").waitFor();
  await eventuallyMatches(errors, /dockerfile line greater than max allowed size of 65535/);
  await stillAlive();
});

test("NUL bytes", async () => {
  page = await open();
  await paste(page, "FROM alpine AS nul\nRUN a\0b\n\0\n");
  await eventuallyMatches(errors, /unknown instruction/);
  await stillAlive();
});

test("Windows line ends", async () => {
  page = await open();
  await paste(page, "FROM alpine AS one\r\nRUN a \\\r\n  b\r\nFROM one AS two\r\n");
  await page.locator('.card[data-stage=two]').waitFor();
  assert.deepEqual(await lights(page), ["one on", "two target"]);
  await eventually(errors, "No errors");
  await stillAlive();
});

test("a byte order mark", async () => {
  page = await open();
  await paste(page, "\ufeffFROM alpine AS marked\nRUN a\n");
  await page.locator('.card[data-stage=marked]').waitFor();
  await eventually(errors, "No errors");
  await stillAlive();
});

test("five hundred stages", async () => {
  page = await open();
  let text = `FROM alpine AS s0\n${"RUN make\n".repeat(600)}`;
  for (let stage = 1; stage < 500; stage++) {
    text += `FROM ${stage % 7 ? "alpine" : `s${stage - 7}`} AS s${stage}\nCOPY --from=s${stage - 1} /a /b\nRUN make ${stage}\n`;
  }
  await paste(page, text);
  await page.locator("#stage-499").waitFor();
  const all = await lights(page);
  await page.locator("#titles-only").waitFor({ state: "detached" });
  assert.equal(all.length, 500);
  assert.equal(all.filter((light) => light.endsWith(" on")).length, 499);
  await stillAlive();
});
