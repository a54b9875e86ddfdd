//! Settings, Notifications: by which ways the person hears of what.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use accord_api_types::{
    ChooseNotification, ChooseNotifications, NotificationKind,
    NotificationPreferences as Preferences,
};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::{PageHeader, Section, Skeleton, Toasts, kind_words, screen};
use crate::failure::Failure;
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;

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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// What the person chose in one place of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Choice {
    kind: NotificationKind,
    way: Way,
    on: bool,
}

impl Choice {
    fn label(kind: NotificationKind, way: Way) -> String {
        format!("{}: {}", way.word(), kind_words(kind).0)
    }
}

/// Whether a kind comes by this way: as it was chosen last, though the server has not said so yet, or as it
/// is stored.
fn shown(
    stored: Option<&Preferences>,
    waiting: &VecDeque<Choice>,
    kind: NotificationKind,
    way: Way,
) -> Option<bool> {
    let stored = way.of(stored?, kind)?;
    let of_this = |choice: &&Choice| (choice.kind, choice.way) == (kind, way);
    let chosen = waiting.iter().rev().find(of_this);
    Some(chosen.map_or(stored, |choice| choice.on))
}

/// What is stored, and what was chosen since: shown at once, saved one after the other, and shown as it was
/// where that failed.
#[derive(Clone, Copy)]
struct Choices {
    stored: Remote<Preferences>,
    /// What is not saved yet, as it is shown.
    waiting: RwSignal<VecDeque<Choice>>,
    /// The same, which is saved even if the page is left.
    queue: StoredValue<Arc<Mutex<VecDeque<Choice>>>>,
    session: Session,
    toasts: Toasts,
}

impl Choices {
    fn new(stored: Remote<Preferences>) -> Self {
        Self {
            stored,
            waiting: RwSignal::new(VecDeque::new()),
            queue: StoredValue::new(Arc::default()),
            session: Session::current(),
            toasts: Toasts::current(),
        }
    }

    fn choose(self, choice: Choice) {
        let queue = self.queue.get_value();
        let is_first = {
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.push_back(choice);
            self.waiting.set(queue.clone());
            queue.len() == 1
        };
        if is_first {
            spawn_local(self.save_all(queue));
        }
    }

    /// One at a time: each answer says how all of it stands then.
    async fn save_all(self, queue: Arc<Mutex<VecDeque<Choice>>>) {
        let client = self.session.client();
        let first = |drop_it: bool| {
            let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            if drop_it {
                queue.pop_front();
                self.waiting.try_set(queue.clone());
            }
            queue.front().copied()
        };
        let mut next = first(false);
        while let Some(Choice { kind, way, on }) = next {
            let body = ChooseNotifications::one(kind, way.choice(on));
            match client.choose_notifications(&body, None).await {
                Ok(saved) => {
                    self.stored.data.try_set(Some(saved.into_inner()));
                }
                Err(error) => {
                    let failure = Failure::from(error);
                    self.session.notice(&failure);
                    let (label, why) = (Choice::label(kind, way), failure.sentence());
                    self.toasts
                        .failed(format!("“{label}” was not saved. {why}"));
                }
            }
            next = first(true);
        }
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
    })
    .follows(&[Topic::Account]);
    let choices = Choices::new(stored);
    view! {
        <PageHeader title="Notification preferences" lead="How you hear of things. Every change is saved at once."/>
        {screen(stored, Skeleton::Rows(8), |_| false, || (), move |_| view! { <Parts choices=choices/> })}
    }
}

#[component]
fn Parts(choices: Choices) -> impl IntoView {
    PARTS
        .into_iter()
        .map(|(title, lead, kinds)| {
            view! {
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
                                {kinds.iter().map(|kind| view! { <Row kind=*kind choices=choices/> }).collect_view()}
                            </tbody>
                        </table>
                    </div>
                </Section>
            }
        })
        .collect_view()
}

#[component]
fn Row(kind: NotificationKind, choices: Choices) -> impl IntoView {
    let (name, about) = kind_words(kind);
    view! {
        <tr>
            <th scope="row" class="cell-kind">{name}<span class="cell-sub">{about}</span></th>
            <td class="cell-way"><Cell kind=kind way=Way::Email choices=choices/></td>
            <td class="cell-way"><Cell kind=kind way=Way::Dashboard choices=choices/></td>
        </tr>
    }
}

#[component]
fn Cell(kind: NotificationKind, way: Way, choices: Choices) -> impl IntoView {
    let on = Memo::new(move |_| {
        let (stored, waiting) = (choices.stored.data, choices.waiting);
        stored.with(|stored| waiting.with(|waiting| shown(stored.as_ref(), waiting, kind, way)))
    });
    let comes_this_way = Memo::new(move |_| on.get().is_some());
    let fixed = Memo::new(move |_| {
        let stored = choices.stored.data;
        stored.with(|stored| {
            stored
                .as_ref()
                .is_some_and(|stored| !stored.get(kind).optional)
        })
    });
    let label = Choice::label(kind, way);
    move || {
        let label = label.clone();
        match (comes_this_way.get(), fixed.get()) {
            (false, _) => {
                view! { <span class="muted" title="Never comes this way">"–"</span> }.into_any()
            }
            (true, true) => view! {
                <input type="checkbox" aria-label=label prop:checked=true disabled=true title="Always sent"/>
            }
            .into_any(),
            (true, false) => view! {
                <input
                    type="checkbox"
                    aria-label=label
                    prop:checked=move || on.get().unwrap_or_default()
                    on:change=move |event| choices.choose(Choice { kind, way, on: event_target_checked(&event) })
                />
            }
            .into_any(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use accord_api_types::NotificationPreference;

    use super::*;

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

    #[test]
    fn the_last_choice_is_shown_until_it_is_taken_back() {
        let (kind, way) = (NotificationKind::LoadAlert, Way::Email);
        let choice = |on| Choice { kind, way, on };
        let stored = Preferences::of(|_| NotificationPreference {
            email: Some(true),
            dashboard: Some(true),
            optional: true,
        });
        let before = way.of(&stored, kind).expect("it comes this way");
        let shown = |waiting: &[Choice]| {
            shown(Some(&stored), &waiting.iter().copied().collect(), kind, way)
        };
        assert_eq!(shown(&[]), Some(before));
        assert_eq!(shown(&[choice(!before)]), Some(!before));
        assert_eq!(shown(&[choice(!before), choice(before)]), Some(before));
        let other = Choice {
            way: Way::Dashboard,
            ..choice(!before)
        };
        assert_eq!(shown(&[other]), Some(before));
    }
}
