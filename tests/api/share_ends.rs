//! Shares with an end: they stop by themselves, and those concerned hear of it before and then.

use accord_client::types::{
    DateTime, Item, Member, NewShare, Notification, NotificationKind, Role, TasksQuery,
    UpdateMember, Utc,
};
use accord_testkit::people::share;
use accord_testkit::{Backend, Person, TestApp, eventually, on_both_databases};
use chrono::{Duration, SubsecRound as _};

use crate::notification_preferences::chooses;
use crate::notifications::told;

async fn of_kind(person: &Person, kind: NotificationKind) -> Vec<Notification> {
    let mut all = told(person).await;
    all.retain(|told| told.kind == kind);
    all
}

async fn hears(person: &Person, kind: NotificationKind, times: usize) {
    let heard = async || of_kind(person, kind).await.len() == times;
    eventually(
        &format!("{} hears {times} times of {kind}", person.email),
        heard,
    )
    .await;
}

fn until(share: NewShare, end: DateTime<Utc>) -> NewShare {
    NewShare {
        expires_at: Some(end),
        ..share
    }
}

async fn gives(owner: &Person, member: &Member, shares: Vec<NewShare>) {
    let body = UpdateMember {
        shares: Some(shares),
        ..Default::default()
    };
    owner
        .update_member(owner.id, member.id, &body, None)
        .await
        .expect("given");
}

async fn both_sides_hear_of_an_end_before_and_when_it_comes(app: TestApp) {
    use NotificationKind::{SharesEnded, SharesEnding};
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let viewer = ada.role_named("Viewer").await;
    let shop = ada.adds_environment("shop").await;
    let blog = ada.adds_environment("blog").await;
    let end = (app.clock.now() + Duration::days(10)).trunc_subsecs(0);
    let shop_until = |end| until(share(Item::environment(shop.id), &[&viewer]), end);
    let for_good = share(Item::environment(blog.id), &[&viewer]);
    let member = ada
        .invites(&bob.email, vec![shop_until(end), for_good.clone()])
        .await;
    bob.accepts(&ada).await;

    app.clock.advance(Duration::days(8));
    app.signs_in(&ada).await;
    app.signs_in(&bob).await;
    hears(&bob, SharesEnding, 1).await;
    hears(&ada, SharesEnding, 1).await;
    let to_bob = of_kind(&bob, SharesEnding).await.remove(0).params;
    assert_eq!(to_bob.owner_name.as_deref(), Some("ada"));
    assert_eq!(to_bob.items.len(), 1, "the blog has no end");
    assert_eq!(
        (to_bob.items[0].item.as_str(), to_bob.items[0].expires_at),
        ("shop", Some(end))
    );
    let to_ada = of_kind(&ada, SharesEnding).await.remove(0);
    assert_eq!(to_ada.member_id, Some(member.id));
    assert_eq!(to_ada.params.owner_name, None);
    app.mail_about(&bob.email, "ends soon").await;
    app.mail_about(&ada.email, "ends soon").await;
    assert_eq!(bob.sees().await.len(), 2, "nothing has changed yet");

    // Extended: it will be told anew, and not before its time.
    let later = end + Duration::days(30);
    gives(&ada, &member, vec![shop_until(later), for_good]).await;
    app.clock.advance(Duration::days(4));
    app.signs_in(&ada).await;
    app.signs_in(&bob).await;
    assert_eq!(bob.sees().await.len(), 2, "it was extended");
    app.clock.advance(Duration::days(26));
    app.signs_in(&ada).await;
    app.signs_in(&bob).await;
    hears(&bob, SharesEnding, 2).await;
    assert_eq!(of_kind(&bob, SharesEnded).await.len(), 0);

    app.clock.advance(Duration::days(3));
    app.signs_in(&ada).await;
    app.signs_in(&bob).await;
    let seen: Vec<String> = bob.sees().await.into_iter().map(|seen| seen.name).collect();
    assert_eq!(seen, ["blog"], "whether anybody was told of it yet or not");
    hears(&bob, SharesEnded, 1).await;
    hears(&ada, SharesEnded, 1).await;
    app.mail_about(&bob.email, "has ended").await;

    let query = TasksQuery {
        action: Some("member.end_shares".into()),
        ..Default::default()
    };
    let ends = ada.tasks(ada.id, &query).await.expect("a page").items;
    assert_eq!(ends.len(), 1, "{ends:#?}");
    assert_eq!(ends[0].means, "itself");
    assert_eq!(ends[0].member_id, Some(member.id));
    let actor = ends[0].actor.as_ref().expect("named");
    assert_eq!((actor.id, actor.name.as_str()), (None, "Accord"));
}

