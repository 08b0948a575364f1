//! What a stream holds, row by row, for a peer that lacks what the log no longer tells.
//!
//! A snapshot goes through the declared tables by id, page by page. Its rows are changes without a
//! seq: they merge by their stamps like any other, so a row that is written meanwhile takes no
//! harm, and taking a page in again changes nothing. Of sets a page brings stretches whole: what
//! the receiver has beside them was removed where nothing tells of it any more. It must not run
//! the queries.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use crate::{
    Rejection,
    change::Change,
    column,
    fold::{Entry, Rule},
    held::Held,
    id::{StreamId, Writer},
    import, limits,
    message::{Page, Part, Place, Whole},
    row::{self, Row},
    shape::{Schema, Table},
    stamp::Hlc,
    statement::{Batch, Statement, Value},
    vector::Vector,
};

/// Two workers that meet the same new number collide here, and the second decides again.
const MEET_SQL: &str = "INSERT INTO stream_writer (id, stream, replica, generation, seq) \
     SELECT r.p0, ?1, r.p1, r.p2, 0 FROM %ROWS% WHERE true";

const HOLD_SQL: &str = "UPDATE stream_writer SET seq = r.p1, floor = r.p1, tip = r.p2, \
     floor_tip = r.p2 FROM %ROWS% WHERE id = r.p0 AND seq < r.p1";

/// A page may have removed what our log goes on adding: the log begins anew where the promise ends.
/// Our present life's stays, because peers compare its last change.
const RAISE_SQL: &str = "UPDATE stream_writer SET floor = r.p1, floor_tip = r.p2 FROM %ROWS% \
     WHERE id = r.p0 AND seq >= r.p1 AND floor < r.p1 AND NOT EXISTS (SELECT 1 \
     FROM local_venue l WHERE l.venue = ?1 AND l.replica = stream_writer.replica \
     AND l.generation = stream_writer.generation)";

const PLACE_SQL: &str = "INSERT INTO snapshot_place (peer, stream, place, owed) \
     VALUES (?1, ?2, ?3, ?4) ON CONFLICT (stream, peer) \
     DO UPDATE SET place = excluded.place, owed = max(owed, excluded.owed)";

const LOST_SQL: &str =
    "UPDATE snapshot_place SET place = '', owed = 1 WHERE peer = ?1 AND stream = ?2";

/// What the giver has had and does not have; what it may not have had yet is in our log, or came
/// with another's snapshot that has not ended.
const ABSENT_SQL: &str = "FROM %TABLE% WHERE venue = ?1 AND id > ?2 \
     AND (?3 IS NULL OR id <= ?3) AND id NOT IN (SELECT value FROM json_each(?4)) \
     AND id NOT IN (SELECT c.entity FROM stream_writer v CROSS JOIN change_log c \
     ON c.writer = v.id AND c.seq > coalesce((SELECT p.value FROM json_each(?5) p \
     WHERE p.key = v.replica || '/' || v.generation), 0) \
     WHERE v.stream = ?6 AND c.table_name = '%TABLE%')";

/// A snapshot that another gives brings again what it brought and this giver has never had.
const ANEW_SQL: &str = "UPDATE snapshot_place SET place = '' \
     WHERE stream = ?6 AND peer <> ?7 AND place <> '' AND EXISTS (SELECT 1 %ABSENT%)";

const PAID_SQL: &str = "UPDATE snapshot_place SET owed = 0 WHERE peer = ?1 AND stream = ?2";

const DONE_SQL: &str =
    "DELETE FROM snapshot_place WHERE peer = ?1 AND stream = ?2 AND owed = 0 AND place = ''";

/// What goes on between this store and a peer beside the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taking {
    /// How far the snapshot has come that we take from it.
    pub place: Option<Place>,
    /// It was restored while it gave, so that we may hold rows that it lost and no vector tells of:
    /// it gets ours.
    pub owed: bool,
}

impl Taking {
    /// Tells whether a peer that holds this much has lost what it was giving.
    #[must_use]
    pub fn is_lost(&self, peer: &Vector) -> bool {
        self.place.as_ref().is_some_and(|place| !peer.covers(&place.upto.have))
    }
}

/// Builds the statement that gives up a snapshot whose giver has lost what it gave.
#[must_use]
pub fn lost(stream: &StreamId, peer: &str) -> Statement {
    Statement::exactly(1, LOST_SQL, vec![peer.into(), stream.to_string().into()])
}

/// Builds the statement that owes our rows to a peer that has lost what the log no longer tells.
#[must_use]
pub fn owe(stream: &StreamId, peer: &str) -> Statement {
    let params = vec![peer.into(), stream.to_string().into(), "".into(), 1.into()];
    Statement::exactly(1, PLACE_SQL, params)
}

/// Builds the query of what goes on with a peer.
#[must_use]
pub fn taking_query(stream: &StreamId, peer: &str) -> Statement {
    let sql = "SELECT place, owed FROM snapshot_place WHERE stream = ?1 AND peer = ?2";
    Statement::new(sql, vec![stream.to_string().into(), peer.into()])
}

