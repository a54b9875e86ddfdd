//! Two instances on one database that is stopped and started in the middle of what both are told to do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use accord_client::types::{
    CreateApiToken, CreateWebhook, ErrorCode, Item, MailState, Member, MemberStatus, MembersQuery,
    NotificationKind, TasksQuery, TokenScope, UpdateWebhook, Uuid, WebhookDeliveriesQuery,
    WebhookDelivery, WebhookDeliveryStatus, WebhookEventType,
};
use accord_testkit::databases::PostgresCluster;
use accord_testkit::people::share;
use accord_testkit::receiver::Receiver;
use accord_testkit::smtp::{SmtpMode, SmtpPeer, SmtpTls};
use accord_testkit::{Backend, Person, TestApp, eventually};
use chrono::{Duration, SubsecRound as _};
use futures_util::future::join_all;

use crate::metrics::numbers_of;
use crate::notifications::told;
use crate::support::refusal;

mod load;

use load::{Asker, Changer, Inviter, Keyed, Load, Switch, Tally, may_read};

/// How much of each kind is acknowledged at each instance before the database goes, and again after it is back.
const ENOUGH: usize = 6;
const AT_ONCE: usize = 2;

async fn members(owner: &Person) -> Vec<Member> {
    let mut query = MembersQuery {
        limit: Some(200),
        ..Default::default()
    };
    let mut members = Vec::new();
    loop {
        let page = owner.members(owner.id, &query).await.expect("a page");
        members.extend(page.items);
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return members,
        }
    }
}

async fn deliveries(owner: &Person, webhook: Uuid) -> Vec<WebhookDelivery> {
    let mut query = WebhookDeliveriesQuery {
        limit: Some(200),
        ..Default::default()
    };
    let mut deliveries = Vec::new();
    loop {
        let page = owner.webhook_deliveries(owner.id, webhook, &query).await;
        let page = page.expect("a page");
        deliveries.extend(page.items);
        match page.next_cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return deliveries,
        }
    }
}

/// Addresses whose invitation counts as sent.
async fn noted_as_sent(owner: &Person) -> BTreeSet<String> {
    let members = members(owner).await.into_iter();
    let sent = members.filter(|member| {
        let mail = member.invitation_mail.as_ref();
        let waits = member.status == MemberStatus::Pending;
        waits && mail.is_some_and(|mail| mail.state == MailState::Sent)
    });
    sent.map(|member| member.email).collect()
}

/// Ids of the messages that count as delivered.
async fn noted_as_delivered(owner: &Person, webhook: Uuid) -> BTreeSet<String> {
    let all = deliveries(owner, webhook).await.into_iter();
    let delivered = all.filter(|one| one.status == WebhookDeliveryStatus::Delivered);
    delivered.map(|one| one.id.to_string()).collect()
}

async fn tells_of_invitations(owner: &Person, url: &str) -> Uuid {
    let body = CreateWebhook {
        url: url.into(),
        event_types: vec![WebhookEventType::MemberInvited],
        description: String::new(),
        enabled: None,
    };
    let made = owner.create_webhook(owner.id, &body).await;
    made.expect("a webhook").webhook.id
}

async fn a_webhook_that_is_off(owner: &Person) -> Uuid {
    let body = CreateWebhook {
        url: "https://example.com/".into(),
        event_types: vec![WebhookEventType::RoleDeleted],
        description: String::new(),
        enabled: Some(false),
    };
    let made = owner.create_webhook(owner.id, &body).await;
    made.expect("a webhook").webhook.id
}

