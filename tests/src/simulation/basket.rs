//! What one customer wants, under an id of their own.
//!
//! It must not know what becomes of it.

use serde_json::{Value as Json, json};

use super::{
    tasks::HostId,
    world::{EDGE, World},
};

/// What is ordered and switched, with its price.
pub const PRODUCTS: [(&str, i64); 3] = [("le-cheese-king", 1_150), ("cola", 250), ("frites", 350)];

/// What is brought, from which price on, and for how much; as the demo venue has it.
const BROUGHT: &str = "delivery";
const DELIVERED_FROM_CENTS: i64 = 1_500;
const FEE_CENTS: i64 = 500;

/// One basket of one customer; sent again under the same id until it is answered.
#[derive(Debug, Clone)]
pub struct Basket {
    /// Which venue.
    pub venue: usize,
    /// Where the customer stands.
    pub host: HostId,
    /// The order's id.
    pub id: String,
    /// What it costs.
    pub total_cents: i64,
    /// What is asked of the host.
    pub body: Json,
}

impl Basket {
    /// Puts a basket together: so many of a product, at a host.
    pub fn of(
        world: &World,
        venue: usize,
        (host, (product, price_cents)): (HostId, (&str, i64)),
        number: usize,
    ) -> Self {
        let quantity = 1 + world.chance.below(3) as i64;
        let id = format!("{:08x}-0000-4000-8000-{number:012x}", world.chance.bits() as u32);
        let goods_cents = price_cents * quantity;
        // A tenth of each price is whole cents: the customer knows it without a rule of rounding.
        let off_cents = if world.chance.happens(300) { goods_cents / 10 } else { 0 };
        let mut total_cents = goods_cents - off_cents;
        let mut body = json!({
            "id": id,
            "mode": world.chance.pick(&["eat_in", "take_away"]),
            "lines": [{"product": product, "quantity": quantity}],
        });
        if off_cents > 0 {
            body["code"] = json!("BIENVENUE10");
        }
        if goods_cents >= DELIVERED_FROM_CENTS && world.chance.happens(600) {
            total_cents += FEE_CENTS;
            body["mode"] = json!(BROUGHT);
            body["delivery"] =
                json!({"address": "Rue Haute 12", "postal_code": "1000", "phone": "0470 12 34 56"});
        }
        body["total_cents"] = json!(total_cents);
        Self { venue, host, id, total_cents, body }
    }

    /// Tells whether it is brought to its customer, who is signed in for that.
    #[must_use]
    pub fn is_brought(&self) -> bool {
        self.body["mode"] == BROUGHT
    }

    /// Returns the id of the order that its host makes of it.
    #[must_use]
    pub fn order(&self) -> String {
        let is_web = self.host == EDGE;
        let origin = if is_web { "W".to_owned() } else { format!("K{}", self.venue + 1) };
        domain::ordering::order_id(&origin, &self.id)
    }
}
