//! Delegation: members with `collaboration.manage` on an environment, and what they may do with it.

use accord_client::types::{
    CreateEnvironment, DirectRoles, Environment, EnvironmentAccess, ErrorCode, Item, MemberStatus,
    PageQuery, RefusalReason, Role, ShareEnvironment, UpdateEnvironment, Uuid,
};
use accord_client::{Error, Result};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person, TestApp, on_both_databases};
use chrono::Duration;

use crate::support::refusal;

/// An owner, and Carla who manages who has access to the shop. She reads files there too.
struct Scene {
    olga: Person,
    carla: Person,
    carlas_record: Uuid,
    shop: Environment,
    blog: Environment,
    manager: Role,
    reader: Role,
    writer: Role,
}

impl Scene {
    async fn set(app: &TestApp) -> Self {
        let olga = app.owner("olga").await;
        let (shop, blog) = (
            olga.adds_environment("shop").await,
            olga.adds_environment("blog").await,
        );
        let manager = olga.role_of("Manager", &["collaboration.manage"]).await;
        let reader = olga.role_of("Reader", &["files.read"]).await;
        let writer = olga.role_of("Writer", &["files.read", "files.write"]).await;
        let carla = app.owner("carla").await;
        let given = vec![share(Item::environment(shop.id), &[&manager, &reader])];
        let carlas_record = olga.invites(&carla.email, given).await.id;
        carla.accepts(&olga).await;
        Self {
            olga,
            carla,
            carlas_record,
            shop,
            blog,
            manager,
            reader,
            writer,
        }
    }

    /// Somebody joins with these shares.
    async fn joins(&self, app: &TestApp, name: &str, given: &[(Item, &Role)]) -> (Person, Uuid) {
        let person = app.owner(name).await;
        let shares = given.iter().map(|(item, role)| share(*item, &[role]));
        let member = self.olga.invites(&person.email, shares.collect()).await;
        person.accepts(&self.olga).await;
        (person, member.id)
    }

    async fn rows(&self) -> Vec<EnvironmentAccess> {
        let page = self
            .carla
            .environment_access(self.olga.id, self.shop.id, &Default::default())
            .await;
        page.expect("a delegate sees who has access").items
    }

    async fn row(&self, member: Uuid) -> EnvironmentAccess {
        let mut rows = self.rows().await;
        rows.retain(|row| row.member_id == member);
        rows.pop().expect("the member is listed")
    }

    async fn carla_gives(&self, member: Uuid, roles: &[&Role]) -> Result<EnvironmentAccess> {
        let body = DirectRoles {
            role_ids: roles.iter().map(|role| role.id).collect(),
            expires_at: None,
        };
        let put = self
            .carla
            .set_direct_roles(self.olga.id, self.shop.id, member, &body, None)
            .await;
        put.map(accord_client::Versioned::into_inner)
    }

    async fn carla_takes(&self, member: Uuid) -> Result<()> {
        self.carla
            .remove_direct_roles(self.olga.id, self.shop.id, member, None)
            .await
    }

    async fn carla_invites(&self, email: &str, roles: &[&Role]) -> Result<EnvironmentAccess> {
        let body = ShareEnvironment {
            email: email.into(),
            role_ids: roles.iter().map(|role| role.id).collect(),
            expires_at: None,
        };
        self.carla
            .share_environment(self.olga.id, self.shop.id, &body)
            .await
    }

    fn on_shop(&self) -> Item {
        Item::environment(self.shop.id)
    }
}

/// The actions that a refusal says are lacking.
#[track_caller]
fn lacking<T: std::fmt::Debug>(outcome: Result<T>) -> Vec<String> {
    let error = outcome.expect_err("refused");
    assert_eq!(error.code(), Some(ErrorCode::Forbidden), "{error:?}");
    let context = error.context().expect("says what is lacking");
    context.missing_action_ids.clone()
}

async fn a_delegate_gives_changes_and_takes_direct_roles(app: TestApp) {
    let scene = Scene::set(&app).await;
    let given = [(Item::ENVIRONMENTS, &scene.reader)];
    let (bob, bobs) = scene.joins(&app, "bob", &given).await;
    assert_eq!(
        bob.actions_on(&scene.shop).await,
        ["files.read"],
        "by the category"
    );

    let row = scene.carla_gives(bobs, &[&scene.manager]).await;
    let row = row.expect("within what she has");
    assert_eq!(row.action_ids, ["collaboration.manage"]);
    assert_eq!(row.allowed_actions, ["edit", "remove"]);
    let names: Vec<&str> = row.roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(
        names,
        ["Manager"],
        "roles are named to who may not look them up"
    );
    assert_eq!(bob.actions_on(&scene.shop).await, ["collaboration.manage"]);

    scene
        .carla_takes(bobs)
        .await
        .expect("what lies under it is hers too");
    assert_eq!(bob.actions_on(&scene.shop).await, ["files.read"]);
    let again = scene.carla_takes(bobs).await;
    assert_eq!(
        refusal(again),
        ErrorCode::NotFound,
        "there is no direct share"
    );
}

