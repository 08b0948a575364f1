//! What rings, what does not, and when the ear gives a socket up; time passes by itself here.

use std::task::{Context, Waker};

use app::ports::Fault;
use tokio::io::{DuplexStream, duplex};

use super::*;

struct NoLots;

impl Entropy for NoLots {
    fn fill(&self, _bytes: &mut [u8]) -> Result<(), Fault> {
        Ok(())
    }
}

const EVERY: Duration = Duration::from_secs(10);

struct Edge {
    socket: WebSocketStream<DuplexStream>,
    bell: Arc<Bell>,
    ear: JoinHandle<()>,
}

impl Edge {
    async fn open() -> Self {
        let (near, far) = duplex(4_096);
        let bell = Arc::new(Bell::new("edge"));
        let config = live::config(limits::NUDGE_BYTES);
        let mut near = WebSocketStream::from_raw_socket(near, Role::Client, Some(config)).await;
        let heard = Arc::clone(&bell);
        let ear = tokio::spawn(async move { hear(&mut near, &heard, EVERY).await });
        let socket = WebSocketStream::from_raw_socket(far, Role::Server, None).await;
        Self { socket, bell, ear }
    }

    async fn pinged(&mut self) {
        assert_eq!(self.socket.next().await.unwrap().unwrap(), Message::text(PING));
    }

    async fn says(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    fn rang(&self) -> bool {
        let mut rung = Box::pin(self.bell.rung());
        rung.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }
}

#[tokio::test(start_paused = true)]
async fn a_nudge_rings_and_an_answered_ping_does_not() {
    let mut edge = Edge::open().await;
    for _ in 0..3 {
        edge.pinged().await;
        edge.says(PONG).await;
    }
    edge.pinged().await;
    assert!(!edge.rang());
    edge.says(r#"{"topics":{"orders":1}}"#).await;
    edge.bell.rung().await;
    assert!(!edge.ear.is_finished());
}

#[tokio::test(start_paused = true)]
async fn an_edge_that_answers_no_ping_is_given_up() {
    let mut edge = Edge::open().await;
    let since = Instant::now();
    edge.pinged().await;
    edge.ear.await.unwrap();
    assert_eq!(since.elapsed(), EVERY * 2);
}

#[tokio::test(start_paused = true)]
async fn an_edge_that_hangs_up_or_says_too_much_is_given_up_at_once() {
    for text in ["", &"x".repeat(limits::NUDGE_BYTES + 1)] {
        let mut edge = Edge::open().await;
        let since = Instant::now();
        match text {
            "" => edge.socket.close(None).await.unwrap(),
            long => edge.says(long).await,
        }
        edge.ear.await.unwrap();
        assert!(since.elapsed() < EVERY);
    }
}

#[tokio::test]
async fn an_edge_without_sockets_is_asked_rarely_and_a_lost_one_soon() {
    let bell = Arc::new(Bell::new("edge"));
    let mut ear = Ear::new(Client::new().unwrap(), bell, Arc::new(NoLots));
    let mut pause = |end| ear.pause(&end).as_millis();
    assert_eq!(pause(End::NotOffered), 600_000);
    let failures: Vec<u128> = (0..20).map(|_| pause(End::NotReached)).collect();
    assert_eq!(failures.first_chunk(), Some(&[500, 750, 1_125]));
    assert_eq!(failures.last(), Some(&60_000));
    assert_eq!((pause(End::Lost), pause(End::NotReached)), (0, 500));
}
