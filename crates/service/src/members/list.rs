use accord_domain::authorize::ReadHosting;
use accord_domain::ids::{AccountId, MemberId};
use accord_domain::member::MemberStatus;
use accord_store::members::{self, MemberFilter, MemberSort};
use accord_store::{Page, Rows};

use super::MemberView;
use super::events::fresh_member;
use crate::Service;
use crate::call::Call;
use crate::error::Result;

/// Which members.
#[derive(Clone, Debug, Default)]
pub struct MembersFilter {
    pub q: Option<String>,
    pub status: Option<MemberStatus>,
    pub sort: MemberSort,
}

impl Service {
    /// A page of the account's members, in any state.
    ///
    /// # Errors
    /// Unless the caller owns the account.
    pub fn list_members(
        &self,
        call: &Call,
        host: AccountId,
        filter: &MembersFilter,
        page: &Page,
    ) -> Result<Rows<MemberView>> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, stage| {
            let rows_filter = MemberFilter {
                status: filter.status,
                q: filter.q.as_deref(),
            };
            let rows = members::page(tx, host, &rows_filter, filter.sort, page, stage.now)?;
            Ok(Rows {
                items: self.member_views(tx, rows.items, stage.now)?,
                next: rows.next,
            })
        })
    }

    /// One of them.
    ///
    /// # Errors
    /// Unless the caller owns the account and it is there.
    pub fn get_member(&self, call: &Call, host: AccountId, id: MemberId) -> Result<MemberView> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, stage| {
            let member = fresh_member(tx, host, id, None)?;
            self.member_view(tx, member, stage.now)
        })
    }
}
