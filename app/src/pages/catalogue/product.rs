//! The page of one product: its form, and what two editors wrote at once.
//!
//! It must not decide: `menu::edit` does.

use axum::http::{HeaderValue, StatusCode, header};
use domain::catalogue::{
    Catalogue, Kind, Product,
    lines::{self, Unread},
    marks::{ALLERGENS, DIETS},
};
use serde_json::Value as Json;

use super::{kitchen::choices, text_fields, texts};
use crate::{
    call::{Answer, Call, page},
    locale::Locale,
    menu::{
        edit::{self as apply, Saved},
        picture,
    },
    pages::{login::redirect, present::text},
    problem::{Problem, respond, slug},
    rows::{self, catalogue::Sibling},
    views::{ArticleForm, ArticleView, SideView, Surface, Tick},
};

/// Where the form of a product that is to come stands.
const NEW: &str = "new";

/// The fields of the form in its order, each with the words of the problems that are about it.
const FIELDS: [(&str, &[&str]); 11] = [
    ("id", &["the_id_is_not"]),
    ("name_fr", &["the_name_is_missing"]),
    ("description_fr", &["the_description_is"]),
    ("picture", &["the_picture_is"]),
    ("price", &["the_price_is"]),
    ("category", &["its_category_is"]),
    ("kind", &["a_combo_has_slots"]),
    ("upsell", &["offered_with_it", "an_id_is_not"]),
    ("groups", &["group_", "option_groups", "a_choice"]),
    ("ingredients", &["ingredient"]),
    ("slots", &["slot"]),
];

/// Shows one product, or an empty form.
pub async fn show(call: Call) -> Answer {
    let menu = load(&call).await?;
    let product = match call.param("id")? {
        NEW => {
            let category = call.query("category").unwrap_or_default().to_owned();
            Product { category, ..Product::new("") }
        }
        id => {
            let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_product");
            menu.product(id).cloned().ok_or_else(unknown)?
        }
    };
    form(&call, &menu, (&product, None)).await
}

/// Does what a form of a product's page says.
pub async fn change(call: Call) -> Answer {
    let id = call.param("id")?.to_owned();
    let menu = load(&call).await?;
    // A form with a picture says nothing else of the product.
    let (wanted, read) = match (call.field("do").as_str(), menu.product(&id)) {
        ("picture", Some(known)) => (known.clone(), Ok(())),
        _ => wanted(&call, &menu, &id),
    };
    let done = match (call.field("do").as_str(), read) {
        ("choose", _) => {
            apply::choose(&call, &id, &call.field("sibling")).await.map(|()| Saved::Alone)
        }
        ("picture", _) => send_picture(&call, &id).await.map(|()| Saved::Alone),
        ("remove", _) => apply::remove(&call, ("product", &id), true).await.map(|()| Saved::Alone),
        ("save", Ok(())) => {
            let seen: Vec<String> =
                call.field("seen").split_whitespace().map(str::to_owned).collect();
            apply::product(&call, &wanted, Some(&seen)).await
        }
        ("save", Err(problem)) => Err(problem),
        _ => Err(Problem::invalid_field("do")),
    };
    match done {
        Ok(_) if call.field("do") == "picture" => {
            Ok(redirect(&format!("/catalogue/products/{id}#edit-picture"), &[]))
        }
        Ok(Saved::Beside) => {
            Ok(redirect(&format!("/catalogue/products/{}?beside", wanted.id), &[]))
        }
        Ok(Saved::Alone) => Ok(redirect("/catalogue?done=saved", &[])),
        Err(problem) if problem.status.is_server_error() => Err(problem),
        Err(problem) => form(&call, &menu, (&wanted, Some(problem))).await,
    }
}

async fn send_picture(call: &Call, id: &str) -> Result<(), Problem> {
    let missing = || Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "photo_missing");
    let sent = call.file("photo").filter(|file| !file.is_empty()).ok_or_else(missing)?;
    picture::change(call, id, sent.to_vec()).await
}

