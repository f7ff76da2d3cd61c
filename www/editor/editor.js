// The editor: CodeMirror 6, driven from Rust through src/editor/bridge.rs.
//
// It knows nothing of Dockerfiles. Colours, problems and dark lines come from the core as offsets in UTF-16
// units (CodeMirror's own); what happens in the editor goes back to `Host` in src/editor/host.rs, which also knows what
// can be typed at a place and what there is to say of it.

import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  completionKeymap,
  completionStatus,
  insertCompletionText,
  moveCompletionSelection,
  selectedCompletion,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, isolateHistory, toggleComment } from "@codemirror/commands";
import { forEachDiagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import {
  Compartment,
  EditorSelection,
  EditorState,
  RangeSet,
  RangeSetBuilder,
  StateEffect,
  StateField,
} from "@codemirror/state";
import {
  Decoration,
  EditorView,
  ViewPlugin,
  crosshairCursor,
  drawSelection,
  dropCursor,
  highlightActiveLineGutter,
  highlightSpecialChars,
  hoverTooltip,
  keymap,
  lineNumbers,
  placeholder,
  rectangularSelection,
} from "@codemirror/view";

// ---- colours: triples (from, to, kind) for the whole text; only what is visible is decorated

const setTokens = StateEffect.define();
// In the order of `Colour` in src/editor/mod.rs.
const marks = [
  "keyword",
  "flag",
  "string",
  "variable",
  "comment",
  "directive",
  "stage",
  "image",
  "heredoc",
  "punctuation",
  "error",
].map((name) => Decoration.mark({ class: `tok-${name}` }));

const tokens = StateField.define({
  create: () => new Uint32Array(0),
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(setTokens)) return effect.value;
    return value;
  },
});

