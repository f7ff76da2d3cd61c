//! What a build may bring from outside, in BuildKit's terms: nothing, and then what is allowed.
//!
//! BuildKit goes through all rules, and the last that fits a source decides. Surprising: a source may have a digest in
//! its name that nobody wrote, because a tag has been looked up.

use bollard_buildkit_proto::moby::buildkit::v1::sourcepolicy::{Policy, PolicyAction, Rule, Selector};
use dockerfile::stages::image_ref;

use crate::Rules;

/// `*` stands for anything, `/` included.
const WILDCARD: i32 = 0;

/// The policy for all that a build does.
pub(super) fn policy(rules: &Rules) -> Policy {
    let mut list = vec![rule(PolicyAction::Deny, "*".to_owned())];
    let mut allow = |identifier: String| list.push(rule(PolicyAction::Allow, identifier));
    match &rules.images {
        None => allow("docker-image://*".to_owned()),
        Some(images) => images.iter().flat_map(|image| identifiers(image)).for_each(&mut allow),
    }
    if rules.downloads {
        ["http://*", "https://*", "git://*"].map(str::to_owned).into_iter().for_each(&mut allow);
    }
    Policy { version: 1, rules: list }
}

/// The names under which BuildKit may know an image that is allowed.
fn identifiers(image: &str) -> Vec<String> {
    // A wildcard is no part of a reference, so a name stands in for it while that is read.
    let stand_in = "stagelight-any";
    let Ok(reference) = image_ref::parse(&image.replace('*', stand_in)) else { return Vec::new() };
    let name = match reference.domain.as_str() {
        "" => reference.path.clone(),
        domain => format!("{domain}/{}", reference.path),
    };
    let name = name.replace(stand_in, "*");
    let tag = reference.tag.map(|tag| tag.replace(stand_in, "*"));
    let forms = match (tag, reference.digest) {
        (_, Some(digest)) => vec![format!("{name}@{digest}"), format!("{name}:*@{digest}")],
        (Some(tag), None) => vec![format!("{name}:{tag}"), format!("{name}:{tag}@*")],
        (None, None) => vec![format!("{name}:*"), format!("{name}@*")],
    };
    forms.into_iter().map(|form| format!("docker-image://{form}")).collect()
}

fn rule(action: PolicyAction, identifier: String) -> Rule {
    let selector = Selector { identifier, match_type: WILDCARD, constraints: Vec::new() };
    Rule { action: action.into(), selector: Some(selector), updates: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(image: &str, expected: &[&str]) {
        let forms = identifiers(image);
        let forms: Vec<&str> = forms.iter().filter_map(|form| form.strip_prefix("docker-image://")).collect();
        assert_eq!(forms, expected);
    }

    #[test]
    fn images_are_known_by_their_whole_names() {
        check("example.org/a", &["example.org/a:*", "example.org/a@*"]);
        check("example.org/a/*", &["example.org/a/*:*", "example.org/a/*@*"]);
        check("example.org/a:1", &["example.org/a:1", "example.org/a:1@*"]);
        check("example.org/a:1-*", &["example.org/a:1-*", "example.org/a:1-*@*"]);
        check("NO", &[]);
    }
}
