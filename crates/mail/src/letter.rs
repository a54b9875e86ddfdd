//! The wording: every message as the parts of one letter, which the templates lay out.

use crate::message::{Decision, EndLine, Message, SharedItemLine};
use crate::typed::{shown, shown_within};
use accord_domain::load_alerts::QUIET_FOR;
use accord_domain::text::{MAX_ALERT_CHARS, MAX_METRIC_CHARS, MAX_NAME_CHARS};
use chrono::{DateTime, Utc};

/// As much of a URL as a letter shows.
const MOST_URL_CHARS: usize = 200;

/// A letter before it is laid out. Its texts are plain, on one line each, with what people typed
/// already made fit to be shown.
#[derive(Debug, Default)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) heading: String,
    pub(crate) paragraphs: Vec<String>,
    pub(crate) items: Vec<Item>,
    pub(crate) button: Option<Button>,
    pub(crate) notes: Vec<String>,
    /// Why the reader got this mail.
    pub(crate) reason: String,
}

/// A shared item with its roles.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) roles: String,
}

/// The one thing that the reader can do.
#[derive(Debug)]
pub(crate) struct Button {
    pub(crate) label: &'static str,
    pub(crate) url: String,
    /// Only such a link is also written out: the others merely lead to the start page.
    pub(crate) secret: bool,
}

