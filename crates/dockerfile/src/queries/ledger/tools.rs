//! What well-known commands write: the table behind everything that is called likely.
//!
//! Each program has an arm here or in one of the modules below. Surprising: a command that is not in the table may
//! write anything, so a program that writes nothing worth a word is in the table too.

mod build;
mod files;
mod packages;

pub(crate) use packages::VIRTUAL;

use super::Shape;
use super::names::contains;
use super::paths;
use super::shell::{Scope, Simple, Word};

/// What a command does.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    /// It makes a path; of a pattern, whatever it is called that matches.
    Makes { path: String, shape: Shape, reads: Reads },
    /// It copies or moves files; a slash at the end of the destination says that it is a directory.
    Copies { sources: Vec<String>, destination: String, is_move: bool, is_tree: bool },
    /// It changes what is there.
    Changes { path: String, is_tree: bool },
    /// It removes what is there.
    Removes { path: String },
    /// It installs a package.
    Installs { manager: &'static str, name: String, version: Option<String> },
    /// It removes a package.
    Uninstalls { manager: &'static str, name: String },
    /// It may write where packages are installed.
    System,
    /// It may write anything.
    Anything,
}

/// What a command reads to make something.
#[derive(Clone, Debug)]
pub(crate) enum Reads {
    /// Nothing of the stage.
    Nothing,
    /// What is in its directory.
    Directory(String),
    /// These paths.
    Paths(Vec<String>),
}

/// What a command does, in its order.
pub(super) fn deeds(simple: &Simple, scope: &mut Scope) -> Vec<Deed> {
    let mut tool = Tool { program: String::new(), words: &[], scope, deeds: Vec::new() };
    if let Some((program, words)) = simple.words.split_first() {
        tool.words = words;
        tool.run(&program.text);
    }
    for word in &simple.writes {
        tool.file(word, Reads::Nothing);
    }
    tool.deeds
}

/// A command at work.
struct Tool<'w, 's> {
    /// The program as called.
    program: String,
    /// Its arguments.
    words: &'w [Word],
    scope: &'s mut Scope,
    deeds: Vec<Deed>,
}

impl<'w> Tool<'w, '_> {
    fn run(&mut self, program: &str) {
        self.program = program.to_owned();
        let name = paths::name(program).to_owned();
        let is_known =
            self.is_harmless(&name) || self.build(&name) || self.packages(&name) || self.files(&name);
        if !is_known {
            // Most programs that have such an option write there.
            let output =
                self.value("|-o|--output|--out|").filter(|word| !word.is_lost && !word.text.starts_with('-'));
            if let Some(path) = output.and_then(|word| self.scope.path(&word)) {
                self.makes(Some(path), Shape::Either, self.cwd());
            }
            self.deeds.push(Deed::Anything);
        }
    }

    /// Runs the arguments from one on as a command.
    fn run_from(&mut self, at: usize) -> bool {
        let Some((program, words)) = self.words.get(at..).and_then(<[Word]>::split_first) else {
            return false;
        };
        self.words = words;
        self.run(&program.text);
        true
    }

    fn is_harmless(&self, name: &str) -> bool {
        contains(
            "|echo|printf|true|false|:|set|test|[|[[|]]|cat|ls|which|type|sleep|grep|egrep|id|whoami|exit|return|shift|trap|uname|date\
             |pwd|head|tail|wc|sort|uniq|tr|cut|awk|file|du|df|stat|sha256sum|sha512sum|sha1sum|md5sum|shasum|cmp|diff|readlink|realpath\
             |basename|dirname|dpkg-architecture|nproc|getent|ldd|ldconfig|hash|umask|ulimit|wait|break|continue|kill|alias|find|sync|env\
             |getconf|arch|jq|rmdir|gpgconf|seq|expr|tput|clear|ps|unset|read|in|pushd|popd|dirs|\
             |useradd-help|apt-mark|dpkg-query|rpm-query|deluser|delgroup|userdel|groupdel|usermod|groupmod|passwd|chpasswd|",
            name,
        )
    }

    /// The word of an argument.
    fn word(&self, at: usize) -> &'w str {
        self.words.get(at).map_or("", |word| word.text.as_str())
    }

    /// Whether one of the options is given.
    fn has(&self, names: &str) -> bool {
        self.words.iter().any(|word| contains(names, &word.text))
    }

    /// Whether a letter is among the short options.
    fn has_letter(&self, letter: char) -> bool {
        self.words.iter().any(|word| {
            let text = word.text.as_str();
            text.starts_with('-') && !text.starts_with("--") && text.contains(letter)
        })
    }

    /// The value of an option: behind it, behind a `=`, or, for a single letter, in the same word.
    fn value(&self, names: &str) -> Option<Word> {
        for (at, word) in self.words.iter().enumerate() {
            let text = &word.text;
            if contains(names, text) {
                return self.words.get(at + 1).cloned();
            }
            let attached = match text.split_once('=') {
                Some((name, value)) if contains(names, name) => Some(value),
                _ if text.len() > 2 && text.is_char_boundary(2) && contains(names, &text[..2]) => {
                    Some(&text[2..])
                }
                _ => None,
            };
            if let Some(value) = attached {
                return Some(Word { text: value.to_owned(), ..word.clone() });
            }
        }
        None
    }

    /// The arguments that are neither options nor the values of `valued` ones.
    fn operands(&self, valued: &str) -> Vec<&'w Word> {
        let mut operands = Vec::new();
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            if !word.text.starts_with('-') || word.text == "-" {
                operands.push(word);
            } else if word.text == "--" {
                operands.extend(words.by_ref());
            } else if contains(valued, &word.text) {
                words.next();
            }
        }
        operands
    }

    /// The directory that an option names, or the one it runs in.
    fn directory(&self, names: &str) -> Option<String> {
        match self.value(names) {
            Some(word) => self.scope.path(&word),
            None => self.scope.cwd.clone(),
        }
    }

    /// A path in the directory it runs in.
    fn here(&self, path: &str) -> Option<String> {
        self.scope.path(&Word::plain(path))
    }

    fn cwd(&self) -> Reads {
        self.scope.cwd.clone().map_or(Reads::Nothing, Reads::Directory)
    }

    /// It makes a path; if that is not known, it may be any.
    fn makes(&mut self, path: Option<String>, shape: Shape, reads: Reads) -> bool {
        self.deeds.push(match path.and_then(|path| self.here(&path)) {
            // All of the file system is no answer.
            Some(path) if path == "/" && shape != Shape::Directory => Deed::Anything,
            Some(path) => Deed::Makes { path, shape, reads },
            None => Deed::Anything,
        });
        true
    }

    /// It makes a file with the name of a word.
    fn file(&mut self, word: &Word, reads: Reads) -> bool {
        let is_hidden =
            word.is_lost && word.text.is_empty() || word.text.starts_with("/dev/") || word.text == "-";
        if is_hidden {
            return true;
        }
        self.makes(self.scope.path(word), Shape::File, reads)
    }

    fn tree(&mut self, path: &str, reads: Reads) -> bool {
        self.makes(self.here(path), Shape::Tree, reads)
    }

    fn nothing(&self) -> bool {
        true
    }

    fn anything(&mut self) -> bool {
        self.deeds.push(Deed::Anything);
        true
    }

    fn system(&mut self) -> bool {
        self.deeds.push(Deed::System);
        true
    }

    /// Below the home directory.
    fn at_home(&mut self, path: &str) -> bool {
        match self.scope.get("HOME").map(str::to_owned) {
            Some(home) => self.makes(
                Some(format!("{}/{path}", home.trim_end_matches('/'))),
                Shape::Tree,
                Reads::Nothing,
            ),
            None => self.nothing(),
        }
    }
}
