//! Members and their invitations.

use crate::support::{
    account, after, caller, environment, host, manage_members, member, member_now, new_id,
    new_member, now, on_both, read, role, share, write,
};
use accord_domain::authorize::{
    DecideInvitation, Grant, HeldLink, LabelCollaboration, PersonMatch, PersonPermission,
    authorize_person,
};
use accord_domain::ids::{AccountId, MemberId};
use accord_domain::member::{InvitationEnd, StoredStatus};
use accord_domain::sharing::Item;
use accord_store::invitations::{self, InvitationState, NewInvitation};
use accord_store::members::InsertMember;
use accord_store::{Db, StoreError, UniqueRule, Update, accounts, members, shares};

on_both!(
    a_member_begins_pending,
    an_address_has_one_record_in_any_state,
    a_person_has_one_record_per_account,
    life_moves_on_at_the_expected_version,
    names_and_labels_are_two_things,
    a_person_finds_their_collaborations,
    an_invitation_is_decided_once_and_remembered,
    a_forgotten_members_invitations_say_so,
    an_invitation_belongs_to_a_member_of_the_account,
);

fn person_grant<P: PersonPermission>(
    owner: AccountId,
    person: AccountId,
    member_id: MemberId,
) -> Grant<P> {
    let record = PersonMatch {
        member_id,
        person_account_id: Some(person),
        email_matches: true,
        link: HeldLink::None,
    };
    authorize_person(&caller(person), &host(owner), record).expect("it is theirs")
}

fn a_member_begins_pending(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let mut new = new_member("Bob@Example.com");
    new.display_name = Some("Bob".to_owned());
    let InsertMember::Done(bob) = write(db, |tx| {
        members::insert(tx, &manage_members(ann), &new, now())
    }) else {
        panic!("there was none");
    };
    assert_eq!(bob.status, StoredStatus::Pending);
    assert_eq!(
        (bob.email.as_str(), bob.email_key.as_str()),
        ("Bob@Example.com", "bob@example.com")
    );
    assert_eq!(bob.invited_at, now());
    assert_eq!(bob.invitation_expires_at, Some(after(3600)));
    assert_eq!(
        (bob.person_id, bob.accepted_at, bob.ended_at),
        (None, None, None)
    );
    assert_eq!(bob.version, 1);
    assert_eq!(member_now(db, ann, bob.id), bob);
    let stranger = account(db, "carl@example.com").id;
    assert_eq!(read(db, |tx| members::by_id(tx, stranger, bob.id)), None);
    let found = read(db, |tx| members::by_email_key(tx, ann, "bob@example.com"));
    assert_eq!(found, Some(bob.clone()));
    let (found, owner) = read(db, |tx| members::with_owner(tx, bob.id)).expect("by its id alone");
    assert_eq!((found, owner.id), (bob, ann));
}

fn an_address_has_one_record_in_any_state(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let carl = account(db, "carl@example.com").id;
    let bob = member(db, ann, "bob@example.com");
    let mut life = bob.life();
    life.status = StoredStatus::Removed;
    let removed = write(db, |tx| {
        members::update_life(tx, &manage_members(ann), bob.id, &life, None, after(1))
    });
    let Update::Done(removed) = removed else {
        panic!("{removed:?}");
    };
    let again = write(db, |tx| {
        members::insert(
            tx,
            &manage_members(ann),
            &new_member("BOB@example.com"),
            after(2),
        )
    });
    assert_eq!(again, InsertMember::Exists(removed));
    member(db, carl, "bob@example.com");
}

fn a_person_has_one_record_per_account(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let first = member(db, ann, "bob@example.com");
    let second = member(db, ann, "bob@other.example");
    let accept = |member: &members::Member| {
        let mut life = member.life();
        life.status = StoredStatus::Active;
        life.person_id = Some(bob);
        write(db, |tx| {
            members::update_life(tx, &manage_members(ann), member.id, &life, None, after(1))
        })
    };
    let Update::Done(accepted) = accept(&first) else {
        panic!("it is the first");
    };
    assert_eq!(accept(&second), Update::Taken(UniqueRule::MemberPerson));
    assert_eq!(member_now(db, ann, second.id), second);
    assert_eq!(
        read(db, |tx| members::by_person(tx, ann, bob)),
        Some(accepted)
    );
    assert_eq!(read(db, |tx| members::by_person(tx, bob, ann)), None);
}

