//! Prices and terms of another venue: they are no prices here.

use serde_json::json;

use super::{
    super::world::{CODE, PRODUCT, World},
    Attempt, Body, By, one,
};

/// What only the venue beside sells or promises has no price here.
pub(super) fn asked(_: &World<'_>) -> Vec<Attempt> {
    let body = |product: &str, code: &str| {
        let lines = json!([{"product": product, "quantity": 1}]);
        Body::Json(json!({"mode": "take_away", "lines": lines, "code": code}))
    };
    vec![
        one(By::Nobody, None, body(PRODUCT, ""), (422, "unknown_product")),
        one(By::Customer, None, body("cola", CODE), (422, "unknown_promotion")),
    ]
}

/// A code of the venue beside is not switched off from here.
pub(super) fn switched(_: &World<'_>) -> Vec<Attempt> {
    let fields = vec![("do", "switch_promotion".to_owned()), ("code", CODE.to_owned())];
    vec![one(By::Owner, None, Body::Form(fields), (404, ""))]
}

/// A code of the same letters is another one here.
pub(super) fn promised(_: &World<'_>) -> Vec<Attempt> {
    let promotion = json!({"code": CODE, "percent": 1, "active": false});
    vec![one(By::Owner, None, Body::Json(promotion), (200, ""))]
}

/// What is owed in tax at the venue beside is its own affair.
pub(super) fn taxed(world: &World<'_>) -> Vec<Attempt> {
    let rate = json!({"class": "food", "mode": "any", "from": "2026-03-01", "bp": 1});
    let mut named = rate.clone();
    named["venue"] = json!(world.beside.id);
    vec![
        one(By::Owner, None, Body::Json(named), (400, "invalid_json")),
        one(By::Owner, None, Body::Json(rate), (200, "")),
    ]
}
