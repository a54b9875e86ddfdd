use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::return_path;
use crate::components::{Skeleton, SkeletonView};
use crate::layout::Brand;
use crate::session::{Phase, Session};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Asking,
    Nobody,
    Somebody,
}

/// For those who are not signed in; whoever is goes where they wanted to.
#[component]
pub(crate) fn Guest(children: ChildrenFn) -> impl IntoView {
    let session = Session::current();
    let navigate = use_navigate();
    let who = Memo::new(move |_| {
        session.phase.with(|phase| match phase {
            Phase::Loading => Who::Asking,
            // Signing in is also how one finds out whether the server is back.
            Phase::SignedOut | Phase::Unknown(_) => Who::Nobody,
            Phase::SignedIn(_) => Who::Somebody,
        })
    });
    Effect::new(move |_| {
        if who.get() == Who::Somebody {
            navigate(
                &return_path::take(),
                NavigateOptions {
                    replace: true,
                    ..NavigateOptions::default()
                },
            );
        }
    });
    move || match who.get() {
        Who::Nobody => children().into_any(),
        Who::Asking | Who::Somebody => view! { <Splash/> }.into_any(),
    }
}

/// While it is not known who is there.
#[component]
pub(crate) fn Splash() -> impl IntoView {
    view! {
        <main class="splash">
            <Brand/>
            <SkeletonView shape=Skeleton::Page/>
        </main>
    }
}
