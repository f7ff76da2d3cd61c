// The views beside the picture's first light: two targets, the legacy builder, files, image, line and text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, eventually, eventuallyMatches, example, lights, open, paste, sizes } from "./harness.mjs";

const badges = (page) =>
  page.locator(".card").evaluateAll((cards) =>
    cards.map((card) => `${card.dataset.stage} ${card.querySelector(".badge")?.textContent ?? ""}`),
  );

const show = async (page, name) => {
  const tab = page.getByRole("tab", { name });
  if ((await tab.getAttribute("aria-selected")) !== "true") await tab.click();
};

test("two targets: what both need, and what only one of them does", async () => {
  const page = await open();
  await paste(page, "FROM alpine AS base\nFROM base AS a\nRUN a\nFROM base AS b\nRUN b\nFROM alpine AS other\nRUN o\n");
  await page.locator("#target").selectOption("a");
  await page.locator("#against").selectOption("=b");
  await eventually(() => badges(page), ["base A AND B", "a ONLY A", "b ONLY B", "other SKIPPED"]);
  assert.equal(await page.locator("#lens-sentence").innerText(), "1 shared, 1 only A, 1 only B, 1 neither");
  assert.equal(await page.locator("#command").innerText(), "docker build --target a .\ndocker build --target b .");
  await page.locator("#against").selectOption("");
  await eventually(() => lights(page), ["base on", "a target", "b off", "other off"]);
});

test("of two targets, the panels say which one they speak of", async () => {
  const page = await open();
  await show(page, "Final image");
  const sides = page.getByRole("group", { name: "Target of the details" });
  assert.equal(await sides.count(), 0);
  await page.locator("#against").selectOption("=build");
  await eventually(() => sides.getByRole("button").allInnerTexts(), ["A\nfinal", "B\nbuild"]);
  assert.equal(await page.locator("#image-config").innerText(), "The image of final");
  await sides.getByRole("button", { name: "build" }).click();
  await eventually(() => page.locator("#image-config").innerText(), "The image of build");
  await show(page, "Files");
  await eventually(async () => (await page.locator(".path .note").allInnerTexts()).length > 0, true);
  const ofBuild = await page.locator(".path code").allInnerTexts();
  assert.deepEqual(await axe(page), []);
  await sides.getByRole("button", { name: "final" }).focus();
  await page.keyboard.press("Enter");
  await eventually(async () => (await page.locator(".path code").allInnerTexts()).includes("/server"), true);
  assert.ok(!ofBuild.includes("/server"), ofBuild.join(" "));
  await page.locator("#against").selectOption("");
  await eventually(() => sides.count(), 0);
});

test("the legacy builder runs what BuildKit skips, and the difference is said", async () => {
  const page = await open();
  await page.getByRole("button", { name: "Legacy", exact: true }).click();
  await eventually(() => badges(page), ["base RUNS", "test IN VAIN", "build RUNS", "final TARGET"]);
  assert.match(await page.locator("#remark").innerText(), /also runs test: 1 stage .* of no use to final/);
  assert.equal(await page.locator("#command").innerText(), "DOCKER_BUILDKIT=0 docker build .");
  await paste(page, "FROM alpine\nRUN --mount=type=cache,target=/c make\n");
  await eventually(async () => /does not know --mount of RUN \(line 2\)/.test(await page.locator("#remark").innerText()), true);
});

test("the command is that of the tool one chooses, and can be copied", async () => {
  const page = await open();
  await page.locator("#target").selectOption("test");
  await page.locator("#tool").selectOption("podman");
  assert.equal(await page.locator("#command").innerText(), "podman build --target test .");
  await page.locator("#copy-command").click();
  await eventually(() => page.evaluate(() => navigator.clipboard.readText()), "podman build --target test .");
});

test("the way of a path lights up in text and picture", async () => {
  const page = await open();
  await show(page, "Files");
  const path = page.locator(".path", { hasText: "/server" }).first();
  await path.click();
  await eventually(() => path.getAttribute("aria-pressed"), "true");
  await eventually(async () => (await page.locator(".cm-lit").allInnerTexts()).some((line) => line.startsWith("COPY --from=build")), true);
  await eventually(async () => (await page.locator(".row.lit text").allTextContents()).some((row) => row.startsWith("RUN")), true);
  assert.match(await page.locator(".way").innerText(), /in stage build/);
  assert.match(await page.locator("#files-behind ~ details, .left").first().innerText(), /golang/);
});

test("a line lights up the paths that it has a part in", async () => {
  const page = await open();
  await show(page, "Files");
  await page.locator(".cm-line", { hasText: "COPY --from=build" }).click();
  await eventually(async () => (await page.locator(".path.lit code").allInnerTexts()).includes("/server"), true);
});

