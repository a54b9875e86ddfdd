//! Members as their list shows them, and what may be done to several at once.

use std::borrow::Borrow;
use std::sync::Arc;

use accord_api_types::{
    Item, ItemKind, Member, MemberStateVerb, MemberStatus, MembersQuery, Share,
};

use crate::components::{Column, order_asked_for};

/// A verb on members: what the API calls it in `allowed_actions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Suspend,
    Activate,
    Resend,
    Reinvite,
    Remove,
    Forget,
}

impl Verb {
    pub(super) const ALL: [Self; 6] = [
        Self::Suspend,
        Self::Activate,
        Self::Resend,
        Self::Reinvite,
        Self::Remove,
        Self::Forget,
    ];

    const fn word(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Activate => "activate",
            Self::Resend => "resend",
            Self::Reinvite => "reinvite",
            Self::Remove => "remove",
            Self::Forget => "forget",
        }
    }

    /// What a button says.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Suspend => "Suspend",
            Self::Activate => "Activate",
            Self::Resend => "Resend invitation",
            Self::Reinvite => "Re-invite",
            Self::Remove => "Remove",
            Self::Forget => "Forget",
        }
    }

    /// What was done, before the name of whom.
    pub(super) const fn done(self) -> &'static str {
        match self {
            Self::Suspend => "Suspended",
            Self::Activate => "Activated",
            Self::Resend => "Sent a new invitation to",
            Self::Reinvite => "Invited again:",
            Self::Remove => "Removed",
            Self::Forget => "Forgot",
        }
    }

    /// Whether to ask first: somebody's access changes, or something is lost for good.
    pub(super) const fn asks(self) -> bool {
        self.state_change().is_some() || self.is_final()
    }

    /// Whether something is lost that nothing brings back.
    pub(super) const fn is_final(self) -> bool {
        matches!(self, Self::Remove | Self::Forget)
    }

    /// What the API calls it where it is asked what it would do to access.
    pub(super) const fn state_change(self) -> Option<MemberStateVerb> {
        match self {
            Self::Suspend => Some(MemberStateVerb::Suspend),
            Self::Activate => Some(MemberStateVerb::Activate),
            Self::Remove => Some(MemberStateVerb::Remove),
            Self::Resend | Self::Reinvite | Self::Forget => None,
        }
    }

    /// What takes it back, where something does.
    pub(super) const fn undo(self) -> Option<Self> {
        match self {
            Self::Suspend => Some(Self::Activate),
            Self::Activate => Some(Self::Suspend),
            Self::Resend | Self::Reinvite | Self::Remove | Self::Forget => None,
        }
    }

    /// What comes of it, where it asks.
    pub(super) const fn consequence(self) -> &'static str {
        match self {
            Self::Suspend => {
                "Access ends at once. What is shared is kept, and counts again after activating."
            }
            Self::Activate => "What is shared counts again at once.",
            Self::Remove => {
                "Access ends at once, and all shares and roles are deleted. The record stays: re-inviting later starts with nothing shared."
            }
            Self::Forget => {
                "The record and its shares are deleted for good. Inviting the address again starts from nothing."
            }
            Self::Resend | Self::Reinvite => "",
        }
    }
}

/// Whether the API allows a word on a member now.
pub(super) fn may(member: &Member, word: &str) -> bool {
    member.allowed_actions.iter().any(|allowed| allowed == word)
}

/// The verbs that are possible on this member now.
pub(super) fn verbs(member: &Member) -> Vec<Verb> {
    Verb::ALL
        .into_iter()
        .filter(|verb| may(member, verb.word()))
        .collect()
}

/// Those of `members` that a verb is possible on.
pub(super) fn targets(members: &[Arc<Member>], verb: Verb) -> Vec<Arc<Member>> {
    members
        .iter()
        .filter(|member| may(member, verb.word()))
        .cloned()
        .collect()
}

/// The verbs that are possible on some of `members`, and on how many.
pub(super) fn possible(members: &[Arc<Member>]) -> Vec<(Verb, usize)> {
    Verb::ALL
        .into_iter()
        .map(|verb| {
            let whom = members.iter().filter(|member| may(member, verb.word()));
            (verb, whom.count())
        })
        .filter(|(_, whom)| *whom > 0)
        .collect()
}

