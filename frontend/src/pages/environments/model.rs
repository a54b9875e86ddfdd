//! The list of environments: its filters and what creating one takes.

use accord_api_types::{
    AccessLevel, AccountSummary, Collaboration, Environment, EnvironmentStatus, FieldError, Group,
    MemberStatus, PlacesToCreate, Uuid, VisibleEnvironmentsQuery,
};

use crate::components::{Column, order_asked_for};
use crate::failure::invalid;

/// An owner to filter by or to create for, called by the person's own name for them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Owner {
    pub(super) id: Uuid,
    pub(super) label: String,
    pub(super) is_caller: bool,
    pub(super) places: Places,
}

/// Where on an owner's account the caller may make environments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Places {
    /// At the root and in every group.
    Everywhere,
    /// As the server says.
    These(PlacesToCreate),
}

impl Places {
    /// Whether anywhere at all.
    pub(super) fn any(&self) -> bool {
        match self {
            Self::Everywhere => true,
            Self::These(places) => places.root || !places.group_ids.is_empty(),
        }
    }

    pub(super) fn root(&self) -> bool {
        match self {
            Self::Everywhere => true,
            Self::These(places) => places.root,
        }
    }

    pub(super) fn group(&self, id: Uuid) -> bool {
        match self {
            Self::Everywhere => true,
            Self::These(places) => places.group_ids.contains(&id),
        }
    }
}

/// Those of the owners on whose account the caller may make environments.
pub(super) fn who_lets_create(owners: &[Owner]) -> Vec<Owner> {
    owners
        .iter()
        .filter(|owner| owner.places.any())
        .cloned()
        .collect()
}

/// The caller first, then whoever shares something with them.
pub(super) fn owners(
    me: &AccountSummary,
    may_host: bool,
    collaborations: &[Collaboration],
) -> Vec<Owner> {
    let mine = may_host.then(|| Owner {
        id: me.id,
        label: format!("{} (you)", me.name),
        is_caller: true,
        places: Places::Everywhere,
    });
    let theirs = collaborations
        .iter()
        .filter(|collaboration| collaboration.status == MemberStatus::Active)
        .map(|collaboration| Owner {
            id: collaboration.owner.id,
            label: label_of(collaboration),
            is_caller: false,
            places: Places::These(collaboration.may_create.clone()),
        });
    mine.into_iter().chain(theirs).collect()
}

/// What the caller calls an owner.
fn label_of(collaboration: &Collaboration) -> String {
    let label = collaboration.label.as_ref();
    label.unwrap_or(&collaboration.owner.name).clone()
}

/// What those are called who suspended the caller.
pub(super) fn suspended(collaborations: &[Collaboration]) -> Vec<String> {
    collaborations
        .iter()
        .filter(|collaboration| collaboration.status == MemberStatus::Suspended)
        .map(label_of)
        .collect()
}

/// A title and a sentence for somebody who sees no environment at all.
pub(super) fn nothing_at_all(may_create: bool, suspended: &[String]) -> (&'static str, String) {
    match (suspended, may_create) {
        ([], true) => (
            "No environments yet",
            "Environments are what you share. Make one, or accept an invitation to see somebody else's."
                .to_owned(),
        ),
        ([], false) => (
            "No environments yet",
            "What others share with you appears here.".to_owned(),
        ),
        (names, _) => (
            "Nothing to see at the moment",
            format!(
                "{} suspended the collaboration with you. Its environments are hidden until it is activated again.",
                names.join(", ")
            ),
        ),
    }
}

/// What the filter offers: (id or nothing, words).
pub(super) fn owner_choices(owners: &[Owner]) -> Vec<(String, String)> {
    std::iter::once((String::new(), "Every owner".to_owned()))
        .chain(
            owners
                .iter()
                .map(|owner| (owner.id.to_string(), owner.label.clone())),
        )
        .collect()
}

/// Why a list that is narrowed has nothing in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NothingOf {
    /// Nothing matches.
    Search,
    /// This owner shares now, but no environment.
    Owner(String),
    /// The caller has none of their own.
    Caller,
    /// This owner shares nothing any more.
    Ended,
}

/// Why nothing is found. Until the owners are known it is for want of a match.
pub(super) fn nothing_of(
    owners: Option<&[Owner]>,
    owner: Option<Uuid>,
    only_owner: bool,
) -> NothingOf {
    let (Some(owners), Some(id)) = (owners, owner) else {
        return NothingOf::Search;
    };
    match owners.iter().find(|owner| owner.id == id) {
        None => NothingOf::Ended,
        Some(owner) if only_owner && owner.is_caller => NothingOf::Caller,
        Some(owner) if only_owner => NothingOf::Owner(owner.label.clone()),
        Some(_) => NothingOf::Search,
    }
}