test("what is in force at a line comes with the line that set it, through FROM", async () => {
  const page = await open();
  await paste(page, "FROM alpine AS base\nENV A=1\nUSER app\nFROM base\nWORKDIR /srv\nRUN x\n");
  await show(page, "This line");
  await page.locator("#stage-1 .row", { hasText: "RUN" }).click();
  const row = (name) => page.locator("#panel tr", { has: page.locator("th", { hasText: new RegExp(`^${name}$`) }) });
  await eventually(() => row("Directory").innerText(), "Directory\t/srv\tline 5");
  assert.equal(await row("User").innerText(), "User\tapp\tline 3, stage base");
  assert.equal(await row("A").innerText(), "A\t1\tline 2, stage base");
  assert.match(await row("Shell").innerText(), /whatever image alpine says/);
  await row("User").getByRole("button").click();
  await eventually(() => page.locator(".cm-lit").allInnerTexts(), ["USER app"]);
});

test("the final image tells user, shell, layers and size, and what it does not know", async () => {
  const page = await open();
  await show(page, "Final image");
  const panel = page.locator("#panel");
  assert.match(await panel.innerText(), /User\s+65532:65532/);
  assert.match(await panel.innerText(), /Shell\s+none/);
  assert.match(await panel.innerText(), /Base scratch/);
  await paste(page, "FROM example.org/unknown/thing:1\nRUN x\n");
  await eventually(async () => /Nothing is commonly known of its base image/.test(await panel.innerText()), true);
});

test("the picture as text: every edge a sentence, by keyboard alone", async () => {
  const page = await open();
  await show(page, "As text");
  const tree = page.getByRole("tree");
  await tree.getByRole("treeitem").first().focus();
  await page.keyboard.press("ArrowRight");
  await eventually(() => tree.getByRole("treeitem", { level: 2 }).count(), 4);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await eventually(() => page.locator("#selection").innerText(), "Selected: line 3, WORKDIR /src");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await eventually(() => tree.getByRole("treeitem", { level: 2 }).count(), 0);
  const references = await page.locator(".references tbody tr").allInnerTexts();
  assert.ok(references.some((row) => /final copies \/out\/server from stage build \(line 20\)\.\s+used/.test(row)), references.join("\n"));
  assert.ok(references.some((row) => /test starts from stage base .*not used/s.test(row)));
});

test("what BuildKit's checks find stands in the list and in the text", async () => {
  const page = await open();
  await paste(page, "FROM alpine AS Build\nMAINTAINER me\nCMD echo hi\n");
  await eventually(() => page.locator(".problems h3").innerText(), "No errors, 3 warnings");
  await eventuallyMatches(() => page.locator(".problem.warning").first().innerText(), /1:16\s+Stage name 'Build' should be lowercase\s*StageNameCasing/);
  await eventually(() => page.locator(".cm-lint-marker-warning").count(), 3);
  assert.equal(await page.locator("#refused").count(), 0);
});

test("findings that the file wants to be an error are one, for the targets that they concern", async () => {
  const page = await open();
  await paste(page, "# check=error=true\nFROM alpine AS a\nRUN x\nFROM alpine AS Bad\nENV A=$HOME_OF\n");
  await eventually(() => page.locator(".problems h3").innerText(), "1 error, 2 warnings");
  assert.match(await page.locator("#refused").innerText(), /lint violation found for rules: StageNameCasing, UndefinedVar/);
  await eventuallyMatches(() => page.locator(".problem.warning").last().innerText(), /Likely; image alpine may set it/);
  await page.locator("#target").selectOption("a");
  await eventually(async () => /StageNameCasing, UndefinedVar/.test(await page.locator(".problems").innerText()), false);
});

test("a path that nothing makes is not said to be there", async () => {
  const page = await open();
  await paste(page, "FROM scratch AS s\nCOPY a /a\nFROM alpine\nCOPY --from=s /b /b\n");
  await show(page, "Files");
  const row = page.locator(".path", { hasText: "/b" });
  await eventually(() => row.locator(".note").innerText(), "line 4, but nothing makes it");
  assert.equal(await row.locator(".mark").getAttribute("aria-label"), "unknown");
});

test("a piece of a Dockerfile is drawn with what it lacks", async () => {
  const page = await open();
  await paste(page, "COPY --from=builder /app /app\nUSER app\n");
  await eventually(() => lights(page), ["builder on", "fragment target"]);
  assert.match(await page.locator("#fragment").innerText(), /no FROM, so BuildKit refuses it/);
  await eventuallyMatches(() => page.locator(".problem").innerText(), /no build stage in current context/);
});

