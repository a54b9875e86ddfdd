//! An environment's Collaboration tab: who has access to it, and what the caller may do about that.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use accord_domain::access::{AccessLevel, MemberAccess, Relations, resolve_as_if_active};
use accord_domain::authorize::{
    Denied, SeeCollaboration, SharingPermission, authorize_on_environment, check_sharing,
};
use accord_domain::catalogue::ActionId;
use accord_domain::delegation::{Delegation, DirectRoles, NotDelegated, Term, is_invitation_to};
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId};
use accord_domain::member::{MemberEvent, MemberStatus, editable, transition};
use accord_domain::sharing::{Item, Share};
use accord_domain::text::key_of;
use accord_store::environments as environment_rows;
use accord_store::members::{Member, MemberSort};
use accord_store::{Conn, Page, Rows, accounts, members, relations, roles, shares};
use chrono::{DateTime, Utc};

use super::Sight;
use crate::Service;
use crate::access::counting_for;
use crate::call::{Call, Purpose, Stage, status_of};
use crate::error::{Result, ServiceError};
use crate::paging::{every, page_of};
use crate::shares::{RoleSummary, role_summaries};

/// One member's access to one environment, seen from the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentAccessView {
    pub member: Member,
    pub status: MemberStatus,
    /// Whether the member's account is disabled: then there is no access, whatever is shared.
    pub account_disabled: bool,
    /// As it is or, unless the member is active, as it would be.
    pub access_level: AccessLevel,
    pub role_ids: BTreeSet<RoleId>,
    pub policy_ids: BTreeSet<PolicyId>,
    pub action_ids: BTreeSet<ActionId>,
    /// The share on the environment itself.
    pub direct_share: Option<Share>,
    /// The names of the roles above, and of those of the direct share.
    pub role_names: Vec<(RoleId, String)>,
    /// What the caller may do with the direct share.
    pub allowed_actions: Vec<&'static str>,
    /// What the caller may not do with it, and why, where the rule of delegation speaks against it.
    pub refusals: Vec<(&'static str, NotDelegated)>,
    pub now: DateTime<Utc>,
}

/// What a list of who has access to an environment is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnvironmentAccessSort {
    #[default]
    Email,
    /// How the owner calls them; who has no name comes first.
    DisplayName,
    Status,
    /// From direct to none.
    AccessLevel,
}

/// A role that the caller may give on an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareableRoleView {
    pub role: RoleSummary,
    pub term: Term,
}

/// An environment whose collaboration is looked at or changed, and the caller's position there.
pub(super) struct Scene {
    pub id: EnvironmentId,
    pub host: AccountId,
    /// As far as the environment is concerned.
    pub relations: Arc<Relations>,
    /// The caller's own record and what it has been given, unless they own the account.
    pub own: Option<(MemberId, MemberAccess)>,
    pub now: DateTime<Utc>,
}

impl Scene {
    /// Hidden unless the environment is there and the caller sees it.
    pub(super) fn load(tx: &mut Conn<'_>, stage: &Stage, id: EnvironmentId) -> Result<Self> {
        Self::set(tx, stage, id, |tx, host| {
            Ok(relations::load_around(tx, host, id)?)
        })
    }

    /// The same where one member is looked at, or given these roles; an account may have many others.
    pub(super) fn load_about(
        tx: &mut Conn<'_>,
        stage: &Stage,
        id: EnvironmentId,
        member: Option<MemberId>,
        asked: &[RoleId],
    ) -> Result<Self> {
        Self::set(tx, stage, id, |tx, host| {
            let mut relations = relations::load_place(tx, host, id)?;
            let held = match member {
                Some(member) => shares_around(tx, host, member, id, &relations)?,
                None => Vec::new(),
            };
            let held = held.into_iter().flat_map(|share| share.role_ids);
            let role_ids = held.chain(asked.iter().copied()).collect();
            relations::add_roles(tx, host, &mut relations, &role_ids)?;
            Ok(relations)
        })
    }

