//! Options, ingredients and slots as lines of text, as editors write them.
//!
//! A group or a slot begins a line, what it offers follows on lines that begin with a dash; names
//! stand in the venue's languages with bars between. Writing and reading give the same again.
//!
//! ```text
//! sauce 0-2 Sauces | Sauzen | Sauces
//! - ketchup Ketchup | Ketchup | Ketchup
//! - maison +0.50 Maison | Huisgemaakt | Home-made *
//! ```

use super::{Choice, Ingredient, OptionGroup, Slot, SlotChoice, Texts};
use crate::venue::LANGUAGES;

/// Which line cannot be read, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread(pub usize);

/// Writes option groups.
#[must_use]
pub fn write_groups(groups: &[OptionGroup]) -> String {
    let mut lines = Vec::new();
    for group in groups {
        lines.push(format!("{} {}-{} {}", group.id, group.min, group.max, names(&group.name)));
        for choice in &group.choices {
            let preset = if choice.preset { " *" } else { "" };
            let price = plus(choice.price_cents);
            lines.push(format!("- {}{price} {}{preset}", choice.id, names(&choice.name)));
        }
    }
    lines.join("\n")
}

/// Reads option groups.
///
/// # Errors
/// Names the first line that cannot be read.
pub fn read_groups(text: &str) -> Result<Vec<OptionGroup>, Unread> {
    let mut groups: Vec<OptionGroup> = Vec::new();
    each(text, |line, item| {
        if let Some(rest) = item {
            let (id, rest) = word(rest)?;
            let (price_cents, rest) = price(rest)?;
            let (rest, preset) = match rest.trim().strip_suffix('*') {
                Some(rest) => (rest, true),
                None => (rest, false),
            };
            let choice = Choice { id: id.to_owned(), name: texts(rest)?, price_cents, preset };
            groups.last_mut()?.choices.push(choice);
        } else {
            let (id, rest) = word(line)?;
            let (range, rest) = word(rest)?;
            let (min, max) = range.split_once('-')?;
            groups.push(OptionGroup {
                id: id.to_owned(),
                name: texts(rest)?,
                min: min.parse().ok()?,
                max: max.parse().ok()?,
                choices: Vec::new(),
            });
        }
        Some(())
    })?;
    Ok(groups)
}

/// Writes a combo's slots.
#[must_use]
pub fn write_slots(slots: &[Slot]) -> String {
    let mut lines = Vec::new();
    for slot in slots {
        lines.push(format!("{} {}", slot.id, names(&slot.name)));
        for choice in &slot.choices {
            lines.push(format!("- {}{}", choice.product, plus(choice.surcharge_cents)));
        }
    }
    lines.join("\n")
}

/// Reads a combo's slots.
///
/// # Errors
/// Names the first line that cannot be read.
pub fn read_slots(text: &str) -> Result<Vec<Slot>, Unread> {
    let mut slots: Vec<Slot> = Vec::new();
    each(text, |line, item| {
        if let Some(rest) = item {
            let (product, rest) = word(rest)?;
            let (surcharge_cents, rest) = price(rest)?;
            if !rest.trim().is_empty() {
                return None;
            }
            let choice = SlotChoice { product: product.to_owned(), surcharge_cents };
            slots.last_mut()?.choices.push(choice);
        } else {
            let (id, rest) = word(line)?;
            slots.push(Slot { id: id.to_owned(), name: texts(rest)?, choices: Vec::new() });
        }
        Some(())
    })?;
    Ok(slots)
}

/// Writes ingredients.
#[must_use]
pub fn write_ingredients(ingredients: &[Ingredient]) -> String {
    let line = |one: &Ingredient| format!("{} {}", one.id, names(&one.name));
    ingredients.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Reads ingredients.
///
/// # Errors
/// Names the first line that cannot be read.
pub fn read_ingredients(text: &str) -> Result<Vec<Ingredient>, Unread> {
    let mut ingredients = Vec::new();
    each(text, |line, item| {
        if item.is_some() {
            return None;
        }
        let (id, rest) = word(line)?;
        ingredients.push(Ingredient { id: id.to_owned(), name: texts(rest)? });
        Some(())
    })?;
    Ok(ingredients)
}

/// Reads an amount as people write it: `12`, `12.5`, `12,50`.
#[must_use]
pub fn read_cents(text: &str) -> Option<i64> {
    let text = text.trim();
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part)
}

