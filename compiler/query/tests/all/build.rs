//! Programs by hand.

use std::collections::BTreeSet;
use std::sync::Arc;

use ambit_core::*;
use ambit_query::Store;
use ambit_targets::sql::{Dialect, Facts, Layout, Query, Request, Today, UserContext};
use jiff::civil::{Date, date};

pub const TODAY: Date = date(2024, 1, 15);

pub fn column(name: &str, ty: Type) -> Column {
    Column {
        name: name.into(),
        outside: vec![],
        ty,
        nullable: true,
        stored: None,
        links: vec![],
        docs: vec![],
    }
}

pub fn linked(name: &str, ty: Type, table: u32, to: u32) -> Column {
    Column {
        links: vec![Link {
            table: TableId(table),
            column: ColumnId(to),
        }],
        ..column(name, ty)
    }
}

pub fn table(name: &str, columns: Vec<Column>) -> Table {
    Table {
        name: name.into(),
        sources: vec![],
        outside: vec![],
        open: false,
        columns,
        keys: vec![ColumnId(0)],
        docs: vec![],
        origin: Origin::default(),
    }
}

pub fn user(name: &str) -> Principal {
    Principal {
        kind: PrincipalKind::User,
        name: name.into(),
        base: name.into(),
        args: vec![],
        outside: vec![],
        inherits: vec![],
        closure: vec![PrincipalId(0)],
        bypasses: vec![],
        attributes: vec![],
        test: None,
        docs: vec![],
        origin: Origin::default(),
    }
}

pub fn rule(effect: Effect, table: u32, pred: Pred) -> Rule {
    Rule::from(RuleBody {
        effect,
        holder: Holder::Everyone,
        resource: Resource::Table(TableId(table)),
        actions: ROW_ACTIONS.iter().map(|a| (*a).into()).collect(),
        pred,
        applies: Applies::Always,
        everything_in: None,
    })
}

pub fn outside(name: &str) -> Vec<OutsideName> {
    vec![OutsideName {
        source: None,
        parts: vec![name.into()],
    }]
}

pub fn col(table: u32, column: u32) -> Operand {
    Operand::Column(Path {
        steps: vec![],
        table: TableId(table),
        column: ColumnId(column),
    })
}

pub fn via(from: (u32, u32), to: (u32, u32), column: u32) -> Operand {
    Operand::Column(Path {
        steps: vec![step(from, to)],
        table: TableId(to.0),
        column: ColumnId(column),
    })
}

pub fn step(from: (u32, u32), to: (u32, u32)) -> Step {
    Step {
        from: TableId(from.0),
        column: ColumnId(from.1),
        to: TableId(to.0),
        key: ColumnId(to.1),
    }
}

pub fn eq(left: Operand, right: Operand) -> Pred {
    Pred::Compare(left, CompareOp::Eq, right)
}

pub fn text(text: &str) -> Value {
    Value::text(text)
}

pub fn int(i: i64) -> Value {
    Value::Int(i)
}

pub fn row(values: Vec<Value>) -> Row {
    values.into_boxed_slice()
}

pub fn not(pred: Pred) -> Pred {
    Pred::Not(Arc::new(pred))
}

pub fn exists(own: u32, table: (u32, u32), visible: bool, pred: Pred) -> Pred {
    Pred::Exists(Arc::new(Exists {
        path: vec![],
        own: ColumnId(own),
        table: TableId(table.0),
        other: ColumnId(table.1),
        visible,
        pred,
    }))
}

/// The example of the sales project: Dan sees his own sales, and contacts follow their sales.
pub fn sales() -> Program {
    let deal_contacts = table(
        "deal_contacts",
        vec![column("id", Type::Int), column("name", Type::String)],
    );
    let sales = table(
        "sales",
        vec![
            column("id", Type::Int),
            column("salesperson", Type::String),
            column("product", Type::String),
            column("amount", Type::Int),
            linked("contact_id", Type::Int, 0, 0),
        ],
    );
    let secrets = table(
        "secrets",
        vec![column("id", Type::Int), column("words", Type::String)],
    );
    Program {
        tables: vec![deal_contacts, sales, secrets],
        principals: vec![Principal {
            outside: outside("Dan"),
            ..user("dan")
        }],
        rules: vec![
            rule(Effect::Grant, 1, eq(col(1, 1), Operand::Login)),
            rule(Effect::Grant, 0, exists(0, (1, 4), true, Pred::Const(true))),
        ],
        ..Program::default()
    }
}

pub fn sales_rows() -> Vec<(TableId, Vec<Row>)> {
    let sale = |id, who, what, amount, contact| {
        row(vec![
            int(id),
            text(who),
            text(what),
            int(amount),
            int(contact),
        ])
    };
    vec![
        (
            TableId(0),
            (1..=5)
                .map(|i| row(vec![int(i * 10), text(&format!("Contact {i}"))]))
                .collect(),
        ),
        (
            TableId(1),
            vec![
                sale(1, "Dan", "HD-TV", 100, 10),
                sale(2, "Matthew", "TV", 300, 20),
                sale(3, "Amber", "Media Center", 700, 30),
                sale(4, "Dan", "Player", 200, 40),
                sale(5, "Matthew", "AC", 600, 50),
            ],
        ),
        (TableId(2), vec![row(vec![int(1), text("hush")])]),
    ]
}

pub fn dan(program: &Program) -> UserContext {
    UserContext::of(program, PrincipalId(0))
}

pub fn store(program: &Program) -> Store {
    Store::of_rows(program, &sales_rows()).unwrap()
}

/// A request for SQLite, with functions, in a query that names these tables.
pub fn request<'a>(
    program: &'a Program,
    layout: &'a Layout,
    user: &'a UserContext,
    query: &'a BTreeSet<TableId>,
) -> Request<'a> {
    Request {
        program,
        layout,
        dialect: Dialect::Sqlite,
        user,
        facts: Facts::Known,
        query: Query::Tables(query),
        today: Today::Fixed(TODAY),
        functions: true,
        rules: None,
    }
}

/// The outcome of `read` over each row of a table in memory, in a query that names this table alone.
pub fn read(
    program: &Program,
    user: &UserContext,
    rows: &[(TableId, Vec<Row>)],
    table: u32,
) -> Vec<Option<bool>> {
    let query: BTreeSet<TableId> = [TableId(table)].into();
    let database = ambit_query::oracle::Database::load(program, rows).unwrap();
    let request = request(program, database.layout(), user, &query);
    database
        .evaluate(&request, TableId(table), &["read"])
        .unwrap()
}
