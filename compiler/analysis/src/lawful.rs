//! What a witness may be, whatever it shows: a user of whom the question speaks, and rows that the schema allows. Read
//! from the program and the evaluator's user alone; nothing here comes from the solver.

use std::collections::BTreeSet;

use ambit_core::{PrincipalId, PrincipalKind, Program, Resource, Row, Stored, TableId, Value};
use ambit_eval::{User, check_row, check_value};
use ambit_solver::{Who, WitnessUser};
use jiff::civil::{Date, date};

use crate::raw::Shown;

type Lawful = Result<(), String>;

fn law(holds: bool, otherwise: impl FnOnce() -> String) -> Lawful {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// The user is one of those of whom the question speaks.
pub(crate) fn user(program: &Program, who: Who, shown: &WitnessUser, user: &User) -> Lawful {
    let closed = |of: &[PrincipalId]| {
        let mut all: BTreeSet<PrincipalId> = of.iter().copied().collect();
        all.extend(of.iter().flat_map(|p| &program.principal(*p).closure));
        all.into_iter().eq(user.principals.iter().copied())
    };
    let declared = shown.declared;
    law(
        match who {
            Who::Bare(p) => closed(&[p]) && declared.is_none_or(|d| d == p),
            Who::Both(p, q) => closed(&[p, q]) && declared.is_none(),
            Who::Nobody => user.principals.is_empty() && declared.is_none(),
            Who::Anyone => true,
            Who::AnyoneWith(p) => user.has(p),
        },
        || format!("has other principals than {who:?}"),
    )?;
    let users = user.principals.iter().copied();
    let users: Vec<PrincipalId> = users
        .filter(|p| program.principal(*p).kind == PrincipalKind::User)
        .collect();
    law(users.as_slice() == declared.as_slice(), || {
        "is not the declared user that it has".to_owned()
    })?;
    if matches!(who, Who::Anyone | Who::AnyoneWith(_)) {
        exclusive(program, user)?;
        if program.settings.users_listed {
            law(
                declared.is_some_and(|d| *user == User::of(program, d)),
                || "is not one of the users listed".to_owned(),
            )?;
        }
    }
    for (attribute, value) in &shown.attributes {
        let known = program
            .attributes
            .get(attribute.index())
            .ok_or("an attribute that there is not")?;
        check_value(program, &known.ty, value.clone(), &|| {
            known.name.to_string()
        })
        .map_err(|error| error.to_string())?;
        let written = declared.is_some_and(|d| {
            let mut written = program.principal(d).attributes.iter();
            written.any(|(a, _)| a == attribute)
        });
        law(!written, || {
            format!("`{}` is written at the user", known.name)
        })?;
    }
    Ok(())
}

/// The two have the same attributes, as far as none are written at either.
pub(crate) fn alike(program: &Program, a: &WitnessUser, b: &WitnessUser) -> bool {
    let written = |user: &WitnessUser| {
        let declared = user.declared.map(|d| program.principal(d));
        declared.map_or(&[][..], |d| &d.attributes[..])
    };
    let supplied = |user: &WitnessUser| {
        let all = user.attributes.iter().filter(|(id, value)| {
            let fixed = written(a).iter().chain(written(b)).any(|(of, _)| of == id);
            !fixed && !value.is_null()
        });
        all.cloned().collect::<BTreeSet<_>>()
    };
    supplied(a) == supplied(b)
}

/// Nobody has two of what excludes one another.
fn exclusive(program: &Program, user: &User) -> Lawful {
    for set in &program.exclusive {
        let held = set.iter().filter(|p| user.has(**p)).count();
        law(held < 2, || "has what `exclusive` keeps apart".to_owned())?;
    }
    Ok(())
}

/// The source of the resource filters the user.
pub(crate) fn not_bypassed(program: &Program, resource: Resource, user: &User) -> Lawful {
    let source = match resource {
        Resource::Table(table) => program.source_of(table, None),
        Resource::Object(object) => program.objects.get(object.index()).and_then(|o| o.source),
    };
    let bypass = source.and_then(|source| user.bypass(program, source));
    law(bypass.is_none(), || "bypasses the source".to_owned())
}

/// The days of which questions speak.
pub(crate) fn day(today: Date) -> Lawful {
    law(
        (date(1970, 1, 1)..=date(2199, 12, 31)).contains(&today),
        || format!("the day {today}"),
    )
}

/// The rows keep what the schema says, and what is acted on is there.
pub(crate) fn rows(program: &Program, shown: &Shown) -> Lawful {
    for (table, rows) in &shown.related {
        let declared = program.table(*table);
        let mut keys: BTreeSet<Vec<&Value>> = BTreeSet::new();
        for row in rows {
            self::row(program, *table, row)?;
            let key: Vec<&Value> = declared
                .keys
                .iter()
                .filter_map(|k| row.get(k.index()))
                .collect();
            let whole = !key.is_empty() && !key.iter().any(|v| v.is_null());
            law(!whole || keys.insert(key), || {
                format!("two rows of `{}` with one key", declared.name)
            })?;
        }
    }
    let Resource::Table(table) = shown.resource else {
        return Ok(());
    };
    let acted = shown.row.as_ref().ok_or("there is no row")?;
    for row in std::iter::once(acted).chain(&shown.new) {
        self::row(program, table, row)?;
    }
    let mut related = shown.related.iter().filter(|(of, _)| *of == table);
    law(
        shown.action == "insert" || related.any(|(_, rows)| rows.contains(acted)),
        || "the row is not one of the data".to_owned(),
    )
}

fn row(program: &Program, table: TableId, row: &Row) -> Lawful {
    let declared = program.table(table);
    check_row(program, table, row.clone()).map_err(|error| error.to_string())?;
    for (column, value) in declared.columns.iter().zip(row) {
        // A scope in rows stands in another table.
        let elsewhere = matches!(column.stored, Some(Stored::Rows { .. }));
        law(column.nullable || elsewhere || !value.is_null(), || {
            format!("`{}.{}` cannot be null", declared.name, column.name)
        })?;
    }
    Ok(())
}
