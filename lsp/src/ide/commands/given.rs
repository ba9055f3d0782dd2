//! Rows to try a policy on: those of a test, of a folder of CSV files, or of a `SQLite` file.

use std::path::Path;

use ambit_cli::commands::inputs;
use ambit_core::{Program, TableId};
use ambit_eval::Data;
use jiff::civil::Date;
use serde_json::{Value as Json, json};

use super::{Args, Ask, Refused};

/// Where rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The `given` of a test, by its name.
    Given(String),
    /// A folder with a CSV file for each table, relative to the project.
    Csv(String),
    /// A `SQLite` file, relative to the project.
    Sqlite(String),
}

/// Rows, and the day on which they are looked at, where they say one.
pub struct Loaded {
    /// The rows of all tables.
    pub data: Data,
    /// The test's day.
    pub today: Option<Date>,
}

/// The folder that goes before all others.
const FIRST: &str = "data";
/// So deep is looked for folders and files with rows.
const DEEPEST: usize = 4;

impl Source {
    /// DATA of an argument.
    pub fn read(args: Args<'_>) -> Result<Option<Self>, Refused> {
        let Some(members) = args.object("data")? else {
            return Ok(None);
        };
        let one = Args::new(members);
        let found = [
            one.text("given")?.map(|name| Self::Given(name.to_owned())),
            one.text("csv")?.map(|name| Self::Csv(name.to_owned())),
            one.text("sqlite")?
                .map(|name| Self::Sqlite(name.to_owned())),
        ];
        let mut found = found.into_iter().flatten();
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(Some(one)),
            _ => Err(Refused(
                "`data` names one of `given`, `csv` and `sqlite`".to_owned(),
            )),
        }
    }

    /// DATA of it.
    pub fn json(&self) -> Json {
        match self {
            Self::Given(name) => json!({ "given": name }),
            Self::Csv(folder) => json!({ "csv": folder }),
            Self::Sqlite(file) => json!({ "sqlite": file }),
        }
    }

    /// What people call it.
    pub fn label(&self) -> String {
        match self {
            Self::Given(name) => format!("test \"{name}\""),
            Self::Csv(folder) => format!("{folder}/*.csv"),
            Self::Sqlite(file) => file.clone(),
        }
    }

    /// Reads the rows.
    pub fn load(&self, ask: &Ask<'_>, program: &Program) -> Result<Loaded, Refused> {
        let tables = match self {
            Self::Given(name) => return given(program, name),
            Self::Csv(folder) => inputs::load_folder(program, &below(ask, folder)?)?,
            Self::Sqlite(file) => inputs::load_database(program, &below(ask, file)?)?,
        };
        Ok(Loaded {
            data: inputs::data(program, tables)?,
            today: None,
        })
    }
}

fn given(program: &Program, name: &str) -> Result<Loaded, Refused> {
    let test = program.tests.iter().find(|t| t.name == name);
    let test = test.ok_or_else(|| {
        let known = program.tests.iter().map(|t| t.name.as_str());
        Refused(ambit_cli::commands::json::unknown("test", name, known))
    })?;
    let data = ambit_eval::given_rows(program, test).map_err(|e| Refused(e.to_string()))?;
    let today = test.today;
    Ok(Loaded { data, today })
}

fn below(ask: &Ask<'_>, name: &str) -> Result<std::path::PathBuf, Refused> {
    let root = ask.root.ok_or_else(|| {
        Refused(format!(
            "`{name}` is relative to a project, and this file belongs to none"
        ))
    })?;
    Ok(root.join(name))
}

/// Everything that has rows of a table: the folder `data`, then tests, then other folders and `SQLite` files.
pub fn sources(ask: &Ask<'_>, program: &Program, table: TableId) -> Vec<Source> {
    let mut found = Vec::new();
    let file = format!("{}.csv", program.table(table).name);
    let mut files = Files::default();
    if let Some(root) = ask.root {
        let out = ask.project.config(ask.db).out.clone();
        let out = root.join(out.as_deref().unwrap_or("out"));
        files.walk(root, "", &file, &out, 0);
    }
    files.folders.sort();
    files.databases.sort();
    let first = files.folders.iter().position(|f| f == FIRST);
    found.extend(first.map(|at| Source::Csv(files.folders.remove(at))));
    let tests = program.tests.iter().filter(|test| {
        let mut given = test.given.iter();
        given.any(|(of, rows)| *of == table && !rows.is_empty())
    });
    found.extend(tests.map(|test| Source::Given(test.name.to_string())));
    found.extend(files.folders.into_iter().map(Source::Csv));
    found.extend(files.databases.into_iter().map(Source::Sqlite));
    found
}

/// What is found below the project's folder.
#[derive(Default)]
struct Files {
    folders: Vec<String>,
    databases: Vec<String>,
}

impl Files {
    /// `at` is the name of the folder in the project; none of the project's own.
    fn walk(&mut self, folder: &Path, at: &str, file: &str, out: &Path, depth: usize) {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        for entry in entries {
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let path = entry.path();
            let own = if at.is_empty() {
                name.clone()
            } else {
                format!("{at}/{name}")
            };
            if kind.is_dir() {
                let skipped = name.starts_with('.')
                    || ["target", "node_modules"].contains(&&*name)
                    || path == out
                    || path.join(ambit_cli::project::SETTINGS).is_file();
                if !skipped && depth < DEEPEST {
                    self.walk(&path, &own, file, out, depth + 1);
                }
            } else if name == file {
                self.folders
                    .push(if at.is_empty() { "." } else { at }.to_owned());
            } else if is_database(&path) {
                self.databases.push(own);
            }
        }
    }
}

fn is_database(path: &Path) -> bool {
    let endings = ["db", "sqlite", "sqlite3"];
    path.extension()
        .is_some_and(|e| endings.iter().any(|known| e.eq_ignore_ascii_case(known)))
}