fn life_moves_on_at_the_expected_version(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let carl = account(db, "carl@example.com").id;
    let bob = member(db, ann, "bob@example.com");
    let mut life = bob.life();
    life.status = StoredStatus::Suspended;
    life.accepted_at = Some(after(1));
    life.suspended_at = Some(after(2));
    life.invitation_expires_at = None;
    let update = |owner, expected| {
        let grant = manage_members(owner);
        write(db, |tx| {
            members::update_life(tx, &grant, bob.id, &life, expected, after(2))
        })
    };
    assert_eq!(update(carl, None), Update::Missing);
    assert_eq!(update(ann, Some(2)), Update::Stale { version: 1 });
    let Update::Done(suspended) = update(ann, Some(1)) else {
        panic!("the version is right");
    };
    assert_eq!(suspended.life(), life);
    assert_eq!((suspended.version, suspended.updated_at), (2, after(2)));
    assert_eq!(
        (suspended.email, suspended.created_at),
        (bob.email, bob.created_at)
    );
}

fn names_and_labels_are_two_things(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let record = member(db, ann, "bob@example.com");
    let named = write(db, |tx| {
        members::set_display_name(
            tx,
            &manage_members(ann),
            record.id,
            Some("Bob"),
            Some(1),
            now(),
        )
    });
    let Update::Done(named) = named else {
        panic!("{named:?}");
    };
    assert_eq!(named.display_name.as_deref(), Some("Bob"));
    let own = person_grant::<LabelCollaboration>(ann, bob, record.id);
    let labelled = write(db, |tx| {
        members::set_label(tx, &own, record.id, Some("Ann's shop"), Some(2), now())
    });
    let Update::Done(labelled) = labelled else {
        panic!("{labelled:?}");
    };
    assert_eq!(labelled.label.as_deref(), Some("Ann's shop"));
    assert_eq!(labelled.display_name.as_deref(), Some("Bob"));
    let stale = write(db, |tx| {
        members::set_label(tx, &own, record.id, None, Some(2), now())
    });
    assert_eq!(stale, Update::Stale { version: 3 });
    let nobody = write(db, |tx| {
        members::set_display_name(tx, &manage_members(bob), record.id, None, None, now())
    });
    assert_eq!(nobody, Update::Missing);
}

