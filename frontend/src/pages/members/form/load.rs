use accord_api_types::{Environment, EnvironmentsQuery, Group, Member, Policy, Role, Uuid};
use accord_client::Versioned;
use futures_util::future::try_join;

use crate::listing::every_page;
use crate::pages::groups::all_groups;
use crate::pages::roles::{all_policies, all_roles};
use crate::session::Session;

/// What there is to share, under which roles, and the member as they are now.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Loaded {
    pub(super) groups: Vec<Group>,
    pub(super) environments: Vec<Environment>,
    pub(super) roles: Vec<Role>,
    pub(super) policies: Vec<Policy>,
    /// With its version; only where somebody is edited.
    pub(super) member: Option<Versioned<Member>>,
}

/// Reads all of it, the lists at the same time.
pub(super) async fn load(session: Session, member: Option<Uuid>) -> accord_client::Result<Loaded> {
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
    let member = async {
        match member {
            Some(id) => client.member(account_id, id).await.map(Some),
            None => Ok(None),
        }
    };
    let things = try_join(environments, all_groups(session));
    let roles = try_join(all_roles(session), all_policies(session));
    let ((environments, groups), ((roles, policies), member)) =
        try_join(things, try_join(roles, member)).await?;
    Ok(Loaded {
        groups,
        environments,
        roles,
        policies,
        member,
    })
}
