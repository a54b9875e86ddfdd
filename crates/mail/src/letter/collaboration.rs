//! What happens between an owner and their members.

use chrono::{DateTime, Utc};

use super::{Item, Letter, Person, Ways, greeted, owner, person};
use crate::message::{Decision, EndLine, SharedItemLine};
use crate::typed::shown;

/// Who invites: the owner, by themselves or by a member who may do so in their name.
pub(super) struct Inviter<'a> {
    pub(super) owner: Person,
    pub(super) member: Option<&'a str>,
}

pub(super) fn invitation(
    inviter: &Inviter<'_>,
    items: &[SharedItemLine],
    expires_at: DateTime<Utc>,
    display_name: Option<&str>,
    ways: &Ways<'_>,
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
        button: ways.by_link("View Invitation"),
        notes: in_whose_name.into_iter().chain(notes).collect(),
        reason: format!(
            "You get this mail because {who_entered}. If you do not know them, ignore this mail or reject \
             the invitation."
        ),
    }
}

pub(super) fn decided(
    member_name: Option<&str>,
    member_email: &str,
    decision: Decision,
    ways: &Ways<'_>,
) -> Letter {
    let member = person(member_name, member_email);
    let (verb, result) = match decision {
        Decision::Accepted => (
            "accepted",
            "They now have the access that you shared with them.",
        ),
        Decision::Rejected => (
            "rejected",
            "Nothing is shared with them. You can invite them again from the list of members.",
        ),
    };
    Letter {
        subject: format!("{} {verb} your invitation", member.short),
        heading: format!("{} {verb} your invitation", member.short),
        paragraphs: vec![format!(
            "{} {verb} your invitation to collaborate. {result}",
            member.full
        )],
        button: ways.to_accord(),
        reason: "You get this mail because you invited this person to collaborate on your account."
            .into(),
        ..Letter::default()
    }
}

pub(super) fn suspended(owner_name: &str, ways: &Ways<'_>) -> Letter {
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
        button: ways.to_accord(),
        reason: collaborates(&owner),
        ..Letter::default()
    }
}

pub(super) fn activated(owner_name: &str, ways: &Ways<'_>) -> Letter {
    let owner = owner(owner_name);
    Letter {
        subject: format!("Your access to {owner}'s environments is active again"),
        heading: "Your access is active again".into(),
        paragraphs: vec![format!(
            "{owner} has activated your collaboration again. What they share with you is available \
             as of now."
        )],
        button: ways.to_accord(),
        reason: collaborates(&owner),
        ..Letter::default()
    }
}

pub(super) fn removed(owner_name: &str, ways: &Ways<'_>) -> Letter {
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
        button: ways.to_accord(),
        reason: format!(
            "You get this mail because {owner} shared environments with you, or invited you to them."
        ),
        ..Letter::default()
    }
}

pub(super) fn left(member_name: Option<&str>, member_email: &str, ways: &Ways<'_>) -> Letter {
    let member = person(member_name, member_email);
    Letter {
        subject: format!("{} left your account", member.short),
        heading: format!("{} left your account", member.short),
        paragraphs: vec![format!(
            "{} has left the collaboration and no longer has access to your environments. If you \
             invite them again, what you shared with them comes back.",
            member.full
        )],
        button: ways.to_accord(),
        reason: "You get this mail because this person collaborated on your account.".into(),
        ..Letter::default()
    }
}

pub(super) fn host_gone(owner_name: &str, ways: &Ways<'_>) -> Letter {
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
        button: ways.to_accord(),
        reason: format!(
            "You get this mail because {owner} shared environments with you, or invited you to them."
        ),
        ..Letter::default()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Near,
    Past,
}

/// Of shares that end by themselves: to the member, or to the owner where no owner is named.
pub(super) fn share_ends(
    owner_name: Option<&str>,
    items: &[EndLine],
    end: End,
    ways: &Ways<'_>,
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
        button: ways.to_accord(),
        reason,
        ..Letter::default()
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().map(|name| shown(name)).collect();
    shown.join(", ")
}

fn collaborates(owner: &str) -> String {
    format!("You get this mail because {owner} shares environments with you.")
}
