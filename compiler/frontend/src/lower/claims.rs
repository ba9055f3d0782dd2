//! Tests and claims.

use ambit_core::{
    Claim, ClaimKind, Expectation, ExpectationKind, GivenRow, Program, Querying, Resource, Subject,
    TableId, Test,
};
use ambit_grammar::ast::ItemKind;

use super::Lower;
use super::principals::Instances;
use crate::items::item_head;
use crate::types::{TClaim, TStepExpect, TSubject, TWhat, check_item};

impl Lower<'_> {
    fn what(&self, what: &TWhat) -> Resource {
        match what {
            TWhat::Table(name) => Resource::Table(self.ids.table(name)),
            // A step and a claim never speak of everything in a source.
            TWhat::Object(name) | TWhat::EverythingIn(name) => {
                Resource::Object(self.ids.object(name))
            }
        }
    }
}

/// Fills the tests of a program.
pub(crate) fn lower_tests(lower: &Lower<'_>, instances: &Instances, program: &mut Program) {
    for item in lower.items() {
        if item.key(lower.db).keyword != "test" {
            continue;
        }
        let tree = item_head(lower.db, item);
        let checked = check_item(lower.db, item);
        let (ItemKind::Test(written), Some(typed), Some(id)) = (
            &tree.kind,
            &checked.typed.test,
            instances.test(item.key(lower.db)),
        ) else {
            continue;
        };
        let mut given: Vec<(TableId, Vec<GivenRow>)> = Vec::new();
        for part in &typed.given {
            let table = lower.ids.table(&part.table);
            let left_out: Vec<bool> = part.present.iter().map(|p| !p).collect();
            let rows = part.rows.iter().map(|(values, span)| GivenRow {
                row: values.clone().into_boxed_slice(),
                left_out: left_out.clone(),
                origin: lower.origins.of(item, *span),
            });
            match given.iter_mut().find(|(t, _)| *t == table) {
                Some((_, list)) => list.extend(rows),
                None => given.push((table, rows.collect())),
            }
        }
        program.tests.push(Test {
            name: written.name.value.clone(),
            today: typed.today,
            given,
            expectations: typed
                .steps
                .iter()
                .map(|step| Expectation {
                    who: instances.id(&step.who, &[], Some(id)),
                    kind: expectation(lower, item, step),
                    during: step.during.as_ref().map(|(any, tables)| Querying {
                        any: *any,
                        tables: lower.ids.tables(tables),
                    }),
                    origin: lower.origins.of(item, step.span),
                })
                .collect(),
            origin: lower.origins.of(item, tree.span),
        });
    }
}

fn expectation<'db>(
    lower: &Lower<'db>,
    item: crate::items::Item<'db>,
    step: &TStepExpect,
) -> ExpectationKind {
    let keys = step.keys.as_ref().map(|(keys, _)| {
        keys.iter()
            .map(|(values, span)| (values.clone(), lower.origins.of(item, *span)))
            .collect::<Vec<_>>()
    });
    let list = step
        .keys
        .as_ref()
        .map(|(_, span)| lower.origins.of(item, *span));
    match (step.sees, lower.what(&step.what), list) {
        (true, Resource::Table(table), Some(list)) => ExpectationKind::Sees {
            table,
            keys: keys.unwrap_or_default(),
            list,
        },
        (_, resource, list) => ExpectationKind::Can {
            negated: step.negated,
            action: step.action.clone(),
            resource,
            keys,
            list,
        },
    }
}

/// Fills the claims of a program.
pub(crate) fn lower_claims(lower: &Lower<'_>, instances: &Instances, program: &mut Program) {
    let subject = |s: &TSubject| match s {
        TSubject::Who(who) => Subject::Who(instances.id(who, &[], None)),
        TSubject::Anyone(who) => Subject::Anyone(who.as_ref().map(|w| instances.id(w, &[], None))),
    };
    for item in lower.items() {
        if item.key(lower.db).keyword != "assert" {
            continue;
        }
        let checked = check_item(lower.db, item);
        let Some(claim) = &checked.typed.claim else {
            continue;
        };
        let kind = match claim {
            TClaim::Can {
                subject: who,
                always,
                action,
                what,
                cond,
            } => ClaimKind::Can {
                subject: subject(who),
                always: *always,
                action: action.clone(),
                resource: lower.what(what),
                pred: lower.pred(cond, &[]),
            },
            TClaim::Are {
                left,
                right,
                equal,
                table,
            } => ClaimKind::Are {
                left: subject(left),
                right: subject(right),
                equal: *equal,
                table: lower.ids.table(table),
            },
        };
        let raw = item.raw(lower.db);
        let span = item_head(lower.db, item).span;
        program.claims.push(Claim {
            kind,
            text: raw.text.get(span.range()).unwrap_or_default().to_owned(),
            origin: lower.origins.of(item, span),
        });
    }
}