    fn set(
        tx: &mut Conn<'_>,
        stage: &Stage,
        id: EnvironmentId,
        of_an_owner: impl FnOnce(&mut Conn<'_>, AccountId) -> Result<Relations>,
    ) -> Result<Self> {
        let host = stage.host.account_id;
        let (relations, own) = match (Sight::load_around(tx, stage, id)?, &stage.membership) {
            (Sight::Owner, _) => (Arc::new(of_an_owner(tx, host)?), None),
            (Sight::Member(sight), Some(member)) => {
                (sight.relations, Some((member.id, sight.member)))
            }
            (Sight::Member(_) | Sight::Nothing, _) => return Err(ServiceError::HIDDEN),
        };
        environment_rows::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
        Ok(Self {
            id,
            host,
            relations,
            own,
            now: stage.now,
        })
    }

    /// The caller's delegation; an owner has none, and needs none.
    pub(super) fn delegation(&self) -> Option<Delegation<'_>> {
        let (member_id, own) = self.own.as_ref()?;
        Some(Delegation::new(
            &self.relations,
            *member_id,
            own,
            self.id,
            self.now,
        ))
    }

    pub(super) fn may_see(
        &self,
        stage: &Stage,
        delegation: Option<&Delegation<'_>>,
    ) -> Result<(), Denied> {
        authorize_on_environment::<SeeCollaboration>(
            stage.caller(),
            &stage.host,
            stage.standing,
            delegation.map(|delegation| (delegation.access(), &*self.relations)),
        )
        .map(drop)
    }

    /// Whether the caller may change anything of the kind at all.
    pub(super) fn may_share<P: SharingPermission>(
        &self,
        stage: &Stage,
        delegation: Option<&Delegation<'_>>,
    ) -> Result<(), Denied> {
        check_sharing::<P>(stage.caller(), &stage.host, stage.standing, delegation)
    }

    /// The member as the caller sees them from here, with their shares: an owner sees every record, a
    /// delegate those that the list shows.
    pub(super) fn member(
        &self,
        tx: &mut Conn<'_>,
        id: MemberId,
        expected_version: Option<i64>,
    ) -> Result<(Member, Vec<Share>)> {
        let member = members::by_id(tx, self.host, id)?.ok_or(ServiceError::HIDDEN)?;
        let stored = self.shares_of(tx, id)?;
        if self.own.is_some() && !self.lists(&member, &stored) {
            return Err(ServiceError::HIDDEN);
        }
        if expected_version.is_some_and(|expected| expected != member.version) {
            return Err(ServiceError::Stale);
        }
        Ok((member, stored))
    }

    /// What the member has been given that counts here; and one share on something else, where there are others.
    pub(super) fn shares_of(&self, tx: &mut Conn<'_>, member: MemberId) -> Result<Vec<Share>> {
        shares_around(tx, self.host, member, self.id, &self.relations)
    }

    /// Whether the list has this member: they have access, have a share here that ended, or would have
    /// access once they are active and their account is not disabled.
    pub(super) fn lists(&self, member: &Member, shares: &[Share]) -> bool {
        let reachable = match status_of(member, self.now) {
            MemberStatus::Pending
            | MemberStatus::Active
            | MemberStatus::Suspended
            | MemberStatus::Expired => true,
            MemberStatus::Rejected | MemberStatus::Left | MemberStatus::Removed => false,
        };
        reachable
            && (self.direct(shares).is_some() || {
                let held = MemberAccess {
                    status: MemberStatus::Active,
                    account_disabled: false,
                    shares: shares.to_vec(),
                };
                resolve_as_if_active(&self.relations, &held, self.id, self.now)
                    .level
                    .sees()
            })
    }

