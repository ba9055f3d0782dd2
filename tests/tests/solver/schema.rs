//! Small random schemas, built as Core: a table `main` whose rows are asked about, and what it is linked to.

use ambit_core::{
    Attribute, AttributeId, Column, ColumnId, Decimal, Enum, EnumId, Instant, Link, Origin,
    OutsideName, Principal, PrincipalId, PrincipalKind, Program, ScopeEntry, ScopeOp, ScopeValue,
    Settings, Source, SourceId, Step, Stored, Table, TableId, Type, Value,
};
use ambit_tests::rng::Rng;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use smol_str::SmolStr;

pub const BASE: TableId = TableId(0);
pub const KIDS: TableId = TableId(1);
pub const LEAF: TableId = TableId(2);
pub const MAIN: TableId = TableId(3);
/// The rows of scopes; nothing else reads it.
pub const PARTS: TableId = TableId(4);

/// Inside `exists t` only tables of a lower rank are read, so *below* has no circle.
pub fn rank(table: TableId) -> usize {
    [0, 2, 1, 3, 9][table.index()]
}

/// Two columns that a link joins, seen from a row of the one to rows of the other.
#[derive(Debug, Clone, Copy)]
pub struct Join {
    pub own: ColumnId,
    pub table: TableId,
    pub other: ColumnId,
}

/// A program without rules, with the values that matter in it.
#[derive(Debug, Clone)]
pub struct Schema {
    pub program: Program,
    pub pool: Pool,
    /// By table.
    pub joins: Vec<Vec<Join>>,
    pub steps: Vec<Vec<Step>>,
}

/// Short ones, and neighbours: the last differ in their 28th to 41st digit.
const DECIMALS: &[&[&str]] = &[
    &["0", "0.5", "1", "-2.5"],
    &["0", "0.5", "1", "-2.5"],
    &[
        "0",
        "0.0000000000000000000000000001",
        "1",
        "-0.0000000000000000000000000001",
    ],
    &[
        "0",
        "0.1234567890123456789012345678901234567890",
        "0.1234567890123456789012345678901234567891",
        "0.12345678901234567890123456789",
    ],
    &[
        "1234567890123456789012345678901234567890",
        "1234567890123456789012345678901234567891",
        "0",
        "-1234567890123456789012345678901234567890",
    ],
    &[
        "0.0000000000000000000000000000000000000001",
        "0.0000000000000000000000000000000000000002",
        "0.00000000000000000000000000000000000000011",
        "79228162514264337593543950336",
    ],
];

/// Some values of each type.
#[derive(Debug, Clone)]
pub struct Pool {
    pub ints: Vec<i64>,
    pub decimals: Vec<Decimal>,
    pub texts: Vec<SmolStr>,
    pub literals: Vec<SmolStr>,
    pub dates: Vec<Date>,
    pub instants: Vec<Instant>,
    pub todays: Vec<Date>,
    pub members: Vec<SmolStr>,
}

impl Pool {
    fn new(rng: &mut Rng, settings: &Settings) -> Self {
        let zone = settings.time_zone();
        let ints = match rng.below(8) {
            0 => vec![i64::MIN, -1, 0, 3],
            1 => vec![i64::MAX, 7, 0, i64::MAX - 1],
            2 => vec![12, 0, 5, 100],
            _ => vec![0, 1, 2, 3],
        };
        let start = *rng.pick(&[
            date(2024, 1, 15),
            date(2024, 2, 28),
            date(2023, 12, 31),
            date(2011, 12, 29), // Apia leaves out the next day
            date(2018, 11, 3),  // São Paulo: the next day begins at one
            date(2021, 3, 27),  // Beirut: the same
            date(2020, 10, 24), // Beirut: clocks go back to the day before
            date(2010, 11, 6),  // St. John's: the same a minute later, so that the day comes twice
            date(1970, 1, 1),
            date(2199, 12, 29),
            date(2100, 2, 28),
            date(1, 1, 1), // zones lead out of the calendar at both ends
            date(9999, 12, 30),
        ]);
        let dates: Vec<Date> = [0, 1, 2, 31]
            .iter()
            .filter_map(|n| start.checked_add(n.days()).ok())
            .collect();
        let mut instants: Vec<Instant> = Vec::new();
        for day in dates.iter().take(3) {
            let midnight = Instant::start_of(*day, &zone);
            let moved = |n: i128| Instant::from_nanosecond(midnight.as_nanosecond() + n);
            instants.push(midnight);
            instants.extend(moved(-1));
            instants.extend(moved(30 * 60 * 1_000_000_000));
        }
        let mut todays = dates.clone();
        todays.retain(|d| *d >= date(1970, 1, 1) && *d <= date(2199, 12, 31));
        todays.push(date(2024, 1, 15));
        let texts: &[&str] = match rng.below(3) {
            0 => &["", "a", "ab", "b", "ba", "aba"],
            1 => &["", "a", "b", "aa", "é", "xa"],
            _ => &["", "b", "abab", "ab", "bab", "c"],
        };
        let literals: &[&str] = match rng.below(3) {
            0 => &["a", "ab", "b"],
            1 => &["a", "b", "ba", "bab"],
            _ => &["a", "é", "", "aa"],
        };
        Self {
            ints,
            decimals: rng
                .pick(DECIMALS)
                .iter()
                .map(|t| t.parse().unwrap())
                .collect(),
            texts: texts.iter().map(SmolStr::new).collect(),
            literals: literals.iter().map(SmolStr::new).collect(),
            dates,
            instants,
            todays,
            members: ["A", "B", "C"].iter().map(SmolStr::new).collect(),
        }
    }

