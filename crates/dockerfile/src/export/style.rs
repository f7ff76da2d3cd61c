//! What an exported picture looks like: the colours of the page and the rules that use them.
//!
//! The colours are those of the page's style sheet (a test compares them). Custom properties would be shorter, but
//! most programs that show SVG outside of browsers do not know them, so each rule carries its colours.

/// Whether a picture is drawn light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's system has it.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The name of a colour in the page's style sheet, its light form and its dark one.
pub const COLOURS: [(&str, &str, &str); 19] = [
    ("page", "#f6f5f2", "#14121b"),
    ("surface", "#ffffff", "#1b1824"),
    ("rule", "#dedad2", "#322d40"),
    ("rule-strong", "#8d8798", "#7d7691"),
    ("ink", "#1c1926", "#f1eef7"),
    ("ink-soft", "#595467", "#b3acc4"),
    ("accent-fill", "#ffb02e", "#ffb02e"),
    ("card", "#ffffff", "#262231"),
    ("card-rule", "#cfc9bd", "#4b4560"),
    ("card-dark", "#e6e3e8", "#17141e"),
    ("card-dark-hatch", "#dcd8df", "#1c1924"),
    ("card-dark-rule", "#aaa4b3", "#3a3549"),
    ("ink-dark", "#5d5868", "#9089a1"),
    ("stage-dots", "#dcd8cf", "#25212f"),
    ("base", "#3357c4", "#8fb0ff"),
    ("copy", "#0f7b56", "#5fd3a4"),
    ("mount", "#8a3fb0", "#d59bff"),
    ("context", "#756c5c", "#b5a98f"),
    ("error", "#b3261e", "#ff9d94"),
];

/// What is the same in light and dark. Rules stand one in a line.
const SHAPES: &str = "\
text{font-family:Inter,\"Inter Variable\",ui-sans-serif,system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif}
.target-name{font-size:15px;font-weight:600}
.said{font-size:13px}
.note{font-size:12.5px}
.frame{stroke-width:1.25}
.title{font-size:15px;font-weight:600}
.unnamed .title{font-weight:400;font-style:italic}
.reason{font-size:12px}
.badge{font-size:11px;font-weight:600;text-anchor:middle}
.badge-frame{fill:none}
.row text{font-family:\"JetBrains Mono\",\"JetBrains Mono Variable\",ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;font-size:11.5px}
.row .keyword{font-weight:600}
.row.settings .keyword{font-weight:400}
.row.supplied text{font-style:italic}
.more{font-size:12px}
.kind{font-size:11px}
.label{font-size:12.5px;font-weight:600}
.ground{fill:none;stroke-width:1.8;stroke-linecap:round}
.target .frame{stroke-width:2.5}
.both .frame,.first .frame,.second .frame{stroke-width:2}
.second .frame{stroke-dasharray:9 3}
.vain .frame{stroke-width:1.6;stroke-dasharray:2 3}
.off .frame{stroke-dasharray:5 4}
.supplied .frame{stroke-dasharray:3 4}
.hatch{fill:url(#stagelight-hatch)}
.beam{fill:url(#stagelight-beam)}
.line{fill:none;stroke-width:1.6}
.line.base{stroke-width:2.6}
.line.mount{stroke-dasharray:6 4}
.line.context{stroke-dasharray:1.5 4;stroke-linecap:round}
.line.off{stroke-width:1.2}
.line.broken{stroke-dasharray:3 3}
";

/// What differs; `$name` is a colour. Of rules that say the same of one thing the later stand below.
const PAINT: &str = "\
.page{fill:$page}
.foot{stroke:$rule}
.target-name{fill:$ink}
.said,.note{fill:$ink-soft}
.frame{fill:$card;stroke:$card-rule}
.title{fill:$ink}
.reason,.more{fill:$ink-soft}
.badge{fill:$copy}
.badge-frame{stroke:$card-rule}
.row text{fill:$ink-soft}
.row .keyword{fill:$ink}
.row.settings .keyword{fill:$ink-soft}
.row.broken text,.row.broken .keyword{fill:$error}
.source .frame{fill:$surface}
.kind{fill:$ink-soft}
.label{fill:$ink}
.source .ground{fill:none;stroke:$rule-strong}
.source.broken .frame{stroke:$error}
.target .frame,.both .frame{stroke:$accent-fill}
.first .frame{stroke:$base}
.second .frame{stroke:$mount}
.vain .frame{stroke:$error}
.target .badge-frame,.both .badge-frame{fill:$accent-fill;stroke:none}
.first .badge-frame{fill:$base;stroke:none}
.second .badge-frame{fill:$mount;stroke:none}
.target .badge,.both .badge{fill:#1c1926}
.first .badge,.second .badge{fill:$surface}
.vain .badge{fill:$error}
.off .frame{fill:$card-dark;stroke:$card-dark-rule}
.off .title,.off .reason,.off .badge,.off .more,.off .kind,.off .label{fill:$ink-dark}
.off .row text,.off .row .keyword{fill:$ink-dark}
.off .badge-frame{stroke:$card-dark-rule}
.hatch-ink{fill:$card-dark-hatch}
.line.base{stroke:$base}
.line.copy{stroke:$copy}
.line.mount{stroke:$mount}
.line.context{stroke:$context}
.line.off{stroke:$card-dark-rule}
.line.broken{stroke:$error}
.arrow.base{fill:$base}
.arrow.copy{fill:$copy}
.arrow.mount{fill:$mount}
.arrow.context{fill:$context}
.arrow.off{fill:$card-dark-rule}
.arrow.broken{fill:$error}
";

/// The style sheet of a picture. Each rule holds below the class `stagelight` alone, so that a page which takes the
/// picture in as it is keeps its own looks.
pub(super) fn style_sheet(theme: Theme) -> String {
    let light = |name: &str| colour(name, |(_, light, _)| light);
    let dark = |name: &str| colour(name, |(_, _, dark)| dark);
    let mut out = scoped(SHAPES, |_| "");
    match theme {
        Theme::Light => out += &scoped(PAINT, light),
        Theme::Dark => out += &scoped(PAINT, dark),
        Theme::Auto => {
            out += &scoped(PAINT, light);
            out += "@media(prefers-color-scheme:dark){\n";
            out += &scoped(PAINT, dark);
            out += "}\n";
        }
    }
    out
}

/// One form of a colour; black for a name that is none, which a test would see.
fn colour(name: &str, form: fn(&(&str, &'static str, &'static str)) -> &'static str) -> &'static str {
    COLOURS.iter().find(|(known, ..)| *known == name).map_or("#000", form)
}

/// Rules with the class in front of each selector, and colours in place of their names.
fn scoped(rules: &str, colour: impl Fn(&str) -> &'static str) -> String {
    let mut out = String::with_capacity(rules.len() * 2);
    for rule in rules.lines() {
        let (selectors, body) = rule.split_once('{').unwrap_or((rule, "}"));
        for (at, selector) in selectors.split(',').enumerate() {
            out += if at == 0 { ".stagelight " } else { ",.stagelight " };
            out += selector;
        }
        out.push('{');
        let mut parts = body.split('$');
        out += parts.next().unwrap_or_default();
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(part.len());
            out += colour(&part[..end]);
            out += &part[end..];
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_that_a_rule_names_is_there_and_used() {
        let sheet = scoped(PAINT, |name| {
            assert!(COLOURS.iter().any(|(known, ..)| *known == name), "there is no colour {name}");
            ""
        });
        assert!(!sheet.contains('$'));
    }
}
