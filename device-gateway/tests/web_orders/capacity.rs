//! Slots of the kitchen: none is ever over its limit, whoever sells it, and others are offered.

use serde_json::{Value as Json, json};

use crate::world::{MINUTE, Node, World};

const SLOT_MS: u64 = 15 * MINUTE;

fn basket(number: u32, quantity: i64, wanted_ms: Option<u64>) -> Json {
    let mut basket = json!({
        "id": format!("00000000-0000-4000-8000-{number:012}"),
        "mode": "take_away",
        "lines": [{"product": "le-cheese-king", "quantity": quantity}],
        "total_cents": 1150 * quantity,
    });
    if let Some(wanted_ms) = wanted_ms {
        basket["wanted_ms"] = json!(wanted_ms);
    }
    basket
}

async fn order(node: &Node, number: u32, (quantity, wanted_ms): (i64, Option<u64>)) -> (u16, Json) {
    node.send("POST", "/api/orders", basket(number, quantity, wanted_ms)).await
}

/// Counts pieces, of which the web may have half, and sells so many of them there one by one.
async fn sold_on_the_web(
    world: &mut World,
    counted: i64,
    (sold, wanted): (u32, Option<u64>),
) -> Vec<String> {
    let counted = json!({"counted": counted, "web_percent": 50});
    assert_eq!(world.gateway.send("POST", "/api/stock/le-cheese-king", counted).await.0, 200);
    world.talk().await;
    world.talk().await;
    let mut orders = Vec::new();
    for number in 0..sold {
        let (status, answer) = order(&world.edge, number, (1, wanted)).await;
        assert_eq!(status, 201, "{answer}");
        orders.push(answer["id"].as_str().unwrap().to_owned());
    }
    orders
}

async fn limited(limit: i64) -> (World, u64) {
    let mut world = World::open().await;
    let settings = json!({"slot_minutes": 15, "limit": limit, "web_percent": 50,
        "weights": {"cola": 0}});
    assert_eq!(world.gateway.send("PUT", "/api/settings/capacity", settings).await.0, 200);
    world.talk().await;
    world.talk().await;
    let now_ms = stage::START_MS;
    (world, now_ms - now_ms % SLOT_MS)
}

#[tokio::test]
async fn as_soon_as_possible_is_the_earliest_slot_that_has_room() {
    let (world, first) = limited(4).await;
    let mut ready = Vec::new();
    for (number, quantity) in [(1, 3), (2, 2), (3, 1), (4, 1)] {
        let (status, answer) = order(&world.gateway, number, (quantity, None)).await;
        assert_eq!(status, 201, "{answer}");
        ready.push((answer["ready_ms"].as_u64().unwrap() - first) / SLOT_MS);
    }
    // Two of four are the web's: three pieces fit no slot here but one that is not leased yet.
    assert_eq!(ready.len(), 4);
    let again = order(&world.gateway, 4, (1, None)).await;
    assert_eq!((again.0, again.1["ready_ms"].as_u64().unwrap()), (200, first + ready[3] * SLOT_MS));
    assert_eq!(ready[1], 1, "two fit into the present slot: {ready:?}");
    assert_eq!(ready[2], 2, "then it is full: {ready:?}");
}

#[tokio::test]
async fn a_slot_is_never_over_its_limit_whoever_sells_it() {
    let (mut world, first) = limited(4).await;
    let wanted = Some(first + 2 * SLOT_MS);
    let mut sold = 0;
    for number in 0..6 {
        for (side, node) in [(0, &world.edge), (10, &world.gateway)] {
            let (status, answer) = order(node, number + side, (1, wanted)).await;
            if status == 201 {
                sold += 1;
                continue;
            }
            assert_eq!((status, &answer["error"]["code"]), (409, &json!("slot_full")));
            let times = answer["error"]["subject"].as_array().unwrap();
            assert!(!times.is_empty() && times.len() <= 3, "{answer}");
            let first: u64 = times[0].as_str().unwrap().parse().unwrap();
            assert!(first > stage::START_MS && Some(first) != wanted, "another time is offered");
        }
    }
    assert_eq!(sold, 4);
    world.talk().await;
    let times = world.edge.send("GET", "/api/order-times", Json::Null).await.1;
    let times = times["times"].as_array().unwrap();
    assert!(times.iter().all(|time| time["at_ms"].as_u64() != wanted), "it is offered no more");
    // What is called off on site is there again.
    let id = order(&world.gateway, 10, (1, wanted)).await.1["id"].as_str().unwrap().to_owned();
    world.gateway.step(&id, "cancelled", json!({"reason": "Gone"})).await;
    assert_eq!(order(&world.gateway, 20, (1, wanted)).await.0, 201);
    assert_eq!(order(&world.gateway, 21, (1, wanted)).await.0, 409);
}

