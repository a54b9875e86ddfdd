//! What is listed of an account's changes is enough to bring an index up to date, and no write is forgotten.

use crate::support::{
    account, after, done, environment, environment_content, grant, group, group_content,
    manage_environments, manage_members, member, new_id, now, on_both, read, role, role_content,
    share, write,
};
use accord_domain::account::AccountKind;
use accord_domain::authorize::{DeleteAccount, ManagePolicies};
use accord_domain::catalogue::ActionId;
use accord_domain::ids::{AccountId, EnvironmentId, MemberId, PolicyId, RoleId};
use accord_domain::index::Index;
use accord_domain::member::StoredStatus;
use accord_domain::sharing::Item;
use accord_store::access_changes::Things;
use accord_store::members::{self, MemberLife};
use accord_store::policies::{self, PolicyContent};
use accord_store::{
    Change, Conn, Db, EVERY_REVISION, News, Rehearsal, StoreError, access_changes, access_index,
    accounts, environments, groups, roles, shares,
};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

on_both!(
    an_index_follows_every_write,
    what_is_too_old_is_not_known,
    a_rehearsal_leaves_nothing,
    a_disabled_person_is_news_to_who_shares_with_them,
    a_deleted_account_is_news,
);

/// Notes what was changed when it looked on.
struct Looks(AccountId, Mutex<Vec<(&'static str, Things)>>);

impl Rehearsal for Looks {
    fn before(&self, tx: &mut Conn<'_>) -> Result<(), StoreError> {
        self.look("before", tx)
    }

    fn after(&self, tx: &mut Conn<'_>) -> Result<(), StoreError> {
        self.look("after", tx)
    }
}

impl Looks {
    fn look(&self, when: &'static str, tx: &Conn<'_>) -> Result<(), StoreError> {
        let noted = access_changes::noted(tx, self.0);
        self.1.lock().expect("not poisoned").push((when, noted));
        Ok(())
    }
}

/// An index that follows, and what it is asked about.
struct Follower<'a> {
    db: &'a Db,
    account: AccountId,
    index: Index,
    revision: i64,
    people: Vec<AccountId>,
    environments: Vec<EnvironmentId>,
    /// How often it had to be made anew.
    made: usize,
}

const ACTIONS: [&str; 3] = ["files.read", "logs.read", "environment.start"];

impl<'a> Follower<'a> {
    fn new(db: &'a Db, account: AccountId) -> Self {
        let (index, revision) = fresh(db, account);
        Self {
            db,
            account,
            index,
            revision,
            people: vec![account],
            environments: Vec::new(),
            made: 1,
        }
    }

    /// Applies what is listed, and compares with a fresh one.
    fn follow(&mut self, what: &str) {
        let (account, revision) = (self.account, self.revision);
        let (present, frozen, update) = read(self.db, |tx| {
            let (present, frozen) = accounts::revision(tx, account)?.expect("it is there");
            let update = match access_changes::after(tx, account, revision, present)? {
                Some(things) => Some(access_index::things(tx, account, &things)?),
                None => None,
            };
            Ok((present, frozen, update))
        });
        match update {
            Some(update) => {
                self.index.apply(update);
                self.index.set_frozen(frozen);
            }
            None => {
                self.index = fresh(self.db, account).0;
                self.made += 1;
            }
        }
        assert!(present > revision, "{what}: the revision was counted up");
        self.revision = present;
        let (wanted, _) = fresh(self.db, account);
        for person in &self.people {
            for environment in &self.environments {
                let mine = self.index.decide(*person, *environment, now());
                let theirs = wanted.decide(*person, *environment, now());
                assert_eq!(mine.level(), theirs.level(), "{what}");
                for action in ACTIONS {
                    assert_eq!(
                        mine.allows(self.index.action(action)),
                        theirs.allows(wanted.action(action)),
                        "{what}: {action}"
                    );
                }
            }
        }
    }
}

fn fresh(db: &Db, account: AccountId) -> (Index, i64) {
    read(db, |tx| {
        let (revision, frozen) = accounts::revision(tx, account)?.expect("it is there");
        let everything = access_index::everything(tx, account)?;
        Ok((Index::new(account, frozen, everything), revision))
    })
}

fn policy_content(name: &str, actions: &[&str]) -> PolicyContent {
    PolicyContent {
        name: name.to_owned(),
        name_key: name.to_lowercase(),
        description: String::new(),
        action_ids: actions
            .iter()
            .map(|action| ActionId::parse(action).expect("an action"))
            .collect(),
    }
}

fn policy(db: &Db, account: AccountId, actions: &[&str]) -> PolicyId {
    let id = new_id();
    let content = policy_content(&format!("Policy {id}"), actions);
    done(write(db, |tx| {
        policies::insert(tx, &grant(account), id, &content, now())
    }))
    .id
}

fn set_policies(db: &Db, account: AccountId, role: RoleId, policy_ids: &[PolicyId]) {
    let content = accord_store::roles::RoleContent {
        policy_ids: policy_ids.iter().copied().collect(),
        ..role_content(&format!("Role {role}"))
    };
    let updated = write(db, |tx| {
        roles::update(tx, &grant(account), role, &content, None, now())
    });
    assert!(matches!(updated, accord_store::Update::Done(_)));
}

fn live(db: &Db, account: AccountId, id: MemberId, status: StoredStatus, person: AccountId) {
    let life = MemberLife {
        status,
        person_id: Some(person),
        ..read(db, |tx| members::by_id(tx, account, id))
            .expect("a member")
            .life()
    };
    let updated = write(db, |tx| {
        members::update_life(tx, &manage_members(account), id, &life, None, now())
    });
    assert!(matches!(updated, accord_store::Update::Done(_)));
}

fn an_index_follows_every_write(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let mut follower = Follower::new(db, ann);
    follower.people.push(bob);

    let web = group(db, ann, "web", None);
    let live_group = group(db, ann, "live", Some(web.id));
    follower.follow("groups were made");
    let shop = environment(db, ann, "shop", &[]);
    let lab = environment(db, ann, "lab", &[live_group.id]);
    follower.environments = vec![shop.id, lab.id, new_id()];
    follower.follow("environments were made");
    let reader = role(db, ann, "Reader");
    let pilot = role(db, ann, "Pilot");
    let reading = policy(db, ann, &["files.read"]);
    let piloting = policy(db, ann, &["environment.start", "logs.read"]);
    set_policies(db, ann, reader.id, &[reading]);
    set_policies(db, ann, pilot.id, &[reading, piloting]);
    follower.follow("roles were made");
    let record = member(db, ann, "bob@example.com");
    let given = vec![
        share(Item::Group(web.id), &[reader.id]),
        share(Item::Environment(shop.id), &[pilot.id, reader.id]),
    ];
    write(db, |tx| {
        shares::replace_all(tx, &manage_members(ann), record.id, &given, now())
    });
    follower.follow("shares of somebody who has not accepted");
    live(db, ann, record.id, StoredStatus::Active, bob);
    follower.follow("accepted");
    assert!(follower.index.decide(bob, lab.id, now()).level().sees());

    let mut ends = share(Item::Environments, &[pilot.id]);
    ends.expires_at = Some(after(-1));
    write(db, |tx| {
        shares::upsert(tx, &manage_members(ann), record.id, &ends, now())
    });
    follower.follow("a share that has ended");
    write(db, |tx| {
        environments::set_groups(
            tx,
            &manage_environments(ann),
            shop.id,
            &BTreeSet::from([live_group.id]),
            now(),
        )
    });
    follower.follow("an environment was put into a group");
    write(db, |tx| {
        groups::set_environments(
            tx,
            &grant(ann),
            web.id,
            &BTreeSet::from([shop.id, lab.id]),
            now(),
        )
    });
    follower.follow("a group was given environments");
    let moved = write(db, |tx| {
        groups::update(
            tx,
            &grant(ann),
            live_group.id,
            &group_content("live", None),
            None,
            now(),
        )
    });
    assert!(matches!(moved, accord_store::Update::Done(_)));
    follower.follow("a group was moved");
    let content = policy_content(&format!("Policy {reading}"), &["logs.read"]);
    let changed = write(db, |tx| {
        policies::update(
            tx,
            &grant::<ManagePolicies>(ann),
            reading,
            &content,
            None,
            now(),
        )
    });
    assert!(matches!(changed, accord_store::Update::Done(_)));
    follower.follow("a policy was changed");
    let gone = write(db, |tx| {
        policies::delete(tx, &grant(ann), piloting, true, now())
    });
    assert!(matches!(gone, policies::DeletePolicy::Deleted { .. }));
    follower.follow("a policy was detached");
    let gone = write(db, |tx| {
        roles::delete(tx, &grant(ann), reader.id, true, now())
    });
    assert!(matches!(gone, roles::DeleteRole::Deleted { .. }));
    follower.follow("a role was detached");
    live(db, ann, record.id, StoredStatus::Suspended, bob);
    follower.follow("suspended");
    live(db, ann, record.id, StoredStatus::Active, bob);
    follower.follow("activated");
    write(db, |tx| {
        shares::delete(
            tx,
            &manage_members(ann),
            record.id,
            Item::Environment(shop.id),
            now(),
        )
    });
    follower.follow("a share was taken away");
    write(db, |tx| groups::delete(tx, &grant(ann), web.id, now()));
    follower.follow("a group was deleted");
    write(db, |tx| {
        environments::delete(tx, &manage_environments(ann), lab.id, now())
    });
    follower.follow("an environment was deleted");
    write(db, |tx| {
        members::delete(tx, &manage_members(ann), record.id)
    });
    follower.follow("a member was deleted");
    assert_eq!(follower.made, 1, "nothing was made anew");
}

fn what_is_too_old_is_not_known(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let (_, first) = fresh(db, ann);
    for _ in 0..1_100 {
        write(db, |tx| accounts::bump_revision(tx, ann));
    }
    let (_, present) = fresh(db, ann);
    let known = |since| read(db, |tx| access_changes::after(tx, ann, since, present)).is_some();
    assert!(!known(first), "as old as that");
    assert!(known(present - 1_000) && known(present));
    // Too much for a list.
    write(db, |tx| {
        for id in 0..2_001 {
            let new = crate::support::new_member(&format!("m{id}@example.com"));
            let _ = members::insert(tx, &manage_members(ann), &new, now())?;
        }
        Ok(())
    });
    let (_, after_many) = fresh(db, ann);
    let known = read(db, |tx| access_changes::after(tx, ann, present, after_many));
    assert!(known.is_none());
}

fn a_rehearsal_leaves_nothing(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let (_, before) = fresh(db, ann);
    let mut changes = db.changes();
    while changes.waiting().is_some() {}
    let id = new_id();
    let looks = Arc::new(Looks(ann, Mutex::default()));
    let stage = db.rehearsing(looks.clone());
    let seen = write(&stage, |tx| {
        done(roles::insert(
            tx,
            &grant(ann),
            id,
            &role_content("New"),
            now(),
        )?);
        roles::by_id(tx, ann, id)
    });
    assert!(seen.is_some(), "it is there while it is rehearsed");
    let of_role = Things {
        roles: BTreeSet::from([id]),
        ..Things::default()
    };
    let expected = [("before", Things::default()), ("after", of_role)];
    assert_eq!(*looks.1.lock().expect("not poisoned"), expected);
    assert_eq!(read(db, |tx| roles::by_id(tx, ann, id)), None);
    assert_eq!(fresh(db, ann).1, before);
    while let Some(news) = changes.waiting() {
        assert_eq!(news, News::Missed, "nothing was told");
    }
    let failed = stage.write(|_| Err::<(), _>(StoreError::BadPosition));
    assert!(failed.is_err());
    write(db, |tx| accounts::bump_revision(tx, ann));
    assert_eq!(fresh(db, ann).1, before + 1, "the other handle writes");
}

fn a_disabled_person_is_news_to_who_shares_with_them(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let bob = account(db, "bob@example.com").id;
    let shop = environment(db, ann, "shop", &[]);
    let viewer = role(db, ann, "Viewer");
    let record = member(db, ann, "bob@example.com");
    write(db, |tx| {
        let given = [share(Item::Environments, &[viewer.id])];
        shares::replace_all(tx, &manage_members(ann), record.id, &given, now())
    });
    live(db, ann, record.id, StoredStatus::Active, bob);
    let mut follower = Follower::new(db, ann);
    follower.people.push(bob);
    follower.environments.push(shop.id);
    for disabled in [Some(now()), None] {
        write(db, |tx| accounts::set_disabled(tx, bob, disabled, now()));
        follower.follow("disabled or enabled");
        let sees = follower.index.decide(bob, shop.id, now()).level().sees();
        assert_eq!(sees, disabled.is_none());
    }
    assert_eq!(follower.made, 1);
    write(db, |tx| {
        accounts::set_kind(tx, bob, AccountKind::Billing, now())
    });
    let content = environment_content("renamed");
    let renamed = write(db, |tx| {
        environments::update(
            tx,
            &manage_environments(ann),
            shop.id,
            &content,
            None,
            now(),
        )
    });
    assert!(matches!(renamed, accord_store::Update::Done(_)));
    assert_eq!(
        fresh(db, ann).1,
        follower.revision,
        "this changed no access"
    );
}

fn a_deleted_account_is_news(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let mut changes = db.changes();
    while changes.waiting().is_some() {}
    write(db, |tx| accounts::delete(tx, &grant::<DeleteAccount>(ann)));
    let gone = Change {
        account_id: ann,
        revision: Some(EVERY_REVISION),
    };
    let mut told = Vec::new();
    while let Some(news) = changes.waiting() {
        if let News::Changed(changes) = news {
            told.extend(changes.iter().copied());
        }
    }
    assert_eq!(told, [gone]);
}
