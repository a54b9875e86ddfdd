//! What is asked before a change is saved, and the answer in words.

use std::collections::HashSet;

use accord_api_types::{AccessLevel, Preview, PreviewItem, PreviewTotals, Uuid};

use crate::listing::in_words;

/// Members that are named before the rest is counted.
const NAMED: usize = 4;
/// Changes that are asked about, where several are to be made: each is looked at by itself.
pub(super) const ASKED_ABOUT: usize = 50;

/// The changes that can be asked about: what the write would be sent.
pub(crate) mod change {
    use accord_api_types::{
        DeleteQuery, DirectRoles, GroupEnvironments, MemberStateChange, MemberStateVerb, NewShare,
        PreviewChange, PreviewKind, Shares, UpdateEnvironment, UpdateGroup, UpdatePolicy,
        UpdateRole, Uuid,
    };

    fn of(kind: PreviewKind, id: Uuid, to: serde_json::Result<serde_json::Value>) -> PreviewChange {
        PreviewChange {
            kind,
            id,
            member_id: None,
            // What cannot be written down is refused by the server, which says so.
            to: to.ok(),
        }
    }

    pub(crate) fn role(id: Uuid, policy_ids: Vec<Uuid>) -> PreviewChange {
        let to = UpdateRole {
            policy_ids: Some(policy_ids),
            ..UpdateRole::default()
        };
        of(PreviewKind::Role, id, serde_json::to_value(to))
    }

    pub(crate) fn policy(id: Uuid, action_ids: Vec<String>) -> PreviewChange {
        let to = UpdatePolicy {
            action_ids: Some(action_ids),
            ..UpdatePolicy::default()
        };
        of(PreviewKind::Policy, id, serde_json::to_value(to))
    }

    pub(crate) fn group_move(id: Uuid, parent_id: Option<Uuid>) -> PreviewChange {
        let to = UpdateGroup {
            parent_id: Some(parent_id),
            ..UpdateGroup::default()
        };
        of(PreviewKind::Group, id, serde_json::to_value(to))
    }

    pub(crate) fn group_environments(id: Uuid, environment_ids: Vec<Uuid>) -> PreviewChange {
        let to = GroupEnvironments { environment_ids };
        of(PreviewKind::GroupEnvironments, id, serde_json::to_value(to))
    }

    pub(crate) fn environment_groups(id: Uuid, group_ids: Vec<Uuid>) -> PreviewChange {
        let to = UpdateEnvironment {
            group_ids: Some(group_ids),
            ..UpdateEnvironment::default()
        };
        of(PreviewKind::Environment, id, serde_json::to_value(to))
    }

    pub(crate) fn shares(id: Uuid, shares: Vec<NewShare>) -> PreviewChange {
        of(
            PreviewKind::Shares,
            id,
            serde_json::to_value(Shares { shares }),
        )
    }

    pub(crate) fn direct_roles(id: Uuid, member_id: Uuid, to: &DirectRoles) -> PreviewChange {
        PreviewChange {
            member_id: Some(member_id),
            ..of(PreviewKind::DirectRoles, id, serde_json::to_value(to))
        }
    }

    pub(crate) fn direct_roles_removal(id: Uuid, member_id: Uuid) -> PreviewChange {
        PreviewChange {
            member_id: Some(member_id),
            to: None,
            ..deletion(PreviewKind::DirectRolesRemoval, id)
        }
    }

    pub(crate) fn member_state(id: Uuid, verb: MemberStateVerb) -> PreviewChange {
        let to = MemberStateChange { verb };
        of(PreviewKind::MemberState, id, serde_json::to_value(to))
    }

    /// A role or a policy that is taken away from whatever uses it.
    pub(crate) fn detached(kind: PreviewKind, id: Uuid) -> PreviewChange {
        let to = DeleteQuery { detach: Some(true) };
        of(kind, id, serde_json::to_value(to))
    }

    /// What is deleted without anything being sent.
    pub(crate) fn deletion(kind: PreviewKind, id: Uuid) -> PreviewChange {
        PreviewChange {
            kind,
            id,
            member_id: None,
            to: None,
        }
    }
}

/// What several changes would do, each of them about another member.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Foreseen {
    pub(super) preview: Preview,
    /// How many were asked about, and how many there are.
    asked: usize,
    all: usize,
}

impl Foreseen {
    /// `previews` of the first of `all` changes. What is done to different members adds up.
    pub(super) fn of(previews: Vec<Preview>, all: usize) -> Self {
        let asked = previews.len();
        let mut items = Vec::new();
        let mut totals = PreviewTotals {
            members: 0,
            environments: 0,
            pairs: 0,
            complete: asked == all,
        };
        for preview in previews {
            items.extend(preview.items);
            totals.members += preview.totals.members;
            totals.pairs += preview.totals.pairs;
            totals.complete &= preview.totals.complete;
            // Several may lose the same environment.
            totals.environments = totals.environments.max(preview.totals.environments);
        }
        let named: HashSet<Uuid> = items.iter().map(|item| item.environment_id).collect();
        let named = u64::try_from(named.len()).unwrap_or(u64::MAX);
        totals.environments = totals.environments.max(named);
        // Where not all are listed, it is not known which of the others are the same.
        totals.complete &= asked <= 1 || u64::try_from(items.len()) == Ok(totals.pairs);
        Self {
            preview: Preview {
                items,
                next_cursor: None,
                totals,
            },
            asked,
            all,
        }
    }

