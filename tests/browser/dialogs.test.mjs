// Sharing, opening, and what was worked on before.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { axe, eventually, eventuallyMatches, example, lights, open, paste, sizes } from "./harness.mjs";

let page;

const share = async () => {
  await page.locator("#share").click();
  await page.locator("dialog[open]").waitFor();
};

const isOpen = () => page.locator("dialog[open]").count();

/** Puts files into an <input>, each a name with a text. */
const choose = (id, files) =>
  page.locator(id).setInputFiles(
    Object.entries(files).map(([name, text]) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) })),
  );



test("the link that is shared opens what is seen", async () => {
  page = await open();
  await paste(page, "FROM alpine AS one\nFROM alpine AS two\n");
  await page.locator("#target").selectOption("one");
  await eventually(() => lights(page), ["one target", "two off"]);
  await share();
  const link = await page.locator("#link").inputValue();
  assert.ok(link.startsWith(`${page.address}#1.`), link);
  await eventuallyMatches(() => page.locator("#link-length").innerText(), new RegExp(`^${link.length} characters$`));
  await page.locator("#copy-link").click();
  await eventually(() => page.evaluate(() => navigator.clipboard.readText()), link);
  page = await open({ fragment: link.slice(link.indexOf("#")) });
  await eventually(() => lights(page), ["one target", "two off"]);
});

test("Markdown holds the text, whatever is in it, and the link", async () => {
  page = await open();
  await paste(page, "FROM alpine\nRUN echo '```'\n");
  await eventuallyMatches(() => page.locator(".facts").first().innerText(), /^\d+ lines/);
  await share();
  const link = await page.locator("#link").inputValue();
  await eventually(
    () => page.locator("#markdown").textContent(),
    `\`\`\`\`dockerfile\nFROM alpine\nRUN echo '\`\`\`'\n\`\`\`\`\n\n[See what this Dockerfile builds](${link})\n`,
  );
  assert.equal(await page.locator("#markdown-link").textContent(), `[See what this Dockerfile builds](${link})`);
});

test("a long link says so, one that is too long gives a file, and the file opens again", async () => {
  page = await open();
  // What does not shrink: digits that do not repeat.
  let seed = 7;
  const noise = (n) => Array.from({ length: n }, () => ((seed = (seed * 48271) % 2147483647)).toString(36)).join("");
  await paste(page, `FROM alpine\nRUN ${noise(500)}\n`);
  await share();
  await page.locator("#link-long").waitFor();
  await page.keyboard.press("Escape");
  await eventually(isOpen, 0);
  const long = `FROM alpine AS long\nRUN ${noise(14_000)}\n`;
  await paste(page, long);
  await eventually(() => lights(page), ["long target"]);
  await share();
  await page.locator("#link-too-long").waitFor();
  assert.equal(await page.locator("#link").count(), 0);
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#save-playground").click()]);
  assert.equal(download.suggestedFilename(), "dockerfile.stagelight");
  const saved = await readFile(await download.path(), "utf8");
  page = await open();
  await page.locator("#open").click();
  await choose("#open-files", { "dockerfile.stagelight": saved });
  await eventually(() => lights(page), ["long target"]);
  assert.equal(await isOpen(), 0);
});

test("the Dockerfile is saved as it is", async () => {
  page = await open();
  await paste(page, "FROM alpine\nLABEL é='ü'\n");
  await share();
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#save-dockerfile").click()]);
  assert.equal(download.suggestedFilename(), "Dockerfile");
  assert.equal(await readFile(await download.path(), "utf8"), "FROM alpine\nLABEL é='ü'\n");
});

test("a Dockerfile is opened with its ignore file, several are a choice, and others are refused", async () => {
  page = await open();
  await page.locator("#open").click();
  await choose("#open-files", { "a.md": "", "b.md": "" });
  await eventuallyMatches(() => page.locator("#open-failed").innerText(), /no Dockerfile/);
  await choose("#open-files", { "Dockerfile.dev": "FROM alpine AS dev\n", Dockerfile: "FROM alpine AS prod\n" });
  await page.getByRole("button", { name: "Dockerfile.dev" }).click();
  await eventually(() => lights(page), ["dev target"]);
  await page.locator("#open").click();
  await choose("#open-files", { Dockerfile: "FROM alpine AS x\nCOPY . .\n", ".dockerignore": "*.md\n" });
  await eventually(() => lights(page), ["x target"]);
  await page.getByRole("tab", { name: "Context" }).click();
  await eventuallyMatches(() => page.locator("#dockerignore").inputValue(), /\*\.md/);
});

test("files dropped on the text are opened, not put into it", async () => {
  page = await open();
  const drop = (files) =>
    page.evaluate((files) => {
      const data = new DataTransfer();
      for (const [name, text] of files) data.items.add(new File([text], name));
      const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
      document.querySelector(".cm-content").dispatchEvent(event);
    }, files);
  await drop([["Dockerfile", "FROM alpine AS dropped\n"]]);
  await eventually(() => lights(page), ["dropped target"]);
  await drop([["Dockerfile", "FROM alpine AS one\n"], ["x.dockerfile", "FROM alpine AS two\n"]]);
  await page.getByRole("button", { name: "x.dockerfile" }).click();
  await eventually(() => lights(page), ["two target"]);
});

