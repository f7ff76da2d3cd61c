// Dockerfiles in other pages: another origin, a strict policy, many on a page, nothing jumps, nothing is lost.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { axe, eventually, host, open } from "./harness.mjs";

const DOCKERFILE = `FROM golang:1.23 AS build
WORKDIR /src
COPY . .
RUN go build -o /app .

FROM build AS test
RUN go test ./...

FROM scratch AS final
COPY --from=build /app /app
ENTRYPOINT ["/app"]
`;

const block = (text = DOCKERFILE) =>
  `<pre><code class="language-dockerfile">${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</code></pre>`;

/** With room for the picture beside the text. */
const tall = `<stagelight-dockerfile height="420">${block()}</stagelight-dockerfile>`;

let server;
let origin;
const pages = new Map();

before(async () => {
  server = createServer((request, response) => {
    const page = pages.get(request.url);
    // Browsers ask for an icon by themselves.
    if (page === undefined) return response.writeHead(request.url === "/favicon.ico" ? 204 : 404).end();
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...page.headers });
    response.end(page.html);
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  origin = `http://localhost:${server.address().port}`;
});
after(() => server.close());

/** Opens a page of another origin; `body` may hold SITE for the address of the playground. */
async function embedded(body, { head = "", policy, width = 1100, colorScheme = "light", js = true } = {}) {
  const site = host();
  const csp = policy?.replaceAll("SITE", new URL(site).origin);
  pages.set("/page", {
    headers: csp ? { "content-security-policy": csp } : {},
    html: `<!doctype html><html lang="en"><head><title>Guide</title><meta name="viewport" content="width=device-width">${head}</head>
      <body><main><h1>Guide</h1>${body.replaceAll("SITE", site)}<p id="after">After.</p></main></body></html>`,
  });
  return open({ address: `${origin}/page`, viewport: { width, height: 900 }, colorScheme, javaScriptEnabled: js });
}

const script = '<script type="module" src="SITEembed.js" data-upgrade></script>';
const dark = (page) =>
  page.locator("stagelight-dockerfile").first().evaluate((it) =>
    [...it.shadowRoot.querySelectorAll(".card")].filter((card) => card.classList.contains("off")).length);
const shown = (page, n = 1) => eventually(() => page.locator("stagelight-dockerfile svg").count(), n);

test("a block of code shows its stages, in a page of another origin, and nothing jumps", async () => {
  const page = await embedded(block() + script);
  await shown(page);
  assert.equal(await dark(page), 1);
  const shift = await page.evaluate(
    () =>
      new Promise((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((it) => (sum += it.value))).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => resolve(sum), 300);
      }),
  );
  assert.equal(shift, 0);
  // The text is the same, and so is the room that it takes.
  const after = await page.locator("#after").evaluate((it) => it.getBoundingClientRect().top);
  const plain = await embedded(block());
  assert.equal(await plain.locator("#after").evaluate((it) => it.getBoundingClientRect().top), after);
  assert.deepEqual(await axe(page), []);
});

test("without JavaScript the block stays as it was", async () => {
  const page = await embedded(block() + script, { js: false });
  assert.equal(await page.locator("pre code").textContent(), DOCKERFILE);
  assert.equal(await page.locator("stagelight-dockerfile").count(), 0);
});

test("a strict policy is enough, without inline styles and scripts", async () => {
  const policy = "default-src 'none'; script-src SITE 'wasm-unsafe-eval'; connect-src SITE; style-src 'none'";
  const page = await embedded(block() + script, { policy });
  await shown(page);
  assert.equal(await dark(page), 1);
  const ink = await page.locator("stagelight-dockerfile .card .title").first().evaluate((it) => getComputedStyle(it).fill);
  assert.equal(ink, "rgb(28, 25, 38)");
});

test("a policy without WebAssembly leaves the block as it was", async () => {
  const page = await embedded(block() + script, { policy: "default-src 'none'; script-src SITE; connect-src SITE" });
  await page.locator("stagelight-dockerfile").waitFor({ state: "attached" });
  await page.waitForTimeout(500);
  assert.equal(await page.locator("pre code").isVisible(), true);
  // The browser tells in the console what the policy forbade.
  page.troubles = page.troubles.filter((it) => !/WebAssembly|wasm/.test(it));
});

test("targets are chosen in the picture and in the menu, by keyboard too, and told to the page", async () => {
  const page = await embedded(tall + script);
  await shown(page);
  await page.evaluate(() => {
    window.told = [];
    for (const name of ["targetchange", "change", "diagnostics"]) {
      document.addEventListener(name, (event) => event.detail && window.told.push([name, event.detail]));
    }
  });
  const element = page.locator("stagelight-dockerfile");
  await element.locator(".card").nth(1).click();
  await eventually(() => element.getAttribute("target"), "test");
  await eventually(() => element.locator("select").inputValue(), "test");
  await element.locator("select").selectOption("build");
  await eventually(() => dark(page), 2);
  await element.locator(".card").nth(1).focus();
  await page.keyboard.press("Enter");
  await eventually(() => element.getAttribute("target"), "test");
  await element.locator("textarea").fill(`${DOCKERFILE}COPPY x\n`);
  await eventually(() => element.locator(".problem").count(), 1);
  const told = await page.evaluate(() => window.told);
  assert.deepEqual(told.filter(([name]) => name === "targetchange").map(([, it]) => it.target), ["test", "build", "test"]);
  assert.match(told.find(([name]) => name === "change")[1].value, /COPPY/);
  assert.match(told.find(([name]) => name === "diagnostics")[1].problems[0].message, /unknown instruction: COPPY/);
});

