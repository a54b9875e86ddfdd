//! What a member may do where: as it is, or as it would be if they were active.

use std::collections::HashMap;
use std::sync::Arc;

use accord_api_types::{
    Action, DraftAccess, DraftShares, EffectiveAccess, EffectiveAccessQuery, Environment,
    EnvironmentsQuery, MAX_LIMIT, Member, MemberStatus, NewShare, Page, Share, Uuid,
};
use futures_util::future::try_join;
use leptos::prelude::*;

use super::model::{access_columns, name};
use crate::address::kept_in_address;
use crate::components::{
    AccessLevelTag, Empty, Icon, LongTable, RoleTags, SearchField, Section, Skeleton, SortHead,
    SortedFrame, Sorting, each, order_asked_for, orders, screen,
};
use crate::live::Topic;
use crate::pages::catalogue::titles;
use crate::pages::roles::all_actions;
use crate::pages::why::{Question, Whose, Why, WhyLink};
use crate::reader::{Found, Reader};
use crate::remote::Remote;
use crate::session::Session;

/// What the answer depends on.
#[derive(Clone, Debug, PartialEq)]
struct Whom {
    id: Uuid,
    name: String,
    is_active: bool,
    shares: Vec<Share>,
}

impl From<&Member> for Whom {
    fn from(member: &Member) -> Self {
        Self {
            id: member.id,
            name: name(member),
            is_active: member.status == MemberStatus::Active,
            shares: member.shares.clone(),
        }
    }
}

/// Every environment, with what the member has there or would have.
#[component]
pub(super) fn WhatWhere(member: Signal<Member>) -> impl IntoView {
    let session = Session::current();
    let whom = Memo::new(move |_| member.with(|member| Whom::from(member)));
    let (looked_for, sort) = (kept_in_address("q"), kept_in_address("sort"));
    let reader = Reader::new(
        move || Asked {
            whom: whom.get(),
            q: Some(looked_for.get().trim().to_owned()).filter(|text| !text.is_empty()),
            sort: whom.with(|whom| {
                sort.with(|sort| order_asked_for(access_columns(whom.is_active), sort))
            }),
        },
        move |asked, cursor| async move {
            if asked.whom.is_active {
                as_it_is(session, asked, cursor).await
            } else {
                as_it_would_be(session, asked, cursor).await
            }
        },
    );
    let access = reader.remote.follows(&[Topic::Access, Topic::Environments]);
    let catalogue = Remote::new(move || all_actions(session));
    let actions = Signal::derive(move || catalogue.data.get().unwrap_or_default());
    let is_active = Memo::new(move |_| whom.with(|whom| whom.is_active));
    let narrowed = move || !looked_for.with(|text| text.trim().is_empty());
    let owner_id = session.account_id();
    let why = Why::new(move |environment_id| {
        access.data.with(|found| {
            let mut all = found.iter().flat_map(|found| &found.items);
            let one = all.find(|one| one.environment_id == environment_id)?;
            let whom = whom.get();
            Some(Question {
                owner_id,
                environment_id,
                environment_name: one.environment_name.clone(),
                member_id: whom.id,
                whose: Whose::Of(whom.name),
                held: one.action_ids.clone(),
                counts: whom.is_active,
                on_members_page: true,
            })
        })
    });
    view! {
        <Section title="What they may do where" lead="By the rule that decides when they act.">
            {move || (!is_active.get()).then(|| view! {
                <p class="muted">"They are not active and have no access now: this is what they would have."</p>
            })}
            <div class="toolbar">
                <SearchField label="Find an environment" value=looked_for/>
                <span class="toolbar-end" aria-live="polite">
                    {move || access.data.with(|found| found.as_ref().map(|found| found.in_words("environment", "environments")))}
                </span>
            </div>
            {screen(
                access,
                Skeleton::Rows(4),
                |found: &Found<EffectiveAccess>| found.items.is_empty(),
                move || if narrowed() {
                    view! { <Empty icon=Icon::Search title="Nothing like that" text="No environment matches what you look for."/> }.into_any()
                } else {
                    view! { <Empty icon=Icon::Box title="No environments" text="As soon as there are environments, you see here which of them this member reaches."/> }.into_any()
                },
                move |found| view! { <AccessTable found=found reader=reader sort=sort by_level=is_active actions=actions/> },
            )}
        </Section>
        {why.view()}
    }
}

