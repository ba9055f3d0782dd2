//! The one place that writes: streams, formats, the JSON envelope and the exit code.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Component, Path};
use std::sync::Arc;

use ambit_diagnostics::render::{self, Human};
use ambit_diagnostics::{Level, Resolved, Sources, clean_lines};
use serde_json::{Value, json};
use smol_str::SmolStr;

use crate::args::Format;
use crate::exit::{Exit, Failure};

/// What a command has to say.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The exit code, when it is more than the problems say.
    pub exit: Option<Exit>,
    /// The problems found; sorted when printed.
    pub problems: Vec<Resolved>,
    /// The texts of the files that problems speak of.
    pub sources: BTreeMap<SmolStr, Arc<str>>,
    /// `R` of the contract.
    pub result: Value,
    /// The answer for people: stdout.
    pub answer: String,
    /// An answer in another form (`JUnit`, …), already complete: stdout, whatever the format.
    pub document: Option<String>,
    /// The rest for people: stderr.
    pub notes: Vec<String>,
}

impl Outcome {
    /// An answer for people and its JSON.
    pub fn new(answer: impl Into<String>, result: Value) -> Self {
        Self {
            answer: answer.into(),
            result,
            ..Self::default()
        }
    }

    /// A command that could not do its work.
    pub fn failed(failure: &Failure) -> Self {
        let mut notes = vec![format!("error: {}", failure.message)];
        notes.extend(failure.help.iter().map(|h| format!("help: {h}")));
        Self {
            exit: Some(failure.exit),
            result: json!({"error": failure.message}),
            problems: failure.problems.clone(),
            sources: failure.sources.clone(),
            notes,
            ..Self::default()
        }
    }

    /// The exit code: the highest of the command's own and what the problems say.
    pub fn code(&self) -> Exit {
        let failing = self.problems.iter().any(|p| p.level == Level::Error);
        let problems = if failing { Exit::Input } else { Exit::Done };
        self.exit.map_or(problems, |e| e.max(problems))
    }
}

/// Writes outcomes.
#[derive(Debug)]
pub struct Printer {
    format: Format,
    color: bool,
    /// The way from here to the project, where `-C` says it: GitHub looks files up from the repository's root.
    prefix: String,
}

impl Printer {
    /// A printer to this process's streams.
    pub fn new(format: Format, color: bool, project: Option<&Path>) -> Self {
        let parts = project
            .filter(|p| p.is_relative())
            .into_iter()
            .flat_map(Path::components);
        let mut prefix = String::new();
        for part in parts.filter(|p| *p != Component::CurDir) {
            prefix.push_str(&part.as_os_str().to_string_lossy());
            prefix.push('/');
        }
        Self {
            format,
            color,
            prefix,
        }
    }

    /// Writes an outcome and gives the exit code.
    pub fn print(&mut self, command: &str, outcome: &Outcome) -> u8 {
        let exit = outcome.code();
        let mut problems = outcome.problems.clone();
        problems.sort_by(|a, b| (&a.at, a.code, &a.message).cmp(&(&b.at, b.code, &b.message)));
        let fetch = |file: &str| outcome.sources.get(file).cloned();
        let sources = Sources::new(&fetch);
        let mut rest = String::new();
        let answer = match (&outcome.document, self.format) {
            (Some(document), _) => document.clone(),
            (None, Format::Json) => {
                let diagnostics = render::json(&problems, &sources);
                envelope(command, exit, &diagnostics, &outcome.result)
            }
            (None, Format::Sarif) => line(&render::sarif(&problems, &sources)),
            (None, Format::Github) => render::github(&problems, &sources, &self.prefix),
            (None, Format::Human | Format::Junit) => {
                let options = Human {
                    color: self.color,
                    ..Human::default()
                };
                rest = render::human(&problems, &sources, options);
                outcome.answer.clone()
            }
        };
        for note in &outcome.notes {
            rest.push_str(&clean_lines(note));
            rest.push('\n');
        }
        // Without stderr nobody can be told; the exit code still speaks.
        let _ = std::io::stderr().lock().write_all(rest.as_bytes());
        write_answer(&answer, exit)
    }
}

/// Writes to stdout; a reader that has gone away (`| head`) is no failure.
fn write_answer(answer: &str, exit: Exit) -> u8 {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(answer.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let _ = writeln!(std::io::stderr(), "error: cannot write the answer: {error}");
            exit.max(Exit::Outside) as u8
        }
        _ => exit as u8,
    }
}

/// The document of `--format json`: one line.
fn envelope(command: &str, exit: Exit, diagnostics: &[Value], result: &Value) -> String {
    line(&json!({
        "ambit": 1,
        "command": command,
        "exit": exit as u8,
        "diagnostics": diagnostics,
        "result": result,
    }))
}

/// Says what clap says: help and version are answers, everything else is wrong usage.
pub fn clap_error(error: &clap::Error, as_json: bool) -> u8 {
    if !error.use_stderr() {
        return write_answer(&error.render().to_string(), Exit::Done);
    }
    let text = error.render().to_string();
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
    let answer = if as_json {
        let first = text
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("error: ");
        envelope("", Exit::Usage, &[], &json!({"error": first}))
    } else {
        String::new()
    };
    write_answer(&answer, Exit::Usage)
}

/// JSON text on one line, with sorted keys, whatever order the maps keep.
pub fn line(value: &Value) -> String {
    let mut out = String::new();
    write_sorted(value, &mut out);
    out.push('\n');
    out
}

fn write_sorted(value: &Value, out: &mut String) {
    match value {
        Value::Array(values) => {
            out.push('[');
            for (i, value) in values.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_sorted(value, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            for (i, (key, value)) in sorted.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write_sorted(value, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted() {
        assert_eq!(
            line(&json!({"b": [{"z": 1, "a": "\n"}], "a": null})),
            "{\"a\":null,\"b\":[{\"a\":\"\\n\",\"z\":1}]}\n"
        );
    }

    #[test]
    fn the_highest_exit_wins() {
        let outcome = Outcome {
            exit: Some(Exit::Refused),
            ..Outcome::default()
        };
        assert_eq!(outcome.code(), Exit::Refused);
        assert_eq!(Outcome::default().code(), Exit::Done);
        assert_eq!(
            Outcome::failed(&Failure::outside("x")).code(),
            Exit::Outside
        );
    }
}
