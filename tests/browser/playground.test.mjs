// What a person does in the first minutes, in a real browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, eventually, eventuallyMatches, example, lights, open, paste, sizes } from "./harness.mjs";

let page;

test("opens with an example that shows a stage staying dark", async () => {
  page = await open();
  await eventually(() => lights(page), ["base on", "test off", "build on", "final target"]);
  assert.equal(await page.locator("#lens-sentence").innerText(), "needs 3 of 4 stages, 1 stays dark");
  assert.match(await page.getByRole("button", { name: /^Stage test,/ }).locator("title").first().textContent(), /SKIPPED .*--target test would build it/);
});

test("choosing the target builder darkens what it does not need", async () => {
  page = await open();
  await example(page, "node-three-stages");
  await eventually(() => lights(page), ["deps on", "builder on", "stage-2 target"]);
  await page.locator("#target").selectOption("builder");
  await eventually(() => lights(page), ["deps on", "builder target", "stage-2 off"]);
  await page.locator("#target").selectOption("deps");
  await eventually(() => lights(page), ["deps target", "builder off", "stage-2 off"]);
});

test("clicking a stage makes it the target; a stage without a name says that it cannot be one", async () => {
  page = await open();
  await page.locator("#stage-1 .title").click();
  await eventually(() => lights(page), ["base on", "test target", "build off", "final off"]);
  await example(page, "href-counter");
  await eventually(() => lights(page), ["stage-0 on", "stage-1 target"]);
  await page.locator("#stage-0 .title").click();
  await page.locator(".message").waitFor();
  assert.match(await page.locator(".message").innerText(), /name/);
  assert.deepEqual(await lights(page), ["stage-0 on", "stage-1 target"]);
});

test("a stage that is typed appears, without a button", async () => {
  page = await open();
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("\nFROM final AS debug\nCOPY --from=test /src /src\n", { delay: 5 });
  await eventually(() => lights(page), ["base on", "test on", "build on", "final on", "debug target"]);
});

test("a syntax error keeps the last good picture, marked stale, and is shown at its line", async () => {
  page = await open();
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("\nCOPPY a b", { delay: 5 });
  await page.locator("#stale").waitFor();
  assert.match(await page.locator("#stale").innerText(), /unknown instruction: COPPY/);
  assert.deepEqual(await lights(page), ["base on", "test off", "build on", "final target"]);
  await eventuallyMatches(() => page.locator(".problem:not(.warning)").innerText(), /^25:1\s+unknown instruction: COPPY \(did you mean COPY\?\)/);
  await eventually(() => page.locator(".cm-lint-marker-error").count(), 1);
  for (let typed = 0; typed < "\nCOPPY a b".length; typed++) await page.keyboard.press("Backspace");
  await page.locator("#stale").waitFor({ state: "detached" });
  await eventuallyMatches(() => page.locator(".problems h3").innerText(), /^No errors/);
});

test("an error that only another stage's build runs into is told apart", async () => {
  page = await open();
  await paste(page, "FROM alpine AS early\nCOPY --from=late /a /b\nFROM alpine AS late\n");
  await eventually(() => lights(page), ["early off", "late target"]);
  await eventuallyMatches(() => page.locator(".problems").innerText(), /^No errors for this target, 1 in stages that it does not need/);
  await eventuallyMatches(() => page.locator(".problem.elsewhere").innerText(), /needs to be defined before current stage "early"/);
  await page.locator("#target").selectOption("early");
  await eventually(() => page.locator(".problems h3").innerText(), "1 error");
});

test("text and picture light each other up", async () => {
  page = await open();
  const line = page.locator(".cm-line", { hasText: "COPY --from=build" });
  await line.hover();
  await eventually(() => page.locator(".row.lit text").allTextContents(), ["COPY --from=build /out/server /s…"]);
  await eventually(() => page.locator(".line.lit").count(), 1);
  await page.locator("#stage-2 .row", { hasText: "RUN" }).hover();
  await eventually(() => page.locator(".cm-lit").allInnerTexts(), ["RUN CGO_ENABLED=0 go build -o /out/server ./cmd/server"]);
});

