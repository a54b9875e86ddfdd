//! The outbox: e-mail that was decided on in some transaction and waits to be sent.

use crate::accounts;
use crate::conn::{Backend, Conn, on};
use crate::error::StoreError;
use crate::page::CHUNK;
use crate::schema::outbox;
use crate::types::{Sql, many};
use accord_domain::ids::{AccountId, MailId, MemberId};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use std::collections::HashMap;

/// One e-mail.
#[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// The account that it is about.
    pub account_id: Option<AccountId>,
    /// The member that it is about.
    pub member_id: Option<MemberId>,
    /// Which e-mail it is.
    pub kind: String,
    /// To whom it goes.
    pub recipient: String,
    /// What its template is filled with.
    pub params: Value,
    /// Its link, encrypted; erased once it was sent or given up.
    pub sealed_link: Option<Vec<u8>>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// When to try next.
    pub next_attempt_at: DateTime<Utc>,
    /// How often somebody set out to send it.
    pub attempts: i32,
    /// Until when the one who set out has it to themselves.
    pub claimed_until: Option<DateTime<Utc>>,
    /// What went wrong the last time.
    pub last_error: Option<String>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was given up.
    pub gave_up_at: Option<DateTime<Utc>>,
    /// The account that it goes to, where it goes to one and not merely to an address.
    pub recipient_id: Option<AccountId>,
    /// When sending was last tried in vain.
    pub failed_at: Option<DateTime<Utc>>,
}

impl Mail {
    /// Whose members' page shows what becomes of it.
    fn shown_to(&self) -> Option<AccountId> {
        self.account_id.filter(|_| self.member_id.is_some())
    }
}

/// An e-mail as it is queued.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMail {
    /// Its id.
    pub id: MailId,
    /// The account that it is about.
    pub account_id: Option<AccountId>,
    /// The member that it is about.
    pub member_id: Option<MemberId>,
    /// Which e-mail it is.
    pub kind: String,
    /// To whom it goes.
    pub recipient: String,
    /// What its template is filled with.
    pub params: Value,
    /// Its link, encrypted.
    pub sealed_link: Option<Vec<u8>>,
    /// The account that it goes to, where it goes to one and not merely to an address.
    pub recipient_id: Option<AccountId>,
}

/// What follows on a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFailure {
    /// Try again then.
    RetryAt(DateTime<Utc>),
    /// Never again.
    GiveUp,
}

/// Queues an e-mail, due at once.
pub fn enqueue(tx: &mut Conn<'_>, mail: &NewMail, now: DateTime<Utc>) -> Result<(), StoreError> {
    on!(tx, |c| diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(Sql(mail.id)),
            outbox::account_id.eq(mail.account_id.map(Sql)),
            outbox::member_id.eq(mail.member_id.map(Sql)),
            outbox::kind.eq(&mail.kind),
            outbox::recipient.eq(&mail.recipient),
            outbox::params.eq(&mail.params),
            outbox::sealed_link.eq(mail.sealed_link.as_deref()),
            outbox::recipient_id.eq(mail.recipient_id.map(Sql)),
            outbox::created_at.eq(Sql(now)),
            outbox::next_attempt_at.eq(Sql(now)),
            outbox::attempts.eq(0),
        ))
        .execute(c)
        .map(drop))
}

