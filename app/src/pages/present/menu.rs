//! The menu as pages and scripts show it, in the reader's language.
//!
//! It must not load anything, nor know what somebody chose.

use domain::catalogue::{Catalogue, Category, Choice, Ingredient, OptionGroup, Product, Slot};

use super::text;
use crate::{
    locale::Locale,
    views::{
        CategoryData, ChoiceData, GroupData, IngredientData, MarkData, MenuData, PartData,
        ProductData, SlotData,
    },
};

/// Shows the menu.
#[must_use]
pub fn menu(catalogue: &Catalogue, locale: Locale) -> MenuData {
    let category = |category: &Category| CategoryData {
        id: category.id.clone(),
        name: text(&category.name, locale),
    };
    MenuData {
        version: catalogue.version.clone(),
        categories: catalogue.categories.iter().map(category).collect(),
        products: catalogue.products.iter().map(|p| product(p, catalogue, locale)).collect(),
    }
}

fn product(product: &Product, catalogue: &Catalogue, locale: Locale) -> ProductData {
    let marks = |section: &str, codes: &[String]| {
        codes.iter().map(|code| mark(section, code, locale)).collect::<Vec<MarkData>>()
    };
    let ingredient =
        |one: &Ingredient| IngredientData { id: one.id.clone(), name: text(&one.name, locale) };
    let least = catalogue.least(product);
    ProductData {
        id: product.id.clone(),
        category: product.category.clone(),
        name: text(&product.name, locale),
        description: text(&product.description, locale),
        picture: product.picture.clone(),
        price_cents: product.price_cents,
        least_cents: least.cents,
        rises: least.rises,
        available: product.available,
        served: catalogue.serves(product),
        allergens: marks("allergen", &product.allergens),
        diets: marks("diet", &product.diets),
        kind: product.kind.name(),
        groups: product.option_groups.iter().map(|g| group(g, locale)).collect(),
        slots: product.slots.iter().map(|s| slot(s, locale)).collect(),
        ingredients: product.ingredients.iter().map(ingredient).collect(),
        free_text: product.free_text,
        upsell: product.upsell.clone(),
    }
}

/// A code that this build does not know stands for itself.
fn mark(section: &str, code: &str, locale: Locale) -> MarkData {
    let name = locale.find(&format!("{section}.{code}")).unwrap_or(code);
    MarkData { code: code.to_owned(), name: name.to_owned() }
}

fn group(group: &OptionGroup, locale: Locale) -> GroupData {
    let choice = |choice: &Choice| ChoiceData {
        id: choice.id.clone(),
        name: text(&choice.name, locale),
        price_cents: choice.price_cents,
        preset: choice.preset,
    };
    GroupData {
        id: group.id.clone(),
        name: text(&group.name, locale),
        min: group.min as u32,
        max: group.max as u32,
        choices: group.choices.iter().map(choice).collect(),
    }
}

fn slot(slot: &Slot, locale: Locale) -> SlotData {
    let part = |choice: &domain::catalogue::SlotChoice| PartData {
        product: choice.product.clone(),
        surcharge_cents: choice.surcharge_cents,
    };
    SlotData {
        id: slot.id.clone(),
        name: text(&slot.name, locale),
        choices: slot.choices.iter().map(part).collect(),
    }
}
