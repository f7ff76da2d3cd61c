//! What a Bake file is made of, whether it is HCL or JSON.

use std::collections::BTreeMap;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Body, Structure};

use crate::expression::{Function, Names, key_span, word};

/// What a Bake file is made of, in either language.
#[derive(Default)]
pub(super) struct Blocks<'f> {
    pub(super) blocks: Vec<Block<'f>>,
    /// Settings outside of blocks.
    pub(super) settings: Vec<Attribute<'f>>,
    /// Blocks of other kinds, by their kind and place.
    pub(super) unknown: Vec<(&'f str, usize)>,
}

pub(super) struct Block<'f> {
    pub(super) kind: &'f str,
    pub(super) label: &'f str,
    /// Where the label stands.
    pub(super) at: usize,
    pub(super) attributes: Vec<Attribute<'f>>,
}

#[derive(Clone, Copy)]
pub(super) struct Attribute<'f> {
    pub(super) key: &'f str,
    pub(super) at: usize,
    pub(super) value: &'f Expression,
}

impl<'f> Block<'f> {
    pub(super) fn get(&self, key: &str) -> Option<Attribute<'f>> {
        self.attributes.iter().find(|it| it.key == key).copied()
    }
}

pub(super) fn blocks_of_body(body: &Body) -> Blocks<'_> {
    let mut blocks = Blocks::default();
    for structure in body {
        match structure {
            Structure::Attribute(it) => {
                blocks.settings.push(Attribute { key: it.key.as_str(), at: key_span(it), value: &it.value })
            }
            Structure::Block(block) => {
                let kind = block.ident.as_str();
                let at = block.ident.span().map_or(0, |span| span.start);
                if !matches!(kind, "target" | "group" | "variable" | "function") {
                    blocks.unknown.push((kind, at));
                    continue;
                }
                let label = block.labels.first();
                let attributes = block.body.attributes();
                let attributes = attributes.map(|it| Attribute {
                    key: it.key.as_str(),
                    at: key_span(it),
                    value: &it.value,
                });
                blocks.blocks.push(Block {
                    kind,
                    label: label.map_or("", |it| it.as_str()),
                    at: label.and_then(Span::span).map_or(at, |span| span.start),
                    attributes: attributes.collect(),
                });
            }
        }
    }
    blocks
}

pub(super) fn blocks_of_json(root: &Expression) -> Blocks<'_> {
    let mut blocks = Blocks::default();
    for top in attributes_of(root) {
        match top.key {
            "target" | "group" | "variable" | "function" => {
                let of_labels = match top.value {
                    // A list of objects counts as one after the other.
                    Expression::Array(items) => items.iter().flat_map(attributes_of).collect(),
                    value => attributes_of(value),
                };
                for labelled in of_labels {
                    let bodies: Vec<&Expression> = match labelled.value {
                        Expression::Array(items) => items.iter().collect(),
                        value => vec![value],
                    };
                    for body in bodies {
                        blocks.blocks.push(Block {
                            kind: top.key,
                            label: labelled.key,
                            at: labelled.at,
                            attributes: attributes_of(body),
                        });
                    }
                }
            }
            "//" | "$schema" => {}
            _ => blocks.settings.push(top),
        }
    }
    blocks
}

/// The entries of an object.
fn attributes_of(expression: &Expression) -> Vec<Attribute<'_>> {
    let Expression::Object(object) = expression else { return Vec::new() };
    let entries = object.iter().filter_map(|(key, value)| {
        let name = match key {
            ObjectKey::Ident(name) => name.as_str(),
            ObjectKey::Expression(Expression::String(name)) => name.value(),
            ObjectKey::Expression(_) => return None,
        };
        Some(Attribute { key: name, at: key.span().map_or(0, |span| span.start), value: value.expr() })
    });
    entries.collect()
}

/// What can be used in expressions.
pub(super) fn names<'f>(blocks: &Blocks<'f>) -> Names<'f> {
    let mut names = Names {
        settings: blocks.settings.iter().map(|it| (it.key, it.value)).collect(),
        variables: BTreeMap::new(),
        functions: BTreeMap::new(),
        targets: BTreeMap::new(),
    };
    for block in &blocks.blocks {
        match block.kind {
            "variable" => drop(names.variables.insert(block.label, block.get("default").map(|it| it.value))),
            "function" => {
                let Some(result) = block.get("result") else { continue };
                let params = match block.get("params").map(|it| it.value) {
                    Some(Expression::Array(params)) => params.iter().filter_map(word).collect(),
                    _ => Vec::new(),
                };
                let variadic = block.get("variadic_params").or_else(|| block.get("variadic_param"));
                let variadic = variadic.and_then(|it| word(it.value));
                names.functions.insert(block.label, Function { params, variadic, result: result.value });
            }
            "target" => {
                let target: &mut BTreeMap<&str, &Expression> = names.targets.entry(block.label).or_default();
                target.extend(block.attributes.iter().map(|it| (it.key, it.value)));
            }
            _ => {}
        }
    }
    names
}
