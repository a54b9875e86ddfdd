//! Members: the records of collaborations, kept after they end.

use crate::accounts::AccountBrief;
use crate::conn::{Conn, on, on_unless_taken};
use crate::error::{StoreError, UniqueRule};
use crate::outcome::{Update, expect_version};
use crate::page::CHUNK;
use crate::reach;
use crate::schema::{accounts, members};
use crate::types::{Sql, many};
use accord_domain::authorize::{FollowAddress, Grant, LabelCollaboration, WritesMembers};
use accord_domain::ids::{AccountId, MemberId};
use accord_domain::member::StoredStatus;
use accord_domain::text::key_of;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use std::collections::HashMap;

mod list;
pub use list::{MemberFilter, MemberSort, page};

/// The record of one person's collaboration with one account.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = members)]
pub struct Member {
    /// Its id.
    pub id: MemberId,
    /// The account that shares.
    pub account_id: AccountId,
    /// The address that was invited, as it was typed.
    pub email: String,
    /// The address for comparison.
    pub email_key: String,
    /// How the owner calls them.
    pub display_name: Option<String>,
    /// The person's own account, from acceptance on.
    pub person_id: Option<AccountId>,
    /// Its state; that an invitation expired is not stored.
    pub status: StoredStatus,
    /// When they were last invited.
    pub invited_at: DateTime<Utc>,
    /// When the last invitation ends.
    pub invitation_expires_at: Option<DateTime<Utc>>,
    /// When they accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Since when they are suspended.
    pub suspended_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// The member's own name for the collaboration.
    pub label: Option<String>,
    /// Counts every change of the record and of its shares.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A member as it is made: invited, pending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMember {
    /// Its id.
    pub id: MemberId,
    /// The address as it was typed.
    pub email: String,
    /// The address for comparison.
    pub email_key: String,
    /// How the owner calls them.
    pub display_name: Option<String>,
    /// When the invitation ends.
    pub invitation_expires_at: DateTime<Utc>,
}

/// What became of making a member.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum InsertMember {
    /// It was made.
    Done(Member),
    /// The account has a record for the address, in whatever state.
    Exists(Member),
}

/// Everything about a member that its life changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberLife {
    /// Its state.
    pub status: StoredStatus,
    /// The person's own account.
    pub person_id: Option<AccountId>,
    /// When they were last invited.
    pub invited_at: DateTime<Utc>,
    /// When the last invitation ends.
    pub invitation_expires_at: Option<DateTime<Utc>>,
    /// When they accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Since when they are suspended.
    pub suspended_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Member {
    /// Where its life stands, to be changed and written back.
    pub fn life(&self) -> MemberLife {
        MemberLife {
            status: self.status,
            person_id: self.person_id,
            invited_at: self.invited_at,
            invitation_expires_at: self.invitation_expires_at,
            accepted_at: self.accepted_at,
            suspended_at: self.suspended_at,
            ended_at: self.ended_at,
        }
    }
}

/// A member of the account.
pub fn by_id(
    tx: &mut Conn<'_>,
    account: AccountId,
    id: MemberId,
) -> Result<Option<Member>, StoreError> {
    on!(tx, |c| members::table
        .find(Sql(id))
        .filter(members::account_id.eq(Sql(account)))
        .select(Member::as_select())
        .first(c)
        .optional())
}

/// A member by its id alone, with the account that shares: how its person comes to it.
pub fn with_owner(
    tx: &mut Conn<'_>,
    id: MemberId,
) -> Result<Option<(Member, AccountBrief)>, StoreError> {
    on!(tx, |c| members::table
        .inner_join(accounts::table.on(accounts::id.eq(members::account_id)))
        .filter(members::id.eq(Sql(id)))
        .select((Member::as_select(), AccountBrief::as_select()))
        .first(c)
        .optional())
}

/// The account's member with an address.
pub fn by_email_key(
    tx: &mut Conn<'_>,
    account: AccountId,
    email_key: &str,
) -> Result<Option<Member>, StoreError> {
    on!(tx, |c| members::table
        .filter(members::account_id.eq(Sql(account)))
        .filter(members::email_key.eq(email_key))
        .select(Member::as_select())
        .first(c)
        .optional())
}

