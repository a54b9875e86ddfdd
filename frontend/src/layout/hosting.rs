use accord_api_types::AccountKind;
use leptos::prelude::*;

use crate::components::{Button, ButtonKind, Empty, FailureNotice, Icon, PageHeader, Toasts};
use crate::session::{Phase, Session};
use crate::submission::Submission;

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
                    text="It was made by accepting an invitation. What others share with you is under Shared with me; to share something of your own, it has to be upgraded to a billing account."
                >
                    <Upgrade/>
                    <a class="button" data-kind="secondary" href="/settings/shared-with-me">"Shared with me"</a>
                </Empty>
            }
            .into_any()
        }
    }
}

/// Whether the account only takes part, and may host, too, once its person wants to: the operator allows it.
pub(crate) fn may_upgrade(session: Session) -> Memo<bool> {
    Memo::new(move |_| {
        let is_guest = session
            .account()
            .is_some_and(|account| account.kind == AccountKind::Member);
        let service = session.service.get();
        is_guest && service.is_some_and(|service| service.upgrade_open)
    })
}

/// Lets such an account host, too.
#[component]
pub(crate) fn Upgrade() -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    let may_upgrade = may_upgrade(session);
    let upgrade = Callback::new(move |()| {
        let client = submission.client();
        submission.send(
            async move { client.upgrade_account().await },
            move |account| {
                session.phase.set(Phase::SignedIn(account.into_inner()));
                toasts.done("Upgraded: you can share environments of your own now.");
            },
        );
    });
    move || {
        may_upgrade.get().then(|| {
            view! {
                <FailureNotice failure=submission.failure/>
                <div><Button kind=ButtonKind::Primary busy=submission.busy on_press=upgrade>"Upgrade this account"</Button></div>
            }
        })
    }
}
