//! Lists: asked for whole where a screen needs all of them, page by page where there may be thousands.
//! Several lists are read at the same time.

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
    let all = first_pages(usize::MAX, ask).await?;
    Ok(all.items)
}

/// Asks for page after page until there are `wanted` items, or no more.
pub(crate) async fn first_pages<T, E, Asked>(
    wanted: usize,
    ask: impl Fn(Option<u32>, Option<String>) -> Asked,
) -> Result<Page<T>, E>
where
    Asked: Future<Output = Result<Page<T>, E>>,
{
    let limit = u32::try_from(wanted).unwrap_or(MAX_LIMIT).min(MAX_LIMIT);
    let mut all = Page::whole(Vec::new());
    loop {
        let page = ask(Some(limit), all.next_cursor.take()).await?;
        all.items.extend(page.items);
        all.next_cursor = page.next_cursor;
        if all.next_cursor.is_none() || all.items.len() >= wanted {
            return Ok(all);
        }
    }
}

/// A number of things, in words.
pub(crate) fn in_words<N: PartialEq + From<u8> + std::fmt::Display>(count: N, one: &str) -> String {
    if count == N::from(1) {
        format!("1 {one}")
    } else {
        format!("{count} {one}s")
    }
}

/// The first names, and how many more there are: `blog, lab and 4 more`.
pub(crate) fn some_of(names: &[String], most: usize) -> String {
    let mut words: Vec<String> = names.iter().take(most).cloned().collect();
    let more = names.len() - words.len();
    if more > 0 {
        words.push(format!("{more} more"));
    }
    match &words[..] {
        [first @ .., before, last] => {
            let first: String = first.iter().map(|name| format!("{name}, ")).collect();
            format!("{first}{before} and {last}")
        }
        few => few.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::{in_words, some_of};

    #[test]
    fn the_first_are_named_and_the_rest_counted() {
        let names = ["blog", "lab", "shop", "wiki"].map(str::to_owned);
        assert_eq!(some_of(&names[..0], 3), "");
        assert_eq!(some_of(&names[..1], 3), "blog");
        assert_eq!(some_of(&names[..2], 3), "blog and lab");
        assert_eq!(some_of(&names[..3], 3), "blog, lab and shop");
        assert_eq!(some_of(&names, 2), "blog, lab and 2 more");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(in_words(0_usize, "role"), "0 roles");
        assert_eq!(in_words(1_u64, "role"), "1 role");
        assert_eq!(in_words(2_usize, "role"), "2 roles");
    }
}
