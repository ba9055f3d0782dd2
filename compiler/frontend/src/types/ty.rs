//! Types as the checker sees them: enums by name, so that a type does not change when another enum is added.

use std::fmt;

use smol_str::SmolStr;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ty {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `decimal`
    Decimal,
    /// `string`
    String,
    /// `date`
    Date,
    /// `timestamp`
    Timestamp,
    /// An enum.
    Enum(SmolStr),
    /// A scope with its levels.
    Scope(std::sync::Arc<[SmolStr]>),
    /// `set of …`
    Set(Box<Ty>),
    /// Not known, because of a problem already reported: fits everything.
    Unknown,
}

impl Ty {
    /// The built-in type of that name.
    pub fn builtin(name: &str) -> Option<Self> {
        Some(match name {
            "bool" => Self::Bool,
            "int" => Self::Int,
            "decimal" => Self::Decimal,
            "string" => Self::String,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            _ => return None,
        })
    }

    /// Does `<` make sense?
    pub fn has_order(&self) -> bool {
        matches!(
            self,
            Self::Int | Self::Decimal | Self::Date | Self::Timestamp | Self::Unknown
        )
    }

    /// A date or a timestamp.
    pub fn is_time(&self) -> bool {
        matches!(self, Self::Date | Self::Timestamp)
    }
}

/// The names of the built-in types.
pub const BUILTIN_TYPES: &[&str] = &["bool", "int", "decimal", "string", "date", "timestamp"];

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Decimal => f.write_str("decimal"),
            Self::String => f.write_str("string"),
            Self::Date => f.write_str("date"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Enum(name) => f.write_str(name),
            Self::Scope(_) => f.write_str("scope"),
            Self::Set(ty) => write!(f, "set of {ty}"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}
