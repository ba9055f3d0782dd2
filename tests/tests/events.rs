//! Which queries an edit runs again: a blank line two, a changed rule as many in a large project as in a small one.

use std::sync::Arc;

use ambit_compiler::{Config, Database, Project, check, program};
use ambit_tests::project::{SETTINGS, Shape, generate};
use smol_str::SmolStr;

/// A generated project, checked and lowered, whose next queries are logged.
struct Watched {
    db: Database,
    project: Project,
}

impl Watched {
    fn new(files: usize) -> Self {
        let texts = generate(Shape {
            roles: files * 5,
            grants: files * 50,
            files,
            seed: 1,
        });
        let mut db = Database::with_log();
        let texts = texts
            .into_iter()
            .map(|(n, t)| (SmolStr::new(n), Arc::from(t)))
            .collect();
        let project = db.project(texts, Config::read(SETTINGS));
        let mut watched = Self { db, project };
        let ran = watched.run();
        assert!(ran.len() > files, "the first run asks everything");
        watched
    }

    /// Checks and lowers: the names of the queries that ran, in order.
    fn run(&mut self) -> Vec<String> {
        self.db.take_log();
        let report = check(&self.db, self.project);
        let program = program(&self.db, self.project);
        assert_eq!(program.is_some(), !report.has_errors());
        self.db
            .take_log()
            .iter()
            .map(|event| event.split('(').next().unwrap_or_default().to_owned())
            .collect()
    }

    /// Edits a file of rules and runs again.
    fn edit(&mut self, change: impl Fn(&str) -> String) -> Vec<String> {
        let file = *self
            .project
            .files(&self.db)
            .iter()
            .find(|f| f.path(&self.db).starts_with("policy/"))
            .unwrap();
        let before = file.text(&self.db);
        let after = change(&before);
        assert_ne!(*before, after, "the edit changes nothing");
        self.db.set_text(file, Arc::from(after));
        self.run()
    }
}

fn country_of_the_first_rule(text: &str, country: &str) -> String {
    let at = text.find("    grant ").unwrap();
    let end = at + text[at..].find('\n').unwrap();
    let table = text[at..end]
        .split(" on ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    format!(
        "{}    grant read on {table} where country = \"{country}\"{}",
        &text[..at],
        &text[end..]
    )
}

#[test]
fn nothing_changed_runs_nothing() {
    let mut watched = Watched::new(10);
    assert_eq!(watched.run(), [""; 0]);
}

/// In a sound project no place is shown, so places move without a check; Core holds them.
#[test]
fn a_blank_line_above_everything_runs_two_queries() {
    for files in [10, 40] {
        let ran = Watched::new(files).edit(|text| format!("\n{text}"));
        assert_eq!(ran, ["file_items", "program"], "of {files} files");
    }
}

/// Where there is a problem its place moves, and there is no Core to hold others.
#[test]
fn a_blank_line_above_a_problem_places_it_again() {
    let mut watched = Watched::new(10);
    watched.edit(|text| country_of_the_first_rule(text, "ATLANTIS"));
    let ran = watched.edit(|text| format!("\n{text}"));
    assert_eq!(ran, ["file_items", "check_file", "program"]);
}

#[test]
fn an_edit_of_a_rule_runs_as_many_queries_in_any_project() {
    let change = |text: &str| country_of_the_first_rule(text, "JAPAN");
    let small = Watched::new(10).edit(change);
    let large = Watched::new(200).edit(change);
    assert_eq!(small, large, "10 files, then 200");
    insta::assert_snapshot!(small.join("\n"));
}

#[test]
fn a_comment_inside_a_role_checks_that_role_alone() {
    let ran =
        Watched::new(10).edit(|text| text.replacen("    grant ", "    // why\n    grant ", 1));
    insta::assert_snapshot!(ran.join("\n"));
}
