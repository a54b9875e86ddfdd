use accord_api_types::Uuid;
use leptos::prelude::*;

use crate::components::{
    Button, ButtonKind, Empty, Glyph, Icon, Popover, Skeleton, Told, each, screen,
};
use crate::notices::Notices;

/// The bell: how many notifications are unread, and the newest of them in a small window.
#[component]
pub(super) fn Bell() -> impl IntoView {
    let notices = Notices::current();
    let label = Signal::derive(move || match notices.unread() {
        0 => "Notifications".to_owned(),
        unread => format!("Notifications, {unread} unread"),
    });
    view! {
        <Popover
            label=label
            title="Notifications"
            trigger=move || view! {
                <span class="bell">
                    <Glyph icon=Icon::Bell size=18/>
                    {move || (notices.unread() > 0).then(|| view! { <span class="bell-count">{in_the_bell(notices.unread())}</span> })}
                </span>
            }
            on_open=Callback::new(move |()| notices.look_again())
        >
            <Newest/>
        </Popover>
    }
}

#[component]
fn Newest() -> impl IntoView {
    let notices = Notices::current();
    let on_read = Callback::new(move |id: Uuid| notices.mark(id));
    let mark_all = Callback::new(move |()| notices.mark_all(notices.newest));
    view! {
        <div class="popover-head">
            <p class="strong">"Notifications"</p>
            {move || (notices.unread() > 0).then(|| view! {
                <Button kind=ButtonKind::Ghost on_press=mark_all>"Mark all as read"</Button>
            })}
        </div>
        {screen(
            notices.newest,
            Skeleton::Rows(3),
            |page| page.items.is_empty(),
            || view! { <Empty icon=Icon::Bell title="Nothing new" text="When somebody invites you, joins or leaves, or an environment is under strain, you see it here."/> },
            move |page| view! {
                <ul class="told-list">
                    {each(move || page.get().items, |told| (told.id, told.read_at.is_some(), told.params.alert.as_ref().map(|alert| alert.times)), move |told| view! {
                        <Told told=told on_read=on_read/>
                    }.into_any())}
                </ul>
            },
        )}
        <div class="popover-foot">
            <a href="/notifications">"All notifications"</a>
            <a href="/settings/notifications">"Preferences"</a>
        </div>
    }
}

/// What there is room for.
fn in_the_bell(unread: u64) -> String {
    if unread > 99 {
        "99+".to_owned()
    } else {
        unread.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::in_the_bell;

    #[test]
    fn large_numbers_are_cut() {
        assert_eq!(in_the_bell(1), "1");
        assert_eq!(in_the_bell(99), "99");
        assert_eq!(in_the_bell(100), "99+");
    }
}
