//! language.md, "Meaning": the three lines, principals, queries, actions.

use ambit_core::{Applies, Axis, Effect, Holder, Operand, Pred, Resource, Rule, Value};
use ambit_eval::Truth::{self, False, True, Unknown};
use ambit_eval::{Act, Data, DataError, Judge, RowRef, User};

use crate::build::*;

const VALUES: [Truth; 3] = [False, Unknown, True];

fn decide(rules: Vec<Rule>) -> Truth {
    let mut p = program();
    p.rules = rules;
    let (data, user) = (Data::new(&p), User::nobody(&p));
    read(&p, &data, &user, &sale(&[]))
}

/// The table of language.md: `grant` gives only when true, `deny` hides unless false, `restrict` hides unless true.
#[test]
fn grant_deny_restrict() {
    for g in VALUES {
        assert_eq!(decide(vec![grant(of_value(g))]), g);
        for d in VALUES {
            for s in VALUES {
                let got = decide(vec![
                    grant(of_value(g)),
                    deny(of_value(d)),
                    restrict(None, of_value(s)),
                ]);
                assert_eq!(
                    got,
                    Truth::least([g, !d, s]),
                    "grant {g}, deny {d}, restrict {s}"
                );
                let allowed = g == True && d == False && s == True;
                assert_eq!(got.is_true(), allowed);
            }
        }
    }
}

#[test]
fn no_grant_is_false_and_one_is_enough() {
    assert_eq!(decide(vec![]), False);
    assert_eq!(
        decide(vec![
            deny(Pred::Const(false)),
            restrict(None, Pred::Const(true))
        ]),
        False
    );
    for a in VALUES {
        for b in VALUES {
            assert_eq!(
                decide(vec![grant(of_value(a)), grant(of_value(b))]),
                a.or(b)
            );
        }
    }
}

/// Those by one axis are united, all others intersected.
#[test]
fn restrictions_by_an_axis() {
    let x = Some(Axis::Column(COUNTRY));
    let y = Some(Axis::Column(NAME));
    let all = || grant(Pred::Const(true));
    for a in VALUES {
        for b in VALUES {
            let same = decide(vec![
                all(),
                restrict(x, of_value(a)),
                restrict(x, of_value(b)),
            ]);
            assert_eq!(same, a.or(b), "one axis");
            let two = decide(vec![
                all(),
                restrict(x, of_value(a)),
                restrict(y, of_value(b)),
            ]);
            assert_eq!(two, a.and(b), "two axes");
            let plain = decide(vec![
                all(),
                restrict(x, of_value(a)),
                restrict(None, of_value(b)),
            ]);
            assert_eq!(plain, a.and(b), "one by an axis, one not");
        }
    }
}

/// The axis of a restrict counts only among the rules of the user's own principals.
#[test]
fn restrictions_of_others_do_not_count() {
    let mut p = program();
    let axis = Effect::Restrict {
        by: Some(Axis::Column(COUNTRY)),
    };
    p.rules = vec![
        grant(Pred::Const(true)),
        rule(axis, Holder::Principal(A), SALES, ALL, Pred::Const(false)),
        rule(axis, Holder::Principal(B), SALES, ALL, Pred::Const(true)),
    ];
    let data = Data::new(&p);
    let of = |who| read(&p, &data, &User::of(&p, who), &sale(&[]));
    assert_eq!(
        (of(A), of(B), of(C), of(G), of(U)),
        (False, True, False, True, False)
    );
    let mut both = User::of(&p, A);
    both.add(&p, B);
    assert_eq!(read(&p, &data, &both, &sale(&[])), True);
}

#[test]
fn open_opens_reading_only() {
    let mut p = program();
    p.tables[SALES.index()].open = true;
    let (data, user) = (Data::new(&p), User::nobody(&p));
    let judge = Judge::new(&p, &data, &user, &[SALES], TODAY, None);
    let row = sale(&[]);
    let row = RowRef::new(&row);
    assert_eq!(judge.decide(SALES, Act::Read(row)), True);
    assert_eq!(judge.decide(SALES, Act::Insert(row)), False);
    assert_eq!(judge.decide(SALES, Act::Delete(row)), False);
    assert_eq!(
        judge.decide(SALES, Act::Update { old: row, new: row }),
        False
    );
}

