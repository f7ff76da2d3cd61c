//! `stagelight lessons`: what is wrong in lessons, and new ones.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use dockerfile::text::{self, LineIndex, TextRange};
use lessons::{Lesson, Problem, Workshop, check, template};

use crate::args::Lessons;
use crate::text::{Kind, Source, Style, Told, clean, count, name, snippet};
use crate::{TROUBLE, end, files};

/// Checks lessons, or begins one.
///
/// # Errors
/// A sentence that says what stands in the way.
pub(crate) fn run(args: &Lessons) -> Result<ExitCode, String> {
    match args {
        Lessons::Check { paths } => check_all(paths),
        Lessons::New { name, output } => begin(name, output),
    }
}

fn check_all(paths: &[PathBuf]) -> Result<ExitCode, String> {
    let mut out = io::stdout().lock();
    let mut report = Report { style: Style::of(io::stdout().is_terminal()), ..Report::default() };
    for path in paths {
        if path.is_dir() { end(report.folder(&mut out, path))? } else { end(report.lesson(&mut out, path))? }
    }
    end(report.end(&mut out))?;
    Ok(match (report.n_unreadable, report.n_problems) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(1),
        (_, _) => ExitCode::from(TROUBLE),
    })
}

/// What is told, and how much was found.
#[derive(Default)]
struct Report {
    style: Style,
    n_lessons: usize,
    n_goals: usize,
    n_problems: usize,
    n_unreadable: usize,
}

impl Report {
    fn folder(&mut self, out: &mut impl Write, folder: &Path) -> io::Result<()> {
        let there = match markdown(folder) {
            Ok(there) => there,
            Err(sentence) => return self.unreadable(out, &sentence),
        };
        let front = folder.join(Workshop::FRONT_PAGE);
        if !front.is_file() {
            if there.is_empty() {
                let sentence = format!("There is no lesson in {}", folder.display());
                return self.unreadable(out, &sentence);
            }
            return there.iter().try_for_each(|file| self.lesson(out, &folder.join(file)));
        }
        let page = match read(&front) {
            Ok(page) => page,
            Err(sentence) => return self.unreadable(out, &sentence),
        };
        let mut workshop = Workshop::read(&page);
        let mut problems = std::mem::take(&mut workshop.problems);
        for entry in &workshop.lessons {
            if !folder.join(&entry.path).is_file() {
                problems.push(problem(entry.range, format!("There is no '{}' beside this page", entry.path)));
            }
        }
        for file in &there {
            if file != Workshop::FRONT_PAGE && workshop.lessons.iter().all(|entry| entry.path != *file) {
                let range = TextRange::empty(0);
                problems.push(problem(range, format!("'{file}' is not listed in the front page")));
            }
        }
        self.tell(out, &front, &page, &problems)?;
        let lessons = workshop.lessons.iter().map(|entry| folder.join(&entry.path));
        lessons.filter(|path| path.is_file()).try_for_each(|path| self.lesson(out, &path))
    }

    fn lesson(&mut self, out: &mut impl Write, path: &Path) -> io::Result<()> {
        let page = match read(path) {
            Ok(page) => page,
            Err(sentence) => return self.unreadable(out, &sentence),
        };
        let lesson = Lesson::read(&page);
        let folder = path.parent().unwrap_or(Path::new(""));
        let problems = check(&lesson, |link| folder.join(link).exists());
        let n_goals = lesson.exercise.as_ref().map_or(0, |exercise| exercise.goals.len());
        self.n_lessons += 1;
        self.n_goals += n_goals;
        self.tell(out, path, &page, &problems)?;
        if problems.iter().all(|it| it.is_note) {
            let what = match &lesson.exercise {
                Some(exercise) => {
                    format!("{}, {}", count(n_goals, "goal"), count(exercise.hints.len(), "hint"))
                }
                None => "no exercise".to_owned(),
            };
            let path = name(&path.display().to_string());
            let title = clean(&lesson.title);
            let what = self.style.dim(&format!("({what})"));
            writeln!(out, "{} {path}: {title} {what}", self.style.good("ok"))?;
        }
        Ok(())
    }

