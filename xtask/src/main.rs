//! Hands a developer command to the module that owns it; knows nothing but their names.

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask up [--edge native|wrangler|spin] [--edge-port N] [--gateway-port N] [--mqtt-port N]
               [--data DIR] [--offline] [--json]      runs the whole venue on this machine
cargo xtask link down|up [--black-hole] [--data DIR]  cuts or restores the line of a running `up`
cargo xtask test [--only SUITE]                       sets up what the tests need and runs them
cargo xtask build edge|spin                           the Worker bundle, the Spin component
cargo xtask deploy cloudflare|spin [--dry-run]        migrations, secrets check, upload
cargo xtask bench [NAME] --json                       benchmarks; the last line is one JSON object
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let rest: Vec<String> = words.collect();
    let outcome = match command.as_str() {
        "up" => xtask::up::run(&rest),
        "test" => return xtask::test_suites::run(&rest),
        "link" => xtask::link::run(&rest),
        "build" => xtask::build::run(&rest),
        "deploy" => xtask::deploy::run(&rest),
        "bench" => xtask::bench::run(&rest),
        "" | "help" | "-h" | "--help" => {
            eprint!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => Err(anyhow::anyhow!("there is no command `{other}`\n\n{USAGE}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
