//! Compilers and build programs.

use super::super::Shape;
use super::super::names::contains;
use super::super::paths;
use super::{Deed, Reads, Tool};

/// Where scripts called `build` leave what they made.
const BUILT: &str = "{dist,build,out,public,.next,.output,lib}";

impl Tool<'_, '_> {
    pub(super) fn build(&mut self, name: &str) -> bool {
        match name {
            "go" => self.go(),
            "cargo" => self.cargo(),
            "rustc" => match self.value("|-o|").or(self.value("|--out-dir|")) {
                Some(word) => self.file(&word, self.cwd()),
                None => self.stem(),
            },
            "ld" | "cc" | "c++" | "nvcc" | "tcc" => self.compiler(),
            _ if ["gcc", "g++", "clang", "clang++"]
                .iter()
                .any(|it| name == *it || name.ends_with(&format!("-{it}"))) =>
            {
                self.compiler()
            }
            "make" | "gmake" => self.make(),
            "cmake" => self.cmake(),
            "ninja" | "meson" => self.ninja(),
            "tsc" => self.output("|--outDir|--outdir|", "{dist,build,lib,out}"),
            "vite" => self.output("|--outDir|", "dist"),
            "next" => {
                if self.word(0) == "build" {
                    self.tree(".next", self.cwd())
                } else {
                    self.tree("out", self.cwd())
                }
            }
            "ng" => self.output("|--output-path|", "dist"),
            "webpack" | "rollup" | "parcel" => self.output("|--output-path|-o|--dir|--dist-dir|-d|", "dist"),
            "esbuild" => match self.value("|--outfile|") {
                Some(word) => self.file(&word, self.cwd()),
                None => self.output("|--outdir|", "{dist,build,out}"),
            },
            "nest" | "vue-cli-service" | "nuxt" | "turbo" | "nx" | "lerna" | "astro" | "remix" | "gulp"
            | "grunt" => match self.word(0) {
                "build" | "generate" | "run" | "" => self.tree(BUILT, self.cwd()),
                _ => self.anything(),
            },
            "react-scripts" => self.tree("build", self.cwd()),
            "hugo" => self.output("|-d|--destination|", "public"),
            "jekyll" => self.output("|-d|--destination|", "_site"),
            "mkdocs" => self.output("|-d|--site-dir|", "site"),
            "mvn" | "mvnw" => self.maven(),
            "gradle" | "gradlew" => self.gradle(),
            "sbt" | "lein" => self.tree("**/target", self.cwd()),
            "dotnet" => self.dotnet(),
            "javac" => match self.value("|-d|") {
                Some(word) => self.makes(self.scope.path(&word), Shape::Tree, self.cwd()),
                None => self.makes(self.here("**/*.class"), Shape::Pattern, self.cwd()),
            },
            "jar" => match (self.word(0).trim_start_matches('-'), self.value("|-f|--file|")) {
                (mode, _) if mode.starts_with('x') => {
                    self.makes(self.scope.cwd.clone(), Shape::Tree, Reads::Nothing)
                }
                (_, Some(word)) => self.file(&word, self.cwd()),
                (_, None) => match self.words.get(1) {
                    Some(word) => self.file(&word.clone(), self.cwd()),
                    None => self.nothing(),
                },
            },
            "jlink" => self.output("|--output|", "*"),
            "zig" => self.tree("zig-out", self.cwd()),
            "swift" => self.tree(".build", self.cwd()),
            "mix" => match self.word(0) {
                "deps.get" | "deps.compile" => self.tree("{deps,_build}", self.cwd()),
                "local.hex" | "local.rebar" => self.at_home(".mix"),
                _ => self.tree("{_build,priv}", self.cwd()),
            },
            "stack" | "cabal" => self.tree("{.stack-work,dist-newstyle}", self.cwd()),
            _ => false,
        }
    }

    /// Into the directory that an option names, or the usual one.
    pub(super) fn output(&mut self, option: &str, usual: &str) -> bool {
        match self.value(option) {
            Some(word) => self.makes(self.scope.path(&word), Shape::Tree, self.cwd()),
            None => self.tree(usual, self.cwd()),
        }
    }

