//! How wide text is, without asking a browser: the fonts are shipped with the site, so estimates hold.
//!
//! Widths are upper estimates in pixels at the sizes the style sheet sets: instructions 11.5 px monospace,
//! titles 15 px semibold, labels 12.5 px, sentences 12 px.

const CODE_WIDTH: f64 = 6.95;
const LABEL_WIDTH: f64 = 7.3;
/// Running text is closer to the mean than to the widest letters.
const SENTENCE_WIDTH: f64 = 6.05;

/// An instruction's text on one row of `width`, `used` characters of which stand before it.
pub(crate) fn code(text: &str, width: i32, used: usize) -> String {
    let room = (f64::from(width) / CODE_WIDTH) as usize;
    shorten(text, room.saturating_sub(used))
}

/// A title of at most `width`. It is cut in the middle: stages of one family differ at the end.
pub(crate) fn title(text: &str, width: i32) -> String {
    const ELLIPSIS: f64 = 15.0;
    let width = f64::from(width);
    if text.chars().map(title_width).sum::<f64>() <= width {
        return text.to_owned();
    }
    let room = (width - ELLIPSIS) / 2.0;
    let head = fitting(text.chars(), room);
    let tail = fitting(text.chars().rev(), room);
    let n_chars = text.chars().count();
    let kept: String = text.chars().take(head).collect();
    let end = text.chars().skip(n_chars - tail);
    kept.trim_end().chars().chain(['…']).chain(end).collect()
}

/// How many of the characters fit.
fn fitting(chars: impl Iterator<Item = char>, room: f64) -> usize {
    let mut used = 0.0;
    chars
        .take_while(|&c| {
            used += title_width(c);
            used <= room
        })
        .count()
}

/// Names of stages are lower case, in which letters differ much.
fn title_width(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' => 4.8,
        'f' | 'r' | 't' | '1' | '-' => 7.0,
        'm' | 'w' | 'M' | 'W' => 13.6,
        'A'..='Z' => 11.4,
        _ => 9.3 * column(c) as f64,
    }
}

/// A label and the width of the box around it, between `min` and `max`. Image references are cut in the
/// middle: both the name and the tag tell them apart.
pub(crate) fn label(text: &str, min: i32, max: i32) -> (String, i32) {
    const AROUND: i32 = 28;
    let label = shorten_middle(text, (f64::from(max - AROUND) / LABEL_WIDTH) as usize);
    let width = (columns(&label) as f64 * LABEL_WIDTH).ceil() as i32 + AROUND;
    (label, width.clamp(min, max))
}

/// A sentence in the two lines under a card's title, the last one shortened.
pub(crate) fn two_lines(sentence: &str, width: i32) -> [String; 2] {
    let room = (f64::from(width) / SENTENCE_WIDTH) as usize;
    let mut first = String::new();
    let mut rest = sentence;
    while let Some(word) = rest.split(' ').next().filter(|_| !rest.is_empty()) {
        let length = columns(&first) + usize::from(!first.is_empty()) + columns(word);
        if length > room && !first.is_empty() {
            break;
        }
        if !first.is_empty() {
            first.push(' ');
        }
        first.push_str(word);
        rest = rest[word.len()..].trim_start_matches(' ');
    }
    [shorten(&first, room), shorten(rest, room)]
}

/// Columns that a character takes in a monospace font: East Asian wide forms and emoji take two.
pub(crate) fn column(c: char) -> usize {
    match c {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}' => 2,
        _ => 1,
    }
}

pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(column).sum()
}

pub(crate) fn shorten(text: &str, room: usize) -> String {
    let mut taken = 0;
    for (at, c) in text.char_indices() {
        taken += column(c);
        if taken > room {
            // Take back until the ellipsis fits.
            let mut kept = text[..at].to_owned();
            while columns(&kept) + 1 > room && kept.pop().is_some() {}
            kept.truncate(kept.trim_end().len());
            kept.push('…');
            return kept;
        }
    }
    text.to_owned()
}

pub(crate) fn shorten_middle(text: &str, room: usize) -> String {
    if text.len() <= room || columns(text) <= room {
        return text.to_owned();
    }
    let n_tail = room / 2;
    let tail_at = text.char_indices().rev().nth(n_tail.saturating_sub(1)).map_or(0, |(at, _)| at);
    let mut head = shorten(text, room - n_tail);
    if !head.ends_with('…') {
        head.push('…');
    }
    head + &text[tail_at..]
}
