//! A menu as rows of a spreadsheet: what is plain enough to stand in cells.
//!
//! Options, slots and ingredients are no cells: a row leaves those of its product as they are. It
//! must not know what a row changes.

use std::fmt::Write as _;

use super::{
    Catalogue, Product,
    lines::{read_cents, write_cents},
};
use crate::venue::LANGUAGES;

/// The columns, in their order.
pub const COLUMNS: [&str; 16] = [
    "id",
    "category",
    "name_fr",
    "name_nl",
    "name_en",
    "description_fr",
    "description_nl",
    "description_en",
    "price",
    "allergens",
    "diets",
    "station",
    "day_part",
    "position",
    "picture",
    "free_text",
];

/// A row that cannot be read: the line on which it begins, and the column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Counted from 1.
    pub line: usize,
    /// The column, or what is wrong with the row.
    pub what: String,
}

/// Writes products as CSV (RFC 4180).
#[must_use]
pub fn write(menu: &Catalogue) -> String {
    let mut text = COLUMNS.join(",");
    for product in &menu.products {
        text.push_str("\r\n");
        let cells: Vec<String> = COLUMNS.iter().map(|c| quoted(&cell(product, c))).collect();
        text.push_str(&cells.join(","));
    }
    text.push_str("\r\n");
    text
}

fn cell(product: &Product, column: &str) -> String {
    let text =
        |texts: &super::Texts, language: &str| texts.get(language).cloned().unwrap_or_default();
    match column.split_once('_') {
        Some(("name", language)) => return text(&product.name, language),
        Some(("description", language)) => return text(&product.description, language),
        _ => {}
    }
    match column {
        "id" => product.id.clone(),
        "category" => product.category.clone(),
        "price" => write_cents(product.price_cents),
        "allergens" => product.allergens.join(" "),
        "diets" => product.diets.join(" "),
        "station" => product.station.clone(),
        "day_part" => product.day_part.clone(),
        "position" => product.position.to_string(),
        "picture" => product.picture.clone(),
        "free_text" => if product.free_text { "yes" } else { "no" }.to_owned(),
        _ => String::new(),
    }
}

/// A cell that a spreadsheet would take for a formula begins with an apostrophe.
fn quoted(cell: &str) -> String {
    let mut text = String::from("\"");
    if cell.starts_with(['=', '+', '-', '@', '\'']) {
        text.push('\'');
    }
    let _ = write!(text, "{}\"", cell.replace('"', "\"\""));
    text
}

/// Reads products from CSV; each begins as what the menu has under its id.
///
/// # Errors
/// Names every row that cannot be read.
pub fn read(menu: &Catalogue, text: &str) -> Result<Vec<Product>, Vec<Broken>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let comma = match text.lines().next() {
        Some(head) if head.contains(';') && !head.contains(',') => ';',
        _ => ',',
    };
    let rows = rows(text, comma).map_err(|broken| vec![broken])?;
    let mut rows = rows.into_iter();
    let head: Vec<String> = rows.next().map(|(_, cells)| cells).unwrap_or_default();
    let unknown = head.iter().find(|name| !COLUMNS.contains(&name.as_str()));
    if unknown.is_some() || !head.iter().any(|name| name == "id") {
        let what = unknown.map_or("id", String::as_str).to_owned();
        return Err(vec![Broken { line: 1, what }]);
    }
    let (mut products, mut broken) = (Vec::<Product>::new(), Vec::new());
    for (line, cells) in rows {
        match product(menu, &head, &cells) {
            Ok(product) if products.iter().any(|other| other.id == product.id) => {
                broken.push(Broken { line, what: "id".to_owned() });
            }
            Ok(product) => products.push(product),
            Err(what) => broken.push(Broken { line, what }),
        }
    }
    if broken.is_empty() { Ok(products) } else { Err(broken) }
}

fn product(menu: &Catalogue, head: &[String], cells: &[String]) -> Result<Product, String> {
    if cells.len() != head.len() {
        return Err("columns".to_owned());
    }
    let named = || head.iter().map(String::as_str).zip(cells.iter().map(|cell| plain(cell)));
    let id = named().find(|(name, _)| *name == "id").map(|(_, cell)| cell).unwrap_or_default();
    let mut product = menu.product(&id).cloned().unwrap_or_else(|| Product::new(&id));
    for (name, cell) in named() {
        set(&mut product, name, cell).ok_or_else(|| name.to_owned())?;
    }
    Ok(product)
}

