use accord_domain::authorize::ManageMembers;
use accord_domain::ids::{AccountId, MemberId};
use accord_domain::member::editable;
use accord_domain::sharing::ShareDraft;
use accord_domain::text::DisplayName;
use accord_store::{accounts, members, shares};
use serde_json::json;

use super::events::fresh_member;
use super::{MemberView, shares_with_ids};
use crate::Service;
use crate::call::{Call, status_of};
use crate::error::{Result, ServiceError, done};
use crate::shares::{checked_shares, share_facts};
use crate::tasks::Happening;

/// What changes about a member; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateMember {
    /// `Some(None)` clears it.
    pub display_name: Option<Option<DisplayName>>,
    /// All shares, in place of those there were.
    pub shares: Option<Vec<ShareDraft>>,
}

impl Service {
    /// Changes a member's display name and shares, in every state but `removed`.
    ///
    /// # Errors
    /// [`ServiceError::NotEditable`] when removed, [`ServiceError::Stale`], shares that the rules refuse.
    pub fn update_member(
        &self,
        call: &Call,
        host: AccountId,
        id: MemberId,
        command: &UpdateMember,
        expected_version: Option<i64>,
    ) -> Result<MemberView> {
        self.change_hosting::<ManageMembers, _>(call, host, |tx, stage, grant| {
            let mut member = fresh_member(tx, host, id, expected_version)?;
            let status = status_of(&member, stage.now);
            if !editable(status) {
                return Err(ServiceError::NotEditable(status));
            }
            let mut before = json!({ "display_name": member.display_name });
            let mut after = before.clone();
            if let Some(name) = &command.display_name {
                let name = name.as_ref().map(DisplayName::as_str);
                member = done(members::set_display_name(
                    tx, grant, id, name, None, stage.now,
                )?)?;
                after["display_name"] = json!(name);
            }
            if let Some(drafts) = &command.shares {
                let stored = shares::of_member(tx, host, id)?;
                let checked = checked_shares(tx, host, drafts, &stored, "/shares", stage.now)?;
                let new = shares_with_ids(self, checked, &stored, stage.now);
                shares::replace_all(tx, grant, id, &new, stage.now)?;
                before["shares"] = share_facts(&stored);
                after["shares"] = share_facts(&new);
                accounts::bump_revision(tx, host)?;
                self.tell_of_changed_shares(
                    tx,
                    &stage.host_account,
                    &member,
                    stage.party.account_id(),
                    (&stored, &new),
                    stage.now,
                )?;
                member = members::by_id(tx, host, id)?.ok_or(ServiceError::HIDDEN)?;
            }
            let happening = Happening::new("member.update")
                .member(id)
                .item("member", id, &member.email)
                .before(before)
                .after(after);
            self.record(
                tx,
                host,
                stage.party.actor(&call.request),
                happening,
                stage.now,
            )?;
            self.member_view(tx, member, stage.now)
        })
    }
}
