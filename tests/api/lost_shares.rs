//! When an item or a role ends, members hear of what they lose by it.

use accord_client::types::{DeleteQuery, Item, MemberStatus, Notification, NotificationKind};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, on_both_databases};

use crate::notifications::told;

/// What somebody was told last: each item, with the roles there now and before.
async fn lost(person: &Person) -> Vec<(String, Vec<String>, Vec<String>)> {
    let newest: Notification = told(person).await.remove(0);
    assert_eq!(newest.kind, NotificationKind::SharesChanged);
    let items = newest.params.items.into_iter();
    items
        .map(|item| (item.item, item.roles, item.roles_before.unwrap_or_default()))
        .collect()
}

fn line(item: &str, now: &[&str], before: &[&str]) -> (String, Vec<String>, Vec<String>) {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    (item.to_owned(), owned(now), owned(before))
}

async fn who_loses_something_by_a_deletion_is_told(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let cleo = app.owner("cleo").await;
    let dora = app.owner("dora").await;
    let viewer = ada.role_named("Viewer").await;
    let developer = ada.role_named("Developer").await;
    let web = ada.group_at("web").await;
    let live = ada.group_at("web/live").await;
    let shop = ada.adds_environment("shop").await;
    let theirs = ada
        .invites(
            &bob.email,
            vec![
                share(Item::environment(shop.id), &[&viewer, &developer]),
                share(Item::group(live.id), &[&viewer]),
                share(Item::ENVIRONMENTS, &[&developer]),
            ],
        )
        .await;
    bob.accepts(&ada).await;
    ada.invites(&cleo.email, vec![share(Item::ENVIRONMENTS, &[&viewer])])
        .await;
    cleo.accepts(&ada).await;
    let gone = ada
        .invites(
            &dora.email,
            vec![share(Item::environment(shop.id), &[&developer])],
        )
        .await;
    dora.accepts(&ada).await;
    ada.suspend_member(ada.id, gone.id)
        .await
        .expect("suspended");
    let unconcerned = told(&cleo).await.len();
    let suspended = told(&dora).await.len();

    let detach = DeleteQuery { detach: Some(true) };
    ada.delete_role(ada.id, developer.id, &detach, None)
        .await
        .expect("deleted");
    assert_eq!(
        lost(&bob).await,
        [
            line("shop", &["Viewer"], &["Developer", "Viewer"]),
            line("Environments", &[], &["Developer"]),
        ]
    );

    ada.delete_group(ada.id, web.id, None)
        .await
        .expect("deleted");
    assert_eq!(lost(&bob).await, [line("web/live", &[], &["Viewer"])]);

    ada.delete_environment(ada.id, shop.id, None)
        .await
        .expect("deleted");
    assert_eq!(lost(&bob).await, [line("shop", &[], &["Viewer"])]);
    assert_eq!(ada.status_of(&theirs).await, MemberStatus::Active);

    assert_eq!(told(&cleo).await.len(), unconcerned, "she lost nothing");
    assert_eq!(
        told(&dora).await.len(),
        suspended,
        "she had nothing to lose"
    );
}

on_both_databases! {
    who_loses_something_by_a_deletion_is_told,
}
