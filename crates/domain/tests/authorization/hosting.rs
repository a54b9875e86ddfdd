//! What is the owner's alone, whom the platform stands for, and how somebody stands to an account.

use accord_domain::account::AccountKind;
use accord_domain::authorize::*;
use accord_domain::member::MemberStatus;

use super::{HOST, INVITE, MEMBER, READ, WRITE, answers, caller, guest, host, now, row, word};

#[test]
fn what_is_the_owners_alone() {
    assert_eq!(
        answers(|caller, host, standing| authorize::<ReadHosting>(caller, host, standing)),
        row(READ, "forbidden")
    );
    assert_eq!(
        answers(|caller, host, standing| authorize::<InviteMembers>(caller, host, standing)),
        row(INVITE, "forbidden")
    );
    assert_eq!(
        answers(|caller, host, standing| authorize::<ManageMembers>(caller, host, standing)),
        row(WRITE, "forbidden")
    );
    assert_eq!(
        answers(|caller, host, standing| authorize::<ManageRoles>(caller, host, standing)),
        row(WRITE, "forbidden")
    );
    assert_eq!(
        answers(|caller, host, standing| authorize::<ManagePolicies>(caller, host, standing)),
        row(WRITE, "forbidden")
    );
    assert_eq!(
        answers(|caller, host, standing| authorize::<ManageGroups>(caller, host, standing)),
        row(WRITE, "forbidden")
    );
    assert_eq!(
        answers(|caller, host, standing| authorize::<ManageEnvironments>(caller, host, standing)),
        row(WRITE, "forbidden")
    );
}

#[test]
fn the_account_is_seen_by_its_owner_and_its_active_members() {
    assert_eq!(
        answers(|caller, host, standing| authorize_see_account(caller, host, standing)),
        row(READ, "yes")
    );
}

#[test]
fn standing_follows_from_the_record() {
    let host = host(AccountKind::Billing);
    let frozen = Host {
        frozen: true,
        ..host
    };
    for status in MemberStatus::ALL.iter().copied() {
        let wanted = if status == MemberStatus::Active {
            Standing::ActiveMember(MEMBER)
        } else {
            Standing::Stranger
        };
        assert_eq!(
            Standing::of(guest(), &host, Some((MEMBER, status))),
            wanted,
            "{status}"
        );
        assert_eq!(
            Standing::of(guest(), &frozen, Some((MEMBER, status))),
            Standing::Stranger,
            "{status}"
        );
        let owner = caller(HOST, AccountKind::Billing, true);
        assert_eq!(
            Standing::of(owner, &host, Some((MEMBER, status))),
            Standing::Owner
        );
    }
    assert_eq!(Standing::of(guest(), &host, None), Standing::Stranger);
}

#[test]
fn a_new_account_may_be_given_its_example_roles() {
    let grant = authorize_new_account(HOST);
    assert_eq!((grant.account_id(), grant.caller()), (HOST, Some(HOST)));
}

#[test]
fn the_platform_stands_where_the_owner_does_and_is_no_person() {
    let (platform, host) = (Requester::Platform, host(AccountKind::Billing));
    let standing = Standing::of(platform, &host, None);
    assert_eq!(standing, Standing::Owner);
    let invite = authorize::<InviteMembers>(platform, &host, standing).expect("as the owner");
    assert_eq!((invite.account_id(), invite.caller()), (HOST, None));
    let seen = authorize_see_account(platform, &host, standing);
    assert_eq!(word(&seen), "yes");
    let create = authorize_create(platform, &host, standing, None, &[], now());
    assert_eq!(word(&create), "yes");
    let end = authorize::<DeleteAccount>(platform, &host, standing);
    assert_eq!(word(&end), "needs person");
}

#[test]
fn what_a_disabled_account_hosts_is_frozen_for_the_platform_too() {
    let frozen = Host {
        frozen: true,
        ..host(AccountKind::Billing)
    };
    let platform = Requester::Platform;
    let standing = Standing::of(platform, &frozen, None);
    let read = authorize::<ReadHosting>(platform, &frozen, standing);
    assert_eq!(word(&read), "yes");
    let manage = authorize::<ManageMembers>(platform, &frozen, standing);
    assert_eq!(word(&manage), "frozen");
    let create = authorize_create(platform, &frozen, standing, None, &[], now());
    assert_eq!(word(&create), "frozen");
    let edit = authorize_on_environment::<EditEnvironment>(platform, &frozen, standing, None);
    assert_eq!(word(&edit), "frozen");
    let share = authorize_direct_share(platform, &frozen, standing, None, (MEMBER, &[]), None);
    assert_eq!(share.map(drop), Err(NotShared::Denied(Denied::Frozen)));
}