/// Writes an amount as [`read_cents`] reads it.
#[must_use]
pub fn write_cents(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

/// Hands out lines that say something, and what follows the dash where one begins it.
fn each(text: &str, mut read: impl FnMut(&str, Option<&str>) -> Option<()>) -> Result<(), Unread> {
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if !line.is_empty() {
            read(line, line.strip_prefix("- ")).ok_or(Unread(index + 1))?;
        }
    }
    Ok(())
}

fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (!word.is_empty()).then_some((word, rest))
}

fn price(text: &str) -> Option<(i64, &str)> {
    match text.trim_start().strip_prefix('+') {
        None => Some((0, text)),
        Some(rest) => {
            let (amount, rest) = word(rest)?;
            Some((read_cents(amount)?, rest))
        }
    }
}

fn plus(cents: i64) -> String {
    if cents == 0 { String::new() } else { format!(" +{}", write_cents(cents)) }
}

fn names(texts: &Texts) -> String {
    let of = |language: &str| texts.get(language).map_or("", String::as_str);
    LANGUAGES.map(of).join(" | ").trim_end_matches([' ', '|']).to_owned()
}

fn texts(text: &str) -> Option<Texts> {
    let parts: Vec<&str> = text.split('|').map(str::trim).collect();
    if parts.len() > LANGUAGES.len() || parts.iter().all(|part| part.is_empty()) {
        return None;
    }
    let named = LANGUAGES.into_iter().zip(parts).filter(|(_, part)| !part.is_empty());
    Some(named.map(|(language, part)| (language.to_owned(), part.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::venue::Document;

    #[test]
    fn what_is_written_is_read_again() {
        let text = include_str!("../../../fixtures/venues/chakri.json");
        let document: Document = serde_json::from_str(text).unwrap();
        for product in document.products {
            let groups = write_groups(&product.option_groups);
            assert_eq!(read_groups(&groups).as_ref(), Ok(&product.option_groups), "{groups}");
            let slots = write_slots(&product.slots);
            assert_eq!(read_slots(&slots).as_ref(), Ok(&product.slots), "{slots}");
            let ingredients = write_ingredients(&product.ingredients);
            assert_eq!(read_ingredients(&ingredients).as_ref(), Ok(&product.ingredients));
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        for (text, line) in [
            ("- ketchup Ketchup", 1),
            ("sauce Sauces", 1),
            ("sauce 0-2 Sauces\n\n- ketchup +x Ketchup", 3),
            ("sauce 0-2 Sauces\n- ketchup", 2),
            ("sauce 0-2 A | B | C | D", 1),
            ("sauce 0-x Sauces", 1),
        ] {
            assert_eq!(read_groups(text), Err(Unread(line)), "{text}");
        }
        assert_eq!(read_slots("main Burger\n- king +1 extra"), Err(Unread(2)));
        assert_eq!(read_ingredients("onion Oignons\n- x Y"), Err(Unread(2)));
    }

    #[test]
    fn an_amount_is_read_as_people_write_it() {
        for (text, cents) in [
            ("12", Some(1_200)),
            (" 12.5 ", Some(1_250)),
            ("12,50", Some(1_250)),
            ("0.05", Some(5)),
            ("", None),
            ("-1", None),
            ("1.234", None),
            ("1e3", None),
            ("12.", None),
            ("99999999999999999999", None),
            ("٣", None),
        ] {
            assert_eq!(read_cents(text), cents, "{text}");
        }
        assert_eq!(write_cents(5), "0.05");
    }
}
