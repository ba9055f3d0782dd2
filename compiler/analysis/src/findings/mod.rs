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

use ambit_core::{Program, Resource};
use ambit_solver::Model;

use crate::cx::Cx;
pub(crate) use never::short;

use crate::raw::{Raw, Trouble};

/// The findings of one resource of a program whose rules are those that the resource needs.
pub(crate) fn of_resource(
    program: &Program,
    model: &Model<'_>,
    resource: Resource,
    written: &[u32],
) -> Result<Vec<Raw>, Trouble> {
    let mut cx = Cx::new(program, model, resource, written);
    if cx.rules.is_empty() {
        return Ok(Vec::new());
    }
    never::find(&mut cx)?;
    covered::find(&mut cx)?;
    idle::find(&mut cx)?;
    nothing_left::find(&mut cx)?;
    narrowing::find(&mut cx)?;
    linked_fields::find(&mut cx)?;
    hidden_by_null::find(&mut cx)?;
    look_alike::find(&mut cx);
    object_rows::find(&mut cx)?;
    match_all::find(&mut cx)?;
    unprotected::find(&mut cx)?;
    attribute_unmet::find(&mut cx)?;
    Ok(cx.out)
}
