//! Small domains: what a question reads takes a few values each, everything else none. All of it is tried.

use std::collections::BTreeSet;

use ambit_core::{
    AttributeId, ColumnId, Exists, Holder, Operand, Pred, PrincipalId, PrincipalKind, Program,
    Resource, Row, SourceId, Step, Stored, TableId, Type, Value,
};
use ambit_eval::{Data, User};
use ambit_solver::Facts;
use ambit_tests::rng::Rng;
use jiff::civil::Date;
use smol_str::SmolStr;

use super::schema::{MAIN, Schema};

/// What conditions read.
#[derive(Debug, Default, Clone)]
pub struct Reads {
    pub cells: BTreeSet<(TableId, ColumnId)>,
    /// Tables whose rows are looked up.
    pub data: BTreeSet<TableId>,
    pub attributes: BTreeSet<AttributeId>,
    pub login: bool,
    pub today: bool,
    /// Tables whose rules are asked.
    pub asked: BTreeSet<TableId>,
    /// Rules are asked: principals and the query count.
    pub rules: bool,
}

impl Reads {
    pub fn pred(&mut self, program: &Program, table: TableId, pred: &Pred) {
        match pred {
            Pred::Const(_) => {}
            Pred::Not(inner) => self.pred(program, table, inner),
            Pred::And(parts) | Pred::Or(parts) => {
                parts.iter().for_each(|p| self.pred(program, table, p));
            }
            Pred::Is(o) | Pred::InList(o, _) | Pred::IsNull(o) | Pred::Text(o, ..) => {
                self.operand(program, table, o);
            }
            Pred::InSet(o, set) => {
                self.attributes.insert(*set);
                self.operand(program, table, o);
            }
            Pred::Compare(a, _, b) => {
                self.operand(program, table, a);
                self.operand(program, table, b);
            }
            Pred::InWindow(o, _) => {
                self.today = true;
                self.operand(program, table, o);
            }
            Pred::Scope(o, _) => self.operand(program, table, o),
            Pred::Exists(exists) => self.exists(program, table, exists),
            Pred::LinkVisible(steps) => {
                let to = self.steps(table, steps);
                self.ask(program, to);
            }
        }
    }

    fn exists(&mut self, program: &Program, table: TableId, exists: &Exists) {
        let here = self.steps(table, &exists.path);
        self.cells.insert((here, exists.own));
        self.cells.insert((exists.table, exists.other));
        self.data.insert(exists.table);
        self.pred(program, exists.table, &exists.pred);
        if exists.visible {
            self.ask(program, exists.table);
        }
    }

    /// The rules on a table are asked.
    pub fn ask(&mut self, program: &Program, table: TableId) {
        self.rules = true;
        if !self.asked.insert(table) {
            return;
        }
        for rule in &program.rules {
            if rule.resource == Resource::Table(table) {
                self.pred(program, table, &rule.pred);
            }
        }
    }

    fn steps(&mut self, table: TableId, steps: &[Step]) -> TableId {
        for step in steps {
            self.cells.insert((step.from, step.column));
            self.cells.insert((step.to, step.key));
            self.data.insert(step.to);
        }
        steps.last().map_or(table, |s| s.to)
    }

    fn operand(&mut self, program: &Program, table: TableId, operand: &Operand) {
        match operand {
            Operand::Column(path) => {
                let here = self.steps(table, &path.steps);
                self.cells.insert((here, path.column));
                if let Some(Stored::Rows { .. }) = program.column(here, path.column).stored {
                    let keys = &program.table(here).keys;
                    self.cells.extend(keys.first().map(|k| (here, *k)));
                }
            }
            Operand::Attribute(id) => {
                self.attributes.insert(*id);
            }
            Operand::Login => self.login = true,
            Operand::Today => self.today = true,
            Operand::Const(_) => {}
            Operand::Day(inner) => self.operand(program, table, inner),
        }
    }
}

/// A user to try: principals as held (without what they inherit) and a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub declared: Option<PrincipalId>,
    pub held: Vec<PrincipalId>,
    /// Of one who is not declared: a login, or none, for each source.
    pub logins: Logins,
}

