//! The layout of rules and conditions.

use super::layout::Layout;
use crate::Span;
use crate::ast::{Applies, Cond, InSet, Rule, Tables, What};

impl Layout<'_> {
    /// A rule whose keyword stands at an indentation of `level`.
    pub(super) fn rule(&mut self, rule: &Rule, level: u32) {
        match rule {
            Rule::Access {
                keyword,
                actions,
                on,
                cond,
                applies,
                span,
                ..
            } => {
                let (first, last) = (self.first(*keyword), self.last(*span));
                self.open(first, last, false);
                self.indent(first, last, level + 1);
                let actions: Vec<_> = actions.iter().map(|n| self.words(n.span)).collect();
                self.fill(&actions);
                let on: Vec<_> = on.iter().map(|w| self.words(what_span(w))).collect();
                self.fill(&on);
                if let Some(cond) = cond {
                    self.clause(&[self.words(cond.span())]);
                    self.cond(cond, level + 1, level + 2);
                }
                self.applies(applies.as_ref(), level + 1);
                self.close();
            }
            Rule::Restrict {
                keyword,
                cond,
                applies,
                span,
                ..
            } => {
                let (first, last) = (self.first(*keyword), self.last(*span));
                self.open(first, last, false);
                self.indent(first, last, level + 1);
                self.clause(&[self.words(cond.span())]);
                self.cond(cond, level + 1, level + 2);
                self.applies(applies.as_ref(), level + 1);
                self.close();
            }
            Rule::Error(_) => {}
        }
    }

    fn applies(&mut self, applies: Option<&Applies>, level: u32) {
        if let Some(applies) = applies {
            let first = self.first(applies.span);
            self.soft(first);
            self.tables(&applies.tables, level);
        }
    }

    /// `a`, `[a, b]`, `any of [a, b]`, on a line at `level`.
    pub(super) fn tables(&mut self, tables: &Tables, level: u32) {
        let names: Vec<_> = tables.names.iter().map(|n| self.words(n.span)).collect();
        let close = self.last(tables.span);
        if let (Some(&(first, _)), "]") = (names.first(), self.text(close)) {
            self.enclosed(first.saturating_sub(1), close, &names, level, true);
        }
    }

    /// A condition on a line at `level`; where it breaks before `and` or `or`, those stand at `chain`, and so does
    /// whatever belongs to their operands.
    pub(super) fn cond(&mut self, cond: &Cond, level: u32, chain: u32) {
        match cond {
            Cond::And(parts, span) | Cond::Or(parts, span) => {
                let (first, last) = self.words(*span);
                self.open(first, last, false);
                for (i, part) in parts.iter().enumerate() {
                    let start = self.first(part.span());
                    if i > 0 {
                        let word = start.saturating_sub(1);
                        self.soft(word);
                        self.slot(word, |s| s.indent = chain);
                    }
                    self.slot(start, |s| s.indent = chain);
                    self.cond(part, chain, chain + 1);
                }
                self.close();
            }
            Cond::Not(inner, _) => {
                let start = self.first(inner.span());
                self.slot(start, |s| s.indent = level + 1);
                self.cond(inner, level, level + 1);
            }
            Cond::Paren(inner, span) => {
                let (open, close) = self.words(*span);
                self.parens(open, close, inner, level);
            }
            Cond::Exists { cond, span, .. } => {
                let (first, last) = self.words(*span);
                if let Some(cond) = cond {
                    // The tree may hold the parentheses or what stands between them.
                    let inner = match &**cond {
                        Cond::Paren(inner, _) => inner,
                        _ => cond,
                    };
                    let open = self.first(inner.span()).saturating_sub(1);
                    self.indent(first, open, level + 1);
                    self.parens(open, last, inner, level);
                } else {
                    self.indent(first, last, level + 1);
                }
            }
            Cond::In {
                set: InSet::List(values, brackets),
                span,
                ..
            } => {
                let (first, last) = self.words(*span);
                self.indent(first, last, level + 1);
                let (open, close) = self.words(*brackets);
                let values: Vec<_> = values.iter().map(|v| self.words(v.span)).collect();
                self.enclosed(open, close, &values, level, true);
            }
            Cond::Scope { levels, span, .. } => {
                let (first, close) = self.words(*span);
                self.indent(first, close, level + 1);
                let entries: Vec<_> = levels.iter().map(|l| self.words(l.span)).collect();
                let Some(&(start, _)) = entries.first() else {
                    return;
                };
                self.scope(start.saturating_sub(1), close, cond, &entries, level);
            }
            _ => {
                let (first, last) = self.words(cond.span());
                self.indent(first, last, level + 1);
            }
        }
    }

    /// `( cond )`: what stands between goes onto lines of its own where it has no room.
    fn parens(&mut self, open: usize, close: usize, inner: &Cond, level: u32) {
        self.open(open, close, false);
        self.soft(open + 1);
        self.slot(open + 1, |s| s.indent = level + 1);
        self.cond(inner, level + 1, level + 1);
        self.soft(close);
        self.slot(close, |s| (s.indent, s.closer) = (level, true));
        self.close();
    }

    /// `{ Book: ["Book 1"], Desk: any }`
    fn scope(
        &mut self,
        open: usize,
        close: usize,
        cond: &Cond,
        entries: &[(usize, usize)],
        level: u32,
    ) {
        let Cond::Scope { levels, .. } = cond else {
            return;
        };
        self.indent(open, close, level + 1);
        let braces = self.open(open, close, false);
        self.slot(open + 1, |s| s.breaks = super::layout::Break::With(braces));
        for &(first, _) in entries.iter().skip(1) {
            self.soft(first);
        }
        self.soft(close);
        self.slot(close, |s| (s.indent, s.closer) = (level, true));
        for entry in levels {
            let colon = self.last(entry.level.span) + 1;
            self.slot(colon, |s| s.space = 0);
            if let Some(members) = &entry.members {
                let members: Vec<_> = members.iter().map(|m| self.words(m.span)).collect();
                let last = self.last(entry.span);
                self.enclosed(colon + 1, last, &members, level + 1, true);
            }
        }
        self.close();
    }
}

fn what_span(what: &What) -> Span {
    match what {
        What::Name(name) => name.span,
        What::EverythingIn(_, span) => *span,
    }
}
