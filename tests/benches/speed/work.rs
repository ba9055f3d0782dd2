//! What is measured.

use std::hint::black_box;
use std::sync::Arc;

use ambit_compiler::{Config, Database, Project, check, check_in_parallel, program};
use ambit_core::{Decimal, Row, Value};
use ambit_eval::{Data, Judge, Prepared, User};
use ambit_tests::project::{SETTINGS, Shape, generate, size};
use ambit_tests::rng::Rng;
use smol_str::SmolStr;

/// Does the work once; says how many units it was.
type Run = Box<dyn FnMut() -> u64>;

/// Something to measure.
pub struct Work {
    pub name: &'static str,
    /// Is its throughput told in bytes of source?
    pub bytes: bool,
    make: fn(&[(String, String)], usize) -> Run,
}

/// Work on one project, ready to run again and again.
pub struct Ready {
    run: Run,
    /// Bytes, or whatever one run returns.
    pub units: u64,
}

impl Ready {
    pub fn run(&mut self) -> u64 {
        (self.run)()
    }
}

impl Work {
    pub fn prepare(&self, grants: usize) -> Ready {
        let files = generate(Shape::of_grants(grants));
        let mut run = (self.make)(&files, grants);
        let units = if self.bytes {
            size(&files) as u64
        } else {
            run()
        };
        Ready { run, units }
    }
}

pub const WORKS: &[Work] = &[
    Work {
        name: "lex",
        bytes: true,
        make: lex,
    },
    Work {
        name: "lex_parse",
        bytes: true,
        make: lex_parse,
    },
    Work {
        name: "check_cold",
        bytes: true,
        make: check_cold,
    },
    Work {
        name: "check_warm",
        bytes: true,
        make: check_warm,
    },
    Work {
        name: "format",
        bytes: true,
        make: format,
    },
    Work {
        name: "lower",
        bytes: true,
        make: lower,
    },
    Work {
        name: "evaluate",
        bytes: false,
        make: evaluate,
    },
];

fn texts(files: &[(String, String)]) -> Vec<(SmolStr, Arc<str>)> {
    files
        .iter()
        .map(|(name, text)| (name.into(), Arc::from(text.as_str())))
        .collect()
}

fn open(texts: Vec<(SmolStr, Arc<str>)>) -> (Database, Project) {
    let mut db = Database::default();
    let project = db.project(texts, Config::read(SETTINGS));
    (db, project)
}

fn lex(files: &[(String, String)], _: usize) -> Run {
    let texts = texts(files);
    Box::new(move || {
        texts
            .iter()
            .map(|(_, text)| black_box(ambit_grammar::lex(text)).len() as u64)
            .sum()
    })
}

fn lex_parse(files: &[(String, String)], _: usize) -> Run {
    let texts = texts(files);
    Box::new(move || {
        let mut items = 0;
        for (_, text) in &texts {
            for raw in ambit_grammar::split(text) {
                assert!(black_box(ambit_grammar::parse_item(&raw)).errors.is_empty());
                items += 1;
            }
        }
        items
    })
}

/// `ambit check --stage types` on texts that are in memory, on all cores.
fn check_cold(files: &[(String, String)], _: usize) -> Run {
    let texts = texts(files);
    Box::new(move || {
        let (db, project) = open(texts.clone());
        let report = check_in_parallel(&db, project);
        assert!(report.problems.is_empty());
        report.items as u64
    })
}

/// One rule of one file changes, in a project that was checked before.
fn check_warm(files: &[(String, String)], _: usize) -> Run {
    let (mut db, project) = open(texts(files));
    check_in_parallel(&db, project);
    let file = *project
        .files(&db)
        .iter()
        .find(|f| f.path(&db).starts_with("policy/"))
        .unwrap();
    let before = file.text(&db);
    let at = before.find("    grant ").unwrap();
    let end = at + before[at..].find('\n').unwrap();
    let after: Arc<str> = Arc::from(format!("{}{}", &before[..at], &before[end..]));
    let mut edited = false;
    Box::new(move || {
        edited = !edited;
        db.set_text(
            file,
            if edited {
                after.clone()
            } else {
                before.clone()
            },
        );
        check(&db, project).items as u64
    })
}

