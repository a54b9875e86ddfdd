//! What a token may do: every operation that the API describes, times a token of each scope, of the owner
//! and of the platform, and tokens that have ended or were revoked.

use std::collections::BTreeMap;

use accord_client::Client;
use accord_client::types::{CreateApiToken, TokenScope, Utc};
use accord_testkit::{Person, TestApp, on_both_databases};

use crate::authorization::spoils;
use crate::operations::{Expectation, Expectations, Operation, operations_of};
use crate::support::well_formed_refusal;
use crate::world::{People, World, call};

/// Whose token it is, which says how an operation that it is good for answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Holder {
    Owner,
    Active,
    Platform,
}

/// A kind of caller with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A token with this scope alone.
    With(Holder, &'static str),
    /// One with every scope.
    WithAll(Holder),
    Expired(Holder),
    Revoked(Holder),
}

fn words(scopes: &[TokenScope]) -> String {
    let words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    words.join(" ")
}

async fn made(app: &TestApp, person: &Person, scopes: Vec<TokenScope>) -> Client {
    let body = CreateApiToken {
        name: "Program".into(),
        scopes,
        expires_at: None,
    };
    let made = person.create_api_token(&body).await.expect("a token");
    app.with_token(&made.secret)
}

/// Tokens that outlive the worlds.
async fn lasting(app: &TestApp, people: &People) -> BTreeMap<Kind, Client> {
    let mut tokens = BTreeMap::new();
    let platform = async |scopes: &[TokenScope]| {
        let made = app.platform_token("Control", &words(scopes), None).await;
        made.client
    };
    for scope in TokenScope::ALL {
        let kind = Kind::With(Holder::Platform, scope.as_str());
        tokens.insert(kind, platform(&[*scope]).await);
    }
    let all = platform(TokenScope::ALL).await;
    tokens.insert(Kind::WithAll(Holder::Platform), all);
    let active = &people.others["active"];
    for scope in TokenScope::ALL {
        let kind = Kind::With(Holder::Active, scope.as_str());
        tokens.insert(kind, made(app, active, vec![*scope]).await);
    }
    let all = made(app, active, TokenScope::ALL.to_vec()).await;
    tokens.insert(Kind::WithAll(Holder::Active), all);

    let soon = app.clock.now() + chrono::Duration::seconds(30);
    let ending = CreateApiToken {
        name: "Ends".into(),
        scopes: TokenScope::ALL.to_vec(),
        expires_at: Some(soon),
    };
    let ended = active.create_api_token(&ending).await.expect("a token");
    let ended_platform = app
        .platform_token("Ends", &words(TokenScope::ALL), Some(soon))
        .await;
    app.clock.advance(chrono::Duration::seconds(30));
    let kind = Kind::Expired(Holder::Active);
    tokens.insert(kind, app.with_token(&ended.secret));
    let kind = Kind::Expired(Holder::Platform);
    tokens.insert(kind, ended_platform.client.clone());

    let body = CreateApiToken {
        name: "Goes".into(),
        scopes: TokenScope::ALL.to_vec(),
        expires_at: None,
    };
    let revoked = active.create_api_token(&body).await.expect("a token");
    let program = app.with_token(&revoked.secret);
    program.account().await.expect("good until it is revoked");
    active
        .revoke_api_token(revoked.token.id)
        .await
        .expect("revoked");
    tokens.insert(Kind::Revoked(Holder::Active), program);
    let revoked = app
        .platform_token("Goes", &words(TokenScope::ALL), None)
        .await;
    revoked
        .actions(&Default::default())
        .await
        .expect("good until it is revoked");
    app.revokes(&revoked).await;
    tokens.insert(Kind::Revoked(Holder::Platform), revoked.client.clone());
    tokens
}

/// Tokens of the world's owner, one for each scope.
async fn of_owner(app: &TestApp, world: &World) -> BTreeMap<Kind, Client> {
    let mut tokens = BTreeMap::new();
    for scope in TokenScope::ALL {
        let kind = Kind::With(Holder::Owner, scope.as_str());
        tokens.insert(kind, made(app, &world.owner, vec![*scope]).await);
    }
    tokens
}

