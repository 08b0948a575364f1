//! What a Spin component may rely on, shown with a real component through the real program.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod network;
mod running;

use std::time::{Duration, SystemTime};

use http::{Request, StatusCode};
use tokio::time::timeout;

use running::Running;

/// Long enough for any answer that is going to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// Short, because this time always passes in full.
const HANG: Duration = Duration::from_millis(500);
const TABLE: &str = "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT UNIQUE)";
const COUNT: &str = "SELECT count(*) FROM note";

#[tokio::test]
async fn rows_that_nobody_takes_hold_the_result_back_for_good() {
    let mut host = Running::start();
    assert!(timeout(HANG, host.post("/undrained", "SELECT 1")).await.is_err());

    // The instance that hangs there serves others meanwhile: a fresh one would have begun none.
    assert_eq!(host.get("/begun").await.1, "1");
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 999) ";
    let abandoned = host.post("/abandoned", &format!("{numbers} SELECT i AS number FROM n")).await;
    assert_eq!(abandoned, (StatusCode::OK, "number".to_owned()));
    assert_eq!(host.run(&[&format!("{numbers} SELECT sum(i) FROM n")]).await, "499500");

    assert!(host.terminate(), "a statement that hangs must not keep the host from ending");
}

#[tokio::test]
async fn one_call_runs_one_statement_and_ignores_the_rest() {
    let host = Running::start();
    host.run(&[TABLE, "INSERT INTO note VALUES (1, 'a'); INSERT INTO note VALUES (2, 'b')"]).await;
    assert_eq!(
        host.run(&["SELECT id, text, 0.5, x'ff', NULL FROM note; nonsense"]).await,
        "1|a|0.5|[255]|null"
    );
}