    fn go(&mut self) -> bool {
        const VALUED: &str = "|-o|-p|-ldflags|-tags|-gcflags|-asmflags|-mod|-modfile|-installsuffix|-buildmode|-pkgdir|-toolexec|-overlay|-pgo|-C\
                              |-compiler|-gccgoflags|-covermode|-coverpkg|";
        let operands = self.operands(VALUED);
        let packages: Vec<&str> = operands.iter().skip(1).map(|word| word.text.as_str()).collect();
        let is_many = packages.len() > 1 || packages.iter().any(|it| it.ends_with("..."));
        let gopath = self.scope.get("GOPATH").unwrap_or("/go").to_owned();
        match operands.first().map_or("", |word| word.text.as_str()) {
            "build" => {
                let reads = self.directory("|-C|").map_or(Reads::Nothing, Reads::Directory);
                if let Some(word) = self.value("|-o|") {
                    let is_directory =
                        word.text.ends_with('/') || is_many && !packages.iter().all(|it| it.ends_with(".go"));
                    let shape = if is_directory { Shape::Tree } else { Shape::File };
                    if word.text == "/dev/null" {
                        return true;
                    }
                    return self.makes(self.scope.path(&word), shape, reads);
                }
                let Some(directory) = self.directory("|-C|") else { return self.anything() };
                let name = match packages.as_slice() {
                    [] | ["." | "./"] => "*",
                    [first, ..] if first.ends_with(".go") => paths::name(first).trim_end_matches(".go"),
                    // Several packages are compiled for the sake of it.
                    _ if is_many => return true,
                    [package, ..] => package_name(package),
                };
                self.makes(Some(format!("{}/{name}", directory.trim_end_matches('/'))), Shape::File, reads)
            }
            "install" => {
                let folder = self.scope.get("GOBIN").map_or(format!("{gopath}/bin"), str::to_owned);
                let reads = self.cwd();
                for package in if packages.is_empty() { vec!["."] } else { packages } {
                    let is_plain = !matches!(package, "." | "./") && !package.ends_with("...");
                    let name = if is_plain { package_name(package) } else { "*" };
                    let reads = if package.contains('@') { Reads::Nothing } else { reads.clone() };
                    self.makes(Some(format!("{folder}/{name}")), Shape::File, reads);
                }
                true
            }
            "mod" => match self.word(1) {
                "download" => self.makes(Some(format!("{gopath}/pkg/mod")), Shape::Tree, self.cwd()),
                "vendor" => self.tree("vendor", self.cwd()),
                "init" => self.file(&super::Word::plain("go.mod"), Reads::Nothing),
                _ => true,
            },
            "get" => self.makes(Some(format!("{gopath}/{{pkg,src,bin}}")), Shape::Tree, Reads::Nothing),
            "env" | "version" | "vet" | "fmt" | "list" | "clean" | "tool" => true,
            "test" => {
                self.value("|-c|").is_none()
                    || self.value("|-o|").is_none_or(|word| self.file(&word, self.cwd()))
            }
            _ => false,
        }
    }

    fn cargo(&mut self) -> bool {
        let at = usize::from(self.word(0).starts_with('+'));
        let target = self.value("|--target-dir|").and_then(|word| self.scope.path(&word)).or_else(|| {
            let named = self.scope.get("CARGO_TARGET_DIR").map(str::to_owned);
            self.here(named.as_deref().unwrap_or("target"))
        });
        let Some(mut target) = target else { return self.anything() };
        match self.word(at) {
            "build" | "b" | "rustc" | "zigbuild" => {
                if let Some(triple) = self.value("|--target|") {
                    target = format!("{target}/{}", triple.text);
                }
                let profile = match self.value("|--profile|").map(|word| word.text).as_deref() {
                    None if self.has("|--release|-r|") => "release".to_owned(),
                    None | Some("dev") => "debug".to_owned(),
                    Some(profile) => profile.to_owned(),
                };
                let target = format!("{target}/{profile}");
                match self.value("|--bin|") {
                    Some(bin) => self.makes(Some(format!("{target}/{}", bin.text)), Shape::File, self.cwd()),
                    None => self.makes(Some(target), Shape::Tree, self.cwd()),
                }
            }
            "test" | "check" | "clippy" | "doc" | "bench" | "nextest" => {
                self.makes(Some(target), Shape::Tree, self.cwd())
            }
            "chef" if self.word(at + 1) == "cook" => self.makes(Some(target), Shape::Tree, self.cwd()),
            // `cargo chef prepare` writes the recipe.
            "chef" => match self.value("|--recipe-path|") {
                Some(word) => self.file(&word, self.cwd()),
                None => self.file(&super::Word::plain("recipe.json"), self.cwd()),
            },
            "install" => {
                let root = self.value("|--root|").and_then(|word| self.scope.path(&word));
                let root = root
                    .unwrap_or_else(|| self.scope.get("CARGO_HOME").unwrap_or("/usr/local/cargo").to_owned());
                let is_local = self.has("|--path|");
                let operands = self.operands("|--root|--path|--version|--git|--branch|--tag|--rev|--target|--features|-F|--profile|--bin|-j|--jobs|");
                let names: Vec<&str> = operands.iter().skip(1 + at).map(|word| word.text.as_str()).collect();
                let reads = if is_local { self.cwd() } else { Reads::Nothing };
                for name in if is_local || names.is_empty() { vec!["*"] } else { names } {
                    let name = name.split('@').next().unwrap_or(name);
                    self.makes(Some(format!("{root}/bin/{name}")), Shape::File, reads.clone());
                }
                true
            }
            "new" | "init" => match self.operands("|--name|--edition|--vcs|").get(1 + at) {
                Some(word) => self.makes(self.scope.path(word), Shape::Tree, Reads::Nothing),
                None => self.makes(self.here("{Cargo.toml,src}"), Shape::Tree, Reads::Nothing),
            },
            "vendor" => self.tree("vendor", self.cwd()),
            "fetch" | "update" | "fmt" | "clean" | "generate-lockfile" => true,
            _ => false,
        }
    }