/// How many shares go with these members, in a sentence.
pub(super) fn shares_lost(members: &[Arc<Member>]) -> Option<String> {
    match members.iter().map(|member| member.shares.len()).sum() {
        0 => None,
        1 => Some("1 share is lost.".into()),
        count => Some(format!("{count} shares are lost.")),
    }
}

/// The name to speak of somebody by.
pub(super) fn name(member: &Member) -> String {
    member
        .display_name
        .clone()
        .unwrap_or_else(|| member.email.clone())
}

/// `Ada`, or `3 members`.
pub(super) fn name_all(members: &[impl Borrow<Member>]) -> String {
    match members {
        [one] => name(one.borrow()),
        many => format!("{} members", many.len()),
    }
}

/// What is shared, in a few words.
pub(super) fn shares_in_words(shares: &[Share]) -> String {
    let counts = |kind: ItemKind| {
        shares
            .iter()
            .filter(|share| share.item.kind == kind)
            .count()
    };
    let plural = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        count => Some(format!("{count} {word}s")),
    };
    let has = |item: Item| shares.iter().any(|share| share.item == item);
    let parts: Vec<String> = [
        has(Item::ENVIRONMENTS).then(|| "all environments".to_owned()),
        has(Item::GROUPS).then(|| "all groups".to_owned()),
        plural(counts(ItemKind::Group), "group"),
        plural(counts(ItemKind::Environment), "environment"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        return "Nothing".into();
    }
    let mut words = parts.join(", ");
    if let Some(first) = words.get(..1).map(str::to_uppercase) {
        words.replace_range(..1, &first);
    }
    words
}

/// The choices of the status filter: (value, words).
pub(super) fn status_choices() -> Vec<(String, String)> {
    let words = |status: MemberStatus| match status {
        MemberStatus::Pending => "Pending acceptance",
        MemberStatus::Active => "Active",
        MemberStatus::Suspended => "Suspended",
        MemberStatus::Rejected => "Rejected",
        MemberStatus::Left => "Left",
        MemberStatus::Removed => "Removed",
        MemberStatus::Expired => "Expired",
    };
    std::iter::once((String::new(), "Every status".to_owned()))
        .chain(
            MemberStatus::ALL
                .iter()
                .map(|status| (status.as_str().to_owned(), words(*status).to_owned())),
        )
        .collect()
}

/// What the members can be sorted by.
pub(super) const COLUMNS: [Column; 3] = [
    Column {
        name: "email",
        up: "By address",
        down: "By address, from the end",
        down_first: false,
    },
    Column {
        name: "display_name",
        up: "By name",
        down: "By name, from the end",
        down_first: false,
    },
    Column {
        name: "invited_at",
        up: "Oldest first",
        down: "Newest first",
        down_first: true,
    },
];

/// What to ask for. What stands in the address may be anything: what means nothing is left aside.
pub(super) fn query(looked_for: &str, status: &str, sort: &str) -> MembersQuery {
    let looked_for = looked_for.trim();
    MembersQuery {
        q: (!looked_for.is_empty()).then(|| looked_for.to_owned()),
        sort: Some(order_asked_for(&COLUMNS, sort)),
        status: status.parse().ok(),
        ..MembersQuery::default()
    }
}

/// What the list of what they may do where can be sorted by.
const ACCESS_COLUMNS: [Column; 2] = [
    Column {
        name: "environment_name",
        up: "By name",
        down: "By name, from the end",
        down_first: false,
    },
    Column {
        name: "access_level",
        up: "The nearest access first",
        down: "The farthest access first",
        down_first: false,
    },
];

/// Only those who are active have a level of access.
pub(super) fn access_columns(is_active: bool) -> &'static [Column] {
    if is_active {
        &ACCESS_COLUMNS
    } else {
        &ACCESS_COLUMNS[..1]
    }
}

#[cfg(test)]
pub(super) mod tests {
    use accord_api_types::{DateTime, Uuid};

    use super::*;

