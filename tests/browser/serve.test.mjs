// The site from `stagelight serve`: under its policy nothing goes wrong, and pages of other origins get nowhere.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually, lights, open, paste } from "./harness.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const program = process.env.STAGELIGHT_PROGRAM ?? join(root, "target/debug/stagelight");
const site = process.env.STAGELIGHT_SITE ?? join(root, "dist");

const RECORDING = [
  { seq: 1, at: 0, event: "started", engine: { kind: "docker", version: "28.5.2" } },
  { seq: 2, at: 1, event: "step", id: 0, name: "[1/1] COPY a /", mapped: "unknown", state: "running", started: 1 },
  { seq: 3, at: 2, event: "log", step: 0, stream: "out", text: "<img src=x onerror=alert(1)>\n" },
  { seq: 4, at: 3, event: "step", id: 0, name: "[1/1] COPY a /", mapped: "unknown", state: "done", started: 1, ended: 3 },
  { seq: 5, at: 4, event: "finished", end: "succeeded" },
];

let folder;
let server;
let address;

before(async () => {
  assert.ok(existsSync(program), `There is no ${program}; run \`cargo build -p stagelight\` first.`);
  folder = mkdtempSync(join(tmpdir(), "stagelight-serve-"));
  writeFileSync(join(folder, "a.ndjson"), RECORDING.map((event) => JSON.stringify(event)).join("\n"));
  const args = ["--listen", "127.0.0.1:0", "--data-dir", folder, "--site", site, "--engine", "replay", "--recordings", folder];
  server = spawn(program, ["serve", ...args, "--set", "log=error"], { stdio: ["ignore", "pipe", "inherit"] });
  const said = await new Promise((resolve) => server.stdout.once("data", (data) => resolve(String(data))));
  address = /http:\/\/[\d.:]+/.exec(said)[0];
});

after(async () => {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  assert.equal(await ended, 0);
  rmSync(folder, { recursive: true, force: true });
});

test("the site works under the policy that it comes with", async () => {
  const page = await open({ address: `${address}/` });
  await page.locator(".cm-content").waitFor({ state: "attached" });
  await paste(page, "FROM golang:1.23 AS build\nRUN go build\nFROM scratch AS final\nCOPY --from=build /a /a\n");
  await eventually(() => lights(page), ["build on", "final target"]);
  // What is loaded when somebody asks for it, too.
  await page.locator("#learn").click();
  await page.locator(".lessons a").first().waitFor();
  const answer = await page.request.get(`${address}/`);
  const policy = answer.headers()["content-security-policy"];
  assert.match(policy, /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-/);
  assert.doesNotMatch(policy, /script-src[^;]*'unsafe-inline'/);
});

test("a link to a build leads to the page that shows it", async () => {
  const page = await open({ address: `${address}/` });
  const accepted = await page.evaluate(async () => {
    const body = JSON.stringify({ dockerfile: "FROM scratch\nCOPY a /\n" });
    const answer = await fetch("/api/v1/builds", { method: "POST", headers: { "content-type": "application/json" }, body });
    return answer.json();
  });
  const told = await page.evaluate(
    (id) =>
      new Promise((resolve) => {
        const numbers = [];
        const source = new EventSource(`/api/v1/builds/${id}/events`);
        source.onmessage = (message) => {
          numbers.push(Number(message.lastEventId));
          if (JSON.parse(message.data).event !== "finished") return;
          source.close();
          resolve(numbers);
        };
      }),
    accepted.id,
  );
  assert.deepEqual(told, told.map((_, idx) => idx + 1));
  await page.goto(`${address}/b/${accepted.id}`);
  await eventually(() => new URL(page.url()).pathname, "/");
});

test("a page of another origin can neither build nor listen", async () => {
  const other = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>Other"));
  await new Promise((resolve) => other.listen(0, "127.0.0.1", resolve));
  try {
    const page = await open({ address: `http://127.0.0.1:${other.address().port}/` });
    const tried = await page.evaluate(async (address) => {
      const tries = {
        json: { method: "POST", headers: { "content-type": "application/json" }, body: '{"dockerfile":"FROM scratch"}' },
        plain: { method: "POST", headers: { "content-type": "text/plain" }, body: '{"dockerfile":"FROM scratch"}' },
        blind: { method: "POST", mode: "no-cors", body: '{"dockerfile":"FROM scratch"}' },
        read: {},
      };
      const results = {};
      for (const [name, options] of Object.entries(tries)) {
        const path = name === "read" ? "/api/health" : "/api/v1/builds";
        results[name] = await fetch(address + path, options).then((it) => it.type, () => "refused");
      }
      results.stream = await new Promise((resolve) => {
        const source = new EventSource(`${address}/api/v1/builds/abcdefghijkm/events`);
        source.onerror = () => resolve("refused");
        source.onopen = () => resolve("open");
      });
      return results;
    }, address);
    for (const [name, result] of Object.entries(tried)) assert.equal(result, "refused", name);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    assert.match(metrics, /stagelight_builds_total\{end="succeeded"\} 1\n/);
    assert.match(metrics, /stagelight_requests_refused_total\{code="origin"\} \d/);
    // That it was refused is what the browser complains of here.
    page.troubles.length = 0;
  } finally {
    other.close();
  }
});
