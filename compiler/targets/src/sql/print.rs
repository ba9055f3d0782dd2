//! Printing: the only place where SQL text comes about. Names are always quoted, literals always escaped, and every
//! operand of an operator that is no plain value stands in parentheses.

use std::fmt::Write as _;

use smol_str::SmolStr;

use super::dialect::Capabilities;
use super::tree::{Expr, FLAT, From, Op, Select};

/// A quoted identifier.
pub fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A quoted name of several parts.
pub fn qualified(parts: &[SmolStr]) -> String {
    parts
        .iter()
        .map(|p| identifier(p))
        .collect::<Vec<_>>()
        .join(".")
}

/// The text of an expression, and its parameters in the order of first use.
pub(super) fn print(expr: &Expr, engine: &Capabilities) -> (String, Vec<SmolStr>) {
    let mut printer = Printer {
        engine,
        out: String::new(),
        params: Vec::new(),
    };
    // A predicate stands beside others: a chain keeps its parentheses, and so does all else.
    printer.expr(expr);
    (printer.out, printer.params)
}

struct Printer<'a> {
    engine: &'a Capabilities,
    out: String,
    params: Vec<SmolStr>,
}

/// Does it stand in parentheses where it is an operand?
pub(super) fn stands_in_parentheses(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Compare(..)
            | Expr::Infix(..)
            | Expr::Between(..)
            | Expr::NotBetween(..)
            | Expr::In(..)
            | Expr::NotIn(..)
            | Expr::InSelect(..)
            | Expr::IsAny(..)
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsNotTrue(_)
            | Expr::Concat(_)
            | Expr::NotExists(_)
    )
}

/// Is it a chain of `AND` or of `OR`? Within another it keeps its parentheses.
pub(super) fn is_chain(expr: &Expr) -> bool {
    matches!(expr, Expr::And(_) | Expr::Or(_))
}

/// A chain of a thousand terms would nest as deep: halves nest only as deep as their logarithm.
pub(super) fn halves(list: &[Expr]) -> Option<(&[Expr], &[Expr])> {
    (list.len() > FLAT).then(|| list.split_at(list.len() / 2))
}