async fn of_an_end_that_has_come_nobody_is_reminded(app: TestApp) {
    use NotificationKind::{SharesEnded, SharesEnding};
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let cleo = app.owner("cleo").await;
    let viewer = ada.role_named("Viewer").await;
    let everything = share(Item::ENVIRONMENTS, &[&viewer]);
    let soon = until(everything, app.clock.now() + Duration::hours(1));
    ada.invites(&bob.email, vec![soon.clone()]).await;
    bob.accepts(&ada).await;
    ada.invites(&cleo.email, vec![soon.clone()]).await;
    cleo.accepts(&ada).await;
    ada.invites("dora@example.com", vec![soon]).await;

    app.clock.advance(Duration::hours(2));
    app.signs_in(&ada).await;
    app.signs_in(&bob).await;
    hears(&ada, SharesEnded, 1).await;
    hears(&bob, SharesEnded, 1).await;
    assert_eq!(of_kind(&ada, SharesEnding).await.len(), 0);
    assert_eq!(of_kind(&bob, SharesEnding).await.len(), 0);
    let told = of_kind(&ada, SharesEnded).await.remove(0);
    assert_eq!(told.member_id, None, "one notice of both");
    let mut names: Vec<Option<String>> = told
        .params
        .items
        .into_iter()
        .map(|item| item.member_name)
        .collect();
    names.sort();
    let named = |email: &str| Some(email.to_owned());
    assert_eq!(names, [named(&bob.email), named(&cleo.email)]);
}

/// Somebody with an account who collaborates with the owner until then.
async fn joins_until(
    app: &TestApp,
    owner: &Person,
    name: &str,
    role: &Role,
    end: DateTime<Utc>,
) -> (Person, Member) {
    let person = app.owner(name).await;
    let everything = share(Item::ENVIRONMENTS, &[role]);
    let member = owner.invites(&person.email, vec![until(everything, end)]);
    let member = member.await;
    person.accepts(owner).await;
    (person, member)
}

async fn pass(app: &TestApp, people: &[&Person], time: Duration) {
    app.clock.advance(time);
    for person in people {
        app.signs_in(person).await;
    }
}

async fn a_short_share_is_reminded_of_when_half_of_it_is_over(app: TestApp) {
    use NotificationKind::SharesEnding;
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    let begin = app.clock.now();
    let (bob, _) = joins_until(&app, &ada, "bob", &viewer, begin + Duration::days(2)).await;
    let (cleo, _) = joins_until(&app, &ada, "cleo", &viewer, begin + Duration::days(1)).await;

    pass(&app, &[&ada, &bob, &cleo], Duration::hours(23)).await;
    hears(&cleo, SharesEnding, 1).await;
    assert_eq!(of_kind(&bob, SharesEnding).await.len(), 0, "not yet");
    let told = of_kind(&ada, SharesEnding).await.remove(0);
    assert_eq!(told.params.member_email, Some(cleo.email.clone()));

    pass(&app, &[&ada, &bob, &cleo], Duration::hours(2)).await;
    hears(&bob, SharesEnding, 1).await;
    hears(&ada, SharesEnding, 2).await;
    app.mail_about(&bob.email, "ends soon").await;
}

