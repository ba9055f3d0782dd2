//! A small schema with one of everything, and short ways to write Core.

use std::sync::Arc;

use ambit_core::{
    Applies, Attribute, AttributeId, Column, ColumnId, CompareOp, Effect, Enum, EnumId, Exists,
    Holder, Kind, KindId, Link, Object, ObjectId, Operand, Origin, OutsideName, Path, Pred,
    Principal, PrincipalId, PrincipalKind, Program, Resource, Row, Rule, RuleBody, Source,
    SourceId, Step, Stored, Table, TableId, Type, Value,
};
use ambit_eval::{Act, Data, Judge, RowRef, Truth, User};
use jiff::civil::{Date, date};

pub const CONTACTS: TableId = TableId(0);
pub const PARTS: TableId = TableId(1);
pub const SALES: TableId = TableId(2);
pub const SHARES: TableId = TableId(3);

pub const WAREHOUSE: SourceId = SourceId(0);
pub const CUBE: SourceId = SourceId(1);

/// Columns of `sales`.
pub const ID: ColumnId = ColumnId(0);
pub const COUNTRY: ColumnId = ColumnId(1);
pub const NAME: ColumnId = ColumnId(2);
pub const AMOUNT: ColumnId = ColumnId(3);
pub const SOLD: ColumnId = ColumnId(4);
pub const AT: ColumnId = ColumnId(5);
pub const CONTACT: ColumnId = ColumnId(6);
pub const OPEN: ColumnId = ColumnId(7);
pub const SCOPE: ColumnId = ColumnId(8);
pub const STORED: ColumnId = ColumnId(9);
pub const PARENT: ColumnId = ColumnId(10);
pub const SALES_WIDTH: usize = 11;

/// Attributes.
pub const FULL_NAME: AttributeId = AttributeId(0);
pub const COUNTRIES: AttributeId = AttributeId(1);
pub const LIMIT: AttributeId = AttributeId(2);
pub const HOME: AttributeId = AttributeId(3);

/// Principals: roles `a` and `b`, role `c` that inherits `a`, group `g`, users `u` (has `c`, known as "U" in the
/// cube and "u@x" elsewhere) and `v` (has nothing).
pub const A: PrincipalId = PrincipalId(0);
pub const B: PrincipalId = PrincipalId(1);
pub const C: PrincipalId = PrincipalId(2);
pub const G: PrincipalId = PrincipalId(3);
pub const U: PrincipalId = PrincipalId(4);
pub const V: PrincipalId = PrincipalId(5);

pub const REPORT: ObjectId = ObjectId(0);

pub const TODAY: Date = date(2024, 1, 15);

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

fn linked(mut column: Column, table: TableId, to: ColumnId) -> Column {
    column.links.push(Link { table, column: to });
    column
}

fn table(name: &str, sources: &[SourceId], keys: &[ColumnId], columns: Vec<Column>) -> Table {
    Table {
        name: name.into(),
        sources: sources.to_vec(),
        outside: vec![],
        open: false,
        columns,
        keys: keys.to_vec(),
        docs: vec![],
        origin: Origin::default(),
    }
}

fn principal(
    kind: PrincipalKind,
    name: &str,
    inherits: &[PrincipalId],
    closure: &[PrincipalId],
) -> Principal {
    Principal {
        kind,
        name: name.into(),
        base: name.into(),
        args: vec![],
        outside: vec![],
        inherits: inherits.to_vec(),
        closure: closure.to_vec(),
        bypasses: vec![],
        attributes: vec![],
        test: None,
        docs: vec![],
        origin: Origin::default(),
    }
}

