//! A shell script as simple commands, one after the other, as far as they can be known without running it.
//!
//! Follows the words and operators of POSIX shells. Surprising: nothing is decided, so both sides of an `if` are
//! read; a variable that nothing in the file sets becomes a wildcard; and `cd` holds for what follows.

use std::collections::HashMap;
use std::rc::Rc;

use crate::stages::join_path;

/// How deep `sh -c` within `sh -c` is followed.
const MAX_DEPTH: usize = 4;
/// Variables that are kept.
const MAX_VARS: usize = 200;
const MAX_KEPT: usize = 20;
/// Characters of a command that are shown.
const MAX_TEXT: usize = 70;

/// A command with its arguments.
#[derive(Debug)]
pub(super) struct Simple {
    /// The program first.
    pub(super) words: Vec<Word>,
    /// Files that output is redirected to.
    pub(super) writes: Vec<Word>,
    /// The command as written, on one line and shortened.
    pub(super) text: String,
}

/// A word after quotes are taken out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// What it says; `*` where it cannot be known.
    pub(super) text: String,
    /// Whether a wildcard in it is one.
    pub(super) is_pattern: bool,
    /// Whether its beginning is not known.
    pub(super) is_lost: bool,
    /// Whether a part of it was quoted.
    pub(super) is_quoted: bool,
}

/// What a script sees.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// What ENV and ARG have set.
    pub(super) env: Rc<HashMap<String, String>>,
    /// What the script sets; `None` for a value that cannot be known.
    vars: HashMap<String, Option<String>>,
    /// The directory; `None` once it cannot be known.
    pub(super) cwd: Option<String>,
    /// The home directory, if the user is known.
    pub(super) home: Option<String>,
    /// Settings that a command has written down for those of later RUN lines.
    pub(super) kept: Vec<(String, String)>,
    depth: usize,
}

impl Scope {
    pub(super) fn new(env: Rc<HashMap<String, String>>, cwd: &str, home: Option<String>) -> Scope {
        Scope { env, cwd: Some(cwd.to_owned()), home, ..Scope::default() }
    }

    /// The value of a variable, if it is known.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        match self.vars.get(name) {
            Some(value) => value.as_deref(),
            None => self.env.get(name).map(String::as_str).or(match name {
                "HOME" => self.home.as_deref(),
                "PWD" => self.cwd.as_deref(),
                _ => None,
            }),
        }
    }

    /// Sets a variable.
    pub(super) fn set(&mut self, name: &str, value: Option<String>) {
        if self.vars.len() < MAX_VARS || self.vars.contains_key(name) {
            self.vars.insert(name.to_owned(), value);
        }
    }

    /// Sets what later RUN lines will know too.
    pub(super) fn keep(&mut self, name: &str, value: String) {
        self.set(name, Some(value.clone()));
        if self.kept.len() < MAX_KEPT {
            self.kept.push((name.to_owned(), value));
        }
    }

    /// A path seen from the directory; `None` if that cannot be known.
    pub(super) fn path(&self, word: &Word) -> Option<String> {
        if word.is_lost || word.text.is_empty() {
            return None;
        }
        if word.text.starts_with('/') {
            return Some(join_path(&[&word.text]));
        }
        Some(join_path(&[self.cwd.as_deref()?, &word.text]))
    }
}

impl Word {
    pub(super) fn plain(text: &str) -> Word {
        Word { text: text.to_owned(), ..Word::default() }
    }
}

/// Reads a script; each command is handed over with what it sees.
pub(super) fn read(script: &str, scope: &mut Scope, each: &mut dyn FnMut(&Simple, &mut Scope)) {
    if scope.depth >= MAX_DEPTH {
        return;
    }
    scope.depth += 1;
    let mut reader = Reader {
        text: script,
        at: 0,
        start: None,
        scope,
        each,
        words: Vec::new(),
        writes: Vec::new(),
        heredocs: Vec::new(),
        saved: Vec::new(),
        n_cases: 0,
    };
    reader.script();
    scope.depth -= 1;
}

/// The commands of each of the lines of a script: their words, and how they read. What one line sets, those below know.
pub(crate) fn commands_of_lines<'s>(lines: impl Iterator<Item = &'s str>) -> Vec<Vec<(Vec<String>, String)>> {
    let mut scope = Scope::new(Rc::default(), "/", None);
    let of_line = |line: &str| {
        let mut found = Vec::new();
        read(line, &mut scope, &mut |simple, _| {
            let words = simple.words.iter().map(|word| word.text.clone()).collect();
            found.push((words, simple.text.clone()));
        });
        found
    };
    lines.map(of_line).collect()
}

