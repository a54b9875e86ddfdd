//! What the form of a direct share holds.

use std::collections::HashSet;

use accord_api_types::{DateTime, DirectRoles, EnvironmentAccess, NamedRole, Utc, Uuid};

use crate::editing::{Change, Content, Three};

/// The direct roles of a member, and their end; no roles where nothing is shared directly.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Draft {
    pub(super) role_ids: HashSet<Uuid>,
    pub(super) expires_at: Option<DateTime<Utc>>,
}

impl Draft {
    pub(super) fn of(access: &EnvironmentAccess) -> Self {
        let Some(share) = &access.direct_share else {
            return Self::default();
        };
        Self {
            role_ids: share.role_ids.iter().copied().collect(),
            expires_at: share.expires_at,
        }
    }

    /// In an order that does not depend on how they were chosen.
    pub(super) fn roles(&self) -> Vec<Uuid> {
        let mut ids: Vec<Uuid> = self.role_ids.iter().copied().collect();
        ids.sort();
        ids
    }

    pub(super) fn to_send(&self) -> DirectRoles {
        DirectRoles {
            role_ids: self.roles(),
            expires_at: self.expires_at,
        }
    }
}

impl Content for Draft {
    fn merged(three: Three<'_, Self>) -> Self {
        Self {
            role_ids: three.of(|draft| &draft.role_ids).each(),
            expires_at: three.of(|draft| &draft.expires_at).one(),
        }
    }
}

/// What somebody else changed, in words; `named` are the roles whose names are known.
pub(super) fn told(three: Three<'_, Draft>, named: &[NamedRole]) -> Vec<Change> {
    let names = |ids: HashSet<Uuid>| {
        let named = named.iter().filter(|role| ids.contains(&role.id));
        let mut names: Vec<String> = named.map(|role| role.name.clone()).collect();
        names.sort();
        names.dedup();
        names
    };
    let end = three.of(|draft| &draft.expires_at).told(|end| match end {
        Some(end) => format!("It ends {} now.", end.format("%-d %B %Y, %H:%M UTC")),
        None => "It does not end any more.".to_owned(),
    });
    three
        .of(|draft| &draft.role_ids)
        .told_each("Roles were given:", "Roles were taken away:", names)
        .into_iter()
        .chain(end)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_changed_is_told_by_name() {
        let role = |id: u128, name: &str| NamedRole {
            id: Uuid::from_u128(id),
            name: name.into(),
        };
        let of = |ids: &[u128], expires_at| Draft {
            role_ids: ids.iter().map(|id| Uuid::from_u128(*id)).collect(),
            expires_at,
        };
        let before = of(&[1], None);
        let after = of(&[2, 3], Some(DateTime::UNIX_EPOCH));
        let three = Three {
            before: &before,
            after: &after,
            mine: &before,
        };
        let named = [
            role(3, "Viewer"),
            role(1, "Admin"),
            role(2, "User"),
            role(2, "User"),
        ];
        let told: Vec<(String, Vec<String>)> = told(three, &named)
            .into_iter()
            .map(|change| (change.words, change.items))
            .collect();
        let words = |words: &str, items: &[&str]| {
            (
                words.to_owned(),
                items.iter().map(|item| (*item).to_owned()).collect(),
            )
        };
        assert_eq!(
            told,
            [
                words("Roles were given:", &["User", "Viewer"]),
                words("Roles were taken away:", &["Admin"]),
                words("It ends 1 January 1970, 00:00 UTC now.", &[]),
            ]
        );
    }
}
