use accord_domain::authorize::InviteMembers;
use accord_domain::email::EmailAddress;
use accord_domain::ids::{AccountId, MemberId};
use accord_domain::sharing::shares_to_copy;
use accord_domain::text::DisplayName;
use accord_store::shares;

use super::MemberView;
use super::events::fresh_member;
use super::invite::Newcomer;
use crate::Service;
use crate::call::Call;
use crate::error::Result;

/// Who gets the same shares as another member.
#[derive(Clone, Debug)]
pub struct CopyMember {
    pub email: EmailAddress,
    pub display_name: Option<DisplayName>,
}

impl Service {
    /// Invites another address with the same shares; ended ones are left out.
    ///
    /// # Errors
    /// [`crate::ServiceError::MemberExists`], [`crate::ServiceError::OwnAccount`].
    pub fn copy_member(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
        command: &CopyMember,
    ) -> Result<MemberView> {
        self.change_hosting::<InviteMembers, _>(call, host, |tx, stage, grant| {
            let original = fresh_member(tx, host, id, None)?;
            let copied = shares_to_copy(&shares::of_member(tx, host, original.id)?, stage.now);
            let newcomer = Newcomer {
                id: self.randomness.id(stage.now),
                email: &command.email,
                display_name: command.display_name.as_ref().map(DisplayName::as_str),
                shares: copied,
                environment: None,
            };
            let member = self.add_member(tx, stage, call, grant, newcomer, "member.copy")?;
            self.member_view(tx, member, stage.now)
        })
    }
}
