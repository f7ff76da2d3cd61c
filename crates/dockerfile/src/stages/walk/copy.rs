//! COPY and ADD: what they take, from where, and what is wrong with it.
//!
//! Follows the arms for both in `dispatch`, and `dispatchCopy`. Surprising: ADD looks at each source by itself,
//! so one line can take from the build context, a URL and a repository at once; and a COPY of nothing but
//! heredocs needs no context.

use super::{FORWARD_HELP, Flow, Here, Walk, rooted};
use crate::stages::bases::SUBSTITUTION_HELP;
use crate::stages::git_ref::{self, SourceForm};
use crate::stages::references::Reference;
use crate::stages::resolve::Origin;
use crate::stages::{Copied, EdgeKind, Effect, FileCopy, Inline, Source, expand, go, image_ref, values};
use crate::syntax::{self, Instruction, InstructionKind, Word};
use crate::text::TextRange;

impl Walk<'_, '_> {
    pub(super) fn copy(&mut self, here: &Here<'_, '_>, reference: Option<&Reference>) -> Effect {
        let flags = self.copy_flags(here);
        let Some((destination, sources)) = here.instruction.args.split_last() else { return Effect::Nothing };
        let words = || sources.iter().filter(|word| !is_heredoc_marker(&word.text));
        let mut expanded = Vec::with_capacity(sources.len());
        for word in words() {
            let Some(text) = self.expand(here, word) else { break };
            expanded.push(text.into_owned());
        }
        let destination_range = destination.range;
        let destination = self.expand(here, destination).unwrap_or_default().into_owned();
        let fault = self.drive_fault(here, &destination);
        let contents = self.contents(here);
        let copied = self.copied(here, expanded, destination, contents);
        let is_forward = reference.is_some_and(|reference| self.check_direction(here, reference));
        if let Some(message) = fault {
            self.fail(here, destination_range, message, None);
        }
        self.check_flags(here, &flags, &copied.sources);
        let (paths, range) = self.local_sources(here, words(), &copied.sources, reference.is_none());
        match (reference, range) {
            (Some(reference), _) => {
                let broken = is_forward || self.is_refused(here, reference);
                let origin = reference.referent.clone().into();
                let carries = !paths.is_empty();
                let flow =
                    Flow { origin, kind: EdgeKind::Copy, range: reference.range, broken, carries, paths };
                self.edge(here, flow);
            }
            (None, Some(range)) => self.note_context(here, EdgeKind::Copy, range, paths),
            (None, None) => {}
        }
        Effect::Copy(copied)
    }

    fn copied(
        &self,
        here: &Here<'_, '_>,
        sources: Vec<String>,
        destination: String,
        contents: Vec<Inline>,
    ) -> Copied {
        let target = self.destination(here, &destination);
        let is_copy = here.instruction.kind == InstructionKind::Copy;
        let has_parents = is_copy && is_set(here.instruction, "parents").unwrap_or_default();
        let unpack = if is_copy { None } else { is_set(here.instruction, "unpack") };
        let excludes = here.instruction.flags.iter().filter(|flag| flag.name.text == "exclude");
        let excludes = excludes.filter_map(|flag| Some(flag.value.as_ref()?.text.to_string())).collect();

        let remote = sources.iter().map(|source| match git_ref::source_form(source) {
            SourceForm::Git(_) | SourceForm::BadGit(_) => "/".to_owned(),
            SourceForm::Http => rooted(&url_file_name(source)),
            SourceForm::Local => {
                let source = self.slashed(here, source);
                match has_parents {
                    false => rooted(&source),
                    true => source.split_once("/./").map_or("/".to_owned(), |(parent, _)| rooted(parent)),
                }
            }
        });
        let inline = contents.iter().map(|inline| rooted(&inline.name));
        let targets = std::iter::repeat_n(target, sources.len() + contents.len());
        let files = remote.chain(inline).zip(targets);
        let files = files.map(|(source, destination)| FileCopy { source, destination }).collect();
        Copied { sources, destination, contents, files, parents: has_parents, unpack, excludes }
    }

    /// The destination seen from the working directory; a slash at the end stays, and so does `/.`.
    fn destination(&self, here: &Here<'_, '_>, path: &str) -> String {
        let path = self.slashed(here, path);
        let path = if matches!(path.as_ref(), "" | ".") { "./" } else { &path };
        let mut absolute = self.absolute(here, path);
        let is_dotted = path.ends_with("/.") && !self.is_windows(here);
        if (path.ends_with('/') || is_dotted) && !absolute.ends_with('/') {
            absolute.push('/');
        }
        if is_dotted {
            absolute.push('.');
        }
        absolute
    }

    /// Expands the flags that are expanded.
    fn copy_flags(&mut self, here: &Here<'_, '_>) -> Vec<(&'static str, TextRange, String)> {
        let mut flags = Vec::new();
        for name in ["chown", "chmod", "checksum"] {
            if let Some(word) = here.instruction.flag(name) {
                let Some(value) = self.expand(here, word) else { break };
                flags.push((name, word.range, value.into_owned()));
            }
        }
        flags
    }

