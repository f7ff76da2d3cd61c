//! Shapes as SVG paths, for the live picture and the exported one: what both draw cannot differ.

use super::{Card, Line, SourceBox};

/// Width of the badge that a card wears in its upper right corner.
pub fn badge_width(word: &str) -> i32 {
    16 + 8 * word.chars().count() as i32
}

impl Line {
    /// The way of the line.
    pub fn path(&self) -> String {
        let Some(start) = self.points.first() else { return String::new() };
        let mut path = format!("M{} {}", start.x, start.y);
        for curve in self.points[1..].chunks_exact(3) {
            let [a, b, c] = [curve[0], curve[1], curve[2]];
            path += &format!("C{} {} {} {} {} {}", a.x, a.y, b.x, b.y, c.x, c.y);
        }
        path
    }

    /// The arrow at its end.
    pub fn arrow(&self) -> String {
        self.points.last().map_or_else(String::new, |end| format!("M{} {}l-8 -4.5v9z", end.x, end.y))
    }
}

impl Card {
    /// The light that falls on the head of the target's card, from the card's corner.
    pub fn beam(&self) -> String {
        let width = self.frame.width;
        format!("M1 12a11 11 0 0 1 11-11h{}a11 11 0 0 1 11 11v70h-{}z", width - 24, width - 2)
    }
}

impl SourceBox {
    /// The sign for nothing below, from the box's corner: three strokes, each shorter than the one above.
    pub fn ground(&self) -> String {
        let (middle, bottom) = (self.frame.width / 2, self.frame.height - 2);
        let stroke = |half: i32, y: i32| format!("M{} {y}h{}", middle - half, 2 * half);
        [stroke(14, bottom - 10), stroke(9, bottom - 5), stroke(4, bottom)].concat()
    }
}
