//! Core: the few forms that every policy is lowered to, their values, and how they print.
