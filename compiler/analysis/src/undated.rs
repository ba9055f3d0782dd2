//! Tests that give no day although their outcome depends on it: they pass today and fail another day.

use std::collections::BTreeSet;

use ambit_core::{Operand, Pred, Program, Resource, Test, TestId, Unit, Value, Window};
use ambit_diagnostics::{FileSpan, Resolved, ResolvedFix, Said};
use ambit_grammar::{TokenKind, lex};
use jiff::civil::{Date, date};
use jiff::{Span, tz::TimeZone};

/// More days are not tried for a test.
const MOST_DAYS: usize = 400;

/// What conditions say of days.
#[derive(Default)]
struct Days {
    /// `today` or a window is read.
    read: bool,
    /// `visible` is read, and so the rules on other tables.
    visible: bool,
    windows: Vec<Window>,
    constants: BTreeSet<Date>,
}

impl Days {
    fn constant(&mut self, value: &Value, zone: &TimeZone) {
        match value {
            Value::Date(day) => {
                self.constants.insert(*day);
            }
            Value::Timestamp(instant) => {
                self.constants.insert(instant.day(zone));
            }
            Value::Set(list) => list.iter().for_each(|value| self.constant(value, zone)),
            _ => {}
        }
    }

    fn operand(&mut self, operand: &Operand, zone: &TimeZone) {
        match operand {
            Operand::Today => self.read = true,
            Operand::Const(value) => self.constant(value, zone),
            Operand::Day(inner) => self.operand(inner, zone),
            Operand::Column(_) | Operand::Attribute(_) | Operand::Login => {}
        }
    }

    fn pred(&mut self, pred: &Pred, zone: &TimeZone) {
        match pred {
            Pred::Const(_) => {}
            Pred::LinkVisible(_) => self.visible = true,
            Pred::Not(inner) => self.pred(inner, zone),
            Pred::And(parts) | Pred::Or(parts) => {
                parts.iter().for_each(|part| self.pred(part, zone));
            }
            Pred::Compare(left, _, right) => {
                self.operand(left, zone);
                self.operand(right, zone);
            }
            Pred::InList(operand, values) => {
                self.operand(operand, zone);
                values.iter().for_each(|value| self.constant(value, zone));
            }
            Pred::InWindow(operand, window) => {
                self.read = true;
                self.windows.push(*window);
                self.operand(operand, zone);
            }
            Pred::Is(operand)
            | Pred::InSet(operand, _)
            | Pred::IsNull(operand)
            | Pred::Text(operand, ..)
            | Pred::Scope(operand, _) => self.operand(operand, zone),
            Pred::Exists(exists) => {
                self.visible |= exists.visible;
                self.pred(&exists.pred, zone);
            }
        }
    }
}

/// The problems of all tests.
pub(crate) fn find(
    program: &Program,
    texts: &dyn Fn(&str) -> Option<std::sync::Arc<str>>,
    wanted: &dyn Fn(),
) -> Vec<Resolved> {
    let undated = program.tests.iter().enumerate();
    let undated = undated.filter(|(_, test)| test.today.is_none());
    let mut out = Vec::new();
    for (position, test) in undated {
        wanted();
        let Some(days) = days(program, test) else {
            continue;
        };
        if let Some((passes, fails)) = differs(program, TestId(position as u32), &days, wanted) {
            out.push(problem(test, passes, fails, texts));
        }
    }
    out
}

