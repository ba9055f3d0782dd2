//! Words for the order of things, for brackets, keywords and names.

use ambit_grammar::{Reading, SyntaxErrorKind as Kind, TokenKind};

use super::expected::{example, list, place_of, word};
use super::quote;

pub(super) fn sign(token: TokenKind) -> String {
    format!("`{}`", token.text())
}

fn partner(open: TokenKind) -> &'static str {
    match open {
        TokenKind::LeftParen => "`)`",
        TokenKind::LeftBracket => "`]`",
        _ => "`}`",
    }
}

fn shape(token: TokenKind) -> &'static str {
    match token {
        TokenKind::LeftParen | TokenKind::RightParen => "parenthesis",
        TokenKind::LeftBracket | TokenKind::RightBracket => "bracket",
        _ => "brace",
    }
}

/// Text as a string literal of the language.
pub(super) fn string(text: &str) -> String {
    let shown: String = crate::clean(text).chars().take(60).collect();
    format!("\"{}\"", shown.replace('\\', "\\\\").replace('"', "\\\""))
}

fn items() -> String {
    TokenKind::item_keywords()
        .map(sign)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Everything said about one error.
pub(super) struct Words {
    pub code: &'static str,
    pub message: String,
    pub label: String,
    pub help: Vec<String>,
    pub note: Option<String>,
    pub fix: Option<String>,
    pub safe: bool,
}

impl Words {
    pub(super) fn new(
        code: &'static str,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            label: label.into(),
            help: Vec::new(),
            note: None,
            fix: None,
            safe: false,
        }
    }

    pub(super) fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    pub(super) fn note(mut self, text: impl Into<String>) -> Self {
        self.note = Some(text.into());
        self
    }

    pub(super) fn fix(mut self, title: impl Into<String>) -> Self {
        self.fix = Some(title.into());
        self
    }

    /// Its fix keeps the meaning that the text can only have had.
    pub(super) fn safe(mut self) -> Self {
        self.safe = true;
        self
    }

    pub(super) fn of(kind: &Kind, context: Reading) -> Self {
        let at = place_of(context);
        match kind {
            Kind::Unexpected { .. }
            | Kind::Unclosed { .. }
            | Kind::UnmatchedClose { .. }
            | Kind::MissingOpen { .. }
            | Kind::EmptyList { .. }
            | Kind::StrayComma
            | Kind::TrailingComma
            | Kind::ClauseOrder { .. }
            | Kind::DuplicateClause { .. }
            | Kind::GroupParameters
            | Kind::TooDeep { .. } => Self::of_shape(kind, context, &at),
            Kind::NotAnItem { .. }
            | Kind::RuleOutside { .. }
            | Kind::MisspelledKeyword { .. }
            | Kind::KeywordAsName { .. }
            | Kind::StringAsName { .. }
            | Kind::BadName { .. } => Self::of_word(kind, context, &at),
            Kind::UnterminatedString
            | Kind::SingleQuotes
            | Kind::LookAlike { .. }
            | Kind::BadEscape { .. }
            | Kind::UnknownCharacter { .. }
            | Kind::MalformedNumber { .. }
            | Kind::MalformedDate { .. }
            | Kind::MissingQuotes { .. } => Self::of_value(kind, &at),
            Kind::ForeignWord { .. }
            | Kind::ForeignOperator { .. }
            | Kind::ForeignComment { .. }
            | Kind::Semicolon
            | Kind::NotNull
            | Kind::ParenthesisedList
            | Kind::EqualsNull { .. }
            | Kind::MixedAndOr { .. }
            | Kind::InName { .. }
            | Kind::Arithmetic { .. }
            | Kind::UnknownUnit { .. } => Self::of_condition(kind, &at),
        }
    }

    /// The order of things, and brackets.
    pub(super) fn of_shape(kind: &Kind, context: Reading, at: &str) -> Self {
        match kind {
            Kind::Unexpected { found, expected } => {
                let wanted = list(expected);
                let message = match (found, wanted.is_empty()) {
                    (Some(found), true) => format!("unexpected {} {at}", quote(found)),
                    (Some(found), false) => {
                        format!("unexpected {} {at}: expected {wanted}", quote(found))
                    }
                    (None, true) => format!("the text ends too early {at}"),
                    (None, false) => format!("the text ends too early {at}: expected {wanted}"),
                };
                let label = match (found, wanted.is_empty()) {
                    (_, false) => format!("expected {wanted}"),
                    (Some(_), true) => "not expected here".to_owned(),
                    (None, true) => "the text ends here".to_owned(),
                };
                Self::new("E0101", message, label).help(example(context))
            }
            Kind::Unclosed { open } => Self::new(
                "E0102",
                format!("the {} {} is never closed {at}", shape(*open), sign(*open)),
                format!("no {} follows for it", partner(*open)),
            )
            .help(format!("add {} where it should end", partner(*open)))
            .fix(format!("add {}", partner(*open))),
            Kind::UnmatchedClose { close } => Self::new(
                "E0103",
                format!("the {} {} closes nothing", shape(*close), sign(*close)),
                "nothing is open here",
            )
            .help("remove it, or add the one that should open before it")
            .fix(format!("remove {}", sign(*close))),
            Kind::MissingOpen { open } => Self::new(
                "E0116",
                format!("{} is missing before the body {at}", sign(*open)),
                format!("the body begins here, without {}", sign(*open)),
            )
            .fix(format!("add {}", sign(*open)))
            .safe(),
            Kind::EmptyList { of } => {
                let of = word(*of);
                Self::new(
                    "E0118",
                    format!("nothing is listed {at}: expected at least {of}"),
                    format!("expected {of}"),
                )
                .help(example(context))
            }
            Kind::StrayComma => Self::new(
                "E0117",
                format!("a comma stands {at}, where none separates"),
                "no comma here",
            )
            .note("columns, rules and steps follow one another without a separator")
            .fix("remove the comma")
            .safe(),
            Kind::TrailingComma => Self::new(
                "E0117",
                format!("a comma ends a list {at}"),
                "nothing follows this comma",
            )
            .note("a list has commas between its elements only")
            .fix("remove the comma")
            .safe(),
            Kind::ClauseOrder { clause } => Self::new(
                "E0121",
                format!("{} comes too late {at}", sign(*clause)),
                "belongs further to the front",
            )
            .help("the order is: name, parameters, `as`, `inherits`, `bypasses`, then the braces")
            .safe(),
            Kind::DuplicateClause { clause } => Self::new(
                "E0121",
                format!("{} stands twice {at}", sign(*clause)),
                "the second one",
            )
            .help(format!(
                "write one {} and separate its entries by commas",
                sign(*clause)
            )),
            Kind::GroupParameters => Self::new(
                "E0122",
                "a group has parameters",
                "only roles can have parameters",
            )
            .help("declare a `role`, or one group for each value")
            .note("groups come from the identity provider, which knows no parameters")
            .fix("make it a `role`"),
            Kind::TooDeep { limit } => Self::new(
                "E0110",
                format!("nested too deeply {at}: at most {limit} levels are allowed"),
                "the first level too many",
            )
            .help("name a part of the condition with `filter`, and use the name here"),
            _ => Self::fallback(at),
        }
    }

    /// Keywords and names.
    pub(super) fn of_word(kind: &Kind, context: Reading, at: &str) -> Self {
        match kind {
            Kind::NotAnItem { found, nearest } => {
                let words = Self::new(
                    "E0109",
                    format!("{} begins nothing that can stand at the top level", quote(found)),
                    "not the beginning of a declaration",
                );
                match nearest {
                    Some(near) => words
                        .help(format!("did you mean {}?", sign(*near)))
                        .fix(format!("write {}", sign(*near)))
                        .safe(),
                    None => words.help(format!("a file holds declarations; each begins with one of: {}", items())),
                }
            }
            Kind::RuleOutside { keyword } => Self::new(
                "E0109",
                format!("{} stands outside of any role, group or user", sign(*keyword)),
                "this rule belongs to nobody",
            )
            .help("put it into the braces of the `role`, `group` or `user` it is for, or into `everyone { … }`"),
            Kind::MisspelledKeyword { found, meant } => Self::new(
                "E0111",
                format!("{} is misspelled: did you mean {}?", quote(found), sign(*meant)),
                format!("read as {}", sign(*meant)),
            )
            .fix(format!("write {}", sign(*meant)))
            .safe(),
            Kind::KeywordAsName { keyword } => Self::new(
                "E0108",
                format!("the reserved word {} stands {at} where a name should", sign(*keyword)),
                "a reserved word",
            )
            .help(format!("choose another name, such as `{0}_` or `the_{0}`; what another system calls it is said with `as \"{0}\"`", keyword.text())),
            Kind::StringAsName { value } => Self::new(
                "E0108",
                format!("the string {} stands {at} where a name should", quote(&format!("\"{value}\""))),
                "a string is a value or an outside name",
            )
            .help("write a name without quotes; what another system calls it is said with `as \"…\"`")
            .fix("write it as a name"),
            Kind::BadName { found } => Self::new(
                "E0108",
                format!("{} is no name: names are made of letters a–z, digits and `_`", quote(found)),
                "not a name",
            )
            .help(format!("choose a plain name; what another system calls it is said with `as {}`", string(found))),
            _ => Self::new("E0101", format!("unexpected text {at}"), "").help(example(context)),
        }
    }

    pub(super) fn fallback(at: &str) -> Self {
        Self::new(
            "E0101",
            format!("unexpected text {at}"),
            "not expected here",
        )
    }
}