    fn tell(
        &mut self,
        out: &mut impl Write,
        path: &Path,
        text: &str,
        problems: &[Problem],
    ) -> io::Result<()> {
        let lines = LineIndex::new(text);
        let name = name(&path.display().to_string());
        let source = Source { name: &name, text, lines: &lines };
        for problem in problems {
            self.n_problems += usize::from(!problem.is_note);
            let told = Told {
                kind: if problem.is_note { Kind::Info } else { Kind::Error },
                message: &problem.message,
                rule: None,
                range: Some(problem.range),
                labels: problem.labels.iter().map(|(range, text)| (*range, &text[..])).collect(),
                footers: problem.help.iter().map(|help| ("help", help.clone())).collect(),
            };
            writeln!(out, "{}", snippet(&source, &told, &self.style))?;
        }
        Ok(())
    }

    fn unreadable(&mut self, out: &mut impl Write, sentence: &str) -> io::Result<()> {
        self.n_unreadable += 1;
        writeln!(out, "{}: {}\n", self.style.error("error"), clean(sentence))
    }

    fn end(&self, out: &mut impl Write) -> io::Result<()> {
        let found = match self.n_problems {
            0 => self.style.good("Nothing is wrong"),
            n => self.style.strong(&count(n, "problem")),
        };
        let mut line =
            format!("{found} in {} with {}", count(self.n_lessons, "lesson"), count(self.n_goals, "goal"));
        if self.n_unreadable > 0 {
            line += &format!("; {} could not be read", count(self.n_unreadable, "path"));
        }
        writeln!(out, "{line}")
    }
}

fn problem(range: TextRange, message: String) -> Problem {
    Problem { range, message, help: None, labels: Vec::new(), is_note: false }
}

/// The files of Markdown in a folder, in the order of their names, the front page among them.
fn markdown(folder: &Path) -> Result<BTreeSet<String>, String> {
    let cannot = |error: io::Error| format!("Cannot list {}: {}", folder.display(), files::reason(&error));
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let name = entry.map_err(cannot)?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") {
            found.insert(name);
        }
    }
    Ok(found)
}

fn read(path: &Path) -> Result<String, String> {
    Ok(text::decode(&files::read(path)?.bytes).0.into_owned())
}

/// Writes a new lesson, and its line in the front page.
fn begin(title: &str, folder: &Path) -> Result<ExitCode, String> {
    let title = clean(title.trim());
    let words: Vec<String> = title
        .split(|it: char| !it.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() {
        return Err("A lesson needs a name of letters or digits, such as 'Name the stages'".to_owned());
    }
    let there = markdown(folder)?;
    let number = |name: &String| name.split('-').next()?.parse::<u32>().ok();
    let next = there.iter().filter_map(number).max().unwrap_or(0).saturating_add(1);
    let file = format!("{next:02}-{}.md", words.join("-"));
    let path = folder.join(&file);
    write_new(&path, &template(&title))?;
    let front = folder.join(Workshop::FRONT_PAGE);
    let page = match front.is_file() {
        true => Workshop::with(&read(&front)?, &title, &file),
        false => format!("# A workshop\n\nSay whom these lessons are for.\n\n1. [{title}]({file})\n"),
    };
    let cannot = |error| format!("Cannot write {}: {}", front.display(), files::reason(&error));
    fs::write(&front, page).map_err(cannot)?;
    let (path, front) = (name(&path.display().to_string()), name(&front.display().to_string()));
    end(writeln!(
        io::stdout(),
        "{path}\nIt is listed in {front}; `stagelight lessons check` says what is wrong in it"
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, text: &str) -> Result<(), String> {
    let cannot = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => format!("{} is there already", path.display()),
        _ => format!("Cannot write {}: {}", path.display(), files::reason(&error)),
    };
    let mut file = fs::File::create_new(path).map_err(cannot)?;
    file.write_all(text.as_bytes()).map_err(cannot)
}
