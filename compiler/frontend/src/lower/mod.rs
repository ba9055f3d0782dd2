//! Lowering: typed items to Core. Total: it runs only where nothing is wrong, so there are no holes to meet.

mod claims;
mod ids;
mod origins;
mod places;
mod preds;
mod principals;
mod rules;
mod schema;

use std::sync::Arc;

use ambit_core::Program;
use ambit_diagnostics::Level;

use self::ids::Ids;
use self::origins::Origins;
use self::principals::Instances;
use crate::check::check;
use crate::db::{Db, Project};
use crate::items::{Item, file_items};

/// Everything that the stages of lowering share.
pub(crate) struct Lower<'db> {
    pub db: &'db dyn Db,
    /// All items, in the order of files and places.
    pub items: Vec<Item<'db>>,
    pub ids: Ids<'db>,
    pub origins: Origins<'db>,
}

/// The program in Core; `None` where the project has errors (see [`check`]).
#[salsa::tracked(returns(clone))]
pub fn program(db: &dyn Db, project: Project) -> Option<Arc<Program>> {
    let report = check(db, project);
    // A lint that is set to `deny` fails a command, but does not make a program meaningless.
    let broken = report
        .problems
        .iter()
        .any(|p| ambit_diagnostics::registry::find(p.code).is_none_or(|c| c.level == Level::Error));
    if broken {
        return None;
    }
    let lower = Lower {
        db,
        items: project
            .files(db)
            .iter()
            .flat_map(|f| file_items(db, *f).iter().copied())
            .collect(),
        ids: Ids::new(db, project),
        origins: Origins::new(db, project),
    };
    let mut program = Program {
        settings: project.config(db).settings.clone(),
        ..Program::default()
    };
    schema::lower_schema(&lower, &mut program);
    let instances = Instances::collect(&lower);
    principals::lower_principals(&lower, &instances, &mut program);
    rules::lower_rules(&lower, &instances, &mut program);
    claims::lower_tests(&lower, &instances, &mut program);
    claims::lower_claims(&lower, &instances, &mut program);
    Some(Arc::new(program))
}
