//! What is kept of writes that come with a key: what was committed though its answer was lost, answers that are
//! large, and many keys.

use accord_client::Client;
use accord_client::types::{
    CreateApiToken, ErrorCode, GroupsQuery, Item, MemberStatus, Shares, TokenScope,
};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, on_both_databases};
use chrono::Duration;
use serde_json::json;

use crate::idempotency::{environments_of, named, post};
use crate::support::well_formed_refusal;

async fn what_was_committed_is_not_done_again_though_its_answer_was_lost(app: TestApp) {
    let ada = app.owner("ada").await;
    let member = ada.invites("grace@example.com", Vec::new()).await;
    let resend = format!("/accounts/{}/members/{}/resend", ada.id, member.id);
    let environments = environments_of(&ada);
    let taken = ada.adds_environment("taken").await;
    let first = post(&ada, &resend, "k", "{}").await;
    assert_eq!(first.status, 200, "{}", first.text());
    let made = post(&ada, &environments, "k", &named("shop")).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let refused = post(&ada, &environments, "other", &named("taken")).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    app.loses_kept_answers().await;
    ada.delete_environment(ada.id, taken.id, None)
        .await
        .expect("deleted");

    let code = async |path: &str, key: &str, body: &str| {
        let answer = post(&ada, path, key, body).await;
        well_formed_refusal(path, &answer).code
    };
    let soon = code(&resend, "k", "{}").await;
    assert_eq!(soon, ErrorCode::IdempotencyKeyInUse, "it may come yet");
    app.clock.advance(Duration::minutes(2));
    for _ in 0..2 {
        let lost = code(&resend, "k", "{}").await;
        assert_eq!(lost, ErrorCode::IdempotencyAnswerLost);
        let lost = code(&environments, "k", &named("shop")).await;
        assert_eq!(lost, ErrorCode::IdempotencyAnswerLost);
    }
    let mails = app.mail_to("grace@example.com").await;
    assert_eq!(mails.len(), 2, "invited, and sent again once");
    let other = code(&environments, "k", &named("blog")).await;
    assert_eq!(other, ErrorCode::IdempotencyKeyReused);
    let again = post(&ada, &environments, "other", &named("taken")).await;
    assert_eq!(again.status, 201, "what was refused had changed nothing");

    let elsewhere = ada.signed_in_elsewhere().await;
    elsewhere.end_other_sessions().await.expect("ended");
    let ended = code(&resend, "k", "{}").await;
    assert_eq!(ended, ErrorCode::NotSignedIn, "said to the caller alone");
}

