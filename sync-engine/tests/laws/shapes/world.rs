//! Three stores, each beside a model of what it ought to show.

use std::collections::BTreeSet;

use crdts::{CmRDT, CvRDT, MVReg, Orswot, PNCounter};
use serde_json::{Map, Value as Json, json};
use sync_engine::{
    counter,
    sequence::{self, Member},
    set,
    shape::MEMBER_SQL,
    sibling,
    vector::Vector,
};

use crate::{
    store::{SCHEMA, Store, purposes},
    talk::Line,
    title,
};

#[derive(Debug, Clone)]
pub(super) enum Step {
    Add { at: usize, word: u8 },
    Remove { at: usize, word: u8 },
    Place { at: usize, which: usize, to: usize },
    Strike { at: usize, which: usize },
    Count { at: usize, by: i64 },
    Edit { at: usize, text: u8 },
    Exchange { from: usize, to: usize, losses: Vec<bool> },
    Break { from: usize, to: usize, after: usize },
    Settle,
    Reap { at: usize },
    Keep { at: usize },
    PutBack { at: usize },
}

/// What the algebra says that a store shows.
#[derive(Clone, Default)]
pub(super) struct Model {
    tags: Orswot<String, String>,
    courses: Orswot<String, String>,
    tally: PNCounter<String>,
    edits: MVReg<String, String>,
}

pub(super) struct Site {
    pub(super) store: Store,
    model: Model,
    image: Option<(Vec<u8>, Model)>,
}

pub(super) struct World {
    pub(super) sites: [Site; 3],
    drawn: u64,
    /// The model knows what each store has, because no line breaks.
    is_modelled: bool,
    /// What was removed by anybody, and what only a store that was put back had.
    pub(super) gone: BTreeSet<String>,
    /// A store was put back while it gave a snapshot: some rows are left of which no vector tells,
    /// and only an audit brings them to everybody.
    pub(super) is_adrift: bool,
}

impl World {
    pub(super) fn new(is_modelled: bool) -> Self {
        let site = |name| Site { store: Store::new(name), model: Model::default(), image: None };
        let sites = ["a", "b", "c"].map(site);
        Self { sites, drawn: 0, is_modelled, gone: BTreeSet::new(), is_adrift: false }
    }

    /// Every member of the set and of the sequence that some store shows.
    pub(super) fn members(&self) -> BTreeSet<String> {
        self.sites.iter().flat_map(Site::members).collect()
    }

    pub(super) fn settle(&mut self) {
        for (from, to) in [(0, 1), (1, 2), (2, 0), (0, 1), (1, 2)] {
            self.exchange(from, to, || false);
        }
    }

    pub(super) fn reap(&mut self, at: usize) {
        for purpose in purposes() {
            let others = (0..3).filter(|other| *other != at);
            let peers: Vec<Vector> = others.map(|n| self.sites[n].store.vector(&purpose)).collect();
            self.sites[at].store.reap(&purpose, &peers);
        }
    }

    /// Draws what was never drawn before.
    pub(super) fn draw(&mut self, prefix: &str) -> String {
        self.drawn += 1;
        format!("{prefix}{}", self.drawn)
    }

    pub(super) fn run(&mut self, step: &Step) {
        match step {
            Step::Add { at, word } => {
                let id = self.draw("t");
                self.sites[*at].add(&format!("w{word}"), id);
            }
            Step::Remove { at, word } => {
                let before = self.sites[*at].members();
                self.sites[*at].remove(&format!("w{word}"));
                self.gone.extend(before.difference(&self.sites[*at].members()).cloned());
            }
            Step::Place { at, which, to } => {
                let id = self.draw("c");
                self.sites[*at].place(*which, *to, id);
            }
            Step::Strike { at, which } => {
                let before = self.sites[*at].members();
                self.sites[*at].strike(*which);
                self.gone.extend(before.difference(&self.sites[*at].members()).cloned());
            }
            Step::Count { at, by } => self.sites[*at].count(*by),
            Step::Edit { at, text } => {
                let id = self.draw("e");
                self.sites[*at].edit(&format!("x{text}"), id);
            }
            Step::Exchange { from, to, losses } if from != to => {
                let mut losses = losses.iter().copied();
                self.exchange(*from, *to, || losses.next().unwrap_or(false));
            }
            Step::Exchange { .. } => {}
            Step::Break { from, to, after } if from != to && !self.is_modelled => {
                let mut left = *after;
                let line = || {
                    let line = if left == 0 { Line::Breaks } else { Line::Stands };
                    left = left.saturating_sub(1);
                    line
                };
                self.sites[*from].store.session(&self.sites[*to].store, 7, line);
            }
            Step::Break { .. } => {}
            Step::Settle => {
                self.settle();
                (0..3).for_each(|at| self.reap(at));
            }
            Step::Reap { at } => self.reap(*at),
            Step::Keep { at } => {
                let site = &mut self.sites[*at];
                site.image = Some((site.store.image(), site.model.clone()));
            }
            Step::PutBack { at } => {
                let life = self.draw("life");
                let before = self.members();
                let takers = self.takers(*at);
                let site = &mut self.sites[*at];
                if let Some((image, model)) = site.image.take() {
                    site.store = Store::from_image(&site.store, &image);
                    site.store.renew(&life);
                    site.model = model;
                    self.is_adrift |= !takers.is_empty();
                }
                let held = (0..3).filter(|site| !takers.contains(site));
                let held: BTreeSet<String> =
                    held.flat_map(|site| self.sites[site].members()).collect();
                self.gone.extend(before.difference(&held).cloned());
            }
        }
    }

