//! Functions that every Bake file has (`hclparser.Stdlib`), those that decide about names, tags and stages.
//!
//! What is not here (dates, encodings, addresses, regular expressions) leaves a value unknown, and says so.

use std::rc::Rc;

use crate::expression::{Val, element};

/// What a function comes to. The error has the reason, or none if the function is not known here.
pub(crate) fn call(name: &str, args: &[Val]) -> Result<Val, Option<Rc<str>>> {
    // These look at what is known themselves.
    match (name, args) {
        ("coalesce", args) => return coalesce(args).map_err(Some),
        ("concat", args) => return concat(args).map_err(Some),
        ("length", [Val::List(items)]) => return Ok(Val::Number(items.len() as f64)),
        ("try", [first, ..]) if first.doubt().is_none() => return Ok(first.clone()),
        ("can" | "try", _) => return Err(None),
        _ => {}
    }
    if let Some(why) = args.iter().find_map(Val::doubt) {
        return Err(Some(why));
    }
    let text = |at: usize| args.get(at).ok_or_else(|| missing(name)).and_then(|it| it.text().map_err(Some));
    let number = |at: usize| match args.get(at) {
        Some(Val::Number(it)) => Ok(*it),
        Some(Val::Text(text)) => text.parse().map_err(|_| Some(Rc::from(format!("{name}() needs a number")))),
        _ => Err(Some(Rc::from(format!("{name}() needs a number")))),
    };
    let list = |at: usize| match args.get(at) {
        Some(Val::List(items)) => Ok(items.as_slice()),
        _ => Err(Some(Rc::from(format!("{name}() needs a list")))),
    };
    let truth = |at: usize| match args.get(at) {
        Some(Val::Bool(it)) => Ok(*it),
        _ => Err(Some(Rc::from(format!("{name}() needs true or false")))),
    };
    let texts = |at: usize| -> Result<Vec<String>, Option<Rc<str>>> {
        list(at)?.iter().map(|it| it.text().map_err(Some)).collect()
    };
    Ok(match name {
        "upper" => Val::Text(text(0)?.to_uppercase()),
        "lower" => Val::Text(text(0)?.to_lowercase()),
        "title" => Val::Text(title(&text(0)?)),
        "trimspace" => Val::Text(text(0)?.trim().to_owned()),
        "chomp" => Val::Text(text(0)?.trim_end_matches(['\r', '\n']).to_owned()),
        "trim" => {
            let letters: Vec<char> = text(1)?.chars().collect();
            Val::Text(text(0)?.trim_matches(letters.as_slice()).to_owned())
        }
        "trimprefix" => {
            let (all, prefix) = (text(0)?, text(1)?);
            Val::Text(all.strip_prefix(prefix.as_str()).unwrap_or(&all).to_owned())
        }
        "trimsuffix" => {
            let (all, suffix) = (text(0)?, text(1)?);
            Val::Text(all.strip_suffix(suffix.as_str()).unwrap_or(&all).to_owned())
        }
        "replace" => {
            let (all, from, to) = (text(0)?, text(1)?, text(2)?);
            if from.is_empty() || all.matches(&from).count().saturating_mul(to.len()) > 1 << 16 {
                return Err(Some(Rc::from("a text gets too large")));
            }
            Val::Text(all.replace(&from, &to))
        }
        "strlen" => Val::Number(text(0)?.chars().count() as f64),
        "substr" => {
            let letters: Vec<char> = text(0)?.chars().collect();
            let (start, len) = (number(1)?, number(2)?);
            let start = if start < 0.0 {
                letters.len().saturating_sub(-start as usize)
            } else {
                (start as usize).min(letters.len())
            };
            let end =
                if len < 0.0 { letters.len() } else { start.saturating_add(len as usize).min(letters.len()) };
            Val::Text(letters[start..end].iter().collect())
        }
        "join" => Val::Text(texts(1)?.join(&text(0)?)),
        "split" => {
            let (by, all) = (text(0)?, text(1)?);
            if by.is_empty() {
                return Err(Some(Rc::from("split() needs something to split by")));
            }
            Val::List(all.split(by.as_str()).map(|it| Val::Text(it.to_owned())).collect())
        }
        "format" => Val::Text(format(&text(0)?, args.get(1..).unwrap_or_default()).ok_or(None)?),
        "basename" => {
            Val::Text(text(0)?.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned())
        }
        "dirname" => {
            let path = text(0)?;
            let (folder, _) = path.rsplit_once('/').unwrap_or((".", ""));
            Val::Text(if folder.is_empty() { "/".to_owned() } else { folder.to_owned() })
        }
        "sanitize" => {
            let is_fine = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
            Val::Text(text(0)?.chars().map(|it| if is_fine(it) { it } else { '_' }).collect())
        }
        "equal" => Val::Bool(
            equal(args.first().ok_or_else(|| missing(name))?, args.get(1).ok_or_else(|| missing(name))?)
                .map_err(Some)?,
        ),
        "notequal" => Val::Bool(
            !equal(args.first().ok_or_else(|| missing(name))?, args.get(1).ok_or_else(|| missing(name))?)
                .map_err(Some)?,
        ),
        "not" => Val::Bool(!truth(0)?),
        "and" => Val::Bool(truth(0)? && truth(1)?),
        "or" => Val::Bool(truth(0)? || truth(1)?),
        "add" => Val::Number(number(0)? + number(1)?),
        "subtract" => Val::Number(number(0)? - number(1)?),
        "multiply" => Val::Number(number(0)? * number(1)?),
        "min" | "max" => {
            let numbers = (0..args.len()).map(number).collect::<Result<Vec<f64>, _>>()?;
            let better = |a: f64, b: f64| if name == "min" { a.min(b) } else { a.max(b) };
            Val::Number(numbers.into_iter().reduce(better).ok_or_else(|| missing(name))?)
        }
        "length" => match args {
            [Val::Map(entries)] => Val::Number(entries.len() as f64),
            _ => return Err(Some(Rc::from("length() needs a collection"))),
        },
        "contains" => {
            let wanted = args.get(1).ok_or_else(|| missing(name))?;
            Val::Bool(list(0)?.iter().any(|it| it == wanted))
        }
        "distinct" => {
            let mut seen: Vec<Val> = Vec::new();
            for item in list(0)? {
                if !seen.contains(item) {
                    seen.push(item.clone());
                }
            }
            Val::List(seen)
        }
        "compact" => {
            let texts = texts(0)?.into_iter().filter(|it| !it.is_empty());
            Val::List(texts.map(Val::Text).collect())
        }
        "reverse" | "reverselist" => Val::List(list(0)?.iter().rev().cloned().collect()),
        "sort" => {
            let mut texts = texts(0)?;
            texts.sort();
            Val::List(texts.into_iter().map(Val::Text).collect())
        }
        "flatten" => {
            let mut out = Vec::new();
            flatten(list(0)?, &mut out);
            Val::List(out)
        }
        "element" => {
            let (items, at) = (list(0)?, number(1)?);
            if items.is_empty() || at < 0.0 {
                return Err(Some(Rc::from("element() finds nothing")));
            }
            items[at as usize % items.len()].clone()
        }
        "index" => {
            element(args.first().ok_or_else(|| missing(name))?, args.get(1).ok_or_else(|| missing(name))?)
        }
        "slice" => {
            let (items, start, end) = (list(0)?, number(1)? as usize, number(2)? as usize);
            Val::List(
                items.get(start..end).ok_or_else(|| Some(Rc::from("slice() goes past the end")))?.to_vec(),
            )
        }
        "keys" | "values" => match args {
            [Val::Map(entries)] => {
                let mut entries = entries.clone();
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                let part = |(key, value)| if name == "keys" { Val::Text(key) } else { value };
                Val::List(entries.into_iter().map(part).collect())
            }
            _ => return Err(Some(Rc::from(format!("{name}() needs a map")))),
        },
        "lookup" => match (args.first(), text(1)?) {
            (Some(Val::Map(entries)), key) => match entries.iter().find(|(it, _)| *it == key) {
                Some((_, value)) => value.clone(),
                None => args.get(2).cloned().ok_or_else(|| missing(name))?,
            },
            _ => return Err(Some(Rc::from("lookup() needs a map"))),
        },
        "merge" => {
            let mut all: Vec<(String, Val)> = Vec::new();
            for arg in args {
                let Val::Map(entries) = arg else { return Err(Some(Rc::from("merge() needs maps"))) };
                for (key, value) in entries {
                    match all.iter_mut().find(|(it, _)| it == key) {
                        Some((_, before)) => *before = value.clone(),
                        None => all.push((key.clone(), value.clone())),
                    }
                }
            }
            Val::Map(all)
        }
        "range" => {
            let (start, end) = if args.len() > 1 { (number(0)?, number(1)?) } else { (0.0, number(0)?) };
            let step = if args.len() > 2 { number(2)? } else { 1.0 };
            if step <= 0.0 || (end - start) / step > 1024.0 {
                return Err(Some(Rc::from("range() is too long")));
            }
            let n = ((end - start) / step).ceil().max(0.0) as usize;
            Val::List((0..n).map(|it| Val::Number(start + it as f64 * step)).collect())
        }
        "tostring" | "toString" => Val::Text(text(0)?),
        _ => return Err(None),
    })
}