    fn check_flags(
        &mut self,
        here: &Here<'_, '_>,
        flags: &[(&'static str, TextRange, String)],
        sources: &[String],
    ) {
        for (name, range, value) in flags.iter().filter(|(_, _, value)| !value.is_empty()) {
            let fault = match *name {
                "chmod" => values::chmod(value),
                "checksum" => checksum_fault(value, sources),
                _ => None,
            };
            if let Some(message) = fault {
                self.fail(here, *range, message, None);
                return;
            }
        }
    }

    /// Says so if the reference points to a stage that is not built yet.
    fn check_direction(&mut self, here: &Here<'_, '_>, reference: &Reference) -> bool {
        let is_forward = self.is_forward(here, reference);
        if is_forward {
            let name = self.bases.stages[here.stage.0].display_name(here.stage);
            let message = format!(
                "cannot copy from stage {}, it needs to be defined before current stage {}",
                go::quote(&reference.text),
                go::quote(&name)
            );
            self.fail(here, reference.range, message, Some(FORWARD_HELP));
        }
        is_forward
    }

    /// Notes the sources that come from afar, and gives the others: their paths, and where they stand.
    fn local_sources<'w>(
        &mut self,
        here: &Here<'_, '_>,
        words: impl Iterator<Item = &'w Word<'w>>,
        sources: &[String],
        from_context: bool,
    ) -> (Vec<String>, Option<TextRange>) {
        let is_add = here.instruction.kind == InstructionKind::Add;
        let mut paths = Vec::with_capacity(sources.len());
        let mut local: Option<TextRange> = None;
        for (word, text) in words.zip(sources) {
            let refused = match git_ref::source_form(text) {
                SourceForm::Local => {
                    if let Some(fault) = self.drive_fault(here, text) {
                        self.fail(here, word.range, format!("removing drive letter: {fault}"), None);
                    }
                    paths.push(rooted(text));
                    local = Some(local.map_or(word.range, |range| range.cover(word.range)));
                    continue;
                }
                SourceForm::BadGit(message) => Some(message),
                SourceForm::Git(_) if !is_add => Some("source can't be a git ref for COPY".to_owned()),
                SourceForm::Http if !is_add => Some("source can't be a URL for COPY".to_owned()),
                SourceForm::Git(_) | SourceForm::Http => None,
            };
            let broken = refused.is_some();
            if let Some(message) = refused {
                let help = (!is_add).then_some("ADD can fetch it; COPY takes paths only");
                self.fail(here, word.range, message, help);
            }
            // BuildKit asks the context for a repository too, as if its address were a path.
            if from_context && is_add && !text.starts_with("http://") && !text.starts_with("https://") {
                self.stages[here.stage.0].context_paths.push(rooted(text));
            }
            let origin = Origin::Source(Source::Remote(text.clone()));
            let (kind, range) = (EdgeKind::Copy, word.range);
            self.edge(here, Flow { origin, kind, range, broken, carries: true, paths: vec![text.clone()] });
        }
        (paths, local)
    }

    /// The heredocs among the sources as files.
    fn contents(&mut self, here: &Here<'_, '_>) -> Vec<Inline> {
        let Some((_, sources)) = here.instruction.args.split_last() else { return Vec::new() };
        let mut contents = Vec::new();
        for (word, name) in sources.iter().filter_map(|word| Some((word, marker_name(&word.text)?))) {
            // BuildKit finds the body by its name: the last of equal ones. JSON has none.
            let heredocs = &here.instruction.heredocs;
            let body = heredocs.iter().rfind(|heredoc| heredoc.name == name && !here.instruction.json);
            let text = body.map_or(String::new(), |body| match body.chomp {
                true => without_tabs(body.content),
                false => body.content.to_owned(),
            });
            let environments = &self.environments;
            let lookup = |name: &str| environments.get(here.scope, name);
            let data = match body.filter(|body| body.expand) {
                None => text,
                Some(body) => match expand::expand_heredoc(&text, &lookup) {
                    Ok(expansion) => {
                        self.note_unknown(here, &expansion);
                        expansion.text.into_owned()
                    }
                    Err(message) => {
                        self.fail(here, body.body.cover(word.range), message, Some(SUBSTITUTION_HELP));
                        return contents;
                    }
                },
            };
            contents.push(Inline { name, data });
        }
        contents
    }
}

/// The body of a `<<-` heredoc: tabs at the start of its lines are taken out.
pub(super) fn without_tabs(body: &str) -> String {
    body.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
}

/// Whether a flag without a text value is set; `None` if it is not given.
fn is_set(instruction: &Instruction<'_>, name: &str) -> Option<bool> {
    let flag = instruction.flags.iter().rfind(|flag| flag.name.text == name)?;
    Some(flag.value.as_ref().is_none_or(|value| !value.text.eq_ignore_ascii_case("false")))
}

/// The name BuildKit gives a download: the last part of its path, if it is an address at all.
fn url_file_name(url: &str) -> String {
    if !git_ref::is_url(url) {
        return "__unnamed__".to_owned();
    }
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    let path = git_ref::percent_decoded(path);
    match path.trim_end_matches('/').rsplit('/').next() {
        None | Some("" | ".") => "__unnamed__".to_owned(),
        Some(name) => name.to_owned(),
    }
}

/// What BuildKit objects to in the checksum of an ADD.
fn checksum_fault(checksum: &str, sources: &[String]) -> Option<String> {
    let [source] = sources else {
        return Some("checksum can't be specified for multiple sources".to_owned());
    };
    match git_ref::source_form(source) {
        SourceForm::Http => image_ref::check_digest(checksum).err(),
        SourceForm::Git(_) | SourceForm::BadGit(_) => None,
        SourceForm::Local if git_ref::parse(source).is_ok() => None,
        SourceForm::Local => Some("checksum requires HTTP(S) or Git sources".to_owned()),
    }
}

/// Whether an argument of COPY or ADD is the marker of a heredoc.
pub fn is_heredoc_marker(text: &str) -> bool {
    marker_name(text).is_some()
}

/// The name in the marker of a heredoc.
fn marker_name(text: &str) -> Option<String> {
    if text.contains('<') { syntax::heredoc_name(text) } else { None }
}
