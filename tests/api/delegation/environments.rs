//! Environments that members make, edit and delete.

use accord_client::types::{CreateEnvironment, ErrorCode, Item, UpdateEnvironment, Uuid};
use accord_testkit::{TestApp, on_both_databases};

use super::Scene;
use crate::support::refusal;

async fn members_make_edit_and_delete_where_they_may(app: TestApp) {
    let scene = Scene::set(&app).await;
    let olga = &scene.olga;
    let (web, data) = (olga.group_at("web").await, olga.group_at("data").await);
    let live = olga.group_at("web/live").await;
    let creator = olga.role_of("Creator", &["environment.create"]).await;
    let keeper = olga
        .role_of("Keeper", &["environment.edit", "environment.delete"])
        .await;
    let given = [(Item::group(web.id), &creator), (scene.on_shop(), &keeper)];
    let (bob, bobs) = scene.joins(&app, "bob", &given).await;
    let places = async || {
        let seen = bob.collaboration(bobs).await.expect("his").into_inner();
        (seen.may_create.root, seen.may_create.group_ids)
    };
    let (root, mut groups) = places().await;
    groups.sort_unstable();
    let mut wanted = [web.id, live.id];
    wanted.sort_unstable();
    assert!(!root);
    assert_eq!(groups, wanted, "the group and what is below it");

    let make = |name: &str, group_ids: &[Uuid]| CreateEnvironment {
        name: name.into(),
        group_ids: group_ids.to_vec(),
        ..Default::default()
    };
    let host = olga.id;
    for (name, groups) in [("a", vec![web.id]), ("b", vec![web.id, live.id])] {
        let made = bob.create_environment(host, &make(name, &groups)).await;
        let made = made.expect("where he may").into_inner();
        assert_eq!((made.owner.id, made.created_by), (host, Some(bob.id)));
    }
    for (name, groups) in [
        ("c", vec![]),
        ("d", vec![data.id]),
        ("e", vec![web.id, data.id]),
    ] {
        let made = bob.create_environment(host, &make(name, &groups)).await;
        assert_eq!(refusal(made), ErrorCode::Forbidden, "{name}");
    }

    let body = UpdateEnvironment {
        name: Some("store".into()),
        ..Default::default()
    };
    let edited = bob
        .update_environment(host, scene.shop.id, &body, None)
        .await;
    assert_eq!(edited.expect("his to edit").name, "store");
    let body = UpdateEnvironment {
        group_ids: Some(vec![web.id]),
        ..Default::default()
    };
    let regrouped = bob
        .update_environment(host, scene.shop.id, &body, None)
        .await;
    assert_eq!(
        refusal(regrouped),
        ErrorCode::Forbidden,
        "groups are the owner's"
    );
    let deleted = bob.delete_environment(host, scene.shop.id, None).await;
    deleted.expect("his to delete");

    olga.suspend_member(host, bobs).await.expect("suspended");
    assert_eq!(places().await, (false, Vec::new()));
}

on_both_databases! {
    members_make_edit_and_delete_where_they_may,
}
