//! Names in rules.

use std::sync::Arc;

use ambit_compiler::{Sort, Ty, item_syntax};
use ambit_core::ROW_ACTIONS;
use ambit_grammar::ast::{Applies, Cond, ItemKind, Name, Rule, Tables, What};
use smol_str::SmolStr;

use super::Collector;
use super::cond::Scope;
use crate::ide::symbol::Symbol;

impl Collector<'_> {
    pub(super) fn rules(&mut self, rules: &[Rule], params: &[(SmolStr, Ty)]) {
        for rule in rules {
            self.rule(rule, params);
        }
    }

    fn rule(&mut self, rule: &Rule, params: &[(SmolStr, Ty)]) {
        match rule {
            Rule::Access {
                actions,
                on,
                cond,
                applies,
                ..
            } => {
                for what in on {
                    self.what(what);
                }
                for action in actions {
                    for what in on {
                        self.action(action, what);
                    }
                }
                if let Some(cond) = cond {
                    for what in on {
                        self.rule_cond(what, cond, params);
                    }
                }
                self.applies(applies.as_ref());
            }
            Rule::Restrict {
                on,
                by,
                cond,
                applies,
                ..
            } => {
                self.what(on);
                if let Some(by) = by {
                    let table = match on {
                        What::Name(name) => self.table(&name.text),
                        What::EverythingIn(..) => None,
                    };
                    match table.filter(|t| t.column(&by.text).is_some()) {
                        Some(table) => {
                            self.column(&table, by);
                        }
                        None => self.refer(by),
                    }
                }
                self.rule_cond(on, cond, params);
                self.applies(applies.as_ref());
            }
            Rule::Error(_) => {}
        }
    }

    fn rule_cond(&mut self, what: &What, cond: &Cond, params: &[(SmolStr, Ty)]) {
        let table = match what {
            What::Name(name) => self.table(&name.text),
            What::EverythingIn(..) => None,
        };
        self.cond(&Scope::of(table, params), cond);
    }

    fn what(&mut self, what: &What) {
        let (What::Name(name) | What::EverythingIn(name, _)) = what;
        self.refer(name);
    }

    /// An action on a resource.
    pub(super) fn action(&mut self, action: &Name, what: &What) {
        let row = action.text == "write" || ROW_ACTIONS.contains(&action.text.as_str());
        let kinds: Vec<SmolStr> = match what {
            What::Name(name) if self.named(&name.text, Sort::Table).is_some() => Vec::new(),
            What::Name(name) => self.kind_of(&name.text).into_iter().collect(),
            // Of every kind that has it.
            What::EverythingIn(..) => self.kinds_with(&action.text),
        };
        for kind in &kinds {
            let symbol = Symbol::Action(kind.clone(), action.text.clone());
            self.push(action.span, symbol, false);
        }
        if kinds.is_empty() && row {
            self.builtin(action);
        }
    }

    /// The kind of an object.
    fn kind_of(&self, object: &str) -> Option<SmolStr> {
        let item = self.named(object, Sort::Object)?;
        let parsed = Arc::clone(item_syntax(self.db, item));
        match &parsed.item.kind {
            ItemKind::Object(object) => object.kind.as_ref().map(|k| k.text.clone()),
            _ => None,
        }
    }

    fn kinds_with(&self, action: &str) -> Vec<SmolStr> {
        let kinds = self.names.names_of(&[Sort::Kind]).into_iter();
        kinds
            .filter(|kind| {
                let decl = self
                    .named(kind, Sort::Kind)
                    .and_then(|item| ambit_compiler::kind_decl(self.db, item));
                decl.is_some_and(|d| d.actions.iter().any(|a| a == action))
            })
            .map(SmolStr::new)
            .collect()
    }

    fn applies(&mut self, applies: Option<&Applies>) {
        self.tables(applies.map(|a| &a.tables));
    }

    pub(super) fn tables(&mut self, tables: Option<&Tables>) {
        self.refer_all(tables.into_iter().flat_map(|t| &t.names));
    }
}
