//! What a member sees of the record.

use accord_domain::ids::{EnvironmentId, GroupId, MemberId, PolicyId, RoleId};
use accord_domain::record::{Doer, EntryFacts, MembersRecord, Mentioned, Shown, names_shown};
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
fn of_addresses_a_member_is_shown_the_owners_and_their_own() {
    let record = MembersRecord::new(OWN, [SEEN]);
    assert!(record.shows_address_of(Doer::Owner));
    assert!(record.shows_address_of(Doer::Member(OWN)));
    assert!(!record.shows_address_of(Doer::Member(OTHER)));
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

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

#[test]
fn what_a_change_adds_or_takes_away_is_mentioned_and_what_stays_is_not() {
    let share = |kind: &str, item: Option<u128>, roles: &[u128]| {
        let roles: Vec<Uuid> = roles.iter().copied().map(id).collect();
        json!({ "item": { "kind": kind, "id": item.map(id) }, "role_ids": roles, "expires_at": null })
    };
    let kept = share("environment", Some(10), &[20]);
    let before = json!({
        "name": "a",
        "policy_ids": [id(1), id(2)],
        "parent_id": null,
        "shares": [kept, share("environment", Some(11), &[21]), share("environments", None, &[22])],
    });
    let after = json!({
        "name": "b",
        "policy_ids": [id(2), id(3)],
        "parent_id": id(30),
        "shares": [kept, share("environment", Some(11), &[23]), share("group", Some(31), &[22])],
    });
    let found = Mentioned::in_change(Some(&before), Some(&after));
    assert_eq!(
        found,
        Mentioned {
            role_ids: [21, 22, 23].map(|number| RoleId(id(number))).into(),
            policy_ids: [1, 3].map(|number| PolicyId(id(number))).into(),
            group_ids: [30, 31].map(|number| GroupId(id(number))).into(),
            environment_ids: [EnvironmentId(id(11))].into(),
        }
    );
    assert_eq!(Mentioned::in_change(None, None), Mentioned::default());
    assert_eq!(
        Mentioned::in_change(Some(&before), Some(&before)),
        Mentioned::default()
    );
    let made = Mentioned::in_change(
        None,
        Some(&json!({ "environment_ids": [id(10)], "x": "y" })),
    );
    assert_eq!(made.environment_ids, [EnvironmentId(id(10))].into());
}

#[test]
fn names_are_shown_of_what_is_shown() {
    let names = json!({ id(1).to_string(): "Viewer", id(2).to_string(): "secret" });
    let shown = json!({ "shares": [{ "role_ids": [id(1)] }] });
    assert_eq!(
        names_shown(&names, &[&shown]),
        Some(json!({ id(1).to_string(): "Viewer" }))
    );
    assert_eq!(names_shown(&names, &[&json!({ "status": "active" })]), None);
    assert_eq!(names_shown(&json!(null), &[&shown]), None);
}
