//! Shares with an end: they stop by themselves, and those concerned hear of it before and then.

use accord_client::types::{
    DateTime, Item, Member, NewShare, Notification, NotificationKind, TasksQuery, UpdateMember, Utc,
};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, eventually, on_both_databases};
use chrono::{Duration, SubsecRound as _};

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

async fn an_end_that_was_set_a_moment_ago_is_no_news(app: TestApp) {
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

on_both_databases! {
    both_sides_hear_of_an_end_before_and_when_it_comes,
    an_end_that_was_set_a_moment_ago_is_no_news,
}
