//! What two instances are told to do without a rest while their database is stopped and started, and what came
//! of it: everything is done, or refused clearly.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use accord_client::types::{
    Check, CheckAccess, CheckAnswers, CheckMode, CheckSubject, ErrorCode, Invite, UpdateRole,
    UpdateWebhook, Uuid,
};
use accord_client::{Client, Error, RawAnswer};
use accord_testkit::Person;

/// How often something was acknowledged and refused.
#[derive(Debug, Default)]
pub(super) struct Tally {
    done: AtomicUsize,
    refused: AtomicUsize,
}

impl Tally {
    pub(super) fn count(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }

    pub(super) fn was_refused(&self) -> bool {
        self.refused.load(Ordering::SeqCst) > 0
    }

    fn is_done(&self) {
        self.done.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether it is refused as what the database's being away looks like.
    fn is_unavailable<T>(&self, outcome: &Result<T, Error>) -> bool {
        let Err(error) = outcome else {
            return false;
        };
        let unavailable = error.code() == Some(ErrorCode::Unavailable);
        if unavailable {
            assert_eq!(error.status(), Some(503), "{error:?}");
            self.refused.fetch_add(1, Ordering::SeqCst);
        }
        unavailable
    }
}

/// Somebody who does one thing after the other.
pub(super) trait Load {
    fn tally(&self) -> &Tally;
    async fn goes_on_until(&self, over: &AtomicBool);
}

fn is(over: &AtomicBool) -> bool {
    over.load(Ordering::SeqCst)
}

/// One who invites.
pub(super) struct Inviter {
    pub person: Person,
    pub name: String,
    pub acknowledged: Mutex<Vec<String>>,
    tally: Tally,
}

impl Inviter {
    pub(super) fn new(person: &Person, name: String) -> Self {
        Self {
            person: person.clone(),
            name,
            acknowledged: Mutex::default(),
            tally: Tally::default(),
        }
    }
}

impl Load for Inviter {
    fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Invites one address after the other, each until it is done.
    async fn goes_on_until(&self, over: &AtomicBool) {
        for number in 0.. {
            let email = format!("{}-{number}@example.com", self.name);
            let body = Invite {
                email: email.clone(),
                ..Default::default()
            };
            let mut tried_before = false;
            loop {
                if is(over) {
                    return;
                }
                let outcome = self.person.invite(self.person.id, &body).await;
                if self.tally.is_unavailable(&outcome) {
                    tried_before = true;
                    continue;
                }
                match outcome {
                    Ok(_) => break,
                    // It was committed, and the database went before it could say so.
                    Err(error) if tried_before && error.code() == Some(ErrorCode::MemberExists) => {
                        break;
                    }
                    Err(error) => panic!("neither done nor clearly refused: {error:?}"),
                }
            }
            self.acknowledged.lock().expect("no panic").push(email);
            self.tally.is_done();
        }
    }
}

/// One who gives a webhook another description again and again.
pub(super) struct Changer {
    pub person: Person,
    pub webhook: Uuid,
    tally: Tally,
}

impl Changer {
    pub(super) fn new(person: &Person, webhook: Uuid) -> Self {
        Self {
            person: person.clone(),
            webhook,
            tally: Tally::default(),
        }
    }

    /// Whether this is what it was changed to last, or what was under way when it was over.
    pub(super) fn may_have_written(&self, description: &str) -> bool {
        let last = self.tally.count();
        [last, last + 1]
            .map(|number| number.to_string())
            .contains(&description.to_owned())
    }
}

impl Load for Changer {
    fn tally(&self) -> &Tally {
        &self.tally
    }

    async fn goes_on_until(&self, over: &AtomicBool) {
        while !is(over) {
            let body = UpdateWebhook {
                description: Some((self.tally.count() + 1).to_string()),
                ..Default::default()
            };
            let changed = self
                .person
                .update_webhook(self.person.id, self.webhook, &body, None)
                .await;
            if !self.tally.is_unavailable(&changed) {
                changed.expect("changed or clearly refused");
                self.tally.is_done();
            }
        }
    }
}

/// A program that asks for tests of a webhook, each with a key.
pub(super) struct Keyed {
    client: Client,
    path: String,
    name: String,
    /// Each key that was sent, and what was answered at last, if it was done.
    pub answered: Mutex<Vec<(String, Option<RawAnswer>)>>,
    tally: Tally,
}

impl Keyed {
    pub(super) fn new(client: Client, path: &str, name: &str) -> Self {
        Self {
            client,
            path: path.to_owned(),
            name: name.to_owned(),
            answered: Mutex::default(),
            tally: Tally::default(),
        }
    }

