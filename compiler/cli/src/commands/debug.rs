//! `ambit debug STAGE [FILE]`: what a stage of the compiler makes of a file, or of the project.

mod project_stages;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use ambit_diagnostics::{ItemKey, Level, LineIndex, Resolved, registry, syntax_problem};
use clap::ValueEnum;
use serde_json::json;
use smol_str::SmolStr;

use crate::args::Global;
use crate::exit::Failure;
use crate::output::Outcome;
use crate::project;

/// Arguments of `debug`.
#[derive(Debug, clap::Args)]
pub struct Debug {
    /// The stage
    stage: Stage,
    /// The file; `typed` and `events` take one of the project's, or none for all of them
    file: Option<PathBuf>,
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
    /// Syntax trees with names and types resolved
    Typed,
    /// The rules of every principal, without sugar
    Core,
    /// The rules that meet for each principal and resource
    Predicates,
    /// How often each query of the compiler runs, at first and after a blank line on top of a file
    Events,
}

/// Prints the stage.
pub fn run(args: &Debug, global: &Global) -> Result<Outcome, Failure> {
    let stage = args
        .stage
        .to_possible_value()
        .map(|v| v.get_name().to_owned())
        .unwrap_or_default();
    let named = args
        .file
        .as_ref()
        .map(|f| f.display().to_string())
        .unwrap_or_default();
    let printed = match args.stage {
        Stage::Typed => Some(project_stages::typed(global, &named)?),
        Stage::Core => Some(project_stages::core(global)?),
        Stage::Predicates => Some(project_stages::predicates(global)?),
        Stage::Events => Some(project_stages::events(global, &named)?),
        Stage::Lex | Stage::Items | Stage::Syntax => None,
    };
    if let Some(printed) = printed {
        return Ok(Outcome::new(
            printed.clone(),
            json!({"stage": stage, "file": named, "text": printed}),
        ));
    }
    let Some(path) = &args.file else {
        return Err(Failure::usage(format!("`debug {stage}` needs a file")));
    };
    let name: SmolStr = path.display().to_string().into();
    let mut outcome = Outcome::default();
    let file = project::read(name.clone(), path.clone(), &mut outcome.problems)?;
    outcome.sources.insert(name.clone(), Arc::clone(&file.text));
    let printed = match args.stage {
        Stage::Lex => lex(&file.text),
        Stage::Items => items(&file.text),
        _ => syntax(&name, &file.text, &mut outcome.problems),
    };
    outcome.result = json!({"stage": stage, "file": name.as_str(), "text": printed});
    outcome.answer = printed;
    Ok(outcome)
}

/// One token a line: place, kind, text.
fn lex(text: &str) -> String {
    let mut out = String::new();
    for token in ambit_grammar::lex(text) {
        let shown = text
            .get(token.start as usize..token.end as usize)
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "{}..{} {:?} {shown:?}",
            token.start, token.end, token.kind
        );
    }
    out
}

/// One item a line: place, keyword, name, the number of its tokens.
fn items(text: &str) -> String {
    let lines = LineIndex::new(text);
    let mut out = String::new();
    for item in ambit_grammar::split(text) {
        let end = item.start + item.text.len() as u32;
        let keyword = if item.keyword.is_empty() {
            "(junk)"
        } else {
            &item.keyword
        };
        let line = lines.position(text, item.start).line;
        let _ = writeln!(
            out,
            "{}..{end} line {line} {keyword} {:?} {} tokens",
            item.start,
            item.name.as_str(),
            item.tokens().len()
        );
    }
    out
}

/// The tree of each item, with the problems of its syntax.
fn syntax(name: &SmolStr, text: &str, problems: &mut Vec<Resolved>) -> String {
    let mut out = String::new();
    for item in ambit_grammar::split(text) {
        let parsed = ambit_grammar::parse_item(&item);
        let _ = writeln!(
            out,
            "// {} {} at {}\n{}",
            item.keyword,
            item.name,
            item.start,
            tree(&parsed.item)
        );
        let key = ItemKey {
            file: name.clone(),
            keyword: item.keyword.clone(),
            name: item.name.clone(),
            nth: 0,
        };
        for error in &parsed.errors {
            let problem = syntax_problem(error, &key);
            let level = registry::find(problem.code).map_or(Level::Error, |c| c.level);
            problems.push(Resolved::new(&problem, level, &|_| Some(item.start)));
        }
    }
    out
}

/// A tree with each place on one line.
fn tree(value: &impl std::fmt::Debug) -> String {
    let printed = format!("{value:#?}");
    let mut out = String::with_capacity(printed.len());
    let mut lines = printed.lines();
    while let Some(line) = lines.next() {
        if let Some(head) = line.strip_suffix("Span {") {
            let mut number = || {
                lines
                    .next()
                    .and_then(|l| l.trim().split(' ').nth(1))
                    .unwrap_or_default()
            };
            let (start, end) = (
                number().trim_end_matches(','),
                number().trim_end_matches(','),
            );
            let _ = writeln!(out, "{head}{start}..{end},");
            lines.next();
        } else {
            let _ = writeln!(out, "{line}");
        }
    }
    out
}
