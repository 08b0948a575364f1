//! Changing the menu: load, decide, apply; what two editors write at once is kept side by side.
//!
//! What an edit may say is decided by `domain::catalogue::edit`. It must not know forms.

use axum::http::StatusCode;
use domain::{
    catalogue::{
        Catalogue, Category, Product,
        edit::{self, Repriced},
        register,
    },
    venue::hours::Hours,
};
use sync_engine::{change::Draft, sibling};

use crate::{
    call::{Call, Tries, Written},
    limits,
    problem::Problem,
    rows::{self, catalogue::Sibling},
    session::random,
};

/// What became of an edit that was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// It is what editors have.
    Alone,
    /// Others saved what its author was not shown: both stand, until somebody chooses.
    Beside,
}

/// Changes a product or adds it; `seen` are the siblings that its author was shown.
///
/// # Errors
/// Refuses what could not be sold.
pub async fn product(
    call: &Call,
    wanted: &Product,
    seen: Option<&[String]>,
) -> Result<Saved, Problem> {
    let venue = &call.here()?.venue.id;
    let mut tries = Tries::default();
    loop {
        let menu = rows::catalogue::load(&call.db, venue).await?;
        let edits = edit::change(&menu, wanted)?;
        let siblings = rows::catalogue::siblings(&call.db, venue, &wanted.id).await?;
        let saved = stands(&edits, &siblings, seen);
        let mut drafts = Vec::new();
        for draft in edits {
            drafts.extend(beside(call, draft, &siblings, seen)?);
        }
        if menu.product(&wanted.id).is_none() {
            drafts.push(edit::remove("product", &wanted.id, false));
        }
        if call.write(&drafts).await? == Written::Done {
            return Ok(saved);
        }
        tries.again()?;
    }
}

fn stands(edits: &[Draft], siblings: &[Sibling], seen: Option<&[String]>) -> Saved {
    let is_new = |one: &&Sibling| seen.is_some_and(|seen| !seen.contains(&one.id));
    let mut unseen = siblings.iter().filter(is_new);
    match unseen.any(|one| edits.iter().any(|edit| edit.register == one.register)) {
        true => Saved::Beside,
        false => Saved::Alone,
    }
}

