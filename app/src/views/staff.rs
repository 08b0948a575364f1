//! Owns the first page of staff: where each screen is, and whether the line stands.
//! It must not know how the line is measured.

use askama::Template;

use super::Shell;

/// The line between this venue and the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// The edge answers.
    Reachable,
    /// The edge does not answer; the venue goes on by itself.
    Cut,
    /// The edge answers and refuses this gateway; somebody has to mend its set-up.
    Refused,
    /// This page is served by the edge itself.
    Edge,
    /// No edge is configured: the machine works by itself.
    Alone,
    /// A standby's page: the venue's gateway answers it.
    Following,
    /// A standby's page: the venue's gateway does not answer it.
    Parted,
    /// A standby's page: the venue's gateway refuses it.
    TurnedAway,
}

impl LinkState {
    /// Returns the state of the same line as a standby has it, to its gateway.
    pub const fn of_standby(self) -> Self {
        match self {
            Self::Reachable => Self::Following,
            Self::Cut => Self::Parted,
            Self::Refused => Self::TurnedAway,
            other => other,
        }
    }

    /// Returns the CSS hook.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Reachable | Self::Following => "up",
            Self::Cut | Self::Parted => "down",
            Self::Refused | Self::TurnedAway => "refused",
            Self::Edge => "edge",
            Self::Alone => "alone",
        }
    }

    /// Returns the state in a few words.
    pub fn label(&self, shell: &Shell) -> &'static str {
        match self {
            Self::Reachable => shell.t("staff.link_up"),
            Self::Cut => shell.t("staff.link_down"),
            Self::Refused => shell.t("staff.link_refused"),
            Self::Edge => shell.t("staff.link_edge"),
            Self::Alone => shell.t("staff.link_alone"),
            Self::Following => shell.t("staff.link_following"),
            Self::Parted => shell.t("staff.link_parted"),
            Self::TurnedAway => shell.t("staff.link_turned_away"),
        }
    }

    /// Returns what the state means for the work.
    pub fn advice(&self, shell: &Shell) -> &'static str {
        match self {
            Self::Reachable => shell.t("staff.link_up_advice"),
            Self::Cut => shell.t("staff.link_down_advice"),
            Self::Refused => shell.t("staff.link_refused_advice"),
            Self::Edge => shell.t("staff.link_edge_advice"),
            Self::Alone => shell.t("staff.link_alone_advice"),
            Self::Following => shell.t("staff.link_following_advice"),
            Self::Parted => shell.t("staff.link_parted_advice"),
            Self::TurnedAway => shell.t("staff.link_turned_away_advice"),
        }
    }
}

/// A door to another page.
#[derive(Clone, Debug)]
pub struct Door {
    /// Where it leads.
    pub href: &'static str,
    /// Its picture among the icons.
    pub icon: &'static str,
    /// The key of its name.
    pub name: &'static str,
    /// The key of what is behind it.
    pub text: &'static str,
    /// What waits there: a number and the key of what it counts.
    pub facts: Vec<(u32, &'static str)>,
}

/// The pages at `/staff` and `/dashboard`.
#[derive(Template)]
#[template(path = "staff.html")]
pub struct StaffView {
    /// The frame.
    pub shell: Shell,
    /// The line between venue and edge.
    pub link: LinkState,
    /// The page's name.
    pub title: &'static str,
    /// Where this person may go.
    pub doors: Vec<Door>,
}
