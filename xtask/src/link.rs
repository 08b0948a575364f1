//! `cargo xtask link`: both ends of the talk by which a running `up` cuts or restores its line.
//!
//! The socket is in the data folder; a note in the target folder says which data folders are in
//! use, so that `link` finds the venue without being told. It must not know what the line carries.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, bail};
use lexopt::{Arg, Parser};

use crate::{
    proxy::{Line, Mode},
    up::options::default_data,
    workspace,
};

const SOCKET: &str = "up.sock";
const TALK_WITHIN: Duration = Duration::from_secs(5);
const WORD_BYTES: u64 = 64;
const SILENT: &str = "no `up` is running";

/// The end of `up` that takes orders; the socket is gone when this value is.
pub struct Control {
    socket: PathBuf,
    note: PathBuf,
}

impl Control {
    /// Listens in the data folder.
    ///
    /// # Errors
    /// Fails when the socket cannot be made.
    pub fn listen(data: &Path, line: Arc<Line>) -> Result<Self> {
        let socket = data.join(SOCKET);
        remove(&socket)?;
        let listener = UnixListener::bind(&socket).with_context(|| {
            format!("cannot listen on {} (a long path? give a shorter --data)", socket.display())
        })?;
        let note = notes().join(std::process::id().to_string());
        fs::create_dir_all(notes())
            .and_then(|()| fs::write(&note, data.as_os_str().as_encoded_bytes()))
            .context("cannot note that this `up` runs")?;
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Err(error) = obey(&stream, &line) {
                    eprintln!("link: {error:#}");
                }
            }
        });
        Ok(Self { socket, note })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        for path in [&self.socket, &self.note] {
            if let Err(error) = remove(path) {
                eprintln!("link: {error:#}");
            }
        }
    }
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn notes() -> PathBuf {
    workspace::scratch().join("running")
}

fn obey(mut stream: &UnixStream, line: &Line) -> Result<()> {
    stream.set_read_timeout(Some(TALK_WITHIN))?;
    stream.set_write_timeout(Some(TALK_WITHIN))?;
    let mut word = String::new();
    BufReader::new(stream.take(WORD_BYTES)).read_line(&mut word)?;
    if word.is_empty() {
        // Somebody only looked whether this `up` runs.
        return Ok(());
    }
    let Some(mode) = mode(word.trim()) else {
        // The caller may be gone, and then nobody misses the answer.
        let _gone = stream.write_all(b"not understood\n");
        bail!("`{}` is no order", word.trim());
    };
    line.set(mode);
    eprintln!("the line between gateway and edge {}", outcome(mode));
    stream.write_all(b"ok\n").context("nobody waits for the answer")
}

const fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Pass => "up",
        Mode::Reset => "down",
        Mode::BlackHole => "black-hole",
    }
}

const fn outcome(mode: Mode) -> &'static str {
    match mode {
        Mode::Pass => "is up",
        Mode::Reset => "is down: connections are reset",
        Mode::BlackHole => "is down: connections are accepted and swallowed",
    }
}

fn mode(text: &str) -> Option<Mode> {
    [Mode::Pass, Mode::Reset, Mode::BlackHole].into_iter().find(|mode| word(*mode) == text)
}

/// Runs `cargo xtask link`.
///
/// # Errors
/// Fails when the options are wrong or no `up` runs.
pub fn run(arguments: &[String]) -> Result<()> {
    let (mode, data) = parse(arguments)?;
    let socket = match data {
        Some(folder) => folder.join(SOCKET),
        None => find(&running())?.join(SOCKET),
    };
    tell(&socket, mode)?;
    println!("the line between gateway and edge {}", outcome(mode));
    Ok(())
}

fn parse(arguments: &[String]) -> Result<(Mode, Option<PathBuf>)> {
    let (mut wish, mut black_hole, mut data) = (None, false, None);
    let mut parser = Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Value(value) if wish.is_none() && (value == "down" || value == "up") => {
                wish = Some(value == "down");
            }
            Arg::Long("black-hole") => black_hole = true,
            Arg::Long("data") => data = Some(PathBuf::from(parser.value()?)),
            other => bail!(other.unexpected()),
        }
    }
    let mode = match (wish, black_hole) {
        (Some(true), false) => Mode::Reset,
        (Some(true), true) => Mode::BlackHole,
        (Some(false), false) => Mode::Pass,
        (Some(false), true) => bail!("--black-hole is a way to be down, not up"),
        (None, _) => bail!("say `link down` or `link up`"),
    };
    Ok((mode, data))
}

