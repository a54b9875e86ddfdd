use leptos::prelude::*;

/// A person's initials in a colour that stays theirs.
#[component]
pub(crate) fn Avatar(#[prop(into)] name: String) -> impl IntoView {
    view! { <span class="avatar" data-hue=hue(&name) data-initials=initials(&name) aria-hidden="true"></span> }
}

/// A person in a list: avatar, name, address.
#[component]
pub(crate) fn Person(
    #[prop(into)] name: Option<String>,
    #[prop(into)] email: String,
    /// Where the person's own page is.
    #[prop(optional, into)]
    href: Option<String>,
) -> impl IntoView {
    let title = name.clone().unwrap_or_else(|| email.clone());
    let below = name.is_some().then(|| email.clone());
    view! {
        <span class="person">
            <Avatar name=title.clone()/>
            <span class="person-words">
                {match href {
                    Some(href) => view! { <a class="person-name" href=href>{title}</a> }.into_any(),
                    None => view! { <span class="person-name">{title}</span> }.into_any(),
                }}
                {below.map(|email| view! { <span class="person-email">{email}</span> })}
            </span>
        </span>
    }
}

/// One or two letters for a name or an address.
fn initials(name: &str) -> String {
    let name = name.split('@').next().unwrap_or(name);
    let mut words = name
        .split(|c: char| !c.is_alphanumeric())
        .filter_map(|word| word.chars().next());
    let first = words.next();
    first
        .into_iter()
        .chain(words.next_back())
        .flat_map(char::to_uppercase)
        .collect()
}

/// One of eight hues, the same for the same name on every screen.
fn hue(name: &str) -> String {
    let sum = name.bytes().fold(7u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    (sum % 8).to_string()
}

#[cfg(test)]
mod tests {
    use super::{hue, initials};

    #[test]
    fn initials_come_from_names_and_addresses() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("ada.king.lovelace@example.org"), "AL");
        assert_eq!(initials("ada"), "A");
        assert_eq!(initials("Émile Zola"), "ÉZ");
        assert_eq!(initials("李 小龙"), "李小");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn a_name_keeps_its_hue() {
        assert_eq!(hue("Ada"), hue("Ada"));
        assert!(hue("Grace").parse::<u8>().is_ok_and(|hue| hue < 8));
    }
}
