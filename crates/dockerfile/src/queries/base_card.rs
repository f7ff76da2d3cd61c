//! What is commonly known of a base image: its system, its tools, roughly its size.
//!
//! Nothing is looked up: the table `data/bases.tsv` holds figures from memory, with their date. Each fact comes
//! from the first row that fits the reference and knows it. A reference with a digest and no tag does not say which
//! variant it is; then only that is told in which all variants agree.

use std::sync::LazyLock;

use super::size_range::SizeRange;
use crate::stages::image_ref::{self, ImageRef};
use crate::stages::{Content, Source};

const TABLE: &str = include_str!("../../data/bases.tsv");

/// The tenth part of a megabyte, in which the table's sizes are read.
const TENTH: u64 = 100_000;

/// What is commonly known of a base image. It may have changed since; none of it is certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseCard {
    /// The reference in its short form.
    pub reference: String,
    /// The row of the table that gave the size, e.g. `golang:*alpine*`; only the repository if the variant is not
    /// known.
    pub matched: String,
    /// Whether the reference says which variant it is.
    pub variant_known: bool,
    /// Why this card, in a sentence.
    pub reason: String,
    /// The system, e.g. `Debian 12 (bookworm)`.
    pub distribution: Fact<&'static str>,
    /// The C library: `glibc` or `musl`.
    pub libc: Fact<&'static str>,
    /// The path of the shell that people use in it.
    pub shell: Fact<&'static str>,
    /// The command that installs packages.
    pub packages: Fact<&'static str>,
    /// Whether it brings the certificates that TLS clients need.
    pub certificates: Option<bool>,
    /// What is downloaded, on linux/amd64.
    pub compressed: SizeRange,
    /// What it takes on a disk, on linux/amd64.
    pub unpacked: SizeRange,
    /// The month the sizes are from, e.g. `2025-01`; the oldest if the variant is not known.
    pub as_of: &'static str,
    /// Where the sizes are from.
    pub source: SizeSource,
    /// Whom it runs as: `root`, a name or a number.
    pub user: Fact<&'static str>,
    /// The working directory, if one is set.
    pub workdir: Fact<&'static str>,
    /// The program, if one is set.
    pub entrypoint: Vec<&'static str>,
    /// The default command, if it is known.
    pub cmd: Vec<&'static str>,
    /// Some of its variables; it may have more.
    pub env: Vec<(&'static str, &'static str)>,
    /// Ports such as `80/tcp`.
    pub ports: Vec<&'static str>,
}

impl BaseCard {
    /// Whether it is a system with little more than its package manager.
    pub(super) fn is_plain(&self) -> bool {
        let repository = self.matched.split(':').next();
        matches!(repository, Some("alpine" | "debian" | "ubuntu"))
    }
}

/// A fact about an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Fact<T> {
    /// Not known.
    #[default]
    Unknown,
    /// There is none.
    Nothing,
    /// This one.
    Is(T),
}

impl<T> Fact<T> {
    /// The value, if it is known and there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Fact::Is(value) => Some(value),
            Fact::Unknown | Fact::Nothing => None,
        }
    }
}

/// Where a size is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SizeSource {
    /// Published sizes, remembered and rounded.
    Published,
    /// Put together from images like it.
    Likened,
}

impl SizeSource {
    /// The same in words.
    pub fn text(self) -> &'static str {
        match self {
            SizeSource::Published => "published sizes, remembered and rounded",
            SizeSource::Likened => "put together from images like it",
        }
    }
}

/// What is commonly known of an image, or of `scratch`; `None` for what is neither, and for images not in the table.
/// A copy of an image in another registry may be something else, so it has no card.
pub fn base_card(source: &Source) -> Option<BaseCard> {
    let (repository, tag, reference) = match source {
        Source::Scratch | Source::NamedContext { content: Content::Empty, .. } => {
            ("scratch".to_owned(), Some("latest".to_owned()), "scratch".to_owned())
        }
        Source::Image { .. }
        | Source::NamedContext { .. }
        | Source::Context
        | Source::Remote(_)
        | Source::Invalid(_) => {
            let image = image_ref::parse(source.image()?).ok()?;
            let tag = match (&image.tag, &image.digest) {
                (None, None) => Some("latest".to_owned()),
                (tag, _) => tag.clone(),
            };
            let repository = ImageRef { tag: None, digest: None, ..image.clone() }.familiar();
            // No image can be called scratch.
            if repository == "scratch" {
                return None;
            }
            (repository, tag, image.short())
        }
    };
    if tag.as_deref().is_some_and(|tag| tag.contains("windowsservercore") || tag.contains("nanoserver")) {
        return None;
    }
    let rows =
        rows_for(&repository).iter().copied().filter(|row| row.fits(&repository, tag.as_deref())).collect();
    Found { rows, tag }.card(&repository, reference)
}

