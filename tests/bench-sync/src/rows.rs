//! The data that everything is measured on: rows like orders, made from a seed.
//!
//! It must not know who stores them.

/// One row; its four fields are four registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// A UUID as text.
    pub id: String,
    /// One of a few words.
    pub status: &'static str,
    /// Cents.
    pub total: i64,
    /// Milliseconds since 1970.
    pub updated: i64,
    /// About twenty characters.
    pub note: String,
}

/// Fields per row.
pub const CELLS: usize = 4;
const STATES: [&str; 4] = ["placed", "paid", "ready", "collected"];
const WORDS: [&str; 16] = [
    "no", "extra", "onions", "sauce", "cold", "hot", "table", "window", "please", "twice", "salad",
    "cheese", "without", "bread", "fries", "later",
];

/// A die that falls the same way for everybody.
pub struct Dice(u64);

impl Dice {
    /// Starts from a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Throws it.
    pub const fn throw(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.throw() >> 33) as usize % limit
    }
}

/// Makes so many rows.
pub fn rows(count: usize) -> Vec<Row> {
    let mut dice = Dice::new(7);
    (0..count).map(|number| row(&mut dice, number)).collect()
}

fn row(dice: &mut Dice, number: usize) -> Row {
    let (a, b) = (dice.throw(), dice.throw());
    let id = format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    );
    Row {
        id,
        status: STATES[dice.below(4)],
        total: 500 + dice.below(5_000) as i64,
        updated: 1_795_219_200_000 + number as i64 * 137 + dice.below(100) as i64,
        note: note(dice),
    }
}

/// Words and a number, about twenty characters.
fn note(dice: &mut Dice) -> String {
    let words = [WORDS[dice.below(16)], WORDS[dice.below(16)], WORDS[dice.below(16)]];
    format!("{} {}", words.join(" "), dice.below(10_000))
}

/// The status that an update gives a row.
pub fn next(row: &Row, step: usize) -> &'static str {
    let now = STATES.iter().position(|state| *state == row.status).unwrap_or(0);
    STATES[(now + step) % 4]
}
