//! Random conditions with every construct of the language, as trees that can be made smaller.

use ambit_core::Value;
use jiff::ToSpan as _;

use super::coverage::Coverage;
use super::schema::{Column, Form, PLAIN, Table, Ty, attribute};
use super::values::{MEMBERS, Pool, literal, quote};
use crate::rng::Rng;

/// A condition: what is written, in pieces that can be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cond {
    /// One test, as written.
    Atom(String),
    /// `not`
    Not(Box<Cond>),
    /// `and`
    And(Vec<Cond>),
    /// `or`
    Or(Vec<Cond>),
    /// `exists …`, and what stands in its `where`.
    Exists(String, Option<Box<Cond>>),
}

impl Cond {
    /// As it is written.
    pub fn text(&self) -> String {
        let part = |c: &Cond| match c {
            Self::And(_) | Self::Or(_) => format!("({})", c.text()),
            _ => c.text(),
        };
        match self {
            Self::Atom(text) | Self::Exists(text, None) => text.clone(),
            Self::Not(inner) => format!("not {}", part(inner)),
            Self::And(list) => list.iter().map(part).collect::<Vec<_>>().join(" and "),
            Self::Or(list) => list.iter().map(part).collect::<Vec<_>>().join(" or "),
            Self::Exists(head, Some(inner)) => format!("{head} where ({})", inner.text()),
        }
    }

    /// Conditions with one piece less, the smallest first.
    pub fn smaller(&self) -> Vec<Cond> {
        match self {
            Self::Atom(_) | Self::Exists(_, None) => Vec::new(),
            Self::Not(inner) => {
                let mut list = vec![(**inner).clone()];
                list.extend(inner.smaller().into_iter().map(|c| Self::Not(Box::new(c))));
                list
            }
            Self::And(parts) => shorter(parts, Self::And),
            Self::Or(parts) => shorter(parts, Self::Or),
            Self::Exists(head, Some(inner)) => {
                let mut list = vec![Self::Exists(head.clone(), None)];
                list.extend(inner.smaller().into_iter().map(|c| Self::Exists(head.clone(), Some(Box::new(c)))));
                list
            }
        }
    }
}

fn shorter(parts: &[Cond], of: fn(Vec<Cond>) -> Cond) -> Vec<Cond> {
    let mut list: Vec<Cond> = parts.to_vec();
    for (i, part) in parts.iter().enumerate() {
        if parts.len() > 2 {
            let mut rest = parts.to_vec();
            rest.remove(i);
            list.push(of(rest));
        }
        for smaller in part.smaller() {
            let mut rest = parts.to_vec();
            rest[i] = smaller;
            list.push(of(rest));
        }
    }
    list
}

/// What conditions are made of.
pub struct Maker<'a> {
    /// Chance.
    pub rng: &'a mut Rng,
    /// The schema.
    pub tables: &'a [Table],
    /// Values.
    pub pool: &'a Pool,
    /// Filters: name, table.
    pub filters: &'a [(String, usize)],
    /// May `visible` be asked?
    pub visible: bool,
    /// What was written.
    pub coverage: &'a mut Coverage,
}

/// Where a condition stands.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// The table of the row.
    pub table: usize,
    /// Tables that may be read have a lower rank than this.
    pub limit: usize,
    /// The link by which this row was reached from outside, if a path may go straight back over it.
    pub back: Option<(&'a str, usize)>,
    /// Parameters of the role.
    pub params: &'a [(String, Ty)],
    /// The only columns that may be named.
    pub axis: Option<&'a [String]>,
    /// Inside `exists`.
    pub depth: usize,
}

