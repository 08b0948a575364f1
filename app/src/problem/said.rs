//! How a problem is told to a person: its sentence, and each detail, in the reader's language.
//!
//! What has no words of its own keeps those that programs know it by. It must not know any page.

use super::Problem;
use crate::locale::Locale;

impl Problem {
    /// Returns the sentence in the reader's language; where a field is wrong, it names the field.
    #[must_use]
    pub fn sentence(&self, locale: Locale) -> String {
        let named = |(field, line)| Some((locale.find(&format!("field.{field}"))?, line));
        if let Some((name, line)) = self.field().and_then(named) {
            return match line {
                "" => locale.t_with("error.invalid_field_named", &[("field", name)]),
                line => {
                    let values = [("field", name), ("line", line)];
                    locale.t_with("error.invalid_field_line", &values)
                }
            };
        }
        let key = format!("error.{}", self.code);
        locale.find(&key).unwrap_or_else(|| locale.t("error.internal")).to_owned()
    }

    /// Returns the field that is wrong, and the line of it where it has lines.
    #[must_use]
    pub fn field(&self) -> Option<(&str, &str)> {
        let subject = self.subject.first().filter(|_| self.code == "invalid_field")?;
        Some(subject.split_once(": ").unwrap_or((subject, "")))
    }

    /// Returns what else there is to tell, one thing a line.
    #[must_use]
    pub fn details(&self, locale: Locale) -> Vec<String> {
        let all = |say: fn(Locale, &str) -> String| {
            self.subject.iter().map(|one| say(locale, one)).collect()
        };
        match self.code {
            // Their sentences say it all, or their subject is for programs.
            "invalid_field" | "price_changed" | "too_many_requests" | "would_be_free" => Vec::new(),
            "invalid_table" | "invalid_json" => all(line),
            "invalid_menu" => all(flaw),
            _ => self.subject.clone(),
        }
    }
}

/// Says `line 3: price`.
fn line(locale: Locale, text: &str) -> String {
    let Some(rest) = text.strip_prefix("line ") else { return text.to_owned() };
    let (number, column) = rest.split_once(": ").unwrap_or((rest, ""));
    let said = locale.t_with("flaw.line", &[("line", number)]);
    if column.is_empty() {
        return said;
    }
    // A column in a language is the same column.
    let bare = ["_fr", "_nl", "_en"].iter().find_map(|end| column.strip_suffix(end));
    let known = locale.find(&format!("field.{}", bare.unwrap_or(column)));
    let language = bare.map(|bare| column.trim_start_matches(bare).trim_start_matches('_'));
    let name = known.unwrap_or(column);
    match language {
        Some(language) => format!("{said} : {name} ({language})"),
        None => format!("{said} : {name}"),
    }
}

/// Says `product cola: the price is out of range`.
fn flaw(locale: Locale, text: &str) -> String {
    let whose = text.split_once(": ").filter(|(of, _)| of.split(' ').count() == 2);
    let (of, what) =
        whose.map_or(("", text), |(of, what)| (of.split_once(' ').map_or(of, |(_, id)| id), what));
    let said = locale.find(&format!("flaw.{}", slug(what))).unwrap_or(what);
    if of.is_empty() { said.to_owned() } else { format!("{of} : {said}") }
}

/// Makes of a sentence that programs know the key of what people read.
#[must_use]
pub(crate) fn slug(sentence: &str) -> String {
    let words =
        sentence.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_").to_lowercase()
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    fn problem(code: &'static str, subject: &str) -> Problem {
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code);
        Problem { subject: vec![subject.to_owned()], ..problem }
    }

    #[test]
    fn a_refusal_names_the_field_as_its_reader_calls_it() {
        for (subject, locale, expected) in [
            ("price", Locale::Fr, "Prix"),
            ("price", Locale::Nl, "Prijs"),
            ("groups: 3", Locale::En, "line 3"),
            ("groups: 3", Locale::Fr, "Groupes d’options"),
        ] {
            let said = problem("invalid_field", subject).sentence(locale);
            assert!(said.contains(expected), "{subject}: {said}");
        }
        let unknown = problem("invalid_field", "sealed").sentence(Locale::En);
        assert_eq!(unknown, Locale::En.t("error.invalid_field"));
    }

    #[test]
    fn details_are_told_in_the_reader_s_language() {
        for (code, subject, expected) in [
            ("invalid_table", "line 3: price", "Ligne 3 : Prix"),
            ("invalid_table", "line 3: name_nl", "Ligne 3 : Nom (nl)"),
            ("invalid_table", "line 2: prijs", "Ligne 2 : prijs"),
            ("invalid_json", "line 7", "Ligne 7"),
            ("invalid_menu", "product cola: the price is out of range", "cola : le prix"),
            ("invalid_menu", "there are too many products", "il y a trop"),
            ("invalid_menu", "product cola: something new", "cola : something new"),
            ("unknown_product", "cola", "cola"),
        ] {
            let said = problem(code, subject).details(Locale::Fr).join("");
            assert!(said.starts_with(expected), "{subject}: {said}");
        }
        assert!(problem("invalid_field", "price").details(Locale::Fr).is_empty());
    }
}
