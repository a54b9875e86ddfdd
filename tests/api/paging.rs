//! Lists: walking through the pages of one neither loses nor repeats anything.

use std::collections::HashSet;

use accord_client::types::{
    EnvironmentStatus, EnvironmentsQuery, Item, MemberStatus, MembersQuery, PageQuery,
    PoliciesQuery, RolesQuery, UpdateEnvironment, VisibleEnvironmentsQuery,
};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, on_both_databases};
use serde_json::Value;

use crate::support::well_formed_refusal;

/// All items of a list, page by page; `between` happens after each page.
async fn walk(
    person: &Person,
    path: &str,
    limit: usize,
    mut between: impl AsyncFnMut(),
) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..1000 {
        let separator = if path.contains('?') { '&' } else { '?' };
        let after = cursor
            .as_ref()
            .map(|cursor| format!("&cursor={cursor}"))
            .unwrap_or_default();
        let address = format!("{path}{separator}limit={limit}{after}");
        let answer = person
            .raw("GET", &address, &[], "")
            .await
            .expect("an answer");
        assert_eq!(answer.status, 200, "{address}: {}", answer.text());
        let page = answer.json().expect("JSON");
        assert_eq!(
            page.as_object().expect("an object").len(),
            2,
            "items and next_cursor, nothing else: {path}"
        );
        let on_page = page["items"].as_array().expect("items");
        assert!(on_page.len() <= limit, "{address}");
        items.extend(on_page.iter().cloned());
        match &page["next_cursor"] {
            Value::Null => return items,
            Value::String(next) => {
                assert_eq!(
                    on_page.len(),
                    limit,
                    "only the last page is short: {address}"
                );
                let safe = next
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte));
                assert!(safe, "a cursor goes into a query as it is: {next}");
                cursor = Some(next.clone());
            }
            other => panic!("{address}: next_cursor is {other}"),
        }
        between().await;
    }
    panic!("{path} never ends");
}

fn ids(items: &[Value]) -> Vec<String> {
    let id = |item: &Value| {
        item["id"]
            .as_str()
            .or(item["environment_id"].as_str())
            .or(item["member_id"].as_str())
            .or(item["item"]["id"].as_str())
            .or(item["item"]["kind"].as_str())
            .expect("an id")
            .to_owned()
    };
    items.iter().map(id).collect()
}