impl Maker<'_> {
    fn seen(&mut self, construct: &str) {
        self.coverage.count(construct);
    }

    /// A condition of at most `depth` levels of connectives.
    pub fn cond(&mut self, at: At<'_>, depth: usize) -> Cond {
        if depth > 0 {
            match self.rng.below(10) {
                0 | 1 => {
                    self.seen("and");
                    return Cond::And(self.list(at, depth));
                }
                2 | 3 => {
                    self.seen("or");
                    return Cond::Or(self.list(at, depth));
                }
                4 => {
                    self.seen("not");
                    return Cond::Not(Box::new(self.cond(at, depth - 1)));
                }
                _ => {}
            }
        }
        if at.axis.is_none() && at.depth < 3 && self.rng.chance(22) {
            if let Some(exists) = self.exists(at, depth) {
                return exists;
            }
        }
        if self.rng.chance(12) {
            self.seen("not");
            return Cond::Not(Box::new(self.atom(at)));
        }
        self.atom(at)
    }

    fn list(&mut self, at: At<'_>, depth: usize) -> Vec<Cond> {
        (0..2 + self.rng.below(2)).map(|_| self.cond(at, depth - 1)).collect()
    }

    /// `exists t …`, if a table is linked that may be read.
    fn exists(&mut self, at: At<'_>, depth: usize) -> Option<Cond> {
        // The row where the link hangs: this one, or one at the end of a path.
        let (mut here, mut path) = (at.table, String::new());
        if self.rng.chance(30)
            && let Some((prefix, table)) = self.step(at)
        {
            (here, path) = (table, prefix);
        }
        let mut ways: Vec<(usize, String, bool, bool)> = Vec::new();
        for (t, table) in self.tables.iter().enumerate().filter(|(_, t)| t.rank < at.limit && !t.helper) {
            for c in &table.columns {
                for (to, key) in c.links.iter().filter(|(to, _)| *to == here) {
                    let back = c.links.len() == 1 && self.tables[*to].keys == 1 && self.tables[*to].columns[0].name == *key;
                    ways.push((t, c.name.clone(), back, true));
                }
            }
            if t != here {
                for c in self.tables[here].columns.iter().filter(|c| c.links.iter().any(|(to, _)| *to == t)) {
                    ways.push((t, c.name.clone(), false, false));
                }
            }
        }
        if ways.is_empty() {
            return None;
        }
        let (t, by, back, from_there) = self.rng.pick(&ways).clone();
        let several = ways.iter().filter(|w| w.0 == t).count() > 1;
        if ways.iter().filter(|w| w.0 == t && w.1 == by).count() > 1 {
            return None;
        }
        let visible = self.visible && self.rng.chance(45);
        let mut head = String::from(if visible { "exists visible " } else { "exists " });
        if visible {
            self.seen("exists visible");
        }
        self.seen(if from_there { "exists over their link" } else { "exists over own link" });
        if at.depth > 0 {
            self.seen("exists in exists");
        }
        if !path.is_empty() {
            self.seen("exists at a path");
            head.push_str(&path);
            head.push('.');
        }
        head.push_str(&self.tables[t].name);
        if several || self.rng.chance(10) {
            self.seen("exists by");
            head.push_str(" by ");
            head.push_str(&by);
        }
        if self.rng.chance(20) {
            return Some(Cond::Exists(head, None));
        }
        self.seen("exists where");
        let inner = At {
            table: t,
            limit: self.tables[t].rank.min(at.limit),
            back: (back && path.is_empty()).then_some((by.as_str(), here)),
            depth: at.depth + 1,
            ..at
        };
        let inner = self.cond(inner, depth.saturating_sub(1));
        Some(Cond::Exists(head, Some(Box::new(inner))))
    }

    /// One to-one step, or two, over tables that may be read.
    fn step(&mut self, at: At<'_>) -> Option<(String, usize)> {
        if let Some((back, table)) = at.back
            && self.rng.chance(50)
        {
            self.seen("path straight back");
            return Some((back.to_owned(), table));
        }
        let open = |tables: &[Table], from: usize| -> Vec<(String, usize)> {
            let steps = tables[from].steps(tables).filter(|(_, to)| tables[*to].rank < at.limit);
            steps.map(|(c, to)| (c.name.clone(), to)).collect()
        };
        let first = open(self.tables, at.table);
        if first.is_empty() {
            return None;
        }
        let (mut path, mut table) = self.rng.pick(&first).clone();
        let second = open(self.tables, table);
        if !second.is_empty() && self.rng.chance(35) {
            let (name, to) = self.rng.pick(&second).clone();
            path = format!("{path}.{name}");
            table = to;
            self.seen("path of two steps");
        } else {
            self.seen("path of one step");
        }
        Some((path, table))
    }

    /// A column of this row or of one that a path leads to, of a type that fits.
    fn column(&mut self, at: At<'_>, fits: impl Fn(&Column) -> bool) -> Option<(String, Column)> {
        if let Some(axis) = at.axis {
            let own: Vec<&Column> =
                self.tables[at.table].columns.iter().filter(|c| axis.contains(&c.name) && fits(c)).collect();
            return (!own.is_empty()).then(|| (*self.rng.pick(&own)).clone()).map(|c| (c.name.clone(), c));
        }
        if self.rng.chance(25)
            && let Some((path, table)) = self.step(at)
        {
            let there: Vec<&Column> = self.tables[table].columns.iter().filter(|c| fits(c)).collect();
            if !there.is_empty() {
                let c = (*self.rng.pick(&there)).clone();
                return Some((format!("{path}.{}", c.name), c));
            }
        }
        let own: Vec<&Column> = self.tables[at.table].columns.iter().filter(|c| fits(c)).collect();
        (!own.is_empty()).then(|| (*self.rng.pick(&own)).clone()).map(|c| (c.name.clone(), c))
    }

    /// One test.
    pub fn atom(&mut self, at: At<'_>) -> Cond {
        for _ in 0..12 {
            if let Some(text) = self.try_atom(at) {
                return Cond::Atom(text);
            }
        }
        self.seen("nothing");
        Cond::Atom("nothing".to_owned())
    }

    fn try_atom(&mut self, at: At<'_>) -> Option<String> {
        if at.axis.is_none() {
            match self.rng.below(40) {
                0 => {
                    self.seen("everything");
                    return Some("everything".to_owned());
                }
                1 => {
                    self.seen("nothing");
                    return Some("nothing".to_owned());
                }
                2 | 3 if self.visible => return self.link_visible(at),
                4 | 5 => return self.filter(at),
                6 => return Some(self.about_user(at)),
                _ => {}
            }
        }
        if !at.params.is_empty() && at.axis.is_none() && self.rng.chance(35) {
            return self.about_parameter(at);
        }
        // The tests of a scope are seldom drawn by column alone.
        let scopes = self.rng.chance(14);
        let (name, column) = self.column(at, |c| (c.ty == Ty::Scope) == scopes)?;
        if self.rng.chance(11) && column.ty != Ty::Scope {
            self.seen("is null");
            let negated = if self.rng.chance(50) { "not " } else { "" };
            return Some(format!("{name} is {negated}null"));
        }
        match column.ty {
            Ty::Scope => Some(self.scope(&name, &column)),
            Ty::Bool if self.rng.chance(50) => {
                self.seen("boolean column");
                Some(name)
            }
            Ty::Text if self.rng.chance(45) => Some(self.text_test(&name)),
            Ty::Date | Ty::Timestamp if self.rng.chance(45) => Some(self.window(&name)),
            ty => Some(self.comparison(at, &name, ty)),
        }
    }

    fn comparison(&mut self, at: At<'_>, name: &str, ty: Ty) -> String {
        let negated = if self.rng.chance(30) { "not " } else { "" };
        match self.rng.below(10) {
            0 | 1 => {
                self.seen("in list");
                let count = 1 + self.rng.below(3);
                let list: Vec<String> = (0..count).map(|_| self.literal_for(ty)).collect();
                let mut list: Vec<String> = list.into_iter().collect();
                list.dedup();
                format!("{name} {negated}in [{}]", list.join(", "))
            }
            2 => {
                self.seen("in set");
                let set = if ty == Ty::Timestamp && self.rng.chance(50) { Ty::Date } else { ty };
                format!("{name} {negated}in user.{}", attribute(set, true))
            }
            3 if ty.ordered() => {
                self.seen("between");
                let (a, b) = (self.literal_for(ty), self.literal_for(ty));
                format!("{name} between {a} and {b}")
            }
            4 | 5 => {
                let op = self.operator(ty);
                match self.operand(at, ty) {
                    Some(other) if other != name => format!("{name} {op} {other}"),
                    _ => format!("{name} {op} {}", self.literal_for(ty)),
                }
            }
            n => {
                let (op, value) = (self.operator(ty), self.literal_for(ty));
                if n == 6 {
                    self.seen("literal first");
                    format!("{value} {op} {name}")
                } else {
                    format!("{name} {op} {value}")
                }
            }
        }
    }

    fn operator(&mut self, ty: Ty) -> &'static str {
        let ops: &[&str] = match ty {
            Ty::Date | Ty::Timestamp => &["=", "!=", "<", "<=", ">", ">=", "before", "after"],
            ty if ty.ordered() => &["=", "!=", "<", "<=", ">", ">="],
            _ => &["=", "=", "!="],
        };
        let op = *self.rng.pick(ops);
        if op == "before" || op == "after" {
            self.seen("before, after");
        }
        op
    }

    /// Something to compare with that is no literal.
    fn operand(&mut self, at: At<'_>, ty: Ty) -> Option<String> {
        match self.rng.below(6) {
            0 | 1 => {
                self.seen("attribute");
                let ty = if ty == Ty::Timestamp && self.rng.chance(40) { Ty::Date } else { ty };
                Some(format!("user.{}", attribute(ty, false)))
            }
            2 if ty == Ty::Text => {
                self.seen("user.login");
                Some("user.login".to_owned())
            }
            2 if matches!(ty, Ty::Date | Ty::Timestamp) => {
                self.seen("today");
                Some("today".to_owned())
            }
            3 if at.params.iter().any(|p| p.1 == ty) => {
                self.seen("parameter");
                let fit: Vec<&(String, Ty)> = at.params.iter().filter(|p| p.1 == ty).collect();
                Some(self.rng.pick(&fit).0.clone())
            }
            _ => {
                let other = if ty == Ty::Timestamp && self.rng.chance(40) { Ty::Date } else { ty };
                let (name, _) = self.column(at, |c| c.ty == other)?;
                self.seen("two columns");
                Some(name)
            }
        }
    }

    /// A test of the user alone.
    fn about_user(&mut self, at: At<'_>) -> String {
        self.seen("about the user");
        let ty = *self.rng.pick(PLAIN);
        let name = format!("user.{}", attribute(ty, false));
        match self.rng.below(7) {
            0 => {
                self.seen("attribute is null");
                format!("{name} is not null")
            }
            1 => {
                self.seen("boolean attribute");
                format!("user.{}", attribute(Ty::Bool, false))
            }
            2 => {
                self.seen("literal in set");
                format!("{} in user.{}", self.literal_of(ty), attribute(ty, true))
            }
            3 => {
                self.seen("set is null");
                format!("user.{} is null", attribute(ty, true))
            }
            4 => {
                self.seen("user.login");
                self.text_test("user.login")
            }
            5 => {
                self.seen("today");
                format!("today {} {}", self.operator(Ty::Date), self.literal_of(Ty::Date))
            }
            _ => self.comparison(At { axis: Some(&[]), ..at }, &name, ty),
        }
    }

    /// A column against a parameter, or a parameter against what the user has.
    fn about_parameter(&mut self, at: At<'_>) -> Option<String> {
        let (name, ty) = self.rng.pick(at.params).clone();
        self.seen("parameter");
        if self.rng.chance(20) {
            return Some(match ty {
                Ty::Text if self.rng.chance(50) => self.text_test(&name),
                _ => format!("{name} in user.{}", attribute(ty, true)),
            });
        }
        let (column, other) = self.column(at, |c| c.ty == ty || c.ty == Ty::Timestamp && ty == Ty::Date)?;
        let op = self.operator(other.ty);
        Some(if self.rng.chance(30) { format!("{name} {op} {column}") } else { format!("{column} {op} {name}") })
    }

    fn filter(&mut self, at: At<'_>) -> Option<String> {
        let fit: Vec<&(String, usize)> =
            self.filters.iter().filter(|f| f.1 == at.table && self.tables[f.1].rank <= at.limit).collect();
        if fit.is_empty() {
            return None;
        }
        self.coverage.count("filter");
        Some(self.rng.pick(&fit).0.clone())
    }

    fn link_visible(&mut self, at: At<'_>) -> Option<String> {
        let tables = self.tables;
        let steps: Vec<String> = tables[at.table]
            .steps(tables)
            .filter(|(_, to)| tables[*to].rank < at.limit)
            .map(|(c, _)| c.name.clone())
            .collect();
        if steps.is_empty() {
            return None;
        }
        self.seen("is visible");
        Some(format!("{} is visible", self.rng.pick(&steps)))
    }

    fn text_test(&mut self, name: &str) -> String {
        let test = *self.rng.pick(&["starts with", "ends with", "contains"]);
        self.seen(test);
        format!("{name} {test} {}", quote(&self.pool.piece(self.rng)))
    }

    fn window(&mut self, name: &str) -> String {
        let unit = *self.rng.pick(&["day", "week", "month", "quarter", "year"]);
        let count = match self.rng.below(12) {
            0 => 400,
            1 => *self.rng.pick(&[100_000, 1200, 53]),
            n => 1 + n % 4,
        };
        let number = if count == 1 && self.rng.chance(50) { String::new() } else { format!("{count} ") };
        let plural = if number.is_empty() { "" } else { "s" };
        let negated = if self.rng.chance(25) { "not " } else { "" };
        let window = match self.rng.below(5) {
            0 => format!("last {number}{unit}{plural}"),
            1 => format!("last {number}{unit}{plural} to today"),
            2 => format!("next {number}{unit}{plural}"),
            3 => format!("next {number}{unit}{plural} from today"),
            _ => format!("this {unit}"),
        };
        format!("{name} {negated}in {window}")
    }

    fn scope(&mut self, name: &str, column: &Column) -> String {
        self.seen(match column.form {
            Form::Array => "scope as array",
            Form::Json => "scope as json",
            Form::Rows(_) => "scope as rows",
            _ => "scope as text",
        });
        let mode = *self.rng.pick(&["match all", "match any", "contains all", "contains any"]);
        let mut levels = Vec::new();
        for (level, members) in [("Book", ["b1", "b 2", "B1"]), ("Desk", ["d1", "d'2", "d1"]), ("\"I D\"", ["1", "2", "é"])] {
            if levels.is_empty() && level == "\"I D\"" || self.rng.chance(45) {
                if self.rng.chance(30) {
                    levels.push(format!("{level}: any"));
                } else {
                    let mut some = self.rng.some(&members, 2);
                    some.dedup();
                    let some: Vec<String> = some.iter().map(|m| quote(m)).collect();
                    levels.push(format!("{level}: [{}]", some.join(", ")));
                }
            }
        }
        format!("{name} {mode} {{ {} }}", levels.join(", "))
    }

    /// A literal to compare a value of this type with: of an instant also a day.
    fn literal_for(&mut self, ty: Ty) -> String {
        if ty == Ty::Timestamp && self.rng.chance(45) {
            self.seen("instant and day");
            return self.literal_of(Ty::Date);
        }
        self.literal_of(ty)
    }

    /// A literal of a type.
    pub fn literal_of(&mut self, ty: Ty) -> String {
        literal(&value_of(self.rng, self.pool, ty))
    }
}

/// A value of a type, from the pool or beside it.
pub fn value_of(rng: &mut Rng, pool: &Pool, ty: Ty) -> Value {
    match ty {
        Ty::Bool => Value::Bool(rng.chance(50)),
        Ty::Int => Value::Int(*rng.pick(&pool.ints)),
        Ty::Decimal => Value::Decimal(*rng.pick(&pool.decimals)),
        Ty::Text | Ty::Scope => Value::text(&pool.text(rng)),
        Ty::Date => {
            let day = *rng.pick(&pool.days);
            Value::Date(if rng.chance(15) { day.checked_add(1.day()).unwrap_or(day) } else { day })
        }
        Ty::Timestamp if pool.instants.is_empty() => Value::Timestamp(jiff::Timestamp::UNIX_EPOCH),
        Ty::Timestamp => Value::Timestamp(*rng.pick(&pool.instants)),
        Ty::Enum => Value::text(*rng.pick(MEMBERS)),
    }
}