/// Puts a message into words. `link` is the secret link of a message that carries one.
pub(crate) fn letter(message: &Message, link: Option<&str>, public_url: &str) -> Letter {
    let to_accord = || {
        Some(Button {
            label: "Open Accord",
            url: public_url.to_owned(),
            secret: false,
        })
    };
    let to_page = |label, path: &str| {
        Some(Button {
            label,
            url: format!("{}{path}", public_url.trim_end_matches('/')),
            secret: false,
        })
    };
    let by_link = |label| {
        link.map(|url| Button {
            label,
            url: url.to_owned(),
            secret: true,
        })
    };
    match message {
        Message::Invitation { owner_name, owner_email, items, expires_at, display_name, inviter_name } => {
            let inviter = Inviter { owner: person(Some(owner_name), owner_email), member: inviter_name.as_deref() };
            invitation(&inviter, items, *expires_at, display_name.as_deref(), by_link("View Invitation"))
        }
        Message::InvitationDecided { member_name, member_email, decision } => {
            let member = person(member_name.as_deref(), member_email);
            let (verb, result) = match decision {
                Decision::Accepted => ("accepted", "They now have the access that you shared with them."),
                Decision::Rejected => (
                    "rejected",
                    "Nothing is shared with them. You can invite them again from the list of members.",
                ),
            };
            Letter {
                subject: format!("{} {verb} your invitation", member.short),
                heading: format!("{} {verb} your invitation", member.short),
                paragraphs: vec![format!("{} {verb} your invitation to collaborate. {result}", member.full)],
                button: to_accord(),
                reason: "You get this mail because you invited this person to collaborate on your account.".into(),
                ..Letter::default()
            }
        }
        Message::Suspended { owner_name } => {
            let owner = owner(owner_name);
            Letter {
                subject: format!("Your access to {owner}'s environments is suspended"),
                heading: "Your access is suspended".into(),
                paragraphs: vec![
                    format!(
                        "{owner} has suspended your collaboration. Their environments are not available to \
                         you until they activate it again."
                    ),
                    "Your own environments and other collaborations are not affected.".into(),
                ],
                button: to_accord(),
                reason: collaborates(&owner),
                ..Letter::default()
            }
        }
        Message::Activated { owner_name } => {
            let owner = owner(owner_name);
            Letter {
                subject: format!("Your access to {owner}'s environments is active again"),
                heading: "Your access is active again".into(),
                paragraphs: vec![format!(
                    "{owner} has activated your collaboration again. What they share with you is available \
                     as of now."
                )],
                button: to_accord(),
                reason: collaborates(&owner),
                ..Letter::default()
            }
        }
        Message::Removed { owner_name } => {
            let owner = owner(owner_name);
            Letter {
                subject: format!("Your collaboration with {owner} has ended"),
                heading: "Your collaboration has ended".into(),
                paragraphs: vec![
                    format!(
                        "{owner} has removed you from their account. Their environments are no longer \
                         available to you, and invitations to them are no longer valid."
                    ),
                    "Your own environments and other collaborations are not affected.".into(),
                ],
                button: to_accord(),
                reason: format!("You get this mail because {owner} shared environments with you, or invited you to them."),
                ..Letter::default()
            }
        }
        Message::Left { member_name, member_email } => {
            let member = person(member_name.as_deref(), member_email);
            Letter {
                subject: format!("{} left your account", member.short),
                heading: format!("{} left your account", member.short),
                paragraphs: vec![format!(
                    "{} has left the collaboration and no longer has access to your environments. If you \
                     invite them again, what you shared with them comes back.",
                    member.full
                )],
                button: to_accord(),
                reason: "You get this mail because this person collaborated on your account.".into(),
                ..Letter::default()
            }
        }
        Message::HostGone { owner_name } => {
            let owner = owner(owner_name);
            Letter {
                subject: format!("Your collaboration with {owner} has ended"),
                heading: "Your collaboration has ended".into(),
                paragraphs: vec![
                    format!(
                        "The account of {owner} was deleted. Its environments are no longer available to you, \
                         and invitations to them are no longer valid."
                    ),
                    "Your own environments and other collaborations are not affected.".into(),
                ],
                button: to_accord(),
                reason: format!("You get this mail because {owner} shared environments with you, or invited you to them."),
                ..Letter::default()
            }
        }
        Message::SharesEnding { owner_name, items } => {
            share_ends(owner_name.as_deref(), items, End::Near, to_accord())
        }
        Message::SharesEnded { owner_name, items } => {
            share_ends(owner_name.as_deref(), items, End::Past, to_accord())
        }
        Message::LoadAlert { owner_name, environment_name, metric, value, threshold, message, path } => {
            // The domain bounds both; the subject stays one that a list of mails can show, whatever is stored.
            let metric = shown_within(metric, MAX_METRIC_CHARS);
            let (owner, environment) = (owner(owner_name), shown_within(environment_name, MAX_NAME_CHARS));
            let mut paragraphs = vec![format!(
                "{metric} of {environment} is at {value}; it should not pass {threshold}."
            )];
            paragraphs.extend(message.as_deref().map(|message| shown_within(message, MAX_ALERT_CHARS)));
            Letter {
                subject: format!("Load alert: {metric} of {environment} is at {value}"),
                heading: format!("{environment} is under strain"),
                paragraphs,
                button: to_page("Open Environment", path),
                notes: vec![format!(
                    "Repeats within {} minutes are counted in the dashboard and not mailed.",
                    QUIET_FOR.num_minutes()
                )],
                reason: format!(
                    "You get this mail because {environment} belongs to {owner} and you receive its load alerts."
                ),
                ..Letter::default()
            }
        }
        Message::WebhookSwitchedOff { url, error, path } => Letter {
            subject: "A webhook of yours was switched off".into(),
            heading: "A webhook was switched off".into(),
            paragraphs: vec![
                format!(
                    "What happens on your account is no longer sent to {}: the receiver is gone, or took \
                     nothing for five days.",
                    shown_within(url, MOST_URL_CHARS)
                ),
                format!("The last attempt: {}", shown_within(error, MAX_ALERT_CHARS)),
            ],
            button: to_page("Open Webhook", path),
            notes: vec![
                "Once the receiver is well again, switch the webhook on, and send anew from its log what it missed \
                 shortly before. What happened since is not sent later."
                    .into(),
            ],
            reason: "You get this mail because the webhook belongs to your account.".into(),
            ..Letter::default()
        },
        Message::VerifyAddress { name } => Letter {
            subject: "Verify your e-mail address".into(),
            heading: "Verify your e-mail address".into(),
            paragraphs: greeted(
                name,
                "Please confirm that this address is yours. Until then you can neither invite others nor see \
                 invitations to you.",
            ),
            button: by_link("Verify Address"),
            reason: "You get this mail because somebody entered your address as theirs on Accord. If it was not \
                     you, ignore this mail: nothing happens then."
                .into(),
            ..Letter::default()
        },
        Message::PasswordReset { name } => Letter {
            subject: "Reset your password".into(),
            heading: "Reset your password".into(),
            paragraphs: greeted(
                name,
                "Somebody, hopefully you, asked to reset the password of your account. Choosing a new one signs \
                 you out everywhere.",
            ),
            button: by_link("Choose New Password"),
            reason: "You get this mail because a new password was asked for with your address on Accord. If it was \
                     not you, ignore this mail: your password stays as it is."
                .into(),
            ..Letter::default()
        },
        Message::PasswordChanged { name } => Letter {
            subject: "Your password was changed".into(),
            heading: "Your password was changed".into(),
            paragraphs: greeted(
                name,
                "The password of your account was changed just now. If that was you, there is nothing to do.",
            ),
            notes: vec![
                "If it was not you, choose a new password at once with \"Forgotten password\" on the sign-in page."
                    .into(),
            ],
            button: to_accord(),
            reason: "You get this mail because it is about the safety of your account.".into(),
            ..Letter::default()
        },
        Message::ApiTokenMade {
            name,
            token_name,
            scopes,
        } => Letter {
            subject: "A new API token for your account".into(),
            heading: "A new API token for your account".into(),
            paragraphs: greeted(
                name,
                "An API token was made just now, by which a program can act for your account. If that was you, \
                 there is nothing to do.",
            ),
            notes: vec![
                format!("The token: {}. It is good for: {}.", shown(token_name), shown(scopes)),
                "If it was not you, choose a new password at once with \"Forgotten password\" on the sign-in page: \
                 that ends all sessions and all API tokens."
                    .into(),
            ],
            button: to_accord(),
            reason: "You get this mail because it is about the safety of your account.".into(),
            ..Letter::default()
        },
        Message::ProveNewAddress { name } => Letter {
            subject: "Confirm your new e-mail address".into(),
            heading: "Confirm your new e-mail address".into(),
            paragraphs: greeted(
                name,
                "Please confirm that this address shall be that of your account. Until then the account keeps the \
                 address that it has, and you sign in with that one.",
            ),
            button: by_link("Confirm Address"),
            reason: "You get this mail because somebody entered your address as the new one of their account on \
                     Accord. If it was not you, ignore this mail: nothing happens then."
                .into(),
            ..Letter::default()
        },
        Message::AddressInUse { name } => Letter {
            subject: "Your e-mail address has an account already".into(),
            heading: "Your e-mail address has an account already".into(),
            paragraphs: greeted(
                name,
                "Somebody asked for this address to be that of another account. It is yours already, so nothing \
                 was changed.",
            ),
            notes: vec![
                "If it was you and you want the other account to have this address, give this one another address \
                 first, or delete it."
                    .into(),
            ],
            button: to_accord(),
            reason: "You get this mail because your address was entered on Accord. If it was not you, there is \
                     nothing to do."
                .into(),
            ..Letter::default()
        },
        Message::AddressChangeAsked { name, new_email } => Letter {
            subject: "A new e-mail address was asked for".into(),
            heading: "A new e-mail address was asked for".into(),
            paragraphs: greeted(
                name,
                &format!(
                    "Somebody who is signed in to your account and knows its password asked for it to have the \
                     address {}. It will, as soon as the link in a mail to that address is followed. If that was \
                     you, there is nothing to do here.",
                    shown(new_email)
                ),
            ),
            notes: vec![
                "If it was not you, choose a new password at once with \"Forgotten password\" on the sign-in page: \
                 that stops the change and signs everybody out."
                    .into(),
            ],
            button: to_accord(),
            reason: "You get this mail because it is about the safety of your account.".into(),
            ..Letter::default()
        },
        Message::AddressChanged { name, new_email } => Letter {
            subject: "Your e-mail address was changed".into(),
            heading: "Your e-mail address was changed".into(),
            paragraphs: greeted(
                name,
                &format!(
                    "Your account now has the address {}; you sign in with it from now on, and this is the last \
                     mail about the account to this one. If that was you, there is nothing to do.",
                    shown(new_email)
                ),
            ),
            notes: vec![format!(
                "If it was not you, tell the people who run {} at once, from this address: they can disable the \
                 account and give it back to you.",
                public_url.trim_end_matches('/')
            )],
            button: to_accord(),
            reason: "You get this mail because it is about the safety of your account.".into(),
            ..Letter::default()
        },
        Message::AccountDeleted { name } => Letter {
            subject: "Your account was deleted".into(),
            heading: "Your account was deleted".into(),
            paragraphs: greeted(
                name,
                "Your account is gone, with everything that it owned. You left the collaborations that you took part \
                 in, and those on your account have ended. You can sign up anew with this address at any time.",
            ),
            notes: vec![format!(
                "If it was not you, tell the people who run {}.",
                public_url.trim_end_matches('/')
            )],
            button: to_accord(),
            reason: "You get this mail because it is about the safety of your account.".into(),
            ..Letter::default()
        },
    }
}

