use std::collections::HashSet;
use std::sync::Arc;

use accord_api_types::{MAX_LIMIT, Member, MembersQuery, Uuid};
use leptos::prelude::*;

use super::actions::Became;
use crate::reader;
use crate::session::Session;

/// The members that match, as far as they were read.
pub(super) type Found = reader::Found<Member>;
/// Reads members page after page, as the list is scrolled.
pub(super) type Reader = reader::Reader<Member, MembersQuery>;

/// `query` says which members, in what order; its limit and cursor are the reader's.
pub(super) fn reader(session: Session, query: impl Fn() -> MembersQuery + 'static) -> Reader {
    let account_id = session.account_id();
    Reader::new(query, move |query, cursor| {
        let client = session.client();
        async move {
            let query = MembersQuery {
                limit: Some(MAX_LIMIT),
                cursor,
                ..query
            };
            client.members(account_id, &query).await
        }
    })
}

/// Those of them with these ids.
pub(super) fn chosen(found: &Found, ids: &HashSet<Uuid>) -> Vec<Arc<Member>> {
    let chosen = found.items.iter().filter(|member| ids.contains(&member.id));
    chosen.cloned().collect()
}

/// Shows what became of some members where they stand: the list stays where it was scrolled to.
pub(super) fn show(reader: Reader, became: &[Became]) {
    reader.remote.data.try_update(|found| {
        if let Some(found) = found {
            note(&mut found.items, became);
        }
    });
}

fn note(members: &mut Vec<Arc<Member>>, became: &[Became]) {
    for one in became {
        match one {
            Became::Changed(member) => {
                if let Some(known) = members.iter_mut().find(|known| known.id == member.id) {
                    *known = Arc::new((**member).clone());
                }
            }
            Became::Gone(id) => members.retain(|known| known.id != *id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::model::tests::member;
    use super::*;

    fn members(count: u128) -> Vec<Arc<Member>> {
        let items = (1..=count).map(|id| {
            Arc::new(Member {
                id: Uuid::from_u128(id),
                ..member(None, &[])
            })
        });
        items.collect()
    }

    #[test]
    fn what_became_of_members_is_shown_in_place() {
        let renamed = Member {
            id: Uuid::from_u128(2),
            ..member(Some("Ada"), &[])
        };
        let mut members = members(3);
        note(
            &mut members,
            &[
                Became::Changed(Box::new(renamed)),
                Became::Gone(Uuid::from_u128(1)),
                Became::Gone(Uuid::from_u128(99)),
            ],
        );
        let names: Vec<_> = members
            .iter()
            .map(|member| member.display_name.as_deref())
            .collect();
        assert_eq!(names, [Some("Ada"), None]);
    }

    #[test]
    fn only_those_that_were_found_can_be_chosen() {
        let ids = HashSet::from([Uuid::from_u128(2), Uuid::from_u128(9)]);
        let mut found = Found::default();
        found.items.extend(members(3));
        assert_eq!(chosen(&found, &ids).len(), 1);
    }
}