/// Of whom what is asked, and in what order.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    whom: Whom,
    q: Option<String>,
    /// As the API calls it.
    sort: String,
}

async fn as_it_is(
    session: Session,
    asked: Asked,
    cursor: Option<String>,
) -> accord_client::Result<Page<EffectiveAccess>> {
    let query = EffectiveAccessQuery {
        limit: Some(MAX_LIMIT),
        cursor,
        q: asked.q,
        sort: Some(asked.sort),
    };
    let (client, account_id) = (session.client(), session.account_id());
    client
        .member_access(account_id, asked.whom.id, &query)
        .await
}

/// The rule is the server's, also for what is not there yet.
async fn as_it_would_be(
    session: Session,
    asked: Asked,
    cursor: Option<String>,
) -> accord_client::Result<Page<EffectiveAccess>> {
    let (client, account_id) = (session.client(), session.account_id());
    let query = EnvironmentsQuery {
        limit: Some(MAX_LIMIT),
        cursor,
        q: asked.q,
        sort: Some(environments_sort(&asked.sort).to_owned()),
        ..EnvironmentsQuery::default()
    };
    let body = DraftShares {
        shares: asked.whom.shares.into_iter().map(as_draft).collect(),
        member_id: Some(asked.whom.id),
    };
    let (environments, results) = try_join(
        client.environments(account_id, &query),
        client.draft_access(account_id, &body),
    )
    .await?;
    Ok(Page {
        items: by_environment(&environments.items, &results.items),
        next_cursor: environments.next_cursor,
    })
}

/// Environments have a name and no level of access.
fn environments_sort(sort: &str) -> &'static str {
    if sort.starts_with('-') {
        "-name"
    } else {
        "name"
    }
}

fn as_draft(share: Share) -> NewShare {
    NewShare {
        item: share.item,
        role_ids: share.role_ids,
        expires_at: share.expires_at,
    }
}

/// What comes out on each environment, in their order.
fn by_environment(environments: &[Environment], results: &[DraftAccess]) -> Vec<EffectiveAccess> {
    let found: HashMap<Uuid, &DraftAccess> = results
        .iter()
        .flat_map(|one| one.environment_ids.iter().map(move |id| (*id, one)))
        .collect();
    environments
        .iter()
        .filter_map(|environment| {
            let one = found.get(&environment.id)?;
            Some(EffectiveAccess {
                environment_id: environment.id,
                environment_name: environment.name.clone(),
                access_level: one.access_level,
                role_ids: one.role_ids.clone(),
                role_names: one.role_names.clone(),
                action_ids: one.action_ids.clone(),
            })
        })
        .collect()
}

