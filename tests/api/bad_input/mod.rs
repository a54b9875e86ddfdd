//! Bad input, generated over every operation: each is a clear typed refusal, and nothing is stored.

mod bodies;
mod places;
mod text;

use accord_client::{Client, RawAnswer};
use accord_testkit::TestApp;
use serde_json::Value;

use crate::operations::{Expectation, Expectations, Operation, operations_of};
use crate::stored::Stored;
use crate::world::{People, World};

/// An operation with a caller who may use it, so that nothing but the bad input is in the way.
struct Attempt {
    operation: Operation,
    row: Expectation,
    client: Client,
    address: String,
    body: Option<Value>,
}

/// The API, an owner with all that can be named, and the operations to try.
struct Ground {
    document: Value,
    people: People,
    world: World,
    attempts: Vec<Attempt>,
}

impl Ground {
    async fn lay(app: &TestApp) -> Self {
        let document = app.visitor().openapi().await.expect("served");
        let table = Expectations::load();
        let people = People::gather(app).await;
        let world = people.world(app).await;
        let mut attempts = Vec::new();
        for operation in operations_of(&document) {
            let row = table
                .of(&operation)
                .unwrap_or_else(|| panic!("no row for {}", operation.name))
                .clone();
            let may = |kind: &&str| table.status(&row, kind).is_some_and(|status| status < 400);
            // Of those who may, the owner first: most is theirs.
            let callers = ["owner", "active", "pending", "signed_out"];
            let kind = callers
                .iter()
                .find(|kind| may(kind))
                .copied()
                .unwrap_or("owner");
            let client = people.caller(&world, kind);
            let address = world.address(&operation, &row);
            let body = people.body(&world, &row);
            assert_eq!(
                body.is_some(),
                operation.takes_body(),
                "{}: the row has no body to start from",
                operation.name
            );
            attempts.push(Attempt {
                operation,
                row,
                client,
                address,
                body,
            });
        }
        Self {
            document,
            people,
            world,
            attempts,
        }
    }

    async fn everything(&self) -> Stored {
        self.people.everything(&self.world).await
    }

    fn with_body(&self) -> impl Iterator<Item = (&Attempt, &Value)> {
        self.attempts
            .iter()
            .filter_map(|attempt| Some((attempt, attempt.body.as_ref()?)))
    }

    /// The schema of an operation's body, references resolved.
    fn schema<'d>(&'d self, operation: &'d Operation) -> &'d Value {
        self.resolved(operation.body_schema())
    }

    fn resolved<'d>(&'d self, schema: &'d Value) -> &'d Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let found = self.document.pointer(reference.trim_start_matches('#'));
            return self.resolved(found.unwrap_or_else(|| panic!("{reference} leads nowhere")));
        }
        // A field that may be null is its type, or null.
        let ways = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
        match ways.map(|ways| {
            ways.iter()
                .filter(|way| way["type"] != "null")
                .collect::<Vec<_>>()
        }) {
            Some(ways) if ways.len() == 1 => self.resolved(ways[0]),
            _ => schema,
        }
    }
}

impl Attempt {
    async fn send(&self, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> RawAnswer {
        self.send_to(&self.address, headers, body).await
    }

    async fn send_to(
        &self,
        address: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> RawAnswer {
        let sent = self
            .client
            .raw(&self.operation.method, address, headers, body)
            .await;
        sent.unwrap_or_else(|error| panic!("{} {address:.200}: {error}", self.operation.name))
    }

    async fn send_json(&self, body: &Value) -> RawAnswer {
        self.send(&[("content-type", "application/json")], body.to_string())
            .await
    }
}
