//! Who may see and do what: every operation that the API describes, times every kind of caller.

use accord_testkit::{TestApp, on_both_databases};

use crate::described::Described;
use crate::operations::{Expectations, Operation, operations_of};
use crate::support::well_formed_refusal;
use crate::world::{People, World, call};

/// POSTs that make nothing new and yet leave all that there is: they ask, tell, or make a secret new.
const LEAVES_ALL_THERE: [&str; 10] = [
    "/opened",
    "/redeliver",
    "/checks",
    "/preview",
    "/draft-access",
    "/load-alerts",
    "/notifications/read",
    "/unsubscribe/{token}",
    "/test",
    "/rotate-secret",
];

/// Whether a call that was carried out takes something away that the next one needs. Something new, or
/// another name for what is there, does not.
pub(crate) fn spoils(operation: &Operation, kind: &str, status: u16) -> bool {
    let path = operation.path.as_str();
    let ends_the_owners_session = kind == "owner" && path.ends_with("/sign-out");
    let own =
        path.starts_with("/api/v1/auth/") || format!("{path}/").starts_with("/api/v1/account/");
    let leaves_all = LEAVES_ALL_THERE.iter().any(|end| path.ends_with(end));
    let takes_away = match operation.method.as_str() {
        // It ends every session but the one that calls.
        "DELETE" => path != "/api/v1/account/sessions",
        "POST" => status != 201 && !own && !leaves_all,
        _ => false,
    };
    takes_away || ends_the_owners_session
}

/// The table, held against the API.
struct Matrix<'a> {
    app: &'a TestApp,
    table: &'a Expectations,
    people: &'a People,
    described: Described,
    wrong: Vec<String>,
}

impl Matrix<'_> {
    /// Those who may not do it try, and are refused.
    async fn refuses(&mut self, world: &World, operation: &Operation) {
        let row = self.table.of(operation).expect("a row");
        for kind in &self.table.callers {
            match self.table.status(row, kind) {
                Some(status) if status >= 400 => {
                    self.answers(world, operation, kind, status).await;
                }
                Some(_) => {}
                None => self.wrong.push(format!(
                    "{}: the table says nothing of {kind}",
                    operation.name
                )),
            }
        }
    }

    /// Those who may do it, one after the other. Answers with a world in which the next may.
    async fn allows(&mut self, mut world: World, operation: &Operation) -> World {
        let row = self.table.of(operation).expect("a row");
        for kind in &self.table.callers {
            let status = self.table.status(row, kind).unwrap_or(400);
            if status >= 400 {
                continue;
            }
            self.answers(&world, operation, kind, status).await;
            let signed_out = operation.path.ends_with("/sign-out");
            let other = self.people.others.get(kind.as_str());
            if let Some(person) = other.filter(|_| signed_out) {
                self.app.signs_in(person).await;
            }
            if spoils(operation, kind, status) {
                world = self.people.world(self.app).await;
            }
        }
        world
    }

    async fn answers(&mut self, world: &World, operation: &Operation, kind: &str, status: u16) {
        let row = self.table.of(operation).expect("a row");
        let body = self.people.body(world, row);
        let client = self.people.caller(world, kind);
        let address = world.address(operation, row);
        let answer = call(&client, operation, &address, body.as_ref()).await;
        let what = format!("{} by {kind}", operation.name);
        if let Some(difference) = self.described.difference(operation, &answer) {
            self.wrong.push(format!("{what}: {difference}"));
        }
        if answer.status != status {
            self.wrong.push(format!(
                "{what}: expected {status}, got {} {}",
                answer.status,
                answer.text()
            ));
        } else if status >= 400 {
            well_formed_refusal(&what, &answer);
        }
    }
}

async fn every_operation_for_every_kind_of_caller(app: TestApp) {
    let table = Expectations::load();
    let document = app.visitor().openapi().await.expect("served");
    let operations = operations_of(&document);
    let without_row: Vec<&str> = operations
        .iter()
        .filter(|operation| table.of(operation).is_none())
        .map(|operation| operation.name.as_str())
        .collect();
    assert!(
        without_row.is_empty(),
        "not in tests/cases/authorization.yaml: {without_row:#?}"
    );
    assert!(
        table.beyond(&operations).is_empty(),
        "no such operations: {:#?}",
        table.beyond(&operations)
    );
    for operation in &operations {
        let unknown = table.unknown_names(table.of(operation).expect("checked above"));
        assert!(unknown.is_empty(), "{}: {unknown:?}", operation.name);
    }

    let people = People::gather(&app).await;
    let mut matrix = Matrix {
        app: &app,
        table: &table,
        people: &people,
        described: Described::by(&document),
        wrong: Vec::new(),
    };
    let mut world = people.world(&app).await;
    let before = people.everything(&world).await;
    for operation in &operations {
        matrix.refuses(&world, operation).await;
    }
    let after = people.everything(&world).await;
    let changed = after.differences(&before);
    if !changed.is_empty() {
        let changed = changed.join("\n");
        matrix
            .wrong
            .push(format!("refused calls changed something:\n{changed}"));
        // Which of them? Once more, looking each time.
        let mut before = after;
        for operation in &operations {
            matrix.refuses(&world, operation).await;
            let after = people.everything(&world).await;
            if !after.differences(&before).is_empty() {
                matrix.wrong.push(format!("it was {}", operation.name));
            }
            before = after;
        }
    }
    for operation in &operations {
        world = matrix.allows(world, operation).await;
    }
    let wrong = matrix.wrong;
    assert!(
        wrong.is_empty(),
        "{} wrong answers:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

async fn strangers_cannot_tell_what_exists(app: TestApp) {
    let people = People::gather(&app).await;
    let world = people.world(&app).await;
    let operations = operations_of(&app.visitor().openapi().await.expect("served"));
    let table = Expectations::load();
    let nowhere = "01890000-0000-7000-8000-000000000000";
    for operation in operations
        .iter()
        .filter(|operation| operation.path.contains("{account_id}"))
    {
        let row = table.of(operation).expect("a row");
        let there = world.address(operation, row);
        let not_there = there.split('/').map(|segment| {
            if segment.len() == nowhere.len() {
                nowhere
            } else {
                segment
            }
        });
        let not_there = not_there.collect::<Vec<_>>().join("/");
        for kind in [
            "stranger",
            "other_owner",
            "pending",
            "suspended",
            "left",
            "rejected",
            "removed",
        ] {
            let client = people.caller(&world, kind);
            let mut answers = Vec::new();
            for address in [&there, &not_there] {
                let body = people.body(&world, row);
                let answer = call(&client, operation, address, body.as_ref()).await;
                let mut problem = well_formed_refusal(&operation.name, &answer);
                problem.request_id.clear();
                let mut headers: Vec<_> = answer
                    .headers
                    .keys()
                    .map(|name| name.as_str().to_owned())
                    .collect();
                headers.sort_unstable();
                answers.push((problem, headers));
            }
            assert_eq!(answers[0], answers[1], "{} by {kind}", operation.name);
        }
    }
}

on_both_databases! {
    every_operation_for_every_kind_of_caller,
    strangers_cannot_tell_what_exists,
}