const colours = ViewPlugin.fromClass(
  class {
    constructor(view) {
      this.decorations = this.build(view);
    }
    update(update) {
      const fresh = update.transactions.some((transaction) =>
        transaction.effects.some((effect) => effect.is(setTokens)),
      );
      if (fresh) this.decorations = this.build(update.view);
      else if (update.docChanged) this.decorations = this.decorations.map(update.changes);
      else if (update.viewportChanged) this.decorations = this.build(update.view);
    }
    build(view) {
      const all = view.state.field(tokens);
      const length = view.state.doc.length;
      const builder = new RangeSetBuilder();
      for (const { from, to } of view.visibleRanges) {
        let low = 0;
        let high = all.length / 3;
        while (low < high) {
          const middle = (low + high) >> 1;
          if (all[middle * 3 + 1] <= from) low = middle + 1;
          else high = middle;
        }
        for (let at = low * 3; at < all.length && all[at] < to; at += 3) {
          const end = Math.min(all[at + 1], to, length);
          const start = Math.max(all[at], from);
          if (start < end) builder.add(start, end, marks[all[at + 2]]);
        }
      }
      return builder.finish();
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

// ---- lines that do not run, and the lines of what the pointer or the picture shows

/** Lines of one class: what the editor knows of them, and how it is told others. */
const lineClass = (name) => {
  const decoration = Decoration.line({ class: name });
  const set = StateEffect.define();
  const field = StateField.define({
    create: () => Decoration.none,
    update(value, transaction) {
      for (const effect of transaction.effects) if (effect.is(set)) return effect.value;
      return transaction.docChanged ? value.map(transaction.changes) : value;
    },
    provide: (field) => EditorView.decorations.from(field),
  });
  /** The effect that marks the lines of `spans`; none if they are marked already. */
  const change = (state, spans) => {
    const { doc } = state;
    const builder = new RangeSetBuilder();
    for (let at = 0; at + 1 < spans.length; at += 2) {
      const last = Math.min(spans[at + 1], doc.lines);
      for (let line = spans[at]; line <= last; line++) {
        const { from } = doc.line(line);
        builder.add(from, from, decoration);
      }
    }
    const lines = builder.finish();
    return RangeSet.eq([state.field(field)], [lines]) ? [] : [set.of(lines)];
  };
  return { field, change };
};

const darkLines = lineClass("cm-dark");
const litLines = lineClass("cm-lit");

// ---- problems

const element = (name, text, className) => {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};

/** The box of a problem: what is wrong, what to do, and buttons that do it. */
const problemBox = ({ message, help, rule }, place, host) => {
  const box = document.createElement("div");
  box.append(element("p", message));
  if (help) box.append(element("p", help, "help"));
  const actions = element("div", "", "actions");
  const button = (title, nth) => {
    const made = element("button", title);
    made.type = "button";
    made.onclick = () => host.fix(place, nth);
    actions.append(made);
  };
  const titles = JSON.parse(host.fixes(place));
  titles.forEach((title, nth) => button(title, nth));
  button("Details", titles.length);
  if (rule) actions.append(element("span", rule, "rule"));
  box.append(actions);
  return box;
};

const diagnostics = (json, length, host) =>
  JSON.parse(json).map((problem, place) => ({
    from: Math.min(problem.from, length),
    to: Math.min(problem.to, length),
    severity: problem.severity,
    message: problem.message,
    help: problem.help,
    renderMessage: () => problemBox(problem, place, host),
  }));

/** Whether the editor shows these already, after it has moved its own along with the text. */
const isShown = (state, diagnostics) => {
  const key = ({ severity, message, help }, from, to) => JSON.stringify([from, to, severity, message, help]);
  const shown = [];
  forEachDiagnostic(state, (diagnostic, from, to) => shown.push(key(diagnostic, from, to)));
  if (shown.length !== diagnostics.length) return false;
  const wanted = new Set(diagnostics.map((diagnostic) => key(diagnostic, diagnostic.from, diagnostic.to)));
  return shown.every((it) => wanted.has(it));
};

// ---- what can be typed at a place, and what there is to say of it

/** Elements from [name, ...parts]; texts stay texts. */
const build = ([name, ...parts]) => {
  const made = document.createElement(name);
  made.append(...parts.map((part) => (typeof part === "string" ? part : build(part))));
  return made;
};

const explained = (tree) => {
  const box = element("div", "", "explained");
  box.append(...tree.map((part) => (typeof part === "string" ? part : build(part))));
  return box;
};

const complete = (host) => ({ state, pos, explicit }) => {
  const found = JSON.parse(host.complete(state.sliceDoc(), pos));
  if (!found || found.items.length === 0) return null;
  // Unasked, nothing opens where nothing is typed yet, but behind a sign that asks for a value.
  if (!explicit && found.from === pos && !/[=${,]$/.test(state.sliceDoc(Math.max(0, pos - 1), pos))) return null;
  const options = found.items.map(({ label, kind, detail, insert, info }, place) => ({
    label,
    type: kind,
    detail,
    boost: Math.max(-99, -place),
    info: info ? () => explained(info) : undefined,
    apply(view, completion, from, to) {
      view.dispatch(insertCompletionText(view.state, insert, from, to));
      if (insert.endsWith("=")) startCompletion(view);
    },
  }));
  // What is typed and all there is to type needs no list.
  if (!explicit && options.length === 1 && options[0].label === state.sliceDoc(found.from, pos)) return null;
  return { from: found.from, options };
};

const explain = (host) => ({ state }, pos) => {
  const found = JSON.parse(host.explain(state.sliceDoc(), pos));
  if (!found) return null;
  return { pos: found.from, end: found.to, above: true, create: () => ({ dom: explained(found.tree) }) };
};

const goToDefinition = (host) => (view) => {
  const at = host.definition(view.state.sliceDoc(), view.state.selection.main.head);
  if (at < 0) return false;
  view.dispatch({ selection: EditorSelection.cursor(at), effects: EditorView.scrollIntoView(at, { y: "center" }) });
  return true;
};

/** Enter stays a new line unless a completion was chosen; Tab takes the first. */
const takeFirst = (view) => {
  if (completionStatus(view.state) !== "active") return false;
  if (!selectedCompletion(view.state)) moveCompletionSelection(true)(view);
  return acceptCompletion(view);
};

// ---- cursors: the browser draws one cursor and its selection at less cost; several, only the editor can draw

const drawing = new Compartment();

const drawSeveral = EditorState.transactionExtender.of(({ startState, newSelection }) => {
  const isDrawing = drawing.get(startState).length !== 0;
  const isNeeded = newSelection.ranges.length > 1;
  if (isDrawing === isNeeded) return null;
  return { effects: drawing.reconfigure(isNeeded ? drawSelection() : []) };
});

// ---- the editor

export class Editor {
  /** Asks and tells `host` (src/editor/host.rs) from then on. */
  constructor(parent, text, label, host) {
    this.host = host;
    this.hovered = 0;
    this.silent = false;
    const cursorLine = ({ doc, selection }) => doc.lineAt(selection.main.head).number;
    // A change and the colours it leads to are one update: each costs the browser a layout.
    const dispatchTransactions = (transactions, view) => {
      if (this.silent || !transactions.some(({ docChanged }) => docChanged)) return view.update(transactions);
      const { state } = transactions.at(-1);
      const effects = setTokens.of(host.change(state.sliceDoc(), cursorLine(state)));
      view.update([...transactions, state.update({ effects })]);
    };
    const report = EditorView.updateListener.of(({ docChanged, selectionSet, state }) => {
      if (selectionSet && !docChanged && !this.silent) host.cursor(cursorLine(state));
    });
    const hover = (line) => {
      if (line === this.hovered) return;
      this.hovered = line;
      host.hover(line);
    };
    const extensions = [
      // Only \n ends a line, as in BuildKit; a \r stays in the text and is shown.
      EditorState.lineSeparator.of("\n"),
      EditorState.tabSize.of(4),
      lineNumbers(),
      highlightActiveLineGutter(),
      highlightSpecialChars(),
      history(),
      drawing.of([]),
      drawSeveral,
      dropCursor(),
      EditorState.allowMultipleSelections.of(true),
      EditorState.languageData.of(() => [{ commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{", '"', "'"] } }]),
      closeBrackets(),
      rectangularSelection(),
      crosshairCursor(),
      highlightSelectionMatches(),
      search({ top: true }),
      lintGutter(),
      placeholder("FROM … : type or paste a Dockerfile, or pick an example"),
      tokens,
      colours,
      darkLines.field,
      litLines.field,
      autocompletion({ override: [complete(host)], selectOnOpen: false, icons: false }),
      hoverTooltip(explain(host)),
      EditorView.clickAddsSelectionRange.of((event) => event.altKey),
      keymap.of([
        { key: "Tab", run: takeFirst },
        { key: "F12", run: goToDefinition(host) },
        { key: "Mod-/", run: toggleComment },
        ...completionKeymap,
        ...defaultKeymap,
        ...historyKeymap,
        ...searchKeymap,
        ...lintKeymap,
      ]),
      EditorView.contentAttributes.of({
        "aria-label": label,
        tabindex: "0",
        autocapitalize: "off",
        autocorrect: "off",
        spellcheck: "false",
      }),
      report,
      EditorView.domEventHandlers({
        drop(event) {
          // Files are opened, by what is around the editor, rather than put into the text.
          return event.dataTransfer?.files.length > 0;
        },
        click(event, view) {
          if (event.ctrlKey || event.metaKey) goToDefinition(host)(view);
        },
        mousemove(event, view) {
          const at = view.posAtCoords({ x: event.clientX, y: event.clientY }, false);
          hover(at === null ? 0 : view.state.doc.lineAt(at).number);
        },
        mouseleave() {
          hover(0);
        },
      }),
    ];
    const state = EditorState.create({ doc: text, extensions });
    this.view = new EditorView({ parent, state, dispatchTransactions });
  }

  /** Opens another text, the cursor at the start. Undo brings the text before it back. Calls nothing back. */
  open(text) {
    const { state } = this.view;
    if (text === state.sliceDoc()) return;
    this.silent = true;
    this.view.dispatch({
      changes: { from: 0, to: state.doc.length, insert: state.toText(text) },
      selection: EditorSelection.cursor(0),
      annotations: isolateHistory.of("full"),
      scrollIntoView: true,
    });
    this.silent = false;
  }

  /**
   * What is said of the text, all at once; what is undefined stays as it is, and what is shown already is no work.
   * Colours: triples (from, to, kind), ordered. Problems, as JSON: [{from, to, severity, message, help, rule}].
   * Dark and lit lines: pairs (first, last), from 1, ordered.
   */
  mark(tokens, problems, dark, lit) {
    const { state } = this.view;
    const effects = [];
    if (tokens) effects.push(setTokens.of(tokens));
    if (dark) effects.push(...darkLines.change(state, dark));
    if (lit) effects.push(...litLines.change(state, lit));
    if (problems) {
      const found = diagnostics(problems, state.doc.length, this.host);
      if (!isShown(state, found)) effects.push(...[setDiagnostics(state, found).effects].flat());
    }
    if (effects.length > 0) this.view.dispatch({ effects });
  }

  /** Brings a line into view without moving the cursor. */
  reveal(line) {
    const { doc } = this.view.state;
    const { from } = doc.line(Math.max(1, Math.min(line, doc.lines)));
    this.view.dispatch({ effects: EditorView.scrollIntoView(from, { y: "nearest", yMargin: 40 }) });
  }

  /** Puts the cursor at an offset and the focus into the text. */
  goTo(offset) {
    const anchor = Math.min(offset, this.view.state.doc.length);
    this.view.dispatch({
      selection: EditorSelection.cursor(anchor),
      effects: EditorView.scrollIntoView(anchor, { y: "center" }),
    });
    this.view.focus();
  }

  /** Changes the text as if it had been typed; one step to undo. JSON: [{from, to, insert}], offsets as it is. */
  edit(changes) {
    this.view.dispatch({ changes: JSON.parse(changes), annotations: isolateHistory.of("full"), userEvent: "input.fix" });
  }

  destroy() {
    this.view.destroy();
    this.host.free();
  }
}
