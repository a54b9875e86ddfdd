//! Who has access where, as lists that are looked through.

use accord_client::types::{
    EffectiveAccessQuery, EnvironmentAccessQuery, Item, UpdateEnvironment, UpdateMember, Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, on_both_databases};

use crate::support::invalid;

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// The addresses of those who are found, one on each page.
async fn found(owner: &Person, environment: Uuid, q: &str, sort: &str) -> Vec<String> {
    let mut query = EnvironmentAccessQuery {
        q: some(q),
        sort: some(sort),
        limit: Some(1),
        ..Default::default()
    };
    let mut all = Vec::new();
    loop {
        let page = owner
            .environment_access(owner.id, environment, &query)
            .await;
        let page = page.expect("who has access");
        all.extend(page.items.into_iter().map(|one| one.email));
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return all,
        }
    }
}

async fn people_are_found_by_address_and_by_name(app: TestApp) {
    let olga = app.owner("olga").await;
    let viewer = olga.role_named("Viewer").await;
    let shop = olga.adds_environment("shop").await;
    let everywhere = || vec![share(Item::ENVIRONMENTS, &[&viewer])];
    let on_shop = vec![share(Item::environment(shop.id), &[&viewer])];
    olga.invites("ada@example.com", everywhere()).await;
    olga.invites("adam@example.com", on_shop).await;
    olga.invites("nobody-ada@example.com", Vec::new()).await;
    let bob = olga.invites("bob@example.com", everywhere()).await;
    let body = UpdateMember {
        display_name: Some(some("Ada's brother")),
        ..Default::default()
    };
    olga.update_member(olga.id, bob.id, &body, None)
        .await
        .expect("named");
    let all = ["ada@example.com", "adam@example.com", "bob@example.com"];
    assert_eq!(found(&olga, shop.id, "ADA", "email").await, all);
    assert_eq!(found(&olga, shop.id, "brother", "email").await, all[2..]);
    assert_eq!(found(&olga, shop.id, "da@", "email").await, all[..1]);
    assert_eq!(found(&olga, shop.id, " ", "email").await, all);
    assert_eq!(found(&olga, shop.id, "a_a", "email").await, [""; 0]);
    assert_eq!(
        found(&olga, shop.id, "ada", "access_level").await[0],
        all[1],
        "direct access stands first"
    );
    assert_eq!(
        found(&olga, shop.id, "ada", "-email").await,
        [all[2], all[1], all[0]]
    );
    let query = EnvironmentAccessQuery {
        q: Some("x".repeat(201)),
        ..Default::default()
    };
    let refused = olga.environment_access(olga.id, shop.id, &query).await;
    assert_eq!(invalid(refused), "?q");
}

async fn environments_are_found_by_name(app: TestApp) {
    let olga = app.owner("olga").await;
    let bob = app.owner("bob").await;
    let viewer = olga.role_named("Viewer").await;
    let mut made = Vec::new();
    for name in ["shop", "shop-test", "blog"] {
        made.push(olga.adds_environment(name).await);
    }
    let body = UpdateEnvironment {
        display_name: Some(some("The shop's blog")),
        ..Default::default()
    };
    olga.update_environment(olga.id, made[2].id, &body, None)
        .await
        .expect("named");
    let shares = [1, 2].map(|at| share(Item::environment(made[at].id), &[&viewer]));
    let member = olga.invites(&bob.email, shares.into()).await;
    let joined = bob.accepts(&olga).await;
    for (sort, of_owner, of_member) in [
        (
            "environment_name",
            vec!["blog", "shop", "shop-test"],
            vec!["blog", "shop-test"],
        ),
        (
            "-environment_name",
            vec!["shop-test", "shop", "blog"],
            vec!["shop-test", "blog"],
        ),
    ] {
        let mut query = EffectiveAccessQuery {
            q: some("SHOP"),
            sort: some(sort),
            ..Default::default()
        };
        let names = |page: accord_client::types::Page<accord_client::types::EffectiveAccess>| {
            let items = page.items.into_iter();
            items.map(|one| one.environment_name).collect::<Vec<_>>()
        };
        let seen = olga.member_access(olga.id, member.id, &query).await;
        assert_eq!(names(seen.expect("access")), of_owner);
        let seen = bob.collaboration_access(joined.id, &query).await;
        assert_eq!(names(seen.expect("access")), of_member);
        query.q = some("test");
        let seen = olga.member_access(olga.id, member.id, &query).await;
        assert_eq!(names(seen.expect("access")), ["shop-test"]);
    }
    let query = EffectiveAccessQuery {
        q: some("shop"),
        sort: some("-access_level"),
        limit: Some(1),
        ..Default::default()
    };
    let first = olga.member_access(olga.id, member.id, &query).await;
    let first = first.expect("access");
    assert_eq!(first.items[0].environment_name, "shop", "no access at all");
    assert!(first.next_cursor.is_some());
    let query = EffectiveAccessQuery {
        q: some("nothing like it"),
        sort: some("access_level"),
        ..Default::default()
    };
    let none = olga.member_access(olga.id, member.id, &query).await;
    assert_eq!(none.expect("access").items, []);
    let query = EffectiveAccessQuery {
        q: some("a\u{7}b"),
        ..Default::default()
    };
    let refused = olga.member_access(olga.id, member.id, &query).await;
    assert_eq!(invalid(refused), "?q");
}

on_both_databases!(
    people_are_found_by_address_and_by_name,
    environments_are_found_by_name,
);
