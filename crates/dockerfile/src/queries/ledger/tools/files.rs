//! Programs that fetch, unpack, make, copy, change and remove files.

use super::super::Shape;
use super::super::paths;
use super::build::PREFIX;
use super::{Deed, Reads, Tool, Word};

impl Tool<'_, '_> {
    pub(super) fn files(&mut self, name: &str) -> bool {
        match name {
            "curl" => self.curl(),
            "wget" | "wget2" => self.wget(),
            "tar" | "bsdtar" | "gtar" => self.tar(),
            "unzip" => match self.operands("|-d|-x|").first() {
                Some(word) => self.unpack(word, "|-d|"),
                None => true,
            },
            "gunzip" | "unxz" | "bunzip2" | "xz" | "gzip" | "bzip2" | "zstd" => {
                for word in self.operands("|-o|") {
                    let path = self.scope.path(word);
                    let ends = [".gz", ".xz", ".bz2", ".zst"];
                    let plain = path.as_ref().and_then(|path| {
                        ends.iter().find_map(|end| path.strip_suffix(end)).map(str::to_owned)
                    });
                    let packed = path.clone().map(|it| it + ".gz");
                    self.makes(plain.or(packed), Shape::File, Reads::Paths(path.into_iter().collect()));
                }
                true
            }
            "git" => self.git(),
            "svn" => self.anything(),
            "mkdir" => self
                .each("|-m|--mode|", |tool, path| tool.makes(Some(path), Shape::Directory, Reads::Nothing)),
            "touch" | "mkfifo" | "truncate" => {
                self.each("|-d|-r|-t|-s|", |tool, path| tool.makes(Some(path), Shape::File, Reads::Nothing))
            }
            "mktemp" => true,
            "tee" => self.each("", |tool, path| tool.makes(Some(path), Shape::File, Reads::Nothing)),
            "cp" | "mv" | "rsync" => self.copy(name),
            "install" => self.install_files(),
            "ln" => self.link(),
            "chmod" | "chown" | "chgrp" | "setcap" => self.change(1),
            "strip" | "upx" | "dos2unix" => self.change(0),
            "patchelf" => {
                self.change(usize::from(!self.words.is_empty()) * self.operands("").len().saturating_sub(1))
            }
            "sed" | "perl" => {
                match self.words.iter().any(|word| {
                    word.text.starts_with("-i") || word.text == "--in-place" || word.text == "-pi"
                }) {
                    true => self.change(usize::from(!self.has("|-e|-f|--expression|"))),
                    false => name == "sed",
                }
            }
            "rm" | "shred" | "unlink" => self.each("", |tool, path| {
                tool.deeds.push(Deed::Removes { path });
                true
            }),
            "useradd" | "adduser" | "groupadd" | "addgroup" => self.user(name),
            "configure" | "autogen.sh" | "autoreconf" | "bootstrap.sh" => {
                let prefix = self.value("|--prefix|").map(|word| word.text);
                self.scope.keep(PREFIX, prefix.unwrap_or_else(|| "/usr/local".to_owned()));
                match name {
                    "configure" => self.makes(self.scope.cwd.clone(), Shape::Tree, self.cwd()),
                    _ => self.anything(),
                }
            }
            "dd" => match self.words.iter().find_map(|word| word.text.strip_prefix("of=")) {
                Some(path) => self.file(&Word::plain(path), Reads::Nothing),
                None => true,
            },
            "openssl" => {
                match self.value("|-out|").into_iter().chain(self.value("|-keyout|")).collect::<Vec<_>>() {
                    files if files.is_empty() => false,
                    files => files.iter().all(|word| self.file(word, Reads::Nothing)),
                }
            }
            _ => false,
        }
    }

    /// Does something for each operand.
    fn each(&mut self, valued: &str, act: impl Fn(&mut Self, String) -> bool) -> bool {
        for word in self.operands(valued) {
            match self.scope.path(word) {
                Some(path) => {
                    act(self, path);
                }
                None => self.deeds.push(Deed::Anything),
            }
        }
        true
    }

