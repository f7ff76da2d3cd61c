// What a keystroke costs in Chromium. Not a test: figures depend on the machine and on what else it does.
//
// Script and task are the renderer's own counters, per key, so they hold on a busy machine too; the frame is the time
// from the key to the end of the next frame's work, which includes waiting for a free processor.
// Task is the sum of everything. Key is the time from the key until the page is free for other work, by the page's clock,
// in the middle of all keys: the task that the letter came in and, commonly, the frame that shows it. Later is what is
// left of the sum: above all the picture, where it is drawn after the letter. On a busy machine key includes waiting.

import { loadavg } from "node:os";
import { test } from "node:test";
import { open, paste } from "./harness.mjs";

const KEYS = 80;
// Faster than anybody types, with the pause that a frame needs.
const PAUSE = 40;
const files = [
  { stages: 3, rows: 8 },
  { stages: 10, rows: 20 },
  { stages: 20, rows: 12 },
  { stages: 60, rows: 33 },
];

/** A file whose stages build on each other and copy from others. */
function dockerfile({ stages, rows }) {
  const lines = [];
  for (let stage = 0; stage < stages; stage++) {
    lines.push(`FROM ${stage % 3 ? `s${stage - 1}` : "alpine:3.20"} AS s${stage}`, "WORKDIR /app");
    for (let row = 2; row < rows; row++) {
      const source = stage ? ` --from=s${Math.max(0, stage - 1 - (row % 5))}` : "";
      lines.push(row % 4 ? `RUN make target-${row} && echo done` : `COPY${source} /out/${row} ./${row}/`);
    }
  }
  return lines.join("\n") + "\n";
}

const quantile = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
};

async function measure(file) {
  const page = await open();
  await paste(page, dockerfile(file));
  await page.locator(`#stage-${file.stages - 1}`).waitFor();
  await page.keyboard.press("ControlOrMeta+End");
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  await page.evaluate(() => {
    window.frames_ = [];
    window.keys_ = [];
    window.addEventListener("keypress", () => {
      const start = performance.now();
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.keys_.push(performance.now() - start);
      channel.port2.postMessage(0);
    }, { capture: true });
    window.addEventListener("keydown", ({ timeStamp }) => {
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => window.frames_.push(performance.now() - timeStamp);
        channel.port2.postMessage(0);
      });
    }, { capture: true });
  });
  const metrics = async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  await page.waitForTimeout(1000);
  const before = await metrics();
  const typed = "RUN echo ".padEnd(KEYS, "abcdefghij");
  for (const key of typed) {
    await page.keyboard.press(key === " " ? "Space" : key);
    await page.waitForTimeout(PAUSE);
  }
  await page.waitForTimeout(500);
  const after = await metrics();
  const per = (name) => (((after[name] - before[name]) / KEYS) * 1000).toFixed(1);
  const frames = await page.evaluate(() => window.frames_);
  const key = quantile(await page.evaluate(() => window.keys_), 0.5);
  const arrived = await page.locator(".cm-line").last().innerText();
  // A burst without any pause: every character has to arrive.
  const burst = "the quick brown fox jumps over the lazy dog ".repeat(4).trim();
  await page.keyboard.press("Enter");
  await page.keyboard.insertText("# ");
  await page.evaluate(() => window.frames_.splice(0));
  const start = Date.now();
  await page.keyboard.type(burst);
  const pace = (Date.now() - start) / burst.length;
  const last = await page.locator(".cm-line").last().innerText();
  return {
    lines: file.stages * file.rows,
    stages: file.stages,
    "script ms": per("ScriptDuration"),
    "task ms": per("TaskDuration"),
    "key ms": key.toFixed(1),
    "later ms": (per("TaskDuration") - key).toFixed(1),
    "layout ms": per("LayoutDuration"),
    "style ms": per("RecalcStyleDuration"),
    "frame p50": quantile(frames, 0.5).toFixed(0),
    "frame p95": quantile(frames, 0.95).toFixed(0),
    "burst ms/key": pace.toFixed(1),
    lost: arrived.endsWith(typed) && last === `# ${burst}` ? "none" : "SOME",
  };
}

test("a keystroke", async () => {
  const rows = [];
  const load = [loadavg()[0].toFixed(1)];
  for (const file of files) rows.push(await measure(file));
  load.push(loadavg()[0].toFixed(1));
  console.log(`Per key, ${KEYS} keys ${PAUSE} ms apart; load ${load.join(" to ")}.`);
  console.table(rows);
});
