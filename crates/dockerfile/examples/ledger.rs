//! The artifact ledger of each file named, for reading by eye: `cargo run -p dockerfile --example ledger FILE…`.

#[path = "../tests/ledger/dump.rs"]
mod dump;

use dockerfile::queries::{self, Target};
use dockerfile::stages::{BuildOptions, resolve};
use dockerfile::syntax;

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let (text, _) = dockerfile::text::decode(&bytes);
        let graph = resolve(&syntax::parse(&text), &BuildOptions::default());
        println!("== {path}");
        let Ok(cut) = queries::cut(&graph, &Target::Default) else { continue };
        let ledger = queries::ledger(&graph, &cut);
        print!("{}", dump::ledger(&graph, &ledger));
        for entry in &ledger.entries {
            println!("~ {}", ledger.describe(&graph, entry.node));
        }
    }
    Ok(())
}