    /// Values of a type that constants are taken from: inside enums, never null.
    pub fn constants(&self, ty: &Type) -> Vec<Value> {
        match ty {
            Type::Bool => vec![Value::Bool(false), Value::Bool(true)],
            Type::Int => self.ints.iter().map(|n| Value::Int(*n)).collect(),
            Type::Decimal => self
                .decimals
                .iter()
                .map(|n| Value::Decimal(n.clone()))
                .collect(),
            Type::String => self.texts.iter().cloned().map(Value::Text).collect(),
            Type::Date => self.dates.iter().map(|n| Value::Date(*n)).collect(),
            Type::Timestamp => self.instants.iter().map(|n| Value::Timestamp(*n)).collect(),
            Type::Enum(_) => self.members.iter().cloned().map(Value::Text).collect(),
            Type::Scope(_) => scopes(),
            Type::Set(of) => {
                let of = self.values(of);
                let mut sets = vec![Value::set(vec![])];
                sets.extend(of.iter().map(|v| Value::set(vec![v.clone()])));
                sets.extend(of.windows(2).map(|w| Value::set(w.to_vec())));
                sets
            }
        }
    }

    /// Values that data may hold, without null.
    pub fn values(&self, ty: &Type) -> Vec<Value> {
        let mut values = self.constants(ty);
        if matches!(ty, Type::Enum(_)) {
            values.push(Value::text("?"));
        }
        values
    }
}

fn scopes() -> Vec<Value> {
    let entry = |level: &str, members: &[&str]| ScopeEntry {
        level: level.into(),
        op: ScopeOp::Equals,
        members: members.iter().map(SmolStr::new).collect(),
    };
    let lists = vec![
        vec![],
        vec![entry("Book", &["1"])],
        vec![entry("Book", &["1", "2"])],
        vec![entry("Book", &["9"])],
        vec![entry("Book", &["1"]), entry("Desk", &["1"])],
        vec![entry("Desk", &["7"])],
        vec![entry("ID", &["1"])],
    ];
    lists
        .into_iter()
        .map(ScopeValue::Entries)
        .chain([ScopeValue::Unreadable("*".into())])
        .map(|s| Value::Scope(s.into()))
        .collect()
}

/// The type of a scope.
pub fn scope_type() -> Type {
    Type::Scope(vec!["Book".into(), "Desk".into(), "ID".into()])
}

pub const COLOR: Type = Type::Enum(EnumId(0));

/// A plain type, by chance.
pub fn plain(rng: &mut Rng) -> Type {
    match rng.below(9) {
        0 => Type::Bool,
        1 => Type::Decimal,
        2 | 3 => Type::String,
        4 => Type::Date,
        5 => Type::Timestamp,
        6 => COLOR,
        _ => Type::Int,
    }
}

fn column(name: &str, ty: Type, nullable: bool) -> Column {
    Column {
        name: name.into(),
        outside: vec![],
        ty,
        nullable,
        stored: None,
        links: vec![],
        docs: vec![],
    }
}

fn link(rng: &mut Rng, name: &str, ty: &Type, table: TableId, to: ColumnId) -> Column {
    let mut column = column(name, ty.clone(), rng.chance(60));
    column.links.push(Link { table, column: to });
    column
}

