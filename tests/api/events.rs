//! Live: what one person does is told to whoever may see it, at once, and to nobody else.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use accord_client::RawAnswer;
use accord_client::types::{
    ChooseNotification, ChooseNotifications, ErrorCode, Event, Item, Member, MemberStatus,
    NotificationKind, PageQuery, StreamEnd, UpdateAccount, UpdateEnvironment, UpdateRole, Uuid,
};
use accord_testkit::databases::{Backend, TestDatabase};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, on_both_databases};
use chrono::TimeDelta;

use crate::ear::{AT_ONCE, Ear, is_access};
use crate::support::refusal;

/// Olga shares everything that she has with Bob, as Viewer.
async fn olga_and_bob(app: &TestApp) -> (Person, Person, Member) {
    let olga = app.owner("olga").await;
    let bob = app.owner("bob").await;
    let viewer = olga.role_named("Viewer").await;
    olga.adds_environment("shop").await;
    let shares = vec![share(Item::ENVIRONMENTS, &[&viewer])];
    let member = olga.invites(&bob.email, shares).await;
    bob.accepts(&olga).await;
    (olga, bob, member)
}

async fn renames(person: &Person, environment: Uuid, owner: Uuid, name: &str) {
    let body = UpdateEnvironment {
        name: Some(name.into()),
        ..Default::default()
    };
    person
        .update_environment(owner, environment, &body, None)
        .await
        .expect("renamed");
}

async fn an_owner_hears_of_every_change(app: TestApp) {
    let olga = app.owner("olga").await;
    let bob = app.owner("bob").await;
    let mut ear = Ear::of(&olga).await;
    let mut elsewhere = Ear::of(&olga.signed_in_elsewhere().await).await;
    let viewer = olga.role_named("Viewer").await;
    let member = olga
        .invites(&bob.email, vec![share(Item::ENVIRONMENTS, &[&viewer])])
        .await;
    for ear in [&mut ear, &mut elsewhere] {
        let task = ear.hears_of("member.invite").await;
        assert_eq!(task.member_id, Some(member.id));
        let actor = task.actor.expect("somebody");
        assert_eq!((actor.id, actor.name.as_str()), (Some(olga.id), "olga"));
        assert!(task.network_address.is_some() && task.request_id.is_some());
    }
    bob.accepts(&olga).await;
    let accepted = ear.hears_of("member.accept").await;
    assert_eq!(accepted.actor.and_then(|actor| actor.id), Some(bob.id));

    let body = UpdateAccount {
        name: Some("Olga B".into()),
    };
    olga.update_account(&body, None).await.expect("renamed");
    ear.hears("her account", |event| *event == Event::Account)
        .await;
}

async fn where_one_is_signed_in_and_what_one_chose_is_told(app: TestApp) {
    let olga = app.owner("olga").await;
    let bob = app.owner("bob").await;
    let mut ear = Ear::of(&olga).await;
    let is_account = |event: &Event| *event == Event::Account;
    let elsewhere = olga.signed_in_elsewhere().await;
    let before = ear.hears("another session", is_account).await;
    assert_eq!(before, []);
    let off = ChooseNotification {
        email: Some(false),
        dashboard: None,
    };
    let body = ChooseNotifications::one(NotificationKind::LoadAlert, off);
    elsewhere
        .choose_notifications(&body, None)
        .await
        .expect("chosen");
    ear.hears("what she chose", is_account).await;
    elsewhere.sign_out().await.expect("signed out");
    ear.hears("the end of a session", is_account).await;

    // What others do with their own is none of her business.
    bob.signed_in_elsewhere().await;
    bob.choose_notifications(&body, None).await.expect("chosen");
    olga.adds_environment("shop").await;
    let of_record = |event: &Event| matches!(event, Event::Task { .. });
    let before = ear.hears("an entry", of_record).await;
    assert_eq!(before, []);
}