    pub(super) fn direct<'s>(&self, shares: &'s [Share]) -> Option<&'s Share> {
        let item = Item::Environment(self.id);
        shares.iter().find(|share| share.item == item)
    }

    /// The member's access, and what the caller may do about it.
    pub(super) fn view(
        &self,
        delegation: Option<&Delegation<'_>>,
        names: &HashMap<RoleId, (String, String)>,
        member: Member,
        given: &MemberAccess,
    ) -> EnvironmentAccessView {
        let MemberAccess {
            status,
            account_disabled,
            ref shares,
        } = *given;
        let direct_share = self.direct(shares).cloned();
        let mut allowed_actions = Vec::new();
        let mut refusals = Vec::new();
        let mut judge = |action, verdict: Result<(), NotDelegated>| match verdict {
            Ok(()) => allowed_actions.push(action),
            Err(why) => refusals.push((action, why)),
        };
        let by_rule = |verdict: &dyn Fn(&Delegation<'_>) -> Result<(), NotDelegated>| {
            delegation.map_or(Ok(()), verdict)
        };
        if editable(status) {
            judge(
                "edit",
                by_rule(&|delegation| delegation.check_touch(member.id, shares)),
            );
        }
        if let Some(direct) = direct_share.as_ref().filter(|_| editable(status)) {
            let removal = by_rule(&|delegation| delegation.check(member.id, shares, None));
            let invited_here = is_invitation_to(self.id, status, shares);
            if removal.is_ok() && invited_here && delegation.is_some() {
                judge("withdraw", Ok(()));
            }
            judge("remove", removal);
            if transition(status, MemberEvent::Resend).is_ok() {
                match delegation {
                    None => judge("resend", Ok(())),
                    Some(delegation) if invited_here => {
                        let as_it_is = DirectRoles::from(direct);
                        judge("resend", delegation.check(member.id, &[], Some(&as_it_is)));
                    }
                    // What else it would bring back is not the delegate's to know.
                    Some(_) => {}
                }
            }
        }
        let access = resolve_as_if_active(&self.relations, given, self.id, self.now);
        let named: BTreeSet<RoleId> = access
            .role_ids
            .iter()
            .chain(direct_share.iter().flat_map(|share| &share.role_ids))
            .copied()
            .collect();
        EnvironmentAccessView {
            status,
            account_disabled,
            access_level: access.level,
            policy_ids: access.policies(&self.relations),
            action_ids: access.actions(&self.relations),
            role_names: named
                .into_iter()
                .filter_map(|id| Some((id, names.get(&id)?.0.clone())))
                .collect(),
            role_ids: access.role_ids,
            direct_share,
            allowed_actions,
            refusals,
            member,
            now: self.now,
        }
    }

    pub(super) fn role_names(
        &self,
        tx: &mut Conn<'_>,
    ) -> Result<HashMap<RoleId, (String, String)>> {
        let ids: Vec<RoleId> = self.relations.roles.keys().copied().collect();
        Ok(roles::names(tx, &ids)?)
    }

    /// The member's access as it is in the database now.
    pub(super) fn view_again(
        &self,
        tx: &mut Conn<'_>,
        member: MemberId,
    ) -> Result<EnvironmentAccessView> {
        let names = self.role_names(tx)?;
        let member = members::by_id(tx, self.host, member)?.ok_or(ServiceError::HIDDEN)?;
        let shares = self.shares_of(tx, member.id)?;
        let given = counting_for(tx, &member, shares, self.now)?;
        Ok(self.view(self.delegation().as_ref(), &names, member, &given))
    }
}

impl Service {
    /// A page of who has access to the environment, or would have it when active; `q` is a part of their
    /// address or display name.
    ///
    /// # Errors
    /// Hidden unless the caller sees the environment; forbidden to a member without
    /// `collaboration.manage` there.
    pub fn list_environment_access(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        q: Option<&str>,
        sort: EnvironmentAccessSort,
        page: &Page,
    ) -> Result<Rows<EnvironmentAccessView>> {
        self.db.read(|tx| {
            let stage = Stage::set(tx, call, host, Purpose::Read, self.clock.now())?;
            let scene = Scene::load(tx, &stage, id)?;
            let delegation = scene.delegation();
            scene.may_see(&stage, delegation.as_ref())?;
            let names = scene.role_names(tx)?;
            let mut shares_of = shares::of_account(tx, host)?;
            let members = members_like(tx, host, q, stage.now)?;
            let people: Vec<AccountId> = members.iter().filter_map(|one| one.person_id).collect();
            let people = accounts::briefs(tx, &people)?;
            let listed = members
                .into_iter()
                .filter_map(|member| {
                    let person = member.person_id.and_then(|person| people.get(&person));
                    let given = MemberAccess {
                        status: status_of(&member, stage.now),
                        account_disabled: person.is_some_and(|one| one.disabled_at.is_some()),
                        shares: shares_of.remove(&member.id).unwrap_or_default(),
                    };
                    scene
                        .lists(&member, &given.shares)
                        .then_some((member, given))
                })
                .collect();
            let key = |(member, given): &(Member, MemberAccess)| {
                let key = match sort {
                    EnvironmentAccessSort::Email => member.email_key.clone(),
                    EnvironmentAccessSort::DisplayName => {
                        key_of(member.display_name.as_deref().unwrap_or_default())
                    }
                    EnvironmentAccessSort::Status => given.status.as_str().to_owned(),
                    EnvironmentAccessSort::AccessLevel => {
                        resolve_as_if_active(&scene.relations, given, id, stage.now)
                            .level
                            .rank()
                            .to_string()
                    }
                };
                (key, member.id.into())
            };
            let rows = page_of(listed, page, key);
            Ok(rows.map(|(member, given)| scene.view(delegation.as_ref(), &names, member, &given)))
        })
    }

