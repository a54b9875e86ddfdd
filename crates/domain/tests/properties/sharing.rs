//! Lists of shares: what is taken, what is refused, what a copy gets.

use std::collections::BTreeSet;

use accord_domain::ids::ShareId;
use accord_domain::sharing::{Item, Share, ShareDraft, ShareError, check_drafts, shares_to_copy};
use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use crate::world::*;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn checked_shares_are_what_was_asked(
        drafts in vec((item(), vec((0..ROLES).prop_map(role), 0..4), end()), 0..8),
    ) {
        let drafts: Vec<ShareDraft> = drafts
            .into_iter()
            .map(|(item, role_ids, expires_at)| ShareDraft { item, role_ids, expires_at })
            .collect();
        let at_fault = (0..drafts.len()).find(|index| {
            let draft = &drafts[*index];
            draft.role_ids.is_empty()
                || drafts[..*index].iter().any(|before| before.item == draft.item)
                || draft.expires_at.is_some_and(|end| end <= now())
        });
        match check_drafts(&drafts, &[], now()) {
            Err(error) => prop_assert_eq!(error.index(), at_fault),
            Ok(checked) => {
                prop_assert_eq!(at_fault, None);
                prop_assert_eq!(checked.len(), drafts.len());
                for (share, draft) in checked.iter().zip(&drafts) {
                    prop_assert_eq!(share.item, draft.item);
                    prop_assert_eq!(&share.role_ids, &draft.role_ids.iter().copied().collect::<BTreeSet<_>>());
                }
            }
        }
    }

    #[test]
    fn a_copy_has_the_shares_that_have_not_ended(shares in shares()) {
        let copied = shares_to_copy(&shares, now());
        for share in &shares {
            let wanted = !share.ended(now()) && !share.role_ids.is_empty();
            prop_assert_eq!(copied.iter().any(|copy| copy.item == share.item), wanted);
        }
        prop_assert!(copied.len() <= shares.len());
    }
}

#[test]
fn an_ended_share_may_stay_as_it_is_but_not_be_changed() {
    let stored = Share {
        id: ShareId(Uuid::from_u128(1)),
        item: Item::Environments,
        role_ids: BTreeSet::from([role(0)]),
        expires_at: Some(now() - TimeDelta::days(1)),
    };
    let draft = ShareDraft {
        item: stored.item,
        role_ids: vec![role(0)],
        expires_at: stored.expires_at,
    };
    let check = |draft: &ShareDraft| {
        check_drafts(
            std::slice::from_ref(draft),
            std::slice::from_ref(&stored),
            now(),
        )
    };
    assert!(check(&draft).is_ok());
    let finer = ShareDraft {
        expires_at: draft
            .expires_at
            .map(|end| end + TimeDelta::nanoseconds(900)),
        ..draft.clone()
    };
    assert!(
        check(&finer).is_ok(),
        "times are compared as finely as they are stored"
    );
    let extended = ShareDraft {
        expires_at: Some(now() + TimeDelta::days(1)),
        ..draft.clone()
    };
    assert!(check(&extended).is_ok());
    let other_roles = ShareDraft {
        role_ids: vec![role(1)],
        ..draft
    };
    assert_eq!(check(&other_roles), Err(ShareError::EndInPast { index: 0 }));
    let other_end = ShareDraft {
        expires_at: Some(now()),
        ..draft
    };
    assert_eq!(check(&other_end), Err(ShareError::EndInPast { index: 0 }));
}

#[test]
fn more_than_two_thousand_shares_are_refused() {
    let draft = |n| ShareDraft {
        item: Item::Group(group(n)),
        role_ids: vec![role(0)],
        expires_at: None,
    };
    let drafts: Vec<ShareDraft> = (0..2001).map(draft).collect();
    assert_eq!(
        check_drafts(&drafts, &[], now()),
        Err(ShareError::TooMany { count: 2001 })
    );
    assert_eq!(
        check_drafts(&drafts[..2000], &[], now()).map(|checked| checked.len()),
        Ok(2000)
    );
}
