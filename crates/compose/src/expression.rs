//! What an expression of a Bake file comes to.
//!
//! hcl-edit reads the expressions and says where each stands; hcl-rs could evaluate them, but knows no functions that a
//! file defines itself, says no places and has no bound on what it does. Surprising: something unknown is a value like
//! any other. Whatever is made of it is unknown for the same reason, and the rest of a list or a map stays known.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use hcl_edit::expr::{
    BinaryOperator, Expression, ForExpr, FuncCall, ObjectKey, Traversal, TraversalOperator, UnaryOperator,
};
use hcl_edit::template::{Directive, Element, Template};
use hcl_edit::{Span, structure::Attribute};
use protocol::builds::Place;

use crate::Variables;
use crate::functions;
use crate::places::Places;

/// So many steps are taken for a whole file.
const MAX_STEPS: usize = 200_000;
/// A value does not get larger than this, in bytes and elements.
const MAX_SIZE: usize = 1 << 16;
/// Expressions, variables and functions within each other.
const MAX_DEPTH: usize = 200;

/// What an expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Val {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Val>),
    Map(Vec<(String, Val)>),
    /// Not known, with the reason.
    Unknown(Rc<str>),
}

/// What a file defines by name.
pub(crate) struct Names<'f> {
    /// Global settings; they win over variables.
    pub(crate) settings: BTreeMap<&'f str, &'f Expression>,
    /// Variables with their defaults.
    pub(crate) variables: BTreeMap<&'f str, Option<&'f Expression>>,
    pub(crate) functions: BTreeMap<&'f str, Function<'f>>,
    /// What targets set themselves, by their labels.
    pub(crate) targets: BTreeMap<&'f str, BTreeMap<&'f str, &'f Expression>>,
}

/// A function that the file defines.
pub(crate) struct Function<'f> {
    pub(crate) params: Vec<&'f str>,
    pub(crate) variadic: Option<&'f str>,
    pub(crate) result: &'f Expression,
}

/// Works out expressions.
pub(crate) struct Evaluator<'f> {
    pub(crate) names: Names<'f>,
    pub(crate) places: Places<'f>,
    given: &'f Variables,
    /// What variables came to already, and the variables with defaults that they rest on.
    known: BTreeMap<String, (Val, BTreeSet<String>)>,
    /// Variables that are being worked out.
    open: Vec<String>,
    /// The variables with defaults that were used since somebody emptied this.
    pub(crate) used: BTreeSet<String>,
    steps: usize,
    depth: usize,
}

/// Names that only hold within an expression: those of a matrix, a function or a `for`.
pub(crate) type Locals = Vec<(String, Val)>;

pub(crate) fn unknown(why: impl Into<String>) -> Val {
    Val::Unknown(Rc::from(why.into()))
}

impl Val {
    /// As Bake makes a text of it; `Err` with the reason if it does not, or if it is unknown.
    pub(crate) fn text(&self) -> Result<String, Rc<str>> {
        match self {
            Val::Text(text) => Ok(text.clone()),
            Val::Bool(it) => Ok(it.to_string()),
            Val::Number(it) => Ok(it.to_string()),
            Val::Unknown(why) => Err(why.clone()),
            Val::Null => Err(Rc::from("it is null")),
            Val::List(_) | Val::Map(_) => Err(Rc::from("it is a collection where a text has to be")),
        }
    }

    pub(crate) fn size(&self) -> usize {
        match self {
            Val::Text(text) => 1 + text.len(),
            Val::List(items) => 1 + items.iter().map(Val::size).sum::<usize>(),
            Val::Map(entries) => 1 + entries.iter().map(|(key, it)| key.len() + it.size()).sum::<usize>(),
            Val::Null | Val::Bool(_) | Val::Number(_) | Val::Unknown(_) => 1,
        }
    }

    /// The first unknown part.
    pub(crate) fn doubt(&self) -> Option<Rc<str>> {
        match self {
            Val::Unknown(why) => Some(why.clone()),
            Val::List(items) => items.iter().find_map(Val::doubt),
            Val::Map(entries) => entries.iter().find_map(|(_, it)| it.doubt()),
            Val::Null | Val::Bool(_) | Val::Number(_) | Val::Text(_) => None,
        }
    }

    fn truth(&self) -> Result<bool, Rc<str>> {
        match self {
            Val::Bool(it) => Ok(*it),
            Val::Text(text) if text == "true" => Ok(true),
            Val::Text(text) if text == "false" => Ok(false),
            Val::Unknown(why) => Err(why.clone()),
            Val::Null | Val::Number(_) | Val::Text(_) | Val::List(_) | Val::Map(_) => {
                Err(Rc::from("a condition is neither true nor false"))
            }
        }
    }

