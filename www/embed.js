// Stagelight in another page: a block with a Dockerfile shows its stages, and what does not run for a target goes dark.
//
// The block stays as it is until this works, and for good where it cannot. It takes as much room as before, so nothing
// jumps. All blocks of a page share one WASM module, which is fetched when the first of them comes near the window.
// Styles are constructed, not written into the page: a Content-Security-Policy without 'unsafe-inline' is enough.
// docs/embedding.md says how it is used.

const TAG = "stagelight-dockerfile";
/** The site that this script belongs to. */
const SITE = new URL("./", import.meta.url);
/** Below this many pixels the picture has no room beside the text. */
const WIDE = 640;
/** A picture that is narrower has its stages below each other. */
const NARROW = 480;
/** The least that a picture is made smaller to fit. */
const SMALLEST = 0.55;
/** A block that is lower shows the text alone at first. */
const HIGH = 240;
/** Milliseconds after the last key until the picture follows. */
const PAUSE = 60;

// ---- the module

let loading;

function module() {
  loading ??= (async () => {
    const name = (file) => new URL(file, SITE).href;
    const module = await import(name("stagelight-embed.js"));
    await module.default({ module_or_path: name("stagelight-embed_bg.wasm") });
    return module;
  })();
  return loading;
}

/** What there is to show of a text: see crates/embed. */
async function look(text, target, isNarrow, isCompact, isDark) {
  const { Look } = await module();
  const found = new Look(text, target, isNarrow, isCompact, isDark);
  try {
    const rows = (list, n) => Array.from({ length: list.length / n }, (_, at) => list.slice(at * n, at * n + n));
    return {
      svg: found.svg(),
      pieces: rows(found.pieces(), 2),
      stages: rows(found.stages(), 6).map(([name, target, first, last, dark, reason]) => ({
        name,
        target: target === "" ? null : target.slice(1),
        first: Number(first),
        last: Number(last),
        isDark: dark !== "",
        reason,
      })),
      problems: rows(found.problems(), 3).map(([line, column, message]) => ({
        line: Number(line),
        column: Number(column),
        message,
      })),
    };
  } finally {
    found.free();
  }
}

// ---- links