/// Whether [`base_card`] may say of a source that it has no shell: a quick look before the longer one.
pub(crate) fn may_lack_shell(source: &Source) -> bool {
    let familiar = match source {
        Source::Image { familiar, .. }
        | Source::NamedContext { content: Content::Image { familiar, .. }, .. } => familiar,
        Source::Scratch | Source::NamedContext { .. } => return true,
        Source::Context | Source::Remote(_) | Source::Invalid(_) => return false,
    };
    static BEGINNINGS: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let rows = rows().filter(|row| row.column(Column::Shell) == Some("-"));
        let patterns = rows.flat_map(|row| &row.repositories);
        patterns.map(|pattern| pattern.trim_end_matches('*')).collect()
    });
    BEGINNINGS.iter().any(|it| familiar.starts_with(it))
}

/// Whether a bare name such as `nginx` is that of an image in the table.
pub fn is_known_image(name: &str) -> bool {
    rows().any(|row| row.column(Column::Repository) == Some(name))
}

/// A row of the table.
struct Row {
    /// By column; empty where nothing stands.
    columns: [&'static str; Column::Source as usize + 1],
    /// What stands in the last one, `name=value; …`, by name.
    settings: Vec<(&'static str, &'static str)>,
    /// The patterns of the first two columns.
    repositories: Vec<&'static str>,
    tags: Vec<&'static str>,
}

/// The columns of a row.
#[derive(Clone, Copy)]
enum Column {
    Repository,
    Tags,
    Distribution,
    Libc,
    Shell,
    Packages,
    Certificates,
    Compressed,
    Unpacked,
    Within,
    AsOf,
    Source,
}

fn rows() -> impl Iterator<Item = &'static Row> {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
        let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(Row::read).collect()
    });
    ROWS.iter()
}

/// The rows whose repository may be this one: most differ in the first letter.
fn rows_for(repository: &str) -> &'static [&'static Row] {
    static BY_LETTER: LazyLock<[Vec<&Row>; 256]> = LazyLock::new(|| {
        std::array::from_fn(|letter| {
            let may_fit = |pattern: &&str| {
                pattern.bytes().next().is_some_and(|it| it == b'*' || usize::from(it) == letter)
            };
            rows().filter(|row| row.repositories.iter().any(may_fit)).collect()
        })
    });
    repository.bytes().next().map_or(&[], |letter| &BY_LETTER[usize::from(letter)])
}

impl Row {
    /// Reads a line. The settings are the last column, wherever that is.
    fn read(line: &'static str) -> Row {
        let mut row = Row {
            columns: Default::default(),
            settings: Vec::new(),
            repositories: Vec::new(),
            tags: Vec::new(),
        };
        let mut columns = row.columns.iter_mut();
        for text in line.split('\t') {
            if text.contains('=') {
                row.settings = text.split("; ").filter_map(|setting| setting.split_once('=')).collect();
            } else if let Some(column) = columns.next() {
                *column = text;
            }
        }
        let patterns = |column| row.column(column).unwrap_or_default().split(',').collect();
        (row.repositories, row.tags) = (patterns(Column::Repository), patterns(Column::Tags));
        row
    }

    /// What stands in a column, if anything.
    fn column(&self, column: Column) -> Option<&'static str> {
        Some(self.columns[column as usize]).filter(|text| !text.is_empty())
    }

    fn fact(&self, column: Column) -> Option<Fact<&'static str>> {
        self.column(column).map(fact)
    }

    /// The values of a setting.
    fn settings(&self, name: &str) -> impl Iterator<Item = &'static str> {
        self.settings.iter().filter(move |(it, _)| *it == name).map(|(_, value)| *value)
    }

    fn env(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.settings("env").filter_map(|setting| setting.split_once('='))
    }

    fn setting(&self, name: &str) -> Option<&'static str> {
        self.settings(name).next()
    }

    /// Whether the row says something of a reference. A release that a tag names says nothing without a tag.
    fn fits(&self, repository: &str, tag: Option<&str>) -> bool {
        let pattern = self.repository(repository);
        pattern.is_some_and(|pattern| match tag {
            Some(tag) => self.tag(tag).is_some(),
            None => pattern != "*",
        })
    }

    fn repository(&self, repository: &str) -> Option<&'static str> {
        self.repositories.iter().copied().find(|pattern| is_like(repository, pattern))
    }

    fn tag(&self, tag: &str) -> Option<&'static str> {
        self.tags.iter().copied().find(|pattern| is_like(tag, pattern))
    }

    fn size(&self, column: Column) -> Option<SizeRange> {
        let text = self.column(column)?;
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        let within = self.column(Column::Within).map_or(Some(0), |text| text.parse().ok())?;
        let part = |text, percent: u64| Some(tenths(text)? * TENTH / 100 * percent);
        Some(SizeRange::between(part(low, 100_u64.saturating_sub(within))?, part(high, 100 + within)?))
    }

    fn source(&self) -> Option<SizeSource> {
        match self.column(Column::Source)? {
            "published" => Some(SizeSource::Published),
            "likened" => Some(SizeSource::Likened),
            _ => None,
        }
    }
}

