use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

api! {
    /// An entry of the record: who did what, when, to what, by which means. Nobody can change one.
    pub struct Task {
        pub id: Uuid,
        pub at: DateTime<Utc>,
        /// What was done, as `family.verb`: `member.suspend`, `environment.update`, `role.create`.
        pub action: String,
        /// Who did it; `null` when it was nobody in particular.
        pub actor: Option<TaskActor>,
        /// `session`: signed in; `api_token` and `platform_token`: by a token; `link`: by the link of a
        /// mail; `operator`: from the command line; `itself`: by nobody, it followed by itself.
        pub means: String,
        /// The member, environment, group, role or policy that it was done to.
        pub item: Option<TaskItem>,
        pub environment_id: Option<Uuid>,
        pub member_id: Option<Uuid>,
        /// What changed, as it was before. A member is shown a part of it.
        pub before: Option<Value>,
        /// What changed, as it was afterwards. A member is shown a part of it.
        pub after: Option<Value>,
        /// What was called how then, by id, of the roles, policies, groups (by their paths) and environments
        /// that the change added or took away.
        #[serde(default)]
        pub names: BTreeMap<Uuid, String>,
        /// The request that did it; for the owner alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub request_id: Option<String>,
        /// Where that request came from; for the owner alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub network_address: Option<String>,
        /// The token by which it was done, if it was one; for the owner alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub token: Option<TaskToken>,
    }

    /// A token by which something was done.
    pub struct TaskToken {
        pub id: Uuid,
        /// What it was called then.
        pub name: String,
    }

    /// Who did something.
    pub struct TaskActor {
        /// Their account; `null` for somebody who had only a link, and for the platform.
        pub id: Option<Uuid>,
        /// What they were called then.
        pub name: String,
        /// By which address the account that this is the record of knows them now: its owner, or somebody it
        /// has a member's record of. A member reads the owner's and their own; of anybody else, and of the
        /// platform, it is `null`.
        pub email: Option<String>,
    }

    /// What something was done to.
    pub struct TaskItem {
        /// `member`, `environment`, `group`, `role`, `policy`, `token`, `webhook` or `account`.
        pub kind: String,
        pub id: Uuid,
        /// What it was called then.
        pub name: String,
    }
}

api_words! {
    /// The form of an export.
    ExportFormat {
        /// One line for each entry, for spreadsheets: RFC 4180 in UTF-8, with the byte order mark by
        /// which spreadsheet programs recognize it. Text that a spreadsheet would take for a formula
        /// has an apostrophe before it.
        Csv = "csv",
        /// One JSON object on each line, for programs.
        Ndjson = "ndjson",
    }
}

/// Which entries of the record to export, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct ExportTasksQuery {
    /// `csv` unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ExportFormat>,
    /// Only what this account did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<Uuid>,
    /// Only what was done to this environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment_id: Option<Uuid>,
    /// Only what was done to this member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<Uuid>,
    /// Only this action, or every one of a family: `member.suspend`, `member`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "openapi",
        param(max_length = 60, pattern = r"^[a-z_]+(\.[a-z_]+)*$")
    )]
    pub action: Option<String>,
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime<Utc>>,
}