async fn every_list_walks_without_loss_or_repeat(app: TestApp) {
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    for number in 0..7 {
        let environment = ada.adds_environment(&format!("env {number}")).await;
        // Letters whose case and script a database might sort in its own way.
        ada.group_at(&format!(
            "{}{number}/child",
            ["a", "B", "ä", "Z", "é", "_", "9"][number]
        ))
        .await;
        ada.role_of(
            &format!("{}role", ["a", "B", "ä", "Z", "é", "_", "9"][number]),
            &["files.read"],
        )
        .await;
        let shares = vec![
            share(Item::environment(environment.id), &[&viewer]),
            share(Item::ENVIRONMENTS, &[&viewer]),
        ];
        ada.invites(
            &format!(
                "{}{number}@example.com",
                ["a", "B", "c", "D", "e", "F", "g"][number]
            ),
            shares,
        )
        .await;
    }
    let mut seen = None;
    for number in 0..4 {
        let host = app.owner(&format!("host{number}")).await;
        let viewer = host.role_named("Viewer").await;
        for environment in ["one", "two", "three"] {
            host.adds_environment(environment).await;
        }
        let shares = vec![share(Item::ENVIRONMENTS, &[&viewer])];
        host.invites(&ada.email, shares).await;
        if number % 2 == 0 {
            seen = Some(ada.accepts(&host).await.id);
        }
        ada.signed_in_elsewhere().await;
    }
    let seen = seen.expect("an active collaboration");
    let environment = ada
        .environments(ada.id, &Default::default())
        .await
        .expect("environments")
        .items[0]
        .id;
    let members = ada
        .members(ada.id, &Default::default())
        .await
        .expect("members")
        .items;
    let account = format!("/api/v1/accounts/{}", ada.id);
    let lists = [
        "/api/v1/actions".to_owned(),
        "/api/v1/actions?sort=catalogue".to_owned(),
        "/api/v1/actions?sort=id".to_owned(),
        "/api/v1/actions?sort=title".to_owned(),
        "/api/v1/account/sessions".to_owned(),
        "/api/v1/account/sessions?sort=last_used_at".to_owned(),
        "/api/v1/account/sessions?sort=created_at".to_owned(),
        "/api/v1/collaborations".to_owned(),
        "/api/v1/collaborations?sort=invited_at".to_owned(),
        "/api/v1/collaborations?sort=owner_name".to_owned(),
        "/api/v1/collaborations?sort=status".to_owned(),
        format!("/api/v1/collaborations/{seen}/access"),
        format!("/api/v1/collaborations/{seen}/access?sort=environment_name"),
        format!("/api/v1/collaborations/{seen}/access?sort=access_level"),
        "/api/v1/environments".to_owned(),
        "/api/v1/environments?sort=-name".to_owned(),
        "/api/v1/environments?sort=created_at".to_owned(),
        "/api/v1/environments?sort=-created_at".to_owned(),
        format!("{account}/policies"),
        format!("{account}/policies?sort=-name"),
        format!("{account}/roles"),
        format!("{account}/roles?sort=-name"),
        format!("{account}/groups"),
        format!("{account}/groups?sort=path"),
        format!("{account}/groups?sort=name"),
        format!("{account}/groups?sort=created_at"),
        format!("{account}/tasks"),
        format!("{account}/tasks?sort=at"),
        format!("{account}/environments/{environment}/access"),
        format!("{account}/environments/{environment}/access?sort=email"),
        format!("{account}/environments/{environment}/access?sort=display_name"),
        format!("{account}/environments/{environment}/access?sort=status"),
        format!("{account}/environments/{environment}/access?sort=access_level"),
        format!("{account}/environments"),
        format!("{account}/environments?sort=-name"),
        format!("{account}/environments?sort=created_at"),
        format!("{account}/environments?sort=-created_at"),
        format!("{account}/members"),
        format!("{account}/members?sort=email"),
        format!("{account}/members?sort=-email"),
        format!("{account}/members?sort=display_name"),
        format!("{account}/members?sort=-display_name"),
        format!("{account}/members?sort=invited_at"),
        format!("{account}/members?sort=-invited_at"),
        format!("{account}/members/{}/access", members[0].id),
        format!(
            "{account}/members/{}/access?sort=environment_name",
            members[0].id
        ),
        format!(
            "{account}/members/{}/access?sort=access_level",
            members[0].id
        ),
        format!("{account}/members/{}/shares", members[0].id),
        format!("{account}/members/{}/shares?sort=created_at", members[0].id),
        format!("{account}/members/{}/shares?sort=expires_at", members[0].id),
    ];
    for list in lists {
        let whole = ids(&walk(&ada, &list, 200, async || {}).await);
        assert!(!whole.is_empty(), "{list}");
        assert_eq!(
            whole.iter().collect::<HashSet<_>>().len(),
            whole.len(),
            "{list} repeats"
        );
        for limit in [1, 2, 3, 5] {
            let walked = ids(&walk(&ada, &list, limit, async || {}).await);
            assert_eq!(walked, whole, "{list} by {limit}");
        }
        if let Some((rest, name)) = list
            .split_once("?sort=")
            .filter(|(_, name)| !name.starts_with('-'))
        {
            let mut other_way =
                ids(&walk(&ada, &format!("{rest}?sort=-{name}"), 3, async || {}).await);
            other_way.reverse();
            assert_eq!(other_way, whole, "{list}: - turns it round");
        }
    }
}

/// The values of one field, in the order of the list.
async fn column(person: &Person, list: &str, field: &str) -> Vec<String> {
    let items = walk(person, list, 2, async || {}).await;
    let value = |item: &Value| item[field].as_str().unwrap_or_default().to_owned();
    items.iter().map(value).collect()
}

