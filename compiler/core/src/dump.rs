//! A whole program as text, compact: what `ambit debug core` shows and snapshots hold.

use std::fmt::{self, Write as _};

use crate::TableId;
use crate::ids::{ObjectId, PrincipalId, SourceId};
use crate::pred::Pred;
use crate::print::{print_holder, print_part, print_pred, print_rule, print_type, print_value};
use crate::program::{
    Claim, ClaimKind, Column, Expectation, ExpectationKind, OutsideName, Principal, PrincipalKind,
    Program, Resource, Stored, Subject, Table, Test,
};
use crate::value::Value;

/// The program: what exists, who there is, the rules, the tests and the claims, in the order of Core.
pub fn dump(program: &Program) -> String {
    let mut dump = Dump {
        program,
        out: String::new(),
    };
    // Writing to a string does not fail.
    let _ = dump.all();
    dump.out
}

struct Dump<'p> {
    program: &'p Program,
    out: String,
}

impl<'p> Dump<'p> {
    fn all(&mut self) -> fmt::Result {
        self.settings()?;
        self.schema()?;
        self.people()?;
        self.policy()
    }

    fn settings(&mut self) -> fmt::Result {
        let settings = &self.program.settings;
        let users = if settings.users_listed {
            "listed"
        } else {
            "open"
        };
        writeln!(
            self.out,
            "project {} zone {} week {:?} users {users}",
            crate::print::print_string(&settings.name),
            settings.zone,
            settings.week_start
        )
    }

    fn schema(&mut self) -> fmt::Result {
        for source in &self.program.sources {
            writeln!(
                self.out,
                "source {}{} : {}",
                source.name,
                self.outside(&source.outside),
                source.kind
            )?;
        }
        for one in &self.program.enums {
            let members: Vec<String> = one
                .members
                .iter()
                .map(|m| crate::print::print_string(m))
                .collect();
            writeln!(self.out, "enum {} {{ {} }}", one.name, members.join(", "))?;
        }
        for table in &self.program.tables {
            self.table(table)?;
        }
        for hierarchy in &self.program.hierarchies {
            let levels: Vec<&str> = hierarchy
                .levels
                .iter()
                .map(|level| self.program.column(hierarchy.table, *level).name.as_str())
                .collect();
            let table = &self.program.table(hierarchy.table).name;
            writeln!(
                self.out,
                "hierarchy {} on {table} {{ {}",
                hierarchy.name,
                levels.join(" > ")
            )?;
            for member in &hierarchy.members {
                let values: Vec<String> = member.iter().map(print_value).collect();
                writeln!(self.out, "    {}", values.join(" > "))?;
            }
            writeln!(self.out, "}}")?;
        }
        for kind in &self.program.kinds {
            let actions: Vec<String> = kind
                .actions
                .iter()
                .zip(&kind.implies)
                .enumerate()
                .map(|(i, (action, implies))| {
                    let others: Vec<&str> = implies
                        .iter()
                        .filter(|other| **other != i)
                        .filter_map(|other| kind.actions.get(*other))
                        .map(smol_str::SmolStr::as_str)
                        .collect();
                    match others.as_slice() {
                        [] => action.to_string(),
                        others => format!("{action} implies {}", others.join(" ")),
                    }
                })
                .collect();
            let outside = self.outside(&kind.outside);
            writeln!(
                self.out,
                "kind {}{outside} {{ {} }}",
                kind.name,
                actions.join(", ")
            )?;
        }
        for object in &self.program.objects {
            let kind = self
                .program
                .kinds
                .get(object.kind.index())
                .map_or("", |k| k.name.as_str());
            write!(self.out, "object {}", object.name)?;
            if let Some(source) = object.source {
                write!(self.out, " in {}", self.source(source))?;
            }
            write!(self.out, "{} : {kind}", self.outside(&object.outside))?;
            let uses: Vec<&str> = object
                .uses
                .iter()
                .map(|u| self.program.resource_name(*u).as_str())
                .collect();
            if !uses.is_empty() {
                write!(self.out, " uses {}", uses.join(", "))?;
            }
            self.out.push('\n');
        }
        for attribute in &self.program.attributes {
            let (outside, ty) = (
                self.outside(&attribute.outside),
                print_type(self.program, &attribute.ty),
            );
            writeln!(self.out, "attribute {}{outside} : {ty}", attribute.name)?;
        }
        Ok(())
    }