    pub(super) async fn sends(client: &Client, path: &str, key: &str) -> RawAnswer {
        let headers = [
            ("idempotency-key", key),
            ("content-type", "application/json"),
        ];
        let answer = client.raw("POST", path, &headers, "{}").await;
        answer.expect("an answer")
    }
}

impl Load for Keyed {
    fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Sends one key after the other, each until it is answered; a key that stays in use is left for later.
    async fn goes_on_until(&self, over: &AtomicBool) {
        for number in 0.. {
            let key = format!("{}-{number}", self.name);
            let mut sent = false;
            let answer = loop {
                if is(over) {
                    if sent {
                        self.answered.lock().expect("no panic").push((key, None));
                    }
                    return;
                }
                sent = true;
                let answer = Self::sends(&self.client, &self.path, &key).await;
                match answer.problem().map(|problem| problem.code) {
                    None => break Some(answer),
                    Some(ErrorCode::Unavailable) => {
                        self.tally.refused.fetch_add(1, Ordering::SeqCst);
                    }
                    Some(ErrorCode::IdempotencyKeyInUse) if self.tally.was_refused() => break None,
                    Some(_) => panic!("neither done nor clearly refused: {}", answer.text()),
                }
            };
            let mut answered = self.answered.lock().expect("no panic");
            answered.push((key, answer));
            self.tally.is_done();
        }
    }
}

/// Whether somebody may read files on an environment.
pub(super) async fn may_read(
    owner: &Person,
    environment: Uuid,
    who: &Person,
    at_least_revision: Option<i64>,
) -> Result<CheckAnswers, Error> {
    let body = CheckAccess {
        checks: vec![Check {
            subject: CheckSubject::account(who.id),
            environment_id: environment,
            action_ids: vec!["files.read".into()],
            mode: CheckMode::All,
        }],
        at_least_revision,
    };
    owner.check_access(&body).await
}

/// One who asks whether somebody may, who may all the time.
pub(super) struct Asker {
    pub person: Person,
    pub environment: Uuid,
    pub who: Person,
    tally: Tally,
}

impl Asker {
    pub(super) fn new(person: &Person, environment: Uuid, who: &Person) -> Self {
        Self {
            person: person.clone(),
            environment,
            who: who.clone(),
            tally: Tally::default(),
        }
    }
}

impl Load for Asker {
    fn tally(&self) -> &Tally {
        &self.tally
    }

    async fn goes_on_until(&self, over: &AtomicBool) {
        while !is(over) {
            let answer = may_read(&self.person, self.environment, &self.who, None).await;
            if !self.tally.is_unavailable(&answer) {
                let answer = answer.expect("answered or clearly refused");
                assert!(answer.results[0].allowed, "a wrong answer: {answer:?}");
                self.tally.is_done();
            }
        }
    }
}

/// One who gives and takes an action of a role at one instance, and asks both what follows.
pub(super) struct Switch {
    pub person: Person,
    pub elsewhere: Person,
    pub environment: Uuid,
    pub who: Person,
    pub role: Uuid,
    /// The policies of the role while it gives the action, and while it does not.
    pub policies: [Uuid; 2],
    pub tally: Tally,
}

impl Switch {
    /// What one instance answers, once it can.
    async fn asks(&self, at: &Person, at_least_revision: Option<i64>) -> CheckAnswers {
        loop {
            let answer = may_read(at, self.environment, &self.who, at_least_revision).await;
            if !self.tally.is_unavailable(&answer) {
                return answer.expect("answered or clearly refused");
            }
        }
    }
}

impl Load for Switch {
    fn tally(&self) -> &Tally {
        &self.tally
    }

    async fn goes_on_until(&self, over: &AtomicBool) {
        while !is(over) {
            let gives = self.tally.count() % 2 == 1;
            let body = UpdateRole {
                policy_ids: Some(vec![self.policies[usize::from(!gives)]]),
                ..Default::default()
            };
            let changed = self
                .person
                .update_role(self.person.id, self.role, &body, None)
                .await;
            if self.tally.is_unavailable(&changed) {
                continue;
            }
            changed.expect("changed or clearly refused");
            let here = self.asks(&self.person, None).await;
            assert_eq!(here.results[0].allowed, gives, "where it was changed");
            let there = self.asks(&self.elsewhere, Some(here.revision)).await;
            assert_eq!(there.results, here.results, "both answer alike");
            self.tally.is_done();
        }
    }
}
