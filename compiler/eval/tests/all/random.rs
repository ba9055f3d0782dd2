//! The fast path against the plain reading, on random programs, users and rows.

use std::sync::Arc;

use ambit_core::{
    Applies, Axis, CompareOp, Effect, Exists, HierarchyId, Holder, Operand, Pred, PrincipalId, Row,
    ScopeLevel, ScopeMode, ScopeTest, TableId, TextTest, Unit, Value, Window, WindowKind,
};
use ambit_core::{ColumnId, Program};
use ambit_eval::{Act, Data, Judge, Prepared, RowRef, Truth, User, check_row};
use jiff::ToSpan;

use crate::build::*;

/// A small generator of numbers (splitmix64): the same seed gives the same cases everywhere.
pub struct Rng(pub u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }
}

const COUNTRIES_SEEN: &[&str] = &["USA", "FRANCE", "GERMANY", "usa", "MARS"];
const NAMES: &[&str] = &[
    "Ann", "ann", "Dan", "", "VIP 1", "é", "e\u{301}", "100%", "a\\b", "u@x",
];
const SCOPES: &[&str] = &[
    "Book=A",
    "Book=[A + B]",
    "Book=A|Desk=X",
    "",
    "Book<>A",
    "Book=*",
    "nonsense",
    "ID=1|Book=B",
    "Desk&=X",
];

fn country(rng: &mut Rng) -> Value {
    Value::text(rng.pick(COUNTRIES_SEEN))
}

fn name(rng: &mut Rng) -> Value {
    Value::text(rng.pick(NAMES))
}

fn amount(rng: &mut Rng) -> Value {
    Value::Decimal(
        rng.pick(&["10", "10.0", "9.99", "-1", "1000"])
            .parse()
            .unwrap(),
    )
}

fn day(rng: &mut Rng) -> Value {
    Value::Date(TODAY.saturating_add((rng.below(240) as i64 - 120).days()))
}

fn instant(rng: &mut Rng) -> Value {
    let day = TODAY.saturating_add((rng.below(4) as i64 - 2).days());
    let hour = rng.below(24) as i8;
    Value::Timestamp(ambit_core::Instant::new(day.at(hour, 30, 0, 0)).unwrap())
}

/// A value for a column of `sales`, mostly of its type.
fn cell(rng: &mut Rng, column: ColumnId) -> Value {
    if rng.chance(20) {
        return Value::Null;
    }
    let column = if rng.chance(3) {
        ColumnId(rng.below(SALES_WIDTH) as u32)
    } else {
        column
    };
    match column {
        ID | CONTACT | PARENT => Value::Int(rng.below(5) as i64),
        COUNTRY => country(rng),
        NAME => name(rng),
        AMOUNT => amount(rng),
        SOLD => day(rng),
        AT => instant(rng),
        OPEN => Value::Bool(rng.chance(50)),
        SCOPE => Value::text(rng.pick(SCOPES)),
        _ => Value::Null,
    }
}

fn row(rng: &mut Rng) -> Row {
    (0..SALES_WIDTH)
        .map(|i| cell(rng, ColumnId(i as u32)))
        .collect()
}

fn window(rng: &mut Rng) -> Window {
    use WindowKind::{Last, LastToToday, Next, NextFromToday, This};
    Window {
        kind: rng.pick(&[Last, LastToToday, Next, NextFromToday, This]),
        count: 1 + rng.below(3) as u32,
        unit: rng.pick(&[
            Unit::Day,
            Unit::Week,
            Unit::Month,
            Unit::Quarter,
            Unit::Year,
        ]),
    }
}

fn scope_test(rng: &mut Rng) -> ScopeTest {
    use ScopeMode::{ContainsAll, ContainsAny, MatchAll, MatchAny};
    let members = |rng: &mut Rng, of: &[&str]| {
        if rng.chance(30) {
            None
        } else {
            Some(of.iter().map(|m| (*m).into()).collect())
        }
    };
    let mut levels = vec![ScopeLevel {
        level: "Book".into(),
        members: members(rng, &["A", "B"]),
    }];
    if rng.chance(50) {
        levels.push(ScopeLevel {
            level: "Desk".into(),
            members: members(rng, &["X"]),
        });
    }
    ScopeTest {
        mode: rng.pick(&[MatchAll, MatchAny, ContainsAll, ContainsAny]),
        levels,
    }
}

fn op(rng: &mut Rng) -> CompareOp {
    use CompareOp::{Eq, Ge, Gt, Le, Lt, Ne};
    rng.pick(&[Eq, Ne, Lt, Le, Gt, Ge])
}