    fn table(&mut self, table: &Table) -> fmt::Result {
        write!(self.out, "table {}", table.name)?;
        for source in &table.sources {
            write!(self.out, " in {}", self.source(*source))?;
        }
        write!(self.out, "{}", self.outside(&table.outside))?;
        writeln!(self.out, "{} {{", if table.open { " open" } else { "" })?;
        for (position, column) in table.columns.iter().enumerate() {
            let key = if table.keys.iter().any(|k| k.index() == position) {
                "key "
            } else {
                ""
            };
            write!(self.out, "    {key}")?;
            self.column(column)?;
        }
        writeln!(self.out, "}}")
    }

    fn column(&mut self, column: &Column) -> fmt::Result {
        let ty = print_type(self.program, &column.ty);
        let null = if column.nullable { "?" } else { "" };
        write!(
            self.out,
            "{}{} : {ty}{null}",
            column.name,
            self.outside(&column.outside)
        )?;
        match &column.stored {
            None => {}
            Some(Stored::Text) => self.out.push_str(" stored as text"),
            Some(Stored::Array) => self.out.push_str(" stored as array"),
            Some(Stored::Json) => self.out.push_str(" stored as json"),
            Some(Stored::Scaled(places)) => write!(self.out, " stored as scaled({places})")?,
            Some(Stored::Rows {
                table,
                id,
                level,
                member,
            }) => {
                let name = |column| self.program.column(*table, column).name.as_str();
                let (id, level, member) = (name(*id), name(*level), name(*member));
                let table = &self.program.table(*table).name;
                write!(
                    self.out,
                    " stored as rows in {table}({id}, {level}, {member})"
                )?;
            }
        }
        for (i, link) in column.links.iter().enumerate() {
            let table = &self.program.table(link.table).name;
            let other = &self.program.column(link.table, link.column).name;
            write!(
                self.out,
                "{} {table}.{other}",
                if i == 0 { " ->" } else { "," }
            )?;
        }
        self.out.push('\n');
        Ok(())
    }

    fn people(&mut self) -> fmt::Result {
        for (position, principal) in self.program.principals.iter().enumerate() {
            self.principal(PrincipalId(position as u32), principal)?;
        }
        for group in &self.program.exclusive {
            writeln!(self.out, "exclusive {}", self.names(group))?;
        }
        Ok(())
    }

    fn principal(&mut self, id: PrincipalId, principal: &Principal) -> fmt::Result {
        let kind = match principal.kind {
            PrincipalKind::Group => "group",
            PrincipalKind::Role => "role",
            PrincipalKind::User => "user",
        };
        write!(
            self.out,
            "{kind} {}{}",
            principal.name,
            self.outside(&principal.outside)
        )?;
        if !principal.inherits.is_empty() {
            write!(self.out, " inherits {}", self.names(&principal.inherits))?;
        }
        let all: Vec<PrincipalId> = principal
            .closure
            .iter()
            .copied()
            .filter(|other| *other != id)
            .collect();
        if all.len() > principal.inherits.len() {
            write!(self.out, " has {}", self.names(&all))?;
        }
        if !principal.bypasses.is_empty() {
            let sources: Vec<&str> = principal.bypasses.iter().map(|s| self.source(*s)).collect();
            write!(self.out, " bypasses {}", sources.join(", "))?;
        }
        for (attribute, value) in &principal.attributes {
            let name = self
                .program
                .attributes
                .get(attribute.index())
                .map_or("", |a| a.name.as_str());
            write!(self.out, " {name} = {}", print_value(value))?;
        }
        if let Some(test) = principal
            .test
            .and_then(|test| self.program.tests.get(test.index()))
        {
            write!(
                self.out,
                " given in test {}",
                crate::print::print_string(&test.name)
            )?;
        }
        self.out.push('\n');
        Ok(())
    }

    fn policy(&mut self) -> fmt::Result {
        for rule in &self.program.rules {
            let holder = print_holder(self.program, &rule.holder);
            let text = print_rule(self.program, rule);
            writeln!(
                self.out,
                "{}:{} {holder}: {text}",
                rule.origin.file, rule.origin.line
            )?;
        }
        for test in &self.program.tests {
            self.test(test)?;
        }
        for claim in &self.program.claims {
            self.claim(claim)?;
        }
        Ok(())
    }

    fn test(&mut self, test: &Test) -> fmt::Result {
        writeln!(
            self.out,
            "test {} {{",
            crate::print::print_string(&test.name)
        )?;
        if let Some(today) = test.today {
            writeln!(self.out, "    given today {today}")?;
        }
        for (table, rows) in &test.given {
            writeln!(self.out, "    given {} {{", self.program.table(*table).name)?;
            for given in rows {
                let cells: Vec<String> = given
                    .row
                    .iter()
                    .enumerate()
                    .map(|(i, value)| match given.left_out.get(i) {
                        Some(true) => "-".to_owned(),
                        _ => print_value(value),
                    })
                    .collect();
                writeln!(self.out, "        {}", cells.join(", "))?;
            }
            writeln!(self.out, "    }}")?;
        }
        for expectation in &test.expectations {
            self.expectation(expectation)?;
        }
        writeln!(self.out, "}}")
    }

