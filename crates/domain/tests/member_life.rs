//! Runs `tests/cases/member-life.yaml`: every event in every state.

use std::collections::BTreeMap;
use std::path::Path;

use accord_domain::member::{
    IllegalTransition, InvitationEnd, MemberEvent, MemberStatus, Outcome, Side, StoredStatus,
    allowed_events, allowed_events_for, editable, transition,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Life {
    #[serde(rename = "about")]
    _about: String,
    events: BTreeMap<String, BTreeMap<String, String>>,
    by: By,
    new_invitation: Vec<String>,
    deletes_shares: Vec<String>,
    ends_invitation: BTreeMap<String, String>,
    editable: Vec<String>,
    seen_by_person: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct By {
    person: Vec<String>,
    owner: Vec<String>,
}

fn life() -> Life {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/member-life.yaml");
    let text = std::fs::read_to_string(path).expect("the table is there");
    serde_saphyr::from_str(&text).expect("the table is readable")
}

fn names(list: &[String], word: &str) -> bool {
    list.iter().any(|name| name == word)
}

#[test]
fn every_event_in_every_state_does_what_the_table_says() {
    let life = life();
    let mut rows = 0;
    for event in MemberEvent::ALL.iter().copied() {
        let row = life
            .events
            .get(event.as_str())
            .unwrap_or_else(|| panic!("the table lacks the event {event}"));
        for status in MemberStatus::ALL.iter().copied() {
            rows += 1;
            let wanted = row
                .get(status.as_str())
                .unwrap_or_else(|| panic!("{event} lacks the state {status}"));
            let outcome = transition(status, event);
            if wanted == "-" {
                assert_eq!(outcome, Err(IllegalTransition { status, event }));
                continue;
            }
            let done = outcome.unwrap_or_else(|refused| panic!("{refused}"));
            let to = match wanted.as_str() {
                "forgotten" => Outcome::Forgotten,
                state => Outcome::Becomes(state.parse().expect("a state of the table")),
            };
            assert_eq!(done.to, to, "{event} while {status}");
            assert_eq!(
                done.new_invitation,
                names(&life.new_invitation, event.as_str()),
                "{event} while {status}"
            );
            assert_eq!(
                done.delete_shares,
                names(&life.deletes_shares, event.as_str()),
                "{event} while {status}"
            );
            let open = matches!(status, MemberStatus::Pending | MemberStatus::Expired);
            let end: Option<InvitationEnd> = life
                .ends_invitation
                .get(event.as_str())
                .filter(|_| open)
                .map(|end| end.parse().expect("an end of the table"));
            assert_eq!(done.ends_invitation, end, "{event} while {status}");
        }
        assert_eq!(
            row.len(),
            MemberStatus::ALL.len(),
            "{event} has a state too many"
        );
    }
    assert_eq!(rows, 7 * 9);
    assert_eq!(life.events.len(), MemberEvent::ALL.len());
}

#[test]
fn every_event_belongs_to_one_side() {
    let life = life();
    for event in MemberEvent::ALL {
        let (own, other) = match event.side() {
            Side::Person => (&life.by.person, &life.by.owner),
            Side::Owner => (&life.by.owner, &life.by.person),
        };
        assert!(
            names(own, event.as_str()) && !names(other, event.as_str()),
            "{event}"
        );
    }
}

#[test]
fn states_say_what_may_be_done_and_seen() {
    let life = life();
    for status in MemberStatus::ALL.iter().copied() {
        assert_eq!(
            editable(status),
            names(&life.editable, status.as_str()),
            "{status}"
        );
        assert_eq!(
            status.seen_by_person(),
            names(&life.seen_by_person, status.as_str()),
            "{status}"
        );
        assert_eq!(
            status.gives_access(),
            status == MemberStatus::Active,
            "{status}"
        );
        let allowed = allowed_events(status);
        for event in MemberEvent::ALL {
            assert_eq!(
                allowed.contains(event),
                life.events[event.as_str()][status.as_str()] != "-"
            );
        }
        let sides = [Side::Owner, Side::Person].map(|side| allowed_events_for(status, side).len());
        assert_eq!(sides.iter().sum::<usize>(), allowed.len(), "{status}");
    }
}

#[test]
fn a_pending_member_expires_at_the_very_end() {
    let end: DateTime<Utc> = DateTime::from_timestamp(1_780_000_000, 0).expect("a time");
    let derive = |stored, now| MemberStatus::derive(stored, Some(end), now);
    let tick = TimeDelta::microseconds(1);
    assert_eq!(
        derive(StoredStatus::Pending, end - tick),
        MemberStatus::Pending
    );
    assert_eq!(derive(StoredStatus::Pending, end), MemberStatus::Expired);
    assert_eq!(
        derive(StoredStatus::Pending, end + tick),
        MemberStatus::Expired
    );
    assert_eq!(
        MemberStatus::derive(StoredStatus::Pending, None, end),
        MemberStatus::Pending
    );
    for stored in StoredStatus::ALL
        .iter()
        .copied()
        .filter(|stored| *stored != StoredStatus::Pending)
    {
        assert_eq!(
            derive(stored, end + tick),
            MemberStatus::from(stored),
            "only a pending member expires"
        );
        assert_eq!(MemberStatus::from(stored).stored(), stored);
    }
    assert_eq!(MemberStatus::Expired.stored(), StoredStatus::Pending);
}

#[test]
fn a_refusal_names_the_state_and_the_event() {
    let refused =
        transition(MemberStatus::Left, MemberEvent::Suspend).expect_err("nobody suspends who left");
    assert_eq!(
        refused.to_string(),
        "\"suspend\" is not possible while the member is left"
    );
}
