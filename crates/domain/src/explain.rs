//! What stands in the way where the access-level rule says no.

use crate::access::{Access, Relations, Why};
use crate::stored::stored_enum;

stored_enum! {
    /// What is missing for a yes.
    "missing thing" Missing {
        /// Nothing that is shared reaches the environment.
        Share = "share",
        /// A share reaches it, but has ended.
        LiveShare = "live_share",
        /// Roles would apply, but the member is not active.
        ActiveMember = "active_member",
        /// Roles would apply, but the member's account is disabled.
        EnabledAccount = "enabled_account",
        /// Roles apply, and none of their policies holds the action.
        Action = "action",
    }
}

impl Missing {
    /// The same as a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Share => "Nothing that is shared with the member reaches this environment.",
            Self::LiveShare => "What is shared with the member here has ended.",
            Self::ActiveMember => "The member is not active.",
            Self::EnabledAccount => "The member's account is disabled.",
            Self::Action => "None of the roles that apply holds this action.",
        }
    }
}

impl Access {
    /// What is missing for the action; `None` where it is allowed. The first of several: what must be
    /// mended before anything else counts.
    pub fn missing(&self, relations: &Relations, action: &str) -> Option<Missing> {
        let because = |why: Why| self.steps.iter().any(|step| step.why == why);
        if self.allows(relations, action) {
            None
        } else if self.level.sees() {
            Some(Missing::Action)
        } else if because(Why::AccountDisabled) {
            Some(Missing::EnabledAccount)
        } else if because(Why::MemberNotActive) {
            Some(Missing::ActiveMember)
        } else if because(Why::ShareEnded) {
            Some(Missing::LiveShare)
        } else {
            Some(Missing::Share)
        }
    }
}
