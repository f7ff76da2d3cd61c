//! A case: a build, an edit, and what is expected to run again.
//!
//! A file has up to four parts: options, `--- Dockerfile`, `--- edited` where the text changes, and `--- expected`.
//! The tests of the core and those of an engine read the same files.

use dockerfile::ignore::Ignore;
use dockerfile::queries::cache::{
    Build, Changes, FileChange, Files, Forecast, MovedImage, Outputs, What, what_if,
};
use dockerfile::queries::{Plan, Target, cut};
use dockerfile::stages::{BaseConfig, BuildOptions, image_ref, resolve};
use dockerfile::syntax;

/// A case as it is written.
#[derive(Debug, Default)]
pub(crate) struct Case {
    /// Everything in front of what is expected.
    pub(crate) head: String,
    pub(crate) dockerfile: String,
    pub(crate) edited: Option<String>,
    /// The files of the build context.
    pub(crate) files: Vec<String>,
    pub(crate) ignore: Option<String>,
    /// What `.dockerignore` is edited to.
    pub(crate) edited_ignore: Option<String>,
    pub(crate) target: Option<String>,
    /// Build arguments before and after.
    pub(crate) args: [Vec<(String, String)>; 2],
    /// Named contexts: the name, and its files.
    pub(crate) contexts: Vec<(String, Vec<String>)>,
    pub(crate) changes: Vec<FileChange>,
    /// Images that move, and the paths below which they differ.
    pub(crate) moved: Vec<(String, Vec<String>)>,
    pub(crate) remotes: Vec<String>,
    pub(crate) outputs: Outputs,
    /// Values of secrets before and after: they change nothing.
    pub(crate) secrets: Vec<(String, String, String)>,
    /// Why no engine can be asked, or what one says that is not what is expected.
    pub(crate) no_engine: bool,
    /// The oldest release of the engine that knows what is used.
    pub(crate) since: u32,
}

impl Case {
    pub(crate) fn read(text: &str) -> Result<Case, String> {
        let mut case = Case::default();
        let mut part = "options";
        let (mut dockerfile, mut edited) = (String::new(), None::<String>);
        for line in text.split_inclusive('\n') {
            if let Some(name) = line.strip_prefix("--- ") {
                part = name.trim_end();
                if part == "edited" {
                    edited = Some(String::new());
                }
            } else {
                match part {
                    "options" => case.option(line.trim_end())?,
                    "Dockerfile" => dockerfile += line,
                    "edited" => *edited.get_or_insert_default() += line,
                    "expected" => break,
                    part => return Err(format!("there is no part {part:?}")),
                }
            }
            if part == "expected" {
                break;
            }
            case.head += line;
        }
        (case.dockerfile, case.edited) = (dockerfile, edited);
        Ok(case)
    }

    fn option(&mut self, line: &str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let (key, value) = line.split_once(": ").ok_or(format!("{line:?} is no option"))?;
        let words = || value.split(' ').map(str::to_owned);
        let pair = || {
            let pair = value.split_once('=').ok_or(format!("{value:?} is no NAME=VALUE"))?;
            Ok::<_, String>((pair.0.to_owned(), pair.1.to_owned()))
        };
        match key {
            "files" => self.files.extend(words()),
            "ignore" => *self.ignore.get_or_insert_default() += &format!("{value}\n"),
            "ignore after" => *self.edited_ignore.get_or_insert_default() += &format!("{value}\n"),
            "target" => self.target = Some(value.to_owned()),
            "arg" => self.args.iter_mut().try_for_each(|args| pair().map(|it| args.push(it)))?,
            "arg before" => self.args[0].push(pair()?),
            "arg after" => self.args[1].push(pair()?),
            "context" => {
                let (name, files) = value.split_once(' ').unwrap_or((value, ""));
                self.contexts.push((name.to_owned(), files.split(' ').map(str::to_owned).collect()));
            }
            "change" => self.change(value, What::Content),
            "mode" => self.change(value, What::Mode),
            "add" => self.change(value, What::Added),
            "remove" => self.change(value, What::Removed),
            "touch" => self.change(value, What::Touched),
            "move" => {
                let mut words = words();
                self.moved.push((words.next().unwrap_or_default(), words.collect()));
            }
            "remote" => self.remotes.push(value.to_owned()),
            "outputs" if value == "same" => self.outputs = Outputs::Same,
            "outputs" if value == "changed" => self.outputs = Outputs::Changed,
            "secret" => {
                let words: Vec<String> = words().collect();
                let [id, before, after] = &words[..] else {
                    return Err(format!("{value:?}: ID BEFORE AFTER"));
                };
                self.secrets.push((id.clone(), before.clone(), after.clone()));
            }
            "engine" if value == "none" => self.no_engine = true,
            "engine" => self.since = value.parse().map_err(|why| format!("{value:?}: {why}"))?,
            _ => return Err(format!("there is no option {line:?}")),
        }
        Ok(())
    }

    /// `PATH`, or `CONTEXT:PATH` for a named context.
    fn change(&mut self, value: &str, what: What) {
        let (context, path) = match value.split_once(':') {
            Some((context, path)) => (Some(context.to_owned()), path),
            None => (None, value),
        };
        self.changes.push(FileChange { context, path: path.to_owned(), what });
    }

    pub(crate) fn options(&self, is_after: bool) -> BuildOptions {
        let contexts = self.contexts.iter().map(|(name, _)| (name.clone(), format!("/contexts/{name}")));
        BuildOptions {
            build_args: self.args[usize::from(is_after)].clone(),
            contexts: contexts.collect(),
            target: self.target.clone(),
            other_images: Some(BaseConfig::default()),
            ..BuildOptions::default()
        }
    }

    pub(crate) fn changes(&self) -> Changes {
        let images = self.moved.iter().map(|(image, paths)| MovedImage {
            reference: image_ref::parse(image).expect("an image").normalized(),
            files: match &paths[..] {
                [] => Files::Unknown,
                [only] if only == "config" => Files::Same,
                paths => Files::Below(paths.to_vec()),
            },
        });
        Changes { files: self.changes.clone(), images: images.collect(), remotes: self.remotes.clone() }
    }

    /// Asks what the change does, and hands the answer on with the plan of the build after it.
    pub(crate) fn ask<T>(&self, told: impl FnOnce(&Build<'_>, &Forecast) -> T) -> T {
        let texts = [self.dockerfile.as_str(), self.edited.as_deref().unwrap_or(&self.dockerfile)];
        let parses = texts.map(syntax::parse);
        let graphs = [0, 1].map(|at| resolve(&parses[at], &self.options(at == 1)));
        let target = Target::from_name(self.target.as_deref());
        let cuts = [0, 1].map(|at| cut(&graphs[at], &target).expect("there is such a target"));
        for at in [0, 1] {
            assert!(parses[at].errors.is_empty() && graphs[at].errors.is_empty(), "{:?}", self.dockerfile);
            assert_eq!(cuts[at].errors, [], "{:?}", self.dockerfile);
        }
        let plans = [0, 1].map(|at| Plan::of(texts[at], &parses[at], &graphs[at]));
        let edited = self.edited_ignore.as_ref().or(self.ignore.as_ref());
        let ignores = [self.ignore.as_ref(), edited].map(|it| it.map(|text| Ignore::parse(text)));
        let build = |at: usize| Build { plan: &plans[at], cut: &cuts[at], ignore: ignores[at].as_ref() };
        let forecast = what_if(build(0), build(1), &self.changes(), self.outputs);
        told(&build(1), &forecast)
    }
}
