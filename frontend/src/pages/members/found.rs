use std::collections::HashSet;
use std::sync::Arc;

use accord_api_types::{MAX_LIMIT, Member, MembersQuery, Uuid};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::actions::Became;
use crate::remote::Remote;
use crate::session::Session;

/// The members that match, as far as they were read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Found {
    pub(super) items: Vec<Arc<Member>>,
    next_cursor: Option<String>,
}

impl Found {
    pub(super) fn has_more(&self) -> bool {
        self.next_cursor.is_some()
    }

    /// How many there are, as far as is known.
    pub(super) fn in_words(&self) -> String {
        match (self.items.len(), self.has_more()) {
            (1, false) => "1 member".into(),
            (count, false) => format!("{count} members"),
            (count, true) => format!("first {count} members"),
        }
    }

    /// Those of them with these ids.
    pub(super) fn chosen(&self, ids: &HashSet<Uuid>) -> Vec<Arc<Member>> {
        let chosen = self.items.iter().filter(|member| ids.contains(&member.id));
        chosen.cloned().collect()
    }

    /// With what became of some of them.
    fn with(mut self, became: &[Became]) -> Self {
        for one in became {
            match one {
                Became::Changed(member) => {
                    if let Some(known) = self.items.iter_mut().find(|known| known.id == member.id) {
                        *known = Arc::new((**member).clone());
                    }
                }
                Became::Gone(id) => self.items.retain(|known| known.id != *id),
            }
        }
        self
    }
}

/// Reads members page after page, as the list is scrolled.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    pub(super) remote: Remote<Found>,
    session: Session,
    /// What is looked for, and how many pages of it were read: as many are read anew.
    asked: StoredValue<(MembersQuery, usize)>,
    pub(super) reading: RwSignal<bool>,
}

impl Reader {
    /// `query` says which members, in what order; its limit and cursor are this reader's.
    pub(super) fn new(session: Session, query: impl Fn() -> MembersQuery + 'static) -> Self {
        let account_id = session.account_id();
        let asked = StoredValue::new((MembersQuery::default(), 1));
        let remote = Remote::new(move || {
            let query = query();
            let pages = asked.try_update_value(|(before, pages)| {
                if *before != query {
                    (*before, *pages) = (query.clone(), 1);
                }
                *pages
            });
            let client = session.client();
            async move {
                let mut found = Found::default();
                for _ in 0..pages.unwrap_or(1) {
                    let page = client
                        .members(account_id, &page_of(&query, found.next_cursor.take()))
                        .await?;
                    found.items.extend(page.items.into_iter().map(Arc::new));
                    found.next_cursor = page.next_cursor;
                    if found.next_cursor.is_none() {
                        break;
                    }
                }
                Ok::<_, accord_client::Error>(found)
            }
        });
        Self {
            remote,
            session,
            asked,
            reading: RwSignal::new(false),
        }
    }

    /// Reads the next page, if there is one and it is not being read already.
    pub(super) fn read_on(self) {
        self.read(1, Callback::new(|()| ()));
    }

    /// Reads all that is left; then `done`.
    pub(super) fn read_all(self, done: Callback<()>) {
        self.read(usize::MAX, done);
    }

    fn read(self, pages: usize, done: Callback<()>) {
        let cursor = self
            .remote
            .data
            .with_untracked(|found| found.as_ref().and_then(|found| found.next_cursor.clone()));
        let Some(mut cursor) = cursor.filter(|_| !self.reading.get_untracked()) else {
            return;
        };
        self.reading.set(true);
        let (client, account_id) = (self.session.client(), self.session.account_id());
        spawn_local(async move {
            for _ in 0..pages {
                let Some((query, _)) = self.asked.try_get_value() else {
                    return;
                };
                let page = client
                    .members(account_id, &page_of(&query, Some(cursor.clone())))
                    .await;
                let next = match page {
                    Ok(page) => self.append(&cursor, page.items, page.next_cursor),
                    Err(error) => {
                        self.remote.failure.try_set(Some(error.into()));
                        None
                    }
                };
                match next {
                    Some(next) => cursor = next,
                    None => break,
                }
            }
            self.reading.try_set(false);
            done.try_run(());
        });
    }

    /// Adds a page where it belongs; answers with the cursor of the next. A list that is another one by
    /// now has no use for it.
    fn append(self, at: &str, items: Vec<Member>, next: Option<String>) -> Option<String> {
        let mut following = None;
        self.remote.data.try_update(|found| {
            if let Some(found) = found
                && found.next_cursor.as_deref() == Some(at)
            {
                found.items.extend(items.into_iter().map(Arc::new));
                found.next_cursor.clone_from(&next);
                following = next;
                self.asked.try_update_value(|(_, pages)| *pages += 1);
            }
        });
        following
    }

    /// Shows what became of some members where they stand: the list stays where it was scrolled to.
    pub(super) fn show(self, became: &[Became]) {
        self.remote.data.try_update(|found| {
            *found = found.take().map(|found| found.with(became));
        });
    }
}

fn page_of(query: &MembersQuery, cursor: Option<String>) -> MembersQuery {
    MembersQuery {
        limit: Some(MAX_LIMIT),
        cursor,
        ..query.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::tests::member;
    use super::*;

    fn found(count: u128) -> Found {
        let items = (1..=count).map(|id| {
            Arc::new(Member {
                id: Uuid::from_u128(id),
                ..member(None, &[])
            })
        });
        Found {
            items: items.collect(),
            next_cursor: None,
        }
    }

    #[test]
    fn what_became_of_members_is_shown_in_place() {
        let renamed = Member {
            id: Uuid::from_u128(2),
            ..member(Some("Ada"), &[])
        };
        let after = found(3).with(&[
            Became::Changed(Box::new(renamed)),
            Became::Gone(Uuid::from_u128(1)),
            Became::Gone(Uuid::from_u128(99)),
        ]);
        let names: Vec<_> = after
            .items
            .iter()
            .map(|member| member.display_name.as_deref())
            .collect();
        assert_eq!(names, [Some("Ada"), None]);
    }

    #[test]
    fn the_count_says_whether_there_are_more() {
        let mut some = found(2);
        assert_eq!(some.in_words(), "2 members");
        some.next_cursor = Some("on".into());
        assert_eq!(some.in_words(), "first 2 members");
        assert_eq!(found(1).in_words(), "1 member");
    }

    #[test]
    fn only_those_that_were_found_can_be_chosen() {
        let ids = HashSet::from([Uuid::from_u128(2), Uuid::from_u128(9)]);
        assert_eq!(found(3).chosen(&ids).len(), 1);
    }
}
