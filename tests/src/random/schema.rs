//! Random schemas: two to four linked tables with columns of every type.

use std::fmt::Write as _;

use super::values::{MEMBERS, quote};
use crate::rng::Rng;

/// A plain type; scopes have their storage beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ty {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `decimal`
    Decimal,
    /// `string`
    Text,
    /// `date`
    Date,
    /// `timestamp`
    Timestamp,
    /// The enum `Color`.
    Enum,
    /// `scope { Book, Desk, "I D" }`
    Scope,
}

/// Types that values can have.
pub const PLAIN: &[Ty] = &[
    Ty::Bool,
    Ty::Int,
    Ty::Decimal,
    Ty::Text,
    Ty::Date,
    Ty::Timestamp,
    Ty::Enum,
];

impl Ty {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Decimal => "decimal",
            Self::Text => "string",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Enum => "Color",
            Self::Scope => "scope { Book, Desk, \"I D\" }",
        }
    }

    /// May its values be compared by order?
    pub fn ordered(self) -> bool {
        matches!(
            self,
            Self::Int | Self::Decimal | Self::Date | Self::Timestamp
        )
    }
}

/// How a column is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// As its type stands.
    Plain,
    /// `stored as text`
    Text,
    /// `stored as scaled(n)`
    Scaled(u32),
    /// `stored as array`
    Array,
    /// `stored as json`
    Json,
    /// `stored as rows in` this table.
    Rows(String),
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// May be null.
    pub nullable: bool,
    /// How it is stored.
    pub form: Form,
    /// What it links to: positions of tables, names of columns.
    pub links: Vec<(usize, String)>,
    /// The name it has elsewhere.
    pub outside: Option<String>,
}

/// A table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// What follows the name: sources and outside names.
    pub place: String,
    /// Its columns; the first `keys` are the key.
    pub columns: Vec<Column>,
    /// How many columns make the key.
    pub keys: usize,
    /// `open`
    pub open: bool,
    /// Reading goes from higher to lower where circles must not be.
    pub rank: usize,
    /// Levels of the hierarchy `h_<table>`.
    pub hierarchy: Vec<String>,
    /// It holds the scopes of other rows.
    pub helper: bool,
}

impl Table {
    /// To-one links: column and table.
    pub fn steps<'a>(&'a self, tables: &'a [Table]) -> impl Iterator<Item = (&'a Column, usize)> {
        self.columns
            .iter()
            .filter_map(move |c| match c.links.as_slice() {
                [(table, key)] => {
                    let to = tables.get(*table)?;
                    (to.keys == 1 && to.columns.first()?.name == *key).then_some((c, *table))
                }
                _ => None,
            })
    }
}

/// A random schema.
pub fn tables(rng: &mut Rng) -> Vec<Table> {
    let count = 2 + rng.below(3);
    let mut ranks: Vec<usize> = (0..count).collect();
    for i in (1..count).rev() {
        ranks.swap(i, rng.below(i + 1));
    }
    let mut tables: Vec<Table> = Vec::new();
    let mut helpers: Vec<Table> = Vec::new();
    for (i, rank) in ranks.into_iter().enumerate() {
        let mut columns = Vec::new();
        let keys = keys(rng, &mut columns, i + 1 == count);
        plain_columns(rng, &mut columns);
        if rng.chance(60) {
            let form = scope_form(rng, i, keys, &columns, &mut helpers);
            let nullable = !matches!(form, Form::Rows(_)) && rng.chance(50);
            columns.push(Column {
                nullable,
                form,
                ..column("sc", Ty::Scope)
            });
        }
        links(rng, &tables, i, &mut columns);
        for c in &mut columns {
            if rng.chance(12) {
                c.outside = Some(format!("{} \"{}'s\"", c.name.to_uppercase(), i));
            }
        }
        let hierarchy = if rng.chance(35) {
            levels(&columns)
        } else {
            Vec::new()
        };
        let place = match rng.below(5) {
            0 => format!(
                " in main as {}, \"t{i}\" in other",
                quote(&format!("Table {i} \"x\""))
            ),
            1 => format!(" in other as \"order{i}\""),
            2 => format!(" in main as \"select {i}\" in other"),
            3 => String::new(),
            _ => " in main".to_owned(),
        };
        let open = rng.chance(25);
        tables.push(Table {
            name: format!("t{i}"),
            place,
            columns,
            keys,
            open,
            rank,
            hierarchy,
            helper: false,
        });
    }
    tables.extend(helpers);
    tables
}

