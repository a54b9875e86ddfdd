//! Members: inviting, editing, and every event of their life that the owner's side causes.

mod copy;
mod edit;
mod events;
mod invite;
mod life;
mod list;
mod timeline;
mod view;

pub use accord_store::members::MemberSort;
pub use copy::CopyMember;
pub use edit::UpdateMember;
pub use invite::Invite;
pub use list::{MemberShares, MembersFilter, ShareSort};
pub use timeline::{TimelineEvent, TimelineEventKind};
pub use view::{MailOutcome, MailState, MemberView};

pub(crate) use invite::{Newcomer, record_of_address};
pub(crate) use life::{Caused, shares_with_ids};
pub(crate) use view::INVITATION_MAIL;