/// The attributes: position and type.
pub fn attributes() -> Vec<(&'static str, Type)> {
    let set = |of: Type| Type::Set(Box::new(of));
    vec![
        ("a_bool", Type::Bool),
        ("a_color", COLOR),
        ("a_date", Type::Date),
        ("a_decimal", Type::Decimal),
        ("a_int", Type::Int),
        ("a_text", Type::String),
        ("a_time", Type::Timestamp),
        ("s_bool", set(Type::Bool)),
        ("s_color", set(COLOR)),
        ("s_date", set(Type::Date)),
        ("s_decimal", set(Type::Decimal)),
        ("s_int", set(Type::Int)),
        ("s_text", set(Type::String)),
        ("s_time", set(Type::Timestamp)),
    ]
}

/// The type of the keys: of few values sometimes.
fn key_type(rng: &mut Rng) -> Type {
    match rng.below(8) {
        0 => Type::String,
        1 => COLOR,
        2 => Type::Date,
        3 => Type::Decimal,
        _ => Type::Int,
    }
}

/// A random schema.
pub fn schema(rng: &mut Rng) -> Schema {
    let mut program = Program::default();
    program.settings.zone = (*rng.pick(&[
        "UTC",
        "UTC",
        "America/Sao_Paulo",
        "Asia/Beirut",
        "Pacific/Apia",
        "Europe/Paris",
        "America/St_Johns",
    ]))
    .into();
    if rng.chance(30) {
        program.settings.week_start = jiff::civil::Weekday::Sunday;
    }
    let pool = Pool::new(rng, &program.settings);
    let source = |name: &str| Source {
        name: name.into(),
        outside: vec![],
        kind: "postgres".into(),
        origin: Origin::default(),
    };
    program.sources = vec![source("east"), source("west")];
    program.enums = vec![Enum {
        name: "Color".into(),
        members: pool.members.clone(),
        origin: Origin::default(),
    }];
    program.attributes = attributes()
        .into_iter()
        .map(|(name, ty)| Attribute {
            name: name.into(),
            outside: vec![],
            ty,
            origin: Origin::default(),
        })
        .collect();
    program.tables = tables(rng);
    program.principals = principals(rng);
    let mut joins = vec![Vec::new(); 5];
    let mut steps = vec![Vec::new(); 5];
    for (position, table) in program.tables.iter().enumerate() {
        let from = TableId(position as u32);
        for (c, column) in table.columns.iter().enumerate() {
            let own = ColumnId(c as u32);
            for link in &column.links {
                joins[position].push(Join {
                    own,
                    table: link.table,
                    other: link.column,
                });
                joins[link.table.index()].push(Join {
                    own: link.column,
                    table: from,
                    other: own,
                });
                if program.tables[link.table.index()].keys == [link.column] {
                    steps[position].push(Step {
                        from,
                        column: own,
                        to: link.table,
                        key: link.column,
                    });
                }
            }
        }
    }
    Schema {
        program,
        pool,
        joins,
        steps,
    }
}

