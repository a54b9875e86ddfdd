//! What is new for one signed-in person, as it happens.
//!
//! A watch is woken by the changes that commits tell of, and then looks with its person's own eyes: it
//! compares what they may see with what they saw before. So it can tell nothing that they may not read,
//! a word that is lost costs time and no news, and a session that ended ends the watch.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{Hash as _, Hasher as _};

use accord_domain::catalogue::reserved;
use accord_domain::ids::{AccountId, EnvironmentId, NotificationId, RoleId, SessionId, TaskId};
use accord_domain::sharing::Share;
use accord_store::accounts::AccountBrief;
use accord_store::members::Member;
use accord_store::{
    Changes, Conn, News, accounts, notification_preferences, notifications, roles, sessions, tasks,
};
use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use crate::Service;
use crate::access::given_to;
use crate::call::{Call, Person, status_of};
use crate::collaborations::seen_collaborations;
use crate::environments::{Lists, MemberSight, known_groups_of};
use crate::error::Result;
use crate::groups::groups_shared_with;
use crate::record::{Reader, TaskView};

/// Something that is new for the person.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The watch has begun; everything from now on is told. The id is a place to go on from.
    Ready(Uuid),
    /// Their own account changed, or where it is signed in, or how they chose to be told.
    Account,
    /// They were told something, or have read it.
    Notification,
    /// Their collaborations changed: invitations to them, and where they stand with those who share.
    Collaborations,
    /// Something became of their own account's invitations: handed over to the mail server or not, opened.
    Invitations,
    /// What an account shares with them changed.
    Access(AccountId),
    /// An entry was added to an account's record.
    Task(AccountId, Box<TaskView>),
    /// More was added to the record than is told one by one.
    Missed,
}

/// One person's watch over all that they may see.
#[derive(Debug)]
pub struct Watch {
    call: Call,
    changes: Changes,
    /// Entries of the record are told from this moment on, if the watch goes on from another.
    resumes: Option<DateTime<Utc>>,
    known: Option<Known>,
}

/// What the person saw when the watch last looked.
#[derive(Clone, Debug)]
struct Known {
    looked_at: DateTime<Utc>,
    account: Own,
    invitation_news: i64,
    /// How many notifications are unread, and the newest of all.
    notifications: (i64, Option<NotificationId>),
    collaborations: u64,
    hosts: HashMap<AccountId, Shared>,
    /// Everybody whose changes may concern the person.
    followed: HashSet<AccountId>,
    /// Entries of the record that need not be told (again), with their times.
    told: HashMap<TaskId, DateTime<Utc>>,
    /// When something changes by itself: a share ends, an invitation expires.
    due: Option<DateTime<Utc>>,
}

/// What stands of the person's own account: its version, that of how they choose to be told, and how many
/// sessions live and which began last.
type Own = (i64, i64, (i64, Option<SessionId>));

/// What one host shares with the person.
#[derive(Clone, Copy, Debug)]
struct Shared {
    revision: i64,
    /// Of everything that the person sees of it.
    fingerprint: u64,
    next_end: Option<DateTime<Utc>>,
}

/// An entry carries the time at which its transaction began, and is there when it is committed: up to
/// this much later, and after entries that began later. No transaction waits longer for its locks, and
/// no clocks of two instances should lie further apart.
const LOOK_BACK: Duration = Duration::seconds(30);
/// Entries that are told one by one.
const MOST_TASKS: usize = 1_000;

impl Service {
    /// Begins a watch for the caller, which tells nothing yet. It may go on from the id of an event of
    /// an earlier one: what was added to the record since then is told, some of it perhaps again.
    pub fn watch(&self, call: Call, resume_from: Option<Uuid>) -> Watch {
        Watch {
            call,
            // Heard from before the first look on, so that nothing falls in between.
            changes: self.db.changes(),
            resumes: resume_from.and_then(moment_of),
            known: None,
        }
    }
}

/// When an id was made.
fn moment_of(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
}

impl Watch {
    /// Waits until something was committed that may concern the person. `false` when the database is
    /// closed. Nothing is lost when the wait is given up.
    pub async fn stirred(&mut self) -> bool {
        while let Some(news) = self.changes.next().await {
            if self.concerned_by(&news) {
                return true;
            }
        }
        false
    }

    /// When to look again even if nothing is committed.
    pub fn due(&self) -> Option<DateTime<Utc>> {
        self.known.as_ref().and_then(|known| known.due)
    }

    fn concerned_by(&self, news: &News) -> bool {
        match (news, &self.known) {
            (News::Missed, _) | (_, None) => true,
            (News::Changed(changes), Some(known)) => changes
                .iter()
                .any(|change| known.followed.contains(&change.account_id)),
        }
    }