/// Shows a picture of a product; under its name it is the same for ever.
pub async fn picture(call: Call) -> Answer {
    let found = picture::load(&call.db, &call.here()?.venue.id, call.param("id")?).await?;
    let bytes = found.ok_or_else(Problem::not_found)?;
    let mut response = respond(StatusCode::OK, "image/jpeg", bytes);
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"picture.jpg\""),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Reads the form; what cannot be read stays as it is, and the first such field is named.
fn wanted(call: &Call, menu: &Catalogue, address: &str) -> (Product, Result<(), Problem>) {
    let id = match address {
        NEW => call.field("id").trim().to_owned(),
        id => id.to_owned(),
    };
    let mut product = menu.product(&id).cloned().unwrap_or_else(|| Product::new(&id));
    let ticked = |name: &str, codes: &[&str]| -> Vec<String> {
        let is = |code: &&&str| !call.field(&format!("{name}_{code}")).is_empty();
        codes.iter().filter(is).map(|code| (**code).to_owned()).collect()
    };
    product.category = call.field("category");
    (product.name, product.description) = (texts(call, "name"), texts(call, "description"));
    product.picture = call.field("picture").trim().to_owned();
    product.allergens = ticked("allergen", &ALLERGENS);
    product.diets = ticked("diet", &DIETS);
    product.station = call.field("station").trim().to_owned();
    product.day_part = call.field("day_part");
    product.upsell = call.field("upsell").split_whitespace().map(str::to_owned).collect();
    product.free_text = !call.field("free_text").is_empty();
    let mut wrong: Option<Problem> = None;
    let mut fail = |field: &str, line: Option<Unread>| {
        let problem = Problem::invalid_field(field);
        let line = line.map(|Unread(line)| format!("{field}: {line}"));
        let subject = line.map_or_else(|| problem.subject.clone(), |line| vec![line]);
        wrong.get_or_insert(Problem { subject, ..problem });
    };
    match lines::read_cents(&call.field("price")) {
        Some(cents) => product.price_cents = cents,
        None => fail("price", None),
    }
    match Kind::parse(&call.field("kind")) {
        Some(kind) => product.kind = kind,
        None => fail("kind", None),
    }
    match lines::read_groups(&call.field("groups")) {
        Ok(groups) => product.option_groups = groups,
        Err(line) => fail("groups", Some(line)),
    }
    match lines::read_slots(&call.field("slots")) {
        Ok(slots) => product.slots = slots,
        Err(line) => fail("slots", Some(line)),
    }
    match lines::read_ingredients(&call.field("ingredients")) {
        Ok(ingredients) => product.ingredients = ingredients,
        Err(line) => fail("ingredients", Some(line)),
    }
    (product, wrong.map_or(Ok(()), Err))
}

async fn load(call: &Call) -> Result<Catalogue, Problem> {
    Ok(rows::catalogue::load(&call.db, &call.here()?.venue.id).await?)
}

async fn form(
    call: &Call,
    menu: &Catalogue,
    (product, problem): (&Product, Option<Problem>),
) -> Answer {
    let venue = &call.here()?.venue.id;
    let hours = rows::catalogue::hours(&call.db, venue).await?;
    let siblings = rows::catalogue::siblings(&call.db, venue, &product.id).await?;
    // What was typed is shown again, also where it cannot be read.
    let typed = |name: &str, kept: String| match problem {
        Some(_) => call.field(name),
        None => kept,
    };
    let seen: Vec<&str> = siblings.iter().map(|sibling| sibling.id.as_str()).collect();
    let tick =
        |value: &str, label: String, chosen: bool| Tick { value: value.to_owned(), label, chosen };
    let mark = |section: &str, code: &str, chosen: &[String]| {
        let name = call.locale.find(&format!("{section}.{code}")).unwrap_or(code).to_owned();
        tick(code, name, chosen.iter().any(|one| one == code))
    };
    let kind = |kind: Kind| {
        let label = call.locale.find(&format!("catalogue.kind_{}", kind.name()));
        tick(kind.name(), label.unwrap_or(kind.name()).to_owned(), product.kind == kind)
    };
    let always =
        tick("", call.locale.t("catalogue.always").to_owned(), product.day_part.is_empty());
    let part = |part: &domain::venue::hours::DayPart| {
        tick(&part.id, text(&part.name, call.locale), product.day_part == part.id)
    };
    let is_new = menu.product(&product.id).is_none();
    let mut response = page(&ArticleView {
        shell: call.shell(Surface::Staff),
        address: if is_new { NEW.to_owned() } else { product.id.clone() },
        name: text(&product.name, call.locale),
        form: ArticleForm {
            id: product.id.clone(),
            price: typed("price", lines::write_cents(product.price_cents)),
            picture: product.picture.clone(),
            stations: stations(call, product).await?,
            upsell: product.upsell.join(" "),
            groups: typed("groups", lines::write_groups(&product.option_groups)),
            slots: typed("slots", lines::write_slots(&product.slots)),
            ingredients: typed("ingredients", lines::write_ingredients(&product.ingredients)),
            free_text: product.free_text,
            seen: seen.join(" "),
        },
        names: text_fields("name", &product.name),
        descriptions: text_fields("description", &product.description),
        categories: menu
            .categories
            .iter()
            .map(|c| tick(&c.id, text(&c.name, call.locale), product.category == c.id))
            .collect(),
        products: offered(menu, product, call.locale),
        kinds: Kind::ALL.into_iter().map(kind).collect(),
        parts: [always].into_iter().chain(hours.parts.iter().map(part)).collect(),
        allergens: ALLERGENS.iter().map(|c| mark("allergen", c, &product.allergens)).collect(),
        diets: DIETS.iter().map(|c| mark("diet", c, &product.diets)).collect(),
        beside: call.query("beside").is_some(),
        sides: sides(call, &siblings),
        error: problem.as_ref().map(|problem| problem.sentence(call.locale)),
        problems: problem.as_ref().map(|one| one.details(call.locale)).unwrap_or_default(),
        wrong: problem.as_ref().map(wrong_fields).unwrap_or_default(),
    })?;
    if let Some(problem) = problem {
        problem.mark(&mut response);
    }
    Ok(response)
}