#[test]
fn everyone_except() {
    let mut p = program();
    p.rules = vec![rule(
        Effect::Grant,
        Holder::EveryoneExcept(vec![A, G]),
        SALES,
        &["read"],
        Pred::Const(true),
    )];
    let data = Data::new(&p);
    let of = |who| read(&p, &data, &User::of(&p, who), &sale(&[]));
    // `c` and `u` inherit `a`.
    assert_eq!(
        (of(A), of(B), of(C), of(G), of(U), of(V)),
        (False, True, False, False, False, True)
    );
    assert_eq!(read(&p, &data, &User::nobody(&p), &sale(&[])), True);
}

#[test]
fn applies_only_to_some_queries() {
    let cases: &[(Applies, &[ambit_core::TableId], bool)] = &[
        (Applies::Always, &[SALES], true),
        (Applies::WhenAll(vec![SALES, CONTACTS]), &[SALES], false),
        (
            Applies::WhenAll(vec![SALES, CONTACTS]),
            &[SALES, CONTACTS],
            true,
        ),
        (
            Applies::WhenAll(vec![CONTACTS]),
            &[SALES, CONTACTS, SHARES],
            true,
        ),
        (Applies::WhenAny(vec![CONTACTS, SHARES]), &[SALES], false),
        (
            Applies::WhenAny(vec![CONTACTS, SHARES]),
            &[SALES, SHARES],
            true,
        ),
        (Applies::UnlessOnly(vec![SALES, CONTACTS]), &[SALES], false),
        (
            Applies::UnlessOnly(vec![SALES, CONTACTS]),
            &[SALES, CONTACTS],
            false,
        ),
        (
            Applies::UnlessOnly(vec![SALES, CONTACTS]),
            &[SALES, SHARES],
            true,
        ),
        (Applies::UnlessOnly(vec![CONTACTS]), &[SALES], true),
    ];
    for (applies, query, expected) in cases {
        let mut p = program();
        p.rules = vec![grant(Pred::Const(true))];
        p.rules[0].applies = applies.clone();
        let (data, user) = (Data::new(&p), User::nobody(&p));
        let row = sale(&[]);
        let judge = Judge::new(&p, &data, &user, query, TODAY, None);
        assert_eq!(
            judge.decide(SALES, Act::Read(RowRef::new(&row))),
            Truth::from(*expected),
            "{applies:?} {query:?}"
        );
    }
}

/// An insert is judged on the new row, a delete on the old, an update on both; update and delete also need read of
/// the old row.
#[test]
fn actions() {
    let mut p = program();
    let is = |country: &str| eq(here(COUNTRY), text(country));
    p.rules = vec![
        rule(
            Effect::Grant,
            Holder::Everyone,
            SALES,
            &["read"],
            Pred::Or([is("USA"), is("FRANCE")].into()),
        ),
        rule(
            Effect::Grant,
            Holder::Everyone,
            SALES,
            &["insert"],
            is("GERMANY"),
        ),
        rule(
            Effect::Grant,
            Holder::Everyone,
            SALES,
            &["update"],
            not(is("FRANCE")),
        ),
        rule(
            Effect::Grant,
            Holder::Everyone,
            SALES,
            &["delete"],
            not(is("USA")),
        ),
    ];
    let (data, user) = (Data::new(&p), User::nobody(&p));
    let judge = Judge::new(&p, &data, &user, &[SALES], TODAY, None);
    let row = |country: &str| sale(&[(COUNTRY, Value::text(country))]);
    let (usa, france, germany) = (row("USA"), row("FRANCE"), row("GERMANY"));
    let nowhere = sale(&[]);
    let r = |row| RowRef::new(row);
    let insert = |new| judge.decide(SALES, Act::Insert(r(new)));
    assert_eq!(
        (insert(&usa), insert(&germany), insert(&nowhere)),
        (False, True, Unknown)
    );
    let update = |old, new| {
        judge.decide(
            SALES,
            Act::Update {
                old: r(old),
                new: r(new),
            },
        )
    };
    assert_eq!(update(&usa, &usa), True);
    assert_eq!(
        update(&usa, &germany),
        True,
        "read is asked of the old row only"
    );
    assert_eq!(update(&usa, &france), False, "the new row");
    assert_eq!(update(&france, &usa), False, "the old row");
    assert_eq!(update(&germany, &usa), False, "read of the old row");
    assert_eq!(update(&usa, &nowhere), Unknown);
    let delete = |old| judge.decide(SALES, Act::Delete(r(old)));
    assert_eq!(delete(&france), True);
    assert_eq!(delete(&germany), False, "needs read");
    assert_eq!(delete(&usa), False);
}

