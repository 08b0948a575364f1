//! Who is believed: the roots, the gateways that they certify, and nobody who was revoked.
//!
//! A verifier is plain data for one venue. It says of the time what `domain::time` can tell: what
//! has certainly ended or not begun is refused, and where nobody can tell, the caller is told so
//! and takes the answer that does no harm. It must not remember what was used.

use std::collections::{BTreeMap, BTreeSet};

use sync_engine::id::VenueId;

use super::{
    Body, Document, KeyId, Kind, PublicKey, Rejection, Scope, Window, card::Card,
    certificate::Certificate, delegation::Delegation, document::SignedBy, entitlement::Entitlement,
    limits, membership::Membership, revocation::Subject, roots::Roots,
};
use crate::{
    limits::CLOCK_TOLERANCE_MS,
    time::{Passed, Time},
};

/// Whether now lies in a document's window, and in that of its signer's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InTime {
    /// It certainly does.
    Yes,
    /// The clock is uncertain: whoever acts on it takes the answer that does no harm.
    Unknown,
}

impl InTime {
    const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Unknown,
        }
    }
}

/// What a document says, once it is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified<T> {
    /// What it says.
    pub body: T,
    /// Whether it holds now.
    pub in_time: InTime,
    /// Which key signed it.
    pub signer: KeyId,
}

/// Everything that one venue believes by.
#[derive(Debug, Clone)]
pub struct Verifier {
    venue: VenueId,
    roots: BTreeMap<KeyId, PublicKey>,
    certificates: BTreeMap<KeyId, Certificate>,
    revoked: BTreeSet<Subject>,
}

impl Verifier {
    /// Believes nobody.
    #[must_use]
    pub const fn new(venue: VenueId) -> Self {
        Self {
            venue,
            roots: BTreeMap::new(),
            certificates: BTreeMap::new(),
            revoked: BTreeSet::new(),
        }
    }

    /// Believes this root.
    pub fn trust(&mut self, root: PublicKey) {
        self.roots.insert(root.id(), root);
    }

    /// Believes neither the subject nor what it signed. A root goes by the list of roots alone: any
    /// gateway may revoke, and none shall take the root away.
    pub fn revoke(&mut self, subject: Subject) {
        self.revoked.insert(subject);
    }

    /// Takes a gateway's certificate in; of two for one key the one that ends later counts. One
    /// that has ended is taken in, too: what its key signs is expired then, not unknown.
    ///
    /// # Errors
    /// Refuses what [`Verifier::verify`] refuses, and more certificates than a venue can have.
    pub fn learn(&mut self, bytes: &[u8], time: &Time) -> Result<Verified<Certificate>, Rejection> {
        let learnt = self.verify::<Certificate>(bytes, time);
        // Time is judged last: all else holds then.
        if !matches!(learnt, Ok(_) | Err(Rejection::Expired | Rejection::NotYet)) {
            return learnt;
        }
        let says = Document::<Certificate>::read(bytes)?.into_body();
        let key = says.key.id();
        let known = self.certificates.get(&key);
        if known.is_none() && self.certificates.len() == limits::CERTIFICATES_MAX {
            return Err(Rejection::NotPermitted);
        }
        if known.is_none_or(|known| known.window.until_ms < says.window.until_ms) {
            self.certificates.insert(key, says);
        }
        learnt
    }

    /// Verifies a document: signature, signer, revocations, venue, door, time, in this order.
    ///
    /// # Errors
    /// Refuses what does not hold. What a holder signs is refused here, see
    /// [`Verifier::verify_delegation`] and [`Verifier::verify_membership`].
    pub fn verify<T: Body>(&self, bytes: &[u8], time: &Time) -> Result<Verified<T>, Rejection> {
        let document = Document::<T>::read(bytes)?;
        let signer = document.signer();
        let certified = if let Some(root) = self.roots.get(&signer) {
            document.check(root)?;
            None
        } else {
            let certificate = self.certificates.get(&signer).ok_or(Rejection::UnknownKey)?;
            document.check(&certificate.key)?;
            Some(certificate)
        };
        if certified.is_some() {
            self.not_revoked(Subject::Key(signer))?;
        }
        let scope = document.claim().scope();
        permitted(T::KIND, &scope, certified)?;
        let mut holds = self.holds(&scope, time)?;
        if let Some(certificate) = certified {
            holds = holds.and(self.holds(&certificate.scope(), time)?);
        }
        Ok(Verified { body: document.into_body(), in_time: holds, signer })
    }

