use std::collections::HashSet;
use std::sync::Arc;

use accord_api_types::{Member, Uuid};
use leptos::prelude::*;

use super::actions::MemberActions;
use super::form::Purpose;
use super::found::{Found, Reader, chosen};
use super::model::{COLUMNS, Verb, may, name, possible, shares_in_words, targets};
use super::row_menu::{MemberMenu, RowMenu, icon};
use crate::components::{
    Button, ButtonKind, Checkbox, Icon, LongTable, MemberStatusTag, Person, RelativeTime, SortHead,
    SortedFrame, Sorting, each, orders,
};

/// The members that were found, with what can be done to one or to several. Of a long list only the
/// rows near what is seen are drawn.
#[component]
pub(super) fn MemberTable(
    found: Signal<Found>,
    reader: Reader,
    sort: RwSignal<String>,
    actions: MemberActions,
    menu: RowMenu,
) -> impl IntoView {
    let selected = RwSignal::new(HashSet::<Uuid>::new());
    let table = LongTable::new(
        Signal::derive(move || found.with(|found| found.items.len())),
        Signal::derive(move || found.with(Found::has_more)),
        move || reader.read_on(),
    );
    let rows = move || found.with(|found| table.rows(&found.items));
    let all_chosen = Memo::new(move |_| {
        found.with(|found| {
            selected.with(|selected| {
                !found.items.is_empty() && found.items.iter().all(|one| selected.contains(&one.id))
            })
        })
    });
    let choose_all = move |on: bool| {
        selected.set(if on {
            found.with_untracked(|found| found.items.iter().map(|member| member.id).collect())
        } else {
            HashSet::new()
        });
    };
    let sorting = Sorting {
        columns: &COLUMNS,
        order: sort,
    };
    let choose_all_above = move || {
        view! { <Checkbox label="Select all members" checked=all_chosen on_change=Callback::new(choose_all)/> }
    };
    view! {
        <SelectionBar found=found reader=reader selected=selected actions=actions menu=menu/>
        <SortedFrame frame=table.frame choices=orders(&COLUMNS) order=sort tools=choose_all_above>
            <table class="table folds long-table members-table" aria-rowcount=move || table.row_count()>
                <thead>
                    <tr>
                        <th class="cell-check">
                            <input
                                type="checkbox"
                                aria-label="Select all members"
                                prop:checked=move || all_chosen.get()
                                on:change=move |event| choose_all(event_target_checked(&event))
                            />
                        </th>
                        <SortHead sorting=sorting column="email" words="Member"/>
                        <th scope="col" class="head-status">"Status"</th>
                        <th scope="col" class="head-shared">"Shared"</th>
                        <SortHead sorting=sorting column="invited_at" words="Invited"/>
                        <th scope="col" class="head-end"><span class="visually-hidden">"What to do"</span></th>
                    </tr>
                </thead>
                <tbody class="room" aria-hidden="true" data-start=""><tr style:height=move || table.above()></tr></tbody>
                <tbody>
                    {each(rows, |(at, member)| (*at, key_of(member)), move |(at, member)| view! {
                        <MemberRow at=at member=member selected=selected actions=actions menu=menu/>
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

/// All that a row shows, and what its menu hands on: a row in which any of it is another is drawn anew.
fn key_of(member: &Member) -> impl std::hash::Hash + use<> {
    let shares = member.shares.iter();
    let shares = shares.map(|share| {
        let roles = share.role_ids.clone();
        (share.item, roles, share.expires_at, share.ended)
    });
    (
        member.id,
        member.status,
        member.display_name.clone(),
        member.email.clone(),
        shares.collect::<Vec<_>>(),
        member.invited_at,
        member.allowed_actions.clone(),
    )
}

/// What can be done to all that are selected, or to the one that is.
#[component]
fn SelectionBar(
    found: Signal<Found>,
    reader: Reader,
    selected: RwSignal<HashSet<Uuid>>,
    actions: MemberActions,
    menu: RowMenu,
) -> impl IntoView {
    let those = move || {
        found.with_untracked(|found| selected.with_untracked(|selected| chosen(found, selected)))
    };
    let count = Memo::new(move |_| {
        found.with(|found| {
            selected.with(|selected| {
                let found = found.items.iter();
                found.filter(|one| selected.contains(&one.id)).count()
            })
        })
    });
    let any = Memo::new(move |_| count.get() > 0);
    let one = Memo::new(move |_| {
        let ids = selected.get();
        let one = found.with(|found| match &chosen(found, &ids)[..] {
            [one] => Some(Arc::clone(one)),
            _ => None,
        });
        one.filter(|_| count.get() == 1)
    });
    let verbs = Memo::new(move |_| {
        found.with(|found| selected.with(|selected| possible(&chosen(found, selected))))
    });
    let start =
        move |verb: Verb| Callback::new(move |()| actions.start(verb, targets(&those(), verb)));
    let select_all = Callback::new(move |()| {
        reader.read_all(Callback::new(move |()| {
            let all = reader.remote.data.with_untracked(|found| {
                let found = found.iter().flat_map(|found| &found.items);
                found.map(|member| member.id).collect()
            });
            selected.try_set(all);
        }));
    });
    let all_read_chosen =
        move || found.with(|found| found.has_more() && count.get() == found.items.len());
    move || {
        any.get().then(|| view! {
            <div class="selection-bar" role="region" aria-label="What to do with the selected members">
                <span aria-live="polite">{move || count.get()} " selected"</span>
                {move || all_read_chosen().then(|| view! {
                    <Button kind=ButtonKind::Ghost busy=reader.reading on_press=select_all>"Select all that match"</Button>
                })}
                {move || one.get().map(|member| {
                    let member = StoredValue::new((*member).clone());
                    view! {
                        {member.with_value(|member| may(member, "edit")).then(|| view! {
                            <Button icon=Icon::Pencil on_press=Callback::new(move |()| menu.open_form.run(Purpose::Edit(member.get_value())))>"Edit"</Button>
                        })}
                        {member.with_value(|member| may(member, "copy")).then(|| view! {
                            <Button icon=Icon::Copy on_press=Callback::new(move |()| menu.open_form.run(Purpose::Copy(member.get_value())))>"Copy"</Button>
                        })}
                    }
                })}
                {move || {
                    let all = count.get();
                    verbs.get().into_iter().map(|(verb, whom)| {
                        // A verb that is not possible on all says on how many it is.
                        let words = if whom == all { verb.label().to_owned() } else { format!("{} ({whom})", verb.label()) };
                        view! { <Button icon=icon(verb) on_press=start(verb)>{words}</Button> }
                    }).collect_view()
                }}
                <Button kind=ButtonKind::Ghost on_press=Callback::new(move |()| selected.set(HashSet::new()))>"Deselect"</Button>
            </div>
        })
    }
}

#[component]
fn MemberRow(
    at: usize,
    member: Arc<Member>,
    selected: RwSignal<HashSet<Uuid>>,
    actions: MemberActions,
    menu: RowMenu,
) -> impl IntoView {
    let id = member.id;
    let is_selected = Memo::new(move |_| selected.with(|selected| selected.contains(&id)));
    let toggle = move |on: bool| {
        selected.update(|selected| {
            if on {
                selected.insert(id);
            } else {
                selected.remove(&id);
            }
        });
    };
    let shared = shares_in_words(&member.shares);
    let shared_in_full = shared.clone();
    view! {
        <tr data-row="" aria-rowindex=(at + 2).to_string() data-selected=move || is_selected.get().then_some("true")>
            <td class="cell-check">
                <input
                    type="checkbox"
                    aria-label=format!("Select {}", name(&member))
                    prop:checked=move || is_selected.get()
                    on:change=move |event| toggle(event_target_checked(&event))
                />
            </td>
            <td class="cell-name">
                <Person name=member.display_name.clone() email=member.email.clone() href=format!("/settings/members/{id}")/>
            </td>
            <td data-label="Status"><MemberStatusTag status=member.status/></td>
            <td data-label="Shared" class="cell-time" title=shared_in_full>{shared}</td>
            <td data-label="Invited" class="cell-time"><RelativeTime at=member.invited_at/></td>
            <td class="cell-end"><MemberMenu member=(*member).clone() actions=actions menu=menu/></td>
        </tr>
    }
}
