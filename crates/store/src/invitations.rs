//! Invitations: the single-use links that were mailed or copied, and what became of each.

use crate::accounts;
use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::members::Member;
use crate::reach;
use crate::schema::{invitations, members};
use crate::types::{Sql, words};
use accord_domain::authorize::{Grant, WritesMembers};
use accord_domain::ids::{AccountId, InvitationId, MemberId};
use accord_domain::member::InvitationEnd;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Whether an invitation can still be decided. That its time ran out is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InvitationState {
    /// Nobody decided it, and no newer one took its place.
    Open,
    /// It is over.
    Ended(InvitationEnd),
}

impl InvitationState {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended(end) => end.as_str(),
        }
    }
}

impl std::str::FromStr for InvitationState {
    type Err = accord_domain::stored::UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        if word == Self::Open.as_str() {
            Ok(Self::Open)
        } else {
            word.parse().map(Self::Ended)
        }
    }
}

words!(InvitationState);

/// One link; only the hash of its token is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom it invites; nobody once the record was forgotten.
    pub member_id: Option<MemberId>,
    /// The token, hashed.
    pub token_hash: Vec<u8>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// Whether it can still be decided.
    pub state: InvitationState,
    /// Whether it went to the address by mail, and so proves it.
    pub proves_address: bool,
    /// When the person first acted on its page.
    pub opened_at: Option<DateTime<Utc>>,
    /// When it was decided or replaced.
    pub ended_at: Option<DateTime<Utc>>,
}

/// An invitation as it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom it invites.
    pub member_id: MemberId,
    /// The token, hashed.
    pub token_hash: Vec<u8>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// Whether it goes to the address by mail, and so proves it.
    pub proves_address: bool,
}

/// Stores an open invitation.
pub fn insert(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesMembers>,
    new: &NewInvitation,
    now: DateTime<Utc>,
) -> Result<Invitation, StoreError> {
    belongs(tx, grant, new.member_id)?;
    on!(tx, |c| diesel::insert_into(invitations::table)
        .values((
            invitations::id.eq(Sql(new.id)),
            invitations::member_id.eq(Some(Sql(new.member_id))),
            invitations::token_hash.eq(&new.token_hash),
            invitations::created_at.eq(Sql(now)),
            invitations::expires_at.eq(Sql(new.expires_at)),
            invitations::state.eq(Sql(InvitationState::Open)),
            invitations::proves_address.eq(new.proves_address),
        ))
        .returning(Invitation::as_returning())
        .get_result(c))
}

/// The invitation with a token, with its member unless the record was forgotten.
pub fn by_token_hash(
    tx: &mut Conn<'_>,
    token_hash: &[u8],
) -> Result<Option<(Invitation, Option<Member>)>, StoreError> {
    on!(tx, |c| invitations::table
        .left_join(members::table)
        .filter(invitations::token_hash.eq(token_hash))
        .select((Invitation::as_select(), Option::<Member>::as_select()))
        .first(c)
        .optional())
}

/// Ends every open invitation of a member; answers how many there were.
pub fn end_open(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesMembers>,
    member: MemberId,
    end: InvitationEnd,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    belongs(tx, grant, member)?;
    on!(tx, |c| diesel::update(
        invitations::table
            .filter(invitations::member_id.eq(Some(Sql(member))))
            .filter(invitations::state.eq(Sql(InvitationState::Open)))
    )
    .set((
        invitations::state.eq(Sql(InvitationState::Ended(end))),
        invitations::ended_at.eq(Some(Sql(now))),
    ))
    .execute(c))
}

/// Notes that the person acted on the page, for the account that invites; `false` when that was noted before.
pub fn mark_opened(
    tx: &mut Conn<'_>,
    invitation: &Invitation,
    host: Option<AccountId>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    if invitation.opened_at.is_some() {
        return Ok(false);
    }
    if let Some(host) = host {
        accounts::count_invitation_news(tx, host)?;
    }
    on!(tx, |c| diesel::update(
        invitations::table
            .filter(invitations::id.eq(Sql(invitation.id)))
            .filter(invitations::opened_at.is_null())
    )
    .set(invitations::opened_at.eq(Some(Sql(now))))
    .execute(c)
    .map(|count| count > 0))
}

/// Every invitation of a member, the newest first.
pub fn of_member(tx: &mut Conn<'_>, member: MemberId) -> Result<Vec<Invitation>, StoreError> {
    on!(tx, |c| invitations::table
        .filter(invitations::member_id.eq(Some(Sql(member))))
        .order((invitations::created_at.desc(), invitations::id.desc()))
        .select(Invitation::as_select())
        .load(c))
}

/// Whether the member's invitation that was made at that moment can still be decided.
pub fn made_then_is_open(
    tx: &mut Conn<'_>,
    member: MemberId,
    made_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    on!(tx, |c| diesel::select(diesel::dsl::exists(
        invitations::table
            .filter(invitations::member_id.eq(Some(Sql(member))))
            .filter(invitations::created_at.eq(Sql(made_at)))
            .filter(invitations::state.eq(Sql(InvitationState::Open)))
            .filter(invitations::expires_at.gt(Sql(now)))
    ))
    .get_result(c))
}

/// The member must be one of the grant's account.
fn belongs(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesMembers>,
    member: MemberId,
) -> Result<(), StoreError> {
    reach::member(grant, member)?;
    let here: bool = on!(tx, |c| diesel::select(diesel::dsl::exists(
        members::table
            .filter(members::id.eq(Sql(member)))
            .filter(members::account_id.eq(Sql(grant.account_id())))
    ))
    .get_result(c))?;
    if here {
        Ok(())
    } else {
        Err(StoreError::MissingReference)
    }
}
