//! Who calls and who is asked about, kept in memory until something changes of their accounts: so that a
//! check needs no look at the database, and an ended session is refused all the same.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use accord_domain::ids::AccountId;
use accord_domain::token::TokenScope;
use accord_store::platform_tokens::PLATFORM;
use accord_store::{Conn, Db, News, accounts};
use chrono::{DateTime, Utc};

use crate::call::{Call, Credential, Party};
use crate::error::Result;

/// More of them than these are not kept.
const MOST: usize = 50_000;

/// Somebody whose credential was good when the database was looked at, and is until something is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// The account and its address; the platform is nobody, and asks about everybody.
    person: Option<(AccountId, String)>,
    /// For what the credential was found good.
    scope: Option<TokenScope>,
    expires_at: Option<DateTime<Utc>>,
}

impl Caller {
    pub(super) fn account_id(&self) -> Option<AccountId> {
        self.person.as_ref().map(|(account, _)| *account)
    }

    pub(super) fn has_address(&self, email_key: &str) -> bool {
        self.person
            .as_ref()
            .is_some_and(|(_, own)| own == email_key)
    }

    /// Whether they may ask about everybody on this account.
    pub(super) fn owns(&self, host: AccountId) -> bool {
        self.account_id().is_none_or(|own| own == host)
    }
}

#[derive(Debug, Default)]
pub(super) struct People {
    known: RwLock<Known>,
    /// Counts how often something may have gone by unheard.
    missed: AtomicU64,
}

#[derive(Debug, Default)]
struct Known {
    callers: HashMap<Credential, Arc<Place<Caller>>>,
    addresses: HashMap<String, Arc<Place<AccountId>>>,
    /// What is kept because of what is known of an account.
    of_account: HashMap<AccountId, Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    credentials: Vec<Credential>,
    addresses: Vec<String>,
}

/// Something that is being looked up, or was. It is there before the database is looked at, so that what is
/// committed meanwhile takes it away.
#[derive(Debug)]
struct Place<T> {
    missed: u64,
    found: OnceLock<T>,
}

impl<T> Place<T> {
    fn new(missed: u64) -> Arc<Self> {
        Arc::new(Self {
            missed,
            found: OnceLock::new(),
        })
    }
}

impl People {
    pub(super) fn heard(&self, news: &News) {
        match news {
            News::Missed => {
                self.missed.fetch_add(1, Ordering::AcqRel);
            }
            News::Changed(changes) => {
                let any = {
                    let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
                    changes
                        .iter()
                        .any(|change| known.of_account.contains_key(&change.account_id))
                };
                if any {
                    let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
                    for change in changes.iter() {
                        known.drop_what_is_of(change.account_id);
                    }
                }
            }
        }
    }

    /// The caller, if their credential is known to be good at `now`.
    pub(super) fn caller_at_hand(&self, call: &Call, now: DateTime<Utc>) -> Option<Caller> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let place = known.callers.get(&call.credential)?;
        let caller = self.found(place)?;
        let good = caller.scope == call.scope && caller.expires_at.is_none_or(|end| now < end);
        good.then(|| caller.clone())
    }

    /// The account with an address, if that is known.
    pub(super) fn account_at_hand(&self, email_key: &str) -> Option<AccountId> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        self.found(known.addresses.get(email_key)?).copied()
    }

    fn found<'p, T>(&self, place: &'p Place<T>) -> Option<&'p T> {
        (place.missed == self.missed.load(Ordering::Acquire))
            .then(|| place.found.get())
            .flatten()
    }

    /// The caller, as the database knows them now.
    pub(super) fn look_up_caller(
        &self,
        db: &Db,
        call: &Call,
        now: DateTime<Utc>,
    ) -> Result<Caller> {
        let place = Place::new(self.missed.load(Ordering::Acquire));
        {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.make_room();
            let account = call.credential.account_id().unwrap_or(PLATFORM);
            let kept = known.of_account.entry(account).or_default();
            if !kept.credentials.contains(&call.credential) {
                kept.credentials.push(call.credential);
            }
            known.callers.insert(call.credential, Arc::clone(&place));
        }
        let caller = db.read(|tx| caller(tx, call, now))?;
        let _ = place.found.set(caller.clone());
        Ok(caller)
    }

    /// The account with an address, as the database knows it now.
    pub(super) fn look_up_account(&self, db: &Db, email_key: &str) -> Result<Option<AccountId>> {
        let missed = self.missed.load(Ordering::Acquire);
        let find = |tx: &mut Conn<'_>| -> Result<_> { Ok(accounts::by_email_key(tx, email_key)?) };
        // Looked up twice: only who is known can be told to have changed meanwhile.
        let Some(account) = db.read(find)?.map(|account| account.id) else {
            return Ok(None);
        };
        let place = Place::new(missed);
        {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.make_room();
            let kept = known.of_account.entry(account).or_default();
            if !kept.addresses.iter().any(|known| known == email_key) {
                kept.addresses.push(email_key.to_owned());
            }
            known
                .addresses
                .insert(email_key.to_owned(), Arc::clone(&place));
        }
        let now = db.read(find)?.map(|account| account.id);
        if now == Some(account) {
            let _ = place.found.set(account);
        }
        Ok(now)
    }
}

impl Known {
    fn drop_what_is_of(&mut self, account: AccountId) {
        if let Some(kept) = self.of_account.remove(&account) {
            for credential in kept.credentials {
                self.callers.remove(&credential);
            }
            for address in kept.addresses {
                self.addresses.remove(&address);
            }
        }
    }

    fn make_room(&mut self) {
        if self.callers.len() + self.addresses.len() >= MOST {
            *self = Self::default();
        }
    }
}

fn caller(tx: &mut Conn<'_>, call: &Call, now: DateTime<Utc>) -> Result<Caller> {
    let party = Party::of(tx, call, now)?;
    Ok(Caller {
        person: party
            .account()
            .map(|account| (account.id, account.email_key.clone())),
        scope: call.scope,
        expires_at: party.ends_at(),
    })
}
