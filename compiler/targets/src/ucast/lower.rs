//! Conditions of Core as UCAST: each as "it is true" or "it is false"; what is unknown is neither.

use std::cell::Cell;

use ambit_core::{
    CompareOp, Operand, Pred, PrincipalId, Program, SourceId, TableId, TextTest, Type, Value,
};
use jiff::civil::Date;

use super::cond::{Cond, Said, all, any};
use super::field::Field;
use super::window::ends;
use crate::target::Refusal;

/// Whom a condition is for, and where it stands.
pub(super) struct Lower<'p> {
    pub program: &'p Program,
    /// Who: nobody in particular, or a bare principal.
    pub who: Option<PrincipalId>,
    /// The source in which the resource is judged.
    pub source: Option<SourceId>,
    /// The table of the row; none for objects.
    pub table: Option<TableId>,
    /// The day, where somebody chose to freeze it.
    pub frozen: Option<Date>,
    /// Did the day matter?
    pub dated: Cell<bool>,
}

/// What a test reads.
enum Read<'p> {
    /// A column of the row.
    Field(Field<'p>),
    /// A value that is known now.
    Known(Value),
    /// No value: every test is unknown.
    Nothing,
    /// A value outside its enum: there, but every test is unknown.
    Stray,
}

impl<'p> Lower<'p> {
    /// Where the condition is true (`want`) or false.
    pub fn cond(&self, pred: &Pred, want: bool) -> Said {
        match pred {
            Pred::Const(value) => Ok(Cond::Const(*value == want)),
            Pred::Not(inner) => self.cond(inner, !want),
            Pred::And(parts) if want => all(parts.iter().map(|p| self.cond(p, want))),
            Pred::Or(parts) if !want => all(parts.iter().map(|p| self.cond(p, want))),
            Pred::And(parts) | Pred::Or(parts) => any(parts.iter().map(|p| self.cond(p, want))),
            Pred::Is(operand) => self.test(operand, |read| match read {
                Read::Field(field) => field.compare(equality(want), &Value::Bool(true)),
                Read::Known(Value::Bool(value)) => Ok(Cond::Const(value == want)),
                _ => Ok(Cond::Const(false)),
            }),
            Pred::Compare(left, op, right) => self.compare(left, *op, right, want),
            Pred::InList(operand, values) => self.test(operand, |read| match read {
                Read::Field(field) => field.listed(values, want),
                Read::Known(value) => Ok(Cond::Const(values.contains(&value) == want)),
                _ => Ok(Cond::Const(false)),
            }),
            Pred::InSet(operand, attribute) => {
                let Value::Set(elements) = self.attribute(attribute.index()) else {
                    return Ok(Cond::Const(false));
                };
                let of = self.program.attributes.get(attribute.index());
                let known = |v: &Value| match of.map(|a| &a.ty) {
                    Some(Type::Set(of)) => !self.is_stray(of, v),
                    _ => false,
                };
                // An element outside its enum makes its equality unknown, and so the whole never false.
                if !want && !elements.iter().all(known) {
                    return Ok(Cond::Const(false));
                }
                let inside: Vec<Value> = elements.iter().filter(|v| known(v)).cloned().collect();
                self.test(operand, |read| match read {
                    Read::Field(field) if inside.is_empty() && !want => field.known(),
                    Read::Field(field) => field.listed(&inside, want),
                    Read::Known(value) => Ok(Cond::Const(inside.contains(&value) == want)),
                    _ => Ok(Cond::Const(false)),
                })
            }
            Pred::IsNull(operand) => match self.read(operand)? {
                Read::Field(field) if want => field.missing(),
                Read::Field(field) => field.there(),
                Read::Nothing => Ok(Cond::Const(want)),
                Read::Known(_) | Read::Stray => Ok(Cond::Const(!want)),
            },
            Pred::Text(operand, test, text) => self.test(operand, |read| match read {
                Read::Field(_) => Err(not_said(
                    "a test of a text's beginning, end or middle",
                    "the interpreters share no operator for it but regular expressions, which JSON cannot carry",
                )),
                Read::Known(Value::Text(value)) => {
                    let held = match test {
                        TextTest::StartsWith => value.starts_with(text.as_str()),
                        TextTest::EndsWith => value.ends_with(text.as_str()),
                        TextTest::Contains => value.contains(text.as_str()),
                    };
                    Ok(Cond::Const(held == want))
                }
                _ => Ok(Cond::Const(false)),
            }),
            Pred::InWindow(operand, window) => self.test(operand, |read| {
                let (first, last) = match read {
                    Read::Field(_) | Read::Known(Value::Date(_)) => {
                        ends(*window, self.today()?, self.program.settings.week_start)
                    }
                    _ => return Ok(Cond::Const(false)),
                };
                match read {
                    Read::Field(field) => {
                        let [low, high] = if want {
                            [CompareOp::Ge, CompareOp::Le]
                        } else {
                            [CompareOp::Lt, CompareOp::Gt]
                        };
                        // Before the year 1 there is nothing to compare with.
                        let first = first.max(jiff::civil::date(1, 1, 1));
                        let low = field.compare(low, &Value::Date(first));
                        let high = field.compare(high, &Value::Date(last));
                        if want { all([low, high]) } else { any([low, high]) }
                    }
                    Read::Known(Value::Date(day)) => {
                        Ok(Cond::Const((first <= day && day <= last) == want))
                    }
                    _ => Ok(Cond::Const(false)),
                }
            }),
            Pred::Scope(..) => Err(not_said("a test of a scope", "UCAST has no form for it")),
            Pred::Exists(_) => Err(not_said(
                "`exists`",
                "a condition of UCAST speaks of one row",
            )),
            Pred::LinkVisible(_) => Err(not_said(
                "`is visible`",
                "a condition of UCAST speaks of one row",
            )),
        }
    }

