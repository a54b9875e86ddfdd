//! SQL types of our own, one Rust value in both databases' native shape:
//! identifiers (`uuid` / 16 bytes), times (`timestamptz` / fixed-width RFC 3339 text) and words
//! (text that holds one of a closed set).

use accord_domain::ids::{
    AccountId, ApiTokenId, ClaimId, CredentialId, DeliveryId, EnvironmentId, GroupId, InvitationId,
    MailId, MemberId, NotificationId, PlatformTokenId, PolicyId, RoleId, SessionId, ShareId,
    TaskId, WebhookId,
};
use accord_domain::token::TokenScopes;
use chrono::{DateTime, Datelike, NaiveDate, SubsecRound, TimeDelta, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, SqlType};
use diesel::sqlite::{Sqlite, SqliteValue};
use std::fmt::Debug;
use std::io::Write;
use uuid::Uuid;

/// An identifier.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct Id;

/// A moment in UTC, to the microsecond.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Text"))]
pub struct Moment;

/// Text that holds one of a closed set of words.
#[derive(Debug, Clone, Copy, Default, QueryId, SqlType)]
#[diesel(postgres_type(oid = 25, array_oid = 1009))]
#[diesel(sqlite_type(name = "Text"))]
pub struct Word;

/// A value on its way into a query. The types of the domain are foreign to both diesel and this
/// crate, so it is this wrapper that diesel takes for an expression; reading needs none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sql<T>(pub(crate) T);

impl<T, ST, DB> ToSql<ST, DB> for Sql<T>
where
    T: ToSql<ST, DB> + Debug,
    DB: Backend,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// A list of values on its way into a query.
pub(crate) fn many<T: Copy>(values: &[T]) -> Vec<Sql<T>> {
    values.iter().copied().map(Sql).collect()
}

/// Lets a Rust type stand for a column of one of the SQL types above.
macro_rules! stands_for {
    ($sql:ty, $rust:ty) => {
        impl diesel::expression::AsExpression<$sql> for $crate::types::Sql<$rust> {
            type Expression =
                diesel::internal::derives::as_expression::Bound<$sql, $crate::types::Sql<$rust>>;
            fn as_expression(self) -> Self::Expression {
                diesel::internal::derives::as_expression::Bound::new(self)
            }
        }
        impl<DB> diesel::deserialize::Queryable<$sql, DB> for $rust
        where
            DB: diesel::backend::Backend,
            Self: diesel::deserialize::FromSql<$sql, DB>,
        {
            type Row = Self;
            fn build(row: Self) -> diesel::deserialize::Result<Self> {
                Ok(row)
            }
        }
    };
}

macro_rules! identifiers {
    ($($id:ty),+ $(,)?) => {$(
        stands_for!(Id, $id);
        impl ToSql<Id, Pg> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all(self.0.as_bytes())?;
                Ok(IsNull::No)
            }
        }
        impl ToSql<Id, Sqlite> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(self.0.as_bytes().as_slice());
                Ok(IsNull::No)
            }
        }
        impl FromSql<Id, Pg> for $id {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok(Uuid::from_slice(value.as_bytes())?.into())
            }
        }
        impl FromSql<Id, Sqlite> for $id {
            fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
                Ok(Uuid::from_slice(value.read_blob())?.into())
            }
        }
    )+};
}

identifiers!(
    AccountId,
    SessionId,
    PolicyId,
    RoleId,
    GroupId,
    EnvironmentId,
    MemberId,
    InvitationId,
    ShareId,
    TaskId,
    MailId,
    NotificationId,
    ApiTokenId,
    PlatformTokenId,
    CredentialId,
    ClaimId,
    WebhookId,
    DeliveryId,
);

/// Makes an enum with `as_str` and `FromStr` storable as a [`Word`].
macro_rules! words {
    ($($word:ty),+ $(,)?) => {$(
        $crate::types::stands_for!($crate::types::Word, $word);
        impl diesel::serialize::ToSql<$crate::types::Word, diesel::pg::Pg> for $word {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
            ) -> diesel::serialize::Result {
                std::io::Write::write_all(out, self.as_str().as_bytes())?;
                Ok(diesel::serialize::IsNull::No)
            }
        }
        impl diesel::serialize::ToSql<$crate::types::Word, diesel::sqlite::Sqlite> for $word {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, diesel::sqlite::Sqlite>,
            ) -> diesel::serialize::Result {
                out.set_value(self.as_str());
                Ok(diesel::serialize::IsNull::No)
            }
        }
        impl<DB> diesel::deserialize::FromSql<$crate::types::Word, DB> for $word
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let word = <String as diesel::deserialize::FromSql<
                    diesel::sql_types::Text,
                    DB,
                >>::from_sql(value)?;
                word.parse()
                    .map_err(|_| format!("{word:?} is no {}", stringify!($word)).into())
            }
        }
    )+};
}
pub(crate) use {stands_for, words};

words!(
    accord_domain::account::AccountKind,
    accord_domain::environment::EnvironmentStatus,
    accord_domain::member::StoredStatus,
    accord_domain::sharing::ItemKind,
    accord_domain::notification::NotificationKind,
    accord_domain::webhook::DeliveryStatus,
    accord_domain::webhook::SwitchedOff,
);

stands_for!(Word, TokenScopes);

impl ToSql<Word, Pg> for TokenScopes {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.to_string().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Word, Sqlite> for TokenScopes {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

impl<DB> FromSql<Word, DB> for TokenScopes
where
    DB: Backend,
    String: FromSql<diesel::sql_types::Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let words = <String as FromSql<diesel::sql_types::Text, DB>>::from_sql(value)?;
        Ok(words.parse()?)
    }
}

stands_for!(Moment, DateTime<Utc>);

/// Years that both databases keep and compare alike.
const YEARS: std::ops::RangeInclusive<i32> = 0..=9999;

fn storable(time: &DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    if YEARS.contains(&time.year()) {
        Ok(time.trunc_subsecs(6))
    } else {
        Err(format!("the year {} cannot be stored", time.year()))
    }
}

/// PostgreSQL counts microseconds from the start of the year 2000.
fn postgres_epoch() -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(2000, 1, 1)
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .unwrap_or_default()
        .and_utc()
}

/// The fixed-width text of a moment: it sorts as text as the moments do.
pub(crate) fn moment_text(time: &DateTime<Utc>) -> Result<String, String> {
    Ok(storable(time)?.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
}

pub(crate) fn parse_moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.with_timezone(&Utc))
}

impl ToSql<Moment, Pg> for DateTime<Utc> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = (storable(self)? - postgres_epoch())
            .num_microseconds()
            .ok_or("the time cannot be stored")?;
        ToSql::<BigInt, Pg>::to_sql(&micros, &mut out.reborrow())
    }
}

impl FromSql<Moment, Pg> for DateTime<Utc> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Pg>>::from_sql(value)?;
        postgres_epoch()
            .checked_add_signed(TimeDelta::microseconds(micros))
            .ok_or_else(|| "a stored time is out of range".into())
    }
}

impl ToSql<Moment, Sqlite> for DateTime<Utc> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(moment_text(self)?);
        Ok(IsNull::No)
    }
}

impl FromSql<Moment, Sqlite> for DateTime<Utc> {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = value.read_text();
        parse_moment(text).ok_or_else(|| format!("{text:?} is no stored time").into())
    }
}