/// Takes up to `limit` e-mails that are due and that nobody has, each for this caller alone until
/// `lease_until`, and counts the attempt. Claims that lapsed by `lapsed_by` are nobody's. Safe with several
/// instances at once.
pub fn claim_due(
    tx: &mut Conn<'_>,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
    lapsed_by: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Mail>, StoreError> {
    macro_rules! due {
        () => {
            outbox::table
                .filter(outbox::sent_at.is_null())
                .filter(outbox::gave_up_at.is_null())
                .filter(outbox::next_attempt_at.le(Sql(now)))
                .filter(
                    outbox::claimed_until
                        .is_null()
                        .or(outbox::claimed_until.assume_not_null().le(Sql(lapsed_by))),
                )
                .order((outbox::next_attempt_at.asc(), outbox::id.asc()))
                .select(outbox::id)
                .limit(i64::from(limit))
        };
    }
    let ids: QueryResult<Vec<MailId>> = match &mut tx.backend {
        Backend::Pg(c) => due!().for_update().skip_locked().load(*c),
        Backend::Sqlite(c) => due!().load(*c),
    };
    let ids = tx.note(ids)?;
    let mut claimed: Vec<Mail> = on!(tx, |c| diesel::update(
        outbox::table.filter(outbox::id.eq_any(many(&ids)))
    )
    .set((
        outbox::claimed_until.eq(Some(Sql(lease_until))),
        outbox::attempts.eq(outbox::attempts + 1),
    ))
    .returning(Mail::as_returning())
    .get_results(c))?;
    claimed.sort_by_key(|mail| (mail.next_attempt_at, mail.id));
    Ok(claimed)
}

/// Notes that an e-mail was sent, and erases its link.
pub fn mark_sent(tx: &mut Conn<'_>, mail: &Mail, now: DateTime<Utc>) -> Result<(), StoreError> {
    if let Some(account) = mail.shown_to() {
        accounts::count_invitation_news(tx, account)?;
    }
    on!(tx, |c| diesel::update(outbox::table.find(Sql(mail.id)))
        .set((
            outbox::sent_at.eq(Some(Sql(now))),
            outbox::sealed_link.eq(None::<Vec<u8>>),
            outbox::claimed_until.eq(None::<Sql<DateTime<Utc>>>),
            outbox::last_error.eq(None::<String>),
        ))
        .execute(c)
        .map(drop))
}

/// Notes that an attempt failed; `false` when somebody else has set out since, whose attempt
/// counts.
pub fn mark_failed(
    tx: &mut Conn<'_>,
    mail: &Mail,
    error: &str,
    then: AfterFailure,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let (next_attempt_at, gave_up_at, link) = match then {
        AfterFailure::RetryAt(at) => (at, None, mail.sealed_link.as_deref()),
        AfterFailure::GiveUp => (mail.next_attempt_at, Some(Sql(now)), None),
    };
    if let Some(account) = mail.shown_to() {
        accounts::count_invitation_news(tx, account)?;
    }
    on!(tx, |c| diesel::update(
        outbox::table
            .filter(outbox::id.eq(Sql(mail.id)))
            .filter(outbox::attempts.eq(mail.attempts))
            .filter(outbox::sent_at.is_null())
    )
    .set((
        outbox::next_attempt_at.eq(Sql(next_attempt_at)),
        outbox::gave_up_at.eq(gave_up_at),
        outbox::sealed_link.eq(link),
        outbox::claimed_until.eq(None::<Sql<DateTime<Utc>>>),
        outbox::last_error.eq(Some(error)),
        outbox::failed_at.eq(Some(Sql(now))),
    ))
    .execute(c)
    .map(|count| count > 0))
}

/// The newest e-mails, whatever became of them.
pub fn recent(tx: &mut Conn<'_>, limit: u32) -> Result<Vec<Mail>, StoreError> {
    on!(tx, |c| outbox::table
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .select(Mail::as_select())
        .limit(i64::from(limit))
        .load(c))
}

/// The newest e-mails to an address as it was typed, whatever became of them.
pub fn recent_to(tx: &mut Conn<'_>, recipient: &str, limit: u32) -> Result<Vec<Mail>, StoreError> {
    on!(tx, |c| outbox::table
        .filter(outbox::recipient.eq(recipient))
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .select(Mail::as_select())
        .limit(i64::from(limit))
        .load(c))
}

/// The e-mails about a member, the newest first.
pub fn of_member(tx: &mut Conn<'_>, member: MemberId) -> Result<Vec<Mail>, StoreError> {
    on!(tx, |c| outbox::table
        .filter(outbox::member_id.eq(Some(Sql(member))))
        .order((outbox::created_at.desc(), outbox::id.desc()))
        .select(Mail::as_select())
        .load(c))
}

/// The newest mail of a kind about each of these members.
pub fn latest_of_members(
    tx: &mut Conn<'_>,
    member_ids: &[MemberId],
    kind: &str,
) -> Result<HashMap<MemberId, Mail>, StoreError> {
    let mut latest: HashMap<MemberId, Mail> = HashMap::new();
    for ids in member_ids.chunks(CHUNK) {
        let ids: Vec<_> = many(ids).into_iter().map(Some).collect();
        let mails: Vec<Mail> = on!(tx, |c| outbox::table
            .filter(outbox::member_id.eq_any(&ids))
            .filter(outbox::kind.eq(kind))
            .order((outbox::created_at.asc(), outbox::id.asc()))
            .select(Mail::as_select())
            .load(c))?;
        latest.extend(
            mails
                .into_iter()
                .filter_map(|mail| Some((mail.member_id?, mail))),
        );
    }
    Ok(latest)
}

/// Takes back what waits to be sent of a kind about a member; what a worker has in hand goes out.
pub fn cancel_of_member(
    tx: &mut Conn<'_>,
    member: MemberId,
    kind: &str,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::delete(
        outbox::table
            .filter(outbox::member_id.eq(Some(Sql(member))))
            .filter(outbox::kind.eq(kind))
            .filter(outbox::sent_at.is_null())
            .filter(outbox::gave_up_at.is_null())
            .filter(
                outbox::claimed_until
                    .is_null()
                    .or(outbox::claimed_until.le(Some(Sql(now)))),
            )
    )
    .execute(c))
}

