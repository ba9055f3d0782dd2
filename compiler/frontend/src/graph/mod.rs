//! What only the program as a whole can get wrong: circles of roles, filters, visibility and reading, users who
//! break `exclusive`, and outside names that stand twice.
//!
//! Each item gives a small summary without places; the program's queries read only those, so an edit that adds no
//! edge re-runs nothing here. Places are looked up once a circle is found.

mod cycle;
mod exclusive;
mod filters;
mod outside;
mod reads;
mod roles;

use std::sync::Arc;

use ambit_diagnostics::Problem;

use crate::db::{Db, Project};
use crate::items::Item;

/// Makes the summaries of an item, so that [`program_problems`] finds them ready: threads can do this side by side.
pub(crate) fn summarise<'db>(db: &'db dyn Db, item: Item<'db>) {
    roles::parents(db, item);
    filters::rule_shapes(db, item);
    reads::item_reads(db, item);
}

/// The problems of the program as a whole.
#[salsa::tracked(returns(clone))]
pub fn program_problems(db: &dyn Db, project: Project) -> Arc<Vec<Problem>> {
    let (mut problems, in_circles) = roles::role_cycles(db, project);
    problems.extend(filters::filter_problems(db, project));
    problems.extend(reads::read_cycles(db, project));
    // Where roles grow beyond bounds, what a user has cannot be listed.
    if !problems.iter().any(|p| p.code == "E0407") {
        problems.extend(exclusive::broken(db, project, &in_circles));
        problems.extend(outside::doubled(db, project));
    }
    Arc::new(problems)
}