fn atom(rng: &mut Rng, depth: usize) -> Pred {
    let constant = Operand::Const;
    match rng.below(if depth == 0 { 17 } else { 21 }) {
        0 => Pred::Const(rng.chance(50)),
        1 => eq(here(COUNTRY), constant(country(rng))),
        2 => Pred::Compare(constant(amount(rng)), op(rng), here(AMOUNT)),
        3 => Pred::Compare(here(AMOUNT), op(rng), Operand::Attribute(LIMIT)),
        4 => Pred::InList(here(COUNTRY), [country(rng), country(rng)].into()),
        5 => Pred::InList(here(NAME), NAMES.iter().map(|n| Value::text(n)).collect()),
        6 => Pred::InSet(here(COUNTRY), COUNTRIES),
        7 => {
            let column = ColumnId(rng.below(SALES_WIDTH) as u32);
            Pred::IsNull(rng.pick(&[
                here(column),
                tier(),
                Operand::Login,
                Operand::Attribute(FULL_NAME),
            ]))
        }
        8 => {
            let test = rng.pick(&[TextTest::StartsWith, TextTest::EndsWith, TextTest::Contains]);
            Pred::Text(
                here(NAME),
                test,
                (rng.pick(&["VIP ", "n", "%", "é", ""])).into(),
            )
        }
        9 => Pred::InWindow(here(SOLD), window(rng)),
        10 => Pred::InWindow(Operand::Day(Arc::new(here(AT))), window(rng)),
        11 => Pred::Compare(Operand::Day(Arc::new(here(AT))), op(rng), Operand::Today),
        12 => Pred::Is(here(OPEN)),
        13 => Pred::Scope(
            here(if rng.chance(70) { SCOPE } else { STORED }),
            scope_test(rng),
        ),
        14 => eq(
            here(NAME),
            rng.pick(&[Operand::Login, Operand::Attribute(FULL_NAME)]),
        ),
        15 => Pred::Compare(here(ID), op(rng), here(PARENT)),
        16 => eq(Operand::Attribute(HOME), constant(country(rng))),
        17 => eq(tier(), text(rng.pick(&["secret", "open"]))),
        18 => Pred::LinkVisible([contact_step()].into()),
        19 => shares(rng.chance(30), eq(col(SHARES, ColumnId(0)), Operand::Login)),
        _ => Pred::Exists(Arc::new(Exists {
            path: vec![contact_step()],
            own: ColumnId(0),
            table: SALES,
            other: CONTACT,
            visible: false,
            pred: pred(rng, 0),
        })),
    }
}

pub fn pred(rng: &mut Rng, depth: usize) -> Pred {
    if depth == 0 || rng.chance(40) {
        return atom(rng, depth);
    }
    match rng.below(3) {
        0 => not(pred(rng, depth - 1)),
        n => {
            let parts: Arc<[Pred]> = (0..2 + rng.below(2))
                .map(|_| pred(rng, depth - 1))
                .collect();
            if n == 1 {
                Pred::And(parts)
            } else {
                Pred::Or(parts)
            }
        }
    }
}

fn holder(rng: &mut Rng) -> Holder {
    match rng.below(4) {
        0 | 1 => Holder::Everyone,
        2 => Holder::Principal(PrincipalId(rng.below(6) as u32)),
        _ => Holder::EveryoneExcept(vec![rng.pick(&[A, B, G])]),
    }
}

fn policy(rng: &mut Rng) -> Program {
    let mut p = program();
    p.tables[SALES.index()].open = rng.chance(30);
    p.tables[CONTACTS.index()].open = rng.chance(50);
    p.settings.zone = (rng.pick(&["UTC", "Asia/Tokyo", "America/Chicago"])).into();
    for _ in 0..=rng.below(5) {
        let effect = match rng.below(6) {
            0..=2 => Effect::Grant,
            3 => Effect::Deny,
            4 => Effect::Restrict { by: None },
            _ => Effect::Restrict {
                by: Some(rng.pick(&[Axis::Column(COUNTRY), Axis::Hierarchy(HierarchyId(0))])),
            },
        };
        let actions: &[&str] = if rng.chance(70) { ALL } else { &["read"] };
        let depth = rng.below(3);
        let mut made = rule(effect, holder(rng), SALES, actions, pred(rng, depth));
        made.applies = match rng.below(6) {
            0 => Applies::WhenAny(vec![CONTACTS, SHARES]),
            1 => Applies::UnlessOnly(vec![SALES]),
            _ => Applies::Always,
        };
        p.rules.push(made);
    }
    p.rules.push(rule(
        Effect::Grant,
        holder(rng),
        CONTACTS,
        &["read"],
        eq(col(CONTACTS, ColumnId(1)), text("open")),
    ));
    if rng.chance(5) {
        p.principals[A.index()].bypasses = vec![CUBE];
    }
    p
}

