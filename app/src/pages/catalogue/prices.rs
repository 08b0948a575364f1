//! What prices would be, on the page of the menu's editors: each, their range, and what is free.
//!
//! It must not decide: `domain::catalogue::edit` does.

use domain::catalogue::{
    Catalogue,
    edit::{Repriced, would_be_free},
};

use crate::{locale::Locale, pages::present::text, views::PriceLine};

/// Reads prices as the page's form sends them back.
pub(super) fn read(text: &str) -> Option<Vec<Repriced>> {
    let one = |part: &str| {
        let mut parts = part.split(':');
        let (product, before, after) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Repriced {
            product: product.to_owned(),
            before_cents: before.parse().ok()?,
            after_cents: after.parse().ok()?,
        })
    };
    text.split_whitespace().map(one).collect()
}

/// Shows each price before and after.
pub(super) fn lines(prices: &[Repriced], menu: &Catalogue, locale: Locale) -> Vec<PriceLine> {
    let line = |price: &Repriced| PriceLine {
        name: name(&price.product, menu, locale),
        before: locale.money(price.before_cents),
        after: locale.money(price.after_cents),
        value: format!("{}:{}:{}", price.product, price.before_cents, price.after_cents),
    };
    prices.iter().map(line).collect()
}

/// Says how many prices change, and from which to which.
pub(super) fn sum(prices: &[Repriced], locale: Locale) -> String {
    let range = |cents: fn(&Repriced) -> i64| {
        let all = || prices.iter().map(cents);
        let [low, high] = [all().min(), all().max()];
        [low, high].map(|cents| locale.money(cents.unwrap_or_default()))
    };
    let [before_low, before_high] = range(|price| price.before_cents);
    let [after_low, after_high] = range(|price| price.after_cents);
    let values = [
        ("count", prices.len().to_string()),
        ("before_low", before_low),
        ("before_high", before_high),
        ("after_low", after_low),
        ("after_high", after_high),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(key, text)| (*key, &**text)).collect();
    locale.t_with("catalogue.prices_sum", &values)
}

/// Names what would be free.
pub(super) fn free(prices: &[Repriced], menu: &Catalogue, locale: Locale) -> Vec<String> {
    would_be_free(prices).iter().map(|id| name(id, menu, locale)).collect()
}

fn name(id: &str, menu: &Catalogue, locale: Locale) -> String {
    menu.product(id).map_or_else(|| id.to_owned(), |product| text(&product.name, locale))
}

#[cfg(test)]
mod tests {
    use domain::catalogue::Product;

    use super::*;

    #[test]
    fn what_is_shown_says_from_where_to_where_and_names_what_is_free() {
        let mut cola = Product::new("cola");
        cola.name.insert("en".to_owned(), "Cola".to_owned());
        let menu = Catalogue { products: vec![cola], ..Catalogue::default() };
        let prices = read("cola:250:0 the:300:150").unwrap();
        let said = sum(&prices, Locale::En);
        for part in ["Items: 2", "from €2.50 to €3.00", "from €0.00 to €1.50"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert_eq!(free(&prices, &menu, Locale::En), ["Cola"]);
        assert_eq!(lines(&prices, &menu, Locale::En)[1].name, "the");
        assert_eq!(read("cola:250"), None);
    }
}