    fn number(&self) -> Result<f64, Rc<str>> {
        match self {
            Val::Number(it) => Ok(*it),
            Val::Text(text) => text.parse().map_err(|_| Rc::from("a text is used as a number")),
            Val::Unknown(why) => Err(why.clone()),
            Val::Null | Val::Bool(_) | Val::List(_) | Val::Map(_) => {
                Err(Rc::from("something is used as a number that is none"))
            }
        }
    }
}

impl<'f> Evaluator<'f> {
    pub(crate) fn new(names: Names<'f>, places: Places<'f>, given: &'f Variables) -> Evaluator<'f> {
        Evaluator {
            names,
            places,
            given,
            known: BTreeMap::new(),
            open: Vec::new(),
            used: BTreeSet::new(),
            steps: 0,
            depth: 0,
        }
    }

    pub(crate) fn place(&self, of: &impl Span) -> Place {
        self.places.at(of.span().map_or(0, |span| span.start))
    }

    /// What an expression comes to, where `locals` hold.
    pub(crate) fn eval(&mut self, expression: &'f Expression, locals: &Locals) -> Val {
        self.steps += 1;
        if self.steps > MAX_STEPS || self.depth > MAX_DEPTH {
            return unknown("the file takes too long to work out");
        }
        self.depth += 1;
        let value = self.step(expression, locals);
        self.depth -= 1;
        match value {
            Val::Text(_) | Val::List(_) | Val::Map(_) if value.size() > MAX_SIZE => {
                unknown(format!("the value in line {} gets too large", self.place(expression).line))
            }
            value => value,
        }
    }

    fn step(&mut self, expression: &'f Expression, locals: &Locals) -> Val {
        match expression {
            Expression::Null(_) => Val::Null,
            Expression::Bool(it) => Val::Bool(*it.value()),
            Expression::Number(it) => {
                it.value().as_f64().map_or_else(|| unknown("a number is too large"), Val::Number)
            }
            Expression::String(it) => Val::Text(it.value().clone()),
            Expression::Array(array) => Val::List(array.iter().map(|it| self.eval(it, locals)).collect()),
            Expression::Object(object) => {
                let mut entries = Vec::with_capacity(object.len());
                for (key, value) in object {
                    let key = match self.key(key, locals) {
                        Ok(key) => key,
                        Err(why) => return Val::Unknown(why),
                    };
                    entries.push((key, self.eval(value.expr(), locals)));
                }
                Val::Map(entries)
            }
            Expression::StringTemplate(template) => self.elements(template.iter().collect(), locals),
            Expression::HeredocTemplate(heredoc) => self.template(&heredoc.template, locals),
            Expression::Parenthesis(inner) => self.eval(inner.inner(), locals),
            Expression::Variable(name) => self.variable(name.as_str(), self.place(expression).line, locals),
            Expression::Conditional(it) => match self.eval(&it.cond_expr, locals).truth() {
                Ok(true) => self.eval(&it.true_expr, locals),
                Ok(false) => self.eval(&it.false_expr, locals),
                Err(why) => Val::Unknown(why),
            },
            Expression::FuncCall(call) => self.call(call, self.place(expression).line, locals),
            Expression::Traversal(it) => self.traverse(it, locals),
            Expression::UnaryOp(it) => {
                let value = self.eval(&it.expr, locals);
                let result = match it.operator.value() {
                    UnaryOperator::Neg => value.number().map(|it| Val::Number(-it)),
                    UnaryOperator::Not => value.truth().map(|it| Val::Bool(!it)),
                };
                result.unwrap_or_else(Val::Unknown)
            }
            Expression::BinaryOp(it) => {
                let left = self.eval(&it.lhs_expr, locals);
                let right = self.eval(&it.rhs_expr, locals);
                binary(*it.operator.value(), &left, &right).unwrap_or_else(Val::Unknown)
            }
            Expression::ForExpr(it) => self.for_each(it, locals),
        }
    }

    /// The key of an entry: a word stands for itself, brackets around it make it a variable.
    pub(crate) fn key(&mut self, key: &'f ObjectKey, locals: &Locals) -> Result<String, Rc<str>> {
        match key {
            ObjectKey::Ident(name) => Ok(name.as_str().to_owned()),
            ObjectKey::Expression(Expression::Variable(name)) => Ok(name.as_str().to_owned()),
            ObjectKey::Expression(expression) => self.eval(expression, locals).text(),
        }
    }

    pub(crate) fn variable(&mut self, name: &str, line: u32, locals: &Locals) -> Val {
        if let Some((_, value)) = locals.iter().rev().find(|(local, _)| local == name) {
            return value.clone();
        }
        if let Some((value, used)) = self.known.get(name) {
            self.used.extend(used.iter().cloned());
            return value.clone();
        }
        if self.open.iter().any(|it| it == name) {
            return unknown(format!("{name} is defined by itself"));
        }
        // What is used on the way to this value is wanted for itself.
        let before = std::mem::take(&mut self.used);
        self.open.push(name.to_owned());
        let value = self.defined(name, line);
        self.open.pop();
        let used = std::mem::replace(&mut self.used, before);
        self.used.extend(used.iter().cloned());
        self.known.insert(name.to_owned(), (value.clone(), used));
        value
    }

    /// What a name comes to that nobody has asked for yet.
    fn defined(&mut self, name: &str, line: u32) -> Val {
        let none = Locals::new();
        if let Some(setting) = self.names.settings.get(name).copied() {
            return self.eval(setting, &none);
        }
        match self.names.variables.get(name).copied() {
            Some(default) => {
                let default = default.map(|default| self.eval(default, &none)).filter(|it| *it != Val::Null);
                match (self.given.get(name), default) {
                    (Some(given), default) => given_as(given, default.as_ref()),
                    (None, Some(default)) => {
                        self.used.insert(name.to_owned());
                        default
                    }
                    (None, None) => {
                        unknown(format!("{name} has no default, so it comes from the environment"))
                    }
                }
            }
            None if name == "BAKE_CMD_CONTEXT" => Val::Text("cwd://".to_owned()),
            None if name == "BAKE_LOCAL_PLATFORM" => unknown("BAKE_LOCAL_PLATFORM is that of the machine"),
            None => unknown(format!("there is no variable {name} (line {line})")),
        }
    }

    fn call(&mut self, call: &'f FuncCall, line: u32, locals: &Locals) -> Val {
        let name = call.name.name.as_str();
        let mut args: Vec<Val> = call.args.iter().map(|arg| self.eval(arg, locals)).collect();
        if call.args.expand_final() {
            match args.pop() {
                Some(Val::List(items)) => args.extend(items),
                Some(Val::Unknown(why)) => return Val::Unknown(why),
                Some(_) | None => return unknown("only a list can be expanded by '...'"),
            }
        }
        let Some(function) = self.names.functions.get(name).filter(|_| !call.name.is_namespaced()) else {
            return functions::call(name, &args).unwrap_or_else(|why| match why {
                Some(why) => Val::Unknown(why),
                None => unknown(format!("what {name}() comes to is not worked out here (line {line})")),
            });
        };
        let n_params = function.params.len();
        if args.len() < n_params || args.len() > n_params && function.variadic.is_none() {
            return unknown(format!(
                "{name}() is given {} values, and takes {n_params} (line {line})",
                args.len()
            ));
        }
        let rest = args.split_off(n_params);
        let mut inner: Locals = function.params.iter().map(|&it| it.to_owned()).zip(args).collect();
        inner.extend(function.variadic.map(|name| (name.to_owned(), Val::List(rest))));
        let result = function.result;
        self.eval(result, &inner)
    }

    fn traverse(&mut self, it: &'f Traversal, locals: &Locals) -> Val {
        let mut operators = it.operators.iter().map(|it| it.value());
        let mut value = match &it.expr {
            // `target.NAME.ATTRIBUTE` is what another target sets.
            Expression::Variable(root)
                if root.as_str() == "target" && locals.iter().all(|(name, _)| name != "target") =>
            {
                match (operators.next(), operators.next()) {
                    (Some(TraversalOperator::GetAttr(name)), Some(TraversalOperator::GetAttr(attribute))) => {
                        let (name, attribute) = (name.as_str(), attribute.as_str());
                        let found = self.names.targets.get(name).and_then(|it| it.get(attribute)).copied();
                        match found {
                            Some(expression) => self.eval(expression, &Locals::new()),
                            None => unknown(format!("target {name} sets no {attribute} itself")),
                        }
                    }
                    _ => unknown("a target is no value"),
                }
            }
            expression => self.eval(expression, locals),
        };
        for operator in operators {
            value = match operator {
                TraversalOperator::GetAttr(name) => element(&value, &Val::Text(name.as_str().to_owned())),
                TraversalOperator::Index(index) => {
                    let index = self.eval(index, locals);
                    element(&value, &index)
                }
                TraversalOperator::LegacyIndex(index) => element(&value, &Val::Number(*index.value() as f64)),
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    unknown("'*' is not worked out here")
                }
            };
        }
        value
    }