/// The account's member who is a person.
pub fn by_person(
    tx: &mut Conn<'_>,
    account: AccountId,
    person: AccountId,
) -> Result<Option<Member>, StoreError> {
    on!(tx, |c| members::table
        .filter(members::account_id.eq(Sql(account)))
        .filter(members::person_id.eq(Some(Sql(person))))
        .select(Member::as_select())
        .first(c)
        .optional())
}

/// The account's members, in any state, who are these people: their records and their addresses, by person.
pub fn addresses_of(
    tx: &mut Conn<'_>,
    account: AccountId,
    people: &[AccountId],
) -> Result<HashMap<AccountId, (MemberId, String)>, StoreError> {
    let mut found = HashMap::new();
    for people in people.chunks(CHUNK) {
        let rows: Vec<(Option<AccountId>, MemberId, String)> = on!(tx, |c| members::table
            .filter(members::account_id.eq(Sql(account)))
            .filter(members::person_id.eq_any(many(people).into_iter().map(Some)))
            .select((members::person_id, members::id, members::email))
            .load(c))?;
        found.extend(
            rows.into_iter()
                .filter_map(|(person, member, email)| Some((person?, (member, email)))),
        );
    }
    Ok(found)
}

/// A person's records across accounts, in any state, each with the account that shares.
pub fn of_person(
    tx: &mut Conn<'_>,
    person: AccountId,
) -> Result<Vec<(Member, AccountBrief)>, StoreError> {
    on!(tx, |c| members::table
        .inner_join(accounts::table.on(accounts::id.eq(members::account_id)))
        .filter(members::person_id.eq(Some(Sql(person))))
        .order((members::invited_at.desc(), members::id.desc()))
        .select((Member::as_select(), AccountBrief::as_select()))
        .load(c))
}

/// The account's members that are active and belong to a person.
pub fn active_of_account(tx: &mut Conn<'_>, account: AccountId) -> Result<Vec<Member>, StoreError> {
    on!(tx, |c| members::table
        .filter(members::account_id.eq(Sql(account)))
        .filter(members::status.eq(Sql(StoredStatus::Active)))
        .filter(members::person_id.is_not_null())
        .order(members::id.asc())
        .select(Member::as_select())
        .load(c))
}

/// Pending invitations of an address across accounts that belong to no person yet, each with the
/// account that shares. Expired ones are among them.
pub fn by_invited_address(
    tx: &mut Conn<'_>,
    email_key: &str,
) -> Result<Vec<(Member, AccountBrief)>, StoreError> {
    on!(tx, |c| members::table
        .inner_join(accounts::table.on(accounts::id.eq(members::account_id)))
        .filter(members::email_key.eq(email_key))
        .filter(members::person_id.is_null())
        .filter(members::status.eq(Sql(StoredStatus::Pending)))
        .order((members::invited_at.desc(), members::id.desc()))
        .select((Member::as_select(), AccountBrief::as_select()))
        .load(c))
}

/// Makes a pending member; the address may have only one, in whatever state.
pub fn insert(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesMembers>,
    new: &NewMember,
    now: DateTime<Utc>,
) -> Result<InsertMember, StoreError> {
    reach::new_member(grant, new.id)?;
    let account = grant.account_id();
    let display_name_key = display_name_key(new.display_name.as_deref());
    let inserted = on_unless_taken!(tx, |c| diesel::insert_into(members::table)
        .values((
            members::id.eq(Sql(new.id)),
            members::account_id.eq(Sql(account)),
            members::email.eq(&new.email),
            members::email_key.eq(&new.email_key),
            members::display_name.eq(new.display_name.as_deref()),
            members::display_name_key.eq(&display_name_key),
            members::status.eq(Sql(StoredStatus::Pending)),
            members::invited_at.eq(Sql(now)),
            members::invitation_expires_at.eq(Some(Sql(new.invitation_expires_at))),
            members::version.eq(1),
            members::created_at.eq(Sql(now)),
            members::updated_at.eq(Sql(now)),
        ))
        .returning(Member::as_returning())
        .get_result(c))?;
    match inserted {
        Ok(member) => {
            tx.note_members(account, [member.id]);
            touch_person(tx, &member)?;
            Ok(InsertMember::Done(member))
        }
        Err(UniqueRule::MemberAddress) => match by_email_key(tx, account, &new.email_key)? {
            Some(member) => Ok(InsertMember::Exists(member)),
            None => Err(StoreError::Conflict(UniqueRule::MemberAddress)),
        },
        Err(rule) => Err(StoreError::Conflict(rule)),
    }
}