/// Takes one of several values that stand side by side; the others are forgotten.
///
/// # Errors
/// Refuses a value that does not stand there.
pub async fn choose(call: &Call, product: &str, id: &str) -> Result<(), Problem> {
    let venue = &call.here()?.venue.id;
    let mut tries = Tries::default();
    loop {
        let siblings = rows::catalogue::siblings(&call.db, venue, product).await?;
        let chosen = siblings.iter().find(|sibling| sibling.id == id);
        let chosen = chosen.ok_or_else(Problem::not_found)?;
        let fields = serde_json::Value::Object(chosen.fields.clone());
        let draft = register("product", product, chosen.register, fields);
        if call.write(&beside(call, draft, &siblings, None)?).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

fn beside(
    call: &Call,
    draft: Draft,
    siblings: &[Sibling],
    seen: Option<&[String]>,
) -> Result<Vec<Draft>, Problem> {
    let of_register = siblings.iter().filter(|sibling| sibling.register == draft.register);
    let was_seen = |sibling: &&Sibling| seen.is_none_or(|seen| seen.contains(&sibling.id));
    let ids: Vec<String> = of_register.filter(was_seen).map(|one| one.id.clone()).collect();
    Ok(sibling::edit(draft, &ids, random(call.app.entropy.as_ref(), 16)?))
}

/// Takes a product or a category from the menu, or brings it back.
///
/// # Errors
/// Refuses what there is not.
pub async fn remove(
    call: &Call,
    (table, id): (&'static str, &str),
    removed: bool,
) -> Result<(), Problem> {
    let venue = &call.here()?.venue.id;
    let mut tries = Tries::default();
    loop {
        let exists = rows::catalogue::exists(&call.db, venue, (table, id)).await?;
        let Some(before) = exists else {
            let code = if table == "product" { "unknown_product" } else { "unknown_category" };
            return Err(Problem::new(StatusCode::NOT_FOUND, code));
        };
        let drafts = match before == removed {
            true => Vec::new(),
            false => vec![edit::remove(table, id, removed)],
        };
        if call.write(&drafts).await? == Written::Done {
            return Ok(());
        }
        tries.again()?;
    }
}

/// Decides by what editors have, and writes.
///
/// # Errors
/// Refuses what the decision does.
pub async fn decided<D>(call: &Call, decide: D) -> Result<(), Problem>
where
    D: Fn(&Catalogue) -> Result<Vec<Draft>, domain::Rejection>,
{
    let mut tries = Tries::default();
    loop {
        let menu = rows::catalogue::load(&call.db, &call.here()?.venue.id).await?;
        let drafts = decide(&menu)?;
        match drafts.chunks(limits::DRAFTS_AT_ONCE).next() {
            None => return Ok(()),
            // Nothing is lost between two parts: what was written is not decided again.
            Some(part) => match (call.write(part).await?, drafts.len() > part.len()) {
                (Written::Done, false) => return Ok(()),
                (Written::Done, true) => {}
                (Written::Again, _) => tries.again()?,
            },
        }
    }
}

/// Changes a category or adds it.
///
/// # Errors
/// Refuses an id or a name that does not fit.
pub async fn category(call: &Call, wanted: &Category) -> Result<(), Problem> {
    decided(call, |menu| {
        let mut drafts = edit::change_category(menu, wanted)?;
        if !menu.categories.iter().any(|category| category.id == wanted.id) {
            drafts.push(edit::remove("category", &wanted.id, false));
        }
        Ok(drafts)
    })
    .await
}

/// Takes prices that were shown before, all of them or none.
///
/// # Errors
/// Refuses prices of products that cost something else by now, and what would be free where that
/// is not meant.
pub async fn take_prices(
    call: &Call,
    prices: &[Repriced],
    free_is_meant: bool,
) -> Result<(), Problem> {
    if prices.len() > limits::DRAFTS_AT_ONCE {
        return Err(Problem::invalid_field("prices"));
    }
    let free = edit::would_be_free(prices);
    if !free.is_empty() && !free_is_meant {
        let problem = Problem::new(StatusCode::CONFLICT, "would_be_free");
        return Err(Problem { subject: free, ..problem });
    }
    decided(call, |menu| edit::take_prices(menu, prices)).await
}

/// Takes a menu in that was written elsewhere; nothing of it where anything is wrong.
///
/// # Errors
/// Lists all that could not be sold.
pub async fn import(
    call: &Call,
    (categories, products): (&[Category], &[Product]),
) -> Result<(), Problem> {
    decided(call, |menu| {
        let mut drafts = Vec::new();
        let mut whole = menu.clone();
        let (mut problems, mut known) = (Vec::new(), menu.clone());
        for category in categories {
            drafts.extend(edit::change_category(menu, category)?);
            if !menu.categories.iter().any(|other| other.id == category.id) {
                drafts.push(edit::remove("category", &category.id, false));
            }
            known.categories.push(category.clone());
        }
        for product in products {
            match edit::change(&known, product) {
                Ok(edits) => drafts.extend(edits),
                Err(domain::Rejection::InvalidMenu(found)) => problems.extend(found),
                Err(other) => return Err(other),
            }
            if menu.product(&product.id).is_none() {
                drafts.push(edit::remove("product", &product.id, false));
                whole.products.push(product.clone());
            }
        }
        if whole.products.len() > domain::limits::PRODUCTS_MAX {
            problems.push("there are too many products".to_owned());
        }
        match problems.is_empty() {
            true => Ok(drafts),
            false => Err(domain::Rejection::InvalidMenu(problems)),
        }
    })
    .await
}

/// Says when the venue is open, and what the parts of its day are.
///
/// # Errors
/// Refuses hours that cannot be.
pub async fn hours(call: &Call, hours: &Hours) -> Result<(), Problem> {
    let problems = hours.problems();
    if !problems.is_empty() {
        return Err(domain::Rejection::InvalidMenu(problems).into());
    }
    let venue = &call.here()?.venue.id;
    let mut tries = Tries::default();
    while call.write(&[hours.draft(venue)]).await? == Written::Again {
        tries.again()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_stands_beside_what_its_author_was_not_shown() {
        let sibling = |id: &str, register| Sibling {
            id: id.to_owned(),
            register,
            fields: serde_json::Map::default(),
        };
        let siblings = [sibling("a", "offer"), sibling("b", "service")];
        let seen = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        for (edited, shown, expected) in [
            ("offer", Some(seen(&[])), Saved::Beside),
            ("offer", Some(seen(&["a"])), Saved::Alone),
            ("service", Some(seen(&["a"])), Saved::Beside),
            ("presentation", Some(seen(&[])), Saved::Alone),
            ("offer", None, Saved::Alone),
        ] {
            let saved = stands(&[register_of(edited)], &siblings, shown.as_deref());
            assert_eq!(saved, expected, "{edited} {shown:?}");
        }
    }

    fn register_of(name: &'static str) -> Draft {
        register("product", "cola", name, serde_json::json!({}))
    }
}
