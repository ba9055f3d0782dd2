//! What to select when the selection grows: word, condition, rule, body, item, file.

use ambit_compiler::{Database, SourceFile, item_syntax};
use ambit_grammar::ast::{Cond, ItemKind, Operand, Rule, Step};
use ambit_grammar::{Span, TokenKind, lex};

use super::{item_at, item_span, rule_span, rules_of};

/// The ranges around a byte, from the smallest to the whole file.
pub fn selections(db: &Database, file: SourceFile, offset: u32) -> Vec<Span> {
    let text = file.text(db);
    let mut spans = vec![Span::new(0, text.len() as u32)];
    if let Some(item) = item_at(db, file, offset) {
        let start = item.start(db);
        spans.push(item_span(db, item));
        let tree = &item_syntax(db, item).item;
        let mut inner = vec![tree.span];
        parts(&tree.kind, &mut inner);
        spans.extend(inner.into_iter().map(|s| s.shift(start)));
        let raw = item.raw(db);
        brackets(&raw.tokens(), start, &mut spans);
    }
    let word = lex(&text)
        .into_iter()
        .rfind(|t| t.start <= offset && offset <= t.end && t.kind != TokenKind::Whitespace);
    spans.extend(word.map(|t| Span::new(t.start, t.end)));
    spans.retain(|s| s.start <= offset && offset <= s.end);
    spans.sort_by_key(|s| (s.end - s.start, s.start));
    spans.dedup();
    // Each must hold the one before it.
    let mut nested: Vec<Span> = Vec::new();
    for span in spans {
        let holds = |inner: &Span| span.start <= inner.start && inner.end <= span.end;
        if nested.last().is_none_or(holds) {
            nested.push(span);
        }
    }
    nested
}

/// Pairs of brackets: what is inside, and with them.
fn brackets(tokens: &[ambit_grammar::Token], start: u32, out: &mut Vec<Span>) {
    let mut open = Vec::new();
    for token in tokens {
        match token.kind {
            TokenKind::LeftBrace | TokenKind::LeftBracket | TokenKind::LeftParen => {
                open.push(*token);
            }
            TokenKind::RightBrace | TokenKind::RightBracket | TokenKind::RightParen => {
                if let Some(left) = open.pop() {
                    out.push(Span::new(left.end, token.start).shift(start));
                    out.push(Span::new(left.start, token.end).shift(start));
                }
            }
            _ => {}
        }
    }
}

fn parts(kind: &ItemKind, out: &mut Vec<Span>) {
    match kind {
        ItemKind::Table(table) => out.extend(table.columns.iter().map(|c| c.span)),
        ItemKind::Filter(filter) => cond(&filter.cond, out),
        ItemKind::User(person) => out.extend(person.facts.iter().map(|f| f.span)),
        ItemKind::Assert(ambit_grammar::ast::Assert::Can { cond: Some(c), .. }) => cond(c, out),
        ItemKind::Test(test) => {
            for step in &test.steps {
                if let Step::Rows { rows, .. } = step {
                    out.extend(rows.iter().map(|r| r.span));
                }
                out.push(match step {
                    Step::Rows { span, .. }
                    | Step::User(_, span)
                    | Step::Today(_, span)
                    | Step::Sees { span, .. }
                    | Step::Can { span, .. }
                    | Step::Error(span) => *span,
                });
            }
        }
        _ => {}
    }
    for rule in rules_of(kind) {
        out.push(rule_span(rule));
        match rule {
            Rule::Access { cond: Some(c), .. } | Rule::Restrict { cond: c, .. } => cond(c, out),
            Rule::Access { cond: None, .. } | Rule::Error(_) => {}
        }
    }
}

fn cond(c: &Cond, out: &mut Vec<Span>) {
    out.push(c.span());
    let mut operand = |o: &Operand| out.push(o.span());
    match c {
        Cond::Or(all, _) | Cond::And(all, _) => all.iter().for_each(|c| cond(c, out)),
        Cond::Not(inner, _)
        | Cond::Paren(inner, _)
        | Cond::Exists {
            cond: Some(inner), ..
        } => cond(inner, out),
        Cond::Compare { left, right, .. } => {
            operand(left);
            operand(right);
        }
        Cond::Between {
            left, low, high, ..
        } => [left, low, high].into_iter().for_each(operand),
        Cond::In { left, .. }
        | Cond::IsNull { left, .. }
        | Cond::IsVisible { left, .. }
        | Cond::Text { left, .. }
        | Cond::Scope { left, .. } => operand(left),
        _ => {}
    }
}
