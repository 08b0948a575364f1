//! What every host's database promises: atomic batches, exact integers, D1's limits.

use std::thread;

use app::limits::{PAGE_QUERIES, SYNC_QUERIES};
use serde_json::{Value as Json, json};

use crate::{
    cases,
    contract::{Case, venue::Venue},
};

/// The cases of this file.
pub const CASES: &[Case] = cases![
    a_batch_takes_effect_whole,
    an_unmet_expectation_undoes_the_whole_batch_wherever_it_stands,
    a_violated_constraint_is_a_conflict_and_undoes_the_batch,
    an_empty_batch_is_no_error,
    integers_up_to_two_to_the_53_come_back_exactly,
    an_integer_beyond_two_to_the_53_is_refused_before_anything_runs,
    a_bound_integer_divides_as_an_integer,
    null_and_every_alphabet_come_back_as_they_were,
    a_thousand_rows_travel_in_one_parameter,
    the_101st_parameter_is_refused,
    a_statement_over_100_kilobytes_is_refused,
    a_value_over_2_megabytes_is_refused,
    a_page_has_so_many_queries_and_a_sync_may_go_on,
    queries_of_one_read_see_one_state,
    a_broken_statement_is_a_fault_and_undoes_the_batch,
    a_second_statement_in_one_text_is_refused,
    a_text_in_an_integer_column_undoes_the_batch,
    thirty_two_writers_at_once_lose_no_increment,
];

fn put(series: &str, last: i64) -> Json {
    json!({
        "sql": "INSERT INTO number_series (series, last) VALUES (?1, ?2)",
        "params": [series, last],
        "expect": 1,
    })
}

fn last(venue: &Venue, series: &str) -> Json {
    let sql = "SELECT last FROM number_series WHERE series = ?1";
    venue.rows(sql, json!([series]))
}

fn kind(result: &Json) -> &str {
    result["error"]["kind"].as_str().unwrap_or_default()
}

fn series(venue: &Venue, name: &str) -> String {
    format!("{}/{name}", venue.id)
}

fn a_batch_takes_effect_whole(venue: &Venue) {
    let (a, b) = (series(venue, "a"), series(venue, "b"));
    let result = venue.sql("commit", json!([put(&a, 1), put(&b, 2)]));
    assert_eq!(result["ok"], json!([]), "{result}");
    assert_eq!(last(venue, &a), json!([{"last": 1}]));
    assert_eq!(last(venue, &b), json!([{"last": 2}]));
}

fn an_unmet_expectation_undoes_the_whole_batch_wherever_it_stands(venue: &Venue) {
    let unmet = json!({
        "sql": "UPDATE number_series SET last = 9 WHERE series = 'nobody'",
        "expect": 1,
    });
    let over = json!({
        "sql": "INSERT INTO number_series (series, last) VALUES (?1, 1), (?2, 1)",
        "params": [series(venue, "y"), series(venue, "z")],
        "expect": 1,
    });
    for wrong in [unmet, over] {
        for place in 0..3 {
            let mut batch = vec![put(&series(venue, "a"), 1), put(&series(venue, "b"), 2)];
            batch.insert(place, wrong.clone());
            let result = venue.sql("commit", json!(batch));
            assert_eq!(kind(&result), "conflict", "{place}: {result}");
            for name in ["a", "b", "y", "z"] {
                assert_eq!(last(venue, &series(venue, name)), json!([]), "{place} {name}");
            }
        }
    }
}

fn a_violated_constraint_is_a_conflict_and_undoes_the_batch(venue: &Venue) {
    let (a, b) = (series(venue, "a"), series(venue, "b"));
    assert_eq!(venue.sql("commit", json!([put(&a, 1)]))["ok"], json!([]));
    let result = venue.sql("commit", json!([put(&b, 1), put(&a, 2)]));
    assert_eq!(kind(&result), "conflict", "{result}");
    assert_eq!(last(venue, &a), json!([{"last": 1}]));
    assert_eq!(last(venue, &b), json!([]));
}

fn an_empty_batch_is_no_error(venue: &Venue) {
    assert_eq!(venue.sql("commit", json!([]))["ok"], json!([]));
}

