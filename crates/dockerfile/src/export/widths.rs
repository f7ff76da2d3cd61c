//! How wide a text is drawn, whatever fonts there are.
//!
//! A picture in an `<img>` gets no fonts but those of the reader's system. Every text therefore carries the width that
//! it has in Inter or JetBrains Mono, and the program that shows it fits its own letters in. All numbers are whole:
//! thousandths of the font's size, or tenths of a pixel.

use crate::draw::measure;

/// A font and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Font {
    /// Inter at this many tenths of a pixel.
    Regular(i32),
    /// Inter SemiBold.
    SemiBold(i32),
    /// JetBrains Mono at 11.5 pixels.
    Code,
}

/// Inter, from the space to the tilde.
const REGULAR: [i32; 95] = [
    281, 288, 466, 633, 642, 982, 644, 300, 365, 365, 501, 662, 288, 460, 288, 360, 631, 407, 610, 618, 646,
    593, 620, 566, 619, 620, 288, 302, 662, 662, 662, 511, 966, 690, 654, 730, 722, 601, 590, 746, 743, 269,
    571, 672, 565, 903, 753, 765, 639, 765, 644, 642, 646, 744, 690, 985, 682, 679, 629, 365, 360, 365, 471,
    456, 323, 562, 612, 571, 612, 583, 370, 613, 591, 242, 242, 549, 242, 876, 591, 600, 612, 612, 376, 528,
    327, 591, 562, 818, 546, 562, 552, 426, 333, 426, 662,
];
/// Inter SemiBold.
const SEMI_BOLD: [i32; 95] = [
    252, 321, 523, 644, 650, 1004, 663, 326, 373, 373, 540, 673, 319, 465, 319, 379, 660, 423, 623, 636, 666,
    612, 640, 576, 640, 640, 319, 329, 673, 673, 673, 543, 999, 728, 659, 737, 722, 605, 588, 749, 746, 277,
    580, 703, 565, 922, 759, 769, 645, 773, 652, 650, 660, 736, 728, 1020, 720, 713, 652, 373, 379, 373, 481,
    469, 351, 574, 624, 583, 624, 591, 389, 625, 612, 262, 262, 569, 262, 900, 612, 609, 624, 624, 397, 549,
    353, 612, 587, 839, 569, 588, 566, 455, 359, 455, 673,
];
/// The ellipsis of names that are cut, and whatever else the tables do not have.
const ELLIPSIS: i32 = 864;
const OTHER: i32 = 640;
/// Letters of East Asia and emoji are as wide as they are high.
const WIDE: i32 = 1000;
/// A letter of JetBrains Mono at 11.5 pixels, in tenths of a pixel.
pub(super) const CODE: i32 = 69;

/// The width of a text, in tenths of a pixel.
pub(super) fn width(text: &str, font: Font) -> i32 {
    let (table, size) = match font {
        Font::Regular(size) => (&REGULAR, size),
        Font::SemiBold(size) => (&SEMI_BOLD, size),
        Font::Code => return CODE * measure::columns(text) as i32,
    };
    let letter = |c: char| match (c as usize).checked_sub(0x20).and_then(|at| table.get(at)) {
        Some(&width) => width,
        None if c == '…' => ELLIPSIS,
        None => [0, OTHER, WIDE][measure::column(c).min(2)],
    };
    let sum: i64 = text.chars().map(|c| i64::from(letter(c))).sum();
    (sum * i64::from(size) / 1000) as i32
}

/// Tenths of a pixel as a number with a point.
pub(super) fn number(tenths: i32) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    match (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10) {
        (whole, 0) => format!("{sign}{whole}"),
        (whole, part) => format!("{sign}{whole}.{part}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_and_numbers_are_as_in_the_font() {
        assert_eq!(number(width("build", Font::Regular(120))), "27.5");
        assert_eq!(number(width("RUN", Font::Code)), "20.7");
        assert_eq!(number(width("日本", Font::Regular(100))), "20");
        assert_eq!(
            (number(-5), number(0), number(105)),
            ("-0.5".to_owned(), "0".to_owned(), "10.5".to_owned())
        );
    }
}
