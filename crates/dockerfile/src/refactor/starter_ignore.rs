//! A `.dockerignore` to begin with, by what the stages of a file are made of.
//!
//! It leaves out what hardly any build wants: the repository's own files, what a build makes by itself, secrets. What
//! a COPY names stays in.

use crate::checks::File;
use crate::stages::{Effect, Source};

/// What a tool chain leaves lying around.
struct Kit {
    /// What it is called.
    name: &'static str,
    /// Words in the names of base images that tell of it.
    images: &'static [&'static str],
    /// Programs that tell of it.
    programs: &'static [&'static str],
    /// What to leave out.
    patterns: &'static [&'static str],
}

const KITS: &[Kit] = &[
    Kit {
        name: "Go",
        images: &["golang"],
        programs: &["go"],
        patterns: &["bin/", "*.test", "*.out", "coverage.*"],
    },
    Kit {
        name: "Node.js",
        images: &["node", "bun", "deno"],
        programs: &["npm", "npx", "yarn", "pnpm", "node", "bun"],
        patterns: &[
            "**/node_modules",
            "npm-debug.log*",
            "yarn-error.log",
            ".next",
            ".cache",
            "dist",
            "coverage",
        ],
    },
    Kit {
        name: "Python",
        images: &["python", "pypy", "uv"],
        programs: &["pip", "pip3", "python", "python3", "poetry", "uv", "pipenv"],
        patterns: &[
            "**/__pycache__",
            "**/*.py[cod]",
            ".venv",
            "venv",
            ".pytest_cache",
            ".mypy_cache",
            "*.egg-info",
        ],
    },
    Kit {
        name: "Rust",
        images: &["rust", "cargo-chef"],
        programs: &["cargo", "rustc"],
        patterns: &["target/", "**/*.rs.bk"],
    },
    Kit {
        name: "Java",
        images: &["maven", "gradle", "openjdk", "eclipse-temurin", "amazoncorretto"],
        programs: &["mvn", "gradle", "mvnw", "gradlew", "javac"],
        patterns: &["target/", "build/", ".gradle", "*.class"],
    },
    Kit {
        name: "C and C++",
        images: &["gcc", "clang"],
        programs: &["cmake", "make", "gcc", "g++", "cc", "ninja", "meson"],
        patterns: &["build/", "cmake-build-*", "*.o", "*.a", "*.so"],
    },
    Kit {
        name: ".NET",
        images: &["dotnet", "sdk", "aspnet"],
        programs: &["dotnet"],
        patterns: &["**/bin", "**/obj", "**/*.user", ".vs"],
    },
    Kit {
        name: "PHP",
        images: &["php", "composer"],
        programs: &["composer", "php"],
        patterns: &["vendor/", "var/cache", "var/log"],
    },
    Kit {
        name: "Ruby",
        images: &["ruby", "jruby"],
        programs: &["bundle", "gem", "rails", "rake"],
        patterns: &["vendor/bundle", ".bundle", "log/", "tmp/"],
    },
];

/// What hardly any build wants.
const ALWAYS: &[(&str, &[&str])] = &[
    ("The repository, and what is about it", &[".git", ".github", ".gitignore", "*.md"]),
    (
        "What builds the image",
        &["Dockerfile*", "*.dockerfile", ".dockerignore", "compose*.y*ml", "docker-compose*.y*ml"],
    ),
    ("Secrets", &[".env", ".env.*", "*.pem", "*.key"]),
    ("Editors and systems", &[".idea", ".vscode", ".DS_Store"]),
];

/// A `.dockerignore` for a file. Of what it would leave out, nothing is named by a COPY or ADD.
pub fn starter_ignore(file: &File<'_>) -> String {
    let copied: Vec<&str> =
        file.graph.stages.iter().flat_map(|it| &it.context_paths).map(String::as_str).collect();
    let is_named = |pattern: &str| {
        let name = pattern.trim_start_matches("**/").trim_end_matches('/').replace('*', "");
        let name = name.trim_end_matches('.');
        !name.is_empty() && copied.iter().any(|path| path.split('/').any(|part| part.contains(name)))
    };
    let images = file.graph.sources.iter().filter_map(Source::image).map(|image| {
        let path = image.split(['@', ':']).next().unwrap_or(image);
        path.split('/').map(str::to_owned).collect::<Vec<_>>()
    });
    let images: Vec<String> = images.flatten().collect();
    let programs = programs(file);
    let kits = KITS.iter().filter(|kit| {
        kit.images.iter().any(|it| images.iter().any(|image| image == it))
            || kit.programs.iter().any(|it| programs.iter().any(|program| program == it))
    });
    let kits = kits.map(|kit| (kit.name, kit.patterns));
    let mut out = String::new();
    let mut written: Vec<&str> = Vec::new();
    for (title, patterns) in ALWAYS.iter().copied().chain(kits) {
        let fresh = |it: &&&str| !written.contains(*it) && !is_named(it);
        let patterns: Vec<&str> = patterns.iter().filter(fresh).copied().collect();
        if patterns.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&format!("# {title}\n"));
        patterns.iter().for_each(|pattern| out.push_str(&format!("{pattern}\n")));
        written.extend(patterns);
    }
    out
}

/// The first words of what RUN lines run, whatever the target needs.
fn programs(file: &File<'_>) -> Vec<String> {
    let mut programs: Vec<String> = Vec::new();
    for stage in &file.graph.stages {
        for (_, effect) in file.effects(stage) {
            let Effect::Run(ran) = effect else { continue };
            let script = ran.script.iter().map(|script| script.data.as_str());
            for line in ran.line.arguments.iter().map(|it| &**it).chain(script) {
                let commands = line.split(['\n', ';', '&', '|', '(', ')']);
                programs.extend(commands.filter_map(|command| {
                    let mut words = command.split_whitespace().filter(|word| !word.contains('='));
                    Some(words.next()?.rsplit('/').next()?.to_owned())
                }));
            }
        }
    }
    programs.sort_unstable();
    programs.dedup();
    programs
}