    /// Looks, and answers what is new since the look before.
    ///
    /// # Errors
    /// [`crate::ServiceError::NotSignedIn`] once the session is over; when the database fails, and then
    /// the next look makes up for it.
    pub fn look(&mut self, service: &Service) -> Result<Vec<Event>> {
        // What came until now is what this look is about.
        while self.changes.waiting().is_some() {}
        let (known, events) = service.db.read(|tx| self.see(service, tx))?;
        self.known = Some(known);
        Ok(events)
    }

    fn see(&self, service: &Service, tx: &mut Conn<'_>) -> Result<(Known, Vec<Event>)> {
        let now = service.clock.now();
        let person = Person::of(tx, &self.call, now)?;
        let own = person.account.id;
        let records = seen_collaborations(tx, &person, now)?;
        let before = self.known.as_ref();
        let mut events = Vec::new();
        if before.is_none() {
            events.push(Event::Ready(service.randomness.id(now)));
        }
        let account = (
            person.account.version,
            notification_preferences::of(tx, own)?.version,
            sessions::standing(tx, own, now)?,
        );
        if before.is_some_and(|before| before.account != account) {
            events.push(Event::Account);
        }
        let invitation_news = person.account.invitation_news;
        if before.is_some_and(|before| before.invitation_news != invitation_news) {
            events.push(Event::Invitations);
        }
        let notifications = notifications::standing(tx, own)?;
        if before.is_some_and(|before| before.notifications != notifications) {
            events.push(Event::Notification);
        }
        let collaborations = fingerprint_of(&records, now);
        if before.is_some_and(|before| before.collaborations != collaborations) {
            events.push(Event::Collaborations);
        }

        let hosting: Vec<&Member> = records
            .iter()
            .map(|(member, _)| member)
            .filter(|member| status_of(member, now).gives_access())
            .collect();
        let mut tidings = Tidings {
            from: self.told_from(now),
            told: before.map(|before| before.told.clone()).unwrap_or_default(),
            silent: before.is_none() && self.resumes.is_none(),
            missed: false,
        };
        let own_tasks = tidings.of(tx, own)?;
        let mut tasks_seen = vec![(own, Reader::Owner, own_tasks)];
        let mut hosts = HashMap::new();
        let host_ids: Vec<AccountId> = hosting.iter().map(|member| member.account_id).collect();
        let revisions = accounts::revisions(tx, &host_ids)?;
        for member in hosting {
            let host = member.account_id;
            let revision = revisions.get(&host).copied().unwrap_or_default();
            let fresh = tidings.of(tx, host)?;
            let shared_before = before.and_then(|before| before.hosts.get(&host)).copied();
            let as_before = shared_before
                .filter(|shared| shared.revision == revision)
                .filter(|shared| shared.next_end.is_none_or(|end| now < end));
            let shared = match as_before {
                Some(shared) if fresh.is_empty() => shared,
                _ => {
                    let (shared, reader) = look_at_host(service, tx, member, revision, now)?;
                    tasks_seen.push((host, reader, fresh));
                    shared
                }
            };
            let changed = shared_before.is_none_or(|old| old.fingerprint != shared.fingerprint);
            if before.is_some() && changed {
                events.push(Event::Access(host));
            }
            hosts.insert(host, shared);
        }
        let gone = before
            .into_iter()
            .flat_map(|before| before.hosts.keys())
            .filter(|host| !hosts.contains_key(host));
        events.extend(gone.copied().map(Event::Access));

        if tidings.missed {
            events.push(Event::Missed);
        }
        let mut told: Vec<(AccountId, TaskView)> = Vec::new();
        for (account, reader, fresh) in tasks_seen {
            let entries = tasks::by_ids(tx, account, &fresh)?;
            let seen = reader.views(tx, account, entries)?;
            told.extend(seen.into_iter().map(|view| (account, view)));
        }
        told.sort_by_key(|(_, view)| (view.at, view.id));
        events.extend(
            told.into_iter()
                .map(|(account, view)| Event::Task(account, Box::new(view))),
        );

        let ends = hosts.values().filter_map(|shared| shared.next_end);
        let expirations = records
            .iter()
            .filter(|(member, _)| !status_of(member, now).gives_access())
            .filter_map(|(member, _)| member.invitation_expires_at);
        let due = ends.chain(expirations).filter(|end| *end > now).min();
        let known = Known {
            looked_at: now,
            account,
            invitation_news,
            notifications,
            collaborations,
            hosts,
            followed: records
                .iter()
                .map(|(member, _)| member.account_id)
                .chain([own])
                .collect(),
            told: tidings.told,
            due,
        };
        Ok((known, events))
    }

