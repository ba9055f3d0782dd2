//! Random policies over a random schema: filters, roles with and without parameters, groups, users, rules for
//! everyone, and what their rules say.

use std::fmt::Write as _;

use super::cond::{At, Cond, Maker, value_of};
use super::coverage::Coverage;
use super::schema::{self, PLAIN, Table, Ty, attribute};
use super::values::{Pool, ZONES, literal, quote};
use crate::rng::Rng;

/// A rule in pieces: before the condition, the condition, after it.
#[derive(Debug, Clone)]
pub struct Rule {
    head: String,
    cond: Option<Cond>,
    /// A condition that the rule cannot do without.
    needs: bool,
    tail: String,
}

/// Someone who has rules.
#[derive(Debug, Clone)]
struct Holder {
    head: String,
    facts: Vec<String>,
    rules: Vec<Rule>,
    /// Without braces if it has no rules.
    bare: bool,
}

/// A policy as pieces that can be left out.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The time zone of the project.
    pub zone: &'static str,
    /// The first day of the week.
    pub week_start: &'static str,
    /// Tables, also as text.
    pub tables: Vec<Table>,
    filters: Vec<(String, usize, Cond)>,
    holders: Vec<Holder>,
    exclusive: bool,
    /// One condition for each role and table: each is judged by itself.
    pub plain: bool,
}

impl Policy {
    /// A random policy.
    pub fn new(rng: &mut Rng, coverage: &mut Coverage) -> (Self, Pool) {
        let zone = *rng.pick(ZONES);
        let week_start = *rng.pick(&["monday", "sunday"]);
        let pool = Pool::new(rng, zone);
        let tables = schema::tables(rng);
        let plain = rng.chance(40);
        let exclusive = !plain && rng.chance(20);
        let mut policy =
            Self { zone, week_start, tables, filters: Vec::new(), holders: Vec::new(), exclusive, plain };
        let visible = rng.chance(50);
        policy.add_filters(rng, &pool, visible, coverage);
        let filters: Vec<(String, usize)> = policy.filters.iter().map(|(n, t, _)| (n.clone(), *t)).collect();
        let mut maker = Maker { rng, tables: &policy.tables, pool: &pool, filters: &filters, visible, coverage };
        policy.holders = if plain { plain_holders(&mut maker) } else { holders(&mut maker) };
        (policy, pool)
    }

    fn add_filters(&mut self, rng: &mut Rng, pool: &Pool, visible: bool, coverage: &mut Coverage) {
        for t in 0..self.tables.len() {
            if self.tables[t].helper || !rng.chance(40) {
                continue;
            }
            let known: Vec<(String, usize)> = self.filters.iter().map(|(n, t, _)| (n.clone(), *t)).collect();
            let mut maker = Maker { rng, tables: &self.tables, pool, filters: &known, visible, coverage };
            // A filter can stand inside `exists`, so it reads lower tables only.
            let limit = maker.tables[t].rank;
            let cond = maker.cond(At { table: t, limit, back: None, params: &[], axis: None, depth: 1 }, 1);
            self.filters.push((format!("f{t}"), t, cond));
        }
    }

    /// `ambit.toml`.
    pub fn settings(&self) -> String {
        format!("[project]\nname = \"random\"\ntimezone = \"{}\"\nweek_start = \"{}\"\n", self.zone, self.week_start)
    }

    /// The program as text.
    pub fn text(&self) -> String {
        let mut text = schema::write(&self.tables);
        text.push('\n');
        for (name, table, cond) in &self.filters {
            let _ = writeln!(text, "filter {name} on {} where {}", self.tables[*table].name, cond.text());
        }
        for holder in &self.holders {
            if holder.bare && holder.rules.is_empty() && holder.facts.is_empty() {
                let _ = writeln!(text, "\n{}", holder.head);
                continue;
            }
            let _ = writeln!(text, "\n{} {{", holder.head);
            for fact in &holder.facts {
                let _ = writeln!(text, "    {fact}");
            }
            for rule in &holder.rules {
                let cond = rule.cond.as_ref().map_or_else(String::new, |c| {
                    format!("{}{}", if rule.needs { " to " } else { " where " }, c.text())
                });
                let _ = writeln!(text, "    {}{cond}{}", rule.head, rule.tail);
            }
            text.push_str("}\n");
        }
        if self.exclusive {
            text.push_str("\nexclusive spare, g0\n");
        }
        text
    }

