//! Who asks: what of a user a predicate depends on.

use std::collections::{BTreeMap, BTreeSet};

use ambit_core::{AttributeId, Holder, PrincipalId, PrincipalKind, Program, SourceId, Value};
use smol_str::SmolStr;

/// A user, as predicates are computed for one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserContext {
    /// All principals the user has, closed over `inherits`.
    pub principals: BTreeSet<PrincipalId>,
    /// Attributes supplied; one that is missing here is not supplied.
    pub attributes: BTreeMap<AttributeId, Value>,
    /// How sources know the user.
    pub login: Login,
}

/// How sources know a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Login {
    /// Not at all: a bare role or group.
    #[default]
    None,
    /// By the outside names of a declared user.
    Declared(PrincipalId),
    /// By this name everywhere, but not where it is a declared user's.
    Named(SmolStr),
}

impl UserContext {
    /// A user with this principal alone; where it is a user, with what is written there.
    pub fn of(program: &Program, id: PrincipalId) -> Self {
        let principal = program.principal(id);
        let login = match principal.kind {
            PrincipalKind::User => Login::Declared(id),
            PrincipalKind::Role | PrincipalKind::Group => Login::None,
        };
        Self {
            principals: principal.closure.iter().copied().chain([id]).collect(),
            attributes: principal.attributes.iter().cloned().collect(),
            login,
        }
    }

    /// The user has this principal too, and all that it inherits.
    pub fn add(&mut self, program: &Program, id: PrincipalId) {
        self.principals.insert(id);
        self.principals
            .extend(program.principal(id).closure.iter().copied());
    }

    /// The name under which a source knows the user.
    pub fn login_in(&self, program: &Program, source: Option<SourceId>) -> Option<SmolStr> {
        match &self.login {
            Login::None => None,
            Login::Declared(id) => program.login(*id, source),
            // What is a declared user's login there is nobody else's.
            Login::Named(name) => {
                let taken = program.user_of_login(name, source).is_some();
                (!taken).then(|| name.clone())
            }
        }
    }

    /// Do rules of this holder speak of the user?
    pub fn is_held_by(&self, holder: &Holder) -> bool {
        match holder {
            Holder::Principal(id) => self.principals.contains(id),
            Holder::Everyone => true,
            Holder::EveryoneExcept(list) => !list.iter().any(|id| self.principals.contains(id)),
        }
    }

    /// Does the source never filter this user?
    pub fn bypasses(&self, program: &Program, source: Option<SourceId>) -> bool {
        source.is_some_and(|s| {
            self.principals
                .iter()
                .any(|&id| program.principal(id).bypasses.contains(&s))
        })
    }
}
