//! Words for values, conditions, and the habits of other languages.

use ambit_grammar::SyntaxErrorKind as Kind;

use super::quote;
use super::words::{Words, sign, string};

impl Words {
    /// Strings, numbers, dates and single characters.
    pub(super) fn of_value(kind: &Kind, at: &str) -> Self {
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
    pub(super) fn of_condition(kind: &Kind, at: &str) -> Self {
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
}

/// A character by its number, for those that cannot be seen.
fn code_point(c: char) -> String {
    format!("U+{:04X}", c as u32)
}
