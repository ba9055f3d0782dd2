//! The values worth trying: those that rules speak of, and their neighbours.

use std::collections::BTreeMap;

use ambit_core::{
    ColumnId, Decimal, Instant, Operand, Pred, Program, Resource, ScopeTest, TableId, Type, Value,
};
use ambit_eval::{User, parse_scope};
use jiff::ToSpan;
use jiff::civil::Date;

/// For each own column that the user's rules read, the values worth trying.
pub(super) fn candidates(
    program: &Program,
    table: TableId,
    user: &User,
    today: Date,
) -> BTreeMap<ColumnId, Vec<Value>> {
    let mut found: BTreeMap<ColumnId, Vec<Value>> = BTreeMap::new();
    let rules = program
        .rules
        .iter()
        .filter(|rule| rule.resource == Resource::Table(table) && user.is_under(&rule.holder));
    for rule in rules {
        visit(&rule.pred, &mut |pred| {
            let own: Vec<ColumnId> = operands(pred)
                .into_iter()
                .filter_map(|operand| own(operand, table))
                .collect();
            for column in own {
                let values = values(program, user, pred, today);
                found.entry(column).or_default().extend(values);
            }
        });
    }
    for (column, values) in &mut found {
        let declared = program.column(table, *column);
        values.extend(example(program, &declared.ty));
        if let Type::Enum(id) = declared.ty {
            values.extend(
                program
                    .enumeration(id)
                    .members
                    .iter()
                    .map(|m| Value::Text(m.clone())),
            );
        }
        if declared.nullable {
            values.push(Value::Null);
        }
        let fitting = values.iter().filter_map(|value| {
            ambit_eval::check_value(program, &declared.ty, value.clone(), &String::new).ok()
        });
        let mut kept: Vec<Value> = Vec::new();
        for value in fitting {
            if !kept.contains(&value) {
                kept.push(value);
            }
        }
        *values = kept;
    }
    found
}

/// The values that a test speaks of, and their neighbours.
fn values(program: &Program, user: &User, pred: &Pred, today: Date) -> Vec<Value> {
    let mut values = Vec::new();
    for operand in operands(pred) {
        match operand {
            Operand::Const(value) => values.push(value.clone()),
            Operand::Today => values.push(Value::Date(today)),
            Operand::Login => values.extend(user.login(program, None).map(Value::Text)),
            Operand::Attribute(id) => values.push(user.attribute(*id).clone()),
            Operand::Column(_) | Operand::Day(_) => {}
        }
    }
    match pred {
        Pred::InList(_, list) => values.extend(list.iter().cloned()),
        Pred::InSet(_, id) => {
            if let Value::Set(elements) = user.attribute(*id) {
                values.extend(elements.iter().cloned());
            }
        }
        Pred::Is(_) => values.extend([Value::Bool(true), Value::Bool(false)]),
        Pred::Text(_, _, literal) => values.push(Value::Text(literal.clone())),
        Pred::InWindow(_, window) => {
            let (first, last) =
                ambit_eval::window_ends(*window, today, program.settings.week_start);
            values.extend([Value::Date(first), Value::Date(last)]);
        }
        Pred::Scope(_, test) => values.extend(scopes(test)),
        _ => {}
    }
    let neighbours: Vec<Value> = values.iter().flat_map(neighbours).collect();
    values.extend(neighbours);
    values
}

fn neighbours(value: &Value) -> Vec<Value> {
    match value {
        Value::Int(n) => vec![
            Value::Int(n.saturating_sub(1)),
            Value::Int(n.saturating_add(1)),
        ],
        Value::Decimal(n) => {
            let one = Decimal::from(1);
            [n.minus(&one), n.plus(&one)].map(Value::Decimal).to_vec()
        }
        Value::Date(day) => vec![
            Value::Date(day.saturating_sub(1.day())),
            Value::Date(day.saturating_add(1.day())),
            instant(*day),
        ],
        _ => Vec::new(),
    }
}

/// A scope with each entry of a test alone, and one with all of them.
fn scopes(test: &ScopeTest) -> Vec<Value> {
    let entries: Vec<String> = test
        .levels
        .iter()
        .flat_map(|level| match &level.members {
            None => vec![format!("{}=any", level.level)],
            Some(members) => members
                .iter()
                .map(|member| format!("{}={member}", level.level))
                .collect(),
        })
        .collect();
    let all = entries.join("|");
    entries
        .iter()
        .chain([&all])
        .map(|text| Value::Scope(parse_scope(text).into()))
        .collect()
}

/// Some value of a type.
pub(super) fn example(program: &Program, ty: &Type) -> Option<Value> {
    Some(match ty {
        Type::Bool => Value::Bool(true),
        Type::Int => Value::Int(1),
        Type::Decimal => Value::Decimal(1.into()),
        Type::String => Value::text("a"),
        Type::Date => Value::Date(jiff::civil::date(2024, 1, 15)),
        Type::Timestamp => instant(jiff::civil::date(2024, 1, 15)),
        Type::Enum(id) => Value::Text(program.enumeration(*id).members.first()?.clone()),
        Type::Scope(levels) => Value::Scope(parse_scope(&format!("{}=a", levels.first()?)).into()),
        Type::Set(of) => Value::set(vec![example(program, of)?]),
    })
}

fn instant(day: Date) -> Value {
    let noon = day.at(12, 0, 0, 0);
    Instant::new(noon).map_or(Value::Null, Value::Timestamp)
}

/// An own column, perhaps taken as its day.
fn own(operand: &Operand, table: TableId) -> Option<ColumnId> {
    match operand {
        Operand::Column(path) if path.steps.is_empty() && path.table == table => Some(path.column),
        Operand::Day(inner) => own(inner, table),
        _ => None,
    }
}

pub(super) fn operands(pred: &Pred) -> Vec<&Operand> {
    match pred {
        Pred::Compare(left, _, right) => vec![left, right],
        Pred::Is(operand)
        | Pred::InList(operand, _)
        | Pred::InSet(operand, _)
        | Pred::IsNull(operand)
        | Pred::Text(operand, ..)
        | Pred::InWindow(operand, _)
        | Pred::Scope(operand, _) => vec![operand],
        _ => Vec::new(),
    }
}

pub(super) fn visit(pred: &Pred, each: &mut impl FnMut(&Pred)) {
    each(pred);
    match pred {
        Pred::Not(inner) => visit(inner, each),
        Pred::And(parts) | Pred::Or(parts) => parts.iter().for_each(|part| visit(part, each)),
        Pred::Exists(exists) => visit(&exists.pred, each),
        _ => {}
    }
}
