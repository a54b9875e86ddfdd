//! What kinds of account there are.

use crate::stored::stored_enum;

stored_enum! {
    /// Whether an account may host a collaboration.
    "account kind" AccountKind {
        /// May host: signing up makes one.
        Billing = "billing",
        /// Made by accepting an invitation; may not host until it is upgraded.
        Member = "member",
    }
}

impl AccountKind {
    /// Whether accounts of this kind may invite others and own what is shared.
    pub const fn may_host(self) -> bool {
        match self {
            Self::Billing => true,
            Self::Member => false,
        }
    }
}
