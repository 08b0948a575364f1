//! Who may do what: the rights that the route table carries and the roles that hold them.
//!
//! It must not know how somebody proves who they are.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What a caller must be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Anybody may.
    Public,
    /// Whoever has proved a password, and still owes the code of their second factor.
    Proving,
    /// Whoever is signed in, about themselves.
    Account,
    /// Whoever works at the venue.
    Staff,
    /// Whoever prepares orders.
    Prepare,
    /// Whoever takes money and hands over.
    Cash,
    /// Whoever gives money back.
    Refund,
    /// Whoever brings orders to their customers.
    Deliver,
    /// Whoever looks after machines and the line.
    Maintain,
    /// Whoever says who works here, and as what.
    People,
    /// Whoever changes the menu and publishes it.
    Menu,
    /// Whoever reads the audit and takes data out.
    Audit,
    /// Whoever opens venues on this host.
    Platform,
    /// A gateway or a standby of the venue, by signature.
    Device,
    /// Any device that is enrolled at the venue, by what proves it.
    Enrolled,
    /// Whoever holds the host's set-up code.
    Setup,
    /// Anybody, but only where the host was started as a demo.
    Demo,
}

impl Right {
    /// Every right that somebody who is signed in may hold.
    pub const OF_PEOPLE: [Self; 12] = [
        Self::Proving,
        Self::Account,
        Self::Staff,
        Self::Prepare,
        Self::Cash,
        Self::Refund,
        Self::Deliver,
        Self::Maintain,
        Self::People,
        Self::Menu,
        Self::Audit,
        Self::Platform,
    ];

    /// Tells whether only somebody who is signed in can hold it.
    #[must_use]
    pub const fn is_of_people(self) -> bool {
        !matches!(self, Self::Public | Self::Device | Self::Enrolled | Self::Setup | Self::Demo)
    }

    /// Tells whether somebody who has proved a PIN only may use it: no rights, refunds or exports.
    #[must_use]
    pub const fn is_for_pin(self) -> bool {
        matches!(
            self,
            Self::Proving
                | Self::Account
                | Self::Staff
                | Self::Prepare
                | Self::Cash
                | Self::Deliver
                | Self::Menu
                | Self::Maintain
        )
    }
}

/// What somebody is at a venue; a person may be several things there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything at the venue; there is always one.
    Owner,
    /// Runs the venue, and says who works there.
    Manager,
    /// Prepares orders.
    Kitchen,
    /// Takes money, hands over, and may do what the kitchen may.
    Counter,
    /// Brings orders to their customers.
    Courier,
    /// Looks after lockers.
    LockerAdmin,
    /// Decides what screens show.
    SignageEditor,
    /// Looks after machines and the line.
    Technician,
    /// A customer who is known here.
    Member,
    /// A member who pays for more.
    PremiumMember,
}

impl Role {
    /// Every role, the one that may do most first.
    pub const ALL: [Self; 10] = [
        Self::Owner,
        Self::Manager,
        Self::Counter,
        Self::Kitchen,
        Self::Technician,
        Self::LockerAdmin,
        Self::SignageEditor,
        Self::Courier,
        Self::PremiumMember,
        Self::Member,
    ];