pub fn program() -> Program {
    let mut p = Program::default();
    let source = |name: &str, kind: &str| Source {
        name: name.into(),
        outside: vec![],
        kind: kind.into(),
        origin: Origin::default(),
    };
    // Named so that the order of names is the order of ids.
    p.sources = vec![source("a_warehouse", "postgres"), source("cube", "sisense")];
    p.enums = vec![Enum {
        name: "Country".into(),
        members: vec!["USA".into(), "FRANCE".into(), "GERMANY".into()],
        origin: Origin::default(),
    }];
    let country = || Type::Enum(EnumId(0));
    let levels = || Type::Scope(vec!["Book".into(), "Desk".into(), "ID".into()]);
    let mut stored = column("stored_scope", levels(), true);
    stored.stored = Some(Stored::Rows {
        table: PARTS,
        id: ColumnId(0),
        level: ColumnId(1),
        member: ColumnId(2),
    });
    p.tables = vec![
        table(
            "contacts",
            &[CUBE, WAREHOUSE],
            &[ColumnId(0)],
            vec![
                column("id", Type::Int, false),
                column("tier", Type::String, true),
                column("country", country(), true),
            ],
        ),
        table(
            "parts",
            &[WAREHOUSE],
            &[],
            vec![
                linked(column("sale", Type::Int, true), SALES, ID),
                column("level", Type::String, true),
                column("member", Type::String, true),
            ],
        ),
        table(
            "sales",
            &[WAREHOUSE, CUBE],
            &[ID],
            vec![
                column("id", Type::Int, false),
                column("country", country(), true),
                column("name", Type::String, true),
                column("amount", Type::Decimal, true),
                column("sold_on", Type::Date, true),
                column("at", Type::Timestamp, true),
                linked(column("contact_id", Type::Int, true), CONTACTS, ColumnId(0)),
                column("open", Type::Bool, true),
                column("scope", levels(), true),
                stored,
                linked(column("parent", Type::Int, true), SALES, ID),
            ],
        ),
        table(
            "shares",
            &[WAREHOUSE],
            &[],
            vec![
                column("login", Type::String, true),
                linked(column("country", country(), true), SALES, COUNTRY),
                column("weight", Type::Int, true),
            ],
        ),
    ];
    p.kinds = vec![Kind {
        name: "dashboard".into(),
        outside: vec![],
        actions: vec!["read".into(), "edit".into()],
        implies: vec![vec![0], vec![0, 1]],
        origin: Origin::default(),
    }];
    p.objects = vec![Object {
        name: "report".into(),
        source: Some(CUBE),
        outside: vec![],
        kind: KindId(0),
        uses: vec![],
        docs: vec![],
        origin: Origin::default(),
    }];
    let attribute = |name: &str, ty| Attribute {
        name: name.into(),
        outside: vec![],
        ty,
        origin: Origin::default(),
    };
    p.attributes = vec![
        attribute("a_full_name", Type::String),
        attribute("countries", Type::Set(Box::new(country()))),
        attribute("limit", Type::Decimal),
        attribute("where_from", country()),
    ];
    let outside = |source, name: &str| OutsideName {
        source,
        parts: vec![name.into()],
    };
    let mut u = principal(PrincipalKind::User, "u", &[C], &[A, C, U]);
    u.outside = vec![outside(None, "u@x"), outside(Some(CUBE), "U")];
    p.principals = vec![
        principal(PrincipalKind::Role, "a", &[], &[A]),
        principal(PrincipalKind::Role, "b", &[], &[B]),
        principal(PrincipalKind::Role, "c", &[A], &[A, C]),
        principal(PrincipalKind::Group, "g", &[], &[G]),
        u,
        principal(PrincipalKind::User, "v", &[], &[V]),
    ];
    p
}

pub fn rule(effect: Effect, holder: Holder, table: TableId, actions: &[&str], pred: Pred) -> Rule {
    Rule {
        body: Arc::new(RuleBody {
            effect,
            holder,
            resource: Resource::Table(table),
            actions: actions.iter().map(|a| (*a).into()).collect(),
            pred,
            applies: Applies::Always,
            everything_in: None,
        }),
        places: ambit_core::Places::default(),
        docs: vec![],
        origin: Origin {
            file: "policy.ambit".into(),
            line: 1,
            end_line: 1,
            ..Origin::default()
        },
    }
}

pub const ALL: &[&str] = &["delete", "insert", "read", "update"];

pub fn grant(pred: Pred) -> Rule {
    rule(Effect::Grant, Holder::Everyone, SALES, &["read"], pred)
}

pub fn deny(pred: Pred) -> Rule {
    rule(Effect::Deny, Holder::Everyone, SALES, &["read"], pred)
}

pub fn restrict(by: Option<ambit_core::Axis>, pred: Pred) -> Rule {
    rule(Effect::Restrict { by }, Holder::Everyone, SALES, ALL, pred)
}

pub fn here(column: ColumnId) -> Operand {
    col(SALES, column)
}

pub fn col(table: TableId, column: ColumnId) -> Operand {
    Operand::Column(Path {
        steps: vec![],
        table,
        column,
    })
}

pub fn contact_step() -> Step {
    Step {
        from: SALES,
        column: CONTACT,
        to: CONTACTS,
        key: ColumnId(0),
    }
}

/// `contact_id.tier`
pub fn tier() -> Operand {
    Operand::Column(Path {
        steps: vec![contact_step()],
        table: CONTACTS,
        column: ColumnId(1),
    })
}

pub fn text(text: &str) -> Operand {
    Operand::Const(Value::text(text))
}

pub fn eq(left: Operand, right: Operand) -> Pred {
    Pred::Compare(left, CompareOp::Eq, right)
}

pub fn not(pred: Pred) -> Pred {
    Pred::Not(Arc::new(pred))
}

/// True, false and unknown of themselves.
pub fn of_value(value: Truth) -> Pred {
    match value {
        Truth::True => Pred::Const(true),
        Truth::False => Pred::Const(false),
        Truth::Unknown => eq(Operand::Const(Value::Null), text("x")),
    }
}

/// `exists shares where (…)`, from `sales` by the country.
pub fn shares(visible: bool, pred: Pred) -> Pred {
    Pred::Exists(Arc::new(Exists {
        path: vec![],
        own: COUNTRY,
        table: SHARES,
        other: ColumnId(1),
        visible,
        pred,
    }))
}

/// A row of `sales`, null but for some cells.
pub fn sale(cells: &[(ColumnId, Value)]) -> Row {
    let mut row = vec![Value::Null; SALES_WIDTH];
    for (column, value) in cells {
        row[column.index()] = value.clone();
    }
    row.into()
}

pub fn read(p: &Program, data: &Data, user: &User, row: &Row) -> Truth {
    Judge::new(p, data, user, &[SALES], TODAY, None).decide(SALES, Act::Read(RowRef::new(row)))
}

/// The value of a condition at a row of `sales`, for a user.
pub fn value(p: &Program, data: &Data, user: &User, row: &Row, pred: &Pred) -> Truth {
    Judge::new(p, data, user, &[SALES], TODAY, None).value_of(SALES, RowRef::new(row), pred)
}
