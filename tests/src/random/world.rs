//! What a random policy is asked about: hostile rows, users with and without what is asked of them, queries.

use std::collections::BTreeSet;
use std::sync::Arc;

use ambit_core::{
    Decimal, PrincipalId, PrincipalKind, Program, ScopeEntry, ScopeOp, ScopeValue, SourceId, Value,
};
use ambit_eval::User;
use ambit_targets::sql::{Login, UserContext};
use smol_str::SmolStr;

use super::coverage::Coverage;
use super::policy::Policy;
use super::schema::{Column, Form, PLAIN, Table, Ty, attribute};
use super::values::{MEMBERS, OUTSIDERS, Pool, value_of};
use crate::rng::Rng;

/// A user, by names, so that it survives when the policy shrinks.
#[derive(Debug, Clone, PartialEq)]
pub struct UserSpec {
    /// A user of the program.
    pub declared: Option<String>,
    /// What the user has besides, as `Principal::name` spells it.
    pub principals: Vec<String>,
    /// What the identity provider supplies.
    pub attributes: Vec<(String, Value)>,
    /// The login of a user whom the program does not know.
    pub login: Option<String>,
}

impl UserSpec {
    /// As the evaluator takes a user. What the program no longer names is left out.
    pub fn user(&self, program: &Program) -> User {
        let find = |name: &String| program.find_principal(name);
        let mut user = match (&self.declared, &self.login) {
            (Some(name), _) => {
                find(name).map_or_else(|| User::nobody(program), |id| User::of(program, id))
            }
            (None, Some(login)) => User::named(program, login),
            (None, None) => User::nobody(program),
        };
        for id in self.principals.iter().filter_map(find) {
            user.add(program, id);
        }
        for (name, value) in &self.attributes {
            if let Some(id) = program.find_attribute(name) {
                user.supply(id, value.clone());
            }
        }
        user
    }

    /// As SQL predicates take a user: with all that is supplied, or (`supplied` false) with what is written alone.
    pub fn context(&self, program: &Program, supplied: bool) -> UserContext {
        let find = |name: &String| program.find_principal(name);
        let mut user = UserContext::default();
        if let Some(id) = self.declared.as_ref().and_then(find) {
            user = UserContext::of(program, id);
        } else if let Some(login) = self
            .login
            .as_ref()
            .filter(|_| supplied && self.declared.is_none())
        {
            user.login = Login::Named(login.as_str().into());
        }
        for id in self.principals.iter().filter_map(find) {
            user.add(program, id);
        }
        for (name, value) in self.attributes.iter().filter(|_| supplied) {
            if let Some(id) = program.find_attribute(name) {
                user.attributes.entry(id).or_insert_with(|| value.clone());
            }
        }
        user
    }
}

/// The rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRows {
    /// The table.
    pub table: String,
    /// Its rows, a value for each column.
    pub rows: Vec<Vec<Value>>,
}

/// Rows of all tables.
pub fn rows(
    rng: &mut Rng,
    policy: &Policy,
    pool: &Pool,
    coverage: &mut Coverage,
) -> Vec<TableRows> {
    let mut all: Vec<TableRows> = Vec::new();
    for table in policy.tables.iter().filter(|t| !t.helper) {
        let mut maker = Rows {
            rng,
            pool,
            coverage,
            tables: &policy.tables,
            done: &all,
        };
        let rows = maker.table(table);
        all.push(TableRows {
            table: table.name.clone(),
            rows,
        });
    }
    for table in policy.tables.iter().filter(|t| t.helper) {
        let rows = scope_rows(rng, policy, table, &mut all, coverage);
        all.push(TableRows {
            table: table.name.clone(),
            rows,
        });
    }
    all
}

struct Rows<'a> {
    rng: &'a mut Rng,
    pool: &'a Pool,
    coverage: &'a mut Coverage,
    tables: &'a [Table],
    done: &'a [TableRows],
}

