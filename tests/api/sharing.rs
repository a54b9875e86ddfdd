//! What is shared, and the access that comes of it, over REST. The rule itself has its cases elsewhere
//! (`tests/cases/access-*.yaml`); here it is seen to hold from request to answer.

use accord_client::types::{
    AccessLevel, CreateEnvironment, DirectRoles, ErrorCode, Item, MemberStatus, NewShare,
    ShareEnvironment, Shares, UpdateEnvironment, UpdateMember, VisibleEnvironmentsQuery,
};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person, TestApp, on_both_databases};
use chrono::Duration;

use crate::support::{invalid, refusal};

/// An owner and an active member with these shares.
async fn pair(
    app: &TestApp,
    shares: impl AsyncFnOnce(&Person) -> Vec<NewShare>,
) -> (Person, Person, accord_client::types::Member) {
    let ada = app.owner("ada").await;
    let shares = shares(&ada).await;
    let member = ada.invites("grace@example.com", shares).await;
    let token = app.invitation_token_for("grace@example.com").await;
    let grace = app.accepts_as_new_person(&token, "Grace", PASSWORD).await;
    (ada, grace, member)
}

async fn the_views_of_access_agree(app: TestApp) {
    let (ada, grace, member) = pair(&app, async |ada: &Person| {
        let parent = ada.group_at("web").await;
        let child = ada.group_at("web/live").await;
        ada.adds_environment_in("shop", &[&child]).await;
        ada.adds_environment("blog").await;
        ada.adds_environment("lab").await;
        let reader = ada.role_of("Reader", &["files.read"]).await;
        let pilot = ada
            .role_of("Pilot", &["environment.start", "environment.stop"])
            .await;
        vec![
            share(Item::ENVIRONMENTS, &[&reader]),
            share(Item::group(parent.id), &[&pilot, &reader]),
        ]
    })
    .await;
    let lab = ada
        .sees()
        .await
        .into_iter()
        .find(|seen| seen.name == "lab")
        .expect("there");
    let nothing = ada.role_of("Nothing", &["logs.read"]).await;
    ada.shares_directly(&lab, &member, &[&nothing]).await;

    let seen = grace.sees().await;
    let of_member = ada
        .member_access(ada.id, member.id, &Default::default())
        .await
        .expect("access")
        .items;
    let as_collaboration = grace
        .collaboration_access(member.id, &Default::default())
        .await
        .expect("access")
        .items;
    assert_eq!(of_member, as_collaboration);
    assert_eq!(of_member.len(), 3);
    for environment in &seen {
        let entry = of_member
            .iter()
            .find(|entry| entry.environment_id == environment.id)
            .expect("listed");
        assert_eq!(entry.access_level, environment.access_level);
        assert_eq!(entry.action_ids, grace.actions_on(environment).await);
        let who = ada
            .environment_access(ada.id, environment.id, &Default::default())
            .await
            .expect("who")
            .items;
        let row = who
            .iter()
            .find(|row| row.member_id == member.id)
            .expect("Grace is among them");
        assert_eq!(
            (row.access_level, &row.action_ids),
            (entry.access_level, &entry.action_ids)
        );
        assert_eq!(
            (&row.role_ids, row.status),
            (&entry.role_ids, MemberStatus::Active)
        );
        let mut one = grace
            .environment(ada.id, environment.id)
            .await
            .expect("seen")
            .into_inner();
        one.action_ids = None;
        assert_eq!(
            &one, environment,
            "the list says the same, without the actions"
        );
    }
    let levels: Vec<_> = seen
        .iter()
        .map(|one| (one.name.as_str(), one.access_level))
        .collect();
    assert_eq!(
        levels,
        [
            ("blog", AccessLevel::Base),
            ("lab", AccessLevel::Direct),
            ("shop", AccessLevel::Group)
        ]
    );
    assert_eq!(
        grace.actions_on(&seen[2]).await,
        ["environment.start", "environment.stop", "files.read"]
    );
    assert_eq!(
        grace.actions_on(&seen[1]).await,
        ["logs.read"],
        "the direct level hides the base"
    );
}

