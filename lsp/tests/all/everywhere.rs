//! Every feature at every place of real projects, whole and broken: nothing panics, and what is warm equals what is cold.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_compiler::{Config, Database, Project, SourceFile};
use ambit_grammar::Span;
use ambit_lsp::ide;

pub(crate) fn examples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let folders = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path());
    let mut folders: Vec<_> = folders.filter(|p| p.join("ambit.toml").is_file()).collect();
    folders.sort();
    folders
}

fn load(root: &Path) -> (Database, Project) {
    let disk = ambit_cli::project::load(root.to_owned()).unwrap();
    let mut db = Database::default();
    let files = disk.files.into_iter().map(|f| (f.name, f.text)).collect();
    let project = db.project(files, Config::read(&disk.settings.text));
    (db, project)
}

/// Asks everything at one byte.
fn ask(db: &Database, project: Project, file: SourceFile, offset: u32) {
    let _ = ide::hover::hover(db, project, file, offset);
    let _ = ide::completion::completions(db, project, file, offset);
    let _ = ide::definition::definition(db, project, file, offset);
    let _ = ide::highlight::highlights(db, file, offset);
    let _ = ide::rename::prepare(db, project, file, offset);
    let _ = ide::signature::signature(db, project, file, offset);
    let _ = ide::hierarchy::prepare(db, project, file, offset);
    let _ = ide::type_definition::type_definition(db, project, file, offset);
    let _ = ide::implementation::implementation(db, project, file, offset);
    let _ = ide::linked::linked(db, project, file, offset);
    let _ = ide::on_type::on_type(db, file, offset, '\n');
    let _ = ide::on_type::on_type(db, file, offset, '}');
    let _ = ide::refactor::candidates(db, project, file, Span::new(offset, offset));
    let spans = ide::selection::selections(db, file, offset);
    assert!(spans.last().is_some_and(|s| s.start == 0));
}

/// Asks everything of a file.
fn ask_file(db: &Database, project: Project, file: SourceFile) {
    let whole = Span::new(0, file.text(db).len() as u32);
    let everything = ide::lens::For {
        acting: Some("everyone".into()),
        views: true,
    };
    let _ = ide::symbols::document(db, file);
    let _ = ide::folding::folds(db, file);
    let _ = ide::lens::lenses(db, project, file, &everything);
    let _ = ide::hint::hints(db, project, file, whole, Some("everyone"));
    let _ = ide::link::links(db, file);
    let _ = ide::format::format(db, file, None);
    let tokens = ide::tokens::tokens(db, project, file, whole);
    assert!(tokens.windows(2).all(|t| t[0].span.end <= t[1].span.start));
}

#[test]
fn every_feature_stands_every_place() {
    for root in examples() {
        let (db, project) = load(&root);
        for file in project.files(&db) {
            let text = file.text(&db);
            ask_file(&db, project, *file);
            let places = text.char_indices().map(|(at, _)| at);
            for at in places.step_by(7).chain([text.len()]) {
                ask(&db, project, *file, at as u32);
            }
        }
    }
}

#[test]
fn every_feature_stands_text_that_ends_anywhere() {
    for root in examples() {
        let (mut db, project) = load(&root);
        let files = project.files(&db).to_vec();
        for file in files {
            let text = file.text(&db);
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(83).collect();
            for at in places {
                db.set_text(file, Arc::from(&text[..at]));
                ask(&db, project, file, at as u32);
                ask_file(&db, project, file);
            }
            db.set_text(file, text);
        }
    }
}

/// A source of numbers that is the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

#[test]
fn warm_problems_equal_cold_ones_after_random_edits() {
    const BITS: &[&str] = &[
        "",
        "\n",
        "{",
        "}",
        "\"",
        "grant read on sales",
        "role x ",
        " where ",
        "é𝄞",
        "// ",
    ];
    for seed in 1..=12 {
        let mut random = Random(u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15));
        let roots = examples();
        let (mut db, project) = load(&roots[random.below(roots.len())]);
        for step in 0..20 {
            let files = project.files(&db).to_vec();
            let file = files[random.below(files.len())];
            let mut text = file.text(&db).to_string();
            let mut place = || {
                let mut at = random.below(text.len() + 1);
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let start = place();
            let mut end = (start + 9).min(text.len());
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.replace_range(start..end.max(start), BITS[random.below(BITS.len())]);
            db.set_text(file, Arc::from(text));
            ask(&db, project, file, start as u32);
            let warm = ide::problems::first(&db, project);
            if step % 5 == 4 {
                let mut cold = Database::default();
                let texts = files.iter().map(|f| (f.path(&db), f.text(&db))).collect();
                let config = (*project.config(&db)).clone();
                let again = cold.project(texts, config);
                assert_eq!(
                    warm,
                    ide::problems::first(&cold, again),
                    "seed {seed}, step {step}"
                );
            }
        }
    }
}
