//! Sharing and inviting by the owner and by those who manage collaboration on an environment.

use std::collections::BTreeSet;

use accord_domain::account::AccountKind;
use accord_domain::authorize::*;
use accord_domain::delegation::{Delegation, DirectRoles, NotDelegated};
use accord_domain::ids::RoleId;
use accord_domain::member::MemberStatus;
use accord_domain::sharing::Item;

use super::{
    BLOG, EDITOR, INVITE, MANAGER, MEMBER, OTHER_MEMBER, READ, READER, SHOP, WRITE, answers, given,
    guest, host, now, on_shop, relations, row,
};

/// The roles of a direct share that a member with this role may give on the shop.
fn direct(role: RoleId) -> DirectRoles {
    DirectRoles {
        role_ids: BTreeSet::from([role]),
        expires_at: None,
    }
}

fn plainly<P: Permission>(answer: Result<Grant<P>, NotShared>) -> Result<Grant<P>, Denied> {
    answer.map_err(|refused| match refused {
        NotShared::Denied(denied) => denied,
        NotShared::NotDelegated(why) => panic!("not a matter of delegation: {why}"),
    })
}

/// Sharing the shop with another member, by somebody with this role there.
fn sharing(role: Option<RoleId>) -> Vec<&'static str> {
    let relations = relations();
    let own = role.map(|role| given(Item::Environment(SHOP), role));
    let delegation = own
        .as_ref()
        .map(|own| Delegation::new(&relations, MEMBER, own, SHOP, now()));
    answers(|caller, host, standing| {
        plainly(authorize_direct_share(
            caller,
            host,
            standing,
            delegation.as_ref(),
            (OTHER_MEMBER, &[]),
            Some(&direct(MANAGER)),
        ))
    })
}

fn newcomer() -> Invitee<'static> {
    Invitee {
        member_id: OTHER_MEMBER,
        status: None,
        shares: &[],
    }
}

#[test]
fn sharing_is_the_owners_and_who_manages_collaboration() {
    assert_eq!(sharing(None), row(WRITE, "hidden"));
    assert_eq!(sharing(Some(READER)), row(WRITE, "forbidden"));
    assert_eq!(sharing(Some(MANAGER)), row(WRITE, "yes"));
    assert_eq!(on_shop::<SeeCollaboration>(Some(MANAGER)), row(READ, "yes"));
    assert_eq!(
        on_shop::<SeeCollaboration>(Some(READER)),
        row(READ, "forbidden")
    );
}

#[test]
fn inviting_needs_a_proven_address_of_a_delegate_too() {
    let relations = relations();
    let own = given(Item::Environment(SHOP), MANAGER);
    let delegation = Delegation::new(&relations, MEMBER, &own, SHOP, now());
    let invite = |caller: &Caller, host: &Host, standing| {
        plainly(authorize_invitation::<InviteToEnvironment>(
            caller,
            host,
            standing,
            Some(&delegation),
            newcomer(),
            Some(&direct(MANAGER)),
        ))
    };
    let mut wanted = row(INVITE, "yes");
    (wanted[5], wanted[7]) = ("unverified", "unverified");
    assert_eq!(answers(invite), wanted);
}

#[test]
fn a_delegates_grant_covers_one_share_or_one_record() {
    let relations = relations();
    let own = given(Item::Environment(SHOP), MANAGER);
    let delegation = Delegation::new(&relations, MEMBER, &own, SHOP, now());
    let (caller, host) = (guest(), host(AccountKind::Billing));
    let standing = Standing::ActiveMember(MEMBER);
    let share = authorize_direct_share(
        caller,
        &host,
        standing,
        Some(&delegation),
        (OTHER_MEMBER, &[]),
        Some(&direct(MANAGER)),
    )
    .expect("granted");
    let invitation = authorize_invitation::<InviteToEnvironment>(
        &caller,
        &host,
        standing,
        Some(&delegation),
        newcomer(),
        Some(&direct(MANAGER)),
    )
    .expect("granted");
    let shop = Item::Environment(SHOP);
    for (covers_share, covers_all) in [
        (
            share.covers_share(OTHER_MEMBER, shop),
            share.covers_shares_of(OTHER_MEMBER),
        ),
        (
            invitation.covers_share(OTHER_MEMBER, shop),
            invitation.covers_shares_of(OTHER_MEMBER),
        ),
    ] {
        assert!(covers_share && !covers_all);
    }
    for item in [Item::Environment(BLOG), Item::Environments, Item::Groups] {
        assert!(!share.covers_share(OTHER_MEMBER, item));
        assert!(!invitation.covers_share(OTHER_MEMBER, item));
    }
    assert!(!share.covers_share(MEMBER, shop) && !invitation.covers_share(MEMBER, shop));
    assert!(!share.covers_member(OTHER_MEMBER) && !share.covers_new_member(OTHER_MEMBER));
    assert!(invitation.covers_member(OTHER_MEMBER) && !invitation.covers_member(MEMBER));
    assert!(invitation.covers_new_member(OTHER_MEMBER) && !invitation.covers_new_member(MEMBER));
    assert!(!share.covers_environment(SHOP) && !invitation.covers_environment(SHOP));
}

#[test]
fn records_of_others_who_are_in_are_no_delegates_to_touch() {
    let relations = relations();
    let own = given(Item::Environment(SHOP), MANAGER);
    let delegation = Delegation::new(&relations, MEMBER, &own, SHOP, now());
    let touch = |status, item| {
        let shares = given(item, MANAGER).shares;
        authorize_invitation::<WithdrawInvitation>(
            &guest(),
            &host(AccountKind::Billing),
            Standing::ActiveMember(MEMBER),
            Some(&delegation),
            Invitee {
                member_id: OTHER_MEMBER,
                status: Some(status),
                shares: &shares,
            },
            None,
        )
    };
    let shop = Item::Environment(SHOP);
    for status in MemberStatus::ALL {
        let outside = matches!(
            status,
            MemberStatus::Pending | MemberStatus::Expired | MemberStatus::Removed
        );
        assert_eq!(touch(*status, shop).is_ok(), outside, "{status}");
        assert!(touch(*status, Item::Environments).is_err(), "{status}");
    }
    let more = given(shop, EDITOR).shares;
    let refused = authorize_direct_share(
        guest(),
        &host(AccountKind::Billing),
        Standing::ActiveMember(MEMBER),
        Some(&delegation),
        (OTHER_MEMBER, &more),
        None,
    );
    assert!(matches!(
        refused,
        Err(NotShared::NotDelegated(NotDelegated::Holds { .. }))
    ));
}
