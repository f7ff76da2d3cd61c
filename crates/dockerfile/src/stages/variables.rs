//! Variables by name, in a map whose copies share what they have in common.
//!
//! A stage begins with the variables of the stage it is FROM and sets a few more. Copying them all would make long
//! rows of stages take time and memory by the square of their number; here a copy costs nothing, and a change copies
//! a path of the tree whose length is the logarithm of its size.

use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

/// The variables of one stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables {
    root: Option<Rc<Node>>,
    /// Random, so that no file can be written whose names all end up in one branch.
    hasher: RandomState,
}

/// A variable. Those behind it agree with it in the lowest bits of their hashes, one bit more at each step.
#[derive(Clone, Debug)]
struct Node {
    hash: u64,
    name: Rc<str>,
    value: Rc<str>,
    children: [Option<Rc<Node>>; 2],
}

impl Node {
    fn is(&self, hash: u64, name: &str) -> bool {
        self.hash == hash && *self.name == *name
    }
}

impl Variables {
    /// The value of a variable.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut node = self.root.as_ref()?;
        let hash = self.hasher.hash_one(name);
        let mut bits = hash;
        while !node.is(hash, name) {
            node = node.children[(bits & 1) as usize].as_ref()?;
            bits >>= 1;
        }
        Some(&node.value)
    }

    /// Sets a variable, here and not in the copies.
    pub(crate) fn set(&mut self, name: &Rc<str>, value: &Rc<str>) {
        let hash = self.hasher.hash_one(&**name);
        let mut bits = hash;
        let mut place = &mut self.root;
        while let Some(node) = place {
            let node = Rc::make_mut(node);
            if node.is(hash, name) {
                node.value = value.clone();
                return;
            }
            place = &mut node.children[(bits & 1) as usize];
            bits >>= 1;
        }
        *place =
            Some(Rc::new(Node { hash, name: name.clone(), value: value.clone(), children: [None, None] }));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn nodes(node: Option<&Rc<Node>>, acc: &mut HashSet<*const Node>) {
        if let Some(node) = node
            && acc.insert(Rc::as_ptr(node))
        {
            node.children.iter().for_each(|child| nodes(child.as_ref(), acc));
        }
    }

    #[test]
    fn a_copy_keeps_its_values() {
        let mut variables = Variables::default();
        (0..100).for_each(|idx| variables.set(&format!("A{idx}").into(), &"old".into()));
        let copy = variables.clone();
        variables.set(&"A7".into(), &"new".into());
        variables.set(&"B".into(), &"more".into());
        assert_eq!((variables.get("A7"), variables.get("A8")), (Some("new"), Some("old")));
        assert_eq!((copy.get("A7"), copy.get("B"), copy.get("")), (Some("old"), None, None));
    }

    #[test]
    fn a_thousand_copies_share_what_they_have_in_common() {
        let mut copies = vec![Variables::default()];
        for idx in 0..1_000 {
            let mut next = copies[idx].clone();
            next.set(&format!("A{idx}").into(), &"value".into());
            copies.push(next);
        }
        let mut acc = HashSet::new();
        copies.iter().for_each(|copy| nodes(copy.root.as_ref(), &mut acc));
        assert!(acc.len() < 30_000, "{} variables are stored", acc.len());
    }
}
