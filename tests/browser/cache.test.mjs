// What runs again after a change: picked in the panel, or made in the text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, eventually, eventuallyMatches, open, paste, sizes } from "./harness.mjs";

const text = `FROM golang:1.22 AS build
ARG VERSION=1
WORKDIR /src
COPY . .
RUN go mod download
RUN go build -o /out/api ./cmd/api

FROM alpine:3.20
COPY --from=build /out/api /api
RUN /api --version
`;

/** Line and fate of each step, in file order. */
const fates = (page) =>
  page.locator(".forecast tbody tr:not(.stage-row)").evaluateAll((rows) =>
    rows.map((row) => `${row.cells[0].textContent} ${row.cells[2].textContent}`));

/** The rows of the picture that run again. */
const marked = (page) =>
  page.locator(".card .row.again").evaluateAll((rows) => rows.map((row) => row.querySelector("title").textContent.match(/\d+/)[0]));

const lead = (page) => page.locator(".cache > .lead").innerText();

const opened = async (options) => {
  const page = await open(options);
  await paste(page, text);
  await page.locator("#tab-cache").click();
  await eventuallyMatches(() => lead(page), /^Nothing has changed/);
  return page;
};

test("a changed file: what runs again, why, and where a stage ends it", async () => {
  const page = await opened();
  assert.deepEqual(await marked(page), []);
  await page.getByRole("button", { name: "Edit main.go" }).click();
  await eventually(() => lead(page), "5 of 6 steps run again: lines 4, 5, 6, 9, 10.");
  await eventually(() => marked(page), ["4", "5", "6", "9", "10"]);
  await page.getByRole("button", { name: "the same bytes" }).click();
  await eventually(() => lead(page), "3 of 6 steps run again: lines 4, 5, 6.");
  await eventually(() => fates(page), [
    "1 cached", "2 no step", "3 cached", "4 runs again", "5 runs again", "6 runs again",
    "8 cached", "9 cached, same content", "10 cached",
  ]);
  // A cause leads to its line.
  await page.locator(".forecast .why").getByRole("button", { name: "Line 6", exact: true }).click();
  await eventuallyMatches(() => page.locator("#selection").innerText(), /^Selected: line 6, RUN go build/);
  // All of it is in the link.
  await page.waitForTimeout(400);
  const again = await open({ fragment: new URL(page.url()).hash });
  await eventually(() => lead(again), "3 of 6 steps run again: lines 4, 5, 6.");
});

test("a changed line, a changed argument, and that they have been built", async () => {
  const page = await opened();
  await page.locator(".cm-line", { hasText: "RUN go build" }).click();
  await page.keyboard.press("End");
  await page.keyboard.type(" -v");
  // The Dockerfile is itself a file that COPY . . takes.
  await eventually(() => lead(page), "5 of 6 steps run again: lines 4, 5, 6, 9, 10.");
  await eventuallyMatches(() => page.locator(".forecast .again .why").first().innerText(), /takes Dockerfile, which changed/);
  await page.locator("#dockerfile-inside").uncheck();
  await eventually(() => lead(page), "3 of 6 steps run again: lines 6, 9, 10.");
  await eventuallyMatches(() => page.locator(".differences").innerText(), /Stages\s+build: 1 instruction changed/);
  await page.waitForTimeout(400);
  const again = await open({ fragment: new URL(page.url()).hash });
  await eventually(() => lead(again), "3 of 6 steps run again: lines 6, 9, 10.");
  await page.locator("#built").click();
  await eventuallyMatches(() => page.locator(".differences").innerText(), /Nothing\. Edit the Dockerfile/);
  await eventuallyMatches(() => lead(page), /^Nothing has changed/);
  await page.locator("#tab-arguments").click();
  await page.locator("#arg-VERSION").fill("2");
  await page.locator("#tab-cache").click();
  // No command uses it, and yet.
  await eventually(() => lead(page), "4 of 6 steps run again: lines 5, 6, 9, 10.");
  await eventuallyMatches(() => page.locator(".forecast .again .why").first().innerText(), /VERSION/);
});

test("another version to compare with", async () => {
  const page = await opened();
  await page.getByText("The text that was built").click();
  await page.locator("#built-text").fill("FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o /api ./cmd/api\nUSER app\n");
  const differences = () => page.locator(".differences").innerText();
  await eventuallyMatches(differences, /build: was called stage-0/);
  await eventuallyMatches(differences, /Size, estimated\s+at least [78]\d\d MB\s+at least \d MB/);
  await eventuallyMatches(differences, /new stage-1 copies \/out\/api from stage build/);
  await eventuallyMatches(differences, /gone \/src/);
  await eventuallyMatches(() => lead(page), /run again/);
});

test("a file by its name, with what has happened to it", async () => {
  const page = await opened();
  await page.locator("#changed-file").fill("README.md");
  await page.getByLabel("What has happened to it").selectOption("touched");
  await page.getByRole("button", { name: "Add", exact: true }).press("Enter");
  await eventually(() => lead(page), "No step runs again: every one stays cached.");
  await eventuallyMatches(() => page.locator(".question ul").innerText(), /^README\.md has another time only/);
  await page.getByRole("button", { name: "Take out: README.md" }).click();
  await eventuallyMatches(() => lead(page), /^Nothing has changed/);
});

test("a changed .dockerignore", async () => {
  const page = await opened();
  await page.locator("#tab-context").click();
  await page.getByRole("button", { name: "Go service" }).click();
  await page.locator("#tab-cache").click();
  // What is told of the context was there all the time.
  await eventuallyMatches(() => lead(page), /^Nothing has changed/);
  await page.locator("#tab-context").click();
  await page.locator("#dockerignore").fill("*.md\n");
  await page.locator("#tab-cache").click();
  await eventuallyMatches(() => lead(page), /^5 of 6 steps run again/);
  await eventuallyMatches(() => page.locator(".forecast .again .why").first().innerText(), /\.dockerignore/);
});

test("a day of a developer, and the order that costs less, with one click", async () => {
  const page = await opened();
  const totals = () => page.locator(".day tfoot td").allInnerTexts();
  await page.locator(".day").waitFor();
  const [now, then] = (await totals()).map(Number);
  assert.ok(then < now, `${then} is less than ${now}`);
  // The slider counts.
  await page.getByLabel("Edit main.go: times a day").fill("0");
  await eventually(async () => Number((await totals())[0]) < now, true);
  await page.locator("#reorder").click();
  await eventuallyMatches(() => page.locator(".cm-content").innerText(), /COPY go\.mod[^]*RUN go mod download\s+COPY \. \./);
  await eventually(() => page.locator("#reorder").count(), 0);
  await eventually(async () => (await totals()).length, 1);
});

for (const colorScheme of ["light", "dark"]) {
  for (const [name, viewport] of Object.entries(sizes)) {
    test(`axe-core finds nothing in the panel: ${name}, ${colorScheme}`, async () => {
      const page = await open({ viewport, colorScheme });
      if (name === "phone") await page.locator('button:text-is("Dockerfile")').click();
      await paste(page, text);
      if (name === "phone") await page.locator('button:text-is("Details")').click();
      await page.locator("#tab-cache").click();
      await page.getByRole("button", { name: "Edit main.go" }).click();
      await eventuallyMatches(() => lead(page), /run again/);
      assert.deepEqual(await axe(page), []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true);
    });
  }
}
