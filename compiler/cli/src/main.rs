//! The `ambit` command.

use std::process::ExitCode;

/// Proofs are made of many small pieces on several threads: a third of their time would go to the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(ambit_cli::main())
}
