//! What a program printed, for a page: its colours as classes, and nothing else of what steers a terminal.
//!
//! anstyle-parse takes the bytes apart. Links, titles and movements of the cursor are left out, so that what is printed
//! stays text; only a carriage return begins the line anew, as progress bars mean it.

use anstyle_parse::{DefaultCharAccumulator, Params, Parser, Perform};

/// A line of output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) spans: Vec<Span>,
}

/// Characters that look the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) text: String,
    pub(crate) look: Look,
}

/// How characters look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Look {
    /// One of the eight colours; `None` for the usual one.
    pub(crate) colour: Option<u8>,
    pub(crate) bold: bool,
    pub(crate) dim: bool,
}

impl Look {
    /// Its classes in the style sheet; none for what looks as usual.
    pub(crate) fn class(self) -> Option<String> {
        const COLOURS: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
        let colour = self.colour.and_then(|colour| COLOURS.get(usize::from(colour)));
        let parts = [
            colour.map(|it| format!("ansi-{it}")),
            self.bold.then(|| "ansi-bold".to_owned()),
            self.dim.then(|| "ansi-dim".to_owned()),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

impl Line {
    /// The line without its looks.
    pub(crate) fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// The lines of what was printed; the last one may be empty.
pub(crate) fn lines(text: &str) -> Vec<Line> {
    let mut screen = Screen::default();
    let mut parser = Parser::<DefaultCharAccumulator>::new();
    for byte in text.bytes() {
        parser.advance(&mut screen, byte);
    }
    screen.lines.push(screen.line);
    screen.lines
}

#[derive(Default)]
struct Screen {
    lines: Vec<Line>,
    line: Line,
    look: Look,
    /// A carriage return has come: what is printed next begins the line anew, unless it ends first.
    returns: bool,
}

impl Perform for Screen {
    fn print(&mut self, it: char) {
        if std::mem::take(&mut self.returns) {
            self.line = Line::default();
        }
        match self.line.spans.last_mut().filter(|span| span.look == self.look) {
            Some(span) => span.text.push(it),
            None => self.line.spans.push(Span { text: it.to_string(), look: self.look }),
        }
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\n' => {
                self.returns = false;
                self.lines.push(std::mem::take(&mut self.line));
            }
            b'\r' => self.returns = true,
            b'\t' => self.print('\t'),
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, _: &[u8], ignored: bool, action: u8) {
        if action != b'm' || ignored {
            return;
        }
        let mut codes = params.iter().map(|group| group.first().copied().unwrap_or_default());
        let mut is_empty = true;
        while let Some(code) = codes.next() {
            is_empty = false;
            match code {
                0 => self.look = Look::default(),
                1 => self.look.bold = true,
                2 => self.look.dim = true,
                22 => (self.look.bold, self.look.dim) = (false, false),
                30..=37 => self.look.colour = Some((code - 30) as u8),
                90..=97 => self.look.colour = Some((code - 90) as u8),
                39 => self.look.colour = None,
                // A colour out of a larger table, which follows: of the text or of what is behind it.
                38 | 48 => {
                    let n = match codes.next() {
                        Some(5) => 1,
                        Some(2) => 3,
                        _ => 0,
                    };
                    codes.by_ref().take(n).for_each(drop);
                }
                _ => {}
            }
        }
        if is_empty {
            self.look = Look::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let shown: Vec<String> = lines(text)
            .iter()
            .map(|line| {
                let span = |span: &Span| match span.look.class() {
                    Some(class) => format!("<{class}>{}</>", span.text),
                    None => span.text.clone(),
                };
                line.spans.iter().map(span).collect()
            })
            .collect();
        assert_eq!(shown, expected, "{text:?}");
    }

    #[test]
    fn lines_and_colours() {
        check("a\nb\r\n\nc", &["a", "b", "", "c"]);
        check("\x1b[31mred\x1b[0m plain", &["<ansi-red>red</> plain"]);
        check("\x1b[1;32mok\x1b[m", &["<ansi-green ansi-bold>ok</>"]);
        check("\x1b[38;5;196mx\x1b[38;2;1;2;3my\x1b[2mz", &["xy<ansi-dim>z</>"]);
        check("ö 漢 🦀", &["ö 漢 🦀"]);
    }

    #[test]
    fn a_progress_bar_shows_its_last_state() {
        check("10%\r20%\r100%\ndone", &["100%", "done"]);
    }

    #[test]
    fn nothing_that_steers_gets_through() {
        check(
            "\x1b]8;;javascript:alert(1)\x07click\x1b]8;;\x07 <img src=x onerror=alert(1)> \x1b[2J\x1b[31mred",
            &["click <img src=x onerror=alert(1)> <ansi-red>red</>"],
        );
        check("\x1b]0;title\x1b\\a\x07\x08\0b\x1b[10A\x1b[?25l", &["ab"]);
    }
}