fn integers_up_to_two_to_the_53_come_back_exactly(venue: &Venue) {
    for (number, integer) in
        [0, -1, 1_795_000_000_000, 9_007_199_254_740_991, -9_007_199_254_740_991_i64]
            .into_iter()
            .enumerate()
    {
        let name = series(venue, &number.to_string());
        let result = venue.sql("commit", json!([put(&name, integer)]));
        assert_eq!(result["ok"], json!([]), "{integer}: {result}");
        assert_eq!(last(venue, &name), json!([{"last": integer}]));
        let sql = "SELECT typeof(last) AS kind FROM number_series WHERE series = ?1";
        assert_eq!(venue.rows(sql, json!([name])), json!([{"kind": "integer"}]));
    }
}

fn an_integer_beyond_two_to_the_53_is_refused_before_anything_runs(venue: &Venue) {
    let a = series(venue, "a");
    for integer in [9_007_199_254_740_992, -9_007_199_254_740_992, i64::MAX, i64::MIN] {
        let too_large = put(&series(venue, "b"), integer);
        let result = venue.sql("commit", json!([put(&a, 1), too_large]));
        assert_eq!(kind(&result), "fault", "{integer}: {result}");
        assert_eq!(last(venue, &a), json!([]));
    }
}

fn a_bound_integer_divides_as_an_integer(venue: &Venue) {
    let rows = venue.rows("SELECT 7 / ?1 AS quotient", json!([2]));
    assert_eq!(rows, json!([{"quotient": 3}]));
}

fn null_and_every_alphabet_come_back_as_they_were(venue: &Venue) {
    for text in
        ["", "œuf à l’été", "«\u{a0}Jalapeño\u{a0}»", "مرحبا", "😀🍟", "'; --", "a\nb\t\"c\\"]
    {
        let rows = venue.rows("SELECT ?1 AS text, ?2 AS empty", json!([text, null]));
        assert_eq!(rows, json!([{"text": text, "empty": null}]));
    }
}

fn a_thousand_rows_travel_in_one_parameter(venue: &Venue) {
    let rows: Vec<Json> =
        (0..1_000).map(|n| json!({"n": n, "name": series(venue, "row")})).collect();
    let insert = json!({
        "sql": "INSERT INTO number_series (series, last) SELECT \
                (j.value->>'name') || '/' || (j.value->>'n'), j.value->>'n' FROM json_each(?1) j",
        "params": [json!(rows).to_string()],
        "expect": 1_000,
    });
    let result = venue.sql("commit", json!([insert]));
    assert_eq!(result["ok"], json!([]), "{result}");
    let sql = "SELECT sum(last) AS sum FROM number_series WHERE series LIKE ?1";
    let found = venue.rows(sql, json!([format!("{}/row/%", venue.id)]));
    assert_eq!(found, json!([{"sum": 499_500}]));
}

fn the_101st_parameter_is_refused(venue: &Venue) {
    let query = |count: usize| {
        let marks: Vec<String> = (1..=count).map(|n| format!("?{n}")).collect();
        let params: Vec<usize> = (1..=count).collect();
        let sql = format!("SELECT max({}) AS highest", marks.join(", "));
        venue.sql("read", json!([{"sql": sql, "params": params}]))
    };
    // D1 also limits a function to 32 arguments, so the hundred stand in a VALUES list.
    let values = |count: usize| {
        let marks: Vec<String> = (1..=count).map(|n| format!("(?{n})")).collect();
        let params: Vec<usize> = (1..=count).collect();
        let sql = format!("SELECT max(column1) AS highest FROM (VALUES {})", marks.join(", "));
        venue.sql("read", json!([{"sql": sql, "params": params}]))
    };
    assert_eq!(query(10)["ok"], json!([[{"highest": 10}]]));
    assert_eq!(values(100)["ok"], json!([[{"highest": 100}]]));
    assert_eq!(kind(&values(101)), "fault");
}

fn a_statement_over_100_kilobytes_is_refused(venue: &Venue) {
    let query = |bytes: usize| {
        let sql = format!("SELECT 1 AS one{}", " ".repeat(bytes - 15));
        assert_eq!(sql.len(), bytes);
        venue.sql("read", json!([{"sql": sql}]))
    };
    assert_eq!(query(99_999)["ok"], json!([[{"one": 1}]]));
    assert_eq!(kind(&query(100_001)), "fault");
}

