//! The program `relais`: its command line is `lib.rs`'s. It must not know a command.

use std::process::ExitCode;

fn main() -> ExitCode {
    match relais::run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("relais: {message}");
            ExitCode::FAILURE
        }
    }
}
