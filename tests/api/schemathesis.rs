//! Schemathesis reads the API's description and sends what it allows, what it forbids, and what is at the edge of
//! both: no answer is other than described, and none is 500.

use std::path::Path;

use accord_client::types::{CreateApiToken, Item, PageQuery, TokenScope};
use accord_testkit::people::share;
use accord_testkit::{TestApp, on_both_databases, schemathesis};

use crate::operations::operations_of;
use crate::world::People;

/// An account in which there is one of everything, as the settings of schemathesis name it.
async fn everything_there_is(app: &TestApp) -> Vec<(&'static str, String)> {
    let people = People::gather(app).await;
    let world = people.world(app).await;
    let owner = &world.owner;
    let other = &people.others["other_owner"];
    let viewer = other.role_named("Viewer").await;
    let shares = vec![share(Item::ENVIRONMENTS, &[&viewer])];
    let collaboration = other.invites(&owner.email, shares).await.id;
    // Ending it ends another one than the session that asks.
    owner.signed_in_elsewhere().await;
    let sessions = owner.sessions(&PageQuery::default()).await;
    let sessions = sessions.expect("sessions").items;
    let elsewhere = sessions.iter().find(|session| !session.current);
    let token = CreateApiToken {
        name: "All".into(),
        scopes: TokenScope::ALL.to_vec(),
        expires_at: None,
    };
    let token = owner.create_api_token(&token).await.expect("a token");
    let named = |collection| world.id_of(collection);
    vec![
        ("ACCOUNT", named("accounts")),
        ("ENVIRONMENT", named("environments")),
        ("GROUP", named("groups")),
        ("MEMBER", named("members")),
        ("POLICY", named("policies")),
        ("ROLE", named("roles")),
        ("API_TOKEN", named("tokens")),
        ("WEBHOOK", named("webhooks")),
        ("DELIVERY", named("deliveries")),
        ("INVITATION", named("invitations")),
        ("WAY_OUT", named("unsubscribe")),
        ("COLLABORATION", collaboration.to_string()),
        ("SESSION", elsewhere.expect("another").id.to_string()),
        ("AS_TOKEN", token.secret),
        ("AS_PERSON", owner.access_token().expect("signed in")),
    ]
}

async fn nothing_is_other_than_described(app: TestApp) {
    let values = everything_there_is(&app).await;
    let document = app.visitor().openapi().await.expect("the description");
    let (for_tokens, for_people): (Vec<_>, Vec<_>) = operations_of(&document)
        .into_iter()
        .partition(|operation| operation.scope().is_some() || !operation.needs_sign_in());
    let description = format!("{}/api/v1/openapi.json", app.public_url());
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("api/schemathesis.toml");
    for (credential, operations) in [("AS_TOKEN", for_tokens), ("AS_PERSON", for_people)] {
        assert!(!operations.is_empty());
        let ids: Vec<String> = operations.iter().map(|operation| operation.id()).collect();
        let mut values = values.clone();
        let (_, token) = values
            .iter()
            .find(|(name, _)| *name == credential)
            .expect("there");
        values.push(("TOKEN", token.clone()));
        let (description, settings) = (description.clone(), settings.clone());
        let look = move || schemathesis::look(&description, &settings, &ids, &values);
        let found = tokio::task::spawn_blocking(look).await.expect("it looked");
        let printed = String::from_utf8_lossy(&found.stdout);
        assert!(found.status.success(), "{credential}\n{printed}");
        assert!(printed.contains("generated"), "nothing was sent\n{printed}");
    }
}

on_both_databases! {
    nothing_is_other_than_described,
}