test("an address is fetched when asked for, and what goes wrong is said", async () => {
  page = await open();
  await page.context().route("https://raw.githubusercontent.com/**", (route) =>
    route.request().url().endsWith("/o/r/HEAD/Dockerfile")
      ? route.fulfill({ body: "FROM alpine AS fetched\n", headers: { "access-control-allow-origin": "*" } })
      : route.fulfill({ status: 404, body: "", headers: { "access-control-allow-origin": "*" } }),
  );
  await page.context().route("https://refuses.example/**", (route) => route.abort());
  const fetch = async (address) => {
    await page.locator("#open-address").fill(address);
    await page.locator("#open-fetch").click();
  };
  await page.locator("#open").click();
  await fetch("nothing here");
  await eventuallyMatches(() => page.locator("#open-failed").innerText(), /no address/);
  await fetch("https://github.com/o/r/blob/main/none");
  await eventuallyMatches(() => page.locator("#open-failed").innerText(), /answered 404/);
  await fetch("https://refuses.example/Dockerfile");
  await eventuallyMatches(() => page.locator("#open-failed").innerText(), /copy the text, and paste it here/);
  await fetch("github.com/o/r");
  await eventually(() => lights(page), ["fetched target"]);
  // Here other hosts were asked on purpose, and one of them refused.
  page.troubles = page.troubles.filter((it) => !/githubusercontent|refuses\.example|Failed to load resource/.test(it));
});

test("?url= opens a text, unless the link has one", async () => {
  page = await open();
  const other = `${page.address}?url=${encodeURIComponent(`${page.address}icon.txt`)}`;
  await page.context().route("**/icon.txt", (route) => route.fulfill({ body: "FROM alpine AS asked\n" }));
  await page.goto(other);
  await eventually(() => lights(page), ["asked target"]);
});

test("the builder pattern becomes one file, and each line of the script is explained", async () => {
  page = await open();
  await page.locator("#open").click();
  await choose("#open-files", {
    Dockerfile: "FROM alpine\nCOPY app /app\nCMD [\"/app\"]\n",
    "Dockerfile.build": "FROM golang\nRUN go build -o /go/app .\n",
    "build.sh": "docker build -t b -f Dockerfile.build .\ndocker create --name x b\ndocker cp x:/go/app app\ndocker build -t a .\n",
  });
  await eventually(
    () => page.locator("#pattern-made").textContent(),
    'FROM golang AS builder\nRUN go build -o /go/app .\n\nFROM alpine\nCOPY --from=builder /go/app /app\nCMD ["/app"]\n',
  );
  assert.equal(await page.locator(".fates tbody tr").count(), 4);
  assert.equal(await page.locator(".fates tbody tr.stays").count(), 1);
  assert.deepEqual(await axe(page), []);
  await page.locator("#pattern-open").click();
  await eventually(() => lights(page), ["builder on", "stage-1 target"]);
});

test("drafts and names are kept, also beside other tabs", async () => {
  page = await open();
  await paste(page, "FROM alpine AS first\n");
  await eventually(() => lights(page), ["first target"]);
  const drafts = () =>
    page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("stagelight.draft.")).length);
  await eventually(drafts, 1);
  // Another tab of the same browser.
  const other = await page.context().newPage();
  await other.goto(page.address);
  await other.locator(".card").first().waitFor();
  await paste(other, "FROM busybox AS second\n");
  await eventually(drafts, 2);
  await page.locator("#before").click();
  await page.getByRole("button", { name: "FROM busybox AS second" }).first().waitFor();
  await page.locator("#snapshot-name").fill("before the change");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "before the change", exact: true }).waitFor();
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("Escape");
  await paste(page, "FROM alpine AS third\n");
  await eventually(() => lights(page), ["third target"]);
  await page.locator("#before").click();
  await page.getByRole("button", { name: "before the change", exact: true }).click();
  await eventually(() => lights(page), ["first target"]);
  assert.equal(await isOpen(), 0);
  await page.locator("#before").click();
  await page.getByRole("button", { name: /^Delete before the change/ }).click();
  await eventually(() => page.getByRole("button", { name: "before the change", exact: true }).count(), 0);
});

test("examples and untouched links leave no draft", async () => {
  page = await open();
  await example(page, "go-two-stages");
  await page.waitForTimeout(1_300);
  assert.equal(await page.evaluate(() => Object.keys(localStorage).length), 0);
});

test("dialogs by keyboard: the focus goes in, stays, and comes back", async () => {
  page = await open();
  for (const id of ["open", "before", "share"]) {
    await page.locator(`#${id}`).focus();
    await page.keyboard.press("Enter");
    await eventually(isOpen, 1);
    for (let presses = 0; presses < 12; presses++) {
      await page.keyboard.press("Tab");
      const where = await page.evaluate(() => document.activeElement.closest("dialog") !== null || document.activeElement === document.body);
      assert.ok(where, `the focus left the dialog after ${presses + 1} tabs`);
    }
    await page.keyboard.press("Escape");
    await eventually(isOpen, 0);
    assert.equal(await page.evaluate(() => document.activeElement.id), id);
  }
});

for (const colorScheme of ["light", "dark"]) {
  for (const [name, viewport] of Object.entries(sizes)) {
    test(`axe-core finds nothing in dialogs: ${name}, ${colorScheme}`, async () => {
      page = await open({ viewport, colorScheme });
      for (const id of ["share", "open"]) {
        await page.locator(`#${id}`).click();
        await eventually(isOpen, 1);
        assert.deepEqual(await axe(page), []);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width);
        await page.keyboard.press("Escape");
        await eventually(isOpen, 0);
      }
    });
  }
}
