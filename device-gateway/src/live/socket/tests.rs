//! Listeners that say too much, nothing at all, or do not listen; time passes by itself here.

use app::ports::Live as _;
use stage::Hand;
use sync_engine::id::{Purpose, VenueId};
use tokio::io::{DuplexStream, duplex};

use super::*;

const SILENT: Duration = Duration::from_secs(150);

fn venue() -> VenueId {
    VenueId::parse("chakri").unwrap()
}

/// Seats a listener at the far end of a line that holds so many bytes.
async fn seated(line_bytes: usize) -> (Arc<Hub>, DuplexStream, tokio::task::JoinHandle<()>) {
    let hub = Arc::new(Hub::new(Arc::<Hand>::default(), None));
    let place = hub.sit(Seat { venue: venue(), device: None }).unwrap();
    let (near, far) = duplex(line_bytes);
    let config = config(limits::LISTENER_BYTES);
    let socket = WebSocketStream::from_raw_socket(near, Role::Server, Some(config)).await;
    (hub, far, tokio::spawn(converse(socket, place, SILENT)))
}

async fn client(far: DuplexStream) -> WebSocketStream<DuplexStream> {
    WebSocketStream::from_raw_socket(far, Role::Client, None).await
}

/// Reads to the end of the conversation; returns how the host said goodbye.
async fn goodbye(mut socket: WebSocketStream<DuplexStream>) -> Option<CloseCode> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return None,
        }
    }
}

fn has_left(hub: &Hub) -> bool {
    hub.house().rooms.is_empty()
}

#[tokio::test(start_paused = true)]
async fn whoever_is_silent_too_long_is_sent_away_and_a_ping_is_enough_to_stay() {
    let (hub, far, conversation) = seated(1_024).await;
    let mut socket = client(far).await;
    for _ in 0..3 {
        tokio::time::advance(SILENT - Duration::from_secs(1)).await;
        socket.send(Message::text(PING)).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::text(PONG));
    }
    let since = Instant::now();
    assert_eq!(goodbye(socket).await, Some(CloseCode::Policy));
    assert!((SILENT..SILENT * 2).contains(&since.elapsed()));
    conversation.await.unwrap();
    assert!(has_left(&hub));
}

#[tokio::test(start_paused = true)]
async fn whoever_reads_nothing_is_dropped_and_nobody_waits_for_it() {
    let (hub, far, conversation) = seated(16).await;
    for _ in 0..1_000 {
        hub.changed(&venue(), &Purpose::parse("orders").unwrap());
    }
    let since = Instant::now();
    conversation.await.unwrap();
    assert!(has_left(&hub) && since.elapsed() >= limits::NUDGE && since.elapsed() < SILENT);
    drop(far);
}

#[tokio::test(start_paused = true)]
async fn whoever_says_more_than_fits_is_cut_off() {
    let (hub, far, conversation) = seated(64 * 1_024).await;
    let mut socket = client(far).await;
    socket.send(Message::text("x".repeat(limits::LISTENER_BYTES + 1))).await.unwrap();
    assert_eq!(goodbye(socket).await, None);
    conversation.await.unwrap();
    assert!(has_left(&hub));
}

#[tokio::test(start_paused = true)]
async fn a_host_that_stops_says_goodbye() {
    let (hub, far, conversation) = seated(1_024).await;
    let socket = client(far).await;
    hub.close();
    assert_eq!(goodbye(socket).await, Some(CloseCode::Away));
    conversation.await.unwrap();
}
