//! Where the link in an invitation leads. Opening it changes nothing: it asks.

mod decide;
mod model;

use accord_api_types::{Collaboration, Invitation, InvitationOffer, InvitationState};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_params_map;

use crate::components::{
    Avatar, Button, ButtonKind, Glyph, Icon, Notice, RelativeTime, SharedItems, Skeleton,
    SkeletonView, screen,
};
use crate::layout::CardPage;
use crate::pages::shared_with_me::Added;
use crate::remote::Remote;
use crate::session::{Phase, Session};
use decide::{Decide, NewAccount, RejectButton, SignInFirst};
use model::{Situation, ending};

/// The invitation page.
#[component]
pub(crate) fn InvitationPage() -> impl IntoView {
    let session = Session::current();
    let params = use_params_map();
    let token = Memo::new(move |_| params.with(|params| params.get("token").unwrap_or_default()));
    let invitation = Remote::new(move || {
        let (client, token) = (session.client(), token.get());
        async move { client.invitation(&token).await }
    });
    tell_of_a_person(session, token, invitation);
    let joined = RwSignal::new(None::<Collaboration>);
    let title = Signal::derive(move || {
        if joined.with(Option::is_some) {
            return "You are in".to_owned();
        }
        invitation.data.with(|invitation| match invitation {
            Some(Invitation {
                offer: Some(offer), ..
            }) => format!("{} invites you", offer.owner.name),
            Some(closed) => ending(closed.state).0.to_owned(),
            None => "Invitation".to_owned(),
        })
    });
    view! {
        <CardPage title=title wide=true>
            {move || match joined.get() {
                Some(joined) => view! { <Welcome joined=joined/> }.into_any(),
                None => {
                    let reload = Callback::new(move |()| invitation.reload());
                    screen(invitation, Skeleton::Card, |_| false, || (), move |shown| view! {
                        <Situated invitation=shown token=token.into() joined=joined reload=reload/>
                    })
                    .into_any()
                }
            }}
        </CardPage>
    }
}

/// Tells once that a person is before the page: they press something, which nothing does that merely follows
/// links.
fn tell_of_a_person(session: Session, token: Memo<String>, invitation: Remote<Invitation>) {
    let is_told = StoredValue::new(false);
    let tell = move || {
        let is_open = invitation.data.with_untracked(|shown| {
            let shown = shown.as_ref();
            shown.is_some_and(|shown| shown.offer.is_some())
        });
        if !is_open || is_told.get_value() {
            return;
        }
        is_told.set_value(true);
        let (client, token) = (session.client(), token.get_untracked());
        spawn_local(async move {
            // Nothing here depends on it.
            let _ = client.invitation_opened(&token).await;
        });
    };
    let pressed = window_event_listener(ev::pointerdown, move |_| tell());
    let typed = window_event_listener(ev::keydown, move |_| tell());
    on_cleanup(move || {
        pressed.remove();
        typed.remove();
    });
}

