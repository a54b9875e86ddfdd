//! Records of members, and the persons whom they belong to.

use std::collections::BTreeSet;

use accord_domain::account::AccountKind;
use accord_domain::authorize::*;

use super::{GUEST, HOST, MEMBER, OTHER, OTHER_MEMBER, SHOP, caller, host, word};

/// Every person permission asked at once: they follow one rule.
fn person(caller: &Caller, host: &Host, record: PersonMatch) -> &'static str {
    let decide = authorize_person::<DecideInvitation>(caller, host, record);
    let leave = authorize_person::<LeaveCollaboration>(caller, host, record);
    let label = authorize_person::<LabelCollaboration>(caller, host, record);
    let answers = BTreeSet::from([word(&decide), word(&leave), word(&label)]);
    assert_eq!(answers.len(), 1, "{answers:?}");
    if let Ok(grant) = decide {
        assert!(grant.covers_member(MEMBER) && !grant.covers_member(OTHER_MEMBER));
        assert!(!grant.covers_environment(SHOP) && !grant.covers_new_environment(&[]));
    }
    answers.into_iter().next().expect("one answer")
}

#[test]
fn a_record_belongs_to_its_person() {
    use HeldLink::{Copied, MadeAccount, Mailed, None as NoLink};
    let host = host(AccountKind::Billing);
    let tied = Some(GUEST);
    let others = Some(OTHER);
    // tied to, address matches, link, answer to a verified caller, answer to one that is not
    let table = [
        (None, true, NoLink, "yes", "unverified"),
        (None, true, Copied, "yes", "unverified"),
        (None, true, Mailed, "yes", "yes"),
        (None, true, MadeAccount, "yes", "yes"),
        (None, false, NoLink, "hidden", "hidden"),
        (None, false, Copied, "forbidden", "forbidden"),
        (None, false, Mailed, "forbidden", "forbidden"),
        (None, false, MadeAccount, "forbidden", "forbidden"),
        (tied, true, NoLink, "yes", "yes"),
        (tied, false, NoLink, "yes", "yes"),
        (tied, false, Copied, "yes", "yes"),
        (tied, false, Mailed, "yes", "yes"),
        (others, true, NoLink, "hidden", "hidden"),
        (others, true, Mailed, "forbidden", "forbidden"),
        (others, true, Copied, "forbidden", "forbidden"),
        (others, false, NoLink, "hidden", "hidden"),
    ];
    for (person_account_id, email_matches, link, verified, unverified) in table {
        let record = PersonMatch {
            member_id: MEMBER,
            person_account_id,
            email_matches,
            link,
        };
        for kind in [AccountKind::Billing, AccountKind::Member] {
            assert_eq!(
                person(&caller(GUEST, kind, true), &host, record),
                verified,
                "{record:?}"
            );
            assert_eq!(
                person(&caller(GUEST, kind, false), &host, record),
                unverified,
                "{record:?}"
            );
            let frozen = Host {
                frozen: true,
                ..host
            };
            assert_eq!(
                person(&caller(GUEST, kind, true), &frozen, record),
                "hidden",
                "{record:?}"
            );
        }
        let own = caller(HOST, AccountKind::Billing, true);
        assert_eq!(
            person(&own, &host, record),
            "forbidden",
            "nobody decides into their own account"
        );
    }
}

#[test]
fn a_link_is_enough_to_reject_unless_the_host_is_frozen() {
    let host = host(AccountKind::Billing);
    let grant = authorize_link_holder(&host, MEMBER).expect("allowed");
    assert_eq!((grant.account_id(), grant.caller()), (HOST, None));
    assert!(grant.covers_member(MEMBER) && !grant.covers_member(OTHER_MEMBER));
    let frozen = Host {
        frozen: true,
        ..host
    };
    assert_eq!(word(&authorize_link_holder(&frozen, MEMBER)), "hidden");
}
