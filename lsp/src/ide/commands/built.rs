//! What `ambit build` would write, of the texts of the editor; made once for each state of the project.

use std::sync::Arc;

use ambit_cli::build::emit::{self, Built};
use ambit_cli::build::settings;
use ambit_cli::commands::inputs;
use ambit_compiler::{Db, Project};
use ambit_core::Program;
use ambit_targets::target::{Target, find};
use jiff::civil::Date;
use smol_str::SmolStr;

use super::{Ask, Refused};

/// The program with its conditions as small as they are proved to be: what targets are given.
#[salsa::tracked(returns(clone), no_eq)]
fn smallest(db: &dyn Db, project: Project) -> Option<Arc<Program>> {
    let program = ambit_compiler::program(db, project)?;
    // An edit must not wait for thousands of proofs.
    let step = || db.unwind_if_revision_cancelled();
    Some(Arc::new(ambit_analysis::smallest_while(&program, &step)))
}

/// A target, and the day that it writes out as `today`, if any.
#[salsa::interned]
struct Wanted<'db> {
    target: SmolStr,
    frozen: Option<Date>,
}

#[salsa::tracked(returns(clone), no_eq)]
fn built<'db>(
    db: &'db dyn Db,
    project: Project,
    wanted: Wanted<'db>,
) -> Option<Result<Arc<Built>, String>> {
    let program = smallest(db, project)?;
    let target = find(wanted.target(db))?;
    let frozen = *wanted.frozen(db);
    let config = project.config(db);
    let built = emit::emit(&program, &config, &[target], &|_| frozen, &|_| {});
    Some(built.map(Arc::new).map_err(|failure| failure.message))
}

impl Ask<'_> {
    /// The program that targets are given.
    pub(super) fn smallest(&self) -> Result<Arc<Program>, Refused> {
        self.program()?;
        smallest(self.db, self.project).ok_or_else(|| Refused("the project has errors".to_owned()))
    }

    /// What a target makes.
    pub(super) fn built(&self, target: &dyn Target) -> Result<Arc<Built>, Refused> {
        let program = self.program()?;
        let frozen = self.frozen(&program, target);
        let wanted = Wanted::new(self.db, SmolStr::new_static(target.name()), frozen);
        match built(self.db, self.project, wanted) {
            Some(built) => built.map_err(Refused),
            None => Err(Refused("the project has errors".to_owned())),
        }
    }

    /// The day that a target writes out, where `ambit.toml` asks for it.
    pub(super) fn frozen(&self, program: &Program, target: &dyn Target) -> Option<Date> {
        let config = self.project.config(self.db);
        emit::asks_to_freeze(&config, target).then(|| inputs::clock_day(&program.settings))
    }

    /// The targets of the project, or the one that is named.
    pub(super) fn targets(&self, named: Option<&str>) -> Result<Vec<&'static dyn Target>, Refused> {
        let named: Vec<String> = named.map(str::to_owned).into_iter().collect();
        Ok(settings::chosen(&self.project.config(self.db), &named)?)
    }
}
