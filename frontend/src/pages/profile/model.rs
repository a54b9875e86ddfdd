//! How a browser names itself, in words that its owner recognizes; and what goes with an account.

use accord_api_types::{Collaboration, Environment, Member, MemberStatus, Page};

/// What goes with an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Losses {
    environments: Count,
    members: Count,
    collaborations: Count,
}

/// A number, or that there are more than it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    counted: usize,
    more: bool,
}

impl Count {
    fn of<T>(page: &Page<T>, counts: impl Fn(&T) -> bool) -> Self {
        Self {
            counted: page.items.iter().filter(|item| counts(item)).count(),
            more: page.next_cursor.is_some(),
        }
    }

    /// `1 member`, `3 members`, `more than 200 members`; nothing where there is none.
    fn words(self, one: &str, several: &str) -> Option<String> {
        match (self.counted, self.more) {
            (0, false) => None,
            (1, false) => Some(format!("1 {one}")),
            (counted, false) => Some(format!("{counted} {several}")),
            (counted, true) => Some(format!("more than {counted} {several}")),
        }
    }
}

impl Losses {
    pub(super) fn of(
        environments: &Page<Environment>,
        members: &Page<Member>,
        collaborations: &Page<Collaboration>,
    ) -> Self {
        let takes_part = |status| {
            matches!(
                status,
                MemberStatus::Pending | MemberStatus::Active | MemberStatus::Suspended
            )
        };
        Self {
            environments: Count::of(environments, |_| true),
            members: Count::of(members, |member| takes_part(member.status)),
            collaborations: Count::of(collaborations, |one| takes_part(one.status)),
        }
    }
}

/// What goes with the account, a line each.
pub(super) fn lost(losses: &Losses) -> Vec<String> {
    let environments = losses.environments.words("environment", "environments");
    let members = losses.members.words("member", "members");
    let collaborations = losses
        .collaborations
        .words("collaboration", "collaborations");
    [
        environments.map(|words| format!("{words} of yours, for everybody who sees them")),
        members.map(|words| format!("the collaboration with {words}; they are told")),
        Some("all groups, roles and policies of your own".to_owned()),
        collaborations.map(|words| format!("your part in {words} of others")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `Chrome on Linux`, from what the browser sent.
pub(super) fn browser(user_agent: &str) -> String {
    // The order matters: most browsers also claim to be others.
    let name = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]
    .into_iter()
    .find(|(mark, _)| user_agent.contains(mark))
    .map(|(_, name)| name);
    let system = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]
    .into_iter()
    .find(|(mark, _)| user_agent.contains(mark))
    .map(|(_, name)| name);
    match (name, system) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(name), None) => name.to_owned(),
        (None, _) if user_agent.trim().is_empty() => "Unknown program".to_owned(),
        (None, _) => user_agent.chars().take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, Losses, browser, lost};

    #[test]
    fn what_is_lost_is_counted_and_named() {
        let count = |counted, more| Count { counted, more };
        let losses = Losses {
            environments: count(200, true),
            members: count(1, false),
            collaborations: count(3, false),
        };
        assert_eq!(
            lost(&losses),
            [
                "more than 200 environments of yours, for everybody who sees them",
                "the collaboration with 1 member; they are told",
                "all groups, roles and policies of your own",
                "your part in 3 collaborations of others",
            ]
        );
        assert_eq!(
            lost(&Losses::default()),
            ["all groups, roles and policies of your own"]
        );
    }

    #[test]
    fn browsers_are_called_by_their_names() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chrome on Linux");
        assert_eq!(browser(&format!("{chrome} Edg/156.0")), "Edge on Linux");
        assert_eq!(
            browser(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1"
            ),
            "Safari on iPhone"
        );
        assert_eq!(browser("curl/8.9.0"), "curl");
    }

    #[test]
    fn other_programs_are_called_as_they_call_themselves() {
        assert_eq!(browser("my-script/1.0"), "my-script/1.0");
        assert_eq!(browser(" "), "Unknown program");
        assert_eq!(browser(&"x".repeat(500)).len(), 60);
    }
}
