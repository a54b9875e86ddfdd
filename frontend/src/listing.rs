//! Lists that a screen needs whole: every page of them, asked for one after the other, as each page
//! says where the next begins. Several lists are read at the same time.

use std::future::Future;

use accord_api_types::{MAX_LIMIT, Page};

/// Calls under way at the same time when many are to be made.
pub(crate) const AT_ONCE: usize = 4;

/// Asks for page after page until the last. `ask` gets the limit and the cursor.
pub(crate) async fn every_page<T, E, Asked>(
    ask: impl Fn(Option<u32>, Option<String>) -> Asked,
) -> Result<Vec<T>, E>
where
    Asked: Future<Output = Result<Page<T>, E>>,
{
    let mut all = Vec::new();
    let mut cursor = None;
    loop {
        let page = ask(Some(MAX_LIMIT), cursor).await?;
        all.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(all),
        }
    }
}