/// Hands over a command whose words are known: the exec form.
pub(super) fn run(words: Vec<Word>, scope: &mut Scope, each: &mut dyn FnMut(&Simple, &mut Scope)) {
    let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    execute(Simple { words, writes: Vec::new(), text: shown(&text) }, None, scope, each);
}

/// Whether a program is a shell.
pub(super) fn is_shell(program: &str) -> bool {
    matches!(super::paths::name(program), "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh")
}

/// The script behind `-c`, if there is one.
pub(super) fn script_of<'w>(mut words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    while let Some(word) = words.next() {
        let is_flag = word.starts_with('-') && !word.starts_with("--");
        if is_flag && word.ends_with('c') {
            return words.next();
        }
        // `-o pipefail` has a value.
        if is_flag && word.ends_with('o') {
            words.next();
        } else if !word.starts_with(['-', '+']) {
            return None;
        }
    }
    None
}

struct Reader<'s, 'e> {
    text: &'s str,
    at: usize,
    /// Where the command at hand starts.
    start: Option<usize>,
    scope: &'e mut Scope,
    each: &'e mut dyn FnMut(&Simple, &mut Scope),
    words: Vec<Word>,
    writes: Vec<Word>,
    /// Names of heredocs whose bodies come at the end of the line, and whether tabs are taken out.
    heredocs: Vec<(String, bool)>,
    /// The directories outside of the parentheses that are open.
    saved: Vec<Option<String>>,
    n_cases: usize,
}

