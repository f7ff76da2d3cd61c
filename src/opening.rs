//! What files and addresses that somebody opens come to.

use dockerfile::context::BuildContext;
use dockerfile::refactor::{BuilderPattern, MultiStage, multi_stage};
use protocol::builds::Language;
use protocol::{Context, Pasted, Playground};

use crate::asked::Asked;

/// A file with its text; `None` if it is too large to be one of ours, or cannot be read.
pub(crate) type Named = (String, Option<String>);

/// What is in a folder.
pub(crate) struct Folder {
    /// Its files, and what stands in its ignore file.
    pub(crate) context: BuildContext,
    /// The Dockerfiles in it, those nearest the top first, with their texts.
    pub(crate) dockerfiles: Vec<Named>,
}

/// What some files are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Opening {
    /// Something to work with.
    Playground(Box<Playground>),
    /// Dockerfiles of which one has to be chosen, each with its name; and the ignore file beside them.
    Choice(Vec<(String, String)>, Option<String>),
    /// Two Dockerfiles with a script between them.
    Pattern(Three),
}

/// The files of a build from the time before there were stages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Three {
    /// The Dockerfile that builds.
    pub(crate) build: String,
    /// The script that takes files out of it.
    pub(crate) script: String,
    /// The Dockerfile that ships them.
    pub(crate) ship: String,
}

impl Three {
    /// Whether nothing is there yet.
    pub(crate) fn is_empty(&self) -> bool {
        [&self.build, &self.script, &self.ship].iter().all(|text| text.trim().is_empty())
    }

    /// One file instead of the three.
    pub(crate) fn together(&self) -> Result<MultiStage, String> {
        multi_stage(BuilderPattern { build: &self.build, ship: &self.ship, script: &self.script })
    }
}

/// What files with these names and texts are; the error says in a sentence why they are nothing that can be opened.
pub(crate) fn files(files: Vec<Named>) -> Result<Opening, String> {
    let mut texts = Vec::new();
    for (name, text) in files {
        match text {
            Some(text) if text.contains('\0') => return Err(format!("'{name}' is no text file.")),
            Some(text) => texts.push((name, text)),
            None => return Err(format!("'{name}' is larger than 2 MB, or cannot be read.")),
        }
    }
    if let Some((name, text)) = texts.iter().find(|(name, _)| has_ending(name, "stagelight")) {
        let playground = Playground::of_file(text).map_err(|why| format!("'{name}': {why}"))?;
        return Ok(Opening::Playground(Box::new(playground)));
    }
    let mut take = |is_it: fn(&str) -> bool| -> Vec<(String, String)> {
        let (taken, left) = std::mem::take(&mut texts).into_iter().partition(|(name, _)| is_it(name));
        texts = left;
        taken
    };
    let ignore = take(|name| has_ending(name, "dockerignore")).into_iter().next().map(|(_, text)| text);
    let builds = take(|name| build_language(name).is_some()).into_iter().next();
    let builds = builds.map(|(name, text)| Pasted {
        text,
        language: build_language(&name).map(|language| language.id().to_owned()),
        ..Pasted::default()
    });
    let scripts = take(|name| ["sh", "bash"].iter().any(|it| has_ending(name, it)));
    let mut dockerfiles = take(is_dockerfile);
    // A single file may be called anything.
    if dockerfiles.is_empty() && texts.len() == 1 {
        dockerfiles = std::mem::take(&mut texts);
    }
    match (dockerfiles.len(), scripts.into_iter().next()) {
        (0, _) => Err("There is no Dockerfile among these files.".to_owned()),
        (1, _) => {
            let (_, text) = dockerfiles.swap_remove(0);
            Ok(Opening::Playground(Box::new(Playground { builds, ..playground(text, ignore) })))
        }
        (2, Some((_, script))) => {
            // The one that builds has a name of its own; `docker build` takes the plain one to ship.
            dockerfiles.sort_by_key(|(name, _)| (is_plain(name), !name.to_lowercase().contains("build")));
            let (_, ship) = dockerfiles.swap_remove(1);
            let (_, build) = dockerfiles.swap_remove(0);
            Ok(Opening::Pattern(Three { build, script, ship }))
        }
        _ => Ok(Opening::Choice(dockerfiles, ignore)),
    }
}

/// What a folder comes to: its Dockerfile, with everything else in it as the build context.
pub(crate) fn folder(folder: Folder) -> Result<Opening, String> {
    let Folder { context, dockerfiles } = folder;
    let at_top: Vec<Named> = dockerfiles.iter().filter(|(path, _)| !path.contains('/')).cloned().collect();
    match files(if at_top.is_empty() { dockerfiles } else { at_top })
        .map_err(|_| "There is no Dockerfile in this folder.".to_owned())?
    {
        Opening::Playground(mut playground) => {
            playground.context = Asked { context: Some(context), ..Asked::default() }.linked_context();
            Ok(Opening::Playground(playground))
        }
        Opening::Choice(all, _) => Ok(Opening::Choice(all, context.ignore)),
        pattern @ Opening::Pattern(_) => Ok(pattern),
    }
}

