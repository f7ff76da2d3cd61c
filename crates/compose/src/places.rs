//! Line and column of a byte, in a text that may be one long line.

use protocol::builds::Place;

/// So many bytes apart characters are counted once and for all.
const STRIDE: usize = 64;

/// Where the lines of a text begin, and how many characters lie before each stride.
pub(crate) struct Places<'t> {
    text: &'t [u8],
    starts: Vec<usize>,
    counts: Vec<usize>,
    /// Where in the text the offsets that are asked for begin.
    pub(crate) shift: usize,
}

impl<'t> Places<'t> {
    pub(crate) fn of(text: &'t str) -> Places<'t> {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut counts = Vec::with_capacity(text.len() / STRIDE + 1);
        let mut count = 0;
        for piece in text.as_bytes().chunks(STRIDE) {
            counts.push(count);
            count += chars(piece);
        }
        counts.push(count);
        Places { text: text.as_bytes(), starts, counts, shift: 0 }
    }

    pub(crate) fn at(&self, offset: usize) -> Place {
        let offset = (offset + self.shift).min(self.text.len());
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = self.starts[line - 1];
        Place { line: line as u32, column: (self.chars_before(offset) - self.chars_before(start)) as u32 + 1 }
    }

    fn chars_before(&self, offset: usize) -> usize {
        let stride = offset / STRIDE;
        self.counts[stride] + chars(&self.text[stride * STRIDE..offset])
    }
}

/// Of UTF-8 every byte but those that follow begins a character.
fn chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&it| it & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = format!("a\n{}xé\n\nz", "é🚢".repeat(100));
        let places = Places::of(&text);
        let at = |offset| (places.at(offset).line, places.at(offset).column);
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(1), (1, 2));
        assert_eq!(at(2), (2, 1));
        assert_eq!(at(2 + 600), (2, 201));
        assert_eq!(at(text.len()), (4, 2));
        assert_eq!(at(text.len() + 9), (4, 2));
    }
}
