//! A secret in an ARG or ENV of a stage that does not ship. BuildKit's SecretsUsedInArgOrEnv warns of it as of any
//! other; this says what is different about it, and offers a mount instead.

use super::shell_variables;
use crate::checks::buildkit::sounds_secret;
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::stages::{Effect, Start};
use crate::syntax::InstructionKind;

pub(super) static RULE: Rule = Rule {
    name: "SecretInDiscardedStage",
    description: "A secret in a stage that does not ship is not in the image, but in what the build leaves",
    level: Level::Info,
    page: include_str!("secret_in_discarded_stage.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let ships: Vec<_> = file.shipped().iter().map(|stage| stage.id).collect();
    for stage in file.needed().filter(|stage| !ships.contains(&stage.id)) {
        for (step, effect) in file.effects(stage) {
            let names: Vec<&str> = match effect {
                Effect::Arg(args) => args.iter().map(|arg| &*arg.name).collect(),
                Effect::Env(pairs) => pairs.iter().map(|(name, _)| &**name).collect(),
                _ => continue,
            };
            for name in names.into_iter().filter(|name| sounds_secret(name)) {
                let range = file.find(stage.id, step, name);
                let message =
                    format!("'{name}' is not in the image, but in the build's cache and provenance");
                acc.add(&RULE, (stage.id, step), range, message)
                    .help("Mount it as a secret in the RUN that needs it; then it is nowhere.");
            }
        }
    }
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    fix(file, finding).into_iter().collect()
}

/// Only for an ARG without a value that nothing but the RUN lines of its own stage uses.
fn fix(file: &File<'_>, finding: &Finding) -> Option<Fix> {
    let (id, step) = finding.stage.zip(finding.step)?;
    let declared = file.instruction(id, step)?;
    let [word] = &declared.args[..] else { return None };
    let name = &*word.text;
    let is_base = file.graph.stages.iter().any(|stage| stage.start == Start::Stage(id));
    if declared.kind != InstructionKind::Arg || name.contains('=') || is_base {
        return None;
    }
    let mut edits = vec![TextEdit::delete_lines(file.text, declared.range)];
    let stage = file.graph.stages.get(id.0)?;
    for row in stage.steps.iter().skip(step + 1) {
        let instruction = file.parse.instructions.get(row.instruction)?;
        let code = instruction.range.of(file.text);
        if !code.contains(name) {
            continue;
        }
        let is_used = shell_variables::uses(code).iter().any(|it| it.name == name);
        if instruction.kind != InstructionKind::Run || instruction.json || !is_used {
            return None;
        }
        let mount = format!(" --mount=type=secret,id={name},env={name}");
        edits.push(TextEdit::insert(instruction.keyword.range.end, mount));
    }
    let because = format!("The build has to be given the secret: --secret id={name}.");
    (edits.len() > 1).then(|| Fix::asking(format!("Mount '{name}' as a secret"), because, edits))
}