/// Reads what [`taking_query`] returned; a place that cannot be read counts as none: the snapshot
/// begins anew.
#[must_use]
pub fn read_taking(rows: &[Row]) -> Taking {
    let Some(row) = rows.first() else { return Taking::default() };
    let place = row::text(row, "place").ok().and_then(|text| serde_json::from_str(text).ok());
    Taking { place, owed: row::number(row, "owed") == Ok(1) }
}

/// Builds the statements that note that the peer has got what was owed to it.
#[must_use]
pub fn paid(stream: &StreamId, peer: &str) -> Batch {
    let params = vec![peer.into(), stream.to_string().into()];
    vec![Statement::new(PAID_SQL, params.clone()), Statement::new(DONE_SQL, params)]
}

/// Returns the tables of a stream that a snapshot has still to go through, with the id after which
/// it goes on in the first of them.
#[must_use]
pub fn tables_from(
    schema: &Schema,
    stream: &StreamId,
    place: Option<&Place>,
) -> Vec<(&'static Table, String)> {
    let of_stream = schema.of_stream(stream);
    let Some(place) = place else {
        return of_stream.map(|table| (table, String::new())).collect();
    };
    let begun = |table: &Table| table.name == place.table;
    let ahead = of_stream.skip_while(|table| !begun(table));
    ahead.map(|t| (t, if begun(t) { place.id.clone() } else { String::new() })).collect()
}

/// Builds the query of the rows of a table after an id.
#[must_use]
pub fn rows_query(table: &Table, stream: &StreamId, after: &str, limit: usize) -> Statement {
    let mut columns = Vec::new();
    for group in table.groups() {
        columns.extend(group.columns.iter().map(|column| format!("t.{}", column.name)));
        let (stamp, writer) = (group.stamp_column(), group.writer_column());
        columns.push(format!("printf('%016x', t.{stamp}) AS {stamp}"));
        columns.push(format!("t.{writer}"));
    }
    let sql = format!(
        "SELECT t.id AS id, {} FROM {} t WHERE t.venue = ?1 AND t.id > ?2 ORDER BY t.id LIMIT ?3",
        columns.join(", "),
        table.name,
    );
    let params = vec![stream.venue.as_str().into(), after.into(), (limit as i64).into()];
    Statement::new(sql, params)
}

/// What of the rows the log tells: by writer and stamp the registers that it names.
///
/// The stamp alone does not say which change it was: all changes of one write share it, and so do
/// those of a venue's document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FromLog(BTreeMap<(i64, Hlc), BTreeSet<String>>);

impl FromLog {
    /// Notes a change of the log.
    pub fn note(&mut self, by: (i64, Hlc), (table, entity, registers): (&str, &str, &str)) {
        let told = self.0.entry(by).or_default();
        told.extend(registers.split(',').map(|register| format!("{table}/{entity}/{register}")));
    }

    fn tells(&self, by: (i64, Hlc), (table, entity, register): (&str, &str, &str)) -> bool {
        let told = self.0.get(&by);
        told.is_some_and(|told| told.contains(&format!("{table}/{entity}/{register}")))
    }
}

/// Turns a row into changes without a seq, one for all registers that were written together, and
/// leaves out what is told from the log.
///
/// # Errors
/// Names what cannot be read of the row.
pub fn changes_of(
    table: &Table,
    row: &Row,
    writers: &BTreeMap<i64, &Writer>,
    from_log: &FromLog,
) -> Result<Vec<Change>, Rejection> {
    let entity = row::text(row, "id")?;
    let mut changes: Vec<Change> = Vec::new();
    for group in table.groups() {
        let stamp = row.get(&group.stamp_column()).and_then(Json::as_str);
        let stamp = Hlc::parse(stamp.ok_or(Rejection::InvalidField("stamp"))?)?;
        if stamp == Hlc::default() {
            continue;
        }
        let number = row.get(&group.writer_column()).and_then(Json::as_i64).unwrap_or_default();
        if from_log.tells((number, stamp), (table.name, entity, group.name)) {
            continue;
        }
        let writer = writers.get(&number).ok_or(Rejection::InvalidField("writer"))?;
        let mut payload = Map::new();
        for column in group.columns {
            let value = row.get(column.name).unwrap_or(&Json::Null);
            column::field(&mut payload, column, value);
        }
        let together = changes.iter_mut().find(|c| c.effective == stamp && c.writer == **writer);
        if let Some(change) = together {
            change.register.push(',');
            change.register.push_str(group.name);
            change.payload.append(&mut payload);
            continue;
        }
        changes.push(Change {
            writer: (*writer).clone(),
            seq: 0,
            claimed: stamp,
            effective: stamp,
            table: table.name.to_owned(),
            entity: entity.to_owned(),
            register: group.name.to_owned(),
            payload,
        });
    }
    Ok(changes)
}

