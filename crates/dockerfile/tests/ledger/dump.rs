//! A ledger as compact text: one line for each path and for each way in which it came to be.

use std::collections::BTreeSet;
use std::fmt::Write;

use dockerfile::queries::ledger::{At, How, Ledger, NodeId, Package, Place};
use dockerfile::stages::{Source, SourceId, StageGraph};

/// Writes a ledger; an instruction is `STAGE:LINE`, a `!` says that it is a trigger, `^` that a node is above.
pub(crate) fn ledger(graph: &StageGraph, ledger: &Ledger) -> String {
    let mut dump = Dump { graph, ledger, out: String::new(), seen: BTreeSet::new() };
    for entry in &ledger.entries {
        let node = ledger.node(entry.node).unwrap();
        dump.out.push_str(&dump.name(entry.node, dump.is_in_image(node.place)));
        let notes = [("overwritten", entry.overwritten_by), ("removed", entry.removed_by)];
        for (note, at) in notes.into_iter().filter_map(|(note, at)| Some((note, at?))) {
            write!(dump.out, " {note} {}", dump.at(at)).unwrap();
        }
        for at in &entry.changed_by {
            write!(dump.out, " changed {}", dump.at(*at)).unwrap();
        }
        dump.out.push('\n');
        dump.makings(entry.node, 1);
    }
    dump.packages("", &ledger.packages);
    for at in &ledger.opaque {
        writeln!(dump.out, "opaque {}", dump.at(*at)).unwrap();
    }
    for left in &ledger.left_behind {
        let base = left.base.map_or(String::new(), |id| format!(" ({})", dump.source(id)));
        writeln!(dump.out, "LEFT {}{base}", graph.stages[left.stage.0].display_name()).unwrap();
        dump.packages("  ", &left.packages);
        for path in &left.paths {
            let part = if path.in_part { "rest of " } else { "" };
            writeln!(dump.out, "  {part}{}", dump.name(path.node, true)).unwrap();
        }
        for it in &left.selected {
            let what = if it.is_mount { "read" } else { "taken" };
            writeln!(dump.out, "  {what} {} by {}", dump.name(it.node, true), dump.at(it.by)).unwrap();
        }
    }
    for stage in &ledger.not_built {
        writeln!(dump.out, "NOT BUILT {}", graph.stages[stage.0].display_name()).unwrap();
    }
    if ledger.is_cut_short {
        dump.out.push_str("CUT SHORT\n");
    }
    dump.out
}

struct Dump<'l> {
    graph: &'l StageGraph,
    ledger: &'l Ledger,
    out: String,
    seen: BTreeSet<NodeId>,
}

impl Dump<'_> {
    fn makings(&mut self, id: NodeId, depth: usize) {
        let ledger = self.ledger;
        let node = ledger.node(id).unwrap();
        for making in &node.makings {
            let how = match &making.how {
                How::Copy => "COPY".to_owned(),
                How::Unpack => "UNPACK".to_owned(),
                How::Fetch => "FETCH".to_owned(),
                How::Workdir => "WORKDIR".to_owned(),
                How::Run { command } => format!("RUN ({command})"),
                How::Mount { command } => format!("LOST ({command})"),
                How::Base => "BASE".to_owned(),
                How::Nothing => "NOTHING".to_owned(),
            };
            let certainty = format!("{:?}", making.certainty).to_lowercase();
            let indent = "  ".repeat(depth);
            write!(self.out, "{indent}{certainty} {} {how}", self.at(making.at)).unwrap();
            let names: Vec<String> = making.from.iter().map(|id| self.name(*id, false)).collect();
            let marks = making.from.iter().map(|id| {
                let is_open = !ledger.node(*id).unwrap().makings.is_empty();
                if is_open && self.seen.contains(id) { "^" } else { "" }
            });
            let names: Vec<String> = names.into_iter().zip(marks).map(|(name, mark)| name + mark).collect();
            if !names.is_empty() {
                write!(self.out, " <- {}", names.join(", ")).unwrap();
            }
            self.out.push('\n');
            for from in &making.from {
                if self.seen.insert(*from) {
                    self.makings(*from, depth + 1);
                }
            }
        }
    }

    fn is_in_image(&self, place: Place) -> bool {
        matches!(place, Place::Stage(_))
    }

    fn name(&self, id: NodeId, is_short: bool) -> String {
        let node = self.ledger.node(id).unwrap();
        let place = match node.place {
            Place::Stage(_) if is_short => String::new(),
            Place::Stage(id) => format!("{}:", self.graph.stages[id.0].display_name()),
            Place::Source(id) => format!("{}:", self.source(id)),
            Place::Heredoc(at) => format!("heredoc {}:", self.at(at)),
        };
        format!("{place}{} {}", node.path, format!("{:?}", node.shape).to_lowercase())
    }

    fn source(&self, id: SourceId) -> String {
        match &self.graph.sources[id.0] {
            Source::Image { familiar, .. } => familiar.clone(),
            Source::Scratch => "scratch".to_owned(),
            Source::Context => "context".to_owned(),
            Source::NamedContext { name, .. } => format!("({name})"),
            Source::Remote(address) | Source::Invalid(address) => format!("<{address}>"),
        }
    }

    fn at(&self, at: At) -> String {
        let stage = &self.graph.stages[at.stage.0];
        let mark = if at.trigger.is_some() { "!" } else { "" };
        format!("{}:{}{mark}", stage.display_name(), stage.steps[at.step].lines.first)
    }

    fn packages(&mut self, indent: &str, packages: &[Package]) {
        for package in packages {
            let version = package.version.as_ref().map_or(String::new(), |it| format!("={it}"));
            let removed = package.removed_by.map_or(String::new(), |at| format!(" removed {}", self.at(at)));
            let (manager, name) = (package.manager, &package.name);
            writeln!(self.out, "{indent}{manager} {name}{version} {}{removed}", self.at(package.at)).unwrap();
        }
    }
}
