//! Writes that are sent again because their answer was lost.

use std::net::SocketAddr;

use accord_client::types::{
    CreateApiToken, CreateEnvironment, ErrorCode, Invite, Item, MemberStatus, PageQuery, Shares,
    TokenScope,
};
use accord_client::{Attempts, Client, Error, RawAnswer};
use accord_testkit::people::share;
use accord_testkit::{Backend, Person, TestApp, on_both_databases};
use chrono::Duration;
use futures_util::future::join_all;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{refusal, well_formed_refusal};

/// Sends a write with a key.
pub(crate) async fn post(client: &Client, path: &str, key: &str, body: &str) -> RawAnswer {
    let headers = [
        ("idempotency-key", key),
        ("content-type", "application/json"),
    ];
    let answer = client
        .raw("POST", &format!("/api/v1{path}"), &headers, body)
        .await;
    answer.expect("an answer")
}

/// Where their environments are made.
pub(crate) fn environments_of(owner: &Person) -> String {
    format!("/accounts/{}/environments", owner.id)
}

/// An environment to be made.
pub(crate) fn named(name: &str) -> String {
    json!({ "name": name }).to_string()
}

async fn a_write_that_comes_again_is_answered_as_the_first_time(app: TestApp) {
    let ada = app.owner("ada").await;
    let path = environments_of(&ada);
    let first = post(&ada, &path, "one", &named("shop")).await;
    assert_eq!(first.status, 201, "{}", first.text());
    let again = post(&ada, &path, "one", &named("shop")).await;
    assert_eq!((again.status, again.text()), (201, first.text()));
    for name in ["etag", "location", "content-type"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(first.header("idempotency-replayed"), None);
    assert_eq!(ada.sees().await.len(), 1);

    let other_body = post(&ada, &path, "one", &named("blog")).await;
    let problem = well_formed_refusal("another body", &other_body);
    assert_eq!(problem.code, ErrorCode::IdempotencyKeyReused);
    let other_key = post(&ada, &path, "two", &named("blog")).await;
    assert_eq!(other_key.status, 201);
    let without = post(&ada, "/account/upgrade", "one", "{}").await;
    assert_eq!(without.status, 200, "a key is of one operation");

    let taken = post(&ada, &path, "three", &named("shop")).await;
    let problem = well_formed_refusal("taken", &taken);
    assert_eq!(problem.code, ErrorCode::NameTaken);
    ada.delete_environment(ada.id, ada.sees().await[1].id, None)
        .await
        .expect("deleted");
    let again = post(&ada, &path, "three", &named("shop")).await;
    assert_eq!(again.text(), taken.text(), "a refusal is an answer too");

    app.clock.advance(Duration::hours(24));
    app.signs_in(&ada).await;
    let next_day = post(&ada, &path, "three", &named("shop")).await;
    assert_eq!(next_day.status, 201, "{}", next_day.text());
}

async fn keys_are_of_one_credential(app: TestApp) {
    let ada = app.owner("ada").await;
    let elsewhere = ada.signed_in_elsewhere().await;
    let grace = app.owner("grace").await;
    let first = post(&ada, &environments_of(&ada), "k", &named("shop")).await;
    assert_eq!(first.status, 201);
    let other_session = post(&elsewhere, &environments_of(&ada), "k", &named("shop")).await;
    assert_eq!(other_session.status, 409, "it was carried out again");
    let other_person = post(&grace, &environments_of(&ada), "k", &named("shop")).await;
    assert_eq!(other_person.status, 404);
    let nobody = post(&app.visitor(), &environments_of(&ada), "k", &named("shop")).await;
    assert_eq!(nobody.status, 401);
}

async fn an_answer_is_given_again_only_to_who_may_still(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let creator = ada.role_of("Creator", &["environment.create"]).await;
    let member = ada
        .invites(&grace.email, vec![share(Item::ENVIRONMENTS, &[&creator])])
        .await;
    grace.accepts(&ada).await;
    let body = CreateApiToken {
        name: "CI".into(),
        scopes: vec![TokenScope::Environments],
        expires_at: None,
    };
    let made = grace.create_api_token(&body).await.expect("a token");
    let program = app.with_token(&made.secret);
    let path = environments_of(&ada);
    let again = async || post(&program, &path, "k", &named("shop")).await.status;
    assert_eq!((again().await, again().await), (201, 201));
    ada.suspend_member(ada.id, member.id)
        .await
        .expect("suspended");
    assert_eq!(again().await, 404, "a stranger now");
    ada.activate_member(ada.id, member.id)
        .await
        .expect("active");
    assert_eq!(again().await, 201);
    let viewer = ada.role_named("Viewer").await;
    let shares = Shares {
        shares: vec![share(Item::ENVIRONMENTS, &[&viewer])],
    };
    ada.set_member_shares(ada.id, member.id, &shares, None)
        .await
        .expect("changed");
    assert_eq!(again().await, 403, "seen, but no longer theirs");
    grace
        .revoke_api_token(made.token.id)
        .await
        .expect("revoked");
    assert_eq!(again().await, 401);
    assert_eq!(ada.sees().await.len(), 1, "and it was made once");
}

async fn what_ends_ones_own_sight_is_answered_again(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let member = ada.invites(&grace.email, Vec::new()).await;
    grace.accepts(&ada).await;
    let path = format!("/collaborations/{}/leave", member.id);
    let first = post(&grace, &path, "bye", "{}").await;
    let again = post(&grace, &path, "bye", "{}").await;
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!(first.text(), again.text());
    assert_eq!(ada.status_of(&member).await, MemberStatus::Left);
}

async fn secrets_are_never_kept(app: TestApp) {
    let ada = app.owner("ada").await;
    let body = json!({ "name": "CI", "scopes": ["read"] }).to_string();
    let first = post(&ada, "/account/tokens", "k", &body).await;
    let second = post(&ada, "/account/tokens", "k", &body).await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_ne!(first.text(), second.text());
    let tokens = ada.api_tokens(&PageQuery::default()).await;
    assert_eq!(tokens.expect("both").items.len(), 2);
    let member = ada.invites("grace@example.com", Vec::new()).await;
    let path = format!("/accounts/{}/members/{}/link", ada.id, member.id);
    let first = post(&ada, &path, "k", "{}").await;
    let second = post(&ada, &path, "k", "{}").await;
    assert_eq!((first.status, second.status), (200, 200));
    assert_ne!(first.text(), second.text());
}

async fn many_at_once_are_carried_out_once(app: TestApp) {
    let ada = app.owner("ada").await;
    let path = format!("/accounts/{}/members", ada.id);
    let body = json!({ "email": "grace@example.com" }).to_string();
    let all = join_all((0..12).map(|_| post(&ada, &path, "k", &body))).await;
    let mut carried_out = Vec::new();
    for answer in &all {
        match answer.status {
            201 => carried_out.push(answer.text()),
            _ => {
                let problem = well_formed_refusal("at once", answer);
                assert_eq!(problem.code, ErrorCode::IdempotencyKeyInUse);
            }
        }
    }
    assert!(!carried_out.is_empty());
    carried_out.dedup();
    assert_eq!(carried_out.len(), 1, "one answer for all");
    let later = post(&ada, &path, "k", &body).await;
    assert_eq!(later.text(), carried_out[0]);
    assert_eq!(app.mail_to("grace@example.com").await.len(), 1);
}

async fn what_broke_off_may_be_tried_again_after_a_while(app: TestApp) {
    let ada = app.owner("ada").await;
    let path = environments_of(&ada);
    app.breaks_off(&ada, &path, "k", &named("shop")).await;
    let too_soon = post(&ada, &path, "k", &named("shop")).await;
    let problem = well_formed_refusal("too soon", &too_soon);
    assert_eq!(problem.code, ErrorCode::IdempotencyKeyInUse);
    app.clock.advance(Duration::minutes(2));
    let body = named("shop");
    let all = join_all((0..6).map(|_| post(&ada, &path, "k", &body))).await;
    let carried_out = all.iter().filter(|answer| answer.status == 201);
    assert!(carried_out.count() >= 1);
    assert_eq!(ada.sees().await.len(), 1);
}

/// Passes everything on to the program, but for the first answer: that one is lost on its way back.
/// Answers where it listens.
async fn losing_the_first_answer(app: &TestApp) -> String {
    let base = app.visitor().base().to_owned();
    let program: SocketAddr = base
        .trim_start_matches("http://")
        .parse()
        .expect("an address");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let mut is_first = true;
        while let Ok((caller, _)) = listener.accept().await {
            let server = TcpStream::connect(program).await.expect("the program");
            if std::mem::take(&mut is_first) {
                lose_the_answer(caller, server).await;
            } else {
                tokio::spawn(pass_on(caller, server));
            }
        }
    });
    format!("http://{address}")
}

