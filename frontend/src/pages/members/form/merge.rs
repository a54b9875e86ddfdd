//! What the form started from, what somebody else made of it meanwhile, and the two brought together.

use std::collections::{BTreeSet, HashSet};

use accord_api_types::{Item, Member, UpdateMember, Uuid};

use crate::components::share_editor::model::{ShareDraft, share_on, to_shares};
use crate::editing::{self, Three};

/// What of a member the form changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub(super) name: String,
    pub(super) shares: Vec<ShareDraft>,
}

impl Content {
    pub(super) fn of(member: &Member) -> Self {
        Self {
            name: member.display_name.clone().unwrap_or_default(),
            shares: drafts(member, true),
        }
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && same_shares(&self.shares, &other.shares)
    }
}

/// Only what changes.
pub(super) fn between(before: &Content, after: &Content) -> UpdateMember {
    let named = Some(after.name.clone()).filter(|name| !name.is_empty());
    UpdateMember {
        display_name: (after.name != before.name).then_some(named),
        shares: (!same_shares(&before.shares, &after.shares)).then(|| to_shares(&after.shares)),
    }
}

/// A member's shares as a draft; a copy goes without the ended ones.
pub(super) fn drafts(member: &Member, with_ended: bool) -> Vec<ShareDraft> {
    member
        .shares
        .iter()
        .filter(|share| with_ended || !share.ended)
        .cloned()
        .map(ShareDraft::from)
        .collect()
}

/// Whether two drafts say the same, in whatever order.
pub(super) fn same_shares(one: &[ShareDraft], other: &[ShareDraft]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .all(|share| same_share(Some(share), share_on(other, share.item)))
}

fn same_share(one: Option<&ShareDraft>, other: Option<&ShareDraft>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => {
            roles_of(one) == roles_of(other) && one.expires_at == other.expires_at
        }
        (None, None) => true,
        _ => false,
    }
}

fn roles_of(share: &ShareDraft) -> BTreeSet<Uuid> {
    share.role_ids.iter().copied().collect()
}

/// One thing that somebody else changed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    /// The display name, to this.
    Name(String),
    /// What is shared on an item: nothing any more, or this.
    Share(Item, Option<ShareDraft>),
}

/// What somebody else changed and is not as in the form, and whether the form changes the same.
pub(super) fn changes(three: Three<'_, Content>) -> Vec<(Change, bool)> {
    let Three {
        before,
        after,
        mine,
    } = three;
    let name = (after.name != before.name && after.name != mine.name)
        .then(|| (Change::Name(after.name.clone()), mine.name != before.name));
    let shares = items(before, after).into_iter().filter_map(|item| {
        let (was, is) = (
            share_on(&before.shares, item),
            share_on(&after.shares, item),
        );
        let own = share_on(&mine.shares, item);
        (!same_share(was, is) && !same_share(own, is))
            .then(|| (Change::Share(item, is.cloned()), !same_share(own, was)))
    });
    name.into_iter().chain(shares).collect()
}

impl editing::Content for Content {
    fn merged(three: Three<'_, Self>) -> Self {
        let Three {
            before,
            after,
            mine,
        } = three;
        let mut whole = Self {
            name: three.of(|content| &content.name).one(),
            shares: mine.shares.clone(),
        };
        for item in items(before, after) {
            let (was, is) = (
                share_on(&before.shares, item),
                share_on(&after.shares, item),
            );
            if !same_share(was, is) && same_share(share_on(&mine.shares, item), was) {
                whole.shares.retain(|share| share.item != item);
                whole.shares.extend(is.cloned());
            }
        }
        whole
    }
}

/// The items of both, each once, in order.
fn items(one: &Content, other: &Content) -> Vec<Item> {
    let mut seen = HashSet::new();
    one.shares
        .iter()
        .chain(&other.shares)
        .map(|share| share.item)
        .filter(|item| seen.insert(*item))
        .collect()
}

