//! `ambit debug STAGE FILE`: what a stage of the compiler makes of a file.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use ambit_diagnostics::{ItemKey, Level, LineIndex, Resolved, registry, syntax_problem};
use clap::ValueEnum;
use serde_json::json;
use smol_str::SmolStr;

use crate::exit::Failure;
use crate::output::Outcome;
use crate::project;

/// Arguments of `debug`.
#[derive(Debug, clap::Args)]
pub struct Debug {
    /// The stage
    stage: Stage,
    /// The file
    file: PathBuf,
}

/// The stages that can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// Text to tokens
    Lex,
    /// Tokens to items
    Items,
    /// Items to syntax trees
    Syntax,
}

/// Prints the stage.
pub fn run(args: &Debug) -> Result<Outcome, Failure> {
    let name: SmolStr = args.file.display().to_string().into();
    let mut outcome = Outcome::default();
    let file = project::read(name.clone(), args.file.clone(), &mut outcome.problems)?;
    outcome.sources.insert(name.clone(), Arc::clone(&file.text));
    let (stage, printed) = match args.stage {
        Stage::Lex => ("lex", lex(&file.text)),
        Stage::Items => ("items", items(&file.text)),
        Stage::Syntax => ("syntax", syntax(&name, &file.text, &mut outcome.problems)),
    };
    outcome.result = json!({"stage": stage, "file": name.as_str(), "text": printed});
    outcome.answer = printed;
    Ok(outcome)
}

/// One token a line: place, kind, text.
fn lex(text: &str) -> String {
    let mut out = String::new();
    for token in ambit_grammar::lex(text) {
        let shown = text.get(token.start as usize..token.end as usize).unwrap_or_default();
        let _ = writeln!(out, "{}..{} {:?} {shown:?}", token.start, token.end, token.kind);
    }
    out
}

/// One item a line: place, keyword, name, the number of its tokens.
fn items(text: &str) -> String {
    let lines = LineIndex::new(text);
    let mut out = String::new();
    for item in ambit_grammar::split(text) {
        let end = item.start + item.text.len() as u32;
        let keyword = if item.keyword.is_empty() { "(junk)" } else { &item.keyword };
        let line = lines.position(text, item.start).line;
        let _ = writeln!(
            out,
            "{}..{end} line {line} {keyword} {:?} {} tokens",
            item.start,
            item.name.as_str(),
            item.tokens.len()
        );
    }
    out
}

/// The tree of each item, with the problems of its syntax.
fn syntax(name: &SmolStr, text: &str, problems: &mut Vec<Resolved>) -> String {
    let mut out = String::new();
    for item in ambit_grammar::split(text) {
        let parsed = ambit_grammar::parse_item(&item);
        let _ = writeln!(out, "// {} {} at {}\n{}", item.keyword, item.name, item.start, tree(&parsed.item));
        let key = ItemKey { file: name.clone(), keyword: item.keyword.clone(), name: item.name.clone(), nth: 0 };
        for error in &parsed.errors {
            let problem = syntax_problem(error, &key);
            let level = registry::find(problem.code).map_or(Level::Error, |c| c.level);
            problems.push(Resolved::new(&problem, level, &|_| Some(item.start)));
        }
    }
    out
}

/// A tree with each place on one line.
fn tree(item: &ambit_grammar::ast::Item) -> String {
    let printed = format!("{item:#?}");
    let mut out = String::with_capacity(printed.len());
    let mut lines = printed.lines();
    while let Some(line) = lines.next() {
        if let Some(head) = line.strip_suffix("Span {") {
            let mut number = || lines.next().and_then(|l| l.trim().split(' ').nth(1)).unwrap_or_default();
            let (start, end) = (number().trim_end_matches(','), number().trim_end_matches(','));
            let _ = writeln!(out, "{head}{start}..{end},");
            lines.next();
        } else {
            let _ = writeln!(out, "{line}");
        }
    }
    out
}
