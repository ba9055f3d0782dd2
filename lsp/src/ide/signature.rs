//! The parameters of a role, while its arguments are written.

use ambit_compiler::{Database, Project, Sort, SourceFile, item_syntax};
use ambit_grammar::ast::ItemKind;
use ambit_grammar::{Span, TokenKind};

use super::symbol::named;
use super::{item_before, one_line, symbols::type_span};

/// A role with parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// `market(c: Country)`.
    pub label: String,
    /// Where each parameter stands in the label, in bytes.
    pub params: Vec<Span>,
    /// The parameter that is being written.
    pub active: u32,
    /// Its doc comment.
    pub docs: String,
}

/// The role whose arguments stand around a byte.
pub fn signature(
    db: &Database,
    project: Project,
    file: SourceFile,
    offset: u32,
) -> Option<Signature> {
    let item = item_before(db, file, offset)?;
    let raw = item.raw(db);
    let at = offset - item.start(db);
    let words = raw.tokens().into_iter().filter(|t| !t.kind.is_trivia());
    let first = words.clone().next().map_or(0, |t| t.start);
    // For each open bracket the name before it, and the commas in it so far.
    let mut open: Vec<(Option<&str>, u32)> = Vec::new();
    let mut before: Option<&str> = None;
    let mut item_keyword = false;
    for token in words.take_while(|t| t.end <= at) {
        let text = raw.text.get(token.start as usize..token.end as usize);
        let name = text.filter(|_| token.kind.is_name());
        match token.kind {
            TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::LeftBrace => {
                open.push((before, 0));
            }
            TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace => {
                open.pop();
            }
            TokenKind::Comma => {
                if let Some((_, commas)) = open.last_mut() {
                    *commas += 1;
                }
            }
            _ => {}
        }
        // The name behind the item's own `role` declares its parameters itself.
        before = name.filter(|_| !item_keyword);
        item_keyword = token.start == first && token.kind == TokenKind::Role;
    }
    let (name, active) = open.last().copied()?;
    let role = named(db, project, name?, Sort::Role)?;
    let parsed = item_syntax(db, role);
    let ItemKind::Role(tree) = &parsed.item.kind else {
        return None;
    };
    let mut label = format!("{}(", tree.name.text);
    let mut params = Vec::new();
    for (n, param) in tree.params.iter().enumerate() {
        if n > 0 {
            label.push_str(", ");
        }
        let start = label.len() as u32;
        label.push_str(&param.name.text);
        label.push_str(": ");
        label.push_str(&one_line(db, role, type_span(&param.ty)));
        params.push(Span::new(start, label.len() as u32));
    }
    label.push(')');
    Some(Signature {
        label,
        params,
        active,
        docs: super::hover::documentation(&parsed.item.docs),
    })
}
