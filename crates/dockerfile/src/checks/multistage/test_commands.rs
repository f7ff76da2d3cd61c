//! Which stages run tests or linters, as far as the words of their RUN lines tell.
//!
//! Reads stages that the target leaves out as well, of which nothing else here knows the commands. It reads no shell:
//! what is divided by `&&`, `;`, `|` or a line end is a command, and its first words decide.

use crate::checks::File;
use crate::stages::Stage;
use crate::syntax::InstructionKind;

/// A command that tests.
pub(super) struct TestCommand<'f> {
    /// The row.
    pub(super) step: usize,
    /// Its words.
    pub(super) words: Vec<&'f str>,
}

/// The first command of a stage that tests or lints something.
pub(super) fn first<'f>(file: &'f File<'_>, stage: &'f Stage) -> Option<TestCommand<'f>> {
    let runs = stage.steps.iter().enumerate().filter(|(_, step)| step.kind == InstructionKind::Run);
    runs.filter_map(|(step, row)| Some((step, file.parse.instructions.get(row.instruction)?))).find_map(
        |(step, instruction)| {
            if instruction.json {
                let words: Vec<&str> = instruction.args.iter().map(|word| &*word.text).collect();
                return is_test(&words).then_some(TestCommand { step, words });
            }
            let texts = instruction.args.iter().map(|word| &*word.text);
            let texts = texts.chain(instruction.heredocs.iter().map(|heredoc| heredoc.content));
            let mut commands = texts.flat_map(|text| text.split(['\n', ';', '|', '&', '(', ')']));
            commands.find_map(|command| {
                // Nearly all commands end here.
                if !MAY_TEST.iter().any(|part| command.contains(part)) {
                    return None;
                }
                let words = command_words(command);
                is_test(&words).then_some(TestCommand { step, words })
            })
        },
    )
}

/// One of these is in every command that [`is_test`] knows.
const MAY_TEST: &[&str] = &[
    "test", "lint", "spec", "check", "vet", "clippy", "unit", "tox", "mypy", "flake8", "ruff", "jest",
    "mocha", "bats", "verify", "cypress", "e2e", "coverage",
];

/// Programs that do nothing but test or lint.
const TESTERS: &[&str] = &[
    "pytest",
    "py.test",
    "tox",
    "nosetests",
    "rspec",
    "phpunit",
    "phpstan",
    "eslint",
    "flake8",
    "pylint",
    "mypy",
    "golangci-lint",
    "staticcheck",
    "shellcheck",
    "hadolint",
    "ctest",
    "bats",
    "jest",
    "mocha",
    "vitest",
    "cypress",
    "gotestsum",
    "tslint",
    "stylelint",
    "yamllint",
    "markdownlint",
    "rubocop",
    "xunit",
    "clang-tidy",
];

/// Programs whose first argument says what to do.
const RUNNERS: &[&str] = &[
    "go",
    "cargo",
    "dotnet",
    "mix",
    "deno",
    "swift",
    "zig",
    "stack",
    "cabal",
    "sbt",
    "lein",
    "buf",
    "helm",
    "bazel",
    "make",
    "just",
    "task",
    "rake",
    "npm",
    "yarn",
    "pnpm",
    "bun",
    "mvn",
    "mvnw",
    "gradle",
    "gradlew",
    "meson",
    "ninja",
    "ruff",
    "playwright",
    "ng",
    "nx",
    "turbo",
    "composer",
    "poetry",
    "ansible-lint",
    "invoke",
    "nox",
    "flutter",
    "dart",
];

/// Programs that run what is written behind them.
const WRAPPERS: &[&str] = &[
    "sudo",
    "env",
    "time",
    "exec",
    "xvfb-run",
    "npx",
    "bunx",
    "run",
    "dumb-init",
    "tini",
    "nice",
    "--",
    "!",
    "then",
    "if",
    "do",
    "else",
];

/// Programs that run a file.
const INTERPRETERS: &[&str] = &["sh", "bash", "python", "python3", "node", "php", "ruby", "perl"];