#[test]
fn restrict_binds_every_action() {
    let mut p = program();
    p.rules = vec![
        rule(
            Effect::Grant,
            Holder::Everyone,
            SALES,
            ALL,
            Pred::Const(true),
        ),
        restrict(None, eq(here(NAME), text("x"))),
    ];
    let (data, user) = (Data::new(&p), User::nobody(&p));
    let judge = Judge::new(&p, &data, &user, &[SALES], TODAY, None);
    let x = sale(&[(NAME, Value::text("x"))]);
    let y = sale(&[(NAME, Value::text("y"))]);
    let (x, y) = (RowRef::new(&x), RowRef::new(&y));
    for act in [
        Act::Insert(y),
        Act::Delete(y),
        Act::Read(y),
        Act::Update { old: x, new: y },
    ] {
        assert_eq!(judge.decide(SALES, act), False);
    }
    for act in [
        Act::Insert(x),
        Act::Delete(x),
        Act::Read(x),
        Act::Update { old: x, new: x },
    ] {
        assert_eq!(judge.decide(SALES, act), True);
    }
}

#[test]
fn objects_have_no_rows() {
    let mut p = program();
    let on_report = |effect, holder, actions: &[&str], pred| {
        let mut rule = rule(effect, holder, SALES, actions, pred);
        rule.resource = Resource::Object(REPORT);
        rule
    };
    p.rules = vec![
        on_report(
            Effect::Grant,
            Holder::Principal(A),
            &["edit", "read"],
            eq(Operand::Attribute(FULL_NAME), text("x")),
        ),
        on_report(
            Effect::Deny,
            Holder::Principal(B),
            &["edit"],
            Pred::Const(true),
        ),
    ];
    let data = Data::new(&p);
    let mut user = User::of(&p, A);
    let can = |user: &User, action| {
        Judge::new(&p, &data, user, &[], TODAY, None).decide_object(REPORT, action)
    };
    assert_eq!(can(&user, "read"), Unknown, "the attribute is not supplied");
    user.supply(FULL_NAME, Value::text("x"));
    assert_eq!(
        (can(&user, "read"), can(&user, "edit"), can(&user, "run")),
        (True, True, False)
    );
    user.add(&p, B);
    assert_eq!((can(&user, "read"), can(&user, "edit")), (True, False));
}

#[test]
fn bypasses() {
    let mut p = program();
    p.principals[A.index()].bypasses = vec![CUBE];
    p.rules = vec![deny(Pred::Const(true))];
    let data = Data::new(&p);
    let user = User::of(&p, C);
    let row = sale(&[]);
    let read_in = |user: &User, source| {
        Judge::new(&p, &data, user, &[SALES], TODAY, source)
            .decide(SALES, Act::Read(RowRef::new(&row)))
    };
    assert_eq!(
        read_in(&user, None),
        False,
        "sales is judged in its first source"
    );
    assert_eq!(read_in(&user, Some(CUBE)), True);
    assert_eq!(read_in(&User::of(&p, B), Some(CUBE)), False);
    let object = Judge::new(&p, &data, &user, &[], TODAY, None).decide_object(REPORT, "edit");
    assert_eq!(object, True);
}

/// Rows of one table with equal keys are equal: two of them are an error of the data.
#[test]
fn keys_are_keys() {
    let p = program();
    let mut data = Data::new(&p);
    let contact = |id: Value| vec![id, Value::Null, Value::Null].into_boxed_slice();
    data.add(&p, CONTACTS, contact(Value::Int(7))).unwrap();
    data.add(&p, CONTACTS, contact(Value::Null)).unwrap();
    data.add(&p, CONTACTS, contact(Value::Null)).unwrap();
    let error = data.add(&p, CONTACTS, contact(Value::Int(7))).unwrap_err();
    assert_eq!(
        error,
        DataError::DuplicateKey {
            table: "contacts".into(),
            key: "7".into()
        }
    );
    let error = data
        .add(&p, CONTACTS, contact(Value::text("7")))
        .unwrap_err();
    assert_eq!(error.to_string(), "`contacts.id` takes int, not \"7\"");
    let error = data
        .add(&p, CONTACTS, vec![Value::Int(1)].into())
        .unwrap_err();
    assert_eq!(error.to_string(), "a row of `contacts` has 3 values, not 1");
}
