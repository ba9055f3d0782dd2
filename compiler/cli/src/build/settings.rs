//! `[targets.<name>]` and `--target`: which targets a build has, and with which options.

use std::collections::{BTreeMap, BTreeSet};

use ambit_compiler::{Config, SETTINGS_FILE, SettingValue, TargetSetting, TargetSettings};
use ambit_diagnostics::{Level, Place, Problem, Resolved, nearest};
use ambit_grammar::Span;
use ambit_targets::target::{TARGETS, Takes, Target, TargetOption, find};
use smol_str::SmolStr;

use crate::exit::Failure;

/// The targets of a build that names none, besides those of `ambit.toml`.
const DEFAULT: &[&str] = &["json", "sql"];

/// The targets of a build in the order of their names: those asked for, else the default ones and each that
/// `ambit.toml` has a table for.
pub fn chosen(config: &Config, asked: &[String]) -> Result<Vec<&'static dyn Target>, Failure> {
    let names: BTreeSet<&str> = if asked.is_empty() {
        // A table for no target has its own problem.
        let own = config.targets.keys().map(String::as_str);
        let own = own.filter(|name| find(name).is_some());
        DEFAULT.iter().copied().chain(own).collect()
    } else {
        asked.iter().map(String::as_str).collect()
    };
    names
        .into_iter()
        .map(|name| {
            find(name).ok_or_else(|| {
                Failure::usage(format!("unknown target `{name}`")).help(instead(name))
            })
        })
        .collect()
}

/// What to write instead of the name of no target.
fn instead(name: &str) -> String {
    let known = TARGETS.iter().map(|t| t.name());
    match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "this version has the targets {}",
            known.collect::<Vec<_>>().join(", ")
        ),
    }
}

/// What is wrong with the tables of targets in `ambit.toml`.
pub fn problems(config: &Config) -> Vec<Resolved> {
    let mut problems = Vec::new();
    for (name, settings) in &config.targets {
        match find(name) {
            Some(target) => of_target(target, settings, &mut problems),
            None => problems.push(problem(
                format!("unknown target `{name}` in `{SETTINGS_FILE}`"),
                settings.at,
                "not a target",
                instead(name),
            )),
        }
    }
    problems
        .iter()
        .map(|p| Resolved::new(p, Level::Error, &|_| None))
        .collect()
}

fn of_target(target: &dyn Target, settings: &TargetSettings, problems: &mut Vec<Problem>) {
    let known = target.options();
    for (name, setting) in &settings.options {
        match known.iter().find(|o| o.name == name) {
            Some(option) => of_option(target.name(), option, setting, problems),
            None => problems.push(problem(
                format!("the target `{}` has no option `{name}`", target.name()),
                setting.key_at,
                "not an option",
                match nearest(name, known.iter().map(|o| o.name)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if known.is_empty() => "it has no options; remove it".to_owned(),
                    None => format!("it has {}", list(known.iter().map(|o| o.name))),
                },
            )),
        }
    }
}