async fn a_member_hears_what_they_may_see_and_nothing_else(app: TestApp) {
    let olga = app.owner("olga").await;
    let bob = app.owner("bob").await;
    let viewer = olga.role_named("Viewer").await;
    let shop = olga.adds_environment("shop").await;
    let hidden = olga.adds_environment("hidden").await;
    let shares = vec![share(Item::environment(shop.id), &[&viewer])];
    let member = olga.invites(&bob.email, shares).await;
    bob.accepts(&olga).await;
    let mut ear = Ear::of(&bob).await;

    renames(&olga, hidden.id, olga.id, "hidden too").await;
    olga.group_at("parent/child").await;
    let carol = olga
        .invites(
            "carol@example.com",
            vec![share(Item::environment(shop.id), &[&viewer])],
        )
        .await;
    olga.shares_directly(&shop, &carol, &[&viewer]).await;
    olga.role_of("Own", &["files.read"]).await;
    renames(&olga, shop.id, olga.id, "store").await;

    let mut before = Vec::new();
    let task = loop {
        match ear.next().await.expect("the stream goes on") {
            Event::Task { account_id, task } => {
                assert_eq!(account_id, olga.id);
                break task;
            }
            other => before.push(other),
        }
    };
    assert_eq!(before, [], "nothing of what is not his to see");
    assert_eq!(
        (task.action.as_str(), task.environment_id),
        ("environment.update", Some(shop.id))
    );
    let facts = task.after.expect("what changed");
    assert_eq!(facts["name"], "store");
    assert!(facts.get("group_ids").is_none(), "{facts}");
    assert_eq!((task.request_id, task.network_address), (None, None));

    // His own record is his to see, but for how the owner calls him.
    olga.shares_directly(&hidden, &member, &[&viewer]).await;
    let task = ear.hears_of("environment.share").await;
    assert_eq!(task.member_id, Some(member.id));
}

async fn a_change_of_access_is_told_to_whom_it_concerns(app: TestApp) {
    let (olga, bob, member) = olga_and_bob(&app).await;
    let developer = olga.role_of("Own", &["files.read"]).await;
    let unused = olga.role_of("Unused", &["files.read"]).await;
    let shop = olga.adds_environment("blog").await;
    olga.shares_directly(&shop, &member, &[&developer]).await;
    let mut ear = Ear::of(&bob).await;
    let logs = olga.policy_of("Logs", &["logs.read"]).await;
    let also_logs = |role: &accord_client::types::Role| UpdateRole {
        policy_ids: Some(vec![role.policy_ids[0], logs.id]),
        ..Default::default()
    };
    olga.update_role(olga.id, unused.id, &also_logs(&unused), None)
        .await
        .expect("changed");
    olga.update_role(olga.id, developer.id, &also_logs(&developer), None)
        .await
        .expect("changed");
    let before = ear.hears("what his role allows", is_access(&olga)).await;
    assert_eq!(
        before,
        [],
        "the role that he does not have is none of his business"
    );
    let now = bob.actions_on(&shop).await;
    assert!(now.iter().any(|action| action == "logs.read"), "{now:?}");

    olga.adds_environment("new").await;
    ear.hears("a new environment", is_access(&olga)).await;
}

async fn suspending_reaches_an_open_stream_at_once(app: TestApp) {
    let (olga, bob, member) = olga_and_bob(&app).await;
    let shop = bob.sees().await.remove(0);
    let mut ear = Ear::of(&bob).await;
    let begun = Instant::now();
    olga.suspend_member(olga.id, member.id)
        .await
        .expect("suspended");
    ear.hears("where he stands", |event| *event == Event::Collaborations)
        .await;
    ear.hears("that nothing is shared", is_access(&olga)).await;
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    assert!(bob.sees().await.is_empty());

    // Everything about the host stops.
    renames(&olga, shop.id, olga.id, "unseen").await;
    let body = UpdateAccount {
        name: Some("Robert".into()),
    };
    bob.update_account(&body, None).await.expect("renamed");
    let before = ear
        .hears("his own account", |event| *event == Event::Account)
        .await;
    let of_olga =
        |event: &&Event| matches!(event, Event::Task { account_id, .. } if *account_id == olga.id);
    assert_eq!(before.iter().find(of_olga), None);

    olga.activate_member(olga.id, member.id)
        .await
        .expect("activated");
    ear.hears("where he stands", |event| *event == Event::Collaborations)
        .await;
    ear.hears("that something is shared again", is_access(&olga))
        .await;
    assert_eq!(bob.sees().await.len(), 1);
}

