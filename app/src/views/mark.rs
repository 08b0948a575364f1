//! Owns how a field that is wrong is marked, so that a screen reader says it and the browser goes
//! there. It must not know why it is wrong.

/// Returns the attributes of a field; the first wrong one of a page takes the focus.
#[must_use]
pub(super) const fn marked(is_wrong: bool, is_first: bool) -> &'static str {
    match (is_wrong, is_first) {
        (false, _) => "",
        (true, false) => " aria-invalid=\"true\"",
        (true, true) => " aria-invalid=\"true\" autofocus",
    }
}
