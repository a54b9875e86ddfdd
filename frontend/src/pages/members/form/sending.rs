//! Sends what the form holds: each address for itself, a few at the same time.

use accord_api_types::{CopyMember, ErrorCode, Invite, Item, Member, Uuid};
use accord_client::{Client, Versioned};
use futures_util::StreamExt;
use futures_util::stream;

use super::Purpose;
use crate::components::share_editor::model::{ShareDraft, to_shares};
use crate::components::{Parsed, RecipientId};
use crate::failure::Failure;
use crate::listing::AT_ONCE;

/// Somebody to be invited.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) id: RecipientId,
    pub(super) who: Parsed,
}

/// What became of one of them.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) id: RecipientId,
    pub(super) address: String,
    pub(super) outcome: Result<Member, Failure>,
}

/// Invites everybody to the same; answers in their order.
pub(super) async fn invite_all(
    client: Client,
    account_id: Uuid,
    purpose: Purpose,
    letters: Vec<Letter>,
    shares: Vec<ShareDraft>,
    shares_touched: bool,
) -> Vec<Answer> {
    let sent = letters.into_iter().map(|letter| {
        let (client, shares) = (client.clone(), to_shares(&shares));
        // A copy of untouched shares is the server's to make: it knows which ended meanwhile.
        let copied = match &purpose {
            Purpose::Copy(member) if !shares_touched => Some(member.id),
            _ => None,
        };
        async move {
            let (email, display_name) = (letter.who.address.clone(), letter.who.name);
            let outcome = match copied {
                Some(id) => {
                    let body = CopyMember {
                        email,
                        display_name,
                    };
                    client.copy_member(account_id, id, &body).await
                }
                None => {
                    let body = Invite {
                        email,
                        display_name,
                        shares,
                    };
                    client.invite(account_id, &body).await
                }
            };
            Answer {
                id: letter.id,
                address: letter.who.address,
                outcome: outcome.map(Versioned::into_inner).map_err(Failure::from),
            }
        }
    });
    stream::iter(sent).buffered(AT_ONCE).collect().await
}

/// What is wrong with shares, by the item; `shares` is the list that was sent.
pub(super) fn share_troubles(failure: &Failure, shares: &[ShareDraft]) -> Vec<(Item, String)> {
    failure
        .within("/shares")
        .into_iter()
        .filter_map(|(rest, words)| {
            let index = rest.split('/').next()?.parse::<usize>().ok()?;
            Some((shares.get(index)?.item, words))
        })
        .collect()
}

/// Why an address was not invited, in a few words beside it.
pub(super) fn reason(failure: &Failure) -> String {
    match failure.code() {
        Some(ErrorCode::MemberExists) => "is a member already".into(),
        Some(ErrorCode::NotSignedIn) => "not sent: sign in and send it again".into(),
        _ => failure
            .below("/email")
            .or_else(|| failure.below("/display_name"))
            .or_else(|| {
                let by_shares = !failure.within("/shares").is_empty();
                by_shares.then(|| "not sent: see the shared items".to_owned())
            })
            .unwrap_or_else(|| failure.sentence()),
    }
}

#[cfg(test)]
mod tests {
    use accord_client::Error;

    use super::*;
    use crate::failure::invalid;

    fn drafts() -> Vec<ShareDraft> {
        [Item::ENVIRONMENTS, Item::GROUPS]
            .map(|item| ShareDraft {
                item,
                role_ids: Vec::new(),
                expires_at: None,
                ended: false,
            })
            .into()
    }

    #[test]
    fn troubles_with_shares_find_their_items() {
        let failure = Failure::Invalid(vec![
            invalid("/shares/1/expires_at", "must lie in the future"),
            invalid("/shares/7/item", "is not there"),
            invalid("/shares", "too many"),
            invalid("/email", "is no address"),
        ]);
        assert_eq!(
            share_troubles(&failure, &drafts()),
            [(Item::GROUPS, "Must lie in the future.".to_owned())]
        );
    }

    #[test]
    fn the_reason_beside_an_address_is_its_own() {
        let both = Failure::Invalid(vec![
            invalid("/shares/0/role_ids", "is empty"),
            invalid("/email", "is no address"),
        ]);
        assert_eq!(reason(&both), "Is no address.");
        let shares = Failure::Invalid(vec![invalid("/shares/0/role_ids", "is empty")]);
        assert_eq!(reason(&shares), "not sent: see the shared items");
        let network = Failure::Call(Error::Network("refused".into()));
        assert!(reason(&network).starts_with("No answer came"));
    }
}