async fn a_share_ends_at_its_moment_and_can_be_extended(app: TestApp) {
    let (ada, grace, member) = pair(&app, async |_: &Person| Vec::new()).await;
    let shop = ada.adds_environment("shop").await;
    let viewer = ada.role_named("Viewer").await;
    let end = app.clock.now() + Duration::hours(1);
    let body = DirectRoles {
        role_ids: vec![viewer.id],
        expires_at: Some(end),
    };
    ada.set_direct_roles(ada.id, shop.id, member.id, &body, None)
        .await
        .expect("shared");
    assert_eq!(grace.sees().await.len(), 1);
    app.clock.advance(Duration::hours(1));
    assert!(grace.sees().await.is_empty(), "ended at its moment");
    assert_eq!(
        refusal(grace.environment(ada.id, shop.id).await),
        ErrorCode::NotFound
    );
    let listed = ada.member_now(&member).await.shares;
    assert!(
        listed.len() == 1 && listed[0].ended,
        "still listed: {listed:?}"
    );
    let extended = DirectRoles {
        role_ids: vec![viewer.id],
        expires_at: Some(app.clock.now() + Duration::days(1)),
    };
    ada.set_direct_roles(ada.id, shop.id, member.id, &extended, None)
        .await
        .expect("extended");
    assert_eq!(grace.sees().await.len(), 1);
    let for_good = DirectRoles {
        role_ids: vec![viewer.id],
        expires_at: None,
    };
    ada.set_direct_roles(ada.id, shop.id, member.id, &for_good, None)
        .await
        .expect("without an end");
    app.clock.advance(Duration::days(20));
    app.signs_in(&grace).await;
    assert_eq!(grace.sees().await.len(), 1);
}

async fn shares_without_roles_or_with_one_item_twice_are_refused(app: TestApp) {
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    let member = ada
        .invites(
            "grace@example.com",
            vec![share(Item::ENVIRONMENTS, &[&viewer])],
        )
        .await;
    let with = |shares: Vec<NewShare>| Shares { shares };
    let twice = with(vec![
        share(Item::GROUPS, &[&viewer]),
        share(Item::GROUPS, &[&viewer]),
    ]);
    let pointer = invalid(ada.set_member_shares(ada.id, member.id, &twice, None).await);
    assert!(pointer.starts_with("/shares/1"), "{pointer}");
    let empty = with(vec![share(Item::GROUPS, &[])]);
    assert_eq!(
        invalid(ada.set_member_shares(ada.id, member.id, &empty, None).await),
        "/shares/0/role_ids"
    );
    let repeated = with(vec![share(Item::GROUPS, &[&viewer, &viewer])]);
    let outcome = ada
        .set_member_shares(ada.id, member.id, &repeated, None)
        .await;
    assert!(
        outcome.is_err() || outcome.is_ok_and(|page| page.items[0].role_ids == [viewer.id]),
        "one role once"
    );
    let ended = NewShare {
        expires_at: Some(app.clock.now() - Duration::hours(1)),
        ..share(Item::GROUPS, &[&viewer])
    };
    let pointer = invalid(
        ada.set_member_shares(ada.id, member.id, &with(vec![ended]), None)
            .await,
    );
    assert_eq!(pointer, "/shares/0/expires_at");
    let by_patch = UpdateMember {
        shares: Some(twice.shares),
        ..Default::default()
    };
    assert!(
        invalid(ada.update_member(ada.id, member.id, &by_patch, None).await)
            .starts_with("/shares/1")
    );
    let cleared = ada
        .set_member_shares(ada.id, member.id, &with(Vec::new()), None)
        .await
        .expect("none is fine");
    assert!(cleared.items.is_empty() && ada.member_now(&member).await.shares.is_empty());
}

async fn sharing_an_environment_invites_by_address(app: TestApp) {
    let ada = app.owner("ada").await;
    let shop = ada.adds_environment("shop").await;
    let viewer = ada.role_named("Viewer").await;
    let body = ShareEnvironment {
        email: "Grace@Example.com".into(),
        role_ids: vec![viewer.id],
        expires_at: None,
    };
    let row = ada
        .share_environment(ada.id, shop.id, &body)
        .await
        .expect("invited");
    assert_eq!(
        (row.status, row.access_level),
        (MemberStatus::Pending, AccessLevel::Direct),
        "as it would be"
    );
    assert_eq!(
        row.direct_share.as_ref().map(|share| share.item),
        Some(Item::environment(shop.id))
    );
    let token = app.invitation_token_for("Grace@Example.com").await;
    let grace = app.accepts_as_new_person(&token, "Grace", PASSWORD).await;
    assert_eq!(
        grace
            .sees()
            .await
            .iter()
            .map(|seen| seen.access_level)
            .collect::<Vec<_>>(),
        [AccessLevel::Direct]
    );
    ada.remove_direct_roles(ada.id, shop.id, row.member_id, None)
        .await
        .expect("taken away");
    assert!(grace.sees().await.is_empty());
    let again = ada
        .remove_direct_roles(ada.id, shop.id, row.member_id, None)
        .await;
    assert_eq!(refusal(again), ErrorCode::NotFound);
}

