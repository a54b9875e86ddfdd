use std::sync::Arc;

use accord_api_types::{Action, EnvironmentAccess, EnvironmentAccessQuery};
use leptos::prelude::*;

use super::model::{COLUMNS, FEW_ROLES, may, name, role_names, why_not};
use crate::components::{
    AccessLevelTag, Glyph, Icon, LongTable, MemberStatusTag, Menu, MenuItem, Person, Popover,
    RelativeTime, RoleTags, SortHead, SortedFrame, Sorting, each, orders,
};
use crate::pages::why::WhyLink;
use crate::reader::{Found, Reader};

/// What can be done about somebody's access.
#[derive(Clone, Copy)]
pub(super) struct Todo {
    pub(super) edit: Callback<EnvironmentAccess>,
    pub(super) remove: Callback<EnvironmentAccess>,
    pub(super) resend: Callback<EnvironmentAccess>,
}

/// Who has access. Of a long list only the rows near what is seen are drawn.
#[component]
pub(super) fn AccessTable(
    found: Signal<Found<EnvironmentAccess>>,
    reader: Reader<EnvironmentAccess, EnvironmentAccessQuery>,
    sort: RwSignal<String>,
    /// The catalogue, once it is here.
    actions: Signal<Vec<Action>>,
    todo: Todo,
) -> impl IntoView {
    let table = LongTable::new(
        Signal::derive(move || found.with(|found| found.items.len())),
        Signal::derive(move || found.with(Found::has_more)),
        move || reader.read_on(),
    );
    let rows = move || found.with(|found| table.rows(&found.items));
    let sorting = Sorting {
        columns: &COLUMNS,
        order: sort,
    };
    view! {
        <SortedFrame frame=table.frame choices=orders(&COLUMNS) order=sort>
            <table class="table folds long-table access-table" aria-rowcount=move || table.row_count()>
                <thead>
                    <tr>
                        <SortHead sorting=sorting column="email" words="Member"/>
                        <SortHead sorting=sorting column="status" words="Status"/>
                        <SortHead sorting=sorting column="access_level" words="Access level"/>
                        <th scope="col">"Roles"</th>
                        <th scope="col" class="head-end"><span class="visually-hidden">"What to do"</span></th>
                    </tr>
                </thead>
                <tbody class="room" aria-hidden="true" data-start=""><tr style:height=move || table.above()></tr></tbody>
                <tbody>
                    {each(rows, |(at, one)| (*at, format!("{one:?}")), move |(at, one)| view! {
                        <Row at=at access=one actions=actions todo=todo/>
                    }.into_any())}
                </tbody>
                <tbody class="room" aria-hidden="true"><tr style:height=move || table.below()></tr></tbody>
            </table>
        </SortedFrame>
        <p class="list-more muted small" role="status">
            {move || (reader.reading.get() && found.with(Found::has_more)).then_some("Reading more…")}
        </p>
    }
}

#[component]
fn Row(
    at: usize,
    access: Arc<EnvironmentAccess>,
    actions: Signal<Vec<Action>>,
    todo: Todo,
) -> impl IntoView {
    let (may_edit, may_remove) = (may(&access, "edit"), may(&access, "remove"));
    let (may_resend, withdraws) = (may(&access, "resend"), may(&access, "withdraw"));
    let shared_directly = access.direct_share.is_some();
    let end = access
        .direct_share
        .as_ref()
        .and_then(|share| share.expires_at.map(|at| (share.ended, at)));
    let who = name(&access);
    let mut names = role_names(&access);
    let all_names = names.join(" · ");
    let more = names.len().saturating_sub(FEW_ROLES);
    names.truncate(FEW_ROLES);
    let refused = !access.refusals.is_empty();
    let stored = StoredValue::new(Arc::clone(&access));
    let on = move |act: Callback<EnvironmentAccess>| {
        Callback::new(move |()| act.run((*stored.get_value()).clone()))
    };
    let why_not = move || {
        let of = |actions: &Vec<Action>| stored.with_value(|access| why_not(access, actions));
        actions.with(of)
    };
    view! {
        <tr data-row="" aria-rowindex=(at + 2).to_string()>
            <td class="cell-name"><Person name=access.display_name.clone() email=access.email.clone()/></td>
            <td data-label="Status">
                <MemberStatusTag status=access.status/>
                {access.account_disabled.then(|| view! { <span class="cell-sub">"account disabled: no access now"</span> })}
            </td>
            <td data-label="Access level">
                <span>
                    <AccessLevelTag level=access.access_level/>
                    <WhyLink about=access.member_id label=format!("Access of {who}")/>
                </span>
                {end.map(|(ended, at)| view! {
                    <span class="cell-sub">{if ended { "direct share ended " } else { "ends " }}<RelativeTime at=at/></span>
                })}
            </td>
            <td data-label="Roles">
                <span class="tags" title=all_names>
                    <RoleTags names=names/>
                    {(more > 0).then(|| view! { <span class="tag-more">"and " {more} " more"</span> })}
                </span>
            </td>
            <td class="cell-end">
                {refused.then(|| {
                    let label = format!("What you cannot do with {who}");
                    view! {
                        <Popover
                            label=Signal::stored(label)
                            title="What you cannot do"
                            trigger=|| view! { <Glyph icon=Icon::Info/> }
                            on_open=Callback::new(|()| ())
                        >
                            <p class="why-not">{why_not}</p>
                        </Popover>
                    }
                })}
                {(may_edit || may_remove || may_resend).then(|| view! {
                    <Menu label=format!("What to do with {who}") trigger=|| view! { <Glyph icon=Icon::Ellipsis/> }>
                        {may_edit.then(|| view! {
                            <MenuItem icon=Icon::Pencil on_press=on(todo.edit)>
                                {if shared_directly { "Change direct roles" } else { "Give direct roles" }}
                            </MenuItem>
                        })}
                        {may_resend.then(|| view! {
                            <MenuItem icon=Icon::Send on_press=on(todo.resend)>"Send the invitation again"</MenuItem>
                        })}
                        {may_remove.then(|| view! {
                            <MenuItem icon=Icon::Trash danger=true on_press=on(todo.remove)>
                                {if withdraws { "Withdraw invitation" } else { "Remove direct access" }}
                            </MenuItem>
                        })}
                    </Menu>
                })}
            </td>
        </tr>
    }
}
