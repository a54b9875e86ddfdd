//! What the end of an item or a role takes from members, as each of them is told.

use std::collections::{BTreeMap, HashMap};

use accord_domain::ids::{MemberId, ShareId};
use accord_domain::sharing::Share;
use accord_store::{Conn, members, shares};

use crate::Service;
use crate::call::Stage;
use crate::error::Result;
use crate::shares::{DescribedShare, describe};

impl Service {
    /// Does what takes such shares, or roles of them, from whoever has them, and tells each active member
    /// what is gone. What the items and roles are called is read before.
    pub(crate) fn telling_of_lost_shares<T>(
        &self,
        tx: &mut Conn<'_>,
        stage: &Stage,
        concerned: impl Fn(&Share) -> bool,
        deletion: impl FnOnce(&mut Conn<'_>) -> Result<T>,
    ) -> Result<T> {
        let host = &stage.host_account;
        let mut holders: HashMap<ShareId, MemberId> = HashMap::new();
        let mut held: Vec<Share> = Vec::new();
        for (member, shares) in shares::of_account(tx, host.id)? {
            for share in shares.into_iter().filter(&concerned) {
                holders.insert(share.id, member);
                held.push(share);
            }
        }
        let before = by_member(describe(tx, host.id, &held)?, &holders);
        let outcome = deletion(tx)?;
        let member_ids: Vec<MemberId> = before.keys().copied().collect();
        let left: Vec<Share> = shares::of_members(tx, &member_ids)?
            .into_values()
            .flatten()
            .filter(|share| holders.contains_key(&share.id))
            .collect();
        let after = by_member(describe(tx, host.id, &left)?, &holders);
        for member in members::by_ids(tx, host.id, &member_ids)? {
            let of = |described: &BTreeMap<MemberId, Vec<DescribedShare>>| {
                described.get(&member.id).cloned().unwrap_or_default()
            };
            let by = stage.party.account_id();
            self.tell_of_difference(
                tx,
                host,
                &member,
                by,
                (&of(&before), &of(&after)),
                stage.now,
            )?;
        }
        Ok(outcome)
    }
}

fn by_member(
    described: Vec<DescribedShare>,
    holders: &HashMap<ShareId, MemberId>,
) -> BTreeMap<MemberId, Vec<DescribedShare>> {
    let mut found: BTreeMap<MemberId, Vec<DescribedShare>> = BTreeMap::new();
    for line in described {
        if let Some(member) = holders.get(&line.share.id) {
            found.entry(*member).or_default().push(line);
        }
    }
    found
}
