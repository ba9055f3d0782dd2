//! Words for what the grammar finds wrong.

mod expected;

use ambit_grammar::{Edit as TextEdit, Reading, Span, SyntaxError, SyntaxErrorKind as Kind, TokenKind};

use crate::{Edit, Fix, ItemKey, Place, Problem};
use expected::{example, list, place_of, word};

/// A syntax error as a problem of the item that it stands in.
pub fn syntax_problem(error: &SyntaxError, item: &ItemKey) -> Problem {
    let place = Place::Item(item.clone(), error.span);
    let words = Words::of(&error.kind, error.context);
    let mut problem = Problem::new(words.code, words.message, place).label(words.label);
    problem.help.extend(words.help);
    problem.notes.extend(words.note);
    if !error.fix.is_empty() {
        let title = words.fix.unwrap_or_else(|| title_of(&error.fix));
        let edits = error.fix.iter().map(|e| edit(e, item)).collect();
        problem.fixes.push(Fix { title, safe: words.safe, edits });
    }
    if problem.help.is_empty() && problem.fixes.is_empty() {
        problem.help.push(example(error.context).to_owned());
    }
    problem
}

fn edit(edit: &TextEdit, item: &ItemKey) -> Edit {
    Edit { place: Place::Item(item.clone(), edit.span), text: edit.text.to_string() }
}

/// What a fix does, told from its replacements.
fn title_of(edits: &[TextEdit]) -> String {
    let empty = |span: Span| span.start == span.end;
    match edits {
        [one] if one.text.trim().is_empty() => "remove it".to_owned(),
        [one] if empty(one.span) => format!("add {}", quote(one.text.trim())),
        [one] => format!("write {}", quote(one.text.trim())),
        _ => "rewrite it".to_owned(),
    }
}

