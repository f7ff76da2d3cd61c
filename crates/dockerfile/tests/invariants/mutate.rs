//! Texts that nobody would write, made from texts that somebody wrote.

use dockerfile::stages::BuildOptions;

/// What a Dockerfile is made of, and what readers stumble over.
const SPICE: &[&str] = &[
    "\\",
    "\\\n",
    "`\n",
    "\n",
    "\r\n",
    "\r",
    "\"",
    "'",
    "<<",
    "<<EOF ",
    "<<-EOF\n",
    "EOF\n",
    "#",
    " # ",
    "--",
    "--x=",
    "--from=",
    "--mount=from=",
    "--platform=$",
    "=",
    "[",
    "]",
    ",",
    "{",
    "}",
    "$",
    "${",
    "${a:-",
    "${a//",
    "#}",
    ":?x}",
    "\u{feff}",
    "\u{a0}",
    "\u{2003}",
    "é",
    "한",
    "†",
    "😀",
    "\u{85}",
    "\0",
    "\nFROM ",
    "\nRUN ",
    "\nCOPY --from=0 ",
    "\nONBUILD ",
    "\nHEALTHCHECK ",
    "\nENV a=",
    "\nARG a=",
    " AS a",
    "# escape=`\n",
    "# check=",
    "# syntax=",
    "\t",
    " ",
    "../",
    "https://a/b.git#c:d",
    "@sha256:",
    "*",
    "?",
    "\\\n# c\n\n",
];
const NAMES: &[&str] =
    &["a", "b", "base", "0", "1", "", "FROM", "TARGETARCH", "PATH", "É", "--", "a b", "SOURCE_DATE_EPOCH"];
const PLATFORMS: &[&str] =
    &["linux/amd64", "linux/arm64/v8", "linux/arm/v7", "windows/amd64", "", "/", "a/b/c/d", "é"];

/// Longer texts add time, but no new cases.
const MAX_LEN: usize = 4_000;

/// One of the files, changed in a few places.
pub(crate) fn text(files: &[String], random: &mut Random) -> String {
    let mut text = random.pick(files).clone();
    let end = (0..=text.len().min(MAX_LEN)).rfind(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.truncate(end);
    for _ in 0..1 + random.below(5) {
        let (from, to) = (random.boundary(&text), random.boundary(&text));
        match random.below(8) {
            0 if from.abs_diff(to) < 60 => text.replace_range(from.min(to)..from.max(to), ""),
            1 => text.insert_str(to, &random.pick(SPICE).repeat(3)),
            2 => {
                let other = random.pick(files);
                let start = random.boundary(other);
                let end = (start..=(start + 40).min(other.len())).rfind(|&at| other.is_char_boundary(at));
                text.insert_str(from, &other[start..end.unwrap_or(start)]);
            }
            3 => lines(&mut text, random),
            4 if random.below(4) == 0 => text.truncate(from),
            _ => text.insert_str(from, random.pick::<&str>(SPICE)),
        }
    }
    text
}

/// What stands in for an image or a stage.
const CONTEXTS: &[&str] = &[
    ".",
    "docker-image://alpine",
    "docker-image://scratch",
    "docker-image://No",
    "https://example.com/a.git",
    "https://example.com/a.tar",
    "oci-layout:///a",
    "ssh://git@example.com/a",
];

/// A build of whatever.
pub(crate) fn options(random: &mut Random) -> BuildOptions {
    let n_contexts = random.below(3);
    let contexts = (0..n_contexts)
        .map(|_| ((*random.pick(NAMES)).to_owned(), (*random.pick(CONTEXTS)).to_owned()))
        .collect();
    let mut name = || (*random.pick(NAMES)).to_owned();
    BuildOptions {
        build_args: vec![(name(), name()), (name(), name())],
        target: Some(name()),
        contexts,
        build_platform: (*random.pick(PLATFORMS)).to_owned(),
        target_platform: (*random.pick(PLATFORMS)).to_owned(),
        ..BuildOptions::default()
    }
}

/// Takes a line out, and puts it in somewhere else, or twice.
fn lines(text: &mut String, random: &mut Random) {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    if lines.is_empty() {
        return;
    }
    let from = random.below(lines.len());
    let line = if random.below(2) == 0 { lines.remove(from) } else { lines[from] };
    lines.insert(random.below(lines.len() + 1), line);
    *text = lines.concat();
}

/// Xorshift: the same numbers in each run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }

    fn pick<'p, T>(&mut self, all: &'p [T]) -> &'p T {
        &all[self.below(all.len())]
    }

    fn boundary(&mut self, text: &str) -> usize {
        let at = self.below(text.len() + 1);
        (0..=at).rfind(|&at| text.is_char_boundary(at)).unwrap_or(0)
    }
}
