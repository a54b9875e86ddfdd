//! Checks: they agree with every other way to ask about access, see each write at once, and tell nobody more
//! than they may know.

mod instances;
mod writes;

use accord_client::types::{
    AccessLevel, Check, CheckAccess, CheckAnswers, CheckMode, CheckSubject, DeleteQuery,
    Environment, Item, Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, on_both_databases};

use crate::explanations::a_company;
use crate::support::invalid;

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

on_both_databases! {
    checks_agree_with_every_other_way_to_ask,
    nobody_learns_more_than_they_may_know,
    what_cannot_be_checked_is_refused,
}
