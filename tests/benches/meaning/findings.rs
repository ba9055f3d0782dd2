//! All findings of generated projects, and the re-check after an edit of one rule.

use std::sync::Arc;

use ambit_compiler::{Config, Database, Project, check, check_in_parallel, program};
use ambit_tests::project::{SETTINGS, Shape, generate};
use smol_str::SmolStr;

use super::figures::{Figures, millis, peak_of, time};

pub fn open(files: &[(String, String)]) -> (Database, Project) {
    let mut db = Database::default();
    let texts = files
        .iter()
        .map(|(name, text)| (SmolStr::from(name.as_str()), Arc::from(text.as_str())))
        .collect();
    let project = db.project(texts, Config::read(SETTINGS));
    (db, project)
}

pub fn run(figures: &mut Figures, test: bool) {
    let sizes: &[usize] = if test {
        &[100]
    } else {
        &[1_000, 10_000, 100_000]
    };
    let mut before: Option<(usize, f64)> = None;
    for size in sizes {
        let files = generate(Shape::of_grants(*size));
        let repeats = if *size >= 100_000 { 1 } else { 5 };
        let mut times = Vec::new();
        for _ in 0..repeats {
            let (db, project) = open(&files);
            check_in_parallel(&db, project);
            program(&db, project).unwrap();
            let (took, report) = time(|| ambit_analysis::report(&db, project));
            assert_eq!(report.fault, None);
            times.push(took);
        }
        let growth = before.map_or_else(String::new, |(n, t)| {
            let now = millis(times[times.len() / 2]);
            format!("{:.1}x for {}x", now / t, size / n)
        });
        before = Some((*size, millis(times[times.len() / 2])));
        let rss = if test {
            None
        } else {
            peak_of("findings", *size)
        };
        let aim = format!("aim at 10,000: 2 s, 1 GB  {growth}");
        figures.add("findings", *size, times, rss, &aim);
        if *size < 100_000 {
            edit(figures, &files, *size);
        }
    }
}

/// One rule of one file changes, in a project that was checked before.
fn edit(figures: &mut Figures, files: &[(String, String)], size: usize) {
    let (mut db, project) = open(files);
    check_in_parallel(&db, project);
    ambit_analysis::report(&db, project);
    let policies: Vec<_> = project
        .files(&db)
        .iter()
        .copied()
        .filter(|f| f.text(&db).contains("    grant "))
        .collect();
    let mut whole = Vec::new();
    let mut meaning = Vec::new();
    for file in policies.iter().rev().take(10) {
        let before = file.text(&db);
        let at = before.find("    grant ").unwrap();
        let end = at + before[at..].find('\n').unwrap();
        let after: Arc<str> = Arc::from(format!("{}{}", &before[..at], &before[end..]));
        for text in [after, before.clone()] {
            db.set_text(*file, text);
            let (first, ()) = time(|| {
                check(&db, project);
            });
            let (second, report) = time(|| ambit_analysis::report(&db, project));
            assert_eq!(report.fault, None);
            whole.push(first + second);
            meaning.push(second);
        }
    }
    figures.add("recheck", size, whole, None, "aim at 10,000: 50 ms");
    figures.add(
        "recheck (meaning)",
        size,
        meaning,
        None,
        "of it, after types",
    );
}

pub fn once(size: usize) {
    let (db, project) = open(&generate(Shape::of_grants(size)));
    check_in_parallel(&db, project);
    ambit_analysis::report(&db, project);
}
