//! The record in words: what was done, by whom, and how it is narrowed down.

use std::time::Duration;

use accord_api_types::{DateTime, Task, TasksQuery, Utc, Uuid};

/// How the record is narrowed down, as the page's address says it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Narrowing {
    /// Whose record; the person's own unless said otherwise.
    pub(super) owner: Option<Uuid>,
    /// A family of actions.
    pub(super) family: Option<String>,
    /// The last so many days.
    pub(super) days: Option<u16>,
    pub(super) actor: Option<Uuid>,
    pub(super) environment: Option<Uuid>,
    pub(super) member: Option<Uuid>,
    /// The oldest first; else the newest.
    pub(super) oldest_first: bool,
}

/// One person or thing that the record is narrowed down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum About {
    Member(Uuid),
    Environment(Uuid),
    /// What somebody did.
    Actor(Uuid),
}

impl About {
    /// In words; `name` is what it is called, if that is known.
    pub(super) fn in_words(self, name: Option<&str>, me: Uuid) -> String {
        match (self, name) {
            (Self::Actor(actor), _) if actor == me => "Done by you".to_owned(),
            (Self::Actor(_), Some(name)) => format!("Done by {name}"),
            (Self::Actor(_), None) => "Done by one person".to_owned(),
            (Self::Member(_), Some(name)) => format!("About the member {name}"),
            (Self::Member(_), None) => "About one member".to_owned(),
            (Self::Environment(_), Some(name)) => format!("About the environment {name}"),
            (Self::Environment(_), None) => "About one environment".to_owned(),
        }
    }

    /// What the entries call it, the first of them that does.
    pub(super) fn name_in(self, tasks: &[Task]) -> Option<String> {
        let item_named = |kind: &str, id: Uuid| {
            let mut items = tasks.iter().filter_map(|task| task.item.as_ref());
            let found = items.find(|item| item.kind == kind && item.id == id);
            found.map(|item| item.name.clone())
        };
        match self {
            Self::Member(id) => item_named("member", id),
            Self::Environment(id) => item_named("environment", id),
            Self::Actor(id) => {
                let mut actors = tasks.iter().filter_map(|task| task.actor.as_ref());
                let found = actors.find(|actor| actor.id == Some(id));
                found.map(|actor| actor.name.clone())
            }
        }
    }
}

/// The order that is not the usual one, as the address and the filter call it.
pub(super) const OLDEST_FIRST: &str = "at";

/// Kinds of things that are recorded, as the filter offers them.
const FAMILIES: &[(&str, &str)] = &[
    ("", "Everything"),
    ("member", "Members"),
    ("environment", "Environments"),
    ("group", "Groups"),
    ("role", "Roles"),
    ("policy", "Policies"),
    ("webhook", "Webhooks"),
    ("token", "API tokens"),
    ("account", "Account"),
];

/// Spans of time, as the filter offers them.
const SPANS: &[(&str, &str)] = &[
    ("", "Any time"),
    ("1", "Last 24 hours"),
    ("7", "Last 7 days"),
    ("30", "Last 30 days"),
    ("365", "Last year"),
];

/// Orders, as the filter offers them.
const ORDERS: &[(&str, &str)] = &[("", "Newest first"), (OLDEST_FIRST, "Oldest first")];

fn choices(known: &[(&str, &str)]) -> Vec<(String, String)> {
    known
        .iter()
        .map(|(value, words)| ((*value).to_owned(), (*words).to_owned()))
        .collect()
}

pub(super) fn family_choices() -> Vec<(String, String)> {
    choices(FAMILIES)
}

pub(super) fn order_choices() -> Vec<(String, String)> {
    choices(ORDERS)
}

pub(super) fn span_choices() -> Vec<(String, String)> {
    choices(SPANS)
}

