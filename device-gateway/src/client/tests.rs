//! Tests of the client against servers on loopback.

use app::ports::Wanted;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

/// Answers every connection with these bytes; returns where.
async fn server(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 1_024];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            // Whoever wants more than this waits in vain.
            tokio::spawn(async move { while matches!(stream.read(&mut head).await, Ok(1..)) {} });
        }
    });
    address
}

fn get(url: String) -> Outgoing {
    let wanted = Wanted { headers: &["location"], body_bytes: 100, within_ms: 5_000 };
    Outgoing { method: Method::Get, url, headers: Vec::new(), body: Vec::new(), wanted }
}

#[tokio::test]
async fn a_name_that_stands_for_this_machine_is_not_connected_to() {
    let port = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").await.port();
    let url = format!("http://localhost:{port}/");
    let near = Client::guarded(Reach::WithLoopback).unwrap();
    assert_eq!(near.send(get(url.clone())).await.unwrap().body, b"hi");
    // The list of origins is not asked here: this is what is left when a name changes its mind.
    let public = Client::guarded(Reach::Public).unwrap();
    let fault = public.send(get(url)).await.unwrap_err();
    assert!(fault.detail.contains("no public address"), "{fault}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_a_way() {
    let answer = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let address = server(answer).await;
    let client = Client::guarded(Reach::WithLoopback).unwrap();
    let answer = client.send(get(format!("http://{address}/"))).await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (302, "http://127.0.0.1:1/"));
}

#[tokio::test]
async fn an_answer_is_read_within_its_limits_of_length_and_time() {
    let client = Client::guarded(Reach::WithLoopback).unwrap();
    let long = server(concat!(
        "HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n",
        "01234567890123456789012345678901234567890123456789",
        "01234567890123456789012345678901234567890123456789!"
    ));
    let fault = client.send(get(format!("http://{}/", long.await))).await.unwrap_err();
    assert!(!fault.retryable, "{fault}");
    let slow = server("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n01").await;
    let mut request = get(format!("http://{slow}/"));
    request.wanted.within_ms = 50;
    assert!(client.send(request).await.unwrap_err().retryable);
}
