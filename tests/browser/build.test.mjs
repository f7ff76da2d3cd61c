// Real builds in the page: the server is `stagelight serve`, the engine plays recordings, so that every run is the same.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { axe, eventually, eventuallyMatches, open, paste, sizes } from "./harness.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const site = process.env.STAGELIGHT_SITE ?? join(root, "dist");
const program = process.env.STAGELIGHT_PROGRAM ?? join(root, "target/debug/stagelight");
const folder = mkdtempSync(join(tmpdir(), "stagelight-build-"));

const TEXT = `FROM busybox AS build
RUN echo hello > /hello
FROM busybox AS test
RUN false
FROM scratch
COPY --from=build /hello /
`;
const FAILING = `FROM busybox
RUN exit 37
RUN echo never
`;
const SLOW = `FROM busybox
RUN sleep 1000
`;
/** What arrives when somebody is hostile: links, pictures and movements of the cursor. */
const HOSTILE =
  "\u001b]8;;javascript:alert(1)\u0007click\u001b]8;;\u0007 <img src=x onerror=alert(1)> \u001b[2J\u001b[31mred\u001b[0m\n";

const step = (id, name, stage, line, state, times = {}) => ({
  event: "step", id, name, mapped: line ? "by-name" : "internal", state, places: line ? [{ stage, line }] : [], ...times,
});
const done = { started: 20, ended: 120 };
const engine = { event: "started", engine: { kind: "docker", version: "28.5.2" } };
const recordings = {
  whole: [TEXT, [
    [0, engine],
    [10, step(0, "[internal] load build definition from Dockerfile", 0, 0, "done", { started: 1, ended: 5 })],
    [20, step(1, "[build 1/2] FROM docker.io/library/busybox", 0, 1, "cached", { started: 15, ended: 15 })],
    [20, step(2, "[build 2/2] RUN echo hello > /hello", 0, 2, "running", { started: 20, inputs: [1] })],
    [60, { event: "log", step: 2, stream: "out", text: HOSTILE }],
    [70, { event: "log", step: 2, stream: "err", text: "second line\n" }],
    [120, step(2, "[build 2/2] RUN echo hello > /hello", 0, 2, "done", { ...done, inputs: [1] })],
    [140, step(3, "[stage-2 1/1] COPY --from=build /hello /", 2, 6, "done", { started: 125, ended: 140, inputs: [2] })],
    [150, { event: "size", stage: 2, bytes: 6, layers: [{ created_by: "COPY /hello /", place: { stage: 2, line: 6 }, bytes: 6 }] }],
    [160, { event: "finished", end: "succeeded" }],
  ]],
  failing: [FAILING, [
    [0, engine],
    [10, step(0, "[1/3] FROM docker.io/library/busybox", 0, 1, "cached", { started: 5, ended: 5 })],
    [20, step(1, "[2/3] RUN exit 37", 0, 2, "running", { started: 20 })],
    [30, step(2, "[3/3] RUN echo never", 0, 3, "waiting", { inputs: [1] })],
    [90, step(1, "[2/3] RUN exit 37", 0, 2, "failed", { started: 20, ended: 90, error: "exit code: 37" })],
    [95, step(2, "[3/3] RUN echo never", 0, 3, "cancelled", { inputs: [1] })],
    [100, { event: "finished", end: "failed", failure: {
      code: "exit-code", message: "The command ended with exit code 37", step: 1, lines: { first: 2, last: 2 }, exit_code: 37,
    } }],
  ]],
  slow: [SLOW, [
    [0, engine],
    [10, step(0, "[1/2] FROM docker.io/library/busybox", 0, 1, "cached", { started: 5, ended: 5 })],
    [20, step(1, "[2/2] RUN sleep 1000", 0, 2, "running", { started: 20 })],
    [1_000_000, { event: "finished", end: "succeeded" }],
  ]],
};

let server;
let address;

