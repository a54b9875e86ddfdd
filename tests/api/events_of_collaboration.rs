//! Live: who manages the collaboration of an environment hears of those who have access there, and an owner of
//! what becomes of invitations.

use accord_client::types::{Event, Item, MailState, Member, MemberStatus};
use accord_testkit::people::share;
use accord_testkit::smtp::{SmtpMode, SmtpPeer, SmtpTls};
use accord_testkit::{Backend, Person, TestApp, on_both_databases};

use crate::ear::{Ear, is_access};

/// Somebody with one role on one thing, who has accepted.
async fn joined(app: &TestApp, owner: &Person, name: &str, item: Item, role: &str) -> Person {
    let person = app.owner(name).await;
    let role = owner.role_named(role).await;
    owner
        .invites(&person.email, vec![share(item, &[&role])])
        .await;
    person.accepts(owner).await;
    person
}

async fn record_of(owner: &Person, person: &Person) -> Member {
    let page = owner.members(owner.id, &Default::default()).await;
    let mut found = page.expect("members").items.into_iter();
    found
        .find(|member| member.email == person.email)
        .expect("a record")
}

async fn who_manages_hears_of_those_who_have_access_there_alone(app: TestApp) {
    let olga = app.owner("olga").await;
    olga.role_of("Manager", &["collaboration.manage"]).await;
    let viewer = olga.role_named("Viewer").await;
    let shop = olga.adds_environment("shop").await;
    let blog = olga.adds_environment("blog").await;
    let dana = joined(&app, &olga, "dana", Item::environment(shop.id), "Manager").await;
    let carl = joined(&app, &olga, "carl", Item::environment(blog.id), "Viewer").await;
    let carl = record_of(&olga, &carl).await;
    let mut ear = Ear::of(&dana).await;

    olga.shares_directly(&shop, &carl, &[&viewer]).await;
    ear.hears("that Carl has access", is_access(&olga)).await;
    olga.suspend_member(olga.id, carl.id)
        .await
        .expect("suspended");
    ear.hears("that Carl is suspended", is_access(&olga)).await;
    olga.activate_member(olga.id, carl.id)
        .await
        .expect("activated");
    ear.hears("that Carl is active", is_access(&olga)).await;

    let developer = olga.role_named("Developer").await;
    olga.shares_directly(&blog, &carl, &[&developer]).await;
    let stranger = olga.invites("stranger@example.com", Vec::new()).await;
    olga.remove_member(olga.id, stranger.id, None)
        .await
        .expect("removed");
    olga.remove_direct_roles(olga.id, shop.id, carl.id, None)
        .await
        .expect("taken away");
    let before = ear.hears("that Carl has no access", is_access(&olga)).await;
    let others = |event: &&Event| !matches!(event, Event::Task { .. });
    assert_eq!(before.iter().find(others), None, "what she does not see");

    let invited = vec![share(Item::ENVIRONMENTS, &[&viewer])];
    olga.invites("erin@example.com", invited).await;
    ear.hears("that Erin is invited", is_access(&olga)).await;
}

async fn who_manages_nothing_hears_of_nobody(app: TestApp) {
    let olga = app.owner("olga").await;
    let viewer = olga.role_named("Viewer").await;
    let shop = olga.adds_environment("shop").await;
    let carl = joined(&app, &olga, "carl", Item::environment(shop.id), "Viewer").await;
    let mut ear = Ear::of(&carl).await;
    let all = vec![share(Item::ENVIRONMENTS, &[&viewer])];
    olga.invites("erin@example.com", all).await;
    olga.adds_environment("blog").await;
    let carl = record_of(&olga, &carl).await;
    olga.suspend_member(olga.id, carl.id)
        .await
        .expect("suspended");
    let before = ear
        .hears("where he stands", |event| *event == Event::Collaborations)
        .await;
    assert!(!before.iter().any(is_access(&olga)), "{before:?}");
}

async fn an_owner_hears_what_becomes_of_invitations(backend: Backend) {
    let mode = SmtpMode::new(SmtpTls::Implicit).with_auth("accord", "secret");
    let mut app = TestApp::start_with_mail_server(backend, SmtpPeer::start(mode).await).await;
    let ada = app.owner("ada").await;
    let mut ear = Ear::of(&ada).await;
    let member = ada.invites("grace@example.com", Vec::new()).await;
    ear.hears("that it was handed over", |event| {
        *event == Event::Invitations
    })
    .await;
    let mail = ada.member_now(&member).await.invitation_mail;
    assert_eq!(mail.map(|mail| mail.state), Some(MailState::Sent));

    let token = app.invitation_token_for("grace@example.com").await;
    for _ in 0..2 {
        app.visitor()
            .invitation_opened(&token)
            .await
            .expect("opened");
    }
    ear.hears("that it was opened", |event| *event == Event::Invitations)
        .await;

    app.mail_server_mut().expect("a mail server").stop();
    ada.invites("linus@example.com", Vec::new()).await;
    let before = ear
        .hears("that it could not be handed over", |event| {
            *event == Event::Invitations
        })
        .await;
    let others = |event: &&Event| !matches!(event, Event::Task { .. });
    assert_eq!(before.iter().find(others), None, "opened once is told once");
    assert_eq!(ada.status_of(&member).await, MemberStatus::Pending);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_hears_what_becomes_of_invitations_on_sqlite() {
    an_owner_hears_what_becomes_of_invitations(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_hears_what_becomes_of_invitations_on_postgresql() {
    an_owner_hears_what_becomes_of_invitations(Backend::PostgreSql).await;
}

on_both_databases! {
    who_manages_hears_of_those_who_have_access_there_alone,
    who_manages_nothing_hears_of_nobody,
}