    fn for_each(&mut self, it: &'f ForExpr, locals: &Locals) -> Val {
        let collection = self.eval(&it.intro.collection_expr, locals);
        let rows = match rows(collection) {
            Ok(rows) => rows,
            Err(why) => return Val::Unknown(why),
        };
        let (mut items, mut entries) = (Vec::new(), Vec::new());
        for (key, value) in rows {
            let mut inner = locals.clone();
            inner.extend(it.intro.key_var.iter().map(|name| (name.as_str().to_owned(), key.clone())));
            inner.push((it.intro.value_var.as_str().to_owned(), value));
            if let Some(condition) = &it.cond {
                match self.eval(&condition.expr, &inner).truth() {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(why) => return Val::Unknown(why),
                }
            }
            let value = self.eval(&it.value_expr, &inner);
            match &it.key_expr {
                None => items.push(value),
                Some(key) => match self.eval(key, &inner).text() {
                    Ok(key) => put(&mut entries, key, value, it.grouping),
                    Err(why) => return Val::Unknown(why),
                },
            }
        }
        if it.key_expr.is_some() { Val::Map(entries) } else { Val::List(items) }
    }

    fn template(&mut self, template: &'f Template, locals: &Locals) -> Val {
        self.elements(template.iter().collect(), locals)
    }

