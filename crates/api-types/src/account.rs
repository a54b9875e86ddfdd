use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::patch::set;
use crate::{ApiToken, Collaboration, Environment, Group, Member, MemberStatus, Policy, Role};

api_words! {
    /// Whether an account may host a collaboration.
    AccountKind {
        /// May host: a primary account.
        Billing = "billing",
        /// Made by accepting an invitation; may not host until upgraded.
        Member = "member",
    }
}

api! {
    /// A person's login and what it owns.
    pub struct Account {
        pub id: Uuid,
        pub email: String,
        pub name: String,
        pub kind: AccountKind,
        pub email_verified: bool,
        pub created_at: DateTime<Utc>,
    }

    /// An account as others see it.
    pub struct AccountSummary {
        pub id: Uuid,
        pub name: String,
        pub email: String,
    }

    /// Who is signed in, and with what.
    pub struct SignedIn {
        pub account: Account,
        /// Send as `Authorization: Bearer …`.
        pub access_token: String,
        /// Seconds until the access token ends; refresh before.
        pub expires_in: u64,
    }

    #[serde(deny_unknown_fields)]
    pub struct SignUp {
        pub email: String,
        /// At least 12 characters; no other rules of composition, but common passwords are refused.
        pub password: String,
        pub name: String,
    }

    #[serde(deny_unknown_fields)]
    pub struct SignIn {
        pub email: String,
        pub password: String,
    }

    #[serde(deny_unknown_fields)]
    pub struct ForgotPassword {
        pub email: String,
    }

    #[serde(deny_unknown_fields)]
    pub struct ResetPassword {
        /// From the link in the mail.
        pub token: String,
        pub password: String,
    }

    #[serde(deny_unknown_fields)]
    pub struct VerifyEmail {
        /// From the link in the mail.
        pub token: String,
    }

    #[serde(deny_unknown_fields)]
    pub struct UpdateAccount {
        #[serde(default, deserialize_with = "set", skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(nullable = false))]
        pub name: Option<String>,
    }

    #[serde(deny_unknown_fields)]
    pub struct ChangePassword {
        pub current_password: String,
        pub new_password: String,
    }

    /// Another address for the account.
    #[serde(deny_unknown_fields)]
    pub struct ChangeEmail {
        pub email: String,
        /// The account's password, asked again.
        pub password: String,
    }

    /// The address of an account, and the one that it shall have.
    pub struct AccountEmail {
        pub email: String,
        pub verified: bool,
        /// The address that waits to be proven by its mailed link.
        pub pending: Option<PendingEmail>,
    }

    /// An address that counts once it is proven.
    pub struct PendingEmail {
        pub email: String,
        pub asked_at: DateTime<Utc>,
        /// When the mailed link ends, and with it the wish.
        pub expires_at: DateTime<Utc>,
    }

    #[serde(deny_unknown_fields)]
    pub struct DeleteAccount {
        /// The account's password, asked again.
        pub password: String,
    }

    /// Everything that is kept of an account.
    pub struct AccountExport {
        pub exported_at: DateTime<Utc>,
        pub account: Account,
        pub sessions: Vec<Session>,
        /// Without their secrets, which are not kept.
        pub api_tokens: Vec<ApiToken>,
        /// Collaborations of others that the person sees.
        pub collaborations: Vec<Collaboration>,
        /// Those that are over for the person.
        pub ended_collaborations: Vec<EndedCollaboration>,
        /// The account's own policies.
        pub policies: Vec<Policy>,
        pub roles: Vec<Role>,
        pub groups: Vec<Group>,
        pub environments: Vec<Environment>,
        pub members: Vec<Member>,
        /// What happened on the account and what its person did on others', the newest first.
        pub tasks: Vec<ExportedTask>,
        /// Whether these are all of them; only the newest go along.
        pub tasks_complete: bool,
    }

    /// What is kept of a collaboration that is over for the person. Whose it was is left out: they do
    /// not see that any more.
    pub struct EndedCollaboration {
        /// The member record's.
        pub id: Uuid,
        /// `rejected`, `left`, `removed` or `expired`.
        pub status: MemberStatus,
        pub invited_at: DateTime<Utc>,
        pub invitation_expires_at: Option<DateTime<Utc>>,
        pub accepted_at: Option<DateTime<Utc>>,
        pub ended_at: Option<DateTime<Utc>>,
    }

    /// An entry of the record. What others' things were before and after is left out.
    pub struct ExportedTask {
        pub id: Uuid,
        pub at: DateTime<Utc>,
        /// On whose account it happened.
        pub account_id: Uuid,
        pub actor_id: Option<Uuid>,
        pub actor_name: String,
        pub action: String,
        pub member_id: Option<Uuid>,
        pub environment_id: Option<Uuid>,
        pub item: Option<serde_json::Value>,
        pub before: Option<serde_json::Value>,
        pub after: Option<serde_json::Value>,
        /// By which means: a session, a link, a token.
        pub means: String,
        pub network_address: String,
    }

    /// One signed-in browser or program.
    pub struct Session {
        pub id: Uuid,
        pub created_at: DateTime<Utc>,
        pub last_used_at: DateTime<Utc>,
        pub expires_at: DateTime<Utc>,
        /// As the browser names itself.
        pub user_agent: String,
        pub network_address: String,
        /// Whether this request was made with it.
        pub current: bool,
    }
}

api! {
    /// One development mail, as `GET /dev/mailbox.json` lists them.
    pub struct DevelopmentMail {
        pub to: String,
        pub subject: String,
        pub text: String,
        pub html: String,
        pub sent_at: DateTime<Utc>,
    }

    /// Whether the program is alive or ready, and why not.
    pub struct Health {
        pub status: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<String>,
    }

    /// What the dashboard asks before anybody is signed in.
    pub struct ServiceInfo {
        /// Whether anybody may sign up.
        pub sign_up_open: bool,
        /// Whether a `member` account may upgrade itself.
        pub upgrade_open: bool,
        /// Whether mail is sent; without a mail server links are copied, or read in the development mailbox.
        pub mail_server: bool,
        /// Whether the development mailbox is served at `/dev/mailbox`.
        pub development_mailbox: bool,
        pub version: String,
    }
}
