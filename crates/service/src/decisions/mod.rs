//! Checks: may this account do these actions on this environment? Answered from memory, and as new as the
//! last write that anybody was told of.

mod indexes;
mod people;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use accord_domain::access::AccessLevel;
use accord_domain::catalogue::ActionId;
use accord_domain::ids::{AccountId, EnvironmentId};
use accord_domain::index::{Decision, Index};
use accord_store::{Db, News, Observer, access_index};
use chrono::{DateTime, Utc};

use crate::Service;
use crate::call::Call;
use crate::error::{Result, ServiceError};

pub use indexes::IndexFigures;
use indexes::{Indexes, Kept};
use people::{Caller, People};

/// Environments whose owners are kept in mind; more are looked up again.
const MOST_HOSTS: usize = 500_000;

/// Whom a check is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Account(AccountId),
    /// Whoever has the address with this key.
    Email(String),
}

/// Whether all of the actions are needed, or one of them will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckMode {
    All,
    Any,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub subject: Subject,
    pub environment_id: EnvironmentId,
    /// Of the catalogue; at least one.
    pub action_ids: Vec<ActionId>,
    pub mode: CheckMode,
}

/// Questions that are asked together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckAccess {
    pub checks: Vec<Check>,
    /// The revision that the answer must not be older than.
    pub at_least_revision: Option<i64>,
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    pub allowed: bool,
    pub access_level: AccessLevel,
    pub missing_action_ids: Vec<ActionId>,
}

/// The answers, in the order of the questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckAnswers {
    pub results: Vec<CheckResult>,
    /// The least of the revisions of the accounts that were asked about; 0 where the caller may know of
    /// none of them.
    pub revision: i64,
}

/// What checks are answered from.
#[derive(Debug)]
pub(crate) struct Decisions {
    indexes: Indexes,
    people: People,
    /// Whose an environment is never changes.
    hosts: RwLock<HashMap<EnvironmentId, AccountId>>,
}

impl Observer for Decisions {
    fn heard(&self, news: &News) {
        self.indexes.heard(news);
        self.people.heard(news);
    }
}

impl Decisions {
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self {
            indexes: Indexes::new(most_bytes),
            people: People::default(),
            hosts: RwLock::default(),
        }
    }

    /// The account's index as it was at exactly that revision; `None` where it has moved on.
    pub(crate) fn index_at(
        &self,
        db: &Db,
        account: AccountId,
        revision: i64,
    ) -> Result<Option<Arc<Index>>> {
        Ok(self.indexes.up_to_date(db, account)?.at(revision))
    }

    fn host_at_hand(&self, environment: EnvironmentId) -> Option<AccountId> {
        let hosts = self.hosts.read().unwrap_or_else(PoisonError::into_inner);
        hosts.get(&environment).copied()
    }

    fn keep_hosts(&self, found: &HashMap<EnvironmentId, AccountId>) {
        let mut hosts = self.hosts.write().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() + found.len() > MOST_HOSTS {
            hosts.clear();
        }
        hosts.extend(found);
    }
}

/// One question as the caller may ask it.
struct Asked<'a> {
    check: &'a Check,
    /// Who is asked about, and on whose account; none where it is not the caller's to know.
    of: Option<(AccountId, AccountId)>,
}

impl Service {
    /// The access indexes in memory, in numbers.
    pub fn index_figures(&self) -> IndexFigures {
        self.decisions.indexes.figures()
    }

    /// The same as [`Service::check`] where everything that it takes is in memory, and `None` where not. It
    /// waits for nothing.
    pub fn check_at_once(&self, call: &Call, command: &CheckAccess) -> Option<CheckAnswers> {
        if !self.db.hears_others() {
            return None;
        }
        let now = self.clock.now();
        let caller = self.decisions.people.caller_at_hand(call, now)?;
        let own = caller
            .account_id()
            .and_then(|own| Some((own, self.decisions.indexes.at_hand(own)?)));
        let mut indexes: BTreeMap<AccountId, Arc<Kept>> = BTreeMap::new();
        let mut asked = Vec::with_capacity(command.checks.len());
        for check in &command.checks {
            let is_own = |kept: &Arc<Kept>| {
                kept.look(|index, _| index.has(check.environment_id))
                    .unwrap_or_default()
            };
            let host = match &own {
                Some((account, kept)) if is_own(kept) => *account,
                _ => self.decisions.host_at_hand(check.environment_id)?,
            };
            let of = match subject(&caller, check, host) {
                Whom::Known(account) => Some((account, host)),
                Whom::Hidden => None,
                Whom::HasAddress(key) => Some((self.decisions.people.account_at_hand(key)?, host)),
            };
            if of.is_some() && !indexes.contains_key(&host) {
                indexes.insert(host, self.decisions.indexes.at_hand(host)?);
            }
            asked.push(Asked { check, of });
        }
        let behind = |kept: &Arc<Kept>| {
            let revision = kept.look(|_, revision| revision);
            revision.is_none_or(|revision| {
                command
                    .at_least_revision
                    .is_some_and(|least| revision < least)
            })
        };
        if indexes.values().any(behind) {
            return None;
        }
        Some(answers(&caller, &asked, &indexes, now))
    }

