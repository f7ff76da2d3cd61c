//! The table of instructions: all that the rest of this module knows about keywords and flags.
//!
//! One row an instruction, its flags as rows of their own. A new instruction is a new row (and the arms the
//! compiler then asks for). Facts of single rows come from BuildKit's `parser/parser.go` (argument forms,
//! heredocs), `instructions/parse.go` (flags, counts and their order) and `dockerfile2llb` (expansion).

use super::InstructionKind;

/// One instruction of the Dockerfile reference.
#[derive(Clone, Copy, Debug)]
pub struct InstructionRow {
    /// Which one.
    pub kind: InstructionKind,
    /// The keyword in upper case.
    pub keyword: &'static str,
    /// How the text behind the flags is split.
    pub form: ArgForm,
    /// How many arguments BuildKit asks for.
    pub count: ArgCount,
    /// Whether the number of arguments is checked before the flags are.
    pub counts_first: bool,
    /// The flags it takes, in alphabetical order.
    pub flags: &'static [FlagRow],
    /// Whether flags are looked at. ARG and STOPSIGNAL drop whatever flag they get.
    pub checks_flags: bool,
    /// Whether heredocs can follow.
    pub heredocs: bool,
    /// Whether it may stand behind ONBUILD.
    pub onbuild: bool,
    /// Whether variables in the arguments are expanded by the builder (not by a shell).
    pub expands: bool,
    /// What it is for, in a sentence.
    pub summary: &'static str,
    /// Its page, in Markdown, with a section for each flag.
    pub page: &'static str,
}

/// A flag of an instruction.
#[derive(Clone, Copy, Debug)]
pub struct FlagRow {
    /// Name without dashes. Flags are case-sensitive.
    pub name: &'static str,
    /// What value it takes.
    pub value: FlagValue,
    /// Whether variables in the value are expanded by the builder.
    pub expands: bool,
    /// What it is for, in a sentence.
    pub summary: &'static str,
}

/// What may stand behind the `=` of a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagValue {
    /// Nothing, or `=true` or `=false` in any case.
    Bool,
    /// Any text, also none; but the `=` must be there.
    Text,
    /// Any text; the flag may be repeated.
    List,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// How the text behind the flags becomes arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgForm {
    /// Split at white space; quotes mean nothing.
    Words,
    /// A JSON array, else split at white space.
    JsonOrWords,
    /// A JSON array (exec form), else one argument for the shell.
    JsonOrShell,
    /// The whole rest is one argument.
    Whole,
    /// `key=value …`, or the legacy `key value`.
    Pairs,
    /// `name` or `name=value`, any number of them.
    Names,
    /// `NONE`, or `CMD` and a command.
    Healthcheck,
    /// Another instruction.
    Instruction,
    /// Not read at all: BuildKit gives an unknown instruction one empty argument.
    Ignored,
}

/// How many arguments there must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgCount {
    /// None is fine.
    Any,
    /// One.
    ExactlyOne,
    /// One or more.
    AtLeastOne,
    /// A source and a destination.
    SourceAndDestination,
    /// A base image, optionally `AS` and a name.
    BaseAndName,
}

const fn flag(name: &'static str, value: FlagValue, expands: bool, summary: &'static str) -> FlagRow {
    FlagRow { name, value, expands, summary }
}

const CHMOD: FlagRow = flag("chmod", FlagValue::Text, true, "Permissions of the new files");
const CHOWN: FlagRow = flag("chown", FlagValue::Text, true, "Owner and group of the new files");
const EXCLUDE: FlagRow = flag("exclude", FlagValue::List, false, "Leaves out sources that match the pattern");
const LINK: FlagRow =
    flag("link", FlagValue::Bool, false, "Makes a layer that does not depend on the layers below");

/// The values `RUN --network` takes.
pub const NETWORKS: &[&str] = &["default", "host", "none"];

/// The values `RUN --security` takes.
pub const SECURITY_MODES: &[&str] = &["insecure", "sandbox"];

