//! Accounts: their addresses, their passwords and their safety.

use super::{Letter, Ways, greeted};
use crate::typed::shown;

pub(super) fn verify_address(name: &str, ways: &Ways<'_>) -> Letter {
    Letter {
        subject: "Verify your e-mail address".into(),
        heading: "Verify your e-mail address".into(),
        paragraphs: greeted(
            name,
            "Please confirm that this address is yours. Until then you can neither invite others nor see \
             invitations to you.",
        ),
        button: ways.by_link("Verify Address"),
        reason: "You get this mail because somebody entered your address as theirs on Accord. If it was not \
                 you, ignore this mail: nothing happens then."
            .into(),
        ..Letter::default()
    }
}

pub(super) fn password_reset(name: &str, ways: &Ways<'_>) -> Letter {
    Letter {
        subject: "Reset your password".into(),
        heading: "Reset your password".into(),
        paragraphs: greeted(
            name,
            "Somebody, hopefully you, asked to reset the password of your account. Choosing a new one signs \
             you out everywhere.",
        ),
        button: ways.by_link("Choose New Password"),
        reason: "You get this mail because a new password was asked for with your address on Accord. If it was \
                 not you, ignore this mail: your password stays as it is."
            .into(),
        ..Letter::default()
    }
}

pub(super) fn password_changed(name: &str, ways: &Ways<'_>) -> Letter {
    Letter {
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
        button: ways.to_accord(),
        reason: "You get this mail because it is about the safety of your account.".into(),
        ..Letter::default()
    }
}

pub(super) fn api_token_made(
    name: &str,
    token_name: &str,
    scopes: &str,
    ways: &Ways<'_>,
) -> Letter {
    Letter {
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
        button: ways.to_accord(),
        reason: "You get this mail because it is about the safety of your account.".into(),
        ..Letter::default()
    }
}

pub(super) fn prove_new_address(name: &str, ways: &Ways<'_>) -> Letter {
    Letter {
        subject: "Confirm your new e-mail address".into(),
        heading: "Confirm your new e-mail address".into(),
        paragraphs: greeted(
            name,
            "Please confirm that this address shall be that of your account. Until then the account keeps the \
             address that it has, and you sign in with that one.",
        ),
        button: ways.by_link("Confirm Address"),
        reason: "You get this mail because somebody entered your address as the new one of their account on \
                 Accord. If it was not you, ignore this mail: nothing happens then."
            .into(),
        ..Letter::default()
    }
}

pub(super) fn address_in_use(name: &str, ways: &Ways<'_>) -> Letter {
    Letter {
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
        button: ways.to_accord(),
        reason: "You get this mail because your address was entered on Accord. If it was not you, there is \
                 nothing to do."
            .into(),
        ..Letter::default()
    }
}

pub(super) fn address_change_asked(name: &str, new_email: &str, ways: &Ways<'_>) -> Letter {
    Letter {
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
        button: ways.to_accord(),
        reason: "You get this mail because it is about the safety of your account.".into(),
        ..Letter::default()
    }
}

pub(super) fn address_changed(name: &str, new_email: &str, ways: &Ways<'_>) -> Letter {
    Letter {
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
            ways.accord()
        )],
        button: ways.to_accord(),
        reason: "You get this mail because it is about the safety of your account.".into(),
        ..Letter::default()
    }
}

pub(super) fn account_deleted(name: &str, ways: &Ways<'_>) -> Letter {
    Letter {
        subject: "Your account was deleted".into(),
        heading: "Your account was deleted".into(),
        paragraphs: greeted(
            name,
            "Your account is gone, with everything that it owned. You left the collaborations that you took part \
             in, and those on your account have ended. You can sign up anew with this address at any time.",
        ),
        notes: vec![format!(
            "If it was not you, tell the people who run {}.",
            ways.accord()
        )],
        button: ways.to_accord(),
        reason: "You get this mail because it is about the safety of your account.".into(),
        ..Letter::default()
    }
}
