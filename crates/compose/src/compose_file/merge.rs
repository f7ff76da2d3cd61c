//! The build of a service over that of the one it extends (`override` of compose-go).

use std::rc::Rc;

use crate::yaml::{Entry, Kind, Node, Tagged};

/// How the values of one key become one: the key, what is inherited, what is written.
type With = fn(&str, &Rc<Node>, &Rc<Node>) -> Rc<Node>;

/// The build of a service over that of the one it extends.
pub(super) fn merge_builds(base: Option<Rc<Node>>, own: Option<Rc<Node>>) -> Option<Rc<Node>> {
    let (base, own) = match (base, own) {
        (base, None) => return base,
        (None, own) => return own,
        (Some(base), Some(own)) => (base, own),
    };
    if own.tag == Tagged::Override || own.is_null() || base.is_null() {
        return Some(if own.is_null() { base } else { own });
    }
    Some(Rc::new(merge_maps(&as_mapping(&base), &as_mapping(&own), merge_key)))
}

/// A build that is only a path, as a mapping.
fn as_mapping(node: &Rc<Node>) -> Rc<Node> {
    match &node.kind {
        Kind::Scalar(..) => {
            let entry = Entry { key: "context".to_owned(), at: node.at, value: node.clone() };
            Rc::new(Node::made(node.at, Kind::Map(vec![entry])))
        }
        Kind::List(_) | Kind::Map(_) => node.clone(),
    }
}

fn merge_maps(base: &Node, own: &Node, with: With) -> Node {
    let mut entries: Vec<Entry> = base.entries().to_vec();
    for entry in own.entries() {
        match entries.iter_mut().find(|it| it.key == entry.key) {
            Some(before) => {
                before.value = with(&entry.key, &before.value, &entry.value);
                before.at = entry.at;
            }
            None => entries.push(entry.clone()),
        }
    }
    Node::made(own.at, Kind::Map(entries))
}

/// One key of two builds: names with values are merged, lists are put behind each other, the rest is replaced.
fn merge_key(key: &str, base: &Rc<Node>, own: &Rc<Node>) -> Rc<Node> {
    if own.tag != Tagged::No {
        return own.clone();
    }
    match (key, &base.kind, &own.kind) {
        ("args" | "additional_contexts" | "labels", _, _) => {
            let (base, own) = (pairs_as_map(base), pairs_as_map(own));
            Rc::new(merge_maps(&base, &own, |_, _, own| own.clone()))
        }
        (_, Kind::List(base), Kind::List(items)) => {
            let mut all = base.clone();
            let same = |a: &Node, b: &Node| matches!((&a.kind, &b.kind), (Kind::Scalar(a, _), Kind::Scalar(b, _)) if a == b);
            all.extend(items.iter().filter(|item| !base.iter().any(|it| same(it, item))).cloned());
            Rc::new(Node::made(own.at, Kind::List(all)))
        }
        _ => own.clone(),
    }
}

/// A list of `NAME=VALUE` as a mapping.
fn pairs_as_map(node: &Rc<Node>) -> Rc<Node> {
    let Kind::List(items) = &node.kind else { return node.clone() };
    let entries = items.iter().filter_map(|item| {
        let Kind::Scalar(text, _) = &item.kind else { return None };
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Kind::Scalar(value.to_owned(), false)),
            None => (text.as_str(), Kind::Scalar(String::new(), true)),
        };
        Some(Entry { key: name.to_owned(), at: item.at, value: Rc::new(Node::made(item.at, value)) })
    });
    Rc::new(Node::made(node.at, Kind::Map(entries.collect())))
}
