//! What can be wrong with a text: data only, the diagnostics crate words it.

use smol_str::SmolStr;

use crate::ast::Span;
use crate::token::TokenKind;

/// A mistake in the text of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SyntaxError {
    /// What is wrong.
    pub kind: SyntaxErrorKind,
    /// Where, relative to the item. Never empty unless the item is.
    pub span: Span,
    /// What was being read.
    pub context: Reading,
    /// Replacements that mend it; empty where none is certain enough. They do not overlap.
    pub fix: Vec<Edit>,
}

/// A replacement of text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edit {
    /// What goes; empty for an insertion.
    pub span: Span,
    /// What comes.
    pub text: SmolStr,
}

/// The kinds of mistakes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SyntaxErrorKind {
    /// Something else was expected here.
    Unexpected {
        /// What stands there; `None` at the end of the item.
        found: Option<SmolStr>,
        /// What could stand there, best first; may be empty.
        expected: Vec<Expected>,
    },
    /// A bracket is not closed; the span is the opening one.
    Unclosed {
        /// `{`, `(` or `[`.
        open: TokenKind,
    },
    /// A closing bracket that closes nothing.
    UnmatchedClose {
        /// `}`, `)` or `]`.
        close: TokenKind,
    },
    /// The brace that should open the body is missing; the span is where the body begins.
    MissingOpen {
        /// `{`, `(` or `[`.
        open: TokenKind,
    },
    /// A string without its closing quote.
    UnterminatedString,
    /// A string in single quotes.
    SingleQuotes,
    /// Typographic quotes or another look-alike of an ASCII character.
    LookAlike {
        /// What stands there.
        found: char,
        /// What was meant.
        meant: char,
    },
    /// A backslash in a string that begins no escape; the span is the escape.
    BadEscape {
        /// What follows the backslash.
        found: SmolStr,
    },
    /// A character that the language does not use.
    UnknownCharacter {
        /// The character.
        found: char,
    },
    /// Nothing at the top level begins so.
    NotAnItem {
        /// The first word or sign.
        found: SmolStr,
        /// The item keyword spelled most alike, where one is alike.
        nearest: Option<TokenKind>,
    },
    /// A rule stands at the top level instead of in a role, group, user, `everyone` or `for`.
    RuleOutside {
        /// `grant`, `deny` or `restrict`.
        keyword: TokenKind,
    },
    /// A keyword is misspelled.
    MisspelledKeyword {
        /// As written.
        found: SmolStr,
        /// What was meant.
        meant: TokenKind,
    },
    /// A word of another language where Ambit has its own: `like`, `allow`.
    ForeignWord {
        /// As written.
        found: SmolStr,
        /// What Ambit says.
        instead: SmolStr,
    },
    /// A keyword stands where a name stands.
    KeywordAsName {
        /// The keyword.
        keyword: TokenKind,
    },
    /// A string stands where a name stands.
    StringAsName {
        /// Its value.
        value: SmolStr,
    },
    /// A name with a character that names cannot have.
    BadName {
        /// As written.
        found: SmolStr,
    },
    /// Parentheses, brackets or `not`s are nested too deeply.
    TooDeep {
        /// The deepest nesting allowed.
        limit: u32,
    },
    /// `and` and `or` side by side without parentheses.
    MixedAndOr {
        /// The parts joined by `and`.
        ands: Vec<Span>,
    },
    /// An operator of another language: `==`, `<>`, `&&`.
    ForeignOperator {
        /// As written.
        found: SmolStr,
        /// Ambit's.
        instead: TokenKind,
    },
    /// `= null` or `!= null`.
    EqualsNull {
        /// `!= null`.
        negated: bool,
    },
    /// `in ("a", "b")`: lists stand in brackets.
    ParenthesisedList,
    /// `in name`: only a list, `user.attribute` or a window can stand there.
    InName {
        /// The name.
        name: SmolStr,
    },
    /// `not null` behind a type: columns without `?` are never null.
    NotNull,
    /// Arithmetic.
    Arithmetic {
        /// The operator.
        found: SmolStr,
    },
    /// A semicolon: Ambit has no terminators.
    Semicolon,
    /// A comma where members just follow one another.
    StrayComma,
    /// A comma after the last element of a list.
    TrailingComma,
    /// A comment in the style of another language.
    ForeignComment {
        /// `#`, `--` or `/*`.
        found: SmolStr,
    },
    /// A number that is none.
    MalformedNumber {
        /// As written.
        found: SmolStr,
    },
    /// A date or timestamp not written `2024-01-15` or `2024-01-15T10:00:00Z`.
    MalformedDate {
        /// As written.
        found: SmolStr,
    },
    /// At least one element must stand here.
    EmptyList {
        /// What it is a list of.
        of: Expected,
    },
    /// A bare word where a string must stand; one error for all of a list.
    MissingQuotes {
        /// The first word.
        found: SmolStr,
    },
    /// No unit of windows.
    UnknownUnit {
        /// As written.
        found: SmolStr,
        /// The unit spelled most alike, where one is alike.
        nearest: Option<TokenKind>,
    },
    /// `as`, `inherits`, `bypasses` in another order.
    ClauseOrder {
        /// The clause that comes too late.
        clause: TokenKind,
    },
    /// A clause stands twice.
    DuplicateClause {
        /// The clause.
        clause: TokenKind,
    },
    /// Only roles have parameters.
    GroupParameters,
}

/// What could stand in a place, in a person's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Expected {
    /// A keyword or symbol.
    Token(TokenKind),
    /// A name.
    Name,
    /// A string.
    String,
    /// A name or a string: a part of an outside name, a level.
    Part,
    /// A number.
    Number,
    /// A date.
    Date,
    /// A string, number, date, `true` or `false`.
    Literal,
    /// A column, literal, `user.…`, `today`.
    Value,
    /// `=`, `in`, `is`, …
    Comparison,
    /// A condition.
    Condition,
    /// `last`, `next`, `this`
    Window,
    /// A unit of windows.
    Unit,
    /// A type.
    Type,
    /// A column of a table.
    Column,
    /// A rule.
    Rule,
    /// A step of a test.
    Step,
    /// A member of an enum, an action of a kind.
    Member,
    /// The end of the item.
    End,
}

/// What was being read when a mistake was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reading {
    /// The top level of a file.
    File,
    /// The head of an item, from its keyword to its brace.
    Header(TokenKind),
    /// A column.
    Column,
    /// A type.
    Type,
    /// A member of an enum.
    EnumMember,
    /// An action of a kind.
    Action,
    /// The levels and members of a hierarchy.
    Levels,
    /// A rule.
    Rule,
    /// A condition.
    Condition,
    /// The value of an attribute at a user.
    Fact,
    /// A step of a test.
    Step,
    /// A claim.
    Claim,
    /// A string.
    String,
}
