//! Applies fixes until there is nothing left to mend.
//!
//! Fixes come in rounds: what does not touch each other is applied together, and the result is read again. What is safe
//! comes first. Surprising: nothing is taken on trust; a round that makes the file worse, or leaves a
//! rule with as many findings as before, is not kept, and is tried again with half of its fixes, down to a single one.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{File, Finding, Rule, Scope, buildkit};
use crate::context::BuildContext;
use crate::edit::{self, Fix, Safety, TextEdit};
use crate::queries::{self, Target};
use crate::stages::{self, BuildOptions};
use crate::syntax;

/// More rounds than this are not for people's files.
const MAX_ROUNDS: usize = 200;

/// A text with everything mended that could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// What was applied, in order.
    pub applied: Vec<Applied>,
    /// What is still found of what was wanted.
    pub left: Vec<Finding>,
}

/// A fix that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The rule that it was for.
    pub rule: &'static Rule,
    /// What it did.
    pub title: String,
    /// Whether what is built stays the same.
    pub safety: Safety,
}

/// Mends what is found of what is `wanted`, hidden or not: by safe fixes, and with `with_asking` by the best of the others too. Of a
/// text that it has made it changes nothing.
pub fn fix_all(
    text: &str,
    options: &BuildOptions,
    context: Option<&BuildContext>,
    wanted: impl Fn(&Finding) -> bool,
    with_asking: bool,
) -> Fixed {
    let read = |text: &str| Reading::of(text, options, context, &wanted, with_asking);
    let mut now = read(text);
    let mut fixed = Fixed { text: text.to_owned(), applied: Vec::new(), left: Vec::new() };
    let mut refused: HashSet<Key> = HashSet::new();
    for _ in 0..MAX_ROUNDS {
        let mut chosen = now.choose(&refused);
        if chosen.is_empty() {
            break;
        }
        loop {
            let edits: Vec<TextEdit> = chosen.iter().flat_map(|it| it.fix.edits.iter().cloned()).collect();
            let is_safe = chosen.iter().all(|it| it.fix.is_safe());
            let text = edit::apply(&fixed.text, &edits).filter(|text| *text != fixed.text);
            let next = text.map(|text| (read(&text), text));
            let helps = |next: &Reading| {
                let falls = |it: &&Candidate| next.n_left(it.rule) < now.n_left(it.rule);
                !next.measure.is_worse(&now.measure, is_safe) && chosen.iter().all(falls)
            };
            if let Some((next, text)) = next.filter(|(next, _)| helps(next)) {
                let done = |it: &Candidate| Applied {
                    rule: it.rule,
                    title: it.fix.title.clone(),
                    safety: it.fix.safety.clone(),
                };
                fixed.applied.extend(chosen.into_iter().map(done));
                (now, fixed.text) = (next, text);
                // What was worse before may be fine now.
                refused.clear();
                break;
            }
            if let [only] = &chosen[..] {
                refused.insert(only.key());
                break;
            }
            chosen.truncate(chosen.len() / 2);
        }
    }
    fixed.left = now.left;
    fixed
}

/// A finding that can be mended, and how.
struct Candidate {
    rule: &'static Rule,
    message: String,
    fix: Fix,
}

/// What a fix is known by once places have moved.
type Key = (&'static str, String, String);

impl Candidate {
    fn key(&self) -> Key {
        (self.rule.name, self.message.clone(), self.fix.title.clone())
    }
}

/// What there is to say of a text on the way.
struct Reading {
    measure: Measure,
    /// Safe ones first.
    candidates: Vec<Candidate>,
    left: Vec<Finding>,
    /// How many of these are of each rule.
    by_wanted: HashMap<&'static str, usize>,
}

impl Reading {
    fn of(
        text: &str,
        options: &BuildOptions,
        context: Option<&BuildContext>,
        wanted: &impl Fn(&Finding) -> bool,
        with_asking: bool,
    ) -> Reading {
        let parse = syntax::parse(text);
        let graph = stages::resolve(&parse, options);
        let cut = queries::cut(&graph, &Target::from_name(options.target.as_deref()));
        let file = File::new(text, &parse, &graph, options, cut.as_ref().ok()).with_context(context);
        let left: Vec<Finding> = super::find_where(&file, wanted).findings;
        let (mut safe, mut asking) = (Vec::new(), Vec::new());
        for finding in &left {
            let candidate = |fix| Candidate { rule: finding.rule, message: finding.message.clone(), fix };
            let mut fixes = finding.fixes(&file);
            match fixes.iter().position(Fix::is_safe) {
                Some(at) => safe.push(candidate(fixes.swap_remove(at))),
                None if with_asking && !fixes.is_empty() => asking.push(candidate(fixes.swap_remove(0))),
                None => {}
            }
        }
        let checked = super::check(&parse, &graph, options, Scope::AllStages);
        let mut by_rule = [0; buildkit::RULES.len()];
        for finding in checked.findings.iter().filter(|finding| !finding.hidden) {
            if let Some(at) = buildkit::RULES.iter().position(|rule| **rule == *finding.rule) {
                by_rule[at] += 1;
            }
        }
        let in_stages = graph.stage_errors.len();
        let errors = [parse.errors.len(), graph.errors.len(), in_stages, usize::from(cut.is_err())];
        safe.append(&mut asking);
        let mut by_wanted = HashMap::new();
        for finding in &left {
            *by_wanted.entry(finding.rule.name).or_default() += 1;
        }
        Reading { measure: Measure { errors, by_rule }, candidates: safe, left, by_wanted }
    }

    /// How much a rule still finds.
    fn n_left(&self, rule: &Rule) -> usize {
        self.by_wanted.get(rule.name).copied().unwrap_or(0)
    }

    /// What can be applied together: safe fixes as long as there are any, none touching another.
    fn choose(&self, refused: &HashSet<Key>) -> Vec<&Candidate> {
        let open = || self.candidates.iter().filter(|it| !refused.contains(&it.key()));
        let is_safe = open().next().is_some_and(|it| it.fix.is_safe());
        // The ends of what is taken, by the starts.
        let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
        let mut chosen = Vec::new();
        for candidate in open().filter(|it| it.fix.is_safe() == is_safe) {
            let edits = &candidate.fix.edits;
            let touches = |it: &TextEdit| {
                taken.range(..=it.range.end).next_back().is_some_and(|(_, end)| *end >= it.range.start)
            };
            if edits.is_empty() || edits.iter().any(touches) {
                continue;
            }
            for TextEdit { range, .. } in edits {
                let end = taken.entry(range.start).or_insert(range.end);
                *end = range.end.max(*end);
            }
            chosen.push(candidate);
        }
        chosen
    }
}

/// How bad a text is.
struct Measure {
    /// Of the text, of the graph, of its stages; and whether there is no target.
    errors: [usize; 4],
    /// How often each of BuildKit's rules finds something.
    by_rule: [usize; buildkit::RULES.len()],
}

impl Measure {
    /// Whether there are more errors than before, or, where fixes should be safe, more findings of a rule of BuildKit.
    fn is_worse(&self, before: &Measure, is_safe: bool) -> bool {
        let is_more = |now: &[usize], before: &[usize]| now.iter().zip(before).any(|(now, it)| now > it);
        is_more(&self.errors, &before.errors) || is_safe && is_more(&self.by_rule, &before.by_rule)
    }
}
