//! Rows from CSV files.

use ambit_core::*;
use ambit_query::data::{File, load};
use ambit_query::{Cell, Error, Limits, Store, query};

use crate::build::*;

fn program() -> Program {
    let mut program = sales();
    for column in &mut program.tables[1].columns {
        column.nullable = column.name == "amount";
    }
    program
}

fn errors(bytes: &[u8]) -> Vec<String> {
    let program = program();
    match load(
        &program,
        &[File {
            table: TableId(1),
            name: "data/sales.csv",
            bytes,
        }],
    ) {
        Err(Error::Data(list)) => list.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_becomes_rows() {
    let program = program();
    let bytes = b"product,id,salesperson,amount,contact_id\r\n\"HD-TV, \"\"big\"\"\",1,Dan,\\N,10\r\n,2,Eve,-5,10\r\n";
    let rows = load(
        &program,
        &[File {
            table: TableId(1),
            name: "sales.csv",
            bytes,
        }],
    )
    .unwrap();
    let first = row(vec![
        int(1),
        text("Dan"),
        text("HD-TV, \"big\""),
        Value::Null,
        int(10),
    ]);
    let second = row(vec![int(2), text("Eve"), text(""), int(-5), int(10)]);
    assert_eq!(rows, [(TableId(1), vec![first, second])]);
    let mut store = Store::of_rows(&program, &rows).unwrap();
    let answer = query(
        &mut store,
        &program,
        &dan(&program),
        TODAY,
        "SELECT id, amount FROM sales",
        &Limits::default(),
    );
    assert_eq!(answer.unwrap().rows, [[Cell::Int(1), Cell::Null]]);
}

#[test]
fn all_errors_at_once_with_their_places() {
    assert_eq!(
        errors(b"id,salesperson,product,amount,contact_id\n1,Dan,x,1.5,10\nx,Dan,\\N,\"\\N\",\n1,Dan,x,1,10\n1,2\n1,Dan,x,1,10\n"),
        [
            "data/sales.csv:2:9: `1.5` is no int for `amount`",
            "data/sales.csv:3:1: `x` is no int for `id`",
            "data/sales.csv:3:7: `product` cannot be null",
            "data/sales.csv:3:10: `\\N` is null; a text that reads so cannot be written",
            "data/sales.csv:3:15: `` is no int for `contact_id`",
            "data/sales.csv:5:1: 2 fields where the header has 5",
            "data/sales.csv:6:1: a row with this key already stands in line 4",
        ]
    );
    assert_eq!(
        errors(b"id,sales,product,amount,id\n"),
        [
            "data/sales.csv:1:1: the column `contact_id` is missing",
            "data/sales.csv:1:1: the column `salesperson` is missing",
            "data/sales.csv:1:4: `sales` is no column of `sales`",
            "data/sales.csv:1:25: the column `id` stands twice",
        ]
    );
    assert_eq!(
        errors(b""),
        [
            "data/sales.csv:1:1: the file is empty: it needs a header row with the columns of `sales`"
        ]
    );
    assert_eq!(
        errors(b"id\n\xff"),
        ["data/sales.csv:2:1: the file is not UTF-8"]
    );
}

#[test]
fn scopes_stored_as_rows_are_gathered() {
    let mut program = Program {
        tables: vec![
            table(
                "limits",
                vec![
                    column("id", Type::Int),
                    column("scope", Type::Scope(vec!["Book".into()])),
                ],
            ),
            table(
                "pairs",
                vec![
                    column("of", Type::Int),
                    column("level", Type::String),
                    column("member", Type::String),
                ],
            ),
        ],
        ..Program::default()
    };
    program.tables[1].keys = vec![];
    program.tables[0].columns[1].stored = Some(Stored::Rows {
        table: TableId(1),
        id: ColumnId(0),
        level: ColumnId(1),
        member: ColumnId(2),
    });
    let files = [
        File {
            table: TableId(0),
            name: "limits.csv",
            bytes: b"id\n1\n2\n3\n",
        },
        File {
            table: TableId(1),
            name: "pairs.csv",
            bytes: b"of,level,member\n1,Book,a\n1,Book,b\n3,Book,\\N\n",
        },
    ];
    let rows = load(&program, &files).unwrap();
    let scopes: Vec<String> = rows[0].1.iter().map(|r| format!("{:?}", r[1])).collect();
    assert!(scopes[0].contains("\"a\"") && scopes[0].contains("\"b\""));
    assert!(scopes[1].contains("Entries([])"));
    assert!(scopes[2].contains("Unreadable"));
}
