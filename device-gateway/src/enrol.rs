//! Enrols this machine by a code that staff were shown on the page Devices, and writes what it got
//! into its configuration.
//!
//! The file is readable for its owner alone. It must not know what the machine will do.

use std::{
    fs::OpenOptions,
    io::{Read as _, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use app::ports::{Http as _, Incoming, Method, Outgoing, Wanted};
use serde::Deserialize;
use serde_json::json;

use crate::{client::Client, limits, print_line};

/// What an enrolment answers.
#[derive(Deserialize)]
struct Enrolled {
    venue: String,
    device: String,
    device_key: String,
}

/// What a refusal says.
#[derive(Deserialize)]
struct Refused {
    error: Said,
}

#[derive(Deserialize)]
struct Said {
    code: String,
    message: String,
}

/// Redeems the code at the edge, and adds what it answers to the file.
pub(crate) fn run(edge: &str, code: &str, file: &Path) -> Result<(), String> {
    let url = edge.trim_end_matches('/');
    if !url.starts_with("https://") && !url.starts_with("http://127.0.0.1:") {
        return Err("--edge: use https://; plain http is for loopback only".to_owned());
    }
    // Before the code is used up: what it answers is told once.
    let mut file = writable(file)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let answer = runtime.block_on(redeem(url, code))?;
    let enrolled = read(&answer)?;
    let lines = toml::Table::from_iter([
        ("venue".to_owned(), enrolled.venue.clone().into()),
        ("edge_url".to_owned(), url.into()),
        ("device".to_owned(), enrolled.device.clone().into()),
        ("device_key".to_owned(), enrolled.device_key.into()),
    ]);
    let written = file.write_all(lines.to_string().as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| format!("the key could not be kept, and the code is used: {error}"))?;
    print_line(&format!("enrolled as {} of {}", enrolled.device, enrolled.venue));
    Ok(())
}

async fn redeem(url: &str, code: &str) -> Result<Incoming, String> {
    let outgoing = Outgoing {
        method: Method::Post,
        url: format!("{url}/api/enrol"),
        headers: vec![("content-type", "application/json".to_owned())],
        body: json!({"code": code}).to_string().into_bytes(),
        wanted: Wanted { headers: &[], body_bytes: limits::ENROL_BYTES, within_ms: 20_000 },
    };
    Client::new()?.send(outgoing).await.map_err(|fault| format!("{url}: {}", fault.detail))
}

fn read(answer: &Incoming) -> Result<Enrolled, String> {
    if answer.status == 201 {
        let enrolled = serde_json::from_slice(&answer.body);
        return enrolled.map_err(|_| "the answer is no enrolment".to_owned());
    }
    let refused: Result<Refused, _> = serde_json::from_slice(&answer.body);
    Err(match refused {
        Ok(refused) => format!("{}: {}", refused.error.code, refused.error.message),
        Err(_) => format!("the edge answered {}", answer.status),
    })
}

/// Opens the file to be added to, for its owner alone; one that says who it is stays as it is.
fn writable(path: &Path) -> Result<std::fs::File, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut options = OpenOptions::new();
    let mut file =
        options.read(true).append(true).create(true).mode(0o600).open(path).map_err(wrong)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(wrong)?;
    let table: toml::Table =
        text.parse().map_err(|error| format!("{}: this is not TOML: {error}", path.display()))?;
    for key in ["venue", "edge_url", "device", "device_key"] {
        if table.contains_key(key) {
            return Err(format!("{}: {key} is there already; remove it first", path.display()));
        }
    }
    let private = std::fs::Permissions::from_mode(0o600);
    file.set_permissions(private).map_err(wrong)?;
    if !text.is_empty() && !text.ends_with('\n') {
        file.write_all(b"\n").map_err(wrong)?;
    }
    Ok(file)
}