/// Every instruction, in alphabetical order.
pub const ALL: &[InstructionRow] = &[
    InstructionRow {
        kind: InstructionKind::Add,
        keyword: "ADD",
        form: ArgForm::JsonOrWords,
        count: ArgCount::SourceAndDestination,
        counts_first: true,
        flags: &[
            flag("checksum", FlagValue::Text, true, "The digest a remote source must have"),
            CHMOD,
            CHOWN,
            EXCLUDE,
            flag("keep-git-dir", FlagValue::Bool, false, "Keeps the .git directory of a Git source"),
            LINK,
            flag("unpack", FlagValue::Bool, false, "Whether an archive is unpacked"),
        ],
        checks_flags: true,
        heredocs: true,
        onbuild: true,
        expands: true,
        summary: "Adds local or remote files and directories",
        page: include_str!("../../instructions/add.md"),
    },
    InstructionRow {
        kind: InstructionKind::Arg,
        keyword: "ARG",
        form: ArgForm::Names,
        count: ArgCount::AtLeastOne,
        counts_first: false,
        flags: &[],
        checks_flags: false,
        heredocs: false,
        onbuild: true,
        expands: true,
        summary: "Declares a build argument",
        page: include_str!("../../instructions/arg.md"),
    },
    InstructionRow {
        kind: InstructionKind::Cmd,
        keyword: "CMD",
        form: ArgForm::JsonOrShell,
        count: ArgCount::Any,
        counts_first: false,
        flags: &[],
        checks_flags: true,
        heredocs: false,
        onbuild: true,
        expands: false,
        summary: "Sets the default command of a container",
        page: include_str!("../../instructions/cmd.md"),
    },
    InstructionRow {
        kind: InstructionKind::Copy,
        keyword: "COPY",
        form: ArgForm::JsonOrWords,
        count: ArgCount::SourceAndDestination,
        counts_first: true,
        flags: &[
            CHMOD,
            CHOWN,
            EXCLUDE,
            flag("from", FlagValue::Text, false, "The stage, image or named context to copy from"),
            LINK,
            flag("parents", FlagValue::Bool, false, "Keeps the parent directories of the sources"),
        ],
        checks_flags: true,
        heredocs: true,
        onbuild: true,
        expands: true,
        summary: "Copies files and directories",
        page: include_str!("../../instructions/copy.md"),
    },
    InstructionRow {
        kind: InstructionKind::Entrypoint,
        keyword: "ENTRYPOINT",
        form: ArgForm::JsonOrShell,
        count: ArgCount::Any,
        counts_first: false,
        flags: &[],
        checks_flags: true,
        heredocs: false,
        onbuild: true,
        expands: false,
        summary: "Sets the program a container runs",
        page: include_str!("../../instructions/entrypoint.md"),
    },
    InstructionRow {
        kind: InstructionKind::Env,
        keyword: "ENV",
        form: ArgForm::Pairs,
        count: ArgCount::AtLeastOne,
        counts_first: false,
        flags: &[],
        checks_flags: true,
        heredocs: false,
        onbuild: true,
        expands: true,
        summary: "Sets environment variables",
        page: include_str!("../../instructions/env.md"),
    },
    InstructionRow {
        kind: InstructionKind::Expose,
        keyword: "EXPOSE",
        form: ArgForm::Words,
        count: ArgCount::AtLeastOne,
        counts_first: true,
        flags: &[],
        checks_flags: true,
        heredocs: false,
        onbuild: true,
        expands: true,
        summary: "Says which ports the program listens on",
        page: include_str!("../../instructions/expose.md"),
    },
    InstructionRow {
        kind: InstructionKind::From,
        keyword: "FROM",
        form: ArgForm::Words,
        count: ArgCount::BaseAndName,
        counts_first: true,
        flags: &[flag("platform", FlagValue::Text, true, "The platform of the base image")],
        checks_flags: true,
        heredocs: false,
        onbuild: false,
        expands: true,
        summary: "Starts a stage from a base image",
        page: include_str!("../../instructions/from.md"),
    },
    InstructionRow {
        kind: InstructionKind::Healthcheck,
        keyword: "HEALTHCHECK",
        form: ArgForm::Healthcheck,
        count: ArgCount::AtLeastOne,
        counts_first: true,
        flags: &[
            flag("interval", FlagValue::Text, false, "Time between two checks"),
            flag("retries", FlagValue::Text, false, "Failures in a row that make a container unhealthy"),
            flag("start-interval", FlagValue::Text, false, "Time between two checks while it starts"),
            flag("start-period", FlagValue::Text, false, "Time to start in which failures do not count"),
            flag("timeout", FlagValue::Text, false, "Time after which a check has failed"),
        ],
        checks_flags: true,
        heredocs: false,
        onbuild: true,
        expands: false,
        summary: "Says how to test that a container works",
        page: include_str!("../../instructions/healthcheck.md"),
    },
    InstructionRow {
        kind: InstructionKind::Label,
        keyword: "LABEL",
        form: ArgForm::Pairs,
        count: ArgCount::AtLeastOne,
        counts_first: false,
        flags: &[],
        checks_flags: true,
        heredocs: false,
        onbuild: true,
        expands: true,
        summary: "Adds labels to the image",
        page: include_str!("../../instructions/label.md"),
    },
    InstructionRow {
        kind: InstructionKind::Maintainer,
        keyword: "MAINTAINER",
        form: ArgForm::Whole,
        count: ArgCount::ExactlyOne,
        counts_first: true,
        flags: &[],
        checks_flags: true,
        heredocs: false,
        onbuild: false,
        expands: false,
        summary: "Names the author (deprecated: use a label)",
        page: include_str!("../../instructions/maintainer.md"),
    },
    InstructionRow {
        kind: InstructionKind::Onbuild,
        keyword: "ONBUILD",
        form: ArgForm::Instruction,
        count: ArgCount::AtLeastOne,
        counts_first: true,
        flags: &[],
        checks_flags: true,
        heredocs: false,
        onbuild: false,
        expands: false,
        summary: "Adds an instruction to builds that are based on this one",
        page: include_str!("../../instructions/onbuild.md"),
    },
    InstructionRow {
        kind: InstructionKind::Run,
        keyword: "RUN",
        form: ArgForm::JsonOrShell,
        count: ArgCount::Any,
        counts_first: false,
        flags: &[
            flag("device", FlagValue::List, false, "Makes a device available to the command"),
            flag("mount", FlagValue::List, true, "Mounts files for the time of the command"),
            flag("network", FlagValue::OneOf(NETWORKS), false, "The network the command sees"),
            flag("security", FlagValue::OneOf(SECURITY_MODES), false, "The security mode of the command"),
        ],
        checks_flags: true,
        heredocs: true,
        onbuild: true,
        expands: false,
        summary: "Runs a command while building",
        page: include_str!("../../instructions/run.md"),
    },
    InstructionRow {
        kind: InstructionKind::Shell,
        keyword: "SHELL",
        form: ArgForm::JsonOrShell,
        count: ArgCount::AtLeastOne,
        counts_first: false,
        flags: &[],
        checks_flags: true,
        heredocs: false,
        onbuild: true,
        expands: false,
        summary: "Sets the shell of the shell form",
        page: include_str!("../../instructions/shell.md"),
    },
    InstructionRow {
        kind: InstructionKind::Stopsignal,
        keyword: "STOPSIGNAL",
        form: ArgForm::Whole,
        count: ArgCount::ExactlyOne,
        counts_first: false,
        flags: &[],
        checks_flags: false,
        heredocs: false,
        onbuild: true,
        expands: true,
        summary: "Sets the signal that stops a container",
        page: include_str!("../../instructions/stopsignal.md"),
    },
    InstructionRow {
        kind: InstructionKind::User,
        keyword: "USER",
        form: ArgForm::Whole,
        count: ArgCount::ExactlyOne,
        counts_first: true,
        flags: &[],
        checks_flags: true,
        heredocs: false,
        onbuild: true,
        expands: true,
        summary: "Sets the user of what follows",
        page: include_str!("../../instructions/user.md"),
    },
    InstructionRow {
        kind: InstructionKind::Volume,
        keyword: "VOLUME",
        form: ArgForm::JsonOrWords,
        count: ArgCount::AtLeastOne,
        counts_first: true,
        flags: &[],
        checks_flags: true,
        heredocs: false,
        onbuild: true,
        expands: true,
        summary: "Declares mount points for data",
        page: include_str!("../../instructions/volume.md"),
    },
    InstructionRow {
        kind: InstructionKind::Workdir,
        keyword: "WORKDIR",
        form: ArgForm::Whole,
        count: ArgCount::ExactlyOne,
        counts_first: true,
        flags: &[],
        checks_flags: true,
        heredocs: false,
        onbuild: true,
        expands: true,
        summary: "Changes the working directory",
        page: include_str!("../../instructions/workdir.md"),
    },
];

