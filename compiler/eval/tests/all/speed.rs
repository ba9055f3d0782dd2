//! The typical predicate of the benches, over many rows: the fast path gives the right number.

use std::sync::Arc;

use ambit_core::{CompareOp, Operand, Pred, Row, Value};
use ambit_eval::{Data, Judge, Prepared, User};

use crate::build::*;

/// `country = "FRANCE" and amount < 1000`, with a deny and a restrict.
#[test]
fn many_rows() {
    let mut p = program();
    let below = |n: i64| {
        Pred::Compare(
            here(AMOUNT),
            CompareOp::Lt,
            Operand::Const(Value::Decimal(n.into())),
        )
    };
    p.rules = vec![
        grant(Pred::And(
            [eq(here(COUNTRY), text("FRANCE")), below(1_000)].into(),
        )),
        deny(Pred::Not(Arc::new(Pred::Compare(
            here(ID),
            CompareOp::Ge,
            Operand::Const(Value::Int(0)),
        )))),
        restrict(None, Pred::Compare(here(NAME), CompareOp::Ne, text("VIP"))),
    ];
    let (data, user) = (Data::new(&p), User::nobody(&p));
    let prepared = Prepared::new(
        Judge::new(&p, &data, &user, &[SALES], TODAY, None),
        SALES,
        "read",
    );
    let rows: Vec<Row> = (0..1_000_i64)
        .map(|i| {
            sale(&[
                (ID, Value::Int(i)),
                (
                    COUNTRY,
                    Value::text(["FRANCE", "USA"][usize::from(i % 4 == 0)]),
                ),
                (AMOUNT, Value::Decimal((i * 2).into())),
                (NAME, Value::text("Ann")),
            ])
        })
        .collect();
    let mut allowed = 0;
    for _ in 0..300 {
        allowed += prepared.allowed(&rows).count();
    }
    assert_eq!(allowed, 375 * 300);
}