    /// A text with expressions in it. One that is nothing but an expression is that expression.
    fn elements(&mut self, elements: Vec<&'f Element>, locals: &Locals) -> Val {
        let is_single = elements.len() == 1;
        let mut out = String::new();
        let mut strips = false;
        for element in elements {
            let (value, strip) = match element {
                Element::Literal(text) => {
                    let text = text.value().as_str();
                    out.push_str(if strips { text.trim_start() } else { text });
                    strips = false;
                    continue;
                }
                Element::Interpolation(it) => (self.eval(&it.expr, locals), it.strip),
                Element::Directive(it) => self.directive(it, locals),
            };
            if is_single && matches!(element, Element::Interpolation(_)) {
                return value;
            }
            if strip.strip_start() {
                out.truncate(out.trim_end().len());
            }
            strips = strip.strip_end();
            match value.text() {
                Ok(text) => out.push_str(&text),
                Err(why) => return Val::Unknown(why),
            }
            if out.len() > MAX_SIZE {
                return unknown("a text gets too large");
            }
        }
        Val::Text(out)
    }

    /// `%{ if … }` and `%{ for … }`.
    fn directive(&mut self, directive: &'f Directive, locals: &Locals) -> (Val, hcl_edit::template::Strip) {
        match directive {
            Directive::If(it) => {
                let value = match self.eval(&it.if_expr.cond_expr, locals).truth() {
                    Ok(true) => self.template(&it.if_expr.template, locals),
                    Ok(false) => match &it.else_expr {
                        Some(it) => self.template(&it.template, locals),
                        None => Val::Text(String::new()),
                    },
                    Err(why) => Val::Unknown(why),
                };
                (value, it.if_expr.strip)
            }
            Directive::For(it) => {
                let each = &it.for_expr;
                let rows = match rows(self.eval(&each.collection_expr, locals)) {
                    Ok(rows) => rows,
                    Err(why) => return (Val::Unknown(why), each.strip),
                };
                let mut out = String::new();
                for (key, value) in rows {
                    let mut inner = locals.clone();
                    inner.extend(each.key_var.iter().map(|name| (name.as_str().to_owned(), key.clone())));
                    inner.push((each.value_var.as_str().to_owned(), value));
                    match self.template(&each.template, &inner).text() {
                        Ok(text) if out.len() < MAX_SIZE => out.push_str(&text),
                        Ok(_) => return (unknown("a text gets too large"), each.strip),
                        Err(why) => return (Val::Unknown(why), each.strip),
                    }
                }
                (Val::Text(out), each.strip)
            }
        }
    }
}

/// What the environment sets, in the type of the default.
fn given_as(given: &str, default: Option<&Val>) -> Val {
    match default {
        Some(Val::Bool(_)) => match given.to_ascii_lowercase().as_str() {
            "1" | "t" | "true" => Val::Bool(true),
            "0" | "f" | "false" => Val::Bool(false),
            _ => unknown(format!("'{given}' is neither true nor false")),
        },
        Some(Val::Number(_)) => match given.parse::<f64>() {
            Ok(number) if number.is_finite() => Val::Number(number),
            Ok(_) | Err(_) => unknown(format!("'{given}' is no number")),
        },
        Some(Val::List(_) | Val::Map(_)) => unknown("a collection is set by the environment"),
        Some(Val::Null | Val::Text(_) | Val::Unknown(_)) | None => Val::Text(given.to_owned()),
    }
}

