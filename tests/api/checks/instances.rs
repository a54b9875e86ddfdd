//! Checks at one instance see what another one, or the command line, has written.

use std::time::{Duration, Instant};

use accord_client::types::{
    CheckAccess, CheckSubject, Environment, ErrorCode, GroupEnvironments, Item, MemberStatus,
    Shares, Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{Backend, Person, TestApp, eventually};

use super::{DETACH, all, check, may};

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
                age < Duration::from_millis(100),
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
                let body = Shares { shares };
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
        let body = Shares { shares };
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
            assert!(begun < Duration::from_millis(100), "disabled {begun:?} ago");
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

    let embedded = include_str!("../../../crates/domain/src/catalogue.json");
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
