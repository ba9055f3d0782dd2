//! Words for what was being read and for what could have stood there.

use ambit_grammar::{Expected, Reading, TokenKind};

/// More alternatives than these confuse.
const MOST: usize = 5;

/// What could stand in a place.
pub(super) fn word(expected: Expected) -> String {
    match expected {
        Expected::Token(token) => return format!("`{}`", token.text()),
        Expected::Name => "a name",
        Expected::String => "a string in double quotes",
        Expected::Part => "a name or a string",
        Expected::Number => "a number",
        Expected::Date => "a date such as `2024-01-15`",
        Expected::Literal => "a literal (a string, a number, a date, `true` or `false`)",
        Expected::Value => "a column or a value",
        Expected::Comparison => "a comparison such as `=` or `in`",
        Expected::Condition => "a condition",
        Expected::Window => "a window such as `last 3 months`",
        Expected::Unit => "a unit such as `days`",
        Expected::Type => "a type",
        Expected::Column => "a column such as `id : int`",
        Expected::Rule => "a rule (`grant`, `deny` or `restrict`)",
        Expected::Step => "a step (`given …`, or who `sees` or `can` do what)",
        Expected::Member => "a member",
        Expected::End => "the end",
    }
    .to_owned()
}

/// Alternatives, joined by commas and `or`.
pub(super) fn list(expected: &[Expected]) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in expected.iter().map(|e| word(*e)) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.truncate(MOST);
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// Where, in words that end a sentence.
pub(super) fn place_of(context: Reading) -> String {
    match context {
        Reading::File => "at the top level",
        Reading::Header(TokenKind::Everyone) => "after `everyone`",
        Reading::Header(TokenKind::For) => "after `for`",
        Reading::Header(TokenKind::Assert) => "after `assert`",
        Reading::Header(TokenKind::Exclusive) => "after `exclusive`",
        Reading::Header(token) => return format!("in a `{}`", token.text()),
        Reading::Column => "in a column",
        Reading::Type => "in a type",
        Reading::EnumMember => "among the members of an `enum`",
        Reading::Action => "among the actions of a `kind`",
        Reading::Levels => "in a `hierarchy`",
        Reading::Rule => "in a rule",
        Reading::Condition => "in a condition",
        Reading::Fact => "in the value of an attribute",
        Reading::Step => "in a step of a test",
        Reading::Claim => "in a claim",
        Reading::String => "in a string",
    }
    .to_owned()
}

/// How what was being read is written.
pub(super) fn example(context: Reading) -> &'static str {
    match context {
        Reading::File => "a file holds declarations such as `role analyst { grant read on sales }`",
        Reading::Header(token) => header(token),
        Reading::Column => {
            "a column is written `name : type`, with `key` before it or `?`, `stored as` and `-> table.column` after it: `contact_id : int? -> contacts.id`"
        }
        Reading::Type => {
            "the types are `bool`, `int`, `decimal`, `string`, `date`, `timestamp`, the name of an `enum`, `scope { Level, … }`, and for attributes `set of …`"
        }
        Reading::EnumMember => "an enum is written `enum Country { \"USA\", \"FRANCE\" }`",
        Reading::Action => "a kind is written `kind dataset { read, write implies read }`",
        Reading::Levels => {
            "a hierarchy is written `hierarchy structure on limits { structure_group > limit_id  \"Group 1\" > \"limit_1\" }`"
        }
        Reading::Rule => {
            "rules are written `grant read on sales where …`, `deny read on sales where …` and `restrict sales to …`"
        }
        Reading::Condition => {
            "a condition is a comparison such as `country = \"USA\"`, or several joined by `and` or `or`"
        }
        Reading::Fact => {
            "the value of an attribute is written `full_name = \"Dan\"` or `countries = [\"USA\", \"FRANCE\"]`"
        }
        Reading::Step => {
            "the steps of a test are `given …`, `dan sees sales [1, 3]` and `dan can run refresh`"
        }
        Reading::Claim => {
            "claims are written `assert anyone with contractor can never read sales where …` and `assert a and b are disjoint on sales`"
        }
        Reading::String => "strings stand in double quotes, on one line",
    }
}

fn header(token: TokenKind) -> &'static str {
    match token {
        TokenKind::Source => "a source is written `source warehouse : postgres`",
        TokenKind::Enum => "an enum is written `enum Country { \"USA\", \"FRANCE\" }`",
        TokenKind::Table => {
            "a table is written `table sales in warehouse { key id : int  country : Country }`"
        }
        TokenKind::Hierarchy => {
            "a hierarchy is written `hierarchy structure on limits { structure_group > limit_id }`"
        }
        TokenKind::Kind => "a kind is written `kind dataset { read, write implies read }`",
        TokenKind::Object => "an object is written `object campaigns in mkt : dataset uses sales`",
        TokenKind::Attribute => "an attribute is written `attribute countries : set of Country`",
        TokenKind::Filter => {
            "a filter is written `filter mine on sales where salesperson = user.full_name`"
        }
        TokenKind::Group => {
            "a group is written `group emea_sales inherits analyst { grant read on sales }`"
        }
        TokenKind::User => {
            "a user is written `user dan as \"dan@example.com\" : analyst { full_name = \"Dan\" }`"
        }
        TokenKind::Everyone => {
            "rules for all are written `everyone { … }` or `everyone except admins { … }`"
        }
        TokenKind::For => "rules for several principals are written `for analyst, auditor { … }`",
        TokenKind::Exclusive => {
            "principals that exclude one another are written `exclusive requester, approver`"
        }
        TokenKind::Test => "a test is written `test \"what must hold\" { … }`",
        TokenKind::Assert => {
            "claims are written `assert anyone with contractor can never read sales where …` and `assert a and b are disjoint on sales`"
        }
        _ => {
            "a role is written `role market(c: Country) inherits analyst { grant read on sales where country = c }`"
        }
    }
}