/// A product of small domains.
#[derive(Debug, Clone)]
pub struct Domain {
    /// The columns of the row that are read.
    pub row: Vec<(ColumnId, Vec<Value>)>,
    /// Other rows: how many at most, and their columns that are read.
    pub tables: Vec<(TableId, usize, Vec<(ColumnId, Vec<Value>)>)>,
    pub attributes: Vec<(AttributeId, Vec<Value>)>,
    pub people: Vec<Person>,
    pub todays: Vec<Date>,
    pub queries: Vec<Vec<TableId>>,
}

impl Domain {
    pub fn new(
        rng: &mut Rng,
        schema: &Schema,
        reads: &Reads,
        people: Vec<Person>,
        queries: Vec<Vec<TableId>>,
        facts: Facts,
        most: usize,
    ) -> Self {
        let columns = |table: TableId| -> Vec<(ColumnId, Vec<Value>)> {
            let program = &schema.program;
            reads
                .cells
                .iter()
                .filter(|(t, _)| *t == table)
                .map(|(_, c)| {
                    let column = program.column(table, *c);
                    let mut values = schema.pool.values(&column.ty);
                    // Null there means that its rows are elsewhere: here there are none.
                    if column.nullable || !facts.not_null || column.stored.is_some() {
                        values.push(Value::Null);
                    }
                    (*c, values)
                })
                .collect()
        };
        let mut domain = Self {
            row: columns(MAIN),
            tables: reads.data.iter().map(|t| (*t, 2, columns(*t))).collect(),
            attributes: reads
                .attributes
                .iter()
                .map(|a| {
                    let ty = &schema.program.attributes[a.index()].ty;
                    let mut values = schema.pool.values(ty);
                    values.push(Value::Null);
                    (*a, values)
                })
                .collect(),
            people,
            todays: if reads.today {
                schema.pool.todays.clone()
            } else {
                vec![jiff::civil::date(2024, 1, 15)]
            },
            queries,
        };
        while domain.size() > most {
            domain.shrink(rng);
        }
        domain
    }

    /// How many points there are, at most.
    pub fn size(&self) -> usize {
        let product = |columns: &[(ColumnId, Vec<Value>)]| -> usize {
            columns
                .iter()
                .map(|(_, v)| v.len())
                .fold(1, usize::saturating_mul)
        };
        let mut size = product(&self.row);
        for (_, rows, columns) in &self.tables {
            let n = product(columns);
            let sets = match rows {
                0 => 1,
                1 => n.saturating_add(1),
                _ => n.saturating_mul(n) / 2 + n / 2 + 1,
            };
            size = size.saturating_mul(sets);
        }
        for (_, values) in &self.attributes {
            size = size.saturating_mul(values.len());
        }
        size.saturating_mul(self.people.len())
            .saturating_mul(self.todays.len())
            .saturating_mul(self.queries.len())
    }

    /// Leaves one value out, somewhere.
    fn shrink(&mut self, rng: &mut Rng) {
        fn drop<T>(rng: &mut Rng, list: &mut Vec<T>) -> bool {
            if list.len() < 2 || (list.len() == 2 && rng.chance(90)) {
                return false;
            }
            list.remove(rng.below(list.len()));
            true
        }
        for _ in 0..200 {
            let done = match rng.below(8) {
                0 | 1 if !self.row.is_empty() => {
                    let at = rng.below(self.row.len());
                    drop(rng, &mut self.row[at].1)
                }
                2..=4 if !self.tables.is_empty() => {
                    let at = rng.below(self.tables.len());
                    let (_, rows, columns) = &mut self.tables[at];
                    if *rows == 2 && rng.chance(25) {
                        *rows = 1;
                        true
                    } else {
                        let at = rng.below(columns.len());
                        drop(rng, &mut columns[at].1)
                    }
                }
                5 if !self.attributes.is_empty() => {
                    let at = rng.below(self.attributes.len());
                    drop(rng, &mut self.attributes[at].1)
                }
                6 => match rng.below(2) {
                    0 => drop(rng, &mut self.people),
                    _ => drop(rng, &mut self.queries),
                },
                7 => drop(rng, &mut self.todays),
                _ => false,
            };
            if done {
                return;
            }
        }
        // Nothing was left to drop: fewer rows.
        for (_, rows, _) in &mut self.tables {
            *rows = rows.saturating_sub(1);
        }
    }

    /// Every day with every query.
    pub fn times(&self) -> impl Iterator<Item = (Date, &Vec<TableId>)> {
        self.todays
            .iter()
            .flat_map(|today| self.queries.iter().map(move |query| (*today, query)))
    }