    fn curl(&mut self) -> bool {
        let folder =
            self.value("|--output-dir|").and_then(|word| self.scope.path(&word)).or(self.scope.cwd.clone());
        let output = self.words.iter().enumerate().find_map(|(at, word)| {
            let text = word.text.as_str();
            let is_short = text.starts_with('-') && !text.starts_with("--") && text.ends_with('o');
            (is_short || text == "--output").then(|| self.words.get(at + 1).cloned())
        });
        if let Some(word) = output.flatten().or_else(|| self.value("|--output|")) {
            return self.file(&word, Reads::Nothing);
        }
        if self.has_letter('O') || self.has("|--remote-name|--remote-name-all|") {
            for word in self
                .operands("|-H|--header|-d|--data|-u|--user|-A|--retry|-X|--request|--output-dir|-x|--proxy|")
            {
                let path = folder
                    .as_ref()
                    .map(|folder| format!("{}/{}", folder.trim_end_matches('/'), url_name(&word.text)));
                self.makes(path, Shape::File, Reads::Nothing);
            }
        }
        true
    }

    fn wget(&mut self) -> bool {
        const VALUED: &str = "|-O|--output-document|-P|--directory-prefix|-o|-a|-t|-T|--tries|--timeout|-U|--header|-e|--user|--password|";
        let output = self.words.iter().enumerate().find_map(|(at, word)| {
            let text = word.text.as_str();
            let short = text
                .strip_prefix('-')
                .filter(|it| !it.starts_with('-'))
                .and_then(|it| Some(it.split_once('O')?.1));
            match short {
                Some("") => Some(self.words.get(at + 1).cloned()),
                Some(rest) => Some(Some(Word { text: rest.to_owned(), ..word.clone() })),
                None => None,
            }
        });
        if let Some(word) = output.flatten().or_else(|| self.value("|--output-document|")) {
            return self.file(&word, Reads::Nothing);
        }
        let Some(folder) = self.directory("|-P|--directory-prefix|") else { return self.anything() };
        for word in self.operands(VALUED) {
            let path = format!("{}/{}", folder.trim_end_matches('/'), url_name(&word.text));
            self.makes(Some(path), Shape::File, Reads::Nothing);
        }
        true
    }

    fn tar(&mut self) -> bool {
        let mode = self.word(0);
        let letters = if mode.starts_with("--") { "" } else { mode.trim_start_matches('-') };
        let is = |letter: char, long: &str| {
            letters.contains(letter) || self.has_letter(letter) && !mode.starts_with(letter) || self.has(long)
        };
        let file =
            if letters.ends_with('f') { self.words.get(1).cloned() } else { self.value("|-f|--file|") };
        let path = file.and_then(|word| self.scope.path(&word));
        if is('x', "|--extract|--get|") {
            let reads = Reads::Paths(path.into_iter().collect());
            return self.makes(self.directory("|-C|--directory|"), Shape::Tree, reads);
        }
        if is('c', "|--create|") && path.is_some() {
            return self.makes(path, Shape::File, self.cwd());
        }
        true
    }

    fn unpack(&mut self, word: &Word, option: &str) -> bool {
        let reads = Reads::Paths(self.scope.path(word).into_iter().collect());
        self.makes(self.directory(option), Shape::Tree, reads)
    }

    fn git(&mut self) -> bool {
        const VALUED: &str =
            "|-b|--branch|--depth|-o|--origin|-c|--config|--reference|-j|--jobs|--filter|-C|--shallow-since|";
        let operands = self.operands(VALUED);
        match operands.first().map_or("", |word| word.text.as_str()) {
            "clone" => match (operands.get(1), operands.get(2)) {
                (_, Some(folder)) => self.makes(self.scope.path(folder), Shape::Tree, Reads::Nothing),
                (Some(address), None) => {
                    let name = url_name(&address.text);
                    let name = name.strip_suffix(".git").unwrap_or(name).to_owned();
                    self.tree(&name, Reads::Nothing)
                }
                (None, None) => true,
            },
            "init" => match operands.get(1) {
                Some(word) => self.makes(self.scope.path(word), Shape::Tree, Reads::Nothing),
                None => self.tree(".git", Reads::Nothing),
            },
            "checkout" | "pull" | "reset" | "submodule" | "apply" | "am" | "switch" | "lfs" | "merge" => {
                match self.directory("|-C|") {
                    Some(path) => {
                        self.deeds.push(Deed::Changes { path, is_tree: true });
                        true
                    }
                    None => self.anything(),
                }
            }
            _ => true,
        }
    }