impl NothingOf {
    /// A title and a sentence.
    pub(super) fn words(self) -> (&'static str, String) {
        match self {
            Self::Search => (
                "Nothing like that",
                "No environment matches what you look for.".to_owned(),
            ),
            Self::Owner(label) => (
                "Nothing to see yet",
                format!("{label} shares no environments with you at the moment."),
            ),
            Self::Caller => (
                "None of your own",
                "You have no environments of your own.".to_owned(),
            ),
            Self::Ended => (
                "Not shared any more",
                "This owner shares no environments with you any more: the collaboration was suspended, or it ended."
                    .to_owned(),
            ),
        }
    }
}

/// What a status is called.
pub(super) fn status_choices() -> Vec<(String, String)> {
    EnvironmentStatus::ALL
        .iter()
        .map(|status| {
            let words = match status {
                EnvironmentStatus::Running => "Running",
                EnvironmentStatus::Stopped => "Stopped",
                EnvironmentStatus::Sleeping => "Sleeping",
            };
            (status.as_str().to_owned(), words.to_owned())
        })
        .collect()
}

/// What the group filter offers: the groups of every owner that is known, or of the one that is chosen.
/// The path comes with its owner where there are several.
pub(super) fn group_choices(
    owners: &[Owner],
    groups: &[(Uuid, Vec<Group>)],
    owner: Option<Uuid>,
    chosen: &str,
) -> Vec<(String, String)> {
    let several = owner.is_none()
        && groups
            .iter()
            .filter(|(_, groups)| !groups.is_empty())
            .count()
            > 1;
    let label = |id: Uuid| {
        owners
            .iter()
            .find(|owner| owner.id == id)
            .map_or("", |owner| owner.label.as_str())
    };
    let mut choices = vec![(String::new(), "Every group".to_owned())];
    for (of, groups) in groups
        .iter()
        .filter(|(of, _)| owner.is_none_or(|owner| owner == *of))
    {
        for group in groups {
            let words = if several {
                format!("{} · {}", group.path, label(*of))
            } else {
                group.path.clone()
            };
            choices.push((group.id.to_string(), words));
        }
    }
    // A link may name one that is gone, or that another owner has: the list is narrowed by it all the same.
    if choices.iter().all(|(id, _)| id != chosen) {
        choices.push((chosen.to_owned(), "Another group".to_owned()));
    }
    choices
}

/// What the status filter offers.
pub(super) fn status_filter() -> Vec<(String, String)> {
    std::iter::once((String::new(), "Every status".to_owned()))
        .chain(status_choices())
        .collect()
}

/// What narrows the list, as it is asked for. What the address has of nonsense is left out.
pub(super) fn narrowed(
    looked_for: &str,
    owner: &str,
    group: &str,
    status: &str,
    sort: &str,
) -> VisibleEnvironmentsQuery {
    VisibleEnvironmentsQuery {
        q: Some(looked_for.trim().to_owned()).filter(|text| !text.is_empty()),
        owner_id: owner.parse().ok(),
        group_id: group.parse().ok(),
        status: status.parse().ok(),
        sort: Some(order_asked_for(&COLUMNS, sort)),
        ..VisibleEnvironmentsQuery::default()
    }
}

/// What the list can be sorted by.
pub(super) const COLUMNS: [Column; 2] = [
    Column {
        name: "name",
        up: "By name",
        down: "By name, from the end",
        down_first: false,
    },
    Column {
        name: "created_at",
        up: "Oldest first",
        down: "Newest first",
        down_first: true,
    },
];

/// Who made an environment, in words: the caller, its owner, or one of the caller's members.
pub(super) fn creator(
    environment: &Environment,
    me: Uuid,
    members: &[(Uuid, String)],
) -> Option<String> {
    let by = environment.created_by?;
    if by == me {
        return Some("you".to_owned());
    }
    if by == environment.owner.id {
        return Some(environment.owner.name.clone());
    }
    let name = members.iter().find(|(account, _)| *account == by);
    Some(name.map_or_else(|| "a member".to_owned(), |(_, name)| name.clone()))
}

