//! Comparing rows that are larger than a message together.

use serde_json::json;
use sync_engine::{change::Draft, limits::PAYLOAD_BYTES};

use crate::world::{Node, Site};

const DIGEST_SQL: &str = "SELECT count(*) AS n FROM product WHERE picture = 'gone bad'";

async fn describe(node: &Node, product: usize) {
    let payload = json!({
        "category": "tacos", "name": {"fr": "x"}, "picture": "sound", "allergens": [],
        "position": 1,
        "description": {"fr": "x".repeat(PAYLOAD_BYTES - 200)},
    });
    let payload = payload.as_object().unwrap().clone();
    let entity = format!("large-{product:03}");
    let register = "presentation";
    node.write(Draft { table: "product", entity, register, payload, number: None }).await;
}

#[tokio::test]
async fn rows_that_no_message_carries_together_are_compared_and_mended_bit_by_bit() {
    let mut site = Site::start().await;
    for product in 0..60 {
        describe(&site.gateway, product).await;
    }
    site.agree().await;
    assert_eq!(site.up.audit_everything().await, Ok(0));
    for node in [&site.gateway, &site.standby] {
        node.run("UPDATE product SET picture = 'gone bad' WHERE id LIKE 'large-%'").await;
        assert_eq!(node.count(DIGEST_SQL).await, 60);
    }
    for (name, uplink) in [("gateway", &mut site.up), ("standby", &mut site.along)] {
        let mended = uplink.audit_everything().await.unwrap();
        assert!(mended > 3, "a message carries a dozen of them: {name} {mended}");
        assert_eq!(uplink.audit_everything().await, Ok(0));
    }
    for node in [&site.edge, &site.gateway, &site.standby] {
        assert_eq!(node.count(DIGEST_SQL).await, 0);
    }
}
