//! An environment's Collaboration tab: who has access to it, and direct shares on it.

use std::collections::BTreeSet;

use accord_domain::access::{AccessLevel, MemberAccess, Relations, resolve_as_if_active};
use accord_domain::authorize::{InviteMembers, ReadHosting, ShareEnvironment};
use accord_domain::catalogue::ActionId;
use accord_domain::email::EmailAddress;
use accord_domain::ids::{AccountId, EnvironmentId, MemberId, PolicyId, RoleId};
use accord_domain::member::{MemberStatus, editable};
use accord_domain::sharing::{CheckedShare, Item, Share, ShareDraft};
use accord_store::environments as environment_rows;
use accord_store::members::{Member, MemberSort};
use accord_store::{Conn, Page, Rows, members, relations, shares};
use chrono::{DateTime, Utc};
use serde_json::json;

use crate::Service;
use crate::call::{Call, Stage, status_of};
use crate::error::{Invalid, Result, ServiceError};
use crate::members::{fresh_member, shares_with_ids};
use crate::paging::page_of;
use crate::shares::{checked_shares, share_facts};
use crate::tasks::Happening;

/// One member's access to one environment, seen from the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentAccessView {
    pub member: Member,
    pub status: MemberStatus,
    /// As it is or, unless the member is active, as it would be.
    pub access_level: AccessLevel,
    pub role_ids: BTreeSet<RoleId>,
    pub policy_ids: BTreeSet<PolicyId>,
    pub action_ids: BTreeSet<ActionId>,
    /// The share on the environment itself.
    pub direct_share: Option<Share>,
    /// What the caller may do with the direct share.
    pub allowed_actions: Vec<&'static str>,
    pub now: DateTime<Utc>,
}