    /// Says so where not all were asked about.
    pub(super) fn unasked(&self) -> Option<String> {
        let (asked, all) = (self.asked, self.all);
        (asked < all)
            .then(|| format!("Only the first {asked} of {all} members are looked at here."))
    }
}

/// One member, in a sentence, and what becomes of each environment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) words: String,
    /// The environment, and what is gained and lost there.
    pub(super) details: Vec<(String, String)>,
}

/// How far the change reaches.
pub(super) fn headline(preview: &Preview) -> String {
    let totals = &preview.totals;
    let least = if totals.complete { "" } else { "at least " };
    format!(
        "This changes what {least}{} may do on {}.",
        in_words(totals.members, "member"),
        in_words(totals.environments, "environment")
    )
}

/// The first members, and how many more there are.
pub(super) fn lines(preview: &Preview) -> (Vec<Line>, Option<String>) {
    let mut members: Vec<(Uuid, Vec<&PreviewItem>)> = Vec::new();
    for item in &preview.items {
        match members.iter_mut().find(|(id, _)| *id == item.member_id) {
            Some((_, items)) => items.push(item),
            None => members.push((item.member_id, vec![item])),
        }
    }
    members.sort_by_key(|(_, items)| items[0].member_name.to_lowercase());
    let lines: Vec<Line> = members
        .iter()
        .take(NAMED)
        .map(|(_, items)| line(items))
        .collect();
    let named = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    let others = preview.totals.members.saturating_sub(named);
    let listed = u64::try_from(preview.items.len()).unwrap_or(u64::MAX);
    let mut more: Vec<String> = Vec::new();
    if others > 0 {
        more.push(format!("And {}.", in_words(others, "other member")));
    }
    if listed < preview.totals.pairs {
        more.push(format!(
            "Only the first {listed} of {} changes are looked at here.",
            preview.totals.pairs
        ));
    }
    (lines, (!more.is_empty()).then(|| more.join(" ")))
}

