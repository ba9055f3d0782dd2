//! Operands: columns, paths, literals, and what is known of the user and the day.

use ambit_core::{AttributeId, Operand, PrincipalKind, SourceId, Type, Value};
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use smol_str::{SmolStr, format_smolstr};

use super::path::Joins;
use super::term::{Side, Term, enum_of, own_domain};
use super::{Lowering, RowRef};
use crate::sql::dialect::Zone;
use crate::sql::domain::{Domain, Form};
use crate::sql::functions::Function;
use crate::sql::request::{Facts, Today};
use crate::sql::tree::Expr;
use crate::sql::user::Login;
use crate::target::Refusal;

impl Lowering<'_> {
    /// What an operand is compared as; `None` where only the other side can tell.
    pub(super) fn domain_of(&self, operand: &Operand) -> Option<Domain> {
        let program = self.request.program;
        match operand {
            Operand::Column(path) => Domain::of(&program.column(path.table, path.column).ty),
            Operand::Attribute(id) => Domain::of(&program.attributes.get(id.index())?.ty),
            Operand::Login => Some(Domain::Text),
            Operand::Today | Operand::Day(_) => Some(Domain::Date),
            Operand::Const(_) => None,
        }
    }

    /// An operand as a side of a test. What it reads besides the row is joined.
    pub(super) fn side(
        &mut self,
        operand: &Operand,
        row: &RowRef,
        joins: &mut Joins,
        hint: Option<Domain>,
    ) -> Result<Side, Refusal> {
        Ok(match operand {
            Operand::Column(path) => {
                let end = self.follow(&path.steps, row, joins)?;
                Side::Term(self.stored(&end, path.column)?)
            }
            Operand::Attribute(id) => self.attribute(*id),
            Operand::Login => self.login(row)?,
            Operand::Today => self.today()?,
            Operand::Const(value) => match hint.or_else(|| own_domain(value)) {
                Some(domain) if !value.is_null() => Side::Known(domain, value.clone()),
                _ => Side::Unknown,
            },
            Operand::Day(inner) => match self.side(inner, row, joins, Some(Domain::Timestamp))? {
                Side::Known(_, Value::Timestamp(instant)) => {
                    let day = instant.day(&self.zone());
                    Side::Known(Domain::Date, Value::Date(day))
                }
                Side::Term(term) if term.domain == Domain::Timestamp => Side::Day(term),
                day @ (Side::Known(Domain::Date, _)
                | Side::Term(Term {
                    domain: Domain::Date,
                    ..
                })) => day,
                _ => Side::Unknown,
            },
        })
    }

    /// The declared type of an attribute.
    pub(super) fn attribute_type(&self, id: AttributeId) -> Option<&Type> {
        Some(&self.request.program.attributes.get(id.index())?.ty)
    }

    /// Is it a value of this type, inside its enum?
    pub(super) fn fits(&self, ty: &Type, value: &Value) -> bool {
        match (ty, value) {
            (Type::Bool, Value::Bool(_))
            | (Type::Int, Value::Int(_))
            | (Type::Decimal, Value::Decimal(_))
            | (Type::String, Value::Text(_))
            | (Type::Date, Value::Date(_))
            | (Type::Timestamp, Value::Timestamp(_)) => true,
            (Type::Enum(id), Value::Text(text)) => self.members(*id).contains(text),
            _ => false,
        }
    }

    fn attribute(&self, id: AttributeId) -> Side {
        let Some(ty) = self.attribute_type(id) else {
            return Side::Unknown;
        };
        let Some(domain) = Domain::of(ty) else {
            return Side::Unknown;
        };
        match (self.request.user.attributes.get(&id), self.request.facts) {
            (Some(value), _) if self.fits(ty, value) => Side::Known(domain, value.clone()),
            (Some(_), _) | (None, Facts::Known) => Side::Unknown,
            (None, Facts::Bound) => Side::Term(Term {
                form: (self.engine.attribute)(domain, self.parameter(id, false)),
                domain,
                members: enum_of(ty),
            }),
        }
    }

    /// The parameter of an attribute: alone, or as a set.
    pub(super) fn parameter(&self, id: AttributeId, set: bool) -> Expr {
        let attribute = self.request.program.attributes.get(id.index());
        let name = attribute.map_or("", |a| a.name.as_str());
        let domain = attribute.and_then(|a| Domain::of(&a.ty));
        Expr::Param {
            name: format_smolstr!("user_{name}"),
            ty: domain.and_then(|d| (self.engine.parameter_type)(d, set)),
        }
    }

    /// The name under which the row's source knows the user.
    pub(super) fn login_known(&self, row: &RowRef) -> Option<SmolStr> {
        let source = self.source(row);
        self.request.user.login_in(self.request.program, source)
    }

    /// Whether the login is a parameter.
    pub(super) fn login_bound(&self) -> bool {
        self.request.facts == Facts::Bound && self.request.user.login == Login::None
    }

    fn login(&self, row: &RowRef) -> Result<Side, Refusal> {
        if let Some(name) = self.login_known(row) {
            return Ok(Side::Known(Domain::Text, Value::Text(name)));
        }
        if !self.login_bound() {
            return Ok(Side::Unknown);
        }
        Ok(Side::Term(Term {
            form: (self.engine.attribute)(Domain::Text, self.login_parameter(row)?),
            domain: Domain::Text,
            members: None,
        }))
    }

    /// One parameter can hold one name: that by which the source of the row asked about knows the user.
    pub(super) fn login_parameter(&self, row: &RowRef) -> Result<Expr, Refusal> {
        let program = self.request.program;
        let source = self.source(row);
        let named = |source: Option<SourceId>| {
            let users = program.principals.iter().enumerate();
            users
                .filter(|(_, p)| p.kind == PrincipalKind::User && p.test.is_none())
                .map(|(i, _)| program.login(ambit_core::PrincipalId(i as u32), source))
                .collect::<Vec<_>>()
        };
        if source != self.home && named(source) != named(self.home) {
            return Err(Refusal::new(
                "E0504",
                format!("`user.login` in `{}`", self.table_name(row.table)),
                format!(
                    "its source knows a user by another name than that of `{}`, and one parameter holds one name",
                    self.table_name(self.asked)
                ),
            )
            .help("use an attribute, or build predicates for each user (`per_user = true`)"));
        }
        Ok(Expr::Param {
            name: SmolStr::new_static("user_login"),
            ty: (self.engine.parameter_type)(Domain::Text, false),
        })
    }

    /// The day.
    pub(super) fn today(&mut self) -> Result<Side, Refusal> {
        self.found.dated = true;
        let term = |form| {
            Side::Term(Term {
                form,
                domain: Domain::Date,
                members: None,
            })
        };
        Ok(match (self.request.today, self.engine.today) {
            (Today::Fixed(day), _) => Side::Known(Domain::Date, Value::Date(day)),
            (Today::Engine, Some(today)) => {
                let local = self.in_zone(today)?;
                self.needs_zone();
                let mut form = Form::plain(local.day);
                form.formed = local.formed;
                term(form)
            }
            (Today::Engine, None) => {
                return Err(Refusal::new(
                    "E0506",
                    "`today`",
                    format!(
                        "{} reads the clock while a statement runs, which may step over midnight, and knows no zones",
                        self.engine.name
                    ),
                )
                .help(
                    "use the form with the parameter `today`, or freeze the day (`--at`, or `today = \"frozen\"`)",
                ));
            }
            (Today::Bound, _) => {
                let raw = Expr::Param {
                    name: SmolStr::new_static("today"),
                    ty: (self.engine.parameter_type)(Domain::Date, false),
                };
                // The host hands over a day of its clock: neither infinite nor before our era.
                let mut form = (self.engine.attribute)(Domain::Date, raw);
                (form.low, form.high) = (None, None);
                term(form)
            }
        })
    }

    /// A side as a term, where it is more than unknown.
    pub(super) fn term(&mut self, side: Side) -> Result<Option<Term>, Refusal> {
        match side {
            Side::Unknown => Ok(None),
            Side::Known(domain, value) => self.constant(domain, &value),
            Side::Term(term) => Ok(Some(term)),
            Side::Day(instant) => self.day(&instant).map(Some),
        }
    }

    /// The day of an instant in the project's zone, as the engine computes it.
    fn day(&mut self, instant: &Term) -> Result<Term, Refusal> {
        let term = |key: Expr, formed| Term {
            form: Form {
                raw: key.clone(),
                key,
                formed,
                low: None,
                high: None,
            },
            domain: Domain::Date,
            members: None,
        };
        let mut formed = instant.form.formed.clone();
        let day = self.engine.day;
        if let Some(local) = self.in_zone(|zone| day(&instant.form, zone))? {
            self.needs_zone();
            formed.extend(local.formed);
            return Ok(term(local.day, formed));
        }
        let zone = &self.request.program.settings.zone;
        if let Some(name) = self.function(Function::Day) {
            let args = vec![instant.form.key.clone(), Expr::text(zone.as_str())];
            return Ok(term(Expr::Call(name, args), formed));
        }
        Err(Refusal::new(
            "E0503",
            "the day of a timestamp, compared with what is not known yet,",
            format!("{} knows no time zones", self.engine.name),
        )
        .help(
            "compare it with a literal day, freeze `today`, or keep the day in a column of its own",
        ))
    }

    /// What an engine computes in the project's zone.
    fn in_zone<T>(&self, compute: impl FnOnce(&Zone<'_>) -> T) -> T {
        compute(&Zone {
            name: &self.request.program.settings.zone,
            offset: fixed_offset(&self.zone()),
        })
    }

    /// Notes that the engine must know the project's zone, where its offset changes.
    fn needs_zone(&mut self) {
        if fixed_offset(&self.zone()).is_none() {
            let zone = &self.request.program.settings.zone;
            self.assume(format!("the engine knows the zone `{zone}`"));
        }
    }

    /// The project's zone; every zone without transitions at offset zero is UTC.
    pub(super) fn zone(&self) -> TimeZone {
        let zone = self.request.program.settings.time_zone();
        if fixed_offset(&zone) == Some(Offset::UTC) {
            TimeZone::UTC
        } else {
            zone
        }
    }
}

/// The offset of a zone that has the same one at all times.
fn fixed_offset(zone: &TimeZone) -> Option<Offset> {
    if let Ok(offset) = zone.to_fixed_offset() {
        return Some(offset);
    }
    let changes = zone.following(Timestamp::MIN).next().is_some();
    (!changes).then(|| zone.to_offset(Timestamp::MAX))
}