test("a line of the picture says what it means, lights its ends, and leads to the row that refers", async () => {
  page = await open();
  const line = page.locator(".edge-line", { has: page.locator("title", { hasText: "/out/server" }) });
  assert.match(await line.locator("title").textContent(), /final copies \/out\/server from stage build/);
  const box = await line.locator(".line").evaluate((path) => {
    const at = path.getPointAtLength(path.getTotalLength() - 12).matrixTransform(path.getScreenCTM());
    return { x: at.x, y: at.y };
  });
  // Four pixels beside it is near enough.
  await page.mouse.move(box.x, box.y + 4);
  await eventually(() => page.locator(".line.lit").count(), 1);
  await eventually(() => page.locator(".card.lit").evaluateAll((cards) => cards.map((card) => card.dataset.stage)), ["build"]);
  await eventually(() => page.locator(".row.lit text").allTextContents(), ["COPY --from=build /out/server /s…"]);
  await page.mouse.click(box.x, box.y + 4);
  await eventually(async () => /^Selected: line 20, COPY/.test(await page.locator("#selection").innerText()), true);
});

test("lines on another way come back when the cards have glided; without motion, at once", async () => {
  for (const [reducedMotion, moves] of [["no-preference", true], ["reduce", false]]) {
    page = await open();
    await page.emulateMedia({ reducedMotion });
    await page.waitForTimeout(500);
    const started = page.evaluate(() => new Promise((resolve) => {
      const began = [];
      for (const kind of ["animationstart", "transitionstart"]) {
        document.querySelector("#view").addEventListener(kind, ({ target, elapsedTime }) => {
          const style = getComputedStyle(target);
          if (Math.max(parseFloat(style.animationDuration), parseFloat(style.transitionDuration)) > 0.01) began.push(target.classList[0]);
        });
      }
      setTimeout(() => resolve([...new Set(began)].sort()), 1500);
    }));
    await page.locator(".cm-line", { hasText: "WORKDIR" }).first().click();
    await page.keyboard.press("End");
    await page.keyboard.type("\nRUN a\nRUN b\n");
    assert.deepEqual(await started, moves ? ["edge-line", "source"] : []);
  }
});

