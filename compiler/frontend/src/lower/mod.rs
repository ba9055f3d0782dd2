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
use self::principals::instances;
pub(crate) use self::principals::{RoleName, role_names};
use crate::check::check;
use crate::db::{Db, Project};
use crate::items::{Item, file_items};

/// Everything that the stages of lowering share.
pub(crate) struct Lower<'db> {
    pub db: &'db dyn Db,
    pub project: Project,
    pub ids: &'db Ids<'db>,
    pub origins: Origins<'db>,
}

impl<'db> Lower<'db> {
    /// Every origin is empty: for queries whose results text that moves must not change.
    pub fn without_places(db: &'db dyn Db, project: Project) -> Self {
        Self {
            db,
            project,
            ids: ids::ids(db, project),
            origins: Origins::none(),
        }
    }

    /// All items, in the order of files and places.
    pub fn items(&self) -> impl Iterator<Item = Item<'db>> + use<'db> {
        let db = self.db;
        let files = self.project.files(db).iter();
        files.flat_map(move |f| file_items(db, *f).iter().copied())
    }
}

/// What exists, and the settings: a program without principals, rules, tests and claims, and without origins.
#[salsa::tracked(returns(clone))]
pub(crate) fn schema_of(db: &dyn Db, project: Project) -> Arc<Program> {
    let mut program = Program {
        settings: project.config(db).settings.clone(),
        ..Program::default()
    };
    schema::lower_schema(&Lower::without_places(db, project), &mut program);
    Arc::new(program)
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
        origins: Origins::new(db, project),
        ..Lower::without_places(db, project)
    };
    let mut program = Program::clone(&schema_of(db, project));
    schema::place_schema(&lower, &mut program);
    let instances = instances(db, project);
    principals::lower_principals(&lower, instances, &mut program);
    rules::lower_rules(&lower, instances, &mut program);
    claims::lower_tests(&lower, instances, &mut program);
    claims::lower_claims(&lower, instances, &mut program);
    Some(Arc::new(program))
}