#[tokio::test]
async fn what_the_edge_calls_off_is_there_again_once_for_either_side() {
    let (mut world, first) = limited(4).await;
    let wanted = Some(first + 2 * SLOT_MS);
    let gone = sold_on_the_web(&mut world, 4, (2, wanted)).await;
    assert_eq!(order(&world.edge, 2, (1, wanted)).await.0, 409, "the edge has no more");
    world.talk().await;
    for id in &gone {
        world.edge.step(id, "withdrawn", json!({})).await;
    }
    for _ in 0..3 {
        world.talk().await;
        let stock = world.gateway.send("GET", "/api/stock", Json::Null).await.1;
        let left = &stock["stock"][0];
        assert_eq!((&left["on_site"], &left["web"]), (&json!(2), &json!(2)), "{stock}");
    }
    let mut sold = 0;
    for number in 10..16 {
        for (side, node) in [(0, &world.edge), (10, &world.gateway)] {
            sold += u32::from(order(node, number + side, (1, wanted)).await.0 == 201);
        }
    }
    assert_eq!(sold, 4);
}

#[tokio::test]
async fn however_much_the_edge_calls_off_at_once_all_of_it_comes_back() {
    let (mut world, first) = limited(200).await;
    let wanted = Some(first + 2 * SLOT_MS);
    let gone = sold_on_the_web(&mut world, 160, (60, wanted)).await;
    world.talk().await;
    for id in &gone {
        world.edge.step(id, "withdrawn", json!({})).await;
    }
    for _ in 0..4 {
        world.talk().await;
    }
    let stock = world.gateway.send("GET", "/api/stock", Json::Null).await.1;
    let (left, web) = (&stock["stock"][0]["on_site"], &stock["stock"][0]["web"]);
    assert_eq!(left.as_i64().unwrap() + web.as_i64().unwrap(), 160, "{stock}");
}

#[tokio::test]
async fn of_many_who_want_one_slot_at_once_as_many_get_it_as_there_is_room() {
    let (world, first) = limited(4).await;
    let wanted = Some(first + 3 * SLOT_MS);
    let all = (30..50).map(|number| order(&world.gateway, number, (1, wanted)));
    let all = futures_util::future::join_all(all).await;
    assert_eq!(all.iter().filter(|(status, _)| *status == 201).count(), 2, "{all:?}");
}

#[tokio::test]
async fn what_is_wanted_while_the_venue_is_closed_is_refused_with_other_times() {
    let world = World::open().await;
    let menu = json!({"opening": [{"days": [1, 2, 3, 4, 5, 6, 7], "from_minute": 0,
        "until_minute": 1320}], "parts": []});
    let (status, answer) = world.edge.send("POST", "/api/catalogue/hours", menu).await;
    assert_eq!(status, 200, "{answer}");
    // The clocks start at one in the morning in Brussels: at 22:30 nobody is there.
    let day = stage::START_MS - stage::START_MS % (24 * 60 * MINUTE);
    let closed = day + (21 * 60 + 30) * MINUTE;
    let (status, answer) = order(&world.edge, 1, (1, Some(closed))).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("closed_then")), "{answer}");
    assert_eq!(answer["error"]["subject"].as_array().map(Vec::len), Some(3));
    let offered: u64 = answer["error"]["subject"][0].as_str().unwrap().parse().unwrap();
    assert_eq!(order(&world.edge, 1, (1, Some(offered))).await.0, 201);
    assert_eq!(order(&world.edge, 2, (1, None)).await.0, 201, "without a limit there is room");
}

#[tokio::test]
async fn what_no_kitchen_takes_on_is_refused() {
    let world = World::open().await;
    for wrong in [
        json!({"slot_minutes": 7}),
        json!({"slot_minutes": 0}),
        json!({"limit": -1}),
        json!({"web_percent": 101}),
        json!({"weights": {"cola": -1}}),
        json!({"of_the_future": 1}),
    ] {
        let status = world.gateway.send("PUT", "/api/settings/capacity", wrong.clone()).await.0;
        assert_eq!(status, 422, "{wrong}");
    }
}
