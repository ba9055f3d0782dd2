//! Random policies over a random schema: filters, roles with and without parameters, groups, users, rules for
//! everyone, and what their rules say.

use std::fmt::Write as _;

use super::cond::Cond;
use super::coverage::Coverage;
use super::holders::{holders, plain_holders};
use super::maker::{At, Maker};
use super::schema::{self, Table};
use super::values::{Pool, ZONES};
use crate::rng::Rng;

/// A rule in pieces: before the condition, the condition, after it.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub head: String,
    pub cond: Option<Cond>,
    /// A condition that the rule cannot do without.
    pub needs: bool,
    pub tail: String,
}

/// Someone who has rules.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    pub head: String,
    pub facts: Vec<String>,
    pub rules: Vec<Rule>,
    /// Without braces if it has no rules.
    pub bare: bool,
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
        Self::around(rng, coverage, Pool::new)
    }

    /// A random policy over the values of a pool made for its zone.
    pub fn around(
        rng: &mut Rng,
        coverage: &mut Coverage,
        pool: impl FnOnce(&mut Rng, &str) -> Pool,
    ) -> (Self, Pool) {
        let zone = *rng.pick(ZONES);
        let week_start = *rng.pick(&["monday", "sunday"]);
        let pool = pool(rng, zone);
        let tables = schema::tables(rng);
        let plain = rng.chance(40);
        let exclusive = !plain && rng.chance(20);
        let mut policy = Self {
            zone,
            week_start,
            tables,
            filters: Vec::new(),
            holders: Vec::new(),
            exclusive,
            plain,
        };
        let visible = rng.chance(50);
        policy.add_filters(rng, &pool, visible, coverage);
        let filters: Vec<(String, usize)> = policy
            .filters
            .iter()
            .map(|(n, t, _)| (n.clone(), *t))
            .collect();
        let mut maker = Maker {
            rng,
            tables: &policy.tables,
            pool: &pool,
            filters: &filters,
            visible,
            coverage,
        };
        policy.holders = if plain {
            plain_holders(&mut maker)
        } else {
            holders(&mut maker)
        };
        (policy, pool)
    }

    fn add_filters(&mut self, rng: &mut Rng, pool: &Pool, visible: bool, coverage: &mut Coverage) {
        for t in 0..self.tables.len() {
            if self.tables[t].helper || !rng.chance(40) {
                continue;
            }
            let known: Vec<(String, usize)> = self
                .filters
                .iter()
                .map(|(n, t, _)| (n.clone(), *t))
                .collect();
            let mut maker = Maker {
                rng,
                tables: &self.tables,
                pool,
                filters: &known,
                visible,
                coverage,
            };
            // A filter can stand inside `exists`, so it reads lower tables only.
            let limit = maker.tables[t].rank;
            let cond = maker.cond(
                At {
                    table: t,
                    limit,
                    back: None,
                    params: &[],
                    axis: None,
                    depth: 1,
                },
                1,
            );
            self.filters.push((format!("f{t}"), t, cond));
        }
    }

    /// Something to be asserted of it.
    pub fn claim(&self, rng: &mut Rng, pool: &Pool, coverage: &mut Coverage) -> String {
        let tables: Vec<usize> = (0..self.tables.len())
            .filter(|t| !self.tables[*t].helper)
            .collect();
        let t = *rng.pick(&tables);
        let name = &self.tables[t].name;
        let mut subjects = vec!["everyone".to_owned(), "anyone".to_owned()];
        for holder in &self.holders {
            let mut words = holder.head.split([' ', ',']);
            let named = match (words.next(), words.next()) {
                (Some("role" | "group" | "user"), Some(name)) if !name.contains('(') => name,
                _ => continue,
            };
            subjects.extend([named.to_owned(), format!("anyone with {named}")]);
        }
        let subject = rng.pick(&subjects).clone();
        if rng.chance(20) {
            let (other, how) = (rng.pick(&subjects), rng.pick(&["equal", "disjoint"]));
            return format!("{subject} and {other} are {how} on {name}");
        }
        let how = *rng.pick(&["always", "never"]);
        let action = *rng.pick(&["read", "read", "insert", "update", "delete", "write"]);
        let claim = format!("{subject} can {how} {action} {name}");
        if rng.chance(15) {
            return claim;
        }
        let at = At {
            table: t,
            limit: self.tables[t].rank,
            back: None,
            params: &[],
            axis: None,
            depth: 0,
        };
        let mut maker = Maker {
            rng,
            tables: &self.tables,
            pool,
            filters: &[],
            visible: false,
            coverage,
        };
        format!("{claim} where {}", maker.cond(at, 1).text())
    }

    /// `ambit.toml`.
    pub fn settings(&self) -> String {
        format!(
            "[project]\nname = \"random\"\ntimezone = \"{}\"\nweek_start = \"{}\"\n",
            self.zone, self.week_start
        )
    }

    /// The program as text.
    pub fn text(&self) -> String {
        let mut text = schema::write(&self.tables);
        text.push('\n');
        for (name, table, cond) in &self.filters {
            let _ = writeln!(
                text,
                "filter {name} on {} where {}",
                self.tables[*table].name,
                cond.text()
            );
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
                    format!(
                        "{}{}",
                        if rule.needs { " to " } else { " where " },
                        c.text()
                    )
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