fn user(rng: &mut Rng, p: &Program) -> User {
    let mut user = match rng.below(4) {
        0 => User::nobody(p),
        1 => User::named(p, "Ann"),
        _ => User::of(p, PrincipalId(rng.below(6) as u32)),
    };
    if rng.chance(60) {
        user.supply(FULL_NAME, name(rng));
        user.supply(LIMIT, amount(rng));
        user.supply(HOME, country(rng));
        let set = (0..rng.below(4)).map(|_| country(rng)).collect();
        user.supply(COUNTRIES, Value::set(set));
    }
    user
}

fn data(rng: &mut Rng, p: &Program) -> Data {
    let mut data = Data::new(p);
    for id in 0..3 {
        let tier = if rng.chance(20) {
            Value::Null
        } else {
            Value::text(rng.pick(&["secret", "open"]))
        };
        data.add(p, CONTACTS, vec![Value::Int(id), tier, country(rng)].into())
            .unwrap();
    }
    for _ in 0..4 {
        let _ = data.add(p, SALES, row(rng));
        data.add(p, SHARES, vec![name(rng), country(rng), Value::Null].into())
            .unwrap();
        let part = vec![
            Value::Int(rng.below(4) as i64),
            Value::text("Book"),
            Value::text("A"),
        ];
        data.add(p, PARTS, part.into()).unwrap();
    }
    data
}

#[test]
fn the_fast_path_means_the_same() {
    let times: usize = std::env::var("AMBIT_CASES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1);
    let seed: u64 = std::env::var("AMBIT_SEED")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1);
    let mut rng = Rng(seed);
    let (mut cases, mut seen) = (0_usize, [0_usize; 3]);
    while cases < 25_000 * times {
        let p = policy(&mut rng);
        let data = data(&mut rng, &p);
        let user = user(&mut rng, &p);
        let query: Vec<TableId> = if rng.chance(50) {
            vec![SALES]
        } else {
            vec![SALES, CONTACTS]
        };
        let source = rng.pick(&[None, Some(WAREHOUSE), Some(CUBE)]);
        let judge = || Judge::new(&p, &data, &user, &query, TODAY, source);
        let rows: Vec<Row> = (0..12).map(|_| row(&mut rng)).collect();
        for action in ["read", "insert", "update", "delete"] {
            let (plain, prepared) = (judge(), Prepared::new(judge(), SALES, action));
            for pair in rows.windows(2) {
                let (old, new) = (RowRef::new(&pair[0]), RowRef::new(&pair[1]));
                let act = match action {
                    "insert" => Act::Insert(new),
                    "update" => Act::Update { old, new },
                    "delete" => Act::Delete(old),
                    _ => Act::Read(old),
                };
                let expected = plain.decide(SALES, act);
                assert_eq!(
                    prepared.change(&pair[0], &pair[1]),
                    expected,
                    "case {cases}, {action}: {:#?}",
                    p.rules
                );
                assert_eq!(
                    plain.explain(SALES, act).value,
                    expected,
                    "explanation, case {cases}"
                );
                seen[expected as usize] += 1;
                cases += 1;
            }
        }
    }
    // A generator that lets everything or nothing through would prove nothing.
    for (value, count) in [Truth::False, Truth::Unknown, Truth::True]
        .into_iter()
        .zip(seen)
    {
        assert!(count * 20 > cases, "{value}: {count} of {cases}");
    }
}

/// Rows that came through the check of types mean the same as the raw ones (scopes are read from their text).
#[test]
fn checked_rows_mean_the_same() {
    let mut rng = Rng(7);
    let p = program();
    let data = data(&mut rng, &p);
    let user = User::of(&p, U);
    let mut checked = 0;
    for _ in 0..2_000 {
        let raw = row(&mut rng);
        // An integer in a decimal column becomes that decimal.
        if matches!(raw[AMOUNT.index()], Value::Int(_)) {
            continue;
        }
        let Ok(clean) = check_row(&p, SALES, raw.clone()) else {
            continue;
        };
        let pred = pred(&mut rng, 2);
        assert_eq!(
            value(&p, &data, &user, &raw, &pred),
            value(&p, &data, &user, &clean, &pred),
            "{pred:?}"
        );
        checked += 1;
    }
    assert!(checked > 1_000, "{checked}");
}