/// Whether a list has an environment of the caller's that somebody else made.
pub(super) fn made_by_members(environments: &[Environment]) -> bool {
    environments.iter().any(|one| {
        one.access_level == AccessLevel::Owner
            && one.created_by.is_some_and(|by| by != one.owner.id)
    })
}

/// What is typed as a path and names no group yet, tidied.
pub(super) fn missing_path(groups: &[Group], typed: &str) -> Option<String> {
    let path = typed
        .split('/')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("/");
    let known = |group: &Group| group.path.to_lowercase() == path.to_lowercase();
    (!path.is_empty() && !groups.iter().any(known)).then_some(path)
}

/// A name must be said.
pub(super) fn check_name(name: &str) -> Option<FieldError> {
    name.trim()
        .is_empty()
        .then(|| invalid("/name", "Give the environment a name"))
}

/// Where there is no right to the root, a group must be chosen.
pub(super) fn check_place(places: &Places, group_ids: &[Uuid]) -> Option<FieldError> {
    (group_ids.is_empty() && !places.root()).then(|| {
        invalid(
            "/group_ids",
            "Choose a group: you may not create environments outside of groups here",
        )
    })
}

/// Whether the caller may do this with it.
pub(crate) fn may(environment: &Environment, action: &str) -> bool {
    environment
        .allowed_actions
        .iter()
        .any(|allowed| allowed == action)
}

#[cfg(test)]
mod tests {
    use accord_api_types::DateTime;

    use super::*;

    fn account(number: u128, name: &str) -> AccountSummary {
        AccountSummary {
            id: Uuid::from_u128(number),
            name: name.into(),
            email: String::new(),
        }
    }