test("attributes: target, theme, view, lines, read only, height", async () => {
  const page = await embedded(
    `<stagelight-dockerfile target="test" theme="dark" view="stages" height="300" readonly>${block()}</stagelight-dockerfile>
     <stagelight-dockerfile lines="9-11" hidden-lines="10">${block()}</stagelight-dockerfile>
     <div class="stagelight" data-target="build">${block()}</div>${script}`,
  );
  await shown(page, 3);
  const facts = await page.locator("stagelight-dockerfile").evaluateAll((all) =>
    all.map((it) => {
      const root = it.shadowRoot;
      return [
        it.getAttribute("target"),
        root.querySelector(".box").classList.contains("is-dark"),
        root.querySelector("textarea").readOnly,
        root.querySelector(".text").checkVisibility(),
        root.querySelector("pre").textContent.trim().split("\n").length,
      ];
    }),
  );
  assert.deepEqual(facts, [
    ["test", true, true, false, 11],
    [null, false, true, true, 2],
    ["build", false, false, true, 11],
  ]);
  assert.equal(await page.locator("stagelight-dockerfile").first().evaluate((it) => it.shadowRoot.querySelector(".box").offsetHeight), 300);
});

test("the colours follow the page", async () => {
  const page = await embedded(block() + script, { head: "<style>.night{background:#111;color:#eee}</style>" });
  await shown(page);
  const isDark = () => page.locator("stagelight-dockerfile").evaluate((it) => it.shadowRoot.querySelector(".box").classList.contains("is-dark"));
  assert.equal(await isDark(), false);
  await page.evaluate(() => document.body.classList.add("night"));
  await eventually(isDark, true);
});

test("many on a page load one module, and those far away none", async () => {
  const filler = '<div style="height:4000px"></div>';
  const page = await embedded(block() + block() + filler + block() + script);
  await shown(page, 2);
  await page.waitForTimeout(300);
  assert.equal(await page.locator("stagelight-dockerfile svg").count(), 2);
  await page.locator("stagelight-dockerfile").nth(2).scrollIntoViewIfNeeded();
  await shown(page, 3);
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map((it) => it.name));
  assert.equal(loaded.filter((it) => it.endsWith(".wasm")).length, 1);
});

test("the playground opens what the block shows", async () => {
  const page = await embedded(tall + script);
  await shown(page);
  const element = page.locator("stagelight-dockerfile");
  await element.locator(".card").nth(1).click();
  await eventually(() => element.getAttribute("target"), "test");
  await element.locator("textarea").fill("FROM alpine AS é\nFROM é AS test\n");
  const [other] = await Promise.all([page.context().waitForEvent("page"), element.locator("a").click()]);
  await other.locator(".card").first().waitFor();
  await eventually(() => other.locator(".card").evaluateAll((cards) => cards.map((it) => it.dataset.stage)), ["é", "test"]);
  assert.equal(await other.locator("#target").inputValue(), "test");
});

test("on a phone the picture is a touch away and the page does not grow wider", async () => {
  const page = await embedded(block() + script, { width: 390 });
  await eventually(() => page.locator("stagelight-dockerfile button").count(), 1);
  assert.equal(await page.locator("stagelight-dockerfile .stages").isVisible(), false);
  await page.locator("stagelight-dockerfile button").click();
  await eventually(() => page.locator("stagelight-dockerfile .stages").isVisible(), true);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  assert.deepEqual(await axe(page), []);
});

test("text with script in it is text", async () => {
  const hostile = `FROM "><img src=x onerror=window.ran=1> AS a\nRUN </textarea></title><script>window.ran=1</script>\nFROM a AS "<b>"\n`;
  const page = await embedded(block(hostile) + script);
  await eventually(() => page.locator("stagelight-dockerfile textarea").inputValue(), hostile);
  await page.waitForTimeout(300);
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.equal(await page.locator("stagelight-dockerfile :is(img, script, b)").count(), 0);
});

test("a frame shows what a link holds, and says what is wrong with one", async () => {
  const page = await open();
  await page.locator("#target").selectOption("test");
  await page.locator("#share").click();
  const link = await page.locator("#link").inputValue();
  const frame = await open({ address: `${host()}embed.html${link.slice(link.indexOf("#"))}` });
  await eventually(() => frame.locator("stagelight-dockerfile svg").count(), 1);
  assert.equal(await frame.locator("select").inputValue(), "test");
  for (const fragment of ["", "#1.AAAA", "#9.x"]) {
    const damaged = await open({ address: `${host()}embed.html${fragment}` });
    await damaged.getByText("This link cannot be shown").waitFor();
  }
});

test("the share dialog writes what embeds", async () => {
  const page = await open();
  await page.locator("#share").click();
  const html = await page.locator("#embed").textContent();
  const text = (await page.locator("#markdown").textContent()).split("```")[1].replace("dockerfile\n", "");
  const other = await embedded(html);
  await eventually(() => other.locator("stagelight-dockerfile").count(), 1);
  await eventually(() => other.locator("stagelight-dockerfile svg").count(), 1);
  assert.equal(await other.locator("pre code").textContent(), text);
});
