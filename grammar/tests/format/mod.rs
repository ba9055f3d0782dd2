//! The formatter: what it prints, what it keeps, and that it never does harm.

mod comments;
mod fuzz;
mod golden;
mod pieces;
mod support;
mod whitespace;
