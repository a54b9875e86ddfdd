//! Notifications in words. What is stored is a kind and its parameters, so that wording can change
//! without touching what was told.

use accord_api_types::{DateTime, EndedBecause, Notification, NotificationKind, Utc};

use super::kinds::kind_words;
use super::lines::{alarm, changed, ending, items, shared};
use crate::components::{Icon, Tone};

/// A notification as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) icon: Icon,
    pub(crate) tone: Tone,
    pub(crate) title: String,
    pub(crate) lines: Vec<String>,
    /// Where what it is about can be seen.
    pub(crate) href: String,
}

const SHARED_WITH_ME: &str = "/settings/shared-with-me";

/// Puts a notification into words. `day` writes a moment as the reader's language does.
pub(crate) fn words(told: &Notification, day: impl Fn(DateTime<Utc>) -> String) -> Words {
    let params = &told.params;
    let owner = named(&[&params.owner_name, &params.owner_email], "Somebody");
    let member = named(&[&params.member_name, &params.member_email], "A member");
    let member_page = match told.member_id {
        Some(id) => format!("/settings/members/{id}"),
        None => "/settings/members".to_owned(),
    };
    let (icon, tone, title, lines, href) = match told.kind {
        NotificationKind::InvitationReceived => (
            Icon::Share,
            Tone::Info,
            format!("{owner} invites you"),
            items(told, |item| shared(item, &day)),
            SHARED_WITH_ME.to_owned(),
        ),
        NotificationKind::InvitationAccepted => (
            Icon::CircleCheck,
            Tone::Good,
            format!("{member} accepted your invitation"),
            Vec::new(),
            member_page,
        ),
        NotificationKind::InvitationRejected => (
            Icon::CircleX,
            Tone::Warn,
            format!("{member} rejected your invitation"),
            Vec::new(),
            member_page,
        ),
        NotificationKind::CollaborationJoined => (
            Icon::CircleCheck,
            Tone::Good,
            format!("You joined {owner}"),
            items(told, |item| shared(item, &day)),
            "/environments".to_owned(),
        ),
        NotificationKind::SharesChanged => (
            Icon::ListChecks,
            Tone::Info,
            format!("{owner} changed what is shared with you"),
            items(told, |item| changed(item, &day)),
            SHARED_WITH_ME.to_owned(),
        ),
        NotificationKind::CollaborationSuspended => (
            Icon::CirclePause,
            Tone::Warn,
            format!("{owner} suspended your collaboration"),
            vec![
                "What they share is not available to you until they activate it again.".to_owned(),
            ],
            SHARED_WITH_ME.to_owned(),
        ),
        NotificationKind::CollaborationActivated => (
            Icon::CirclePlay,
            Tone::Good,
            format!("{owner} activated your collaboration again"),
            vec!["What they share is available to you as of now.".to_owned()],
            SHARED_WITH_ME.to_owned(),
        ),
        NotificationKind::CollaborationEnded => {
            let title = match params.ended_because {
                Some(EndedBecause::Withdrawn) => format!("{owner} took their invitation back"),
                Some(EndedBecause::HostGone) => format!("The account of {owner} was deleted"),
                Some(EndedBecause::Removed) | None => {
                    format!("{owner} removed you from their account")
                }
            };
            let lost = "What they shared is not available to you any more.".to_owned();
            let withdrawn = params.ended_because == Some(EndedBecause::Withdrawn);
            let lines = if withdrawn { Vec::new() } else { vec![lost] };
            (
                Icon::Ban,
                Tone::Warn,
                title,
                lines,
                SHARED_WITH_ME.to_owned(),
            )
        }
        NotificationKind::MemberLeft => (
            Icon::DoorOpen,
            Tone::Info,
            format!("{member} left your account"),
            Vec::new(),
            member_page,
        ),
        NotificationKind::SharesEnding | NotificationKind::SharesEnded => {
            let over = told.kind == NotificationKind::SharesEnded;
            let when = if over { "has ended" } else { "ends soon" };
            let (title, href) = if params.owner_name.is_some() || params.owner_email.is_some() {
                let title = format!("Some access that {owner} gave you {when}");
                (title, SHARED_WITH_ME.to_owned())
            } else if told.member_id.is_some() {
                (format!("Some access of {member} {when}"), member_page)
            } else {
                (format!("Some access that you gave {when}"), member_page)
            };
            let (icon, tone) = if over {
                (Icon::Ban, Tone::Warn)
            } else {
                (Icon::Clock, Tone::Info)
            };
            (
                icon,
                tone,
                title,
                items(told, |item| ending(item, over, &day)),
                href,
            )
        }
        NotificationKind::LoadAlert => {
            let environment = named(&[&params.environment_name], "an environment");
            let (title, lines) = match &params.alert {
                Some(alert) => alarm(&environment, alert),
                None => (format!("{environment} is under strain"), Vec::new()),
            };
            let href = match (told.account_id, told.environment_id) {
                (Some(owner), Some(environment)) => format!("/environments/{owner}/{environment}"),
                _ => "/environments".to_owned(),
            };
            (Icon::Activity, Tone::Bad, title, lines, href)
        }
        NotificationKind::MailGivenUp => (
            Icon::Mail,
            Tone::Bad,
            format!("The invitation to {member} could not be delivered"),
            params.error.iter().cloned().collect(),
            member_page,
        ),
        NotificationKind::WebhookSwitchedOff => (
            Icon::TriangleAlert,
            Tone::Bad,
            "A webhook was switched off".to_owned(),
            [&params.webhook_url, &params.error]
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
            match params.webhook_id {
                Some(id) => format!("/settings/webhooks/{id}"),
                None => "/settings/webhooks".to_owned(),
            },
        ),
        // These are mailed alone, and never stand here.
        NotificationKind::AddressVerification
        | NotificationKind::PasswordReset
        | NotificationKind::SecurityNotice => (
            Icon::Shield,
            Tone::Info,
            kind_words(told.kind).0.to_owned(),
            Vec::new(),
            "/settings/profile".to_owned(),
        ),
    };
    Words {
        icon,
        tone,
        title,
        lines,
        href,
    }
}

