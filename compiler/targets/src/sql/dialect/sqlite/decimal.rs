//! Decimals as keys: texts of which the order is the order of the numbers. SQLite has no exact decimal, and REAL would
//! round.
//!
//! A key is a sign, how many digits stand before the point (five of them), and the digits without zeros that say
//! nothing: of 12.50 it is `0` `00002` `125`. Of a negative number the sign is smaller, the digits stand reversed (`9` as
//! `a` … `0` as `j`), so that the larger magnitude comes first, and a `z` comes last, so that the shorter of two that
//! begin alike is the greater.

use ambit_core::Decimal;

use super::moment::{glob, not};
use super::{call, is_class};
use crate::sql::tree::{Expr, From, Op, Select};

/// Digits of the number of digits before the point.
const WIDTH: u32 = 5;

const END: &str = "z";

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
pub(super) fn key_of(value: &Decimal) -> String {
    let (whole, fraction) = value.digits();
    let width = WIDTH as usize;
    let digits = format!("{:0width$}{whole}{fraction}", whole.len());
    if value.is_negative() {
        let reversed = digits
            .chars()
            .map(|c| c.to_digit(10).map_or(c, |d| char::from(b'j' - d as u8)));
        format!("-{}{END}", reversed.collect::<String>())
    } else {
        format!("0{digits}")
    }
}

fn zeros(n: usize) -> Expr {
    Expr::text("0".repeat(n))
}

/// An optional minus, digits, and perhaps a point and digits; not too long.
pub(super) fn formed(raw: &Expr) -> Vec<Expr> {
    let bytes = call("length", vec![raw.clone().cast("BLOB")]);
    let longest = i64::try_from(Decimal::LONGEST_TEXT).unwrap_or(i64::MAX);
    vec![
        is_class(raw, "text"),
        // First, so that no more than this is looked at.
        bytes.clone().compare(Op::Le, Expr::Int(longest)),
        bytes.compare(Op::Eq, call("length", vec![raw.clone()])),
        Expr::any([glob(raw, "[-0-9]*[0-9]"), glob(raw, "[0-9]")]),
        not(glob(
            &call("substr", vec![raw.clone(), Expr::Int(2)]),
            "*[^.0-9]*",
        )),
        not(glob(raw, "*.*.*")),
        not(glob(raw, "-.*")),
    ]
}

/// The digits before and after the point that say something.
fn parts(raw: &Expr) -> (Expr, Expr) {
    let body = call("ltrim", vec![raw.clone(), Expr::text("-")]);
    let pointed = Expr::Concat(vec![body.clone(), Expr::text(".")]);
    let point = call("instr", vec![pointed.clone(), Expr::text(".")]);
    let whole = call(
        "substr",
        vec![body, Expr::Int(1), point.clone().infix("-", Expr::Int(1))],
    );
    // With the point that was added last: it goes first, then the zeros before it.
    let fraction = call("substr", vec![pointed, point.infix("+", Expr::Int(1))]);
    let fraction = call("rtrim", vec![fraction, Expr::text(".")]);
    (significant("ltrim", whole), significant("rtrim", fraction))
}

fn significant(trim: &'static str, digits: Expr) -> Expr {
    call(trim, vec![digits, Expr::text("0")])
}

/// The key of a well-formed text.
pub(super) fn key_of_text(raw: &Expr) -> Expr {
    let (whole, fraction) = parts(raw);
    signed(raw, whole, fraction)
}

/// The key of an integer of so many places.
pub(super) fn key_of_scaled(raw: &Expr, scale: u32) -> Expr {
    let text = raw.clone().cast("TEXT");
    let body = call("ltrim", vec![text.clone(), Expr::text("-")]);
    if scale == 0 {
        return signed(&text, significant("ltrim", body), Expr::text(""));
    }
    let padded = Expr::Concat(vec![zeros(scale as usize), body.clone()]);
    let whole = call(
        "substr",
        vec![padded.clone(), Expr::Int(1), call("length", vec![body])],
    );
    let fraction = call("substr", vec![padded, Expr::Int(-i64::from(scale))]);
    signed(
        &text,
        significant("ltrim", whole),
        significant("rtrim", fraction),
    )
}

/// The key of a text with a minus or without. What it is made of stands once, in sub-selects: written out in each place
/// the key would be long, and its functions would nest deeper than older parsers follow.
fn signed(text: &Expr, whole: Expr, fraction: Expr) -> Expr {
    let column = |row: &str, name: &str| Expr::Column {
        row: vec![row.into()],
        name: name.into(),
    };
    let select = |values, from, alias: &str| From::Select {
        values,
        from,
        filter: Expr::Bool(true),
        alias: alias.into(),
    };
    // Only what stands innermost reads the row: no alias here can hide it.
    let parts = select(
        vec![
            (glob(text, "-*[1-9]*"), "minus"),
            (whole, "whole"),
            (fraction, "fraction"),
        ],
        Vec::new(),
        "parts",
    );
    let of_parts = |name| column("parts", name);
    let length = call(
        "substr",
        vec![
            Expr::Concat(vec![
                zeros(WIDTH as usize - 1),
                call("length", vec![of_parts("whole")]),
            ]),
            Expr::Int(-i64::from(WIDTH)),
        ],
    );
    let digits = select(
        vec![
            (of_parts("minus"), "minus"),
            (
                Expr::Concat(vec![length, of_parts("whole"), of_parts("fraction")]),
                "digits",
            ),
        ],
        vec![parts],
        "digits",
    );
    let (some, others) = REVERSED.split_at(REVERSED.len() / 2);
    let halfway = select(
        vec![
            (column("digits", "minus"), "minus"),
            (column("digits", "digits"), "digits"),
            (reversed(column("digits", "digits"), some), "half"),
        ],
        vec![digits],
        "halfway",
    );
    let below = Expr::Concat(vec![
        Expr::text("-"),
        reversed(column("halfway", "half"), others),
        Expr::text(END),
    ]);
    let above = Expr::Concat(vec![Expr::text("0"), column("halfway", "digits")]);
    let is_below = column("halfway", "minus").compare(Op::Eq, Expr::Flag(true));
    Expr::Scalar(Box::new(Select {
        value: Expr::Case {
            arms: vec![(is_below, below)],
            otherwise: Some(Box::new(above)),
        },
        from: vec![halfway],
        filter: Expr::Bool(true),
    }))
}

/// With these digits reversed.
fn reversed(text: Expr, digits: &[(&str, &str)]) -> Expr {
    digits.iter().fold(text, |text, (digit, letter)| {
        call(
            "replace",
            vec![text, Expr::text(*digit), Expr::text(*letter)],
        )
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_literals_order_as_numbers() {
        let long = "9".repeat(1000);
        let numbers: Vec<Decimal> = [
            &format!("-{long}"),
            "-100.5",
            "-100",
            "-99.99",
            "-2",
            "-1.55",
            "-1.5",
            "-1",
            "-0.012",
            "-0.01",
            "0",
            "0.00000000000000000000000000000000000000001",
            "0.001",
            "0.01",
            "0.012",
            "1",
            "1.5",
            "1.55",
            "9.99",
            "10",
            "100.5",
            &long,
            &format!("{long}.5"),
        ]
        .iter()
        .map(|t| t.parse().unwrap())
        .collect();
        let keys: Vec<String> = numbers.iter().map(key_of).collect();
        assert!(keys.is_sorted_by(|a, b| a < b));
        for (one, other) in [("1.00", "1"), ("-0", "0"), ("007.10", "7.1")] {
            let key = |text: &str| key_of(&text.parse().unwrap());
            assert_eq!(key(one), key(other));
        }
    }
}
