//! The `ambit` command.

use std::process::ExitCode;

/// Proofs are made of many small pieces on several threads: with the system's allocator they take a
/// quarter longer.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(ambit_cli::main())
}