/// Lists what a combo may offer: everything but itself and other combos.
fn offered(menu: &Catalogue, product: &Product, locale: Locale) -> Vec<Tick> {
    let fits = |one: &&Product| one.kind != Kind::Combo && one.id != product.id;
    let tick = |one: &Product| Tick {
        value: one.id.clone(),
        label: text(&one.name, locale),
        chosen: false,
    };
    menu.products.iter().filter(fits).map(tick).collect()
}

/// Names the fields of the form that a problem is about, as the form calls them.
fn wrong_fields(problem: &Problem) -> Vec<String> {
    let about: Vec<String> = match problem.field() {
        Some((field, _)) => vec![field.to_owned()],
        None if problem.code == "invalid_menu" => {
            // The product's own id may hold any of the words.
            let what = |text: &String| match text.split_once(": ") {
                Some((_, what)) => slug(what),
                None => slug(text),
            };
            problem.subject.iter().map(what).collect()
        }
        None => Vec::new(),
    };
    let is_about = |(field, words): &&(&str, &[&str])| {
        let names = |text: &String| text == field || words.iter().any(|word| text.contains(word));
        about.iter().any(names)
    };
    let fields = FIELDS.iter().filter(is_about);
    fields.map(|(field, _)| (*field).to_owned()).collect()
}

async fn stations(call: &Call, product: &Product) -> Result<Vec<Tick>, Problem> {
    let kitchen = rows::kitchen::settings(&call.db, &call.here()?.venue.id).await?;
    let station = Some(&product.station);
    Ok(choices(&kitchen, station, "catalogue.category_station", call.locale))
}

/// Shows what stands side by side: of each value the fields in which it differs from the others.
fn sides(call: &Call, siblings: &[Sibling]) -> Vec<SideView> {
    let mut shown = Vec::new();
    for register in rows::catalogue::EDITED {
        let of: Vec<&Sibling> = siblings.iter().filter(|one| one.register == register).collect();
        if of.len() < 2 {
            continue;
        }
        for (index, side) in of.iter().enumerate() {
            let differs = |(name, value): &(&String, &Json)| {
                of.iter().any(|other| other.fields.get(*name) != Some(value))
            };
            let said = side.fields.iter().filter(differs);
            let lines = said.map(|(name, value)| (label(call, name), said_of(call, name, value)));
            shown.push(SideView {
                id: side.id.clone(),
                counts: index == 0,
                lines: lines.collect(),
            });
        }
    }
    shown
}

fn label(call: &Call, field: &str) -> String {
    let known = call.locale.find(&format!("catalogue.{field}"));
    known.map_or_else(|| field.to_owned(), str::to_owned)
}

fn said_of(call: &Call, field: &str, value: &Json) -> String {
    match value {
        Json::Number(cents) if field == "price_cents" => {
            call.locale.money(cents.as_i64().unwrap_or_default())
        }
        Json::String(text) => text.clone(),
        Json::Object(texts) => {
            let one = |(language, text): (&String, &Json)| {
                format!("{language}: {}", text.as_str().unwrap_or_default())
            };
            texts.iter().map(one).collect::<Vec<_>>().join(" · ")
        }
        Json::Array(items) if items.iter().all(Json::is_string) => {
            items.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_shown_at_the_fields_that_it_is_about() {
        let menu = |subject: &str| {
            let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_menu");
            Problem { subject: vec![subject.to_owned()], ..problem }
        };
        for (problem, fields) in [
            (Problem::invalid_field("price"), &["price"][..]),
            (Problem::invalid_field("groups: 3"), &["groups"]),
            (menu("product x: the id is not a plain name"), &["id"]),
            (menu("product x: a choice's price is out of range"), &["groups"]),
            (menu("product x: the price is out of range"), &["price"]),
            (menu("product x: a group's id is not a plain name"), &["groups"]),
            (menu("product x: a combo has slots, and nothing else has"), &["kind", "slots"]),
            (menu("product slot: the price is out of range"), &["price"]),
            (menu("there are too many products"), &[]),
        ] {
            assert_eq!(wrong_fields(&problem), fields, "{:?}", problem.subject);
        }
    }
}
