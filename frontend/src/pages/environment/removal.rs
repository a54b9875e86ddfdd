use std::cell::RefCell;

use accord_api_types::EnvironmentAccess;
use accord_client::{Error, Versioned};
use leptos::prelude::*;

use super::draft::Draft;
use super::model::{direct_role_names, may, name};
use super::share::{Target, reverse};
use crate::components::{ConfirmDialog, Notice, Toasts, Tone};
use crate::editing::{Saved, Version, save};
use crate::pages::preview::{AccessPreviews, change};
use crate::session::Session;
use crate::submission::Submission;
use crate::undo::{Reverse, say_done};

/// Takes direct roles away; where they are all that an open invitation carries, a delegate withdraws it.
#[component]
pub(super) fn RemovalDialog(
    open: RwSignal<bool>,
    /// Whose direct roles, as they are shown.
    target: RwSignal<Option<Target>>,
    on_removed: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    // Somebody else changed them while the question was asked.
    let overtaken = RwSignal::new(false);
    Effect::new(move |_| {
        if open.get() {
            overtaken.set(false);
        }
    });
    let confirmed = Callback::new(move |()| {
        let asked = target.get_untracked();
        let Some((asked, who)) = asked.and_then(|asked| Some((asked.clone(), asked.who?))) else {
            return;
        };
        submission.send(remove(session, asked, who), move |outcome| match outcome {
            Outcome::Removed(words, reverse) => {
                open.set(false);
                say_done(toasts, session, words, reverse);
                on_removed.try_run(());
            }
            Outcome::Overtaken(now) => {
                // The page may be left by now; then there is nobody to tell.
                overtaken.try_set(true);
                target.try_update(|target| {
                    if let Some(target) = target {
                        target.who = Some(*now);
                    }
                });
            }
        });
    });
    let who = move || target.with(|target| target.as_ref()?.who.clone());
    let withdrawing = Memo::new(move |_| who().is_some_and(|who| may(&who, "withdraw")));
    let title = Signal::derive(move || {
        let whose = who().as_ref().map(name).unwrap_or_default();
        if withdrawing.get() {
            format!("Withdraw the invitation of {whose}?")
        } else {
            format!("Remove direct access of {whose}?")
        }
    });
    let action = Signal::derive(move || {
        if withdrawing.get() {
            "Withdraw invitation"
        } else {
            "Remove direct access"
        }
        .to_owned()
    });
    let changed = Signal::derive(move || {
        target
            .with(|target| {
                let target = target.as_ref()?;
                let who = target.who.as_ref()?;
                // Whoever is not the owner may not ask what it does to others.
                (target.owner_id == session.account_id())
                    .then(|| change::direct_roles_removal(target.environment_id, who.member_id))
            })
            .into_iter()
            .collect()
    });
    let now = move || {
        let names = who().as_ref().map(direct_role_names).unwrap_or_default();
        if names.is_empty() {
            "There are none any more.".to_owned()
        } else {
            format!("They are {} now.", names.join(", "))
        }
    };
    view! {
        <ConfirmDialog open=open title=title action=action danger=true submission=submission on_confirm=confirmed>
            {move || overtaken.get().then(|| view! {
                <Notice tone=Tone::Warn>
                    <p class="strong">"Somebody else changed these direct roles meanwhile. Nothing was removed yet."</p>
                    <p>{now}</p>
                </Notice>
            })}
            <p>{move || if withdrawing.get() {
                "Nothing else is shared with them yet: the link in their mail stops working."
            } else {
                "Roles by groups or by all environments, if there are any, count again."
            }}</p>
            <AccessPreviews changes=changed/>
        </ConfirmDialog>
    }
}

enum Outcome {
    /// What is said of it, and what takes it back.
    Removed(String, Option<Reverse>),
    /// Nothing was removed: the access is another than the one that was asked about.
    Overtaken(Box<EnvironmentAccess>),
}

/// Takes the direct roles away that were shown, and no others.
async fn remove(
    session: Session,
    target: Target,
    who: EnvironmentAccess,
) -> Result<Outcome, Error> {
    let client = session.client();
    let (owner_id, environment_id) = (target.owner_id, target.environment_id);
    let member_id = who.member_id;
    let shown = Version {
        content: Draft::of(&who),
        etag: None,
    };
    let latest = RefCell::new(None);
    let outcome = save(
        shown.clone(),
        shown.content,
        async |etag: Option<&str>| {
            client
                .remove_direct_roles(owner_id, environment_id, member_id, etag)
                .await
                .map(|value| Versioned { value, etag: None })
        },
        async || {
            let fresh = client
                .environment_access_of(owner_id, environment_id, member_id)
                .await?;
            let version = Version::of(&fresh, Draft::of);
            *latest.borrow_mut() = Some(fresh.into_inner());
            Ok(version)
        },
    )
    .await?;
    let before = match outcome {
        Saved::Done { before, .. } => before,
        Saved::Overtaken(_) => {
            let now = latest.into_inner().unwrap_or(who);
            return Ok(Outcome::Overtaken(Box::new(now)));
        }
    };
    if may(&who, "withdraw") {
        let words = format!("Invitation of {} withdrawn.", name(&who));
        return Ok(Outcome::Removed(words, None));
    }
    let ended = who.direct_share.as_ref().is_some_and(|share| share.ended);
    // A delegate may not see the member here any more: then there is no way back for them.
    let etag = client
        .environment_access_of(owner_id, environment_id, member_id)
        .await
        .ok()
        .filter(|now| now.direct_share.is_none() && !ended)
        .and_then(|now| now.etag);
    let words = format!("Direct access of {} removed.", name(&who));
    let reverse = etag.and_then(|etag| reverse(session, &target, &before, etag));
    Ok(Outcome::Removed(words, reverse))
}
