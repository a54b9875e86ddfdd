//! Load alerts over REST: whom they reach, and that they flood nobody.

use accord_client::types::{
    Environment, ErrorCode, Item, Notification, NotificationKind, PostLoadAlert, Role, UpdateRole,
    Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, on_both_databases};
use chrono::Duration;

use crate::notification_preferences::chooses;
use crate::notifications::told;
use crate::support::{invalid, refusal};

fn alert(metric: &str, value: f64) -> PostLoadAlert {
    PostLoadAlert {
        metric: metric.into(),
        value,
        threshold: 90.0,
        message: None,
    }
}

async fn posts(owner: &Person, shop: &Environment, alert: &PostLoadAlert) -> u32 {
    let outcome = owner.post_load_alert(owner.id, shop.id, alert).await;
    outcome.expect("posted").notified
}

async fn alarmed_role(owner: &Person) -> Role {
    let role = owner.role_of("Operator", &["logs.read"]).await;
    let body = UpdateRole {
        receive_load_alerts: Some(true),
        ..Default::default()
    };
    owner
        .update_role(owner.id, role.id, &body, None)
        .await
        .expect("flagged")
        .into_inner()
}

async fn alerts(person: &Person) -> Vec<Notification> {
    let mut told = told(person).await;
    told.retain(|told| told.kind == NotificationKind::LoadAlert);
    told
}

async fn mails(app: &TestApp, person: &Person) -> usize {
    let mails = app.mail_to(&person.email).await;
    mails
        .iter()
        .filter(|mail| mail.subject.starts_with("Load alert"))
        .count()
}

async fn an_alert_reaches_the_owner_and_whose_roles_ask_for_it(app: TestApp) {
    let ada = app.owner("ada").await;
    let operator = alarmed_role(&ada).await;
    let viewer = ada.role_named("Viewer").await;
    let shop = ada.adds_environment("shop").await;
    let mut people = Vec::new();
    for (name, shares) in [
        ("ann", vec![share(Item::ENVIRONMENTS, &[&operator])]),
        ("ben", vec![share(Item::ENVIRONMENTS, &[&viewer])]),
        (
            "cleo",
            vec![
                share(Item::environment(shop.id), &[&viewer]),
                share(Item::ENVIRONMENTS, &[&operator]),
            ],
        ),
        ("dan", vec![share(Item::ENVIRONMENTS, &[&operator])]),
        ("eve", vec![share(Item::ENVIRONMENTS, &[&operator])]),
    ] {
        let person = app.owner(name).await;
        let member = ada.invites(&person.email, shares).await;
        if name != "eve" {
            person.accepts(&ada).await;
        }
        if name == "dan" {
            ada.suspend_member(ada.id, member.id)
                .await
                .expect("suspended");
        }
        people.push(person);
    }
    let body = PostLoadAlert {
        message: Some("The third time today".into()),
        ..alert("CPU load, %", 97.5)
    };
    assert_eq!(posts(&ada, &shop, &body).await, 2);
    let to_ann = alerts(&people[0]).await.remove(0);
    assert_eq!(to_ann.environment_id, Some(shop.id));
    assert_eq!(to_ann.account_id, Some(ada.id));
    assert_eq!(to_ann.params.environment_name.as_deref(), Some("shop"));
    let facts = to_ann.params.alert.expect("what was measured");
    assert_eq!(
        (facts.metric.as_str(), facts.value, facts.threshold),
        ("CPU load, %", 97.5, 90.0)
    );
    assert_eq!(facts.message.as_deref(), Some("The third time today"));
    let mail = app
        .mail_about(
            &people[0].email,
            "Load alert: CPU load, % of shop is at 97.5",
        )
        .await;
    let place = format!("{}/environments/{}/{}", app.public_url(), ada.id, shop.id);
    assert!(
        mail.text.contains(&place) && mail.html.contains(&place),
        "{}",
        mail.text
    );
    assert!(mail.text.contains("/unsubscribe/"));
    assert_eq!(
        (alerts(&ada).await.len(), mails(&app, &ada).await),
        (1, 1),
        "the platform posts in her name"
    );
    for silent in &people[1..] {
        assert_eq!(
            (alerts(silent).await.len(), mails(&app, silent).await),
            (0, 0),
            "{}",
            silent.name
        );
    }

    // Nobody but the owner posts, and nothing about what is not there.
    let refused = people[0].post_load_alert(ada.id, shop.id, &body).await;
    assert_eq!(refusal(refused), ErrorCode::Forbidden);
    let refused = people[4].post_load_alert(ada.id, shop.id, &body).await;
    assert_eq!(refusal(refused), ErrorCode::NotFound);
    let nowhere = ada.post_load_alert(ada.id, Uuid::from_u128(7), &body).await;
    assert_eq!(refusal(nowhere), ErrorCode::NotFound);
    for (pointer, wrong) in [
        ("/metric", alert(" ", 1.0)),
        ("/metric", alert(&"m".repeat(61), 1.0)),
        (
            "/message",
            PostLoadAlert {
                message: Some("two\nlines".into()),
                ..alert("CPU", 1.0)
            },
        ),
    ] {
        assert_eq!(
            invalid(ada.post_load_alert(ada.id, shop.id, &wrong).await),
            pointer
        );
    }
}