/// For each first byte of a keyword the first row that begins with it; behind the table if none does.
const FIRST_ROWS: [u8; 256] = {
    let mut first_rows = [ALL.len() as u8; 256];
    let mut idx = ALL.len();
    while idx > 0 {
        idx -= 1;
        first_rows[ALL[idx].keyword.as_bytes()[0] as usize] = idx as u8;
    }
    first_rows
};

const UNKNOWN: InstructionRow = InstructionRow {
    kind: InstructionKind::Unknown,
    keyword: "",
    form: ArgForm::Ignored,
    count: ArgCount::Any,
    counts_first: false,
    flags: &[],
    checks_flags: false,
    heredocs: false,
    onbuild: true,
    expands: false,
    summary: "No instruction of the Dockerfile reference",
    page: "",
};

impl InstructionKind {
    /// The kind a keyword names, in any case.
    pub fn of_keyword(keyword: &str) -> InstructionKind {
        let Some(first) = keyword.bytes().next() else { return InstructionKind::Unknown };
        let initial = first.to_ascii_uppercase();
        let start = usize::from(FIRST_ROWS[usize::from(initial)]);
        let same_initial = || ALL[start..].iter().take_while(|row| row.keyword.as_bytes()[0] == initial);
        // Most are in upper case, and that is the quicker comparison.
        let mut row = same_initial()
            .find(|row| row.keyword == keyword)
            .or_else(|| same_initial().find(|row| row.keyword.eq_ignore_ascii_case(keyword)));
        if row.is_none() && !keyword.is_ascii() {
            // BuildKit lowers by Go's Unicode tables: the Kelvin sign is a `k`.
            let lower = super::go::to_lower(keyword);
            row = ALL.iter().find(|row| row.keyword.eq_ignore_ascii_case(&lower));
        }
        row.map_or(InstructionKind::Unknown, |row| row.kind)
    }

