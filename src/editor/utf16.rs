//! From bytes to UTF-16 units.

/// A text whose offsets are to be converted.
pub(super) struct Utf16<'a> {
    text: &'a str,
    is_ascii: bool,
}

impl<'a> Utf16<'a> {
    pub(super) fn new(text: &'a str) -> Utf16<'a> {
        Utf16 { text, is_ascii: text.is_ascii() }
    }

    /// The byte that a UTF-16 offset lies at; within a character its beginning.
    pub(super) fn byte(&self, unit: u32) -> usize {
        let unit = unit as usize;
        if self.is_ascii {
            return unit.min(self.text.len());
        }
        let mut units = 0;
        for (at, character) in self.text.char_indices() {
            units += character.len_utf16();
            if units > unit {
                return at;
            }
        }
        self.text.len()
    }

    /// A converter that is quick when it is asked for rising offsets.
    pub(super) fn cursor(&self) -> Cursor<'a> {
        Cursor { text: self.text, is_ascii: self.is_ascii, byte: 0, unit: 0 }
    }
}

/// Remembers where it was, so that converting a sorted list walks the text once.
pub(super) struct Cursor<'a> {
    text: &'a str,
    is_ascii: bool,
    byte: usize,
    unit: usize,
}

impl Cursor<'_> {
    /// The UTF-16 offset of the byte `offset`, which is a character boundary.
    pub(super) fn at(&mut self, offset: usize) -> u32 {
        if self.is_ascii {
            return offset as u32;
        }
        if offset < self.byte {
            (self.byte, self.unit) = (0, 0);
        }
        self.unit += self.text[self.byte..offset].chars().map(char::len_utf16).sum::<usize>();
        self.byte = offset;
        self.unit as u32
    }
}

#[cfg(test)]
mod tests {
    use super::Utf16;

    #[test]
    fn counts_units_not_bytes() {
        let text = "aé🚢b";
        let utf16 = Utf16::new(text);
        let mut cursor = utf16.cursor();
        let offsets: Vec<u32> = [0, 1, 3, 7, 8].iter().map(|&byte| cursor.at(byte)).collect();
        assert_eq!(offsets, [0, 1, 2, 4, 5]);
        assert_eq!(cursor.at(3), 2, "going back starts over");
        let bytes: Vec<usize> = (0..7).map(|unit| utf16.byte(unit)).collect();
        assert_eq!(bytes, [0, 1, 3, 3, 7, 8, 8]);
    }
}