async fn repeats_are_counted_and_not_mailed(app: TestApp) {
    let ada = app.owner("ada").await;
    let operator = alarmed_role(&ada).await;
    let shop = ada.adds_environment("shop").await;
    let attic = ada.adds_environment("attic").await;
    let ann = app.owner("ann").await;
    let shares = vec![share(Item::ENVIRONMENTS, &[&operator])];
    ada.invites(&ann.email, shares.clone()).await;
    ann.accepts(&ada).await;

    for value in [91.0, 95.0, 99.0] {
        assert_eq!(posts(&ada, &shop, &alert("CPU", value)).await, 2);
        app.clock.advance(Duration::minutes(4));
    }
    let counted = alerts(&ann).await;
    assert_eq!((counted.len(), mails(&app, &ann).await), (1, 1));
    let facts = counted[0].params.alert.clone().expect("what was measured");
    assert_eq!((facts.times, facts.value), (3, 99.0));
    assert!(facts.last_at > counted[0].created_at);

    // Whoever joins meanwhile was not told yet; another metric, another environment is another matter.
    let ben = app.owner("ben").await;
    ada.invites(&ben.email, shares).await;
    ben.accepts(&ada).await;
    assert_eq!(posts(&ada, &shop, &alert("CPU", 92.0)).await, 3);
    assert_eq!((alerts(&ben).await.len(), mails(&app, &ben).await), (1, 1));
    assert_eq!(posts(&ada, &shop, &alert("Memory", 92.0)).await, 3);
    assert_eq!(posts(&ada, &attic, &alert("CPU", 92.0)).await, 3);
    assert_eq!((alerts(&ann).await.len(), mails(&app, &ann).await), (3, 3));

    app.clock.advance(Duration::minutes(2));
    posts(&ada, &shop, &alert("CPU", 93.0)).await;
    assert_eq!(mails(&app, &ann).await, 3, "a minute is missing");
    app.clock.advance(Duration::minutes(1));
    posts(&ada, &shop, &alert("CPU", 93.0)).await;
    assert_eq!((alerts(&ann).await.len(), mails(&app, &ann).await), (4, 4));
}

async fn names_of_metrics_flood_no_mailbox(app: TestApp) {
    let ada = app.owner("ada").await;
    let shop = ada.adds_environment("shop").await;
    for number in 0..13 {
        posts(&ada, &shop, &alert(&format!("metric {number}"), 99.0)).await;
    }
    assert_eq!(
        (alerts(&ada).await.len(), mails(&app, &ada).await),
        (13, 10)
    );
    app.clock.advance(Duration::minutes(15));
    posts(&ada, &shop, &alert("metric 12", 99.0)).await;
    assert_eq!(mails(&app, &ada).await, 11);
}

async fn alerts_obey_preferences_and_proof(app: TestApp) {
    let ada = app.owner("ada").await;
    let operator = alarmed_role(&ada).await;
    let shop = ada.adds_environment("shop").await;
    let shares = vec![share(Item::ENVIRONMENTS, &[&operator])];
    let ann = app.owner("ann").await;
    ada.invites(&ann.email, shares.clone()).await;
    ann.accepts(&ada).await;
    // An account made through a copied link: its address proves nothing.
    let member = ada.invites("zoe@example.com", shares).await;
    let link = ada
        .invitation_link(ada.id, member.id)
        .await
        .expect("a link")
        .url;
    let token = link.rsplit('/').next().expect("a token");
    let zoe = app
        .accepts_as_new_person(token, "Zoe", accord_testkit::PASSWORD)
        .await;

    chooses(&ann, NotificationKind::LoadAlert, Some(false), None).await;
    assert_eq!(posts(&ada, &shop, &alert("CPU", 91.0)).await, 3);
    assert_eq!((alerts(&ann).await.len(), mails(&app, &ann).await), (1, 0));
    assert_eq!((alerts(&zoe).await.len(), mails(&app, &zoe).await), (1, 0));

    chooses(&ann, NotificationKind::LoadAlert, None, Some(false)).await;
    assert_eq!(
        posts(&ada, &shop, &alert("Memory", 91.0)).await,
        2,
        "neither way is no way"
    );
    chooses(&ann, NotificationKind::LoadAlert, Some(true), None).await;
    assert_eq!(posts(&ada, &shop, &alert("Disk", 91.0)).await, 3);
    assert_eq!(posts(&ada, &shop, &alert("Disk", 92.0)).await, 3);
    assert_eq!(
        (alerts(&ann).await.len(), mails(&app, &ann).await),
        (1, 1),
        "by mail alone, once"
    );

    app.disables(&ann, true).await;
    assert_eq!(posts(&ada, &shop, &alert("Net", 91.0)).await, 2);
    ada.delete_environment(ada.id, shop.id, None)
        .await
        .expect("deleted");
    assert_eq!(alerts(&ada).await.len(), 4, "what was told stays told");
}

on_both_databases! {
    an_alert_reaches_the_owner_and_whose_roles_ask_for_it,
    repeats_are_counted_and_not_mailed,
    names_of_metrics_flood_no_mailbox,
    alerts_obey_preferences_and_proof,
}