impl Reader<'_, '_> {
    fn script(&mut self) {
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.rest().starts_with("\\\n") => self.at += 2,
                '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                '\n' => self.line_end(),
                ';' if self.rest().starts_with(";;") => {
                    self.operator(2);
                    self.case();
                }
                ';' | '|' => self.operator(1),
                '&' if self.rest().starts_with("&>") => self.redirection(2),
                '&' => self.operator(1),
                '(' => {
                    if !self.words.is_empty() {
                        // The head of a function: `name()`.
                        self.words.clear();
                        self.at += 1;
                        continue;
                    }
                    self.operator(1);
                    self.saved.push(self.scope.cwd.clone());
                }
                ')' => {
                    self.operator(1);
                    if let Some(cwd) = self.saved.pop() {
                        self.scope.cwd = cwd;
                    }
                }
                '>' => self.redirection(1),
                '<' => self.input(),
                _ => {
                    self.start.get_or_insert(self.at);
                    let word = self.word();
                    let is_number =
                        !word.is_quoted && word.text.len() == 1 && word.text.as_bytes()[0].is_ascii_digit();
                    if is_number && matches!(self.peek(), Some('<' | '>')) {
                        match word.text.as_str() {
                            // What goes to the standard error is seldom worth a word.
                            "2" if self.peek() == Some('>') => {
                                self.redirection(1);
                                self.writes.pop();
                            }
                            _ => {}
                        }
                        continue;
                    }
                    self.words.push(word);
                    self.keyword();
                }
            }
        }
        self.finish(None);
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn operator(&mut self, len: usize) {
        self.finish(None);
        self.at += len;
    }

    /// Takes words out that only steer.
    fn keyword(&mut self) {
        let [word] = self.words.as_slice() else {
            if self.words.len() == 3 && matches!(self.words[0].text.as_str(), "case") {
                self.words.clear();
                self.n_cases += 1;
                self.case();
            }
            return;
        };
        match word.text.as_str() {
            _ if word.is_quoted => {}
            "if" | "then" | "else" | "elif" | "do" | "while" | "until" | "!" | "{" | "}" | "time" | "fi"
            | "done" => {
                self.words.clear();
                self.start = None;
            }
            "esac" => {
                self.n_cases = self.n_cases.saturating_sub(1);
                self.words.clear();
            }
            _ => {}
        }
    }

    /// Goes behind the pattern of a branch of `case`.
    fn case(&mut self) {
        let blanks = [' ', '\t', '\n', '\r'];
        self.at += self.rest().len() - self.rest().trim_start_matches(blanks).len();
        if self.n_cases > 0 && !self.rest().starts_with("esac") {
            self.at += self.rest().find(')').map_or(self.rest().len(), |at| at + 1);
        }
    }

    fn line_end(&mut self) {
        let end = self.at;
        self.at += 1;
        let mut input = None;
        for (name, has_tabs) in std::mem::take(&mut self.heredocs) {
            let mut body = String::new();
            while self.at < self.text.len() {
                let line = self.rest().split_inclusive('\n').next().unwrap_or_default();
                let (len, shown) = (line.len(), if has_tabs { line.trim_start_matches('\t') } else { line });
                let is_end = shown.trim_end_matches(['\n', '\r']) == name;
                if !is_end {
                    body.push_str(shown);
                }
                self.at += len;
                if is_end {
                    break;
                }
            }
            input = Some(body);
        }
        self.finish_at(end, input);
    }

    /// `>`, `>>`, `>|`, `>&1`, `&>`.
    fn redirection(&mut self, len: usize) {
        self.start.get_or_insert(self.at);
        self.at += len;
        let rest = self.rest();
        if rest.starts_with('>') || rest.starts_with('|') {
            self.at += 1;
        }
        let is_copy = self.peek() == Some('&');
        if is_copy {
            self.at += 1;
        }
        self.blanks();
        let word = self.word();
        let is_none = is_copy || word.text.is_empty() || word.text.starts_with("/dev/");
        self.writes.push(if is_none { Word { is_lost: true, ..Word::default() } } else { word });
    }

    /// `<`, `<<`, `<<-`, `<<<`, `<&`.
    fn input(&mut self) {
        let rest = self.rest();
        let is_heredoc = rest.starts_with("<<") && !rest.starts_with("<<<");
        let marks = rest.len() - rest.trim_start_matches('<').len();
        self.at += marks;
        let has_tabs = is_heredoc && self.peek() == Some('-');
        if has_tabs || self.peek() == Some('&') {
            self.at += 1;
        }
        if self.peek() == Some('(') {
            self.parenthesis();
            return;
        }
        self.blanks();
        let word = self.word();
        if is_heredoc {
            self.heredocs.push((word.text, has_tabs));
        }
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    fn finish(&mut self, input: Option<String>) {
        self.finish_at(self.at, input);
    }

    fn finish_at(&mut self, end: usize, input: Option<String>) {
        let text = self.start.take().and_then(|start| self.text.get(start..end)).map_or(String::new(), shown);
        let (words, writes) = (std::mem::take(&mut self.words), std::mem::take(&mut self.writes));
        if words.is_empty() && writes.is_empty() {
            return;
        }
        let is_head = words.first().is_some_and(|word| !word.is_quoted && word.text == "for");
        if is_head {
            if let Some(name) = words.get(1) {
                self.scope.set(&name.text, None);
            }
            return;
        }
        execute(Simple { words, writes, text }, input, self.scope, self.each);
    }

    /// One word, as far as the next blank or operator; at least one character is taken.
    fn word(&mut self) -> Word {
        let mut word = Word::default();
        let start = self.at;
        while let Some(c) = self.peek() {
            let len = c.len_utf8();
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\'' => {
                    word.is_quoted = true;
                    let rest = &self.text[self.at + 1..];
                    let end = rest.find('\'').unwrap_or(rest.len());
                    word.text.push_str(&rest[..end]);
                    self.at = (self.at + end + 2).min(self.text.len());
                }
                '"' => {
                    word.is_quoted = true;
                    self.at += 1;
                    self.quoted(&mut word);
                }
                '\\' => {
                    self.at += 1;
                    if let Some(c) = self.peek() {
                        self.at += c.len_utf8();
                        if c != '\n' {
                            word.text.push(c);
                        }
                    }
                }
                '$' | '`' => self.variable(&mut word),
                '~' if word.text.is_empty() && !word.is_quoted => {
                    self.at += 1;
                    match (&self.scope.home, self.peek()) {
                        (Some(home), None | Some('/' | ' ' | '\n' | ';' | '&')) => word.text.push_str(home),
                        _ => word.is_lost = true,
                    }
                }
                '*' | '?' | '[' => {
                    word.is_pattern = true;
                    word.text.push(c);
                    self.at += len;
                }
                c => {
                    word.text.push(c);
                    self.at += len;
                }
            }
        }
        if self.at == start {
            self.at += self.peek().map_or(0, char::len_utf8);
        }
        word
    }

    fn quoted(&mut self, word: &mut Word) {
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.at += 1;
                    return;
                }
                '\\' => {
                    self.at += 1;
                    if let Some(c) = self.peek() {
                        self.at += c.len_utf8();
                        match c {
                            '\n' => {}
                            '"' | '\\' | '$' | '`' => word.text.push(c),
                            c => word.text.extend(['\\', c]),
                        }
                    }
                }
                '$' | '`' => self.variable(word),
                c => {
                    word.text.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
    }

    /// `$NAME`, `${NAME…}`, `$(…)`, `` `…` ``.
    fn variable(&mut self, word: &mut Word) {
        let rest = &self.text[self.at..];
        let is_name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
        let value = if let Some(inner) = rest.strip_prefix("${") {
            let end = closing(inner);
            self.at += (end + 3).min(rest.len());
            self.braced(&inner[..end])
        } else if rest.starts_with("$(") {
            self.at += 1;
            self.parenthesis();
            None
        } else if let Some(inner) = rest.strip_prefix('`') {
            self.at += inner.find('`').map_or(rest.len(), |end| end + 2);
            None
        } else {
            let name: String = rest[1..].chars().take_while(is_name).collect();
            self.at += 1 + name.len();
            if name.is_empty() {
                match self.peek() {
                    Some(c @ ('@' | '#' | '?' | '!' | '$' | '-' | '*')) => self.at += c.len_utf8(),
                    _ => {
                        word.text.push('$');
                        return;
                    }
                }
            }
            self.scope.get(&name).map(str::to_owned)
        };
        match value {
            Some(value) => word.text.push_str(&value),
            None => {
                word.is_lost |= word.text.is_empty();
                word.is_pattern = true;
                if !word.text.ends_with('*') {
                    word.text.push('*');
                }
            }
        }
    }

    fn braced(&self, inner: &str) -> Option<String> {
        let len = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
        let (name, modifier) = inner.split_at(len);
        let value = self.scope.get(name).map(str::to_owned);
        match modifier.strip_prefix(":-").or(modifier.strip_prefix('-')) {
            Some(default) => value.or_else(|| (!default.contains('$')).then(|| default.to_owned())),
            None if modifier.is_empty() || modifier.starts_with(":?") || modifier.starts_with('?') => value,
            None => None,
        }
    }

    /// Goes behind the parenthesis that closes the one at hand.
    fn parenthesis(&mut self) {
        let mut depth = 0usize;
        let mut quote = None;
        for (at, c) in self.text[self.at..].char_indices() {
            match (quote, c) {
                (Some(open), c) if open == c => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(c),
                (None, '(') => depth += 1,
                (None, ')') => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += at + 1;
                        return;
                    }
                }
                (None, _) => {}
            }
        }
        self.at = self.text.len();
    }
}

