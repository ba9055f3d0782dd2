//! Collects the pages of the codes, so that `ambit explain` works without any file beside it.

use std::fmt::Write as _;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manifest = std::env::var("CARGO_MANIFEST_DIR")?;
    let folder = Path::new(&manifest).join("../../docs/errors");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(&folder)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|s| s.to_str());
        if let Some(stem) = stem.filter(|_| path.extension().is_some_and(|e| e == "md")) {
            pages.push((stem.to_owned(), path.canonicalize()?));
        }
    }
    pages.sort();
    let mut table = String::from("[\n");
    for (code, path) in pages {
        writeln!(
            table,
            "    ({code:?}, include_str!({:?})),",
            path.display().to_string()
        )?;
    }
    table.push_str("]\n");
    std::fs::write(
        Path::new(&std::env::var("OUT_DIR")?).join("pages.rs"),
        table,
    )?;
    Ok(())
}
