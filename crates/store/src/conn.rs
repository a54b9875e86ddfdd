//! One query body for both databases: an open transaction on either, and the macro that expands
//! a body once for each.

use crate::access_changes::Noted;
use crate::changes::Touched;
use crate::error::{StoreError, is_read_only, lost_a_race};
use diesel::pg::PgConnection;
use diesel::result::{DatabaseErrorKind, Error as DieselError, QueryResult};
use diesel::sqlite::SqliteConnection;

/// An open transaction on one of the two databases.
#[allow(missing_debug_implementations)] // diesel's connections have none
pub struct Conn<'a> {
    pub(crate) backend: Backend<'a>,
    /// Whether it was opened to write in.
    may_write: bool,
    /// A statement lost against another transaction: running the whole again may succeed.
    pub(crate) lost_a_race: bool,
    /// Whose things were written, to be told once it is committed.
    pub(crate) touched: Touched,
    /// What changed of what accounts share, to be listed before it is committed.
    pub(crate) noted: Noted,
    /// Whether something changed that every account has a part in.
    pub(crate) touched_everybody: bool,
}

pub(crate) enum Backend<'a> {
    Pg(&'a mut PgConnection),
    Sqlite(&'a mut SqliteConnection),
}

impl<'a> Conn<'a> {
    pub(crate) fn may_write(self) -> Self {
        Self {
            may_write: true,
            ..self
        }
    }

    pub(crate) fn pg(connection: &'a mut PgConnection) -> Self {
        Self {
            backend: Backend::Pg(connection),
            may_write: false,
            lost_a_race: false,
            touched: Touched::new(),
            noted: Noted::new(),
            touched_everybody: false,
        }
    }

    pub(crate) fn sqlite(connection: &'a mut SqliteConnection) -> Self {
        Self {
            backend: Backend::Sqlite(connection),
            may_write: false,
            lost_a_race: false,
            touched: Touched::new(),
            noted: Noted::new(),
            touched_everybody: false,
        }
    }

    pub(crate) fn note<T>(&mut self, result: QueryResult<T>) -> Result<T, StoreError> {
        result.map_err(|error| {
            self.lost_a_race |= lost_a_race(&error);
            if self.may_write && is_read_only(&error) {
                return StoreError::read_only();
            }
            error.into()
        })
    }
}

/// Whether the error is a broken uniqueness rule.
pub(crate) fn is_unique_violation(error: &DieselError) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)
    )
}

/// Runs a query body, a `QueryResult`, on whichever database the transaction is on. In the body
/// `DB` names diesel's backend, for boxed queries.
macro_rules! on {
    ($tx:expr, |$c:ident| $body:expr) => {{
        let result = match &mut $tx.backend {
            $crate::conn::Backend::Pg($c) => {
                #[allow(dead_code)]
                type DB = diesel::pg::Pg;
                let $c: &mut diesel::pg::PgConnection = $c;
                $body
            }
            $crate::conn::Backend::Sqlite($c) => {
                #[allow(dead_code)]
                type DB = diesel::sqlite::Sqlite;
                let $c: &mut diesel::sqlite::SqliteConnection = $c;
                $body
            }
        };
        $tx.note(result)
    }};
}

/// Like [`on`], inside a savepoint, so that a broken uniqueness rule is an answer
/// (`Result<Result<T, UniqueRule>, StoreError>`) and the transaction goes on.
macro_rules! on_unless_taken {
    ($tx:expr, |$c:ident| $body:expr) => {
        match on!($tx, |connection| {
            let result = diesel::Connection::transaction(connection, |$c| $body);
            match result {
                Ok(value) => Ok(Ok(value)),
                Err(error) if $crate::conn::is_unique_violation(&error) => Ok(Err(error)),
                Err(error) => Err(error),
            }
        }) {
            Ok(Ok(value)) => Ok(Ok(value)),
            Ok(Err(broken)) => match $crate::error::StoreError::from(broken) {
                $crate::error::StoreError::Conflict(rule) => Ok(Err(rule)),
                other => Err(other),
            },
            Err(error) => Err(error),
        }
    };
}

pub(crate) use {on, on_unless_taken};