    /// Entries of the record before this moment are told or not to be told.
    fn told_from(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let begun = match &self.known {
            Some(known) => known.looked_at,
            None => self.resumes.map_or(now, |resumes| resumes.min(now)),
        };
        begun - LOOK_BACK
    }
}

/// Entries of the record that are not told yet.
struct Tidings {
    from: DateTime<Utc>,
    told: HashMap<TaskId, DateTime<Utc>>,
    /// Whether what is there already is only taken note of.
    silent: bool,
    missed: bool,
}

impl Tidings {
    /// Those of an account, which count as told from now on.
    fn of(&mut self, tx: &mut Conn<'_>, account: AccountId) -> Result<Vec<TaskId>> {
        let at_most = MOST_TASKS + 1;
        let there = tasks::since(
            tx,
            account,
            self.from,
            u32::try_from(at_most).unwrap_or(u32::MAX),
        )?;
        let from = self.from;
        self.told.retain(|_, at| *at >= from);
        let mut fresh: Vec<TaskId> = there
            .iter()
            .map(|(id, _)| *id)
            .filter(|id| !self.told.contains_key(id))
            .collect();
        // Beyond the newest nobody has looked.
        self.missed |= there.len() > MOST_TASKS && !self.silent;
        fresh.truncate(MOST_TASKS);
        self.told.extend(there);
        if self.silent {
            fresh.clear();
        }
        Ok(fresh)
    }
}

/// What a member sees of their host now, and how they read its record.
fn look_at_host(
    service: &Service,
    tx: &mut Conn<'_>,
    member: &Member,
    revision: i64,
    now: DateTime<Utc>,
) -> Result<(Shared, Reader)> {
    let host = member.account_id;
    let sight = MemberSight {
        relations: service.host_snapshots.at(tx, host, revision)?,
        member: given_to(tx, member, now)?,
    };
    let held = &sight.member.shares;
    let mut hasher = DefaultHasher::new();
    let mut seen: Vec<_> = sight.environments(now).collect();
    seen.sort_by_key(|access| access.environment_id);
    let mut role_ids: BTreeSet<RoleId> = BTreeSet::new();
    for access in &seen {
        access.environment_id.hash(&mut hasher);
        access.level.hash(&mut hasher);
        access.role_ids.hash(&mut hasher);
        known_groups_of(access).hash(&mut hasher);
        role_ids.extend(&access.role_ids);
    }
    for share in held {
        hash_share(share, now, &mut hasher);
        role_ids.extend(&share.role_ids);
    }
    // What they are called and allow is seen too.
    let role_list: Vec<RoleId> = role_ids.into_iter().collect();
    let names = roles::names(tx, &role_list)?;
    for id in &role_list {
        id.hash(&mut hasher);
        names.get(id).hash(&mut hasher);
        sight.relations.actions_of([id]).hash(&mut hasher);
    }
    for group in groups_shared_with(tx, host, held, now)? {
        (group.id, group.parent_id, &group.name, &group.color).hash(&mut hasher);
    }
    let managed: Vec<EnvironmentId> = seen
        .iter()
        .filter(|access| access.allows(&sight.relations, reserved::COLLABORATION_MANAGE))
        .map(|access| access.environment_id)
        .collect();
    let mut others_end = None;
    if !managed.is_empty() {
        let at = (host, revision);
        let people = service
            .host_snapshots
            .people_at(tx, at, &sight.relations, now)?;
        let lists = Lists::of(&sight, (host, member.id), &managed, &people, now);
        lists.fingerprint.hash(&mut hasher);
        others_end = lists.next_end;
    }
    let own_end = held
        .iter()
        .filter_map(|share| share.expires_at)
        .filter(|end| *end > now)
        .min();
    let shared = Shared {
        revision,
        fingerprint: hasher.finish(),
        next_end: own_end.into_iter().chain(others_end).min(),
    };
    Ok((shared, Reader::Member(sight.record_of(member.id, now))))
}

fn hash_share(share: &Share, now: DateTime<Utc>, hasher: &mut DefaultHasher) {
    share.id.hash(hasher);
    share.role_ids.hash(hasher);
    share.expires_at.hash(hasher);
    share.ended(now).hash(hasher);
}

fn fingerprint_of(records: &[(Member, AccountBrief)], now: DateTime<Utc>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (member, owner) in records {
        (member.id, member.version, status_of(member, now)).hash(&mut hasher);
        (&owner.name, &owner.email).hash(&mut hasher);
    }
    hasher.finish()
}
