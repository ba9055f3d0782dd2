//! The binary `ambit-lsp`: a language server on standard input and output.

use std::process::ExitCode;

/// Findings are made of many small pieces on several threads; the system's allocator gives little of
/// that back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HELP: &str = "\
The language server of Ambit

Usage: ambit-lsp --stdio

Options:
      --stdio    Speak on standard input and output (the only way there is)
  -V, --version  Print the version
  -h, --help     Print this
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    match (args.next().as_deref(), args.next()) {
        (None | Some("--stdio"), None) => serve(),
        (Some("--version" | "-V"), None) => {
            println!("ambit-lsp {}", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        (Some("--help" | "-h"), None) => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        _ => {
            eprint!("{HELP}");
            ExitCode::from(2)
        }
    }
}

fn serve() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the server cannot start: {error}");
            return ExitCode::from(4);
        }
    };
    let ended = runtime.block_on(ambit_lsp::backend::serve(
        tokio::io::stdin(),
        tokio::io::stdout(),
    ));
    // A read from standard input may still be waiting; nothing is left to do for it.
    runtime.shutdown_background();
    // A client that goes without saying goodbye leaves a server that failed, as the protocol has it.
    ExitCode::from(u8::from(!ended))
}
