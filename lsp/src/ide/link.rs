//! Links in comments: addresses, and the pages of problems that a comment names.

use ambit_compiler::{Database, SourceFile};
use ambit_diagnostics::registry;
use ambit_grammar::{Span, TokenKind, lex};

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What can be clicked.
    pub span: Span,
    /// Where it leads.
    pub to: Target,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An address, as written.
    Address(String),
    /// The page of a problem, by its code.
    Page(&'static str),
}

/// The links in the comments of a file.
pub fn links(db: &Database, file: SourceFile) -> Vec<Link> {
    let text = file.text(db);
    let mut links = Vec::new();
    for token in lex(&text) {
        if !matches!(token.kind, TokenKind::Comment | TokenKind::DocComment) {
            continue;
        }
        let comment = text.get(token.start as usize..token.end as usize);
        for (at, word) in words(comment.unwrap_or_default()) {
            let start = token.start + at as u32;
            let span = Span::new(start, start + word.len() as u32);
            if word.starts_with("https://") || word.starts_with("http://") {
                let to = Target::Address(word.to_owned());
                links.push(Link { span, to });
            } else if let Some(code) = registry::find(word) {
                let to = Target::Page(code.code);
                links.push(Link { span, to });
            }
        }
    }
    links
}

/// The words of a comment with their places, without the signs around them.
fn words(comment: &str) -> impl Iterator<Item = (usize, &str)> {
    comment.split_whitespace().map(|word| {
        let at = word.as_ptr() as usize - comment.as_ptr() as usize;
        let around = |c: char| "()[]<>{},;:.!?\"'`".contains(c);
        let inner = word.trim_start_matches(around);
        let at = at + word.len() - inner.len();
        (at, inner.trim_end_matches(around))
    })
}
