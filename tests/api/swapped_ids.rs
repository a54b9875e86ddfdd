//! Ids of somebody else's things, in the path, the query and the body of every operation, sent by every
//! kind of caller: each is answered exactly as an id of nothing at all, and nothing is changed.

use std::collections::BTreeMap;

use accord_client::types::Uuid;
use accord_client::{Client, RawAnswer};
use accord_testkit::{TestApp, on_both_databases};
use serde_json::{Value, json};

use crate::ids::{
    ANSWERS_FOR_THE_REST, Untried, changed_at, foreign, ids_in, ids_in_query, with_other_ids,
    with_query,
};
use crate::operations::{Expectations, Operation, operations_of};
use crate::world::{People, World, call};

/// An address, and what is sent there.
type Sent = (String, Option<Value>);

/// One call in which an id is somebody else's, and the same call with an id of nothing.
struct Swap {
    theirs: Sent,
    of_nothing: Sent,
}

/// Every way to swap an id of this call, with each of these bodies.
fn swaps(
    document: &Value,
    operation: &Operation,
    address: &str,
    bodies: &[Value],
    theirs: &BTreeMap<&'static str, Uuid>,
) -> Vec<Swap> {
    let nothing = Uuid::from_u128(0x0189_0000_0000_7000_8000_0000_0000_0000);
    let mut swaps = Vec::new();
    let first = bodies.first();
    let foreign = with_other_ids(&operation.path, address, |collection| {
        theirs.get(collection).map(Uuid::to_string)
    });
    let missing = with_other_ids(&operation.path, address, |collection| {
        theirs.get(collection).map(|_| nothing.to_string())
    });
    for (foreign, missing) in foreign.into_iter().zip(missing) {
        swaps.push(Swap {
            theirs: (foreign, first.cloned()),
            of_nothing: (missing, first.cloned()),
        });
    }
    for (name, collection) in ids_in_query(document, operation) {
        let with = |id: Uuid| with_query(address, &name, &id.to_string());
        swaps.push(Swap {
            theirs: (with(theirs[collection]), first.cloned()),
            of_nothing: (with(nothing), first.cloned()),
        });
    }
    for body in bodies {
        for (place, collection) in ids_in(body) {
            let with = |id: Uuid| Some(changed_at(body, &place, &json!(id)));
            swaps.push(Swap {
                theirs: (address.to_owned(), with(theirs[collection])),
                of_nothing: (address.to_owned(), with(nothing)),
            });
        }
    }
    swaps
}

/// What of an answer may tell something: all but the name of the request.
fn told(answer: &RawAnswer) -> (u16, Value) {
    let mut told = answer.json().unwrap_or_else(|| json!(answer.text()));
    if let Some(request) = told.get_mut("request_id") {
        *request = Value::Null;
    }
    (answer.status, told)
}

async fn send(client: &Client, operation: &Operation, to: &Sent) -> RawAnswer {
    call(client, operation, &to.0, to.1.as_ref()).await
}

/// Where an id is swapped, the owner's own is good: what is refused is so for the swap alone.
async fn are_good_with_own_ids(
    world: &World,
    document: &Value,
    operation: &Operation,
    address: &str,
    own: impl Fn(&str) -> String,
    also: &[Value],
) {
    let queries = ids_in_query(document, operation).into_iter();
    let queries = queries.map(|(name, of)| (with_query(address, &name, &own(of)), None));
    let others = also
        .iter()
        .map(|body| (address.to_owned(), Some(body.clone())));
    for sent in queries.chain(others) {
        let answer = send(&world.owner, operation, &sent).await;
        let (address, body) = &sent;
        assert!(
            answer.status < 400,
            "{} {address} {body:?}: {}",
            operation.method,
            answer.text()
        );
    }
}

async fn ids_of_others_open_nothing_to_anybody(app: TestApp) {
    let table = Expectations::load();
    let people = People::gather(&app).await;
    let world: World = people.world(&app).await;
    let theirs = foreign(&people).await;
    let document = app.visitor().openapi().await.expect("served");
    let operations = operations_of(&document);
    let mut untried = Untried::of(&document);
    let mut calls = Vec::new();
    for operation in operations
        .iter()
        .filter(|operation| operation.needs_sign_in())
    {
        let row = table.of(operation).expect("a row");
        let address = world.address(operation, row);
        let bodies = people.bodies(&world, row);
        untried.look_at(operation, &theirs, &bodies);
        let own = |collection: &str| world.id_after(collection, row);
        let also = bodies.get(1..).unwrap_or_default();
        are_good_with_own_ids(&world, &document, operation, &address, own, also).await;
        let swaps = swaps(&document, operation, &address, &bodies, &theirs);
        calls.extend(swaps.into_iter().map(|swap| (operation, swap)));
    }
    let untried = untried.all();
    assert!(
        untried.is_empty(),
        "ids that no row of tests/cases/authorization.yaml has, or that are of something unknown: {untried:#?}"
    );

    let before = people.everything(&world).await;
    let mut wrong = Vec::new();
    for (operation, swap) in &calls {
        let answers_for_the_rest = ANSWERS_FOR_THE_REST.contains(&operation.name.as_str());
        // Whose the ids are knows them, of course.
        for kind in table.callers.iter().filter(|kind| *kind != "other_owner") {
            let client = people.caller(&world, kind);
            let answer = send(&client, operation, &swap.theirs).await;
            let (address, body) = &swap.theirs;
            let what = || {
                let body = body.as_ref().map(Value::to_string).unwrap_or_default();
                format!("{} {address} {body} by {kind}", operation.method)
            };
            if told(&answer) != told(&send(&client, operation, &swap.of_nothing).await) {
                wrong.push(format!(
                    "{}: tells that it exists: {}",
                    what(),
                    answer.text()
                ));
            }
            if operation.method != "GET" && answer.status < 400 && !answers_for_the_rest {
                wrong.push(format!("{}: was carried out: {}", what(), answer.text()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong answers:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(calls.len() >= 150, "{} swapped ids", calls.len());
    people.everything(&world).await.is_as_it_was(&before);
}

on_both_databases! {
    ids_of_others_open_nothing_to_anybody,
}