async fn an_invitation_and_its_end_reach_who_is_invited(app: TestApp) {
    let olga = app.owner("olga").await;
    let bob = app.owner("bob").await;
    let carol = app.sign_up("carol@example.com", "carol").await;
    let mut ear = Ear::of(&bob).await;
    let mut unverified = Ear::of(&carol).await;
    let member = olga.invites(&bob.email, Vec::new()).await;
    olga.invites("carol@example.com", Vec::new()).await;
    ear.hears("the invitation", |event| *event == Event::Collaborations)
        .await;
    assert_eq!(
        bob.collaboration_with(&olga).await.map(|one| one.status),
        Some(MemberStatus::Pending)
    );
    olga.remove_member(olga.id, member.id, None)
        .await
        .expect("removed");
    ear.hears("its end", |event| *event == Event::Collaborations)
        .await;
    assert!(bob.collaboration_with(&olga).await.is_none());

    // Whoever has not proven their address hears of it only then.
    app.verify(&carol).await;
    let before = unverified
        .hears("her address", |event| *event == Event::Account)
        .await;
    assert_eq!(before, []);
    unverified
        .hears("the invitation", |event| *event == Event::Collaborations)
        .await;
}

async fn what_ends_by_itself_is_told(app: TestApp) {
    let (olga, bob, member) = olga_and_bob(&app).await;
    let viewer = olga.role_named("Viewer").await;
    let blog = olga.adds_environment("blog").await;
    let body = accord_client::types::DirectRoles {
        role_ids: vec![viewer.id],
        expires_at: Some(app.clock.now() + TimeDelta::seconds(2)),
    };
    olga.set_direct_roles(olga.id, blog.id, member.id, &body, None)
        .await
        .expect("shared for two seconds");
    let mut ear = Ear::of(&bob).await;
    ear.hears("that the share ended", is_access(&olga)).await;
}

async fn a_stream_ends_with_its_session(app: TestApp) {
    let olga = app.owner("olga").await;
    let here = olga.signed_in_elsewhere().await;
    let ear = Ear::of(&here).await;
    here.sign_out().await.expect("signed out");
    ear.ends(StreamEnd::SessionEnded).await;

    let there = olga.signed_in_elsewhere().await;
    let (kept, ear) = (Ear::of(&olga).await, Ear::of(&there).await);
    olga.end_other_sessions().await.expect("ended");
    ear.ends(StreamEnd::SessionEnded).await;

    app.disables(&olga, true).await;
    kept.ends(StreamEnd::SessionEnded).await;
    assert_eq!(refusal(olga.events(None).await), ErrorCode::NotSignedIn);
}

async fn a_stream_outlives_its_access_token(app: TestApp) {
    let olga = app.owner("olga").await;
    let mut ear = Ear::of(&olga).await;
    app.clock.advance(TimeDelta::minutes(10));
    // The call is refreshed; the stream needs nothing.
    olga.adds_environment("shop").await;
    ear.hears_of("environment.create").await;

    // The session itself has its end.
    app.clock.advance(TimeDelta::days(31));
    app.operator_makes("eve@example.com", "eve").await;
    app.disables(&olga, true).await;
    ear.ends(StreamEnd::SessionEnded).await;
}

async fn a_stream_goes_on_where_it_was(app: TestApp) {
    let (olga, bob, _) = olga_and_bob(&app).await;
    for person in [&olga, &bob] {
        let mut ear = Ear::of(person).await;
        let begin = ear.events.last_event_id().map(str::to_owned);
        assert!(begin.is_some(), "one can go on from the beginning too");
        olga.adds_environment(&format!("first {}", person.name))
            .await;
        let first = ear.hears_of("environment.create").await;
        let last = ear.events.last_event_id().map(str::to_owned);
        assert_eq!(last, Some(first.id.to_string()));
        drop(ear);

        let missed = olga
            .adds_environment(&format!("second {}", person.name))
            .await;
        for from in [begin, last] {
            let mut ear = Ear::from(person, from.as_deref()).await;
            loop {
                let task = ear.hears_of("environment.create").await;
                if task.environment_id == Some(missed.id) {
                    break;
                }
            }
        }
        // Without it nothing is told that happened before.
        let mut ear = Ear::of(person).await;
        let third = olga
            .adds_environment(&format!("third {}", person.name))
            .await;
        let task = ear.hears_of("environment.create").await;
        assert_eq!(task.environment_id, Some(third.id));
    }
}

async fn ask(person: &Person, headers: &[(&str, &str)]) -> RawAnswer {
    person
        .raw("GET", "/api/v1/events", headers, "")
        .await
        .expect("an answer")
}