    #[test]
    fn what_stands_in_the_address_is_asked_for_as_far_as_it_means_something() {
        let plain = query("", "", "");
        assert_eq!((plain.q, plain.status), (None, None));
        assert_eq!(plain.sort.as_deref(), Some("email"));
        let asked = query(" ada ", "suspended", "-invited_at");
        assert_eq!(asked.q.as_deref(), Some("ada"));
        assert_eq!(asked.status, Some(MemberStatus::Suspended));
        assert_eq!(asked.sort.as_deref(), Some("-invited_at"));
        let made_up = query("", "planet", "mass");
        assert_eq!(made_up.status, None);
        assert_eq!(made_up.sort.as_deref(), Some("email"));
    }

    pub(in super::super) fn member(name: Option<&str>, allowed: &[&str]) -> Member {
        Member {
            id: Uuid::nil(),
            email: "ada@example.org".into(),
            display_name: name.map(Into::into),
            status: MemberStatus::Active,
            account_id: None,
            invited_at: DateTime::UNIX_EPOCH,
            invitation_expires_at: None,
            accepted_at: None,
            suspended_at: None,
            ended_at: None,
            shares: Vec::new(),
            allowed_actions: allowed.iter().map(|word| (*word).to_owned()).collect(),
            invitation_mail: None,
        }
    }

    fn share(item: Item) -> Share {
        Share {
            item,
            role_ids: vec![Uuid::nil()],
            expires_at: None,
            ended: false,
        }
    }

    #[test]
    fn only_what_the_server_allows_is_offered() {
        let member = member(None, &["edit", "suspend", "remove"]);
        assert_eq!(verbs(&member), [Verb::Suspend, Verb::Remove]);
    }

    #[test]
    fn a_verb_on_several_hits_those_it_is_possible_on() {
        let members = [
            member(Some("Ada"), &["suspend", "remove"]),
            member(Some("Bob"), &["activate", "remove"]),
        ]
        .map(Arc::new);
        assert_eq!(
            possible(&members),
            [(Verb::Suspend, 1), (Verb::Activate, 1), (Verb::Remove, 2)]
        );
        assert_eq!(name_all(&targets(&members, Verb::Suspend)), "Ada");
        assert_eq!(name_all(&members), "2 members");
        assert!(targets(&members, Verb::Forget).is_empty());
    }

    #[test]
    fn what_is_lost_is_counted() {
        let with = |count: usize| {
            Arc::new(Member {
                shares: vec![share(Item::GROUPS); count],
                ..member(None, &[])
            })
        };
        assert_eq!(shares_lost(&[with(0)]), None);
        assert_eq!(
            shares_lost(&[with(1), with(2)]).as_deref(),
            Some("3 shares are lost.")
        );
    }

    #[test]
    fn people_are_called_by_their_name_or_address() {
        assert_eq!(name(&member(Some("Ada"), &[])), "Ada");
        assert_eq!(name(&member(None, &[])), "ada@example.org");
    }

    #[test]
    fn shares_are_said_in_a_few_words() {
        let id = Uuid::nil();
        assert_eq!(shares_in_words(&[]), "Nothing");
        assert_eq!(
            shares_in_words(&[share(Item::ENVIRONMENTS)]),
            "All environments"
        );
        assert_eq!(
            shares_in_words(&[
                share(Item::group(id)),
                share(Item::group(id)),
                share(Item::environment(id))
            ]),
            "2 groups, 1 environment"
        );
    }

    #[test]
    fn what_changes_access_or_loses_something_asks_and_what_is_final_has_no_undo() {
        for verb in Verb::ALL {
            assert_eq!(verb.asks(), !verb.consequence().is_empty(), "{verb:?}");
            assert!(!(verb.is_final() && verb.undo().is_some()), "{verb:?}");
            assert!(
                verb.undo().is_none() || verb.state_change().is_some(),
                "{verb:?}"
            );
        }
        assert!(!Verb::Resend.asks() && !Verb::Reinvite.asks());
    }

    #[test]
    fn every_status_can_be_filtered_for() {
        assert_eq!(status_choices().len(), MemberStatus::ALL.len() + 1);
    }
}