    /// The stores that are taking a snapshot of this one: what they have of it, they do not hold.
    fn takers(&self, giver: usize) -> Vec<usize> {
        let name = self.sites[giver].store.writer.replica.to_string();
        let sql = format!("SELECT place FROM snapshot_place WHERE peer = '{name}' AND place <> ''");
        (0..3).filter(|site| !self.sites[*site].texts(&sql).is_empty()).collect()
    }

    pub(super) fn exchange(&mut self, from: usize, to: usize, lost: impl FnMut() -> bool) {
        self.sites[from].store.exchange(&self.sites[to].store, 7, lost);
        let mut model = self.sites[from].model.clone();
        model.merge(&self.sites[to].model);
        for at in [from, to] {
            self.sites[at].model = model.clone();
            if self.is_modelled {
                self.sites[at].check();
            }
        }
    }
}

impl Model {
    fn merge(&mut self, other: &Self) {
        self.tags.merge(other.tags.clone());
        self.courses.merge(other.courses.clone());
        self.tally.merge(other.tally.clone());
        self.edits.merge(other.edits.clone());
    }
}

impl Site {
    /// Each life is an actor of its own.
    fn actor(&self) -> String {
        self.store.writer.to_string()
    }

    pub(super) fn members(&self) -> BTreeSet<String> {
        let sql = format!(
            "SELECT id FROM tag WHERE {MEMBER_SQL} UNION ALL \
             SELECT id FROM course WHERE {MEMBER_SQL}"
        );
        self.texts(&sql).into_iter().collect()
    }

    fn write(&self, drafts: &[sync_engine::change::Draft]) {
        assert!(self.store.write(drafts, 5), "nobody else writes here");
    }

    pub(super) fn texts(&self, sql: &str) -> Vec<String> {
        let mut query = self.store.db.prepare(sql).expect("the query is sound");
        let rows = query.query_map([], |row| row.get(0)).expect("it runs");
        rows.map(|text| text.expect("a text")).collect()
    }

    pub(super) fn add(&mut self, word: &str, id: String) {
        self.write(&[set::add("tag", id, fields(json!({"word": word})))]);
        let context = self.model.tags.read_ctx().derive_add_ctx(self.actor());
        let op = self.model.tags.add(word.to_owned(), context);
        self.model.tags.apply(op);
    }

    pub(super) fn remove(&mut self, word: &str) {
        let sql = format!("SELECT id FROM tag WHERE word = '{word}' AND {MEMBER_SQL}");
        let drafts: Vec<_> =
            self.texts(&sql).into_iter().map(|id| set::remove("tag", id)).collect();
        self.write(&drafts);
        let context = self.model.tags.contains(&word.to_owned()).derive_rm_ctx();
        let op = self.model.tags.rm(word.to_owned(), context);
        self.model.tags.apply(op);
    }

    fn courses(&self) -> Vec<Member> {
        let sql =
            format!("SELECT position, id FROM course WHERE {MEMBER_SQL} ORDER BY position, id");
        let mut query = self.store.db.prepare(&sql).expect("the query is sound");
        let member =
            |row: &rusqlite::Row<'_>| Ok(Member { position: row.get(0)?, id: row.get(1)? });
        let rows = query.query_map([], member).expect("it runs");
        rows.map(|member| member.expect("a member")).collect()
    }

