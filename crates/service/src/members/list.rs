use accord_domain::authorize::ReadHosting;
use accord_domain::ids::{AccountId, MemberId, RoleId};
use accord_domain::member::MemberStatus;
use accord_domain::sharing::Share;
use accord_store::members::{self, MemberFilter, MemberSort};
use accord_store::{Page, Rows, shares};
use chrono::{DateTime, Utc};

use super::MemberView;
use super::events::fresh_member;
use crate::Service;
use crate::call::Call;
use crate::error::Result;
use crate::paging::{moment_key, page_of};

/// Which members.
#[derive(Clone, Debug, Default)]
pub struct MembersFilter {
    pub q: Option<String>,
    pub status: Option<MemberStatus>,
    /// Only those with a share that carries it.
    pub role_id: Option<RoleId>,
    pub sort: MemberSort,
}

/// What a list of shares is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShareSort {
    /// When the item was first shared.
    #[default]
    CreatedAt,
    /// What has no end comes last.
    ExpiresAt,
}

/// Some of a member's shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberShares {
    pub shares: Rows<Share>,
    /// The member's version, which counts changes of their shares too.
    pub version: i64,
    /// The moment this was true: which shares have ended depends on it.
    pub now: DateTime<Utc>,
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
                role_id: filter.role_id,
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

    /// A page of what is shared with a member.
    ///
    /// # Errors
    /// Unless the caller owns the account and the member is there.
    pub fn list_member_shares(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
        sort: ShareSort,
        page: &Page,
    ) -> Result<MemberShares> {
        self.read_hosting::<ReadHosting, _>(call, host, |tx, stage| {
            let member = fresh_member(tx, host, id, None)?;
            let shares = page_of(shares::of_member(tx, host, id)?, page, |share| {
                let key = match sort {
                    // Ids are made in the order of time.
                    ShareSort::CreatedAt => share.id.to_string(),
                    ShareSort::ExpiresAt => {
                        share.expires_at.map_or_else(|| "~".to_owned(), moment_key)
                    }
                };
                (key, share.id.into())
            });
            Ok(MemberShares {
                shares,
                version: member.version,
                now: stage.now,
            })
        })
    }
}