impl Printer<'_> {
    /// In parentheses, where it has any: as an operand, or beside others.
    fn expr(&mut self, expr: &Expr) {
        if stands_in_parentheses(expr) {
            self.put("(");
            self.inner(expr);
            self.put(")");
        } else {
            self.inner(expr);
        }
    }

    /// Where no parentheses are needed: what stands around it is closed by itself.
    fn bare(&mut self, expr: &Expr) {
        if self.engine.bare {
            self.inner(expr);
        } else {
            self.expr(expr);
        }
    }

    /// A term of a chain.
    fn term(&mut self, expr: &Expr) {
        if is_chain(expr) {
            self.expr(expr);
        } else {
            self.bare(expr);
        }
    }

    /// Without parentheses around it.
    fn inner(&mut self, expr: &Expr) {
        match expr {
            Expr::Null => self.put("NULL"),
            Expr::Bool(value) => self.put(self.engine.constants[usize::from(*value)]),
            Expr::Flag(value) => self.put(self.engine.flags[usize::from(*value)]),
            Expr::Int(i) => self.int(*i),
            Expr::Number(digits) if digits.starts_with('-') => {
                let _ = write!(self.out, "({digits})");
            }
            Expr::Number(digits) => self.put(digits),
            Expr::Text(text) => (self.engine.text)(text, &mut self.out),
            Expr::Typed(ty, text) => {
                self.put(ty);
                self.put(" ");
                (self.engine.text)(text, &mut self.out);
            }
            Expr::Column { row, name } => {
                let _ = write!(self.out, "{}.{}", qualified(row), identifier(name));
            }
            Expr::Param { name, ty } => self.param(name, *ty),
            Expr::Not(e) => {
                self.put("NOT ");
                self.bare(e);
            }
            Expr::And(list) => self.chain(list, " AND "),
            Expr::Or(list) => self.chain(list, " OR "),
            Expr::Compare(l, op @ (Op::Eq | Op::Ne), r) => match (&**r, self.engine.is_flag) {
                (Expr::Flag(value), Some(words)) => {
                    let wanted = *value == (*op == Op::Eq);
                    self.followed(l, words[usize::from(wanted)]);
                }
                _ => self.pair(l, sign(*op), r),
            },
            Expr::Compare(l, op, r) => self.pair(l, sign(*op), r),
            Expr::Infix(l, operator, r) => self.pair(l, operator, r),
            Expr::Between(e, low, high) if self.engine.between => {
                self.between(e, " BETWEEN ", low, high);
            }
            Expr::NotBetween(e, low, high) if self.engine.between => {
                self.between(e, " NOT BETWEEN ", low, high);
            }
            Expr::Between(e, low, high) => self.both(e, (Op::Ge, low), " AND ", (Op::Le, high)),
            Expr::NotBetween(e, low, high) => self.both(e, (Op::Lt, low), " OR ", (Op::Gt, high)),
            Expr::In(e, list) => self.list(e, self.engine.in_list, list),
            Expr::NotIn(e, list) => self.list(e, self.engine.not_in_list, list),
            Expr::InSelect(e, select) => {
                let [before, after] = self.engine.in_select;
                self.followed(e, before);
                self.select(select);
                self.put(after);
            }
            Expr::IsAny(e, array) => {
                self.followed(e, " ");
                self.operator("=");
                self.put(" ANY (");
                self.followed(array, ")");
            }
            Expr::IsNull(e) => self.followed(e, " IS NULL"),
            Expr::IsNotNull(e) => self.followed(e, " IS NOT NULL"),
            Expr::IsNotTrue(e) => self.followed(e, self.engine.not_true),
            Expr::Case { arms, otherwise } => self.case(arms, otherwise.as_deref()),
            Expr::Call(name, args) => {
                self.put(name);
                self.put("(");
                self.separated(args);
                self.put(")");
            }
            Expr::Cast(e, ty) => self.cast(e, ty),
            Expr::Untyped(e) => {
                self.put("+");
                self.expr(e);
            }
            Expr::Collate(e, collation) => {
                self.expr(e);
                let _ = write!(self.out, " COLLATE {collation}");
            }
            Expr::Concat(list) => {
                for (i, e) in list.iter().enumerate() {
                    if i > 0 {
                        self.put(" ");
                        self.operator("||");
                        self.put(" ");
                    }
                    self.expr(e);
                }
            }
            Expr::Scalar(select) => {
                self.put("(");
                self.select(select);
                self.put(")");
            }
            Expr::Exists(select) => {
                self.put("EXISTS (");
                self.select(select);
                self.put(")");
            }
            Expr::NotExists(select) => {
                self.put("NOT EXISTS (");
                self.select(select);
                self.put(")");
            }
        }
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn followed(&mut self, e: &Expr, after: &str) {
        self.expr(e);
        self.put(after);
    }

    fn pair(&mut self, left: &Expr, operator: &str, right: &Expr) {
        self.followed(left, " ");
        self.operator(operator);
        self.put(" ");
        self.expr(right);
    }

    /// A sign as an operator; a word (`AT TIME ZONE`) as it stands.
    fn operator(&mut self, operator: &str) {
        if operator.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return self.put(operator);
        }
        let [before, after] = self.engine.operator;
        self.put(before);
        self.put(operator);
        self.put(after);
    }

    /// Two comparisons of one operand.
    fn both(&mut self, e: &Expr, low: (Op, &Expr), word: &str, high: (Op, &Expr)) {
        self.put("(");
        self.pair(e, sign(low.0), low.1);
        self.put(")");
        self.put(word);
        self.put("(");
        self.pair(e, sign(high.0), high.1);
        self.put(")");
    }

    fn between(&mut self, e: &Expr, word: &str, low: &Expr, high: &Expr) {
        self.followed(e, word);
        self.followed(low, " AND ");
        self.expr(high);
    }

    fn list(&mut self, e: &Expr, [before, after]: [&str; 2], list: &[Expr]) {
        let integers = list.iter().all(|e| matches!(e, Expr::Int(_)));
        let long = self
            .engine
            .long_list
            .filter(|_| integers && list.len() > FLAT);
        match long {
            Some(ty) => self.cast(e, ty),
            None => self.expr(e),
        }
        self.put(before);
        match long {
            // Told of the first, the engine takes all for such.
            Some(ty) => {
                for (i, e) in list.iter().enumerate() {
                    if i == 0 {
                        self.cast(e, ty);
                    } else {
                        self.put(", ");
                        self.expr(e);
                    }
                }
            }
            None => self.separated(list),
        }
        self.put(after);
    }

    fn cast(&mut self, e: &Expr, ty: &str) {
        let [before, between, after] = self.engine.cast;
        self.put(before);
        // A sign and a collation bind less than a cast.
        if matches!(*e, Expr::Collate(..) | Expr::Int(..=-1)) {
            self.put("(");
            self.expr(e);
            self.put(")");
        } else {
            self.expr(e);
        }
        self.put(between);
        self.put(ty);
        self.put(after);
    }

    fn separated(&mut self, list: &[Expr]) {
        self.joined(list, ", ", Self::bare);
    }

    fn joined(&mut self, list: &[Expr], separator: &str, each: fn(&mut Self, &Expr)) {
        for (i, e) in list.iter().enumerate() {
            if i > 0 {
                self.put(separator);
            }
            each(self, e);
        }
    }

    fn chain(&mut self, list: &[Expr], operator: &str) {
        let Some((left, right)) = halves(list) else {
            return self.joined(list, operator, Self::term);
        };
        self.half(left, operator);
        self.put(operator);
        self.half(right, operator);
    }

    fn half(&mut self, list: &[Expr], operator: &str) {
        if let [one] = list {
            return self.term(one);
        }
        self.put("(");
        self.chain(list, operator);
        self.put(")");
    }

    fn case(&mut self, arms: &[(Expr, Expr)], otherwise: Option<&Expr>) {
        self.put("CASE");
        for (when, then) in arms {
            self.put(" WHEN ");
            self.bare(when);
            self.put(" THEN ");
            self.bare(then);
        }
        if let Some(otherwise) = otherwise {
            self.put(" ELSE ");
            self.bare(otherwise);
        }
        self.put(" END");
    }

    fn param(&mut self, name: &SmolStr, ty: Option<&'static str>) {
        let position = self.params.iter().position(|p| p == name);
        let position = position.unwrap_or_else(|| {
            self.params.push(name.clone());
            self.params.len() - 1
        });
        (self.engine.parameter)(name, position + 1, &mut self.out);
        if let Some(ty) = ty {
            let _ = write!(self.out, "::{ty}");
        }
    }

    fn int(&mut self, i: i64) {
        if i == i64::MIN {
            return self.put(self.engine.least_int);
        }
        let _ = write!(self.out, "{i}");
    }

    fn select(&mut self, select: &Select) {
        self.put("SELECT ");
        self.bare(&select.value);
        self.body(&select.from, &select.filter);
    }

    fn body(&mut self, from: &[From], filter: &Expr) {
        for (i, one) in from.iter().enumerate() {
            self.put(if i == 0 { " FROM " } else { ", " });
            self.from(one);
        }
        if *filter != Expr::Bool(true) {
            self.put(" WHERE ");
            self.bare(filter);
        }
    }

    fn from(&mut self, from: &From) {
        match from {
            From::Table { parts, alias } => {
                let _ = write!(self.out, "{} AS {}", qualified(parts), identifier(alias));
            }
            From::Function {
                name,
                args,
                alias,
                columns,
            } => {
                self.put(name);
                self.put("(");
                self.separated(args);
                let _ = write!(self.out, ") AS {}", identifier(alias));
                if !columns.is_empty() {
                    let names: Vec<String> = columns.iter().map(|c| identifier(c)).collect();
                    let _ = write!(self.out, "({})", names.join(", "));
                }
            }
            From::Select {
                values,
                from,
                filter,
                alias,
            } => {
                self.put("(SELECT ");
                for (i, (value, name)) in values.iter().enumerate() {
                    self.put(if i > 0 { ", " } else { "" });
                    self.bare(value);
                    let _ = write!(self.out, " AS {}", identifier(name));
                }
                self.body(from, filter);
                let _ = write!(self.out, ") AS {}", identifier(alias));
            }
        }
    }
}

fn sign(op: Op) -> &'static str {
    match op {
        Op::Eq => "=",
        Op::Ne => "<>",
        Op::Lt => "<",
        Op::Le => "<=",
        Op::Gt => ">",
        Op::Ge => ">=",
    }
}