async fn lists_come_in_the_order_asked_for(app: TestApp) {
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    for path in ["web/shop", "api", "web/blog"] {
        app.clock.advance(chrono::Duration::seconds(1));
        ada.group_at(path).await;
    }
    let account = format!("/api/v1/accounts/{}", ada.id);
    let groups = format!("{account}/groups");
    assert_eq!(
        column(&ada, &groups, "path").await,
        ["api", "web", "web/blog", "web/shop"]
    );
    assert_eq!(
        column(&ada, &format!("{groups}?sort=-path"), "path").await,
        ["web/shop", "web/blog", "web", "api"]
    );
    assert_eq!(
        column(&ada, &format!("{groups}?sort=name"), "name").await,
        ["api", "blog", "shop", "web"]
    );
    let newest_first = column(&ada, &format!("{groups}?sort=-created_at"), "name").await;
    assert_eq!(newest_first[..2], ["blog", "api"], "{newest_first:?}");

    let shop = ada.adds_environment("shop").await;
    ada.adds_environment("blog").await;
    let direct = share(Item::environment(shop.id), &[&viewer]);
    let base = share(Item::ENVIRONMENTS, &[&viewer]);
    let member = ada
        .invites("zoe@example.com", vec![direct, base.clone()])
        .await;
    ada.invites("bob@example.com", vec![base]).await;
    let access = format!("{account}/environments/{}/access", shop.id);
    assert_eq!(
        column(&ada, &format!("{access}?sort=email"), "email").await,
        ["bob@example.com", "zoe@example.com"]
    );
    assert_eq!(
        column(&ada, &format!("{access}?sort=access_level"), "access_level").await,
        ["direct", "base"]
    );
    let zoe = app.owner("zoe").await;
    zoe.accepts(&ada).await;
    for list in [
        format!("{account}/members/{}/access", member.id),
        format!("/api/v1/collaborations/{}/access", member.id),
    ] {
        let reader = if list.contains("/members/") {
            &ada
        } else {
            &zoe
        };
        let by_level = format!("{list}?sort=-access_level");
        assert_eq!(
            column(reader, &by_level, "access_level").await,
            ["base", "direct"],
            "{list}"
        );
        assert_eq!(
            column(reader, &list, "environment_name").await,
            ["blog", "shop"],
            "{list}"
        );
    }
    assert_eq!(
        column(&ada, &format!("{access}?sort=status"), "status").await,
        ["active", "pending"]
    );
}

async fn a_list_that_changes_while_walked_loses_nothing_that_stays(app: TestApp) {
    let ada = app.owner("ada").await;
    let mut stays = HashSet::new();
    let mut goes = Vec::new();
    for number in 0..12 {
        let environment = ada.adds_environment(&format!("m{number:02}")).await;
        if number % 3 == 0 {
            goes.push(environment.id);
        } else {
            stays.insert(environment.id.to_string());
        }
    }
    let mut turn = 0;
    let list = format!("/api/v1/accounts/{}/environments?sort=name", ada.id);
    let walked = walk(&ada, &list, 2, async || {
        turn += 1;
        ada.adds_environment(&format!("a{turn:02}")).await;
        ada.adds_environment(&format!("z{turn:02}")).await;
        if let Some(gone) = goes.pop() {
            ada.delete_environment(ada.id, gone, None)
                .await
                .expect("deleted");
        }
    })
    .await;
    let mut seen = ids(&walked);
    seen.retain(|id| stays.contains(id));
    assert_eq!(seen.len(), stays.len(), "none lost, none twice: {walked:?}");
}