/// A column that cannot be null and is nothing special.
fn column(name: &str, ty: Ty) -> Column {
    Column {
        name: name.to_owned(),
        ty,
        nullable: false,
        form: Form::Plain,
        links: Vec::new(),
        outside: None,
    }
}

fn keys(rng: &mut Rng, columns: &mut Vec<Column>, last: bool) -> usize {
    match rng.below(10) {
        0 if last => {
            columns.push(column("ka", Ty::Int));
            columns.push(column("kb", Ty::Text));
        }
        1 | 2 => columns.push(column("id", Ty::Text)),
        3 => columns.push(column("id", Ty::Enum)),
        _ => columns.push(column("id", Ty::Int)),
    }
    columns.len()
}

fn plain_columns(rng: &mut Rng, columns: &mut Vec<Column>) {
    for ty in PLAIN {
        let wanted = if matches!(ty, Ty::Int | Ty::Text) {
            1 + rng.below(2)
        } else {
            rng.below(3).min(1)
        };
        for n in 0..wanted {
            let letter = match ty {
                Ty::Bool => "flag",
                Ty::Int => "n",
                Ty::Decimal => "price",
                Ty::Text => "s",
                Ty::Date => "day",
                Ty::Timestamp => "at",
                _ => "color",
            };
            let name = if n == 0 {
                letter.to_owned()
            } else {
                format!("{letter}{n}")
            };
            let form = match ty {
                Ty::Decimal if rng.chance(50) => Form::Scaled(rng.below(5) as u32),
                Ty::Decimal => Form::Text,
                _ => Form::Plain,
            };
            columns.push(Column {
                nullable: rng.chance(55),
                form,
                ..column(&name, *ty)
            });
        }
    }
}

fn scope_form(
    rng: &mut Rng,
    table: usize,
    keys: usize,
    columns: &[Column],
    helpers: &mut Vec<Table>,
) -> Form {
    let key = match columns {
        [key, ..] if keys == 1 => key,
        _ => return Form::Text,
    };
    match rng.below(5) {
        0 => Form::Array,
        1 => Form::Json,
        2 => {
            let name = format!("scopes{table}");
            let columns = vec![
                Column {
                    nullable: true,
                    ..column("owner", key.ty)
                },
                Column {
                    nullable: true,
                    ..column("level", Ty::Text)
                },
                Column {
                    nullable: true,
                    ..column("member", Ty::Text)
                },
            ];
            helpers.push(Table {
                name: name.clone(),
                place: " in main".to_owned(),
                columns,
                keys: 0,
                open: false,
                rank: 0,
                hierarchy: Vec::new(),
                helper: true,
            });
            Form::Rows(name)
        }
        _ => Form::Text,
    }
}

