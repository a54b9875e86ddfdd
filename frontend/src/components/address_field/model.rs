//! Addresses as people type and paste them: lists with commas, semicolons, spaces or line breaks, and
//! `Name <name@example.com>` as mail programs copy it.

/// Somebody to write to, as far as what was typed tells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Parsed {
    pub(crate) address: String,
    pub(crate) name: Option<String>,
}

impl Parsed {
    fn bare(address: &str) -> Self {
        Self {
            address: address.trim_start_matches("mailto:").to_owned(),
            name: None,
        }
    }

    /// As it would be typed.
    pub(crate) fn text(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} <{}>", self.address),
            None => self.address.clone(),
        }
    }
}

/// Everybody in a text.
pub(crate) fn parse(text: &str) -> Vec<Parsed> {
    pieces(text).into_iter().flat_map(parse_piece).collect()
}

/// What of a text being typed is complete, and the rest that is still being typed. A space ends an
/// address, but not a name.
pub(crate) fn take_complete(text: &str) -> (Vec<Parsed>, String) {
    let end = last_separator(text).map_or(0, |(at, length)| at + length);
    let (complete, rest) = text.split_at(end);
    let ended = rest.ends_with(char::is_whitespace) && is_whole(rest.trim());
    let (complete, rest) = if ended { (text, "") } else { (complete, rest) };
    (parse(complete), rest.trim_start().to_owned())
}

/// Whether this can only be an address with its name, and not the beginning of one.
fn is_whole(text: &str) -> bool {
    let closed = text.contains('<') && text.ends_with('>');
    let one_word = !text.contains(['<', '"']) && text.split_whitespace().count() == 1;
    let has_domain = text
        .rsplit_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    closed || (one_word && has_domain)
}

const fn separates(letter: char) -> bool {
    matches!(letter, ',' | ';' | '\n' | '\r' | '\t')
}

/// The separators that are in neither quotes nor angle brackets, as (place, length).
fn separators(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let (mut quoted, mut bracketed) = (false, false);
    text.char_indices().filter_map(move |(at, letter)| {
        match letter {
            '"' if !bracketed => quoted = !quoted,
            '<' if !quoted => bracketed = true,
            '>' => bracketed = false,
            // Nobody's name has a line break: whatever was opened before it was never closed.
            '\n' | '\r' => (quoted, bracketed) = (false, false),
            _ => {}
        }
        (separates(letter) && !quoted && !bracketed).then_some((at, letter.len_utf8()))
    })
}

fn last_separator(text: &str) -> Option<(usize, usize)> {
    separators(text).last()
}

fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for (at, length) in separators(text) {
        pieces.push(&text[from..at]);
        from = at + length;
    }
    pieces.push(&text[from..]);
    pieces
        .into_iter()
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
        .collect()
}

fn parse_piece(piece: &str) -> Vec<Parsed> {
    if let Some((name, rest)) = piece.split_once('<')
        && let Some((address, after)) = rest.split_once('>')
    {
        let name = name.trim().trim_matches('"').trim();
        let mut found = vec![Parsed {
            name: (!name.is_empty()).then(|| name.to_owned()),
            ..Parsed::bare(address.trim())
        }];
        found.extend(parse(after));
        return found;
    }
    let words: Vec<&str> = piece.split_whitespace().collect();
    if !words.iter().any(|word| word.contains('@')) {
        // Not an address at all; it is kept to be mended.
        return vec![Parsed::bare(piece)];
    }
    let (mut found, mut name) = (Vec::new(), Vec::new());
    for word in words {
        if word.contains('@') {
            found.push(Parsed {
                name: (!name.is_empty()).then(|| name.join(" ")),
                ..Parsed::bare(word)
            });
            name.clear();
        } else {
            name.push(word);
        }
    }
    if !name.is_empty() {
        found.push(Parsed::bare(&name.join(" ")));
    }
    found
}

/// Whether two addresses are the same as far as a glance can tell.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(parsed: &[Parsed]) -> Vec<String> {
        parsed.iter().map(Parsed::text).collect()
    }

    #[test]
    fn lists_are_taken_apart_however_they_are_written() {
        for list in [
            "a@x.org, b@x.org; c@x.org",
            "a@x.org b@x.org\nc@x.org",
            " a@x.org,,;\r\n b@x.org ;c@x.org, ",
            "mailto:a@x.org\tb@x.org <c@x.org>",
        ] {
            let addresses: Vec<_> = parse(list).into_iter().map(|one| one.address).collect();
            assert_eq!(
                addresses.first().map(String::as_str),
                Some("a@x.org"),
                "{list}"
            );
            assert_eq!(
                addresses.last().map(String::as_str),
                Some("c@x.org"),
                "{list}"
            );
        }
        assert!(parse(" ,; \n").is_empty());
    }

    #[test]
    fn names_go_with_their_addresses() {
        let pasted =
            "Ada Lovelace <ada@x.org>, \"Hopper, Grace\" <grace@x.org>; <bob@x.org> carol@x.org";
        assert_eq!(
            texts(&parse(pasted)),
            [
                "Ada Lovelace <ada@x.org>",
                "Hopper, Grace <grace@x.org>",
                "bob@x.org",
                "carol@x.org"
            ]
        );
        assert_eq!(texts(&parse("Ada ada@x.org")), ["Ada <ada@x.org>"]);
    }

    #[test]
    fn what_is_no_address_is_kept_to_be_mended() {
        assert_eq!(texts(&parse("Ada Lovelace")), ["Ada Lovelace"]);
        assert_eq!(texts(&parse("a@x.org Bob")), ["a@x.org", "Bob"]);
        assert_eq!(texts(&parse("Ada <ada")), ["Ada <ada"]);
    }

    #[test]
    fn a_space_ends_an_address_but_not_a_name() {
        assert_eq!(take_complete("ada@x.org"), (vec![], "ada@x.org".into()));
        assert_eq!(
            take_complete("ada@x.org "),
            (parse("ada@x.org"), String::new())
        );
        assert_eq!(take_complete("Ada "), (vec![], "Ada ".into()));
        assert_eq!(
            take_complete("Ada <ada@x.org> "),
            (parse("Ada <ada@x.org>"), String::new())
        );
        assert_eq!(
            take_complete("\"Lovelace, "),
            (vec![], "\"Lovelace, ".into())
        );
    }

    #[test]
    fn a_separator_ends_whatever_stands_before_it() {
        assert_eq!(
            take_complete("ada@x.org,bo"),
            (parse("ada@x.org"), "bo".into())
        );
        assert_eq!(
            take_complete("nonsense;"),
            (parse("nonsense"), String::new())
        );
        assert_eq!(take_complete(","), (vec![], String::new()));
    }

    #[test]
    fn addresses_are_the_same_without_regard_to_case() {
        assert!(same(" Ada@X.org", "ada@x.org"));
        assert!(!same("ada@x.org", "bob@x.org"));
    }
}
