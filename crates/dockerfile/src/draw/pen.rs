//! Shapes as SVG paths, for the live picture and the exported one: what both draw cannot differ.

use super::{Card, Line, SourceBox};

/// Width of the badge that a card wears in its upper right corner.
pub fn badge_width(word: &str) -> i32 {
    16 + 8 * word.chars().count() as i32
}

impl Line {
    /// The way of the line. What is straight is one piece, however many columns it crosses.
    pub fn path(&self) -> String {
        let Some(&start) = self.points.first() else { return String::new() };
        let mut path = format!("M{} {}", start.x, start.y);
        let mut at = start;
        // A level piece that is not written yet, from where to where.
        let mut level: Option<(i32, i32)> = None;
        for curve in self.points[1..].chunks_exact(3) {
            let [a, b, c] = [curve[0], curve[1], curve[2]];
            let is_level = at.y == a.y && a.y == b.y && b.y == c.y && is_sorted([at.x, a.x, b.x, c.x]);
            let is_upright = at.x == a.x && a.x == b.x && b.x == c.x && is_sorted([at.y, a.y, b.y, c.y]);
            let from = std::mem::replace(&mut at, c);
            if c == from {
                continue;
            }
            if is_level {
                level = match level {
                    Some((begin, end)) if (end < begin) == (c.x < end) => Some((begin, c.x)),
                    Some((_, end)) => {
                        path += &format!("H{end}");
                        Some((from.x, c.x))
                    }
                    None => Some((from.x, c.x)),
                };
                continue;
            }
            path.extend(level.take().map(|(_, end)| format!("H{end}")));
            path += &match is_upright {
                true => format!("V{}", c.y),
                false => format!("C{} {} {} {} {} {}", a.x, a.y, b.x, b.y, c.x, c.y),
            };
        }
        path.extend(level.map(|(_, end)| format!("H{end}")));
        path
    }

    /// The arrow at its end.
    pub fn arrow(&self) -> String {
        self.points.last().map_or_else(String::new, |end| format!("M{} {}l-8 -4.5v9z", end.x, end.y))
    }
}

/// Whether numbers rise or fall, without turning.
fn is_sorted(numbers: [i32; 4]) -> bool {
    numbers.is_sorted() || numbers.iter().rev().is_sorted()
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

#[cfg(test)]
mod tests {
    use super::super::Point;
    use super::*;

    #[test]
    fn what_is_straight_is_one_piece() {
        let line = |points: &[(i32, i32)]| {
            let points = points.iter().map(|&(x, y)| Point { x, y }).collect();
            Line { edge: 0, points }.path()
        };
        let through = line(&[
            (0, 5),
            (0, 5),
            (3, 5),
            (3, 5), // level
            (4, 5),
            (5, 5),
            (6, 5), // level
            (7, 5),
            (7, 6),
            (7, 9), // round a corner
            (7, 9),
            (7, 20),
            (7, 20), // upright
            (7, 20),
            (7, 20),
            (7, 20), // nothing
            (7, 25),
            (8, 25),
            (9, 25), // round a corner
        ]);
        assert_eq!(through, "M0 5H6C7 5 7 6 7 9V20C7 25 8 25 9 25");
        // Against the grain, as what BuildKit refuses.
        assert_eq!(line(&[(9, 5), (9, 5), (6, 5), (6, 5)]), "M9 5H6");
        // There and back.
        assert_eq!(line(&[(0, 0), (0, 0), (9, 0), (9, 0), (9, 0), (5, 0), (5, 0)]), "M0 0H9H5");
        assert_eq!(line(&[(0, 0), (9, 0), (9, 0), (5, 0)]), "M0 0C9 0 9 0 5 0");
    }
}