async fn filters_and_search_narrow_a_list(app: TestApp) {
    let ada = app.owner("ada").await;
    let web = ada.group_at("web").await;
    let shop = ada.adds_environment_in("Shop 100%", &[&web]).await;
    let blog = ada.adds_environment("blog_1").await;
    ada.adds_environment("other").await;
    let stop = UpdateEnvironment {
        status: Some(EnvironmentStatus::Stopped),
        ..Default::default()
    };
    ada.update_environment(ada.id, blog.id, &stop, None)
        .await
        .expect("stopped");
    let found = async |query: EnvironmentsQuery| {
        let page = ada
            .environments(ada.id, &query)
            .await
            .expect("environments");
        page.items
            .into_iter()
            .map(|environment| environment.id)
            .collect::<Vec<_>>()
    };
    let q = |text: &str| EnvironmentsQuery {
        q: Some(text.into()),
        ..Default::default()
    };
    assert_eq!(found(q("SHOP")).await, [shop.id], "whatever the case");
    assert_eq!(
        found(q("%")).await,
        [shop.id],
        "a sign is itself, not a pattern"
    );
    assert_eq!(found(q("_")).await, [blog.id]);
    assert!(found(q("nothing like it")).await.is_empty());
    assert_eq!(
        found(EnvironmentsQuery {
            group_id: Some(web.id),
            ..Default::default()
        })
        .await,
        [shop.id]
    );
    let stopped = EnvironmentsQuery {
        status: Some(EnvironmentStatus::Stopped),
        ..Default::default()
    };
    assert_eq!(found(stopped).await, [blog.id]);
    let seen = VisibleEnvironmentsQuery {
        status: Some(EnvironmentStatus::Stopped),
        ..Default::default()
    };
    let seen = ada.visible_environments(&seen).await.expect("environments");
    assert_eq!(seen.items.len(), 1, "{seen:?}");
    assert_eq!(seen.items[0].id, blog.id);

    let member = ada.invites("grace@example.com", Vec::new()).await;
    ada.invites("alan@example.com", Vec::new()).await;
    ada.remove_member(ada.id, member.id, None)
        .await
        .expect("removed");
    let members = async |query: MembersQuery| {
        let page = ada.members(ada.id, &query).await.expect("members");
        page.items
            .into_iter()
            .map(|member| member.email)
            .collect::<Vec<_>>()
    };
    let removed = MembersQuery {
        status: Some(MemberStatus::Removed),
        ..Default::default()
    };
    assert_eq!(members(removed).await, ["grace@example.com"]);
    let pending = MembersQuery {
        status: Some(MemberStatus::Pending),
        ..Default::default()
    };
    assert_eq!(members(pending.clone()).await, ["alan@example.com"]);
    assert_eq!(
        members(MembersQuery {
            q: Some("GRACE".into()),
            ..Default::default()
        })
        .await,
        ["grace@example.com"]
    );
    app.clock.advance(chrono::Duration::days(8));
    assert!(members(pending).await.is_empty(), "no longer pending");
    let expired = MembersQuery {
        status: Some(MemberStatus::Expired),
        ..Default::default()
    };
    assert_eq!(members(expired).await, ["alan@example.com"]);

    let roles = RolesQuery {
        q: Some("VIEW".into()),
        ..Default::default()
    };
    let found: Vec<String> = ada
        .roles(ada.id, &roles)
        .await
        .expect("roles")
        .items
        .into_iter()
        .map(|role| role.name)
        .collect();
    assert!(found.contains(&"Viewer".to_owned()), "{found:?}");
    let policies = PoliciesQuery {
        q: Some("back up".into()),
        ..Default::default()
    };
    let found = ada
        .policies(ada.id, &policies)
        .await
        .expect("policies")
        .items;
    assert!(
        found
            .iter()
            .any(|policy| policy.name == "Back up and restore"),
        "{found:?}"
    );
}

async fn a_cursor_of_another_list_or_order_is_refused(app: TestApp) {
    let ada = app.owner("ada").await;
    for name in ["one", "two", "three"] {
        ada.adds_environment(name).await;
    }
    let query = EnvironmentsQuery {
        limit: Some(1),
        ..Default::default()
    };
    let cursor = ada
        .environments(ada.id, &query)
        .await
        .expect("a page")
        .next_cursor
        .expect("more");
    let account = format!("/api/v1/accounts/{}", ada.id);
    for address in [
        format!("{account}/environments?sort=-created_at&cursor={cursor}"),
        format!("{account}/members?sort=-invited_at&cursor={cursor}"),
        format!("{account}/environments?cursor=x{cursor}"),
        format!("{account}/environments?cursor="),
        format!("{account}/environments?cursor=%00"),
    ] {
        let answer = ada.raw("GET", &address, &[], "").await.expect("an answer");
        let problem = well_formed_refusal(&address, &answer);
        assert_eq!(
            problem.errors[0].pointer, "?cursor",
            "{address}: {problem:?}"
        );
    }
}

async fn an_empty_list_is_a_page(app: TestApp) {
    let ada = app.owner("ada").await;
    let page = ada
        .collaborations(&PageQuery::default())
        .await
        .expect("a page");
    assert_eq!((page.items.len(), page.next_cursor), (0, None));
}

on_both_databases! {
    every_list_walks_without_loss_or_repeat,
    lists_come_in_the_order_asked_for,
    a_list_that_changes_while_walked_loses_nothing_that_stays,
    filters_and_search_narrow_a_list,
    a_cursor_of_another_list_or_order_is_refused,
    an_empty_list_is_a_page,
}
