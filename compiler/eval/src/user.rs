//! Who asks: principals, attributes, and the login that each source knows.

use ambit_core::{AttributeId, Holder, PrincipalId, PrincipalKind, Program, SourceId, Value};
use smol_str::SmolStr;

/// A user as the evaluator sees one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// For people: the Ambit name, or how the user was described.
    pub name: SmolStr,
    /// All principals the user has, closed over `inherits`; sorted, without doubles.
    pub principals: Vec<PrincipalId>,
    /// Values of attributes, by id; null where not supplied.
    attributes: Vec<Value>,
    /// Attributes written at the user: those that the identity provider cannot change.
    written: Vec<AttributeId>,
    login: Login,
}

/// How sources know the user.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Login {
    /// Not at all: a bare role or group.
    None,
    /// By the outside names of a declared user.
    Declared(PrincipalId),
    /// By this name everywhere, but not where it is a declared user's.
    Named(SmolStr, Vec<Option<SourceId>>),
    /// By these names, each in one source; in any other not at all.
    Each(Vec<(Option<SourceId>, SmolStr)>),
}

impl User {
    /// A user of whom nothing is known: no principal but `everyone`, no attribute, no login.
    pub fn nobody(program: &Program) -> Self {
        Self {
            name: SmolStr::default(),
            principals: Vec::new(),
            attributes: vec![Value::Null; program.attributes.len()],
            written: Vec::new(),
            login: Login::None,
        }
    }

    /// A user with that principal alone; if it is a user, with what is written there (language.md, "Tests and
    /// claims": a bare principal).
    pub fn of(program: &Program, principal: PrincipalId) -> Self {
        let declared = program.principal(principal);
        let mut user = Self::nobody(program);
        user.name = declared.name.clone();
        user.add(program, principal);
        if declared.kind == PrincipalKind::User {
            user.login = Login::Declared(principal);
            for (attribute, value) in &declared.attributes {
                if let Some(slot) = user.attributes.get_mut(attribute.index()) {
                    *slot = value.clone();
                    user.written.push(*attribute);
                }
            }
        }
        user
    }

    /// A user that the program does not declare: every source knows it by this login. A source in which the login is a
    /// declared user's does not know it at all, since no two users have one login (see [`User::known_as`]).
    pub fn named(program: &Program, login: &str) -> Self {
        let mut user = Self::nobody(program);
        user.name = SmolStr::new(login);
        let sources = (0..program.sources.len() as u32).map(|s| Some(SourceId(s)));
        let taken = std::iter::once(None)
            .chain(sources)
            .filter(|source| program.user_of_login(login, *source).is_some())
            .collect();
        user.login = Login::Named(SmolStr::new(login), taken);
        user
    }

    /// Whoever the source knows by this login: the declared user whose it is there, else one that the program does not
    /// declare.
    pub fn known_as(program: &Program, login: &str, source: Option<SourceId>) -> Self {
        match program.user_of_login(login, source) {
            Some(declared) => Self::of(program, declared),
            None => Self::named(program, login),
        }
    }

    /// A user that the program does not declare, with a login, or none, for each source.
    pub fn with_logins(program: &Program, logins: &[(Option<SourceId>, Option<SmolStr>)]) -> Self {
        let mut user = Self::nobody(program);
        let named: Vec<_> = logins
            .iter()
            .filter_map(|(source, login)| Some((*source, login.clone()?)))
            .collect();
        user.name = named
            .first()
            .map(|(_, login)| login.clone())
            .unwrap_or_default();
        user.login = Login::Each(named);
        user
    }

    /// The user has this principal too, and all that it inherits.
    pub fn add(&mut self, program: &Program, principal: PrincipalId) {
        self.principals
            .extend(&program.principal(principal).closure);
        self.principals.push(principal);
        self.principals.sort_unstable();
        self.principals.dedup();
    }

    /// The identity provider supplies an attribute. One written at the user wins over it.
    pub fn supply(&mut self, attribute: AttributeId, value: Value) {
        if self.written.contains(&attribute) {
            return;
        }
        if let Some(slot) = self.attributes.get_mut(attribute.index()) {
            *slot = value;
        }
    }

    /// The value of an attribute; null where it is not supplied.
    pub fn attribute(&self, attribute: AttributeId) -> &Value {
        self.attributes
            .get(attribute.index())
            .unwrap_or(&Value::Null)
    }

    /// `user.login` where the row at hand lives in `source`.
    pub fn login(&self, program: &Program, source: Option<SourceId>) -> Option<SmolStr> {
        match &self.login {
            Login::None => None,
            Login::Declared(principal) => program.login(*principal, source),
            Login::Named(name, taken) => (!taken.contains(&source)).then(|| name.clone()),
            Login::Each(logins) => logins
                .iter()
                .find(|(of, _)| *of == source)
                .map(|(_, login)| login.clone()),
        }
    }

    /// Does the user have this principal?
    pub fn has(&self, principal: PrincipalId) -> bool {
        self.principals.binary_search(&principal).is_ok()
    }

    /// Do rules of this holder speak of the user (language.md, "Principals of a user")?
    pub fn is_under(&self, holder: &Holder) -> bool {
        match holder {
            Holder::Principal(principal) => self.has(*principal),
            Holder::Everyone => true,
            Holder::EveryoneExcept(excepted) => !excepted.iter().any(|x| self.has(*x)),
        }
    }

    /// The principal by which the user bypasses a source, if one does.
    pub fn bypass(&self, program: &Program, source: SourceId) -> Option<PrincipalId> {
        self.principals
            .iter()
            .copied()
            .find(|p| program.principal(*p).bypasses.contains(&source))
    }
}
