//! From syntax to Core: salsa queries for items, names, types and lowering.