    /// Returns the role's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Manager => "manager",
            Self::Kitchen => "kitchen",
            Self::Counter => "counter",
            Self::Courier => "courier",
            Self::LockerAdmin => "locker_admin",
            Self::SignageEditor => "signage_editor",
            Self::Technician => "technician",
            Self::Member => "member",
            Self::PremiumMember => "premium_member",
        }
    }

    /// Reads a role's name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Tells whether somebody with this role works at the venue.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        !matches!(self, Self::Member | Self::PremiumMember)
    }

    /// Tells whether a second factor must be proved before this role counts.
    #[must_use]
    pub const fn wants_second_factor(self) -> bool {
        matches!(self, Self::Owner | Self::Manager)
    }

    /// Tells whether the role holds the right.
    #[must_use]
    pub const fn may(self, right: Right) -> bool {
        use Role::{Counter, Courier, Kitchen, Manager, Owner, Technician};
        match right {
            Right::Public | Right::Proving | Right::Account => true,
            Right::Staff => self.is_staff(),
            Right::Prepare => matches!(self, Owner | Manager | Kitchen | Counter),
            Right::Cash | Right::Refund => matches!(self, Owner | Manager | Counter),
            Right::Deliver => matches!(self, Owner | Manager | Counter | Courier),
            Right::Maintain => matches!(self, Owner | Manager | Technician),
            Right::People | Right::Menu | Right::Audit => matches!(self, Owner | Manager),
            Right::Platform | Right::Device | Right::Enrolled | Right::Setup | Right::Demo => false,
        }
    }

    /// Returns the page on which somebody with this role begins.
    #[must_use]
    pub const fn start_page(self) -> &'static str {
        match self {
            Self::Owner | Self::Manager => "/dashboard",
            Self::Kitchen => "/kitchen",
            Self::Counter => "/counter",
            Self::Technician => "/sync-status",
            Self::Courier => "/deliveries",
            Self::LockerAdmin | Self::SignageEditor => "/staff",
            Self::Member | Self::PremiumMember => "/account",
        }
    }
}

/// The roles of one person at one venue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Roles(BTreeSet<Role>);

impl Roles {
    /// Collects roles.
    #[must_use]
    pub fn of(roles: impl IntoIterator<Item = Role>) -> Self {
        Self(roles.into_iter().collect())
    }

    /// Reads names; a name that this build does not know gives no right.
    #[must_use]
    pub fn known<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        Self(names.into_iter().filter_map(|name| Role::parse(name.as_ref())).collect())
    }

    /// Lists them, the one that may do most first.
    pub fn iter(&self) -> impl Iterator<Item = Role> + '_ {
        Role::ALL.into_iter().filter(|role| self.0.contains(role))
    }

    /// Returns their names.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.iter().map(Role::name).collect()
    }

    /// Tells whether the role is among them.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Tells whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether one of them holds the right.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.iter().any(|role| role.may(right))
    }

    /// Tells whether one of them works at the venue.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        self.iter().any(Role::is_staff)
    }

    /// Tells whether one of them is a member's.
    #[must_use]
    pub fn is_member(&self) -> bool {
        self.iter().any(|role| !role.is_staff())
    }

    /// Tells whether one of them wants a second factor.
    #[must_use]
    pub fn wants_second_factor(&self) -> bool {
        self.iter().any(Role::wants_second_factor)
    }

    /// Returns the page on which this person begins.
    #[must_use]
    pub fn start_page(&self) -> &'static str {
        self.iter().next().map_or("/account", Role::start_page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kitchen_takes_no_money() {
        assert!(!Role::Kitchen.may(Right::Cash));
        assert!(Role::Counter.may(Right::Cash));
    }

    #[test]
    fn no_role_is_a_device_sets_up_a_host_or_opens_venues() {
        for role in Role::ALL {
            for right in
                [Right::Device, Right::Enrolled, Right::Setup, Right::Demo, Right::Platform]
            {
                assert!(!role.may(right), "{role:?} {right:?}");
            }
        }
    }

    #[test]
    fn a_customer_is_no_staff_and_a_pin_gives_nobody_away() {
        for right in Right::OF_PEOPLE {
            let may = Role::Member.may(right) || Role::PremiumMember.may(right);
            assert_eq!(may, matches!(right, Right::Account | Right::Proving), "{right:?}");
        }
        for right in [Right::People, Right::Audit, Right::Platform, Right::Refund] {
            assert!(!right.is_for_pin(), "{right:?}");
        }
    }

    #[test]
    fn every_role_has_a_name_of_its_own_and_begins_somewhere() {
        let names: BTreeSet<&str> = Role::ALL.into_iter().map(Role::name).collect();
        assert_eq!(names.len(), Role::ALL.len());
        for role in Role::ALL {
            assert_eq!(Role::parse(role.name()), Some(role));
            let json = serde_json::to_string(&role).unwrap();
            assert_eq!(json, format!("\"{}\"", role.name()));
            assert!(role.start_page().starts_with('/'));
        }
        assert_eq!(Roles::of([Role::Member, Role::Manager]).start_page(), "/dashboard");
    }
}
