//! Marked texts: `$0` is the cursor; a line `//- name.ambit` begins another file.

use std::sync::Arc;

use ambit_compiler::{Config, Database, Project, SourceFile};
use ambit_lsp::ide::{Place, file_named};

/// A small schema and policy that most tests begin with.
pub const BASE: &str = r#"
//- schema.ambit
source warehouse : postgres
source mkt : dataiku
enum Country { "USA", "FRANCE" }
/// One row for each thing sold.
table sales in warehouse {
    key id      : int
    /// Where it was sold.
    country     : Country
    salesperson : string
    amount      : decimal
    sold_on     : date
    contact_id  : int? -> contacts.id
    done        : bool
    scope       : scope { Book, Desk } stored as text
}
table contacts in warehouse { key id : int  tier : string? }
kind dataset { read, write implies read }
object campaigns in mkt : dataset uses sales
attribute full_name : string
attribute countries : set of Country
"#;

/// A project with a cursor.
pub struct Fixture {
    pub db: Database,
    pub project: Project,
    pub file: SourceFile,
    pub offset: u32,
}

/// Reads a marked text; text before the first file line is `main.ambit`.
pub fn fixture(text: &str) -> Fixture {
    let mut files: Vec<(String, String)> = vec![("main.ambit".into(), String::new())];
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("//- ") {
            Some(name) => files.push((name.trim().into(), String::new())),
            None => files.last_mut().unwrap().1.push_str(line),
        }
    }
    files.retain(|(_, text)| !text.trim().is_empty());
    let mut cursor = (files[0].0.clone(), 0);
    for (name, text) in &mut files {
        if let Some(at) = text.find("$0") {
            text.replace_range(at..at + 2, "");
            cursor = (name.clone(), at as u32);
        }
    }
    let mut db = Database::default();
    let files = files
        .into_iter()
        .map(|(n, t)| (n.into(), Arc::from(t)))
        .collect();
    let project = db.project(files, Config::read(""));
    let file = file_named(&db, project, &cursor.0).unwrap();
    Fixture {
        db,
        project,
        file,
        offset: cursor.1,
    }
}

/// [`BASE`] and a text with the cursor.
pub fn with_base(text: &str) -> Fixture {
    fixture(&format!("{text}{BASE}"))
}

impl Fixture {
    /// `file:line:text` of a place.
    pub fn show(&self, place: Place) -> String {
        let text = place.file.text(&self.db);
        let line = text[..place.span.start as usize].matches('\n').count() + 1;
        let path = place.file.path(&self.db);
        format!("{path}:{line}:{}", &text[place.span.range()])
    }

    /// The places, a line each.
    pub fn show_all(&self, places: &[Place]) -> Vec<String> {
        places.iter().map(|p| self.show(*p)).collect()
    }

    /// The text under a span of the file at the cursor.
    pub fn text(&self, span: ambit_grammar::Span) -> String {
        self.file.text(&self.db)[span.range()].to_owned()
    }
}
