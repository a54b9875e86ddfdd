use accord_api_types::AccountKind;
use leptos::prelude::*;

use crate::components::{Empty, Icon, PageHeader};
use crate::session::Session;

/// Pages about what an account shares; an account that may not host learns so, instead of an error.
#[component]
pub(crate) fn Hosting(title: &'static str, children: ChildrenFn) -> impl IntoView {
    let session = Session::current();
    let may_host = Memo::new(move |_| {
        session
            .account()
            .is_none_or(|account| account.kind == AccountKind::Billing)
    });
    move || {
        if may_host.get() {
            children().into_any()
        } else {
            view! {
                <PageHeader title=title/>
                <Empty
                    icon=Icon::Building
                    title="This account takes part, it does not host"
                    text="It was made by accepting an invitation. What others share with you is under Shared with me; sharing something of your own takes a billing account."
                >
                    <a class="button" data-kind="secondary" href="/settings/shared-with-me">"Shared with me"</a>
                </Empty>
            }
            .into_any()
        }
    }
}
