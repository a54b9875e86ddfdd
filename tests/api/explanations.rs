//! Why somebody may do something, or may not; and that every way to ask about access tells the same.

use accord_client::types::{
    AccessLevel, ErrorCode, ExplainQuery, Explanation, Item, Member, MissingThing, StepReason,
    TasksQuery, Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, eventually, on_both_databases};

use crate::support::{invalid, refusal};

fn about(member: &Member, action: &str) -> ExplainQuery {
    ExplainQuery {
        member_id: member.id,
        action_id: action.into(),
    }
}

fn path(explained: &Explanation) -> Vec<String> {
    explained
        .steps
        .iter()
        .map(|step| {
            let name = step.item_name.as_deref().unwrap_or("?");
            format!("{} {name}: {}", step.level, step.why)
        })
        .collect()
}

async fn an_owner_is_shown_the_whole_path(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    ada.group_at("web").await;
    let live = ada.group_at("web/live").await;
    let web = ada.group_at("web").await;
    let shop = ada.adds_environment_in("shop", &[&live]).await;
    let reader = ada.role_of("Reader", &["files.read"]).await;
    let pilot = ada.role_of("Pilot", &["environment.start"]).await;
    let shares = vec![
        share(Item::group(web.id), &[&reader]),
        share(Item::ENVIRONMENTS, &[&pilot]),
    ];
    let member = ada.invites(&grace.email, shares).await;

    let ask = async |action: &str| {
        ada.explain_access(ada.id, shop.id, &about(&member, action))
            .await
            .expect("explained")
    };
    let pending = ask("files.read").await;
    assert!(!pending.allowed && pending.access_level == AccessLevel::None);
    let missing = pending.missing.expect("something is missing");
    assert_eq!(missing.what, MissingThing::ActiveMember);
    assert!(
        pending
            .steps
            .iter()
            .any(|step| step.why == StepReason::MemberNotActive)
    );

    grace.accepts(&ada).await;
    let allowed = ask("files.read").await;
    assert!(allowed.allowed && allowed.missing.is_none(), "{allowed:?}");
    assert_eq!(allowed.access_level, AccessLevel::Group);
    assert_eq!(
        path(&allowed),
        [
            "direct shop: no_share_here",
            "group web/live: no_share_here",
            "group web: nearest_ancestor_with_roles",
            "base Environments: hidden_by_higher_level",
        ]
    );
    let counted = &allowed.steps[2];
    assert!(counted.counted && !counted.sentence.is_empty());
    assert_eq!(counted.item, Some(Item::group(web.id)));
    assert_eq!(counted.via_name.as_deref(), Some("web/live"));
    assert_eq!(counted.roles[0].name, "Reader");
    assert_eq!(
        counted.share.as_ref().map(|share| &share.role_ids),
        Some(&vec![reader.id])
    );
    let granting = &allowed.granted_by[0];
    assert_eq!(
        (granting.role_name.as_str(), granting.policy_name.as_str()),
        ("Reader", "Reader")
    );

    let refused = ask("environment.start").await;
    assert!(!refused.allowed && refused.granted_by.is_empty());
    assert_eq!(
        refused.missing.expect("something").what,
        MissingThing::Action,
        "base roles are hidden by those of the group"
    );

    app.disables(&grace, true).await;
    assert_eq!(
        ask("files.read").await.missing.expect("something").what,
        MissingThing::EnabledAccount
    );
}

