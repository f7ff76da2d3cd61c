// What a build is given: arguments, platforms and named contexts, which make another graph of the same text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axe, eventually, lights, open, paste, sizes } from "./harness.mjs";

const TEXT = `# VARIANT says where files are from
ARG VARIANT=slim
FROM alpine AS slim
FROM golang AS full
RUN --mount=type=secret,id=npm,required make
FROM alpine AS build_amd64
FROM alpine AS build_arm64
FROM build_$TARGETARCH AS build
# VERSION says which release
ARG VERSION
RUN make $VERSION
FROM $VARIANT
COPY --from=build /app /app
`;

const show = async (page, name) => {
  const tab = page.getByRole("tab", { name });
  if ((await tab.getAttribute("aria-selected")) !== "true") await tab.click();
};

test("arguments and platforms choose what is built, everywhere", async () => {
  const page = await open();
  await paste(page, TEXT);
  await eventually(() => lights(page), ["slim on", "full off", "build_amd64 on", "build_arm64 off", "build on", "stage-5 target"]);
  await show(page, "Arguments");
  const names = page.locator(".settings.given tbody th");
  await eventually(() => names.allInnerTexts(), ["VARIANT", "VERSION"]);
  assert.match(await page.locator(".settings.given").innerText(), /says where files are from[\s\S]*says which release/);
  await page.getByLabel("VARIANT").fill("full");
  await eventually(() => lights(page), ["slim off", "full on", "build_amd64 on", "build_arm64 off", "build on", "stage-5 target"]);
  await eventually(() => page.locator("#mounts-title + ul").innerText(), "--secret id=npm, without which the build fails line 5");
  await page.getByLabel("Asked for").fill("linux/arm64");
  await eventually(() => lights(page), ["slim off", "full on", "build_amd64 off", "build_arm64 on", "build on", "stage-5 target"]);
  assert.equal(await page.locator("#command").innerText(), "docker build --platform linux/arm64 --build-arg VARIANT=full .");
  assert.equal(await page.locator("#given").innerText(), "VARIANT=full, for linux/arm64");
  assert.deepEqual(await axe(page), []);
  // The link carries it.
  await eventually(() => page.evaluate(() => location.hash.length > 40), true);
  const again = await open({ fragment: await page.evaluate(() => location.hash) });
  await eventually(() => lights(again), ["slim off", "full on", "build_amd64 off", "build_arm64 on", "build on", "stage-5 target"]);
  await again.locator("#given").click();
  assert.equal(await again.getByLabel("VARIANT", { exact: true }).inputValue(), "full");
  await again.locator("#plain-build").click();
  await eventually(() => lights(again), ["slim on", "full off", "build_amd64 on", "build_arm64 off", "build on", "stage-5 target"]);
  assert.equal(await again.locator("#given").count(), 0);
});

test("what cannot be is said, and an argument that nothing reads can be taken out", async () => {
  const page = await open({ viewport: sizes.phone, colorScheme: "dark" });
  await page.getByRole("button", { name: "Dockerfile" }).click();
  await paste(page, "FROM alpine\nARG A=1\nRUN echo $A\n");
  await page.getByRole("button", { name: "Details" }).click();
  await show(page, "Arguments");
  await page.getByLabel("Asked for").fill("linux/*");
  await eventually(() => page.locator("#platform-note").innerText(), '"linux/*": wildcards not yet supported: invalid argument');
  assert.equal(await page.locator("#given").count(), 0);
  await page.getByLabel("Asked for").fill("");
  await page.getByLabel("A", { exact: true }).fill("");
  await eventually(() => page.locator(".settings.given .note").innerText(), "default: 1");
  await page.getByRole("button", { name: "Dockerfile" }).click();
  await paste(page, "FROM alpine\n");
  await page.getByRole("button", { name: "Details" }).click();
  await eventually(() => page.locator(".unread li").first().innerText(), "A= Take out");
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Take out: A" }).click();
  await eventually(() => page.locator(".unread li").count(), 0);
});

test("a named context stands for a stage", async () => {
  const page = await open();
  await paste(page, "FROM golang AS build\nRUN make\nFROM alpine\nCOPY --from=build /app /app\n");
  await show(page, "Arguments");
  await page.locator("#context-name").fill("build");
  await page.locator("#context-value").fill("docker-image://ready:1");
  await page.keyboard.press("Enter");
  await eventually(() => page.locator(".card .badge").allTextContents(), ["NEEDED", "TARGET"]);
  assert.match(await page.locator(".card").first().textContent(), /The named context build stands in for it/);
  assert.equal(
    await page.locator("#command").innerText(),
    "docker build --build-context build=docker-image://ready:1 .",
  );
  await page.getByRole("button", { name: "Take out: build" }).click();
  await eventually(() => page.locator(".card .badge").allTextContents(), ["RUNS", "TARGET"]);
});

test("a Dockerfile that ends at a line, to look inside", async () => {
  const page = await open();
  await paste(page, "FROM golang\nRUN make\nRUN fails\nFROM scratch\nCOPY --from=0 /app /app\n");
  await show(page, "This line");
  await page.locator(".card .row").nth(1).click();
  await page.locator("#look summary").click();
  const shown = () => page.locator("#look pre").innerText();
  await eventually(shown, "FROM golang AS build\nRUN make\n");
  await page.locator("#look-tool").selectOption("docker buildx");
  const commands = page.locator("#look .command-line code");
  await eventually(() => commands.allInnerTexts(), [
    "docker buildx build -f Dockerfile.cut --target build --load -t cut-here .",
    "docker run --rm -it --entrypoint /bin/sh cut-here",
    "docker buildx build -f Dockerfile.cut --target build --output cut-here .",
  ]);
  assert.deepEqual(await axe(page), []);
  await page.getByRole("button", { name: "Copy Dockerfile.cut" }).click();
  await eventually(() => page.locator(".message").first().innerText(), "Copied. Save it as Dockerfile.cut beside the Dockerfile.\nDismiss");
});

test("the plan: what runs at the same time, and the longest chain", async () => {
  const page = await open();
  await paste(
    page,
    "FROM alpine AS builder\nRUN common\nFROM builder AS a\nRUN one\nRUN one more\nFROM builder AS b\nRUN two\n" +
      "FROM alpine AS twin\nRUN common\nFROM scratch\nCOPY --from=a /1 /\nCOPY --from=b /2 /\nCOPY --from=twin / /\n",
  );
  await show(page, "Plan");
  await eventually(async () => (await page.locator(".plan > p").first().innerText()).slice(0, 46), "7 steps, up to 2 of them at the same time. The");
  const steps = () => page.locator(".rounds .step .what").allInnerTexts();
  await eventually(steps, ["RUN common", "RUN one", "RUN two", "RUN one more", "COPY --from=a /1 /", "COPY --from=b /2 /", "COPY --from=twin / /"]);
  assert.equal(await page.locator(".rounds .step:not(.critical) .what").allInnerTexts().then(String), "RUN two");
  assert.equal(await page.locator(".rounds .same").innerText(), "and the same in line 9");
  await page.locator(".rounds .step").nth(3).click();
  await eventually(() => page.locator("#selection").innerText(), "Selected: line 5, RUN one more");
  await page.locator("#target").selectOption("b");
  await eventually(steps, ["RUN common", "RUN two"]);
  assert.deepEqual(await axe(page), []);
});