/** The link that opens a playground: JSON, compressed, in base64url, behind the tag of the format. */
async function link(playground) {
  const stream = new Blob([JSON.stringify(playground)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  const body = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return new URL(`#1.${body}`, SITE).href;
}

// ---- styles

const STYLE = `
:host { display: block; position: relative; }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
.box {
  color-scheme: light; --ink: #1c1926; --soft: #595467; --surface: #ffffff; --sunk: #f6f5f2; --rule: #cfc9bd;
  --accent: #ffb02e; --focus: #2f5bea; --dark: #5d5868; --hatch: rgb(120 110 140 / 14%);
  --keyword: #8a3fb0; --flag: #0f6c8a; --string: #0f7046; --variable: #a4480a; --comment: #6f6a7b; --stage: #3357c4; --error: #b3261e;
  position: relative; display: flex; min-height: 0; overflow: hidden;
  border: 1px solid var(--stagelight-border, var(--rule)); border-radius: var(--stagelight-radius, 8px);
  background: var(--stagelight-background, var(--surface)); color: var(--stagelight-color, var(--ink));
  font: 13px/1.45 var(--stagelight-font, ui-sans-serif, system-ui, sans-serif);
}
.box.is-dark {
  color-scheme: dark; --ink: #f1eef7; --soft: #b3acc4; --surface: #1b1824; --sunk: #14121b; --rule: #4b4560;
  --focus: #8fb0ff; --dark: #9089a1; --hatch: rgb(160 150 190 / 12%);
  --keyword: #d59bff; --flag: #72cbe6; --string: #85d9a8; --variable: #ffb27a; --comment: #948da6; --stage: #8fb0ff; --error: #ff9d94;
}
.text, .side { position: relative; flex: 1 1 50%; min-width: 0; }
.text, .stages { overflow: auto; }
.side { display: flex; flex-direction: column; border-inline-start: 1px solid var(--rule); background: var(--sunk); }
.stages { flex: 1; min-height: 0; }
.text.hidden + .side { border: 0; }
.side.is-tools { position: absolute; inset-block-start: 0; inset-inline-end: 0; border: 0; background: none; }
.side.is-tools :is(.stages, select) { display: none; }
.code { position: relative; min-width: max-content; min-height: 100%; }
pre, textarea {
  margin: 0; padding: 0; border: 0; font: inherit; letter-spacing: inherit; tab-size: inherit; white-space: pre;
  text-align: start; background: none;
}
pre { color: inherit; }
textarea {
  position: absolute; inset: 0; width: 100%; height: 100%; padding: inherit; overflow: hidden; resize: none; outline: 0;
  color: transparent; caret-color: var(--ink);
}
.text:focus-within { box-shadow: inset 0 0 0 2px var(--focus); }
.line { display: inline-block; min-width: 100%; }
.line.off { color: var(--dark); background: repeating-linear-gradient(45deg, var(--hatch) 0 3px, transparent 3px 8px); }
.line.wrong { text-decoration: underline wavy var(--error); text-underline-offset: 3px; }
.line:not(.off) .keyword { color: var(--keyword); font-weight: 600; }
.line:not(.off) .flag { color: var(--flag); }
.line:not(.off) :is(.string, .heredoc) { color: var(--string); }
.line:not(.off) .variable { color: var(--variable); }
.line:not(.off) :is(.stage, .image) { color: var(--stage); }
.line:not(.off) :is(.comment, .directive) { color: var(--comment); font-style: italic; }
.line:not(.off) .error { color: var(--error); }
.stages svg { display: block; max-width: 100%; height: auto; max-height: 100%; margin: 0 auto; }
.stages.is-small svg { max-height: none; }
.stages .card { cursor: pointer; }
.stages .card:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.problem { margin: 0; padding: 5px 10px; border-bottom: 1px solid var(--rule); color: var(--error); }
.tools { display: flex; flex: none; justify-content: flex-end; gap: 4px; padding: 6px; }
.tools :is(a, button, select) {
  height: 26px; padding: 0 8px; border: 1px solid var(--rule); border-radius: 6px; background: var(--surface); color: var(--soft);
  font: 12px/24px var(--stagelight-font, ui-sans-serif, system-ui, sans-serif); text-decoration: none; white-space: nowrap; cursor: pointer;
}
.tools select { max-width: 130px; padding: 0 2px; }
.tools :is(a, button, select):hover { color: var(--ink); }
.tools :focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
.hidden { display: none !important; }
`;

let sheet;
function styles() {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
  }
  return sheet;
}

/** An element, with properties and children. */
function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** Whether what lies behind an element is dark. */
function isDarkBehind(element) {
  for (let it = element; it; it = it.parentElement ?? it.getRootNode().host ?? null) {
    const [r, g, b, a = 1] = (getComputedStyle(it).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (a > 0.5 && r !== undefined) return 0.2126 * r + 0.7152 * g + 0.0722 * b < 110;
  }
  return getComputedStyle(document.documentElement).colorScheme === "dark" ||
    (getComputedStyle(document.documentElement).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches);
}

/** `3-5,9` as a test for numbers; nothing for everything. */
function within(ranges) {
  if (!ranges) return null;
  const pairs = ranges.split(",").map((it) => it.split("-").map((end) => Number.parseInt(end, 10)));
  return (line) => pairs.some(([first, last = first]) => line >= first && (line <= last || Number.isNaN(last)));
}

// ---- the element

class StagelightDockerfile extends HTMLElement {
  static observedAttributes = ["target", "theme", "view", "readonly", "lines", "hidden-lines", "height"];

  #text;
  #found;
  #parts;
  #timer;
  #asked = 0;
  #watches = [];

  connectedCallback() {
    // Nothing is loaded for what nobody sees.
    const near = new IntersectionObserver(
      (entries) => {
        if (!entries.some((it) => it.isIntersecting)) return;
        near.disconnect();
        this.#begin();
      },
      { rootMargin: "400px" },
    );
    near.observe(this);
    this.#watches.push(near);
  }

  disconnectedCallback() {
    this.#watches.splice(0).forEach((it) => it.disconnect());
    clearTimeout(this.#timer);
  }

  attributeChangedCallback(name, before, now) {
    if (this.#parts === undefined || before === now) return;
    this.#arrange();
    this.#show();
  }

  /** The Dockerfile. */
  get value() {
    return this.#text ?? this.#block()?.textContent ?? "";
  }

  set value(text) {
    this.#text = String(text);
    if (this.#parts === undefined) return;
    this.#parts.area.value = this.#text;
    this.#show();
  }

  /** The stage asked for; empty for the default. */
  get target() {
    return this.getAttribute("target") ?? "";
  }

  set target(name) {
    if (name) this.setAttribute("target", name);
    else this.removeAttribute("target");
  }

  /** What the page has put into the element. */
  #block() {
    return this.querySelector("pre code") ?? this.querySelector("pre") ?? this;
  }

  async #begin() {
    this.#text ??= this.#block().textContent.replace(/^\n/, "");
    try {
      await module();
    } catch (error) {
      // Without the module, by a policy or a network, the block stays what it was.
      console.info(`Stagelight cannot show the stages here: ${error.message}`);
      return;
    }
    if (this.isConnected && this.#parts === undefined) this.#build();
  }

  /** Where the text stands as long as the page shows it itself. */
  #measured() {
    const code = this.#block();
    const block = this.querySelector("pre") ?? code;
    const [frame, inner] = [getComputedStyle(block), getComputedStyle(code)];
    const of = (style, name) => Number.parseFloat(style[name]) || 0;
    const padding = {};
    for (const side of ["Top", "Right", "Bottom", "Left"]) {
      const name = `padding${side}`;
      // The frame around all of it is a pixel wide itself.
      const sum = of(frame, name) + of(frame, `border${side}Width`) + (code === block ? 0 : of(inner, name)) - 1;
      padding[name] = `${Math.max(sum, 0)}px`;
    }
    const font = {};
    for (const name of ["fontFamily", "fontSize", "lineHeight", "letterSpacing", "tabSize"]) font[name] = inner[name];
    const margin = block === this ? {} : { marginTop: frame.marginTop, marginBottom: frame.marginBottom };
    return { height: block.getBoundingClientRect().height, padding, font, margin };
  }

  #build() {
    // Measured before anything else is shown: afterwards the block has no place any more.
    const before = this.#measured();
    const pre = make("pre", { ariaHidden: "true" });
    const area = make("textarea", { spellcheck: false, autocapitalize: "off", autocomplete: "off", wrap: "off", value: this.#text });
    area.setAttribute("aria-label", "Dockerfile");
    const text = make("div", { className: "text" }, make("div", { className: "code" }, pre, area));
    const stages = make("div", { className: "stages" });
    const targets = make("select");
    targets.setAttribute("aria-label", "Target");
    const toggle = make("button", { type: "button", textContent: "Stages" });
    const open = make("a", { textContent: "Open", target: "_blank", rel: "noopener", title: "Open in the playground" });
    open.setAttribute("aria-label", "Open in the playground");
    const tools = make("div", { className: "tools" }, targets, toggle, open);
    const side = make("div", { className: "side" }, tools, stages);
    const box = make("div", { className: "box" }, text, side);
    box.part = "box";
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles()];
    root.replaceChildren(box);
    this.#parts = { box, text, pre, area, side, stages, targets, toggle, open, height: before.height };
    // The text stays where it was, letter for letter.
    Object.assign(text.style, before.font);
    Object.assign(text.firstChild.style, before.padding);
    Object.assign(box.style, before.margin);
    area.addEventListener("input", () => this.#typed());
    targets.addEventListener("change", () => this.#choose(targets.value));
    toggle.addEventListener("click", () => this.#toggle());
    open.addEventListener("pointerenter", () => this.#link());
    open.addEventListener("focus", () => this.#link());
    open.addEventListener("click", (event) => this.#open(event));
    const sized = new ResizeObserver(() => this.#sized());
    sized.observe(this);
    const themed = new MutationObserver(() => this.#themed());
    for (const it of [document.documentElement, document.body]) themed.observe(it, { attributes: true });
    this.#watches.push(sized, themed);
    this.#arrange();
    this.#show();
  }

  /** Puts the parts where the attributes and the room want them. */
  #arrange() {
    const { box, text, side, toggle, area, height } = this.#parts;
    const wanted = this.getAttribute("height");
    const isWide = this.clientWidth >= WIDE;
    const high = wanted === null ? height : Number.parseFloat(wanted);
    box.classList.toggle("is-narrow", !isWide);
    const view = this.getAttribute("view") ?? (isWide && (wanted !== null || high >= HIGH) ? "both" : "text");
    const shown = this.#parts.chosen ?? view;
    text.classList.toggle("hidden", shown === "stages");
    side.classList.toggle("is-tools", shown === "text");
    toggle.classList.toggle("hidden", view === "both" && isWide);
    toggle.textContent = shown === "text" ? "Stages" : "Text";
    // Somebody has asked for the picture, so it may take the room that it needs.
    box.style.height = this.#parts.chosen === "stages" ? `${Math.max(high, 360)}px` : `${high}px`;
    area.readOnly = this.hasAttribute("readonly") || this.hasAttribute("lines") || this.hasAttribute("hidden-lines");
    this.#parts.isNarrow = (shown === "both" ? this.clientWidth / 2 : this.clientWidth) < NARROW;
    // Beside the text the picture need not say it again.
    this.#parts.isCompact = shown === "both";
    this.#themed(false);
  }

  #sized() {
    const { isNarrow, isCompact } = this.#parts;
    this.#arrange();
    if (isNarrow !== this.#parts.isNarrow || isCompact !== this.#parts.isCompact) this.#show();
  }

  #themed(again = true) {
    const theme = this.getAttribute("theme") ?? "auto";
    const isDark = theme === "dark" || (theme !== "light" && isDarkBehind(this.parentElement ?? document.body));
    const { box } = this.#parts;
    if (box.classList.contains("is-dark") === isDark) return;
    box.classList.toggle("is-dark", isDark);
    if (again) this.#show();
  }

  #toggle() {
    this.#parts.chosen = this.#parts.text.classList.contains("hidden") ? "text" : "stages";
    this.#arrange();
    this.#show();
  }

  #typed() {
    this.#text = this.#parts.area.value;
    this.#paint(null);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#show();
      this.#tell("change", { value: this.#text });
    }, PAUSE);
  }

  #choose(target) {
    this.target = target;
    this.#tell("targetchange", { target });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  /** Looks at the text and shows what there is. */
  async #show() {
    const asked = ++this.#asked;
    const { box, isNarrow, isCompact } = this.#parts;
    const found = await look(this.#text, this.target, isNarrow, isCompact, box.classList.contains("is-dark"));
    // Another letter or target has come in between.
    if (asked !== this.#asked) return;
    const before = JSON.stringify(this.#found?.problems ?? []);
    this.#found = found;
    this.#paint(found);
    this.#picture(found);
    this.#offer(found);
    if (before !== JSON.stringify(found.problems)) this.#tell("diagnostics", { problems: found.problems });
  }

  /** The text with its colours; while somebody types without any. */
  #paint(found) {
    const { pre } = this.#parts;
    const shown = within(this.getAttribute("lines"));
    const hidden = within(this.getAttribute("hidden-lines"));
    const lines = [[]];
    for (const [name, text] of found?.pieces ?? [["", this.#text]]) {
      text.split("\n").forEach((part, at) => {
        if (at > 0) lines.push([]);
        if (part !== "") lines.at(-1).push(name === "" ? part : make("span", { className: name, textContent: part }));
      });
    }
    const dark = found?.stages.filter((it) => it.isDark) ?? [];
    const wrong = new Map(found?.problems.map((it) => [it.line, it.message]) ?? []);
    const rows = lines.map((parts, at) => {
      const line = at + 1;
      if ((shown && !shown(line)) || (hidden && hidden(line))) return [];
      const off = dark.find((it) => line >= it.first && line <= it.last);
      const row = make("span", { className: `line${off ? " off" : ""}${wrong.has(line) ? " wrong" : ""}` }, ...parts);
      if (off || wrong.has(line)) row.title = wrong.get(line) ?? off.reason;
      return [row, at + 1 < lines.length ? "\n" : ""];
    });
    pre.replaceChildren(...rows.flat());
  }

  /** The picture. It is parsed, never run: there is no script in it, and its styles are constructed. */
  #picture(found) {
    const { stages, box } = this.#parts;
    // A policy may forbid styles that stand in a document, so they do not get into one.
    let rules = "";
    const bare = found.svg.replace(/<style>([^]*?)<\/style>/, (_, style) => ((rules = style), ""));
    const svg = new DOMParser().parseFromString(bare, "image/svg+xml").documentElement;
    if (svg.localName !== "svg") {
      const why = found.problems[0]?.message ?? "there is no FROM yet";
      return stages.replaceChildren(make("p", { className: "problem", textContent: `Nothing to show: ${why}` }));
    }
    const own = new CSSStyleSheet();
    own.replaceSync(rules);
    box.getRootNode().adoptedStyleSheets = [styles(), own];
    svg.querySelectorAll(".card").forEach((card, at) => {
      const stage = found.stages[at];
      if (stage?.target == null) return;
      card.setAttribute("tabindex", "0");
      card.setAttribute("role", "button");
      card.addEventListener("click", () => this.#choose(stage.target));
      card.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          this.#choose(stage.target);
        }
      });
    });
    svg.setAttribute("role", "group");
    const problem = found.problems[0];
    const note = problem && make("p", { className: "problem", textContent: `Line ${problem.line}: ${problem.message}` });
    stages.replaceChildren(...(note ? [note] : []), document.adoptNode(svg));
    // A picture that would be too small to read is scrolled instead.
    stages.classList.toggle("is-small", stages.clientHeight < Number(svg.getAttribute("height")) * SMALLEST);
  }

  /** The targets to choose from. */
  #offer(found) {
    const { targets } = this.#parts;
    const names = found.stages.map((it) => it.target).filter((it) => it);
    const last = found.stages.at(-1)?.name ?? "the last stage";
    const options = ["", ...new Set(names)].map((name) =>
      make("option", { value: name, textContent: name === "" ? `default (${last})` : name }),
    );
    targets.replaceChildren(...options);
    targets.value = names.find((it) => it.toLowerCase() === this.target.toLowerCase()) ?? "";
    targets.classList.toggle("hidden", names.length + 1 < 2);
  }

  async #link() {
    const playground = { dockerfile: this.#text, ...(this.target ? { target: this.target } : {}) };
    this.#parts.open.href = await link(playground);
  }

  async #open(event) {
    if (this.#parts.open.href) return;
    event.preventDefault();
    await this.#link();
    window.open(this.#parts.open.href, "_blank", "noopener");
  }
}

if (!customElements.get(TAG)) customElements.define(TAG, StagelightDockerfile);

// ---- blocks that are there already

const BLOCKS = ["dockerfile", "docker", "Dockerfile", "containerfile"]
  .flatMap((it) => [`pre > code.language-${it}`, `.language-${it}.highlight pre > code`, `pre.language-${it} > code`])
  .join(",");

/** Puts the element around blocks of code; what their surroundings say in `data-…` becomes its attributes. */
export function upgrade(selector = BLOCKS, root = document) {
  for (const code of root.querySelectorAll(selector)) {
    const block = code.closest("pre");
    if (!block || block.closest(TAG)) continue;
    const element = document.createElement(TAG);
    const said = { ...block.closest(".stagelight")?.dataset, ...block.dataset, ...code.dataset };
    for (const name of ["target", "theme", "view", "readonly", "lines", "hiddenLines", "height"]) {
      if (said[name] !== undefined) element.setAttribute(name === "hiddenLines" ? "hidden-lines" : name, said[name]);
    }
    block.replaceWith(element);
    element.append(block);
  }
}

// A module does not know its own <script>, but its address.
const script = [...document.querySelectorAll("script[src]")].find((it) => it.src === import.meta.url);
// Some generators write the tag themselves, and take an address alone.
const asked = script?.dataset.upgrade ?? (new URL(import.meta.url).searchParams.has("upgrade") ? "" : undefined);
if (asked !== undefined) {
  const run = () => upgrade(asked || BLOCKS);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run);
  else run();
}
