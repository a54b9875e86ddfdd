//! What is kept for a while only.

use accord_client::types::{Member, TimelineEventKind, TimelineQuery};
use accord_testkit::smtp::{SmtpMode, SmtpPeer, SmtpTls};
use accord_testkit::{Backend, Person, TestApp, eventually};
use chrono::Duration;

async fn mails_told_of(owner: &Person, member: &Member) -> usize {
    let query = TimelineQuery::default();
    let page = owner.member_timeline(owner.id, member.id, &query).await;
    let events = page.expect("a page").items.into_iter();
    events
        .filter(|event| event.event == TimelineEventKind::MailSent)
        .count()
}

async fn a_mail_that_was_sent_is_forgotten_after_ninety_days(backend: Backend) {
    let peer = SmtpPeer::start(SmtpMode::new(SmtpTls::None)).await;
    let mut app = TestApp::start_with_mail_server(backend, peer).await;
    let ada = app.owner("ada").await;
    let member = ada.invites("bob@example.com", Vec::new()).await;
    let sent = async || mails_told_of(&ada, &member).await == 1;
    eventually("the invitation is handed over", sent).await;

    app.clock.advance(Duration::days(89));
    app.stops_and_starts_again().await;
    app.signs_in(&ada).await;
    assert_eq!(mails_told_of(&ada, &member).await, 1);
    app.clock.advance(Duration::days(2));
    app.stops_and_starts_again().await;
    app.signs_in(&ada).await;
    let forgotten = async || mails_told_of(&ada, &member).await == 0;
    eventually("the mail is forgotten", forgotten).await;
}

async fn a_step_that_fails_keeps_no_other_from_its_work(backend: Backend) {
    let peer = SmtpPeer::start(SmtpMode::new(SmtpTls::None)).await;
    let app = TestApp::start_with_mail_server(backend, peer).await;
    let ada = app.owner("ada").await;
    let member = ada.invites("bob@example.com", Vec::new()).await;
    let sent = async || mails_told_of(&ada, &member).await == 1;
    eventually("the invitation is handed over", sent).await;
    app.clock.advance(Duration::days(91));
    app.by_hand("ALTER TABLE idempotency_keys RENAME TO elsewhere")
        .await;
    let swept = app.sweeps().await;
    swept.expect_err("keys are looked for before mail, and not found");
    app.signs_in(&ada).await;
    assert_eq!(
        mails_told_of(&ada, &member).await,
        0,
        "the mail is forgotten"
    );
    app.by_hand("ALTER TABLE elsewhere RENAME TO idempotency_keys")
        .await;
    app.sweeps().await.expect("every step is done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_fails_keeps_no_other_from_its_work_sqlite() {
    a_step_that_fails_keeps_no_other_from_its_work(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_fails_keeps_no_other_from_its_work_postgres() {
    a_step_that_fails_keeps_no_other_from_its_work(Backend::PostgreSql).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_was_sent_is_forgotten_after_ninety_days_sqlite() {
    a_mail_that_was_sent_is_forgotten_after_ninety_days(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_was_sent_is_forgotten_after_ninety_days_postgres() {
    a_mail_that_was_sent_is_forgotten_after_ninety_days(Backend::PostgreSql).await;
}