    /// Verifies an entitlement and what its holder made of it: who may open now, by the delegation.
    ///
    /// # Errors
    /// Refuses what does not hold, or goes beyond the entitlement.
    pub fn verify_delegation(
        &self,
        entitlement: &[u8],
        delegation: &[u8],
        time: &Time,
    ) -> Result<(Verified<Entitlement>, Verified<Delegation>), Rejection> {
        let given = self.verify::<Entitlement>(entitlement, time)?;
        let document = Document::<Delegation>::read(delegation)?;
        let (holder, signer) = (given.body.holder, document.signer());
        if holder.id() != signer {
            return Err(Rejection::UnknownKey);
        }
        document.check(&holder)?;
        self.not_revoked(Subject::Key(signer))?;
        let claim = document.claim();
        let within = claim.window.from_ms >= given.body.window.from_ms
            && claim.window.until_ms <= given.body.window.until_ms;
        if !given.body.is_delegable || claim.serial != given.body.serial || !within {
            return Err(Rejection::NotDelegable);
        }
        let in_time = self.holds(&claim.scope(), time)?.and(given.in_time);
        Ok((given, Verified { body: document.into_body(), in_time, signer }))
    }

    /// Verifies a member's card and what its holder's phone made of it just now; whether that was
    /// shown before, the caller must remember.
    ///
    /// # Errors
    /// Refuses what does not hold, what another key or another member's phone signed, and a proof
    /// that outlives its card.
    pub fn verify_membership(
        &self,
        card: &[u8],
        shown: &[u8],
        time: &Time,
    ) -> Result<(Verified<Card>, Verified<Membership>), Rejection> {
        let card = self.verify::<Card>(card, time)?;
        let document = Document::<Membership>::read(shown)?;
        let (holder, signer) = (card.body.holder.ok_or(Rejection::UnknownKey)?, document.signer());
        if holder.id() != signer {
            return Err(Rejection::UnknownKey);
        }
        document.check(&holder)?;
        self.not_revoked(Subject::Key(signer))?;
        let claim = document.claim();
        let within = claim.window.until_ms <= card.body.window.until_ms;
        if claim.member != card.body.member || !within {
            return Err(Rejection::NotPermitted);
        }
        let in_time = self.holds(&claim.scope(), time)?.and(card.in_time);
        Ok((card, Verified { body: document.into_body(), in_time, signer }))
    }

    /// Takes a newer list of roots in the place of the pinned one, and believes its keys alone.
    ///
    /// # Errors
    /// Refuses a list that no pinned root signed, and an older one.
    pub fn succeed(&mut self, pinned: &Roots, bytes: &[u8]) -> Result<Roots, Rejection> {
        // A list has no window: any time will do.
        let listed = self.verify::<Roots>(bytes, &Time::certain(0))?.body;
        listed.succeeds(pinned)?;
        self.roots = listed.keys().map(|key| (key.id(), key)).collect();
        Ok(listed)
    }

    fn holds(&self, scope: &Scope<'_>, time: &Time) -> Result<InTime, Rejection> {
        if let Some(id) = scope.id {
            self.not_revoked(Subject::Document(id))?;
        }
        if scope.venue.is_some_and(|venue| *venue != self.venue) {
            return Err(Rejection::WrongVenue);
        }
        within(scope.window, time)
    }

    fn not_revoked(&self, subject: Subject) -> Result<(), Rejection> {
        if self.revoked.contains(&subject) { Err(Rejection::Revoked) } else { Ok(()) }
    }
}

/// Tells whether the signer may sign this at all.
fn permitted(
    kind: Kind,
    scope: &Scope<'_>,
    certified: Option<&Certificate>,
) -> Result<(), Rejection> {
    let may = match (kind.signed_by(), certified) {
        (SignedBy::Root | SignedBy::Certified, None) => true,
        (SignedBy::Certified, Some(certificate)) => certificate.allows(kind),
        (SignedBy::Root, Some(_)) | (SignedBy::Holder, _) => false,
    };
    if !may {
        return Err(Rejection::NotPermitted);
    }
    match (certified, scope.door) {
        (Some(certificate), Some(door)) if !certificate.covers(door) => Err(Rejection::WrongDoor),
        _ => Ok(()),
    }
}

/// Tells whether now lies within; two clocks that both count as right may differ at the beginning.
fn within(window: Window, time: &Time) -> Result<InTime, Rejection> {
    let begun = match window.from_ms.checked_sub(CLOCK_TOLERANCE_MS) {
        None | Some(0) => Passed::Yes,
        Some(from_ms) => time.has_passed(from_ms - 1),
    };
    match (begun, time.has_passed(window.until_ms)) {
        (_, Passed::Yes) => Err(Rejection::Expired),
        (Passed::No, _) => Err(Rejection::NotYet),
        (Passed::Yes, Passed::No) => Ok(InTime::Yes),
        (Passed::Unknown, _) | (_, Passed::Unknown) => {
            // What never ends has not ended, whatever the time.
            if window == Window::ALWAYS { Ok(InTime::Yes) } else { Ok(InTime::Unknown) }
        }
    }
}