test("stages collapse, images are drawn at each use, and the rest can be hidden", async () => {
  const page = await open();
  const rows = () => page.locator("#stage-0 .row").count();
  await eventually(rows, 4);
  await page.locator("#stage-0").focus();
  await page.keyboard.press("-");
  await eventually(rows, 0);
  await page.keyboard.press("-");
  await eventually(rows, 4);
  await page.locator("#sight summary").click();
  await page.getByLabel("Titles only").check();
  await eventually(() => page.locator(".row").count(), 0);
  await page.getByLabel("Titles only").uncheck();
  const n_sources = await page.locator(".source").count();
  await page.getByLabel("A box for each use of an image").check();
  await eventually(async () => (await page.locator(".source").count()) > n_sources, true);
  await page.getByLabel("Only what belongs to the selection").check();
  // The open menu lies over the row.
  await page.locator("#sight summary").click();
  await page.locator("#stage-1 .row").first().click();
  await eventually(() => page.locator(".card").evaluateAll((cards) => cards.map((card) => card.dataset.stage)), ["base", "test"]);
});

test("a link carries what is looked at", async () => {
  const page = await open();
  await page.locator("#against").selectOption("=test");
  await show(page, "Files");
  await page.locator(".path", { hasText: "/server" }).first().click();
  await page.waitForTimeout(600);
  const { hash } = new URL(page.url());
  const other = await open({ fragment: hash });
  await eventually(() => other.locator("#against").inputValue(), "=test");
  await eventually(() => other.locator(".path[aria-pressed=true] code").innerText(), "/server");
});

test("a text pasted over another does not leave the other's picture behind", async () => {
  const page = await open();
  await paste(page, "FROM alpine AS mine\nCOPPY x y\n");
  await eventually(() => lights(page), ["mine target"]);
  assert.equal(await page.locator("#stale").count(), 0);
  assert.match(await page.locator("#refused").innerText(), /Line 2: unknown instruction: COPPY/);
});

test("the whole application by keyboard alone", async () => {
  const page = await open();
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.className);
  const tabTo = async (wanted) => {
    for (let presses = 0; presses < 60; presses++) {
      if ((await focused()).includes(wanted)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`Tab never reaches ${wanted}`);
  };
  // Compare with another target, and back.
  await tabTo("against");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await eventually(() => page.locator("#against").inputValue(), "=base");
  await page.keyboard.press("Home");
  await eventually(() => page.locator("#against").inputValue(), "");
  // The legacy builder, and back.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator("#remark").waitFor();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await page.locator("#remark").waitFor({ state: "detached" });
  // What is drawn.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await eventually(() => page.locator(".row").count(), 0);
  await page.keyboard.press("Space");
  // A stage becomes the target, and collapses.
  await tabTo("stage-");
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await eventually(() => lights(page), ["base target", "test off", "build off", "final off"]);
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await eventually(() => lights(page), ["base on", "test off", "build on", "final target"]);
  // The height of the panels, and each of them.
  await tabTo("edge");
  const height = () => page.locator("#pane-panel").evaluate((pane) => pane.clientHeight);
  const before = await height();
  await page.keyboard.press("ArrowUp");
  await eventually(async () => (await height()) > before, true);
  await tabTo("tab-files");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await eventually(async () => /^Selected: \//.test(await page.locator("#selection").innerText()), true);
  await page.keyboard.press("Escape");
  await eventually(() => page.locator("#selection").innerText(), "");
  await page.locator("#tab-files").focus();
  const tabs = await page.locator("[role=tab]").evaluateAll((tabs) => tabs.map(({ id }) => id));
  assert.ok(tabs.length > 4 && tabs[0] === "tab-files", `${tabs}`);
  for (const id of tabs.slice(1)) {
    await page.keyboard.press("ArrowRight");
    await eventually(focused, id);
    assert.equal(await page.locator(`#${id}`).getAttribute("aria-selected"), "true");
  }
  // The command for all of this.
  await tabTo("tool");
  await page.keyboard.press("ArrowDown");
  await eventually(() => page.locator("#command").innerText(), "docker buildx build .");
});

for (const [size, colorScheme] of [["desktop", "light"], ["phone", "light"], ["desktop", "dark"], ["phone", "dark"]]) {
  test(`axe-core finds nothing in any view: ${size}, ${colorScheme}`, async () => {
    const page = await open({ viewport: sizes[size], colorScheme });
    await example(page, "go-api");
    if (size === "phone") await page.locator('.tabs button:text-is("Details")').click();
    for (const name of ["Files", "Final image", "This line", "As text"]) {
      await show(page, name);
      if (name === "Files") await page.locator(".path").nth(1).click();
      assert.deepEqual(await axe(page), [], name);
    }
  });
}
