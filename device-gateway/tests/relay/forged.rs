//! What an enrolled device may say although no program of ours does.

use app::{
    device,
    ports::{Http as _, Method, Outgoing, Wanted},
};
use serde_json::{Value as Json, json};
use sync_engine::seal::Seal;

use crate::world::{Node, Site, uplink, venue};

const NOTED_SQL: &str = "SELECT count(*) AS n FROM peer_vector WHERE peer = 'gateway'";

/// Sends a message to a node as the device would; returns the status and the answer.
async fn say(to: &Node, from: &Node, number: u32, streams: Json) -> (u16, Json) {
    let message = json!({
        "protocol": 1, "venue": venue(), "replica": "gateway", "generation": "forged",
        "streams": streams,
    });
    let body = message.to_string().into_bytes();
    let (at_ms, nonce) = (to.app.clock.now_ms(), format!("{number:032}"));
    let device = format!("{}/gateway", venue());
    let seal = Seal {
        device: &device,
        method: "POST",
        path: "/api/exchange",
        at_ms,
        nonce: &nonce,
        body: &body,
    };
    let signature = seal.sign(&to.app.host.device_key(&venue(), "gateway", 1));
    let outgoing = Outgoing {
        method: Method::Post,
        url: "http://other-side/api/exchange".to_owned(),
        headers: vec![
            ("content-type", "application/json".to_owned()),
            (device::VENUE, venue().to_string()),
            (device::DEVICE, "gateway".to_owned()),
            (device::AT, at_ms.to_string()),
            (device::NONCE, nonce),
            (device::SIGNATURE, signature),
        ],
        body,
        wanted: Wanted { headers: &[], body_bytes: usize::MAX, within_ms: 0 },
    };
    let (_, line) = uplink(from, to, "gateway");
    let answer = line.send(outgoing).await.unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

fn sold_out(seq: u64) -> Json {
    json!({
        "replica": "gateway", "generation": "forged", "seq": seq,
        "claimed": "019b76daa8000001", "effective": "019b76daa8000001",
        "table": "product", "entity": "cola", "register": "availability",
        "payload": {"available": 0},
    })
}

#[tokio::test]
async fn streams_that_nobody_here_knows_are_not_noted_and_cost_nothing() {
    let site = Site::start().await;
    let mut streams = json!({"catalogue": {"have": {}, "changes": [sold_out(1), sold_out(2)]}});
    for number in 0..1_000 {
        streams[format!("stream-{number}")] = json!({"have": {"a/b": 1}, "settled": {"a/b": 1}});
    }
    for number in 1..3 {
        for known in ["have", "settled"] {
            streams["catalogue"][known] = json!({"gateway/forged": 2});
        }
        let (status, answer) = say(&site.edge, &site.gateway, number, streams.clone()).await;
        assert_eq!(status, 200, "{answer}");
    }
    assert_eq!(site.edge.count(NOTED_SQL).await, 1);
}

#[tokio::test]
async fn a_snapshot_that_promises_more_than_its_sender_holds_is_refused() {
    let site = Site::start().await;
    let own = site.edge.here().await.writer;
    let most = 9_007_199_254_740_991_u64;
    for (number, name) in [(1, own.to_string()), (2, "another/a".to_owned())] {
        let page = json!({"upto": {"have": {name: most}}});
        let streams = json!({"catalogue": {"have": {}, "page": page}});
        let (status, answer) = say(&site.edge, &site.gateway, number, streams).await;
        assert_eq!((status, &answer["error"]["code"]), (422, &json!("invalid_field")));
    }
    site.edge.write(domain::catalogue::availability("cola", false)).await;
    let seqs = site.edge.rows("SELECT max(seq) AS seq FROM stream_writer", Vec::new()).await;
    assert!(seqs[0]["seq"].as_u64() < Some(1_000), "{seqs:?}");
}

#[tokio::test]
async fn a_table_that_only_a_newer_gateway_knows_is_not_compared() {
    let site = Site::start().await;
    let audit = json!({"table": "hologram", "after": "", "digest": ""});
    let streams = json!({"catalogue": {"have": {}, "audit": audit}});
    let (status, answer) = say(&site.edge, &site.gateway, 1, streams).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["streams"]["catalogue"].get("audit"), None);
}