#[component]
fn AccessTable(
    found: Signal<Found<EffectiveAccess>>,
    reader: Reader<EffectiveAccess, Asked>,
    sort: RwSignal<String>,
    /// Whether the list can be sorted by the level of access.
    by_level: Memo<bool>,
    /// The catalogue, once it is here.
    actions: Signal<Vec<Action>>,
) -> impl IntoView {
    let table = LongTable::new(
        Signal::derive(move || found.with(|found| found.items.len())),
        Signal::derive(move || found.with(Found::has_more)),
        move || reader.read_on(),
    );
    let rows = move || found.with(|found| table.rows(&found.items));
    let choices = Signal::derive(move || orders(access_columns(by_level.get())));
    let head = move |column, words| {
        let sorting = Sorting {
            columns: access_columns(by_level.get()),
            order: sort,
        };
        view! { <SortHead sorting=sorting column=column words=words/> }
    };
    view! {
        <SortedFrame frame=table.frame choices=choices order=sort>
            <table class="table folds long-table effective-table" aria-rowcount=move || table.row_count()>
                <thead>
                    <tr>
                        {move || head("environment_name", "Environment")}
                        {move || if by_level.get() {
                            head("access_level", "Access level").into_any()
                        } else {
                            view! { <th scope="col" class="head-access_level">"Access level"</th> }.into_any()
                        }}
                        <th scope="col">"Roles"</th>
                        <th scope="col" class="head-actions">"Actions"</th>
                    </tr>
                </thead>
                <tbody class="room" aria-hidden="true" data-start=""><tr style:height=move || table.above()></tr></tbody>
                <tbody>
                    {each(rows, |(at, one)| (*at, format!("{one:?}")), move |(at, one)| view! {
                        <AccessRow at=at access=one actions=actions/>
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
fn AccessRow(
    at: usize,
    access: Arc<EffectiveAccess>,
    actions: Signal<Vec<Action>>,
) -> impl IntoView {
    let account_id = Session::current().account_id();
    let name = access.environment_name.clone();
    let place = format!("/environments/{account_id}/{}", access.environment_id);
    let roles = access.role_names.clone();
    let all_roles = roles.join(" · ");
    let held = StoredValue::new(access.action_ids.clone());
    let count = held.with_value(Vec::len);
    let by_title = move || held.with_value(|held| actions.with(|actions| titles(actions, held)));
    view! {
        <tr data-row="" aria-rowindex=(at + 2).to_string()>
            <td class="cell-name"><a href=place>{name.clone()}</a></td>
            <td data-label="Access level">
                <span>
                    <AccessLevelTag level=access.access_level/>
                    <WhyLink about=access.environment_id label=format!("Access to {name}")/>
                </span>
            </td>
            <td data-label="Roles"><span class="tags" title=all_roles><RoleTags names=roles/></span></td>
            <td data-label="Actions" class="cell-time" title=move || by_title().join(", ")>{count}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use accord_api_types::AccessLevel;

    use super::*;

    #[test]
    fn an_ended_share_is_asked_about_as_it_is() {
        let end = accord_api_types::DateTime::UNIX_EPOCH;
        let share = Share {
            item: accord_api_types::Item::GROUPS,
            role_ids: vec![Uuid::from_u128(7)],
            expires_at: Some(end),
            ended: true,
        };
        assert_eq!(as_draft(share).expires_at, Some(end));
    }

    #[test]
    fn what_would_be_is_sorted_by_name_alone() {
        assert_eq!(environments_sort(""), "name");
        assert_eq!(environments_sort("-environment_name"), "-name");
        assert_eq!(environments_sort("access_level"), "name");
    }

    #[test]
    fn results_find_their_environments_by_name() {
        let results = [DraftAccess {
            access_level: AccessLevel::Base,
            role_ids: Vec::new(),
            role_names: vec!["Viewer".into()],
            action_ids: vec!["files.read".into()],
            environment_ids: vec![Uuid::from_u128(2), Uuid::from_u128(1)],
        }];
        let environments = [
            environment(1, "blog"),
            environment(2, "shop"),
            environment(3, "new"),
        ];
        let shown: Vec<_> = by_environment(&environments, &results)
            .into_iter()
            .map(|one| (one.environment_name, one.role_names.len(), one.access_level))
            .collect();
        assert_eq!(
            shown,
            [
                ("blog".to_owned(), 1, AccessLevel::Base),
                ("shop".to_owned(), 1, AccessLevel::Base)
            ]
        );
    }

    fn environment(id: u128, name: &str) -> Environment {
        let owner =
            serde_json::json!({ "id": Uuid::nil(), "name": "Ada", "email": "ada@example.com" });
        serde_json::from_value(serde_json::json!({
            "id": Uuid::from_u128(id), "name": name, "display_name": null, "status": "running",
            "group_ids": [], "owner": owner, "created_by": null, "access_level": "owner",
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "allowed_actions": []
        }))
        .expect("an environment")
    }
}