async fn deleting_an_item_deletes_its_shares(app: TestApp) {
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    let parent = ada.group_at("web").await;
    let child = ada.group_at("web/live").await;
    let shop = ada.adds_environment_in("shop", &[&child]).await;
    let shares = vec![
        share(Item::group(parent.id), &[&viewer]),
        share(Item::group(child.id), &[&viewer]),
        share(Item::environment(shop.id), &[&viewer]),
        share(Item::ENVIRONMENTS, &[&viewer]),
    ];
    let member = ada.invites("grace@example.com", shares).await;
    ada.delete_group(ada.id, parent.id, None)
        .await
        .expect("deleted with its subgroup");
    assert_eq!(
        refusal(ada.group(ada.id, child.id).await),
        ErrorCode::NotFound
    );
    let items: Vec<Item> = ada
        .member_now(&member)
        .await
        .shares
        .iter()
        .map(|share| share.item)
        .collect();
    assert_eq!(items.len(), 2, "{items:?}");
    let still = ada
        .environment(ada.id, shop.id)
        .await
        .expect("environments stay");
    assert!(still.group_ids.is_empty());
    ada.delete_environment(ada.id, shop.id, None)
        .await
        .expect("deleted");
    let items: Vec<Item> = ada
        .member_now(&member)
        .await
        .shares
        .iter()
        .map(|share| share.item)
        .collect();
    assert_eq!(items, [Item::ENVIRONMENTS]);
}

async fn reserved_actions_let_a_member_work(app: TestApp) {
    let (ada, grace, _) = pair(&app, async |ada: &Person| {
        let group = ada.group_at("team").await;
        let maker = ada
            .role_of("Maker", &["environment.create", "environment.edit"])
            .await;
        let viewer = ada.role_named("Viewer").await;
        vec![
            share(Item::group(group.id), &[&maker]),
            share(Item::ENVIRONMENTS, &[&viewer]),
        ]
    })
    .await;
    let team = ada.group_at("team").await;
    let other = ada.group_at("other").await;
    let named = |name: &str, groups: &[accord_client::types::Uuid]| CreateEnvironment {
        name: name.into(),
        group_ids: groups.to_vec(),
        ..Default::default()
    };
    assert_eq!(
        refusal(grace.create_environment(ada.id, &named("x", &[])).await),
        ErrorCode::Forbidden,
        "not at the root"
    );
    let both = grace
        .create_environment(ada.id, &named("x", &[team.id, other.id]))
        .await;
    assert_eq!(refusal(both), ErrorCode::Forbidden, "not in every group");
    let made = grace
        .create_environment(ada.id, &named("made", &[team.id]))
        .await
        .expect("made");
    assert_eq!(
        (made.owner.id, made.created_by, made.access_level),
        (ada.id, Some(grace.id), AccessLevel::Group)
    );

    let renamed = UpdateEnvironment {
        display_name: Some(Some("Made by Grace".into())),
        ..Default::default()
    };
    grace
        .update_environment(ada.id, made.id, &renamed, None)
        .await
        .expect("edited");
    let seen = grace
        .groups(ada.id, &Default::default())
        .await
        .expect("groups")
        .items;
    let seen: Vec<_> = seen
        .iter()
        .map(|group| (group.id, group.allowed_actions.len()))
        .collect();
    assert_eq!(
        seen,
        [(team.id, 0)],
        "a member sees the groups that are shared, and only sees them"
    );

    let moved = UpdateEnvironment {
        group_ids: Some(vec![]),
        ..Default::default()
    };
    let outcome = grace
        .update_environment(ada.id, made.id, &moved, None)
        .await;
    assert_eq!(
        refusal(outcome),
        ErrorCode::Forbidden,
        "groups are the owner's"
    );
    let deleted = grace.delete_environment(ada.id, made.id, None).await;
    assert_eq!(
        refusal(deleted),
        ErrorCode::Forbidden,
        "without environment.delete"
    );
    assert!(ada.sees().await.iter().any(|seen| seen.id == made.id));
}

