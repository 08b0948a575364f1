//! The command line of `spin-host`: reads its options, announces the address, ends on a signal.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;

use spin_host::{Host, Options};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str = "usage: spin-host --manifest spin.toml --component COMPONENT.wasm \
--listen 127.0.0.1:0 --state-dir DIR [--variable name=value | --variable name=@file]...";

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("spin-host: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let ended = runtime.block_on(serve(options));
    // A statement may still wait for a lock or for a reader; SQLite rolls it back with the process.
    runtime.shutdown_background();
    ended
}

async fn serve(options: &Options) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    // Before the address is announced: from then on a signal ends the host cleanly.
    let mut interrupted = signal(SignalKind::interrupt()).map_err(told)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(told)?;
    let host = Host::start(options).await?;
    let address = host.address().map_err(told)?;
    let mut output = std::io::stdout().lock();
    writeln!(output, "listening http://{address}").and_then(|()| output.flush()).map_err(told)?;
    drop(output);
    host.serve(async {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
    .await;
    Ok(())
}

fn options() -> Result<Options, String> {
    let mut arguments = std::env::args().skip(1);
    let mut named = BTreeMap::new();
    let mut variables = spin_host::from_environment();
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value\n{USAGE}"))?;
        match name.as_str() {
            "--variable" => {
                let (name, value) = variable(&value)?;
                variables.insert(name, value);
            }
            "--manifest" | "--component" | "--listen" | "--state-dir" => {
                named.insert(name, value);
            }
            _ => return Err(format!("{name} is not an option\n{USAGE}")),
        }
    }
    let mut take =
        |name: &str| named.remove(name).ok_or_else(|| format!("{name} is missing\n{USAGE}"));
    let listen = take("--listen")?;
    Ok(Options {
        manifest: take("--manifest")?.into(),
        component: take("--component")?.into(),
        listen: listen.parse().map_err(|_| format!("--listen {listen}: write ADDRESS:PORT"))?,
        state_dir: take("--state-dir")?.into(),
        variables,
    })
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) =
        text.split_once('=').ok_or_else(|| format!("--variable {text}: write name=value"))?;
    let value = match value.strip_prefix('@') {
        Some(path) => std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?,
        None => value.to_owned(),
    };
    Ok((name.to_owned(), value))
}