    fn collaboration(
        number: u128,
        name: &str,
        label: Option<&str>,
        status: MemberStatus,
    ) -> Collaboration {
        Collaboration {
            id: Uuid::nil(),
            owner: account(number, name),
            label: label.map(Into::into),
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

    #[test]
    fn environments_are_made_where_the_server_says() {
        let mut generous = collaboration(3, "Otto", None, MemberStatus::Active);
        let (web, data) = (Uuid::from_u128(10), Uuid::from_u128(11));
        generous.may_create.group_ids = vec![web];
        let strict = collaboration(2, "Lucía", None, MemberStatus::Active);
        let all = owners(&account(1, "Me"), true, &[strict, generous]);
        let labels: Vec<String> = who_lets_create(&all)
            .into_iter()
            .map(|owner| owner.label)
            .collect();
        assert_eq!(labels, ["Me (you)", "Otto"]);
        let places = &all[2].places;
        assert!(places.group(web) && !places.group(data) && !places.root());
        assert!(check_place(places, &[]).is_some() && check_place(places, &[web]).is_none());
        assert!(check_place(&Places::Everywhere, &[]).is_none());
    }

    #[test]
    fn owners_are_the_caller_and_those_who_share_now() {
        let collaborations = [
            collaboration(2, "Lucía", None, MemberStatus::Active),
            collaboration(3, "Otto", Some("Work"), MemberStatus::Active),
            collaboration(4, "Pia", None, MemberStatus::Suspended),
        ];
        let labels = |may_host| {
            owners(&account(1, "Me"), may_host, &collaborations)
                .into_iter()
                .map(|owner| owner.label)
                .collect::<Vec<_>>()
        };
        assert_eq!(labels(true), ["Me (you)", "Lucía", "Work"]);
        assert_eq!(labels(false), ["Lucía", "Work"]);
    }

    #[test]
    fn whoever_was_suspended_reads_by_whom() {
        let collaborations = [
            collaboration(2, "Lucía", None, MemberStatus::Suspended),
            collaboration(3, "Otto", Some("Work"), MemberStatus::Suspended),
            collaboration(4, "Pia", None, MemberStatus::Active),
        ];
        let names = suspended(&collaborations);
        assert_eq!(names, ["Lucía", "Work"]);
        assert!(
            nothing_at_all(true, &names)
                .1
                .starts_with("Lucía, Work suspended")
        );
        assert_eq!(nothing_at_all(true, &[]).0, nothing_at_all(false, &[]).0);
    }

    #[test]
    fn why_nothing_is_found_is_said() {
        let all = owners(
            &account(1, "Me"),
            true,
            &[collaboration(2, "Lucía", None, MemberStatus::Active)],
        );
        let of = |id, only_owner| nothing_of(Some(&all), Some(Uuid::from_u128(id)), only_owner);
        assert_eq!(of(1, true), NothingOf::Caller);
        assert_eq!(of(2, true), NothingOf::Owner("Lucía".into()));
        assert_eq!(of(2, false), NothingOf::Search);
        assert_eq!(of(3, true), NothingOf::Ended);
        assert_eq!(of(3, false), NothingOf::Ended);
        assert_eq!(
            nothing_of(None, Some(Uuid::from_u128(3)), true),
            NothingOf::Search
        );
        assert_eq!(nothing_of(Some(&all), None, false), NothingOf::Search);
    }

    #[test]
    fn the_filter_begins_with_everybody() {
        let choices = owner_choices(&owners(&account(1, "Me"), true, &[]));
        assert_eq!(choices[0], (String::new(), "Every owner".to_owned()));
        assert_eq!(choices.len(), 2);
    }

    #[test]
    fn a_name_is_more_than_blanks() {
        assert!(check_name(" ").is_some());
        assert!(check_name(" shop ").is_none());
    }

    fn group(number: u128, path: &str) -> Group {
        Group {
            id: Uuid::from_u128(number),
            name: path.into(),
            color: "#3b82f6".into(),
            parent_id: None,
            path: path.into(),
            environment_count: 0,
            updated_at: DateTime::UNIX_EPOCH,
            allowed_actions: Vec::new(),
        }
    }

    #[test]
    fn groups_are_offered_with_their_owner_where_there_are_several() {
        let owners = owners(
            &account(1, "Me"),
            true,
            &[collaboration(2, "Lucía", None, MemberStatus::Active)],
        );
        let groups = [
            (owners[0].id, vec![group(10, "web")]),
            (owners[1].id, vec![group(20, "shop")]),
        ];
        let words = |owner, chosen: &str| {
            group_choices(&owners, &groups, owner, chosen)
                .into_iter()
                .map(|(_, words)| words)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            words(None, ""),
            ["Every group", "web · Me (you)", "shop · Lucía"]
        );
        assert_eq!(words(Some(owners[1].id), ""), ["Every group", "shop"]);
        assert_eq!(
            words(Some(owners[1].id), "gone").last().unwrap(),
            "Another group"
        );
    }

    #[test]
    fn what_the_address_has_of_nonsense_narrows_nothing() {
        let query = narrowed(" shop ", "x", "y", "z", "color");
        assert_eq!(query.q.as_deref(), Some("shop"));
        assert_eq!((query.owner_id, query.group_id), (None, None));
        assert_eq!(query.status, None);
        assert_eq!(query.sort.as_deref(), Some("name"), "the usual order");
        let query = narrowed("", "", "", "stopped", "-created_at");
        assert_eq!(query.status, Some(EnvironmentStatus::Stopped));
        assert_eq!(query.sort.as_deref(), Some("-created_at"));
    }

    #[test]
    fn a_path_that_is_there_is_not_made_again() {
        let groups = [group(1, "web/live")];
        assert_eq!(missing_path(&groups, " Web / LIVE/ "), None);
        assert_eq!(
            missing_path(&groups, "web/ test").as_deref(),
            Some("web/test")
        );
        assert_eq!(missing_path(&groups, " / "), None);
    }

    #[test]
    fn who_made_an_environment_is_said_as_far_as_it_is_known() {
        let mut environment = Environment {
            id: Uuid::nil(),
            name: "shop".into(),
            display_name: None,
            status: EnvironmentStatus::Running,
            group_ids: Vec::new(),
            owner: account(1, "Olga"),
            created_by: Some(Uuid::from_u128(1)),
            access_level: AccessLevel::Owner,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            allowed_actions: Vec::new(),
            action_ids: None,
        };
        let by = |environment: &Environment, me| {
            let members = [(Uuid::from_u128(3), "Bob".to_owned())];
            creator(environment, Uuid::from_u128(me), &members)
        };
        assert_eq!(by(&environment, 1).as_deref(), Some("you"));
        assert_eq!(by(&environment, 2).as_deref(), Some("Olga"));
        assert!(!made_by_members(std::slice::from_ref(&environment)));
        environment.created_by = Some(Uuid::from_u128(3));
        assert_eq!(by(&environment, 1).as_deref(), Some("Bob"));
        assert!(made_by_members(std::slice::from_ref(&environment)));
        environment.created_by = Some(Uuid::from_u128(4));
        assert_eq!(by(&environment, 1).as_deref(), Some("a member"));
        environment.created_by = None;
        assert_eq!(by(&environment, 1), None);
    }
}
