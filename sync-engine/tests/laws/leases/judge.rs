//! What must hold in the end, read from the tables alone.
//!
//! It must not know how it came about.

use proptest::prelude::*;
use sync_engine::lease::{self, ledger};

use super::{Ask, RIGHTS, world::World};
use crate::store::{SCHEMA, Store};

impl World {
    pub(super) fn judge(&self) -> Result<(), TestCaseError> {
        let spends: Vec<_> = self.sides.iter().map(|side| side.store.spends()).collect();
        for side in &spends {
            prop_assert_eq!(side, &spends[0], "everyone knows the same spends");
        }
        for (right, _, total) in RIGHTS {
            let of_right = spends[0].iter().filter(|((name, _), ..)| name == right);
            let spent: i64 = of_right.map(|(_, _, amount)| amount).sum();
            prop_assert!(spent <= total, "{}: {} of {} spent", right, spent, total);
            let told = self.told.iter().filter(|((name, _), _)| name == right);
            let told: i64 = told.map(|(_, amount)| amount).sum();
            prop_assert!(told <= total, "{}: {} of {} told", right, told, total);
        }
        for id in &self.promised {
            let is_known = spends[0].iter().any(|(known, ..)| known == id);
            prop_assert!(is_known, "{:?} is known everywhere", id);
        }
        let over = "SELECT l.id FROM lease l LEFT JOIN lease_return r ON r.id = l.id \
                    WHERE (SELECT coalesce(sum(s.amount), 0) FROM lease_spend s \
                    WHERE s.lease = l.id) + coalesce(r.unspent, 0) > l.amount";
        prop_assert_eq!(self.sides[0].store.db_texts(over), Vec::<String>::new());
        Ok(())
    }

    /// All that present lives hold comes back, and exactly that can be issued again.
    pub(super) fn return_all(&mut self) -> Result<(), TestCaseError> {
        for at in 0..self.sides.len() {
            let pen = self.pen(at);
            for (right, ..) in RIGHTS {
                let store = &self.sides[at].store;
                let rows = store.rows(&ledger::held_query(&pen.venue, right, &pen.writer));
                for held in ledger::read_leases(&rows).expect("it can be read") {
                    let standing = self.standing(at);
                    let plan = lease::give_back(&pen, standing, &held.id, Some(&held));
                    let plan = plan.expect("it may be returned").expect("it is not yet");
                    let batch = plan.batch(&SCHEMA, &pen).expect("it is within the limits");
                    prop_assert!(store.commit(&batch), "nothing stands against it");
                }
            }
        }
        self.heal();
        for (right, owner, total) in RIGHTS {
            // Gone is what was spent, and the rest of what nobody can return any more.
            let gone = format!(
                "SELECT CAST(coalesce(sum(CASE WHEN x.id IS NULL AND r.id IS NOT NULL \
                 THEN l.amount - r.unspent ELSE l.amount END), 0) AS TEXT) FROM lease l \
                 LEFT JOIN lease_return r ON r.id = l.id LEFT JOIN lease_lost x ON x.id = l.id \
                 WHERE l.right_name = '{right}'"
            );
            let gone: i64 = self.sides[owner].store.db_texts(&gone)[0].parse().expect("a number");
            let before = self.sides[owner].decided.len();
            let left = total - gone;
            self.decide(owner, Ask::Issue { right: index(right), amount: left + 1, to: 2 });
            prop_assert_eq!(self.sides[owner].decided.len(), before, "{} is exhausted", right);
            if left > 0 {
                self.decide(owner, Ask::Issue { right: index(right), amount: left, to: 2 });
                prop_assert_eq!(self.sides[owner].decided.len(), before + 1, "{} is back", right);
                self.commit(owner, true);
                self.tally.issued_again += 1;
            }
        }
        Ok(())
    }
}

fn index(right: &str) -> usize {
    RIGHTS.iter().position(|(name, ..)| *name == right).expect("it is a right")
}

pub(super) type Known = ((String, String), String, i64);

impl Store {
    /// Mostly one that some life of it holds, now and then any other.
    pub(super) fn lease_to_try(&self, pick: usize) -> String {
        let own = "SELECT l.id FROM lease l, local_venue v WHERE l.holder = v.replica \
                   ORDER BY l.stamp DESC, l.id";
        let any = "SELECT id FROM lease ORDER BY id";
        let leases = self.db_texts(if pick.is_multiple_of(4) { any } else { own });
        leases.get(pick / 4 % leases.len().max(1)).cloned().unwrap_or_default()
    }

    pub(super) fn db_texts(&self, sql: &str) -> Vec<String> {
        let mut query = self.db.prepare(sql).expect("the query is sound");
        let rows = query.query_map([], |row| row.get(0)).expect("it runs");
        rows.map(|row| row.expect("a text")).collect()
    }

    /// Every spend: its right and key, its lease, how much.
    pub(super) fn spends(&self) -> Vec<Known> {
        let sql = "SELECT l.right_name, s.spend_key, s.lease, s.amount FROM lease_spend s \
                   JOIN lease l ON l.id = s.lease ORDER BY s.id";
        let mut query = self.db.prepare(sql).expect("the query is sound");
        let read =
            |row: &rusqlite::Row<'_>| Ok(((row.get(0)?, row.get(1)?), row.get(2)?, row.get(3)?));
        let rows = query.query_map([], read).expect("it runs");
        rows.map(|row| row.expect("a spend")).collect()
    }
}
