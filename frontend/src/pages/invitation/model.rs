//! Who stands before an invitation, and what they can do about it.

use accord_api_types::{Invitation, InvitationOffer, InvitationState};

/// The situation in front of the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Situation {
    /// Nothing to decide any more.
    Closed(InvitationState),
    /// Signed in with the invited address: decide.
    Decide(InvitationOffer),
    /// Signed in with another address: switch first.
    SignedInAsSomebodyElse {
        offer: InvitationOffer,
        as_email: String,
    },
    /// The address has an account: sign in first.
    SignInFirst(InvitationOffer),
    /// The address has no account: a password makes one.
    NewAccount(InvitationOffer),
}

impl Situation {
    /// `same` says whether two addresses are one; the server decides by the same rule.
    pub(crate) fn of(
        invitation: Invitation,
        signed_in_as: Option<&str>,
        same: impl Fn(&str, &str) -> bool,
    ) -> Self {
        let offer = match (invitation.state, invitation.offer) {
            (InvitationState::Open, Some(offer)) => offer,
            (InvitationState::Open, None) => return Self::Closed(InvitationState::Withdrawn),
            (closed, _) => return Self::Closed(closed),
        };
        match signed_in_as {
            Some(email) if same(email, &offer.email) => Self::Decide(offer),
            Some(email) => Self::SignedInAsSomebodyElse {
                offer,
                as_email: email.to_owned(),
            },
            None if offer.account_exists => Self::SignInFirst(offer),
            None => Self::NewAccount(offer),
        }
    }
}

/// What became of an invitation that is no longer open: a heading, and what to do now.
pub(crate) const fn ending(state: InvitationState) -> (&'static str, &'static str) {
    match state {
        InvitationState::Accepted => (
            "Already accepted",
            "This invitation was accepted. What it brought is among the environments of whoever accepted it.",
        ),
        InvitationState::Rejected => (
            "Rejected",
            "This invitation was rejected. If that was a mistake, ask whoever invited you to invite you again.",
        ),
        InvitationState::Replaced => (
            "A newer link was sent",
            "This link was replaced by a newer one. Look for the latest invitation in your mailbox.",
        ),
        InvitationState::Expired => (
            "Expired",
            "This invitation was not answered in time. Ask whoever invited you to send it again.",
        ),
        InvitationState::Withdrawn | InvitationState::Open => {
            ("Withdrawn", "Whoever invited you took the invitation back.")
        }
    }
}

#[cfg(test)]
mod tests {
    use accord_api_types::{AccountSummary, DateTime, Uuid};

    use super::*;

    fn open(account_exists: bool) -> Invitation {
        Invitation {
            state: InvitationState::Open,
            offer: Some(InvitationOffer {
                owner: AccountSummary {
                    id: Uuid::nil(),
                    name: "Owner".into(),
                    email: "owner@example.org".into(),
                },
                email: "pia@example.org".into(),
                display_name: None,
                expires_at: DateTime::UNIX_EPOCH,
                shares: Vec::new(),
                account_exists,
            }),
        }
    }

    fn situation(invitation: Invitation, signed_in_as: Option<&str>) -> Situation {
        Situation::of(invitation, signed_in_as, |a, b| a.eq_ignore_ascii_case(b))
    }

    #[test]
    fn the_invited_person_decides() {
        assert!(matches!(
            situation(open(true), Some("Pia@Example.org")),
            Situation::Decide(_)
        ));
    }

    #[test]
    fn somebody_else_switches_first() {
        let other = situation(open(true), Some("eve@example.org"));
        assert!(
            matches!(other, Situation::SignedInAsSomebodyElse { as_email, .. } if as_email == "eve@example.org")
        );
    }

    #[test]
    fn nobody_signs_in_or_makes_an_account() {
        assert!(matches!(
            situation(open(true), None),
            Situation::SignInFirst(_)
        ));
        assert!(matches!(
            situation(open(false), None),
            Situation::NewAccount(_)
        ));
    }

    #[test]
    fn a_closed_invitation_says_what_became_of_it_to_everybody() {
        for state in InvitationState::ALL
            .iter()
            .copied()
            .filter(|state| *state != InvitationState::Open)
        {
            let closed = Invitation { state, offer: None };
            assert_eq!(situation(closed.clone(), None), Situation::Closed(state));
            assert_eq!(
                situation(closed, Some("pia@example.org")),
                Situation::Closed(state)
            );
        }
    }

    #[test]
    fn every_ending_has_its_own_words() {
        let mut titles: Vec<_> = InvitationState::ALL
            .iter()
            .map(|state| ending(*state).0)
            .collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), InvitationState::ALL.len() - 1);
    }
}
