//! Names in tests and claims.

use ambit_compiler::Ty;
use ambit_grammar::ast::{Assert, Cond, Key, Literal, Name, Step, Subject, Test, What, Who};

use super::Collector;
use super::cond::Scope;
use crate::ide::symbol::Symbol;

impl Collector<'_> {
    pub(super) fn test(&mut self, test: &Test) {
        let given: Vec<&Name> = test
            .steps
            .iter()
            .filter_map(|step| match step {
                Step::User(person, _) => Some(&person.name),
                _ => None,
            })
            .collect();
        for step in &test.steps {
            match step {
                Step::Rows {
                    table,
                    columns,
                    rows,
                    ..
                } => {
                    self.refer(table);
                    let Some(table) = self.table(&table.text) else {
                        continue;
                    };
                    let types: Vec<Option<Ty>> =
                        columns.iter().map(|c| self.column(&table, c)).collect();
                    for row in rows {
                        for (cell, ty) in row.cells.iter().zip(&types) {
                            let ty = ty.as_ref().unwrap_or(&Ty::Unknown);
                            self.literals(ty, &cell.value);
                        }
                    }
                }
                Step::User(person, _) => {
                    let symbol = Symbol::TestUser(self.key.clone(), person.name.text.clone());
                    self.push(person.name.span, symbol, true);
                    self.person(person);
                }
                Step::Sees {
                    who,
                    table,
                    keys,
                    during,
                    ..
                } => {
                    self.test_who(who, &given);
                    self.refer(table);
                    self.keys(table, keys);
                    self.tables(during.as_ref());
                }
                Step::Can {
                    who,
                    action,
                    what,
                    keys,
                    during,
                    ..
                } => {
                    self.test_who(who, &given);
                    self.refer(what);
                    self.action(action, &What::Name(what.clone()));
                    if let Some((keys, _)) = keys {
                        self.keys(what, keys);
                    }
                    self.tables(during.as_ref());
                }
                Step::Today(..) | Step::Error(_) => {}
            }
        }
    }

    /// A principal of a test: perhaps a user who is given in it.
    fn test_who(&mut self, who: &Who, given: &[&Name]) {
        if given.iter().any(|name| name.text == who.name.text) {
            let symbol = Symbol::TestUser(self.key.clone(), who.name.text.clone());
            self.push(who.name.span, symbol, false);
        } else {
            self.who(who, &[]);
        }
    }

    fn keys(&mut self, table: &Name, keys: &[Key]) {
        let Some(table) = self.table(&table.text) else {
            return;
        };
        let types: Vec<&Ty> = table
            .columns
            .iter()
            .filter(|c| c.key)
            .map(|c| &c.ty)
            .collect();
        for key in keys {
            for (literal, ty) in key.values.iter().zip(&types) {
                self.literals(ty, [literal] as [&Literal; 1]);
            }
        }
    }

    pub(super) fn claim(&mut self, claim: &Assert) {
        match claim {
            Assert::Can {
                subject,
                action,
                what,
                cond,
                ..
            } => {
                self.subject(subject);
                self.refer(what);
                self.action(action, &What::Name(what.clone()));
                if let Some(cond) = cond {
                    self.claim_cond(what, cond);
                }
            }
            Assert::Are {
                left, right, table, ..
            } => {
                self.subject(left);
                self.subject(right);
                self.refer(table);
            }
            Assert::Error(_) => {}
        }
    }

    fn claim_cond(&mut self, what: &Name, cond: &Cond) {
        let table = self.table(&what.text);
        self.cond(&Scope::of(table, &[]), cond);
    }

    fn subject(&mut self, subject: &Subject) {
        match subject {
            Subject::Who(who) | Subject::Anyone(Some(who), _) => self.who(who, &[]),
            Subject::Anyone(None, _) => {}
        }
    }
}