async fn a_delegate_may_give_the_roles_that_they_are_told_of(app: TestApp) {
    let scene = Scene::set(&app).await;
    let query = PageQuery::default();
    let names = async |who: &Person, environment: &Environment| {
        let page = who
            .shareable_roles(scene.olga.id, environment.id, &query)
            .await?;
        let names = page.items.into_iter().map(|role| (role.name, role.until));
        Ok::<Vec<_>, Error>(names.collect())
    };
    let hers = names(&scene.carla, &scene.shop).await.expect("told");
    assert_eq!(
        hers,
        [("Manager".to_owned(), None), ("Reader".to_owned(), None)]
    );
    let all = names(&scene.olga, &scene.shop).await.expect("told");
    assert_eq!(all.len(), 7, "every role of the account: {all:?}");
    let elsewhere = names(&scene.carla, &scene.blog).await;
    assert_eq!(
        refusal(elsewhere),
        ErrorCode::NotFound,
        "she does not see the blog"
    );

    // What she has until an end, she gives until that end.
    let end = app.clock.now() + Duration::hours(2);
    let body = DirectRoles {
        role_ids: vec![scene.manager.id, scene.reader.id],
        expires_at: Some(end),
    };
    let (host, shop) = (scene.olga.id, scene.shop.id);
    let limited = scene
        .olga
        .set_direct_roles(host, shop, scene.carlas_record, &body, None);
    limited.await.expect("limited");
    let hers = names(&scene.carla, &scene.shop).await.expect("told");
    let until = hers[1].1.expect("an end");
    assert_eq!(until.timestamp_micros(), end.timestamp_micros());
    let error = scene
        .carla_invites("dana@example.com", &[&scene.reader])
        .await
        .expect_err("beyond her own end");
    let context = error.context().expect("says when").clone();
    assert_eq!(context.missing_action_ids, ["files.read"]);
    assert_eq!(context.from, Some(until));
    let body = ShareEnvironment {
        email: "dana@example.com".into(),
        role_ids: vec![scene.reader.id],
        expires_at: Some(until),
    };
    let shared = scene.carla.share_environment(host, shop, &body).await;
    shared.expect("until then");
    app.clock.advance(Duration::hours(3));
    let after = names(&scene.carla, &scene.shop).await;
    assert_eq!(
        refusal(after),
        ErrorCode::NotFound,
        "her own share has ended"
    );
}

async fn nobody_gives_what_they_lack(app: TestApp) {
    let scene = Scene::set(&app).await;
    let (_, bobs) = scene
        .joins(&app, "bob", &[(scene.on_shop(), &scene.reader)])
        .await;
    let asks = scene.carla_gives(bobs, &[&scene.writer]).await;
    assert_eq!(lacking(asks), ["files.write"]);
    let asks = scene
        .carla_invites("dana@example.com", &[&scene.writer])
        .await;
    assert_eq!(lacking(asks), ["files.write"]);
    assert!(app.mail_to("dana@example.com").await.is_empty());

    // A share that holds more than she has is left alone.
    let (_, wills) = scene
        .joins(&app, "will", &[(scene.on_shop(), &scene.writer)])
        .await;
    assert_eq!(
        lacking(scene.carla_gives(wills, &[&scene.reader]).await),
        ["files.write"]
    );
    assert_eq!(lacking(scene.carla_takes(wills).await), ["files.write"]);
    let row = scene.row(wills).await;
    assert!(row.allowed_actions.is_empty(), "{row:?}");
    let why: Vec<_> = row
        .refusals
        .iter()
        .map(|one| (one.action.as_str(), one.reason))
        .collect();
    assert_eq!(
        why,
        [
            ("edit", RefusalReason::Holds),
            ("remove", RefusalReason::Holds)
        ]
    );

    // One that hides more is not taken away, nor given an end.
    let given = [
        (scene.on_shop(), &scene.reader),
        (Item::ENVIRONMENTS, &scene.writer),
    ];
    let (_, hannas) = scene.joins(&app, "hanna", &given).await;
    assert_eq!(lacking(scene.carla_takes(hannas).await), ["files.write"]);
    let row = scene.row(hannas).await;
    assert_eq!(row.allowed_actions, ["edit"]);
    assert_eq!(row.refusals[0].reason, RefusalReason::Gains);
    assert_eq!(row.refusals[0].missing_action_ids, ["files.write"]);
    let body = DirectRoles {
        role_ids: vec![scene.reader.id],
        expires_at: Some(app.clock.now() + Duration::hours(1)),
    };
    let ending = scene
        .carla
        .set_direct_roles(scene.olga.id, scene.shop.id, hannas, &body, None)
        .await;
    assert_eq!(lacking(ending), ["files.write"]);
}