impl Rows<'_> {
    fn table(&mut self, table: &Table) -> Vec<Vec<Value>> {
        let wanted = 5 + self.rng.below(6);
        let mut rows: Vec<Vec<Value>> = Vec::new();
        let mut keys: BTreeSet<Vec<Value>> = BTreeSet::new();
        for _ in 0..wanted {
            let mut row: Vec<Value> = Vec::with_capacity(table.columns.len());
            for (i, column) in table.columns.iter().enumerate() {
                let value = self.cell(table, &rows, column, i < table.keys);
                row.push(value);
            }
            if keys.insert(row[..table.keys].to_vec()) || table.keys == 0 {
                rows.push(row);
            }
        }
        rows
    }

    fn cell(&mut self, table: &Table, before: &[Vec<Value>], column: &Column, key: bool) -> Value {
        if key {
            return self.key(column.ty);
        }
        // Data may break the schema: a null where none should be is as unknown as any other.
        if self.rng.chance(if column.nullable { 18 } else { 2 })
            && !matches!(column.form, Form::Rows(_))
        {
            self.coverage.count("null cells");
            return Value::Null;
        }
        self.coverage.count("cells");
        if let Some((to, name)) = column.links.first()
            && self.rng.chance(75)
            && let Some(value) = self.linked(table, before, *to, name)
        {
            self.coverage.count("links that lead somewhere");
            return value;
        }
        if !column.links.is_empty() {
            self.coverage.count("links drawn freely, mostly dangling");
        }
        match (column.ty, &column.form) {
            (Ty::Decimal, Form::Scaled(places)) => self.scaled(*places),
            (Ty::Scope, Form::Rows(_)) => Value::Null,
            (Ty::Scope, form) => self.scope(form),
            (Ty::Enum, _) if self.rng.chance(12) => {
                self.coverage.count("values outside their enum");
                Value::text(self.rng.pick::<&str>(OUTSIDERS))
            }
            (ty, _) => value_of(self.rng, self.pool, ty),
        }
    }

    fn key(&mut self, ty: Ty) -> Value {
        match ty {
            Ty::Int => Value::Int(self.rng.between(-1, 12)),
            Ty::Enum => Value::text(self.rng.pick::<&str>(MEMBERS)),
            ty => value_of(self.rng, self.pool, ty),
        }
    }

    fn linked(
        &mut self,
        own: &Table,
        before: &[Vec<Value>],
        to: usize,
        column: &str,
    ) -> Option<Value> {
        let target = self.tables.get(to)?;
        let position = target.columns.iter().position(|c| c.name == column)?;
        let rows = if target.name == own.name {
            before
        } else {
            &self.done.iter().find(|t| t.table == target.name)?.rows
        };
        if rows.is_empty() {
            return None;
        }
        self.rng.pick(rows).get(position).cloned()
    }

    /// A decimal that an integer of so many places can hold.
    fn scaled(&mut self, places: u32) -> Value {
        let rounded = self.rng.pick(&self.pool.decimals).floor(places);
        Value::Decimal(match rounded.units(places) {
            Some(_) => rounded,
            None => Decimal::from(1),
        })
    }

    /// A scope as its text; `Data` reads it.
    fn scope(&mut self, form: &Form) -> Value {
        let entries = entries(self.rng);
        let mut text = match self.rng.below(12) {
            0 => String::new(),
            1 if *form == Form::Text => "  ".to_owned(),
            _ => text_of(self.rng, &entries),
        };
        if *form != Form::Json {
            match self.rng.below(14) {
                0 => text = text.replacen('=', "<>", 1),
                1 => text = text.replacen('=', "&<>", 1),
                2 => text = text.replacen('=', "&=", 1),
                3 => text.push('|'),
                4 => text = text.replacen("b1", "*", 1),
                5 => text.push(']'),
                _ => {}
            }
        }
        self.coverage.count("scopes in rows");
        Value::Text(text.into())
    }
}

fn entries(rng: &mut Rng) -> Vec<ScopeEntry> {
    let mut list = Vec::new();
    for (level, members) in [
        ("Book", ["b1", "b 2", "B1", "b3"]),
        ("Desk", ["d1", "d'2", "D1", "d3"]),
        ("I D", ["1", "2", "é", "10"]),
        ("Other", ["x", "y", "z", "b1"]),
    ] {
        let percent = if level == "Other" { 8 } else { 45 };
        if rng.chance(percent) {
            let members = rng
                .some(&members, 2)
                .into_iter()
                .map(SmolStr::new)
                .collect();
            list.push(ScopeEntry {
                level: level.into(),
                op: ScopeOp::Equals,
                members,
            });
        }
    }
    list
}

fn text_of(rng: &mut Rng, entries: &[ScopeEntry]) -> String {
    let blank = if rng.chance(20) { " " } else { "" };
    let parts: Vec<String> = entries
        .iter()
        .map(|e| match e.members.as_slice() {
            [one] if rng.chance(70) => format!("{blank}{}{blank}={blank}{one}", e.level),
            many => format!("{}={blank}[{}]", e.level, many.join("+")),
        })
        .collect();
    parts.join("|")
}