async fn a_member_sees_themselves_alone(app: TestApp) {
    let (ada, grace, member) = pair(&app, async |ada: &Person| {
        let viewer = ada.role_named("Viewer").await;
        ada.adds_environment("shop").await;
        vec![share(Item::ENVIRONMENTS, &[&viewer])]
    })
    .await;
    let other = ada.invites("alan@example.com", Vec::new()).await;
    for refused in [
        grace.members(ada.id, &Default::default()).await.map(drop),
        grace.member(ada.id, member.id).await.map(drop),
        grace.member(ada.id, other.id).await.map(drop),
        grace
            .member_access(ada.id, other.id, &Default::default())
            .await
            .map(drop),
        grace.roles(ada.id, &Default::default()).await.map(drop),
    ] {
        assert_eq!(refusal(refused), ErrorCode::Forbidden, "the owner's");
    }
    for hidden in [
        grace.collaboration(other.id).await.map(drop),
        grace
            .collaboration_access(other.id, &Default::default())
            .await
            .map(drop),
        grace.leave_collaboration(other.id).await,
    ] {
        assert_eq!(
            refusal(hidden),
            ErrorCode::NotFound,
            "not even that there are others"
        );
    }
    let shared = grace.collaboration_with(&ada).await.expect("listed");
    assert_eq!(
        (shared.shares.len(), shared.shares[0].roles[0].name.as_str()),
        (1, "Viewer")
    );
    assert_eq!(shared.owner.name, ada.name);
}

async fn the_owners_label_and_filter_order_what_is_shared(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let grace = app.owner("grace").await;
    grace.adds_environment("own").await;
    for owner in [&ada, &bob] {
        owner.adds_environment(&format!("{}'s", owner.name)).await;
        let viewer = owner.role_named("Viewer").await;
        owner
            .invites(&grace.email, vec![share(Item::ENVIRONMENTS, &[&viewer])])
            .await;
        grace.accepts(owner).await;
    }
    assert_eq!(grace.sees().await.len(), 3);
    for owner in [&ada, &bob, &grace] {
        let query = VisibleEnvironmentsQuery {
            owner_id: Some(owner.id),
            ..Default::default()
        };
        let seen = grace
            .visible_environments(&query)
            .await
            .expect("environments")
            .items;
        assert_eq!(
            seen.iter().map(|one| one.owner.id).collect::<Vec<_>>(),
            [owner.id]
        );
    }
    let with_ada = grace.collaboration_with(&ada).await.expect("listed");
    let label = |label: Option<&str>| accord_client::types::UpdateCollaboration {
        label: Some(label.map(str::to_owned)),
    };
    let labelled = grace
        .update_collaboration(with_ada.id, &label(Some("Work")), None)
        .await
        .expect("labelled");
    assert_eq!(labelled.label.as_deref(), Some("Work"));
    let text = serde_json::to_string(
        &ada.members(ada.id, &Default::default())
            .await
            .expect("members"),
    )
    .expect("JSON");
    assert!(!text.contains("Work"), "seen by the member alone: {text}");
    let cleared = grace
        .update_collaboration(with_ada.id, &label(None), None)
        .await
        .expect("cleared");
    assert_eq!(cleared.label, None);
    assert_eq!(
        refusal(bob.collaboration(with_ada.id).await),
        ErrorCode::NotFound
    );
    assert_eq!(
        refusal(ada.collaboration(with_ada.id).await),
        ErrorCode::NotFound,
        "the owner's side is Members"
    );
}

on_both_databases! {
    the_views_of_access_agree,
    a_share_ends_at_its_moment_and_can_be_extended,
    shares_without_roles_or_with_one_item_twice_are_refused,
    sharing_an_environment_invites_by_address,
    deleting_an_item_deletes_its_shares,
    reserved_actions_let_a_member_work,
    a_member_sees_themselves_alone,
    the_owners_label_and_filter_order_what_is_shared,
}
