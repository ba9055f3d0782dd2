//! Targets: what Core is compiled into.
