//! What every checker has at hand: the database, the item it checks, and the problems found so far.

use ambit_diagnostics::{ItemKey, Place, Problem, nearest};
use ambit_grammar::Span;
use ambit_grammar::ast;

use super::{NameIndex, Sort, name_index};
use crate::db::{Db, Project};
use crate::items::{Item, item_head};

/// The context of a check.
pub(crate) struct Cx<'db> {
    pub db: &'db dyn Db,
    pub names: &'db NameIndex<'db>,
    pub key: &'db ItemKey,
    pub problems: Vec<Problem>,
}

impl<'db> Cx<'db> {
    pub fn new(db: &'db dyn Db, item: Item<'db>) -> Self {
        Self {
            db,
            names: name_index(db, Project::get(db)),
            key: item.key(db),
            problems: Vec::new(),
        }
    }

    /// A place in the item being checked.
    pub fn at(&self, span: Span) -> Place {
        Place::Item(self.key.clone(), span)
    }

    /// Adds a problem.
    pub fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Starts a problem at a span of this item.
    pub fn problem(&self, code: &'static str, span: Span, message: impl Into<String>) -> Problem {
        Problem::new(code, message, self.at(span))
    }

    /// The item that declares `name` as one of `wanted`; else reports and gives nothing. `role` says what stands
    /// here, for the message: "a table".
    pub fn find(&mut self, name: &ast::Name, wanted: &[Sort]) -> Option<(Sort, Item<'db>)> {
        if let Some((sort, item)) = self
            .names
            .all(&name.text)
            .iter()
            .find(|(s, _)| wanted.contains(s))
        {
            return Some((*sort, *item));
        }
        let what = one_of(wanted);
        if let Some((sort, item)) = self.names.first(&name.text) {
            let problem = self
                .problem(
                    "E0204",
                    name.span,
                    format!("`{}` is {}, not {what}", name.text, sort.with_article()),
                )
                .label(format!("{what} is expected here"))
                .related(
                    format!("`{}` is declared here", name.text),
                    name_place(self.db, item),
                );
            let problem = self.suggest(problem, name, wanted);
            self.report(problem);
            return None;
        }
        let problem = self
            .problem(
                "E0201",
                name.span,
                format!("there is no {} `{}`", bare(wanted), name.text),
            )
            .label("not declared");
        let problem = self.suggest(problem, name, wanted);
        self.report(problem);
        None
    }

    /// Offers the nearest name of the wanted sorts, or says how to declare one.
    fn suggest(&self, problem: Problem, name: &ast::Name, wanted: &[Sort]) -> Problem {
        let names = self.names.names_of(wanted);
        match nearest(&name.text, names.iter().copied()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")).fix(
                format!("write `{near}`"),
                false,
                self.at(name.span),
                near,
            ),
            None if names.is_empty() => problem.help(format!(
                "no {} is declared in this project; declare one, for example `{} {}`",
                bare(wanted),
                wanted.first().copied().unwrap_or(Sort::Role),
                name.text
            )),
            None => {
                let some: Vec<String> = names.iter().take(5).map(|n| format!("`{n}`")).collect();
                let more = if names.len() > 5 { ", …" } else { "" };
                problem.help(format!(
                    "declared are {}{more}; or declare `{}`",
                    some.join(", "),
                    name.text
                ))
            }
        }
    }

    /// A problem about a member (column, action, level…) that is not among `known`.
    pub fn unknown_member<'a>(
        &self,
        code: &'static str,
        span: Span,
        message: String,
        text: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) -> Problem {
        let problem = self.problem(code, span, message).label("not known here");
        match nearest(text, known.clone()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")).fix(
                format!("write `{near}`"),
                false,
                self.at(span),
                near,
            ),
            None => {
                let list: Vec<String> = known.take(12).map(|k| format!("`{k}`")).collect();
                if list.is_empty() {
                    problem.help("none is declared")
                } else {
                    problem.help(format!("there are {}", list.join(", ")))
                }
            }
        }
    }

    /// Reports every name that stands a second time in a list.
    pub fn doubles<'a>(&mut self, what: &str, names: impl Iterator<Item = (&'a str, Span)>) {
        let mut seen: std::collections::HashMap<&str, Span> = std::collections::HashMap::new();
        for (name, span) in names {
            match seen.get(name) {
                Some(first) => {
                    let problem = self
                        .problem("E0313", span, format!("{what} `{name}` stands here twice"))
                        .label("a second time")
                        .related("the first time", self.at(*first))
                        .help("remove one of the two");
                    self.report(problem);
                }
                None => {
                    seen.insert(name, span);
                }
            }
        }
    }
}

/// The place of an item's name.
pub(crate) fn name_place<'db>(db: &'db dyn Db, item: Item<'db>) -> Place {
    let head = item_head(db, item);
    let span = match &head.kind {
        ast::ItemKind::Source(x) => x.name.span,
        ast::ItemKind::Enum(x) => x.name.span,
        ast::ItemKind::Table(x) => x.name.span,
        ast::ItemKind::Hierarchy(x) => x.name.span,
        ast::ItemKind::Kind(x) => x.name.span,
        ast::ItemKind::Object(x) => x.name.span,
        ast::ItemKind::Attribute(x) => x.name.span,
        ast::ItemKind::Filter(x) => x.name.span,
        ast::ItemKind::Role(x) | ast::ItemKind::Group(x) => x.name.span,
        ast::ItemKind::User(x) => x.name.span,
        _ => head.span,
    };
    Place::Item(item.key(db).clone(), span)
}

/// "a table or an object"
fn one_of(sorts: &[Sort]) -> String {
    sorts
        .iter()
        .map(|s| s.with_article())
        .collect::<Vec<_>>()
        .join(" or ")
}

/// "table or object"
fn bare(sorts: &[Sort]) -> String {
    sorts
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" or ")
}
