//! Names of `pg_catalog`, in which nobody but the server puts anything.

pub(super) const TEXT: &str = "pg_catalog.text";
pub(super) const TEXTS: &str = "pg_catalog.text[]";
pub(super) const INT: &str = "pg_catalog.int8";
pub(super) const NUMERIC: &str = "pg_catalog.numeric";
pub(super) const DATE: &str = "pg_catalog.date";
pub(super) const TIMESTAMPTZ: &str = "pg_catalog.timestamptz";
pub(super) const JSONB: &str = "pg_catalog.jsonb";

/// The collation by bytes.
pub(super) const C: &str = "pg_catalog.\"C\"";
