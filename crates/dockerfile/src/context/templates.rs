//! Pretended contexts to start from: the files that a project of a kind usually has, and an ignore file for it.
//!
//! What only a machine has (installed dependencies, what was built, history, secrets) is among the files, since that is
//! what an ignore file is about.

use super::{BuildContext, ContextFile};

/// A pretended context.
pub struct Template {
    /// Identifies it; never reused.
    pub id: &'static str,
    /// What it is called.
    pub title: &'static str,
    ignore: &'static str,
    /// A file in each line, behind its size.
    files: &'static str,
}

macro_rules! template {
    ($id:literal, $title:literal) => {
        Template {
            id: $id,
            title: $title,
            ignore: include_str!(concat!("../../data/contexts/", $id, ".dockerignore")),
            files: include_str!(concat!("../../data/contexts/", $id, ".files")),
        }
    };
}

/// All of them.
pub static TEMPLATES: &[Template] = &[
    template!("go", "Go service"),
    template!("node", "Node application"),
    template!("python", "Python application"),
    template!("rust", "Rust workspace"),
    template!("java", "Java with Maven"),
    template!("cpp", "C++ with CMake"),
    template!("monorepo", "Web, API and worker in one"),
];

impl Template {
    /// The context.
    pub fn context(&self) -> BuildContext {
        let file = |line: &str| {
            let (size, path) = line.split_once(' ')?;
            Some(ContextFile { path: path.to_owned(), size: size.parse().ok() })
        };
        BuildContext {
            ignore: Some(self.ignore.to_owned()),
            files: Some(self.files.lines().filter_map(file).collect()),
            is_partial: false,
        }
    }
}