fn format(files: &[(String, String)], _: usize) -> Run {
    let texts = texts(files);
    Box::new(move || {
        texts
            .iter()
            .map(|(_, text)| black_box(ambit_grammar::format(text)).text.len() as u64)
            .sum()
    })
}

/// From a checked project to Core.
fn lower(files: &[(String, String)], _: usize) -> Run {
    let (mut db, project) = open(texts(files));
    check_in_parallel(&db, project);
    let file = project.files(&db)[0];
    let before = file.text(&db);
    let after: Arc<str> = Arc::from(format!("\n{before}"));
    let mut edited = false;
    Box::new(move || {
        // A blank line moves places, so that Core is made again and nothing else.
        edited = !edited;
        db.set_text(
            file,
            if edited {
                after.clone()
            } else {
                before.clone()
            },
        );
        program(&db, project).unwrap().rules.len() as u64
    })
}

/// A typical user of a typical table: a few grants, a deny, a restriction.
const TYPICAL: &str = r#"
role typical {
    grant read on sales_orders where owner = user.full_name
    grant read on sales_orders where country in user.countries and amount < 5000.00
    grant read on sales_orders where status in ["open", "approved"] and created_on in last 36 months to today
    deny read on sales_orders where confidential and quantity between 10 and 50
    restrict sales_orders by country to country not in ["CHINA", "INDIA", "JAPAN"]
}
user typical_user : typical { full_name = "Person 7"  countries = ["FRANCE", "USA"] }
"#;

/// Decisions on as many rows as there are grants; returns how many rows it decided.
fn evaluate(files: &[(String, String)], grants: usize) -> Run {
    let mut texts = texts(files);
    texts.push(("typical.ambit".into(), Arc::from(TYPICAL)));
    let (db, project) = open(texts);
    // The life of the bench: the judge borrows what it decides with.
    let program: &'static _ = Box::leak(Box::new(program(&db, project).unwrap()));
    let data: &'static Data = Box::leak(Box::new(Data::new(program)));
    let table = program.find_table("sales_orders").unwrap();
    let user: &'static User = Box::leak(Box::new(User::of(
        program,
        program.find_principal("typical_user").unwrap(),
    )));
    let query: &'static [_] = Box::leak(Box::new([table]));
    let today = jiff::civil::date(2024, 1, 15);
    let prepared = Prepared::new(
        Judge::new(program, data, user, query, today, None),
        table,
        "read",
    );
    let mut rng = Rng::new(9);
    let columns = &program.table(table).columns;
    let rows: Vec<Row> = (0..grants)
        .map(|i| {
            columns
                .iter()
                .enumerate()
                .map(|(c, column)| cell(&mut rng, program, &column.ty, i, c))
                .collect()
        })
        .collect();
    let seen = prepared.allowed(&rows).count();
    assert!(
        seen * 20 > rows.len() && seen * 20 < rows.len() * 19,
        "{seen} of {} rows prove nothing",
        rows.len()
    );
    Box::new(move || {
        black_box(prepared.allowed(&rows).count());
        rows.len() as u64
    })
}

fn cell(
    rng: &mut Rng,
    program: &ambit_core::Program,
    ty: &ambit_core::Type,
    row: usize,
    column: usize,
) -> Value {
    use ambit_core::Type;
    match ty {
        Type::Int if column == 0 => Value::Int(row as i64),
        Type::Int => Value::Int(rng.between(0, 999)),
        Type::Bool => Value::Bool(rng.chance(50)),
        Type::Decimal => Value::Decimal(Decimal::scaled(rng.between(0, 999_999), 2)),
        Type::Enum(id) => Value::Text(rng.pick(&program.enumeration(*id).members).clone()),
        Type::Date => Value::Date(jiff::civil::date(
            rng.between(2018, 2024) as i16,
            rng.between(1, 12) as i8,
            15,
        )),
        Type::Timestamp => {
            Value::Timestamp(ambit_core::Instant::from_second(rng.between(0, 1 << 30)).unwrap())
        }
        _ => Value::text(&format!("Person {}", rng.between(0, 99))),
    }
}