fn a_person_finds_their_collaborations(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let carl = account(db, "carl@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let active = member(db, ann, "bob@example.com");
    let pending = member(db, carl, "bob@example.com");
    member(db, carl, "other@example.com");
    let mut life = active.life();
    life.status = StoredStatus::Active;
    life.person_id = Some(bob);
    let updated = write(db, |tx| {
        members::update_life(tx, &manage_members(ann), active.id, &life, None, after(1))
    });
    assert!(matches!(updated, Update::Done(_)));
    let own = read(db, |tx| members::of_person(tx, bob));
    assert_eq!(own.len(), 1);
    assert_eq!((own[0].0.id, own[0].1.id), (active.id, ann));
    assert_eq!(own[0].1.email, "ann@example.com");
    let invited = read(db, |tx| members::by_invited_address(tx, "bob@example.com"));
    assert_eq!(invited.len(), 1);
    assert_eq!((invited[0].0.id, invited[0].1.id), (pending.id, carl));
    assert!(
        read(db, |tx| members::by_invited_address(
            tx,
            "nobody@example.com"
        ))
        .is_empty()
    );
    write(db, |tx| accounts::set_disabled(tx, ann, Some(now()), now()));
    let own = read(db, |tx| members::of_person(tx, bob));
    assert_eq!(
        own[0].1.disabled_at,
        Some(now()),
        "what a disabled account hosts is frozen"
    );
}

fn invitation(member_id: MemberId, hash: u8) -> NewInvitation {
    NewInvitation {
        id: new_id(),
        member_id,
        token_hash: vec![hash; 32],
        expires_at: after(3600),
        proves_address: true,
    }
}

fn an_invitation_is_decided_once_and_remembered(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let record = member(db, ann, "bob@example.com");
    let manage = manage_members(ann);
    let first = write(db, |tx| {
        invitations::insert(tx, &manage, &invitation(record.id, 1), now())
    });
    assert_eq!(first.state, InvitationState::Open);
    assert!(first.proves_address);
    let replaced = write(db, |tx| {
        invitations::end_open(tx, &manage, record.id, InvitationEnd::Replaced, after(1))
    });
    assert_eq!(replaced, 1);
    let second = write(db, |tx| {
        invitations::insert(tx, &manage, &invitation(record.id, 2), after(1))
    });
    let open = |made_at, now| {
        read(db, |tx| {
            invitations::made_then_is_open(tx, record.id, made_at, now)
        })
    };
    assert!(open(second.created_at, after(2)));
    assert!(!open(second.created_at, second.expires_at), "its end came");
    assert!(!open(first.created_at, after(2)), "it was replaced");
    assert!(write(db, |tx| invitations::mark_opened(
        tx,
        &second,
        Some(ann),
        after(2)
    )));
    assert!(!write(db, |tx| invitations::mark_opened(
        tx,
        &second,
        Some(ann),
        after(3)
    )));
    let own = person_grant::<DecideInvitation>(ann, bob, record.id);
    let ended = write(db, |tx| {
        invitations::end_open(tx, &own, record.id, InvitationEnd::Accepted, after(4))
    });
    assert_eq!(ended, 1, "the first one had ended before");
    let find = |hash: u8| read(db, |tx| invitations::by_token_hash(tx, &[hash; 32]));
    let (first, _) = find(1).expect("it is remembered");
    assert_eq!(first.state, InvitationState::Ended(InvitationEnd::Replaced));
    assert_eq!(first.ended_at, Some(after(1)));
    let (second, of) = find(2).expect("it is remembered");
    assert_eq!(
        second.state,
        InvitationState::Ended(InvitationEnd::Accepted)
    );
    assert_eq!(second.opened_at, Some(after(2)));
    assert_eq!(of.map(|member| member.id), Some(record.id));
    assert_eq!(find(3), None);
    let twice = db.write(|tx| invitations::insert(tx, &manage, &invitation(record.id, 2), now()));
    assert!(matches!(
        twice,
        Err(StoreError::Conflict(UniqueRule::InvitationToken))
    ));
}

fn a_forgotten_members_invitations_say_so(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let carl = account(db, "carl@example.com").id;
    let bob = member(db, ann, "bob@example.com");
    let manage = manage_members(ann);
    let viewer = role(db, ann, "Viewer");
    let shop = environment(db, ann, "shop", &[]);
    let given = [share(Item::Environment(shop.id), &[viewer.id])];
    write(db, |tx| {
        shares::replace_all(tx, &manage, bob.id, &given, now())
    });
    write(db, |tx| {
        invitations::insert(tx, &manage, &invitation(bob.id, 1), now())
    });
    write(db, |tx| {
        invitations::end_open(tx, &manage, bob.id, InvitationEnd::Withdrawn, after(1))
    });
    assert!(!write(db, |tx| members::delete(
        tx,
        &manage_members(carl),
        bob.id
    )));
    assert!(write(db, |tx| members::delete(tx, &manage, bob.id)));
    assert!(!write(db, |tx| members::delete(tx, &manage, bob.id)));
    let (left, of) =
        read(db, |tx| invitations::by_token_hash(tx, &[1; 32])).expect("the link is remembered");
    assert_eq!(left.state, InvitationState::Ended(InvitationEnd::Withdrawn));
    assert_eq!((left.member_id, of), (None, None));
    assert!(read(db, |tx| shares::of_account(tx, ann)).is_empty());
    member(db, ann, "bob@example.com");
}

fn an_invitation_belongs_to_a_member_of_the_account(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let carl = account(db, "carl@example.com").id;
    let bob = member(db, ann, "bob@example.com");
    let manage = manage_members(carl);
    let made = db.write(|tx| invitations::insert(tx, &manage, &invitation(bob.id, 1), now()));
    assert!(matches!(made, Err(StoreError::MissingReference)));
    let ended =
        db.write(|tx| invitations::end_open(tx, &manage, bob.id, InvitationEnd::Withdrawn, now()));
    assert!(matches!(ended, Err(StoreError::MissingReference)));
}