/// The words of a command, without variables set and programs that only run others.
fn command_words(command: &str) -> Vec<&str> {
    let words = command.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
    let words = words.filter(|word| *word != "\\");
    let mut words = words.skip_while(|word| WRAPPERS.contains(word) || is_assignment(word)).peekable();
    // `poetry run pytest`, `bundle exec rspec`
    let mut all: Vec<&str> = words.by_ref().collect();
    let runs_other = match all.as_slice() {
        ["poetry" | "uv" | "pipenv" | "pdm" | "hatch", "run", ..]
        | ["bundle" | "pnpm" | "npm", "exec", ..] => 2,
        ["python" | "python3", "-m", ..] => 2,
        _ => 0,
    };
    all.drain(..runs_other.min(all.len()));
    all
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
    })
}

/// Whether the words are a command that tests or lints.
fn is_test(words: &[&str]) -> bool {
    let Some((program, arguments)) = words.split_first() else { return false };
    let name = program.rsplit('/').next().unwrap_or(program);
    // Wrappers that compile for another platform: `xx-go test`.
    let name = name.strip_prefix("xx-").unwrap_or(name);
    let is_path = program.contains('/');
    let is_script = name.ends_with(".sh") || is_path;
    if TESTERS.contains(&name) || name == "unittest" {
        return !arguments.iter().any(|argument| matches!(*argument, "--version" | "--help"));
    }
    if RUNNERS.contains(&name) {
        // What is to be done, behind flags; `npm run test`.
        let mut tasks = arguments.iter().filter(|argument| !argument.starts_with('-') && **argument != "run");
        let n_tasks = match name {
            "make" | "mvn" | "mvnw" | "gradle" | "gradlew" | "bazel" | "ninja" => usize::MAX,
            _ => 1,
        };
        return tasks.by_ref().take(n_tasks).any(|task| is_task(name, task));
    }
    if INTERPRETERS.contains(&name) {
        return arguments.iter().take(2).any(|argument| is_test_name(argument) && !argument.starts_with('-'));
    }
    is_script && is_test_name(name)
}

/// Whether a task of a program tests.
fn is_task(program: &str, task: &str) -> bool {
    match (program, task) {
        ("npm", "t") | ("go", "vet") | ("cargo", "clippy" | "nextest") | ("ruff", "check") => true,
        ("mvn" | "mvnw", "verify") | ("gradle" | "gradlew", "check") => true,
        ("cargo" | "go" | "npm" | "yarn" | "pnpm", "check") => program != "cargo" && program != "yarn",
        ("make" | "just" | "task", "check") => true,
        _ => is_test_name(task),
    }
}

/// Whether a name tells of tests: `run-tests.sh`, `test:unit`, `scripts/lint`.
fn is_test_name(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    let mut parts = name.split(|it: char| !it.is_ascii_alphanumeric());
    parts.any(|part| {
        matches!(
            part,
            "test" | "tests" | "lint" | "unittest" | "unittests" | "runtests" | "e2e" | "spec" | "coverage"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_of_a_command_say_whether_it_tests() {
        let tests = |command| is_test(&command_words(command));
        for command in [
            "go test ./...",
            " CGO_ENABLED=0 go vet ./...",
            "npm run test:unit",
            "xx-go test ./...",
            "yarn lint",
            "mvn -B clean verify",
            "./gradlew check",
            "make -j4 test",
            "poetry run pytest -q",
            "bundle exec rspec",
            "python -m unittest",
            "./scripts/run-tests.sh",
            "bash test.sh",
            "python manage.py test",
            "/go/bin/golangci-lint run",
        ] {
            assert!(tests(command), "{command}");
        }
        for command in [
            "test -f /app",
            "[ -f test ]",
            "cd test",
            "pip install pytest",
            "npm install jest",
            "cargo build --tests",
            "mkdir -p /tests",
            "rm -rf tests",
            "apt-get install -y shellcheck",
            "go build ./cmd/test",
            "go install example.com/golangci-lint",
            "pytest --version",
            "make",
            "npm ci",
        ] {
            assert!(!tests(command), "{command}");
        }
    }
}
