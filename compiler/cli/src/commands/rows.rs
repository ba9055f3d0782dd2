//! Rows of CSV files and databases, as the evaluator takes them.

use std::path::Path;

use ambit_core::{Program, Row, TableId};
use ambit_eval::Data;
use ambit_query::data::{Cells, Loaded};

use crate::exit::{Exit, Failure};

/// A file of rows is held in memory.
const LARGEST: u64 = 1 << 30;

/// The rows of `<table>.csv` in a folder, for each table that has one.
pub fn load_folder(program: &Program, folder: &Path) -> Result<Vec<(TableId, Vec<Row>)>, Failure> {
    read_folder(program, folder, Cells::Shown).map(|loaded| loaded.tables)
}

/// The same with remarks about the files. `cells`: whether messages may show what stands in them.
pub fn read_folder(program: &Program, folder: &Path, cells: Cells) -> Result<Loaded, Failure> {
    if !folder.is_dir() {
        return Err(Failure::outside(format!(
            "`{}` is no folder",
            folder.display()
        )));
    }
    let mut texts = Vec::new();
    for (position, table) in program.tables.iter().enumerate() {
        let path = folder.join(format!("{}.csv", table.name));
        match ambit_query::files::read(&path, LARGEST) {
            Ok(bytes) => texts.push((TableId(position as u32), path.display().to_string(), bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::file("read", &path, &error)),
        }
    }
    let files: Vec<ambit_query::data::File<'_>> = texts
        .iter()
        .map(|(table, name, bytes)| ambit_query::data::File {
            table: *table,
            name,
            bytes,
        })
        .collect();
    ambit_query::data::read(program, &files, cells)
        .map_err(|error| Failure::new(Exit::Input, error.to_string()))
}

/// The rows of a SQLite file, for each table that it has.
pub fn load_database(program: &Program, file: &Path) -> Result<Vec<(TableId, Vec<Row>)>, Failure> {
    let failed = |error: ambit_query::Error| Failure::new(Exit::Outside, error.to_string());
    let mut store = ambit_query::Store::open(program, file).map_err(failed)?;
    store.rows(program).map_err(failed)
}

/// Rows as the evaluator takes them.
pub fn data(program: &Program, tables: Vec<(TableId, Vec<Row>)>) -> Result<Data, String> {
    let mut data = Data::new(program);
    for (table, rows) in tables {
        for row in rows {
            data.add(program, table, row)
                .map_err(|error| error.to_string())?;
        }
    }
    Ok(data)
}
