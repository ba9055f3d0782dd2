//! Deleting any single token of any example: nothing panics, the syntax problems of all other items stay as they are, and
//! other items gain no problem except about names that the damaged item declared.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit_compiler::{Config, Database, SourceFile, check, file_items};
use ambit_grammar::ast::{Item, ItemKind, Type};
use ambit_grammar::{RawItem, SyntaxError, lex, parse_item, split};
use smol_str::SmolStr;

use crate::support;

const PROJECTS: &[&str] = &[
    "sales",
    "markets",
    "limits",
    "stores",
    "dashboards",
    "broken",
];

/// A problem of an item: code, message, all else that it says, and its place relative to the item.
type Known = (&'static str, String, String, u32, u32);

/// The items of one file, and what is wrong with each.
struct View {
    items: Vec<(Arc<str>, Vec<SyntaxError>)>,
    problems: Vec<Vec<Known>>,
}

struct Bench {
    db: Database,
    project: ambit_compiler::Project,
    files: Vec<(SourceFile, SmolStr, String)>,
}

impl Bench {
    fn new(project: &str) -> Self {
        let folder = format!("examples/{project}");
        let texts = support::files(&folder, ".ambit");
        let mut db = Database::default();
        let files = texts
            .iter()
            .map(|(n, t)| (SmolStr::new(n), Arc::from(t.as_str())))
            .collect();
        let project = db.project(
            files,
            Config::read(&support::read(&format!("{folder}/ambit.toml"))),
        );
        let sources = project.files(&db).to_vec();
        let files = sources
            .into_iter()
            .zip(texts)
            .map(|(source, (name, text))| (source, name.into(), text))
            .collect();
        Self { db, project, files }
    }

    /// All files as they are now, by name.
    fn view(&self) -> BTreeMap<SmolStr, View> {
        let mut views = BTreeMap::new();
        let mut starts: BTreeMap<SmolStr, Vec<u32>> = BTreeMap::new();
        for (source, name, _) in &self.files {
            let items = file_items(&self.db, *source);
            starts.insert(
                name.clone(),
                items.iter().map(|i| i.start(&self.db)).collect(),
            );
            let items: Vec<_> = items
                .iter()
                .map(|i| {
                    (
                        i.raw(&self.db).text.clone(),
                        ambit_compiler::item_syntax(&self.db, *i).errors.clone(),
                    )
                })
                .collect();
            let problems = vec![Vec::new(); items.len()];
            views.insert(name.clone(), View { items, problems });
        }
        for problem in check(&self.db, self.project).problems {
            let starts = &starts[&problem.at.file];
            let at = starts
                .partition_point(|s| *s <= problem.at.start)
                .saturating_sub(1);
            let base = starts.get(at).copied().unwrap_or(0);
            let related: Vec<_> = problem
                .related
                .iter()
                .map(|(message, _)| message.as_str())
                .collect();
            let more = [
                problem.label.as_str(),
                &problem.help.join(" "),
                &problem.notes.join(" "),
                &related.join(" "),
            ]
            .join(" ");
            let known = (
                problem.code,
                problem.message.clone(),
                more,
                problem.at.start - base,
                problem.at.end - base,
            );
            if let Some(list) = views
                .get_mut(&problem.at.file)
                .and_then(|v| v.problems.get_mut(at))
            {
                list.push(known);
            }
        }
        views
    }
}

/// The names that an item declares: its own and those of its members.
fn declared(item: &Item) -> Vec<SmolStr> {
    let mut names = Vec::new();
    match &item.kind {
        ItemKind::Source(x) => names.push(x.name.text.clone()),
        ItemKind::Enum(x) => {
            names.push(x.name.text.clone());
            names.extend(x.members.iter().map(|m| m.value.clone()));
        }
        ItemKind::Table(x) => {
            names.push(x.name.text.clone());
            for column in &x.columns {
                names.push(column.name.text.clone());
                if let Type::Scope(levels, _) = &column.ty {
                    names.extend(levels.iter().map(|l| l.text.clone()));
                }
            }
        }
        ItemKind::Hierarchy(x) => names.push(x.name.text.clone()),
        ItemKind::Kind(x) => {
            names.push(x.name.text.clone());
            names.extend(x.actions.iter().map(|a| a.name.text.clone()));
        }
        ItemKind::Object(x) => names.push(x.name.text.clone()),
        ItemKind::Attribute(x) => names.push(x.name.text.clone()),
        ItemKind::Filter(x) => names.push(x.name.text.clone()),
        ItemKind::Role(x) | ItemKind::Group(x) => {
            names.push(x.name.text.clone());
            names.extend(x.params.iter().map(|p| p.name.text.clone()));
        }
        ItemKind::User(x) => names.push(x.name.text.clone()),
        _ => {}
    }
    names
}

/// Is the problem about one of these names?
fn is_about(problem: &Known, item: &str, names: &[SmolStr]) -> bool {
    let there = item
        .get(problem.3 as usize..problem.4 as usize)
        .unwrap_or_default();
    let said = [problem.1.as_str(), &problem.2, there].join(" ");
    let words: Vec<&str> = said
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect();
    names.iter().any(|n| {
        words.contains(&n.as_str())
            || said.contains(&format!("`{n}`"))
            || said.contains(&format!("\"{n}\""))
    })
}

#[test]
fn deleting_any_token_harms_its_item_alone() {
    let mut failures = Vec::new();
    let mut deleted = 0;
    for name in PROJECTS {
        let mut bench = Bench::new(name);
        let before = bench.view();
        for index in 0..bench.files.len() {
            let (source, file, text) = bench.files[index].clone();
            for (d, raw) in split(&text).iter().enumerate() {
                let names = declared(&parse_item(raw).item);
                for token in lex(&raw.text).iter().filter(|t| !t.kind.is_trivia()) {
                    let (start, end) = (
                        (raw.start + token.start) as usize,
                        (raw.start + token.end) as usize,
                    );
                    let mut mutant = text.clone();
                    mutant.replace_range(start..end, "");
                    bench.db.set_text(source, mutant.into());
                    let after =
                        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| bench.view()));
                    deleted += 1;
                    // What is left may be called otherwise, and then be in the way of another.
                    let mut names = names.clone();
                    if let Some(left) = split(&source.text(&bench.db)).get(d) {
                        names.extend(declared(&parse_item(left).item));
                    }
                    let what = match &after {
                        Ok(after) => compare(&before, after, &file, d, raw, &names),
                        Err(_) => Some("panic".to_owned()),
                    };
                    if let Some(what) = what {
                        let line = text[..start].matches('\n').count() + 1;
                        failures.push(format!(
                            "{name}/{file}:{line}: without `{}`: {what}",
                            &text[start..end]
                        ));
                    }
                }
            }
            bench.db.set_text(source, text.into());
        }
        assert_eq!(before.len(), bench.view().len());
    }
    assert!(deleted > 5_000, "only {deleted} tokens were deleted");
    let count = failures.len();
    failures.truncate(40);
    assert!(
        failures.is_empty(),
        "{count} of {deleted} deletions:\n{}",
        failures.join("\n")
    );
}

