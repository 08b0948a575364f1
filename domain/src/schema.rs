//! Which tables replicate, in which stream, and how each merges.
//!
//! This is the whole declaration: `sync-engine` generates the SQL from it. The columns are those of
//! `schemas/sql/`; a test in `app` writes and reads every table.

use sync_engine::{
    lease,
    shape::{Group, Schema, Shape, Table, integer, integer_from, json, text},
    sibling,
};

use crate::{
    catalogue::picture,
    closing, device, loyalty, menu,
    ordering::{back, delivering, invoice, rating},
    pricing::{discount, vat},
    printing, stock,
    tables::{self, assignment},
    trust::revocation,
    venue::{capacity, delivery, kitchen, map, web},
};

/// The stream of what is sold.
pub const CATALOGUE: &str = "catalogue";
/// The stream of orders and their payments.
pub const ORDERS: &str = "orders";
/// The stream of who may do what here.
pub const PEOPLE: &str = "people";
/// The stream of what touched security or money.
pub const AUDIT: &str = "audit";

/// Every replicated table.
pub const SCHEMA: Schema = Schema {
    tables: &[
        Table {
            name: "venue",
            purpose: CATALOGUE,
            shape: Shape::Register(&[
                Group {
                    name: "profile",
                    columns: &[text("name"), text("time_zone"), json("languages")],
                },
                Group { name: "use", columns: &[json("modules")] },
                Group {
                    name: "privacy",
                    columns: &[text("contact"), json("notice"), integer("privacy_ms")],
                },
                Group { name: delivery::REGISTER, columns: &[json("delivery")] },
                Group { name: "hours", columns: &[json("hours")] },
                Group { name: loyalty::rate::REGISTER, columns: &[json("loyalty")] },
                Group { name: map::REGISTER, columns: &[json("map")] },
                Group { name: printing::REGISTER, columns: &[json("printing")] },
                Group { name: web::REGISTER, columns: &[json("web")] },
                Group { name: capacity::REGISTER, columns: &[json("capacity")] },
                Group { name: kitchen::REGISTER, columns: &[json("kitchen")] },
            ]),
        },
        Table {
            name: "category",
            purpose: CATALOGUE,
            shape: Shape::Register(&[
                Group { name: "presentation", columns: &[json("name"), integer("position")] },
                Group { name: "existence", columns: &[integer("removed")] },
            ]),
        },
        Table {
            name: "product",
            purpose: CATALOGUE,
            shape: Shape::Register(&[
                Group {
                    name: "presentation",
                    columns: &[
                        text("category"),
                        json("name"),
                        json("description"),
                        text("picture"),
                        json("allergens"),
                        json("diets"),
                        integer("position"),
                    ],
                },
                Group {
                    name: "offer",
                    columns: &[
                        integer("price_cents"),
                        text("vat_class"),
                        json("option_groups"),
                        text("kind"),
                        json("slots"),
                        json("ingredients"),
                        integer("free_text"),
                    ],
                },
                Group {
                    name: "service",
                    columns: &[text("station"), text("day_part"), json("upsell")],
                },
                Group { name: "availability", columns: &[integer_from("available", 1)] },
                Group { name: "existence", columns: &[integer("removed")] },
            ]),
        },
        sibling::table(CATALOGUE),
        Table { name: picture::TABLE, purpose: CATALOGUE, shape: Shape::Fact(&[text("content")]) },
        Table { name: menu::PAGES, purpose: CATALOGUE, shape: Shape::Fact(&[text("content")]) },
        Table {
            name: menu::VERSIONS,
            purpose: CATALOGUE,
            shape: Shape::Fact(&[
                json("pages"),
                integer("number"),
                integer("at_ms"),
                text("author"),
            ]),
        },
        Table {
            name: "customer_order",
            purpose: ORDERS,
            shape: Shape::Fact(&[
                text("ticket_origin"),
                integer("ticket_number"),
                text("mode"),
                json("lines"),
                integer("total_cents"),
                integer("placed_ms"),
                json("vat"),
                text("rules"),
                integer("fee_cents"),
                json("discounts"),
                text("note"),
                integer("wanted_ms"),
                text("person"),
                text("contact"),
                text("menu_version"),
                integer("to_accept"),
                integer("slot_ms"),
                integer("slot_weight"),
                integer("ready_ms"),
            ]),
        },
        Table {
            name: vat::TABLE,
            purpose: CATALOGUE,
            shape: Shape::Register(&[Group {
                name: "rate",
                columns: &[
                    text("class"),
                    text("mode"),
                    text("from_day"),
                    integer("bp"),
                    integer("confirmed"),
                    integer("removed"),
                ],
            }]),
        },
        Table {
            name: discount::TABLE,
            purpose: CATALOGUE,
            shape: Shape::Register(&[
                Group {
                    name: "terms",
                    columns: &[
                        integer("percent"),
                        integer("cents"),
                        text("from_day"),
                        text("until_day"),
                        integer("minimum_cents"),
                    ],
                },
                Group { name: "state", columns: &[integer("active")] },
            ]),
        },
        Table {
            name: "order_event",
            purpose: ORDERS,
            shape: Shape::Fact(&[
                text("order_id"),
                text("kind"),
                integer("at_ms"),
                text("person"),
                text("place"),
                text("reason"),
            ]),
        },
        delivering::STEPS,
        rating::RATINGS,
        invoice::INVOICES,
        Table {
            name: "kitchen_line",
            purpose: ORDERS,
            shape: Shape::Register(&[Group {
                name: "tick",
                columns: &[text("order_id"), integer("line"), integer("done")],
            }]),
        },
        Table {
            name: "payment",
            purpose: ORDERS,
            shape: Shape::Fact(&[
                text("order_id"),
                text("means"),
                integer("amount_cents"),
                integer("at_ms"),
            ]),
        },
        closing::COUNTED,
        closing::REPORTED,
        Table {
            name: back::TABLE,
            purpose: ORDERS,
            shape: Shape::Fact(&[
                text("order_id"),
                text("payment"),
                text("means"),
                integer("amount_cents"),
                integer("so_far_cents"),
                json("lines"),
                json("vat"),
                text("reason"),
                text("person"),
                text("place"),
                integer("at_ms"),
            ]),
        },
        Table {
            name: "person",
            purpose: PEOPLE,
            shape: Shape::Register(&[
                Group { name: "profile", columns: &[text("name_sealed"), text("profile_mark")] },
                Group {
                    name: "access",
                    columns: &[
                        json("roles"),
                        integer("active"),
                        integer("access_ms"),
                        text("access_mark"),
                    ],
                },
            ]),
        },
        Table {
            name: "person_pin",
            purpose: PEOPLE,
            shape: Shape::Register(&[Group {
                name: "verifier",
                columns: &[text("person"), text("device"), text("verifier"), integer("set_ms")],
            }]),
        },
        Table {
            name: "erasure",
            purpose: PEOPLE,
            shape: Shape::Fact(&[integer("at_ms"), text("mark")]),
        },
        Table {
            name: "audit_entry",
            purpose: AUDIT,
            shape: Shape::Fact(&[
                integer("number"),
                text("act"),
                text("actor"),
                text("subject"),
                json("detail"),
                text("source"),
                integer("at_ms"),
                integer("certain"),
                text("replica"),
                text("generation"),
            ]),
        },
        Table {
            name: "audit_seal",
            purpose: AUDIT,
            shape: Shape::Fact(&[
                text("replica"),
                text("generation"),
                integer("number"),
                integer("first"),
                integer("last"),
                text("before"),
                text("entries"),
                integer("at_ms"),
                text("digest"),
            ]),
        },
        Table {
            name: device::TABLE,
            purpose: PEOPLE,
            shape: Shape::Register(&[
                Group {
                    name: "identity",
                    columns: &[text("kind"), text("name"), text("place"), integer("enrolled_ms")],
                },
                Group { name: "state", columns: &[integer("blocked")] },
            ]),
        },
        Table {
            name: device::EVENTS,
            purpose: PEOPLE,
            shape: Shape::Fact(&[
                text("device"),
                text("kind"),
                integer("version"),
                integer("at_ms"),
            ]),
        },
        lease::ISSUED,
        lease::SPENT,
        lease::RETURNED,
        lease::LOST,
        Table {
            name: stock::COUNTED,
            purpose: ORDERS,
            shape: Shape::Fact(&[
                text("product"),
                integer("epoch"),
                integer("tracked"),
                integer("base"),
                integer("leased"),
                integer("web_percent"),
                text("counted_by"),
                integer("at_ms"),
            ]),
        },
        Table {
            name: stock::MOVED,
            purpose: ORDERS,
            shape: Shape::Fact(&[
                text("product"),
                integer("epoch"),
                integer("pieces"),
                text("why"),
                integer("at_ms"),
            ]),
        },
        Table {
            name: tables::TABLE,
            purpose: ORDERS,
            shape: Shape::Register(&[
                Group {
                    name: "identity",
                    columns: &[
                        text("name"),
                        integer("seats"),
                        integer("x"),
                        integer("y"),
                        integer("removed"),
                    ],
                },
                Group {
                    name: "presence",
                    columns: &[integer("occupied"), integer("since_ms"), text("sensor")],
                },
                Group {
                    name: "hand",
                    columns: &[text("hand"), text("hand_by"), integer("hand_ms")],
                },
            ]),
        },
        Table {
            name: assignment::ASSIGNED,
            purpose: ORDERS,
            shape: Shape::Fact(&[integer("table_number"), integer("at_ms")]),
        },
        Table {
            name: assignment::ENDED,
            purpose: ORDERS,
            shape: Shape::Fact(&[text("reason"), integer("at_ms")]),
        },
        Table {
            name: assignment::CLAIMED,
            purpose: ORDERS,
            shape: Shape::Fact(&[integer("wished"), integer("at_ms")]),
        },
        Table {
            name: assignment::REFUSED,
            purpose: ORDERS,
            shape: Shape::Fact(&[text("reason"), integer("at_ms")]),
        },
        Table {
            name: assignment::CHOSEN,
            purpose: ORDERS,
            shape: Shape::Register(&[Group {
                name: "choice",
                columns: &[text("choice"), integer("wished"), integer("at_ms")],
            }]),
        },
        loyalty::ENTRIES,
        loyalty::RECALLED,
        web::PAUSES,
        capacity::TAKEN,
        Table { name: revocation::TABLE, purpose: PEOPLE, shape: Shape::Fact(&[integer("at_ms")]) },
    ],
};

#[cfg(test)]
mod tests {
    #[test]
    fn every_declared_name_can_stand_in_sql() {
        assert!(super::SCHEMA.is_sound());
    }
}