/// Takes back what waits to be sent in the name of an account, or to it about itself, and forgets what
/// was sent; what a worker has in hand goes out.
pub fn delete_of_account(
    tx: &mut Conn<'_>,
    account: AccountId,
    address: &str,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::delete(
        outbox::table
            .filter(
                outbox::account_id
                    .eq(Some(Sql(account)))
                    .or(outbox::recipient_id.eq(Some(Sql(account))))
                    .or(outbox::account_id
                        .is_null()
                        .nullable()
                        .and(outbox::recipient.eq(address).nullable())),
            )
            .filter(
                outbox::claimed_until
                    .is_null()
                    .or(outbox::claimed_until.le(Some(Sql(now)))),
            )
    )
    .execute(c))
}

/// Deletes what was sent or given up before a moment.
pub fn delete_finished(tx: &mut Conn<'_>, before: DateTime<Utc>) -> Result<usize, StoreError> {
    on!(tx, |c| diesel::delete(
        outbox::table.filter(
            outbox::sent_at
                .lt(Some(Sql(before)))
                .or(outbox::gave_up_at.lt(Some(Sql(before))))
        )
    )
    .execute(c))
}

/// How many e-mails wait, since when the oldest does, and how many were given up.
pub fn standing(tx: &mut Conn<'_>) -> Result<(i64, Option<DateTime<Utc>>, i64), StoreError> {
    let waiting: i64 = on!(tx, |c| outbox::table
        .filter(outbox::sent_at.is_null())
        .filter(outbox::gave_up_at.is_null())
        .count()
        .get_result(c))?;
    let oldest: Option<DateTime<Utc>> = on!(tx, |c| outbox::table
        .filter(outbox::sent_at.is_null())
        .filter(outbox::gave_up_at.is_null())
        .order(outbox::created_at.asc())
        .select(outbox::created_at)
        .first(c)
        .optional())?;
    let given_up: i64 = on!(tx, |c| outbox::table
        .filter(outbox::gave_up_at.is_not_null())
        .count()
        .get_result(c))?;
    Ok((waiting, oldest, given_up))
}