async fn pass_on(mut caller: TcpStream, mut server: TcpStream) {
    // Either side may close its connection whenever it likes.
    let _ = copy_bidirectional(&mut caller, &mut server).await;
}

async fn lose_the_answer(mut caller: TcpStream, mut server: TcpStream) {
    let (mut asked, mut answered) = ([0; 4096], [0; 4096]);
    loop {
        tokio::select! {
            read = caller.read(&mut asked) => {
                let sent = read.expect("a request");
                server.write_all(&asked[..sent]).await.expect("passed on");
            }
            // It is carried out by now.
            _ = server.read(&mut answered) => return,
        }
    }
}

/// Somebody's client behind a network that loses an answer.
async fn behind_a_bad_network(app: &TestApp, person: &Person) -> Client {
    let client = Client::new(&losing_the_first_answer(app).await);
    client.set_access_token(person.access_token());
    client
}

async fn a_client_that_tries_again_creates_once(app: TestApp) {
    let ada = app.owner("ada").await;
    let client = behind_a_bad_network(&app, &ada).await;
    let form = Attempts::default();
    let shop = CreateEnvironment {
        name: "shop".into(),
        ..CreateEnvironment::default()
    };
    let create = async |shop: &CreateEnvironment| {
        let client = client.trying(&form);
        client.create_environment(ada.id, shop).await
    };
    let lost = create(&shop).await;
    assert!(matches!(lost, Err(Error::Network(_))), "{lost:?}");
    let made = ada.sees().await;
    assert_eq!(made.len(), 1, "it was carried out all the same");
    let again = create(&shop).await.expect("the first answer");
    assert_eq!(again.id, made[0].id);
    assert_eq!(ada.sees().await.len(), 1);
    let next = create(&shop).await;
    assert_eq!(
        refusal(next),
        ErrorCode::NameTaken,
        "what was answered is another write when it comes again"
    );

    let client = behind_a_bad_network(&app, &ada).await;
    let invite = async |email: &str| {
        let body = Invite {
            email: email.into(),
            display_name: None,
            shares: Vec::new(),
        };
        client.trying(&form).invite(ada.id, &body).await
    };
    let lost = invite("grace@example.com").await;
    assert!(matches!(lost, Err(Error::Network(_))), "{lost:?}");
    let other = invite("alan@example.com").await.expect("another address");
    assert_eq!(other.email, "alan@example.com");
    let again = invite("grace@example.com").await.expect("the first answer");
    assert_eq!(again.email, "grace@example.com");
    assert_eq!(app.mail_to("grace@example.com").await.len(), 1);
    assert_eq!(
        refusal(invite("grace@example.com").await),
        ErrorCode::MemberExists
    );
}

