use std::collections::HashSet;

use accord_api_types::{Member, Uuid};
use leptos::prelude::*;

use super::actions::MemberActions;
use super::model::{Verb, name, next_sort, shares_in_words, targets};
use super::row_menu::{MemberMenu, RowMenu};
use crate::components::{
    Button, ButtonKind, Glyph, Icon, MemberStatusTag, Person, RelativeTime, each,
};

/// The members that were found, with what can be done to one or to several.
#[component]
pub(super) fn MemberTable(
    members: Signal<Vec<Member>>,
    sort: RwSignal<String>,
    actions: MemberActions,
    menu: RowMenu,
) -> impl IntoView {
    let selected = RwSignal::new(HashSet::<Uuid>::new());
    let chosen = Memo::new(move |_| {
        members.with(|members| {
            selected.with(|selected| {
                members
                    .iter()
                    .filter(|member| selected.contains(&member.id))
                    .cloned()
                    .collect::<Vec<_>>()
            })
        })
    });
    let all_chosen =
        move || !members.with(Vec::is_empty) && chosen.with(Vec::len) == members.with(Vec::len);
    let choose_all = move |on: bool| {
        selected.set(if on {
            members.with_untracked(|members| members.iter().map(|member| member.id).collect())
        } else {
            HashSet::new()
        });
    };
    view! {
        {move || (!chosen.with(Vec::is_empty)).then(|| view! { <SelectionBar chosen=chosen selected=selected actions=actions/> })}
        <div class="table-frame">
            <table class="table folds">
                <thead>
                    <tr>
                        <th class="cell-check">
                            <input
                                type="checkbox"
                                aria-label="Select all members"
                                prop:checked=all_chosen
                                on:change=move |event| choose_all(event_target_checked(&event))
                            />
                        </th>
                        <SortHead column="email" words="Member" sort=sort/>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Shared"</th>
                        <SortHead column="invited_at" words="Invited" sort=sort/>
                        <th scope="col"><span class="visually-hidden">"What to do"</span></th>
                    </tr>
                </thead>
                <tbody>
                    {each(move || members.get(), |member| (member.id, member.status, member.display_name.clone(), member.shares.len(), member.invited_at), move |member| view! {
                        <MemberRow member=member selected=selected actions=actions menu=menu/>
                    }.into_any())}
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn SortHead(column: &'static str, words: &'static str, sort: RwSignal<String>) -> impl IntoView {
    let direction = move || {
        sort.with(|sort| match sort.strip_prefix('-') {
            Some(down) if down == column => "descending",
            None if sort == column => "ascending",
            _ => "none",
        })
    };
    view! {
        <th scope="col" aria-sort=direction>
            <button class="sort" type="button" on:click=move |_| sort.update(|sort| *sort = next_sort(sort, column))>
                {words}
                <Glyph icon=Icon::ArrowUpDown size=12/>
            </button>
        </th>
    }
}

#[component]
fn SelectionBar(
    chosen: Memo<Vec<Member>>,
    selected: RwSignal<HashSet<Uuid>>,
    actions: MemberActions,
) -> impl IntoView {
    view! {
        <div class="selection-bar" role="region" aria-label="What to do with the selected members">
            <span aria-live="polite">{move || chosen.with(Vec::len)} " selected"</span>
            {move || Verb::ALL.into_iter().filter_map(|verb| {
                let whom = chosen.with(|chosen| targets(chosen, verb));
                (!whom.is_empty()).then(|| view! {
                    <Button on_press=Callback::new(move |()| actions.start(verb, whom.clone()))>{verb.label()}</Button>
                })
            }).collect_view()}
            <Button kind=ButtonKind::Ghost on_press=Callback::new(move |()| selected.set(HashSet::new()))>"Deselect"</Button>
        </div>
    }
}

#[component]
fn MemberRow(
    member: Member,
    selected: RwSignal<HashSet<Uuid>>,
    actions: MemberActions,
    menu: RowMenu,
) -> impl IntoView {
    let id = member.id;
    let is_selected = move || selected.with(|selected| selected.contains(&id));
    let toggle = move |on: bool| {
        selected.update(|selected| {
            if on {
                selected.insert(id);
            } else {
                selected.remove(&id);
            }
        });
    };
    view! {
        <tr data-selected=move || is_selected().then_some("true")>
            <td class="cell-check">
                <input
                    type="checkbox"
                    aria-label=format!("Select {}", name(&member))
                    prop:checked=is_selected
                    on:change=move |event| toggle(event_target_checked(&event))
                />
            </td>
            <td class="cell-name">
                <Person name=member.display_name.clone() email=member.email.clone() href=format!("/settings/members/{id}")/>
            </td>
            <td data-label="Status"><MemberStatusTag status=member.status/></td>
            <td data-label="Shared" class="cell-time">{shares_in_words(&member.shares)}</td>
            <td data-label="Invited" class="cell-time"><RelativeTime at=member.invited_at/></td>
            <td class="cell-end"><MemberMenu member=member actions=actions menu=menu/></td>
        </tr>
    }
}
