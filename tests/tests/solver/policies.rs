//! Random small policies over a schema, and questions of who may do what.

use std::collections::BTreeSet;

use ambit_core::{
    Applies, Axis, ColumnId, Effect, Holder, Kind, KindId, Object, ObjectId, Origin, Pred,
    PrincipalId, ROW_ACTIONS, Resource, Rule, RuleBody, SourceId, TableId,
};
use ambit_solver::Who;
use ambit_tests::rng::Rng;

use super::conds::{Maker, Spot};
use super::schema::{BASE, KIDS, LEAF, MAIN, PARTS, Schema};

pub const REPORT: ObjectId = ObjectId(0);

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    Read,
    Insert,
    Update,
    Delete,
    Object,
}

/// A question of a decision.
#[derive(Debug, Clone)]
pub struct Claim {
    pub who: Who,
    pub action: Action,
    /// What must hold of the row besides.
    pub pred: Pred,
    /// It is not allowed, instead.
    pub refused: bool,
}

/// Rules, exclusions and bypasses for a schema.
pub fn policy(schema: &mut Schema, rng: &mut Rng) {
    let program = &mut schema.program;
    program.kinds = vec![Kind {
        name: "report".into(),
        outside: vec![],
        actions: vec!["read".into(), "edit".into()],
        implies: vec![vec![0], vec![0, 1]],
        origin: Origin::default(),
    }];
    program.objects = vec![Object {
        name: "report".into(),
        source: rng.chance(80).then(|| SourceId(rng.below(2) as u32)),
        outside: vec![],
        kind: KindId(0),
        uses: vec![],
        docs: vec![],
        origin: Origin::default(),
    }];
    if rng.chance(30) {
        // Pairs that no declared user breaks: that is an error of the project.
        let first = *rng.pick(&[0, 1, 3]);
        let second = *rng.pick(&[2, 4, 5]);
        program.exclusive.push(ambit_core::Exclusive {
            principals: vec![PrincipalId(first), PrincipalId(second)],
            ..Default::default()
        });
    }
    for p in 0..3 {
        if rng.chance(12) {
            program.principals[p].bypasses = vec![SourceId(rng.below(2) as u32)];
        }
    }
    program.settings.users_listed = rng.chance(20);
    let mut rules = Vec::new();
    for _ in 0..1 + rng.below(4) {
        rules.push(rule(schema, rng, MAIN));
    }
    for table in [BASE, KIDS] {
        for _ in 0..rng.below(3) {
            rules.push(rule(schema, rng, table));
        }
    }
    for _ in 0..rng.below(3) {
        rules.push(object_rule(schema, rng));
    }
    schema.program.rules = rules;
}

fn holder(rng: &mut Rng) -> Holder {
    match rng.below(6) {
        0 | 1 => Holder::Everyone,
        2 => Holder::EveryoneExcept(
            rng.some(&[0, 1, 2, 3], 2)
                .into_iter()
                .map(PrincipalId)
                .collect(),
        ),
        _ => Holder::Principal(PrincipalId(rng.below(6) as u32)),
    }
}

/// A rule on a table.
pub fn rule(schema: &Schema, rng: &mut Rng, table: TableId) -> Rule {
    let spot = if table == MAIN {
        Spot::main()
    } else {
        Spot::rule(table)
    };
    let pred = if rng.chance(25) {
        Pred::Const(rng.chance(80))
    } else {
        Maker { schema, rng }.cond(spot, 1)
    };
    let effect = match rng.below(8) {
        0 | 1 => Effect::Deny,
        2 => Effect::Restrict { by: None },
        3 => Effect::Restrict {
            by: Some(Axis::Column(ColumnId(rng.below(2) as u32))),
        },
        _ => Effect::Grant,
    };
    let mut actions = match effect {
        Effect::Restrict { .. } => ROW_ACTIONS.to_vec(),
        _ if table == MAIN => rng.some(ROW_ACTIONS, 3),
        _ => vec!["read"],
    };
    if table == MAIN && rng.chance(40) {
        actions = ROW_ACTIONS.to_vec();
    }
    actions.sort_unstable();
    let other = |rng: &mut Rng| [BASE, KIDS, LEAF, MAIN][rng.below(4)];
    let applies = match rng.below(8) {
        0 => Applies::WhenAll(vec![other(rng)]),
        1 => Applies::WhenAny(vec![other(rng), other(rng)]),
        2 => Applies::UnlessOnly(vec![MAIN, other(rng)]),
        _ => Applies::Always,
    };
    made(
        effect,
        holder(rng),
        Resource::Table(table),
        &actions,
        pred,
        applies,
    )
}

fn object_rule(schema: &Schema, rng: &mut Rng) -> Rule {
    let pred = if rng.chance(40) {
        Pred::Const(true)
    } else {
        Maker { schema, rng }.of_user()
    };
    let effect = match rng.below(4) {
        0 => Effect::Deny,
        1 => Effect::Restrict { by: None },
        _ => Effect::Grant,
    };
    let actions = rng.some(&["edit", "read"], 2);
    made(
        effect,
        holder(rng),
        Resource::Object(REPORT),
        &actions,
        pred,
        Applies::Always,
    )
}

fn made(
    effect: Effect,
    holder: Holder,
    resource: Resource,
    actions: &[&str],
    pred: Pred,
    applies: Applies,
) -> Rule {
    Rule::from(RuleBody {
        effect,
        holder,
        resource,
        actions: actions.iter().map(|a| (*a).into()).collect(),
        pred,
        applies,
        everything_in: None,
    })
}

/// A question about the policy of a schema.
pub fn claim(schema: &Schema, rng: &mut Rng) -> Claim {
    let action = match rng.below(8) {
        0 => Action::Insert,
        1 => Action::Update,
        2 => Action::Delete,
        3 => Action::Object,
        _ => Action::Read,
    };
    let who = match rng.below(8) {
        0 | 1 => Who::Bare(PrincipalId(rng.below(6) as u32)),
        2 | 3 => Who::AnyoneWith(PrincipalId(rng.below(6) as u32)),
        4 => Who::Nobody,
        5 => Who::Both(PrincipalId(rng.below(2) as u32), PrincipalId(2)),
        _ => Who::Anyone,
    };
    let pred = match action {
        Action::Object => Pred::Const(true),
        _ if rng.chance(50) => Pred::Const(true),
        _ => Maker { schema, rng }.cond(Spot::main(), 1),
    };
    Claim {
        who,
        action,
        pred,
        refused: rng.chance(35),
    }
}

/// Queries that can tell the rules apart.
pub fn queries(rng: &mut Rng, object: bool) -> Vec<Vec<TableId>> {
    let mut queries: BTreeSet<Vec<TableId>> = BTreeSet::new();
    for _ in 0..5 {
        let mut tables = rng.some(&[BASE, KIDS, LEAF, PARTS], 2);
        if rng.chance(30) {
            tables.clear();
        }
        if !object {
            tables.push(MAIN);
        }
        tables.sort_unstable();
        queries.insert(tables);
    }
    queries.into_iter().collect()
}
