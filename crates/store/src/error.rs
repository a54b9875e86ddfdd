//! What can go wrong in the store, told apart by what the caller can do about it.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};

/// A failure of the store. Foreseen conflicts are outcomes of the functions, not errors.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or is too busy; the same call may succeed later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A uniqueness rule was broken where the caller should have ruled that out.
    #[error("broken uniqueness rule: {0:?}")]
    Conflict(UniqueRule),
    /// Something names a row that is not there, or that belongs to another account.
    #[error("a referenced row does not exist")]
    MissingReference,
    /// A page position does not fit the list it is used with.
    #[error("the page position does not fit this list")]
    BadPosition,
    /// A write with a key took so long that the same was begun anew meanwhile.
    #[error("it is another's turn to carry this write out")]
    TurnLost,
    /// The database was migrated by a newer program.
    #[error("the database has migrations that this program does not know: {0}")]
    NewerSchema(String),
    /// The address names no database that this program can use.
    #[error("{0}")]
    BadAddress(String),
    /// Anything else: a defect, or a database that was tampered with.
    #[error("database error: {0}")]
    Internal(String),
}

/// Every rule of the schema that says "only one of these".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UniqueRule {
    /// One account per address.
    AccountEmail,
    /// One policy per name in an account.
    PolicyName,
    /// One system policy per key of the catalogue.
    PolicySystemKey,
    /// One role per name in an account.
    RoleName,
    /// One group per name among its siblings.
    GroupName,
    /// One environment per name in an account.
    EnvironmentName,
    /// One member per address in an account.
    MemberAddress,
    /// One member per person in an account.
    MemberPerson,
    /// One invitation per token.
    InvitationToken,
    /// One share per item of a member.
    ShareItem,
    /// An identifier or another key that is drawn at random was used twice.
    Identity,
}

/// PostgreSQL names the constraint or index; SQLite names the columns, as `table.a, table.b`.
const RULES: &[(UniqueRule, &str, &str)] = {
    use UniqueRule::*;
    &[
        (
            AccountEmail,
            "accounts_email_key_unique",
            "accounts.email_key",
        ),
        (
            PolicyName,
            "policies_name_unique",
            "policies.account_id, policies.name_key",
        ),
        (
            PolicySystemKey,
            "policies_system_key_unique",
            "policies.system_key",
        ),
        (
            RoleName,
            "roles_name_unique",
            "roles.account_id, roles.name_key",
        ),
        (
            GroupName,
            "groups_name_unique",
            "groups.account_id, groups.parent_id, groups.name_key",
        ),
        (
            GroupName,
            "groups_root_name_unique",
            "groups.account_id, groups.name_key",
        ),
        (
            EnvironmentName,
            "environments_name_unique",
            "environments.account_id, environments.name_key",
        ),
        (
            MemberAddress,
            "members_address_unique",
            "members.account_id, members.email_key",
        ),
        (
            MemberPerson,
            "members_person_unique",
            "members.account_id, members.person_id",
        ),
        (
            InvitationToken,
            "invitations_token_unique",
            "invitations.token_hash",
        ),
        (
            ShareItem,
            "shares_category_unique",
            "shares.member_id, shares.item_kind",
        ),
        (
            ShareItem,
            "shares_group_unique",
            "shares.member_id, shares.group_id",
        ),
        (
            ShareItem,
            "shares_environment_unique",
            "shares.member_id, shares.environment_id",
        ),
    ]
};

impl UniqueRule {
    pub(crate) fn broken_by(information: &dyn DatabaseErrorInformation) -> Self {
        let constraint = information.constraint_name();
        let columns = information
            .message()
            .strip_prefix("UNIQUE constraint failed: ");
        RULES
            .iter()
            .find(|(_, name, listed)| constraint == Some(*name) || columns == Some(*listed))
            .map_or(Self::Identity, |(rule, _, _)| *rule)
    }
}

/// What SQLite and PostgreSQL say when trying again later is the right answer.
const PASSING_TROUBLES: &[&str] = &[
    "database is locked",
    "database table is locked",
    "unable to open database file",
    "disk I/O error",
    "database or disk is full",
    "No space left on device",
    "terminating connection",
    "the database system is",
    "server closed the connection",
    "connection not open",
    "no connection to the server",
    "could not connect",
    "Connection refused",
    "remaining connection slots",
    "too many clients",
    "canceling statement due to",
    "SSL connection has been closed",
    "could not receive data from server",
    "could not send data to server",
];

/// Whether the transaction lost against another one and deserves a second run.
pub(crate) fn lost_a_race(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        // diesel has no kind for 40P01.
        DieselError::DatabaseError(DatabaseErrorKind::Unknown, information) => {
            information.message().contains("deadlock detected")
        }
        _ => false,
    }
}

/// Whether the database lets nothing be written, as a standby does.
pub(crate) fn is_read_only(error: &DieselError) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => true,
        DieselError::DatabaseError(_, information) => {
            information.message().contains("readonly database")
        }
        _ => false,
    }
}

impl StoreError {
    pub(crate) fn read_only() -> Self {
        Self::Unavailable("nothing can be written to the database at present".to_owned())
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        use DatabaseErrorKind as Kind;
        match error {
            DieselError::DatabaseError(Kind::UniqueViolation, information) => {
                Self::Conflict(UniqueRule::broken_by(information.as_ref()))
            }
            DieselError::DatabaseError(Kind::ForeignKeyViolation, _) => Self::MissingReference,
            DieselError::DatabaseError(
                Kind::ClosedConnection | Kind::UnableToSendCommand | Kind::SerializationFailure,
                information,
            ) => Self::Unavailable(information.message().to_owned()),
            DieselError::DatabaseError(_, information)
                if PASSING_TROUBLES
                    .iter()
                    .any(|trouble| information.message().contains(trouble))
                    || information.message().contains("deadlock detected") =>
            {
                Self::Unavailable(information.message().to_owned())
            }
            DieselError::BrokenTransactionManager => {
                Self::Unavailable("the connection broke inside a transaction".to_owned())
            }
            DieselError::RollbackErrorOnCommit { commit_error, .. } => Self::from(*commit_error),
            other => Self::Internal(other.to_string()),
        }
    }
}