async fn a_stream_is_kept_from_caches_and_gatherers(app: TestApp) {
    let olga = app.owner("olga").await;
    let answer = ask(&olga, &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert_eq!(
        answer.header("cache-control"),
        Some("no-store, no-transform")
    );
    assert_eq!(answer.header("x-accel-buffering"), Some("no"));
    assert_eq!(answer.header("content-encoding"), None);
    let head = olga.raw("HEAD", "/api/v1/events", &[], "").await;
    assert_eq!(head.expect("an answer").status, 200);

    for nonsense in ["7", "x", "é", "00000000-0000-4000-8000-000000000000"] {
        let answer = ask(&olga, &[("last-event-id", nonsense)]).await;
        let problem = crate::support::well_formed_refusal(nonsense, &answer);
        assert_eq!(problem.code, ErrorCode::ValidationFailed, "{nonsense}");
        assert_eq!(problem.errors[0].pointer, "Last-Event-ID");
    }
    // An id from far away is an id.
    for far in [
        "00000000-0000-7000-8000-000000000000",
        "ffffffff-ffff-7fff-bfff-ffffffffffff",
    ] {
        assert_eq!(ask(&olga, &[("last-event-id", far)]).await.status, 200);
    }
}

async fn an_account_has_room_for_so_many_streams(app: TestApp) {
    let olga = app.owner("olga").await;
    let mut open = Vec::new();
    let refused = loop {
        match olga.events(None).await {
            Ok(stream) => open.push(stream),
            Err(error) => break error,
        }
        assert!(open.len() < 1_000, "there is no limit");
    };
    assert_eq!(refused.code(), Some(ErrorCode::RateLimited));
    app.owner("bob")
        .await
        .events(None)
        .await
        .expect("room for others");
    drop(open);
    // Those who left are noticed by what can no longer be sent to them.
    let names = AtomicUsize::new(0);
    accord_testkit::eventually("there is room again", async || {
        let name = format!("shop-{}", names.fetch_add(1, Ordering::Relaxed));
        olga.adds_environment(&name).await;
        olga.events(None).await.is_ok()
    })
    .await;
}

async fn a_server_that_stops_says_so(mut app: TestApp) {
    let olga = app.owner("olga").await;
    let mut ear = Ear::of(&olga).await;
    let last = ear.events.last_event_id().map(str::to_owned);
    app.stops_and_starts_again().await;
    let end = Event::End {
        reason: StreamEnd::Stopping,
    };
    ear.hears("that it stops", |event| *event == end).await;
    olga.adds_environment("shop").await;
    let mut ear = Ear::from(&olga, last.as_deref()).await;
    ear.hears_of("environment.create").await;
}

on_both_databases!(
    an_owner_hears_of_every_change,
    where_one_is_signed_in_and_what_one_chose_is_told,
    a_member_hears_what_they_may_see_and_nothing_else,
    a_change_of_access_is_told_to_whom_it_concerns,
    suspending_reaches_an_open_stream_at_once,
    an_invitation_and_its_end_reach_who_is_invited,
    what_ends_by_itself_is_told,
    a_stream_ends_with_its_session,
    a_stream_outlives_its_access_token,
    a_stream_goes_on_where_it_was,
    a_stream_is_kept_from_caches_and_gatherers,
    an_account_has_room_for_so_many_streams,
    a_server_that_stops_says_so,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_on_one_instance_is_told_on_another() {
    let database = TestDatabase::fresh(Backend::PostgreSql).await;
    let here = TestApp::start_on(database.url()).await;
    let there = here.another_instance().await;
    let (olga, bob, member) = olga_and_bob(&here).await;
    let bob_there = bob.signed_in_at(&there).await;
    let mut ear = Ear::of(&bob_there).await;
    let shop = bob.sees().await.remove(0);
    renames(&olga, shop.id, olga.id, "store").await;
    ear.hears_of("environment.update").await;

    let begun = Instant::now();
    olga.suspend_member(olga.id, member.id)
        .await
        .expect("suspended");
    ear.hears("that nothing is shared", is_access(&olga)).await;
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());

    // Ended there by whoever is signed in here.
    let sessions = bob.sessions(&PageQuery::default()).await.expect("sessions");
    for session in sessions.items.iter().filter(|session| !session.current) {
        bob.end_session(session.id).await.expect("ended");
    }
    ear.ends(StreamEnd::SessionEnded).await;
}