/// Whether two values are the same; a number and a text that says it are.
pub(crate) fn equal(a: &Val, b: &Val) -> Result<bool, Rc<str>> {
    if let Some(why) = a.doubt().or_else(|| b.doubt()) {
        return Err(why);
    }
    Ok(match (a, b) {
        (Val::Null, b) => *b == Val::Null,
        (a, Val::Null) => *a == Val::Null,
        (Val::List(_) | Val::Map(_), _) | (_, Val::List(_) | Val::Map(_)) => a == b,
        (a, b) => a.text().ok() == b.text().ok(),
    })
}

/// The first value that is something.
fn coalesce(args: &[Val]) -> Result<Val, Rc<str>> {
    for arg in args {
        match arg {
            Val::Null => {}
            Val::Text(text) if text.is_empty() => {}
            Val::Unknown(why) => return Err(why.clone()),
            found => return Ok(found.clone()),
        }
    }
    Err(Rc::from("coalesce() finds nothing"))
}

fn concat(args: &[Val]) -> Result<Val, Rc<str>> {
    let mut all = Vec::new();
    for arg in args {
        match arg {
            Val::List(items) => all.extend(items.iter().cloned()),
            Val::Unknown(why) => return Err(why.clone()),
            Val::Null | Val::Bool(_) | Val::Number(_) | Val::Text(_) | Val::Map(_) => {
                return Err(Rc::from("concat() needs lists"));
            }
        }
    }
    Ok(Val::List(all))
}

fn flatten(items: &[Val], out: &mut Vec<Val>) {
    for item in items {
        match item {
            Val::List(inner) => flatten(inner, out),
            other => out.push(other.clone()),
        }
    }
}

fn missing(name: &str) -> Option<Rc<str>> {
    Some(Rc::from(format!("{name}() is given too little")))
}

fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = true;
    for letter in text.chars() {
        match begins {
            true => out.extend(letter.to_uppercase()),
            false => out.push(letter),
        }
        begins = !letter.is_alphanumeric();
    }
    out
}

/// `%s`, `%d`, `%v` and `%%`; anything finer is not worked out.
fn format(pattern: &str, args: &[Val]) -> Option<String> {
    let mut out = String::new();
    let mut args = args.iter();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        match letters.next()? {
            '%' => out.push('%'),
            's' | 'd' | 'v' => out.push_str(&args.next()?.text().ok()?),
            _ => return None,
        }
    }
    Some(out)
}
