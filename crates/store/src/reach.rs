//! The last look at a grant before something is written under it.

use crate::error::StoreError;
use accord_domain::authorize::{Grant, Permission};
use accord_domain::ids::{EnvironmentId, GroupId, MemberId};
use accord_domain::sharing::Item;

fn unless(reaches: bool, what: impl std::fmt::Display) -> Result<(), StoreError> {
    if reaches {
        Ok(())
    } else {
        Err(StoreError::Internal(format!(
            "the grant does not reach {what}"
        )))
    }
}

pub(crate) fn member<P: Permission>(grant: &Grant<P>, id: MemberId) -> Result<(), StoreError> {
    unless(grant.covers_member(id), format_args!("the member {id}"))
}

pub(crate) fn environment<P: Permission>(
    grant: &Grant<P>,
    id: EnvironmentId,
) -> Result<(), StoreError> {
    unless(
        grant.covers_environment(id),
        format_args!("the environment {id}"),
    )
}

pub(crate) fn new_environment<P: Permission>(
    grant: &Grant<P>,
    groups: &[GroupId],
) -> Result<(), StoreError> {
    unless(
        grant.covers_new_environment(groups),
        "a new environment in these groups",
    )
}

/// A record that is being made, by the id that it will have.
pub(crate) fn new_member<P: Permission>(grant: &Grant<P>, id: MemberId) -> Result<(), StoreError> {
    unless(
        grant.covers_new_member(id),
        format_args!("a new member {id}"),
    )
}

/// All shares of a member.
pub(crate) fn shares_of<P: Permission>(grant: &Grant<P>, id: MemberId) -> Result<(), StoreError> {
    unless(
        grant.covers_shares_of(id),
        format_args!("the shares of the member {id}"),
    )
}

/// A share is reached through its member, or through the environment that it is on.
pub(crate) fn share<P: Permission>(
    grant: &Grant<P>,
    member: MemberId,
    item: Item,
) -> Result<(), StoreError> {
    unless(
        grant.covers_share(member, item),
        format_args!("the shares of the member {member}"),
    )
}
