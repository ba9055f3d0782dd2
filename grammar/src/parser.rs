//! One raw item to its tree.

use smol_str::SmolStr;

use crate::ast::{Item, ItemKind, Span};
use crate::builder::{Builder, Start, Symbol, Tree};
use crate::error::SyntaxError;
use crate::items::RawItem;
use crate::text;
use crate::token::{Token, TokenKind};

#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    missing_debug_implementations,
    unused,
    unreachable_pub
)]
mod grammar {
    include!(concat!(env!("OUT_DIR"), "/grammar.rs"));
}

/// The tree of an item and what is wrong with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The tree; it has holes where the text could not be read.
    pub item: Item,
    /// The mistakes, by their place.
    pub errors: Vec<SyntaxError>,
}

/// Parses one item.
pub fn parse_item(raw: &RawItem) -> Parsed {
    let docs = docs(&raw.text, &raw.tokens);
    let tokens = raw.tokens.iter().filter(|token| token.kind != TokenKind::DocComment);
    let first = tokens.clone().next();
    let start = first.map_or(0, |token| token.start);
    let end = raw.tokens.last().map_or(0, |token| token.end);
    let symbols = tokens.map(|token| (token.start, Symbol::Token(token.kind), token.end));
    let mut builder = Builder::new(&raw.text, &docs);
    let kind = match run(&mut builder, Start::Item, symbols) {
        Ok(Tree::Item(kind)) => *kind,
        _ => ItemKind::Error,
    };
    let item_docs = builder.docs(start);
    Parsed { item: Item { kind, docs: item_docs, span: Span::new(start, end), damaged: false }, errors: builder.errors }
}

/// Why the grammar could not go on.
#[derive(Debug)]
pub(crate) struct Stop {
    /// The token it stopped at; `None` at the end.
    pub at: Option<u32>,
    /// The terminals that could stand there, as lalrpop spells them.
    pub expected: Vec<String>,
}

/// Runs the grammar over symbols.
pub(crate) fn run(
    builder: &mut Builder<'_>,
    start: Start,
    symbols: impl Iterator<Item = (u32, Symbol, u32)>,
) -> Result<Tree, Stop> {
    use lalrpop_util::ParseError;
    let marker = std::iter::once((0, Symbol::Start(start), 0));
    grammar::TreeParser::new().parse(builder, marker.chain(symbols)).map_err(|error| match error {
        ParseError::UnrecognizedToken { token, expected } => Stop { at: Some(token.0), expected },
        ParseError::UnrecognizedEof { expected, .. } => Stop { at: None, expected },
        ParseError::ExtraToken { token } => Stop { at: Some(token.0), expected: Vec::new() },
        ParseError::InvalidToken { location } => Stop { at: Some(location), expected: Vec::new() },
        ParseError::User { error } => match error {},
    })
}

/// The doc comments before each token that has some.
fn docs(text: &str, tokens: &[Token]) -> Vec<(u32, Vec<SmolStr>)> {
    let mut docs = Vec::new();
    let mut open: Vec<SmolStr> = Vec::new();
    for token in tokens {
        if token.kind == TokenKind::DocComment {
            open.push(text::doc(text.get(token.start as usize..token.end as usize).unwrap_or_default()));
        } else if !open.is_empty() {
            docs.push((token.start, std::mem::take(&mut open)));
        }
    }
    docs
}
