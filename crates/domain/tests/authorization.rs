//! Who may do what: every permission against every standing, kind of account and proof of address.

use std::collections::{BTreeSet, HashMap};

use accord_domain::access::{Access, AccessLevel, MemberAccess, Relations, RoleFacts, resolve};
use accord_domain::account::AccountKind;
use accord_domain::authorize::*;
use accord_domain::catalogue::{ActionId, reserved};
use accord_domain::delegation::{Delegation, DirectRoles, NotDelegated};
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId, ShareId};
use accord_domain::member::MemberStatus;
use accord_domain::sharing::{Item, Share};
use chrono::{DateTime, Utc};
use uuid::Uuid;

const HOST: AccountId = AccountId(Uuid::from_u128(1));
const GUEST: AccountId = AccountId(Uuid::from_u128(2));
const OTHER: AccountId = AccountId(Uuid::from_u128(3));
const MEMBER: MemberId = MemberId(Uuid::from_u128(10));
const OTHER_MEMBER: MemberId = MemberId(Uuid::from_u128(11));
const SHOP: EnvironmentId = EnvironmentId(Uuid::from_u128(20));
const BLOG: EnvironmentId = EnvironmentId(Uuid::from_u128(21));
const WEB: GroupId = GroupId(Uuid::from_u128(30));
const DATA: GroupId = GroupId(Uuid::from_u128(31));

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).expect("a time")
}

fn host(kind: AccountKind) -> Host {
    Host {
        account_id: HOST,
        kind,
        frozen: false,
    }
}

fn caller(account_id: AccountId, kind: AccountKind, email_verified: bool) -> Caller {
    Caller {
        account_id,
        kind,
        email_verified,
    }
}

fn guest() -> Caller {
    caller(GUEST, AccountKind::Member, true)
}

/// One word for an answer, so that tables stay readable.
fn word<P: Permission>(answer: &Result<Grant<P>, Denied>) -> &'static str {
    match answer {
        Ok(grant) => {
            assert_eq!(grant.account_id(), HOST, "a grant names the host");
            "yes"
        }
        Err(Denied::Hidden) => "hidden",
        Err(Denied::Forbidden { permission }) => {
            assert_eq!(*permission, P::NAME);
            "forbidden"
        }
        Err(Denied::EmailUnverified) => "unverified",
        Err(Denied::CannotHost) => "cannot host",
        Err(Denied::Frozen) => "frozen",
        Err(Denied::NeedsPerson) => "needs person",
    }
}

/// Asks once per standing, kind and proof; the owner's four answers come first.
fn answers<P: Permission>(
    ask: impl Fn(&Caller, &Host, Standing) -> Result<Grant<P>, Denied>,
) -> Vec<&'static str> {
    let mut answers = Vec::new();
    for standing in [
        Standing::Owner,
        Standing::ActiveMember(MEMBER),
        Standing::Stranger,
    ] {
        for kind in [AccountKind::Billing, AccountKind::Member] {
            for verified in [true, false] {
                // An owner's kind is the host's; a guest's kind is nothing to the host.
                let (id, host_kind) = match standing {
                    Standing::Owner => (HOST, kind),
                    Standing::ActiveMember(_) | Standing::Stranger => (GUEST, AccountKind::Billing),
                };
                answers.push(word(&ask(
                    &caller(id, kind, verified),
                    &host(host_kind),
                    standing,
                )));
            }
        }
    }
    answers
}

fn row(owner: [&'static str; 4], member: &'static str) -> Vec<&'static str> {
    owner
        .into_iter()
        .chain([member; 4])
        .chain(["hidden"; 4])
        .collect()
}

/// The owner: of kind billing (verified, not verified), then of kind member.
const READ: [&str; 4] = ["yes", "yes", "yes", "yes"];
const WRITE: [&str; 4] = ["yes", "yes", "cannot host", "cannot host"];
const INVITE: [&str; 4] = ["yes", "unverified", "cannot host", "cannot host"];

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

/// An account with one role per reserved action, and one that only reads.
fn relations() -> Relations {
    let mut relations = Relations {
        groups: HashMap::from([(WEB, None), (DATA, None)]),
        environments: HashMap::from([(SHOP, vec![WEB]), (BLOG, vec![])]),
        ..Relations::default()
    };
    for (role, action) in [
        (READER, "environment.view"),
        (EDITOR, reserved::ENVIRONMENT_EDIT),
    ]
    .into_iter()
    .chain([
        (DELETER, reserved::ENVIRONMENT_DELETE),
        (CREATOR, reserved::ENVIRONMENT_CREATE),
        (MANAGER, reserved::COLLABORATION_MANAGE),
    ]) {
        let policy = PolicyId(role.0);
        relations.policies.insert(
            policy,
            BTreeSet::from([ActionId::parse(action).expect("an action")]),
        );
        relations.roles.insert(
            role,
            RoleFacts {
                policy_ids: vec![policy],
                receive_load_alerts: false,
            },
        );
    }
    relations
}

const READER: RoleId = RoleId(Uuid::from_u128(40));
const EDITOR: RoleId = RoleId(Uuid::from_u128(41));
const DELETER: RoleId = RoleId(Uuid::from_u128(42));
const CREATOR: RoleId = RoleId(Uuid::from_u128(43));
const MANAGER: RoleId = RoleId(Uuid::from_u128(44));

fn given(item: Item, role: RoleId) -> MemberAccess {
    let share = Share {
        id: ShareId(Uuid::from_u128(50)),
        item,
        role_ids: BTreeSet::from([role]),
        expires_at: None,
    };
    MemberAccess {
        status: MemberStatus::Active,
        account_disabled: false,
        shares: vec![share],
    }
}

fn on_shop<P: EnvironmentPermission>(role: Option<RoleId>) -> Vec<&'static str> {
    let relations = relations();
    let access = role.map(|role| {
        resolve(
            &relations,
            &given(Item::Environment(SHOP), role),
            SHOP,
            now(),
        )
    });
    answers(|caller, host, standing| {
        let grant = authorize_on_environment::<P>(
            caller,
            host,
            standing,
            access.as_ref().map(|a| (a, &relations)),
        )?;
        assert!(grant.covers_environment(SHOP));
        assert_eq!(
            grant.covers_environment(BLOG),
            standing == Standing::Owner,
            "only what was asked about"
        );
        assert_eq!(grant.caller(), Some(caller.account_id));
        Ok(grant)
    })
}

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

#[test]
fn a_new_account_may_be_given_its_example_roles() {
    let grant = authorize_new_account(HOST);
    assert_eq!((grant.account_id(), grant.caller()), (HOST, Some(HOST)));
}

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
