//! The list of environments: its filters and what creating one takes.

use accord_api_types::{
    AccountSummary, Collaboration, CreateEnvironment, Environment, EnvironmentStatus, FieldError,
    MemberStatus, PlacesToCreate, Uuid,
};

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
            label: collaboration
                .label
                .clone()
                .unwrap_or_else(|| collaboration.owner.name.clone()),
            is_caller: false,
            places: Places::These(collaboration.may_create.clone()),
        });
    mine.into_iter().chain(theirs).collect()
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

/// What was typed about a new environment, as it is sent.
pub(super) fn creation(
    name: &str,
    display_name: &str,
    status: &str,
    group_ids: Vec<Uuid>,
) -> CreateEnvironment {
    let display_name = display_name.trim();
    CreateEnvironment {
        name: name.trim().to_owned(),
        display_name: (!display_name.is_empty()).then(|| display_name.to_owned()),
        status: status.parse().ok(),
        group_ids,
    }
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
    fn the_filter_begins_with_everybody() {
        let choices = owner_choices(&owners(&account(1, "Me"), true, &[]));
        assert_eq!(choices[0], (String::new(), "Every owner".to_owned()));
        assert_eq!(choices.len(), 2);
    }

    #[test]
    fn what_is_typed_is_trimmed_and_the_rest_left_out() {
        let sent = creation(" shop ", "  ", "sleeping", Vec::new());
        assert_eq!(
            (sent.name.as_str(), sent.display_name, sent.status),
            ("shop", None, Some(EnvironmentStatus::Sleeping))
        );
        assert!(check_name(" ").is_some());
    }
}