test("the address holds text and target, and opens again as it was", async () => {
  page = await open();
  await paste(page, "FROM alpine AS é🚢a\nFROM alpine AS one\nFROM one AS two\nFROM scratch\n");
  await paste(page, "# é🚢\nFROM alpine AS one\nFROM one AS two\nFROM scratch\n");
  await page.locator("#target").selectOption("two");
  await page.waitForTimeout(600);
  const fragment = new URL(page.url()).hash;
  assert.match(fragment, /^#1\.[\w-]+$/);
  page = await open({ fragment });
  await eventually(() => lights(page), ["one on", "two target", "stage-2 off"]);
  assert.equal(await page.locator(".cm-line").first().innerText(), "# é🚢");
});

test("a link opened in the same page replaces the text", async () => {
  page = await open();
  await paste(page, "FROM alpine AS one\n");
  await page.waitForTimeout(600);
  const one = new URL(page.url()).hash;
  await paste(page, "FROM alpine AS two\n");
  await eventually(() => lights(page), ["two target"]);
  await page.waitForTimeout(600);
  await page.evaluate((hash) => { location.hash = hash; }, one);
  await eventually(() => lights(page), ["one target"]);
});

test("several places of the text can be changed at once, and all of them are seen", async () => {
  page = await open();
  await paste(page, "FROM alpine AS one\nFROM one AS two\n");
  await page.locator(".cm-line", { hasText: "FROM one" }).getByText("one", { exact: true }).dblclick();
  await page.keyboard.press("ControlOrMeta+d");
  await eventually(() => page.locator(".cm-selectionBackground").count(), 2);
  await page.keyboard.type("base");
  await eventually(() => page.locator(".cm-cursor").count(), 2);
  await eventually(() => lights(page), ["base on", "two target"]);
  // The first closes what is offered for the word.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await eventually(() => page.locator(".cm-cursor").count(), 0);
});

test("opening an example can be undone", async () => {
  page = await open();
  await paste(page, "FROM alpine AS mine\n");
  await eventually(() => lights(page), ["mine target"]);
  await example(page, "node-dev-prod");
  await eventually(() => lights(page), ["dev on", "prod target"]);
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+z");
  await eventually(() => lights(page), ["mine target"]);
});

test("a damaged link says so and leaves something to work with", async () => {
  page = await open({ fragment: "#1.AAAA" });
  assert.match(await page.locator(".message.error").innerText(), /damaged/);
  await eventually(() => lights(page), ["base on", "test off", "build on", "final target"]);
});

test("of a link that was cut off, the beginning of its text is shown", async () => {
  page = await open();
  await paste(page, "FROM alpine AS saved\n" + Array.from({ length: 60 }, (_, at) => `RUN echo ${at * at * 7919}\n`).join(""));
  await eventuallyMatches(() => page.evaluate(() => location.hash), /^#1\..{200}/);
  const fragment = await page.evaluate(() => location.hash);
  page = await open({ fragment: fragment.slice(0, fragment.length / 2) });
  assert.match(await page.locator(".message.error").innerText(), /damaged.*This is the beginning of its text/s);
  await eventually(() => lights(page), ["saved target"]);
});

test("a target that is renamed away is named, with a way out", async () => {
  page = await open();
  await page.locator("#target").selectOption("build");
  await paste(page, "FROM alpine AS builds\nFROM scratch AS final\n");
  await page.locator("#target-error").waitFor();
  assert.match(await page.locator("#target-error").innerText(), /target stage "build" could not be found/);
  await page.getByRole("button", { name: "Use builds" }).click();
  await eventually(() => lights(page), ["builds target", "final off"]);
});

test("everything can be reached by keyboard alone", async () => {
  page = await open();
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.className);
  const tabTo = async (wanted) => {
    for (let presses = 0; presses < 30; presses++) {
      if ((await focused()).includes(wanted)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`Tab never reaches ${wanted}`);
  };
  await tabTo("examples");
  await tabTo("share");
  await tabTo("theme");
  await tabTo("cm-content");
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("FROM final AS extra\n");
  await eventually(() => lights(page), ["base on", "test off", "build on", "final on", "extra target"]);
  await tabTo("target");
  await page.keyboard.press("ArrowDown");
  await eventually(() => lights(page), ["base target", "test off", "build off", "final off", "extra off"]);
  await tabTo("stage-0");
  await page.keyboard.press("ArrowDown");
  await eventually(focused, "stage-1");
  await page.keyboard.press("Enter");
  await eventually(() => lights(page), ["base on", "test target", "build off", "final off", "extra off"]);
  // Before the stages come their sources.
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowUp");
  await eventually(focused, "source-3");
  await page.keyboard.press("ArrowLeft");
  await eventually(focused, "source-2");
  await page.keyboard.press("Enter");
  const name = await page.locator("#source-2 > title").textContent();
  await eventually(() => page.locator("#selection").innerText(), `Selected: ${name}`);
  assert.equal(await page.locator("#source-2").getAttribute("aria-pressed"), "true");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await eventually(focused, "stage-0");
});

for (const colorScheme of ["light", "dark"]) {
  for (const [name, viewport] of Object.entries(sizes)) {
    test(`axe-core finds nothing: ${name}, ${colorScheme}`, async () => {
      page = await open({ viewport, colorScheme });
      const text = page.locator('button:text-is("Dockerfile")');
      assert.deepEqual(await axe(page), []);
      if (name === "phone") await text.click();
      await paste(page, "FROM alpine AS a\nCOPPY x\nFROM a\nCOPY --from=zz /a\n");
      await page.locator(".problem").first().waitFor();
      assert.deepEqual(await axe(page), []);
      await paste(page, "");
      await page.getByText("the Dockerfile cannot be empty").first().waitFor();
      assert.deepEqual(await axe(page), []);
    });
  }
}

test("on a phone the halves are tabs, and the picture fits the width", async () => {
  page = await open({ viewport: sizes.phone });
  await page.locator(".card").first().waitFor();
  const view = await page.locator("#view").evaluate((view) => [view.scrollWidth, view.clientWidth]);
  assert.ok(view[0] <= view[1], `no sideways scrolling: ${view}`);
  assert.equal(await page.locator(".text-pane").isVisible(), false);
  await page.locator('button:text-is("Dockerfile")').click();
  assert.equal(await page.locator(".text-pane").isVisible(), true);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
});
