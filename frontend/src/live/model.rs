//! What an event concerns, what became of a collaboration, and how long to wait before another try.

use std::time::Duration;

use accord_api_types::{Collaboration, Event, MemberStatus};

/// What screens show. A change of one is a reason to ask for it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    /// The person's own account, where it is signed in, and how they choose to be told.
    Account,
    /// What others share with the person, and where that stands.
    Collaborations,
    Environments,
    Groups,
    Members,
    Roles,
    Policies,
    /// Who may do what where.
    Access,
    /// The record of tasks.
    Tasks,
    /// What the person was told.
    Notifications,
    /// What programs call with for the person.
    Tokens,
    /// Where events of the person's account are sent.
    Webhooks,
}

impl Topic {
    pub(super) const ALL: &'static [Self] = &[
        Self::Account,
        Self::Collaborations,
        Self::Environments,
        Self::Groups,
        Self::Members,
        Self::Roles,
        Self::Policies,
        Self::Access,
        Self::Tasks,
        Self::Notifications,
        Self::Tokens,
        Self::Webhooks,
    ];
}

/// What an event concerns.
pub(super) fn topics_of(event: &Event) -> Vec<Topic> {
    use Topic::{
        Access, Account, Collaborations, Environments, Groups, Members, Policies, Roles, Tasks,
        Tokens, Webhooks,
    };
    match event {
        // What went by unheard may have been anything.
        Event::Ready | Event::Missed => Topic::ALL.to_vec(),
        Event::Account => vec![Account],
        Event::Notification => vec![Topic::Notifications],
        Event::Collaborations => vec![Collaborations, Environments, Groups],
        Event::Invitations => vec![Members],
        Event::Access { .. } => vec![Collaborations, Environments, Groups, Access],
        Event::Task { task, .. } => match task.action.split('.').next().unwrap_or_default() {
            // A new password by the mailed link ends all tokens.
            "account" => vec![Account, Tokens, Tasks],
            "token" => vec![Tokens, Tasks],
            "webhook" => vec![Webhooks, Tasks],
            "member" => vec![Members, Access, Roles, Tasks],
            "role" => vec![Roles, Members, Access, Tasks],
            "policy" => vec![Policies, Roles, Access, Tasks],
            "group" => vec![Groups, Environments, Access, Tasks],
            "environment" => vec![Environments, Groups, Members, Access, Tasks],
            _ => Topic::ALL.to_vec(),
        },
        Event::End { .. } | Event::Unknown => Vec::new(),
    }
}

/// How long to wait before another try after so many in vain: longer each time, and never the same for
/// all who lost the server together. `chance` is between 0 and 1.
pub(super) fn pause_before(failures: u32, chance: f64) -> Duration {
    const SHORTEST: f64 = 0.5;
    const LONGEST: f64 = 30.0;
    let doubled = SHORTEST * f64::from(2u32.saturating_pow(failures.min(16)));
    Duration::from_secs_f64(doubled.min(LONGEST) * (0.5 + chance.clamp(0.0, 1.0) / 2.0))
}

/// What to tell the person of a change that others made to what is shared with them.
pub(super) fn what_became(before: &[Collaboration], now: &[Collaboration]) -> Vec<String> {
    use MemberStatus::{Active, Pending, Suspended};
    let gone = before
        .iter()
        .filter(|one| matches!(one.status, Active | Suspended))
        .filter(|one| now.iter().all(|other| other.id != one.id))
        .map(|one| format!("Your collaboration with {} has ended.", called(one)));
    let changed = now.iter().filter_map(|one| {
        let old = before.iter().find(|other| other.id == one.id);
        match (old.map(|old| old.status), one.status) {
            (Some(Active), Suspended) => Some(format!(
                "{} suspended your access: what they share with you is not there until they activate it again.",
                called(one)
            )),
            (Some(Suspended), Active) => Some(format!("{} gave your access back.", called(one))),
            (None, Pending) => Some(format!(
                "{} invites you. The invitation is under Settings, Shared with me.",
                called(one)
            )),
            _ => None,
        }
    });
    gone.chain(changed).collect()
}

/// The owner as the person calls them.
fn called(collaboration: &Collaboration) -> &str {
    collaboration
        .label
        .as_deref()
        .unwrap_or(&collaboration.owner.name)
}