    /// Whether accounts may do actions on environments: the caller's own environments, or the caller on
    /// any. What else is asked about is answered as what does not exist: not allowed, level none.
    ///
    /// # Errors
    /// [`ServiceError::RevisionAhead`] where no account that is asked about has got so far.
    pub fn check(&self, call: &Call, command: &CheckAccess) -> Result<CheckAnswers> {
        let now = self.clock.now();
        let at_hand = self
            .db
            .hears_others()
            .then(|| self.decisions.people.caller_at_hand(call, now))
            .flatten();
        let caller = match at_hand {
            Some(caller) => caller,
            None => self.decisions.people.look_up_caller(&self.db, call, now)?,
        };
        let hosts = self.hosts_of(command)?;
        let mut indexes: BTreeMap<AccountId, Arc<Kept>> = BTreeMap::new();
        let mut addresses: HashMap<&str, Option<AccountId>> = HashMap::new();
        let mut asked = Vec::with_capacity(command.checks.len());
        for check in &command.checks {
            let host = hosts.get(&check.environment_id).copied();
            let of = match host.map(|host| (subject(&caller, check, host), host)) {
                None | Some((Whom::Hidden, _)) => None,
                Some((Whom::Known(account), host)) => Some((account, host)),
                Some((Whom::HasAddress(key), host)) => {
                    let account = match addresses.get(key) {
                        Some(account) => *account,
                        None => {
                            let account = self.decisions.people.look_up_account(&self.db, key)?;
                            addresses.insert(key, account);
                            account
                        }
                    };
                    account.map(|account| (account, host))
                }
            };
            if let Some((_, host)) = of
                && !indexes.contains_key(&host)
            {
                let index = self.decisions.indexes.up_to_date(&self.db, host)?;
                indexes.insert(host, index);
            }
            asked.push(Asked { check, of });
        }
        let answers = answers(&caller, &asked, &indexes, now);
        if let Some(least) = command.at_least_revision {
            let told = told(&caller, &asked, &answers.results);
            let reached = told.iter().any(|host| {
                indexes
                    .get(host)
                    .and_then(|kept| kept.look(|_, revision| revision >= least))
                    .unwrap_or_default()
            });
            if !told.is_empty() && !reached {
                return Err(ServiceError::RevisionAhead {
                    present: answers.revision,
                });
            }
        }
        Ok(answers)
    }

    fn hosts_of(&self, command: &CheckAccess) -> Result<HashMap<EnvironmentId, AccountId>> {
        let mut hosts = HashMap::new();
        let mut unknown = HashSet::new();
        for id in command.checks.iter().map(|check| check.environment_id) {
            match self.decisions.host_at_hand(id) {
                Some(host) => drop(hosts.insert(id, host)),
                None => drop(unknown.insert(id)),
            }
        }
        if !unknown.is_empty() {
            let unknown: Vec<EnvironmentId> = unknown.into_iter().collect();
            let found = self
                .db
                .read(|tx| Ok::<_, ServiceError>(access_index::hosts_of(tx, &unknown)?))?;
            self.decisions.keep_hosts(&found);
            hosts.extend(found);
        }
        Ok(hosts)
    }
}

/// Whom a caller's question is about.
enum Whom<'a> {
    Known(AccountId),
    /// Whoever has this address.
    HasAddress(&'a str),
    /// It is not the caller's to know.
    Hidden,
}

/// Of their own account a caller may ask everything, of others' what they may do there themselves; the
/// platform everything of all.
fn subject<'a>(caller: &Caller, check: &'a Check, host: AccountId) -> Whom<'a> {
    match &check.subject {
        Subject::Account(id) if caller.owns(host) || caller.account_id() == Some(*id) => {
            Whom::Known(*id)
        }
        Subject::Email(key) => match caller.account_id().filter(|_| caller.has_address(key)) {
            Some(own) => Whom::Known(own),
            None if caller.owns(host) => Whom::HasAddress(key),
            None => Whom::Hidden,
        },
        Subject::Account(_) => Whom::Hidden,
    }
}

fn answers(
    caller: &Caller,
    asked: &[Asked<'_>],
    indexes: &BTreeMap<AccountId, Arc<Kept>>,
    now: DateTime<Utc>,
) -> CheckAnswers {
    let mut revisions: HashMap<AccountId, i64> = HashMap::new();
    let results: Vec<CheckResult> = asked
        .iter()
        .map(|Asked { check, of }| {
            of.as_ref()
                .and_then(|(account, host)| {
                    indexes.get(host)?.look(|index, revision| {
                        let least = revisions.entry(*host).or_insert(revision);
                        *least = revision.min(*least);
                        let decision = index.decide(*account, check.environment_id, now);
                        result(check, &decision, |action| {
                            decision.allows(index.action(action.as_str()))
                        })
                    })
                })
                .unwrap_or_else(|| result(check, &Decision::none(), |_| false))
        })
        .collect();
    let revision = told(caller, asked, &results)
        .into_iter()
        .filter_map(|host| revisions.get(&host).copied())
        .min()
        .unwrap_or_default();
    CheckAnswers { results, revision }
}

fn result(check: &Check, decision: &Decision, allows: impl Fn(&ActionId) -> bool) -> CheckResult {
    let missing_action_ids: Vec<ActionId> = check
        .action_ids
        .iter()
        .filter(|action| !allows(action))
        .cloned()
        .collect();
    CheckResult {
        allowed: match check.mode {
            CheckMode::All => missing_action_ids.is_empty(),
            CheckMode::Any => missing_action_ids.len() < check.action_ids.len(),
        },
        access_level: decision.level(),
        missing_action_ids,
    }
}

/// The accounts of which the answers tell the caller that they are there: their own, and those that share
/// the environment with them.
fn told(caller: &Caller, asked: &[Asked<'_>], results: &[CheckResult]) -> HashSet<AccountId> {
    asked
        .iter()
        .zip(results)
        .filter_map(|(asked, result)| {
            let (_, host) = asked.of?;
            (caller.owns(host) || result.access_level.sees()).then_some(host)
        })
        .collect()
}
