//! What an account owns at one revision, shared by all who look at it then: when something changes, every
//! member who listens looks at the same.

use std::sync::{Arc, Mutex, PoisonError};

use accord_domain::access::Relations;
use accord_domain::ids::AccountId;
use accord_store::{Conn, StoreError, relations};

/// Environments and groups held at most, of all accounts together; about 100 bytes each.
const MOST_ITEMS: usize = 500_000;

#[derive(Debug, Default)]
pub(crate) struct HostSnapshots(Mutex<Vec<Held>>);

/// The last used stand last.
#[derive(Debug)]
struct Held {
    host: AccountId,
    revision: i64,
    relations: Arc<Relations>,
}

impl Held {
    fn items(&self) -> usize {
        self.relations.environments.len() + self.relations.groups.len()
    }
}

impl HostSnapshots {
    /// What the account owns, which in this transaction is at that revision.
    pub(crate) fn at(
        &self,
        tx: &mut Conn<'_>,
        host: AccountId,
        revision: i64,
    ) -> Result<Arc<Relations>, StoreError> {
        if let Some(held) = self.held(host, revision) {
            return Ok(held);
        }
        let loaded = Arc::new(relations::load(tx, host)?);
        self.keep(Held {
            host,
            revision,
            relations: Arc::clone(&loaded),
        });
        Ok(loaded)
    }

    fn held(&self, host: AccountId, revision: i64) -> Option<Arc<Relations>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all
            .iter()
            .position(|held| held.host == host && held.revision == revision)?;
        let held = all.remove(at);
        let relations = Arc::clone(&held.relations);
        all.push(held);
        Some(relations)
    }

    fn keep(&self, new: Held) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Of two revisions the later one is asked for again.
        if all
            .iter()
            .any(|held| held.host == new.host && held.revision >= new.revision)
        {
            return;
        }
        all.retain(|held| held.host != new.host);
        all.push(new);
        let mut items: usize = all.iter().map(Held::items).sum();
        while items > MOST_ITEMS {
            items -= all.remove(0).items();
        }
    }
}