/// Builds the statements that give numbers to writers who are new here.
///
/// # Errors
/// Refuses more writers than a vector may name.
pub(crate) fn meet<'a>(
    stream: &StreamId,
    held: &mut Held,
    writers: impl Iterator<Item = &'a Writer>,
) -> Result<Batch, Rejection> {
    let strangers = held.meet(writers)?;
    let row = |writer: &&Writer| {
        let number = held.writers.get(writer).map(|known| known.number).unwrap_or_default();
        vec![number.into(), writer.replica.as_str().into(), writer.generation.as_str().into()]
    };
    let rows: Vec<_> = strangers.iter().map(row).collect();
    if rows.is_empty() {
        return Ok(Batch::new());
    }
    let meet = Statement::exactly(rows.len() as u64, MEET_SQL, vec![stream.to_string().into()]);
    Ok(vec![Statement { rows, ..meet }])
}

/// Builds the batch that takes a page in; the last page says what is held from then on.
///
/// # Errors
/// Refuses malformed rows, and a page that promises more than its sender says that it holds: what a
/// sender holds of us was compared, what it promises was not.
pub fn take_in(
    schema: &Schema,
    stream: &StreamId,
    (held, peer, taking): (&mut Held, &str, &Taking),
    page: &Page,
    part: &Part,
) -> Result<Batch, Rejection> {
    let rows = part.rows.as_slice();
    let is_long = |whole: &Whole| whole.kept.len() > 2 * limits::KEPT_PER_STRETCH;
    if rows.len() > limits::CHANGES_PER_MESSAGE
        || page.whole.len() > limits::STRETCHES_PER_PAGE
        || page.whole.iter().any(is_long)
    {
        return Err(Rejection::BatchTooLarge);
    }
    if !part.have.covers(&page.upto.have) {
        return Err(Rejection::InvalidField("page"));
    }
    rows.iter().try_for_each(Change::check_row)?;
    let entries: Vec<Entry<'_>> =
        rows.iter().map(|change| Entry { change, effective: change.effective }).collect();
    let of_rows = entries.iter().map(|entry| &entry.change.writer);
    let writers = of_rows.chain(page.upto.have.iter().map(|(writer, _)| writer));
    let mut batch = meet(stream, held, writers)?;
    // Whoever has lost what we know that it had says nothing by not having a row.
    if part.have.covers(&held.floor().have) {
        for whole in &page.whole {
            batch.extend(absent((schema, stream, peer), whole, part));
        }
    }
    let numbers = held.numbers();
    let number_of = |writer: &Writer| numbers.get(writer).copied().unwrap_or_default();
    if !entries.is_empty() {
        batch.push(import::observe(stream, &entries));
        let rule = Rule::Weighed(&page.upto.have);
        batch.extend(import::fold_all(schema, stream, (&numbers, rule), &entries));
    }
    let from = [peer.into(), stream.to_string().into()];
    let next = page.next.as_ref().map(|next| json!(next).to_string());
    let is_last = next.is_none();
    let owed = i64::from(taking.owed || taking.is_lost(&page.upto.have));
    let params = [from.as_slice(), &[next.unwrap_or_default().into(), owed.into()]].concat();
    batch.push(Statement::exactly(1, PLACE_SQL, params));
    if is_last {
        batch.push(Statement::new(DONE_SQL, from.to_vec()));
        let row = |(writer, seq): (&Writer, u64)| {
            let tip = page.upto.tips.get(&writer.to_string()).cloned().unwrap_or_default();
            vec![number_of(writer).into(), (seq as i64).into(), tip.into()]
        };
        let rows: Vec<_> = page.upto.have.iter().map(row).collect();
        if !rows.is_empty() {
            let raise = Statement::new(RAISE_SQL, vec![stream.venue.as_str().into()]);
            batch.push(Statement { rows: rows.clone(), ..Statement::new(HOLD_SQL, Vec::new()) });
            if schema.of_stream(stream).any(Table::has_members) {
                batch.push(Statement { rows, ..raise });
            }
        }
    }
    Ok(batch)
}

/// Builds the statements that remove what is not in a stretch of a set that came whole.
fn absent((schema, stream, peer): (&Schema, &StreamId, &str), whole: &Whole, part: &Part) -> Batch {
    let mut tables = schema.of_stream(stream).filter(|table| table.has_members());
    let Some(table) = tables.find(|table| table.name == whole.table) else { return Batch::new() };
    let of_table = part.rows.iter().filter(|change| change.table == whole.table);
    let present: BTreeSet<&str> = of_table
        .map(|change| change.entity.as_str())
        .chain(whole.kept.iter().map(String::as_str))
        .collect();
    let params = vec![
        stream.venue.as_str().into(),
        whole.after.as_str().into(),
        whole.until.as_deref().map_or(Value::Null, Value::from),
        json!(present).to_string().into(),
        json!(part.have).to_string().into(),
        stream.to_string().into(),
    ];
    let absent = ABSENT_SQL.replace("%TABLE%", table.name);
    let from = [params.as_slice(), &[peer.into()]].concat();
    vec![
        Statement::new(ANEW_SQL.replace("%ABSENT%", &absent), from),
        Statement::new(format!("DELETE {absent}"), params),
    ]
}
