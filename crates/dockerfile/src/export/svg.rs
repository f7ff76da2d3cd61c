//! The picture as a file of its own: the scene of the live picture, with the same classes and the same light.
//!
//! It holds its styles and nothing else: no script, no font, no address. A caption says what the target is, a legend
//! what the lines mean. Where text goes is decided here, to the tenth of a pixel, since no browser is asked; see
//! [`super::widths`].

use std::fmt::Write;

use super::style::{Theme, style_sheet};
use super::widths::{CODE, Font, number, width};
use super::words::{asked, summary, visible};
use crate::draw::{self, Card, Line, LineKind, PADDING, Scene, Shape, SourceBox, measure};
use crate::queries::{Lights, edge_sentence, source_words};
use crate::stages::{Source, StageGraph};

/// Space left and right of the caption and the legend.
const MARGIN: i32 = 18;
/// Narrower pictures get some air, for the caption.
const MIN_WIDTH: i32 = 420;
/// Height of the caption's first line; another line makes it higher.
const CAPTION_HEIGHT: i32 = 42;
const CAPTION_LINE: i32 = 20;
/// Height of a line of the legend.
const LEGEND_LINE: i32 = 22;
/// Room for a sign of the legend, in tenths of a pixel.
const SIGN_WIDTH: i32 = 410;
/// Characters of an instruction that are told where a pointer rests.
const MAX_TOLD: usize = 300;

/// The picture of `scene`, which is one of `graph`, in the light of `lights`.
pub fn svg(graph: &StageGraph, scene: &Scene, lights: &Lights, theme: Theme) -> String {
    let total = scene.width.max(MIN_WIDTH);
    let caption = Caption::of(graph, lights, total - 2 * MARGIN);
    let legend = legend(graph, scene, lights, total - 2 * MARGIN);
    let legend_height = legend.iter().map(|item| item.y + LEGEND_LINE).max().map_or(0, |it| it + 12);
    let height = caption.height + scene.height + legend_height;
    let mut out = Writer(String::with_capacity(8 << 10));
    let size = format!("width=\"{total}\" height=\"{height}\" viewBox=\"0 0 {total} {height}\"");
    out.line(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"stagelight\" role=\"img\" xml:space=\"preserve\" {size}>"
    ));
    out.element("title", &format!("Stages of a Dockerfile: {}.", summary(graph, lights)));
    out.element("desc", &description(graph, scene, lights));
    out.line(&format!("<style>\n{}</style>", style_sheet(theme)));
    out.line(DEFINITIONS);
    out.line(&format!("<rect class=\"page\" width=\"{total}\" height=\"{height}\" rx=\"12\"/>"));
    caption.write(&mut out);
    out.line(&format!("<g transform=\"translate({} {})\">", (total - scene.width) / 2, caption.height));
    drawing(&mut out, graph, scene, lights);
    out.line("</g>");
    if legend_height > 0 {
        let top = caption.height + scene.height;
        out.line(&format!("<g transform=\"translate({MARGIN} {top})\">"));
        out.line(&format!("<path class=\"foot\" d=\"M0 0h{}\"/>", total - 2 * MARGIN));
        legend.iter().for_each(|item| item.write(&mut out));
        out.line("</g>");
    }
    out.line("</svg>");
    out.0
}

/// What the style sheet fills with.
const DEFINITIONS: &str = "\
<defs>\
<linearGradient id=\"stagelight-beam\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\">\
<stop offset=\"0\" stop-color=\"#ffb02e\" stop-opacity=\".3\"/>\
<stop offset=\"1\" stop-color=\"#ffb02e\" stop-opacity=\"0\"/>\
</linearGradient>\
<pattern id=\"stagelight-hatch\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
<rect class=\"hatch-ink\" width=\"2\" height=\"8\"/>\
</pattern>\
</defs>";

