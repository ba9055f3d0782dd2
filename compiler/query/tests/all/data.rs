//! Rows from CSV files.

use ambit_core::*;
use ambit_query::data::{Cells, File, load, read};
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
            "data/sales.csv:2:9: `1.5` is not an int for `amount`",
            "data/sales.csv:3:1: `x` is not an int for `id`",
            "data/sales.csv:3:7: `\\N` is null, and `product` cannot be null",
            "data/sales.csv:3:10: `\\\\N` is not an int for `amount`",
            "data/sales.csv:3:15: the field is empty, and `contact_id` cannot be null: write an int, or let the column be null with `?`",
            "data/sales.csv:5:1: 2 fields where the header has 5",
            "data/sales.csv:6:1: a row with this key already stands in line 4",
        ]
    );
    assert_eq!(
        errors(b"id,sales,product,amount,id,SalesPerson\n"),
        [
            "data/sales.csv:1:1: the column `contact_id` is missing",
            "data/sales.csv:1:25: the column `id` stands twice",
            "data/sales.csv:1:28: the column `salesperson` is missing; `SalesPerson` is written otherwise",
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
fn quotes_tell_null_from_text() {
    let mut program = program();
    for column in &mut program.tables[1].columns {
        column.nullable = ["amount", "product"].contains(&&*column.name);
    }
    program.tables[1].columns[4].ty = Type::Bool;
    let bytes = b"id,salesperson,product,amount,contact_id,extra\n1,,,,t,9\n2,\"\",\"\",\\N,0,\n3,\"\\N\",\"\\N\",7,true,\n";
    let file = File {
        table: TableId(1),
        name: "sales.csv",
        bytes,
    };
    let loaded = read(&program, &[file], Cells::Shown).unwrap();
    let yes = Value::Bool;
    assert_eq!(
        loaded.tables[0].1,
        [
            row(vec![int(1), text(""), Value::Null, Value::Null, yes(true)]),
            row(vec![int(2), text(""), text(""), Value::Null, yes(false)]),
            row(vec![int(3), text("\\N"), text("\\N"), int(7), yes(true)]),
        ]
    );
    let remarks: Vec<String> = loaded.remarks.iter().map(ToString::to_string).collect();
    assert_eq!(
        remarks,
        ["note: sales.csv:1:42: `extra` is no column of `sales` and is left aside"]
    );
}

#[test]
fn what_is_no_member_is_told_and_never_shown_to_whom_the_row_may_be_hidden() {
    let mut program = program();
    program.enums.push(Enum {
        name: "Country".into(),
        members: vec!["FRANCE".into()],
        origin: program.tables[1].origin.clone(),
    });
    program.tables[1].columns[2].ty = Type::Enum(EnumId(0));
    let file = |bytes: &'static [u8]| File {
        table: TableId(1),
        name: "sales.csv",
        bytes,
    };
    let bytes = b"id,salesperson,product,amount,contact_id\n1,a,FRANCE,1,1\n2,a,FRNCE,1,1\n3,a,,1,1\n4,a,FRNCE,1,1\n";
    let told = |cells| -> Vec<String> {
        let loaded = read(&program, &[file(bytes)], cells).unwrap();
        loaded.remarks.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        told(Cells::Shown),
        [
            "warning: sales.csv:3:5: `FRNCE` is no member of `Country`, of which `product` is (and in one more row)",
            "warning: sales.csv:4:5: an empty text is no member of `Country`, of which `product` is",
        ]
    );
    assert_eq!(
        told(Cells::Hidden),
        [
            "warning: sales.csv:3:5: what stands here is no member of `Country`, of which `product` is (and in 2 more rows)"
        ]
    );
    let bad = file(b"id,salesperson,product,amount,contact_id\nsecret,a,FRANCE,secret,1\n");
    let Err(Error::Data(list)) = read(&program, &[bad], Cells::Hidden) else {
        panic!("read");
    };
    let list: Vec<String> = list.iter().map(ToString::to_string).collect();
    assert_eq!(
        list,
        [
            "sales.csv:2:1: what stands here is not an int for `id`",
            "sales.csv:2:17: what stands here is not an int for `amount`",
        ]
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