    /// Every row of the question.
    pub fn rows(&self, program: &Program) -> Vec<Row> {
        rows(program, MAIN, &self.row, 0)
    }

    /// Every choice of other rows, by table.
    pub fn others(&self, program: &Program) -> Vec<Vec<(TableId, Row)>> {
        let mut all: Vec<Vec<(TableId, Row)>> = vec![vec![]];
        for (table, most, columns) in &self.tables {
            let key_read = columns
                .iter()
                .any(|(c, _)| program.table(*table).keys.contains(c));
            let single = rows(program, *table, columns, 11);
            let mut choices: Vec<Vec<Row>> = vec![vec![]];
            if *most >= 1 {
                choices.extend(single.iter().map(|r| vec![r.clone()]));
            }
            if *most >= 2 {
                let keyless = program.table(*table).keys.is_empty();
                let second = if keyless || key_read {
                    single.clone()
                } else {
                    rows(program, *table, columns, 12)
                };
                for (i, a) in single.iter().enumerate() {
                    for b in &second[i + usize::from(keyless || key_read)..] {
                        choices.push(vec![a.clone(), b.clone()]);
                    }
                }
            }
            let mut next = Vec::with_capacity(all.len() * choices.len());
            for before in &all {
                for choice in &choices {
                    let mut list = before.clone();
                    list.extend(choice.iter().map(|r| (*table, r.clone())));
                    next.push(list);
                }
            }
            all = next;
        }
        all
    }

    /// Every user, with the attributes that an identity provider could supply.
    pub fn users(&self, program: &Program, listed: bool) -> Vec<(Person, User)> {
        let mut supplied: Vec<Vec<(AttributeId, Value)>> = vec![vec![]];
        for (attribute, values) in &self.attributes {
            supplied = supplied
                .iter()
                .flat_map(|before| {
                    values.iter().map(move |v| {
                        let mut next = before.clone();
                        next.push((*attribute, v.clone()));
                        next
                    })
                })
                .collect();
        }
        let mut users: Vec<(Person, User)> = Vec::new();
        for person in &self.people {
            for attributes in &supplied {
                let of_declared = listed && person.declared.is_some();
                let attributes = if of_declared { &[][..] } else { attributes };
                let user = user(program, person, attributes);
                if !users.iter().any(|(_, u)| *u == user) {
                    users.push((person.clone(), user));
                }
            }
        }
        users
    }
}

/// The user that a person is.
pub fn user(program: &Program, person: &Person, attributes: &[(AttributeId, Value)]) -> User {
    let mut user = match person.declared {
        Some(declared) => User::of(program, declared),
        None => User::with_logins(program, &person.logins),
    };
    for held in &person.held {
        user.add(program, *held);
    }
    for (attribute, value) in attributes {
        user.supply(*attribute, value.clone());
    }
    user
}

/// Every row of those columns; what is not read is null or the default, a key that is not read is `n`.
fn rows(program: &Program, table: TableId, columns: &[(ColumnId, Vec<Value>)], n: i64) -> Vec<Row> {
    let declared = program.table(table);
    let plain: Vec<Value> = declared
        .columns
        .iter()
        .enumerate()
        .map(|(i, c)| {
            if declared.keys.contains(&ColumnId(i as u32)) {
                key(program, &c.ty, n)
            } else if c.nullable {
                Value::Null
            } else {
                ambit_solver::default_value(program, &c.ty)
            }
        })
        .collect();
    let mut all = vec![plain];
    for (column, values) in columns {
        all = all
            .iter()
            .flat_map(|row| {
                values.iter().map(move |v| {
                    let mut row = row.clone();
                    row[column.index()] = v.clone();
                    row
                })
            })
            .collect();
    }
    all.retain(|row| parts_are_named(program, table, row));
    all.into_iter().map(Into::into).collect()
}

/// A scope in rows is there only where the row has a key by which its parts can name it.
fn parts_are_named(program: &Program, table: TableId, row: &[Value]) -> bool {
    let declared = program.table(table);
    let keyed = declared.keys.first().is_some_and(|k| {
        match (&declared.columns[k.index()].ty, &row[k.index()]) {
            (_, Value::Null) => false,
            (Type::Enum(id), Value::Text(text)) => program.enumeration(*id).members.contains(text),
            _ => true,
        }
    });
    let there = declared
        .columns
        .iter()
        .zip(row)
        .any(|(c, v)| matches!(c.stored, Some(Stored::Rows { .. })) && !v.is_null());
    keyed || !there
}