before(async () => {
  for (const [name, [dockerfile, events]] of Object.entries(recordings)) {
    const lines = events.map(([at, what], place) => JSON.stringify({ seq: place + 1, at, ...what }));
    writeFileSync(join(folder, `${name}.ndjson`), lines.join("\n") + "\n");
    writeFileSync(join(folder, `${name}.Dockerfile`), dockerfile);
  }
  const args = ["serve", "--engine", "replay", "--recordings", folder, "--data-dir", join(folder, "data"), "--site", site];
  server = spawn(program, [...args, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  address = await new Promise((resolve, reject) => {
    const read = (data) => {
      said += data;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found) resolve(`${found[0]}/`);
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.once("exit", () => reject(new Error(`stagelight serve ended: ${said}`)));
    server.once("error", () => reject(new Error(`There is no ${program}; run \`cargo build -p stagelight\` first.`)));
  });
});

after(async () => {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

const started = async (options = {}) => {
  const page = await open({ address, ...options });
  await page.locator(".cm-content").waitFor({ state: "attached" });
  return page;
};
const show = async (page) => {
  const tab = page.getByRole("tab", { name: "Build", exact: true });
  if ((await tab.getAttribute("aria-selected")) !== "true") await tab.click();
};
const build = async (page, text) => {
  await paste(page, text);
  await show(page);
  await page.locator(".build-head .primary").click();
};
const standing = (page) => page.locator(".build-about [role=status]").innerText();
const rows = (page) =>
  page.locator(".card .row").evaluateAll((all) => all.map((row) => ["is-waiting", "is-running", "is-cached", "is-done", "is-failed", "is-stopped"].find((it) => row.classList.contains(it)) ?? ""));

test("a build lights up the picture, and comes out as foretold", async () => {
  const page = await started();
  await build(page, TEXT);
  await eventuallyMatches(() => standing(page), /^Built in \d\S* m?s by recordings of engine 28\.5\.2$/);
  assert.deepEqual(await rows(page), ["is-cached", "is-done", "", "", "", "is-done"]);
  assert.match(await page.locator(".not-run").innerText(), /test No stage refers to it/);
  assert.equal(await page.locator(".verdict").innerText(), "As foretold: 6 instructions.");
  assert.match(await page.locator(".card[data-stage=build] > title").textContent(), /In the build: 1 done, 1 cached\./);
  assert.match(await page.locator("table.sizes").first().innerText(), /6 B/);
});

test("what is printed stays text", async () => {
  const page = await started();
  await build(page, TEXT);
  await eventuallyMatches(() => page.locator(".build-log").innerText(), /second line/);
  const log = page.locator(".build-log");
  assert.deepEqual(await log.locator(".text").allInnerTexts(), ["click <img src=x onerror=alert(1)> red", "second line"]);
  assert.equal(await log.locator("img, a, script").count(), 0);
  assert.deepEqual(await log.locator("[class^=ansi]").allInnerTexts(), ["red"]);
  await page.getByRole("searchbox", { name: "Find in the output" }).fill("SECOND");
  await eventually(() => log.locator(".text").allInnerTexts(), ["second line"]);
});

test("a failure is told with its line and its exit code, and what it stopped is no failure", async () => {
  const page = await started();
  await build(page, FAILING);
  await eventuallyMatches(() => standing(page), /^Failed in/);
  assert.deepEqual(await rows(page), ["is-cached", "is-failed", "is-stopped"]);
  const problem = page.locator(".build-problem");
  assert.match(await problem.innerText(), /2\s*The command ended with exit code 37\s*exit code 37/);
  await problem.getByRole("button", { name: "Line 2" }).click();
  await eventually(() => page.locator(".row.lit").count(), 1);
  assert.deepEqual(await axe(page), []);
});

test("a build can be stopped", async () => {
  const page = await started();
  await build(page, SLOW);
  await eventuallyMatches(() => standing(page), /^Running, 1 of 2 steps/);
  assert.deepEqual(await rows(page), ["is-cached", "is-running"]);
  await page.getByRole("button", { name: "Stop" }).click();
  await eventuallyMatches(() => standing(page), /^Stopped in/);
  assert.deepEqual(await rows(page), ["is-cached", "is-stopped"]);
});

test("the link to a build shows it to others, moment by moment", async () => {
  const page = await started();
  await build(page, TEXT);
  await eventuallyMatches(() => standing(page), /^Built in/);
  await page.getByRole("button", { name: "Copy a link to this build" }).click();
  await eventuallyMatches(() => page.evaluate(() => navigator.clipboard.readText()), /\/b\//);
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const other = await open({ address: link });
  await other.locator(".cm-content").waitFor({ state: "attached" });
  await eventuallyMatches(() => standing(other), /^Built in/);
  assert.match(await other.locator(".cm-content").innerText(), /FROM busybox AS build/);
  await eventually(() => rows(other), ["is-cached", "is-done", "", "", "", "is-done"]);
  // It is in the list of who has asked for it, and of nobody else.
  const own = await open({ address, beside: page });
  await own.locator(".cm-content").waitFor({ state: "attached" });
  await show(own);
  await eventuallyMatches(() => own.locator(".own-builds").innerText(), /^FROM busybox AS build built, just now$/);
  await own.locator(".own-builds button").click();
  await eventuallyMatches(() => standing(own), /^Built in/);
  assert.equal(await own.getByRole("button", { name: "Delete it from the server" }).count(), 1);
  // Somebody else's build cannot be taken off the server.
  assert.equal(await other.getByRole("button", { name: "Delete it from the server" }).count(), 0);
  await other.getByRole("slider", { name: "Event" }).fill("5");
  await eventually(() => rows(other), ["is-cached", "is-running", "", "", "", ""]);
  await other.getByRole("button", { name: "Play it again" }).click();
  await eventually(() => rows(other), ["is-cached", "is-done", "", "", "", "is-done"]);
  await page.getByRole("button", { name: "Delete it from the server" }).click();
  await eventually(() => page.locator(".build-about").count(), 0);
});

test("a build that is saved can be opened again, without a server too", async () => {
  const page = await started();
  await build(page, TEXT);
  await eventuallyMatches(() => standing(page), /^Built in/);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save this build" }).click()]);
  const file = join(folder, "saved.ndjson.txt");
  await download.saveAs(file);
  const alone = await open();
  await show(alone);
  assert.match(await alone.locator(".build-start").innerText(), /stagelight serve/);
  await alone.locator(".build-start input[type=file]").setInputFiles(file);
  await eventuallyMatches(() => standing(alone), /^Built in/);
  await eventually(() => rows(alone), ["is-cached", "is-done", "", "", "", "is-done"]);
});

test("two builds stand beside each other", async () => {
  const page = await started();
  await build(page, TEXT);
  await eventuallyMatches(() => standing(page), /^Built in/);
  const beside = page.locator("section.beside");
  assert.match(await beside.innerText(), /Build again after an edit/);
  const link = await page.evaluate(() => {
    const button = [...document.querySelectorAll("button")].find((it) => it.textContent === "Copy a link to this build");
    button.click();
    return new Promise((resolve) => setTimeout(() => resolve(navigator.clipboard.readText()), 300));
  });
  await build(page, FAILING);
  await eventuallyMatches(() => standing(page), /^Failed in/);
  const table = beside.locator("table.halves tbody tr");
  const cells = () => table.evaluateAll((all) => all.map((row) => [...row.cells].slice(1).map((it) => it.innerText.replaceAll(/\s+/g, " ").trim())));
  // The second file has one stage without a name, which was the first one then: it is what it is held beside.
  await eventually(async () => (await cells()).map(([what]) => what), [
    "stage-0 RUN exit 37 then RUN echo hello > /hello", "stage-0 RUN echo never", "stage-2 COPY --from=build /hello /",
  ]);
  assert.match((await cells())[0][1], /^done 100 ms|^done 0\.1 s/);
  assert.match((await cells())[0][2], /^failed/);
  assert.deepEqual((await cells())[1].slice(1), ["not in the file then", "stopped"]);
  assert.equal((await cells())[2][2], "not in the file now");
  assert.deepEqual(await beside.locator(".sums tbody tr").evaluateAll((all) => all.slice(1).map((row) => row.innerText.split("\t"))), [
    ["Steps that ran", "2", "1"], ["From the cache", "0", "0"],
  ]);
  await beside.getByRole("checkbox").check();
  await eventually(() => table.count(), 4);
  assert.deepEqual(await axe(page), []);
  // The same build again, by its link: now of what is shown nothing differs.
  await build(page, TEXT);
  await eventuallyMatches(() => standing(page), /^Built in/);
  await beside.getByRole("textbox", { name: "Link to a build" }).fill(link);
  await beside.getByRole("button", { name: "Hold it beside" }).click();
  await eventually(() => beside.locator("option").count(), 2);
  await eventually(() => beside.getByRole("combobox").evaluate((it) => it.selectedIndex), 0);
  await eventually(() => beside.locator(".verdict").innerText(), "The same became of every instruction.");
  await beside.getByRole("combobox").selectOption({ index: 1 });
  await eventuallyMatches(() => beside.locator(".halves").innerText(), /exit 37/);
});

test("recorded builds can be held beside each other without a server", async () => {
  const page = await open();
  await show(page);
  await page.getByRole("button", { name: "A first build" }).click();
  await eventuallyMatches(() => standing(page), /^Built in/);
  const beside = page.locator("section.beside");
  await beside.getByRole("button", { name: "Again, after an edit" }).click();
  await eventually(() => beside.locator(".sums tbody th").allInnerTexts(), ["Time", "Steps that ran", "From the cache", "The image, unpacked"]);
  assert.match(await beside.locator(".halves").innerText(), /cached/);
});

test("the server keeps what one sees under a short link", async () => {
  const page = await started();
  await paste(page, TEXT);
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("button", { name: "Make a short link" }).click();
  await page.getByRole("button", { name: "Copy the short link" }).click();
  await eventuallyMatches(() => page.evaluate(() => navigator.clipboard.readText()), /\/s\/\w+$/);
  const other = await open({ address: await page.evaluate(() => navigator.clipboard.readText()) });
  await other.locator(".cm-content").waitFor({ state: "attached" });
  await eventuallyMatches(() => other.locator(".cm-content").innerText(), /FROM busybox AS build/);
  // Where there is no server, there are no short links.
  const alone = await open();
  await alone.getByRole("button", { name: "Share" }).click();
  assert.equal(await alone.locator("#short-link").count(), 0);
});

test("builds that were recorded can be looked at without a server", async () => {
  for (const [name, expected] of [["A first build", /^Built in/], ["Again, after an edit", /^Built in/], ["One that fails", /^Failed in/]]) {
    const page = await open();
    await show(page);
    await page.getByRole("button", { name }).click();
    await eventuallyMatches(() => standing(page), expected);
    assert.match(await page.locator(".verdict").innerText(), /^As foretold: \d+ instructions/);
    assert.equal(await page.locator(".timeline .tag.warn").count(), 0);
    assert.match(await page.locator(".not-run").innerText(), /test No stage refers to it/);
  }
});

test("the legacy builder is seen to run what nothing needs", async () => {
  const page = await open();
  await show(page);
  await page.getByRole("button", { name: "A first build" }).click();
  await eventuallyMatches(() => standing(page), /^Built in .* by Docker Engine/);
  await page.getByRole("button", { name: "Close this build" }).click();
  await page.getByRole("button", { name: "By the legacy builder" }).click();
  await eventuallyMatches(() => standing(page), /^Built in .* by the legacy builder of Docker Engine/);
  assert.equal(await page.locator(".not-run").count(), 0);
  assert.match(await page.locator(".verdict").innerText(), /^As foretold: \d+ instructions\.$/);
  assert.match(await page.locator(".card[data-stage=test]").textContent(), /In vain/i);
  assert.match(await page.locator(".card[data-stage=test] > title").textContent(), /In the build: 3 done\./);
  const rows = await page.locator(".halves tbody tr").evaluateAll((all) => all.map((row) => [...row.cells].slice(1).map((it) => it.innerText.replaceAll(/\s+/g, " ").trim())));
  const ran = rows.filter(([what, then, now]) => what.startsWith("test ") && then === "not run" && now.startsWith("done"));
  assert.deepEqual(ran.map(([what]) => what), ["test FROM base AS test", "test COPY . .", "test RUN go test ./..."]);
});

test("what the server does not build is told before, with a reason", async () => {
  const page = await started();
  await paste(page, "FROM busybox\nADD https://example.com/file /file\nRUN --network=host true\n");
  await show(page);
  await eventually(() => page.locator(".refusals > li").count(), 2);
  assert.equal(await page.locator(".build-head .primary").getAttribute("aria-disabled"), "true");
  // Recordings are of BuildKit.
  await paste(page, TEXT);
  await page.getByRole("button", { name: "Legacy", exact: true }).click();
  await eventuallyMatches(() => page.locator(".build-head").innerText(), /What builds here is BuildKit/);
  assert.equal(await page.locator(".build-head .primary").getAttribute("aria-disabled"), "true");
});

test("typing on leaves the build alone, and the picture says that it shows something else", async () => {
  const page = await started();
  await build(page, TEXT);
  await eventuallyMatches(() => standing(page), /^Built in/);
  await paste(page, TEXT.replace("hello > /hello", "other > /hello"));
  await eventually(() => rows(page), ["", "", "", "", "", ""]);
  await page.getByRole("button", { name: "Show what was built" }).click();
  await eventually(() => rows(page), ["is-cached", "is-done", "", "", "", "is-done"]);
});

for (const [name, viewport, colorScheme] of [["desk", sizes.desktop, "light"], ["phone", sizes.phone, "dark"]]) {
  test(`axe-core finds nothing, and nothing is wider than the page: ${name}`, async () => {
    const page = await started({ viewport, colorScheme });
    if (name === "phone") await page.getByRole("button", { name: "Dockerfile" }).click();
    await paste(page, TEXT);
    if (name === "phone") await page.getByRole("button", { name: "Details" }).click();
    await show(page);
    assert.deepEqual(await axe(page), []);
    await page.locator(".build-head .primary").click();
    await eventuallyMatches(() => standing(page), /^Built in/);
    assert.deepEqual(await axe(page), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width);
    assert.equal(await page.evaluate(() => document.documentElement.scrollHeight), viewport.height);
    if (process.env.STAGELIGHT_PICTURES) await page.screenshot({ path: join(process.env.STAGELIGHT_PICTURES, `build-${name}.png`) });
  });
}