impl Narrowing {
    /// Reads it from the parameters of an address; what makes no sense there narrows nothing.
    pub(super) fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let id = |name| parameter(name).and_then(|id| id.parse().ok());
        let offered = |known: &[(&str, &str)], name| {
            parameter(name).filter(|value| {
                !value.is_empty() && known.iter().any(|(offered, _)| offered == value)
            })
        };
        Self {
            owner: id("owner"),
            family: offered(FAMILIES, "about"),
            days: offered(SPANS, "days").and_then(|days| days.parse().ok()),
            actor: id("actor"),
            environment: id("environment"),
            member: id("member"),
            oldest_first: parameter("sort").as_deref() == Some(OLDEST_FIRST),
        }
    }

    /// The order, as the filter calls it.
    pub(super) const fn order(&self) -> &'static str {
        if self.oldest_first { OLDEST_FIRST } else { "" }
    }

    /// The same record in the same order, and nothing that narrows it.
    pub(super) fn everything(&self) -> Self {
        Self {
            owner: self.owner,
            oldest_first: self.oldest_first,
            ..Self::default()
        }
    }

    /// What the record is about, one by one, each with the record that is about the rest.
    pub(super) fn about(&self) -> Vec<(About, Self)> {
        let all = [
            (
                self.member.map(About::Member),
                Self {
                    member: None,
                    ..self.clone()
                },
            ),
            (
                self.environment.map(About::Environment),
                Self {
                    environment: None,
                    ..self.clone()
                },
            ),
            (
                self.actor.map(About::Actor),
                Self {
                    actor: None,
                    ..self.clone()
                },
            ),
        ];
        all.into_iter()
            .filter_map(|(about, rest)| Some((about?, rest)))
            .collect()
    }

    /// The address of the page, narrowed down so.
    pub(super) fn address(&self) -> String {
        let id = |id: Option<Uuid>| id.map(|id| id.to_string());
        let parameters: Vec<String> = [
            ("owner", id(self.owner)),
            ("about", self.family.clone()),
            ("days", self.days.map(|days| days.to_string())),
            ("actor", id(self.actor)),
            ("environment", id(self.environment)),
            ("member", id(self.member)),
            ("sort", self.oldest_first.then(|| OLDEST_FIRST.to_owned())),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", value?)))
        .collect();
        if parameters.is_empty() {
            "/tasks".to_owned()
        } else {
            format!("/tasks?{}", parameters.join("&"))
        }
    }

    /// Whether anything but whose record it is narrows it.
    pub(super) fn narrows(&self) -> bool {
        *self != self.everything()
    }

    /// The moment from which on, seen from `now`.
    pub(super) fn from(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Some(now - DAY * u32::from(self.days?))
    }

    /// What is asked of the server.
    pub(super) fn query(&self, now: DateTime<Utc>) -> TasksQuery {
        TasksQuery {
            actor_id: self.actor,
            environment_id: self.environment,
            member_id: self.member,
            action: self.family.clone(),
            from: self.from(now),
            sort: self.oldest_first.then(|| OLDEST_FIRST.to_owned()),
            ..TasksQuery::default()
        }
    }
}

