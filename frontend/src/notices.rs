//! What the person was told: read and marked in several places at once, which all follow each other.

use accord_api_types::{MarkNotificationsRead, NotificationPage, NotificationsQuery, Uuid};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::failure::Failure;
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;

/// What makes the bell and the list ask again.
pub(crate) const FOLLOWED: &[Topic] = &[Topic::Notifications];
/// How many the bell shows.
const IN_THE_BELL: u32 = 8;

/// The notifications of the person who is signed in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notices {
    /// The newest, and how many are unread.
    pub(crate) newest: Remote<NotificationPage>,
    /// Counts what was read or came, for whoever shows more of them.
    pub(crate) turn: RwSignal<u32>,
    session: Session,
}

impl Notices {
    /// Begins to follow them.
    pub(crate) fn start() -> Self {
        let session = Session::current();
        let turn = RwSignal::new(0);
        let newest = Remote::new(move || {
            turn.track();
            let client = session.client();
            let query = NotificationsQuery {
                limit: Some(IN_THE_BELL),
                ..NotificationsQuery::default()
            };
            async move { client.notifications(&query).await }
        })
        .follows(FOLLOWED);
        let notices = Self {
            newest,
            turn,
            session,
        };
        provide_context(notices);
        notices
    }

    /// Those of the screen around.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// How many are unread.
    pub(crate) fn unread(self) -> u64 {
        self.newest
            .data
            .with(|page| page.as_ref().map_or(0, |page| page.unread_count))
    }

    /// Something may have come or been read.
    pub(crate) fn look_again(self) {
        // The screen may be left meanwhile.
        let _ = self.turn.try_update(|turn| *turn = turn.wrapping_add(1));
    }

    /// Says that the person has read one.
    pub(crate) fn mark(self, id: Uuid) {
        self.say_read(MarkNotificationsRead {
            ids: Some(vec![id]),
            all_until: None,
        });
    }

    /// Says that the person has read this one and all before it; what came meanwhile stays unread.
    pub(crate) fn mark_until(self, newest: Uuid) {
        self.say_read(MarkNotificationsRead {
            ids: None,
            all_until: Some(newest.to_string()),
        });
    }

    fn say_read(self, body: MarkNotificationsRead) {
        let client = self.session.client();
        spawn_local(async move {
            if let Err(error) = client.mark_notifications_read(&body).await {
                // It is still shown as unread, which says it all; only a session that ended says more.
                self.session.notice(&Failure::from(error));
            }
            self.look_again();
        });
    }
}