async fn members_ask_about_themselves_and_learn_no_foreign_group(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let alan = app.owner("alan").await;
    let secret = ada.group_at("secret").await;
    let open = ada.group_at("open").await;
    let shop = ada.adds_environment_in("shop", &[&secret, &open]).await;
    let lab = ada.adds_environment("lab").await;
    let viewer = ada.role_named("Viewer").await;
    let manager = ada
        .role_of("Manager", &["collaboration.manage", "files.read"])
        .await;
    let grace_there = ada
        .invites(&grace.email, vec![share(Item::group(open.id), &[&viewer])])
        .await;
    let shares = vec![
        share(Item::group(secret.id), &[&viewer]),
        share(Item::ENVIRONMENTS, &[&manager]),
    ];
    let alan_there = ada.invites(&alan.email, shares).await;
    grace.accepts(&ada).await;
    alan.accepts(&ada).await;

    let own = grace
        .explain_access(ada.id, shop.id, &about(&grace_there, "files.read"))
        .await
        .expect("their own");
    assert_eq!(
        path(&own),
        [
            "direct shop: no_share_here",
            "group open: counted",
            "base Environments: no_share_here",
        ],
        "nothing tells that the environment is in another group"
    );
    let text = serde_json::to_string(&own).expect("JSON");
    assert!(!text.contains("secret") && !text.contains(&secret.id.to_string()));

    // What is not seen is not there; about others, only a delegate asks.
    let unseen = grace
        .explain_access(ada.id, lab.id, &about(&grace_there, "files.read"))
        .await;
    assert_eq!(refusal(unseen), ErrorCode::NotFound);
    for other in [alan_there.id, Uuid::from_u128(7)] {
        let query = ExplainQuery {
            member_id: other,
            action_id: "files.read".into(),
        };
        let of_others = grace.explain_access(ada.id, shop.id, &query).await;
        assert_eq!(refusal(of_others), ErrorCode::Forbidden);
    }

    // A delegate sees what the list of who has access tells: the level and the roles that count.
    ada.shares_directly(&shop, &grace_there, &[&manager]).await;
    let others = grace
        .explain_access(ada.id, shop.id, &about(&alan_there, "files.read"))
        .await
        .expect("listed here");
    assert!(others.allowed);
    let seen: Vec<_> = others
        .steps
        .iter()
        .map(|step| (step.level, step.item, step.share.is_some(), step.counted))
        .collect();
    assert_eq!(
        seen,
        [
            (
                AccessLevel::Direct,
                Some(Item::environment(shop.id)),
                false,
                false
            ),
            (AccessLevel::Group, None, false, true),
        ],
        "the group is not theirs to know of, nor what a higher level hides"
    );
    assert!(
        !serde_json::to_string(&others)
            .expect("JSON")
            .contains("secret")
    );
    let stranger = ada.invites("nobody@example.com", Vec::new()).await;
    let unlisted = grace
        .explain_access(ada.id, shop.id, &about(&stranger, "files.read"))
        .await;
    assert_eq!(invalid(unlisted), "?member_id");
}

async fn what_cannot_be_asked_is_refused(app: TestApp) {
    let ada = app.owner("ada").await;
    let other = app.owner("other").await;
    let shop = ada.adds_environment("shop").await;
    let member = ada.invites("grace@example.com", Vec::new()).await;
    let foreign = other.invites("somebody@example.com", Vec::new()).await;
    let ask = async |query: &ExplainQuery| ada.explain_access(ada.id, shop.id, query).await;
    assert_eq!(
        invalid(ask(&about(&foreign, "files.read")).await),
        "?member_id"
    );
    for action in ["no.such_action", "", "FILES.READ", "files.read\u{0}"] {
        assert_eq!(
            invalid(ask(&about(&member, action)).await),
            "?action_id",
            "{action:?}"
        );
    }
    let missing = ask(&about(&member, "files.read"))
        .await
        .expect("explained")
        .missing;
    assert_eq!(missing.expect("something").what, MissingThing::Share);
}

