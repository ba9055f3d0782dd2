//! Tests of a field against known values, each with the guard that keeps null out.
//!
//! `@ucast/js` compares by JavaScript's rules: `null < 5` and `null > -1` are true there, and `ne` is true of null. In SQL
//! they are unknown. So every test that null could pass in JavaScript stands beside a guard that null fails in both. The
//! guard cannot be `ne null` (in SQL never true) nor `exists` (in JavaScript true of a null that is there): it is a
//! comparison that every value of the type passes.

use ambit_core::{CompareOp, Program, Type, Value};
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use super::cond::{Cond, Said, all, any};
use crate::target::Refusal;

/// The largest integer that JavaScript keeps apart from its neighbours: 2^53 - 1.
const SAFE: i64 = (1 << 53) - 1;

/// A column of the row at hand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'p> {
    pub program: &'p Program,
    pub name: &'p SmolStr,
    pub ty: &'p Type,
}

impl Field<'_> {
    /// `field op value`, true of no null and of nothing outside its enum.
    pub fn compare(self, op: CompareOp, value: &Value) -> Said {
        if let Type::Enum(_) = self.ty {
            return self.listed(std::slice::from_ref(value), op == CompareOp::Eq);
        }
        if let (Type::Bool, Value::Bool(value)) = (self.ty, value) {
            let wanted = *value == (op == CompareOp::Eq);
            return Ok(Cond::field("eq", self.name, wanted));
        }
        let constant = self.constant(value)?;
        let word = match op {
            CompareOp::Eq => return Ok(Cond::field("eq", self.name, constant)),
            CompareOp::Ne => "ne",
            CompareOp::Lt => "lt",
            CompareOp::Le => "lte",
            CompareOp::Gt => "gt",
            CompareOp::Ge => "gte",
        };
        all([self.known(), Ok(Cond::field(word, self.name, constant))])
    }

    /// Is it one of these (`wanted`), or a known value that is none of them?
    pub fn listed(self, values: &[Value], wanted: bool) -> Said {
        match self.ty {
            Type::Enum(id) => {
                // What is outside the enum is neither.
                let members = self.program.enumeration(*id).members.iter();
                let is_listed = |m: &&SmolStr| values.contains(&Value::Text((*m).clone()));
                let members: Vec<Json> = members
                    .filter(|m| is_listed(m) == wanted)
                    .map(|m| json!(m.as_str()))
                    .collect();
                Ok(self.one_of("in", members))
            }
            Type::Bool => {
                let each = [true, false].into_iter();
                let fits = each.filter(|b| values.contains(&Value::Bool(*b)) == wanted);
                any(fits.map(|b| Ok(Cond::field("eq", self.name, b))))
            }
            _ if wanted => {
                let values: Result<Vec<Json>, Refusal> =
                    values.iter().map(|v| self.constant(v)).collect();
                Ok(self.one_of("in", values?))
            }
            _ => {
                let values: Result<Vec<Json>, Refusal> =
                    values.iter().map(|v| self.constant(v)).collect();
                all([self.known(), Ok(self.one_of("nin", values?))])
            }
        }
    }

    fn one_of(self, op: &'static str, mut values: Vec<Json>) -> Cond {
        match values.len() {
            0 => Cond::Const(op == "nin"),
            1 if op == "in" => Cond::field("eq", self.name, values.swap_remove(0)),
            1 => Cond::field("ne", self.name, values.swap_remove(0)),
            _ => Cond::field(op, self.name, values),
        }
    }

    /// It is there and inside its enum: what every test asks before it is decided.
    pub fn known(self) -> Said {
        match self.ty {
            Type::Enum(_) => self.listed(&[], false),
            _ => self.there(),
        }
    }

    /// It is not null: a comparison that every value passes, and null in neither interpreter.
    pub fn there(self) -> Said {
        let test = |op, value: Json| Ok(Cond::field(op, self.name, value));
        match self.ty {
            Type::String | Type::Enum(_) => test("gte", json!("")),
            // In JavaScript null counts as 0, and `gte` takes `=` strictly: `gte 0` is false of null. What is missing
            // is less than everything: `exists` keeps that out.
            Type::Int => all([
                test("exists", json!(true)),
                any([test("lte", json!(-1)), test("gte", json!(0))]),
            ]),
            Type::Bool => test("in", json!([true, false])),
            Type::Date => test("gte", json!("0001-01-01")),
            Type::Timestamp => test("gte", json!("0001-01-01T00:00:00Z")),
            Type::Decimal => Err(decimals()),
            Type::Scope(_) | Type::Set(_) => Err(scopes()),
        }
    }

    /// It is null (or, in JavaScript, missing): `eq` sees that there and `exists` in SQL, and neither is wrong in the
    /// other.
    pub fn missing(self) -> Said {
        if let Type::Scope(_) | Type::Set(_) = self.ty {
            return Err(scopes());
        }
        any([
            Ok(Cond::field("eq", self.name, Json::Null)),
            Ok(Cond::field("exists", self.name, false)),
        ])
    }

    fn constant(self, value: &Value) -> Result<Json, Refusal> {
        match (self.ty, value) {
            (Type::String, Value::Text(text)) => Ok(json!(text.as_str())),
            (Type::Int, Value::Int(number)) if number.abs_diff(0) <= SAFE.unsigned_abs() => {
                Ok(json!(number))
            }
            (Type::Int, Value::Int(number)) => Err(Refusal::new(
                "E0505",
                format!("the integer {number}"),
                "JavaScript keeps integers apart only up to 2^53 - 1",
            )),
            (Type::Date, Value::Date(day)) if day.year() >= 1 => Ok(json!(day.to_string())),
            (Type::Date, Value::Date(day)) => Err(Refusal::new(
                "E0505",
                format!("the date {day}"),
                "dates are compared as text, which has an order from the year 1 on",
            )),
            (Type::Decimal, _) => Err(decimals()),
            (Type::Timestamp, _) => Err(Refusal::new(
                "E0504",
                "a comparison of timestamps",
                "as text they have no order, and JavaScript's dates are never equal",
            )),
            _ => Err(scopes()),
        }
    }
}

fn decimals() -> Refusal {
    Refusal::new(
        "E0504",
        "a test of a decimal",
        "JavaScript has no exact decimals",
    )
}

fn scopes() -> Refusal {
    Refusal::new("E0504", "a test of a scope", "UCAST has no form for it")
}