/// Every stage that is drawn, and what becomes of it.
fn description(graph: &StageGraph, scene: &Scene, lights: &Lights) -> String {
    let mut text = String::new();
    for card in &scene.cards {
        let Some(stage) = graph.stages.get(card.stage.0) else { continue };
        let reason = lights.stage(card.stage).reason;
        text += if text.is_empty() { "" } else { " " };
        let _ = match reason.is_empty() {
            true => write!(text, "{}.", stage.display_name()),
            false => write!(text, "{}: {reason}", stage.display_name()),
        };
    }
    text
}

// ---- what stands above and below

/// What the target is, in a line or two.
struct Caption {
    asked: String,
    said: String,
    /// The width of the first part, in tenths of a pixel.
    asked_width: i32,
    said_width: i32,
    two_lines: bool,
    height: i32,
}

impl Caption {
    fn of(graph: &StageGraph, lights: &Lights, room: i32) -> Caption {
        let (asked, said) = asked(graph, lights);
        let asked = measure::title(&asked, room);
        let asked_width = width(&asked, Font::SemiBold(150)).min(room * 10);
        let said_width = width(&said, Font::Regular(130)).min(room * 10);
        let two_lines = asked_width + 60 + said_width > room * 10 && !said.is_empty();
        let height = CAPTION_HEIGHT + if two_lines { CAPTION_LINE } else { 0 };
        Caption { asked, said, asked_width, said_width, two_lines, height }
    }

    fn write(&self, out: &mut Writer) {
        let x = MARGIN * 10;
        out.text("target-name", x, "29", &self.asked, self.asked_width);
        match self.two_lines {
            true => out.text("said", x, "49", &self.said, self.said_width),
            false => out.text("said", x + self.asked_width + 60, "29", &self.said, self.said_width),
        }
    }
}

/// What a legend explains.
#[derive(Clone, Copy)]
enum Sign {
    Line(LineKind),
    Refused,
    Dark,
}

/// An explanation, and where it stands.
struct LegendItem {
    sign: Sign,
    text: String,
    /// From the left, in tenths of a pixel.
    x: i32,
    y: i32,
    /// In tenths of a pixel.
    width: i32,
}

