//! Everything that is kept of an account, for its person to take along.

use accord_domain::member::MemberStatus;
use accord_store::accounts::Account;
use accord_store::environments::{self, EnvironmentFilter, EnvironmentSort, Visible};
use accord_store::members::Member;
use accord_store::tasks::Task;
use accord_store::{api_tokens, members, policies, roles, sessions, tasks};
use chrono::{DateTime, Utc};

use super::{ApiTokenView, SessionView};
use crate::Service;
use crate::call::{Call, Person, status_of};
use crate::collaborations::{CollaborationView, collaboration_view};
use crate::environments::{EnvironmentView, OwnerView, all_members, owners_view};
use crate::error::Result;
use crate::groups::{GroupView, every_group};
use crate::members::MemberView;
use crate::paging::every;
use crate::policies::PolicyView;
use crate::roles::RoleView;

/// The newest entries of the record that go along: some megabytes.
const MOST_TASKS: u32 = 10_000;

/// One account with everything that is kept of it.
#[derive(Clone, Debug)]
pub struct AccountExport {
    pub at: DateTime<Utc>,
    pub account: Account,
    /// Those that live.
    pub sessions: Vec<SessionView>,
    pub api_tokens: Vec<ApiTokenView>,
    /// The collaborations of others that the person sees.
    pub collaborations: Vec<CollaborationView>,
    /// The person's records of those that they do not see any more: what became of the owner since is
    /// none of theirs.
    pub ended_collaborations: Vec<EndedCollaboration>,
    /// The account's own.
    pub policies: Vec<PolicyView>,
    pub roles: Vec<RoleView>,
    pub groups: Vec<GroupView>,
    pub environments: Vec<EnvironmentView>,
    pub members: Vec<MemberView>,
    /// What happened on the account, and what the person did on others', the newest first.
    pub tasks: Vec<Task>,
    /// Whether these are all.
    pub tasks_complete: bool,
}

/// A person's own record of a collaboration that is over for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedCollaboration {
    pub member: Member,
    pub status: MemberStatus,
}

impl Service {
    /// Everything that is kept of the caller's account, at one moment.
    ///
    /// # Errors
    /// When not signed in.
    pub fn export_account(&self, call: &Call) -> Result<AccountExport> {
        self.db.read(|tx| {
            let now = self.clock.now();
            let account = Person::of(tx, call, now)?.account;
            let own = account.id;
            let (mut collaborations, mut ended_collaborations) = (Vec::new(), Vec::new());
            for (member, owner) in members::of_person(tx, own)? {
                let status = status_of(&member, now);
                if !status.seen_by_person() {
                    ended_collaborations.push(EndedCollaboration { member, status });
                } else if owner.disabled_at.is_none() {
                    collaborations.push(collaboration_view(tx, member, now)?);
                }
            }
            let mut policies = every(|page| Ok(policies::page(tx, own, None, page)?))?;
            policies.retain(|policy| policy.account_id.is_some());
            let visible = Visible {
                owned_by: Some(own),
                ids: &[],
            };
            let filter = EnvironmentFilter::default();
            let sort = EnvironmentSort::CreatedAt;
            let owner = OwnerView::of(&account);
            let all_actions = self.all_actions();
            let environments =
                every(|page| Ok(environments::page(tx, visible, &filter, sort, page)?))?
                    .into_iter()
                    .map(|environment| owners_view(environment, &owner, &all_actions))
                    .collect();
            let members = all_members(tx, own, now)?;
            let tasks = tasks::newest_about(tx, own, MOST_TASKS)?;
            Ok(AccountExport {
                at: now,
                sessions: sessions::list_live(tx, own, now)?,
                api_tokens: api_tokens::list(tx, own)?,
                collaborations,
                ended_collaborations,
                policies,
                roles: every(|page| Ok(roles::page(tx, own, None, page)?))?,
                groups: every_group(tx, own)?,
                environments,
                members: self.member_views(tx, members, now)?,
                tasks_complete: tasks.len() < MOST_TASKS as usize,
                tasks,
                account,
            })
        })
    }
}
