//! What became of each thing that the rule looked at.

use crate::stored::stored_enum;

stored_enum! {
    /// What became of one step of the rule.
    "reason" Why {
        /// Its roles apply.
        Counted = "counted",
        /// Its roles apply: the group below has none, and this is the nearest above that has.
        NearestAncestorWithRoles = "nearest_ancestor_with_roles",
        /// Its roles apply: neither the group nor any above has some.
        GroupsCategoryDefault = "groups_category_default",
        /// It has roles, but a higher level has some too.
        HiddenByHigherLevel = "hidden_by_higher_level",
        /// It has roles, but the group or one nearer to it has some too.
        HiddenByNearerGroup = "hidden_by_nearer_group",
        /// Nothing is shared here.
        NoShareHere = "no_share_here",
        /// The share has ended.
        ShareEnded = "share_ended",
        /// The share holds no role that exists.
        NoKnownRoles = "no_known_roles",
        /// It would apply, but the member is not active.
        MemberNotActive = "member_not_active",
        /// It would apply, but the member's account is disabled.
        AccountDisabled = "account_disabled",
        /// There is no such environment.
        NoSuchEnvironment = "no_such_environment",
    }
}

impl Why {
    /// Whether its roles would apply, but for the member's state.
    pub const fn withholds(self) -> bool {
        matches!(self, Self::MemberNotActive | Self::AccountDisabled)
    }

    /// The reason as a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Counted => "These roles apply.",
            Self::NearestAncestorWithRoles => {
                "These roles apply: this is the nearest group above that has roles, and the group itself has none."
            }
            Self::GroupsCategoryDefault => {
                "These roles apply: the group has none and no group above it has any, so the default for every group counts."
            }
            Self::HiddenByHigherLevel => {
                "These roles do not apply: a higher level has roles, and only that one counts."
            }
            Self::HiddenByNearerGroup => {
                "These roles do not apply: the group itself or one nearer to it has roles."
            }
            Self::NoShareHere => "Nothing is shared here.",
            Self::ShareEnded => "The share has ended and grants nothing.",
            Self::NoKnownRoles => "The share holds no role that exists.",
            Self::MemberNotActive => "These roles would apply, but the member is not active.",
            Self::AccountDisabled => {
                "These roles would apply, but the member's account is disabled."
            }
            Self::NoSuchEnvironment => "There is no such environment.",
        }
    }
}