/// A Dockerfile with the ignore file beside it.
pub(crate) fn playground(dockerfile: String, ignore: Option<String>) -> Playground {
    let context = ignore.map(|ignore| Context { ignore: Some(ignore), files: None, partial: false });
    Playground { dockerfile, context, ..Playground::default() }
}

/// Whether a file of this name is a Dockerfile, by the names that are in use.
pub(crate) fn is_dockerfile(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let begins = ["dockerfile", "containerfile"].iter().any(|it| {
        name.strip_prefix(it).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
    });
    begins && !name.ends_with(".dockerignore")
        || has_ending(&name, "dockerfile")
        || has_ending(&name, "containerfile")
}

/// The language of a Compose or Bake file, by the names that Docker looks for.
fn build_language(name: &str) -> Option<Language> {
    let name = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let (begin, ending) = name.rsplit_once('.')?;
    match ending {
        "yaml" | "yml" if begin.starts_with("compose") || begin.starts_with("docker-compose") => {
            Some(Language::Compose)
        }
        "hcl" if begin.starts_with("docker-bake") => Some(Language::BakeHcl),
        "json" if begin.starts_with("docker-bake") => Some(Language::BakeJson),
        _ => None,
    }
}

fn is_plain(name: &str) -> bool {
    ["dockerfile", "containerfile"].contains(&name.to_lowercase().as_str())
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, it)| it.eq_ignore_ascii_case(ending))
}

/// Whether a text that was fetched is a page for people rather than a file.
pub(crate) fn is_page(text: &str) -> bool {
    const BEGINNING: &str = "<!doctype html";
    text.trim_start().get(..BEGINNING.len()).is_some_and(|it| it.eq_ignore_ascii_case(BEGINNING))
}