#[cfg(test)]
mod tests {
    use accord_api_types::DateTime;

    use super::*;

    const VIEWER: Uuid = Uuid::from_u128(1);
    const ADMIN: Uuid = Uuid::from_u128(2);

    fn three<'a>(before: &'a Content, after: &'a Content, mine: &'a Content) -> Three<'a, Content> {
        Three {
            before,
            after,
            mine,
        }
    }

    fn merged(before: &Content, after: &Content, mine: &Content) -> Content {
        editing::Content::merged(three(before, after, mine))
    }

    fn share(item: Item, roles: &[Uuid]) -> ShareDraft {
        ShareDraft {
            item,
            role_ids: roles.to_vec(),
            expires_at: None,
            ended: false,
        }
    }

    fn content(name: &str, shares: &[ShareDraft]) -> Content {
        Content {
            name: name.into(),
            shares: shares.to_vec(),
        }
    }

    #[test]
    fn order_does_not_matter_but_ends_do() {
        let one = [
            share(Item::GROUPS, &[VIEWER, ADMIN]),
            share(Item::ENVIRONMENTS, &[VIEWER]),
        ];
        let other = [
            share(Item::ENVIRONMENTS, &[VIEWER]),
            share(Item::GROUPS, &[ADMIN, VIEWER]),
        ];
        assert!(same_shares(&one, &other));
        let mut ending = other.to_vec();
        ending[0].expires_at = Some(DateTime::UNIX_EPOCH);
        assert!(!same_shares(&one, &ending));
        assert!(!same_shares(&one, &other[..1]));
    }

    #[test]
    fn what_others_changed_is_told_with_what_clashes() {
        let before = content("Bob", &[share(Item::GROUPS, &[VIEWER])]);
        let after = content("Robert", &[share(Item::ENVIRONMENTS, &[ADMIN])]);
        let mine = content("Bobby", &[share(Item::GROUPS, &[VIEWER])]);
        assert_eq!(
            changes(three(&before, &after, &mine)),
            [
                (Change::Name("Robert".into()), true),
                (Change::Share(Item::GROUPS, None), false),
                (
                    Change::Share(
                        Item::ENVIRONMENTS,
                        Some(share(Item::ENVIRONMENTS, &[ADMIN]))
                    ),
                    false
                ),
            ]
        );
        assert!(changes(three(&before, &before, &mine)).is_empty());
        assert!(changes(three(&before, &after, &after)).is_empty());
    }

    #[test]
    fn only_what_changed_is_sent() {
        let before = content("Bob", &[share(Item::GROUPS, &[VIEWER, ADMIN])]);
        let same = content("Bob", &[share(Item::GROUPS, &[ADMIN, VIEWER])]);
        assert_eq!(between(&before, &same), UpdateMember::default());
        let unnamed = content("", &before.shares);
        let sent = UpdateMember {
            display_name: Some(None),
            shares: None,
        };
        assert_eq!(between(&before, &unnamed), sent);
    }

    #[test]
    fn both_sides_are_kept_and_mine_where_they_clash() {
        let web = Item::group(Uuid::from_u128(7));
        let before = content(
            "Bob",
            &[share(Item::GROUPS, &[VIEWER]), share(web, &[VIEWER])],
        );
        let after = content(
            "Robert",
            &[share(Item::ENVIRONMENTS, &[ADMIN]), share(web, &[ADMIN])],
        );
        let mine = content(
            "Bob",
            &[share(Item::GROUPS, &[VIEWER]), share(web, &[VIEWER, ADMIN])],
        );
        let whole = merged(&before, &after, &mine);
        assert_eq!(whole.name, "Robert");
        assert!(same_shares(
            &whole.shares,
            &[
                share(Item::ENVIRONMENTS, &[ADMIN]),
                share(web, &[VIEWER, ADMIN])
            ]
        ));
        assert_eq!(merged(&before, &before, &mine), mine);
    }
}
