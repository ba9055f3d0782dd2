//! Decimals as keys: texts of one length of which the order is the order of the numbers. SQLite has no exact decimal,
//! and REAL would round.
//!
//! A key is a sign and 60 digits, half of them before the point. Of a negative number the sign is smaller and the
//! digits stand reversed (`9` as `a` … `0` as `j`), so that the larger magnitude comes first.

use rust_decimal::Decimal;

use super::moment::{glob, not};
use super::{call, is_class};
use crate::sql::tree::{Expr, Op};

/// Digits on each side of the point: more than an exact decimal of the language has.
pub(super) const PLACES: u32 = 30;

const REVERSED: [(&str, &str); 10] = [
    ("0", "j"),
    ("1", "i"),
    ("2", "h"),
    ("3", "g"),
    ("4", "f"),
    ("5", "e"),
    ("6", "d"),
    ("7", "c"),
    ("8", "b"),
    ("9", "a"),
];

/// The key of a literal.
pub(super) fn key_of(value: Decimal) -> String {
    let value = value.normalize();
    let text = value.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let width = PLACES as usize;
    let digits = format!("{whole:0>width$}{fraction:0<width$}");
    if value.is_sign_negative() && !value.is_zero() {
        let reversed = digits
            .chars()
            .map(|c| c.to_digit(10).map_or(c, |d| char::from(b'j' - d as u8)));
        format!("-{}", reversed.collect::<String>())
    } else {
        format!("0{digits}")
    }
}

fn zeros(n: u32) -> Expr {
    Expr::text("0".repeat(n as usize))
}

/// An optional minus, digits, and perhaps a point and digits; not too many on either side.
pub(super) fn formed(raw: &Expr) -> Vec<Expr> {
    let (whole, fraction) = parts(raw);
    let places = || Expr::Int(i64::from(PLACES));
    let significant = |trimmed: Expr| call("length", vec![trimmed]).compare(Op::Le, places());
    let bytes = call("length", vec![raw.clone().cast("BLOB")]);
    vec![
        is_class(raw, "text"),
        bytes.compare(Op::Eq, call("length", vec![raw.clone()])),
        Expr::any([glob(raw, "[-0-9]*[0-9]"), glob(raw, "[0-9]")]),
        not(glob(
            &call("substr", vec![raw.clone(), Expr::Int(2)]),
            "*[^.0-9]*",
        )),
        not(glob(raw, "*.*.*")),
        not(glob(raw, "-.*")),
        significant(call("ltrim", vec![whole, Expr::text("0")])),
        significant(call("rtrim", vec![fraction, Expr::text("0")])),
    ]
}

/// The digits before and after the point.
fn parts(raw: &Expr) -> (Expr, Expr) {
    let body = call("ltrim", vec![raw.clone(), Expr::text("-")]);
    let pointed = Expr::Concat(vec![body.clone(), Expr::text(".")]);
    let point = call("instr", vec![pointed.clone(), Expr::text(".")]);
    let whole = call(
        "substr",
        vec![body, Expr::Int(1), point.clone().infix("-", Expr::Int(1))],
    );
    let fraction = call("substr", vec![pointed, point.infix("+", Expr::Int(1))]);
    (whole, call("rtrim", vec![fraction, Expr::text(".")]))
}

/// The key of a well-formed text.
pub(super) fn key_of_text(raw: &Expr) -> Expr {
    let (whole, fraction) = parts(raw);
    let places = i64::from(PLACES);
    let digits = Expr::Concat(vec![
        call(
            "substr",
            vec![Expr::Concat(vec![zeros(PLACES), whole]), Expr::Int(-places)],
        ),
        call(
            "substr",
            vec![
                Expr::Concat(vec![fraction, zeros(PLACES)]),
                Expr::Int(1),
                Expr::Int(places),
            ],
        ),
    ]);
    signed(&glob(raw, "-*"), digits)
}

/// The key of an integer of so many places.
pub(super) fn key_of_scaled(raw: &Expr, scale: u32) -> Expr {
    let text = raw.clone().cast("TEXT");
    let body = call("ltrim", vec![text, Expr::text("-")]);
    let width = PLACES + scale;
    let padded = Expr::Concat(vec![zeros(width), body]);
    let digits = Expr::Concat(vec![
        call("substr", vec![padded, Expr::Int(-i64::from(width))]),
        zeros(PLACES.saturating_sub(scale)),
    ]);
    signed(&raw.clone().compare(Op::Lt, Expr::Int(0)), digits)
}

fn signed(negative: &Expr, digits: Expr) -> Expr {
    let reversed = REVERSED
        .iter()
        .fold(digits.clone(), |text, (digit, letter)| {
            call(
                "replace",
                vec![text, Expr::text(*digit), Expr::text(*letter)],
            )
        });
    Expr::Case {
        arms: vec![(
            Expr::all([negative.clone(), glob(&digits, "*[1-9]*")]),
            Expr::Concat(vec![Expr::text("-"), reversed]),
        )],
        otherwise: Some(Box::new(Expr::Concat(vec![Expr::text("0"), digits]))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_literals_order_as_numbers() {
        let mut numbers: Vec<Decimal> = [
            "-100.5", "-100", "-2", "-1.5", "-0.01", "0", "0.001", "0.01", "1", "9.99", "10",
        ]
        .iter()
        .filter_map(|t| t.parse().ok())
        .collect();
        numbers.push(Decimal::MAX);
        numbers.insert(0, Decimal::MIN);
        let keys: Vec<String> = numbers.iter().map(|n| key_of(*n)).collect();
        assert!(keys.is_sorted());
        assert_eq!(keys.len(), 13);
        assert!(keys.iter().all(|k| k.len() == 61));
        assert_eq!(key_of(Decimal::new(100, 2)), key_of(Decimal::ONE));
        assert_eq!(key_of(-Decimal::ZERO), key_of(Decimal::ZERO));
    }
}
