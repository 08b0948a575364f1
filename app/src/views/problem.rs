//! Owns the page that says what went wrong, what to do, and the way back.
//! It must not know why: it is given a stable code and shows that code's sentence.

use askama::Template;

use super::Shell;

/// The page for any error, at any address.
#[derive(Template)]
#[template(path = "problem.html")]
pub struct ProblemView {
    /// The frame.
    pub shell: Shell,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// The code's sentence in the reader's language.
    pub sentence: String,
    /// What the reader can do.
    pub advice: String,
    /// Where the way back leads; `None` where there is nowhere to go (an unknown venue).
    pub back_href: Option<String>,
}

impl ProblemView {
    /// Makes the page of a code; an unknown code reads as an internal error.
    pub fn new(shell: Shell, status: u16, code: &str) -> Self {
        let locale = shell.locale;
        let sentence =
            locale.find(&format!("error.{code}")).unwrap_or_else(|| locale.t("error.internal"));
        let advice = match (code, status) {
            ("unknown_venue", _) => locale.t("problem.advice_unknown_venue"),
            ("sign_in_required" | "wrong_key" | "forbidden", _) => {
                locale.t("problem.advice_sign_in")
            }
            (_, 404 | 405) => locale.t("problem.advice_not_found"),
            (_, 429) => locale.t("problem.advice_wait"),
            (_, 500..) => locale.t("problem.advice_try_again"),
            _ => locale.t("problem.advice_go_back"),
        };
        let back_href = (code != "unknown_venue").then(|| shell.home_href().to_owned());
        Self {
            status,
            code: code.to_owned(),
            sentence: sentence.to_owned(),
            advice: advice.to_owned(),
            back_href,
            shell,
        }
    }

    /// Returns the picture's name: lost signal for our side, an empty plate for the rest.
    pub fn picture(&self) -> &'static str {
        if self.status >= 500 { "signal" } else { "plate" }
    }
}
