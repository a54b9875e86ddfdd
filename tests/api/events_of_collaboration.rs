//! Live: who manages the collaboration of an environment hears of those who have access there, and an owner of
//! what becomes of invitations.

use accord_client::types::{
    Event, Item, MailState, Member, MemberStatus, UpdateAccount, UpdateEnvironment, UpdateMember,
    UpdateRole,
};
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

async fn how_they_are_called_and_whether_their_account_counts_is_heard(app: TestApp) {
    let olga = app.owner("olga").await;
    olga.role_of("Manager", &["collaboration.manage"]).await;
    let shop = olga.adds_environment("shop").await;
    let dana = joined(&app, &olga, "dana", Item::environment(shop.id), "Manager").await;
    let carl = joined(&app, &olga, "carl", Item::environment(shop.id), "Viewer").await;
    let record = record_of(&olga, &carl).await;
    let mut ear = Ear::of(&dana).await;
    let body = UpdateMember {
        display_name: Some(Some("Carl of accounts".into())),
        ..Default::default()
    };
    olga.update_member(olga.id, record.id, &body, None)
        .await
        .expect("renamed");
    ear.hears("what Carl is called", is_access(&olga)).await;
    olga.suspend_member(olga.id, record.id)
        .await
        .expect("suspended");
    ear.hears("that Carl is suspended", is_access(&olga)).await;
    app.disables(&carl, true).await;
    ear.hears("that his account is disabled", is_access(&olga))
        .await;
}

/// The shop and the blog change places: what Dana manages lies in the same groups all in all.
async fn environments_that_change_places_are_heard(app: TestApp) {
    let olga = app.owner("olga").await;
    olga.role_of("Manager", &["collaboration.manage"]).await;
    let (red, blue) = (olga.group_at("red").await, olga.group_at("blue").await);
    let shop = olga.adds_environment_in("shop", &[&red]).await;
    let blog = olga.adds_environment_in("blog", &[&blue]).await;
    let dana = joined(&app, &olga, "dana", Item::environment(shop.id), "Manager").await;
    let dana_there = record_of(&olga, &dana).await;
    let manager = olga.role_named("Manager").await;
    olga.shares_directly(&blog, &dana_there, &[&manager]).await;
    joined(&app, &olga, "carl", Item::group(red.id), "Viewer").await;
    joined(&app, &olga, "erin", Item::group(blue.id), "Viewer").await;
    let moves = async |environment, groups: Vec<_>| {
        let body = UpdateEnvironment {
            group_ids: Some(groups),
            ..Default::default()
        };
        olga.update_environment(olga.id, environment, &body, None)
            .await
            .expect("moved");
    };
    // So that the last step alone keeps the same groups.
    moves(shop.id, vec![red.id, blue.id]).await;
    moves(blog.id, vec![red.id, blue.id]).await;
    moves(shop.id, vec![blue.id]).await;
    let mut ear = Ear::of(&dana).await;
    moves(blog.id, vec![red.id]).await;
    ear.hears("that Erin left the blog", is_access(&olga)).await;
}

/// What lies under direct roles is not in the list, and says nothing as long as it would give nothing new.
async fn what_lies_hidden_under_direct_roles_is_not_heard(app: TestApp) {
    let olga = app.owner("olga").await;
    olga.role_of("Manager", &["collaboration.manage", "files.read"])
        .await;
    let secret = olga.role_of("Secret", &["files.read"]).await;
    let viewer = olga.role_named("Viewer").await;
    let vault = olga.group_at("vault").await;
    let shop = olga.adds_environment_in("shop", &[&vault]).await;
    olga.adds_environment("blog").await;
    let dana = joined(&app, &olga, "dana", Item::environment(shop.id), "Manager").await;
    let carl = joined(&app, &olga, "carl", Item::environment(shop.id), "Secret").await;
    let record = record_of(&olga, &carl).await;
    let mut ear = Ear::of(&dana).await;
    let given = async |shares| {
        let body = UpdateMember {
            shares: Some(shares),
            ..Default::default()
        };
        olga.update_member(olga.id, record.id, &body, None)
            .await
            .expect("changed");
    };
    let direct = || share(Item::environment(shop.id), &[&secret]);
    let other = olga.role_of("Other", &["files.read"]).await;
    given(vec![direct(), share(Item::ENVIRONMENTS, &[&other])]).await;
    given(vec![direct(), share(Item::group(vault.id), &[&other])]).await;
    let body = UpdateRole {
        name: Some("Another".into()),
        ..Default::default()
    };
    olga.update_role(olga.id, other.id, &body, None)
        .await
        .expect("renamed");
    let body = UpdateAccount {
        name: Some("Dana D".into()),
    };
    dana.update_account(&body, None).await.expect("renamed");
    // Looked at after all of it was committed.
    let before = ear
        .hears("her own account", |event| *event == Event::Account)
        .await;
    assert!(!before.iter().any(is_access(&olga)), "{before:?}");

    // Taken away, the direct roles would give what she lacks: the list says so, and so it is heard.
    given(vec![direct(), share(Item::ENVIRONMENTS, &[&viewer])]).await;
    ear.hears("that his roles are not hers to take", is_access(&olga))
        .await;
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
    how_they_are_called_and_whether_their_account_counts_is_heard,
    environments_that_change_places_are_heard,
    what_lies_hidden_under_direct_roles_is_not_heard,
    who_manages_nothing_hears_of_nobody,
}