async fn who_is_not_there_is_reminded_once_they_are(app: TestApp) {
    use NotificationKind::{SharesEnded, SharesEnding};
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    let end = app.clock.now() + Duration::days(4);
    let (bob, _) = joins_until(&app, &ada, "bob", &viewer, end).await;
    let (cleo, suspended) = joins_until(&app, &ada, "cleo", &viewer, end).await;
    let suspend = ada.suspend_member(ada.id, suspended.id).await;
    suspend.expect("suspended");
    let dora = app.owner("dora").await;
    let everything = share(Item::ENVIRONMENTS, &[&viewer]);
    ada.invites(&dora.email, vec![until(everything, end)]).await;
    let all = [&ada, &bob, &cleo, &dora];

    pass(&app, &all, Duration::days(2)).await;
    hears(&bob, SharesEnding, 1).await;
    hears(&ada, SharesEnding, 1).await;
    for away in [&cleo, &dora] {
        assert_eq!(of_kind(away, SharesEnding).await.len(), 0);
    }
    dora.accepts(&ada).await;
    hears(&dora, SharesEnding, 1).await;
    hears(&ada, SharesEnding, 2).await;
    let activate = ada.activate_member(ada.id, suspended.id).await;
    activate.expect("activated");
    hears(&cleo, SharesEnding, 1).await;
    hears(&ada, SharesEnding, 3).await;

    pass(&app, &all, Duration::days(2)).await;
    for person in [&bob, &cleo, &dora] {
        hears(person, SharesEnded, 1).await;
        assert_eq!(of_kind(person, SharesEnding).await.len(), 1, "once");
    }
}

async fn nothing_is_said_of_an_end_that_came_before_they_were_there(app: TestApp) {
    use NotificationKind::{SharesEnded, SharesEnding};
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    let end = app.clock.now() + Duration::days(4);
    let (bob, _) = joins_until(&app, &ada, "bob", &viewer, end).await;
    let dora = app.owner("dora").await;
    let everything = share(Item::ENVIRONMENTS, &[&viewer]);
    ada.invites(&dora.email, vec![until(everything, end)]).await;

    pass(&app, &[&ada, &bob, &dora], Duration::days(5)).await;
    hears(&bob, SharesEnded, 1).await;
    dora.accepts(&ada).await;
    let (late, _) = joins_until(
        &app,
        &ada,
        "late",
        &viewer,
        app.clock.now() + Duration::hours(1),
    )
    .await;
    pass(&app, &[&ada, &dora, &late], Duration::minutes(31)).await;
    hears(&late, SharesEnding, 1).await;
    for kind in [SharesEnding, SharesEnded] {
        assert_eq!(of_kind(&dora, kind).await.len(), 0, "{kind}");
    }
}

