//! Load alerts: who hears that an environment is under strain, and how often.

use chrono::{DateTime, Duration, Utc};

use crate::access::{MemberAccess, Relations, resolve};
use crate::ids::{AccountId, EnvironmentId};

/// After somebody was told of one metric of one environment, repeats within this time are only
/// counted: the notification that there is says how many, and no further mail is sent.
pub const QUIET_FOR: Duration = Duration::minutes(15);
/// The most metrics of one environment that are mailed to one person within [`QUIET_FOR`]; further ones
/// stand in the dashboard alone, so that inventing names for metrics floods no mailbox.
pub const MOST_MAILS: usize = 10;

/// A person who may be told, as they are at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Their account.
    pub account_id: AccountId,
    /// Whether their address is proven.
    pub email_verified: bool,
    /// Whether their account is disabled.
    pub disabled: bool,
}

/// Somebody whom the alert goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Their account.
    pub account_id: AccountId,
    /// Whether mail may go to them: only to a proven address.
    pub by_mail: bool,
}

/// Whom an alert of the environment goes to: the owner, and each active member whose effective roles
/// there have the flag. Roles that a higher level hides, and shares that ended, count for nothing, by the
/// one access-level rule. A disabled account hears nothing; if it is the owner's, nobody does, for what it
/// hosts is frozen.
pub fn recipients(
    relations: &Relations,
    owner: &Candidate,
    members: &[(Candidate, MemberAccess)],
    environment: EnvironmentId,
    now: DateTime<Utc>,
) -> Vec<Recipient> {
    if owner.disabled || !relations.environments.contains_key(&environment) {
        return Vec::new();
    }
    let flagged = members
        .iter()
        .filter(|(person, _)| !person.disabled)
        .filter(|(_, access)| {
            resolve(relations, access, environment, now).receives_load_alerts(relations)
        })
        .map(|(person, _)| person);
    std::iter::once(owner)
        .chain(flagged)
        .map(|person| Recipient {
            account_id: person.account_id,
            by_mail: person.email_verified,
        })
        .collect()
}
