//! Members: the owner's side of a collaboration.

use accord_api_types::{
    CopyMember, DraftAccess, DraftShares, EffectiveAccess, EffectiveAccessQuery, InvitationLink,
    Invite, Member, MembersQuery, Page, PageQuery, Share, Shares, UpdateMember,
};
use uuid::Uuid;

use crate::call::Call;
use crate::{Client, Result, Versioned};

impl Client {
    /// The account's members: all of them for the owner, themselves for a member.
    pub async fn members(&self, account_id: Uuid, query: &MembersQuery) -> Result<Page<Member>> {
        self.get(&["accounts", &account_id.to_string(), "members"])
            .query(query)
            .read()
            .await
    }

    /// One member.
    pub async fn member(&self, account_id: Uuid, id: Uuid) -> Result<Versioned<Member>> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "members",
            &id.to_string(),
        ])
        .read_versioned()
        .await
    }

    /// Invites somebody by e-mail.
    pub async fn invite(&self, account_id: Uuid, body: &Invite) -> Result<Versioned<Member>> {
        self.post(&["accounts", &account_id.to_string(), "members"])
            .body(body)
            .read_versioned()
            .await
    }

    /// Changes a member's display name or shares.
    pub async fn update_member(
        &self,
        account_id: Uuid,
        id: Uuid,
        body: &UpdateMember,
        if_match: Option<&str>,
    ) -> Result<Versioned<Member>> {
        self.patch(&[
            "accounts",
            &account_id.to_string(),
            "members",
            &id.to_string(),
        ])
        .body(body)
        .if_match(if_match)
        .read_versioned()
        .await
    }

    /// Removes a member and their shares; the record stays.
    pub async fn remove_member(
        &self,
        account_id: Uuid,
        id: Uuid,
        if_match: Option<&str>,
    ) -> Result<Versioned<Member>> {
        self.delete(&[
            "accounts",
            &account_id.to_string(),
            "members",
            &id.to_string(),
        ])
        .if_match(if_match)
        .read_versioned()
        .await
    }

    /// Deletes the record of an ended collaboration for good.
    pub async fn forget_member(
        &self,
        account_id: Uuid,
        id: Uuid,
        if_match: Option<&str>,
    ) -> Result<()> {
        self.delete(&[
            "accounts",
            &account_id.to_string(),
            "members",
            &id.to_string(),
            "record",
        ])
        .if_match(if_match)
        .done()
        .await
    }

    /// Stops a member's access for a time.
    pub async fn suspend_member(&self, account_id: Uuid, id: Uuid) -> Result<Versioned<Member>> {
        self.member_verb(account_id, id, "suspend")
            .read_versioned()
            .await
    }

    /// Gives a suspended member access again.
    pub async fn activate_member(&self, account_id: Uuid, id: Uuid) -> Result<Versioned<Member>> {
        self.member_verb(account_id, id, "activate")
            .read_versioned()
            .await
    }

    /// Stops a member's access, unless the member has changed since this version.
    pub async fn suspend_member_as_of(
        &self,
        account_id: Uuid,
        id: Uuid,
        if_match: &str,
    ) -> Result<Versioned<Member>> {
        self.member_verb(account_id, id, "suspend")
            .if_match(Some(if_match))
            .read_versioned()
            .await
    }

    /// Gives a suspended member access again, unless the member has changed since this version.
    pub async fn activate_member_as_of(
        &self,
        account_id: Uuid,
        id: Uuid,
        if_match: &str,
    ) -> Result<Versioned<Member>> {
        self.member_verb(account_id, id, "activate")
            .if_match(Some(if_match))
            .read_versioned()
            .await
    }

    /// Sends a new invitation link; the old one dies.
    pub async fn resend_invitation(&self, account_id: Uuid, id: Uuid) -> Result<Versioned<Member>> {
        self.member_verb(account_id, id, "resend")
            .read_versioned()
            .await
    }

    /// Invites again after the collaboration ended.
    pub async fn reinvite_member(&self, account_id: Uuid, id: Uuid) -> Result<Versioned<Member>> {
        self.member_verb(account_id, id, "reinvite")
            .read_versioned()
            .await
    }

    /// Invites another address with the same shares.
    pub async fn copy_member(
        &self,
        account_id: Uuid,
        id: Uuid,
        body: &CopyMember,
    ) -> Result<Versioned<Member>> {
        self.member_verb(account_id, id, "copy")
            .body(body)
            .read_versioned()
            .await
    }

    /// Makes an invitation link to be copied, where no mail server is set up.
    pub async fn invitation_link(&self, account_id: Uuid, id: Uuid) -> Result<InvitationLink> {
        self.member_verb(account_id, id, "link").read().await
    }

    /// A member's shares.
    pub async fn member_shares(
        &self,
        account_id: Uuid,
        id: Uuid,
        query: &PageQuery,
    ) -> Result<Versioned<Page<Share>>> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "members",
            &id.to_string(),
            "shares",
        ])
        .query(query)
        .read_versioned()
        .await
    }

    /// Replaces a member's shares.
    pub async fn set_member_shares(
        &self,
        account_id: Uuid,
        id: Uuid,
        body: &Shares,
        if_match: Option<&str>,
    ) -> Result<Versioned<Page<Share>>> {
        self.put(&[
            "accounts",
            &account_id.to_string(),
            "members",
            &id.to_string(),
            "shares",
        ])
        .body(body)
        .if_match(if_match)
        .read_versioned()
        .await
    }

    /// A member's effective access, environment by environment.
    pub async fn member_access(
        &self,
        account_id: Uuid,
        id: Uuid,
        query: &EffectiveAccessQuery,
    ) -> Result<Page<EffectiveAccess>> {
        self.get(&[
            "accounts",
            &account_id.to_string(),
            "members",
            &id.to_string(),
            "access",
        ])
        .query(query)
        .read()
        .await
    }

    /// What shares that are not saved would give; nothing is stored.
    pub async fn draft_access(
        &self,
        account_id: Uuid,
        body: &DraftShares,
    ) -> Result<Page<DraftAccess>> {
        self.post(&["accounts", &account_id.to_string(), "draft-access"])
            .body(body)
            .read()
            .await
    }

    fn member_verb(&self, account_id: Uuid, id: Uuid, verb: &str) -> Call<'_> {
        self.post(&[
            "accounts",
            &account_id.to_string(),
            "members",
            &id.to_string(),
            verb,
        ])
    }
}
