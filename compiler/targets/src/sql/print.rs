//! Printing: the only place where SQL text comes about. Every operand stands in parentheses; names are always quoted,
//! literals always escaped.

use std::fmt::Write as _;

use smol_str::SmolStr;

use super::tree::{Expr, Op, Select};

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

/// A text literal. SQL text ends at a NUL, so a literal that holds one is written by its bytes.
pub fn literal(text: &str) -> String {
    if text.contains('\0') {
        let mut hex = String::with_capacity(text.len() * 2);
        for byte in text.bytes() {
            let _ = write!(hex, "{byte:02x}");
        }
        return format!("CAST(x'{hex}' AS TEXT)");
    }
    format!("'{}'", text.replace('\'', "''"))
}

impl Expr {
    /// The text of the expression; it can stand anywhere an operand can.
    pub fn to_sql(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// How deep the printed expression nests, as engines count it (sub-selects included).
    pub fn height(&self) -> usize {
        1 + match self {
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Text(_) | Self::Column { .. } => 0,
            Self::Not(e)
            | Self::IsNull(e)
            | Self::IsNotNull(e)
            | Self::IsTrue(e)
            | Self::Glob(e, _)
            | Self::Cast(e, _)
            | Self::Plus(e, _)
            | Self::Exact(e) => e.height(),
            Self::And(list) | Self::Or(list) => {
                tallest(list) + usize::BITS.saturating_sub(list.len().leading_zeros()) as usize
            }
            Self::Concat(list) => tallest(list) + list.len(),
            Self::Call(_, list) => tallest(list),
            Self::Compare(l, _, r) => l.height().max(r.height()),
            Self::Between(e, l, h) => e.height().max(l.height()).max(h.height()),
            Self::In(e, list) => e.height().max(tallest(list)),
            Self::Case {
                base,
                arms,
                otherwise,
            } => {
                let arms = arms
                    .iter()
                    .map(|(w, t)| w.height().max(t.height()))
                    .max()
                    .unwrap_or(0);
                let ends = [base, otherwise]
                    .into_iter()
                    .flatten()
                    .map(|e| e.height())
                    .max()
                    .unwrap_or(0);
                arms.max(ends)
            }
            Self::Exists(select) | Self::Scalar(select) => {
                select.value.height().max(select.filter.height())
            }
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("NULL"),
            // The words TRUE and FALSE could be columns of the table.
            Self::Bool(true) => out.push('1'),
            Self::Bool(false) => out.push('0'),
            Self::Int(i) => write_int(*i, out),
            Self::Text(text) => out.push_str(&literal(text)),
            Self::Column { row, name } => {
                let _ = write!(out, "{}.{}", qualified(row), identifier(name));
            }
            Self::Not(e) => {
                out.push_str("(NOT ");
                e.write(out);
                out.push(')');
            }
            Self::And(list) => balanced(list, " AND ", out),
            Self::Or(list) => balanced(list, " OR ", out),
            Self::Compare(l, op, r) => {
                out.push('(');
                l.write(out);
                out.push_str(match op {
                    Op::Eq => " = ",
                    Op::Ne => " <> ",
                    Op::Lt => " < ",
                    Op::Le => " <= ",
                    Op::Gt => " > ",
                    Op::Ge => " >= ",
                });
                r.write(out);
                out.push(')');
            }
            Self::Between(e, low, high) => {
                out.push('(');
                e.write(out);
                out.push_str(" BETWEEN ");
                low.write(out);
                out.push_str(" AND ");
                high.write(out);
                out.push(')');
            }
            Self::In(e, list) => {
                out.push('(');
                e.write(out);
                out.push_str(" IN (");
                separated(list, ", ", out);
                out.push_str("))");
            }
            Self::IsNull(e) => postfix(e, " IS NULL", out),
            Self::IsNotNull(e) => postfix(e, " IS NOT NULL", out),
            Self::IsTrue(e) => {
                out.push_str("CASE WHEN ");
                e.write(out);
                out.push_str(" THEN 1 ELSE 0 END");
            }
            Self::Glob(e, pattern) => {
                out.push('(');
                e.write(out);
                out.push_str(" GLOB ");
                out.push_str(&literal(pattern));
                out.push(')');
            }
            Self::Case {
                base,
                arms,
                otherwise,
            } => {
                out.push_str("CASE");
                if let Some(base) = base {
                    out.push(' ');
                    base.write(out);
                }
                for (when, then) in arms {
                    out.push_str(" WHEN ");
                    when.write(out);
                    out.push_str(" THEN ");
                    then.write(out);
                }
                if let Some(otherwise) = otherwise {
                    out.push_str(" ELSE ");
                    otherwise.write(out);
                }
                out.push_str(" END");
            }
            Self::Call(name, args) => {
                out.push_str(name);
                out.push('(');
                separated(args, ", ", out);
                out.push(')');
            }
            Self::Cast(e, ty) => {
                out.push_str("CAST(");
                e.write(out);
                let _ = write!(out, " AS {ty})");
            }
            Self::Concat(list) => {
                out.push('(');
                separated(list, " || ", out);
                out.push(')');
            }
            Self::Plus(e, n) => {
                out.push('(');
                e.write(out);
                let _ = write!(out, " + {n})");
            }
            Self::Exact(e) => postfix(e, " COLLATE BINARY", out),
            Self::Exists(select) => {
                out.push_str("EXISTS (");
                select.write(out);
                out.push(')');
            }
            Self::Scalar(select) => {
                out.push('(');
                select.write(out);
                out.push(')');
            }
        }
    }
}

impl Select {
    fn write(&self, out: &mut String) {
        out.push_str("SELECT ");
        self.value.write(out);
        out.push_str(" FROM ");
        for (i, table) in self.from.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            let _ = write!(
                out,
                "{} AS {}",
                qualified(&table.parts),
                identifier(&table.alias)
            );
        }
        out.push_str(" WHERE ");
        self.filter.write(out);
    }
}

fn tallest(list: &[Expr]) -> usize {
    list.iter().map(Expr::height).max().unwrap_or(0)
}

fn separated(list: &[Expr], separator: &str, out: &mut String) {
    for (i, e) in list.iter().enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        e.write(out);
    }
}

fn postfix(e: &Expr, suffix: &str, out: &mut String) {
    out.push('(');
    e.write(out);
    out.push_str(suffix);
    out.push(')');
}

/// The smallest integer has no literal of its own: its digits alone are beyond the largest.
fn write_int(i: i64, out: &mut String) {
    if i == i64::MIN {
        let _ = write!(out, "({} - 1)", i64::MIN + 1);
    } else {
        let _ = write!(out, "{i}");
    }
}

/// A chain of a thousand terms would nest as deep: halves nest only as deep as their logarithm.
fn balanced(list: &[Expr], operator: &str, out: &mut String) {
    match list {
        [] => {}
        [one] => one.write(out),
        _ => {
            let (left, right) = list.split_at(list.len() / 2);
            out.push('(');
            balanced(left, operator, out);
            out.push_str(operator);
            balanced(right, operator, out);
            out.push(')');
        }
    }
}