/// Keys and values of what a `for` goes through.
fn rows(collection: Val) -> Result<Vec<(Val, Val)>, Rc<str>> {
    match collection {
        Val::List(items) => {
            Ok(items.into_iter().enumerate().map(|(at, it)| (Val::Number(at as f64), it)).collect())
        }
        Val::Map(entries) => Ok(entries.into_iter().map(|(key, it)| (Val::Text(key), it)).collect()),
        Val::Unknown(why) => Err(why),
        Val::Null | Val::Bool(_) | Val::Number(_) | Val::Text(_) => {
            Err(Rc::from("'for' goes through no collection"))
        }
    }
}

fn put(entries: &mut Vec<(String, Val)>, key: String, value: Val, grouping: bool) {
    let before = entries.iter_mut().find(|(it, _)| *it == key);
    match (before, grouping) {
        (Some((_, Val::List(items))), true) => items.push(value),
        (Some((_, before)), _) => *before = value,
        (None, true) => entries.push((key, Val::List(vec![value]))),
        (None, false) => entries.push((key, value)),
    }
}

/// An element of a list or a map.
pub(crate) fn element(of: &Val, index: &Val) -> Val {
    match (of, index) {
        (Val::Unknown(why), _) | (_, Val::Unknown(why)) => Val::Unknown(why.clone()),
        (Val::List(items), index) => match index.number() {
            Ok(at) if at >= 0.0 => {
                items.get(at as usize).cloned().unwrap_or_else(|| unknown("a list has no such place"))
            }
            Ok(_) => unknown("a list has no such place"),
            Err(why) => Val::Unknown(why),
        },
        (Val::Map(entries), index) => match index.text() {
            Ok(key) => match entries.iter().find(|(it, _)| *it == key) {
                Some((_, value)) => value.clone(),
                None => unknown(format!("there is no '{key}' in it")),
            },
            Err(why) => Val::Unknown(why),
        },
        (Val::Null | Val::Bool(_) | Val::Number(_) | Val::Text(_), _) => {
            unknown("something is asked for what is in it that is no collection")
        }
    }
}

fn binary(operator: BinaryOperator, left: &Val, right: &Val) -> Result<Val, Rc<str>> {
    let numbers = || Ok::<(f64, f64), Rc<str>>((left.number()?, right.number()?));
    // One side may be enough.
    let either = |decides: bool| match (left.truth(), right.truth()) {
        (Ok(it), _) | (_, Ok(it)) if it == decides => Ok(Val::Bool(decides)),
        (Ok(_), Ok(_)) => Ok(Val::Bool(!decides)),
        (Err(why), _) | (_, Err(why)) => Err(why),
    };
    Ok(match operator {
        BinaryOperator::Eq => Val::Bool(functions::equal(left, right)?),
        BinaryOperator::NotEq => Val::Bool(!functions::equal(left, right)?),
        BinaryOperator::And => either(false)?,
        BinaryOperator::Or => either(true)?,
        BinaryOperator::LessEq => numbers().map(|(a, b)| Val::Bool(a <= b))?,
        BinaryOperator::GreaterEq => numbers().map(|(a, b)| Val::Bool(a >= b))?,
        BinaryOperator::Less => numbers().map(|(a, b)| Val::Bool(a < b))?,
        BinaryOperator::Greater => numbers().map(|(a, b)| Val::Bool(a > b))?,
        BinaryOperator::Plus => numbers().map(|(a, b)| Val::Number(a + b))?,
        BinaryOperator::Minus => numbers().map(|(a, b)| Val::Number(a - b))?,
        BinaryOperator::Mul => numbers().map(|(a, b)| Val::Number(a * b))?,
        BinaryOperator::Div | BinaryOperator::Mod => {
            let (a, b) = numbers()?;
            if b == 0.0 {
                return Err(Rc::from("something is divided by zero"));
            }
            Val::Number(if operator == BinaryOperator::Div { a / b } else { a % b })
        }
    })
}

/// The word that an expression is: the name of a parameter.
pub(crate) fn word(expression: &Expression) -> Option<&str> {
    match expression {
        Expression::Variable(name) => Some(name.as_str()),
        // In JSON every word is a text.
        Expression::String(text) => Some(text.value()),
        _ => None,
    }
}

/// Where the key of an attribute stands.
pub(crate) fn key_span(attribute: &Attribute) -> usize {
    attribute.key.span().map_or(0, |span| span.start)
}