/// What the operation answers this kind of caller.
fn expected(
    table: &Expectations,
    row: &Expectation,
    operation: &Operation,
    kind: Kind,
) -> Option<u16> {
    let as_ = |caller: &str| table.status(row, caller);
    let (holder, only) = match kind {
        Kind::Expired(_) | Kind::Revoked(_) => return as_("ended_session"),
        Kind::With(holder, scope) => (holder, Some(scope)),
        Kind::WithAll(holder) => (holder, None),
    };
    let Some((needed, platform_too)) = table.scope(operation) else {
        // Where somebody signed in may call, no program decides in their name, though it be open to all.
        return if operation.asks_who_calls() {
            Some(403)
        } else {
            as_("signed_out")
        };
    };
    if only.is_some_and(|only| only != needed) || (holder == Holder::Platform && !platform_too) {
        return Some(403);
    }
    as_(match holder {
        Holder::Owner | Holder::Platform => "owner",
        Holder::Active => "active",
    })
}

/// The tokens that an operation is called with.
fn kinds(
    operation: &Operation,
    own: &BTreeMap<Kind, Client>,
    lasting: &BTreeMap<Kind, Client>,
) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = lasting.keys().copied().collect();
    if let Some((needed, _)) = operation.scope() {
        let good = |kind: &&Kind| matches!(kind, Kind::With(_, scope) if *scope == needed);
        kinds.extend(own.keys().filter(good));
    }
    if !operation.asks_who_calls() {
        // Open to all: no token is looked at, whatever it is good for.
        kinds.retain(|kind| {
            matches!(
                kind,
                Kind::With(_, "read") | Kind::Expired(_) | Kind::Revoked(_)
            )
        });
    }
    kinds
}

/// An operation of the table, called by somebody.
struct Call<'a> {
    people: &'a People,
    world: &'a World,
    operation: &'a Operation,
    row: &'a Expectation,
    kind: Kind,
}

impl Call<'_> {
    /// What about the answer is not as it should be.
    async fn is_not_answered(&self, client: &Client, status: u16) -> Option<String> {
        let Self {
            people,
            world,
            operation,
            row,
            kind,
        } = self;
        let body = people.body(world, row);
        let address = world.address(operation, row);
        let answer = call(client, operation, &address, body.as_ref()).await;
        let what = format!("{} by {kind:?}", operation.name);
        if answer.status != status {
            return Some(format!(
                "{what}: expected {status}, got {} {}",
                answer.status,
                answer.text()
            ));
        }
        if status >= 400 {
            well_formed_refusal(&what, &answer);
        }
        None
    }
}

async fn every_operation_for_a_token_of_every_scope(app: TestApp) {
    let table = Expectations::load();
    let operations = operations_of(&app.visitor().openapi().await.expect("served"));
    assert!(
        table.scopes_beyond(&operations).is_empty(),
        "no such operations: {:#?}",
        table.scopes_beyond(&operations)
    );
    for operation in &operations {
        assert_eq!(
            operation.scope(),
            table.scope(operation),
            "{}: the description and the table do not agree on the scope",
            operation.name
        );
    }
    let people = People::gather(&app).await;
    let lasting = lasting(&app, &people).await;
    let mut world = people.world(&app).await;
    let mut own = of_owner(&app, &world).await;
    let mut wrong = Vec::new();
    // Those that it is not good for, all in one world, which is afterwards as it was.
    let before = people.everything(&world).await;
    for operation in &operations {
        let row = table.of(operation).expect("a row");
        for kind in kinds(operation, &own, &lasting) {
            let status = expected(&table, row, operation, kind).expect("a status");
            if status >= 400 {
                let client = own.get(&kind).unwrap_or_else(|| &lasting[&kind]);
                let call = Call {
                    people: &people,
                    world: &world,
                    operation,
                    row,
                    kind,
                };
                wrong.extend(call.is_not_answered(client, status).await);
            }
        }
    }
    let changed = people.everything(&world).await.differences(&before);
    if !changed.is_empty() {
        let changed = changed.join("\n");
        wrong.push(format!("refused calls changed something:\n{changed}"));
    }
    for operation in &operations {
        let row = table.of(operation).expect("a row");
        let writes = operation.method != "GET";
        for kind in kinds(operation, &own, &lasting) {
            let status = expected(&table, row, operation, kind).expect("a status");
            // What is carried out by one token of the platform is so by another.
            if status >= 400 || (writes && kind == Kind::WithAll(Holder::Platform)) {
                continue;
            }
            let client = own.get(&kind).unwrap_or_else(|| &lasting[&kind]);
            let call = Call {
                people: &people,
                world: &world,
                operation,
                row,
                kind,
            };
            wrong.extend(call.is_not_answered(client, status).await);
            if spoils(operation, "token", status) {
                world = people.world(&app).await;
                own = of_owner(&app, &world).await;
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong answers:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(Utc::now() < app.clock.now(), "the clock was set forward");
}

on_both_databases! {
    every_operation_for_a_token_of_every_scope,
}
