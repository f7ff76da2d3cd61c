//! Package managers: of systems and of languages.

use super::super::Shape;
use super::super::names::contains;
use super::super::paths;
use super::{Deed, Reads, Tool, Word};

impl Tool<'_, '_> {
    pub(super) fn packages(&mut self, name: &str) -> bool {
        match name {
            "apk" => self.system_packages(
                "apk",
                "|-t|--virtual|-X|--repository|-p|--root|--repositories-file|--keys-dir|--arch|--wait|",
                "=~><",
            ),
            "apt-get" | "apt" | "aptitude" => {
                self.system_packages("apt", "|-t|--target-release|-o|-c|--option|", "=/")
            }
            "dnf" | "yum" | "microdnf" | "tdnf" | "zypper" => self.system_packages(
                "dnf",
                "|--setopt|--installroot|--releasever|--enablerepo|--disablerepo|-c|--repo|--exclude|-x|",
                "=",
            ),
            "pacman" => self.system_packages("pacman", "|--root|-r|", "="),
            "apt-key"
            | "add-apt-repository"
            | "update-alternatives"
            | "dpkg-reconfigure"
            | "locale-gen"
            | "localedef"
            | "rpm"
            | "dpkg"
            | "debconf-set-selections"
            | "gpg"
            | "rpmkeys"
            | "corepack"
            | "a2enmod"
            | "a2dismod"
            | "a2ensite"
            | "a2dissite"
            | "docker-php-ext-install"
            | "docker-php-ext-configure"
            | "docker-php-ext-enable"
            | "pecl"
            | "phpenmod"
            | "setup-timezone" => self.system(),
            "update-ca-certificates" | "update-ca-trust" => {
                self.makes(Some("/etc/ssl/certs".to_owned()), Shape::Tree, Reads::Nothing)
            }
            "npm" | "cnpm" => self.npm("npm"),
            "pnpm" => self.npm("pnpm"),
            "yarn" => self.npm("yarn"),
            "bun" => self.npm("bun"),
            "npx" | "bunx" | "pnpx" => {
                let at = self.words.iter().position(|word| !word.text.starts_with('-'));
                at.is_some_and(|at| self.run_from(at))
            }
            "pip" | "pip3" => self.pip(),
            _ if name.starts_with("python") => self.python(),
            "virtualenv" => match self.operands("|-p|--python|--prompt|").first() {
                Some(word) => self.makes(self.scope.path(word), Shape::Tree, Reads::Nothing),
                None => true,
            },
            "uv" => self.uv(),
            "poetry" | "pdm" | "pipenv" => self.poetry(),
            "bundle" | "bundler" => match self.word(0) {
                "install" | "" => {
                    let path = self.value("|--path|").and_then(|word| self.scope.path(&word));
                    let path = path.or_else(|| {
                        self.scope.get("BUNDLE_PATH").or(self.scope.get("GEM_HOME")).map(str::to_owned)
                    });
                    self.makes(
                        Some(path.unwrap_or_else(|| "/usr/local/bundle".to_owned())),
                        Shape::Tree,
                        self.cwd(),
                    )
                }
                "config" => {
                    let words = self.operands("").iter().map(|word| word.text.as_str()).collect::<Vec<_>>();
                    let at = words.iter().position(|word| *word == "path");
                    if let Some(path) = at.and_then(|at| words.get(at + 1)) {
                        self.scope.keep("BUNDLE_PATH", (*path).to_owned());
                    }
                    true
                }
                "exec" => self.run_from(1),
                _ => false,
            },
            "rails" | "rake" => match self.word(0) {
                "assets:precompile" => self.tree("public/assets", self.cwd()),
                _ => false,
            },
            "gem" => match self.word(0) {
                "install" => self.installs("gem", 1, "|-v|--version|-i|--install-dir|", ":"),
                "update" | "cleanup" => self.system(),
                _ => false,
            },
            "composer" => match self.word(0) {
                "install" | "update" | "require" | "dump-autoload" | "dumpautoload" => {
                    let folder = self
                        .directory("|-d|--working-dir|")
                        .map(|it| format!("{}/vendor", it.trim_end_matches('/')));
                    self.makes(folder, Shape::Tree, self.cwd())
                }
                "create-project" => match self.operands("").get(2) {
                    Some(word) => self.makes(self.scope.path(word), Shape::Tree, Reads::Nothing),
                    None => self.anything(),
                },
                "clear-cache" | "config" | "validate" | "check-platform-reqs" => true,
                _ => false,
            },
            "rustup" => self.makes(
                Some(self.scope.get("RUSTUP_HOME").unwrap_or("/usr/local/rustup").to_owned()),
                Shape::Tree,
                Reads::Nothing,
            ),
            "conda" | "mamba" | "micromamba" => match self.word(0) {
                "install" | "create" | "env" | "update" => {
                    self.makes(Some("/opt/conda".to_owned()), Shape::Tree, Reads::Nothing)
                }
                "clean" | "config" | "init" | "activate" => true,
                _ => false,
            },
            _ => false,
        }
    }