    /// Policies with one piece less. Not all of them are programs: a piece may be named elsewhere.
    pub fn smaller(&self) -> Vec<Policy> {
        let mut list = Vec::new();
        let mut with = |change: &dyn Fn(&mut Policy)| {
            let mut policy = self.clone();
            change(&mut policy);
            list.push(policy);
        };
        for h in 0..self.holders.len() {
            with(&|p| drop(p.holders.remove(h)));
            for r in 0..self.holders[h].rules.len() {
                with(&|p| drop(p.holders[h].rules.remove(r)));
            }
            for f in 0..self.holders[h].facts.len() {
                with(&|p| drop(p.holders[h].facts.remove(f)));
            }
        }
        for (h, holder) in self.holders.iter().enumerate() {
            for (r, rule) in holder.rules.iter().enumerate() {
                if !rule.tail.is_empty() {
                    with(&|p| p.holders[h].rules[r].tail.clear());
                }
                for smaller in rule.cond.as_ref().map(Cond::smaller).unwrap_or_default() {
                    with(&|p| p.holders[h].rules[r].cond = Some(smaller.clone()));
                }
            }
        }
        for f in 0..self.filters.len() {
            with(&|p| drop(p.filters.remove(f)));
            for smaller in self.filters[f].2.smaller() {
                with(&|p| p.filters[f].2 = smaller.clone());
            }
        }
        list
    }
}

/// Roles with one condition for each table, and one with parameters.
fn plain_holders(maker: &mut Maker<'_>) -> Vec<Holder> {
    maker.coverage.count("policies of single conditions");
    let tables: Vec<usize> = (0..maker.tables.len()).filter(|t| !maker.tables[*t].helper).collect();
    let ty = *maker.rng.pick(PLAIN);
    let params = [("p0".to_owned(), ty)];
    let mut list = Vec::new();
    for i in 0..6 {
        let head = if i == 5 { format!("role par(p0: {})", ty.word()) } else { format!("role r{i}") };
        let rules = tables
            .iter()
            .map(|t| {
                let depth = maker.rng.below(3);
                let limit = if maker.visible { maker.tables[*t].rank } else { usize::MAX };
                let params: &[_] = if i == 5 { &params } else { &[] };
                let cond = maker.cond(At { table: *t, limit, back: None, params, axis: None, depth: 0 }, depth);
                let head = format!("grant read on {}", maker.tables[*t].name);
                Rule { head, cond: Some(cond), needs: false, tail: String::new() }
            })
            .collect();
        list.push(Holder { head, facts: Vec::new(), rules, bare: true });
    }
    let argument = maker.literal_of(ty);
    let head = format!("role r5 inherits par({argument})");
    list.push(Holder { head, facts: Vec::new(), rules: Vec::new(), bare: true });
    list
}