fn a_value_over_2_megabytes_is_refused(venue: &Venue) {
    let query = |bytes: usize| {
        let sql = "SELECT length(?1) AS length";
        venue.sql("read", json!([{"sql": sql, "params": ["x".repeat(bytes)]}]))
    };
    assert_eq!(query(1_900_000)["ok"], json!([[{"length": 1_900_000}]]));
    let query = json!({"sql": "SELECT 1", "params": ["x".repeat(2_000_001)]});
    let answer = venue.post("/contract/sql", &json!({"op": "read", "statements": [query]}));
    assert_eq!(answer.status, 413, "{}", answer.body);
}

fn a_page_has_so_many_queries_and_a_sync_may_go_on(venue: &Venue) {
    let run = |path: &str, times: u32| {
        let body = json!({
            "op": "read", "times": times, "statements": [{"sql": "SELECT 1 AS one"}],
        });
        venue.post(path, &body).json()
    };
    for (path, most) in
        [("/contract/sql?budget=page", PAGE_QUERIES), ("/contract/sql", SYNC_QUERIES)]
    {
        assert_eq!(run(path, most)["ok"], json!([[{"one": 1}]]));
        assert_eq!(kind(&run(path, most + 1)), "fault");
    }
}

fn queries_of_one_read_see_one_state(venue: &Venue) {
    let a = series(venue, "a");
    assert_eq!(venue.sql("commit", json!([put(&a, 0)]))["ok"], json!([]));
    let sql = "SELECT last FROM number_series WHERE series = ?1";
    let query = json!({"sql": sql, "params": [a.clone()]});
    let bump = json!([{
        "sql": "UPDATE number_series SET last = last + 1 WHERE series = ?1",
        "params": [a.clone()],
        "expect": 1,
    }]);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for _ in 0..20 {
                assert_eq!(venue.sql("commit", bump.clone())["ok"], json!([]));
            }
        });
        for _ in 0..20 {
            let result = venue.sql("read", json!([query.clone(), query.clone(), query.clone()]));
            assert_eq!(result["ok"][0], result["ok"][1], "{result}");
            assert_eq!(result["ok"][0], result["ok"][2], "{result}");
        }
        writer.join().expect("the writer succeeds");
    });
    assert_eq!(last(venue, &a), json!([{"last": 20}]));
}

fn a_broken_statement_is_a_fault_and_undoes_the_batch(venue: &Venue) {
    let a = series(venue, "a");
    let result = venue.sql("commit", json!([put(&a, 1), {"sql": "UPDATE nowhere SET x = 1"}]));
    assert_eq!(kind(&result), "fault", "{result}");
    assert_eq!(last(venue, &a), json!([]));
}

fn a_second_statement_in_one_text_is_refused(venue: &Venue) {
    let a = series(venue, "a");
    let two = "INSERT INTO number_series (series, last) VALUES (?1, 1); SELECT 1";
    let result = venue.sql("commit", json!([{"sql": two, "params": [a]}]));
    assert_eq!(kind(&result), "fault", "{result}");
    assert_eq!(last(venue, &a), json!([]));
}

fn a_text_in_an_integer_column_undoes_the_batch(venue: &Venue) {
    let (a, b) = (series(venue, "a"), series(venue, "b"));
    let mut wrong = put(&b, 1);
    wrong["params"][1] = json!("eleven");
    let result = venue.sql("commit", json!([put(&a, 1), wrong]));
    assert!(["fault", "conflict"].contains(&kind(&result)), "{result}");
    assert_eq!(last(venue, &a), json!([]));
}

fn thirty_two_writers_at_once_lose_no_increment(venue: &Venue) {
    let a = series(venue, "a");
    assert_eq!(venue.sql("commit", json!([put(&a, 0)]))["ok"], json!([]));
    let bump = json!([{
        "sql": "UPDATE number_series SET last = last + 1 WHERE series = ?1",
        "params": [a.clone()],
        "expect": 1,
    }]);
    thread::scope(|scope| {
        let writers: Vec<_> =
            (0..32).map(|_| scope.spawn(|| venue.sql("commit", bump.clone()))).collect();
        for writer in writers {
            let result = writer.join().expect("the writer gets an answer");
            assert_eq!(result["ok"], json!([]), "{result}");
        }
    });
    assert_eq!(last(venue, &a), json!([{"last": 32}]));
}
