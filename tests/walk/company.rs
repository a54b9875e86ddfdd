//! The companies that the walk goes through.

use accord_client::types::{
    CreateEnvironment, CreateGroup, EnvironmentStatus, Invite, Item, NewShare, PostLoadAlert, Role,
};
use accord_testkit::{PASSWORD, Person, TestApp};

/// Who owns the small company.
pub(crate) const OWNER: &str = "ingrid";

/// A small company: some environments in groups, and members in different states.
pub(crate) async fn fill(app: &TestApp, owner: &Person) {
    let production = owner.group_at("shop/production").await;
    let staging = owner.group_at("shop/staging").await;
    let content = owner.group_at("content").await;
    for (name, group, status) in [
        ("magazine", &content, EnvironmentStatus::Running),
        ("newsletter", &content, EnvironmentStatus::Stopped),
        ("shop-api", &production, EnvironmentStatus::Running),
        ("shop-payments", &production, EnvironmentStatus::Running),
        ("shop-web", &production, EnvironmentStatus::Running),
        ("shop-web-next", &staging, EnvironmentStatus::Sleeping),
    ] {
        let body = CreateEnvironment {
            name: name.into(),
            status: Some(status),
            group_ids: vec![group.id],
            ..Default::default()
        };
        owner
            .create_environment(owner.id, &body)
            .await
            .expect("an environment");
    }
    let developer = owner.role_named("Developer").await;
    let viewer = owner.role_named("Viewer").await;
    let shared = |item, role: &Role| NewShare {
        item,
        role_ids: vec![role.id],
        expires_at: None,
    };
    let everything = || vec![shared(Item::ENVIRONMENTS, &viewer)];
    let staging_too = || {
        vec![
            shared(Item::group(staging.id), &developer),
            shared(Item::ENVIRONMENTS, &viewer),
        ]
    };
    for (address, name, shares, joins) in [
        ("mei-ling@example.com", "Mei-Ling Zhou", staging_too(), true),
        ("tomas@example.com", "Tomás Ferreira", everything(), true),
        (
            "amara@example.com",
            "Amara Okafor",
            vec![shared(Item::group(content.id), &developer)],
            true,
        ),
        ("jonas@example.com", "Jonas Lindqvist", everything(), false),
    ] {
        let body = Invite {
            email: address.into(),
            display_name: Some(name.into()),
            shares,
        };
        let member = owner.invite(owner.id, &body).await.expect("a member");
        if joins {
            let token = app.invitation_token_for(address).await;
            app.accepts_as_new_person(&token, name, PASSWORD).await;
        }
        if address.starts_with("amara") {
            owner
                .suspend_member(owner.id, member.id)
                .await
                .expect("suspended");
        }
    }
}

/// More has happened there: members in every state, a policy and a role of the company's own, load.
pub(crate) async fn goes_on(app: &TestApp, owner: &Person) {
    let viewer = owner.role_named("Viewer").await;
    let share = |item| {
        vec![NewShare {
            item,
            role_ids: vec![viewer.id],
            expires_at: None,
        }]
    };
    let left = app.owner("lena").await;
    let member = owner.invites(&left.email, share(Item::ENVIRONMENTS)).await;
    left.accepts(owner).await;
    left.leave_collaboration(member.id).await.expect("left");
    let unwilling = app.owner("rolf").await;
    let member = owner.invites(&unwilling.email, share(Item::GROUPS)).await;
    unwilling
        .reject_collaboration(member.id)
        .await
        .expect("rejected");
    let member = owner
        .invites("former@example.com", share(Item::GROUPS))
        .await;
    owner
        .remove_member(owner.id, member.id, None)
        .await
        .expect("removed");
    owner
        .role_of("Release manager", &["deployment.run", "files.read"])
        .await;
    let shop = owner
        .sees()
        .await
        .into_iter()
        .find(|one| one.name == "shop-web")
        .expect("the shop");
    let alert = PostLoadAlert {
        metric: "CPU load, %".into(),
        value: 97.5,
        threshold: 90.0,
        message: Some("The third time today".into()),
    };
    owner
        .post_load_alert(owner.id, shop.id, &alert)
        .await
        .expect("posted");
}

/// Much of everything: a deep tree, hundreds of groups and environments.
pub(crate) async fn fill_much(owner: &Person) {
    let deep = (1..=25)
        .map(|depth| format!("level-{depth:02}"))
        .collect::<Vec<_>>()
        .join("/");
    let body = CreateGroup {
        path: Some(deep),
        ..CreateGroup::default()
    };
    owner.create_group(owner.id, &body).await.expect("a group");
    let mut parts = Vec::new();
    for team in 0..12 {
        for part in [
            "live",
            "test",
            "live/a-part-with-a-name-that-is-rather-long",
        ] {
            parts.push(owner.group_at(&format!("team-{team:02}/{part}")).await);
        }
    }
    for number in 0..70 {
        let groups = [
            &parts[number % 36],
            &parts[(number * 7) % 36],
            &parts[(number * 11) % 36],
        ];
        let name = if number % 9 == 0 {
            format!("environment-with-a-name-that-is-rather-long-{number:03}")
        } else {
            format!("service-{number:03}")
        };
        let mut groups = groups.to_vec();
        groups.dedup_by_key(|group| group.id);
        groups.truncate(1 + number % 3);
        owner.adds_environment_in(&name, &groups).await;
    }
    let viewer = owner.role_named("Viewer").await;
    for name in ["a-person-with-an-address-that-is-rather-long", "zoe"] {
        let shares = vec![NewShare {
            item: Item::group(parts[2].id),
            role_ids: vec![viewer.id],
            expires_at: None,
        }];
        let email = format!("{name}@department.of.long.names.example.com");
        owner.invites(&email, shares).await;
    }
}