/// Where the text is to be fetched from that an address of a page stands for; the error is a sentence.
///
/// Pages of GitHub, GitLab and Gist show a file within a page. The file itself is elsewhere.
pub(crate) fn address(text: &str) -> Result<String, String> {
    let text = text.trim();
    let whole = match text.split_once("://") {
        Some(("http" | "https", _)) => text.to_owned(),
        Some((scheme, _)) => {
            return Err(format!("Addresses begin with https://, and this one with {scheme}://."));
        }
        None if text.contains('.') && !text.contains(char::is_whitespace) => format!("https://{text}"),
        None => return Err("This is no address. It begins with https://".to_owned()),
    };
    let (scheme, rest) = whole.split_once("://").unwrap_or_default();
    let (rest, _) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let file = |path: &[&str]| match path.last() {
        Some(last) if is_dockerfile(last) => path.join("/"),
        _ => [path, &["Dockerfile"]].concat().join("/"),
    };
    let raw = |owner, repository, reference, path: String| {
        format!("https://raw.githubusercontent.com/{owner}/{repository}/{reference}/{path}")
    };
    Ok(match (host, parts.as_slice()) {
        ("github.com" | "www.github.com", [owner, repository]) => {
            raw(owner, repository.strip_suffix(".git").unwrap_or(repository), "HEAD", "Dockerfile".to_owned())
        }
        ("github.com" | "www.github.com", [owner, repository, "blob" | "raw", reference, path @ ..])
            if !path.is_empty() =>
        {
            raw(owner, repository, reference, path.join("/"))
        }
        ("github.com" | "www.github.com", [owner, repository, "tree", reference, path @ ..]) => {
            raw(owner, repository, reference, file(path))
        }
        ("gist.github.com", [owner, id, ..]) => {
            format!("https://gist.githubusercontent.com/{owner}/{id}/raw")
        }
        ("gitlab.com", parts) => {
            // The pages do not let others read them; the interface does.
            let at = parts.iter().position(|part| *part == "-");
            let project = parts[..at.unwrap_or(parts.len())].join("%2F");
            let (reference, path) = match at.map(|at| &parts[at + 1..]) {
                Some(["blob" | "raw", reference, path @ ..]) if !path.is_empty() => {
                    (*reference, path.join("%2F"))
                }
                Some(["tree", reference, path @ ..]) => (*reference, file(path).replace('/', "%2F")),
                _ => ("HEAD", "Dockerfile".to_owned()),
            };
            format!(
                "https://gitlab.com/api/v4/projects/{project}/repository/files/{path}/raw?ref={reference}"
            )
        }
        _ => format!("{scheme}://{}", whole.split_once("://").map_or("", |(_, rest)| rest)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(names: &[(&str, &str)]) -> Result<Opening, String> {
        files(names.iter().map(|(name, text)| ((*name).to_owned(), Some((*text).to_owned()))).collect())
    }

    fn text(opening: Result<Opening, String>) -> (String, Option<String>) {
        match opening {
            Ok(Opening::Playground(it)) => (it.dockerfile, it.context.and_then(|context| context.ignore)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_dockerfile_goes_by_its_name() {
        for name in
            ["Dockerfile", "dockerfile", "Dockerfile.dev", "app.Dockerfile", "Containerfile", "Dockerfile-ci"]
        {
            let all = [("notes.md", "# x"), (name, "FROM a\n"), ("main.go", "package main")];
            assert_eq!(text(opened(&all)), ("FROM a\n".to_owned(), None), "{name}");
        }
        assert_eq!(text(opened(&[("anything.txt", "FROM b\n")])), ("FROM b\n".to_owned(), None));
    }

    #[test]
    fn the_ignore_file_comes_along() {
        let expected = ("FROM a\n".to_owned(), Some("*.md\n".to_owned()));
        for name in [".dockerignore", "Dockerfile.dockerignore"] {
            assert_eq!(text(opened(&[(name, "*.md\n"), ("Dockerfile", "FROM a\n")])), expected, "{name}");
        }
    }

    #[test]
    fn a_compose_or_bake_file_lies_beside_the_dockerfile() {
        let rows = [
            ("compose.yaml", Some("compose")),
            ("docker-compose.dev.yml", Some("compose")),
            ("docker-bake.hcl", Some("bake-hcl")),
            ("docker-bake.override.json", Some("bake-json")),
            ("package.json", None),
        ];
        for (name, language) in rows {
            let Ok(Opening::Playground(it)) = opened(&[("Dockerfile", "FROM a\n"), (name, "x")]) else {
                panic!("{name}")
            };
            let found = it.builds.map(|builds| (builds.text, builds.language.unwrap_or_default()));
            assert_eq!(found, language.map(|it| ("x".to_owned(), it.to_owned())), "{name}");
        }
        assert!(opened(&[("compose.yaml", "services:")]).is_err_and(|why| why.contains("no Dockerfile")));
    }

    #[test]
    fn several_dockerfiles_are_a_choice() {
        let Ok(Opening::Choice(all, ignore)) =
            opened(&[("Dockerfile", "FROM a\n"), (".dockerignore", "x"), ("dev.dockerfile", "FROM b\n")])
        else {
            panic!()
        };
        assert_eq!(
            all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["Dockerfile", "dev.dockerfile"]
        );
        assert_eq!(ignore.as_deref(), Some("x"));
    }

    #[test]
    fn two_dockerfiles_and_a_script_are_the_builder_pattern() {
        let files = [("Dockerfile", "FROM s\n"), ("build.sh", "docker cp"), ("Dockerfile.build", "FROM b\n")];
        let Ok(Opening::Pattern(three)) = opened(&files) else { panic!() };
        assert_eq!(
            (three.build.as_str(), three.script.as_str(), three.ship.as_str()),
            ("FROM b\n", "docker cp", "FROM s\n")
        );
    }

    #[test]
    fn what_cannot_be_opened_says_why() {
        assert!(opened(&[("a.png", "\0PNG")]).is_err_and(|why| why.contains("no text")));
        assert!(opened(&[("a.md", ""), ("b.md", "")]).is_err_and(|why| why.contains("no Dockerfile")));
        assert!(files(vec![("big".to_owned(), None)]).is_err_and(|why| why.contains("2 MB")));
        assert!(opened(&[("x.stagelight", "{")]).is_err_and(|why| why.contains("x.stagelight")));
    }

    #[test]
    fn a_kept_playground_opens_as_it_was() {
        let given = Playground { target: Some("é".to_owned()), ..playground("FROM a\n".to_owned(), None) };
        assert_eq!(opened(&[("x.stagelight", &given.to_file())]), Ok(Opening::Playground(Box::new(given))));
    }

    #[test]
    fn a_page_is_no_file() {
        assert!(is_page("\n<!DOCTYPE HTML><title>x</title>"));
        assert!(!is_page("FROM a\n") && !is_page("") && !is_page("<!doctype") && !is_page("ééééééééééééé"));
    }

    #[test]
    fn pages_with_a_file_stand_for_the_file() {
        let raw = "https://raw.githubusercontent.com/o/r";
        for (page, file) in [
            ("https://github.com/o/r", format!("{raw}/HEAD/Dockerfile")),
            ("github.com/o/r.git", format!("{raw}/HEAD/Dockerfile")),
            ("https://github.com/o/r/blob/main/a/Dockerfile.dev#L3", format!("{raw}/main/a/Dockerfile.dev")),
            ("https://github.com/o/r/tree/v1/docker?x=y", format!("{raw}/v1/docker/Dockerfile")),
            ("https://gist.github.com/o/0a1b", "https://gist.githubusercontent.com/o/0a1b/raw".to_owned()),
            (
                "https://gitlab.com/g/s/p/-/blob/main/ci/Dockerfile",
                "https://gitlab.com/api/v4/projects/g%2Fs%2Fp/repository/files/ci%2FDockerfile/raw?ref=main"
                    .to_owned(),
            ),
            (
                "https://gitlab.com/g/p",
                "https://gitlab.com/api/v4/projects/g%2Fp/repository/files/Dockerfile/raw?ref=HEAD"
                    .to_owned(),
            ),
            (" http://localhost:8080/x?y=z ", "http://localhost:8080/x?y=z".to_owned()),
        ] {
            assert_eq!(address(page), Ok(file), "{page}");
        }
        for wrong in ["", "hello there", "javascript://x", "file:///etc/passwd"] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }
}