    fn system_packages(&mut self, manager: &'static str, valued: &str, version: &str) -> bool {
        let operands = self.operands(valued);
        let Some(verb) = operands.first() else {
            return if manager == "pacman" { self.system() } else { self.nothing() };
        };
        let is_install = contains("|add|install|in|groupinstall|reinstall|", &verb.text);
        let is_removal = contains("|del|remove|purge|autoremove|rm|erase|", &verb.text);
        if manager == "pacman" || !is_install && !is_removal {
            return if contains("|clean|autoclean|cache|info|search|list|show|", &verb.text) {
                true
            } else {
                self.system()
            };
        }
        if is_install {
            if let Some(name) = self.value("|-t|--virtual|").filter(|_| manager == "apk") {
                // `apk del` takes the packages away by this name.
                self.deeds.push(Deed::Installs { manager: VIRTUAL, name: name.text, version: None });
            }
            return self.install(manager, &operands[1..], version);
        }
        for word in &operands[1..] {
            self.deeds.push(Deed::Uninstalls { manager, name: word.text.clone() });
        }
        true
    }

    /// It installs the arguments behind a few words.
    fn installs(&mut self, manager: &'static str, at: usize, valued: &str, version: &str) -> bool {
        let operands = self.operands(valued);
        self.install(manager, operands.get(at..).unwrap_or_default(), version)
    }

    fn install(&mut self, manager: &'static str, words: &[&Word], version: &str) -> bool {
        self.deeds.push(Deed::System);
        for word in words.iter().filter(|word| !word.is_lost && !word.text.is_empty()) {
            let text = word.text.as_str();
            // Of `@scope/name@1` the first sign is part of the name.
            let at = text.char_indices().skip(1).find(|(_, c)| version.contains(*c)).map(|(at, _)| at);
            let (name, rest) = text.split_at(at.unwrap_or(text.len()));
            let number = rest.trim_start_matches(|c| version.contains(c));
            let brought = match name {
                "ca-certificates" | "ca-certificates-bundle" => Some("/etc/ssl/certs"),
                "tzdata" => Some("/usr/share/zoneinfo"),
                _ => None,
            };
            if let Some(path) = brought {
                self.makes(Some(path.to_owned()), Shape::Tree, Reads::Nothing);
            }
            let version = (!number.is_empty()).then(|| number.to_owned());
            self.deeds.push(Deed::Installs { manager, name: name.to_owned(), version });
        }
        true
    }