/// Writes where the member's life stands. `Taken` when its person has another record there.
pub fn update_life(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesMembers>,
    id: MemberId,
    life: &MemberLife,
    expected_version: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Update<Member>, StoreError> {
    reach::member(grant, id)?;
    let account = grant.account_id();
    let version = version(tx, account, id)?;
    expect_version!(version, expected_version);
    let updated = on_unless_taken!(tx, |c| diesel::update(
        members::table
            .find(Sql(id))
            .filter(members::account_id.eq(Sql(account)))
    )
    .set((
        members::status.eq(Sql(life.status)),
        members::person_id.eq(life.person_id.map(Sql)),
        members::invited_at.eq(Sql(life.invited_at)),
        members::invitation_expires_at.eq(life.invitation_expires_at.map(Sql)),
        members::accepted_at.eq(life.accepted_at.map(Sql)),
        members::suspended_at.eq(life.suspended_at.map(Sql)),
        members::ended_at.eq(life.ended_at.map(Sql)),
        members::version.eq(members::version + 1),
        members::updated_at.eq(Sql(now)),
    ))
    .returning(Member::as_returning())
    .get_result(c))?;
    Ok(match updated {
        Ok(member) => {
            tx.note_members(account, [id]);
            touch_person(tx, &member)?;
            Update::Done(member)
        }
        Err(rule) => Update::Taken(rule),
    })
}

/// Changes how the owner calls the member.
pub fn set_display_name(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesMembers>,
    id: MemberId,
    display_name: Option<&str>,
    expected_version: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Update<Member>, StoreError> {
    reach::member(grant, id)?;
    let account = grant.account_id();
    let version = version(tx, account, id)?;
    expect_version!(version, expected_version);
    on!(tx, |c| diesel::update(
        members::table
            .find(Sql(id))
            .filter(members::account_id.eq(Sql(account)))
    )
    .set((
        members::display_name.eq(display_name),
        members::display_name_key.eq(display_name_key(display_name)),
        members::version.eq(members::version + 1),
        members::updated_at.eq(Sql(now)),
    ))
    .returning(Member::as_returning())
    .get_result(c))
    .map(Update::Done)
}

/// How many members the account has, and the sum of their versions: another one once any of them changed.
pub fn standing(tx: &mut Conn<'_>, account: AccountId) -> Result<(i64, i64), StoreError> {
    let versions = diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::BigInt>>(
        "CAST(SUM(version) AS BIGINT)",
    );
    let (count, versions): (i64, Option<i64>) = on!(tx, |c| members::table
        .filter(members::account_id.eq(Sql(account)))
        .select((diesel::dsl::count_star(), versions))
        .first(c))?;
    Ok((count, versions.unwrap_or_default()))
}

/// Changes the address to that of the record's person. The caller made sure that it is free.
pub fn set_email(
    tx: &mut Conn<'_>,
    grant: &Grant<FollowAddress>,
    id: MemberId,
    email: &str,
    email_key: &str,
    now: DateTime<Utc>,
) -> Result<Option<Member>, StoreError> {
    reach::member(grant, id)?;
    let moved: Option<Member> = on!(tx, |c| diesel::update(
        members::table
            .find(Sql(id))
            .filter(members::account_id.eq(Sql(grant.account_id())))
    )
    .set((
        members::email.eq(email),
        members::email_key.eq(email_key),
        members::version.eq(members::version + 1),
        members::updated_at.eq(Sql(now)),
    ))
    .returning(Member::as_returning())
    .get_result(c)
    .optional())?;
    if let Some(moved) = &moved {
        touch_person(tx, moved)?;
    }
    Ok(moved)
}

/// Changes how the member calls the collaboration.
pub fn set_label(
    tx: &mut Conn<'_>,
    grant: &Grant<LabelCollaboration>,
    id: MemberId,
    label: Option<&str>,
    expected_version: Option<i64>,
    now: DateTime<Utc>,
) -> Result<Update<Member>, StoreError> {
    reach::member(grant, id)?;
    let account = grant.account_id();
    let version = version(tx, account, id)?;
    expect_version!(version, expected_version);
    let labelled: Member = on!(tx, |c| diesel::update(
        members::table
            .find(Sql(id))
            .filter(members::account_id.eq(Sql(account)))
    )
    .set((
        members::label.eq(label),
        members::version.eq(members::version + 1),
        members::updated_at.eq(Sql(now)),
    ))
    .returning(Member::as_returning())
    .get_result(c))?;
    touch_person(tx, &labelled)?;
    Ok(Update::Done(labelled))
}

/// Deletes the record for good, with its shares; its invitations stay to say that they are over.
pub fn delete(
    tx: &mut Conn<'_>,
    grant: &Grant<impl WritesMembers>,
    id: MemberId,
) -> Result<bool, StoreError> {
    reach::member(grant, id)?;
    let deleted: Option<Member> = on!(tx, |c| diesel::delete(
        members::table
            .find(Sql(id))
            .filter(members::account_id.eq(Sql(grant.account_id())))
    )
    .returning(Member::as_returning())
    .get_result(c)
    .optional())?;
    if let Some(deleted) = &deleted {
        tx.note_members(deleted.account_id, [id]);
        touch_person(tx, deleted)?;
    }
    Ok(deleted.is_some())
}

/// Lets the person whom the record is about look again: its own, or whoever has its address.
fn touch_person(tx: &mut Conn<'_>, member: &Member) -> Result<(), StoreError> {
    let person = match member.person_id {
        Some(person) => Some(person),
        None => on!(tx, |c| accounts::table
            .filter(accounts::email_key.eq(&member.email_key))
            .select(accounts::id)
            .first::<AccountId>(c)
            .optional())?,
    };
    if let Some(person) = person {
        tx.touch(person);
    }
    Ok(())
}

fn display_name_key(display_name: Option<&str>) -> String {
    display_name.map(key_of).unwrap_or_default()
}

fn version(tx: &mut Conn<'_>, account: AccountId, id: MemberId) -> Result<Option<i64>, StoreError> {
    on!(tx, |c| members::table
        .find(Sql(id))
        .filter(members::account_id.eq(Sql(account)))
        .select(members::version)
        .first(c)
        .optional())
}

/// The shares of these members changed.
pub(crate) fn bump_versions(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &[MemberId],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.note_members(account, ids.iter().copied());
    count_up(tx, account, ids, now)
}

/// The same where it is noted already which of their shares did.
pub(crate) fn count_up(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &[MemberId],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for ids in ids.chunks(CHUNK) {
        on!(tx, |c| diesel::update(
            members::table
                .filter(members::id.eq_any(many(ids)))
                .filter(members::account_id.eq(Sql(account)))
        )
        .set((
            members::version.eq(members::version + 1),
            members::updated_at.eq(Sql(now)),
        ))
        .execute(c))?;
    }
    Ok(())
}

/// Those of the members that the account has.
pub fn by_ids(
    tx: &mut Conn<'_>,
    account: AccountId,
    ids: &[MemberId],
) -> Result<Vec<Member>, StoreError> {
    let mut found = Vec::new();
    for ids in ids.chunks(CHUNK) {
        found.extend(on!(tx, |c| members::table
            .filter(members::id.eq_any(many(ids)))
            .filter(members::account_id.eq(Sql(account)))
            .order(members::email_key.asc())
            .select(Member::as_select())
            .load::<Member>(c))?);
    }
    Ok(found)
}
