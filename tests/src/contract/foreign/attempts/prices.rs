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