async fn the_operator_says_how_long_before(backend: Backend) {
    use NotificationKind::SharesEnding;
    let app = TestApp::start_with_settings(backend, |options| {
        options.share_reminder = Some("12h".into());
    })
    .await;
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    let begin = app.clock.now();
    let (bob, _) = joins_until(&app, &ada, "bob", &viewer, begin + Duration::hours(72)).await;
    let (cleo, _) = joins_until(&app, &ada, "cleo", &viewer, begin + Duration::hours(70)).await;
    pass(&app, &[&ada, &bob, &cleo], Duration::hours(59)).await;
    hears(&cleo, SharesEnding, 1).await;
    assert_eq!(of_kind(&bob, SharesEnding).await.len(), 0, "not yet");
    pass(&app, &[&ada, &bob], Duration::hours(2)).await;
    hears(&bob, SharesEnding, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operator_says_how_long_before_on_sqlite() {
    the_operator_says_how_long_before(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operator_says_how_long_before_on_postgresql() {
    the_operator_says_how_long_before(Backend::PostgreSql).await;
}

/// The first account, by its id, cannot be told: what it chose cannot be read.
async fn an_account_that_fails_keeps_nobody_from_theirs(app: TestApp) {
    use NotificationKind::SharesEnded;
    let bad = app.owner("bad").await;
    let ada = app.owner("ada").await;
    let viewer = bad.role_named("Viewer").await;
    let end = app.clock.now() + Duration::hours(1);
    let (bob, of_bad) = joins_until(&app, &bad, "bob", &viewer, end).await;
    let viewer = ada.role_named("Viewer").await;
    let (cleo, _) = joins_until(&app, &ada, "cleo", &viewer, end).await;
    chooses(&bad, SharesEnded, Some(false), None).await;
    app.by_hand("UPDATE notification_preferences SET choices = '\"nonsense\"'")
        .await;
    assert!(bad.id < ada.id, "it comes first");

    pass(&app, &[&bad, &ada, &bob, &cleo], Duration::hours(2)).await;
    hears(&cleo, SharesEnded, 1).await;
    hears(&ada, SharesEnded, 1).await;
    let query = TasksQuery {
        action: Some("member.end_shares".into()),
        member_id: Some(of_bad.id),
        ..Default::default()
    };
    let recorded = async || bad.tasks(bad.id, &query).await.expect("a page").items.len();
    assert_eq!(
        recorded().await,
        0,
        "it is done with all that belongs to it"
    );
    assert_eq!(of_kind(&bob, SharesEnded).await.len(), 0);
    app.by_hand("UPDATE notification_preferences SET choices = '{}'")
        .await;
    hears(&bob, SharesEnded, 1).await;
    assert_eq!(recorded().await, 1);
}

/// More than one transaction takes: each person is told of all that ends for them at once, the owner in parts.
async fn many_ends_are_told_in_parts(app: TestApp) {
    use NotificationKind::SharesEnded;
    const EACH: usize = 90;
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    let mut environments = Vec::new();
    for number in 0..EACH {
        environments.push(ada.adds_environment(&format!("e{number}")).await);
    }
    let end = app.clock.now() + Duration::hours(1);
    let shares: Vec<NewShare> = environments
        .iter()
        .map(|made| until(share(Item::environment(made.id), &[&viewer]), end))
        .collect();
    let mut people = Vec::new();
    for name in ["bob", "cleo", "dora"] {
        let person = app.owner(name).await;
        ada.invites(&person.email, shares.clone()).await;
        person.accepts(&ada).await;
        people.push(person);
    }
    pass(&app, &[&ada], Duration::hours(2)).await;
    let items = |told: &Notification| {
        let more = told.params.more_items.unwrap_or_default();
        told.params.items.len() + usize::try_from(more).expect("a number")
    };
    for person in &people {
        app.signs_in(person).await;
        hears(person, SharesEnded, 1).await;
        assert_eq!(items(&of_kind(person, SharesEnded).await[0]), EACH);
    }
    let of_parts: Vec<usize> = of_kind(&ada, SharesEnded).await.iter().map(items).collect();
    assert_eq!(of_parts, [EACH, 2 * EACH], "the newest first");
    let query = TasksQuery {
        action: Some("member.end_shares".into()),
        ..Default::default()
    };
    let recorded = ada.tasks(ada.id, &query).await.expect("a page").items;
    assert_eq!(recorded.len(), people.len(), "each once");
}

on_both_databases! {
    both_sides_hear_of_an_end_before_and_when_it_comes,
    of_an_end_that_has_come_nobody_is_reminded,
    a_short_share_is_reminded_of_when_half_of_it_is_over,
    who_is_not_there_is_reminded_once_they_are,
    nothing_is_said_of_an_end_that_came_before_they_were_there,
    an_account_that_fails_keeps_nobody_from_theirs,
    many_ends_are_told_in_parts,
}