/// Explaining, listing what a member has and listing who has an environment are one truth.
async fn every_way_to_ask_tells_the_same(app: TestApp) {
    let ada = app.owner("ada").await;
    let members = a_company(&app, &ada).await;
    let actions = ["files.read", "environment.start", "collaboration.manage"];
    let environments = ada
        .environments(ada.id, &Default::default())
        .await
        .expect("environments")
        .items;
    for member in &members {
        let what = ada
            .member_access(ada.id, member.id, &Default::default())
            .await
            .expect("access")
            .items;
        for environment in &environments {
            let listed = what
                .iter()
                .find(|one| one.environment_id == environment.id)
                .expect("every environment is listed");
            let who = ada
                .environment_access(ada.id, environment.id, &Default::default())
                .await
                .expect("access")
                .items;
            let here = who.iter().find(|one| one.member_id == member.id);
            for action in actions {
                let told = ada
                    .explain_access(ada.id, environment.id, &about(member, action))
                    .await
                    .expect("explained");
                let what_told = format!("{} {action} by {}", environment.name, member.email);
                let has = listed.action_ids.iter().any(|one| one == action);
                assert_eq!(told.allowed, has, "{what_told}");
                assert_eq!(told.access_level, listed.access_level, "{what_told}");
                assert_eq!(told.missing.is_none(), told.allowed, "{what_told}");
                let counted: Vec<Uuid> = told
                    .steps
                    .iter()
                    .filter(|step| step.counted)
                    .flat_map(|step| step.role_ids.clone())
                    .collect();
                assert!(
                    listed.role_ids.iter().all(|role| counted.contains(role)),
                    "{what_told}"
                );
                if member.status == accord_client::types::MemberStatus::Active {
                    let from_there =
                        here.is_some_and(|one| one.action_ids.iter().any(|held| held == action));
                    assert_eq!(from_there, told.allowed, "{what_told}");
                }
            }
        }
    }
}

/// An owner's account with shares on every level, ended ones too, and members in several states.
pub(crate) async fn a_company(app: &TestApp, ada: &Person) -> Vec<Member> {
    let live = ada.group_at("web/live").await;
    let web = ada.group_at("web").await;
    let data = ada.group_at("data").await;
    let shop = ada.adds_environment_in("shop", &[&live]).await;
    ada.adds_environment_in("catalogue", &[&live, &data]).await;
    ada.adds_environment("lab").await;
    let reader = ada.role_of("Reader", &["files.read"]).await;
    let pilot = ada.role_of("Pilot", &["environment.start"]).await;
    let manager = ada.role_of("Manager", &["collaboration.manage"]).await;
    let mut ended = share(Item::environment(shop.id), &[&manager]);
    ended.expires_at = Some(app.clock.now() + chrono::Duration::hours(1));
    let everybody = [
        ("grace", vec![share(Item::group(web.id), &[&reader])]),
        (
            "alan",
            vec![
                share(Item::ENVIRONMENTS, &[&pilot]),
                share(Item::group(data.id), &[&reader, &manager]),
            ],
        ),
        ("edsger", vec![ended, share(Item::GROUPS, &[&pilot])]),
        ("barbara", vec![share(Item::ENVIRONMENTS, &[&reader])]),
        ("donald", Vec::new()),
    ];
    let mut members = Vec::new();
    for (name, shares) in everybody {
        let person = app.owner(name).await;
        let member = ada.invites(&person.email, shares).await;
        person.accepts(ada).await;
        if name == "barbara" {
            ada.suspend_member(ada.id, member.id)
                .await
                .expect("suspended");
        }
        members.push(ada.member_now(&member).await);
    }
    app.clock.advance(chrono::Duration::hours(2));
    app.signs_in(ada).await;
    let ends = TasksQuery {
        action: Some("member.end_shares".into()),
        ..Default::default()
    };
    // From now on, nothing is recorded by itself.
    eventually("the end is in the record", async || {
        let ends = ada.tasks(ada.id, &ends).await.expect("a page");
        !ends.items.is_empty()
    })
    .await;
    members
}

on_both_databases! {
    an_owner_is_shown_the_whole_path,
    members_ask_about_themselves_and_learn_no_foreign_group,
    what_cannot_be_asked_is_refused,
    every_way_to_ask_tells_the_same,
}