/// Who invites: the owner, by themselves or by a member who may do so in their name.
struct Inviter<'a> {
    owner: Person,
    member: Option<&'a str>,
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().map(|name| shown(name)).collect();
    shown.join(", ")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Near,
    Past,
}

/// Of shares that end by themselves: to the member, or to the owner where no owner is named.
fn share_ends(
    owner_name: Option<&str>,
    items: &[EndLine],
    end: End,
    button: Option<Button>,
) -> Letter {
    let (subject, said, reason) = match (owner_name.map(owner), end) {
        (Some(owner), End::Near) => (
            format!("Some access that {owner} gave you ends soon"),
            format!(
                "The following ends by itself, and your access by it. {owner} can extend it. Until then \
                 nothing changes."
            ),
            collaborates(&owner),
        ),
        (Some(owner), End::Past) => (
            format!("Some access that {owner} gave you has ended"),
            format!(
                "The following has ended, as {owner} had set, and your access by it. Ask them if you still \
                 need it: they can extend it."
            ),
            collaborates(&owner),
        ),
        (None, End::Near) => (
            "Some access that you gave ends soon".to_owned(),
            "The following ends by itself, as was set. You can extend it on the member's page.".to_owned(),
            "You get this mail because you share environments with these people.".to_owned(),
        ),
        (None, End::Past) => (
            "Some access that you gave has ended".to_owned(),
            "The following has ended, as was set, and grants nothing any more. You can extend it on the \
             member's page."
                .to_owned(),
            "You get this mail because you share environments with these people.".to_owned(),
        ),
    };
    let verb = if end == End::Near { "ends" } else { "ended" };
    Letter {
        heading: subject.clone(),
        subject,
        paragraphs: vec![said],
        items: items
            .iter()
            .map(|line| Item {
                name: match &line.member {
                    Some(member) => format!("{}, {}", shown(member), shown(&line.item)),
                    None => shown(&line.item),
                },
                roles: format!("{} ({verb} {})", list(&line.roles), moment(line.at)),
            })
            .collect(),
        button,
        reason,
        ..Letter::default()
    }
}

