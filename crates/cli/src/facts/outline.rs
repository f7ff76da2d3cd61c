//! The outline: what a build can be given, and which targets there are.

use dockerfile::queries::{self, OutlineSecret};
use dockerfile::syntax::Parse;
use protocol::facts::{Definition, Outline, OutlineArg, OutlineCache, OutlineTarget};

use super::target_error;
use crate::analysis::Analysis;

/// The outline of the target asked for; with an error where BuildKit gives none.
pub(super) fn outline(analysis: &Analysis<'_>) -> Outline {
    let (parse, graph) = (&analysis.parse, &analysis.graph);
    let targets = queries::targets(parse, graph).into_iter().map(|row| OutlineTarget {
        name: row.name.unwrap_or_default(),
        description: row.description.unwrap_or_default(),
        default: row.is_default,
        base: row.base,
        platform: row.platform.unwrap_or_default(),
        line: row.line,
    });
    let listed = Outline {
        targets: Some(targets.collect()).filter(|_| !has_check_inside(parse)),
        ..Outline::default()
    };
    let cut = match &analysis.cut {
        Ok(cut) if cut.converts && parse.errors.is_empty() => cut,
        Ok(_) | Err(_) => {
            let error = analysis.first_error().map(target_error).unwrap_or_default();
            return Outline { error: Some(error), ..listed };
        }
    };
    let outline = queries::outline(parse, graph, cut);
    if outline.recurses {
        return Outline { would_recurse_forever: true, ..listed };
    }
    let stage = &graph.stages[cut.target.0];
    let args = outline.args.into_iter().map(|arg| OutlineArg {
        name: arg.name,
        value: arg.value,
        description: arg.description,
        line: arg.line,
    });
    let caches = outline.caches.into_iter().map(|cache| OutlineCache {
        // BuildKit: a namespace stands in front of the slash, which a plain build leaves empty.
        id: format!("/{}", cache.id),
        target: cache.target,
        sharing: cache.sharing,
    });
    Outline {
        name: stage.name.clone().unwrap_or_default(),
        description: stage.description.clone().unwrap_or_default(),
        args: args.collect(),
        secrets: outline.secrets.into_iter().map(definition).collect(),
        ssh: outline.ssh.into_iter().map(definition).collect(),
        cache: caches.collect(),
        ..listed
    }
}

/// BuildKit: it keeps a check directive that stands above an instruction and is none of the file's own, and then
/// reads it with nothing to report to.
fn has_check_inside(parse: &Parse<'_>) -> bool {
    let is_check = |comment: &&str| {
        comment.split_once('=').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("check"))
    };
    parse.instructions.iter().any(|instruction| instruction.comments.iter().any(is_check))
}

fn definition(secret: OutlineSecret) -> Definition {
    Definition { name: secret.id, required: secret.required, line: secret.line }
}
