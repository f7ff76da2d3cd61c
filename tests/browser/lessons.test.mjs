// Lessons beside the editor: the course that comes with the site, and workshops from elsewhere.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { axe, eventually, eventuallyMatches, lights, open, paste, sizes } from "./harness.mjs";

let page;

const lesson = async (title) => {
  await page.locator("#learn").click();
  await page.getByRole("link", { name: title }).first().click();
  await page.locator("#exercise-start").waitFor();
};

const title = () => page.locator("#lesson-title").innerText();
const outcomes = () => page.locator(".goal .outcome").allInnerTexts();
const text = () => page.locator(".cm-content").innerText();
const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.className);

/** Goes on with the Tab key until what has the focus matches. */
const tabTo = async (selector, key = "Tab") => {
  for (let stop = 0; stop < 120; stop++) {
    if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${selector} cannot be reached with ${key}`);
};

const elsewhere = "https://workshop.example";

/** Serves a workshop at another address, and opens what the query asks for. */
const workshop = async (files, query) => {
  page = await open();
  await page.route(`${elsewhere}/**`, (route) => {
    const body = files[new URL(route.request().url()).pathname.slice(1)];
    const headers = { "access-control-allow-origin": "*" };
    return route.fulfill(body === undefined ? { status: 404, headers } : { body, headers, contentType: "text/plain" });
  });
  await page.goto(page.address + query);
  await page.locator("#pane-lesson").waitFor();
};

/** What was asked of the workshop is what the test asks for. */
const forgive = () => {
  page.troubles = page.troubles.filter((it) => !it.includes(elsewhere) && !/status of 404/.test(it));
};

test("lessons are loaded when somebody opens them, and listed with what is done", async () => {
  page = await open();
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.waitForTimeout(300);
  assert.deepEqual(asked, []);
  await page.locator("#learn").click();
  await eventually(title, "Multi-stage builds");
  assert.ok(asked.some((it) => it.includes("stagelight-lessons")));
  assert.equal(await focused(), "lesson-title");
  const files = readFileSync(new URL("../../lessons/README.md", import.meta.url), "utf8");
  const listed = [...files.matchAll(/^\d+\. \[(.*)\]\((.*)\.md\)$/gm)];
  assert.ok(listed.length >= 16);
  assert.deepEqual(
    await page.locator(".lessons a").allInnerTexts(),
    listed.map(([, title], nth) => `${nth + 1} ${title}`),
  );
  assert.equal(await page.locator("#progress").innerText(), `0 of ${listed.length} done`);
  assert.deepEqual(await axe(page), []);
});

test("a search looks at titles and texts", async () => {
  page = await open({ fragment: "?lesson=" });
  await page.locator("#lesson-search").fill("certificates scratch");
  await eventuallyMatches(() => page.locator("#lesson-found").innerText(), /^\d+ lessons?$/);
  await eventuallyMatches(async () => (await page.locator(".found a").allInnerTexts()).join(), /What scratch does not have/);
  await page.locator("#lesson-search").fill("qwertz");
  await eventuallyMatches(() => page.locator("#lesson-found").innerText(), /Nothing found/);
  await page.locator("#lesson-search").fill("");
  await eventuallyMatches(async () => `${await page.locator(".lessons a").count()}`, /^[12]\d$/);
});

test("a whole lesson is worked through with the keyboard alone", async () => {
  page = await open();
  await tabTo("#learn");
  await page.keyboard.press("Enter");
  await eventually(focused, "lesson-title");
  await tabTo('a[href="?lesson=03-copy-from"]');
  await page.keyboard.press("Enter");
  await eventually(title, "What COPY --from takes");
  await eventually(focused, "lesson-title");
  await tabTo("#exercise-start");
  await page.keyboard.press("Enter");
  await eventually(outcomes, ["Met", "Unknown", "Unknown", "Unknown"]);
  await tabTo("#next-hint");
  await page.keyboard.press("Enter");
  await eventually(focused, "hint-1");
  await tabTo(".cm-content");
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.type("img/");
  await eventually(outcomes, ["Met", "Met", "Met", "Met"]);
  assert.equal(await page.locator("#goal-news").innerText(), "All goals are met.");
  assert.match(await page.locator("#all-met").innerText(), /All goals are met\./);
  await tabTo("#all-met a", "Shift+Tab");
  await page.keyboard.press("Enter");
  await eventually(title, "Name the stages");
  await eventually(focused, "lesson-title");
  // What was done is known the next time.
  await page.goto(`${page.address}?lesson=`);
  await eventuallyMatches(() => page.locator("#progress").innerText(), /^1 of/);
  assert.equal(await page.locator(".lessons li", { hasText: "What COPY" }).locator(".stand").innerText(), "✓ Done");
  const body = await page.locator(".lesson-body").evaluate((it) => [it.scrollWidth, it.clientWidth]);
  assert.ok(body[0] <= body[1], `${body}`);
});

test("a goal that is not met says what is missing, and leads to the line", async () => {
  page = await open();
  await lesson("Name the stages");
  assert.deepEqual(await outcomes(), (await outcomes()).map(() => ""));
  await page.locator("#exercise-start").click();
  const unmet = page.locator(".goal.unmet button.why").first();
  const [, line] = /^Line (\d+): ./.exec(await unmet.innerText());
  await unmet.click();
  await eventually(() => page.locator(".cm-lineNumbers .cm-activeLineGutter").innerText(), line);
  assert.match(await focused(), /cm-content/);
});

test("what breaks the file is said once for all goals, and undoing mends it", async () => {
  page = await open();
  await lesson("What COPY --from takes");
  await page.locator("#exercise-start").click();
  await eventually(outcomes, ["Met", "Unknown", "Unknown", "Unknown"]);
  await paste(page, "FROM alpine\nCOPPY a b\n");
  await eventually(outcomes, ["Not yet", "Not yet", "Not yet", "Not yet"]);
  const why = await page.locator(".goal .why").allInnerTexts();
  assert.match(why[0], /^Line 2: It cannot be built: .*COPPY/);
  assert.deepEqual(why.slice(1).map((it) => it.replace(/^Line 2: /, "")), Array(3).fill("For the same reason"));
  await page.keyboard.press("ControlOrMeta+z");
  await eventually(outcomes, ["Met", "Unknown", "Unknown", "Unknown"]);
});

test("hints come one by one, and the solution after a warning", async () => {
  page = await open();
  await lesson("What COPY --from takes");
  await page.locator("#exercise-start").click();
  await page.locator("#next-hint").click();
  assert.equal(await page.locator(".hints li").count(), 1);
  await page.locator("#next-hint").click();
  assert.equal(await page.locator(".hints li").count(), 2);
  assert.equal(await page.locator("#next-hint").count(), 0);
  await page.locator("#solution summary").click();
  assert.match(await page.locator("#solution").innerText(), /gives the answer away/);
  assert.equal(await page.locator("#solution pre").count(), 0);
  await page.locator("#show-solution").click();
  await page.locator("#compare").click();
  assert.match(await page.locator("#solution .diff .new").innerText(), /COPY --from=pages \/site\/img/);
  await page.getByRole("button", { name: "Put it into the editor" }).click();
  await page.locator("#all-met").waitFor();
  assert.match(await page.locator("#solution").innerText(), /is the same/);
});

test("trying an example loses nothing", async () => {
  page = await open();
  await paste(page, "FROM alpine AS mine\n");
  await lesson("What COPY --from takes");
  await page.getByRole("button", { name: "Try it" }).first().click();
  await eventuallyMatches(text, /FROM rust/);
  await eventuallyMatches(() => page.locator(".message[role=status]").first().innerText(), /kept among your drafts/);
  await page.getByRole("tab", { name: "Context" }).click();
  await eventuallyMatches(() => page.locator("#panel").innerText(), /app\.toml/);
  await page.locator(".cm-content").click();
  await page.keyboard.press("ControlOrMeta+z");
  await eventually(text, "FROM alpine AS mine\n\n");
  await page.keyboard.press("ControlOrMeta+Shift+z");
  await page.locator("#before").click();
  await eventuallyMatches(() => page.locator("dialog").innerText(), /mine/);
});

test("a link to the page opens with the lesson and the answer", async () => {
  page = await open();
  await lesson("What COPY --from takes");
  await page.locator("#exercise-start").click();
  await eventually(outcomes, ["Met", "Unknown", "Unknown", "Unknown"]);
  await page.locator("#share").click();
  const link = await page.locator("#link").inputValue();
  page = await open({ fragment: link.slice(link.indexOf("#")) });
  await eventually(title, "What COPY --from takes");
  await eventually(outcomes, ["Met", "Unknown", "Unknown", "Unknown"]);
  await page.locator("#lesson-close").click();
  await eventually(() => page.locator("#pane-lesson").isVisible(), false);
  await eventuallyMatches(() => page.url(), /#1\./);
  await page.locator("#learn").click();
  await eventually(title, "What COPY --from takes");
});

test("an address without a text opens a lesson, and links lead on", async () => {
  page = await open({ fragment: "?lesson=16-static-binaries" });
  await eventually(title, "Static binaries and the C library");
  await page.getByRole("link", { name: "All lessons" }).click();
  await eventually(title, "Multi-stage builds");
  page = await open({ fragment: "?lesson=../../etc/passwd" });
  await eventuallyMatches(() => page.locator(".lesson-trouble").innerText(), /There is no lesson '\.\.\/\.\.\/etc\/passwd'/);
});

const small = (goals) => `# Small
## Exercise
Do it.
\`\`\`dockerfile
FROM alpine
\`\`\`
## Goals
${goals}
## Hints
1. One.
## Solution
\`\`\`dockerfile
FROM alpine AS a
\`\`\`
`;

test("a workshop opens from another address, and says whose it is", async () => {
  await workshop(
    {
      "w/README.md": "# Ours\n\nWelcome.\n\n- [The small one](small.md)\n- [Away](gone.md)\n",
      "w/small.md": small("- every stage has a name\n- the final image has `/made`\n"),
    },
    `?workshop=${elsewhere}/w`,
  );
  await eventually(title, "Ours");
  assert.match(await page.locator(".whose").innerText(), /From workshop\.example\./);
  await page.getByRole("link", { name: "1 The small one" }).click();
  await eventually(title, "Small");
  await page.locator("#exercise-start").click();
  await eventuallyMatches(async () => (await outcomes()).join(), /^Not yet,(Not yet|Unknown)$/);
  await page.locator("#share").click();
  const link = await page.locator("#link").inputValue();
  await page.keyboard.press("Escape");
  await page.goto("about:blank");
  await page.goto(link);
  await eventually(title, "Small");
  await page.getByRole("link", { name: "All lessons" }).click();
  await page.getByRole("link", { name: "2 Away" }).click();
  await eventuallyMatches(() => page.locator(".lesson-trouble").innerText(), /gone\.md answered 404: there is no such file/);
  forgive();
});

test("an address that is no workshop says why", async () => {
  for (const [query, why] of [
    [`?workshop=${elsewhere}/nothing`, /answered 404/],
    ["?workshop=javascript:alert(1)", /begins with https:\/\//],
    [`?workshop=${elsewhere}/empty`, /lists no lessons/],
    [`?workshop=${elsewhere}/page`, /There is a page at this address/],
    [`?workshop=${elsewhere}/large`, /larger than 2 MB/],
  ]) {
    await workshop({ "empty/README.md": "# Empty\n", "page/README.md": "<!DOCTYPE html><title>x</title>",
      "large/README.md": "x".repeat(2_100_000) }, query);
    await eventuallyMatches(() => page.locator(".lesson-trouble").innerText(), why);
    forgive();
  }
});

test("nothing of a hostile lesson runs", async () => {
  const script = "<script>window.ran=1</script><img src=x onerror='window.ran=2'><svg onload='window.ran=3'>";
  const links = [
    "[a](javascript:window.ran=4)", "[b](JaVaScRiPt:window.ran=5)", "[c](data:text/html,<script>1</script>)",
    "<javascript:window.ran=6>", "[d](//evil.example/x.md)", "[e](../../x.md)", "[f](java&#10;script:window.ran=7)",
    "[g](https://good.example/?a=1)", "![h](https://evil.example/x.png)", '[i](https://good.example "\\" onclick=window.ran=8")',
    "[j](rule:UnnamedStage)", "[k]( javascript:window.ran=9)", "[l](vbscript:x)", "[m](x.md)",
  ].join(" ");
  const deep = `${"> ".repeat(3000)}deep`;
  const hostile = `# ${script} Bad ${links}

${script}

${links}

<iframe src="https://evil.example"></iframe>

<a href="javascript:window.ran=10" id="lesson-close">x</a>

${deep}

\`\`\`context
"><img src=x onerror=window.ran=11>
\`\`\`

\`\`\`dockerignore
${script}
\`\`\`

\`\`\`dockerfile target=<img/src=x/onerror=window.ran=12>
FROM ${script}
\`\`\`

## Exercise
${script} ${links}
\`\`\`dockerfile
FROM alpine AS "><img src=x onerror=window.ran=13>
\`\`\`
## Goals
${script}
- the final image has \`/"><img src=x onerror=window.ran=14>\`
- ${script}
## Hints
1. ${script} ${links}
## Solution
\`\`\`dockerfile
# ${script}
FROM alpine
\`\`\`
${script} ${links}
## ${script}
${links}
`;
  await workshop(
    {
      "README.md": `# ${script} Evil\n\n${script} ${links}\n\n## ${script}\n\n- [${script}](bad.md)\n- [x](javascript:window.ran=15.md)\n`,
      "bad.md": hostile,
    },
    `?workshop=${elsewhere}/`,
  );
  const isHarmless = async () => {
    assert.equal(await page.evaluate(() => window.ran), undefined);
    const pane = page.locator("#pane-lesson");
    assert.equal(await pane.locator("script, iframe, img, object, embed, base, form").count(), 0);
    for (const { href, rel, target } of await pane.locator("a").evaluateAll((all) =>
      all.map((it) => ({ href: it.getAttribute("href"), rel: it.rel, target: it.target })))) {
      if (href.startsWith("?")) continue;
      assert.match(href, /^https:\/\/good\.example/);
      assert.equal(rel, "noopener noreferrer");
      assert.equal(target, "_blank");
    }
    const names = await pane.locator("*").evaluateAll((all) => all.flatMap((it) => it.getAttributeNames()));
    assert.deepEqual(names.filter((name) => name.startsWith("on")), []);
  };
  await page.locator(".lessons a").first().waitFor();
  await isHarmless();
  await page.locator(".lessons a").first().click();
  await page.locator("#exercise-start").waitFor();
  assert.match(await page.locator(".lesson").innerText(), /<script>window\.ran=1<\/script>/);
  assert.match(await page.locator(".lesson .foreign").first().innerText(), /good\.example, in a new tab/);
  await page.locator("#next-hint").click();
  await page.locator("#exercise-start").click();
  await eventuallyMatches(async () => (await outcomes()).join(), /Not yet|Unknown/);
  await page.locator("#solution summary").click();
  await page.locator("#show-solution").click();
  await page.locator("#compare").click();
  await isHarmless();
  forgive();
});

test("a lesson that is much too long is not read, and the page stays usable", async () => {
  await workshop(
    { "README.md": "# Long\n\n- [Long](long.md)\n", "long.md": `# Long\n\n${"*a* ".repeat(400_000)}` },
    `?workshop=${elsewhere}&lesson=long`,
  );
  await eventuallyMatches(() => page.locator(".lesson-problems").innerText(), /not all of this lesson/);
  await paste(page, "FROM alpine AS x\n");
  await eventually(() => lights(page), ["x target"]);
  forgive();
});

for (const [name, viewport, colorScheme] of [
  ["light", sizes.desktop, "light"],
  ["dark", sizes.desktop, "dark"],
  ["phone", sizes.phone, "light"],
]) {
  test(`lessons are accessible and fit: ${name}`, async () => {
    page = await open({ viewport, colorScheme });
    await lesson("What COPY --from takes");
    assert.deepEqual(await axe(page), []);
    await page.locator("#exercise-start").click();
    if (name === "phone") {
      assert.equal(await page.locator("#pane-text").isVisible(), true);
      await page.getByRole("button", { name: "Lesson", exact: true }).click();
    }
    await page.locator(".goal.unknown").first().waitFor();
    await page.locator("#next-hint").click();
    await page.locator("#solution summary").click();
    await page.locator("#show-solution").click();
    await page.locator("#compare").click();
    assert.deepEqual(await axe(page), []);
    const levels = await page.locator("h1, h2, h3, h4, h5, h6").evaluateAll((all) =>
      all.filter((it) => it.checkVisibility() && it.closest("#pane-lesson")).map((it) => Number(it.tagName[1])));
    levels.reduce((before, level) => (assert.ok(level <= before + 1, `${levels}`), level), 1);
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(widths[0] <= widths[1], `${widths}`);
    const body = await page.locator(".lesson-body").evaluate((it) => [it.scrollWidth, it.clientWidth]);
    assert.ok(body[0] <= body[1], `${body}`);
    if (name === "phone") {
      await page.locator(".goal button.why").first().click();
      await eventually(() => page.locator("#pane-text").isVisible(), true);
    }
  });
}

test("each lesson of the course can be begun and solved in the page", async () => {
  page = await open({ fragment: "?lesson=" });
  await page.locator(".lessons a").first().waitFor();
  const links = await page.locator(".lessons a").evaluateAll((all) => all.map((it) => it.getAttribute("href")));
  for (const link of links) {
    await page.locator(`.lessons a[href="${link}"]`).click();
    await page.locator("#exercise-start").click();
    await eventually(async () => (await outcomes()).every(Boolean) && (await outcomes()).length > 0, true);
    assert.ok((await outcomes()).some((it) => it !== "Met"), `${link}: there is nothing to do`);
    await page.locator("#solution summary").click();
    await page.locator("#show-solution").click();
    await page.getByRole("button", { name: "Put it into the editor" }).click();
    await eventually(async () => (await outcomes()).filter((it) => it !== "Met"), []);
    assert.equal(await page.locator(".lesson-problems").count(), 0, link);
    await page.getByRole("link", { name: "All lessons" }).click();
    await page.locator(".lessons a").first().waitFor();
  }
  await eventually(() => page.locator("#progress").innerText(), `${links.length} of ${links.length} done`);
});
