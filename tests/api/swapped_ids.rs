//! Ids of somebody else's things, in the path, the query and the body of every operation, sent by every
//! kind of caller: each is answered exactly as an id of nothing at all, and nothing is changed.

use accord_client::types::Uuid;
use accord_client::{Client, RawAnswer};
use accord_testkit::{TestApp, on_both_databases};
use serde_json::{Value, json};

use crate::bad_input::places::{foreign, ids_in, with_other_ids};
use crate::operations::{Expectations, Operation, operations_of};
use crate::world::{People, World, call};

/// Queries that name a thing, and the collection that it is of.
const IDS_IN_QUERIES: &[(&str, &str)] = &[
    ("owner_id", "accounts"),
    ("group_id", "groups"),
    ("environment_id", "environments"),
    ("member_id", "members"),
    ("actor_id", "accounts"),
];

/// One call in which an id is somebody else's, and the same call with an id of nothing.
struct Swap {
    theirs: (String, Option<Value>),
    of_nothing: (String, Option<Value>),
}

/// Every way to swap an id of this call.
fn swaps(
    operation: &Operation,
    address: &str,
    body: Option<&Value>,
    theirs: &dyn Fn(&str) -> Option<Uuid>,
) -> Vec<Swap> {
    let nothing = Uuid::from_u128(0x0189_0000_0000_7000_8000_0000_0000_0000);
    let mut swaps = Vec::new();
    let foreign = with_other_ids(&operation.path, address, |collection| {
        theirs(collection).map(|id| id.to_string())
    });
    let missing = with_other_ids(&operation.path, address, |collection| {
        theirs(collection).map(|_| nothing.to_string())
    });
    for (foreign, missing) in foreign.into_iter().zip(missing) {
        swaps.push(Swap {
            theirs: (foreign, body.cloned()),
            of_nothing: (missing, body.cloned()),
        });
    }
    let path = address.split('?').next().unwrap_or_default();
    for (name, collection) in IDS_IN_QUERIES {
        if let Some(id) = theirs(collection).filter(|_| operation.query().contains(name)) {
            swaps.push(Swap {
                theirs: (format!("{path}?{name}={id}"), body.cloned()),
                of_nothing: (format!("{path}?{name}={nothing}"), body.cloned()),
            });
        }
    }
    for (place, collection) in body.map(|body| ids_in(body, "")).unwrap_or_default() {
        let with = |id: Uuid| {
            let mut changed = body.cloned().unwrap_or_default();
            *changed.pointer_mut(&place).expect("a place") = json!(id);
            (address.to_owned(), Some(changed))
        };
        if let Some(id) = theirs(collection) {
            swaps.push(Swap {
                theirs: with(id),
                of_nothing: with(nothing),
            });
        }
    }
    swaps
}

/// What of an answer may tell something: all but the name of the request.
fn told(answer: &RawAnswer) -> (u16, Value) {
    let mut json = answer.json().unwrap_or(Value::Null);
    if let Some(request) = json.get_mut("request_id") {
        *request = Value::Null;
    }
    (answer.status, json)
}

async fn send(client: &Client, operation: &Operation, to: &(String, Option<Value>)) -> RawAnswer {
    call(client, operation, &to.0, to.1.as_ref()).await
}

async fn ids_of_others_open_nothing_to_anybody(app: TestApp) {
    let table = Expectations::load();
    let people = People::gather(&app).await;
    let world: World = people.world(&app).await;
    let foreign = foreign(&people).await;
    let theirs = |collection: &str| {
        let found = foreign.iter().find(|(known, _)| *known == collection);
        found.map(|(_, id)| *id)
    };
    let before = world.everything().await;
    let mut tried = 0;
    let mut wrong = Vec::new();
    for operation in operations_of(&app.visitor().openapi().await.expect("served"))
        .iter()
        .filter(|operation| operation.needs_sign_in())
    {
        let row = table.of(operation).expect("a row");
        let address = world.address(operation, row);
        let body = people.body(&world, row);
        for swap in swaps(operation, &address, body.as_ref(), &theirs) {
            // Whose the ids are knows them, of course.
            for kind in table.callers.iter().filter(|kind| *kind != "other_owner") {
                let client = people.caller(&world, kind);
                let answer = send(&client, operation, &swap.theirs).await;
                let what = format!("{} {} by {kind}", operation.method, swap.theirs.0);
                if told(&answer) != told(&send(&client, operation, &swap.of_nothing).await) {
                    wrong.push(format!("{what}: tells that it exists: {}", answer.text()));
                }
                if operation.method != "GET" && answer.status < 400 {
                    wrong.push(format!("{what}: was carried out: {}", answer.text()));
                }
                tried += 1;
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong answers:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(tried >= 500, "{tried} calls with swapped ids");
    assert_eq!(world.everything().await, before, "nothing was changed");
}

on_both_databases! {
    ids_of_others_open_nothing_to_anybody,
}