async fn nobody_touches_their_own_access_or_the_owners(app: TestApp) {
    let scene = Scene::set(&app).await;
    let own = scene.carlas_record;
    let row = scene.row(own).await;
    assert!(row.allowed_actions.is_empty());
    assert!(
        row.refusals
            .iter()
            .all(|one| one.reason == RefusalReason::Own)
    );
    assert_eq!(
        refusal(scene.carla_gives(own, &[&scene.reader]).await),
        ErrorCode::Forbidden
    );
    assert_eq!(refusal(scene.carla_takes(own).await), ErrorCode::Forbidden);
    for email in [scene.carla.email.clone(), scene.olga.email.clone()] {
        let invited = scene.carla_invites(&email, &[&scene.reader]).await;
        assert_eq!(refusal(invited), ErrorCode::OwnAccount, "{email}");
    }
}

async fn a_delegate_invites_in_the_owners_name(app: TestApp) {
    let scene = Scene::set(&app).await;
    let row = scene
        .carla_invites("dana@example.com", &[&scene.reader])
        .await;
    let row = row.expect("invited");
    assert_eq!(row.status, MemberStatus::Pending);
    assert_eq!(
        row.allowed_actions,
        ["edit", "withdraw", "remove", "resend"]
    );
    let mail = app.mail_about("dana@example.com", "olga invites you").await;
    let text = mail.text.replace('\n', " ");
    assert!(
        text.contains("carla invites you in the name of olga"),
        "{text}"
    );
    let host = scene.olga.id;
    let record = scene
        .olga
        .member(host, row.member_id)
        .await
        .expect("a record");
    let items: Vec<Item> = record.shares.iter().map(|share| share.item).collect();
    assert_eq!(items, [scene.on_shop()], "nothing but the direct share");

    // Again, and the old link dies.
    let first = app.invitation_token_for("dana@example.com").await;
    let resent = scene
        .carla
        .resend_environment_invitation(host, scene.shop.id, row.member_id)
        .await;
    resent.expect("sent again");
    let second = app.invitation_token_for("dana@example.com").await;
    assert_ne!(first, second);

    // Taken back: nothing else was shared, so the invitation is over.
    scene.carla_takes(row.member_id).await.expect("taken back");
    let record = scene.olga.member(host, row.member_id).await.expect("kept");
    assert_eq!(record.status, MemberStatus::Removed);
    let link = app.visitor().invitation(&second).await.expect("known");
    assert_eq!(link.state.as_str(), "withdrawn");
    assert!(
        scene
            .rows()
            .await
            .iter()
            .all(|one| one.member_id != row.member_id)
    );

    // And made again.
    let again = scene
        .carla_invites("dana@example.com", &[&scene.manager])
        .await;
    let again = again.expect("invited again");
    assert_eq!(
        (again.member_id, again.status),
        (row.member_id, MemberStatus::Pending)
    );
    let token = app.invitation_token_for("dana@example.com").await;
    let dana = app.accepts_as_new_person(&token, "Dana", PASSWORD).await;
    assert_eq!(dana.actions_on(&scene.shop).await, ["collaboration.manage"]);
}

async fn a_delegate_learns_nothing_of_other_members(app: TestApp) {
    let scene = Scene::set(&app).await;
    let (erin, erins) = scene
        .joins(
            &app,
            "erin",
            &[(Item::environment(scene.blog.id), &scene.writer)],
        )
        .await;
    let (_, bobs) = scene
        .joins(&app, "bob", &[(scene.on_shop(), &scene.reader)])
        .await;
    let (lea, leas) = scene
        .joins(&app, "lea", &[(scene.on_shop(), &scene.reader)])
        .await;
    lea.leave_collaboration(leas).await.expect("left");

    let listed: Vec<Uuid> = scene.rows().await.iter().map(|row| row.member_id).collect();
    assert_eq!(listed, [bobs, scene.carlas_record], "by address");
    for unseen in [erins, leas] {
        let put = scene.carla_gives(unseen, &[&scene.reader]).await;
        assert_eq!(refusal(put), ErrorCode::NotFound);
        assert_eq!(
            refusal(scene.carla_takes(unseen).await),
            ErrorCode::NotFound
        );
    }
    // Who is listed is named.
    let error = scene
        .carla_invites("bob@example.com", &[&scene.reader])
        .await
        .expect_err("listed already");
    assert_eq!(error.code(), Some(ErrorCode::MemberExists));
    assert_eq!(error.context().expect("names them").member_id, Some(bobs));
    // What another environment is about is not her affair.
    let error = scene
        .carla_invites(&lea.email, &[&scene.reader])
        .await
        .expect_err("only the owner brings back");
    assert_eq!(error.code(), Some(ErrorCode::MemberExists));
    assert!(error.context().is_none(), "{error:?}");
    // Who has no access here yet is shared with as a new address would be.
    let row = scene.carla_invites(&erin.email, &[&scene.reader]).await;
    let row = row.expect("shared with");
    assert_eq!((row.member_id, row.status), (erins, MemberStatus::Active));
    assert_eq!(erin.actions_on(&scene.shop).await, ["files.read"]);
    assert_eq!(erin.actions_on(&scene.blog).await.len(), 2, "as before");

    let others = scene
        .carla
        .members(scene.olga.id, &Default::default())
        .await;
    assert_eq!(
        refusal(others),
        ErrorCode::Forbidden,
        "members are the owner's"
    );
}

