//! Direct shares and invitations of one environment: the owner's to change, and a delegate's as far
//! as the rule of delegation lets them.

use super::{
    Denied, Grant, Host, Requester, Scope, ShareEnvironment, SharingPermission, Standing,
    WritesMembers, forbidden, owner_may_change,
};
use crate::delegation::{Delegation, DirectRoles, NotDelegated};
use crate::ids::MemberId;
use crate::member::MemberStatus;
use crate::sharing::{Item, Share};

/// Why a direct share or an invitation is not the caller's to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotShared {
    /// It is hidden or forbidden as anything else is.
    #[error("{0}")]
    Denied(#[from] Denied),
    /// The rule of delegation speaks against it.
    #[error("{0}")]
    NotDelegated(#[from] NotDelegated),
}

/// Putting `after` in place of the direct share that a member has, or taking it away. `delegation` is
/// the caller's on that environment; an owner needs none.
pub fn authorize_direct_share(
    caller: impl Into<Requester>,
    host: &Host,
    standing: Standing,
    delegation: Option<&Delegation<'_>>,
    (member_id, shares): (MemberId, &[Share]),
    after: Option<&DirectRoles>,
) -> Result<Grant<ShareEnvironment>, NotShared> {
    let caller = caller.into();
    match position::<ShareEnvironment>(caller, host, standing, delegation)? {
        None => Ok(Grant::new(host, Some(&caller), Scope::Account)),
        Some(delegation) => {
            delegation.check(member_id, shares, after)?;
            let scope = Scope::DirectShare(delegation.environment_id(), member_id);
            Ok(Grant::new(host, Some(&caller), scope))
        }
    }
}

/// Somebody whose invitation to an environment is made, made anew or taken back.
#[derive(Clone, Copy, Debug)]
pub struct Invitee<'a> {
    /// Their record, which need not exist yet.
    pub member_id: MemberId,
    /// The state of the record; none before it exists.
    pub status: Option<MemberStatus>,
    /// What they have been given.
    pub shares: &'a [Share],
}

/// Inviting to an environment, or taking such an invitation back. A delegate touches the records of
/// those alone who are not in the collaboration and are invited to this environment and nothing else.
/// `after` is the direct share that the invitation shall carry; none where it is taken back.
pub fn authorize_invitation<P: SharingPermission + WritesMembers>(
    caller: impl Into<Requester>,
    host: &Host,
    standing: Standing,
    delegation: Option<&Delegation<'_>>,
    invitee: Invitee<'_>,
    after: Option<&DirectRoles>,
) -> Result<Grant<P>, NotShared> {
    let caller = caller.into();
    let Some(delegation) = position::<P>(caller, host, standing, delegation)? else {
        return Ok(Grant::new(host, Some(&caller), Scope::Account));
    };
    let outside = match invitee.status {
        None | Some(MemberStatus::Pending | MemberStatus::Expired | MemberStatus::Removed) => true,
        Some(
            MemberStatus::Active
            | MemberStatus::Suspended
            | MemberStatus::Rejected
            | MemberStatus::Left,
        ) => false,
    };
    let direct = Item::Environment(delegation.environment_id());
    if !outside || invitee.shares.iter().any(|share| share.item != direct) {
        return Err(forbidden::<P>().into());
    }
    delegation.check_touch(invitee.member_id, invitee.shares)?;
    // An invitation that is sent anew gives all that it carries.
    delegation.check(invitee.member_id, &[], after)?;
    let scope = Scope::Invitation(delegation.environment_id(), invitee.member_id);
    Ok(Grant::new(host, Some(&caller), scope))
}

/// Whether the caller may change anything of the kind at all on the environment of their delegation:
/// which member's and how comes later.
pub fn check_sharing<P: SharingPermission>(
    caller: impl Into<Requester>,
    host: &Host,
    standing: Standing,
    delegation: Option<&Delegation<'_>>,
) -> Result<(), Denied> {
    position::<P>(caller.into(), host, standing, delegation).map(drop)
}

/// The owner has none; a delegate's is the delegation that they came with.
fn position<'d, 'r, P: SharingPermission>(
    caller: Requester,
    host: &Host,
    standing: Standing,
    delegation: Option<&'d Delegation<'r>>,
) -> Result<Option<&'d Delegation<'r>>, Denied> {
    let position = match (standing, delegation) {
        (Standing::Owner, _) => {
            owner_may_change(host)?;
            None
        }
        (Standing::Stranger, _) | (Standing::ActiveMember(_), None) => return Err(Denied::Hidden),
        (Standing::ActiveMember(_), Some(delegation)) => {
            if !delegation.access().level.sees() {
                return Err(Denied::Hidden);
            }
            if !delegation.manages() {
                return Err(forbidden::<P>());
            }
            Some(delegation)
        }
    };
    if P::NEEDS_VERIFIED_EMAIL && !caller.may_cause_mail() {
        return Err(Denied::EmailUnverified);
    }
    Ok(position)
}