    fn compiler(&mut self) -> bool {
        let operands = self.operands("|-o|-I|-L|-D|-include|-x|-T|-z|-target|-arch|-isystem|");
        let sources = Reads::Paths(operands.iter().filter_map(|word| self.scope.path(word)).collect());
        if self.has("|--version|-v|-E|-M|-MM|") && operands.is_empty() {
            return true;
        }
        match self.value("|-o|") {
            Some(word) => self.file(&word, sources),
            None if self.has("|-c|") => self.makes(self.here("*.o"), Shape::Pattern, sources),
            None => self.makes(self.here("a.out"), Shape::File, sources),
        }
    }

    /// A program called like the source file.
    fn stem(&mut self) -> bool {
        let operands = self.operands("|--edition|--target|-C|--crate-type|-L|-l|--cfg|--emit|");
        let Some(word) = operands.first() else { return true };
        let name = paths::name(&word.text);
        let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let sources = Reads::Paths(operands.iter().filter_map(|word| self.scope.path(word)).collect());
        self.makes(self.here(name), Shape::File, sources)
    }

    fn make(&mut self) -> bool {
        let directory = self.directory("|-C|--directory|");
        let operands = self.operands("|-C|--directory|-f|--file|--makefile|-I|-j|-l|");
        let setting = |name: &str| {
            let set = |word: &&&super::Word| word.text.split_once('=').is_some_and(|(key, _)| key == name);
            operands.iter().find(set).and_then(|word| Some(word.text.split_once('=')?.1.to_owned()))
        };
        let reads = directory.clone().map_or(Reads::Nothing, Reads::Directory);
        let is_install = operands.iter().any(|word| word.text.starts_with("install"));
        if is_install {
            let prefix = setting("PREFIX")
                .or_else(|| setting("prefix"))
                .or_else(|| self.scope.get(PREFIX).map(str::to_owned));
            let root = setting("DESTDIR").or_else(|| self.scope.get("DESTDIR").map(str::to_owned));
            let target = match (root, prefix) {
                (Some(root), _) => root,
                (None, Some(prefix)) => prefix,
                (None, None) => "/usr/local".to_owned(),
            };
            self.deeds.push(Deed::System);
            return self.makes(self.here(&target), Shape::Tree, reads);
        }
        if operands.iter().all(|word| {
            word.text.contains('=') || contains("|clean|distclean|test|check|lint|fmt|", &word.text)
        }) && !operands.is_empty()
            && !operands.iter().any(|word| word.text.contains('='))
        {
            return true;
        }
        self.makes(directory, Shape::Tree, reads)
    }

    fn cmake(&mut self) -> bool {
        if let Some(word) = self.value("|--install|") {
            let reads = self.scope.path(&word).map_or(Reads::Nothing, Reads::Directory);
            let prefix = self.value("|--prefix|").and_then(|word| self.scope.path(&word));
            let prefix = prefix.or_else(|| self.scope.get(PREFIX).map(str::to_owned));
            return self.makes(Some(prefix.unwrap_or_else(|| "/usr/local".to_owned())), Shape::Tree, reads);
        }
        let prefix = self.words.iter().find_map(|word| word.text.strip_prefix("-DCMAKE_INSTALL_PREFIX="));
        if let Some(prefix) = prefix {
            self.scope.keep(PREFIX, prefix.to_owned());
        }
        if let Some(word) = self.value("|--build|") {
            let target = self.value("|--target|-t|").map(|word| word.text).unwrap_or_default();
            if target == "install" {
                let prefix = self.scope.get(PREFIX).unwrap_or("/usr/local").to_owned();
                self.makes(Some(prefix), Shape::Tree, self.cwd());
            }
            let folder = self.scope.path(&word);
            return self.makes(folder.clone(), Shape::Tree, folder.map_or(Reads::Nothing, Reads::Directory));
        }
        let source = self
            .value("|-S|")
            .or_else(|| self.operands("|-G|-D|-B|-C|-A|-T|").first().map(|it| (*it).clone()));
        let reads = source.and_then(|word| self.scope.path(&word)).map_or(self.cwd(), Reads::Directory);
        self.makes(self.directory("|-B|"), Shape::Tree, reads)
    }