async fn an_invitation_that_carries_more_is_the_owners(app: TestApp) {
    let scene = Scene::set(&app).await;
    let given = vec![
        share(scene.on_shop(), &[&scene.reader]),
        share(Item::environment(scene.blog.id), &[&scene.writer]),
    ];
    let pending = scene.olga.invites("finn@example.com", given).await;
    let row = scene.row(pending.id).await;
    assert_eq!(row.allowed_actions, ["edit", "remove"]);
    let resent = scene
        .carla
        .resend_environment_invitation(scene.olga.id, scene.shop.id, pending.id)
        .await;
    assert_eq!(refusal(resent), ErrorCode::Forbidden);
    scene.carla_takes(pending.id).await.expect("her part of it");
    let record = scene.olga.member_now(&pending).await;
    assert_eq!(
        record.status,
        MemberStatus::Pending,
        "the rest still stands"
    );
    assert_eq!(record.shares.len(), 1);
}

async fn an_unproven_address_invites_nobody(app: TestApp) {
    let scene = Scene::set(&app).await;
    let given = vec![share(scene.on_shop(), &[&scene.manager, &scene.reader])];
    let member = scene.olga.invites("gus@example.com", given).await;
    let link = scene.olga.invitation_link(scene.olga.id, member.id).await;
    let url = link.expect("a link to copy").url;
    let token = url.rsplit('/').next().expect("a token");
    let gus = app.accepts_as_new_person(token, "Gus", PASSWORD).await;
    let (_, bobs) = scene
        .joins(&app, "bob", &[(scene.on_shop(), &scene.reader)])
        .await;
    let body = ShareEnvironment {
        email: "dana@example.com".into(),
        role_ids: vec![scene.reader.id],
        expires_at: None,
    };
    let (host, shop) = (scene.olga.id, scene.shop.id);
    let invited = gus.share_environment(host, shop, &body).await;
    assert_eq!(refusal(invited), ErrorCode::EmailNotVerified);
    let body = DirectRoles {
        role_ids: vec![scene.manager.id],
        expires_at: None,
    };
    let put = gus.set_direct_roles(host, shop, bobs, &body, None).await;
    put.expect("writes to nobody");
}

async fn what_a_delegate_may_do_ends_with_their_access(app: TestApp) {
    let scene = Scene::set(&app).await;
    let (_, bobs) = scene
        .joins(&app, "bob", &[(scene.on_shop(), &scene.reader)])
        .await;
    let (host, own) = (scene.olga.id, scene.carlas_record);
    scene
        .olga
        .suspend_member(host, own)
        .await
        .expect("suspended");
    let put = scene.carla_gives(bobs, &[&scene.reader]).await;
    assert_eq!(refusal(put), ErrorCode::NotFound);
    scene.olga.activate_member(host, own).await.expect("active");
    let role = accord_client::types::UpdateRole {
        policy_ids: Some(scene.reader.policy_ids.clone()),
        ..Default::default()
    };
    let emptied = scene
        .olga
        .update_role(host, scene.manager.id, &role, None)
        .await;
    emptied.expect("the role manages nothing any more");
    let put = scene.carla_gives(bobs, &[&scene.reader]).await;
    assert_eq!(refusal(put), ErrorCode::Forbidden, "she sees it still");
}

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
    a_delegate_gives_changes_and_takes_direct_roles,
    a_delegate_may_give_the_roles_that_they_are_told_of,
    nobody_gives_what_they_lack,
    nobody_touches_their_own_access_or_the_owners,
    a_delegate_invites_in_the_owners_name,
    a_delegate_learns_nothing_of_other_members,
    an_invitation_that_carries_more_is_the_owners,
    an_unproven_address_invites_nobody,
    what_a_delegate_may_do_ends_with_their_access,
    members_make_edit_and_delete_where_they_may,
}
