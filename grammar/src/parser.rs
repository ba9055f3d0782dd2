//! One raw item to its tree.

use smol_str::SmolStr;

use crate::ast::{Item, Span};
use crate::builder::{Builder, Start, Symbol, Tree};
use crate::error::SyntaxError;
use crate::items::RawItem;
use crate::recover;
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
    let all = raw.tokens();
    let docs = docs(&raw.text, &all);
    let tokens = all
        .iter()
        .filter(|token| token.kind != TokenKind::DocComment);
    let start = tokens.clone().next().map_or(0, |token| token.start);
    let end = all.last().map_or(0, |token| token.end);
    let symbols = tokens.map(|token| (token.start, Symbol::Token(token.kind), token.end));
    let mut builder = Builder::new(&raw.text, &docs);
    let (kind, mut errors, damaged) = match run(&mut builder, Start::Item, symbols) {
        Ok(Tree::Item(kind)) => (*kind, std::mem::take(&mut builder.errors), false),
        _ => recover::item(raw, &all, &docs),
    };
    errors.sort_by_key(|error| (error.span.start, error.span.end));
    let span = Span::new(start, end.max(start));
    Parsed {
        item: Item {
            kind,
            docs: builder.docs(start),
            span,
            damaged,
        },
        errors,
    }
}

/// Why the grammar could not go on.
#[derive(Debug)]
pub(crate) struct Stop {
    /// The symbol it stopped at, counted from 0; `None` at the end.
    pub at: Option<usize>,
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
    // The parser reads one symbol ahead: the one it stops at is the last one that it took.
    let mut taken = 0_usize;
    let marker = std::iter::once((0, Symbol::Start(start), 0));
    let symbols = symbols.inspect(|_| taken += 1);
    match grammar::TreeParser::new().parse(builder, marker.chain(symbols)) {
        Ok(tree) => Ok(tree),
        Err(ParseError::UnrecognizedEof { expected, .. }) => Err(Stop { at: None, expected }),
        Err(ParseError::UnrecognizedToken { expected, .. }) => Err(Stop {
            at: Some(taken.saturating_sub(1)),
            expected,
        }),
        Err(_) => Err(Stop {
            at: Some(taken.saturating_sub(1)),
            expected: Vec::new(),
        }),
    }
}

/// The doc comments before each token that has some.
fn docs(text: &str, tokens: &[Token]) -> Vec<(u32, Vec<SmolStr>)> {
    let mut docs = Vec::new();
    let mut open: Vec<SmolStr> = Vec::new();
    let mut before = 0;
    for token in tokens {
        if token.kind == TokenKind::DocComment {
            let gap = text
                .get(before as usize..token.start as usize)
                .unwrap_or_default();
            // Behind something on its line it is above nothing.
            if before == 0 || gap.contains(['\n', '\r']) {
                open.push(text::doc(
                    text.get(token.start as usize..token.end as usize)
                        .unwrap_or_default(),
                ));
            }
        } else if !open.is_empty() {
            docs.push((token.start, std::mem::take(&mut open)));
        }
        before = token.end;
    }
    docs
}