    /// The row of the table.
    pub fn row(self) -> &'static InstructionRow {
        // The enum declares its variants in the order of the table, `Unknown` last.
        ALL.get(self as usize).unwrap_or(&UNKNOWN)
    }

    /// The keyword in upper case; empty for an unknown one.
    pub fn keyword(self) -> &'static str {
        self.row().keyword
    }
}

impl InstructionRow {
    /// The row of a flag.
    pub fn flag(&self, name: &str) -> Option<&'static FlagRow> {
        self.flags.iter().find(|flag| flag.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_where_their_kind_looks_for_them() {
        for row in ALL {
            assert_eq!(row.kind.row().keyword, row.keyword);
            assert_eq!(InstructionKind::of_keyword(&row.keyword.to_lowercase()), row.kind);
        }
        assert_eq!(InstructionKind::Unknown.row().kind, InstructionKind::Unknown);
        assert_eq!(InstructionKind::of_keyword(""), InstructionKind::Unknown);
        assert_eq!(InstructionKind::of_keyword("WOR\u{212a}DIR"), InstructionKind::Workdir);
    }

    #[test]
    fn tables_are_in_the_order_of_the_alphabet() {
        assert!(ALL.is_sorted_by_key(|row| row.keyword));
        for row in ALL {
            assert!(row.flags.is_sorted_by_key(|flag| flag.name), "{}", row.keyword);
            let takes_flags = row.checks_flags || row.flags.is_empty();
            assert!(takes_flags, "{} has flags that nobody looks at", row.keyword);
        }
    }
}
