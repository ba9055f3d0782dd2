//! Random conditions with every construct of the language.

use super::cond::Cond;
use super::coverage::Coverage;
use super::schema::{Column, Form, PLAIN, Table, Ty, attribute};
use super::values::{Pool, literal, quote, value_of};
use crate::rng::Rng;

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
    pub(super) fn seen(&mut self, construct: &str) {
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
        if at.axis.is_none()
            && at.depth < 3
            && self.rng.chance(22)
            && let Some(exists) = self.exists(at, depth)
        {
            return exists;
        }
        if self.rng.chance(12) {
            self.seen("not");
            return Cond::Not(Box::new(self.atom(at)));
        }
        self.atom(at)
    }

    fn list(&mut self, at: At<'_>, depth: usize) -> Vec<Cond> {
        (0..2 + self.rng.below(2))
            .map(|_| self.cond(at, depth - 1))
            .collect()
    }

    /// A column of this row or of one that a path leads to, of a type that fits.
    fn column(&mut self, at: At<'_>, fits: impl Fn(&Column) -> bool) -> Option<(String, Column)> {
        if let Some(axis) = at.axis {
            let own: Vec<&Column> = self.tables[at.table]
                .columns
                .iter()
                .filter(|c| axis.contains(&c.name) && fits(c))
                .collect();
            return (!own.is_empty())
                .then(|| (*self.rng.pick(&own)).clone())
                .map(|c| (c.name.clone(), c));
        }
        if self.rng.chance(25)
            && let Some((path, table)) = self.step(at)
        {
            let there: Vec<&Column> = self.tables[table]
                .columns
                .iter()
                .filter(|c| fits(c))
                .collect();
            if !there.is_empty() {
                let c = (*self.rng.pick(&there)).clone();
                return Some((format!("{path}.{}", c.name), c));
            }
        }
        let own: Vec<&Column> = self.tables[at.table]
            .columns
            .iter()
            .filter(|c| fits(c))
            .collect();
        (!own.is_empty())
            .then(|| (*self.rng.pick(&own)).clone())
            .map(|c| (c.name.clone(), c))
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
                6 | 7 => return Some(self.about_user(at)),
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
            Ty::Date | Ty::Timestamp if self.rng.chance(60) => Some(self.window(&name)),
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
                let set = if ty == Ty::Timestamp && self.rng.chance(50) {
                    Ty::Date
                } else {
                    ty
                };
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
                let ty = if ty == Ty::Timestamp && self.rng.chance(40) {
                    Ty::Date
                } else {
                    ty
                };
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
                let other = if ty == Ty::Timestamp && self.rng.chance(40) {
                    Ty::Date
                } else {
                    ty
                };
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
        match self.rng.below(8) {
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
                format!(
                    "today {} {}",
                    self.operator(Ty::Date),
                    self.literal_of(Ty::Date)
                )
            }
            _ => self.comparison(
                At {
                    axis: Some(&[]),
                    ..at
                },
                &name,
                ty,
            ),
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
        let (column, other) = self.column(at, |c| {
            c.ty == ty || c.ty == Ty::Timestamp && ty == Ty::Date
        })?;
        let op = self.operator(other.ty);
        Some(if self.rng.chance(30) {
            format!("{name} {op} {column}")
        } else {
            format!("{column} {op} {name}")
        })
    }

    fn filter(&mut self, at: At<'_>) -> Option<String> {
        let fit: Vec<&(String, usize)> = self
            .filters
            .iter()
            .filter(|f| f.1 == at.table && self.tables[f.1].rank <= at.limit)
            .collect();
        if fit.is_empty() {
            return None;
        }
        self.coverage.count("filter");
        Some(self.rng.pick(&fit).0.clone())
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
        let number = if count == 1 && self.rng.chance(50) {
            String::new()
        } else {
            format!("{count} ")
        };
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
        let mode = *self
            .rng
            .pick(&["match all", "match any", "contains all", "contains any"]);
        let mut levels = Vec::new();
        for (level, members) in [
            ("Book", ["b1", "b 2", "B1"]),
            ("Desk", ["d1", "d'2", "d1"]),
            ("\"I D\"", ["1", "2", "é"]),
        ] {
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
        if ty == Ty::Timestamp && self.rng.chance(62) {
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