/// The page for whoever stands before it.
#[component]
fn Situated(
    invitation: Signal<Invitation>,
    token: Signal<String>,
    joined: RwSignal<Option<Collaboration>>,
    reload: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let situation = Memo::new(move |_| {
        let email = session.phase.with(|phase| match phase {
            Phase::Loading => None,
            Phase::SignedIn(account) => Some(Some(account.email.clone())),
            Phase::SignedOut | Phase::Unknown(_) => Some(None),
        })?;
        Some(Situation::of(
            invitation.get(),
            email.as_deref(),
            same_address,
        ))
    });
    move || match situation.get() {
        None => view! { <SkeletonView shape=Skeleton::Card/> }.into_any(),
        Some(Situation::Closed(state)) => view! { <Ended state=state/> }.into_any(),
        Some(Situation::Decide(offer)) => view! {
            <Offer offer=offer/>
            <Decide token=token joined=joined reload=reload/>
            <p class="muted small">
                "Not sure yet? It also waits in "
                <a href="/settings/shared-with-me">"Settings, Shared with me"</a>
                " until it ends."
            </p>
        }
        .into_any(),
        Some(Situation::SignedInAsSomebodyElse { offer, as_email }) => {
            let switch = format!("Sign out and go on as {}", offer.email);
            let meant_for = offer.email.clone();
            view! {
            <Offer offer=offer/>
            <Notice tone=crate::components::Tone::Warn>
                <p>
                    "It is for " <span class="strong">{meant_for}</span>
                    ", and you are signed in as " <span class="strong">{as_email}</span> "."
                </p>
            </Notice>
            <Button kind=ButtonKind::Primary wide=true icon=Icon::LogOut on_press=Callback::new(move |()| session.sign_out())>
                {switch}
            </Button>
            }
            .into_any()
        }
        Some(Situation::SignInFirst(offer)) => view! {
            <Offer offer=offer.clone()/>
            <SignInFirst email=offer.email/>
            <RejectButton token=token reload=reload/>
            <Later/>
        }
        .into_any(),
        Some(Situation::NewAccount(offer)) => view! {
            <Offer offer=offer.clone()/>
            <NewAccount offer=offer token=token joined=joined reload=reload/>
            <Later/>
        }
        .into_any(),
    }
}

/// For whoever does not decide now.
#[component]
fn Later() -> impl IntoView {
    view! {
        <p class="muted small">"Not sure yet? The link in your mail leads here again until the invitation ends."</p>
    }
}

/// What became of an invitation that is no longer open, and the way on from there.
#[component]
fn Ended(state: InvitationState) -> impl IntoView {
    let session = Session::current();
    let signed_in = move || {
        session
            .phase
            .with(|phase| matches!(phase, Phase::SignedIn(_)))
    };
    view! {
        <p>{ending(state).1}</p>
        {move || {
            let (href, words) = match (signed_in(), state) {
                (true, InvitationState::Accepted) => ("/settings/shared-with-me", "See what is shared with you"),
                (true, _) => ("/environments", "Go to your environments"),
                (false, _) => ("/sign-in", "Sign in"),
            };
            view! { <a class="button wide" data-kind="primary" href=href>{words}</a> }
        }}
    }
}

/// Who invites, to what, and until when.
#[component]
fn Offer(offer: InvitationOffer) -> impl IntoView {
    let nothing_yet = offer.shares.is_empty();
    view! {
        <div class="offer">
            <div class="offer-who">
                <Avatar name=offer.owner.name.clone()/>
                <div>
                    <p class="strong">{offer.owner.name}</p>
                    <p class="muted small">{offer.owner.email}</p>
                </div>
                <p class="offer-until muted small"><Glyph icon=Icon::Clock size=14/>"ends " <RelativeTime at=offer.expires_at/></p>
            </div>
            <p class="small muted">"Shared with " <span class="strong">{offer.email}</span> ":"</p>
            {if nothing_yet {
                view! { <p class="small">"Nothing yet: items can be shared with you after you have joined."</p> }.into_any()
            } else {
                view! { <SharedItems items=offer.shares/> }.into_any()
            }}
        </div>
    }
}

/// After accepting: what was added.
#[component]
fn Welcome(joined: Collaboration) -> impl IntoView {
    let place = if joined.shares.is_empty() {
        "/environments".to_owned()
    } else {
        format!("/environments?owner={}", joined.owner.id)
    };
    view! {
        <Added collaboration=joined/>
        <a class="button wide" data-kind="primary" href=place>"Go to your environments"</a>
    }
}

/// Whether two addresses are one: letter case apart, and the domain however it is written.
fn same_address(a: &str, b: &str) -> bool {
    fn key(address: &str) -> Option<String> {
        let (local, domain) = address.trim().rsplit_once('@')?;
        let domain = web_sys::Url::new(&format!("http://{domain}/"))
            .ok()?
            .hostname();
        Some(format!("{}@{domain}", local.to_lowercase()))
    }
    key(a).is_some_and(|a| key(b) == Some(a))
}
