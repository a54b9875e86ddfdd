//! Shared with Me: collaborations seen by the person they are about.

use accord_domain::access::{MemberAccess, PlacesToCreate, places_to_create};
use accord_domain::authorize::{
    DecideInvitation, Denied, Grant, HeldLink, LabelCollaboration, LeaveCollaboration, PersonMatch,
    PersonPermission, authorize_person,
};
use accord_domain::ids::MemberId;
use accord_domain::member::{MemberEvent, MemberStatus, Side, allowed_events_for};
use accord_domain::text::{DisplayName, key_of};
use accord_store::accounts::{Account, AccountBrief};
use accord_store::members::Member;
use accord_store::{Conn, Page, Rows, accounts, members, relations, shares};
use chrono::{DateTime, Utc};

use crate::Service;
use crate::access::{AccessScope, AccessSort, EffectiveAccessView, effective_access};
use crate::call::{Call, Person, host_of, status_of};
use crate::environments::OwnerView;
use crate::error::{Result, ServiceError, done};
use crate::members::Caused;
use crate::paging::{moment_key, page_of};
use crate::shares::{DescribedShare, describe};

/// A collaboration as its member sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollaborationView {
    pub member: Member,
    pub owner: OwnerView,
    pub status: MemberStatus,
    /// None while suspended.
    pub shares: Vec<DescribedShare>,
    /// Where the member may make environments.
    pub may_create: PlacesToCreate,
    /// What the member may do now.
    pub allowed_actions: Vec<&'static str>,
    pub now: DateTime<Utc>,
}

/// What a list of collaborations is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CollaborationSort {
    #[default]
    InvitedAt,
    OwnerName,
    Status,
}

/// A person before a collaboration that is theirs, with its host's row locked.
struct Scene<P: PersonPermission> {
    person: Person,
    host: Account,
    member: Member,
    grant: Grant<P>,
    now: DateTime<Utc>,
}

impl Service {
    /// A page of the caller's collaborations: invitations, active and suspended ones.
    ///
    /// # Errors
    /// When not signed in.
    pub fn list_collaborations(
        &self,
        call: &Call,
        sort: CollaborationSort,
        page: &Page,
    ) -> Result<Rows<CollaborationView>> {
        self.db.read(|tx| {
            let now = self.clock.now();
            let person = Person::of(tx, call, now)?;
            let seen = seen_collaborations(tx, &person, now)?;
            let rows = page_of(seen, page, |(member, owner)| {
                let key = match sort {
                    CollaborationSort::InvitedAt => moment_key(member.invited_at),
                    CollaborationSort::OwnerName => key_of(&owner.name),
                    CollaborationSort::Status => status_of(member, now).as_str().to_owned(),
                };
                (key, member.id.into())
            });
            let items = rows
                .items
                .into_iter()
                .map(|(member, _)| collaboration_view(tx, member, now))
                .collect::<Result<_>>()?;
            Ok(Rows {
                items,
                next: rows.next,
            })
        })
    }

    /// One of the caller's collaborations.
    ///
    /// # Errors
    /// Hidden unless it is theirs and not ended.
    pub fn get_collaboration(&self, call: &Call, id: MemberId) -> Result<CollaborationView> {
        self.db.read(|tx| {
            let now = self.clock.now();
            let (_, member) = self.own_collaboration(tx, call, id, now)?;
            collaboration_view(tx, member, now)
        })
    }

    /// What the caller can do in one of their collaborations, environment by environment.
    ///
    /// # Errors
    /// Hidden unless it is theirs and not ended.
    pub fn collaboration_access(
        &self,
        call: &Call,
        id: MemberId,
        q: Option<&str>,
        sort: AccessSort,
        page: &Page,
    ) -> Result<Rows<EffectiveAccessView>> {
        self.db.read(|tx| {
            let now = self.clock.now();
            let (_, member) = self.own_collaboration(tx, call, id, now)?;
            effective_access(tx, &member, AccessScope::Seen, (q, sort), page, now)
        })
    }

    /// Accepts an invitation to the caller's proven address.
    ///
    /// # Errors
    /// [`ServiceError::IllegalTransition`] unless pending; hidden unless it is theirs.
    pub fn accept_collaboration(&self, call: &Call, id: MemberId) -> Result<CollaborationView> {
        self.decide(call, id, MemberEvent::Accept)
    }

