//! Colours: what each token of a file is.

use std::collections::HashMap;

use ambit_compiler::{Database, Project, Sort, SourceFile, file_items, name_index};
use ambit_grammar::{Category, Span, TokenKind, lex};

use super::occurrence::occurrences;
use super::symbol::Symbol;

/// What a token is. The order is that of the legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Colour {
    /// A keyword.
    Keyword,
    /// A word of a condition: `and`, `between`.
    Operator,
    /// A comment.
    Comment,
    /// A string.
    String,
    /// A number or a date.
    Number,
    /// A source.
    Namespace,
    /// A table.
    Class,
    /// A role, group or user.
    Interface,
    /// A built-in type, a kind or a hierarchy.
    Type,
    /// An enum.
    Enum,
    /// A member of an enum.
    EnumMember,
    /// A column.
    Property,
    /// An attribute, an object or a user of a test.
    Variable,
    /// A parameter of a role.
    Parameter,
    /// A filter.
    Function,
    /// An action.
    Method,
}

/// The names of the colours in the protocol, in order.
pub const LEGEND: &[&str] = &[
    "keyword",
    "operator",
    "comment",
    "string",
    "number",
    "namespace",
    "class",
    "interface",
    "type",
    "enum",
    "enumMember",
    "property",
    "variable",
    "parameter",
    "function",
    "method",
];

/// The names of the marks, in the order of their bits.
pub const MARKS: &[&str] = &["declaration", "documentation", "defaultLibrary"];

/// A token with its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coloured {
    /// Where it stands in the file.
    pub span: Span,
    /// Its colour.
    pub colour: Colour,
    /// It declares.
    pub declares: bool,
    /// It is a doc comment.
    pub documents: bool,
    /// The language brings it.
    pub builtin: bool,
}

/// The coloured tokens of a file that touch a range, in order.
pub fn tokens(db: &Database, project: Project, file: SourceFile, range: Span) -> Vec<Coloured> {
    let text = file.text(db);
    let mut names: HashMap<u32, (Colour, bool, bool)> = HashMap::new();
    for item in file_items(db, file) {
        let start = item.start(db);
        for o in occurrences(db, *item).iter() {
            if let Some(colour) = of_symbol(db, project, &o.symbol) {
                let builtin = matches!(o.symbol, Symbol::Builtin(_));
                let at = o.span.start + start;
                names.entry(at).or_insert((colour, o.declares, builtin));
            }
        }
    }
    lex(&text)
        .into_iter()
        .filter(|t| t.start < range.end && range.start < t.end)
        .filter_map(|token| {
            let span = Span::new(token.start, token.end);
            let named = names.get(&token.start).copied();
            let (colour, declares, builtin) = match named {
                Some(named) => named,
                None => (of_token(token.kind)?, false, false),
            };
            Some(Coloured {
                span,
                colour,
                declares,
                documents: token.kind == TokenKind::DocComment,
                builtin,
            })
        })
        .collect()
}

fn of_token(kind: TokenKind) -> Option<Colour> {
    Some(match kind {
        TokenKind::Comment | TokenKind::DocComment | TokenKind::ForeignComment => Colour::Comment,
        TokenKind::String => Colour::String,
        TokenKind::Number | TokenKind::Date | TokenKind::Timestamp => Colour::Number,
        _ => match kind.category()? {
            Category::Operator => Colour::Operator,
            _ => Colour::Keyword,
        },
    })
}

fn of_symbol(db: &Database, project: Project, symbol: &Symbol) -> Option<Colour> {
    Some(match symbol {
        Symbol::Column(..) => Colour::Property,
        Symbol::Action(..) => Colour::Method,
        Symbol::Member(..) => Colour::EnumMember,
        Symbol::Param(..) => Colour::Parameter,
        Symbol::TestUser(..) => Colour::Variable,
        Symbol::Builtin(name) => match name.as_str() {
            "login" => Colour::Variable,
            name if ambit_compiler::Ty::builtin(name).is_some() => Colour::Type,
            _ => Colour::Method,
        },
        Symbol::Item(name) => match name_index(db, project).first(name)?.0 {
            Sort::Source => Colour::Namespace,
            Sort::Enum => Colour::Enum,
            Sort::Table => Colour::Class,
            Sort::Hierarchy | Sort::Kind => Colour::Type,
            Sort::Object | Sort::Attribute => Colour::Variable,
            Sort::Filter => Colour::Function,
            Sort::Role | Sort::Group | Sort::User => Colour::Interface,
        },
    })
}