/// The days on which the test can come out differently; `None`: none of the rules asks for the day.
fn days(program: &Program, test: &Test) -> Option<Vec<Date>> {
    let zone = program.settings.time_zone();
    let asked: BTreeSet<Resource> = test
        .expectations
        .iter()
        .map(|step| match &step.kind {
            ambit_core::ExpectationKind::Sees { table, .. } => Resource::Table(*table),
            ambit_core::ExpectationKind::Can { resource, .. } => *resource,
        })
        .collect();
    let mut of = Days::default();
    for rule in program.rules.iter().filter(|r| asked.contains(&r.resource)) {
        of.pred(&rule.pred, &zone);
    }
    if of.visible {
        program
            .rules
            .iter()
            .for_each(|rule| of.pred(&rule.pred, &zone));
    }
    if !of.read {
        return None;
    }
    for value in test
        .given
        .iter()
        .flat_map(|(_, rows)| rows)
        .flat_map(|row| row.row.iter())
    {
        of.constant(value, &zone);
    }
    for principal in &program.principals {
        for (_, value) in &principal.attributes {
            of.constant(value, &zone);
        }
    }
    // By how much windows move their ends.
    let mut spans: BTreeSet<i64> = [0, 1].into();
    for window in &of.windows {
        let length = match window.unit {
            Unit::Day => 1,
            Unit::Week => 7,
            Unit::Month => 31,
            Unit::Quarter => 92,
            Unit::Year => 366,
        };
        let count = i64::from(window.count).min(1_000);
        for n in [0, 1, count, count + 1] {
            spans.extend([n * length, n * length + length / 2]);
        }
    }
    let usual = date(2024, 1, 15);
    let mut days = vec![usual, date(1970, 1, 1), date(2199, 12, 31)];
    for constant in &of.constants {
        for span in spans.iter().flat_map(|n| [*n, -*n]) {
            let moved = Span::new()
                .try_days(span)
                .and_then(|s| constant.checked_add(s));
            days.extend(
                moved
                    .ok()
                    .filter(|day| (date(1970, 1, 1)..=date(2199, 12, 31)).contains(day)),
            );
        }
    }
    let mut seen = BTreeSet::new();
    days.retain(|day| seen.insert(*day));
    days.truncate(MOST_DAYS);
    Some(days)
}

/// A day on which the test passes, if there is one, and one on which it comes out otherwise.
fn differs(
    program: &Program,
    test: TestId,
    days: &[Date],
    wanted: &dyn Fn(),
) -> Option<(Option<Date>, Date)> {
    let outcome = |day: Date| {
        wanted();
        let run = ambit_eval::run_test(program, test, day);
        let failures = run.failures.into_iter();
        failures.map(|f| (f.origin, f.got)).collect::<Vec<_>>()
    };
    let first = days.first()?;
    let usual = outcome(*first);
    let mut passes = usual.is_empty().then_some(*first);
    let mut other = None;
    for day in &days[1..] {
        let found = outcome(*day);
        if passes.is_none() && found.is_empty() {
            passes = Some(*day);
        }
        if other.is_none() && found != usual {
            // Of the two the one that fails.
            other = Some(if found.is_empty() { *first } else { *day });
        }
        if other.is_some() && passes.is_some() {
            break;
        }
    }
    other.map(|other| (passes, other))
}

fn problem(
    test: &Test,
    passes: Option<Date>,
    fails: Date,
    texts: &dyn Fn(&str) -> Option<std::sync::Arc<str>>,
) -> Resolved {
    let origin = &test.origin;
    let span = |start: u32, end: u32| FileSpan {
        file: origin.file.clone(),
        start,
        end,
    };
    let day = passes.unwrap_or(date(2024, 1, 15));
    let text = texts(&origin.file);
    let written = text
        .as_deref()
        .and_then(|text| text.get(origin.start as usize..origin.end as usize))
        .unwrap_or_default();
    let brace = lex(written)
        .into_iter()
        .find(|t| t.kind == TokenKind::LeftBrace);
    let head = brace.map_or(origin.end, |brace| origin.start + brace.start);
    let head = written
        .get(..(head - origin.start) as usize)
        .map_or(head, |head| origin.start + head.trim_end().len() as u32);
    let said = Said {
        message: format!(
            "what test `{:?}` says depends on the day, and it gives none",
            test.name
        ),
        label: "judged on the day on which it runs".to_owned(),
        help: vec![format!("write `given today {day}`")],
        notes: vec![match passes {
            Some(passes) => format!("it passes on {passes} and fails on {fails}"),
            None => format!("it fails in other ways on {day} than on {fails}"),
        }],
        witness: None,
    };
    let mut problem = Resolved::at("W0615", span(origin.start, head), said);
    if let Some(brace) = brace {
        let at = origin.start + brace.end;
        problem.fixes.push(ResolvedFix {
            title: format!("write `given today {day}`").into(),
            safe: false,
            edits: vec![(span(at, at), format!("\n    given today {day}"))],
        });
    }
    problem
}
