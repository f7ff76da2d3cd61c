//! A list that needs no memory of its own as long as it is short: most instructions have one to three words,
//! and asking for memory takes longer than reading them.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// How many items are kept in the list itself.
const SHORT: usize = 3;

/// A list of mostly three or fewer. It is read as a slice.
#[derive(Clone)]
pub struct Few<T>(Items<T>);

#[derive(Clone)]
enum Items<T> {
    /// Items behind the first `len` are the default.
    Short {
        len: u8,
        items: [T; SHORT],
    },
    Long(Vec<T>),
}

impl<T> Few<T> {
    /// An empty list, with what stands in it for items: for constants.
    pub(super) const fn empty(fillers: [T; SHORT]) -> Few<T> {
        Few(Items::Short { len: 0, items: fillers })
    }
}

impl<T: Default> Few<T> {
    /// Appends an item.
    #[inline]
    pub fn push(&mut self, item: T) {
        match &mut self.0 {
            Items::Short { len, items } if usize::from(*len) < SHORT => {
                items[usize::from(*len)] = item;
                *len += 1;
            }
            Items::Short { items, .. } => {
                let mut long = Vec::with_capacity(4 * SHORT);
                long.extend(std::mem::take(items));
                long.push(item);
                self.0 = Items::Long(long);
            }
            Items::Long(long) => long.push(item),
        }
    }

    /// Takes all items out.
    pub fn clear(&mut self) {
        *self = Few::default();
    }
}

impl<T: Default> Default for Few<T> {
    #[inline]
    fn default() -> Few<T> {
        Few::empty(Default::default())
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match &self.0 {
            Items::Short { len, items } => &items[..usize::from(*len)],
            Items::Long(items) => items,
        }
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.0 {
            Items::Short { len, items } => &mut items[..usize::from(*len)],
            Items::Long(items) => items,
        }
    }
}

impl<'f, T> IntoIterator for &'f Few<T> {
    type Item = &'f T;
    type IntoIter = std::slice::Iter<'f, T>;

    fn into_iter(self) -> std::slice::Iter<'f, T> {
        self.iter()
    }
}

impl<T: fmt::Debug> fmt::Debug for Few<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self).finish()
    }
}

impl<T: PartialEq> PartialEq for Few<T> {
    fn eq(&self, other: &Few<T>) -> bool {
        self[..] == other[..]
    }
}

impl<T: Eq> Eq for Few<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_what_was_appended_however_long_it_is() {
        let mut few = Few::default();
        for n in 0..20 {
            assert_eq!(few[..], (0..n).collect::<Vec<usize>>()[..]);
            few.push(n);
        }
        few.clear();
        assert_eq!(few, Few::default());
    }
}
