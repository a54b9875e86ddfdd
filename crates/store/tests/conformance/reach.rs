//! What a grant does not reach cannot be written under it.

use crate::support::{
    account, caller, environment, environment_content, group, host, manage_members, member, new_id,
    new_member, now, on_both, read, role, share, write,
};
use std::collections::BTreeSet;

use accord_domain::access::{MemberAccess, Relations, resolve};
use accord_domain::authorize::{
    CreateEnvironment, DeleteEnvironment, EditEnvironment, EnvironmentPermission, Grant, HeldLink,
    InviteToEnvironment, Invitee, LabelCollaboration, PersonMatch, Standing, authorize_create,
    authorize_direct_share, authorize_invitation, authorize_on_environment, authorize_person,
};
use accord_domain::catalogue::reserved;
use accord_domain::delegation::{Delegation, DirectRoles};
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId};
use accord_domain::member::MemberStatus;
use accord_domain::sharing::Item;
use accord_store::environments::NewEnvironment;
use accord_store::members::InsertMember;
use accord_store::{Db, Insert, StoreError, Update, environments, members, shares};

on_both!(
    a_grant_on_one_environment_reaches_no_other,
    a_grant_to_delete_reaches_no_other_environment,
    a_grant_to_create_reaches_its_groups_alone,
    a_persons_grant_reaches_their_own_record_alone,
    a_delegates_grant_reaches_one_direct_share_alone,
    a_delegates_invitation_reaches_one_record_alone,
);

/// What a member has who may do everything that Accord itself obeys.
fn everything(db: &Db, account: AccountId, member: MemberId) -> (Relations, MemberAccess) {
    let admin = role(db, account, "Admin").id;
    let given = [
        share(Item::Environments, &[admin]),
        share(Item::Groups, &[admin]),
    ];
    let shares = write(db, |tx| {
        shares::replace_all(tx, &manage_members(account), member, &given, now())
    });
    let mut relations = read(db, |tx| accord_store::relations::load(tx, account));
    let policy: PolicyId = new_id();
    let actions = reserved::ALL
        .iter()
        .map(|id| id.parse().expect("an action"))
        .collect();
    relations.policies.insert(policy, actions);
    relations
        .roles
        .entry(admin)
        .or_default()
        .policy_ids
        .push(policy);
    (
        relations,
        MemberAccess {
            status: MemberStatus::Active,
            account_disabled: false,
            shares,
        },
    )
}

fn on_one<P: EnvironmentPermission>(
    db: &Db,
    owner: AccountId,
    member: MemberId,
    environment: EnvironmentId,
) -> Grant<P> {
    let (relations, given) = everything(db, owner, member);
    let access = resolve(&relations, &given, environment, now());
    let standing = Standing::ActiveMember(member);
    authorize_on_environment(
        caller(new_id()),
        &host(owner),
        standing,
        Some((&access, &relations)),
    )
    .expect("the role allows it")
}

fn is_out_of_reach<T: std::fmt::Debug>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Internal(why)) if why.contains("does not reach"))
}

fn a_grant_on_one_environment_reaches_no_other(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = member(db, ann, "bob@example.com").id;
    let shop = environment(db, ann, "shop", &[]).id;
    let blog = environment(db, ann, "blog", &[]).id;
    let edit = on_one::<EditEnvironment>(db, ann, bob, shop);
    let to = environment_content("renamed");
    let other = db.write(|tx| environments::update(tx, &edit, blog, &to, None, now()));
    assert!(is_out_of_reach(&other), "{other:?}");
    let own = write(db, |tx| {
        environments::update(tx, &edit, shop, &to, None, now())
    });
    assert!(matches!(own, Update::Done(_)));
}

fn a_grant_to_delete_reaches_no_other_environment(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = member(db, ann, "bob@example.com").id;
    let shop = environment(db, ann, "shop", &[]).id;
    let blog = environment(db, ann, "blog", &[]).id;
    let delete = on_one::<DeleteEnvironment>(db, ann, bob, shop);
    let other = db.write(|tx| environments::delete(tx, &delete, blog, now()));
    assert!(is_out_of_reach(&other), "{other:?}");
    let own = write(db, |tx| environments::delete(tx, &delete, shop, now()));
    assert_eq!(own, Some(Vec::new()));
}

