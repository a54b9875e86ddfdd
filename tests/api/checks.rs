//! Checks: they agree with every other way to ask about access, see each write at once, and tell nobody more
//! than they may know.

use std::time::{Duration as Time, Instant};

use accord_client::types::{
    AccessLevel, Check, CheckAccess, CheckAnswers, CheckMode, CheckSubject, DeleteQuery,
    DirectRoles, Environment, ErrorCode, GroupEnvironments, Item, MemberStatus, UpdatePolicy,
    UpdateRole, Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{Backend, Person, TestApp, eventually, on_both_databases};
use chrono::Duration;

use crate::explanations::a_company;
use crate::support::{invalid, refusal};

const DETACH: DeleteQuery = DeleteQuery { detach: Some(true) };

fn check(subject: CheckSubject, environment: Uuid, actions: &[&str]) -> Check {
    Check {
        subject,
        environment_id: environment,
        action_ids: actions.iter().map(|action| (*action).to_owned()).collect(),
        mode: CheckMode::All,
    }
}

fn all(checks: Vec<Check>) -> CheckAccess {
    CheckAccess {
        checks,
        at_least_revision: None,
    }
}

async fn ask(by: &Person, check: Check) -> CheckAnswers {
    by.check_access(&all(vec![check])).await.expect("answered")
}

/// Whether `who` may read files on the environment, asked by `by`.
async fn may(by: &Person, who: &Person, environment: &Environment) -> bool {
    let check = check(
        CheckSubject::account(who.id),
        environment.id,
        &["files.read"],
    );
    ask(by, check).await.results[0].allowed
}

async fn checks_agree_with_every_other_way_to_ask(app: TestApp) {
    let ada = app.owner("ada").await;
    let members = a_company(&app, &ada).await;
    let actions = ["files.read", "environment.start", "collaboration.manage"];
    let mut checks = Vec::new();
    let mut wanted = Vec::new();
    for member in &members {
        let listed = ada
            .member_access(ada.id, member.id, &Default::default())
            .await
            .expect("access")
            .items;
        for access in listed {
            for subject in [
                CheckSubject::account(member.account_id.expect("accepted")),
                CheckSubject::email(member.email.to_uppercase()),
            ] {
                for action in actions {
                    checks.push(check(subject.clone(), access.environment_id, &[action]));
                    wanted.push((
                        access.access_level,
                        access.action_ids.iter().any(|held| held == action),
                    ));
                }
            }
        }
    }
    // The first time from the database, then from memory.
    for _ in 0..2 {
        let answers = ada
            .check_access(&all(checks.clone()))
            .await
            .expect("answered");
        let told: Vec<_> = answers
            .results
            .iter()
            .map(|result| (result.access_level, result.allowed))
            .collect();
        assert_eq!(told, wanted);
        assert!(answers.revision > 0);
    }
    let mut any = check(
        CheckSubject::email("grace@example.com"),
        checks[0].environment_id,
        &actions,
    );
    let needs_all = ask(&ada, any.clone()).await.results.remove(0);
    any.mode = CheckMode::Any;
    let needs_one = ask(&ada, any).await.results.remove(0);
    assert_eq!(needs_all.missing_action_ids, needs_one.missing_action_ids);
    assert_eq!(
        (needs_all.allowed, needs_one.allowed),
        (
            needs_all.missing_action_ids.is_empty(),
            needs_all.missing_action_ids.len() < actions.len()
        )
    );
}

async fn nobody_learns_more_than_they_may_know(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let other = app.owner("other").await;
    let viewer = ada.role_named("Viewer").await;
    let shop = ada.adds_environment("shop").await;
    let lab = ada.adds_environment("lab").await;
    ada.invites(
        &grace.email,
        vec![share(Item::environment(shop.id), &[&viewer])],
    )
    .await;
    grace.accepts(&ada).await;

    let own = ask(
        &ada,
        check(CheckSubject::account(ada.id), shop.id, &["files.read"]),
    )
    .await;
    assert!(own.results[0].allowed);
    assert_eq!(own.results[0].access_level, AccessLevel::Owner);
    assert!(
        may(&grace, &grace, &shop).await,
        "everybody about themselves"
    );
    let by_address = check(CheckSubject::email(&grace.email), shop.id, &["files.read"]);
    assert!(ask(&grace, by_address).await.results[0].allowed);

    let nowhere = Uuid::from_u128(7);
    let read: &[&str] = &["files.read"];
    let nothing = ask(
        &other,
        check(CheckSubject::account(grace.id), nowhere, read),
    )
    .await;
    assert_eq!(nothing.revision, 0);
    for (by, subject, environment) in [
        (&other, CheckSubject::account(grace.id), shop.id),
        (&other, CheckSubject::email(&grace.email), shop.id),
        (&other, CheckSubject::email("nobody@example.com"), shop.id),
        (&other, CheckSubject::account(other.id), shop.id),
        (&other, CheckSubject::account(ada.id), shop.id),
        (&grace, CheckSubject::account(ada.id), shop.id),
        (&grace, CheckSubject::account(grace.id), lab.id),
        (&grace, CheckSubject::email(&other.email), shop.id),
    ] {
        // Twice: not in memory, and in memory.
        for _ in 0..2 {
            let what = format!("{subject:?} by {}", by.email);
            let told = ask(by, check(subject.clone(), environment, read)).await;
            assert_eq!(told, nothing, "{what}");
        }
    }
    // An owner learns of addresses without an account no more than of those without access.
    for email in ["nobody@example.com", &other.email] {
        let told = ask(&ada, check(CheckSubject::email(email), shop.id, read)).await;
        assert_eq!(told.results, nothing.results, "{email}");
    }
}

async fn a_check_sees_every_write_that_was_answered(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let policy = ada.policy_of("Reading", &["files.read"]).await;
    let other_policy = ada.policy_of("Starting", &["environment.start"]).await;
    let role = ada.role_of("Other", &["logs.read"]).await;
    let web = ada.group_at("web").await;
    let live = ada.group_at("web/live").await;
    let shop = ada.adds_environment("shop").await;
    let member = ada
        .invites(&grace.email, vec![share(Item::group(web.id), &[&role])])
        .await;
    let now = async |what: &str, wanted: bool| {
        assert_eq!(
            may(&ada, &grace, &shop).await,
            wanted,
            "{what}, to the owner"
        );
        assert_eq!(may(&grace, &grace, &shop).await, wanted, "{what}, to them");
    };
    now("invited", false).await;
    grace.accepts(&ada).await;
    now("the environment is in no group", false).await;

    let holds = async |ids: Vec<Uuid>| {
        let body = GroupEnvironments {
            environment_ids: ids,
        };
        ada.set_group_environments(ada.id, live.id, &body, None)
            .await
            .expect("set")
    };
    holds(vec![shop.id]).await;
    now("the role does not hold the action", false).await;
    let body = UpdateRole {
        policy_ids: Some(vec![policy.id]),
        ..Default::default()
    };
    ada.update_role(ada.id, role.id, &body, None)
        .await
        .expect("a role");
    now("the role holds it", true).await;
    let body = UpdatePolicy {
        action_ids: Some(vec!["logs.read".into()]),
        ..Default::default()
    };
    ada.update_policy(ada.id, policy.id, &body, None)
        .await
        .expect("a policy");
    now("the policy holds it no more", false).await;
    let body = UpdatePolicy {
        action_ids: Some(vec!["files.read".into()]),
        ..Default::default()
    };
    ada.update_policy(ada.id, policy.id, &body, None)
        .await
        .expect("a policy");
    now("the policy holds it again", true).await;

    let direct = ada.role_of("Direct", &["environment.start"]).await;
    ada.shares_directly(&shop, &member, &[&direct]).await;
    now("a direct share hides the group's", false).await;
    let body = DirectRoles {
        role_ids: vec![direct.id],
        expires_at: Some(app.clock.now() + Duration::minutes(1)),
    };
    ada.set_direct_roles(ada.id, shop.id, member.id, &body, None)
        .await
        .expect("shared");
    now("until it ends", false).await;
    app.clock.advance(Duration::minutes(1));
    now("it has ended", true).await;
    ada.delete_role(ada.id, direct.id, &DETACH, None)
        .await
        .expect("deleted");
    ada.delete_policy(ada.id, other_policy.id, &DETACH, None)
        .await
        .expect("deleted");
    now("what does not matter went", true).await;

    holds(Vec::new()).await;
    now("the group holds it no more", false).await;
    holds(vec![shop.id]).await;
    now("the group holds it again", true).await;
    let body = accord_client::types::UpdateGroup {
        parent_id: Some(None),
        ..Default::default()
    };
    ada.update_group(ada.id, live.id, &body, None)
        .await
        .expect("moved");
    now("the group was moved away", false).await;
    let body = accord_client::types::UpdateGroup {
        parent_id: Some(Some(web.id)),
        ..Default::default()
    };
    ada.update_group(ada.id, live.id, &body, None)
        .await
        .expect("moved");
    now("the group was moved back", true).await;

    ada.suspend_member(ada.id, member.id)
        .await
        .expect("suspended");
    now("suspended", false).await;
    ada.activate_member(ada.id, member.id)
        .await
        .expect("active");
    now("active again", true).await;
    app.disables(&grace, true).await;
    assert!(!may(&ada, &grace, &shop).await, "their account is disabled");
    let themselves = check(CheckSubject::account(grace.id), shop.id, &["files.read"]);
    let refused = grace.check_access(&all(vec![themselves.clone()])).await;
    assert_eq!(refusal(refused), ErrorCode::NotSignedIn);
    app.disables(&grace, false).await;
    assert!(may(&ada, &grace, &shop).await, "their account is enabled");
    app.signs_in(&grace).await;
    now("signed in again", true).await;
    app.disables(&ada, true).await;
    assert!(!may(&grace, &grace, &shop).await, "the owner is frozen");
    app.disables(&ada, false).await;
    app.signs_in(&ada).await;
    now("the owner is back", true).await;

    let copy = Person {
        client: app.visitor(),
        ..grace.clone()
    };
    copy.client.set_access_token(grace.access_token());
    assert!(may(&copy, &copy, &shop).await);
    grace.sign_out().await.expect("signed out");
    let refused = copy.check_access(&all(vec![themselves])).await;
    assert_eq!(
        refusal(refused),
        ErrorCode::NotSignedIn,
        "the session ended"
    );

    ada.delete_group(ada.id, web.id, None)
        .await
        .expect("deleted");
    assert!(!may(&ada, &grace, &shop).await, "the group is gone");
    let body = vec![share(Item::ENVIRONMENTS, &[&role])];
    let body = accord_client::types::Shares { shares: body };
    ada.set_member_shares(ada.id, member.id, &body, None)
        .await
        .expect("shared");
    assert!(may(&ada, &grace, &shop).await, "everything is shared");
    ada.remove_member(ada.id, member.id, None)
        .await
        .expect("removed");
    assert!(!may(&ada, &grace, &shop).await, "removed");
    ada.delete_environment(ada.id, shop.id, None)
        .await
        .expect("deleted");
    assert!(!may(&ada, &ada, &shop).await, "the environment is gone");
}

async fn a_write_tells_its_revision_and_a_check_takes_it(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let viewer = ada.role_named("Viewer").await;
    let shop = ada.adds_environment("shop").await;
    let member = ada
        .invites(&grace.email, vec![share(Item::ENVIRONMENTS, &[&viewer])])
        .await;
    grace.accepts(&ada).await;
    let account = format!("/api/v1/accounts/{}", ada.id);
    let address = format!("{account}/members/{}/suspend", member.id);
    let answer = ada.raw("POST", &address, &[], "").await.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let revision: i64 = answer
        .header("accord-revision")
        .expect("it changed access")
        .parse()
        .expect("a number");
    let mut body = all(vec![check(
        CheckSubject::account(grace.id),
        shop.id,
        &["files.read"],
    )]);
    body.at_least_revision = Some(revision);
    let answers = ada.check_access(&body).await.expect("it has got there");
    assert_eq!(answers.revision, revision);
    assert!(!answers.results[0].allowed);

    body.at_least_revision = Some(revision + 1);
    let ahead = ada.check_access(&body).await;
    assert_eq!(refusal(ahead), ErrorCode::RevisionAhead);
    let hidden = grace
        .check_access(&body)
        .await
        .expect("no more than nothing");
    assert_eq!(hidden.revision, 0, "suspended: the account is not there");

    for (method, path, body) in [
        ("GET", format!("{account}/members"), ""),
        (
            "PATCH",
            format!("{account}/members/{}", member.id),
            r#"{"display_name":"G"}"#,
        ),
        (
            "POST",
            format!("{account}/members/{}/suspend", member.id),
            "",
        ),
    ] {
        let headers: &[(&str, &str)] = if body.is_empty() {
            &[]
        } else {
            &[("content-type", "application/json")]
        };
        let answer = ada
            .raw(method, &path, headers, body)
            .await
            .expect("an answer");
        assert_eq!(
            answer.header("accord-revision"),
            None,
            "{method} {path} changed no access"
        );
    }
}

async fn what_cannot_be_checked_is_refused(app: TestApp) {
    let ada = app.owner("ada").await;
    let shop = ada.adds_environment("shop").await;
    let good = check(CheckSubject::account(ada.id), shop.id, &["files.read"]);
    let refused = async |change: &dyn Fn(&mut Check)| {
        let mut bad = good.clone();
        change(&mut bad);
        invalid(ada.check_access(&all(vec![good.clone(), bad])).await)
    };
    assert_eq!(
        refused(&|check| check.subject = CheckSubject::default()).await,
        "/checks/1/subject"
    );
    assert_eq!(
        refused(&|check| check.subject.email = Some("a@example.com".into())).await,
        "/checks/1/subject"
    );
    assert_eq!(
        refused(&|check| check.subject = CheckSubject::email("nonsense")).await,
        "/checks/1/subject/email"
    );
    assert_eq!(
        refused(&|check| check.action_ids.clear()).await,
        "/checks/1/action_ids",
        "all of nothing is no yes"
    );
    assert_eq!(
        refused(&|check| check.action_ids.push("no.such_action".into())).await,
        "/checks/1/action_ids/1"
    );
    let many = |count| all(vec![good.clone(); count]);
    assert_eq!(invalid(ada.check_access(&many(1_001)).await), "/checks");
    let answers = ada.check_access(&many(1_000)).await.expect("answered");
    assert!(answers.results.iter().all(|result| result.allowed));
    assert_eq!(answers.results.len(), 1_000);
    assert!(
        ada.check_access(&many(0))
            .await
            .expect("answered")
            .results
            .is_empty()
    );
}

/// An owner and a member who may read, at two instances on one database.
struct Two {
    here: TestApp,
    there: TestApp,
    ada: Person,
    grace: Person,
    ada_there: Person,
    grace_there: Person,
    shop: Environment,
}

impl Two {
    async fn start() -> Self {
        let here = TestApp::start(Backend::PostgreSql).await;
        let there = here.another_instance().await;
        let ada = here.owner("ada").await;
        let grace = here.owner("grace").await;
        let shop = ada.adds_environment("shop").await;
        let ada_there = ada.signed_in_at(&there).await;
        let grace_there = grace.signed_in_at(&there).await;
        Self {
            here,
            there,
            ada,
            grace,
            ada_there,
            grace_there,
            shop,
        }
    }

    /// The last check at the other instance that answered otherwise began no later than a tenth of a
    /// second after the write here had answered.
    async fn soon_there(&self, what: &str, wanted: bool) {
        let answered = Instant::now();
        loop {
            let begun = Instant::now();
            let of_owner = may(&self.ada_there, &self.grace, &self.shop).await;
            let of_member = may(&self.grace_there, &self.grace, &self.shop).await;
            if of_owner == wanted && of_member == wanted {
                break;
            }
            let age = begun.duration_since(answered);
            assert!(
                age < Time::from_millis(100),
                "{what}: still the other way after {age:?}"
            );
        }
        assert_eq!(
            may(&self.ada, &self.grace, &self.shop).await,
            wanted,
            "{what}"
        );
    }

    async fn story(&self) {
        let Self {
            here,
            ada,
            grace,
            shop,
            ..
        } = self;
        let web = ada.group_at(&format!("web{}", Uuid::now_v7())).await;
        let role = ada
            .role_of(&format!("Reader{}", Uuid::now_v7()), &["files.read"])
            .await;
        let known = grace.collaboration_with(ada).await;
        let shares = vec![share(Item::group(web.id), &[&role])];
        let member_id = match known {
            Some(collaboration) => {
                let body = accord_client::types::Shares { shares };
                ada.set_member_shares(ada.id, collaboration.id, &body, None)
                    .await
                    .expect("shared");
                collaboration.id
            }
            None => {
                let member = ada.invites(&grace.email, shares).await;
                grace.accepts(ada).await;
                member.id
            }
        };
        self.soon_there("not in the group", false).await;
        let body = GroupEnvironments {
            environment_ids: vec![shop.id],
        };
        ada.set_group_environments(ada.id, web.id, &body, None)
            .await
            .expect("set");
        self.soon_there("in the group", true).await;
        ada.suspend_member(ada.id, member_id)
            .await
            .expect("suspended");
        self.soon_there("suspended", false).await;
        ada.activate_member(ada.id, member_id)
            .await
            .expect("active");
        self.soon_there("active", true).await;
        ada.delete_role(ada.id, role.id, &DETACH, None)
            .await
            .expect("deleted");
        self.soon_there("the role is gone", false).await;
        let role = ada
            .role_of(&format!("Again{}", Uuid::now_v7()), &["files.read"])
            .await;
        let shares = vec![share(Item::environment(shop.id), &[&role])];
        let body = accord_client::types::Shares { shares };
        ada.set_member_shares(ada.id, member_id, &body, None)
            .await
            .expect("shared");
        self.soon_there("shared again", true).await;
        here.disables(ada, true).await;
        let refused = async || {
            let themselves = check(CheckSubject::account(ada.id), shop.id, &["files.read"]);
            let outcome = self.ada_there.check_access(&all(vec![themselves])).await;
            outcome.is_err_and(|error| error.code() == Some(ErrorCode::NotSignedIn))
        };
        let answered = Instant::now();
        loop {
            let begun = answered.elapsed();
            if refused().await && !may(&self.grace_there, grace, shop).await {
                break;
            }
            assert!(begun < Time::from_millis(100), "disabled {begun:?} ago");
        }
        here.disables(ada, false).await;
        here.signs_in(ada).await;
        self.there.signs_in(&self.ada_there).await;
        self.soon_there("enabled", true).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_instance_says_no_within_a_tenth_of_a_second() {
    let two = Two::start().await;
    two.story().await;
    let body = CheckAccess {
        checks: vec![check(
            CheckSubject::account(two.grace.id),
            two.shop.id,
            &["files.read"],
        )],
        at_least_revision: None,
    };
    // With the revision of the write, at once.
    let collaboration = two.grace.collaboration_with(&two.ada).await;
    let member = collaboration.expect("they are a member").id;
    for round in 0..20 {
        let suspends = round % 2 == 0;
        let verb = if suspends { "suspend" } else { "activate" };
        let address = format!("/api/v1/accounts/{}/members/{member}/{verb}", two.ada.id);
        let answer = two
            .ada
            .raw("POST", &address, &[], "")
            .await
            .expect("an answer");
        let revision = answer.header("accord-revision").expect("a revision");
        let body = CheckAccess {
            at_least_revision: Some(revision.parse().expect("a number")),
            ..body.clone()
        };
        let told = two.ada_there.check_access(&body).await.expect("answered");
        assert_eq!(told.results[0].allowed, !suspends, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_hears_nothing_looks_at_the_database() {
    let two = Two::start().await;
    let cuts = two.here.cuts_channels();
    two.story().await;
    cuts.abort();
}

/// Whose system policies changed with the catalogue is everybody: an instance that runs on hears of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_starts_with_another_catalogue_is_heard() {
    let here = TestApp::start(Backend::PostgreSql).await;
    let ada = here.owner("ada").await;
    let grace = here.owner("grace").await;
    let viewer = ada.role_named("Viewer").await;
    let shop = ada.adds_environment("shop").await;
    ada.invites(&grace.email, vec![share(Item::ENVIRONMENTS, &[&viewer])])
        .await;
    grace.accepts(&ada).await;
    let subject = CheckSubject::account(grace.id);
    let body = all(vec![
        check(subject.clone(), shop.id, &["files.read"]),
        check(subject, shop.id, &["logs.read"]),
    ]);
    let allowed = async || {
        let answers = grace.check_access(&body).await.expect("answered");
        let results = answers.results.iter().map(|result| result.allowed);
        (results.collect::<Vec<_>>(), answers.revision)
    };
    let (before, revision) = allowed().await;
    assert_eq!(before, [true, true]);

    let embedded = include_str!("../../crates/domain/src/catalogue.json");
    let mut catalogue: serde_json::Value = serde_json::from_str(embedded).expect("JSON");
    for policy in catalogue["policies"].as_array_mut().expect("policies") {
        let actions = policy["actions"].as_array_mut().expect("actions");
        actions.retain(|action| action != "files.read");
    }
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), catalogue.to_string()).expect("written");
    let path = file.path().to_owned();
    let _there = here
        .another_instance_with_settings(|options| options.catalogue = Some(path))
        .await;
    eventually("the change is heard", async || {
        allowed().await.0 == [false, true]
    })
    .await;
    assert!(allowed().await.1 > revision);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_beside_a_running_server_is_heard() {
    let app = TestApp::start(Backend::Sqlite).await;
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let viewer = ada.role_named("Viewer").await;
    let shop = ada.adds_environment("shop").await;
    ada.invites(&grace.email, vec![share(Item::ENVIRONMENTS, &[&viewer])])
        .await;
    grace.accepts(&ada).await;
    assert!(may(&ada, &grace, &shop).await);
    app.disables_at_the_command_line(&grace).await;
    eventually("the check says no", async || {
        !may(&ada, &grace, &shop).await
    })
    .await;
    assert_eq!(
        ada.members(ada.id, &Default::default())
            .await
            .expect("members")
            .items[0]
            .status,
        MemberStatus::Active
    );
}

on_both_databases! {
    checks_agree_with_every_other_way_to_ask,
    nobody_learns_more_than_they_may_know,
    a_check_sees_every_write_that_was_answered,
    a_write_tells_its_revision_and_a_check_takes_it,
    what_cannot_be_checked_is_refused,
}
