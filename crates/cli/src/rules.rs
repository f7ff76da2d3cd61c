//! `stagelight rules`: all rules, or the pages of some.

use std::io::{self, Write};
use std::process::ExitCode;

use dockerfile::checks::{self, Origin, Rule, buildkit};

use crate::args::Rules;
use crate::end;

/// Lists the rules, or shows pages.
///
/// # Errors
/// A sentence, if the output is closed to us.
pub(crate) fn run(args: &Rules) -> Result<ExitCode, String> {
    let mut out = io::stdout().lock();
    end(if args.names.is_empty() { list(&mut out) } else { pages(&mut out, &args.names) })?;
    Ok(ExitCode::SUCCESS)
}

/// Whose rules they are.
pub(crate) fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::BuildKit => "BuildKit",
        Origin::Stagelight => "Stagelight",
    }
}

fn list(out: &mut impl Write) -> io::Result<()> {
    let width = checks::rules().map(|rule| rule.name.len()).max().unwrap_or_default();
    for rule in checks::rules() {
        let fix = if rule.has_fixes() { "fix" } else { "" };
        let doubt = match (rule.experimental, rule.needs) {
            (true, _) => " (experimental)".to_owned(),
            (false, Some(needs)) => format!(" (needs {needs})"),
            (false, None) => String::new(),
        };
        let (name, origin, level) = (rule.name, origin(rule.origin), rule.level.word());
        writeln!(out, "{name:width$}  {origin:10}  {level:7}  {fix:3}  {}{doubt}", rule.description)?;
    }
    writeln!(
        out,
        "\n{} rules; BuildKit's are those of {}. `stagelight rules NAME` shows a page.",
        checks::rules().count(),
        buildkit::VERSION
    )
}

fn pages(out: &mut impl Write, rules: &[&Rule]) -> io::Result<()> {
    for (idx, rule) in rules.iter().enumerate() {
        if idx > 0 {
            writeln!(out)?;
        }
        write!(out, "{}", rule.page)?;
    }
    Ok(())
}
