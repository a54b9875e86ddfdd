//! What members may do on environments, and where they may make some.

use accord_domain::access::{Access, AccessLevel, resolve};
use accord_domain::account::AccountKind;
use accord_domain::authorize::*;
use accord_domain::ids::{GroupId, RoleId};
use accord_domain::member::MemberStatus;
use accord_domain::sharing::Item;
use uuid::Uuid;

use super::{
    BLOG, CREATOR, DATA, DELETER, EDITOR, HOST, MEMBER, READ, READER, SHOP, WEB, WRITE, answers,
    caller, given, guest, host, now, on_shop, relations, row, word,
};

#[test]
fn what_a_member_may_do_on_an_environment_follows_the_effective_actions() {
    for role in [READER, EDITOR, DELETER, CREATOR] {
        let may = |own: RoleId| if role == own { "yes" } else { "forbidden" };
        assert_eq!(on_shop::<SeeEnvironment>(Some(role)), row(READ, "yes"));
        assert_eq!(
            on_shop::<EditEnvironment>(Some(role)),
            row(WRITE, may(EDITOR))
        );
        assert_eq!(
            on_shop::<DeleteEnvironment>(Some(role)),
            row(WRITE, may(DELETER))
        );
    }
    assert_eq!(on_shop::<SeeEnvironment>(None), row(READ, "hidden"));
    assert_eq!(on_shop::<EditEnvironment>(None), row(WRITE, "hidden"));
    assert_eq!(on_shop::<DeleteEnvironment>(None), row(WRITE, "hidden"));
}

#[test]
fn an_environment_that_is_not_seen_is_hidden() {
    let relations = relations();
    let elsewhere = resolve(
        &relations,
        &given(Item::Environment(BLOG), EDITOR),
        SHOP,
        now(),
    );
    let mut suspended = given(Item::Environments, EDITOR);
    suspended.status = MemberStatus::Suspended;
    let suspended = resolve(&relations, &suspended, SHOP, now());
    let pretended = Access {
        level: AccessLevel::Owner,
        ..suspended.clone()
    };
    for access in [&elsewhere, &suspended, &pretended] {
        let standing = Standing::ActiveMember(MEMBER);
        let host = host(AccountKind::Billing);
        let see = authorize_on_environment::<SeeEnvironment>(
            &guest(),
            &host,
            standing,
            Some((access, &relations)),
        );
        let edit = authorize_on_environment::<EditEnvironment>(
            &guest(),
            &host,
            standing,
            Some((access, &relations)),
        );
        assert_eq!((word(&see), word(&edit)), ("hidden", "hidden"));
    }
}

#[test]
fn creating_follows_the_named_groups() {
    let relations = relations();
    let ask = |item: Option<Item>, groups: &[GroupId]| {
        let member = item.map(|item| given(item, CREATOR));
        answers(|caller, host, standing| {
            authorize_create(
                caller,
                host,
                standing,
                member.as_ref().map(|m| (m, &relations)),
                groups,
                now(),
            )
        })
    };
    assert_eq!(ask(Some(Item::Environments), &[]), row(WRITE, "yes"));
    assert_eq!(
        ask(Some(Item::Environments), &[WEB]),
        row(WRITE, "forbidden")
    );
    assert_eq!(ask(Some(Item::Group(WEB)), &[WEB]), row(WRITE, "yes"));
    assert_eq!(
        ask(Some(Item::Group(WEB)), &[WEB, DATA]),
        row(WRITE, "forbidden")
    );
    assert_eq!(ask(Some(Item::Group(WEB)), &[]), row(WRITE, "forbidden"));
    assert_eq!(ask(Some(Item::Groups), &[WEB, DATA]), row(WRITE, "yes"));
    let unknown = GroupId(Uuid::from_u128(99));
    assert_eq!(ask(Some(Item::Groups), &[unknown]), row(WRITE, "forbidden"));
    assert_eq!(ask(None, &[]), row(WRITE, "forbidden"));
}

#[test]
fn a_grant_for_creating_covers_the_groups_it_was_asked_for() {
    let relations = relations();
    let host = host(AccountKind::Billing);
    let create = |item, groups: &[GroupId]| {
        let member = given(item, CREATOR);
        let standing = Standing::ActiveMember(MEMBER);
        authorize_create(
            guest(),
            &host,
            standing,
            Some((&member, &relations)),
            groups,
            now(),
        )
        .expect("allowed")
    };
    let in_web = create(Item::Group(WEB), &[WEB]);
    assert!(in_web.covers_new_environment(&[WEB]));
    assert!(!in_web.covers_new_environment(&[DATA]) && !in_web.covers_new_environment(&[]));
    assert!(!in_web.covers_environment(SHOP) && !in_web.covers_member(MEMBER));
    let at_root = create(Item::Environments, &[]);
    assert!(at_root.covers_new_environment(&[]) && !at_root.covers_new_environment(&[WEB]));
    let owner = caller(HOST, AccountKind::Billing, true);
    let owners =
        authorize_create(owner, &host, Standing::Owner, None, &[], now()).expect("allowed");
    assert!(owners.covers_new_environment(&[WEB, DATA]) && owners.covers_new_environment(&[]));
}