fn set(product: &mut Product, column: &str, cell: String) -> Option<()> {
    let codes = |cell: &str| cell.split_whitespace().map(str::to_owned).collect();
    for language in LANGUAGES {
        for (kind, texts) in
            [("name", &mut product.name), ("description", &mut product.description)]
        {
            if column == format!("{kind}_{language}") {
                match cell.is_empty() {
                    true => drop(texts.remove(language)),
                    false => drop(texts.insert(language.to_owned(), cell)),
                }
                return Some(());
            }
        }
    }
    match column {
        "id" => {}
        "category" => product.category = cell,
        "price" => product.price_cents = read_cents(&cell)?,
        "allergens" => product.allergens = codes(&cell),
        "diets" => product.diets = codes(&cell),
        "station" => product.station = cell,
        "day_part" => product.day_part = cell,
        "position" => product.position = cell.parse().ok()?,
        "picture" => product.picture = cell,
        "free_text" => {
            product.free_text = match cell.as_str() {
                "yes" => true,
                "no" | "" => false,
                _ => return None,
            }
        }
        _ => return None,
    }
    Some(())
}

fn plain(cell: &str) -> String {
    let guarded =
        cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@', '\'']));
    guarded.unwrap_or(cell).trim().to_owned()
}

/// Takes CSV apart into rows, each with the line on which it begins; empty lines are none.
fn rows(text: &str, comma: char) -> Result<Vec<(usize, Vec<String>)>, Broken> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut line, mut begun, mut quoted) = (1, 1, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push((begun, std::mem::take(&mut row)));
                line += 1;
                begun = line;
            }
            c if c == comma && !quoted => row.push(std::mem::take(&mut cell)),
            c => {
                line += usize::from(c == '\n');
                cell.push(c);
            }
        }
    }
    if quoted {
        return Err(Broken { line: begun, what: "\"".to_owned() });
    }
    row.push(cell);
    rows.push((begun, row));
    rows.retain(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::venue::Document;

    fn menu() -> Catalogue {
        let text = include_str!("../../../fixtures/venues/chakri.json");
        let document: Document = serde_json::from_str(text).unwrap();
        let (categories, products) = (document.categories, document.products);
        Catalogue { categories, products, ..Catalogue::default() }
    }

    #[test]
    fn what_is_exported_is_imported_unchanged_options_included() {
        let mut menu = menu();
        let odd = "=1+1, \"é\" ; 🍔 שלום";
        menu.products[0].name.insert("fr".to_owned(), odd.to_owned());
        assert_eq!(read(&menu, &write(&menu)).unwrap(), menu.products);
    }

    #[test]
    fn a_spreadsheet_s_own_ways_are_understood() {
        let menu = menu();
        let text =
            "\u{feff}id;price;name_fr\r\n\r\ncola;2,75;\"Cola; grand\nverre\"\r\nneuf;1;Neuf";
        let products = read(&menu, text).unwrap();
        assert_eq!(products[0].price_cents, 275);
        assert_eq!(products[0].name["fr"], "Cola; grand\nverre");
        assert_eq!(products[0].name["nl"], menu.product("cola").unwrap().name["nl"]);
        assert_eq!((products[1].id.as_str(), products[1].price_cents), ("neuf", 100));
    }

    #[test]
    fn broken_rows_are_named_by_their_lines() {
        let menu = menu();
        for (text, expected) in [
            ("id,price\ncola,x\nfrites,3.5\nlimonade,-1", &[(2, "price"), (4, "price")][..]),
            ("id,price\ncola", &[(2, "columns")]),
            ("id,price\n\ncola,1\ncola,2", &[(4, "id")]),
            ("id,prix\ncola,1", &[(1, "prix")]),
            ("price\n1", &[(1, "id")]),
            ("", &[(1, "id")]),
            ("id,price\n\"cola,1", &[(2, "\"")]),
            ("id,free_text\ncola,maybe", &[(2, "free_text")]),
        ] {
            let found = read(&menu, text).unwrap_err();
            let found: Vec<_> = found.iter().map(|b| (b.line, b.what.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
