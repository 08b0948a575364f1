//! Who is told what, how many may listen, and that nobody is waited for.

use std::task::{Context, Poll, Waker};

use serde_json::Value as Json;
use stage::{Hand, START_MS};

use super::*;

fn hub() -> Arc<Hub> {
    Arc::new(Hub::new(Arc::<Hand>::default(), None))
}

fn venue(name: &str) -> VenueId {
    VenueId::parse(name).unwrap()
}

fn purpose(name: &str) -> Purpose {
    Purpose::parse(name).unwrap()
}

fn browser(name: &str) -> Seat {
    Seat { venue: venue(name), device: None }
}

fn device(name: &str) -> Seat {
    Seat { device: Some(name.to_owned()), ..browser("chakri") }
}

/// What the listener is told now, without waiting: topics with their counts.
fn heard(place: &mut Place) -> Option<Json> {
    let mut news = Box::pin(place.news());
    match news.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(text) => Some(serde_json::from_str(&text.unwrap()).unwrap()),
        Poll::Pending => None,
    }
}

fn topics(place: &mut Place) -> Vec<String> {
    let told = heard(place);
    let topics = told.as_ref().and_then(|told| told["topics"].as_object());
    topics.map(|topics| topics.keys().cloned().collect()).unwrap_or_default()
}

#[test]
fn a_listener_hears_of_its_own_venue_from_now_on() {
    let hub = hub();
    hub.changed(&venue("chakri"), &purpose("orders"));
    let mut place = hub.sit(browser("chakri")).unwrap();
    let mut other = hub.sit(browser("vide")).unwrap();
    assert_eq!(topics(&mut place), Vec::<String>::new());
    hub.changed(&venue("chakri"), &purpose("orders"));
    assert_eq!(topics(&mut place), ["orders"]);
    assert_eq!(topics(&mut place), Vec::<String>::new());
    hub.changed(&venue("chakri"), &purpose("orders"));
    assert_eq!(topics(&mut place), ["orders"]);
    assert_eq!(topics(&mut other), Vec::<String>::new());
}

#[test]
fn whoever_reads_slowly_hears_the_newest_of_each_topic_once() {
    let hub = hub();
    let mut place = hub.sit(browser("chakri")).unwrap();
    for _ in 0..1_000 {
        hub.changed(&venue("chakri"), &purpose("orders"));
    }
    hub.changed(&venue("chakri"), &purpose("catalogue"));
    let told = heard(&mut place).unwrap();
    let (orders, catalogue) = (&told["topics"]["orders"], &told["topics"]["catalogue"]);
    // The clock stands still, and each change has a count of its own all the same.
    assert_eq!(orders.as_u64().unwrap(), START_MS + 999);
    assert_eq!(catalogue.as_u64().unwrap(), START_MS + 1_000);
    assert_eq!(heard(&mut place), None);
}

#[test]
fn a_device_is_not_told_what_it_brought_and_still_hears_the_others() {
    let hub = hub();
    let mut gateway = hub.sit(device("gateway")).unwrap();
    let mut standby = hub.sit(device("standby")).unwrap();
    let mut screen = hub.sit(browser("chakri")).unwrap();
    hub.arrived(&venue("chakri"), &purpose("orders"), Some("gateway"));
    assert_eq!(heard(&mut gateway), None);
    assert_eq!(topics(&mut standby), ["orders"]);
    assert_eq!(topics(&mut screen), ["orders"]);
    // Another's change is heard although the device itself brings one right after.
    hub.changed(&venue("chakri"), &purpose("orders"));
    hub.arrived(&venue("chakri"), &purpose("orders"), Some("gateway"));
    assert_eq!(topics(&mut gateway), ["orders"]);
}

#[test]
fn places_are_few_and_free_again_when_a_listener_leaves() {
    let hub = hub();
    let mut devices: Vec<Place> =
        (0..LISTENING_DEVICES).map(|n| hub.sit(device(&format!("d{n}"))).unwrap()).collect();
    assert!(hub.sit(device("one-too-many")).is_none());
    let browsers: Vec<Place> =
        (0..LISTENING_BROWSERS).map(|_| hub.sit(browser("chakri")).unwrap()).collect();
    assert!(hub.sit(browser("chakri")).is_none());
    assert!(hub.sit(browser("vide")).is_some(), "another venue has its own places");
    devices.pop();
    assert!(hub.sit(device("again")).is_some());
    drop((devices, browsers));
    assert!(hub.house().rooms.is_empty(), "a venue without listeners costs nothing");
}

#[test]
fn a_host_that_stops_sends_its_listeners_away() {
    let hub = hub();
    let mut place = hub.sit(browser("chakri")).unwrap();
    hub.close();
    let mut news = Box::pin(place.news());
    let ended = news.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(ended, Poll::Ready(None));
    assert!(hub.sit(browser("chakri")).is_none());
}

#[test]
fn what_is_written_here_rings_for_the_uplink_and_what_came_from_there_does_not() {
    let bell = Arc::new(Bell::new("edge"));
    let hub = Hub::new(Arc::<Hand>::default(), Some(Arc::clone(&bell)));
    let rings = || {
        let mut rung = Box::pin(bell.rung());
        rung.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
    };
    hub.arrived(&venue("chakri"), &purpose("orders"), None);
    assert!(!rings());
    hub.changed(&venue("chakri"), &purpose("orders"));
    assert!(rings());
}