/// `base`, `kids`, `leaf`, `main`: what `main` links to, what links to `main`, what links to that.
fn tables(rng: &mut Rng) -> Vec<Table> {
    let (base_key, kids_key, main_key) = (key_type(rng), key_type(rng), key_type(rng));
    let tag = plain(rng);
    let id = ColumnId(0);
    let sources = |rng: &mut Rng| match rng.below(4) {
        0 => vec![SourceId(1), SourceId(0)],
        1 => vec![SourceId(1)],
        _ => vec![SourceId(0)],
    };
    let table = |rng: &mut Rng, name: &str, keyed: bool, columns: Vec<Column>| Table {
        name: name.into(),
        sources: sources(rng),
        outside: vec![],
        open: rng.chance(30),
        columns,
        keys: if keyed { vec![id] } else { vec![] },
        docs: vec![],
        origin: Origin::default(),
    };
    let more = |rng: &mut Rng, columns: &mut Vec<Column>, count: usize| {
        for _ in 0..count {
            let ty = if rng.chance(10) {
                scope_type()
            } else {
                plain(rng)
            };
            let name = format!("c{}", columns.len());
            let nullable = rng.chance(60);
            let mut column = column(&name, ty, nullable);
            if matches!(column.ty, Type::Scope(_)) && rng.chance(25) {
                column.stored = Some(Stored::Rows {
                    table: PARTS,
                    id: ColumnId(0),
                    level: ColumnId(1),
                    member: ColumnId(2),
                });
            }
            columns.push(column);
        }
    };
    let mut base = vec![column("id", base_key.clone(), false)];
    if rng.chance(30) {
        base.push(link(rng, "up", &base_key, BASE, id));
    }
    let count = 1 + rng.below(2);
    more(rng, &mut base, count);
    let mut kids = vec![column("id", kids_key.clone(), false)];
    kids.push(link(rng, "of", &main_key, MAIN, id));
    // The second of `main`: linked by a column that is no key.
    kids.push(link(rng, "tag", &tag, MAIN, ColumnId(1)));
    kids.push(link(rng, "b", &base_key, BASE, id));
    let count = 1 + rng.below(2);
    more(rng, &mut kids, count);
    let mut leaf = vec![link(rng, "kid", &kids_key, KIDS, id)];
    leaf.push(link(rng, "b", &base_key, BASE, id));
    let count = 1 + rng.below(2);
    more(rng, &mut leaf, count);
    let nullable = rng.chance(60);
    let mut main = vec![
        column("id", main_key.clone(), false),
        column("tag", tag.clone(), nullable),
        link(rng, "b", &base_key, BASE, id),
        link(rng, "up", &main_key, MAIN, id),
    ];
    let count = 2 + rng.below(3);
    more(rng, &mut main, count);
    // Without the key no link is to-one: sometimes there are two key columns, or none.
    let keyed = rng.chance(85);
    let mut tables = vec![
        table(rng, "base", true, base),
        table(rng, "kids", keyed, kids),
        table(rng, "leaf", false, leaf),
        table(rng, "main", true, main),
        table(
            rng,
            "parts",
            false,
            vec![
                column("id", main_key, true),
                column("level", Type::String, true),
                column("member", Type::String, true),
            ],
        ),
    ];
    if rng.chance(8) {
        tables[MAIN.index()].keys = vec![id, ColumnId(1)];
    }
    tables
}

/// Role 0; role 1 that has it; group 2; user 3 with role 1 and names of its own; user 4 with attributes; user 5.
fn principals(rng: &mut Rng) -> Vec<Principal> {
    let principal = |kind, name: &str, inherits: &[u32], closure: &[u32]| Principal {
        kind,
        name: name.into(),
        base: name.into(),
        args: vec![],
        outside: vec![],
        inherits: inherits.iter().map(|p| PrincipalId(*p)).collect(),
        closure: closure.iter().map(|p| PrincipalId(*p)).collect(),
        bypasses: vec![],
        attributes: vec![],
        test: None,
        docs: vec![],
        origin: Origin::default(),
    };
    let outside = |source, name: &str| OutsideName {
        source,
        parts: vec![name.into()],
    };
    let mut three = principal(PrincipalKind::User, "p3", &[1], &[0, 1, 3]);
    three.outside = vec![outside(None, "a"), outside(Some(SourceId(1)), "b")];
    let mut four = principal(PrincipalKind::User, "p4", &[2], &[2, 4]);
    let value = |rng: &mut Rng, ty: &Type| match ty {
        Type::Int => Value::Int(rng.between(0, 2)),
        Type::String => Value::text(["a", "b", ""][rng.below(3)]),
        // What is written is checked: no member outside an enum. What an identity provider says may be one.
        Type::Enum(_) => Value::text(["A", "B", "A"][rng.below(3)]),
        Type::Bool => Value::Bool(rng.chance(50)),
        Type::Set(of) => match **of {
            Type::Int => Value::set(vec![Value::Int(1), Value::Int(2)]),
            Type::String => Value::set(vec![Value::text("a"), Value::text("")]),
            Type::Enum(_) => Value::set(vec![Value::text("A"), Value::text("B")]),
            _ => Value::set(vec![]),
        },
        _ => Value::Null,
    };
    for (position, (_, ty)) in attributes().iter().enumerate() {
        if rng.chance(50) {
            let value = value(rng, ty);
            if !value.is_null() {
                four.attributes.push((AttributeId(position as u32), value));
            }
        }
    }
    vec![
        principal(PrincipalKind::Role, "p0", &[], &[0]),
        principal(PrincipalKind::Role, "p1", &[0], &[0, 1]),
        principal(PrincipalKind::Group, "p2", &[], &[2]),
        three,
        four,
        principal(PrincipalKind::User, "p5", &[], &[5]),
    ]
}