/// What was done, as a sentence goes on after the name of who did it.
pub(super) fn deed(task: &Task) -> String {
    let item = task.item.as_ref().map_or("something", |item| &item.name);
    match task.action.as_str() {
        "member.invite" | "environment.invite" => format!("invited {item}"),
        "member.copy" => format!("invited {item} with the shares of another member"),
        "member.update" => format!("changed the shares or the name of {item}"),
        "member.accept" => "accepted the invitation".to_owned(),
        "member.reject" => "declined the invitation".to_owned(),
        "member.leave" => "left the collaboration".to_owned(),
        "member.resend" => format!("sent {item} a new invitation"),
        "member.change_address" | "account.change_email" => "changed the e-mail address".to_owned(),
        "member.end_shares" => format!("ended shares of {item} at the time that was set"),
        "member.suspend" => format!("suspended {item}"),
        "member.activate" => format!("gave {item} their access back"),
        "member.remove" => format!("removed {item}"),
        "member.reinvite" => format!("invited {item} again"),
        "member.forget" => format!("deleted the record of {item}"),
        "environment.create" => format!("made the environment {item}"),
        "environment.update" => format!("changed the environment {item}"),
        "environment.delete" => format!("deleted the environment {item}"),
        "environment.share" => format!("shared an environment with {item} directly"),
        "environment.unshare" => format!("took away the direct access of {item}"),
        "group.create" => format!("made the group {item}"),
        "group.update" => format!("changed the group {item}"),
        "group.delete" => format!("deleted the group {item}"),
        "group.set_environments" => format!("changed which environments the group {item} holds"),
        "role.create" => format!("made the role {item}"),
        "role.copy" => format!("made the role {item} from another one"),
        "role.update" => format!("changed the role {item}"),
        "role.delete" => format!("deleted the role {item}"),
        "policy.create" => format!("made the policy {item}"),
        "policy.update" => format!("changed the policy {item}"),
        "policy.delete" => format!("deleted the policy {item}"),
        "webhook.create" => format!("added the webhook {item}"),
        "webhook.update" => format!("changed the webhook {item}"),
        "webhook.delete" => format!("deleted the webhook {item}"),
        "webhook.rotate_secret" => format!("gave the webhook {item} another secret"),
        "webhook.switch_off" => format!("switched the webhook {item} off"),
        "account.update" => "changed the account".to_owned(),
        "account.change_kind" => "changed what the account may do".to_owned(),
        "account.verify_email" => "proved the e-mail address".to_owned(),
        "account.change_password" => "changed the password".to_owned(),
        "account.reset_password" => "chose a new password".to_owned(),
        "account.disable" => "disabled the account".to_owned(),
        "account.enable" => "enabled the account again".to_owned(),
        "token.create" => format!("made the API token {item}"),
        "token.revoke" => format!("revoked the API token {item}"),
        // The platform, or a later version, knows more words.
        other => {
            let words = other.replace(['.', '_'], " ");
            task.item
                .as_ref()
                .map_or(words.clone(), |item| format!("{words}: {}", item.name))
        }
    }
}

/// Who did it, as the person reads it.
pub(super) fn doer(task: &Task, me: Uuid) -> String {
    match &task.actor {
        Some(actor) if actor.id == Some(me) => "You".to_owned(),
        Some(actor) if task.means == "operator" => format!("The {}", actor.name),
        Some(actor) => actor.name.clone(),
        None => "Somebody".to_owned(),
    }
}

/// By which means, unless it is the usual one.
pub(super) fn by_means(task: &Task) -> Option<String> {
    let token = |kind: &str| match &task.token {
        Some(token) => format!("with the {kind} {}", token.name),
        None => format!("with an {kind}"),
    };
    Some(match task.means.as_str() {
        "link" => "by the link of a mail".to_owned(),
        "operator" => "at the command line".to_owned(),
        "api_token" => token("API token"),
        // Its name stands there already, as that of who did it.
        "platform_token" => "by the platform".to_owned(),
        _ => return None,
    })
}