/// A key of which nothing is read.
fn key(program: &Program, ty: &Type, n: i64) -> Value {
    match ty {
        Type::Int => Value::Int(n),
        Type::Decimal => Value::Decimal(n.into()),
        Type::String => Value::text(&format!("k{n}")),
        Type::Date => Value::Date(jiff::civil::date(1999, 1, 1 + n as i8)),
        Type::Enum(id) => {
            let members = &program.enumeration(*id).members;
            Value::Text(members[n as usize % members.len()].clone())
        }
        _ => ambit_solver::default_value(program, ty),
    }
}

/// The data of some rows; `None` where two have one key.
pub fn data<'a>(
    program: &Program,
    rows: impl IntoIterator<Item = &'a (TableId, Row)>,
) -> Option<Data> {
    let mut data = Data::new(program);
    for (table, row) in rows {
        data.add(program, *table, row.clone()).ok()?;
    }
    Some(data)
}

/// A login, or none, for each source.
pub type Logins = Vec<(Option<SourceId>, Option<SmolStr>)>;

/// What somebody who is not declared may be called: nothing, one of these everywhere, or something else in each source;
/// nowhere what a declared user is called there.
pub fn all_logins(program: &Program, names: &[&str]) -> Vec<Logins> {
    let mut out = vec![Logins::new()];
    if names.is_empty() {
        return out;
    }
    let same = names.iter().map(|name| [Some(*name); 2]);
    let mixed = [[Some("zz"), Some("")], [None, Some("a")], [Some("b"), None]];
    for [first, second] in same.chain(mixed) {
        let each = [(None, first), (Some(0), first), (Some(1), second)];
        let logins: Logins = each
            .into_iter()
            .filter_map(|(source, name)| {
                let source = source.map(SourceId);
                let free = name.filter(|n| program.user_of_login(n, source).is_none())?;
                Some((source, Some(free.into())))
            })
            .collect();
        if !out.contains(&logins) {
            out.push(logins);
        }
    }
    out
}

/// All that a user can hold without being two users or breaking `exclusive`.
pub fn people(program: &Program, logins: &[&str], bare: bool) -> Vec<Person> {
    let mut people = Vec::new();
    let is_user = |p: u32| program.principal(PrincipalId(p)).kind == PrincipalKind::User;
    let count = program.principals.len() as u32;
    let groups: Vec<u32> = (0..count).filter(|p| !is_user(*p)).collect();
    let users = (0..count).filter(|p| is_user(*p));
    for declared in std::iter::once(None).chain(users.map(Some)) {
        for mask in 0..1_u32 << groups.len() {
            let held: Vec<PrincipalId> = groups
                .iter()
                .enumerate()
                .filter(|(i, _)| mask >> i & 1 == 1)
                .map(|(_, p)| PrincipalId(*p))
                .collect();
            let named = if declared.is_some() {
                vec![Logins::new()]
            } else {
                all_logins(program, logins)
            };
            for logins in named {
                let person = Person {
                    declared: declared.map(PrincipalId),
                    held: held.clone(),
                    logins,
                };
                if bare || allowed(program, &user(program, &person, &[])) {
                    people.push(person);
                }
            }
        }
    }
    people
}

/// No two of those that exclude one another.
pub fn allowed(program: &Program, user: &User) -> bool {
    program
        .exclusive
        .iter()
        .all(|set| set.iter().filter(|p| user.has(**p)).count() < 2)
}

/// The declared users that rules on these tables, or on objects, name; all of them where users are listed.
pub fn at_hand(program: &Program, reads: &Reads, objects: bool) -> BTreeSet<PrincipalId> {
    let asked = |resource: &Resource| match resource {
        Resource::Table(table) => reads.asked.contains(table),
        Resource::Object(_) => objects,
    };
    let named = program
        .rules
        .iter()
        .filter(|r| asked(&r.resource))
        .flat_map(|r| match &r.holder {
            Holder::Principal(p) => vec![*p],
            Holder::EveryoneExcept(list) => list.clone(),
            Holder::Everyone => vec![],
        });
    let all = (0..program.principals.len() as u32).map(PrincipalId);
    named
        .chain(all.filter(|_| program.settings.users_listed))
        .collect()
}
