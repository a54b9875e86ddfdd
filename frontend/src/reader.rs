//! Lists that may be long: read page after page, as they are scrolled.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use accord_api_types::Page;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::failure::Failure;
use crate::remote::Remote;
use crate::session::Session;

/// The items that match, as far as they were read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found<T> {
    pub(crate) items: Vec<Arc<T>>,
    next_cursor: Option<String>,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            next_cursor: None,
        }
    }
}

impl<T> Found<T> {
    pub(crate) fn has_more(&self) -> bool {
        self.next_cursor.is_some()
    }

    /// How many there are, as far as is known; `one` and `several` are what they are called.
    pub(crate) fn in_words(&self, one: &str, several: &str) -> String {
        match (self.items.len(), self.has_more()) {
            (1, false) => format!("1 {one}"),
            (count, false) => format!("{count} {several}"),
            (count, true) => format!("first {count} {several}"),
        }
    }
}

/// A page on its way.
type Asked<T> = Pin<Box<dyn Future<Output = accord_client::Result<Page<T>>>>>;
/// Asks for the page of a list that begins at a cursor.
type Ask<T, Q> = Arc<dyn Fn(Q, Option<String>) -> Asked<T> + Send + Sync>;

/// Reads a list as it is scrolled. `Q` says which list it is.
pub(crate) struct Reader<T: Send + Sync + 'static, Q: Send + Sync + 'static> {
    pub(crate) remote: Remote<Found<T>>,
    ask: StoredValue<Ask<T, Q>>,
    /// What is looked for, and how many pages of it were read: as many are read anew.
    asked: StoredValue<Option<(Q, usize)>>,
    pub(crate) reading: RwSignal<bool>,
    session: Session,
}

impl<T: Send + Sync + 'static, Q: Send + Sync + 'static> Copy for Reader<T, Q> {}

impl<T: Send + Sync + 'static, Q: Send + Sync + 'static> Clone for Reader<T, Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, Q> Reader<T, Q>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    Q: Clone + PartialEq + Send + Sync + 'static,
{
    /// `query` says which list, and `ask` asks for a page of it.
    pub(crate) fn new<Answer>(
        query: impl Fn() -> Q + 'static,
        ask: impl Fn(Q, Option<String>) -> Answer + Send + Sync + 'static,
    ) -> Self
    where
        Answer: Future<Output = accord_client::Result<Page<T>>> + 'static,
    {
        let ask: Ask<T, Q> = Arc::new(move |query, cursor| Box::pin(ask(query, cursor)));
        let asked = StoredValue::new(None::<(Q, usize)>);
        let first = Arc::clone(&ask);
        let remote = Remote::new(move || {
            let query = query();
            let pages = asked.try_update_value(|asked| match asked {
                Some((before, pages)) if *before == query => *pages,
                _ => {
                    *asked = Some((query.clone(), 1));
                    1
                }
            });
            let ask = Arc::clone(&first);
            async move {
                let mut found = Found::default();
                for _ in 0..pages.unwrap_or(1) {
                    let page = ask(query.clone(), found.next_cursor.take()).await?;
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
            ask: StoredValue::new(ask),
            asked,
            reading: RwSignal::new(false),
            session: Session::current(),
        }
    }

    /// Reads the next page, if there is one and it is not being read already.
    pub(crate) fn read_on(self) {
        self.read(1, Callback::new(|()| ()));
    }

    /// Reads all that is left; then `done`.
    pub(crate) fn read_all(self, done: Callback<()>) {
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
        spawn_local(async move {
            for _ in 0..pages {
                let known = self.asked.try_get_value().flatten();
                let Some(((query, _), ask)) = known.zip(self.ask.try_get_value()) else {
                    return;
                };
                let page = ask(query, Some(cursor.clone())).await;
                let next = match page {
                    Ok(page) => self.append(&cursor, page.items, page.next_cursor),
                    // What was to be done with all of them is not done with a part.
                    Err(error) => {
                        let failure = Failure::from(error);
                        self.session.notice(&failure);
                        self.remote.failure.try_set(Some(failure));
                        self.reading.try_set(false);
                        return;
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
    fn append(self, at: &str, items: Vec<T>, next: Option<String>) -> Option<String> {
        let mut following = None;
        self.remote.data.try_update(|found| {
            if let Some(found) = found
                && found.next_cursor.as_deref() == Some(at)
            {
                found.items.extend(items.into_iter().map(Arc::new));
                found.next_cursor.clone_from(&next);
                following = next;
                self.asked.try_update_value(|asked| {
                    if let Some((_, pages)) = asked {
                        *pages += 1;
                    }
                });
            }
        });
        following
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_says_whether_there_are_more() {
        let mut some = Found {
            items: vec![Arc::new(1), Arc::new(2)],
            next_cursor: None,
        };
        assert_eq!(some.in_words("member", "members"), "2 members");
        some.next_cursor = Some("on".into());
        assert_eq!(some.in_words("member", "members"), "first 2 members");
        some.items.truncate(1);
        some.next_cursor = None;
        assert_eq!(some.in_words("member", "members"), "1 member");
    }
}
