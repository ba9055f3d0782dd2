use std::fmt::Write as _;

use ambit_diagnostics::{ItemKey, Place, syntax_problem};
use ambit_grammar::{
    Edit, Expected, Reading, Span, SyntaxError, SyntaxErrorKind as Kind, TokenKind,
};

fn kinds() -> Vec<Kind> {
    use TokenKind as T;
    let found = || "fnd".into();
    vec![
        Kind::Unexpected {
            found: Some(found()),
            expected: vec![Expected::Token(T::On), Expected::Name],
        },
        Kind::Unexpected {
            found: None,
            expected: vec![Expected::Condition],
        },
        Kind::Unexpected {
            found: None,
            expected: vec![],
        },
        Kind::Unexpected {
            found: Some(found()),
            expected: vec![],
        },
        Kind::Unclosed { open: T::LeftBrace },
        Kind::Unclosed {
            open: T::LeftBracket,
        },
        Kind::UnmatchedClose {
            close: T::RightParen,
        },
        Kind::MissingOpen { open: T::LeftBrace },
        Kind::UnterminatedString,
        Kind::SingleQuotes,
        Kind::LookAlike {
            found: '”',
            meant: '"',
        },
        Kind::BadEscape { found: "N".into() },
        Kind::UnknownCharacter { found: '@' },
        Kind::NotAnItem {
            found: found(),
            nearest: None,
        },
        Kind::NotAnItem {
            found: "rolle".into(),
            nearest: Some(T::Role),
        },
        Kind::RuleOutside { keyword: T::Grant },
        Kind::MisspelledKeyword {
            found: "gran".into(),
            meant: T::Grant,
        },
        Kind::ForeignWord {
            found: "allow".into(),
            instead: "grant".into(),
        },
        Kind::KeywordAsName { keyword: T::Today },
        Kind::StringAsName { value: "a".into() },
        Kind::BadName {
            found: "ha-noi".into(),
        },
        Kind::TooDeep { limit: 200 },
        Kind::MixedAndOr {
            ands: vec![Span::new(0, 1)],
        },
        Kind::ForeignOperator {
            found: "<>".into(),
            instead: T::NotEquals,
        },
        Kind::EqualsNull { negated: false },
        Kind::EqualsNull { negated: true },
        Kind::ParenthesisedList,
        Kind::InName {
            name: "countries".into(),
        },
        Kind::Arithmetic { found: "+".into() },
        Kind::Semicolon,
        Kind::StrayComma,
        Kind::TrailingComma,
        Kind::ForeignComment { found: "--".into() },
        Kind::MalformedNumber {
            found: "1_000".into(),
        },
        Kind::MalformedDate {
            found: "2024-1-5".into(),
        },
        Kind::EmptyList {
            of: Expected::Member,
        },
        Kind::MissingQuotes {
            found: "FRANCE".into(),
        },
        Kind::UnknownUnit {
            found: "fortnights".into(),
            nearest: None,
        },
        Kind::UnknownUnit {
            found: "dys".into(),
            nearest: Some(T::Days),
        },
        Kind::ClauseOrder {
            clause: T::Inherits,
        },
        Kind::DuplicateClause { clause: T::As },
        Kind::GroupParameters,
    ]
}

fn error(kind: Kind) -> SyntaxError {
    SyntaxError {
        kind,
        span: Span::new(5, 8),
        context: Reading::Rule,
        fix: vec![],
    }
}

fn item() -> ItemKey {
    ItemKey {
        file: "a.ambit".into(),
        keyword: "role".into(),
        name: "r".into(),
        nth: 0,
    }
}

#[test]
fn texts_follow_the_style() {
    for kind in kinds() {
        let problem = syntax_problem(&error(kind.clone()), &item());
        let message = &problem.message;
        assert!(
            !message.contains('\n') && !message.ends_with('.'),
            "{message}"
        );
        let first = message.chars().next().unwrap();
        assert!(!first.is_uppercase(), "{message}");
        assert!(message.matches('`').count().is_multiple_of(2), "{message}");
        assert!(
            !message.contains("unexpected text"),
            "no words for {kind:?}"
        );
        assert!(!problem.label.is_empty(), "no label: {kind:?}");
        assert!(
            !problem.help.is_empty() || !problem.fixes.is_empty(),
            "nothing to do: {kind:?}"
        );
        assert_eq!(problem.place, Place::Item(item(), Span::new(5, 8)));
    }
}

#[test]
fn messages_differ() {
    let mut messages: Vec<String> = kinds()
        .into_iter()
        .map(|k| syntax_problem(&error(k), &item()).message)
        .collect();
    messages.sort();
    let count = messages.len();
    messages.dedup();
    assert_eq!(
        messages.len(),
        count,
        "two kinds say the same: {messages:#?}"
    );
}

#[test]
fn words() {
    let mut out = String::new();
    for kind in kinds() {
        let problem = syntax_problem(&error(kind), &item());
        writeln!(
            out,
            "{} {}\n    {}",
            problem.code, problem.message, problem.label
        )
        .unwrap();
        for help in problem.help {
            writeln!(out, "    help: {help}").unwrap();
        }
        for note in problem.notes {
            writeln!(out, "    note: {note}").unwrap();
        }
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_fix_says_what_it_does() {
    let mut error = error(Kind::MisspelledKeyword {
        found: "gran".into(),
        meant: TokenKind::Grant,
    });
    error.fix = vec![Edit {
        span: Span::new(5, 8),
        text: "grant".into(),
    }];
    let problem = syntax_problem(&error, &item());
    assert_eq!(problem.fixes[0].title, "write `grant`");
    assert!(problem.fixes[0].safe);
}

#[test]
fn long_and_hostile_words_are_cut() {
    let found = format!("\u{1b}[31m{}", "x".repeat(1_000_000));
    let problem = syntax_problem(
        &error(Kind::BadName {
            found: found.into(),
        }),
        &item(),
    );
    assert!(problem.message.len() < 300 && !problem.message.contains('\u{1b}'));
    assert!(
        problem
            .help
            .iter()
            .all(|h| h.len() < 300 && !h.contains('\u{1b}'))
    );
}
