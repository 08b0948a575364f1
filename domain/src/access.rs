//! Who may do what: the rights that the route table carries and the roles that hold them.
//!
//! It must not know how somebody proves a role.

/// What a caller must be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Anybody may.
    Public,
    /// Whoever works at the venue.
    Staff,
    /// Whoever prepares orders.
    Prepare,
    /// Whoever takes money and hands over.
    Cash,
    /// An enrolled device, by signature.
    Device,
    /// Whoever holds the host's set-up code.
    Setup,
    /// Anybody, but only where the host was started as a demo.
    Demo,
}

/// A station of the venue at which staff work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Prepares orders.
    Kitchen,
    /// Takes money, hands over, and may do what the kitchen may.
    Counter,
}

impl Role {
    /// Every role, in the order in which they are listed.
    pub const ALL: [Self; 2] = [Self::Kitchen, Self::Counter];

    /// Returns the role's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kitchen => "kitchen",
            Self::Counter => "counter",
        }
    }

    /// Reads a role's name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Tells whether the role holds the right.
    #[must_use]
    pub const fn may(self, right: Right) -> bool {
        match right {
            Right::Public | Right::Staff | Right::Prepare => true,
            Right::Cash => matches!(self, Self::Counter),
            Right::Device | Right::Setup | Right::Demo => false,
        }
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
    fn no_role_is_a_device_or_sets_up_a_host() {
        for role in Role::ALL {
            assert!(![Right::Device, Right::Setup, Right::Demo].into_iter().any(|r| role.may(r)));
        }
    }
}
