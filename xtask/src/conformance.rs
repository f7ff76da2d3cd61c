//! `cargo xtask conformance`: how far `stagelight inspect` agrees with BuildKit on a corpus of Dockerfiles.
//!
//! What the corpus's own program compares, compare.py, comes first; `stagelight compare-facts` compares the rest.
//! The corpus lies beside the project and is no part of it; where it is missing, nothing is compared. Agreement
//! may only rise: xtask/conformance-floor.txt holds what was reached, and less is a failure.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{cli::Show, process};

/// Dockerfiles, BuildKit's answers about them, and the program that compares.
pub(crate) const CORPUS: &str = "../shared/corpus";
/// What was reached: a line `PART SECTION AGREEING` each.
const FLOOR: &str = "xtask/conformance-floor.txt";
/// Files that exist, and files that were made to be difficult.
const PARTS: [(&str, &str); 2] = [("real", "^(?!torture:)"), ("torture", "^torture:")];

/// Unpacks the corpus into the folder that is its last argument, with a list of the files.
const UNPACK: &str = r"
import base64, gzip, json, os, shutil, sys
corpus, folder = sys.argv[1:]
with open(os.path.join(folder, 'list'), 'w') as paths:
    for line in gzip.open(os.path.join(corpus, 'dockerfiles.jsonl.gz'), 'rt', encoding='utf-8'):
        row = json.loads(line)
        content = base64.b64decode(row['content_b64']) if 'content_b64' in row else row['content'].encode()
        path = os.path.join(folder, row['sha256'])
        with open(path, 'wb') as file:
            file.write(content)
        print(path, file=paths)
for name in 'unit_cases.jsonl', 'facts.jsonl':
    with gzip.open(os.path.join(corpus, name + '.gz')) as cases:
        with open(os.path.join(folder, name), 'wb') as file:
            shutil.copyfileobj(cases, file)
";

/// How many agree, by part and section.
type Agreement = BTreeMap<(String, String), u32>;

/// Compares everything; `show` prints differences of one section too.
pub(crate) fn run(show: Option<&Show>) -> Result<()> {
    let corpus = Path::new(CORPUS);
    if !corpus.join("compare.py").is_file() {
        println!("Conformance is not compared: there is no corpus in {CORPUS}");
        return Ok(());
    }
    let mut build = Command::new("cargo");
    build.args(["build", "--quiet", "--release", "--package", "stagelight"]);
    // Without what serves and draws, which takes minutes to compile and says nothing of Dockerfiles.
    process::run(build.arg("--no-default-features"))?;
    let stagelight = program()?;
    let folder = Folder::with_corpus()?;
    let ours = folder.0.join("ours.jsonl");
    inspect(&stagelight, &folder.list(), &ours)?;
    let mut agreement = Agreement::new();
    for (part, ids) in PARTS {
        println!("Conformance, {part} files");
        let more = compare_more(&stagelight, &folder.0, part, show)?;
        // A section is the one's or the other's, and compare.py knows its own alone.
        let show = show.filter(|show| !more.contains(&format!("  {} ", show.section)));
        for table in [compare(corpus, &ours, ids, show)?, more] {
            print!("{table}");
            read_table(part, &table, &mut agreement);
        }
    }
    println!("Conformance, words, references, platforms and addresses");
    let mut units = Command::new(&stagelight);
    let table = table_of(units.arg("unit-cases").arg(folder.0.join("unit_cases.jsonl")))?;
    print!("{table}");
    read_table("unit", &table, &mut agreement);
    let floor = fs::read_to_string(FLOOR).with_context(|| format!("Cannot read {FLOOR}"))?;
    hold(&read_floor(&floor)?, &agreement)
}

fn program() -> Result<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let program = target.join("release").join(format!("stagelight{}", env::consts::EXE_SUFFIX));
    ensure!(program.is_file(), "Cargo has not left the program at {}", program.display());
    Ok(program)
}

fn inspect(stagelight: &Path, list: &Path, ours: &Path) -> Result<()> {
    let out = fs::File::create(ours).with_context(|| format!("Cannot write {}", ours.display()))?;
    let mut command = Command::new(stagelight);
    command.args(["inspect", "--format", "jsonl", "--files-from"]).arg(list).stdout(out);
    let status = command.status().context("Cannot start stagelight")?;
    // 1 says that BuildKit refuses some of them, which is why they are there.
    ensure!(status.code().is_some_and(|code| code < 2), "stagelight inspect ended with {status}");
    Ok(())
}

/// Compares what compare.py leaves out.
fn compare_more(stagelight: &Path, folder: &Path, part: &str, show: Option<&Show>) -> Result<String> {
    let mut command = Command::new(stagelight);
    command.arg("compare-facts").arg(folder.join("facts.jsonl")).arg(folder.join("ours.jsonl"));
    if part == "torture" {
        command.arg("--torture");
    }
    if let Some(show) = show {
        command.args(["--show", &show.section, "--max-shown", &show.n.to_string()]);
    }
    table_of(&mut command)
}

