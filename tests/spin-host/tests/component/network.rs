//! Outgoing requests: a listed host is reached, any other never hears of it.

use http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::running::Running;

#[tokio::test]
async fn an_outgoing_request_reaches_a_listed_host_and_no_other() {
    let listed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let unlisted = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let allowed = format!("http://{}", listed.local_addr().unwrap());
    let forbidden = format!("http://{}", unlisted.local_addr().unwrap());
    let keys = format!("allowed_outbound_hosts = [\"{allowed}\"]");
    let host = Running::start_with(&keys, |_, _| {});

    let path = format!("/fetch?url={allowed}/hello");
    let (request, answer) = tokio::join!(answer_once(&listed), host.get(&path));
    assert!(request.starts_with("GET /hello HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("host: {}", listed.local_addr().unwrap())), "{request}");
    assert_eq!(answer, (StatusCode::OK, "200 OK hi".to_owned()));

    // The same host under another name or port is another host.
    let elsewhere = allowed.replace("127.0.0.1", "localhost");
    for url in [forbidden, elsewhere, "https://127.0.0.1/".to_owned()] {
        let path = format!("/fetch?url={url}");
        tokio::select! {
            _ = unlisted.accept() => panic!("{url} was reached"),
            (status, text) = host.get(&path) => {
                assert_eq!(status, StatusCode::BAD_REQUEST);
                assert!(text.contains("HttpRequestDenied"), "{text}");
            }
        }
    }
}

/// Answers one request and tells what it was.
async fn answer_once(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "the request broke off");
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await.unwrap();
    String::from_utf8(request).unwrap()
}