fn a_grant_to_create_reaches_its_groups_alone(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = member(db, ann, "bob@example.com").id;
    let web = group(db, ann, "web", None).id;
    let other = group(db, ann, "other", None).id;
    let (relations, given) = everything(db, ann, bob);
    let create: Grant<CreateEnvironment> = authorize_create(
        caller(new_id()),
        &host(ann),
        Standing::ActiveMember(bob),
        Some((&given, &relations)),
        &[web],
        now(),
    )
    .expect("the role allows it");
    let make = |name: &str, groups: &[GroupId]| {
        let new = NewEnvironment {
            id: new_id(),
            content: environment_content(name),
            created_by: None,
            group_ids: groups.iter().copied().collect(),
        };
        db.write(|tx| environments::insert(tx, &create, &new, now()))
    };
    assert!(is_out_of_reach(&make("a", &[other])));
    assert!(is_out_of_reach(&make("b", &[web, other])));
    assert!(is_out_of_reach(&make("c", &[])));
    assert!(matches!(make("d", &[web]), Ok(Insert::Done(_))));
}

fn a_persons_grant_reaches_their_own_record_alone(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let own = member(db, ann, "bob@example.com").id;
    let other = member(db, ann, "carl@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let record = PersonMatch {
        member_id: own,
        person_account_id: Some(bob),
        email_matches: true,
        link: HeldLink::None,
    };
    let label: Grant<LabelCollaboration> =
        authorize_person(&caller(bob), &host(ann), record).expect("it is theirs");
    let set = |id| db.write(|tx| members::set_label(tx, &label, id, Some("x"), None, now()));
    assert!(is_out_of_reach(&set(other)));
    assert!(matches!(set(own), Ok(Update::Done(_))));
}

fn a_delegates_grant_reaches_one_direct_share_alone(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = member(db, ann, "bob@example.com").id;
    let carl = member(db, ann, "carl@example.com").id;
    let shop = environment(db, ann, "shop", &[]).id;
    let blog = environment(db, ann, "blog", &[]).id;
    let (relations, given) = everything(db, ann, bob);
    let admin = *relations.roles.keys().next().expect("a role");
    let roles = DirectRoles {
        role_ids: BTreeSet::from([admin]),
        expires_at: None,
    };
    let delegation = Delegation::new(&relations, bob, &given, shop, now());
    let grant = authorize_direct_share(
        caller(new_id()),
        &host(ann),
        Standing::ActiveMember(bob),
        Some(&delegation),
        (carl, &[]),
        Some(&roles),
    )
    .expect("within what bob has");
    let put = |member, item| {
        db.write(|tx| shares::upsert(tx, &grant, member, &share(item, &[admin]), now()))
    };
    for (member, item) in [
        (carl, Item::Environment(blog)),
        (carl, Item::Environments),
        (carl, Item::Groups),
        (bob, Item::Environment(shop)),
    ] {
        let other = put(member, item);
        assert!(is_out_of_reach(&other), "{other:?}");
        let other = db.write(|tx| shares::delete(tx, &grant, member, item, now()));
        assert!(is_out_of_reach(&other), "{other:?}");
    }
    let all = [share(Item::Environment(shop), &[admin])];
    let all = db.write(|tx| shares::replace_all(tx, &grant, carl, &all, now()));
    assert!(is_out_of_reach(&all), "{all:?}");
    assert!(put(carl, Item::Environment(shop)).is_ok());
}

fn a_delegates_invitation_reaches_one_record_alone(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = member(db, ann, "bob@example.com").id;
    let carl = member(db, ann, "carl@example.com");
    let shop = environment(db, ann, "shop", &[]).id;
    let (relations, given) = everything(db, ann, bob);
    let admin = *relations.roles.keys().next().expect("a role");
    let delegation = Delegation::new(&relations, bob, &given, shop, now());
    let newcomer = new_member("dana@example.com");
    let grant = authorize_invitation::<InviteToEnvironment>(
        &caller(new_id()),
        &host(ann),
        Standing::ActiveMember(bob),
        Some(&delegation),
        Invitee {
            member_id: newcomer.id,
            status: None,
            shares: &[],
        },
        Some(&DirectRoles {
            role_ids: BTreeSet::from([admin]),
            expires_at: None,
        }),
    )
    .expect("within what bob has");
    let other = new_member("erin@example.com");
    let other = db.write(|tx| members::insert(tx, &grant, &other, now()));
    assert!(is_out_of_reach(&other), "{other:?}");
    let life = db.write(|tx| members::update_life(tx, &grant, carl.id, &carl.life(), None, now()));
    assert!(is_out_of_reach(&life), "{life:?}");
    let made = write(db, |tx| members::insert(tx, &grant, &newcomer, now()));
    assert!(matches!(made, InsertMember::Done(_)));
    let give = |item| {
        let shares = [share(item, &[admin])];
        db.write(|tx| shares::add_all(tx, &grant, newcomer.id, &shares, now()))
    };
    let everywhere = give(Item::Environments);
    assert!(is_out_of_reach(&everywhere), "{everywhere:?}");
    assert!(give(Item::Environment(shop)).is_ok());
}