    /// Declines an invitation to the caller's proven address.
    ///
    /// # Errors
    /// [`ServiceError::IllegalTransition`] unless pending; hidden unless it is theirs.
    pub fn reject_collaboration(&self, call: &Call, id: MemberId) -> Result<CollaborationView> {
        self.decide(call, id, MemberEvent::Reject)
    }

    /// Ends a collaboration from the member's side; its environments are gone for them at once.
    ///
    /// # Errors
    /// [`ServiceError::IllegalTransition`] unless active or suspended.
    pub fn leave_collaboration(&self, call: &Call, id: MemberId) -> Result<CollaborationView> {
        let view = self.db.write(|tx| {
            let scene = self.person_scene::<LeaveCollaboration>(tx, call, id)?;
            let (after, _) = self.live_on(
                tx,
                &scene.grant,
                &scene.member,
                scene.caused(call, MemberEvent::Leave, None),
            )?;
            self.tell_of_leaving(tx, &scene.host, &scene.member, scene.now)?;
            collaboration_view(tx, after.ok_or(ServiceError::HIDDEN)?, scene.now)
        })?;
        self.wake_mail_worker();
        Ok(view)
    }

    /// Gives a collaboration the member's own name for it.
    ///
    /// # Errors
    /// Hidden unless it is theirs and not ended; [`ServiceError::Stale`].
    pub fn label_collaboration(
        &self,
        call: &Call,
        id: MemberId,
        label: Option<Option<&DisplayName>>,
        expected_version: Option<i64>,
    ) -> Result<CollaborationView> {
        self.db.write(|tx| {
            let scene = self.person_scene::<LabelCollaboration>(tx, call, id)?;
            if !status_of(&scene.member, scene.now).seen_by_person() {
                return Err(ServiceError::HIDDEN);
            }
            let member = match label {
                None if expected_version
                    .is_some_and(|expected| expected != scene.member.version) =>
                {
                    return Err(ServiceError::Stale);
                }
                None => scene.member,
                Some(label) => {
                    let label = label.map(DisplayName::as_str);
                    done(members::set_label(
                        tx,
                        &scene.grant,
                        id,
                        label,
                        expected_version,
                        scene.now,
                    )?)?
                }
            };
            collaboration_view(tx, member, scene.now)
        })
    }

    fn decide(&self, call: &Call, id: MemberId, event: MemberEvent) -> Result<CollaborationView> {
        let view = self.db.write(|tx| {
            let scene = self.person_scene::<DecideInvitation>(tx, call, id)?;
            let person = (event == MemberEvent::Accept).then_some(scene.person.account.id);
            let (after, _) = self.live_on(
                tx,
                &scene.grant,
                &scene.member,
                scene.caused(call, event, person),
            )?;
            let person = Some(&scene.person.account);
            self.tell_of_decision(tx, &scene.host, &scene.member, event, person, scene.now)?;
            collaboration_view(tx, after.ok_or(ServiceError::HIDDEN)?, scene.now)
        })?;
        self.wake_mail_worker();
        Ok(view)
    }

    /// The caller's own record, while they see it.
    fn own_collaboration(
        &self,
        tx: &mut Conn<'_>,
        call: &Call,
        id: MemberId,
        now: DateTime<Utc>,
    ) -> Result<(Person, Member)> {
        let person = Person::of(tx, call, now)?;
        let (member, _) = members::with_owner(tx, id)?.ok_or(ServiceError::HIDDEN)?;
        let host = accounts::by_id(tx, member.account_id)?.ok_or(ServiceError::HIDDEN)?;
        authorize_person::<LabelCollaboration>(
            &person.caller(),
            &host_of(&host),
            match_of(&person, &member),
        )
        .map_err(hide_from_others)?;
        if status_of(&member, now).seen_by_person() {
            Ok((person, member))
        } else {
            Err(ServiceError::HIDDEN)
        }
    }

