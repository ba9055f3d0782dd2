//! Witnesses: a user, a query, a day and rows for which something holds. Whoever doubts one evaluates it.

use ambit_core::{AttributeId, PrincipalId, Row, SourceId, TableId, Value};
use jiff::civil::Date;
use smol_str::SmolStr;

/// What a satisfiable question holds for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The users of the question, in the order in which it named them.
    pub users: Vec<WitnessUser>,
    /// The tables of the query, sorted.
    pub query: Vec<TableId>,
    /// The day.
    pub today: Date,
    /// The rows of the question, in the order in which it named them. `None`: the row does not exist.
    pub rows: Vec<Option<Row>>,
    /// All rows of the data, with those of the question that are data: what `exists` and paths range over. Tables in
    /// order, those without rows left out.
    pub related: Vec<(TableId, Vec<Row>)>,
}

/// A user of a witness.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WitnessUser {
    /// The declared user, if it is one.
    pub declared: Option<PrincipalId>,
    /// What the user has, without what those inherit; not `declared` itself.
    pub principals: Vec<PrincipalId>,
    /// Attributes that are supplied, by id; not those written at `declared`.
    pub attributes: Vec<(AttributeId, Value)>,
    /// The logins of a user whom the program does not declare: one, or none, for each source in which the question
    /// reads it.
    pub logins: Vec<(Option<SourceId>, Option<SmolStr>)>,
}

/// How large a witness is: first the number of fields that are neither null nor their type's default, rows besides the
/// first, principals and tables besides the asked one; then the lengths of the values, field by field. The smaller, the
/// easier to read. See [`Witness`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// Fields, rows, principals, tables.
    pub fields: usize,
    /// The lengths of the fields in their order.
    pub lengths: Vec<usize>,
}

/// The value of a type that counts as nothing in a witness: `false`, `0`, the empty text, 1970-01-01, the first member
/// of an enum, the empty set and scope.
pub fn default_value(program: &ambit_core::Program, ty: &ambit_core::Type) -> Value {
    use ambit_core::{ScopeValue, Type};
    match ty {
        Type::Bool => Value::Bool(false),
        Type::Int => Value::Int(0),
        Type::Decimal => Value::Decimal(ambit_core::Decimal::zero()),
        Type::String => Value::Text(SmolStr::default()),
        Type::Date => Value::Date(epoch()),
        Type::Timestamp => Value::Timestamp(ambit_core::Instant::UNIX_EPOCH),
        Type::Enum(id) => program
            .enumeration(*id)
            .members
            .first()
            .map_or_else(|| Value::text(""), |m| Value::Text(m.clone())),
        Type::Scope(_) => Value::Scope(ScopeValue::Entries(Vec::new()).into()),
        Type::Set(_) => Value::Set([].into()),
    }
}

/// 1970-01-01.
pub(crate) fn epoch() -> Date {
    jiff::civil::date(1970, 1, 1)
}

/// How long a value is to read: characters of a text, digits of a number; days and instants are all alike.
pub fn length(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Bool(_) | Value::Date(_) | Value::Timestamp(_) => 1,
        Value::Int(n) => n.to_string().len(),
        Value::Decimal(d) => d.to_string().len(),
        Value::Text(t) => t.chars().count(),
        Value::Set(values) => values.iter().map(|v| 1 + length(v)).sum(),
        Value::Scope(scope) => match &**scope {
            ambit_core::ScopeValue::Entries(entries) => entries
                .iter()
                .map(|e| {
                    e.level.chars().count()
                        + e.members
                            .iter()
                            .map(|m| 1 + m.chars().count())
                            .sum::<usize>()
                })
                .sum(),
            ambit_core::ScopeValue::Unreadable(text) => text.chars().count(),
        },
    }
}