    fn expectation(&mut self, expectation: &Expectation) -> fmt::Result {
        let who = &self.program.principal(expectation.who).name;
        match &expectation.kind {
            ExpectationKind::Sees { table, keys, .. } => {
                let keys = keys
                    .iter()
                    .map(|(key, _)| print_key(key))
                    .collect::<Vec<_>>()
                    .join(", ");
                write!(
                    self.out,
                    "    {who} sees {} [{keys}]",
                    self.program.table(*table).name
                )?;
            }
            ExpectationKind::Can {
                negated,
                action,
                resource,
                keys,
                ..
            } => {
                let word = if *negated { "cannot" } else { "can" };
                write!(
                    self.out,
                    "    {who} {word} {action} {}",
                    self.program.resource_name(*resource)
                )?;
                if let Some(keys) = keys {
                    let keys = keys
                        .iter()
                        .map(|(key, _)| print_key(key))
                        .collect::<Vec<_>>()
                        .join(", ");
                    write!(self.out, " [{keys}]")?;
                }
            }
        }
        if let Some(during) = &expectation.during {
            let any = if during.any { "any of " } else { "" };
            write!(
                self.out,
                " when querying {any}[{}]",
                self.tables(&during.tables)
            )?;
        }
        self.out.push('\n');
        Ok(())
    }

    fn claim(&mut self, claim: &Claim) -> fmt::Result {
        let text = match &claim.kind {
            ClaimKind::Can {
                subject,
                always,
                action,
                resource,
                pred,
            } => {
                let word = if *always { "always" } else { "never" };
                let table = match resource {
                    Resource::Table(table) => Some(*table),
                    Resource::Object(_) => None,
                };
                let mut text = format!(
                    "{} can {word} {action} {}",
                    self.subject(subject),
                    self.program.resource_name(*resource)
                );
                if *pred != Pred::Const(true) {
                    write!(text, " where {}", print_pred(self.program, table, pred))?;
                }
                text
            }
            ClaimKind::Are {
                left,
                right,
                equal,
                table,
            } => format!(
                "{} and {} are {} on {}",
                self.subject(left),
                self.subject(right),
                if *equal { "equal" } else { "disjoint" },
                self.program.table(*table).name
            ),
        };
        writeln!(self.out, "assert {text}")
    }

    fn subject(&self, subject: &Subject) -> String {
        match subject {
            Subject::Who(id) => self.program.principal(*id).name.to_string(),
            Subject::Anyone(None) => "anyone".to_owned(),
            Subject::Anyone(Some(id)) => {
                format!("anyone with {}", self.program.principal(*id).name)
            }
        }
    }

    fn names(&self, ids: &[PrincipalId]) -> String {
        ids.iter()
            .map(|id| self.program.principal(*id).name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn tables(&self, ids: &[TableId]) -> String {
        ids.iter()
            .map(|id| self.program.table(*id).name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn source(&self, id: SourceId) -> &'p str {
        self.program
            .sources
            .get(id.index())
            .map_or("", |s| s.name.as_str())
    }

    fn outside(&self, names: &[OutsideName]) -> String {
        let names: Vec<String> = names
            .iter()
            .map(|name| {
                let parts: Vec<String> = name.parts.iter().map(|p| print_part(p)).collect();
                match name.source {
                    Some(source) => format!("{} in {}", parts.join("."), self.source(source)),
                    None => parts.join("."),
                }
            })
            .collect();
        if names.is_empty() {
            String::new()
        } else {
            format!(" as {}", names.join(", "))
        }
    }
}

/// A key as a test writes it: a value, or several in parentheses.
pub fn print_key(key: &[Value]) -> String {
    let values: Vec<String> = key.iter().map(print_value).collect();
    match values.as_slice() {
        [one] => one.clone(),
        many => format!("({})", many.join(", ")),
    }
}

/// Names a resource with its sort, for messages: `table sales`, `object refresh`.
pub fn print_resource(program: &Program, resource: Resource) -> String {
    match resource {
        Resource::Table(TableId(_)) => format!("table {}", program.resource_name(resource)),
        Resource::Object(ObjectId(_)) => format!("object {}", program.resource_name(resource)),
    }
}