#[tokio::test]
async fn the_log_of_many_writers_is_forgotten_bit_by_bit() {
    let site = Site::start().await;
    let mut have = json!({});
    for (number, lives) in (1..).zip((0..900).collect::<Vec<_>>().chunks(300)) {
        let of_life = |life: &i32, seq| {
            let mut change = sold_out(seq);
            change["generation"] = json!(format!("g{life}"));
            change
        };
        let both = |life| [of_life(life, 1), of_life(life, 2)];
        let changes: Vec<Json> = lives.iter().flat_map(both).collect();
        lives.iter().for_each(|life| have[format!("gateway/g{life}")] = json!(2));
        let streams = json!({"catalogue": {"have": {}, "changes": changes}});
        assert_eq!(say(&site.edge, &site.gateway, number, streams).await.0, 200);
    }
    // The last change that all have stays.
    let first = "SELECT count(*) AS n FROM change_log c JOIN stream_writer v ON v.id = c.writer \
         WHERE v.replica = 'gateway' AND c.seq = 1";
    let mut before = site.edge.count(first).await;
    assert_eq!(before, 900);
    for number in 10..40 {
        let streams = json!({"catalogue": {"have": have, "settled": have, "changes": []}});
        let (status, answer) = say(&site.edge, &site.gateway, number, streams).await;
        assert_eq!(status, 200, "{answer}");
        let now = site.edge.count(first).await;
        assert!(now < before, "it goes on: {now}");
        before = now;
        if now == 0 {
            break;
        }
    }
    assert_eq!(before, 0, "nothing is left");
}

#[tokio::test]
async fn a_snapshot_of_many_writers_is_taken_in() {
    let site = Site::start().await;
    let mut have = json!({});
    (0..900).for_each(|life| have[format!("gateway/g{life}")] = json!(2));
    let streams = json!({"catalogue": {"have": have, "page": {"upto": {"have": have}}}});
    let (status, answer) = say(&site.edge, &site.gateway, 1, streams).await;
    assert_eq!(status, 200, "{answer}");
    let held = &answer["streams"]["catalogue"]["have"];
    assert_eq!((&held["gateway/g0"], &held["gateway/g899"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn what_a_home_does_not_believe_nobody_behind_it_believes() {
    let mut site = Site::start().await;
    let forged = json!({
        "replica": "gateway", "generation": "forged", "seq": 1,
        "claimed": "019b76daa8000001", "effective": "019b76daa8000001",
        "table": "person", "entity": "0".repeat(32), "register": "access",
        "payload": {"roles": ["owner"], "active": 1, "access_ms": 9, "access_mark": "00"},
    });
    let streams = json!({"people": {"have": {}, "changes": [forged]}});
    let (status, answer) = say(&site.edge, &site.gateway, 1, streams).await;
    assert_eq!(status, 200, "{answer}");
    site.agree().await;
    let owners = "SELECT count(*) AS n FROM person WHERE roles LIKE '%owner%'";
    let aside = "SELECT count(*) AS n FROM set_aside";
    for node in [&site.edge, &site.gateway, &site.standby] {
        let name = node.here().await.writer.replica;
        assert_eq!((node.count(owners).await, node.count(aside).await), (0, 1), "{name}");
        // Nor after somebody has it tried again.
        let host = &node.app.host;
        app::replication::aside::retry(host, &node.db(), &venue()).await.unwrap();
        assert_eq!((node.count(owners).await, node.count(aside).await), (0, 1), "{name}");
    }
}