#[tokio::test]
async fn an_error_of_a_statement_comes_as_text_through_its_result() {
    let host = Running::start();
    host.run(&[TABLE, "INSERT INTO note VALUES (1, 'a')"]).await;
    for (sql, part) in [
        ("SELECT * FROM missing", "no such table: missing"),
        ("SELEC", "syntax error"),
        ("INSERT INTO note VALUES (2, 'a')", "UNIQUE constraint failed: note.text"),
        ("SELECT ?1", "Wrong number of parameters"),
    ] {
        let (status, text) = host.post("/run", sql).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(text.starts_with("Error::Io(") && text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn a_connection_that_is_dropped_rolls_back() {
    let host = Running::start();
    host.run(&[TABLE]).await;
    assert_eq!(
        host.run(&["BEGIN IMMEDIATE", "INSERT INTO note VALUES (1, 'a')", COUNT]).await,
        "1"
    );
    assert_eq!(host.run(&[COUNT]).await, "0");
    // Nor does its lock stay behind.
    host.run(&["BEGIN IMMEDIATE", "INSERT INTO note VALUES (1, 'a')", "COMMIT"]).await;
    assert_eq!(host.run(&[COUNT]).await, "1");
}

#[tokio::test]
async fn a_panic_rolls_back_and_takes_only_its_instance_down() {
    let host = Running::start();
    host.run(&[TABLE]).await;
    assert_eq!(host.get("/begun").await.1, "1");
    let (status, _) =
        host.post("/panic", "BEGIN IMMEDIATE\nINSERT INTO note VALUES (1, 'a')").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(host.get("/begun").await.1, "0");
    // Its row is gone, and so is its lock: otherwise the second row would wait in vain.
    assert_eq!(host.run(&["INSERT INTO note VALUES (2, 'b')", "SELECT id FROM note"]).await, "2");
}

#[tokio::test]
async fn changes_guard_a_batch_on_one_connection() {
    let host = Running::start();
    host.run(&["CREATE TABLE purse (name TEXT, cents INTEGER)"]).await;
    host.run(&["INSERT INTO purse VALUES ('a', 100), ('b', 0)"]).await;
    let purses = "SELECT name, cents FROM purse ORDER BY name";
    assert_eq!(host.post("/transfer", "30").await.0, StatusCode::OK);
    assert_eq!(host.run(&[purses]).await, "a|70\nb|30");
    assert_eq!(host.post("/transfer", "71").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(host.run(&[purses]).await, "a|70\nb|30");
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_stop_the_guest() {
    let host = Running::start();
    // No request comes before the one that waits: an instance that idles is thrown away.
    let other = rusqlite::Connection::open(host.database()).unwrap();
    other.execute_batch(TABLE).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    {
        let insert = host.post("/run", "INSERT INTO note VALUES (1, 'a')");
        tokio::pin!(insert);
        // It waits for the lock; once the guest has begun it, its client leaves.
        let begun = until("1", || async { host.get("/begun").await.1 });
        tokio::select! {
            answer = &mut insert => panic!("it did not wait: {answer:?}"),
            () = begun => {}
        }
    }
    other.execute_batch("COMMIT").unwrap();
    until("1", || host.run(&[COUNT])).await;
}

/// Asks until the number is at least `least`.
async fn until<F: Future<Output = String>>(least: &str, ask: impl Fn() -> F) {
    let least = least.parse::<u32>().unwrap();
    let reached = async { while ask().await.parse::<u32>().unwrap() < least {} };
    timeout(PATIENCE, reached).await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_not_listed_is_refused() {
    let host = Running::start();
    assert_eq!(host.get("/open/default").await, (StatusCode::OK, "opened".to_owned()));
    let refused = host.get("/open/other").await;
    assert_eq!(refused, (StatusCode::CONFLICT, "Error::AccessDenied".to_owned()));
}

#[tokio::test]
async fn variables_come_from_the_command_line_the_environment_and_defaults() {
    let keys = r#"
environment = { REGION = "be" }
[component.guest.variables]
sentence = "{{ greeting }}, {{ place }}!"
"#;
    let host = Running::start_with(keys, |_, _| {});
    assert_eq!(host.get("/variable/sentence").await.1, "hello, world!");
    assert_eq!(host.get("/environment/REGION").await.1, "be");
    // Only the component's own variables are its to read.
    let (status, text) = host.get("/variable/place").await;
    assert!(status == StatusCode::BAD_REQUEST && text.contains("Undefined"), "{text}");
    assert!(host.get("/variable/Not-A-Name").await.1.contains("InvalidName"));

    let host = Running::start_with(keys, |_, command| {
        command.env("SPIN_VARIABLE_GREETING", "bonjour").env("SPIN_VARIABLE_PLACE", "nobody");
    });
    assert_eq!(host.get("/variable/sentence").await.1, "bonjour, world!");
}

#[tokio::test]
async fn files_are_readable_at_their_destination_and_nothing_else_is() {
    let keys = r#"files = [{ source = "assets", destination = "/static" }, "notes/**/*"]"#;
    let host = Running::start_with(keys, |home, _| {
        for path in ["assets/css/page.css", "notes/deep/note.txt"] {
            let path = home.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, path.file_name().unwrap().as_encoded_bytes()).unwrap();
        }
    });
    assert_eq!(host.get("/file/static/css/page.css").await.1, "page.css");
    assert_eq!(host.get("/file/notes/deep/note.txt").await.1, "note.txt");
    for outside in ["/file/assets/css/page.css", "/file/../spin.toml", "/file/etc/hostname"] {
        assert_eq!(host.get(outside).await.0, StatusCode::BAD_REQUEST, "{outside}");
    }
}

#[tokio::test]
async fn clock_randomness_and_the_client_s_address_are_real() {
    let host = Running::start();
    let now_ms = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let before_ms = now_ms();
    let told_ms = host.get("/clock").await.1.parse::<u128>().unwrap();
    assert!((before_ms..=now_ms()).contains(&told_ms));
    assert_ne!(host.get("/random").await.1, host.get("/random").await.1);

    let forged = Request::get("/header/spin-client-addr").header("spin-client-addr", "6.6.6.6:6");
    let (status, address) = host.send(forged, "").await;
    assert!(status == StatusCode::OK && address.starts_with("127.0.0.1:"), "{address}");
}
