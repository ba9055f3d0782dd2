//! What values are compared as, and how an engine reads a stored one.

use ambit_core::Type;

use super::tree::Expr;

/// What values are compared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Domain {
    /// Booleans.
    Bool,
    /// 64-bit integers.
    Int,
    /// Exact decimals.
    Decimal,
    /// Texts and members of enums.
    Text,
    /// Days.
    Date,
    /// Instants.
    Timestamp,
}

impl Domain {
    /// The domain of a type; of a set, that of its elements; none for scopes.
    pub fn of(ty: &Type) -> Option<Self> {
        Some(match ty {
            Type::Bool => Self::Bool,
            Type::Int => Self::Int,
            Type::Decimal => Self::Decimal,
            Type::String | Type::Enum(_) => Self::Text,
            Type::Date => Self::Date,
            Type::Timestamp => Self::Timestamp,
            Type::Set(element) => return Self::of(element),
            Type::Scope(_) => return None,
        })
    }
}

/// A stored value (of a column or a parameter), taken apart as an engine must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// As it stands.
    pub raw: Expr,
    /// What it is compared by; NULL of no value, and of no meaning unless it is well formed.
    pub key: Expr,
    /// What must hold for it to be well formed for its type. None of them holds of NULL.
    pub formed: Vec<Expr>,
    /// The least key that is well formed, where the engine knows smaller ones.
    pub low: Option<Expr>,
    /// The greatest key that is well formed, where the engine knows greater ones.
    pub high: Option<Expr>,
}

impl Form {
    /// A value that is always well formed.
    pub fn plain(raw: Expr) -> Self {
        Self {
            key: raw.clone(),
            raw,
            formed: Vec::new(),
            low: None,
            high: None,
        }
    }
}
