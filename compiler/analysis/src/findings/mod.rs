//! Findings: what is allowed and probably not meant. One file for each.

mod attribute_unmet;
mod covered;
mod hidden_by_null;
mod hierarchy;
mod hierarchy_said;
mod idle;
mod linked_fields;
mod linked_together;
mod look_alike;
mod match_all;
mod maybe;
mod narrowing;
mod never;
mod nothing_left;
mod nulls_said;
mod object_rows;
mod object_sources;
mod reads;
mod scenes;
mod unprotected;
mod unprotected_said;

use std::sync::Arc;

use ambit_core::{Program, Resource};
use ambit_solver::Model;

use crate::answers::Answers;
use crate::cx::{Cx, Done};
pub(crate) use never::short;

use crate::raw::{Raw, Spot, Trouble};

/// What findings are made of, besides the program.
#[derive(Clone, Copy)]
pub(crate) struct Shared<'a, 'p> {
    /// The program without rules and claims.
    pub base: &'a Arc<Program>,
    pub model: &'a Model<'p>,
    /// The written rule of each rule of the program: instances of a role, and several resources of one rule, share one.
    pub written: &'a [u32],
    pub answers: &'a Answers,
    /// Unwinds where nobody wants the findings any more.
    pub wanted: &'a dyn Fn(),
}

/// A kind of finding: looks for all of its kind on a resource.
type Find = fn(&mut Cx<'_, '_>) -> Done;

const ALL: &[Find] = &[
    never::find,
    covered::find,
    idle::find,
    nothing_left::find,
    narrowing::find,
    linked_fields::find,
    hidden_by_null::find,
    |cx| {
        look_alike::find(cx);
        Ok(())
    },
    object_rows::find,
    match_all::find,
    unprotected::find,
    attribute_unmet::find,
];

/// What there is to say of one resource.
pub(crate) struct Found {
    pub findings: Vec<Raw>,
    /// Of each kind that could not be looked for to the end, why.
    pub troubles: Vec<Trouble>,
    /// Of each finding that the evaluator does not confirm, where it would stand and why not.
    pub faults: Vec<(Spot, String)>,
}

/// The findings of one resource of a program whose rules are those that the resource needs.
pub(crate) fn of_resource(program: &Program, resource: Resource, shared: &Shared<'_, '_>) -> Found {
    let mut cx = Cx::new(program, shared, resource);
    let mut troubles: Vec<Trouble> = Vec::new();
    if !cx.rules.is_empty() {
        for find in ALL {
            (shared.wanted)();
            if let Err(trouble) = find(&mut cx)
                && !troubles.contains(&trouble)
            {
                troubles.push(trouble);
            }
        }
    }
    Found {
        findings: cx.out,
        troubles,
        faults: cx.faults,
    }
}