fn named(names: &[&Option<String>], otherwise: &str) -> String {
    let known = names.iter().find_map(|name| name.as_deref());
    known.unwrap_or(otherwise).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use accord_api_types::{AlertFacts, NotificationItem, NotificationParams, Uuid};

    fn told(kind: NotificationKind, params: NotificationParams) -> Notification {
        Notification {
            id: Uuid::from_u128(1),
            kind,
            params,
            account_id: Some(Uuid::from_u128(2)),
            member_id: Some(Uuid::from_u128(3)),
            environment_id: Some(Uuid::from_u128(4)),
            created_at: DateTime::UNIX_EPOCH,
            read_at: None,
        }
    }

    fn read(kind: NotificationKind, params: NotificationParams) -> Words {
        words(&told(kind, params), |_| "Friday".to_owned())
    }

    fn item(roles: &[&str], before: Option<&[&str]>, ends: bool) -> NotificationItem {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        NotificationItem {
            item: "shop".into(),
            roles: owned(roles),
            expires_at: ends.then_some(DateTime::UNIX_EPOCH),
            member_name: None,
            roles_before: before.map(owned),
        }
    }

    fn of_owner(items: Vec<NotificationItem>) -> NotificationParams {
        NotificationParams {
            owner_name: Some("Olga".into()),
            owner_email: Some("olga@example.com".into()),
            items,
            ..NotificationParams::default()
        }
    }

    #[test]
    fn every_kind_has_a_title_and_leads_somewhere() {
        for kind in NotificationKind::ALL {
            for params in [NotificationParams::default(), of_owner(Vec::new())] {
                let words = read(*kind, params);
                assert!(
                    !words.title.is_empty() && words.href.starts_with('/'),
                    "{kind}"
                );
            }
            let (name, about) = kind_words(*kind);
            assert!(!name.is_empty() && about.ends_with('.'), "{kind}");
        }
    }

    #[test]
    fn a_webhook_that_was_switched_off_leads_to_its_page() {
        let params = NotificationParams {
            webhook_id: Some(Uuid::from_u128(9)),
            webhook_url: Some("https://hooks.example.com".into()),
            ..NotificationParams::default()
        };
        let words = read(NotificationKind::WebhookSwitchedOff, params);
        let page = format!("/settings/webhooks/{}", Uuid::from_u128(9));
        assert_eq!(words.href, page);
        assert_eq!(words.lines, ["https://hooks.example.com"]);
    }

    #[test]
    fn ends_are_said_to_either_side() {
        use NotificationKind::{SharesEnded, SharesEnding};
        let shop = || item(&["Viewer"], None, true);
        let to_member = read(SharesEnding, of_owner(vec![shop()]));
        assert_eq!(to_member.title, "Some access that Olga gave you ends soon");
        assert_eq!(to_member.lines, ["shop: Viewer, ends Friday"]);
        let to_owner = NotificationParams {
            member_name: Some("Bob".into()),
            items: vec![shop()],
            ..NotificationParams::default()
        };
        let to_owner = read(SharesEnded, to_owner);
        assert_eq!(to_owner.title, "Some access of Bob has ended");
        assert_eq!(to_owner.lines, ["shop: Viewer, ended Friday"]);
        let of_several = NotificationItem {
            member_name: Some("Bob".into()),
            ..shop()
        };
        let several = NotificationParams {
            items: vec![of_several],
            ..NotificationParams::default()
        };
        let about_several = Notification {
            member_id: None,
            ..told(SharesEnding, several)
        };
        let several = words(&about_several, |_| "Friday".to_owned());
        assert_eq!(several.title, "Some access that you gave ends soon");
        assert_eq!(several.lines, ["Bob, shop: Viewer, ends Friday"]);
    }

    #[test]
    fn changes_are_said_item_by_item() {
        let said = |item| read(NotificationKind::SharesChanged, of_owner(vec![item])).lines;
        let viewer: &[&str] = &["Viewer"];
        assert_eq!(said(item(viewer, Some(&[]), false)), ["shop: new, Viewer"]);
        assert_eq!(
            said(item(viewer, Some(&[]), true)),
            ["shop: new, Viewer until Friday"]
        );
        assert_eq!(
            said(item(&[], Some(viewer), false)),
            ["shop: not shared any more"]
        );
        assert_eq!(
            said(item(&["Admin", "User"], Some(viewer), false)),
            ["shop: Admin, User instead of Viewer"]
        );
        assert_eq!(
            said(item(viewer, Some(viewer), true)),
            ["shop: Viewer, now until Friday"]
        );
        assert_eq!(
            said(item(viewer, Some(viewer), false)),
            ["shop: Viewer, now without an end"]
        );
    }

    #[test]
    fn long_lists_say_what_they_leave_out() {
        let mut params = of_owner(vec![item(&["Viewer"], None, true)]);
        params.more_items = Some(7);
        let words = read(NotificationKind::InvitationReceived, params);
        assert_eq!(words.title, "Olga invites you");
        assert_eq!(words.lines, ["shop: Viewer until Friday", "and 7 more"]);
    }

    #[test]
    fn an_alert_counts_its_repeats_and_leads_to_its_environment() {
        let alert = AlertFacts {
            metric: "CPU load, %".into(),
            value: 97.5,
            threshold: 90.0,
            message: Some("Third time today".into()),
            times: 3,
            last_at: DateTime::UNIX_EPOCH,
        };
        let params = NotificationParams {
            environment_name: Some("shop".into()),
            alert: Some(alert),
            ..NotificationParams::default()
        };
        let words = read(NotificationKind::LoadAlert, params);
        assert_eq!(words.title, "CPU load, % of shop is at 97.5");
        assert_eq!(
            words.lines,
            [
                "It should not pass 90.",
                "Third time today",
                "Reported 3 times."
            ]
        );
        assert_eq!(
            words.href,
            format!(
                "/environments/{}/{}",
                Uuid::from_u128(2),
                Uuid::from_u128(4)
            )
        );
    }

    #[test]
    fn people_are_called_by_the_owners_name_for_them_or_their_address() {
        let mut params = NotificationParams {
            member_email: Some("bob@example.com".into()),
            ..NotificationParams::default()
        };
        let title =
            |params: &NotificationParams| read(NotificationKind::MemberLeft, params.clone()).title;
        assert_eq!(title(&params), "bob@example.com left your account");
        params.member_name = Some("Bob".into());
        assert_eq!(title(&params), "Bob left your account");
    }
}