#[cfg(test)]
mod tests {
    use accord_api_types::{AccountSummary, DateTime, PlacesToCreate, StreamEnd, Task, Uuid};

    use super::*;

    fn collaboration(number: u128, status: MemberStatus) -> Collaboration {
        Collaboration {
            id: Uuid::from_u128(number),
            owner: AccountSummary {
                id: Uuid::from_u128(number),
                name: "Olga".into(),
                email: "olga@example.com".into(),
            },
            label: None,
            status,
            invited_at: DateTime::UNIX_EPOCH,
            invitation_expires_at: None,
            accepted_at: None,
            suspended_at: None,
            shares: Vec::new(),
            may_create: PlacesToCreate::default(),
            allowed_actions: Vec::new(),
        }
    }

    fn task(action: &str) -> Event {
        Event::Task {
            account_id: Uuid::nil(),
            task: Box::new(Task {
                id: Uuid::nil(),
                at: DateTime::UNIX_EPOCH,
                action: action.into(),
                actor: None,
                means: "session".into(),
                item: None,
                environment_id: None,
                member_id: None,
                before: None,
                names: std::collections::BTreeMap::new(),
                after: None,
                request_id: None,
                network_address: None,
                token: None,
            }),
        }
    }

    #[test]
    fn an_event_concerns_what_it_changes() {
        assert!(topics_of(&task("member.suspend")).contains(&Topic::Members));
        assert!(!topics_of(&task("member.suspend")).contains(&Topic::Policies));
        assert!(topics_of(&task("group.update")).contains(&Topic::Environments));
        assert_eq!(
            topics_of(&task("webhook.switch_off")),
            [Topic::Webhooks, Topic::Tasks]
        );
        assert!(topics_of(&task("token.revoke")).contains(&Topic::Tokens));
        assert!(topics_of(&task("account.reset_password")).contains(&Topic::Tokens));
        let access = Event::Access {
            account_id: Uuid::nil(),
        };
        assert!(topics_of(&access).contains(&Topic::Environments));
        let reason = StreamEnd::Stopping;
        assert_eq!(topics_of(&Event::Invitations), [Topic::Members]);
        assert_eq!(topics_of(&Event::End { reason }), []);
    }

    #[test]
    fn after_a_gap_everything_is_asked_for() {
        for event in [Event::Ready, Event::Missed, task("planet.create")] {
            assert_eq!(topics_of(&event), Topic::ALL, "{event:?}");
        }
    }

    #[test]
    fn pauses_grow_and_differ() {
        assert!(pause_before(0, 0.0) < pause_before(3, 0.0));
        assert!(pause_before(3, 0.1) < pause_before(3, 0.9));
        for failures in [0, 1, 10, 100, u32::MAX] {
            let pause = pause_before(failures, 1.0).as_secs_f64();
            assert!((0.25..=30.0).contains(&pause), "{failures}: {pause}");
        }
    }

    #[test]
    fn a_suspended_member_reads_why() {
        let active = [collaboration(1, MemberStatus::Active)];
        let suspended = [collaboration(1, MemberStatus::Suspended)];
        assert!(what_became(&active, &suspended)[0].starts_with("Olga suspended your access"));
        assert_eq!(
            what_became(&suspended, &active),
            ["Olga gave your access back."]
        );
        assert_eq!(
            what_became(&suspended, &[]),
            ["Your collaboration with Olga has ended."]
        );
        assert_eq!(what_became(&active, &active), Vec::<String>::new());
    }

    #[test]
    fn an_invitation_is_announced_and_its_decision_is_the_persons_own() {
        let invited = [collaboration(1, MemberStatus::Pending)];
        assert_eq!(what_became(&[], &invited).len(), 1);
        assert!(what_became(&invited, &[collaboration(1, MemberStatus::Active)]).is_empty());
        assert!(what_became(&invited, &[]).is_empty());
    }

    #[test]
    fn an_owner_is_called_as_the_person_calls_them() {
        let mut named = collaboration(1, MemberStatus::Active);
        named.label = Some("Work".into());
        assert_eq!(
            what_became(&[named], &[]),
            ["Your collaboration with Work has ended."]
        );
    }
}