/// Explains the lines that are there, and the dark if there is any.
fn legend(graph: &StageGraph, scene: &Scene, lights: &Lights, room: i32) -> Vec<LegendItem> {
    const GAP: i32 = 200;
    let edges = || scene.lines.iter().map(|line| &graph.edges[line.edge]);
    let mut kinds: Vec<LineKind> =
        edges().filter(|edge| !edge.broken).map(|edge| LineKind::of(graph, edge)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut told: Vec<(Sign, &str)> =
        kinds.into_iter().map(|kind| (Sign::Line(kind), kind.meaning())).collect();
    if edges().any(|edge| edge.broken) {
        told.push((Sign::Refused, "BuildKit refuses it"));
    }
    if scene.cards.iter().any(|card| lights.is_dark(card.stage)) {
        let why = match lights.second {
            Some(_) => "dark: neither needs it",
            None if lights.is_legacy => "dark: does not run",
            None => "dark: the target does not need it, so it does not run",
        };
        told.push((Sign::Dark, why));
    }
    let mut items = Vec::new();
    let (mut x, mut y) = (0, 10);
    for (sign, text) in told {
        let width = width(text, Font::Regular(125)).min(room * 10 - SIGN_WIDTH);
        if x > 0 && x + SIGN_WIDTH + width > room * 10 {
            (x, y) = (0, y + LEGEND_LINE);
        }
        items.push(LegendItem { sign, text: text.to_owned(), x, y, width });
        x += SIGN_WIDTH + width + GAP;
    }
    items
}

impl LegendItem {
    fn write(&self, out: &mut Writer) {
        let line = |class: &str| {
            format!(
                "<path class=\"line {class}\" d=\"M1 11H27\"/><path class=\"arrow {class}\" d=\"M26 7L33 11L26 15z\"/>"
            )
        };
        let (class, drawn) = match self.sign {
            Sign::Line(kind) => ("", line(kind.class())),
            Sign::Refused => ("", line("broken")),
            Sign::Dark => {
                let outline = "x=\"1\" y=\"4\" width=\"31\" height=\"14\" rx=\"4\"";
                let rect = |class: &str| format!("<rect class=\"{class}\" {outline}/>");
                (" class=\"off\"", rect("frame") + &rect("hatch"))
            }
        };
        out.line(&format!("<g{class} transform=\"translate({} {})\">{drawn}</g>", number(self.x), self.y));
        out.text("note", self.x + SIGN_WIDTH, &(self.y + 15).to_string(), &self.text, self.width);
    }
}

// ---- the picture

fn drawing(out: &mut Writer, graph: &StageGraph, scene: &Scene, lights: &Lights) {
    for source in &scene.sources {
        source_box(out, graph, source, lights);
    }
    // Dark lines lie below the others; what BuildKit refuses runs against the grain and lies on top of everything.
    let is_off = |line: &Line| lights.is_dark(graph.edges[line.edge].to);
    let (broken, whole): (Vec<&Line>, Vec<&Line>) =
        scene.lines.iter().partition(|line| graph.edges[line.edge].broken);
    let (off, on): (Vec<&Line>, Vec<&Line>) = whole.into_iter().partition(|line| is_off(line));
    off.into_iter().chain(on).for_each(|it| line(out, graph, it, lights));
    for it in &scene.cards {
        card(out, graph, it, lights);
    }
    broken.into_iter().for_each(|it| line(out, graph, it, lights));
}

fn source_box(out: &mut Writer, graph: &StageGraph, source: &SourceBox, lights: &Lights) {
    let what = &graph.sources[source.source.0];
    let off = if lights.is_unused(source.source) { " off" } else { "" };
    let broken = if matches!(what, Source::Invalid(_)) { " broken" } else { "" };
    let frame = source.frame;
    out.line(&format!("<g class=\"source{off}{broken}\" transform=\"translate({} {})\">", frame.x, frame.y));
    out.element("title", &source_words(what));
    let room = (frame.width - 28) * 10;
    match source.shape {
        Shape::Box => {
            out.line(&format!(
                "<rect class=\"frame\" width=\"{}\" height=\"{}\" rx=\"9\"/>",
                frame.width, frame.height
            ));
            out.text("kind", 140, "18", source.kind, width(source.kind, Font::Regular(110)).min(room));
            out.text("label", 140, "35", &source.label, width(&source.label, Font::SemiBold(125)).min(room));
        }
        Shape::Ground => {
            let room = (frame.width - 4) * 10;
            out.text("kind", 20, "12", &source.label, width(&source.label, Font::Regular(110)).min(room));
            out.line(&format!("<path class=\"frame ground\" d=\"{}\"/>", source.ground()));
        }
    }
    out.line("</g>");
}

fn line(out: &mut Writer, graph: &StageGraph, line: &Line, lights: &Lights) {
    let edge = &graph.edges[line.edge];
    let kind = LineKind::of(graph, edge).class();
    let off = if lights.is_dark(edge.to) { " off" } else { "" };
    let broken = if edge.broken { " broken" } else { "" };
    out.0 += "<g>";
    out.element("title", &edge_sentence(graph, line.edge));
    out.line(&format!(
        "<path class=\"line {kind}{off}{broken}\" d=\"{}\"/><path class=\"arrow {kind}{off}{broken}\" d=\"{}\"/></g>",
        line.path(),
        line.arrow()
    ));
}

fn card(out: &mut Writer, graph: &StageGraph, card: &Card, lights: &Lights) {
    let stage = &graph.stages[card.stage.0];
    let light = lights.stage(card.stage);
    let frame = card.frame;
    let mut class = "card".to_owned();
    for word in [
        light.state.class(),
        stage.name.is_none().then_some("unnamed"),
        stage.steps.first().is_some_and(|step| step.lines.first == 0).then_some("supplied"),
    ]
    .into_iter()
    .flatten()
    {
        class = class + " " + word;
    }
    out.line(&format!("<g class=\"{class}\" transform=\"translate({} {})\">", frame.x, frame.y));
    let badge = light.state.badge();
    out.element("title", &format!("{} {badge} {}", stage.display_name(), light.reason));
    let outline = |class: &str| {
        format!("<rect class=\"{class}\" width=\"{}\" height=\"{}\" rx=\"12\"/>", frame.width, frame.height)
    };
    out.line(&outline("frame"));
    if light.state.is_dark() {
        out.line(&outline("hatch"));
    }
    if Some(card.stage) == lights.target && lights.second.is_none() {
        out.line(&format!("<path class=\"beam\" d=\"{}\"/>", card.beam()));
    }
    let room = (frame.width - 2 * PADDING) * 10;
    let badge_width = if badge.is_empty() { 0 } else { draw::badge_width(badge) };
    let title_room = room - badge_width * 10;
    out.text("title", 160, "29", &card.title, width(&card.title, Font::SemiBold(150)).min(title_room));
    if !badge.is_empty() {
        let x = frame.width - 14 - badge_width;
        out.line(&format!(
            "<rect class=\"badge-frame\" x=\"{x}\" y=\"14\" width=\"{badge_width}\" height=\"21\" rx=\"10.5\"/>"
        ));
        let middle = (frame.width - 14) * 10 - badge_width * 5;
        out.text("badge", middle, "28.5", badge, width(badge, Font::SemiBold(110)));
    }
    for (sentence, y) in card.reason_lines(&visible(&light.reason)).iter().zip(["50", "66"]) {
        out.text("reason", 160, y, sentence, width(sentence, Font::Regular(120)).min(room));
    }
    for row in &card.rows {
        let step = &stage.steps[row.step];
        let y = row.middle - frame.y;
        let mut class = "row".to_owned();
        for (is_so, word) in [
            (step.is_setting(), " settings"),
            (step.broken, " broken"),
            (step.lines.first == 0, " supplied"),
            (step.lines.first == 0, ""),
        ] {
            class += if is_so { word } else { "" };
        }
        out.0 += &format!("<g class=\"{class}\">");
        let told = format!("line {}: {} {}", step.lines.first, step.keyword, step.summary);
        out.element("title", &measure::shorten(&told, MAX_TOLD));
        let baseline = (y + 4).to_string();
        let keyword = width(&row.keyword, Font::Code);
        out.text("keyword", 160, &baseline, &row.keyword, keyword);
        let mut x = keyword + CODE;
        for run in runs(&row.text) {
            let run_width = width(run, Font::Code).min(room - x);
            out.text("", 160 + x, &baseline, run, run_width);
            x += run_width;
        }
        out.line("</g>");
    }
    if card.hidden_rows > 0 {
        let text = format!("and {} more instructions", card.hidden_rows);
        let y = (frame.height - 18).to_string();
        out.text("more", 160, &y, &text, width(&text, Font::Regular(120)));
    }
    out.line("</g>");
}

/// A text in pieces of narrow and of wide letters: those of another font must not stretch their neighbours.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_wide = |c: char| measure::column(c) == 2;
        let first = is_wide(rest.chars().next()?);
        let ends = |&(_, c): &(usize, char)| measure::column(c) > 0 && is_wide(c) != first;
        let end = rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at);
        let run;
        (run, rest) = rest.split_at(end);
        Some(run)
    })
}

/// Writes elements; every text from elsewhere goes through it.
struct Writer(String);

impl Writer {
    fn line(&mut self, markup: &str) {
        self.0 += markup;
        self.0.push('\n');
    }

    fn element(&mut self, name: &str, content: &str) {
        let _ = writeln!(self.0, "<{name}>{}</{name}>", escape(content));
    }

    /// A text at a place, `x` and `width` in tenths of a pixel.
    fn text(&mut self, class: &str, x: i32, y: &str, content: &str, width: i32) {
        if content.is_empty() || width <= 0 {
            return;
        }
        self.0 += "<text";
        if !class.is_empty() {
            let _ = write!(self.0, " class=\"{class}\"");
        }
        let _ = writeln!(
            self.0,
            " x=\"{}\" y=\"{y}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>",
            number(x),
            number(width),
            escape(content)
        );
    }
}

/// A text as the content of an element.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
