//! Enrols this machine by a code that staff were shown on the page Devices, and writes what it got
//! into its configuration; doing it again renews its key.
//!
//! The file is readable for its owner alone, and whole at any time. It must not know what the
//! machine will do.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use app::{
    ports::{Http as _, Incoming, Method, Outgoing, Wanted},
    standby,
};
use serde::Deserialize;
use serde_json::json;

use crate::{client::Client, limits, print_line};

/// What an enrolment answers.
#[derive(Deserialize)]
struct Enrolled {
    venue: String,
    device: String,
    device_key: String,
    shared_key: String,
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

/// The keys of the file that an enrolment gives.
const GIVEN: [&str; 6] = ["venue", "edge_url", "primary_url", "device", "device_key", "shared_key"];

/// Redeems the code at the edge, or a standby's at its gateway, and writes what it answers into the
/// file.
pub(crate) fn run(edge: &str, code: &str, file: &Path) -> Result<(), String> {
    let url = edge.trim_end_matches('/');
    if !url.starts_with("https://") && !url.starts_with("http://127.0.0.1:") {
        return Err("--edge: use https://; plain http is for loopback only".to_owned());
    }
    // Before the code is used up: what it answers is told once.
    let draft = Draft::open(file, url)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let enrolled = runtime.block_on(redeem(url, code)).and_then(|answer| read(&answer));
    let written = enrolled.and_then(|enrolled| draft.write(&enrolled, url).map(|()| enrolled));
    match written {
        Ok(Enrolled { venue, device, .. }) => {
            print_line(&format!("enrolled as {device} of {venue}; restart it if it runs"));
            Ok(())
        }
        Err(problem) => {
            draft.drop();
            Err(problem)
        }
    }
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

/// The file as it will be: what it said, without what the enrolment gives.
struct Draft {
    path: PathBuf,
    beside: PathBuf,
    new: File,
    kept: String,
    venue: Option<String>,
}

impl Draft {
    /// Reads the file, and opens one beside it that takes its place; a machine that is enrolled
    /// already stays with whom it asks.
    fn open(path: &Path, url: &str) -> Result<Self, String> {
        let said = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(said(&error)),
        };
        let parsed = |text: &str| text.parse::<toml::Table>();
        let mut table =
            parsed(&text).map_err(|error| said(&format!("this is not TOML: {error}")))?;
        let asked = table.get("edge_url").or_else(|| table.get("primary_url"));
        if asked.is_some_and(|asked| asked.as_str() != Some(url)) {
            return Err(said(&"it is enrolled elsewhere; remove edge_url or primary_url first"));
        }
        let venue = table.get("venue").and_then(|venue| venue.as_str()).map(str::to_owned);
        let kept: String = text
            .lines()
            .filter(|line| !is_given(line))
            .fold(String::new(), |kept, line| kept + line + "\n");
        table.retain(|key, _| !GIVEN.contains(&key));
        if parsed(&kept).ok() != Some(table) {
            return Err(said(&"write venue and keys on one line each"));
        }
        let beside = path.with_extension("new");
        let mut options = OpenOptions::new();
        let opened = options.write(true).create_new(true).mode(0o600).open(&beside);
        let new = opened.map_err(|error| format!("{}: {error}", beside.display()))?;
        Ok(Self { path: path.to_owned(), beside, new, kept, venue })
    }

    fn write(&self, enrolled: &Enrolled, url: &str) -> Result<(), String> {
        if self.venue.as_ref().is_some_and(|venue| *venue != enrolled.venue) {
            let (path, venue) = (self.path.display(), &enrolled.venue);
            return Err(format!("{path}: the code is one of {venue}; the file stays as it was"));
        }
        let is_standby = enrolled.device == standby::DEVICE;
        let (asks, device) = match is_standby {
            true => ("primary_url", None),
            false => ("edge_url", Some(("device", enrolled.device.as_str()))),
        };
        let given = [
            ("venue", enrolled.venue.as_str()),
            (asks, url),
            ("device_key", &enrolled.device_key),
            ("shared_key", &enrolled.shared_key),
        ];
        let lines = given.into_iter().chain(device);
        let lines = lines.map(|(key, value)| (key.to_owned(), value.into()));
        let text = format!("{}{}", self.kept, toml::Table::from_iter(lines));
        let mut new = &self.new;
        let written = new.write_all(text.as_bytes()).and_then(|()| new.sync_all());
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let written = written
            .and_then(|()| std::fs::rename(&self.beside, &self.path))
            .and_then(|()| File::open(folder.unwrap_or(Path::new(".")))?.sync_all());
        written.map_err(|error| format!("the key could not be kept, and the code is used: {error}"))
    }

    /// Takes away what was not written whole.
    fn drop(&self) {
        if let Err(error) = std::fs::remove_file(&self.beside)
            && error.kind() != ErrorKind::NotFound
        {
            print_line(&format!("{} stays: {error}", self.beside.display()));
        }
    }
}

fn is_given(line: &str) -> bool {
    line.split_once('=').is_some_and(|(key, _)| GIVEN.contains(&key.trim()))
}
