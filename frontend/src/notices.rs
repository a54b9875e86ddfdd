//! What the person was told: read and marked in several places at once, which all follow each other.

use accord_api_types::{
    DateTime, MarkNotificationsRead, Notification, NotificationPage, NotificationsQuery, Utc, Uuid,
};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::Toasts;
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
    /// The page that shows more of them, while it is open.
    list: StoredValue<Option<Remote<NotificationPage>>>,
    session: Session,
    toasts: Toasts,
}

/// What the person says to have read.
#[derive(Clone, Copy, Debug)]
enum Reading {
    One(Uuid),
    /// One, and all that was told before it.
    Until(DateTime<Utc>, Uuid),
}

impl Reading {
    fn covers(self, told: &Notification) -> bool {
        match self {
            Self::One(id) => told.id == id,
            Self::Until(at, id) => (told.created_at, told.id) <= (at, id),
        }
    }

    fn body(self) -> MarkNotificationsRead {
        match self {
            Self::One(id) => MarkNotificationsRead {
                ids: Some(vec![id]),
                all_until: None,
            },
            Self::Until(_, newest) => MarkNotificationsRead {
                ids: None,
                all_until: Some(newest.to_string()),
            },
        }
    }

    /// Shows it as read before the server has said so, and answers how to take that back.
    fn show(self, page: &mut NotificationPage) -> Shown {
        let before = page.unread_count;
        let mut read = Vec::new();
        for told in &mut page.items {
            if told.read_at.is_none() && self.covers(told) {
                told.read_at = Some(told.created_at);
                read.push(told.id);
            }
        }
        page.unread_count = match self {
            // It may stand on another page than this one.
            Self::One(_) => before.saturating_sub(1),
            // What is newer stands on this page, which holds the newest.
            Self::Until(..) => {
                let unread = page.items.iter().filter(|told| told.read_at.is_none());
                u64::try_from(unread.count()).unwrap_or(u64::MAX)
            }
        };
        Shown {
            read,
            unread: (before, page.unread_count),
        }
    }
}

/// What a page shows as read before the server has said so.
#[derive(Debug, Default)]
struct Shown {
    read: Vec<Uuid>,
    /// How many were unread before and after it.
    unread: (u64, u64),
}

impl Shown {
    /// Shows as unread again what is still shown as read by this alone.
    fn take_back(&self, page: &mut NotificationPage) {
        for told in &mut page.items {
            if self.read.contains(&told.id) && told.read_at == Some(told.created_at) {
                told.read_at = None;
            }
        }
        let (before, after) = self.unread;
        if page.unread_count == after {
            page.unread_count = before;
        }
    }
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
            list: StoredValue::new(None),
            session,
            toasts: Toasts::current(),
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

    /// Lets the page around show at once what is marked anywhere, as long as it is open.
    pub(crate) fn also_in(self, list: Remote<NotificationPage>) {
        self.list.set_value(Some(list));
        on_cleanup(move || {
            self.list.try_set_value(None);
        });
    }

    /// Says that the person has read one that was unread.
    pub(crate) fn mark(self, id: Uuid) {
        self.say_read(Reading::One(id));
    }

    /// Says that the person has read all of these; what came meanwhile stays unread.
    pub(crate) fn mark_all(self, shown: Remote<NotificationPage>) {
        let newest = shown.data.with_untracked(|page| {
            let newest = page.as_ref()?.items.first()?;
            Some(Reading::Until(newest.created_at, newest.id))
        });
        if let Some(reading) = newest {
            self.say_read(reading);
        }
    }

    /// It is shown as read at once, and as unread again when the server could not take note of it.
    fn say_read(self, reading: Reading) {
        let client = self.session.client();
        let pages = [Some(self.newest), self.list.get_value()];
        let pages: Vec<(Remote<NotificationPage>, Shown)> = pages
            .into_iter()
            .flatten()
            .map(|page| {
                let shown = page
                    .data
                    .try_update(|page| Some(reading.show(page.as_mut()?)));
                (page, shown.flatten().unwrap_or_default())
            })
            .collect();
        spawn_local(async move {
            if let Err(error) = client.mark_notifications_read(&reading.body()).await {
                for (page, shown) in &pages {
                    page.data.try_update(|page| {
                        if let Some(page) = page {
                            shown.take_back(page);
                        }
                    });
                }
                let failure = Failure::from(error);
                self.session.notice(&failure);
                let why = failure.sentence();
                self.toasts.failed(format!("Not marked as read. {why}"));
            }
            self.look_again();
        });
    }
}

#[cfg(test)]
mod tests {
    use accord_api_types::{NotificationKind, NotificationParams};

    use super::*;

    fn told(number: u128, read: bool) -> Notification {
        let at = DateTime::from_timestamp(i64::try_from(number).unwrap(), 0).unwrap();
        Notification {
            id: Uuid::from_u128(number),
            kind: NotificationKind::MemberLeft,
            params: NotificationParams::default(),
            account_id: None,
            member_id: None,
            environment_id: None,
            created_at: at,
            read_at: read.then_some(at + std::time::Duration::from_secs(1)),
        }
    }

    /// The newest first; there are more unread ones than it shows.
    fn page() -> NotificationPage {
        NotificationPage {
            items: vec![told(9, false), told(8, true), told(7, false)],
            next_cursor: Some("more".into()),
            unread_count: 5,
        }
    }

    fn unread(page: &NotificationPage) -> Vec<u128> {
        let unread = page.items.iter().filter(|told| told.read_at.is_none());
        unread.map(|told| told.id.as_u128()).collect()
    }

    #[test]
    fn one_is_shown_as_read_and_taken_back() {
        let mut shown = page();
        let reading = Reading::One(Uuid::from_u128(7)).show(&mut shown);
        assert_eq!((unread(&shown), shown.unread_count), (vec![9], 4));
        reading.take_back(&mut shown);
        assert_eq!(shown, page());
    }

    #[test]
    fn one_that_stands_elsewhere_is_counted() {
        let mut shown = page();
        let reading = Reading::One(Uuid::from_u128(2)).show(&mut shown);
        assert_eq!((unread(&shown), shown.unread_count), (vec![9, 7], 4));
        reading.take_back(&mut shown);
        assert_eq!(shown, page());
    }

    #[test]
    fn all_until_one_leaves_what_came_after_it() {
        let until = |number: u128| {
            let last = told(number, true);
            Reading::Until(last.created_at, last.id)
        };
        let mut shown = page();
        let reading = until(9).show(&mut shown);
        assert_eq!((unread(&shown), shown.unread_count), (vec![], 0));
        reading.take_back(&mut shown);
        assert_eq!(shown, page());
        until(8).show(&mut shown);
        assert_eq!((unread(&shown), shown.unread_count), (vec![9], 1));
    }

    #[test]
    fn what_the_server_said_meanwhile_is_not_taken_back() {
        let mut shown = page();
        let reading = Reading::One(Uuid::from_u128(7)).show(&mut shown);
        let mut answer = page();
        answer.unread_count = 6;
        answer.items[2] = told(7, true);
        shown = answer.clone();
        reading.take_back(&mut shown);
        assert_eq!(shown, answer);
    }
}
