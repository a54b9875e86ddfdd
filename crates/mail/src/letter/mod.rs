//! The wording: every message as the parts of one letter, which the templates lay out.

mod account;
mod collaboration;
mod platform;

use collaboration::End;

use crate::message::Message;
use crate::typed::shown;

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

/// The places that a letter may lead to.
struct Ways<'a> {
    public_url: &'a str,
    /// The secret link of a message that carries one.
    link: Option<&'a str>,
}

impl Ways<'_> {
    /// Where Accord is, without a slash at the end.
    fn accord(&self) -> &str {
        self.public_url.trim_end_matches('/')
    }

    fn to_accord(&self) -> Option<Button> {
        Some(Button {
            label: "Open Accord",
            url: self.public_url.to_owned(),
            secret: false,
        })
    }

    fn to_page(&self, label: &'static str, path: &str) -> Option<Button> {
        Some(Button {
            label,
            url: format!("{}{path}", self.accord()),
            secret: false,
        })
    }

    fn by_link(&self, label: &'static str) -> Option<Button> {
        self.link.map(|url| Button {
            label,
            url: url.to_owned(),
            secret: true,
        })
    }
}

/// Puts a message into words. `link` is the secret link of a message that carries one.
pub(crate) fn letter(message: &Message, link: Option<&str>, public_url: &str) -> Letter {
    let ways = Ways { public_url, link };
    match message {
        Message::Invitation {
            owner_name,
            owner_email,
            items,
            expires_at,
            display_name,
            inviter_name,
        } => {
            let inviter = collaboration::Inviter {
                owner: person(Some(owner_name), owner_email),
                member: inviter_name.as_deref(),
            };
            collaboration::invitation(&inviter, items, *expires_at, display_name.as_deref(), &ways)
        }
        Message::InvitationDecided {
            member_name,
            member_email,
            decision,
        } => collaboration::decided(member_name.as_deref(), member_email, *decision, &ways),
        Message::Suspended { owner_name } => collaboration::suspended(owner_name, &ways),
        Message::Activated { owner_name } => collaboration::activated(owner_name, &ways),
        Message::Removed { owner_name } => collaboration::removed(owner_name, &ways),
        Message::Left {
            member_name,
            member_email,
        } => collaboration::left(member_name.as_deref(), member_email, &ways),
        Message::HostGone { owner_name } => collaboration::host_gone(owner_name, &ways),
        Message::SharesEnding { owner_name, items } => {
            collaboration::share_ends(owner_name.as_deref(), items, End::Near, &ways)
        }
        Message::SharesEnded { owner_name, items } => {
            collaboration::share_ends(owner_name.as_deref(), items, End::Past, &ways)
        }
        Message::LoadAlert {
            owner_name,
            environment_name,
            metric,
            value,
            threshold,
            message,
            path,
        } => {
            let alert = platform::LoadAlert {
                owner_name,
                environment_name,
                metric,
                value: *value,
                threshold: *threshold,
                message: message.as_deref(),
                path,
            };
            platform::load_alert(&alert, &ways)
        }
        Message::WebhookSwitchedOff { url, error, path } => {
            platform::webhook_switched_off(url, error, path, &ways)
        }
        Message::VerifyAddress { name } => account::verify_address(name, &ways),
        Message::PasswordReset { name } => account::password_reset(name, &ways),
        Message::PasswordChanged { name } => account::password_changed(name, &ways),
        Message::ApiTokenMade {
            name,
            token_name,
            scopes,
        } => account::api_token_made(name, token_name, scopes, &ways),
        Message::ProveNewAddress { name } => account::prove_new_address(name, &ways),
        Message::AddressInUse { name } => account::address_in_use(name, &ways),
        Message::AddressChangeAsked { name, new_email } => {
            account::address_change_asked(name, new_email, &ways)
        }
        Message::AddressChanged { name, new_email } => {
            account::address_changed(name, new_email, &ways)
        }
        Message::AccountDeleted { name } => account::account_deleted(name, &ways),
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

fn greeted(name: &str, paragraph: &str) -> Vec<String> {
    let name = shown(name);
    let greeting = if name.is_empty() {
        "Hello,".into()
    } else {
        format!("Hello {name},")
    };
    vec![greeting, paragraph.to_owned()]
}
