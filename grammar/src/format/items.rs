//! The layout of items: headers, bodies and their members.

use super::layout::Layout;
use crate::Span;
use crate::ast::{
    Column, Fact, FactValue, Item, ItemKind, Outside, Person, Rule, StoredForm, Table, Type, Who,
};

/// A member of a body: its first and last word.
type Member = (usize, usize);

impl Layout<'_> {
    /// Lays an item out.
    pub fn item(&mut self, item: &Item) {
        let end = self.slots.len().saturating_sub(1);
        let has_body = self.text(end) == "}";
        // A header that goes on stands deeper than the body that follows.
        self.indent(0, end, if has_body { 2 } else { 1 });
        match &item.kind {
            ItemKind::Table(table) => self.table(table, end),
            ItemKind::Enum(e) => {
                let members: Vec<Member> = e.members.iter().map(|m| self.words(m.span)).collect();
                self.list_body(&[], &members, end);
            }
            ItemKind::Kind(kind) => {
                let members: Vec<Member> = kind
                    .actions
                    .iter()
                    .map(|a| {
                        self.words(
                            a.implies
                                .as_ref()
                                .map_or(a.name.span, |i| a.name.span.to(i.span)),
                        )
                    })
                    .collect();
                self.list_body(&kind.outside, &members, end);
            }
            ItemKind::Hierarchy(hierarchy) => {
                let mut chains: Vec<Vec<Span>> =
                    vec![hierarchy.levels.iter().map(|l| l.span).collect()];
                chains.extend(
                    hierarchy
                        .members
                        .iter()
                        .map(|m| m.iter().map(|l| l.span).collect()),
                );
                let members: Vec<Member> = chains.iter().filter_map(|c| self.cover(c)).collect();
                let brace = Self::brace(&members, end);
                let body = self.open_body(0, brace, end, members.len() <= 2);
                self.members(body, brace, end, &members, 0, 2);
                self.close();
            }
            ItemKind::Role(role) | ItemKind::Group(role) => {
                let members = self.rule_members(&role.rules);
                let brace = if has_body {
                    Self::brace(&members, end)
                } else {
                    end
                };
                let body = self.open_body(0, brace, end, members.len() <= 1);
                self.open(0, brace, false);
                let params: Vec<Member> = role
                    .params
                    .iter()
                    .map(|p| self.words(p.name.span.to(type_span(&p.ty))))
                    .collect();
                self.fill(&params);
                for param in &role.params {
                    let colon = self.last(param.name.span) + 1;
                    self.slot(colon, |s| s.space = 0);
                    self.ty(&param.ty, 2);
                }
                self.outside(&role.outside);
                self.whos(&role.inherits, true);
                let bypasses: Vec<Member> =
                    role.bypasses.iter().map(|n| self.words(n.span)).collect();
                self.clause(&bypasses);
                self.close();
                if has_body {
                    self.rules_body(body, brace, end, &members, &role.rules, 0);
                }
                self.close();
            }
            ItemKind::User(person) => self.person(person, 0, end, 0),
            ItemKind::Everyone(everyone) => {
                self.who_rules(&everyone.except, true, &everyone.rules, end);
            }
            ItemKind::For(f) => self.who_rules(&f.whos, false, &f.rules, end),
            ItemKind::Test(test) => self.test(test, end),
            _ => self.line_item(item, end),
        }
    }

    /// An item without a body.
    fn line_item(&mut self, item: &Item, end: usize) {
        self.open(0, end, false);
        match &item.kind {
            ItemKind::Source(source) => {
                self.outside(&source.outside);
                if let Some(kind) = &source.kind {
                    self.clause(&[self.words(kind.span)]);
                }
            }
            ItemKind::Object(object) => {
                self.outside(&object.outside);
                if let Some(kind) = &object.kind {
                    self.clause(&[self.words(kind.span)]);
                }
                let uses: Vec<Member> = object.uses.iter().map(|n| self.words(n.span)).collect();
                self.clause(&uses);
            }
            ItemKind::Attribute(attribute) => {
                self.outside(&attribute.outside);
                self.clause(&[self.words(type_span(&attribute.ty))]);
                self.ty(&attribute.ty, 1);
            }
            ItemKind::Filter(filter) => {
                self.clause(&[self.words(filter.cond.span())]);
                self.cond(&filter.cond, 1, 2);
            }
            ItemKind::Exclusive(exclusive) => self.whos(&exclusive.whos, false),
            ItemKind::Assert(assert) => self.assert(assert),
            _ => {}
        }
        self.close();
    }

    fn table(&mut self, table: &Table, end: usize) {
        let members: Vec<Member> = table.columns.iter().map(|c| self.words(c.span)).collect();
        let brace = Self::brace(&members, end);
        let body = self.open_body(0, brace, end, true);
        self.open(0, brace, false);
        self.outside(&table.outside);
        self.close();
        self.members(body, brace, end, &members, 0, 2);
        for column in &table.columns {
            self.column(column);
        }
        self.align_columns(body, &table.columns);
        self.close();
    }

    fn column(&mut self, column: &Column) {
        let (_, last) = self.words(column.span);
        let outside: Vec<Member> = column.outside.iter().map(|o| self.words(o.span)).collect();
        if let (Some(&(first, _)), Some(&(_, last))) = (outside.first(), outside.last()) {
            self.open(first, last, false);
            self.fill(&outside);
            self.close();
        }
        // The group starts after the blanks that align the columns, so that they count.
        self.open(self.first(type_span(&column.ty)), last, false);
        self.ty(&column.ty, 2);
        if let Some(stored) = &column.stored {
            let first = self.first(stored.span);
            self.soft(first);
            if let StoredForm::Rows { columns, .. } = &stored.form {
                let columns: Vec<Member> = columns.iter().map(|n| self.words(n.span)).collect();
                self.fill(&columns);
            }
        }
        let links: Vec<Member> = column.links.iter().map(|l| self.words(l.span)).collect();
        self.clause(&links);
        self.close();
    }

    fn ty(&mut self, ty: &Type, level: u32) {
        if let Type::Scope(parts, span) = ty {
            let parts: Vec<Member> = parts.iter().map(|p| self.words(p.span)).collect();
            let close = self.last(*span);
            if let Some(&(first, _)) = parts.first() {
                self.enclosed(first.saturating_sub(1), close, &parts, level, false);
            }
        }
    }

    /// `as "x", "y" in z`
    pub(super) fn outside(&mut self, outside: &[Outside]) {
        let names: Vec<Member> = outside.iter().map(|o| self.words(o.span)).collect();
        self.clause(&names);
    }

    /// A keyword and its list: the line may break before the keyword, and between the elements.
    pub(super) fn clause(&mut self, elements: &[Member]) {
        if let Some(&(first, _)) = elements.first() {
            self.soft(first.saturating_sub(1));
            self.fill(elements);
        }
    }

    /// Principals, after a keyword before which the line may break (`clause`).
    pub(super) fn whos(&mut self, whos: &[Who], clause: bool) {
        let names: Vec<Member> = whos.iter().map(|w| self.words(w.span)).collect();
        if clause {
            self.clause(&names);
        } else {
            self.fill(&names);
        }
    }

    /// `everyone except a, b { … }`, `for a, b { … }`
    fn who_rules(&mut self, whos: &[Who], clause: bool, rules: &[Rule], end: usize) {
        let members = self.rule_members(rules);
        let brace = Self::brace(&members, end);
        let body = self.open_body(0, brace, end, members.len() <= 1);
        self.open(0, brace, false);
        self.whos(whos, clause);
        self.close();
        self.rules_body(body, brace, end, &members, rules, 0);
        self.close();
    }

    /// `user dan : … { … }`, from the word `user` (or `given`) on.
    pub(super) fn person(&mut self, person: &Person, first: usize, end: usize, level: u32) {
        let has_body = self.text(end) == "}";
        let mut members = self.rule_members(&person.rules);
        members.extend(person.facts.iter().map(|f| self.words(f.span)));
        members.sort_unstable();
        let brace = if has_body {
            Self::brace(&members, end)
        } else {
            end
        };
        // Facts may share a line; a rule stands on its own.
        let short = person.rules.is_empty() || members.len() <= 1;
        let body = self.open_body(first, brace, end, short);
        self.open(first, brace, false);
        self.outside(&person.outside);
        self.whos(&person.has, true);
        self.close();
        if has_body {
            self.rules_body(body, brace, end, &members, &person.rules, level);
            for fact in &person.facts {
                self.fact(fact, level + 1);
            }
        }
        self.close();
    }

    fn fact(&mut self, fact: &Fact, level: u32) {
        if let FactValue::Set(values, span) = &fact.value {
            let values: Vec<Member> = values.iter().map(|v| self.words(v.span)).collect();
            let (open, close) = self.words(*span);
            self.enclosed(open, close, &values, level, true);
        }
    }

    fn rule_members(&self, rules: &[Rule]) -> Vec<Member> {
        rules.iter().map(|r| self.words(rule_span(r))).collect()
    }

    fn rules_body(
        &mut self,
        body: u32,
        brace: usize,
        end: usize,
        members: &[Member],
        rules: &[Rule],
        level: u32,
    ) {
        self.members(body, brace, end, members, level, 2);
        for rule in rules {
            self.rule(rule, level + 1);
        }
    }

    /// `name as … { a, b }`: a body whose members are parted by commas.
    fn list_body(&mut self, outside: &[Outside], elements: &[Member], end: usize) {
        let members: Vec<Member> = elements
            .iter()
            .map(|&(a, b)| (a, if self.text(b + 1) == "," { b + 1 } else { b }))
            .collect();
        let brace = Self::brace(&members, end);
        let body = self.open_body(0, brace, end, true);
        self.open(0, brace, false);
        self.outside(outside);
        self.close();
        self.members(body, brace, end, &members, 0, 1);
        self.close();
    }

    /// The opening brace of a body that ends at `end`.
    pub(super) fn brace(members: &[Member], end: usize) -> usize {
        members
            .first()
            .map_or(end, |&(first, _)| first)
            .saturating_sub(1)
    }

    /// From the first word of the first span to the last of the last.
    pub(super) fn cover(&self, spans: &[Span]) -> Option<Member> {
        let (first, last) = (spans.first()?, spans.last()?);
        Some(self.words(first.to(*last)))
    }
}

/// Where a type stands.
pub(super) fn type_span(ty: &Type) -> Span {
    match ty {
        Type::Named(name) => name.span,
        Type::SetOf(_, span) | Type::Scope(_, span) | Type::Error(span) => *span,
    }
}

/// Where a rule stands, from its keyword on.
fn rule_span(rule: &Rule) -> Span {
    match rule {
        Rule::Access { keyword, span, .. } | Rule::Restrict { keyword, span, .. } => {
            Span::new(keyword.start, span.end)
        }
        Rule::Error(span) => *span,
    }
}