/// Checks a value against what the option takes.
fn of_option(
    target: &str,
    option: &TargetOption,
    setting: &TargetSetting,
    problems: &mut Vec<Problem>,
) {
    let place = format!("`{}` of the target `{target}`", option.name);
    let (words, given) = match (option.takes, &setting.value) {
        (Takes::Text, SettingValue::Text(_)) => return,
        (Takes::Word(words), SettingValue::Text(given)) => (words, std::slice::from_ref(given)),
        (Takes::Words(words), SettingValue::Texts(given)) if !given.is_empty() => {
            (words, given.as_slice())
        }
        (takes, _) => {
            let (what, help) = match takes {
                Takes::Text => ("a string", "put it in double quotes".to_owned()),
                Takes::Word(words) => ("a string", format!("write one of {}", quoted(words))),
                Takes::Words(words) => (
                    "a list of strings",
                    format!("write a list of some of {}", quoted(words)),
                ),
            };
            problems.push(problem(
                format!("{place} must be {what}"),
                setting.at,
                "not that",
                help,
            ));
            return;
        }
    };
    for (position, word) in given.iter().enumerate() {
        let (message, help) = if !words.contains(&word.as_str()) {
            let help = match nearest(word, words.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of {}", quoted(words)),
            };
            (format!("{place} cannot be `{word}`"), help)
        } else if given.iter().take(position).any(|other| other == word) {
            (
                format!("{place} names `{word}` twice"),
                "name it once".to_owned(),
            )
        } else {
            continue;
        };
        problems.push(problem(message, setting.at, "here", help));
    }
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
    words.join(", ")
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

fn problem(message: String, at: Span, label: &str, help: String) -> Problem {
    Problem::new("E0510", message, Place::File(SETTINGS_FILE.into(), at))
        .label(label)
        .help(help)
}

/// The options of a target as it takes them. What does not fit has its problem and is left out.
pub fn options(config: &Config, target: &dyn Target) -> BTreeMap<SmolStr, Vec<SmolStr>> {
    let set = config.targets.get(target.name()).map(|t| &t.options);
    set.into_iter()
        .flatten()
        .map(|(name, setting)| {
            let words = match &setting.value {
                SettingValue::Text(text) => vec![SmolStr::new(text)],
                SettingValue::Texts(texts) => texts.iter().map(SmolStr::new).collect(),
                SettingValue::Other => Vec::new(),
            };
            (SmolStr::new(name), words)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_those_asked_for_or_the_default_ones_and_the_written_ones() {
        let names = |text: &str, asked: &[&str]| {
            let asked: Vec<String> = asked.iter().map(|s| (*s).to_owned()).collect();
            chosen(&Config::read(text), &asked)
                .map(|t| t.iter().map(|t| t.name()).collect::<Vec<_>>())
                .map_err(|f| f.help)
        };
        assert_eq!(names("", &[]), Ok(vec!["json", "sql"]));
        assert_eq!(
            names("[targets.ucast]\n", &[]),
            Ok(vec!["json", "sql", "ucast"])
        );
        assert_eq!(names("[targets.ucast]\n", &["sql", "sql"]), Ok(vec!["sql"]));
        assert_eq!(
            names("", &["jsno"]),
            Err(vec!["did you mean `json`?".to_owned()])
        );
    }

    #[test]
    fn what_no_target_takes_is_a_problem() {
        let messages = |text: &str| -> Vec<String> {
            problems(&Config::read(text))
                .into_iter()
                .map(|p| format!("{}: {}", p.message, p.help.join("; ")))
                .collect()
        };
        assert_eq!(
            messages("[targets.sqll]\n"),
            ["unknown target `sqll` in `ambit.toml`: did you mean `sql`?"]
        );
        assert_eq!(
            messages("[targets.json]\nindnt = 2\n"),
            ["the target `json` has no option `indnt`: it has no options; remove it"]
        );
    }

    #[test]
    fn values_are_checked() {
        let check = |takes, value: &str| -> Vec<String> {
            let option = TargetOption {
                name: "x",
                takes,
                about: "",
            };
            let config = Config::read(&format!("[targets.t]\nx = {value}\n"));
            let mut problems = Vec::new();
            if let Some(setting) = config.targets.get("t").and_then(|t| t.options.get("x")) {
                of_option("t", &option, setting, &mut problems);
            }
            problems.into_iter().map(|p| p.message).collect()
        };
        let word = Takes::Word(&["engine", "frozen"]);
        let words = Takes::Words(&["a", "b"]);
        assert!(check(word, "\"frozen\"").is_empty());
        assert!(check(words, "[\"b\", \"a\"]").is_empty());
        assert!(check(Takes::Text, "\"\"").is_empty());
        assert_eq!(
            check(word, "\"frozn\""),
            ["`x` of the target `t` cannot be `frozn`"]
        );
        assert_eq!(
            check(word, "true"),
            ["`x` of the target `t` must be a string"]
        );
        for value in ["\"a\"", "[]", "[1]", "2"] {
            assert_eq!(
                check(words, value),
                ["`x` of the target `t` must be a list of strings"],
                "{value}"
            );
        }
        assert_eq!(
            check(words, "[\"a\", \"a\"]"),
            ["`x` of the target `t` names `a` twice"]
        );
        assert_eq!(
            check(Takes::Text, "3"),
            ["`x` of the target `t` must be a string"]
        );
    }
}