async fn bad_keys_are_refused(app: TestApp) {
    let ada = app.owner("ada").await;
    let path = environments_of(&ada);
    let long = "k".repeat(256);
    for key in ["", &long, "schlüssel"] {
        let answer = post(&ada, &path, key, &named("shop")).await;
        let problem = well_formed_refusal(key, &answer);
        assert_eq!(problem.code, ErrorCode::ValidationFailed, "{key}");
        assert_eq!(problem.errors[0].pointer, "Idempotency-Key");
    }
    assert!(ada.sees().await.is_empty());
    let good = "k".repeat(255);
    assert_eq!(post(&ada, &path, &good, &named("shop")).await.status, 201);
}

on_both_databases! {
    a_write_that_comes_again_is_answered_as_the_first_time,
    keys_are_of_one_credential,
    an_answer_is_given_again_only_to_who_may_still,
    what_ends_ones_own_sight_is_answered_again,
    secrets_are_never_kept,
    many_at_once_are_carried_out_once,
    a_client_that_tries_again_creates_once,
    bad_keys_are_refused,
    what_broke_off_may_be_tried_again_after_a_while,
}

/// What one instance answered, another knows; also after the first is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_instance_knows_the_answer() {
    let mut app = TestApp::start(Backend::PostgreSql).await;
    let other = app.another_instance().await;
    let ada = app.owner("ada").await;
    let body = CreateApiToken {
        name: "CI".into(),
        scopes: vec![TokenScope::Environments],
        expires_at: None,
    };
    let made = ada.create_api_token(&body).await.expect("a token");
    let (here, there) = (app.with_token(&made.secret), other.with_token(&made.secret));
    let path = environments_of(&ada);
    let first = post(&here, &path, "k", &named("shop")).await;
    assert_eq!(first.status, 201);
    let again = post(&there, &path, "k", &named("shop")).await;
    assert_eq!(again.status, 201, "{}", again.text());
    assert_eq!(again.text(), first.text());
    app.crash_and_start_again().await;
    let after = post(&here, &path, "k", &named("shop")).await;
    assert_eq!(after.text(), first.text());
}
