//! Who may reach what, decided exactly: what `who` and `matrix` are made of.

use ambit_analysis::{Access, Reach, Reaches};
use ambit_core::print::print_pred;
use ambit_core::{Pred, PrincipalId, Program, Resource, TableId};
use ambit_eval::{Data, Judge, User};
use jiff::civil::Date;
use serde_json::{Value as Json, json};
use smol_str::SmolStr;

use super::inputs;

/// A cell of the matrix of access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// How much.
    pub access: Access,
    /// Where, as small as it is proved to be.
    pub predicate: String,
}

/// A program of which cells are asked.
pub struct Cells<'p> {
    reaches: Reaches<'p>,
    nothing: Data,
}

impl<'p> Cells<'p> {
    /// Cells of a program.
    pub fn new(program: &'p Program) -> Self {
        Self {
            reaches: Reaches::new(program),
            nothing: Data::new(program),
        }
    }

    /// A cell: of a bare principal, or of someone without any; `within`: only as far as rows with this are meant.
    ///
    /// # Errors
    /// Where the question is beyond the solver: why.
    pub fn cell(
        &self,
        who: Option<PrincipalId>,
        resource: Resource,
        action: &'p str,
        within: Option<&'p Pred>,
    ) -> Result<Cell, String> {
        let reach = Reach {
            who,
            resource,
            action,
            within: within.unwrap_or(&Pred::Const(true)),
        };
        let access = self.reaches.access(&reach).map_err(|limit| {
            let name = self.reaches.program().resource_name(resource);
            format!("`{action}` on `{name}` cannot be decided: {limit}")
        })?;
        let predicate = match (access, within) {
            (Access::None, None) => Pred::Const(false),
            (Access::All, None) => Pred::Const(true),
            _ => self.predicate(who, resource, action),
        };
        let table = table(resource);
        Ok(Cell {
            access,
            predicate: print_pred(self.reaches.program(), table, &predicate),
        })
    }

    fn predicate(&self, who: Option<PrincipalId>, resource: Resource, action: &str) -> Pred {
        let program = self.reaches.program();
        let user = who.map_or_else(|| User::nobody(program), |id| User::of(program, id));
        let query: Vec<TableId> = table(resource).into_iter().collect();
        // The condition holds whatever the day.
        let today = Date::ZERO;
        let judge = Judge::new(program, &self.nothing, &user, &query, today, None);
        let pred = match resource {
            Resource::Table(table) => judge.predicate(table, action),
            Resource::Object(object) => judge.object_predicate(object, action),
        };
        self.reaches.shown(table(resource), &pred)
    }
}

/// Everybody who may reach something of a resource, in the order of [`people`]; `step` is called before each, so that somebody
/// who no longer wants it can leave.
///
/// # Errors
/// As [`Cells::cell`].
pub fn who<'p>(
    program: &'p Program,
    resource: Resource,
    action: &'p str,
    within: Option<&'p Pred>,
    step: &dyn Fn(),
) -> Result<Vec<(SmolStr, Cell)>, String> {
    let cells = Cells::new(program);
    let mut found = Vec::new();
    for (name, who) in people(program) {
        step();
        let cell = cells.cell(who, resource, action, within)?;
        if cell.access != Access::None {
            found.push((name, cell));
        }
    }
    Ok(found)
}

/// R of `who`.
pub fn who_result(found: &[(SmolStr, Cell)]) -> Json {
    let entries = found.iter().map(|(name, cell)| {
        json!({
            "principal": name.as_str(),
            "access": cell.access.word(),
            "predicate": cell.predicate,
        })
    });
    entries.collect()
}

fn table(resource: Resource) -> Option<TableId> {
    match resource {
        Resource::Table(table) => Some(table),
        Resource::Object(_) => None,
    }
}

/// All bare principals of a program by name, and `everyone`: someone without any.
pub fn people(program: &Program) -> Vec<(SmolStr, Option<PrincipalId>)> {
    let all = program.principals.iter().enumerate();
    let own = all.filter(|(_, p)| p.test.is_none());
    own.map(|(n, p)| (p.name.clone(), Some(PrincipalId(n as u32))))
        .chain([(inputs::EVERYONE.into(), None)])
        .collect()
}

/// All tables and objects, the tables first, each by name.
pub fn resources(program: &Program) -> Vec<Resource> {
    let tables = (0..program.tables.len()).map(|n| Resource::Table(TableId(n as u32)));
    let objects = 0..program.objects.len();
    let objects = objects.map(|n| Resource::Object(ambit_core::ObjectId(n as u32)));
    tables.chain(objects).collect()
}