    /// Moves a course that is there, or adds one.
    fn place(&mut self, which: usize, to: usize, new: String) {
        let members = self.courses();
        let moved = members.get(which).map(|member| member.id.clone());
        let id = moved.clone().unwrap_or(new);
        let mut expect: Vec<String> =
            members.iter().map(|m| m.id.clone()).filter(|other| *other != id).collect();
        expect.insert(to.min(expect.len()), id.clone());
        // Everybody draws the same salt: the worst that can happen.
        let placed = sequence::place(&members, &id, to, "5");
        let drafts: Vec<_> = placed
            .into_iter()
            .map(|member| match &moved {
                None if member.id == id => {
                    sequence::add("course", member, fields(json!({"word": "x"})))
                }
                _ => sequence::put("course", member),
            })
            .collect();
        self.write(&drafts);
        let order: Vec<String> = self.courses().into_iter().map(|member| member.id).collect();
        assert_eq!(order, expect, "it stands where it was put");
        if moved.is_none() {
            let context = self.model.courses.read_ctx().derive_add_ctx(self.actor());
            let op = self.model.courses.add(id, context);
            self.model.courses.apply(op);
        }
    }

    fn strike(&mut self, which: usize) {
        let Some(member) = self.courses().into_iter().nth(which) else { return };
        self.write(&[set::remove("course", member.id.clone())]);
        let context = self.model.courses.contains(&member.id).derive_rm_ctx();
        let op = self.model.courses.rm(member.id, context);
        self.model.courses.apply(op);
    }

    fn tally(&self) -> sync_engine::row::Row {
        let table = SCHEMA.table("tally").expect("it is declared");
        let Store { venue, writer, .. } = &self.store;
        let query = counter::query(table, venue, "guests", writer);
        self.store.rows(&query).remove(0)
    }

    fn count(&mut self, by: i64) {
        let draft = counter::add("tally", "guests", &self.store.writer, (&self.tally(), by));
        let draft = draft.expect("the totals are small");
        assert_eq!(draft.is_none(), by == 0);
        self.write(&draft.into_iter().collect::<Vec<_>>());
        let steps = by.unsigned_abs();
        let op = match by {
            0 => return,
            1.. => self.model.tally.inc_many(self.actor(), steps),
            _ => self.model.tally.dec_many(self.actor(), steps),
        };
        self.model.tally.apply(op);
    }

    fn side_by_side(&self) -> Vec<(String, Json)> {
        let query = sibling::query(&self.store.venue, &sibling::name("dish", "d", "label"));
        let pair = |row: sync_engine::row::Row| {
            let text = |name: &str| row[name].as_str().expect("a text").to_owned();
            (text("id"), serde_json::from_str(&text("fields")).expect("it is JSON"))
        };
        self.store.rows(&query).into_iter().map(pair).collect()
    }

    fn edit(&mut self, text: &str, id: String) {
        let seen: Vec<String> = self.side_by_side().into_iter().map(|(id, _)| id).collect();
        self.write(&sibling::edit(title("d", text), &seen, id));
        let context = self.model.edits.read_ctx().derive_add_ctx(self.actor());
        let op = self.model.edits.write(text.to_owned(), context);
        self.model.edits.apply(op);
    }

    /// The store shows what the model shows.
    fn check(&self) {
        let words: BTreeSet<String> = self.model.tags.read().val.into_iter().collect();
        let sql = format!("SELECT DISTINCT word FROM tag WHERE {MEMBER_SQL} ORDER BY word");
        assert_eq!(self.texts(&sql), Vec::from_iter(words), "what somebody added is there");

        let courses: BTreeSet<String> = self.model.courses.read().val.into_iter().collect();
        let shown: BTreeSet<String> = self.courses().into_iter().map(|m| m.id).collect();
        assert_eq!(shown, courses);

        let value = counter::value(&self.tally()).expect("it can be read");
        assert_eq!(value.to_string(), self.model.tally.read().to_string());

        let edits: BTreeSet<String> = self.model.edits.read().val.into_iter().collect();
        let shown = self.side_by_side();
        let texts = shown.iter().map(|(_, fields)| fields["title"].as_str().expect("a text"));
        assert_eq!(texts.map(str::to_owned).collect::<BTreeSet<_>>(), edits);
        let title = self.texts("SELECT title FROM dish WHERE id = 'd'");
        let first = shown.first().map(|(_, fields)| fields["title"].clone());
        assert_eq!(title.first().map(|title| json!(title)), first, "the newest is what counts");
    }

    pub(super) fn content(&self) -> String {
        let course = self.courses();
        let tags = self.texts(&format!("SELECT id FROM tag WHERE {MEMBER_SQL} ORDER BY id"));
        format!("{course:?} {tags:?} {:?} {}", self.side_by_side(), self.store.content())
    }
}

fn fields(json: Json) -> Map<String, Json> {
    let Json::Object(fields) = json else { panic!("fields are an object") };
    fields
}
