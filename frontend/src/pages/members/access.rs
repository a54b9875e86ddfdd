//! What a member may do where: as it is, or as it would be if they were active.

use std::collections::HashMap;

use accord_api_types::{
    DraftAccess, DraftShares, EffectiveAccess, Environment, EnvironmentsQuery, Member,
    MemberStatus, NewShare, PageQuery, Share, Uuid,
};
use futures_util::future::try_join;
use leptos::prelude::*;

use super::model::name;
use crate::components::{AccessLevelTag, Empty, Icon, RoleTags, Section, Skeleton, each, screen};
use crate::listing::every_page;
use crate::live::Topic;
use crate::pages::why::{Question, Whose, Why, WhyLink};
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
    let access = Remote::new(move || {
        let whom = whom.get();
        async move {
            if whom.is_active {
                as_it_is(session, whom.id).await
            } else {
                as_it_would_be(session, whom).await
            }
        }
    })
    .follows(&[Topic::Access, Topic::Environments]);
    let owner_id = session.account_id();
    let why = Why::new(move |environment_id| {
        access.data.with(|all| {
            let one = all
                .iter()
                .flatten()
                .find(|one| one.environment_id == environment_id)?;
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
            {move || (!whom.with(|whom| whom.is_active)).then(|| view! {
                <p class="muted">"They are not active and have no access now: this is what they would have."</p>
            })}
            {screen(
                access,
                Skeleton::Rows(4),
                Vec::is_empty,
                || view! { <Empty icon=Icon::Box title="No environments" text="As soon as there are environments, you see here which of them this member reaches."/> },
                |access| view! { <AccessTable access=access/> },
            )}
        </Section>
        {why.view()}
    }
}

async fn as_it_is(session: Session, id: Uuid) -> accord_client::Result<Vec<EffectiveAccess>> {
    let (client, account_id) = (session.client(), session.account_id());
    every_page(|limit, cursor| {
        let client = client.clone();
        let query = PageQuery {
            limit,
            cursor,
            ..PageQuery::default()
        };
        async move { client.member_access(account_id, id, &query).await }
    })
    .await
}

/// The rule is the server's, also for what is not there yet.
async fn as_it_would_be(
    session: Session,
    whom: Whom,
) -> accord_client::Result<Vec<EffectiveAccess>> {
    let (client, account_id) = (session.client(), session.account_id());
    let environments = every_page(|limit, cursor| {
        let client = client.clone();
        let query = EnvironmentsQuery {
            limit,
            cursor,
            sort: Some("name".into()),
            ..EnvironmentsQuery::default()
        };
        async move { client.environments(account_id, &query).await }
    });
    let body = DraftShares {
        shares: whom.shares.into_iter().map(as_draft).collect(),
        member_id: Some(whom.id),
    };
    let (environments, page) =
        try_join(environments, client.draft_access(account_id, &body)).await?;
    Ok(by_environment(&environments, &page.items))
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
fn AccessTable(access: Signal<Vec<EffectiveAccess>>) -> impl IntoView {
    let session = Session::current();
    let account_id = session.account_id();
    view! {
        <div class="table-frame">
            <table class="table folds">
                <thead>
                    <tr>
                        <th scope="col">"Environment"</th>
                        <th scope="col">"Access level"</th>
                        <th scope="col">"Roles"</th>
                        <th scope="col">"Actions"</th>
                    </tr>
                </thead>
                <tbody>
                    {each(move || access.get(), |one| (one.environment_id, one.environment_name.clone(), one.access_level, one.role_names.clone(), one.action_ids.clone()), move |one| view! {
                        <tr>
                            <td class="cell-name"><a href=format!("/environments/{account_id}/{}", one.environment_id)>{one.environment_name.clone()}</a></td>
                            <td data-label="Access level">
                                <span>
                                    <AccessLevelTag level=one.access_level/>
                                    <WhyLink about=one.environment_id label=format!("Access to {}", one.environment_name)/>
                                </span>
                            </td>
                            <td data-label="Roles"><RoleTags names=one.role_names/></td>
                            <td data-label="Actions" class="cell-time" title=one.action_ids.join(", ")>{one.action_ids.len()}</td>
                        </tr>
                    }.into_any())}
                </tbody>
            </table>
        </div>
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