/// How often each message id came.
fn counted(ids: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for id in ids {
        *counts.entry(id).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_restarts_under_two_instances() {
    let cluster = tokio::task::spawn_blocking(PostgresCluster::private).await;
    let cluster = std::sync::Arc::new(cluster.expect("a PostgreSQL server"));
    let peer = SmtpPeer::start(SmtpMode::new(SmtpTls::None)).await;
    let url = cluster.create_database("accord");
    let mut here = TestApp::start_on_with_mail_server(&url, peer).await;
    let mut there = here.another_instance().await;
    let ada = here.owner("ada").await;
    let ada_there = ada.signed_in_at(&there).await;
    let receiver = Receiver::start().await;

    // Who may read files all the time, and who may now and then.
    let shop = ada.adds_environment("shop").await;
    let reads = ada.policy_of("Reads", &["files.read"]).await;
    let logs = ada.policy_of("Logs", &["logs.read"]).await;
    let for_good = ada.role_of("For good", &["files.read"]).await;
    let now_and_then = ada.role_of("Now and then", &["files.read"]).await;
    let (bob, cleo) = (here.owner("bob").await, here.owner("cleo").await);
    for (person, role) in [(&bob, &for_good), (&cleo, &now_and_then)] {
        ada.invites(&person.email, vec![share(Item::ENVIRONMENTS, &[role])])
            .await;
        person.accepts(&ada).await;
    }
    let webhook = tells_of_invitations(&ada, &receiver.url("/hooks")).await;
    // Webhooks that are changed, and one that is tested by a program, which counts each test by its key.
    let tests = Receiver::start().await;
    let tested = tells_of_invitations(&ada, &tests.url("/tests")).await;
    let changes_nothing = UpdateWebhook {
        event_types: Some(vec![WebhookEventType::RoleDeleted]),
        ..Default::default()
    };
    let changed = ada
        .update_webhook(ada.id, tested, &changes_nothing, None)
        .await;
    changed.expect("it is told of tests alone");
    let token = CreateApiToken {
        name: "Tests".into(),
        scopes: vec![TokenScope::Webhooks],
        expires_at: None,
    };
    let token = ada.create_api_token(&token).await.expect("a token").secret;
    let path = format!("/api/v1/accounts/{}/webhooks/{tested}/test", ada.id);

    let inviters: Vec<Inviter> = (0..2 * AT_ONCE)
        .map(|number| match number % 2 {
            0 => Inviter::new(&ada, format!("here{number}")),
            _ => Inviter::new(&ada_there, format!("there{number}")),
        })
        .collect();
    let changers = [
        Changer::new(&ada, a_webhook_that_is_off(&ada).await),
        Changer::new(&ada_there, a_webhook_that_is_off(&ada).await),
    ];
    let keyed = [
        Keyed::new(here.with_token(&token), &path, "here"),
        Keyed::new(there.with_token(&token), &path, "there"),
    ];
    let askers = [
        Asker::new(&ada, shop.id, &bob),
        Asker::new(&ada_there, shop.id, &bob),
    ];
    let switch = Switch {
        person: ada.clone(),
        elsewhere: ada_there.clone(),
        environment: shop.id,
        who: cleo.clone(),
        role: now_and_then.id,
        policies: [reads.id, logs.id],
        tally: Tally::default(),
    };
    let tallies: Vec<&Tally> = (inviters.iter().map(Load::tally))
        .chain(changers.iter().map(Load::tally))
        .chain(keyed.iter().map(Load::tally))
        .chain(askers.iter().map(Load::tally))
        .chain([switch.tally()])
        .collect();
    let of_each = |least: &[usize]| {
        let counts = tallies.iter().map(|tally| tally.count());
        counts.zip(least).all(|(count, least)| count >= *least)
    };
    let done = AtomicBool::new(false);
    let outage = async {
        let before = vec![ENOUGH; tallies.len()];
        eventually("everybody is at it", async || of_each(&before)).await;
        let stopped = cluster.clone();
        let stop = tokio::task::spawn_blocking(move || stopped.stop());
        stop.await.expect("stopped");
        for (app, owner) in [(&here, &ada), (&there, &ada_there)] {
            assert_eq!(refusal(owner.account().await), ErrorCode::Unavailable);
            let asked = app.visitor();
            asked.livez().await.expect("the program itself is alive");
            let ready = asked.readyz().await.expect_err("not ready");
            assert_eq!(ready.status(), Some(503));
        }
        let all_refused = async || tallies.iter().all(|tally| tally.was_refused());
        eventually("everybody is refused", all_refused).await;

        let started = cluster.clone();
        let start = tokio::task::spawn_blocking(move || started.start());
        start.await.expect("started");
        let more: Vec<usize> = tallies.iter().map(|one| one.count() + ENOUGH).collect();
        eventually("everybody goes on", async || of_each(&more)).await;
        done.store(true, Ordering::SeqCst);
    };
    tokio::join!(
        join_all(inviters.iter().map(|one| one.goes_on_until(&done))),
        join_all(changers.iter().map(|one| one.goes_on_until(&done))),
        join_all(keyed.iter().map(|one| one.goes_on_until(&done))),
        join_all(askers.iter().map(|one| one.goes_on_until(&done))),
        switch.goes_on_until(&done),
        outage,
    );

    let acknowledged: BTreeSet<String> = inviters
        .iter()
        .flat_map(|one| one.acknowledged.lock().expect("no panic").clone())
        .collect();
    let mut of_here = members(&ada).await;
    of_here.retain(|member| member.status == MemberStatus::Pending);
    let known: BTreeMap<&str, Uuid> = of_here
        .iter()
        .map(|member| (member.email.as_str(), member.id))
        .collect();
    for email in &acknowledged {
        assert!(known.contains_key(email.as_str()), "{email} is lost");
    }
    let nobody_else = |email: &&str| {
        let mut inviters = inviters.iter();
        inviters.any(|one| email.starts_with(&format!("{}-", one.name)))
    };
    assert!(known.keys().all(nobody_else), "{known:?}");
    for changer in &changers {
        for owner in [&ada, &ada_there] {
            let now = owner
                .webhook(owner.id, changer.webhook)
                .await
                .expect("there");
            let written = changer.may_have_written(&now.description);
            assert!(written, "{} is not what was written last", now.description);
        }
    }

    // What went out is noted; then nothing is under way where the programs were stopped in good order.
    let mail_server = || here.mail_server().expect("a mail server");
    let mailed = || -> BTreeSet<String> {
        let mails = mail_server().received().into_iter();
        let invitations = mails.filter(|mail| mail.text().contains("/invitations/"));
        let recipients = invitations.flat_map(|mail| mail.rcpt_to);
        recipients
            .filter(|email| known.contains_key(email.as_str()))
            .collect()
    };
    let all_noted = async || {
        let (mailed, came) = (mailed(), receiver.received());
        let delivered = noted_as_delivered(&ada, webhook).await;
        mailed.is_subset(&noted_as_sent(&ada).await)
            && came
                .iter()
                .all(|request| delivered.contains(request.header("webhook-id")))
    };
    eventually("what was sent is noted", all_noted).await;
    // What an instance had claimed when the database went is free for the other after a while.
    let while_claimed = Duration::minutes(10);
    here.stops_and_starts_again().await;
    there.stops_and_starts_again().await;
    here.clock.advance(while_claimed);
    there.clock.advance(while_claimed);
    here.signs_in(&ada).await;
    there.signs_in(&ada_there).await;

    let mut asked_with: BTreeSet<String> = BTreeSet::new();
    let mut lost = 0;
    for (keyed, other) in keyed.iter().zip([&there, &here]) {
        let answered = keyed.answered.lock().expect("no panic").clone();
        for (key, first) in answered {
            let again = Keyed::sends(&other.with_token(&token), &path, &key).await;
            match first {
                // The database went after the write and before its answer was kept.
                Some(_) if again.status == 409 => lost += 1,
                Some(first) => {
                    let (first, again) =
                        ((first.status, first.text()), (again.status, again.text()));
                    assert_eq!(first, again, "{key}");
                }
                None => assert!([202, 409].contains(&again.status), "{}", again.text()),
            }
            asked_with.insert(key);
        }
    }
    assert!(lost <= keyed.len(), "{lost} answers were lost");
    let everything: BTreeSet<String> = known.keys().map(|email| (*email).to_owned()).collect();
    let all_sent = async || {
        let sent = noted_as_sent(&ada).await;
        sent == everything && noted_as_delivered(&ada, webhook).await.len() == everything.len()
    };
    eventually("everything is sent", all_sent).await;
    let mails = here.mail_server().expect("a mail server").received();
    let ids = mails.iter().map(|mail| {
        let id = mail.raw_header("Message-ID");
        id.expect("a message id")
    });
    let twice: Vec<_> = counted(ids)
        .into_iter()
        .filter(|(_, count)| *count > 1)
        .collect();
    assert!(twice.is_empty(), "mail was sent twice: {twice:?}");
    let came = receiver.received();
    let ids = came
        .iter()
        .map(|request| request.header("webhook-id").to_owned());
    let twice: Vec<_> = counted(ids)
        .into_iter()
        .filter(|(_, count)| *count > 1)
        .collect();
    assert!(twice.is_empty(), "webhooks were told twice: {twice:?}");
    let told: BTreeSet<String> = came
        .iter()
        .map(|request| request.json()["data"]["member_id"].to_string())
        .collect();
    let invited: BTreeSet<String> = known
        .values()
        .map(|id| serde_json::json!(id).to_string())
        .collect();
    assert_eq!(told, invited, "the receiver heard of each");

    let each_test = async || noted_as_delivered(&ada, tested).await.len() == asked_with.len();
    eventually("each key stands for one test", each_test).await;
    let came = tests.received();
    let ids = came
        .iter()
        .map(|request| request.header("webhook-id").to_owned());
    assert!(
        counted(ids).values().all(|count| *count == 1),
        "tested twice"
    );
    assert_eq!(deliveries(&ada, tested).await.len(), asked_with.len());

    // Both answer alike, and hear each other again.
    assert_eq!(members(&ada).await, members(&ada_there).await);
    for who in [&bob, &cleo] {
        let answers = may_read(&ada, shop.id, who, None).await.expect("answered");
        let revision = Some(answers.revision);
        let answers_there = may_read(&ada_there, shop.id, who, revision).await;
        assert_eq!(answers, answers_there.expect("answered"));
    }
    let (log, log_there) = (
        deliveries(&ada, webhook).await,
        deliveries(&ada_there, webhook).await,
    );
    assert_eq!(log, log_there);
    let made = ada_there.adds_environment("after it").await;
    let seen = ada.environment(ada.id, made.id).await;
    assert_eq!(seen.expect("seen at once").into_inner(), made);
}

/// Both look at the same moment, again and again: everybody hears of each share once, before its end and then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_tell_of_each_end_once() {
    use NotificationKind::{SharesEnded, SharesEnding};
    let peer = SmtpPeer::start(SmtpMode::new(SmtpTls::None)).await;
    let here = TestApp::start_with_mail_server(Backend::PostgreSql, peer).await;
    let there = here.another_instance().await;
    let (ada, eve) = (here.owner("ada").await, here.owner("eve").await);
    let people = [
        here.owner("bob").await,
        here.owner("cleo").await,
        here.owner("dora").await,
    ];
    let end = (here.clock.now() + Duration::days(10)).trunc_subsecs(0);
    for owner in [&ada, &eve] {
        let viewer = owner.role_named("Viewer").await;
        for person in &people {
            let mut everything = share(Item::ENVIRONMENTS, &[&viewer]);
            everything.expires_at = Some(end);
            owner.invites(&person.email, vec![everything]).await;
            person.accepts(owner).await;
        }
    }
    for (time, kind, subject) in [
        (Duration::days(8), SharesEnding, "ends soon"),
        (Duration::days(3), SharesEnded, "has ended"),
    ] {
        here.clock.advance(time);
        there.clock.advance(time);
        for _ in 0..4 {
            tokio::join!(
                here.tells_of_share_ends(),
                there.tells_of_share_ends(),
                here.tells_of_share_ends(),
                there.tells_of_share_ends(),
            );
        }
        let waiting = r#"accord_outbox_mails{state="waiting"}"#;
        let all_sent = async || numbers_of(&here, waiting).await == [(String::new(), 0)];
        eventually("all mail has left", all_sent).await;
        // One notice from each owner, and to each owner one of all three.
        let owners = [(&ada, 1), (&eve, 1)].into_iter();
        for (person, times) in owners.chain(people.iter().map(|person| (person, 2))) {
            here.signs_in(person).await;
            let notices = told(person).await.into_iter();
            let heard = notices.filter(|notice| notice.kind == kind).count();
            assert_eq!(heard, times, "{} of {kind}", person.email);
            let mails = here.mail_to(&person.email).await.into_iter();
            let mails = mails.filter(|mail| mail.subject.contains(subject)).count();
            assert_eq!(mails, times, "{} of {kind}", person.email);
        }
    }
    let query = TasksQuery {
        action: Some("member.end_shares".into()),
        ..Default::default()
    };
    for owner in [&ada, &eve] {
        let recorded = owner.tasks(owner.id, &query).await.expect("a page").items;
        assert_eq!(recorded.len(), people.len());
    }
}
