//! Saves a change for the version that it was made for.

use accord_api_types::ErrorCode;
use accord_client::{Error, Versioned};

use super::{Content, Version, needs_telling};

/// What became of a change.
#[derive(Debug, PartialEq)]
pub(crate) enum Saved<C, T> {
    Done {
        saved: Versioned<T>,
        /// What was there right before.
        before: C,
    },
    /// Somebody else was faster: what they made of it. Nothing was saved.
    Overtaken(Version<C>),
}

/// Writes for the version that the form began with. What somebody else changed meanwhile beside what the form
/// changes does not stand in the way: then it is written for the version that there is now.
pub(crate) async fn save<C: Content, T>(
    base: Version<C>,
    mine: C,
    write: impl AsyncFn(Option<&str>) -> Result<Versioned<T>, Error>,
    read: impl AsyncFn() -> Result<Version<C>, Error>,
) -> Result<Saved<C, T>, Error> {
    let mut now = base.clone();
    loop {
        // A form that began with what a list showed has no version yet.
        let refusal = match now.etag.as_deref() {
            None => None,
            Some(etag) => match write(Some(etag)).await {
                Ok(saved) => {
                    let before = now.content;
                    return Ok(Saved::Done { saved, before });
                }
                Err(error) if error.code() == Some(ErrorCode::PreconditionFailed) => Some(error),
                Err(error) => return Err(error),
            },
        };
        let fresh = read().await?;
        if needs_telling(&base.content, &fresh.content, &mine) {
            return Ok(Saved::Overtaken(fresh));
        }
        if fresh.etag == now.etag {
            // Versions are lost on the way: another try would end here again.
            return Err(refusal.unwrap_or_else(|| Error::Decode {
                status: 200,
                detail: "an answer without a version".to_owned(),
            }));
        }
        now = fresh;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use accord_api_types::Problem;
    use futures_util::FutureExt;

    use super::super::Three;
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Text(String);

    impl Content for Text {
        fn merged(three: Three<'_, Self>) -> Self {
            Self(three.of(|text| &text.0).one())
        }
    }

    fn version(text: &str, etag: Option<&str>) -> Version<Text> {
        Version {
            content: Text(text.to_owned()),
            etag: etag.map(str::to_owned),
        }
    }

    /// What is stored: each write is for one version and makes the next.
    struct Stored {
        text: String,
        version: u32,
        writes: u32,
    }

    fn stale() -> Error {
        let code = ErrorCode::PreconditionFailed;
        Error::Problem {
            problem: Box::new(Problem {
                type_uri: String::new(),
                title: String::new(),
                status: 412,
                detail: String::new(),
                code,
                request_id: String::new(),
                errors: Vec::new(),
                context: None,
            }),
            status: 412,
            retry_after: None,
        }
    }

    fn saved(base: Version<Text>, text: &str, stored: &RefCell<Stored>) -> Saved<Text, String> {
        let write = async |etag: Option<&str>| {
            let mut stored = stored.borrow_mut();
            if etag != Some(stored.version.to_string().as_str()) {
                return Err(stale());
            }
            stored.version += 1;
            stored.writes += 1;
            stored.text = text.to_owned();
            Ok(Versioned {
                value: stored.text.clone(),
                etag: Some(stored.version.to_string()),
            })
        };
        let read = async || {
            let stored = stored.borrow();
            Ok(version(&stored.text, Some(&stored.version.to_string())))
        };
        save(base, Text(text.to_owned()), write, read)
            .now_or_never()
            .expect("nothing is waited for")
            .expect("nothing fails")
    }

    fn stored(text: &str, version: u32) -> RefCell<Stored> {
        RefCell::new(Stored {
            text: text.to_owned(),
            version,
            writes: 0,
        })
    }

    fn done(text: &str, etag: &str, before: &str) -> Saved<Text, String> {
        Saved::Done {
            saved: Versioned {
                value: text.to_owned(),
                etag: Some(etag.to_owned()),
            },
            before: Text(before.to_owned()),
        }
    }

    #[test]
    fn what_is_as_it_was_is_changed() {
        let there = stored("a", 3);
        let outcome = saved(version("a", Some("3")), "b", &there);
        assert_eq!(outcome, done("b", "4", "a"));
    }

    #[test]
    fn a_change_beside_it_does_not_stand_in_the_way() {
        let there = stored("a", 7);
        let outcome = saved(version("a", Some("3")), "b", &there);
        assert_eq!(outcome, done("b", "8", "a"));
        // Somebody else did the same: what is taken back later is what is written now.
        let there = stored("b", 7);
        let outcome = saved(version("a", Some("3")), "b", &there);
        assert_eq!(outcome, done("b", "8", "b"));
    }

    #[test]
    fn another_change_of_the_same_is_not_overwritten() {
        for mine in ["b", "a"] {
            let there = stored("theirs", 7);
            let outcome = saved(version("a", Some("3")), mine, &there);
            assert_eq!(outcome, Saved::Overtaken(version("theirs", Some("7"))));
            assert_eq!(there.borrow().writes, 0);
        }
    }

    #[test]
    fn versions_that_are_lost_on_the_way_end_in_an_error() {
        let mine = Text("b".to_owned());
        let write = async |_: Option<&str>| Err::<Versioned<String>, _>(stale());
        let read = async || Ok(version("a", Some("3")));
        let outcome = save(version("a", Some("3")), mine.clone(), write, read).now_or_never();
        assert_eq!(outcome, Some(Err(stale())));
        let read = async || Ok(version("a", None));
        let outcome = save(version("a", None), mine, write, read).now_or_never();
        assert!(matches!(outcome, Some(Err(Error::Decode { .. }))));
    }

    #[test]
    fn nothing_is_written_before_a_version_is_known() {
        let there = stored("a", 7);
        let outcome = saved(version("a", None), "b", &there);
        assert_eq!(outcome, done("b", "8", "a"));
        let there = stored("theirs", 7);
        let outcome = saved(version("a", None), "b", &there);
        assert_eq!(outcome, Saved::Overtaken(version("theirs", Some("7"))));
        assert_eq!(there.borrow().writes, 0);
    }
}