    fn copy(&mut self, name: &str) -> bool {
        let operands = self.operands("|-t|--target-directory|-m|--exclude|");
        let into = self.value("|-t|--target-directory|");
        let (destination, sources) = match (into, operands.split_last()) {
            (Some(word), _) => (self.scope.path(&word).map(|it| it + "/"), operands.as_slice()),
            (None, Some((last, rest))) if !rest.is_empty() => {
                let path = self.scope.path(last);
                let is_folder = last.text.ends_with('/')
                    || last.text.ends_with("/.")
                    || last.text == "."
                    || rest.len() > 1;
                (path.map(|it| if is_folder { it + "/" } else { it }), rest)
            }
            (None, _) => return true,
        };
        let Some(destination) = destination else { return self.anything() };
        // `dir/.` and, for rsync, `dir/` mean what is in it.
        let with_contents = |word: &&Word| {
            let is_contents =
                word.text.ends_with("/.") || word.text == "." || name == "rsync" && word.text.ends_with('/');
            self.scope
                .path(word)
                .map(|path| if is_contents { format!("{}/.", path.trim_end_matches('/')) } else { path })
        };
        let sources = sources.iter().filter_map(with_contents).collect();
        let is_tree = name != "cp"
            || ['r', 'R', 'a'].iter().any(|it| self.has_letter(*it))
            || self.has("|--recursive|--archive|");
        self.deeds.push(Deed::Copies { sources, destination, is_move: name == "mv", is_tree });
        true
    }

    fn install_files(&mut self) -> bool {
        const VALUED: &str = "|-m|--mode|-o|--owner|-g|--group|-t|--target-directory|-S|";
        if self.has("|-d|--directory|") || self.has_letter('d') {
            return self.each(VALUED, |tool, path| tool.makes(Some(path), Shape::Directory, Reads::Nothing));
        }
        let operands = self.operands(VALUED);
        let Some((last, sources)) = operands.split_last() else { return true };
        let (destination, sources) = match self.value("|-t|--target-directory|") {
            Some(word) => (self.scope.path(&word).map(|it| it + "/"), operands.as_slice()),
            None => (
                self.scope.path(last).map(|it| if last.text.ends_with('/') { it + "/" } else { it }),
                sources,
            ),
        };
        let Some(destination) = destination else { return self.anything() };
        let sources = sources.iter().filter_map(|word| self.scope.path(word)).collect();
        self.deeds.push(Deed::Copies { sources, destination, is_move: false, is_tree: false });
        true
    }

    fn link(&mut self) -> bool {
        let operands = self.operands("|-t|-S|");
        let (Some(target), Some(place)) = (operands.first(), operands.get(1)) else { return true };
        let path = self.scope.path(place);
        let path = path.map(|path| {
            if place.text.ends_with('/') { format!("{path}/{}", paths::name(&target.text)) } else { path }
        });
        let reads = Reads::Paths(
            self.scope.path(target).filter(|_| target.text.starts_with('/')).into_iter().collect(),
        );
        self.makes(path, Shape::File, reads)
    }

    fn change(&mut self, n_skipped: usize) -> bool {
        let is_tree = self.has_letter('R') || self.has("|--recursive|");
        let operands = self.operands("|-e|-f|--expression|-o|--reference|");
        for word in operands.iter().skip(n_skipped) {
            if let Some(path) = self.scope.path(word) {
                self.deeds.push(Deed::Changes { path, is_tree });
            }
        }
        true
    }

    fn user(&mut self, name: &str) -> bool {
        let valued = match name {
            "useradd" => {
                "|-u|--uid|-g|--gid|-G|--groups|-d|--home-dir|--home|-s|--shell|-c|--comment|-p|-k|-b|-e|-f|-K|"
            }
            "adduser" => "|-u|-h|-s|-g|-G|-k|--uid|--home|--shell|--gid|--ingroup|--gecos|--firstuid|",
            _ => "|-g|--gid|",
        };
        let is_group = name.contains("group");
        let file = if is_group { "/etc/group" } else { "/etc/passwd" };
        self.deeds.push(Deed::Changes { path: file.to_owned(), is_tree: false });
        let operands = self.operands(valued);
        let (Some(user), false) = (operands.first(), is_group || operands.len() > 1) else { return true };
        let makes_home = match name {
            "useradd" => self.has_letter('m') || self.has("|--create-home|"),
            _ => !self.has("|-H|--no-create-home|") && !self.has_letter('H'),
        };
        let home = self.value(if name == "useradd" { "|-d|--home-dir|--home|" } else { "|-h|--home|" });
        if makes_home && !user.is_lost {
            let home = home.map_or(Some(format!("/home/{}", user.text)), |word| self.scope.path(&word));
            return self.makes(home, Shape::Directory, Reads::Nothing);
        }
        true
    }
}

/// The last part of an address.
fn url_name(address: &str) -> &str {
    let address = address.split(['?', '#']).next().unwrap_or(address);
    match paths::name(address).rsplit_once(':') {
        Some((_, name)) if !address.contains("://") => name,
        _ => paths::name(address),
    }
}