    fn npm(&mut self, manager: &'static str) -> bool {
        let is_global = self.has("|-g|--global|--location=global|") || self.word(0) == "global";
        let operands = self.operands("|--prefix|-C|--dir|--cwd|--filter|-F|-w|--workspace|--registry|--cache|--network-timeout|--mutex|--cache-folder|");
        let words: Vec<&str> = operands.iter().map(|word| word.text.as_str()).collect();
        let verb = words.first().copied().unwrap_or(if manager == "yarn" { "install" } else { "" });
        let folder = self.value("|--prefix|-C|--dir|--cwd|").and_then(|word| self.scope.path(&word));
        match verb {
            "global" => self.installs(manager, 2, "", "@"),
            "ci" | "install" | "i" | "add" | "workspaces" | "clean-install" if is_global => {
                self.installs(manager, 1, "|--registry|", "@")
            }
            "ci" | "install" | "i" | "add" | "workspaces" | "clean-install" | "rebuild" | "fetch" => {
                let path = match folder {
                    Some(folder) => Some(format!("{folder}/node_modules")),
                    None => self.here("node_modules"),
                };
                self.makes(path, Shape::Tree, self.cwd())
            }
            "run" | "run-script" => {
                let saved = self.scope.cwd.clone();
                self.scope.cwd = folder.or(saved.clone());
                let is_known = self.script(words.get(1).copied().unwrap_or_default());
                self.scope.cwd = saved;
                is_known
            }
            "test" | "t" | "config" | "cache" | "audit" | "version" | "set" | "store" | "view" | "pkg"
            | "--version" | "" | "import" => true,
            "prune" | "dedupe" => match self.here("node_modules") {
                Some(path) => {
                    self.deeds.push(Deed::Changes { path, is_tree: true });
                    true
                }
                None => self.nothing(),
            },
            "deploy" => match operands.last().filter(|_| words.len() > 1) {
                Some(word) => self.makes(self.scope.path(word), Shape::Tree, self.cwd()),
                None => self.anything(),
            },
            "build" if manager == "bun" => match self.value("|--outfile|") {
                Some(word) => self.file(&word, self.cwd()),
                None => self.script("build"),
            },
            "pack" => self.makes(self.here("*.tgz"), Shape::Pattern, self.cwd()),
            "exec" | "dlx" | "x" => {
                let at = self.words.iter().position(|word| word.text == verb).unwrap_or_default();
                let next = self.words[at + 1..].iter().position(|word| !word.text.starts_with('-'));
                next.is_some_and(|next| self.run_from(at + 1 + next))
            }
            // `yarn tsc` runs a program, `yarn build` a script.
            verb if manager != "npm" => {
                let is_program = contains(
                    "|tsc|vite|next|ng|webpack|rollup|esbuild|react-scripts|turbo|nx|nest|nuxt|",
                    verb,
                );
                let at = self.words.iter().position(|word| word.text == verb).unwrap_or_default();
                if is_program { self.run_from(at) } else { self.script(verb) }
            }
            _ => false,
        }
    }

    /// Where Python packages go unless told otherwise.
    fn site_packages(&self) -> String {
        let program = self.program.as_str();
        let venv = program.strip_prefix('/').and_then(|_| paths::parent(program).strip_suffix("/bin"));
        let venv = venv.filter(|it| !it.is_empty() && *it != "/usr" && *it != "/usr/local");
        match venv.or_else(|| self.scope.get("VIRTUAL_ENV")) {
            Some(venv) => venv.to_owned(),
            None => "/usr/local/lib/python*".to_owned(),
        }
    }

    fn pip(&mut self) -> bool {
        const VALUED: &str = "|-r|--requirement|-t|--target|--prefix|--root|-c|--constraint|-i|--index-url|--extra-index-url|-f|--find-links|-w|--wheel-dir\
                              |-d|--dest|--trusted-host|--timeout|--cache-dir|-e|--editable|--python|-p|--retries|--upgrade-strategy|";
        let operands = self.operands(VALUED);
        let reads = match self.value("|-r|--requirement|").and_then(|word| self.scope.path(&word)) {
            Some(path) => Reads::Paths(vec![path]),
            None if self.has("|-e|--editable|.|./|") => self.cwd(),
            None => Reads::Nothing,
        };
        let option = |names: &str| self.value(names).and_then(|word| self.scope.path(&word));
        match operands.first().map_or("", |word| word.text.as_str()) {
            "install" => {
                let named =
                    option("|-t|--target|").or_else(|| option("|--prefix|")).or_else(|| option("|--root|"));
                let is_user = self.has("|--user|");
                let packages: Vec<&Word> = operands[1..]
                    .iter()
                    .copied()
                    .filter(|word| !word.text.contains('/') && word.text != ".")
                    .collect();
                self.install("pip", &packages, "=<>~!;");
                match named {
                    Some(path) => self.makes(Some(path), Shape::Tree, reads),
                    None if is_user => self.at_home(".local"),
                    None => self.makes(Some(self.site_packages()), Shape::Tree, reads),
                }
            }
            "wheel" => self.makes(self.directory("|-w|--wheel-dir|"), Shape::Tree, reads),
            "download" => self.makes(self.directory("|-d|--dest|"), Shape::Tree, reads),
            "uninstall" => {
                for word in &operands[1..] {
                    self.deeds.push(Deed::Uninstalls { manager: "pip", name: word.text.clone() });
                }
                true
            }
            "cache" | "check" | "config" | "list" | "freeze" | "show" => true,
            _ => self.has("|--version|-V|"),
        }
    }