/// What is wrong after the deletion, if anything.
fn compare(
    before: &BTreeMap<SmolStr, View>,
    after: &BTreeMap<SmolStr, View>,
    file: &SmolStr,
    damaged: usize,
    raw: &RawItem,
    names: &[SmolStr],
) -> Option<String> {
    for (name, old) in before {
        let new = &after[name];
        for (i, (text, errors)) in old.items.iter().enumerate() {
            // Items above the damaged one count from the first, those below it from the last.
            let j = if name != file || i < damaged {
                i
            } else {
                (new.items.len() + i).wrapping_sub(old.items.len())
            };
            if name == file && i == damaged {
                continue;
            }
            let Some((new_text, new_errors)) = new.items.get(j) else {
                return Some(format!("item {i} of {name} is gone"));
            };
            // Without its keyword an item may read as the rest of the one above it, which then must stay without a
            // mistake; no other item changes.
            let above = name == file && i + 1 == damaged && new_text.starts_with(&**text);
            if new_text != text && !above {
                return Some(format!(
                    "item {i} of {name} is another: {:?}",
                    new_text.lines().next()
                ));
            }
            if new_errors != errors {
                return Some(format!("syntax errors of item {i} of {name} changed"));
            }
            let mut gained = new.problems[j].clone();
            for problem in &old.problems[i] {
                // Suggestions may change with what is declared elsewhere.
                let same = |p: &Known| {
                    (p.0, &p.1, p.3, p.4) == (problem.0, &problem.1, problem.3, problem.4)
                };
                if let Some(at) = gained.iter().position(same) {
                    gained.remove(at);
                }
            }
            if let Some(problem) = gained.iter().find(|p| !is_about(p, text, names)) {
                return Some(format!(
                    "{name} gains {problem:?}; `{}` declares {names:?}",
                    raw.keyword
                ));
            }
        }
    }
    None
}
