//! Quick fixes: the wrong program of every page is opened, and where its problem can be mended by an edit, the editor
//! offers that edit at the problem.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit_compiler::{Config, Database, SETTINGS_FILE};
use ambit_diagnostics::registry::CODES;
use ambit_grammar::Span;
use ambit_lsp::ide::problems;

/// The codes whose problem is mended by an edit that is offered, and how many edits the page's program is offered.
const FIXED: &[(&str, usize)] = &[
    ("E0101", 1),
    ("E0102", 1),
    ("E0103", 1),
    ("E0104", 1),
    ("E0107", 1),
    ("E0111", 1),
    ("E0112", 1),
    ("E0113", 1),
    ("E0115", 1),
    ("E0116", 1),
    ("E0117", 1),
    ("E0119", 1),
    ("E0122", 1),
    ("E0123", 1),
    ("E0125", 2),
    ("E0201", 1),
    ("E0203", 1),
    ("E0205", 1),
    ("E0206", 1),
    ("E0207", 1),
    ("E0208", 1),
    ("E0209", 1),
    ("E0301", 1),
    ("E0302", 1),
    ("E0305", 2),
    ("E0310", 1),
    ("E0410", 1),
    ("E0413", 1),
    ("W0601", 1),
    ("W0602", 1),
    ("W0603", 1),
    ("W0607", 1),
    ("W0608", 1),
    ("W0611", 1),
    ("W0612", 1),
    ("W0615", 1),
    ("W0616", 2),
];

/// The files of the wrong program of a page.
fn wrong(page: &str) -> BTreeMap<String, String> {
    let body = page
        .split("\n## ")
        .find(|s| s.starts_with("Wrong"))
        .unwrap_or_default();
    let mut files = BTreeMap::new();
    let mut inside = false;
    let mut name = "policy.ambit".to_owned();
    for line in body.lines() {
        if line.starts_with("```") {
            inside = !inside && matches!(line, "```ambit" | "```toml");
        } else if inside {
            let new = line
                .strip_prefix("// file: ")
                .or_else(|| line.strip_prefix("# file: "));
            match new {
                Some(new) => new.clone_into(&mut name),
                None => {
                    let text: &mut String = files.entry(name.clone()).or_default();
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
    }
    files
}

#[test]
fn every_page_with_a_fix_offers_it() {
    let mut found = Vec::new();
    for code in CODES {
        let page = code.page().unwrap_or_default();
        if page.contains("<!-- not executed: ") {
            continue;
        }
        let files = wrong(page);
        let mut db = Database::default();
        let config = Config::read(files.get(SETTINGS_FILE).map_or("", String::as_str));
        let sources = files.iter().filter(|(name, _)| *name != SETTINGS_FILE);
        let sources = sources
            .map(|(n, t)| (n.as_str().into(), Arc::from(t.as_str())))
            .collect();
        let project = db.project(sources, config);
        let mut all = problems::first(&db, project);
        all.extend(problems::second(&db, project));
        let mut fixes = 0;
        for problem in all.iter().filter(|p| p.code == code.code) {
            let at = Span::new(problem.at.start, problem.at.start);
            let offered = problems::fixes(&all, &problem.at.file, at);
            for fix in &problem.fixes {
                assert!(
                    offered.iter().any(|(p, f)| *p == problem && *f == fix),
                    "{}",
                    code.code
                );
                for (at, new) in &fix.edits {
                    let text = files.get(at.file.as_str()).unwrap();
                    let old = text.get(at.start as usize..at.end as usize);
                    assert_ne!(old, Some(new.as_str()), "{}: changes nothing", code.code);
                }
                fixes += 1;
            }
        }
        if fixes > 0 {
            found.push((code.code, fixes));
        }
    }
    assert_eq!(found, FIXED);
}
