//! What a member sees of the record.

use accord_domain::ids::{EnvironmentId, MemberId};
use accord_domain::record::{EntryFacts, MembersRecord, Shown};
use serde_json::json;
use uuid::Uuid;

const OWN: MemberId = MemberId(Uuid::from_u128(1));
const OTHER: MemberId = MemberId(Uuid::from_u128(2));
const SEEN: EnvironmentId = EnvironmentId(Uuid::from_u128(3));
const HIDDEN: EnvironmentId = EnvironmentId(Uuid::from_u128(4));

fn shown(member_id: Option<MemberId>, environment_id: Option<EnvironmentId>) -> Option<Shown> {
    MembersRecord::new(OWN, [SEEN]).shows(EntryFacts {
        member_id,
        environment_id,
    })
}

#[test]
fn a_member_sees_operations_on_environments_they_see() {
    assert_eq!(shown(None, Some(SEEN)), Some(Shown::Environment));
    assert_eq!(shown(None, Some(HIDDEN)), None);
}

#[test]
fn a_member_sees_their_own_record_and_nobody_elses() {
    assert_eq!(shown(Some(OWN), None), Some(Shown::OwnRecord));
    assert_eq!(shown(Some(OWN), Some(HIDDEN)), Some(Shown::OwnRecord));
    assert_eq!(shown(Some(OTHER), None), None);
    assert_eq!(
        shown(Some(OTHER), Some(SEEN)),
        None,
        "others' access to an environment they see"
    );
}

#[test]
fn roles_policies_and_groups_are_the_owners() {
    assert_eq!(shown(None, None), None);
}

#[test]
fn only_listed_facts_are_shown() {
    let facts =
        json!({ "name": "shop", "status": "running", "group_ids": ["g"], "owner_note": "x" });
    assert_eq!(
        Shown::Environment.of(&facts),
        Some(json!({ "name": "shop", "status": "running" }))
    );
    let facts = json!({ "display_name": "Bob from sales", "shares": [], "status": "active" });
    assert_eq!(
        Shown::OwnRecord.of(&facts),
        Some(json!({ "shares": [], "status": "active" }))
    );
    for nothing in [
        json!({ "display_name": "Bob" }),
        json!({}),
        json!("text"),
        json!(null),
    ] {
        assert_eq!(Shown::OwnRecord.of(&nothing), None, "{nothing}");
    }
}
