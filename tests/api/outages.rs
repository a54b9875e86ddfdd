//! The database, the mail server or the program away: requests fail clearly, nothing that was
//! acknowledged is lost, and all goes on when it returns.

use std::sync::atomic::{AtomicBool, Ordering};

use accord_client::types::{
    CreateEnvironment, ErrorCode, InvitationState, Invite, MailState, MemberStatus, SignIn,
};
use accord_testkit::databases::PostgresCluster;
use accord_testkit::smtp::{SmtpMode, SmtpPeer, SmtpTls};
use accord_testkit::{Backend, Person, TestApp, eventually};
use chrono::Duration;

use crate::support::refusal;

/// Adds environments one after another until told to stop; answers those that were acknowledged.
async fn keeps_adding(owner: Person, done: &AtomicBool) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if done.load(Ordering::SeqCst) {
            break;
        }
        let name = format!("{} {number}", owner.name);
        let body = CreateEnvironment {
            name: name.clone(),
            ..Default::default()
        };
        match owner.create_environment(owner.id, &body).await {
            Ok(_) => acknowledged.push(name),
            Err(error) if error.is_temporary() => {}
            Err(error) => panic!("neither done nor clearly refused: {error:?}"),
        }
    }
    acknowledged
}

async fn names(owner: &Person) -> Vec<String> {
    let mut names = Vec::new();
    let mut query = accord_client::types::EnvironmentsQuery {
        limit: Some(200),
        ..Default::default()
    };
    loop {
        let page = owner.environments(owner.id, &query).await.expect("a page");
        names.extend(page.items.into_iter().map(|environment| environment.name));
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return names,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_goes_away_under_load_and_comes_back() {
    let cluster = tokio::task::spawn_blocking(PostgresCluster::private).await;
    let cluster = std::sync::Arc::new(cluster.expect("a PostgreSQL server"));
    let app = TestApp::start_on(&cluster.create_database("accord")).await;
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let visitor = app.visitor();

    let done = AtomicBool::new(false);
    let outage = async {
        let enough = async || names(&ada).await.len() >= 5;
        eventually("some environments are there", enough).await;
        let stopped = cluster.clone();
        tokio::task::spawn_blocking(move || stopped.stop())
            .await
            .expect("stopped");

        assert_eq!(refusal(ada.account().await), ErrorCode::Unavailable);
        let body = Invite {
            email: "grace@example.com".into(),
            ..Default::default()
        };
        assert_eq!(
            refusal(ada.invite(ada.id, &body).await),
            ErrorCode::Unavailable
        );
        let body = SignIn {
            email: ada.email.clone(),
            password: ada.password.clone(),
        };
        assert_eq!(
            refusal(visitor.sign_in(&body).await),
            ErrorCode::Unavailable
        );
        visitor.livez().await.expect("the program itself is alive");
        assert_eq!(
            visitor.readyz().await.expect_err("not ready").status(),
            Some(503)
        );

        let started = cluster.clone();
        tokio::task::spawn_blocking(move || started.start())
            .await
            .expect("started");
        let ready = async || visitor.readyz().await.is_ok();
        eventually("the program is ready again", ready).await;
        done.store(true, Ordering::SeqCst);
    };
    let (adas, bobs, ()) = tokio::join!(
        keeps_adding(ada.clone(), &done),
        keeps_adding(bob.clone(), &done),
        outage
    );
    for (owner, acknowledged) in [(&ada, adas), (&bob, bobs)] {
        let there = names(owner).await;
        for name in &acknowledged {
            assert!(there.contains(name), "{name} was acknowledged and is lost");
        }
    }
    let again = ada.adds_environment("after it").await;
    assert_eq!(again.name, "after it");
    assert!(
        app.mail_to("grace@example.com").await.is_empty(),
        "what was refused was not done"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_keeps_the_embedded_database_from_being_written() {
    let app = TestApp::start(Backend::Sqlite).await;
    let ada = app.owner("ada").await;
    ada.adds_environment("before it").await;
    let held = app.holds_the_database().await;
    let body = CreateEnvironment {
        name: "meanwhile".into(),
        ..Default::default()
    };
    let refused = refusal(ada.create_environment(ada.id, &body).await);
    assert_eq!(refused, ErrorCode::Unavailable);
    assert_eq!(names(&ada).await, ["before it"], "what is there is read");
    drop(held);
    ada.adds_environment("after it").await;
    assert_eq!(names(&ada).await, ["after it", "before it"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgresql_that_lets_nothing_be_written_is_read() {
    let app = TestApp::start(Backend::PostgreSql).await;
    let ada = app.owner("ada").await;
    ada.adds_environment("before it").await;
    // As a standby, from the next connection on; all present ones end.
    let lets_write = async |read_only: &str| {
        let statements = format!(
            "BEGIN READ WRITE; \
             DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {read_only}', \
             current_database()); END $$; COMMIT; \
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()"
        );
        app.by_hand(&statements).await;
    };
    lets_write("on").await;
    let body = CreateEnvironment {
        name: "meanwhile".into(),
        ..Default::default()
    };
    let refused = refusal(ada.create_environment(ada.id, &body).await);
    assert_eq!(refused, ErrorCode::Unavailable);
    assert_eq!(names(&ada).await, ["before it"], "what is there is read");
    lets_write("off").await;
    ada.adds_environment("after it").await;
    assert_eq!(names(&ada).await, ["after it", "before it"]);
}

async fn the_mail_server_goes_away(backend: Backend) {
    let peer =
        SmtpPeer::start(SmtpMode::new(SmtpTls::Implicit).with_auth("accord", "secret")).await;
    let mut app = TestApp::start_with_mail_server(backend, peer).await;
    let ada = app.owner("ada").await;
    app.mail_server_mut().expect("a mail server").stop();

    let member = ada.invites("grace@example.com", Vec::new()).await;
    assert_eq!(
        member.status,
        MemberStatus::Pending,
        "the invitation stands"
    );
    let state = async || {
        let mail = ada.member_now(&member).await.invitation_mail;
        mail.map(|mail| (mail.state, mail.error.is_some()))
    };
    let retrying = async || state().await == Some((MailState::Retrying, true));
    eventually("the owner sees that the mail waits, and why", retrying).await;

    app.crash_and_start_again().await;
    app.mail_server_mut().expect("a mail server").start_again();
    app.clock.advance(Duration::minutes(10));
    let token = app.invitation_token_for("grace@example.com").await;
    let sent = async || state().await == Some((MailState::Sent, false));
    eventually("the owner sees that it was sent", sent).await;
    let grace = app
        .accepts_as_new_person(&token, "Grace", accord_testkit::PASSWORD)
        .await;
    app.mail_about(&ada.email, "accepted").await;
    assert!(grace.account().await.expect("an account").email_verified);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_waits_for_its_server_on_sqlite() {
    the_mail_server_goes_away(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_waits_for_its_server_on_postgresql() {
    the_mail_server_goes_away(Backend::PostgreSql).await;
}

async fn the_program_crashes(mut app: TestApp) {
    let ada = app.owner("ada").await;
    let member = ada.invites("grace@example.com", Vec::new()).await;
    let token = app.invitation_token_for("grace@example.com").await;
    let done = AtomicBool::new(false);
    let crash = async {
        let enough = async || names(&ada).await.len() >= 5;
        eventually("some environments are there", enough).await;
        app.crash_and_start_again().await;
        done.store(true, Ordering::SeqCst);
    };
    let (acknowledged, ()) = tokio::join!(keeps_adding(ada.clone(), &done), crash);
    let there = names(&ada).await;
    for name in &acknowledged {
        assert!(there.contains(name), "{name} was acknowledged and is lost");
    }
    ada.refresh().await.expect("the session lives on");
    assert_eq!(ada.status_of(&member).await, MemberStatus::Pending);
    let opened = app.visitor().invitation(&token).await.expect("known");
    assert_eq!(opened.state, InvitationState::Open, "so does the link");
}

accord_testkit::on_both_databases! {
    the_program_crashes,
}