    fn person_scene<P: PersonPermission>(
        &self,
        tx: &mut Conn<'_>,
        call: &Call,
        id: MemberId,
    ) -> Result<Scene<P>> {
        let now = self.clock.now();
        let own = Person::of(tx, call, now)?.account.id;
        let (found, _) = members::with_owner(tx, id)?.ok_or(ServiceError::HIDDEN)?;
        // The person's own row too: their address, by which a record is theirs, may be changing.
        accounts::lock_all(tx, &[found.account_id, own])?;
        let host = accounts::by_id(tx, found.account_id)?.ok_or(ServiceError::HIDDEN)?;
        // Read again under the lock: what was found may have changed while waiting for it.
        let person = Person::of(tx, call, now)?;
        let member = members::by_id(tx, host.id, id)?.ok_or(ServiceError::HIDDEN)?;
        let grant = authorize_person::<P>(
            &person.caller(),
            &host_of(&host),
            match_of(&person, &member),
        )
        .map_err(hide_from_others)?;
        Ok(Scene {
            person,
            host,
            member,
            grant,
            now,
        })
    }
}

impl<P: PersonPermission> Scene<P> {
    fn caused<'a>(
        &'a self,
        call: &'a Call,
        event: MemberEvent,
        person: Option<accord_domain::ids::AccountId>,
    ) -> Caused<'a> {
        Caused {
            event,
            host: &self.host,
            actor: self.person.actor(&call.request),
            person,
            now: self.now,
        }
    }
}

/// The person's records as far as they see them, each with the account that shares: invitations to
/// their proven address, active and suspended collaborations.
pub(crate) fn seen_collaborations(
    tx: &mut Conn<'_>,
    person: &Person,
    now: DateTime<Utc>,
) -> Result<Vec<(Member, AccountBrief)>> {
    let mut found = members::of_person(tx, person.account.id)?;
    if person.account.email_verified_at.is_some() {
        let invited = members::by_invited_address(tx, &person.account.email_key)?;
        found.extend(
            invited
                .into_iter()
                .filter(|(member, _)| member.account_id != person.account.id),
        );
    }
    found.retain(|(member, owner)| {
        owner.disabled_at.is_none() && status_of(member, now).seen_by_person()
    });
    Ok(found)
}

/// Somebody who owns the account, or whose it is not, learns nothing: by this path it is not there.
fn hide_from_others(denied: Denied) -> ServiceError {
    match denied {
        Denied::EmailUnverified => denied.into(),
        Denied::Hidden
        | Denied::Forbidden { .. }
        | Denied::CannotHost
        | Denied::Frozen
        | Denied::NeedsPerson => ServiceError::HIDDEN,
    }
}

fn match_of(person: &Person, member: &Member) -> PersonMatch {
    PersonMatch {
        member_id: member.id,
        person_account_id: member.person_id,
        email_matches: member.email_key == person.account.email_key,
        link: HeldLink::None,
    }
}

pub(crate) fn collaboration_view(
    tx: &mut Conn<'_>,
    member: Member,
    now: DateTime<Utc>,
) -> Result<CollaborationView> {
    let host = accounts::by_id(tx, member.account_id)?.ok_or(ServiceError::HIDDEN)?;
    let status = status_of(&member, now);
    let mut may_create = PlacesToCreate::default();
    let shares = match status {
        MemberStatus::Pending | MemberStatus::Active => {
            let shares = shares::of_member(tx, host.id, member.id)?;
            let described = describe(tx, host.id, &shares)?;
            if status.gives_access() && host.disabled_at.is_none() {
                let relations = relations::load(tx, host.id)?;
                may_create = places_to_create(
                    &relations,
                    &MemberAccess {
                        status,
                        account_disabled: false,
                        shares,
                    },
                    now,
                );
            }
            described
        }
        MemberStatus::Suspended
        | MemberStatus::Rejected
        | MemberStatus::Left
        | MemberStatus::Removed
        | MemberStatus::Expired => Vec::new(),
    };
    let mut allowed_actions: Vec<&'static str> = allowed_events_for(status, Side::Person)
        .iter()
        .map(|event| event.as_str())
        .collect();
    if status.seen_by_person() {
        allowed_actions.push("label");
    }
    Ok(CollaborationView {
        owner: OwnerView::of(&host),
        status,
        shares,
        may_create,
        allowed_actions,
        member,
        now,
    })
}