fn holders(maker: &mut Maker<'_>) -> Vec<Holder> {
    let mut list = Vec::new();
    let role = |head: String, rules: Vec<Rule>| Holder { head, facts: Vec::new(), rules, bare: true };
    let with_params = maker.rng.chance(60);
    let params: Vec<(String, Ty)> = if with_params {
        maker.coverage.count("role with parameters");
        let mut types = maker.rng.some(PLAIN, 2);
        types.dedup();
        types.into_iter().enumerate().map(|(i, ty)| (format!("p{i}"), ty)).collect()
    } else {
        Vec::new()
    };
    if with_params {
        let written: Vec<String> = params.iter().map(|(n, ty)| format!("{n}: {}", ty.word())).collect();
        let rules = rules(maker, &params, 3);
        list.push(role(format!("role par({})", written.join(", ")), rules));
    }
    let instance = |maker: &mut Maker<'_>| {
        let args: Vec<String> = params.iter().map(|(_, ty)| literal(&value_of(maker.rng, maker.pool, *ty))).collect();
        format!("par({})", args.join(", "))
    };
    let roles = 2 + maker.rng.below(3);
    for i in 0..roles {
        let mut inherits = Vec::new();
        if i > 0 && maker.rng.chance(40) {
            maker.coverage.count("inherits");
            inherits.push(format!("r{}", maker.rng.below(i)));
        }
        if with_params && maker.rng.chance(40) {
            inherits.push(instance(maker));
        }
        let keyword = if i == 1 && maker.rng.chance(50) { "group" } else { "role" };
        let inherits = if inherits.is_empty() { String::new() } else { format!(" inherits {}", inherits.join(", ")) };
        let rules = rules(maker, &[], 2);
        list.push(role(format!("{keyword} r{i} as \"ROLE {i}\"{inherits}"), rules));
    }
    let bypass = maker.rng.chance(25);
    if bypass {
        maker.coverage.count("bypasses");
    }
    list.push(role("role spare".to_owned(), Vec::new()));
    list.push(role(format!("group g0{}", if bypass { " bypasses other" } else { "" }), Vec::new()));
    if maker.rng.chance(85) {
        maker.coverage.count("everyone");
        let mut rules = if maker.rng.chance(50) { rules(maker, &[], 1) } else { Vec::new() };
        // Someone must see something, else all the rest decides nothing.
        for t in 0..maker.tables.len() {
            if !maker.tables[t].helper && maker.rng.chance(75) {
                let rule = grant(maker, &[], t, "read");
                rules.push(rule);
            }
        }
        list.push(Holder { head: "everyone".to_owned(), facts: Vec::new(), rules, bare: false });
    }
    if maker.rng.chance(50) {
        maker.coverage.count("everyone except");
        let head = if maker.rng.chance(50) { "everyone except r0" } else { "everyone except r0, r1" };
        let rules = rules(maker, &[], 1);
        list.push(Holder { head: head.to_owned(), facts: Vec::new(), rules, bare: false });
    }
    if maker.rng.chance(40) {
        maker.coverage.count("for");
        let who = if with_params && maker.rng.chance(50) { instance(maker) } else { "g0".to_owned() };
        let rules = rules(maker, &[], 1);
        list.push(Holder { head: format!("for r0, {who}"), facts: Vec::new(), rules, bare: false });
    }
    for u in 0..2 {
        let holder = user(maker, u, roles, with_params.then_some(&instance));
        list.push(holder);
    }
    list
}

fn user(maker: &mut Maker<'_>, u: usize, roles: usize, instance: Option<&dyn Fn(&mut Maker<'_>) -> String>) -> Holder {
    let all: Vec<String> = (0..roles).map(|r| format!("r{r}")).collect();
    let mut has = maker.rng.some(&all, 3);
    if let Some(instance) = instance
        && maker.rng.chance(50)
    {
        has.push(instance(maker));
    }
    let name = quote(&maker.pool.text(maker.rng));
    let outside = match maker.rng.below(3) {
        _ if name == "\"\"" => String::new(),
        0 => String::new(),
        1 => format!(" as {name}"),
        _ => format!(" as {name}, \"u{u} elsewhere\" in other"),
    };
    let mut facts = Vec::new();
    for ty in PLAIN {
        if maker.rng.chance(55) {
            facts.push(format!("{} = {}", attribute(*ty, false), literal(&value_of(maker.rng, maker.pool, *ty))));
        }
        if maker.rng.chance(45) {
            let values = set_of(maker, *ty);
            facts.push(format!("{} = [{}]", attribute(*ty, true), values.join(", ")));
        }
    }
    let rules = rules(maker, &[], 1);
    Holder { head: format!("user u{u}{outside} : {}", has.join(", ")), facts, rules, bare: true }
}

fn set_of(maker: &mut Maker<'_>, ty: Ty) -> Vec<String> {
    let mut list: Vec<String> = (0..maker.rng.below(4)).map(|_| maker.literal_of(ty)).collect();
    list.sort();
    list.dedup();
    list
}

/// Rules of one holder, about one table or two.
fn rules(maker: &mut Maker<'_>, params: &[(String, Ty)], most: usize) -> Vec<Rule> {
    let mut list = Vec::new();
    let tables: Vec<usize> = (0..maker.tables.len()).filter(|t| !maker.tables[*t].helper).collect();
    for t in maker.rng.some(&tables, most + 1) {
        for _ in 0..=maker.rng.below(most) {
            list.push(rule(maker, params, t));
        }
    }
    if maker.rng.chance(8) {
        maker.coverage.count("everything in");
        let cond = maker.rng.chance(50).then(|| Cond::Atom("user.a_bool".to_owned()));
        list.push(Rule { head: "grant read on everything in main".to_owned(), cond, needs: false, tail: String::new() });
    }
    list
}

