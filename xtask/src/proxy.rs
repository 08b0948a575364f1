//! The line between gateway and edge: a TCP proxy that can be cut in two ways.
//!
//! Neither side knows of it, and it knows nothing of what they say.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};

const BUFFER_BYTES: usize = 16 * 1024;
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// More connections than this at once are refused: a gateway needs a handful.
const CONNECTIONS_MAX: usize = 256;

/// What the line does with what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything passes, both ways.
    Pass,
    /// New connections are reset at once.
    Reset,
    /// New connections are accepted, and what they send is swallowed without an answer.
    BlackHole,
}

/// A line that listens on loopback and leads to one address.
pub struct Line {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    mode: Mode,
    /// Counts changes of mode: a connection made before the last one is void.
    epoch: u64,
    next_id: u64,
    open: Vec<(u64, TcpStream)>,
}

impl Line {
    /// Opens a line to `far`, on a port that the system chooses.
    ///
    /// # Errors
    /// Fails when no port can be opened on loopback.
    pub fn open(far: SocketAddr, mode: Mode) -> Result<Self> {
        let listener =
            TcpListener::bind(("127.0.0.1", 0)).context("cannot open a port for the line")?;
        let address = listener.local_addr().context("the line has no address")?;
        let state = Arc::new(Mutex::new(State { mode, epoch: 0, next_id: 0, open: Vec::new() }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || carry(&near, far, &state));
            }
        });
        Ok(Self { address, state })
    }

    /// Returns where the line listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns what the line does now.
    #[must_use]
    pub fn mode(&self) -> Mode {
        lock(&self.state).mode
    }

    /// Changes what the line does and cuts every connection that exists.
    pub fn set(&self, mode: Mode) {
        let mut state = lock(&self.state);
        state.mode = mode;
        state.epoch += 1;
        for (_, stream) in state.open.drain(..) {
            reset(&stream);
            // An error means that the connection is gone already.
            let _gone = stream.shutdown(Shutdown::Both);
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the end of a connection an abrupt one: a reset instead of a farewell.
fn reset(stream: &TcpStream) {
    // An error means that the connection is gone already.
    let _gone = rustix::net::sockopt::set_socket_linger(stream, Some(Duration::ZERO));
}

/// Carries one connection to its end.
fn carry(near: &TcpStream, far: SocketAddr, state: &Mutex<State>) {
    let (mode, epoch) = {
        let state = lock(state);
        (state.mode, state.epoch)
    };
    match mode {
        Mode::Reset => reset(near),
        Mode::BlackHole => {
            if let Some(id) = register(state, epoch, &[near]) {
                swallow(near);
                forget(state, id);
            }
        }
        Mode::Pass => {
            // Nobody answers behind the line: to the near side that is a reset as well.
            let Ok(far) = TcpStream::connect_timeout(&far, CONNECT_WITHIN) else {
                return reset(near);
            };
            match register(state, epoch, &[near, &far]) {
                Some(id) => {
                    pass(near, &far);
                    forget(state, id);
                }
                None => reset(near),
            }
        }
    }
}

/// Notes the streams of a connection, so that they can be cut; none when it came too late.
fn register(state: &Mutex<State>, epoch: u64, streams: &[&TcpStream]) -> Option<u64> {
    let clones: Vec<TcpStream> =
        streams.iter().map(|stream| stream.try_clone()).collect::<Result<_, _>>().ok()?;
    let mut state = lock(state);
    if state.epoch != epoch || state.open.len() >= CONNECTIONS_MAX {
        return None;
    }
    state.next_id += 1;
    let id = state.next_id;
    state.open.extend(clones.into_iter().map(|stream| (id, stream)));
    Some(id)
}

fn forget(state: &Mutex<State>, id: u64) {
    lock(state).open.retain(|(other, _)| *other != id);
}

fn pass(near: &TcpStream, far: &TcpStream) {
    thread::scope(|scope| {
        scope.spawn(|| copy(near, far));
        copy(far, near);
    });
}

/// Copies one direction; its end is passed on, so that half-closed connections work.
fn copy(mut from: &TcpStream, mut to: &TcpStream) {
    let mut buffer = vec![0; BUFFER_BYTES];
    while let Ok(count) = from.read(&mut buffer) {
        let read = buffer.get(..count).unwrap_or_default();
        if read.is_empty() || to.write_all(read).is_err() {
            break;
        }
    }
    let _gone = to.shutdown(Shutdown::Write);
}

fn swallow(mut near: &TcpStream) {
    let mut buffer = vec![0; BUFFER_BYTES];
    while near.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// Starts a server that sends back what it gets.
    fn echo() -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || copy(&stream, &stream));
            }
        });
        address
    }

    fn connect(line: &Line) -> TcpStream {
        let stream = TcpStream::connect(line.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn ask(mut stream: &TcpStream) -> std::io::Result<String> {
        let mut answer = [0; 5];
        stream.write_all(b"hello")?;
        stream.read_exact(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    #[test]
    fn an_open_line_passes_both_ways() {
        let line = Line::open(echo(), Mode::Pass).unwrap();
        assert_eq!(ask(&connect(&line)).unwrap(), "hello");
    }

    #[test]
    fn a_cut_line_resets_what_exists_and_what_comes() {
        let line = Line::open(echo(), Mode::Pass).unwrap();
        let before = connect(&line);
        assert_eq!(ask(&before).unwrap(), "hello");
        line.set(Mode::Reset);
        assert!(ask(&before).is_err(), "an existing connection survived the cut");
        let error = ask(&connect(&line)).unwrap_err();
        let abrupt = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe, ErrorKind::UnexpectedEof];
        assert!(abrupt.contains(&error.kind()), "{error}");
    }

    #[test]
    fn a_black_hole_accepts_and_never_answers() {
        let line = Line::open(echo(), Mode::BlackHole).unwrap();
        let stream = connect(&line);
        stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let error = ask(&stream).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    }

    #[test]
    fn a_restored_line_passes_again_and_lets_go_of_the_swallowed() {
        let line = Line::open(echo(), Mode::BlackHole).unwrap();
        let swallowed = connect(&line);
        line.set(Mode::Pass);
        assert_eq!(line.mode(), Mode::Pass);
        assert_eq!(ask(&connect(&line)).unwrap(), "hello");
        // The old connection either was cut or had not been accepted yet and passes now.
        let answer = ask(&swallowed);
        assert!(!matches!(&answer, Err(e) if e.kind() == ErrorKind::WouldBlock), "{answer:?}");
    }

    #[test]
    fn nobody_behind_the_line_is_a_reset() {
        let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let line = Line::open(closed, Mode::Pass).unwrap();
        assert!(ask(&connect(&line)).is_err());
    }
}