    fn python(&mut self) -> bool {
        match (self.word(0), self.word(1)) {
            ("-m", "pip") => {
                self.words = &self.words[2..];
                self.pip()
            }
            ("-m", "venv" | "virtualenv") => {
                self.words = &self.words[2..];
                match self.operands("|--prompt|").first() {
                    Some(word) => self.makes(self.scope.path(word), Shape::Tree, Reads::Nothing),
                    None => true,
                }
            }
            ("-m", "build") => match self.value("|-o|--outdir|") {
                Some(word) => self.makes(self.scope.path(&word), Shape::Tree, self.cwd()),
                None => self.tree("dist", self.cwd()),
            },
            ("-m", "compileall" | "ensurepip" | "pytest") | ("--version" | "-V", _) => true,
            ("manage.py", "collectstatic") => self.tree("{static,staticfiles}", self.cwd()),
            ("setup.py", "install" | "develop") => {
                self.makes(Some(self.site_packages()), Shape::Tree, self.cwd())
            }
            ("setup.py", _) => self.tree("{dist,build}", self.cwd()),
            _ => false,
        }
    }

    fn uv(&mut self) -> bool {
        match self.word(0) {
            "sync" | "add" | "lock" => {
                let active = self.scope.get("VIRTUAL_ENV").filter(|_| self.has("|--active|"));
                let path = active.or(self.scope.get("UV_PROJECT_ENVIRONMENT")).unwrap_or(".venv").to_owned();
                self.tree(&path, self.cwd())
            }
            "venv" => match self.operands("|-p|--python|--prompt|").get(1) {
                Some(word) => self.makes(self.scope.path(word), Shape::Tree, Reads::Nothing),
                None => self.tree(".venv", Reads::Nothing),
            },
            "pip" => {
                let is_system = self.has("|--system|")
                    || self.has("|-t|--target|--prefix|")
                    || self.scope.get("UV_SYSTEM_PYTHON").is_some();
                self.words = &self.words[1..];
                if !is_system && self.scope.get("VIRTUAL_ENV").is_none() && self.word(0) == "install" {
                    return self.tree(".venv", self.cwd());
                }
                self.program = "uv".to_owned();
                self.pip()
            }
            "build" => self.output("|-o|--out-dir|", "dist"),
            "python" => self.at_home(".local/share/uv/python"),
            "tool" => self.at_home(".local"),
            "cache" | "export" | "--version" => true,
            _ => false,
        }
    }

    fn poetry(&mut self) -> bool {
        let is = |name: &str, value: &str| self.scope.get(name).is_some_and(|it| it == value);
        match self.word(0) {
            "install" | "sync" => {
                if is("POETRY_VIRTUALENVS_CREATE", "false") || self.has("|--system|") {
                    return self.makes(Some(self.site_packages()), Shape::Tree, self.cwd());
                }
                let is_here = is("POETRY_VIRTUALENVS_IN_PROJECT", "true")
                    || is("POETRY_VIRTUALENVS_IN_PROJECT", "1")
                    || is("PIPENV_VENV_IN_PROJECT", "1")
                    || self.program == "pdm";
                let venv = self.scope.get("VIRTUAL_ENV").map(str::to_owned);
                match (is_here, venv) {
                    (true, _) => self.tree(".venv", self.cwd()),
                    (false, Some(venv)) => self.makes(Some(venv), Shape::Tree, self.cwd()),
                    (false, None) => self.at_home(".cache/pypoetry/virtualenvs"),
                }
            }
            "config" => {
                let (name, value) =
                    (self.word(1).replace(['.', '-'], "_").to_ascii_uppercase(), self.word(2).to_owned());
                self.scope.keep(&format!("POETRY_{name}"), value);
                true
            }
            "export" => match self.value("|-o|--output|") {
                Some(word) => self.file(&word, self.cwd()),
                None => true,
            },
            "build" => self.tree("dist", self.cwd()),
            "lock" | "cache" | "check" | "self" | "--version" => true,
            _ => false,
        }
    }
}

/// The manager of what is no package but a name for several.
pub(crate) const VIRTUAL: &str = "apk virtual";
