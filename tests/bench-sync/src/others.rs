//! The same data in two CRDT libraries, in memory.
//!
//! It must not know of SQLite.

use std::time::Instant;

use automerge::{AutoCommit, ObjType, ROOT, ReadDoc, transaction::Transactable};
use loro::{ExportMode, LoroDoc, LoroMap};

use crate::rows::{self, CELLS, Row};

const ROWS: usize = 20_000;
const OLDER_ROWS: usize = 5_000;

/// Measures both.
pub fn all(note: &mut dyn FnMut(&str, f64)) {
    let all = rows::rows(ROWS);
    automerge(&all, note);
    loro(&all, note);
}

fn automerge(all: &[Row], note: &mut dyn FnMut(&str, f64)) {
    let cells = (all.len() * CELLS) as f64;
    let fill = |doc: &mut AutoCommit, all: &[Row]| {
        for row in all {
            let map = doc.put_object(ROOT, row.id.as_str(), ObjType::Map).unwrap();
            doc.put(&map, "status", row.status).unwrap();
            doc.put(&map, "total", row.total).unwrap();
            doc.put(&map, "updated", row.updated).unwrap();
            doc.put(&map, "note", row.note.as_str()).unwrap();
        }
        doc.commit();
    };
    let (mut a, mut b) = (AutoCommit::new(), AutoCommit::new());
    fill(&mut b, &all[..OLDER_ROWS]);
    fill(&mut a, all);
    for row in all {
        let (_, map) = a.get(ROOT, row.id.as_str()).unwrap().unwrap();
        a.put(&map, "status", rows::next(row, 1)).unwrap();
    }
    a.commit();
    let bytes = a.save();
    let started = Instant::now();
    b.load_incremental(&bytes).unwrap();
    note("automerge_merge_cells_per_s", cells / started.elapsed().as_secs_f64());
    note("automerge_wire_bytes_per_cell", bytes.len() as f64 / cells);
}

fn loro(all: &[Row], note: &mut dyn FnMut(&str, f64)) {
    let cells = (all.len() * CELLS) as f64;
    let fill = |doc: &LoroDoc, all: &[Row]| {
        let table = doc.get_map("orders");
        for row in all {
            let map = table.insert_container(&row.id, LoroMap::new()).unwrap();
            map.insert("status", row.status).unwrap();
            map.insert("total", row.total).unwrap();
            map.insert("updated", row.updated).unwrap();
            map.insert("note", row.note.as_str()).unwrap();
        }
        doc.commit();
    };
    let (a, b) = (LoroDoc::new(), LoroDoc::new());
    fill(&b, &all[..OLDER_ROWS]);
    fill(&a, all);
    let table = a.get_map("orders");
    for row in all {
        let map = table.get(&row.id).unwrap().into_container().unwrap().into_map().unwrap();
        map.insert("status", rows::next(row, 1)).unwrap();
    }
    a.commit();
    let bytes = a.export(ExportMode::all_updates()).unwrap();
    let started = Instant::now();
    b.import(&bytes).unwrap();
    note("loro_merge_cells_per_s", cells / started.elapsed().as_secs_f64());
    note("loro_wire_bytes_per_cell", bytes.len() as f64 / cells);
}
