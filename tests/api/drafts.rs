//! What a draft of shares would give, asked before anything is saved: it is what comes of it when it is.

use std::collections::BTreeMap;

use accord_client::types::{
    AccessLevel, DraftAccess, DraftShares, EffectiveAccess, Item, NewShare, UpdateMember, Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person, TestApp, on_both_databases};
use chrono::Duration;

use crate::support::invalid;

type Answer = (AccessLevel, Vec<Uuid>, Vec<String>, Vec<String>);

fn by_environment(results: Vec<DraftAccess>) -> BTreeMap<Uuid, Answer> {
    let mut answers = BTreeMap::new();
    for result in results {
        for id in result.environment_ids {
            let answer = (
                result.access_level,
                result.role_ids.clone(),
                result.role_names.clone(),
                result.action_ids.clone(),
            );
            assert!(answers.insert(id, answer).is_none(), "each one once");
        }
    }
    answers
}

fn as_listed(access: Vec<EffectiveAccess>) -> BTreeMap<Uuid, Answer> {
    access
        .into_iter()
        .map(|one| {
            let answer = (
                one.access_level,
                one.role_ids,
                one.role_names,
                one.action_ids,
            );
            (one.environment_id, answer)
        })
        .collect()
}

async fn asked(owner: &Person, shares: Vec<NewShare>) -> BTreeMap<Uuid, Answer> {
    let body = DraftShares {
        shares,
        member_id: None,
    };
    let page = owner.draft_access(owner.id, &body).await.expect("answered");
    assert_eq!(page.next_cursor, None, "always whole");
    by_environment(page.items)
}

async fn a_draft_gives_what_comes_of_it(app: TestApp) {
    let ada = app.owner("ada").await;
    let web = ada.group_at("web").await;
    let live = ada.group_at("web/live").await;
    let shop = ada.adds_environment_in("shop", &[&live]).await;
    let lab = ada.adds_environment("lab").await;
    let blog = ada.adds_environment("blog").await;
    let reader = ada.role_of("Reader", &["files.read"]).await;
    let pilot = ada.role_of("Pilot", &["environment.start"]).await;

    let nothing = asked(&ada, Vec::new()).await;
    assert_eq!(nothing.len(), 3, "those without access are answered too");
    assert!(
        nothing
            .values()
            .all(|answer| answer.0 == AccessLevel::None && answer.3.is_empty())
    );

    let shares = vec![
        share(Item::ENVIRONMENTS, &[&reader]),
        share(Item::group(web.id), &[&pilot, &reader]),
        share(Item::environment(lab.id), &[&pilot]),
    ];
    let drafted = asked(&ada, shares.clone()).await;
    let levels: Vec<_> = [&shop, &lab, &blog]
        .iter()
        .map(|one| drafted[&one.id].0)
        .collect();
    assert_eq!(
        levels,
        [AccessLevel::Group, AccessLevel::Direct, AccessLevel::Base]
    );
    assert_eq!(drafted[&shop.id].3, ["environment.start", "files.read"]);

    let before = ada.members(ada.id, &Default::default()).await;
    assert!(before.expect("members").items.is_empty(), "nothing saved");
    let member = ada.invites("grace@example.com", shares).await;
    let token = app.invitation_token_for("grace@example.com").await;
    app.accepts_as_new_person(&token, "Grace", PASSWORD).await;
    let saved = ada
        .member_access(ada.id, member.id, &Default::default())
        .await
        .expect("access")
        .items;
    assert_eq!(drafted, as_listed(saved));
}

async fn ended_shares_of_a_member_give_nothing_until_extended(app: TestApp) {
    let ada = app.owner("ada").await;
    let shop = ada.adds_environment("shop").await;
    let viewer = ada.role_named("Viewer").await;
    let until = |hours| NewShare {
        expires_at: Some(app.clock.now() + Duration::hours(hours)),
        ..share(Item::environment(shop.id), &[&viewer])
    };
    let first = until(1);
    let member = ada.invites("grace@example.com", vec![first.clone()]).await;
    app.clock.advance(Duration::hours(2));

    let draft = |shares: Vec<NewShare>, member_id| DraftShares { shares, member_id };
    let as_it_is = draft(vec![first.clone()], Some(member.id));
    let page = ada.draft_access(ada.id, &as_it_is).await.expect("kept");
    assert_eq!(
        by_environment(page.items)[&shop.id].0,
        AccessLevel::None,
        "it has ended"
    );
    let of_somebody_new = draft(vec![first], None);
    let refused = ada.draft_access(ada.id, &of_somebody_new).await;
    assert_eq!(invalid(refused), "/shares/0/expires_at");

    let extended = draft(vec![until(1)], Some(member.id));
    let page = ada.draft_access(ada.id, &extended).await.expect("extended");
    assert_eq!(
        by_environment(page.items)[&shop.id].0,
        AccessLevel::Direct,
        "as it would be once the invitation is accepted"
    );
    let body = UpdateMember {
        shares: Some(extended.shares),
        ..Default::default()
    };
    ada.update_member(ada.id, member.id, &body, None)
        .await
        .expect("what was answered can be saved");
}

async fn a_draft_that_could_not_be_saved_is_refused(app: TestApp) {
    let ada = app.owner("ada").await;
    let viewer = ada.role_named("Viewer").await;
    let refused = async |shares: Vec<NewShare>, member_id| {
        let body = DraftShares { shares, member_id };
        invalid(ada.draft_access(ada.id, &body).await)
    };
    let once = share(Item::GROUPS, &[&viewer]);
    assert_eq!(
        refused(vec![once.clone(), once.clone()], None).await,
        "/shares/1/item"
    );
    assert_eq!(
        refused(vec![share(Item::GROUPS, &[])], None).await,
        "/shares/0/role_ids"
    );
    let unknown = share(Item::environment(Uuid::from_u128(7)), &[&viewer]);
    assert_eq!(refused(vec![unknown], None).await, "/shares/0/item/id");
    assert_eq!(
        refused(vec![once], Some(Uuid::from_u128(7))).await,
        "/member_id"
    );
}

on_both_databases! {
    a_draft_gives_what_comes_of_it,
    ended_shares_of_a_member_give_nothing_until_extended,
    a_draft_that_could_not_be_saved_is_refused,
}
