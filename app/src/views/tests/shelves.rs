//! The pages of staff's long lists, for the tests of every page.

use askama::Template;

use super::shell;
use crate::views::{
    ArticleForm, ArticleLine, ArticleView, CatalogueView, KitchenForm, PriceLine, ShelfView,
    SideView, StockLine, StockShelf, StockView, Surface, TextField, TornLine,
};

fn hostile() -> String {
    "<script>alert(1)</script>".to_owned()
}

fn catalogue() -> CatalogueView {
    let product = ArticleLine {
        id: "cola".to_owned(),
        name: hostile(),
        price: hostile(),
        picture: "/static/pictures/plate.svg".to_owned(),
        available: false,
        torn: true,
        hint: hostile(),
    };
    let kitchen = KitchenForm {
        stations: Vec::new(),
        categories: Vec::new(),
        soon_minutes: 5,
        late_minutes: 10,
    };
    CatalogueView {
        shell: shell(Surface::Staff),
        shelves: vec![ShelfView {
            id: "drinks".to_owned(),
            name: hostile(),
            names: Vec::new(),
            position: 1,
            products: vec![product],
        }],
        kitchen,
        versions: Vec::new(),
        differs: true,
        torn: Vec::new(),
        prices: vec![PriceLine {
            name: hostile(),
            before: hostile(),
            after: hostile(),
            value: "cola:250:0".to_owned(),
        }],
        sum: hostile(),
        free: Vec::new(),
        done: Some(hostile()),
        error: Some(hostile()),
        problems: vec![hostile()],
        wrong: None,
    }
}

fn product() -> ArticleView {
    let side = SideView { id: "one".to_owned(), counts: true, lines: vec![(hostile(), hostile())] };
    let name = TextField { field: "name_fr".to_owned(), code: "fr", text: hostile() };
    ArticleView {
        shell: shell(Surface::Staff),
        address: "cola".to_owned(),
        name: hostile(),
        form: ArticleForm { groups: hostile(), ..ArticleForm::default() },
        names: vec![name],
        descriptions: Vec::new(),
        categories: Vec::new(),
        products: Vec::new(),
        kinds: Vec::new(),
        parts: Vec::new(),
        allergens: Vec::new(),
        diets: Vec::new(),
        sides: vec![side],
        error: Some(hostile()),
        problems: vec![hostile()],
        wrong: Vec::new(),
        beside: true,
    }
}

fn stock() -> StockView {
    let line = |id: &str, wrong: &str| StockLine {
        id: id.to_owned(),
        name: hostile(),
        left: Some(0),
        web: 2,
        web_percent: 30,
        wrong: wrong.to_owned(),
    };
    StockView {
        shell: shell(Surface::Staff),
        error: Some(hostile()),
        saved: true,
        on_site: true,
        act: "act".to_owned(),
        shelves: vec![StockShelf {
            id: "drinks".to_owned(),
            name: hostile(),
            lines: vec![line("cola", "pieces"), line("the", "")],
        }],
    }
}

/// Every page of this file.
pub(super) fn shelf_pages(page: &mut impl FnMut(&'static str, askama::Result<String>)) {
    page("catalogue", catalogue().render());
    page("catalogue_product", product().render());
    page("stock", stock().render());
}

#[test]
fn what_is_free_or_waits_to_be_chosen_wants_a_word_first() {
    let ask = |name: &str, html: &str| {
        html.contains(&format!(r#"<input type="checkbox" name="{name}" value="1" required>"#))
    };
    let html = catalogue().render().unwrap();
    assert!(!ask("free", &html) && !ask("anyway", &html));
    let torn = vec![TornLine { id: "cola".to_owned(), name: hostile() }];
    let view = CatalogueView { free: vec!["Cola".to_owned()], torn, ..catalogue() };
    let html = view.render().unwrap();
    assert!(ask("free", &html) && ask("anyway", &html), "{html}");
    assert!(html.contains("href=\"/catalogue/products/cola#edit-sides\""), "{html}");
}

#[test]
fn a_wrong_field_is_marked_and_the_first_one_is_gone_to() {
    let wrong = vec!["name_fr".to_owned(), "groups".to_owned()];
    let html = ArticleView { wrong, ..product() }.render().unwrap();
    assert_eq!(html.matches("aria-invalid=\"true\"").count(), 2, "{html}");
    assert_eq!(html.matches(" autofocus").count(), 1, "{html}");
    let html = stock().render().unwrap();
    assert_eq!(html.matches("aria-invalid=\"true\"").count(), 1, "{html}");
    assert_eq!(html.matches("class=\"stock__more\" open").count(), 1, "{html}");
}

#[test]
fn whoever_saved_beside_others_is_led_to_the_choice() {
    let way = "href=\"#edit-sides\"";
    assert!(product().render().unwrap().contains(way));
    let alone = ArticleView { beside: false, ..product() };
    assert!(!alone.render().unwrap().contains(way));
}
