//! What entries add up to: a balance, a debt, a level, and what the owner of the points may give.
//!
//! An order that was taken back counts for nothing, neither what it earned nor what was spent on
//! it, in whatever order entries arrive. It must not know rows.

/// What an entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An order was paid.
    Earn,
    /// An order was paid with points.
    Spend,
    /// An order was taken back.
    Back,
    /// Staff gave or took points.
    Correction,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Earn, Self::Spend, Self::Back, Self::Correction];

    /// Returns the name under which it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Earn => "earn",
            Self::Spend => "spend",
            Self::Back => "back",
            Self::Correction => "correction",
        }
    }

    /// Reads the stored name; unknown ones belong to newer builds.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Why staff correct points; a closed set, so that nothing personal is written down with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A gesture of the house.
    Goodwill,
    /// An order that was not counted.
    Missing,
    /// Points that were counted by mistake.
    Mistake,
    /// Points that the house lost with a machine.
    Lost,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Goodwill, Self::Missing, Self::Mistake, Self::Lost];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Goodwill => "goodwill",
            Self::Missing => "missing",
            Self::Mistake => "mistake",
            Self::Lost => "lost",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// An entry as it counts, or the sum of several that count alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// What it says.
    pub kind: Kind,
    /// The points: what is spent is negative.
    pub points: i64,
    /// It was spent from a lease.
    pub leased: bool,
    /// Its order was taken back.
    pub taken_back: bool,
}

/// What a member's entries add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purse {
    /// All of them; negative where points were taken back that are spent.
    pub balance: i64,
    /// What was ever earned: levels go by it.
    pub earned: i64,
    /// What the owner of the points has to give or to lease. What is spent from a lease does not
    /// count here, because the lease counts whole.
    pub owned: i64,
}

impl Purse {
    /// Adds entries up.
    #[must_use]
    pub fn of(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut purse = Self::default();
        for part in parts {
            purse.add(&part);
        }
        purse
    }

    /// Returns what future earning pays first.
    #[must_use]
    pub const fn debt(&self) -> i64 {
        if self.balance < 0 { -self.balance } else { 0 }
    }

    /// Returns what the owner may spend or lease now, where so much is leased out already.
    #[must_use]
    pub fn free(&self, granted: i64) -> i64 {
        (self.owned - granted).max(0)
    }

    const fn add(&mut self, part: &Part) {
        let Part { kind, points, leased, taken_back } = *part;
        match (kind, taken_back) {
            (Kind::Correction, _) => {
                self.balance += points;
                self.owned += points;
            }
            (Kind::Earn, false) => {
                self.balance += points;
                self.owned += points;
                self.earned += points;
            }
            (Kind::Spend, false) => {
                self.balance += points;
                self.owned += if leased { 0 } else { points };
            }
            // The lease stays spent: what was taken from it comes back to the owner.
            (Kind::Spend, true) => self.owned -= if leased { points } else { 0 },
            (Kind::Earn, true) | (Kind::Back, _) => {}
        }
    }
}