fn rule(maker: &mut Maker<'_>, params: &[(String, Ty)], t: usize) -> Rule {
    let limit = if maker.visible { maker.tables[t].rank } else { usize::MAX };
    let at = At { table: t, limit, back: None, params, axis: None, depth: 0 };
    let effect = maker.rng.below(11);
    let tail = applies(maker, t);
    if effect >= 9 {
        return restrict(maker, at, tail);
    }
    if effect < 6 {
        let actions =
            *maker.rng.pick(&["read", "read", "read", "read, update", "write", "read, write", "insert", "update, delete"]);
        return Rule { tail, ..grant(maker, params, t, actions) };
    }
    let actions = *maker.rng.pick(&["read", "read", "read, delete", "write", "insert"]);
    maker.coverage.count("deny");
    maker.coverage.count(&format!("deny {actions}"));
    // A deny that hides what is unknown too would leave nothing, were it not narrow.
    let narrow = maker.cond(at, 1);
    let cond = if maker.rng.chance(60) { Cond::And(vec![known(maker, at), narrow]) } else { narrow };
    Rule { head: format!("deny {actions} on {}", maker.tables[t].name), cond: Some(cond), needs: false, tail }
}

fn grant(maker: &mut Maker<'_>, params: &[(String, Ty)], t: usize, actions: &str) -> Rule {
    maker.coverage.count("grant");
    maker.coverage.count(&format!("grant {actions}"));
    let table = &maker.tables[t];
    let limit = if maker.visible { table.rank } else { usize::MAX };
    let at = At { table: t, limit, back: None, params, axis: None, depth: 0 };
    let cond = if maker.rng.chance(8) {
        None
    } else if maker.rng.chance(30) {
        let parts = vec![maker.cond(at, 1), maker.cond(at, 1)];
        Some(Cond::Or(parts))
    } else {
        Some(maker.cond(at, 2))
    };
    Rule { head: format!("grant {actions} on {}", table.name), cond, needs: false, tail: String::new() }
}

/// A test that is never unknown.
fn known(maker: &mut Maker<'_>, at: At<'_>) -> Cond {
    let columns: Vec<String> =
        maker.tables[at.table].columns.iter().filter(|c| c.nullable).map(|c| c.name.clone()).collect();
    if columns.is_empty() {
        return maker.atom(at);
    }
    Cond::Atom(format!("{} is not null", maker.rng.pick(&columns)))
}

fn restrict(maker: &mut Maker<'_>, at: At<'_>, tail: String) -> Rule {
    let table = &maker.tables[at.table];
    maker.coverage.count("restrict");
    if maker.rng.chance(45) {
        let (axis, columns) = if !table.hierarchy.is_empty() && maker.rng.chance(60) {
            maker.coverage.count("restrict by hierarchy");
            (format!("h_{}", table.name), table.hierarchy.clone())
        } else {
            maker.coverage.count("restrict by column");
            let column = maker.rng.pick(&table.columns).name.clone();
            (column.clone(), vec![column])
        };
        let cond = maker.cond(At { axis: Some(&columns), ..at }, 1);
        return Rule { head: format!("restrict {} by {axis}", table.name), cond: Some(cond), needs: true, tail };
    }
    let cond = Cond::Or(vec![maker.cond(at, 1), maker.atom(at)]);
    Rule { head: format!("restrict {}", table.name), cond: Some(cond), needs: true, tail }
}

fn applies(maker: &mut Maker<'_>, t: usize) -> String {
    if !maker.rng.chance(18) {
        return String::new();
    }
    let names: Vec<String> = maker.tables.iter().filter(|t| !t.helper).map(|t| t.name.clone()).collect();
    let some = maker.rng.some(&names, 2).join(", ");
    let kind = maker.rng.below(4);
    maker.coverage.count(["applies when one", "applies when all", "applies when any of", "applies unless only"][kind]);
    match kind {
        0 => format!(" applies when querying {}", maker.rng.pick(&names)),
        1 => format!(" applies when querying [{some}]"),
        2 => format!(" applies when querying any of [{some}]"),
        _ => format!(" applies unless querying only [{}]", maker.tables[t].name),
    }
}
