//! Tests of the listener with clients that dawdle.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream as Client},
    sync::mpsc,
    thread::{self, JoinHandle},
};

use axum::{body::Bytes, http::Uri};
use tokio::sync::oneshot;

use super::*;

/// Far beyond every bound of a test: who waits as long has found the defect.
const WITHIN: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);
const WELL: &str = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi";

/// Bounds that no test meets unless it shortens one.
const AMPLE: Bounds = Bounds {
    connections: 4,
    handshake: WITHIN,
    head: WITHIN,
    request: WITHIN,
    connection: WITHIN,
    last_answer: WITHIN,
    shutdown: WITHIN,
};

struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start(bounds: Bounds) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let (told, address) = mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                told.send(listener.local_addr().unwrap()).unwrap();
                let router = Router::new().fallback(|uri: Uri, body: Bytes| async move {
                    if uri.path() == "/large" { Bytes::from(vec![b'x'; 64_000_000]) } else { body }
                });
                let doors = Doors { plain: listener, secure: None };
                serve(doors, router, bounds, async { drop(stopped.await) }).await;
            });
        });
        let address = address.recv().unwrap();
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    fn send(&self, text: &str) -> Client {
        let mut client = Client::connect(self.address).unwrap();
        client.set_read_timeout(Some(WITHIN / 2)).unwrap();
        client.write_all(text.as_bytes()).unwrap();
        client
    }

    fn end(mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

fn rest(mut client: Client) -> String {
    let mut text = String::new();
    client.read_to_string(&mut text).expect("the connection is closed in time");
    text
}

#[test]
fn half_requests_free_their_places_again() {
    let server = Running::start(Bounds { head: SHORT, ..AMPLE });
    let dawdlers: Vec<Client> =
        (0..AMPLE.connections).map(|_| server.send("POST / HTTP/1.1\r\nhost:")).collect();
    assert!(rest(server.send(WELL)).ends_with("\r\n\r\nhi"));
    drop(dawdlers);
    server.end();
}

#[test]
fn more_connections_than_places_wait_for_their_turn() {
    let server = Running::start(Bounds { connections: 1, ..AMPLE });
    let first = server.send("POST / HTTP/1.1\r\nhost:");
    let mut second = server.send(WELL);
    second.set_read_timeout(Some(SHORT)).unwrap();
    assert!(second.read(&mut [0]).is_err(), "there is one place, and it is taken");
    drop(first);
    second.set_read_timeout(Some(WITHIN)).unwrap();
    assert!(rest(second).ends_with("hi"));
    server.end();
}

#[test]
fn a_body_that_never_ends_is_answered_and_its_connection_closed() {
    let server = Running::start(Bounds { request: SHORT, ..AMPLE });
    let said = rest(server.send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhal"));
    assert!(said.starts_with("HTTP/1.1 503"), "{said}");
    server.end();
}

#[test]
fn an_answer_that_nobody_reads_does_not_hold_its_place() {
    let short = Bounds { connection: SHORT, last_answer: SHORT, connections: 1, ..AMPLE };
    let server = Running::start(short);
    let deaf = server.send("GET /large HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(rest(server.send(WELL)).ends_with("hi"));
    drop(deaf);
    server.end();
}

#[test]
fn an_open_connection_does_not_keep_the_host_from_ending() {
    let server = Running::start(Bounds { shutdown: SHORT, ..AMPLE });
    let head = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n";
    let mut client = server.send(head);
    // It is told to go on once somebody waits for the body.
    client.read_exact(&mut [0; 12]).unwrap();
    let began = std::time::Instant::now();
    server.end();
    assert!(began.elapsed() < WITHIN / 2);
    drop(client);
}
