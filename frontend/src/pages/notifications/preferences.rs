//! Settings, Notifications: by which ways the person hears of what.

use accord_api_types::{
    ChooseNotification, ChooseNotifications, NotificationKind,
    NotificationPreferences as Preferences,
};
use leptos::prelude::*;

use crate::components::{FailureNotice, PageHeader, Section, Skeleton, kind_words, screen};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;

/// The kinds in the order in which people look for them.
const PARTS: [(&str, &str, &[NotificationKind]); 4] = [
    (
        "What is shared with you",
        "When you take part in what others share.",
        &[
            NotificationKind::CollaborationJoined,
            NotificationKind::SharesChanged,
            NotificationKind::CollaborationSuspended,
            NotificationKind::CollaborationActivated,
            NotificationKind::CollaborationEnded,
        ],
    ),
    (
        "What you share",
        "When others take part in what is yours.",
        &[
            NotificationKind::InvitationAccepted,
            NotificationKind::InvitationRejected,
            NotificationKind::MailGivenUp,
            NotificationKind::MemberLeft,
            NotificationKind::WebhookSwitchedOff,
        ],
    ),
    (
        "Environments",
        "Yours, and those shared with you.",
        &[
            NotificationKind::SharesEnding,
            NotificationKind::SharesEnded,
            NotificationKind::LoadAlert,
        ],
    ),
    (
        "Always sent",
        "These cannot be turned off: they invite you, or guard your account.",
        &[
            NotificationKind::InvitationReceived,
            NotificationKind::AddressVerification,
            NotificationKind::PasswordReset,
            NotificationKind::SecurityNotice,
        ],
    ),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Email,
    Dashboard,
}

impl Way {
    const fn word(self) -> &'static str {
        match self {
            Self::Email => "E-mail",
            Self::Dashboard => "Dashboard",
        }
    }

    const fn of(self, preferences: &Preferences, kind: NotificationKind) -> Option<bool> {
        let preference = preferences.get(kind);
        match self {
            Self::Email => preference.email,
            Self::Dashboard => preference.dashboard,
        }
    }

    const fn choice(self, on: bool) -> ChooseNotification {
        let (email, dashboard) = match self {
            Self::Email => (Some(on), None),
            Self::Dashboard => (None, Some(on)),
        };
        ChooseNotification { email, dashboard }
    }
}

/// The page.
#[component]
pub(crate) fn NotificationPreferences() -> impl IntoView {
    let session = Session::current();
    let stored = Remote::new(move || {
        let client = session.client();
        async move {
            client
                .notification_preferences()
                .await
                .map(accord_client::Versioned::into_inner)
        }
    });
    view! {
        <PageHeader title="Notification preferences" lead="How you hear of things. Every change is saved at once."/>
        {screen(stored, Skeleton::Rows(8), |_| false, || (), move |preferences| view! {
            <Parts preferences=preferences stored=stored/>
        })}
    }
}

#[component]
fn Parts(preferences: Signal<Preferences>, stored: Remote<Preferences>) -> impl IntoView {
    let submission = Submission::new();
    view! {
        <FailureNotice failure=submission.failure/>
        {PARTS.into_iter().map(|(title, lead, kinds)| view! {
            <Section title=title lead=lead>
                <div class="table-frame">
                    <table class="table preferences">
                        <thead>
                            <tr>
                                <th scope="col">"Kind"</th>
                                <th scope="col" class="cell-way">"E-mail"</th>
                                <th scope="col" class="cell-way">"Dashboard"</th>
                            </tr>
                        </thead>
                        <tbody>
                            {kinds.iter().map(|kind| view! {
                                <Row kind=*kind preferences=preferences stored=stored submission=submission/>
                            }).collect_view()}
                        </tbody>
                    </table>
                </div>
            </Section>
        }).collect_view()}
    }
}

#[component]
fn Row(
    kind: NotificationKind,
    preferences: Signal<Preferences>,
    stored: Remote<Preferences>,
    submission: Submission,
) -> impl IntoView {
    let (name, about) = kind_words(kind);
    view! {
        <tr>
            <th scope="row" class="cell-kind">{name}<span class="cell-sub">{about}</span></th>
            <td class="cell-way"><Cell kind=kind way=Way::Email preferences=preferences stored=stored submission=submission/></td>
            <td class="cell-way"><Cell kind=kind way=Way::Dashboard preferences=preferences stored=stored submission=submission/></td>
        </tr>
    }
}

#[component]
fn Cell(
    kind: NotificationKind,
    way: Way,
    preferences: Signal<Preferences>,
    stored: Remote<Preferences>,
    submission: Submission,
) -> impl IntoView {
    let session = Session::current();
    let on = Memo::new(move |_| preferences.with(|preferences| way.of(preferences, kind)));
    let fixed = preferences.with_untracked(|preferences| !preferences.get(kind).optional);
    // What is shown follows what is stored; a choice that could not be saved is taken back.
    let shown = RwSignal::new(on.get_untracked().unwrap_or_default());
    Effect::new(move |_| shown.set(on.get().unwrap_or_default()));
    let failed = submission.failure;
    Effect::new(move |_| {
        if failed.with(Option::is_some) {
            shown.set(on.get_untracked().unwrap_or_default());
        }
    });
    let choose = move |asked: bool| {
        // One at a time: the answer to the one before would else be shown over this one.
        if submission.busy.get_untracked() {
            shown.set(!asked);
            shown.set(on.get_untracked().unwrap_or_default());
            return;
        }
        shown.set(asked);
        let client = session.client();
        let body = ChooseNotifications::one(kind, way.choice(asked));
        submission.send(
            async move { client.choose_notifications(&body, None).await },
            move |saved| {
                stored.data.try_set(Some(saved.into_inner()));
            },
        );
    };
    let label = format!("{}: {}", way.word(), kind_words(kind).0);
    move || {
        match on.get() {
        None => view! { <span class="muted" title="Never comes this way">"–"</span> }.into_any(),
        Some(_) if fixed => view! {
            <input type="checkbox" aria-label=label.clone() prop:checked=true disabled=true title="Always sent"/>
        }
        .into_any(),
        Some(_) => {
            let label = label.clone();
            untrack(|| {
                view! {
                    <input
                        type="checkbox"
                        aria-label=label
                        prop:checked=move || shown.get()
                        on:change=move |event| choose(event_target_checked(&event))
                    />
                }
                .into_any()
            })
        }
    }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_stands_in_the_table_once() {
        let listed: Vec<NotificationKind> = PARTS
            .iter()
            .flat_map(|(_, _, kinds)| kinds.iter().copied())
            .collect();
        let once: BTreeSet<NotificationKind> = listed.iter().copied().collect();
        assert_eq!(listed.len(), once.len(), "one stands there twice");
        assert_eq!(once.into_iter().collect::<Vec<_>>(), NotificationKind::ALL);
    }
}