/// What a comparison prints. It ends with 1 if not all agree.
fn table_of(command: &mut Command) -> Result<String> {
    let output = command.output().context("Cannot start stagelight")?;
    let is_done = output.status.code().is_some_and(|code| code < 2);
    ensure!(is_done, "Not everything could be compared: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn compare(corpus: &Path, ours: &Path, ids: &str, show: Option<&Show>) -> Result<String> {
    let mut command = Command::new("python3");
    command.arg(corpus.join("compare.py")).arg(corpus.join("facts.jsonl.gz")).arg(ours);
    command.args(["--only-id", ids]);
    if let Some(show) = show {
        command.args(["--show", &show.n.to_string(), &show.section]);
    }
    process::answer(&mut command)
}

/// Reads the lines `SECTION AGREEING/ALL …` of a table.
fn read_table(part: &str, table: &str, acc: &mut Agreement) {
    for line in table.lines() {
        let line = line.strip_prefix("unit ").or_else(|| line.strip_prefix("  ")).unwrap_or_default();
        let mut words = line.split_whitespace();
        if let (Some(section), Some(counts)) = (words.next(), words.next())
            && let Some((agreeing, all)) = counts.split_once('/')
            && let (Ok(agreeing), Ok(1..)) = (agreeing.parse(), all.parse::<u32>())
        {
            acc.insert((part.to_owned(), section.to_owned()), agreeing);
        }
    }
}

fn read_floor(text: &str) -> Result<Agreement> {
    let mut floor = Agreement::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [part, section, agreeing] = words[..] else {
            bail!("{FLOOR}: a line is PART SECTION AGREEING, not '{line}'");
        };
        let agreeing = agreeing.parse().with_context(|| format!("{FLOOR}: '{agreeing}' is no number"))?;
        floor.insert((part.to_owned(), section.to_owned()), agreeing);
    }
    Ok(floor)
}

fn hold(floor: &Agreement, reached: &Agreement) -> Result<()> {
    let mut fallen = Vec::new();
    for ((part, section), least) in floor {
        let now = reached.get(&(part.clone(), section.clone())).copied().unwrap_or(0);
        if now < *least {
            fallen.push(format!("{part} {section}: {now} agree, {least} did"));
        } else if now > *least {
            println!("{part} {section}: {now} agree, more than the {least} in {FLOOR}; raise it");
        }
    }
    for (part, section) in reached.keys().filter(|key| !floor.contains_key(key)) {
        println!("{part} {section} is not in {FLOOR}; add it");
    }
    ensure!(
        fallen.is_empty(),
        "Agreement with BuildKit has fallen: {}. `cargo xtask conformance --show 5 SECTION` shows where",
        fallen.join("; ")
    );
    Ok(())
}

/// A folder with the corpus that goes when it is no longer needed.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn with_corpus() -> Result<Folder> {
        let path = env::temp_dir().join(format!("stagelight-corpus-{}", std::process::id()));
        fs::create_dir_all(&path).with_context(|| format!("Cannot make {}", path.display()))?;
        let folder = Folder(path);
        process::answer(Command::new("python3").args(["-c", UNPACK, CORPUS]).arg(&folder.0))?;
        Ok(folder)
    }

    /// The paths of the Dockerfiles, one a line.
    pub(crate) fn list(&self) -> PathBuf {
        self.0.join("list")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreement(rows: &[(&str, &str, u32)]) -> Agreement {
        rows.iter().map(|(part, section, n)| (((*part).to_owned(), (*section).to_owned()), *n)).collect()
    }

    #[test]
    fn tables_and_floors_are_read() {
        let mut found = Agreement::new();
        let table =
            "files in reference: 9\n  ok            8/9 (88.89 %)\n  lint          0/0   not given: 9\n";
        read_table("real", table, &mut found);
        read_table("unit", "unit ref 3/3\n", &mut found);
        assert_eq!(found, agreement(&[("real", "ok", 8), ("unit", "ref", 3)]));
        assert_eq!(read_floor("# why\nreal ok 8\nunit ref 3\n").unwrap(), found);
        assert!(read_floor("real ok").unwrap_err().to_string().contains("PART SECTION AGREEING"));
    }

    #[test]
    fn agreement_must_not_fall() {
        let floor = agreement(&[("real", "ok", 8)]);
        assert!(hold(&floor, &agreement(&[("real", "ok", 9)])).is_ok());
        let error = hold(&floor, &agreement(&[("real", "ok", 7)])).unwrap_err().to_string();
        assert!(error.contains("real ok: 7 agree, 8 did"), "{error}");
        assert!(hold(&floor, &agreement(&[])).is_err());
    }
}