/// Where the brace closes that is open in front of the text.
fn closing(text: &str) -> usize {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return at,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn execute(
    mut simple: Simple,
    input: Option<String>,
    scope: &mut Scope,
    each: &mut dyn FnMut(&Simple, &mut Scope),
) {
    unwrap(&mut simple.words, scope);
    let Some(program) = simple.words.first() else {
        if !simple.writes.is_empty() {
            each(&simple, scope);
        }
        return;
    };
    let argument = || simple.words.get(1).cloned();
    match program.text.as_str() {
        "cd" | "pushd" => {
            let home = || scope.home.clone();
            scope.cwd =
                argument().map_or_else(home, |word| if word.is_pattern { None } else { scope.path(&word) });
        }
        "popd" => scope.cwd = None,
        "export" | "declare" | "local" | "readonly" => {
            for word in simple.words.iter().skip(1).filter(|word| is_assignment(word)) {
                assign(word, scope);
            }
        }
        "read" | "unset" => simple.words.iter().skip(1).for_each(|word| scope.set(&word.text, None)),
        "eval" => {
            let script =
                simple.words[1..].iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
            inner(&script, scope, each);
        }
        "." | "source" => {
            // The script that switches a Python environment on.
            let venv = argument().filter(|word| word.text.ends_with("/bin/activate"));
            match venv.and_then(|word| scope.path(&word)) {
                Some(path) => {
                    scope.set("VIRTUAL_ENV", Some(path.trim_end_matches("/bin/activate").to_owned()))
                }
                None => each(&simple, scope),
            }
        }
        program if is_shell(program) => {
            let words = || simple.words.iter().skip(1).map(|word| word.text.as_str());
            match (script_of(words()), input) {
                (Some(script), _) => inner(script, scope, each),
                (None, Some(script)) if words().all(|word| word.starts_with('-')) => {
                    inner(&script, scope, each)
                }
                (None, _) => each(&simple, scope),
            }
        }
        _ => each(&simple, scope),
    }
}

/// A script of its own shell: its directory and variables end with it.
fn inner(script: &str, scope: &mut Scope, each: &mut dyn FnMut(&Simple, &mut Scope)) {
    let saved = (scope.cwd.clone(), scope.vars.clone());
    read(script, scope, each);
    (scope.cwd, scope.vars) = saved;
}

/// Takes assignments and programs that only run others off the front.
fn unwrap(words: &mut Vec<Word>, scope: &mut Scope) {
    let mut n_taken = 0;
    let mut is_wrapped = false;
    while let Some(word) = words.get(n_taken) {
        if is_assignment(word) {
            assign(word, scope);
        } else {
            let text = super::paths::name(&word.text);
            match text {
                "env" | "exec" | "command" | "nice" | "nohup" | "builtin" => is_wrapped = true,
                "sudo" | "gosu" | "su-exec" | "timeout" => {
                    is_wrapped = true;
                    let has_value =
                        text != "sudo" || words.get(n_taken + 1).is_some_and(|it| it.text == "-u");
                    n_taken += usize::from(has_value) * if text == "sudo" { 2 } else { 1 };
                }
                _ if is_wrapped && word.text.starts_with('-') => {}
                _ => break,
            }
        }
        n_taken += 1;
    }
    words.drain(..n_taken.min(words.len()));
}

fn is_assignment(word: &Word) -> bool {
    let Some((name, _)) = word.text.split_once('=') else { return false };
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

fn assign(word: &Word, scope: &mut Scope) {
    if let Some((name, value)) = word.text.split_once('=') {
        scope.set(name, (!word.is_pattern).then(|| value.to_owned()));
    }
}

/// A command on one line, shortened.
pub(super) fn shown(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace().filter(|word| *word != "\\") {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > MAX_TEXT {
            let end = line.char_indices().nth(MAX_TEXT).map_or(line.len(), |(at, _)| at);
            if end < line.len() {
                line.truncate(end);
            }
            line.push('…');
            break;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(script: &str, expected: &[&str]) {
        let env = HashMap::from([("DIR".to_owned(), "/opt".to_owned())]);
        let mut scope = Scope::new(Rc::new(env), "/w", Some("/root".to_owned()));
        let mut found = Vec::new();
        read(script, &mut scope, &mut |simple, scope| {
            let words = simple.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
            let writes = simple.writes.iter().filter_map(|word| scope.path(word));
            let writes: String = writes.map(|path| format!(" > {path}")).collect();
            found.push(format!("{}: {words}{writes}", scope.cwd.as_deref().unwrap_or("?")));
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn operators_end_commands() {
        check("a && b || c; d | e & f\ng", &["/w: a", "/w: b", "/w: c", "/w: d", "/w: e", "/w: f", "/w: g"]);
    }

    #[test]
    fn directories_are_followed() {
        check(
            "cd x && a; (cd /y; b); c; cd; d; cd $U && e",
            &["/w/x: a", "/y: b", "/w/x: c", "/root: d", "?: e"],
        );
    }

    #[test]
    fn words_lose_their_quotes_and_variables_are_put_in() {
        check(r#"a 'b c' "$DIR/d" ${X:-e} f\ g $U/h /i/$U"#, &["/w: a b c /opt/d e f g */h /i/*"]);
    }

    #[test]
    fn what_steers_is_left_out() {
        check(
            "if [ -f x ]; then a; else b; fi; for i in 1 2; do c $i; done",
            &["/w: [ -f x ]", "/w: a", "/w: b", "/w: c *"],
        );
        check("case $X in amd64) a;; arm64|x) b;; esac; c", &["/w: a", "/w: b", "/w: c"]);
        check("f() { a; }; f", &["/w: a", "/w: f"]);
    }

    #[test]
    fn redirections_write_files() {
        check(
            "echo a > x 2>&1; b >> /y 2> z; c > /dev/null; d 2>/dev/null; > e",
            &["/w: echo a > /w/x", "/w: b > /y", "/w: c", "/w: d", "/w:  > /w/e"],
        );
    }

    #[test]
    fn heredocs_are_not_commands() {
        check("cat <<EOF > x\na; b\nEOF\nc", &["/w: cat > /w/x", "/w: c"]);
        check("bash <<'EOF'\ncd /q\na\nEOF\nb", &["/q: a", "/w: b"]);
    }

    #[test]
    fn other_shells_and_prefixes_are_looked_through() {
        check(
            "set -e; A=1 sh -euxc 'cd /z; b' ; env X=1 c; sudo -u me d",
            &["/w: set -e", "/z: b", "/w: c", "/w: d"],
        );
    }
}