/// The rows of a helper table; writes what they mean into the scopes of the rows they belong to.
fn scope_rows(
    rng: &mut Rng,
    policy: &Policy,
    helper: &Table,
    all: &mut [TableRows],
    coverage: &mut Coverage,
) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    let form = Form::Rows(helper.name.clone());
    for table in &policy.tables {
        let Some(position) = table.columns.iter().position(|c| c.form == form) else {
            continue;
        };
        for row in all
            .iter_mut()
            .filter(|t| t.table == table.name)
            .flat_map(|t| &mut t.rows)
        {
            let mut scope = Some(Vec::new());
            for entry in entries(rng) {
                for member in &entry.members {
                    let mut cells = [
                        Value::Text(entry.level.clone()),
                        Value::Text(member.clone()),
                    ];
                    match rng.below(20) {
                        0 => {
                            cells[rng.below(2)] = Value::Null;
                            scope = None;
                        }
                        1 => {
                            // A wildcard: such a scope cannot be read.
                            cells[1] = Value::text("*");
                            scope = None;
                        }
                        _ => {
                            let pair = ScopeEntry {
                                members: vec![member.clone()],
                                ..entry.clone()
                            };
                            if let Some(scope) = &mut scope {
                                scope.push(pair);
                            }
                        }
                    }
                    let [level, member] = cells;
                    rows.push(vec![row[0].clone(), level, member]);
                }
            }
            coverage.count("scopes in rows");
            let value =
                scope.map_or_else(|| ScopeValue::Unreadable("?".into()), ScopeValue::Entries);
            row[position] = Value::Scope(Arc::new(value));
        }
    }
    rows.push(vec![Value::Null, Value::text("Book"), Value::text("b1")]);
    rows
}

/// A login that is a declared user's in every source makes a user him; one that is so in some sources only is left out.
fn settle(program: &Program, user: &mut UserSpec) {
    let Some(login) = &user.login else { return };
    let sources = (0..program.sources.len() as u32).map(|s| Some(SourceId(s)));
    let owners: BTreeSet<Option<PrincipalId>> = sources
        .chain([None])
        .map(|source| program.user_of_login(login, source))
        .collect();
    if owners.iter().all(Option::is_none) {
        return;
    }
    user.login = None;
    if let (1, Some(Some(owner))) = (owners.len(), owners.first()) {
        user.declared = Some(program.principal(*owner).name.to_string());
    }
}

/// Users of a program: those it declares, bare principals, and any others.
pub fn users(
    rng: &mut Rng,
    program: &Program,
    (policy, pool): (&Policy, &Pool),
    count: usize,
    coverage: &mut Coverage,
) -> Vec<UserSpec> {
    let names = |kind: fn(PrincipalKind) -> bool| -> Vec<String> {
        program
            .principals
            .iter()
            .filter(|p| kind(p.kind))
            .map(|p| p.name.to_string())
            .collect()
    };
    let declared = names(|k| k == PrincipalKind::User);
    let others = names(|k| k != PrincipalKind::User);
    let mut list: Vec<UserSpec> = Vec::new();
    if policy.plain {
        for name in others.iter().filter(|n| n.starts_with('r')) {
            let attributes = attributes(rng, pool, coverage);
            let login = rng.chance(80).then(|| pool.text(rng));
            list.push(UserSpec {
                declared: None,
                principals: vec![name.clone()],
                attributes,
                login,
            });
        }
        return list;
    }
    for i in 0..count {
        let mut user = UserSpec {
            declared: None,
            principals: Vec::new(),
            attributes: Vec::new(),
            login: None,
        };
        match i % 4 {
            0 if !declared.is_empty() => {
                coverage.count("declared users");
                user.declared = Some(declared[(i / 4) % declared.len()].clone());
            }
            1 if !others.is_empty() => {
                coverage.count("bare principals");
                user.principals.push(rng.pick(&others).clone());
            }
            _ => {
                coverage.count("users of the identity provider");
                user.login = Some(pool.text(rng));
                if !others.is_empty() {
                    user.principals = rng.some(&others, 4);
                }
            }
        }
        settle(program, &mut user);
        if i % 4 != 1 {
            user.attributes = attributes(rng, pool, coverage);
        }
        list.push(user);
    }
    list
}

fn attributes(rng: &mut Rng, pool: &Pool, coverage: &mut Coverage) -> Vec<(String, Value)> {
    let mut list = Vec::new();
    for ty in PLAIN {
        if rng.chance(70) {
            list.push((attribute(*ty, false), value_of(rng, pool, *ty)));
        } else {
            coverage.count("missing attributes");
        }
        if rng.chance(65) {
            let count = rng.below(4);
            if count == 0 {
                coverage.count("empty sets");
            }
            list.push((
                attribute(*ty, true),
                Value::set((0..count).map(|_| value_of(rng, pool, *ty)).collect()),
            ));
        } else {
            coverage.count("missing attributes");
        }
    }
    list
}
