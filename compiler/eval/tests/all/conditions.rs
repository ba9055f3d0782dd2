//! language.md, "Conditions" and "Unknown never reveals a row".

use std::sync::Arc;

use ambit_core::{
    ColumnId, CompareOp, Effect, Exists, Holder, Operand, Path, Pred, ScopeLevel, ScopeMode,
    ScopeTest, Step, TextTest, Unit, Value, Window, WindowKind,
};
use ambit_eval::Truth::{self, False, True, Unknown};
use ambit_eval::{Act, Data, Judge, RowRef, User};
use jiff::civil::date;

use crate::build::*;

fn at(cells: &[(ColumnId, Value)], pred: &Pred) -> Truth {
    let p = program();
    let (data, user) = (Data::new(&p), User::nobody(&p));
    value(&p, &data, &user, &sale(cells), pred)
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

#[test]
fn every_test_with_a_null_is_unknown() {
    let today = Window {
        kind: WindowKind::This,
        count: 1,
        unit: Unit::Month,
    };
    let scope = ScopeTest {
        mode: ScopeMode::ContainsAny,
        levels: vec![ScopeLevel {
            level: "Book".into(),
            members: None,
        }],
    };
    for pred in [
        Pred::Is(here(OPEN)),
        eq(here(NAME), text("x")),
        eq(here(NAME), here(NAME)),
        Pred::Compare(here(NAME), CompareOp::Ne, text("x")),
        Pred::InList(here(NAME), [Value::text("x")].into()),
        Pred::InSet(here(COUNTRY), COUNTRIES),
        Pred::Text(here(NAME), TextTest::Contains, "".into()),
        Pred::InWindow(here(SOLD), today),
        Pred::InWindow(Operand::Day(Arc::new(here(AT))), today),
        Pred::Scope(here(SCOPE), scope),
        eq(Operand::Attribute(FULL_NAME), text("x")),
        eq(Operand::Login, text("x")),
        eq(tier(), text("x")),
        shares(false, Pred::Const(true)),
        Pred::LinkVisible([contact_step()].into()),
    ] {
        assert_eq!(at(&[], &pred), Unknown, "{pred:?}");
        assert_eq!(at(&[], &not(pred.clone())), Unknown, "not {pred:?}");
    }
    for operand in [
        here(NAME),
        tier(),
        Operand::Login,
        Operand::Attribute(COUNTRIES),
        here(SCOPE),
    ] {
        assert_eq!(
            at(&[], &Pred::IsNull(operand.clone())),
            True,
            "{operand:?} is null"
        );
        assert_eq!(at(&[], &not(Pred::IsNull(operand))), False);
    }
}

#[test]
fn comparisons() {
    use CompareOp::{Eq, Ge, Gt, Le, Lt, Ne};
    let row = &[
        (AMOUNT, decimal("10.0")),
        (ID, Value::Int(3)),
        (SOLD, Value::Date(date(2024, 1, 15))),
    ];
    let cases = [
        (
            AMOUNT,
            decimal("10"),
            [True, False, False, True, False, True],
        ),
        (
            AMOUNT,
            decimal("10.01"),
            [False, True, True, True, False, False],
        ),
        (
            AMOUNT,
            decimal("-1"),
            [False, True, False, False, True, True],
        ),
        (ID, Value::Int(3), [True, False, False, True, False, True]),
        (
            ID,
            Value::Int(i64::MAX),
            [False, True, True, True, False, False],
        ),
        (
            SOLD,
            Value::Date(date(2024, 1, 15)),
            [True, False, False, True, False, True],
        ),
        (
            SOLD,
            Value::Date(date(2024, 1, 14)),
            [False, True, False, False, True, True],
        ),
    ];
    for (column, constant, expected) in cases {
        let got = [Eq, Ne, Lt, Le, Gt, Ge].map(|op| {
            at(
                row,
                &Pred::Compare(here(column), op, Operand::Const(constant.clone())),
            )
        });
        assert_eq!(got, expected, "{constant:?}");
    }
}

/// Text is compared exactly: case, blanks, accents, normal form.
#[test]
fn text_is_exact() {
    let row = &[(NAME, Value::text("Ann é"))];
    let is = |t: &str| at(row, &eq(here(NAME), text(t)));
    assert_eq!(
        (is("Ann é"), is("ann é"), is("Ann é "), is("Ann e\u{301}")),
        (True, False, False, False)
    );
    let test = |test, literal: &str| at(row, &Pred::Text(here(NAME), test, literal.into()));
    assert_eq!(
        (
            test(TextTest::StartsWith, "Ann"),
            test(TextTest::StartsWith, "ann")
        ),
        (True, False)
    );
    assert_eq!(
        (
            test(TextTest::EndsWith, "é"),
            test(TextTest::EndsWith, "Ann")
        ),
        (True, False)
    );
    assert_eq!(
        (
            test(TextTest::Contains, "n "),
            test(TextTest::Contains, "%")
        ),
        (True, False)
    );
}

#[test]
fn in_is_the_or_of_its_equalities() {
    let row = &[(NAME, Value::text("x"))];
    let list =
        |values: &[&str]| Pred::InList(here(NAME), values.iter().map(|v| Value::text(v)).collect());
    assert_eq!(
        (at(row, &list(&["y", "x"])), at(row, &list(&["y"]))),
        (True, False)
    );
    assert_eq!(at(&[], &list(&["y"])), Unknown);
}

#[test]
fn sets_of_the_user() {
    let p = program();
    let data = Data::new(&p);
    let pred = Pred::InSet(here(COUNTRY), COUNTRIES);
    let of = |set: Option<&[&str]>, country: Option<&str>| {
        let mut user = User::nobody(&p);
        if let Some(set) = set {
            user.supply(
                COUNTRIES,
                Value::set(set.iter().map(|v| Value::text(v)).collect()),
            );
        }
        let row = country.map_or(sale(&[]), |c| sale(&[(COUNTRY, Value::text(c))]));
        value(&p, &data, &user, &row, &pred)
    };
    assert_eq!(of(Some(&["USA", "FRANCE"]), Some("USA")), True);
    assert_eq!(of(Some(&["FRANCE"]), Some("USA")), False);
    assert_eq!(of(Some(&[]), Some("USA")), False, "an empty set is a value");
    assert_eq!(of(Some(&[]), None), Unknown, "x is not known");
    assert_eq!(of(Some(&[]), Some("MARS")), Unknown, "x is not known");
    assert_eq!(of(None, Some("USA")), Unknown, "not supplied");
    assert_eq!(of(Some(&["MARS"]), Some("USA")), Unknown, "a bad element");
    assert_eq!(
        of(Some(&["MARS", "USA"]), Some("USA")),
        True,
        "a good one beside it"
    );
    assert_eq!(of(Some(&["MARS"]), Some("MARS")), Unknown);
}

/// A value outside its enum makes each test unknown, but it is a value.
#[test]
fn outside_its_enum() {
    let row = &[(COUNTRY, Value::text("usa"))];
    assert_eq!(at(row, &eq(here(COUNTRY), text("USA"))), Unknown);
    assert_eq!(at(row, &eq(here(COUNTRY), text("usa"))), Unknown);
    assert_eq!(
        at(
            row,
            &Pred::Compare(here(COUNTRY), CompareOp::Ne, text("USA"))
        ),
        Unknown
    );
    assert_eq!(
        at(
            row,
            &Pred::InList(here(COUNTRY), [Value::text("USA")].into())
        ),
        Unknown
    );
    assert_eq!(at(row, &Pred::IsNull(here(COUNTRY))), False);
    assert_eq!(at(row, &shares(false, Pred::Const(true))), Unknown);
    // Attributes too.
    let p = program();
    let data = Data::new(&p);
    let mut user = User::nobody(&p);
    user.supply(HOME, Value::text("Mars"));
    let home = || Operand::Attribute(HOME);
    assert_eq!(
        value(&p, &data, &user, &sale(&[]), &eq(home(), text("USA"))),
        Unknown
    );
    assert_eq!(
        value(&p, &data, &user, &sale(&[]), &Pred::IsNull(home())),
        False
    );
}

/// Data of another type than the schema's are never trusted.
#[test]
fn another_type_is_unknown() {
    let row = &[
        (COUNTRY, Value::Int(1)),
        (AMOUNT, Value::text("10")),
        (SCOPE, Value::Bool(true)),
    ];
    assert_eq!(at(row, &eq(here(COUNTRY), text("USA"))), Unknown);
    assert_eq!(
        at(row, &eq(here(AMOUNT), Operand::Const(decimal("10")))),
        Unknown
    );
    assert_eq!(at(row, &Pred::IsNull(here(AMOUNT))), False);
    let p = program();
    let (data, user) = (Data::new(&p), User::nobody(&p));
    let short: ambit_core::Row = vec![Value::Int(1)].into();
    assert_eq!(
        value(
            &p,
            &data,
            &user,
            &short,
            &eq(here(AMOUNT), Operand::Const(decimal("1")))
        ),
        Unknown
    );
}

#[test]
fn windows_and_days_in_the_zone() {
    let mut p = program();
    p.settings.zone = "Europe/Paris".into();
    let (data, user) = (Data::new(&p), User::nobody(&p));
    let today = Pred::InWindow(
        Operand::Day(Arc::new(here(AT))),
        Window {
            kind: WindowKind::This,
            count: 1,
            unit: Unit::Day,
        },
    );
    let at = |instant: &str| {
        let row = sale(&[(AT, Value::Timestamp(instant.parse().unwrap()))]);
        value(&p, &data, &user, &row, &today)
    };
    assert_eq!(at("2024-01-14T23:00:00Z"), True, "midnight in Paris");
    assert_eq!(at("2024-01-14T22:59:59Z"), False);
    assert_eq!(at("2024-01-15T22:59:59Z"), True);
    assert_eq!(at("2024-01-15T23:00:00Z"), False);
    let before = Pred::Compare(
        Operand::Day(Arc::new(here(AT))),
        CompareOp::Lt,
        Operand::Today,
    );
    let row = sale(&[(
        AT,
        Value::Timestamp("2024-01-14T22:59:59Z".parse().unwrap()),
    )]);
    assert_eq!(value(&p, &data, &user, &row, &before), True);
}

fn with_contacts() -> (ambit_core::Program, Data) {
    let p = program();
    let mut data = Data::new(&p);
    let contact =
        |id: i64, tier: Value| vec![Value::Int(id), tier, Value::text("USA")].into_boxed_slice();
    data.add(&p, CONTACTS, contact(7, Value::text("secret")))
        .unwrap();
    data.add(&p, CONTACTS, contact(8, Value::Null)).unwrap();
    (p, data)
}

#[test]
fn paths() {
    let (p, data) = with_contacts();
    let user = User::nobody(&p);
    let at =
        |contact: Value, pred: &Pred| value(&p, &data, &user, &sale(&[(CONTACT, contact)]), pred);
    let secret = eq(tier(), text("secret"));
    let null = Pred::IsNull(tier());
    assert_eq!(
        (at(Value::Int(7), &secret), at(Value::Int(7), &null)),
        (True, False)
    );
    assert_eq!(
        (at(Value::Int(8), &secret), at(Value::Int(8), &null)),
        (Unknown, True),
        "a null column"
    );
    assert_eq!(
        (at(Value::Int(9), &secret), at(Value::Int(9), &null)),
        (Unknown, True),
        "a dangling link"
    );
    assert_eq!(
        (at(Value::Null, &secret), at(Value::Null, &null)),
        (Unknown, True),
        "a null link"
    );
}

/// The row at hand is read again where a path or `exists` leads back into its own table.
#[test]
fn its_own_table_again() {
    let p = program();
    let user = User::nobody(&p);
    let mut data = Data::new(&p);
    let row = sale(&[
        (ID, Value::Int(1)),
        (PARENT, Value::Int(1)),
        (NAME, Value::text("self")),
    ]);
    let step = Step {
        from: SALES,
        column: PARENT,
        to: SALES,
        key: ID,
    };
    let parent_name = Operand::Column(Path {
        steps: vec![step],
        table: SALES,
        column: NAME,
    });
    let pred = eq(parent_name, text("self"));
    assert_eq!(
        value(&p, &data, &user, &row, &pred),
        Unknown,
        "no such row before the action"
    );
    data.add(&p, SALES, row.clone()).unwrap();
    assert_eq!(value(&p, &data, &user, &row, &pred), True);
}

#[test]
fn exists_is_the_or_over_linked_rows() {
    let p = program();
    let mut data = Data::new(&p);
    let user = User::named(&p, "dan");
    let share = |login: Value, country: Value| vec![login, country, Value::Null].into_boxed_slice();
    for (login, country) in [
        (Value::text("dan"), Value::text("USA")),
        (Value::text("eve"), Value::text("FRANCE")),
        (Value::Null, Value::text("GERMANY")),
        (Value::text("dan"), Value::Null),
        (Value::text("dan"), Value::text("MARS")),
    ] {
        data.add(&p, SHARES, share(login, country)).unwrap();
    }
    let mine = shares(false, eq(col(SHARES, ColumnId(0)), Operand::Login));
    let any = shares(false, Pred::Const(true));
    let at =
        |country: Value, pred: &Pred| value(&p, &data, &user, &sale(&[(COUNTRY, country)]), pred);
    assert_eq!(at(Value::text("USA"), &mine), True);
    assert_eq!(at(Value::text("FRANCE"), &mine), False);
    assert_eq!(
        at(Value::text("GERMANY"), &mine),
        Unknown,
        "a null in the linked row"
    );
    assert_eq!(at(Value::text("GERMANY"), &any), True);
    assert_eq!(at(Value::Null, &any), Unknown, "this row's own null link");
    assert_eq!(
        at(Value::text("MARS"), &any),
        Unknown,
        "this row's own link outside its enum"
    );
    let none = Data::new(&p);
    assert_eq!(
        value(
            &p,
            &none,
            &user,
            &sale(&[(COUNTRY, Value::text("USA"))]),
            &mine
        ),
        False,
        "none: false"
    );
    assert_eq!(value(&p, &none, &user, &sale(&[]), &mine), Unknown);
}

/// The link hangs at the end of a path; a path that ends at no row makes `exists` unknown.
#[test]
fn exists_over_a_path() {
    let (p, mut data) = with_contacts();
    let user = User::nobody(&p);
    let row = sale(&[(ID, Value::Int(1)), (CONTACT, Value::Int(7))]);
    data.add(&p, SALES, row.clone()).unwrap();
    let pred = Pred::Exists(Arc::new(Exists {
        path: vec![contact_step()],
        own: ColumnId(0),
        table: SALES,
        other: CONTACT,
        visible: false,
        pred: eq(here(ID), Operand::Const(Value::Int(1))),
    }));
    assert_eq!(value(&p, &data, &user, &row, &pred), True);
    assert_eq!(
        value(&p, &data, &user, &sale(&[(CONTACT, Value::Int(8))]), &pred),
        False
    );
    assert_eq!(
        value(&p, &data, &user, &sale(&[(CONTACT, Value::Int(9))]), &pred),
        Unknown
    );
    assert_eq!(value(&p, &data, &user, &sale(&[]), &pred), Unknown);
}

/// `is visible` and `exists visible` are decisions: true or false, unknown only where the link leads to no row.
#[test]
fn visible() {
    let (mut p, mut data) = with_contacts();
    p.rules = vec![rule(
        Effect::Grant,
        Holder::Principal(A),
        CONTACTS,
        &["read"],
        eq(col(CONTACTS, ColumnId(1)), text("secret")),
    )];
    let link = Pred::LinkVisible([contact_step()].into());
    let at = |p: &_, data: &_, who, contact: Value| {
        value(
            p,
            data,
            &User::of(p, who),
            &sale(&[(CONTACT, contact)]),
            &link,
        )
    };
    assert_eq!(at(&p, &data, A, Value::Int(7)), True);
    assert_eq!(
        at(&p, &data, A, Value::Int(8)),
        False,
        "the decision there is unknown: not allowed"
    );
    assert_eq!(at(&p, &data, B, Value::Int(7)), False);
    assert_eq!(at(&p, &data, A, Value::Int(9)), Unknown);
    assert_eq!(at(&p, &data, A, Value::Null), Unknown);
    // Contacts follow their sales.
    p.rules.push(rule(
        Effect::Grant,
        Holder::Everyone,
        SALES,
        &["read"],
        eq(here(NAME), text("x")),
    ));
    data.add(
        &p,
        SALES,
        sale(&[
            (ID, Value::Int(1)),
            (CONTACT, Value::Int(7)),
            (NAME, Value::text("x")),
        ]),
    )
    .unwrap();
    data.add(
        &p,
        SALES,
        sale(&[
            (ID, Value::Int(2)),
            (CONTACT, Value::Int(8)),
            (NAME, Value::Null),
        ]),
    )
    .unwrap();
    let sales = |pred| {
        Pred::Exists(Arc::new(Exists {
            path: vec![],
            own: ColumnId(0),
            table: SALES,
            other: CONTACT,
            visible: true,
            pred,
        }))
    };
    let user = User::nobody(&p);
    let judge = Judge::new(&p, &data, &user, &[CONTACTS], TODAY, None);
    let contact = |id: i64, pred: &Pred| {
        let row = [Value::Int(id), Value::Null, Value::Null];
        judge.value_of(CONTACTS, RowRef::new(&row), pred)
    };
    assert_eq!(contact(7, &sales(Pred::Const(true))), True);
    assert_eq!(
        contact(8, &sales(Pred::Const(true))),
        False,
        "read of sale 2 is unknown, so not allowed"
    );
    assert_eq!(contact(7, &sales(of_value(Unknown))), Unknown);
    assert_eq!(contact(8, &sales(of_value(Unknown))), False);
}

/// `user.login` is the name that the row's source knows.
#[test]
fn logins() {
    let mut p = program();
    p.rules = vec![grant(eq(here(NAME), Operand::Login))];
    let data = Data::new(&p);
    let read_in = |user: &User, name: &str, source| {
        let row = sale(&[(NAME, Value::text(name))]);
        Judge::new(&p, &data, user, &[SALES], TODAY, source)
            .decide(SALES, Act::Read(RowRef::new(&row)))
    };
    let u = User::of(&p, U);
    assert_eq!(
        (read_in(&u, "u@x", None), read_in(&u, "U", None)),
        (True, False)
    );
    assert_eq!(
        (read_in(&u, "u@x", Some(CUBE)), read_in(&u, "U", Some(CUBE))),
        (False, True)
    );
    let v = User::of(&p, V);
    assert_eq!(
        (read_in(&v, "v", None), read_in(&v, "v", Some(CUBE))),
        (True, True),
        "the Ambit name"
    );
    assert_eq!(
        read_in(&User::of(&p, A), "a", None),
        Unknown,
        "a bare principal has none"
    );
    assert_eq!(read_in(&User::named(&p, "zoe"), "zoe", Some(CUBE)), True);
    // Inside `exists contacts`, judged in the warehouse: contacts live there too, though the cube is their first.
    let pred = Pred::Exists(Arc::new(Exists {
        path: vec![],
        own: CONTACT,
        table: CONTACTS,
        other: ColumnId(0),
        visible: false,
        pred: eq(col(CONTACTS, ColumnId(1)), Operand::Login),
    }));
    let mut data = Data::new(&p);
    data.add(
        &p,
        CONTACTS,
        vec![Value::Int(1), Value::text("u@x"), Value::Null].into(),
    )
    .unwrap();
    let row = sale(&[(CONTACT, Value::Int(1))]);
    let value_in = |source| {
        Judge::new(&p, &data, &u, &[SALES], TODAY, source).value_of(SALES, RowRef::new(&row), &pred)
    };
    assert_eq!(
        (
            value_in(None),
            value_in(Some(WAREHOUSE)),
            value_in(Some(CUBE))
        ),
        (True, True, False)
    );
}

#[test]
fn what_is_written_at_a_user_wins() {
    let mut p = program();
    p.principals[U.index()].attributes = vec![(FULL_NAME, Value::text("written"))];
    let mut user = User::of(&p, U);
    user.supply(FULL_NAME, Value::text("supplied"));
    user.supply(HOME, Value::text("USA"));
    assert_eq!(user.attribute(FULL_NAME), &Value::text("written"));
    assert_eq!(user.attribute(HOME), &Value::text("USA"));
}

/// `stored as rows`: the scope is the rows of another table.
#[test]
fn scopes_in_rows() {
    let p = program();
    let user = User::nobody(&p);
    let mut data = Data::new(&p);
    for (sale, level, member) in [
        (1, Value::text("Book"), Value::text("Book 1")),
        (1, Value::text("Book"), Value::text("Book 2")),
        (2, Value::text("Book"), Value::Null),
    ] {
        data.add(&p, PARTS, vec![Value::Int(sale), level, member].into())
            .unwrap();
    }
    let books = ScopeTest {
        mode: ScopeMode::MatchAll,
        levels: vec![ScopeLevel {
            level: "Book".into(),
            members: Some(vec!["Book 1".into(), "Book 2".into()]),
        }],
    };
    let at = |id: Value| {
        value(
            &p,
            &data,
            &user,
            &sale(&[(ID, id)]),
            &Pred::Scope(here(STORED), books.clone()),
        )
    };
    assert_eq!(at(Value::Int(1)), True);
    assert_eq!(
        at(Value::Int(2)),
        Unknown,
        "a pair without member cannot be read"
    );
    assert_eq!(at(Value::Int(3)), False, "no rows: the empty scope");
    assert_eq!(at(Value::Null), Unknown);
}

#[test]
fn left_out_cells() {
    let mut p = program();
    p.tables[SALES.index()].columns[AMOUNT.index()].nullable = false;
    p.rules = vec![grant(Pred::Or(
        [
            eq(here(AMOUNT), Operand::Const(Value::Int(1))),
            eq(here(NAME), text("x")),
        ]
        .into(),
    ))];
    let (data, user) = (Data::new(&p), User::nobody(&p));
    let judge = Judge::new(&p, &data, &user, &[SALES], TODAY, None);
    let row = sale(&[(NAME, Value::text("x"))]);
    let mut left_out = vec![false; SALES_WIDTH];
    left_out[COUNTRY.index()] = true;
    judge.decide(
        SALES,
        Act::Read(RowRef {
            values: &row,
            left_out: &left_out,
        }),
    );
    assert_eq!(judge.take_left_out(), vec![]);
    left_out[AMOUNT.index()] = true;
    judge.decide(
        SALES,
        Act::Read(RowRef {
            values: &row,
            left_out: &left_out,
        }),
    );
    let read = judge.take_left_out();
    assert_eq!(
        read.iter().map(|r| (r.table, r.column)).collect::<Vec<_>>(),
        vec![(SALES, AMOUNT)]
    );
    assert_eq!(judge.take_left_out(), vec![], "asked once");
}
