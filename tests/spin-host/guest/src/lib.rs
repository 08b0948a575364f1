//! A component for the tests of `spin-host`: each route does one thing that the host must get
//! right. It knows nothing of Relais; natively it is empty.
#![cfg(target_arch = "wasm32")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;
use spin_sdk::sqlite::{Connection, Error, Value};
use tower::Service as _;

/// Requests that this instance has begun, those that ask for this number left out.
static BEGUN: AtomicU32 = AtomicU32::new(0);

type Answer = Result<String, (StatusCode, String)>;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    if request.uri().path() != "/begun" {
        BEGUN.fetch_add(1, Ordering::Relaxed);
    }
    router().call(request).await
}

fn router() -> Router {
    Router::new()
        .route("/run", post(run))
        .route("/panic", post(run_and_panic))
        .route("/undrained", post(undrained))
        .route("/abandoned", post(abandoned))
        .route("/transfer", post(transfer))
        .route("/open/{label}", get(open))
        .route("/variable/{name}", get(variable))
        .route("/environment/{name}", get(environment))
        .route("/file/{*path}", get(file))
        .route("/fetch", get(fetch))
        .route("/header/{name}", get(header))
        .route("/begun", get(begun))
        .route("/clock", get(clock))
        .route("/random", get(random))
}

/// Runs each line as a statement on one connection, which is dropped without a COMMIT of its own.
async fn run(lines: String) -> Answer {
    let connection = Connection::open_default().await.map_err(failed)?;
    run_lines(&connection, &lines).await
}

#[expect(clippy::panic, reason = "what a panic does to the database is what a test asks")]
async fn run_and_panic(lines: String) -> Answer {
    let connection = Connection::open_default().await.map_err(failed)?;
    run_lines(&connection, &lines).await?;
    panic!("the test asked for it");
}

async fn run_lines(connection: &Connection, lines: &str) -> Answer {
    let mut found = Vec::new();
    for line in lines.lines() {
        found.extend(rows(connection, line, Vec::new()).await.map_err(failed)?);
    }
    Ok(found.join("\n"))
}

/// Takes all rows, then the result: the order that Spin demands.
async fn rows(
    connection: &Connection,
    sql: &str,
    parameters: Vec<Value>,
) -> Result<Vec<String>, Error> {
    let mut query = connection.execute(sql, parameters).await?;
    let mut found = Vec::new();
    while let Some(row) = query.next().await {
        found.push(row.values.iter().map(text).collect::<Vec<_>>().join("|"));
    }
    query.result().await?;
    Ok(found)
}

fn text(value: &Value) -> String {
    match value {
        Value::Integer(integer) => integer.to_string(),
        Value::Real(real) => real.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => format!("{bytes:?}"),
        Value::Null => "null".to_owned(),
    }
}

/// Awaits the result while rows are left.
async fn undrained(sql: String) -> Answer {
    let connection = Connection::open_default().await.map_err(failed)?;
    let query = connection.execute(&sql, []).await.map_err(failed)?;
    query.result().await.map_err(failed)?;
    Ok("not reached".to_owned())
}

/// Gives the rows up before it awaits the result.
async fn abandoned(sql: String) -> Answer {
    let connection = Connection::open_default().await.map_err(failed)?;
    let (columns, rows, result) = connection.execute(&sql, []).await.map_err(failed)?.into_inner();
    drop(rows);
    result.await.map_err(failed)?;
    Ok(columns.join("|"))
}

/// An atomic batch, each statement with the row count that it must affect.
async fn transfer(amount: String) -> Answer {
    let amount = amount.parse::<i64>().map_err(|_| bad("an integer, please"))?;
    let connection = Connection::open_default().await.map_err(failed)?;
    rows(&connection, "BEGIN IMMEDIATE", Vec::new()).await.map_err(failed)?;
    for (sql, amount) in [
        ("UPDATE purse SET cents = cents - ?1 WHERE name = 'a' AND cents >= ?1", amount),
        ("UPDATE purse SET cents = cents + ?1 WHERE name = 'b'", amount),
    ] {
        rows(&connection, sql, vec![amount.into()]).await.map_err(failed)?;
        if connection.changes().await != 1 {
            // Dropping the connection rolls back.
            return Err(bad("not exactly one row"));
        }
    }
    rows(&connection, "COMMIT", Vec::new()).await.map_err(failed)?;
    Ok("done".to_owned())
}

async fn open(Path(label): Path<String>) -> Answer {
    Connection::open(&label).await.map_err(failed)?;
    Ok("opened".to_owned())
}

async fn variable(Path(name): Path<String>) -> Answer {
    spin_sdk::variables::get(&name).await.map_err(|error| bad(&format!("{error:?}")))
}

async fn environment(Path(name): Path<String>) -> Answer {
    std::env::var(&name).map_err(|error| bad(&error.to_string()))
}

async fn file(Path(path): Path<String>) -> Answer {
    std::fs::read_to_string(format!("/{path}")).map_err(|error| bad(&error.to_string()))
}

async fn fetch(Query(query): Query<Vec<(String, String)>>) -> Answer {
    let (_, url) = query.into_iter().next().ok_or_else(|| bad("a url, please"))?;
    let response =
        spin_sdk::http::get(url).await.map_err(|error| bad(&format!("refused: {error:?}")))?;
    let status = response.status();
    let body = axum::body::Body::new(response.into_body());
    let bytes =
        axum::body::to_bytes(body, 1 << 20).await.map_err(|error| bad(&error.to_string()))?;
    Ok(format!("{status} {}", String::from_utf8_lossy(&bytes)))
}

async fn header(Path(name): Path<String>, headers: HeaderMap) -> Answer {
    let value = headers.get(&name).ok_or_else(|| bad("no such header"))?;
    Ok(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

async fn begun() -> String {
    BEGUN.load(Ordering::Relaxed).to_string()
}

async fn clock() -> Answer {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Ok(since.map_err(|error| bad(&error.to_string()))?.as_millis().to_string())
}

async fn random() -> Answer {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| bad(&error.to_string()))?;
    Ok(format!("{bytes:?}"))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn failed(error: Error) -> (StatusCode, String) {
    (StatusCode::CONFLICT, format!("{error:?}"))
}

fn bad(problem: &str) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, problem.to_owned())
}