fn line(items: &[&PreviewItem]) -> Line {
    let appears = |item: &&&PreviewItem| !sees(item.level_before) && sees(item.level_after);
    let vanishes = |item: &&&PreviewItem| sees(item.level_before) && !sees(item.level_after);
    let (fresh, rest): (Vec<&PreviewItem>, Vec<_>) = items.iter().partition(|item| appears(item));
    let (gone, rest): (Vec<&PreviewItem>, Vec<_>) = rest.iter().partition(|item| vanishes(item));
    let gains: Vec<&PreviewItem> = with_some(&rest, |item| &item.gained);
    let loses: Vec<&PreviewItem> = with_some(&rest, |item| &item.lost);
    let parts: Vec<String> = [
        (!fresh.is_empty()).then(|| {
            let count = count_of(&fresh, |item| &item.gained);
            format!("gets to see {} ({count})", names(&fresh))
        }),
        (!gone.is_empty()).then(|| format!("loses all access to {}", names(&gone))),
        (!gains.is_empty()).then(|| {
            let count = count_of(&gains, |item| &item.gained);
            format!("gains {count} on {}", names(&gains))
        }),
        (!loses.is_empty()).then(|| {
            let count = count_of(&loses, |item| &item.lost);
            format!("loses {count} on {}", names(&loses))
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    let name = &items[0].member_name;
    let words = if parts.is_empty() {
        format!("{name} keeps the same actions, by another way.")
    } else {
        format!("{name} {}.", parts.join("; "))
    };
    Line {
        words,
        details: items
            .iter()
            .map(|item| (item.environment_name.clone(), detail(item)))
            .collect(),
    }
}

fn sees(level: AccessLevel) -> bool {
    level != AccessLevel::None
}

fn with_some<'i>(
    items: &[&'i PreviewItem],
    actions: fn(&PreviewItem) -> &Vec<String>,
) -> Vec<&'i PreviewItem> {
    let some = items.iter().filter(|item| !actions(item).is_empty());
    some.copied().collect()
}

/// `3 actions`; `up to 3 actions` where it is not the same everywhere.
fn count_of(items: &[&PreviewItem], actions: fn(&PreviewItem) -> &Vec<String>) -> String {
    let counts = || items.iter().map(|item| actions(item).len());
    let most = counts().max().unwrap_or_default();
    let words = in_words(most, "action");
    if counts().all(|count| count == most) {
        words
    } else {
        format!("up to {words}")
    }
}

/// `shop`, `shop and lab`, `shop and 4 more`.
fn names(items: &[&PreviewItem]) -> String {
    let mut names: Vec<&str> = items
        .iter()
        .map(|item| item.environment_name.as_str())
        .collect();
    names.sort_unstable();
    match names[..] {
        [] => String::new(),
        [one] => one.to_owned(),
        [one, other] => format!("{one} and {other}"),
        [one, ..] => format!("{one} and {} more", names.len() - 1),
    }
}

fn detail(item: &PreviewItem) -> String {
    let part = |words: &str, actions: &[String]| {
        (!actions.is_empty()).then(|| format!("{words} {}", actions.join(", ")))
    };
    let parts: Vec<String> = [part("gains", &item.gained), part("loses", &item.lost)]
        .into_iter()
        .flatten()
        .collect();
    if parts.is_empty() {
        "no action changes".to_owned()
    } else {
        parts.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIRECT: AccessLevel = AccessLevel::Direct;
    const NONE: AccessLevel = AccessLevel::None;

    fn item(
        (member, environment): (&str, &str),
        (before, after): (AccessLevel, AccessLevel),
        gained: &[&str],
        lost: &[&str],
    ) -> PreviewItem {
        let texts = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let id = member.bytes().map(u128::from).sum();
        PreviewItem {
            member_id: Uuid::from_u128(id),
            member_name: member.into(),
            environment_id: Uuid::from_u128(environment.bytes().map(u128::from).sum()),
            environment_name: environment.into(),
            level_before: before,
            level_after: after,
            gained: texts(gained),
            lost: texts(lost),
        }
    }

    fn preview(items: Vec<PreviewItem>, members: u64) -> Preview {
        Preview {
            totals: PreviewTotals {
                members,
                environments: 2,
                pairs: u64::try_from(items.len()).expect("few"),
                complete: true,
            },
            items,
            next_cursor: None,
        }
    }

    fn words(items: Vec<PreviewItem>) -> Vec<String> {
        let (lines, _) = lines(&preview(items, 1));
        lines.into_iter().map(|line| line.words).collect()
    }

    #[test]
    fn each_member_is_a_sentence() {
        let both = (DIRECT, DIRECT);
        assert_eq!(
            words(vec![
                item(("Ben", "shop"), both, &[], &["c"]),
                item(("Anna", "shop"), both, &["a", "b"], &[]),
                item(("Anna", "lab"), both, &["a"], &[]),
                item(("Anna", "blog"), both, &["a"], &["c"]),
            ]),
            [
                "Anna gains up to 2 actions on blog and 2 more; loses 1 action on blog.",
                "Ben loses 1 action on shop."
            ]
        );
    }

    #[test]
    fn coming_and_going_is_said_as_such() {
        assert_eq!(
            words(vec![
                item(("Anna", "shop"), (NONE, DIRECT), &["a", "b"], &[]),
                item(("Anna", "blog"), (DIRECT, NONE), &[], &["a"]),
                item(("Anna", "lab"), (DIRECT, NONE), &[], &["a"]),
            ]),
            ["Anna gets to see shop (2 actions); loses all access to blog and lab."]
        );
    }

    #[test]
    fn what_several_changes_do_adds_up() {
        let of = |who: &str, wheres: &[&str]| {
            let items = wheres
                .iter()
                .map(|one| item((who, one), (DIRECT, NONE), &[], &["a"]));
            let mut one = preview(items.collect(), 1);
            one.totals.environments = one.totals.pairs;
            one
        };
        let nobody = || {
            let mut one = preview(Vec::new(), 0);
            one.totals.environments = 0;
            one
        };
        let found = Foreseen::of(
            vec![of("Anna", &["shop", "lab"]), nobody(), of("Ben", &["lab"])],
            3,
        );
        assert_eq!(
            headline(&found.preview),
            "This changes what 2 members may do on 2 environments."
        );
        assert_eq!(found.unasked(), None);
        let (lines, _) = lines(&found.preview);
        assert_eq!(lines[1].words, "Ben loses all access to lab.");

        let some = Foreseen::of(vec![of("Anna", &["shop"]), of("Ben", &["lab"])], 7);
        assert!(headline(&some.preview).contains("at least 2 members"));
        assert_eq!(
            some.unasked().as_deref(),
            Some("Only the first 2 of 7 members are looked at here.")
        );

        let mut many = of("Ben", &["lab"]);
        (many.totals.pairs, many.totals.environments) = (900, 900);
        let found = Foreseen::of(vec![of("Anna", &["shop"]), many.clone()], 2);
        assert_eq!(
            headline(&found.preview),
            "This changes what at least 2 members may do on 900 environments."
        );
        assert_eq!(Foreseen::of(vec![many.clone()], 1).preview, many);
    }

    #[test]
    fn the_rest_is_counted() {
        let names = ["A", "B", "C", "D", "E"];
        let items = names.map(|name| item((name, "shop"), (DIRECT, DIRECT), &["a"], &[]));
        let mut preview = preview(items.into(), 40);
        let (lines, more) = lines(&preview);
        assert_eq!(
            (lines.len(), more.as_deref()),
            (4, Some("And 36 other members."))
        );
        assert_eq!(
            headline(&preview),
            "This changes what 40 members may do on 2 environments."
        );
        preview.totals.complete = false;
        assert!(headline(&preview).contains("at least 40 members"));
    }
}
