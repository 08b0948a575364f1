//! Nothing in the tree betrays the machine it was written on, and nothing in it is a secret.

use super::tree::Document;

/// Beginnings of paths that exist on one machine only. They are put together here so that this
/// file does not hold them.
const MACHINE: [&str; 4] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/tm", "p/claude"),
];
/// Beginnings of secrets, and how many letters must follow to make one.
const SECRETS: [(&str, usize); 7] = [
    (concat!("sk_", "live_"), 8),
    (concat!("sk_", "test_"), 8),
    (concat!("rk_", "live_"), 8),
    (concat!("whsec", "_"), 16),
    (concat!("AK", "IA"), 16),
    (concat!("gh", "p_"), 20),
    (concat!("PRIVATE", " KEY-----"), 0),
];
/// Where packages are recorded to come from, if anywhere.
const NPM: &str = "https://registry.npmjs.org/";
const CRATES: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks one file.
#[must_use]
pub fn check(document: &Document) -> Vec<String> {
    let mut problems = Vec::new();
    for (index, line) in document.text.lines().enumerate() {
        let at = || format!("{}:{}", document.path, index + 1);
        if let Some(path) = MACHINE.iter().find(|path| line.contains(**path)) {
            problems.push(format!("{}: the path `{path}…` is of one machine", at()));
        }
        if SECRETS.iter().any(|(begin, least)| has_secret(line, begin, *least)) {
            problems.push(format!("{}: looks like a secret", at()));
        }
        if comes_from_elsewhere(document, line) {
            problems.push(format!("{}: comes from another registry", at()));
        }
    }
    problems
}

fn has_secret(line: &str, begin: &str, least: usize) -> bool {
    let is_part = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    line.split(begin).skip(1).any(|rest| rest.chars().take_while(is_part).count() >= least)
}

fn comes_from_elsewhere(document: &Document, line: &str) -> bool {
    let line = line.trim();
    if document.is(&["package-lock.json"]) {
        return line.starts_with("\"resolved\": \"http") && !line.contains(NPM);
    }
    document.is(&["Cargo.lock"]) && line.starts_with("source = ") && !line.contains(CRATES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        check(&Document::new(path, text)).len()
    }

    #[test]
    fn a_machine_path_is_found() {
        assert_eq!(problems("README.md", &format!("cd {}somewhere", MACHINE[0])), 1);
        assert_eq!(problems("README.md", "cd relais; ls ./work in progress"), 0);
    }

    #[test]
    fn a_secret_is_found() {
        for (begin, least) in SECRETS {
            let text = format!("key = \"{begin}{}\"", "a1".repeat(least));
            assert_eq!(problems("a.toml", &text), 1, "{begin}");
        }
        assert_eq!(problems("a.md", &format!("a key begins with {}…", SECRETS[0].0)), 0);
    }

    #[test]
    fn another_registry_is_found() {
        let npm = "  \"resolved\": \"https://elsewhere.example/a.tgz\"";
        assert_eq!(problems("static/package-lock.json", npm), 1);
        let cargo = "source = \"git+https://elsewhere.example/a\"";
        assert_eq!(problems("Cargo.lock", cargo), 1);
        assert_eq!(problems("Cargo.lock", &format!("source = \"{CRATES}\"")), 0);
    }
}
