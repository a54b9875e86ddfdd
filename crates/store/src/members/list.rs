//! Lists of an account's members.

use super::Member;
use crate::conn::{Conn, on};
use crate::error::StoreError;
use crate::page::{Page, Position, Rows, Search, keyset};
use crate::schema::{members, share_roles, shares};
use crate::types::Sql;
use accord_domain::ids::{AccountId, MemberId, RoleId};
use accord_domain::member::{MemberStatus, StoredStatus};
use accord_domain::text::key_of;
use chrono::{DateTime, Utc};
use diesel::prelude::*;

/// Which members to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemberFilter<'a> {
    /// Only in this state, as it is seen at the moment that is passed in.
    pub status: Option<MemberStatus>,
    /// Only those with a share that carries this role, ended or not.
    pub role_id: Option<RoleId>,
    /// Only those whose address or display name contains this text.
    pub q: Option<&'a str>,
}

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemberSort {
    /// The address.
    #[default]
    Email,
    /// How the owner calls them; who has no name comes first.
    DisplayName,
    /// When they were last invited.
    InvitedAt,
}

impl MemberSort {
    fn position(self, member: &Member) -> Position {
        match self {
            Self::Email => Position::text(&member.email_key, member.id),
            Self::DisplayName => {
                let key = member.display_name.as_deref().map(key_of);
                Position::text(&key.unwrap_or_default(), member.id)
            }
            Self::InvitedAt => Position::moment(&member.invited_at, member.id),
        }
    }
}

/// A page of the account's members.
pub fn page(
    tx: &mut Conn<'_>,
    account: AccountId,
    filter: &MemberFilter<'_>,
    sort: MemberSort,
    page: &Page,
    now: DateTime<Utc>,
) -> Result<Rows<Member>, StoreError> {
    let pattern = match Search::new(filter.q) {
        Search::Nothing => return Ok(Rows::none()),
        Search::Everything => None,
        Search::Contains(pattern) => Some(pattern),
    };
    let (after_text, after_time) = match sort {
        MemberSort::Email | MemberSort::DisplayName => (page.after_text::<MemberId>()?, None),
        MemberSort::InvitedAt => (None, page.after_moment::<MemberId>()?),
    };
    let rows: Vec<Member> = on!(tx, |c| {
        let mut query = members::table
            .filter(members::account_id.eq(Sql(account)))
            .into_boxed::<DB>();
        if let Some(status) = filter.status {
            query = query.filter(members::status.eq(Sql(status.stored())));
            if status.stored() == StoredStatus::Pending {
                let ended = members::invitation_expires_at.is_not_null().and(
                    members::invitation_expires_at
                        .assume_not_null()
                        .le(Sql(now)),
                );
                query = match status {
                    MemberStatus::Expired => query.filter(ended),
                    _ => query.filter(diesel::dsl::not(ended)),
                };
            }
        }
        if let Some(role) = filter.role_id {
            query = query.filter(
                members::id.eq_any(
                    shares::table
                        .inner_join(share_roles::table)
                        .filter(share_roles::account_id.eq(Sql(account)))
                        .filter(share_roles::role_id.eq(Sql(role)))
                        .select(shares::member_id),
                ),
            );
        }
        if let Some(pattern) = pattern.as_deref() {
            query = query.filter(
                members::email_key
                    .like(pattern)
                    .escape('\\')
                    .or(members::display_name_key.like(pattern).escape('\\')),
            );
        }
        match sort {
            MemberSort::Email => keyset!(query, page, after_text, members::email_key, members::id)
                .select(Member::as_select())
                .load(c),
            MemberSort::DisplayName => keyset!(
                query,
                page,
                after_text,
                members::display_name_key,
                members::id
            )
            .select(Member::as_select())
            .load(c),
            MemberSort::InvitedAt => {
                keyset!(query, page, after_time, members::invited_at, members::id)
                    .select(Member::as_select())
                    .load(c)
            }
        }
    })?;
    Ok(Rows::cut(rows, page, |member| sort.position(member)))
}
