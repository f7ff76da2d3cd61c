//! `golang:1.21` in one stage and `golang:1.22` in another: what one makes may not fit the other.
//!
//! Compared is what stands in front of the variant: `20` of `20-alpine`. Surprising: `3` and `3.20` may be the same
//! image, so they are no difference; and of Debian and Ubuntu a name is a version as well.

use std::collections::HashMap;

use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::refactor::{self, lines};
use crate::stages::image_ref::{self, ImageRef};
use crate::stages::{EdgeKind, Source, Stage};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "MixedVersions",
    description: "Stages start from different versions of one image",
    level: Level::Info,
    page: include_str!("mixed_versions.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

/// So many versions of one image are compared with each other.
const MAX_VERSIONS: usize = 8;

/// What the releases of systems are called.
const NAMES: &[(&str, &[(&str, &str)])] = &[
    (
        "library/debian",
        &[
            ("stretch", "9"),
            ("buster", "10"),
            ("bullseye", "11"),
            ("bookworm", "12"),
            ("trixie", "13"),
            ("forky", "14"),
        ],
    ),
    (
        "library/ubuntu",
        &[
            ("xenial", "16.04"),
            ("bionic", "18.04"),
            ("focal", "20.04"),
            ("jammy", "22.04"),
            ("noble", "24.04"),
        ],
    ),
];

/// The image that a stage starts from, with its version.
struct Base<'f> {
    stage: &'f Stage,
    image: ImageRef,
    /// The version as it stands in the tag.
    written: String,
    /// Its numbers.
    numbers: Vec<u64>,
}

fn reference<'f>(file: &File<'f>, stage: &Stage) -> Option<&'f str> {
    let Source::Image { reference, .. } = file.graph.base_source(stage.id)? else { return None };
    Some(reference)
}

impl<'f> Base<'f> {
    fn of(file: &File<'f>, stage: &'f Stage) -> Option<Base<'f>> {
        let image = image_ref::parse(reference(file, stage)?).ok()?;
        let tag = image.tag.as_deref()?;
        let written = &tag[..tag.find(['-', '_', '+']).unwrap_or(tag.len())];
        let names = NAMES.iter().find(|(path, _)| *path == image.path).map_or(&[][..], |(_, names)| names);
        let number = names.iter().find(|(name, _)| *name == written).map_or(written, |(_, number)| number);
        let parts = number.strip_prefix('v').unwrap_or(number).split('.').map(|it| it.parse().ok());
        let (written, numbers) = (written.to_owned(), parts.collect::<Option<Vec<u64>>>()?);
        Some(Base { stage, image, written, numbers })
    }

    /// Whether it is surely another version.
    fn differs(&self, other: &Base<'_>) -> bool {
        self.numbers.iter().zip(&other.numbers).any(|(number, other)| number != other)
    }

    fn repository(&self) -> (&str, &str) {
        (&self.image.domain, &self.image.path)
    }

    /// What its tag says behind the version.
    fn variant(&self) -> &str {
        self.image.tag.as_deref().and_then(|tag| tag.strip_prefix(&*self.written)).unwrap_or_default()
    }

    /// Where the version stands in the file; `None` if a variable makes it, or a digest says what is meant.
    fn range(&self, file: &File<'_>) -> Option<TextRange> {
        let edge = file.edges(self.stage.id, 0).iter().find(|it| it.kind == EdgeKind::Base && !it.trigger)?;
        let word = refactor::reference_range(file.text, file.parse, file.graph, edge)?;
        let tag = self.image.tag.as_deref().filter(|_| self.image.digest.is_none())?;
        let before = word.of(file.text).strip_suffix(tag)?;
        let start = word.start + before.len();
        before.ends_with(':').then(|| TextRange::new(start, start + self.written.len()))
    }
}

/// A reference without its tag and digest.
fn repository(reference: &str) -> &str {
    let named = reference.split_once('@').map_or(reference, |(named, _)| named);
    named.rsplit_once(':').map_or(named, |(repository, _)| repository)
}

/// Whether two stages start from one image by different references: a quick look.
fn are_mixed(file: &File<'_>) -> bool {
    let mut references: Vec<&str> = file.needed().filter_map(|stage| reference(file, stage)).collect();
    references.sort_unstable();
    // Those of one repository have a beginning in common, so they are neighbours now.
    references.array_windows().any(|[one, other]| one != other && repository(one) == repository(other))
}

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    if !are_mixed(file) {
        return;
    }
    let bases: Vec<Base<'_>> = file.needed().filter_map(|stage| Base::of(file, stage)).collect();
    // The first of each version.
    let mut known: HashMap<(&str, &str), Vec<&Base<'_>>> = HashMap::new();
    for base in &bases {
        let versions = known.entry(base.repository()).or_default();
        if versions.len() >= MAX_VERSIONS || versions.iter().any(|it| it.numbers == base.numbers) {
            continue;
        }
        if let Some(other) = versions.iter().find(|it| base.differs(it)) {
            let image = base.name();
            let message = format!(
                "'{}' starts from {image} {}, and '{}' from {}",
                base.stage.display_name(),
                base.written,
                other.stage.display_name(),
                other.written
            );
            acc.add(&RULE, (base.stage.id, 0), base.stage.base_range, message)
                .help("Take one version in all stages, unless it is on purpose that they differ")
                .label(other.stage.base_range, format!("this is {image} {}", other.written));
        }
        versions.push(base);
    }
}

impl Base<'_> {
    /// The last part of the image's name.
    fn name(&self) -> &str {
        self.image.path.rsplit('/').next().unwrap_or(&self.image.path)
    }
}

/// Sets the version once, above all stages: the latest of them.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    set_once(file, finding).into_iter().collect()
}

fn set_once(file: &File<'_>, finding: &Finding) -> Option<Fix> {
    let found = Base::of(file, file.graph.stages.get(finding.stage?.0)?)?;
    let all = file.needed().filter_map(|stage| Base::of(file, stage));
    let all: Vec<Base<'_>> = all.filter(|it| it.repository() == found.repository()).collect();
    let latest = all.iter().max_by_key(|it| &it.numbers)?;
    let is_number = |it: &Base<'_>| it.written.starts_with(|it: char| it.is_ascii_digit());
    // A variant with a number of its own is one of that version alone.
    let fits = |it: &Base<'_>| it.numbers == latest.numbers || !it.variant().contains(char::is_numeric);
    if !all.iter().all(|it| is_number(it) == is_number(latest) && fits(it)) {
        return None;
    }
    let is_part = |it: char| it.is_ascii_alphanumeric();
    let name: String = found.name().to_ascii_uppercase().replace(|it| !is_part(it), "_") + "_VERSION";
    if file.text.contains(&name) || name.starts_with(|it: char| it.is_ascii_digit()) {
        return None;
    }
    let first = file.instruction(file.graph.stages.first()?.id, 0)?;
    let keyword = lines::in_case_of(&first.keyword.text, "ARG");
    let line = format!("{keyword} {name}={}", latest.written);
    let mut edits = vec![lines::insert_above(file.text, file.parse, first, &line)];
    for base in &all {
        edits.push(TextEdit::replace(base.range(file)?, format!("${{{name}}}")));
    }
    let because = format!("Stages that start from another version get {}.", latest.written);
    Some(Fix::asking(format!("Set the version of {} once, by an ARG", found.name()), because, edits))
}