/// Links to tables declared before: to keys, to other columns, to two tables at once, twice to one table.
fn links(rng: &mut Rng, tables: &[Table], own: usize, columns: &mut Vec<Column>) {
    for (j, to) in tables.iter().enumerate() {
        if !rng.chance(75) {
            continue;
        }
        let Some(key) = to.columns.first().filter(|_| to.keys == 1) else {
            continue;
        };
        let nullable = rng.chance(65);
        let link = |name: String| Column {
            nullable,
            links: vec![(j, key.name.clone())],
            ..column(&name, key.ty)
        };
        columns.push(link(format!("to_{}", to.name)));
        if rng.chance(12) {
            columns.push(link(format!("also_{}", to.name)));
        }
    }
    if rng.chance(30)
        && let Some((j, to)) = tables
            .iter()
            .enumerate()
            .find(|(_, t)| t.columns.iter().any(|c| c.name == "s"))
    {
        let mut links = vec![(j, "s".to_owned())];
        if let Some((k, _)) = tables
            .iter()
            .enumerate()
            .skip(j + 1)
            .find(|(_, t)| t.columns.iter().any(|c| c.name == "s"))
            && rng.chance(50)
        {
            links.push((k, "s".to_owned()));
        }
        columns.push(Column {
            nullable: true,
            links,
            ..column(&format!("by_{}", to.name), Ty::Text)
        });
    }
    if rng.chance(20)
        && let [key] = columns
            .iter()
            .filter(|c| c.name == "id")
            .cloned()
            .collect::<Vec<_>>()
            .as_slice()
    {
        columns.push(Column {
            nullable: true,
            links: vec![(own, key.name.clone())],
            ..column("parent", key.ty)
        });
    }
}

fn levels(columns: &[Column]) -> Vec<String> {
    let fit = |c: &&Column| {
        matches!(c.ty, Ty::Text | Ty::Enum | Ty::Int)
            && c.links.is_empty()
            && !c.name.starts_with('k')
    };
    let levels: Vec<String> = columns
        .iter()
        .skip(1)
        .filter(fit)
        .map(|c| c.name.clone())
        .take(2)
        .collect();
    if levels.len() == 2 {
        levels
    } else {
        Vec::new()
    }
}

/// The schema as text.
pub fn write(tables: &[Table]) -> String {
    let mut text = String::from("source main : sqlite\nsource other : sqlite\n\n");
    let members: Vec<String> = MEMBERS.iter().map(|m| quote(m)).collect();
    let _ = writeln!(text, "enum Color {{ {} }}", members.join(", "));
    for table in tables {
        let _ = writeln!(
            text,
            "\ntable {}{}{} {{",
            table.name,
            table.place,
            if table.open { " open" } else { "" }
        );
        for (i, c) in table.columns.iter().enumerate() {
            let key = if i < table.keys { "key " } else { "" };
            let outside = c.outside.as_ref().map_or_else(String::new, |o| {
                format!(
                    " as {}, {} in other",
                    quote(o),
                    quote(&format!("{o} there"))
                )
            });
            let nullable = if c.nullable { "?" } else { "" };
            let form = match &c.form {
                Form::Plain => String::new(),
                Form::Text => " stored as text".to_owned(),
                Form::Scaled(n) => format!(" stored as scaled({n})"),
                Form::Array => " stored as array".to_owned(),
                Form::Json => " stored as json".to_owned(),
                Form::Rows(table) => format!(" stored as rows in {table}(owner, level, member)"),
            };
            let links: Vec<String> = c
                .links
                .iter()
                .map(|(t, c)| format!("{}.{c}", tables[*t].name))
                .collect();
            let links = if links.is_empty() {
                String::new()
            } else {
                format!(" -> {}", links.join(", "))
            };
            let _ = writeln!(
                text,
                "    {key}{}{outside} : {}{nullable}{form}{links}",
                c.name,
                c.ty.word()
            );
        }
        text.push_str("}\n");
        if !table.hierarchy.is_empty() {
            let _ = writeln!(
                text,
                "\nhierarchy h_{} on {} {{ {} }}",
                table.name,
                table.name,
                table.hierarchy.join(" > ")
            );
        }
    }
    text.push('\n');
    for ty in PLAIN {
        let _ = writeln!(text, "attribute {} : {}", attribute(*ty, false), ty.word());
        let _ = writeln!(
            text,
            "attribute {} : set of {}",
            attribute(*ty, true),
            ty.word()
        );
    }
    text
}

/// The attribute of a type.
pub fn attribute(ty: Ty, set: bool) -> String {
    let word = ty.word().to_lowercase();
    if set {
        format!("{word}s")
    } else {
        format!("a_{word}")
    }
}