/// By which address they are known, where that says more than what they are called.
pub(super) fn address(task: &Task, me: Uuid) -> Option<String> {
    let actor = task.actor.as_ref().filter(|actor| actor.id != Some(me))?;
    actor.email.clone().filter(|email| *email != actor.name)
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use accord_api_types::{TaskActor, TaskItem};

    use super::*;

    const ME: Uuid = Uuid::from_u128(1);

    pub(crate) fn task(action: &str) -> Task {
        Task {
            id: Uuid::nil(),
            at: DateTime::UNIX_EPOCH,
            action: action.into(),
            actor: Some(TaskActor {
                id: Some(ME),
                name: "Olga".into(),
                email: None,
            }),
            means: "session".into(),
            item: Some(TaskItem {
                kind: "member".into(),
                id: Uuid::nil(),
                name: "bob@example.com".into(),
            }),
            environment_id: None,
            member_id: None,
            before: None,
            after: None,
            names: BTreeMap::new(),
            request_id: None,
            network_address: None,
            token: None,
        }
    }

    #[test]
    fn the_address_holds_all_that_narrows() {
        let narrowing = Narrowing {
            owner: Some(Uuid::from_u128(2)),
            family: Some("member".into()),
            days: Some(7),
            actor: Some(ME),
            environment: Some(Uuid::from_u128(3)),
            member: Some(Uuid::from_u128(4)),
            oldest_first: true,
        };
        let address = narrowing.address();
        let query = address.strip_prefix("/tasks?").expect("parameters");
        let read = Narrowing::read(|name| {
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.to_owned())
        });
        assert_eq!(read, narrowing);
        assert_eq!(Narrowing::default().address(), "/tasks");
    }

    #[test]
    fn nonsense_in_the_address_narrows_nothing() {
        let read = Narrowing::read(|_| Some("nonsense".into()));
        assert_eq!(read, Narrowing::default());
        assert!(!read.narrows());
        assert!(!Narrowing::read(|name| (name == "owner").then(|| ME.to_string())).narrows());
        assert!(Narrowing::read(|name| (name == "days").then(|| "7".into())).narrows());
        let sorted = Narrowing::read(|name| (name == "sort").then(|| "at".into()));
        assert!(sorted.oldest_first && !sorted.narrows());
    }

    #[test]
    fn a_span_is_counted_back_from_now() {
        let narrowing = Narrowing {
            days: Some(7),
            ..Narrowing::default()
        };
        let now = DateTime::UNIX_EPOCH + std::time::Duration::from_secs(7 * 24 * 60 * 60);
        assert_eq!(narrowing.query(now).from, Some(DateTime::UNIX_EPOCH));
        assert_eq!(Narrowing::default().query(now).from, None);
    }

    #[test]
    fn each_thing_that_narrows_has_a_way_out() {
        let narrowing = Narrowing {
            days: Some(7),
            actor: Some(ME),
            member: Some(Uuid::nil()),
            ..Narrowing::default()
        };
        let about = narrowing.about();
        let words: Vec<String> = about
            .iter()
            .map(|(about, _)| {
                let name = about.name_in(&[task("member.suspend")]);
                about.in_words(name.as_deref(), Uuid::nil())
            })
            .collect();
        assert_eq!(words, ["About the member bob@example.com", "Done by Olga"]);
        let ways: Vec<String> = about.iter().map(|(_, rest)| rest.address()).collect();
        assert_eq!(
            ways,
            [
                format!("/tasks?days=7&actor={ME}"),
                format!("/tasks?days=7&member={}", Uuid::nil())
            ]
        );
        let environment = About::Environment(Uuid::nil());
        assert_eq!(environment.name_in(&[task("member.suspend")]), None);
        assert_eq!(environment.in_words(None, ME), "About one environment");
        assert_eq!(About::Actor(ME).in_words(Some("Olga"), ME), "Done by you");
    }

    #[test]
    fn a_deed_reads_as_a_sentence() {
        assert_eq!(deed(&task("member.suspend")), "suspended bob@example.com");
        assert_eq!(deed(&task("member.accept")), "accepted the invitation");
        assert_eq!(
            deed(&task("load_alert.post")),
            "load alert post: bob@example.com"
        );
        assert_eq!(doer(&task("member.suspend"), ME), "You");
        assert_eq!(doer(&task("member.suspend"), Uuid::nil()), "Olga");
        let mut by_link = task("member.reject");
        by_link.means = "link".into();
        assert_eq!(by_means(&by_link).as_deref(), Some("by the link of a mail"));
        by_link.actor = None;
        assert_eq!(doer(&by_link, ME), "Somebody");
    }

    #[test]
    fn the_address_of_somebody_else_is_said_where_it_is_not_their_name() {
        let mut task = task("member.suspend");
        assert_eq!(address(&task, Uuid::nil()), None, "not known");
        let called = |task: &mut Task, name: &str| {
            task.actor = Some(TaskActor {
                id: Some(ME),
                name: name.into(),
                email: Some("olga@example.com".into()),
            });
        };
        called(&mut task, "Olga");
        assert_eq!(
            address(&task, Uuid::nil()).as_deref(),
            Some("olga@example.com")
        );
        assert_eq!(address(&task, ME), None, "one's own");
        called(&mut task, "olga@example.com");
        assert_eq!(address(&task, Uuid::nil()), None, "said already");
    }
}
