//! Orders from the web between an edge and a gateway on real stores: who promises them, and what
//! staff decide while the line is cut.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "this is a test: what does not hold panics"
)]

use std::sync::atomic::Ordering;

use app::metered::Metered;
use serde_json::{Value as Json, json};

mod capacity;
mod world;

use world::{MINUTE, World};

#[tokio::test]
async fn staff_on_site_promise_an_order_through_the_edge() {
    let mut world = World::open().await;
    let id = world.waiting(1).await;
    let (status, answer) = world
        .gateway
        .send("POST", &format!("/api/orders/{id}/paid"), json!({"means": "cash"}))
        .await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("not_accepted")));
    let asked = world.gateway.step(&id, "accepted", json!({})).await;
    assert_eq!(asked["acceptance"], "waiting", "the edge is asked");
    world.talk().await;
    for side in [&world.edge, &world.gateway] {
        assert_eq!(side.order(&id).await["acceptance"], "accepted");
    }
    let (status, answer) =
        world.edge.send("POST", &format!("/api/orders/{id}/withdrawn"), json!({})).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("order_accepted")));
    let paid = world.gateway.step(&id, "paid", json!({"means": "cash"})).await;
    assert_eq!(paid["state"], "paid", "the kitchen has it");
    let off = world.gateway.step(&id, "cancelled", json!({"reason": "Plus de pain"})).await;
    assert_eq!(off["state"], "cancelled", "what is promised is called off on site");
}

#[tokio::test]
async fn a_customer_who_was_quicker_has_called_it_off_whatever_staff_ask() {
    let mut world = World::open().await;
    let id = world.waiting(1).await;
    world.edge.step(&id, "withdrawn", json!({})).await;
    world.gateway.step(&id, "accepted", json!({})).await;
    world.talk().await;
    for side in [&world.edge, &world.gateway] {
        assert_eq!(side.order(&id).await["state"], "cancelled");
    }
    let second = world.waiting(2).await;
    let asked = world.gateway.step(&second, "cancelled", json!({"reason": "Plus de pain"})).await;
    assert_eq!((&asked["state"], &asked["acceptance"]), (&json!("placed"), &json!("waiting")));
    world.talk().await;
    for side in [&world.edge, &world.gateway] {
        assert_eq!(side.order(&second).await["state"], "cancelled");
    }
}

#[tokio::test]
async fn in_doubt_staff_decide_and_what_was_decided_meanwhile_is_merged() {
    let mut world = World::open().await;
    let (first, second) = (world.waiting(1).await, world.waiting(2).await);
    world.line.is_cut.store(true, Ordering::Relaxed);
    for id in [&first, &second] {
        let at_once = world.gateway.step(id, "accepted", json!({"anyway": true})).await;
        assert_eq!(at_once["acceptance"], "waiting", "whoever did not ask is in no doubt");
    }
    world.clock.pass(10_000);
    let early = world.gateway.step(&first, "accepted", json!({"anyway": true})).await;
    assert_eq!(early["acceptance"], "waiting", "the answer may still come");
    world.clock.pass(10_000);
    for id in [&first, &second] {
        let anyway = world.gateway.step(id, "accepted", json!({"anyway": true})).await;
        assert_eq!(anyway["acceptance"], "accepted");
        world.gateway.step(id, "paid", json!({"means": "cash"})).await;
    }
    world.edge.step(&second, "withdrawn", json!({})).await;
    world.talk().await;
    for side in [&world.edge, &world.gateway] {
        assert_eq!(side.order(&first).await["state"], "paid");
        assert_eq!(side.order(&second).await["state"], "cancelled", "its customer was quicker");
    }
    let sql = "SELECT count(*) AS n FROM order_exception";
    let db = Metered::new(world.gateway.app.database.clone(), u32::MAX);
    let told = db.rows(sync_engine::statement::Statement::new(sql, Vec::new())).await.unwrap();
    assert_eq!(told[0]["n"], 1, "staff hear of it: what was paid is owed");
}

#[tokio::test]
async fn the_web_pauses_while_the_gateway_is_silent_and_resumes_when_it_is_heard() {
    let mut world = World::open().await;
    assert_eq!(world.place(1).await.0, 201);
    world.clock.pass(3 * MINUTE);
    assert_eq!(world.place(2).await.0, 201);
    world.clock.pass(1);
    let (status, answer) = world.place(3).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("web_silent")));
    assert_eq!(world.edge.send("GET", "/api/web-orders", Json::Null).await.1["state"], "silent");
    world.talk().await;
    assert_eq!(world.place(3).await.0, 201);
    // Staff on site say that it is too busy, and the web hears it with the next exchange.
    let busy = json!({"minutes": 2, "reason": "Trop de monde"});
    assert_eq!(world.gateway.send("POST", "/api/web-orders/pause", busy).await.0, 200);
    world.talk().await;
    assert_eq!(world.place(4).await.1["error"]["code"], "web_paused");
    world.clock.pass(2 * MINUTE);
    assert_eq!(world.place(4).await.0, 201);
}
