//! The permissions: one marker type each, so that a grant says in its type what it allows.

use crate::catalogue::reserved;

mod sealed {
    pub trait Sealed {}
}

/// Something that a caller may be granted. Only this crate defines permissions.
pub trait Permission: sealed::Sealed + std::fmt::Debug + 'static {
    /// The stable name, for answers and records.
    const NAME: &'static str;
}

/// What only the owner of an account may do on it.
pub trait OwnerPermission: Permission {
    /// Reading is open to an account that may not host; changing is not.
    const CHANGES: bool = true;
    /// Whether the platform, which acts as owners do, is never allowed it.
    const PERSONS_ALONE: bool = false;
    /// Whether it may make the service write to an address that somebody typed.
    const NEEDS_VERIFIED_EMAIL: bool = false;
}

/// What a member may do on one environment, if their access there says so.
pub trait EnvironmentPermission: Permission {
    /// The action it needs; without one, seeing the environment is enough.
    const ACTION: Option<&'static str>;
    /// Reading is open to an owner who may not host; changing is not.
    const CHANGES: bool = Self::ACTION.is_some();
}

/// What changes direct shares of an environment and invitations to it: the owner may, and a delegate
/// as far as the rule of delegation lets them.
pub trait SharingPermission: Permission {
    /// Whether it may make the service write to an address that somebody typed.
    const NEEDS_VERIFIED_EMAIL: bool = false;
}

/// What belongs to the person whom a member's record is about.
pub trait PersonPermission: Permission {}

/// Permissions under which members' records are written.
pub trait WritesMembers: Permission {}

/// Permissions under which shares are written or deleted.
pub trait WritesShares: Permission {}

/// Permissions under which environments are written or deleted.
pub trait WritesEnvironments: Permission {}

macro_rules! permissions {
    ($( $(#[$doc:meta])* $permission:ident = $name:literal: $($marker:ident $({ $($body:tt)* })?),+; )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $permission;

        impl sealed::Sealed for $permission {}

        impl Permission for $permission {
            const NAME: &'static str = $name;
        }

        $( impl $marker for $permission { $($($body)*)? } )+
    )+};
}

/// The marker of permissions that have a function of their own to ask for them.
pub trait AskedByItself: Permission {}

permissions! {
    /// Read the account's members, roles, policies, groups and environments.
    ReadHosting = "read_hosting": OwnerPermission { const CHANGES: bool = false; };
    /// Invite an address, or make a new invitation for one: resend, re-invite, copy, link.
    InviteMembers = "invite_members": OwnerPermission { const NEEDS_VERIFIED_EMAIL: bool = true; }, WritesMembers, WritesShares;
    /// Edit, suspend, activate, remove and forget members, and change their shares.
    ManageMembers = "manage_members": OwnerPermission, WritesMembers, WritesShares;
    /// Add, edit and remove roles.
    ManageRoles = "manage_roles": OwnerPermission, WritesShares;
    /// Add, edit and remove policies.
    ManagePolicies = "manage_policies": OwnerPermission;
    /// Add, edit, move and remove groups, and say which environments they hold.
    ManageGroups = "manage_groups": OwnerPermission, WritesShares;
    /// Everything on any environment of the account, its groups included.
    ManageEnvironments = "manage_environments": OwnerPermission, WritesShares, WritesEnvironments;
    /// Add, change, test and remove webhooks: the service sends to an address that somebody typed.
    ManageWebhooks = "manage_webhooks": OwnerPermission { const NEEDS_VERIFIED_EMAIL: bool = true; };
    /// Delete one's own account, with all that it owns.
    DeleteAccount = "delete_account": OwnerPermission { const CHANGES: bool = false; const PERSONS_ALONE: bool = true; };
    /// Change the direct share that a member has of an environment.
    ShareEnvironment = "share_environment": SharingPermission, WritesShares;
    /// Invite an address to an environment, or make a new invitation of that kind.
    InviteToEnvironment = "invite_to_environment":
        SharingPermission { const NEEDS_VERIFIED_EMAIL: bool = true; }, WritesMembers, WritesShares;
    /// Take an invitation to an environment back.
    WithdrawInvitation = "withdraw_invitation": SharingPermission, WritesMembers, WritesShares;

    /// Say that an environment of the account is under strain.
    PostLoadAlerts = "post_load_alerts": OwnerPermission;

    /// See an environment.
    SeeEnvironment = "see_environment": EnvironmentPermission { const ACTION: Option<&'static str> = None; };
    /// See who has access to an environment.
    SeeCollaboration = "see_collaboration":
        EnvironmentPermission {
            const ACTION: Option<&'static str> = Some(reserved::COLLABORATION_MANAGE);
            const CHANGES: bool = false;
        };
    /// Change the name and the status of an environment.
    EditEnvironment = "edit_environment":
        EnvironmentPermission { const ACTION: Option<&'static str> = Some(reserved::ENVIRONMENT_EDIT); }, WritesEnvironments;
    /// Delete an environment, and with it its shares.
    DeleteEnvironment = "delete_environment":
        EnvironmentPermission { const ACTION: Option<&'static str> = Some(reserved::ENVIRONMENT_DELETE); },
        WritesShares, WritesEnvironments;

    /// Make an environment on the account.
    CreateEnvironment = "create_environment": AskedByItself, WritesEnvironments;
    /// See that the account is there, and what its members see of it.
    SeeAccount = "see_account": AskedByItself;

    /// Accept or reject an invitation.
    DecideInvitation = "decide_invitation": PersonPermission, WritesMembers;
    /// End one's own collaboration.
    LeaveCollaboration = "leave_collaboration": PersonPermission, WritesMembers;
    /// Let a record have the address that its person has, and be the only one of that person.
    FollowAddress = "follow_address": PersonPermission, WritesMembers;
    /// Give one's own collaboration a label.
    LabelCollaboration = "label_collaboration": PersonPermission, WritesMembers;
}
