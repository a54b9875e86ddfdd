use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Task;

/// Something that is new for whoever listens to `/events`. Each is a reason to ask again for what it
/// concerns; none tells more than the listener may read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Event {
    /// The stream has begun. What happened before it is to be asked for.
    Ready,
    /// The listener's own account changed, or where it is signed in, or how it chose to be told.
    Account,
    /// The listener was told something new, or has read it somewhere else.
    Notification,
    /// The listener's collaborations changed: invitations to them, and where they stand with those who
    /// share something with them.
    Collaborations,
    /// Something became of the invitations of the listener's own account: one was handed over to the mail
    /// server or not, or opened.
    Invitations,
    /// What an account shares with the listener changed, or is not shared any more; or, where the listener
    /// manages the collaboration of an environment, who has access to it.
    Access { account_id: Uuid },
    /// An entry was added to the record of an account.
    Task { account_id: Uuid, task: Box<Task> },
    /// More was added to the record than is told one by one.
    Missed,
    /// The stream ends, and this is why.
    End { reason: StreamEnd },
    /// Something that this version does not know.
    #[serde(other)]
    Unknown,
}

api_words! {
    /// Why a stream of events ended.
    StreamEnd {
        /// The session is over: signed out, ended, expired, or its account disabled.
        SessionEnded = "session_ended",
        /// The server stops. Another one may be there already.
        Stopping = "stopping",
    }
}

impl Event {
    /// The name under which the event travels.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Account => "account",
            Self::Notification => "notification",
            Self::Collaborations => "collaborations",
            Self::Invitations => "invitations",
            Self::Access { .. } => "access",
            Self::Task { .. } => "task",
            Self::Missed => "missed",
            Self::End { .. } => "end",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_travels_under_its_name() {
        let account_id = Uuid::nil();
        let reason = StreamEnd::Stopping;
        for event in [
            Event::Ready,
            Event::Access { account_id },
            Event::End { reason },
        ] {
            let json = serde_json::to_value(&event).expect("JSON");
            assert_eq!(json["type"], event.name());
            let back: Event = serde_json::from_value(json).expect("an event");
            assert_eq!(back, event);
        }
        let later = r#"{"type":"planet","mass":7}"#;
        let unknown: Event = serde_json::from_str(later).expect("an event");
        assert_eq!(unknown, Event::Unknown);
    }
}
