//! The layout of tests and claims.

use super::layout::Layout;
use crate::Span;
use crate::ast::{Assert, GivenRow, Key, Name, Step, Subject, Tables, Test};

impl Layout<'_> {
    /// `test "…" { … }`
    pub(super) fn test(&mut self, test: &Test, end: usize) {
        let members: Vec<_> = test
            .steps
            .iter()
            .map(|s| self.words(step_span(s)))
            .collect();
        let brace = Self::brace(&members, end);
        let body = self.open_body(0, brace, end, members.len() <= 1);
        self.members(body, brace, end, &members, 0, 2);
        for (step, &(first, last)) in test.steps.iter().zip(&members) {
            self.step(step, first, last);
        }
        self.close();
    }

    fn step(&mut self, step: &Step, first: usize, last: usize) {
        match step {
            Step::Rows { columns, rows, .. } => self.given(columns, rows, first, last),
            Step::User(person, _) => self.person(person, first, last, 1),
            Step::Sees {
                keys,
                keys_span,
                during,
                ..
            } => {
                self.open(first, last, false);
                self.keys(keys, *keys_span);
                self.during(during.as_ref());
                self.close();
            }
            Step::Can { keys, during, .. } => {
                self.open(first, last, false);
                if let Some((keys, span)) = keys {
                    self.keys(keys, *span);
                }
                self.during(during.as_ref());
                self.close();
            }
            Step::Today(..) | Step::Error(_) => {}
        }
    }

    fn keys(&mut self, keys: &[Key], span: Span) {
        let keys: Vec<_> = keys.iter().map(|k| self.words(k.span)).collect();
        let (open, close) = self.words(span);
        self.enclosed(open, close, &keys, 1, true);
    }

    fn during(&mut self, during: Option<&Tables>) {
        if let Some(tables) = during {
            let first = self.first(tables.span);
            self.soft(first.saturating_sub(2));
            self.tables(tables, 2);
        }
    }

    /// `given sales { … }`: a header and rows, one on each line, their cells aligned.
    fn given(&mut self, columns: &[Name], rows: &[GivenRow], first: usize, last: usize) {
        let header: Vec<_> = columns.iter().map(|n| self.words(n.span)).collect();
        let mut lines = vec![header];
        lines.extend(
            rows.iter()
                .map(|r| r.cells.iter().map(|c| self.words(c.span)).collect()),
        );
        let members: Vec<_> = lines
            .iter()
            .filter_map(|l: &Vec<(usize, usize)>| Some((l.first()?.0, l.last()?.1)))
            .collect();
        let brace = Self::brace(&members, last);
        let body = self.open_body(first, brace, last, rows.len() <= 1);
        self.members(body, brace, last, &members, 1, 2);
        self.align_cells(body, &lines);
        self.close();
    }

    /// What follows `assert`.
    pub(super) fn assert(&mut self, assert: &Assert) {
        match assert {
            Assert::Can {
                cond: Some(cond), ..
            } => {
                self.clause(&[self.words(cond.span())]);
                self.cond(cond, 1, 2);
            }
            Assert::Are { right, table, .. } => {
                let (right, last) = self.words(subject_span(right));
                self.soft(right.saturating_sub(1));
                if last + 1 < self.first(table.span) {
                    self.soft(last + 1);
                }
            }
            Assert::Can { .. } | Assert::Error(_) => {}
        }
    }
}

fn step_span(step: &Step) -> Span {
    match step {
        Step::Rows { span, .. }
        | Step::Sees { span, .. }
        | Step::Can { span, .. }
        | Step::User(_, span)
        | Step::Today(_, span)
        | Step::Error(span) => *span,
    }
}

fn subject_span(subject: &Subject) -> Span {
    match subject {
        Subject::Who(who) => who.span,
        Subject::Anyone(_, span) => *span,
    }
}
