//! The `ambit` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(ambit_cli::main())
}
