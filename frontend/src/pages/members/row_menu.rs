use std::sync::Arc;

use accord_api_types::Member;
use leptos::prelude::*;

use super::actions::MemberActions;
use super::form::Purpose;
use super::model::{Verb, may, name, verbs};
use crate::components::{Glyph, Icon, Menu, MenuItem};

/// Where the entries of a member's menu lead, beside the verbs.
#[derive(Clone, Copy)]
pub(super) struct RowMenu {
    pub(super) open_form: Callback<Purpose>,
    pub(super) show_link: Callback<Member>,
}

/// Everything that can be done to one member.
#[component]
pub(super) fn MemberMenu(member: Member, actions: MemberActions, menu: RowMenu) -> impl IntoView {
    let label = format!("What to do with {}", name(&member));
    let stored = StoredValue::new(member.clone());
    let (may_edit, may_copy, may_link) = (
        may(&member, "edit"),
        may(&member, "copy"),
        may(&member, "link"),
    );
    let possible = StoredValue::new(verbs(&member));
    view! {
        <Menu label=label trigger=|| view! { <Glyph icon=Icon::Ellipsis/> }>
            {may_edit.then(|| view! {
                <MenuItem icon=Icon::Pencil on_press=Callback::new(move |()| menu.open_form.run(Purpose::Edit(stored.get_value())))>"Edit"</MenuItem>
            })}
            {may_copy.then(|| view! {
                <MenuItem icon=Icon::Copy on_press=Callback::new(move |()| menu.open_form.run(Purpose::Copy(stored.get_value())))>"Copy to another address"</MenuItem>
            })}
            {may_link.then(|| view! {
                <MenuItem icon=Icon::Link on_press=Callback::new(move |()| menu.show_link.run(stored.get_value()))>"Copy invitation link"</MenuItem>
            })}
            {possible.get_value().into_iter().map(|verb| view! {
                <MenuItem
                    icon=icon(verb)
                    danger=verb.is_final()
                    on_press=Callback::new(move |()| actions.start(verb, vec![Arc::new(stored.get_value())]))
                >
                    {verb.label()}
                </MenuItem>
            }).collect_view()}
        </Menu>
    }
}

/// The symbol of a verb.
pub(super) const fn icon(verb: Verb) -> Icon {
    match verb {
        Verb::Suspend => Icon::Pause,
        Verb::Activate => Icon::Play,
        Verb::Resend => Icon::Send,
        Verb::Reinvite => Icon::RotateCcw,
        Verb::Remove => Icon::UserX,
        Verb::Forget => Icon::Trash,
    }
}