    fn ninja(&mut self) -> bool {
        let is_install = self.operands("|-C|-j|-l|-k|").iter().any(|word| word.text == "install");
        if is_install {
            let prefix = self
                .value("|--destdir|")
                .map(|word| word.text)
                .or_else(|| self.scope.get(PREFIX).map(str::to_owned));
            return self.tree(
                prefix.as_deref().unwrap_or("/usr/local"),
                self.directory("|-C|").map_or(Reads::Nothing, Reads::Directory),
            );
        }
        if let Some(word) = self.value("|--prefix|") {
            self.scope.keep(PREFIX, word.text);
        }
        match self.words.first().map_or("", |word| word.text.as_str()) {
            "setup" => match self.operands("|-D|--prefix|--buildtype|--libdir|").get(1) {
                Some(word) => self.makes(self.scope.path(word), Shape::Tree, self.cwd()),
                None => true,
            },
            _ => self.makes(self.directory("|-C|"), Shape::Tree, self.cwd()),
        }
    }

    fn maven(&mut self) -> bool {
        let goals = self.operands("|-f|--file|-P|-pl|-s|--settings|-D|-T|");
        // The file of the project, or its directory.
        let folder = self.value("|-f|--file|").map(|word| match word.text.strip_suffix(".xml") {
            Some(file) => file.rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned(),
            None => word.text,
        });
        let mut is_known = false;
        for goal in goals {
            match goal.text.as_str() {
                "package"
                | "install"
                | "verify"
                | "compile"
                | "test"
                | "deploy"
                | "spring-boot:repackage"
                | "native:compile" => {
                    let folder = folder.unwrap_or_else(|| ".".to_owned());
                    let reads = self.here(&folder).map_or(Reads::Nothing, Reads::Directory);
                    return self.tree(&format!("{folder}/**/target"), reads);
                }
                "dependency:copy-dependencies" => return self.tree("**/target/dependency", self.cwd()),
                goal if goal.starts_with("dependency:") || goal.contains("go-offline") => {
                    is_known = self.at_home(".m2")
                }
                "clean" => is_known = true,
                _ => {}
            }
        }
        is_known || self.has("|-v|--version|")
    }

    fn gradle(&mut self) -> bool {
        let tasks = self.operands("|-p|--project-dir|-x|-P|-D|-g|-b|");
        let task = |word: &&super::Word| paths::name(&word.text.replace(':', "/")).to_ascii_lowercase();
        let builds = |task: String| {
            ["build", "jar", "assemble", "dist", "publish", "classes", "test", "check", "war", "compile"]
                .iter()
                .any(|it| task.contains(it))
        };
        if tasks.iter().any(|word| builds(task(word))) {
            return self.tree("**/build", self.cwd());
        }
        let is_quiet = tasks.iter().all(|word| {
            contains(
                "|dependencies|clean|tasks|wrapper|downloaddependencies|resolvedependencies|",
                &task(word),
            )
        });
        if is_quiet { self.at_home(".gradle") } else { false }
    }

    fn dotnet(&mut self) -> bool {
        match self.word(0) {
            "publish" | "build" => self.output("|-o|--output|", "**/bin"),
            "pack" => self.output("|-o|--output|", "**/bin"),
            "restore" | "test" | "nuget" | "clean" => self.at_home(".nuget"),
            "tool" => self.at_home(".dotnet/tools"),
            "new" => self.output("|-o|--output|", "*"),
            _ => false,
        }
    }

    /// A package's script, by its name.
    pub(super) fn script(&mut self, name: &str) -> bool {
        let first = name.split(':').next().unwrap_or(name);
        match first {
            "build" | "compile" | "dist" | "generate" | "bundle" | "export" | "production" | "prod" => {
                self.tree(BUILT, self.cwd())
            }
            "test" | "lint" | "typecheck" | "check" | "format" => true,
            _ => self.anything(),
        }
    }
}

/// Where `./configure --prefix` and its like are kept.
pub(super) const PREFIX: &str = "prefix of configure";

/// What a Go package's program is called.
fn package_name(package: &str) -> &str {
    let package = package.split('@').next().unwrap_or(package);
    let name = paths::name(package);
    let is_version =
        name.strip_prefix('v').is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()));
    if is_version { paths::name(paths::parent(package)) } else { name }
}