    /// One member's access to the environment, as the list has it.
    ///
    /// # Errors
    /// Hidden unless the caller sees the environment, and the member there; forbidden to a member without
    /// `collaboration.manage` there.
    pub fn environment_access_of(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        member_id: MemberId,
    ) -> Result<EnvironmentAccessView> {
        self.db.read(|tx| {
            let stage = Stage::set(tx, call, host, Purpose::Read, self.clock.now())?;
            let scene = Scene::load_about(tx, &stage, id, Some(member_id), &[])?;
            scene.may_see(&stage, scene.delegation().as_ref())?;
            scene.member(tx, member_id, None)?;
            scene.view_again(tx, member_id)
        })
    }

    /// A page of the roles that the caller may give on the environment, by name: all of them for the
    /// owner, for a delegate those whose actions they hold themselves.
    ///
    /// # Errors
    /// Hidden unless the caller sees the environment; forbidden to a member without
    /// `collaboration.manage` there.
    pub fn list_shareable_roles(
        &self,
        call: &Call,
        host: AccountId,
        id: EnvironmentId,
        page: &Page,
    ) -> Result<Rows<ShareableRoleView>> {
        self.db.read(|tx| {
            let stage = Stage::set(tx, call, host, Purpose::Read, self.clock.now())?;
            let scene = Scene::load(tx, &stage, id)?;
            let delegation = scene.delegation();
            scene.may_see(&stage, delegation.as_ref())?;
            let terms: HashMap<RoleId, Term> = scene
                .relations
                .roles
                .keys()
                .filter_map(|role| {
                    let term = match &delegation {
                        None => Some(Term::Unlimited),
                        Some(delegation) => delegation.term_of(*role),
                    };
                    Some((*role, term?))
                })
                .collect();
            let views = role_summaries(tx, host, terms.keys().copied())?
                .into_values()
                .filter_map(|role| {
                    let term = *terms.get(&role.id)?;
                    Some(ShareableRoleView { role, term })
                })
                .collect();
            Ok(page_of(views, page, |view: &ShareableRoleView| {
                (key_of(&view.role.name), view.role.id.into())
            }))
        })
    }
}

fn shares_around(
    tx: &mut Conn<'_>,
    host: AccountId,
    member: MemberId,
    environment: EnvironmentId,
    relations: &Relations,
) -> Result<Vec<Share>> {
    let groups: Vec<GroupId> = relations.groups.keys().copied().collect();
    Ok(shares::around(tx, host, member, environment, &groups)?)
}

/// Every member of the account.
pub(crate) fn all_members(
    tx: &mut Conn<'_>,
    host: AccountId,
    now: DateTime<Utc>,
) -> Result<Vec<Member>> {
    members_like(tx, host, None, now)
}

/// Every member of the account with this in their address or display name.
fn members_like(
    tx: &mut Conn<'_>,
    host: AccountId,
    q: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Vec<Member>> {
    let filter = members::MemberFilter {
        q,
        ..members::MemberFilter::default()
    };
    every(|page| {
        Ok(members::page(
            tx,
            host,
            &filter,
            MemberSort::Email,
            page,
            now,
        )?)
    })
}