/// Text of the user in backticks: on one line and not too long.
pub(crate) fn quote(text: &str) -> String {
    const LONGEST: usize = 60;
    let text = crate::clean(text);
    if text.chars().nth(LONGEST).is_none() {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("`{start}…`")
}

fn sign(token: TokenKind) -> String {
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

/// Everything said about one error.
struct Words {
    code: &'static str,
    message: String,
    label: String,
    help: Vec<String>,
    note: Option<String>,
    fix: Option<String>,
    safe: bool,
}

impl Words {
    fn new(code: &'static str, message: impl Into<String>, label: impl Into<String>) -> Self {
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

    fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    fn note(mut self, text: impl Into<String>) -> Self {
        self.note = Some(text.into());
        self
    }

    fn fix(mut self, title: impl Into<String>) -> Self {
        self.fix = Some(title.into());
        self
    }

    /// Its fix keeps the meaning that the text can only have had.
    fn safe(mut self) -> Self {
        self.safe = true;
        self
    }

    fn of(kind: &Kind, context: Reading) -> Self {
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
    fn of_shape(kind: &Kind, context: Reading, at: &str) -> Self {
        match kind {
            Kind::Unexpected { found, expected } => {
                let wanted = list(expected);
                let message = match (found, wanted.is_empty()) {
                    (Some(found), true) => format!("unexpected {} {at}", quote(found)),
                    (Some(found), false) => format!("unexpected {} {at}: expected {wanted}", quote(found)),
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
                Self::new("E0118", format!("nothing is listed {at}: expected at least {of}"), format!("expected {of}"))
                    .help(example(context))
            }
            Kind::StrayComma => Self::new("E0117", format!("a comma stands {at}, where none separates"), "no comma here")
                .note("columns, rules and steps follow one another without a separator")
                .fix("remove the comma")
                .safe(),
            Kind::TrailingComma => {
                Self::new("E0117", format!("a comma ends a list {at}"), "nothing follows this comma")
                    .note("a list has commas between its elements only")
                    .fix("remove the comma")
                    .safe()
            }
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
            .help(format!("write one {} and separate its entries by commas", sign(*clause))),
            Kind::GroupParameters => Self::new("E0122", "a group has parameters", "only roles can have parameters")
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
    fn of_word(kind: &Kind, context: Reading, at: &str) -> Self {
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

    /// Strings, numbers, dates and single characters.
    fn of_value(kind: &Kind, at: &str) -> Self {
        match kind {
            Kind::UnterminatedString => {
                Self::new("E0104", format!("a string {at} does not end on its line"), "no closing `\"` on this line")
                    .help("close it with `\"`; a line end inside a string is written `\\n`")
                    .fix("add the closing `\"`")
            }
            Kind::SingleQuotes => {
                Self::new("E0104", format!("a string {at} stands in single quotes"), "strings stand in double quotes")
                    .help("write it in double quotes: `\"…\"`")
                    .fix("write it in double quotes")
                    .safe()
            }
            Kind::LookAlike { found, meant } => Self::new(
                "E0106",
                format!("the character {} only looks like {}", quote(&found.to_string()), quote(&meant.to_string())),
                format!("this is {}", code_point(*found)),
            )
            .help(format!("write {}; word processors and web pages change it", quote(&meant.to_string())))
            .fix(format!("write {}", quote(&meant.to_string())))
            .safe(),
            Kind::BadEscape { found } => Self::new(
                "E0105",
                format!("the escape {} does not exist", quote(&format!("\\{found}"))),
                "not an escape",
            )
            .help("the escapes are `\\\"`, `\\\\`, `\\n`, `\\t` and `\\u{…}` with the number of a character; a plain backslash is `\\\\`"),
            Kind::UnknownCharacter { found } => Self::new(
                "E0106",
                format!("the character {} means nothing {at}", quote(&found.to_string())),
                format!("this is {}", code_point(*found)),
            )
            .help("remove it; inside a string any character may stand"),
            Kind::MalformedNumber { found } => Self::new(
                "E0115",
                format!("{} is no number", quote(found)),
                "begins like a number",
            )
            .help("numbers are written `12`, `-3` or `1.50`: digits, and at most one point between digits"),
            Kind::MalformedDate { found } => Self::new(
                "E0115",
                format!("{} is no date", quote(found)),
                "looks like a date",
            )
            .help("dates are written `2024-01-15`, instants `2024-01-15T10:00:00Z` or with `+01:00` for the zone"),
            Kind::MissingQuotes { found } => Self::new(
                "E0119",
                format!("{} stands {at} without quotes", quote(found)),
                "a value in quotes should stand here",
            )
            .help(format!("write `{}`: a name is an identifier, a string is a value", string(found)))
            .fix("put quotes around it"),
            _ => Self::fallback(at),
        }
    }

    /// Conditions, and the habits of other languages.
    fn of_condition(kind: &Kind, at: &str) -> Self {
        match kind {
            Kind::ForeignWord { found, instead } => Self::new(
                "E0112",
                format!("{} is no word of Ambit {at}", quote(found)),
                "a word of another language",
            )
            .help(format!("Ambit says {}", quote(instead)))
            .fix(format!("write {}", quote(instead))),
            Kind::ForeignOperator { found, instead } => Self::new(
                "E0112",
                format!("{} is no operator of Ambit", quote(found)),
                "an operator of another language",
            )
            .help(format!("Ambit says {}", sign(*instead)))
            .fix(format!("write {}", sign(*instead)))
            .safe(),
            Kind::ForeignComment { found } => Self::new(
                "E0112",
                format!("{} begins no comment in Ambit", quote(found)),
                "a comment of another language",
            )
            .help("comments begin with `//` and end with the line")
            .fix("write it with `//`")
            .safe(),
            Kind::Semicolon => Self::new("E0106", format!("a semicolon stands {at}"), "nothing ends with a semicolon")
                .help("remove it: Ambit has no terminators")
                .fix("remove the semicolon")
                .safe(),
            Kind::NotNull => Self::new("E0112", format!("`not null` stands {at}"), "columns are not null unless they say so")
                .help("remove it; a column that may be null has a `?` behind its type")
                .fix("remove `not null`")
                .safe(),
            Kind::ParenthesisedList => {
                Self::new("E0112", "the list after `in` stands in parentheses", "lists stand in brackets")
                    .help("write `in [ … ]`")
                    .fix("write brackets")
                    .safe()
            }
            Kind::EqualsNull { negated } => {
                let (written, right) = if *negated { ("!= null", "is not null") } else { ("= null", "is null") };
                Self::new("E0113", format!("nothing can be compared with null: `{written}`"), "always unknown")
                    .help(format!("write `{right}`"))
                    .note("every comparison with null is unknown, so this condition could never be true")
                    .fix(format!("write `{right}`"))
                    .safe()
            }
            Kind::MixedAndOr { ands } => Self::new(
                "E0107",
                "`and` and `or` are mixed without parentheses",
                "which of them goes first is not said",
            )
            .help(match ands.len() {
                1 => "put parentheses around the part with `and`, or around the part with `or`",
                _ => "put parentheses around each part that belongs together",
            })
            .note("languages differ in which of the two binds tighter; a policy must not depend on that")
            .fix("put parentheses around the parts with `and`"),
            Kind::InName { name } => Self::new(
                "E0123",
                format!("{} cannot stand after `in`", quote(name)),
                "not a list, a set or a window",
            )
            .help(format!(
                "`in` takes a list `[\"a\", \"b\"]`, a set of the user `user.{name}`, or a window such as `last 3 months`; \
                 one value is compared with `=`"
            )),
            Kind::Arithmetic { found } => Self::new(
                "E0114",
                format!("{} {at}: Ambit has no arithmetic", quote(found)),
                "nothing is calculated",
            )
            .help("compare the column itself with a literal, or let the source offer the calculated column")
            .note("without arithmetic every condition can be decided exactly, and said the same way in every system"),
            Kind::UnknownUnit { found, nearest } => {
                let words = Self::new("E0120", format!("{} is no unit of time", quote(found)), "not a unit");
                match nearest {
                    Some(near) => {
                        words.help(format!("did you mean {}?", sign(*near))).fix(format!("write {}", sign(*near)))
                    }
                    None => words.help("the units are `days`, `weeks`, `months`, `quarters` and `years`"),
                }
            }
            _ => Self::fallback(at),
        }
    }

    fn fallback(at: &str) -> Self {
        Self::new("E0101", format!("unexpected text {at}"), "not expected here")
    }
}

/// A character by its number, for those that cannot be seen.
fn code_point(c: char) -> String {
    format!("U+{:04X}", c as u32)
}

/// Text as a string literal of the language.
fn string(text: &str) -> String {
    let shown: String = crate::clean(text).chars().take(60).collect();
    format!("\"{}\"", shown.replace('\\', "\\\\").replace('"', "\\\""))
}

fn items() -> String {
    TokenKind::item_keywords().map(sign).collect::<Vec<_>>().join(", ")
}