    fn test(&self, operand: &Operand, test: impl FnOnce(Read<'p>) -> Said) -> Said {
        test(self.read(operand)?)
    }

    fn compare(&self, left: &Operand, op: CompareOp, right: &Operand, want: bool) -> Said {
        let op = if want { op } else { negated(op) };
        let (left, right) = (self.read(left), self.read(right));
        let unknown = |read: &Result<Read<'_>, _>| matches!(read, Ok(Read::Nothing | Read::Stray));
        // Whatever the other side says.
        if unknown(&left) || unknown(&right) {
            return Ok(Cond::Const(false));
        }
        match (left?, right?) {
            (Read::Field(field), Read::Known(value)) => field.compare(op, &value),
            (Read::Known(value), Read::Field(field)) => field.compare(turned(op), &value),
            (Read::Known(left), Read::Known(right)) => Ok(Cond::Const(match op {
                CompareOp::Eq => left == right,
                CompareOp::Ne => left != right,
                CompareOp::Lt => left < right,
                CompareOp::Le => left <= right,
                CompareOp::Gt => left > right,
                CompareOp::Ge => left >= right,
            })),
            _ => Err(not_said(
                "a comparison of two columns",
                "a condition of UCAST compares a field with a constant",
            )),
        }
    }

    fn read(&self, operand: &Operand) -> Result<Read<'p>, Refusal> {
        match operand {
            Operand::Column(path) if !path.steps.is_empty() => Err(not_said(
                "a path to another table",
                "a condition of UCAST speaks of one row",
            )),
            Operand::Column(path) => {
                let column = self.program.column(path.table, path.column);
                if column.name == "__itself__" || column.name == "__proto__" {
                    let construct = format!("the column `{}`", column.name);
                    let reason = "the name means something else to UCAST or JavaScript";
                    return Err(Refusal::new("E0507", construct, reason));
                }
                Ok(Read::Field(Field {
                    program: self.program,
                    name: &column.name,
                    ty: &column.ty,
                }))
            }
            Operand::Attribute(id) => {
                let value = self.attribute(id.index());
                let ty = self.program.attributes.get(id.index()).map(|a| &a.ty);
                Ok(match ty {
                    _ if value.is_null() => Read::Nothing,
                    Some(ty) if self.is_stray(ty, &value) => Read::Stray,
                    _ => Read::Known(value),
                })
            }
            Operand::Login => {
                let login = self
                    .who
                    .and_then(|who| self.program.login(who, self.source));
                Ok(login.map_or(Read::Nothing, |login| Read::Known(Value::Text(login))))
            }
            Operand::Today => Ok(Read::Known(Value::Date(self.today()?))),
            Operand::Const(Value::Null) => Ok(Read::Nothing),
            Operand::Const(value) => Ok(Read::Known(value.clone())),
            Operand::Day(inner) => match self.read(inner)? {
                Read::Field(_) => Err(not_said(
                    "the day of a timestamp",
                    "it depends on the project's zone, and UCAST computes nothing",
                )),
                Read::Known(Value::Timestamp(instant)) => {
                    let zone = self.program.settings.time_zone();
                    Ok(Read::Known(Value::Date(instant.day(&zone))))
                }
                other => Ok(other),
            },
        }
    }

    fn today(&self) -> Result<Date, Refusal> {
        self.dated.set(true);
        self.frozen.ok_or_else(|| {
            let reason = "the artifact is fixed text, and nobody chose to freeze the day";
            Refusal::new("E0506", "`today`", reason)
                .help("build with `--at`, or set `today = \"frozen\"` in `[targets.ucast]`")
        })
    }

    /// What is written at the user; nothing else is known of a bare principal.
    fn attribute(&self, position: usize) -> Value {
        let written = self.who.map(|who| &self.program.principal(who).attributes);
        let found = written.and_then(|list| list.iter().find(|(id, _)| id.index() == position));
        found.map_or(Value::Null, |(_, value)| value.clone())
    }

    fn is_stray(&self, ty: &Type, value: &Value) -> bool {
        match (ty, value) {
            (Type::Enum(id), Value::Text(text)) => {
                !self.program.enumeration(*id).members.contains(text)
            }
            _ => false,
        }
    }
}

fn not_said(construct: &str, reason: &str) -> Refusal {
    Refusal::new("E0504", construct, reason)
}

fn equality(equal: bool) -> CompareOp {
    if equal { CompareOp::Eq } else { CompareOp::Ne }
}

/// The comparison that holds of known values exactly where this one does not.
fn negated(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq => CompareOp::Ne,
        CompareOp::Ne => CompareOp::Eq,
        CompareOp::Lt => CompareOp::Ge,
        CompareOp::Le => CompareOp::Gt,
        CompareOp::Gt => CompareOp::Le,
        CompareOp::Ge => CompareOp::Lt,
    }
}

/// The same comparison with its sides exchanged.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
        same => same,
    }
}
