//! What must be told of a dish: allergens and diets, as closed sets of codes.
//!
//! The names stand in the locales under `allergen` and `diet`. It must not know dishes.

/// The 14 allergens of Regulation (EU) No 1169/2011, Annex II, in its order.
pub const ALLERGENS: [&str; 14] = [
    "gluten",
    "crustaceans",
    "eggs",
    "fish",
    "peanuts",
    "soybeans",
    "milk",
    "nuts",
    "celery",
    "mustard",
    "sesame",
    "sulphites",
    "lupin",
    "molluscs",
];

/// What a dish may be said to suit.
pub const DIETS: [&str; 6] =
    ["vegetarian", "vegan", "halal", "gluten_free", "lactose_free", "spicy"];

/// Tells whether every code is one of the set, each once.
#[must_use]
pub fn are_known(codes: &[String], set: &[&str]) -> bool {
    let twice = |code: &String| codes.iter().filter(|other| *other == code).count() > 1;
    codes.iter().all(|code| set.contains(&code.as_str()) && !twice(code))
}
