//! Turns the Worker's compiled wasm into a module with its JavaScript glue.
//!
//! A program of its own, because `wasm-bindgen`'s command line takes minutes to install while the
//! library behind it builds in seconds, and because the version always is the lock file's. Called
//! by `cargo xtask build edge`; it must not know what the module contains.

use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [wasm, folder] = arguments.as_slice() else {
        eprintln!("usage: edge-glue INPUT.wasm OUTPUT_FOLDER");
        return ExitCode::from(2);
    };
    let mut glue = Bindgen::new();
    glue.input_path(wasm).out_name("index").typescript(false).remove_name_section(true);
    // A panic ends the instance; with these two the next request gets a fresh one.
    glue.reset_state_function(true).force_enable_abort_handler(true);
    match glue.module(true).and_then(|glue| glue.generate(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("edge-glue: {error:?}");
            ExitCode::FAILURE
        }
    }
}