async fn an_answer_that_is_large_is_kept_too(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let viewer = ada.role_named("Viewer").await;
    for chain in 0..40 {
        let path: Vec<String> = (0..50).map(|depth| format!("{chain}-{depth}")).collect();
        ada.group_at(&path.join("/")).await;
    }
    let mut shares = Vec::new();
    let mut query = GroupsQuery {
        limit: Some(200),
        ..Default::default()
    };
    loop {
        let page = ada.groups(ada.id, &query).await.expect("a page");
        let groups = page.items.iter();
        shares.extend(groups.map(|group| share(Item::group(group.id), &[&viewer])));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    assert_eq!(shares.len(), 2_000, "as many as a member may have");
    let member = ada.invites(&grace.email, Vec::new()).await;
    grace.accepts(&ada).await;
    let body = Shares { shares };
    ada.set_member_shares(ada.id, member.id, &body, None)
        .await
        .expect("shared");

    let one = format!("/accounts/{}/members/{}", ada.id, member.id);
    let copied = json!({ "email": "alan@example.com" }).to_string();
    for (verb, body, status) in [
        ("suspend", "{}", 200),
        ("activate", "{}", 200),
        ("copy", copied.as_str(), 201),
    ] {
        let path = format!("{one}/{verb}");
        let first = post(&ada, &path, "k", body).await;
        assert_eq!(first.status, status, "{verb}: {}", first.text());
        assert!(
            first.body.len() > 256 * 1024,
            "{verb} answers with all of it"
        );
        let again = post(&ada, &path, "k", body).await;
        assert_eq!(again.status, status, "{verb}");
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{verb}");
        assert!(again.body == first.body, "{verb}: the same answer");
    }
    assert_eq!(ada.status_of(&member).await, MemberStatus::Active);
}

/// A token of that person's, for a program that makes environments.
async fn program_of(app: &TestApp, person: &Person) -> Client {
    let body = CreateApiToken {
        name: "CI".into(),
        scopes: vec![TokenScope::Environments],
        expires_at: None,
    };
    let made = person.create_api_token(&body).await.expect("a token");
    app.with_token(&made.secret)
}

async fn a_key_counts_for_a_day_however_many_there_are(app: TestApp) {
    const MOST: u32 = 20_000;
    let ada = app.owner("ada").await;
    let path = environments_of(&ada);
    let program = program_of(&app, &ada).await;
    let first = post(&program, &path, "first", &named("first")).await;
    assert_eq!(first.status, 201, "{}", first.text());
    app.used_keys(&program, MOST - 2).await;
    let last = post(&program, &path, "last", &named("last")).await;
    assert_eq!(last.status, 201, "{}", last.text());

    app.clock.advance(Duration::hours(23));
    let refused = post(&program, &path, "one more", &named("more")).await;
    let problem = well_formed_refusal("one more", &refused);
    assert_eq!(problem.code, ErrorCode::TooManyIdempotencyKeys);
    let wait: u64 = refused
        .header("retry-after")
        .and_then(|seconds| seconds.parse().ok())
        .expect("seconds");
    assert!(
        (3_000..=3_600).contains(&wait),
        "until the first is over: {wait}"
    );
    for (key, answer) in [("first", &first), ("last", &last)] {
        let again = post(&program, &path, key, &named(key)).await;
        assert_eq!(again.text(), answer.text(), "{key}: none was dropped");
    }
    let headers = [("content-type", "application/json")];
    let address = format!("/api/v1{path}");
    let without = program.raw("POST", &address, &headers, named("without"));
    assert_eq!(without.await.expect("an answer").status, 201);
    app.signs_in(&ada).await;
    let another = program_of(&app, &ada).await;
    let others = post(&another, &path, "one more", &named("others")).await;
    assert_eq!(others.status, 201, "each has its own");

    app.clock.advance(Duration::hours(1));
    let later = post(&program, &path, "one more", &named("more")).await;
    assert_eq!(later.status, 201, "{}", later.text());
}

async fn kept_answers_take_no_more_than_their_room(app: TestApp) {
    let ada = app.owner("ada").await;
    let path = environments_of(&ada);
    let first = post(&ada, &path, "first", &named("first")).await;
    app.lets_kept_answers_take(256 * 1024 * 1024).await;
    let second = post(&ada, &path, "second", &named("second")).await;
    assert_eq!(second.status, 201, "{}", second.text());
    let refused = post(&ada, &path, "third", &named("third")).await;
    let problem = well_formed_refusal("third", &refused);
    assert_eq!(problem.code, ErrorCode::TooManyIdempotencyKeys);
    let again = post(&ada, &path, "first", &named("first")).await;
    assert_eq!(again.text(), first.text());
}

async fn the_platforms_keys_have_no_limit(app: TestApp) {
    let ada = app.owner("ada").await;
    let platform = app.platform_token("Control", "environments", None).await;
    let path = environments_of(&ada);
    let first = post(&platform, &path, "first", &named("first")).await;
    assert_eq!(first.status, 201, "{}", first.text());
    app.used_keys(&platform, 20_000).await;
    app.clock.advance(Duration::hours(23));
    let more = post(&platform, &path, "more", &named("more")).await;
    assert_eq!(more.status, 201, "{}", more.text());
    let again = post(&platform, &path, "first", &named("first")).await;
    assert_eq!(again.text(), first.text(), "it was not dropped");
}

on_both_databases! {
    what_was_committed_is_not_done_again_though_its_answer_was_lost,
    an_answer_that_is_large_is_kept_too,
    a_key_counts_for_a_day_however_many_there_are,
    kept_answers_take_no_more_than_their_room,
    the_platforms_keys_have_no_limit,
}
