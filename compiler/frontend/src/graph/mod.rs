//! What only the program as a whole can get wrong: circles of roles, filters, visibility and reading, and users who
//! break `exclusive`.
//!
//! Each item gives a small summary without places; the program's queries read only those, so an edit that adds no
//! edge re-runs nothing here. Places are looked up once a circle is found.

mod cycle;
mod exclusive;
mod filters;
mod reads;
mod roles;

use std::sync::Arc;

use ambit_diagnostics::Problem;

use crate::db::{Db, Project};

/// The problems of the program as a whole.
#[salsa::tracked(returns(clone))]
pub fn program_problems(db: &dyn Db, project: Project) -> Arc<Vec<Problem>> {
    let (mut problems, in_circles) = roles::role_cycles(db, project);
    problems.extend(filters::filter_problems(db, project));
    problems.extend(reads::read_cycles(db, project));
    // Where roles grow beyond bounds, what a user has cannot be listed.
    if !problems.iter().any(|p| p.code == "E0407") {
        problems.extend(exclusive::broken(db, project, &in_circles));
    }
    Arc::new(problems)
}