fn fact(text: &'static str) -> Fact<&'static str> {
    match text {
        "?" => Fact::Unknown,
        "-" => Fact::Nothing,
        text => Fact::Is(text),
    }
}

/// A number with at most one digit behind the point, in tenths.
pub(super) fn tenths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let part = part.parse::<u8>().ok().filter(|part| *part < 10)?;
    Some(whole.parse::<u32>().ok().map(u64::from)? * 10 + u64::from(part))
}

/// Whether a text is what a pattern says; `*` stands for anything.
fn is_like(text: &str, pattern: &str) -> bool {
    // Most differ in the first letter.
    let first = pattern.as_bytes().first();
    if first != text.as_bytes().first() && first != Some(&b'*') {
        return false;
    }
    let Some((start, rest)) = pattern.split_once('*') else { return text == pattern };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        // To know that it is not there takes less than to look for where it is.
        let at = if text.contains(part) { text.find(part) } else { None };
        let Some(at) = at else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(end)
}

/// The rows that fit a reference, in the order of the table.
struct Found {
    rows: Vec<&'static Row>,
    tag: Option<String>,
}

impl Found {
    fn card(&self, repository: &str, reference: String) -> Option<BaseCard> {
        let mut sized = self.rows.clone();
        sized.retain(|row| row.column(Column::Unpacked).is_some());
        let sized = if self.tag.is_some() { sized.get(..1)? } else { sized.as_slice() };
        let first = sized.first()?;
        let (matched, reason) = self.reason(first, repository)?;
        Some(BaseCard {
            reference,
            matched,
            variant_known: self.tag.is_some(),
            reason,
            distribution: self.fact(Column::Distribution),
            libc: self.fact(Column::Libc),
            shell: self.fact(Column::Shell),
            packages: self.fact(Column::Packages),
            certificates: match self.fact(Column::Certificates) {
                Fact::Unknown => None,
                Fact::Nothing => Some(false),
                Fact::Is(_) => Some(true),
            },
            compressed: sized.iter().filter_map(|row| row.size(Column::Compressed)).reduce(SizeRange::or)?,
            unpacked: sized.iter().filter_map(|row| row.size(Column::Unpacked)).reduce(SizeRange::or)?,
            as_of: sized.iter().filter_map(|row| row.column(Column::AsOf)).min()?,
            source: sized.iter().filter_map(|row| row.source()).max()?,
            user: self.user(),
            workdir: self.one(|row| row.setting("workdir").map(fact)).unwrap_or_default(),
            entrypoint: self.words("entrypoint"),
            cmd: self.words("cmd"),
            env: self.env(),
            ports: self.words("ports"),
        })
    }

    fn reason(&self, row: &Row, repository: &str) -> Option<(String, String)> {
        let pattern = row.repository(repository)?;
        Some(match &self.tag {
            None => (
                pattern.to_owned(),
                format!("Matched {pattern}; which variant it is a digest alone does not say"),
            ),
            Some(tag) => {
                let matched = format!("{pattern}:{}", row.tag(tag)?);
                let reason = format!("Matched {matched}");
                (matched, reason)
            }
        })
    }

    /// What the first row says that says something. Where the variant is not known, all that say something have to
    /// agree, and a row that fits every variant has to be among them.
    fn one<T: Copy + PartialEq>(&self, column: impl Fn(&Row) -> Option<T>) -> Option<T> {
        let mut known = self.rows.iter().filter_map(|row| Some((*row, column(row)?)));
        let (row, first) = known.next()?;
        if self.tag.is_some() {
            return Some(first);
        }
        let fits_all = |row: &Row| row.column(Column::Tags) == Some("*");
        let mut has_all = fits_all(row);
        let agree = known.all(|(row, value)| {
            has_all |= fits_all(row);
            value == first
        });
        (agree && has_all).then_some(first)
    }

    fn fact(&self, column: Column) -> Fact<&'static str> {
        self.one(|row| row.fact(column)).unwrap_or_default()
    }

    /// The user; where the table has none, it is root.
    fn user(&self) -> Fact<&'static str> {
        let says = self.rows.iter().any(|row| row.setting("user").is_some());
        let user = self.one(|row| row.setting("user").map(fact));
        user.unwrap_or(if says { Fact::Unknown } else { Fact::Is("root") })
    }

    fn words(&self, name: &str) -> Vec<&'static str> {
        let text = self.one(|row| row.setting(name)).filter(|text| *text != "?");
        text.into_iter().flat_map(|text| text.split(',')).collect()
    }

    fn env(&self) -> Vec<(&'static str, &'static str)> {
        let mut env: Vec<(&str, &str)> = Vec::new();
        for (name, _) in self.rows.iter().flat_map(|row| row.env()) {
            let value = self.one(|row| row.env().find(|(it, _)| *it == name).map(|(_, value)| value));
            if let Some(value) = value
                && env.iter().all(|(known, _)| *known != name)
            {
                env.push((name, value));
            }
        }
        env
    }
}
