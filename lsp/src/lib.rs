//! The Ambit language server: editor features, and the server that offers them.
//!
//! [`ide`] holds the features, one file each, without any notion of the protocol. [`vfs`] knows the files,
//! [`main_loop`] owns all that changes, [`backend`] is what the protocol calls, and [`convert`] turns the one's
//! answers into the other's.

pub mod backend;
pub mod convert;
pub mod ide;
pub mod lines;
pub mod main_loop;
mod pool;
pub mod vfs;