/// Returns the data folders whose `up` answers; notes of those that do not are removed.
fn running() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(notes()) else {
        return Vec::new();
    };
    let mut folders = Vec::new();
    for note in entries.flatten() {
        let Ok(folder) = fs::read_to_string(note.path()) else {
            continue;
        };
        if UnixStream::connect(Path::new(&folder).join(SOCKET)).is_ok() {
            folders.push(PathBuf::from(folder));
        } else {
            // Left by an `up` that was killed; two `link`s may find it at once.
            let _gone = fs::remove_file(note.path());
        }
    }
    folders.sort();
    folders
}

/// Chooses among the running ones: the default folder first, else the only one.
fn find(folders: &[PathBuf]) -> Result<PathBuf> {
    match folders {
        [] => bail!("{SILENT} from this checkout: start one with `cargo xtask up`"),
        [only] => Ok(only.clone()),
        several => {
            let usual = several.iter().find(|folder| **folder == default_data());
            usual.cloned().with_context(|| {
                let names: Vec<String> =
                    several.iter().map(|folder| folder.display().to_string()).collect();
                format!("several `up` run; choose by --data: {}", names.join(", "))
            })
        }
    }
}

fn tell(socket: &Path, mode: Mode) -> Result<()> {
    let mut stream = UnixStream::connect(socket)
        .map_err(|_| anyhow!("{SILENT} on {}", socket.parent().unwrap_or(socket).display()))?;
    stream.set_read_timeout(Some(TALK_WITHIN))?;
    stream.write_all(format!("{}\n", word(mode)).as_bytes())?;
    let mut answer = String::new();
    BufReader::new(&stream).read_line(&mut answer).context("`up` does not answer")?;
    if answer.trim() == "ok" { Ok(()) } else { Err(anyhow!("`up` answers: {}", answer.trim())) }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::*;

    fn line() -> Arc<Line> {
        Arc::new(Line::open(SocketAddr::from((Ipv4Addr::LOCALHOST, 9)), Mode::Pass).unwrap())
    }

    #[test]
    fn the_line_does_what_the_socket_is_told() {
        let place = tempfile::tempdir().unwrap();
        let line = line();
        let control = Control::listen(place.path(), Arc::clone(&line)).unwrap();
        let socket = place.path().join(SOCKET);
        for mode in [Mode::Reset, Mode::BlackHole, Mode::Pass] {
            tell(&socket, mode).unwrap();
            assert_eq!(line.mode(), mode);
        }
        drop(control);
        assert!(!socket.exists());
    }

    #[test]
    fn without_a_running_up_the_sentence_is_clear() {
        let place = tempfile::tempdir().unwrap();
        let error = tell(&place.path().join(SOCKET), Mode::Pass).unwrap_err().to_string();
        assert!(error.starts_with("no `up` is running on "), "{error}");
        let error = find(&[]).unwrap_err().to_string();
        assert!(error.starts_with("no `up` is running"), "{error}");
    }

    #[test]
    fn several_running_ones_are_told_apart_by_the_data_folder() {
        let (a, b) = (PathBuf::from("/a"), PathBuf::from("/b"));
        assert_eq!(find(std::slice::from_ref(&a)).unwrap(), a);
        assert!(find(&[a.clone(), b]).unwrap_err().to_string().contains("--data: /a, /b"));
        assert_eq!(find(&[default_data(), a]).unwrap(), default_data());
    }

    #[test]
    fn the_options_are_read() {
        let read = |text: &str| {
            let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            parse(&words)
        };
        assert_eq!(read("down").unwrap(), (Mode::Reset, None));
        assert_eq!(read("down --black-hole").unwrap(), (Mode::BlackHole, None));
        assert_eq!(read("up --data d").unwrap(), (Mode::Pass, Some(PathBuf::from("d"))));
        for wrong in ["", "sideways", "up --black-hole", "up down"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