fn invitation(
    inviter: &Inviter<'_>,
    items: &[SharedItemLine],
    expires_at: DateTime<Utc>,
    display_name: Option<&str>,
    button: Option<Button>,
) -> Letter {
    let Inviter { owner, member } = inviter;
    let member = member.map(shown).filter(|name| !name.is_empty());
    let notes = [
        "Opening the invitation changes nothing: you can then accept it, reject it, or decide later.".into(),
        format!("The invitation is valid until {}.", moment(expires_at)),
    ];
    let in_whose_name = member.as_ref().map(|name| {
        format!(
            "{name} invites you in the name of {}, who lets them manage access.",
            owner.short
        )
    });
    let who_entered = member.map_or_else(
        || format!("{} entered your address", owner.full),
        |name| format!("{name} entered your address in the name of {}", owner.full),
    );
    Letter {
        subject: format!("{} invites you to collaborate", owner.short),
        heading: format!("{} invites you to collaborate", owner.short),
        paragraphs: greeted(
            display_name.unwrap_or_default(),
            &if items.is_empty() {
                format!(
                    "{} would like to work together with you on Accord.",
                    owner.full
                )
            } else {
                format!(
                    "{} would like to share the following with you on Accord:",
                    owner.full
                )
            },
        ),
        items: items
            .iter()
            .map(|line| Item {
                name: shown(&line.item),
                roles: list(&line.roles),
            })
            .collect(),
        button,
        notes: in_whose_name.into_iter().chain(notes).collect(),
        reason: format!(
            "You get this mail because {who_entered}. If you do not know them, ignore this mail or reject \
             the invitation."
        ),
    }
}

/// How a letter names somebody.
struct Person {
    short: String,
    full: String,
}

fn person(name: Option<&str>, email: &str) -> Person {
    let (name, email) = (shown(name.unwrap_or_default()), shown(email));
    if name.is_empty() || name == email {
        Person {
            short: email.clone(),
            full: email,
        }
    } else {
        Person {
            full: format!("{name} ({email})"),
            short: name,
        }
    }
}

fn owner(name: &str) -> String {
    let name = shown(name);
    if name.is_empty() {
        "the owner".into()
    } else {
        name
    }
}

fn collaborates(owner: &str) -> String {
    format!("You get this mail because {owner} shares environments with you.")
}

fn greeted(name: &str, paragraph: &str) -> Vec<String> {
    let name = shown(name);
    let greeting = if name.is_empty() {
        "Hello,".into()
    } else {
        format!("Hello {name},")
    };
    vec![greeting, paragraph.to_owned()]
}