/// Direct roles on an environment.
#[derive(Clone, Debug)]
pub struct DirectShare {
    pub role_ids: Vec<RoleId>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Somebody to be invited with a direct share.
#[derive(Clone, Debug)]
pub struct ShareWith {
    pub email: EmailAddress,
    pub share: DirectShare,
}

impl Service {
    /// A page of who has access to the environment, or would have it when active, by address.
    ///
    /// # Errors
    /// Unless the caller owns the account and the environment is there.
    pub fn list_environment_access(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        page: &Page,
    ) -> Result<Rows<EnvironmentAccessView>> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, stage| {
            known_environment(tx, host, id)?;
            let relations = relations::load(tx, host)?;
            let mut shares_of = shares::of_account(tx, host)?;
            let views = all_members(tx, host, stage.now)?
                .into_iter()
                .filter_map(|member| {
                    let shares = shares_of.remove(&member.id).unwrap_or_default();
                    Some(access_view(&relations, member, shares, id, stage.now))
                        .filter(counts_as_collaborator)
                })
                .collect();
            Ok(page_of(views, page, |view: &EnvironmentAccessView| {
                (view.member.email_key.clone(), view.member.id.into())
            }))
        })
    }

    /// Invites an address with roles on this environment.
    ///
    /// # Errors
    /// [`ServiceError::MemberExists`]: an existing member is shared with by [`Service::share_environment`].
    pub fn invite_to_environment(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        command: &ShareWith,
    ) -> Result<EnvironmentAccessView> {
        self.change_hosting::<InviteMembers, _>(call, host, |tx, stage, grant| {
            known_environment(tx, host, id)?;
            let checked = checked_direct_share(tx, host, id, &command.share, &[], stage.now)?;
            let member = self.add_member(
                tx,
                stage,
                call,
                grant,
                &command.email,
                None,
                vec![checked],
                "environment.invite",
            )?;
            access_of_member(tx, host, member, id, stage.now)
        })
    }

    /// Gives a member direct roles on this environment, in place of those they had on it.
    ///
    /// # Errors
    /// [`ServiceError::NotEditable`] when removed, [`ServiceError::Stale`], roles that the rules refuse.
    pub fn share_environment(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        member_id: MemberId,
        command: &DirectShare,
        expected_version: Option<i64>,
    ) -> Result<EnvironmentAccessView> {
        self.change_hosting::<ShareEnvironment, _>(call, host, |tx, stage, grant| {
            known_environment(tx, host, id)?;
            let member = editable_member(tx, stage, member_id, expected_version)?;
            let stored = shares::of_member(tx, host, member_id)?;
            let checked = checked_direct_share(tx, host, id, command, &stored, stage.now)?;
            let before = stored
                .iter()
                .find(|share| share.item == checked.item)
                .cloned();
            for share in shares_with_ids(self, vec![checked], &stored, stage.now) {
                let after = shares::upsert(tx, grant, member_id, &share, stage.now)?;
                self.direct_share_changed(
                    tx,
                    stage,
                    call,
                    &member,
                    id,
                    before.as_ref(),
                    Some(&after),
                )?;
            }
            access_of_member(tx, host, member, id, stage.now)
        })
    }

    /// Takes a member's direct roles on this environment away; lower levels count again.
    ///
    /// # Errors
    /// Hidden when there is no direct share; [`ServiceError::Stale`].
    pub fn unshare_environment(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        member_id: MemberId,
        expected_version: Option<i64>,
    ) -> Result<()> {
        self.change_hosting::<ShareEnvironment, _>(call, host, |tx, stage, grant| {
            known_environment(tx, host, id)?;
            let member = editable_member(tx, stage, member_id, expected_version)?;
            let before = shares::delete(tx, grant, member_id, Item::Environment(id), stage.now)?
                .ok_or(ServiceError::HIDDEN)?;
            self.direct_share_changed(tx, stage, call, &member, id, Some(&before), None)
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn direct_share_changed(
        &self,
        tx: &mut Conn<'_>,
        stage: &Stage,
        call: &Call,
        member: &Member,
        environment: EnvironmentId,
        before: Option<&Share>,
        after: Option<&Share>,
    ) -> Result<()> {
        let facts = |share: Option<&Share>| json!({ "shares": share_facts(share.map_or(&[], std::slice::from_ref)) });
        let action = if after.is_some() {
            "environment.share"
        } else {
            "environment.unshare"
        };
        let happening = Happening::new(action)
            .member(member.id)
            .environment(environment)
            .item("member", member.id, &member.email)
            .before(facts(before))
            .after(facts(after));
        self.changed(tx, stage, call, happening)
    }
}

fn known_environment(tx: &mut Conn<'_>, host: AccountId, id: EnvironmentId) -> Result<()> {
    environment_rows::by_id(tx, host, id)?
        .map(drop)
        .ok_or(ServiceError::HIDDEN)
}

fn editable_member(
    tx: &mut Conn<'_>,
    stage: &Stage,
    id: MemberId,
    expected_version: Option<i64>,
) -> Result<Member> {
    let member = fresh_member(tx, stage.host.account_id, id, expected_version)?;
    let status = status_of(&member, stage.now);
    if editable(status) {
        Ok(member)
    } else {
        Err(ServiceError::NotEditable(status))
    }
}

/// The direct share, with pointers as the request has them: not in a list.
fn checked_direct_share(
    tx: &mut Conn<'_>,
    host: AccountId,
    id: EnvironmentId,
    command: &DirectShare,
    stored: &[Share],
    now: DateTime<Utc>,
) -> Result<CheckedShare> {
    let draft = ShareDraft {
        item: Item::Environment(id),
        role_ids: command.role_ids.clone(),
        expires_at: command.expires_at,
    };
    let in_list = "/shares";
    let checked =
        checked_shares(tx, host, &[draft], stored, in_list, now).map_err(|error| match error {
            ServiceError::Invalid(places) => ServiceError::Invalid(
                places
                    .into_iter()
                    .map(|place| Invalid {
                        pointer: place.pointer.trim_start_matches("/shares/0").to_owned(),
                        detail: place.detail,
                    })
                    .collect(),
            ),
            other => other,
        })?;
    checked
        .into_iter()
        .next()
        .ok_or_else(|| ServiceError::internal("a checked share was lost"))
}

/// Every member of the account.
fn all_members(tx: &mut Conn<'_>, host: AccountId, now: DateTime<Utc>) -> Result<Vec<Member>> {
    const AT_ONCE: u32 = 1_000;
    let mut page = Page::first(AT_ONCE);
    let mut all = Vec::new();
    loop {
        let rows = members::page(
            tx,
            host,
            &members::MemberFilter::default(),
            MemberSort::Email,
            &page,
            now,
        )?;
        all.extend(rows.items);
        match rows.next {
            Some(position) => page = page.following(position),
            None => return Ok(all),
        }
    }
}

fn access_of_member(
    tx: &mut Conn<'_>,
    host: AccountId,
    member: Member,
    id: EnvironmentId,
    now: DateTime<Utc>,
) -> Result<EnvironmentAccessView> {
    let relations = relations::load(tx, host)?;
    let shares = shares::of_member(tx, host, member.id)?;
    // Its shares changed meanwhile, and its version with them.
    let member = fresh_member(tx, host, member.id, None)?;
    Ok(access_view(&relations, member, shares, id, now))
}

fn access_view(
    relations: &Relations,
    member: Member,
    shares: Vec<Share>,
    id: EnvironmentId,
    now: DateTime<Utc>,
) -> EnvironmentAccessView {
    let status = status_of(&member, now);
    let direct_share = shares
        .iter()
        .find(|share| share.item == Item::Environment(id))
        .cloned();
    let access = resolve_as_if_active(relations, &MemberAccess { status, shares }, id, now);
    let mut allowed_actions = Vec::new();
    if editable(status) {
        allowed_actions.push("edit");
        if direct_share.is_some() {
            allowed_actions.push("remove");
        }
    }
    EnvironmentAccessView {
        status,
        access_level: access.level,
        policy_ids: access.policies(relations),
        action_ids: access.actions(relations),
        role_ids: access.role_ids,
        direct_share,
        allowed_actions,
        member,
        now,
    }
}

/// Somebody who has access, has a share here that ended, or would have access once they are active.
fn counts_as_collaborator(view: &EnvironmentAccessView) -> bool {
    let reachable = match view.status {
        MemberStatus::Pending
        | MemberStatus::Active
        | MemberStatus::Suspended
        | MemberStatus::Expired => true,
        MemberStatus::Rejected | MemberStatus::Left | MemberStatus::Removed => false,
    };
    reachable && (view.access_level.sees() || view.direct_share.is_some())
}
