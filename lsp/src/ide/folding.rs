//! What can be folded: bodies, lists over several lines, comments.

use ambit_compiler::{Database, SourceFile};
use ambit_grammar::{Span, TokenKind, lex};

/// A part of a file that can be folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// From the end of the text that stays to the last character that goes.
    pub span: Span,
    /// Lines of comments.
    pub comment: bool,
}

/// The parts of a file that span several lines.
pub fn folds(db: &Database, file: SourceFile) -> Vec<Fold> {
    let text = file.text(db);
    let lines = |span: Span| text.get(span.range()).is_some_and(|t| t.contains('\n'));
    let mut folds = Vec::new();
    let mut open: Vec<(TokenKind, u32)> = Vec::new();
    let mut comments: Option<Span> = None;
    for token in lex(&text) {
        let span = Span::new(token.start, token.end);
        if matches!(token.kind, TokenKind::Comment | TokenKind::DocComment) {
            comments = Some(comments.map_or(span, |c| c.to(span)));
            continue;
        }
        if token.kind == TokenKind::Whitespace && !blank_line(&text, span) {
            continue;
        }
        if let Some(span) = comments.take().filter(|c| lines(*c)) {
            folds.push(Fold {
                span,
                comment: true,
            });
        }
        match token.kind {
            TokenKind::LeftBrace | TokenKind::LeftBracket | TokenKind::LeftParen => {
                open.push((closer(token.kind), token.end));
            }
            TokenKind::RightBrace | TokenKind::RightBracket | TokenKind::RightParen => {
                // A bracket that is never closed must not swallow those around it.
                while let Some((wanted, start)) = open.pop() {
                    let span = Span::new(start, token.start);
                    if wanted == token.kind {
                        if lines(span) {
                            folds.push(Fold {
                                span,
                                comment: false,
                            });
                        }
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    if let Some(span) = comments.filter(|c| lines(*c)) {
        folds.push(Fold {
            span,
            comment: true,
        });
    }
    folds.sort_by_key(|f| (f.span.start, std::cmp::Reverse(f.span.end)));
    folds
}

fn closer(open: TokenKind) -> TokenKind {
    match open {
        TokenKind::LeftBrace => TokenKind::RightBrace,
        TokenKind::LeftBracket => TokenKind::RightBracket,
        _ => TokenKind::RightParen,
    }
}

/// White space that holds an empty line ends a block of comments.
fn blank_line(text: &str, span: Span) -> bool {
    let text = text.get(span.range()).unwrap_or_default();
    text.matches('\n').count() > 1
}
