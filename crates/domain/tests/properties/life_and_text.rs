//! The member's life in any order of events, and text of any kind.

use accord_domain::member::{MemberEvent, MemberStatus, Outcome, transition};
use accord_domain::text::{Description, EmailAddress, Name, key_of};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::world::config;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_order_of_events_keeps_the_life_legal(events in vec(select(MemberEvent::ALL), 0..30)) {
        let mut status = MemberStatus::Pending;
        for event in events {
            match transition(status, event) {
                Err(refused) => prop_assert_eq!((refused.status, refused.event), (status, event)),
                Ok(done) => {
                    let Outcome::Becomes(to) = done.to else { break };
                    // A new link exists exactly where the record waits for a decision again.
                    prop_assert_eq!(done.new_invitation, MemberStatus::from(to) == MemberStatus::Pending);
                    prop_assert!(!done.delete_shares || MemberStatus::from(to) == MemberStatus::Removed);
                    status = to.into();
                }
            }
        }
    }

    #[test]
    fn keys_are_stable(text in "\\PC{0,40}|[İıΣςσßẞǅKÅﬃ\u{301}\u{307}\u{345}a-zA-Z]{0,12}") {
        let key = key_of(&text);
        prop_assert_eq!(key_of(&key), key);
    }

    #[test]
    fn what_was_parsed_parses_to_itself(text in any::<String>()) {
        if let Ok(name) = Name::parse(&text) {
            prop_assert_eq!(Name::parse(name.as_str()), Ok(name.clone()));
            prop_assert!(name.as_str().chars().count() <= 100);
            prop_assert!(!name.as_str().chars().any(char::is_control));
        }
        if let Ok(description) = Description::parse(&text) {
            prop_assert_eq!(Description::parse(description.as_str()), Ok(description));
        }
    }

    #[test]
    fn an_address_keeps_its_key(local in "[a-zA-ZäÖñ0-9.+_-]{1,20}", domain in "[a-zA-Zäß0-9-]{1,10}\\.(com|DE|рф|み)") {
        if let Ok(address) = EmailAddress::parse(&format!("{local}@{domain}")) {
            let again = EmailAddress::parse(&address.key()).expect("a key is an address");
            prop_assert_eq!(again.key(), address.key());
            prop_assert!(address.ascii_domain().is_ascii());
            let mailed = EmailAddress::parse(&address.deliverable()).expect("so is what mail goes to");
            prop_assert_eq!(mailed.key(), address.key());
        }
    }
}
