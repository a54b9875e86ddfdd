//! Two instances on one database that is stopped and started in the middle of what both are told to do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use accord_client::types::{
    CreateWebhook, ErrorCode, Invite, MailState, Member, MembersQuery, Uuid,
    WebhookDeliveriesQuery, WebhookDelivery, WebhookDeliveryStatus, WebhookEventType,
};
use accord_testkit::databases::PostgresCluster;
use accord_testkit::receiver::Receiver;
use accord_testkit::smtp::{SmtpMode, SmtpPeer, SmtpTls};
use accord_testkit::{Person, TestApp, eventually};
use chrono::Duration;

use crate::support::refusal;

/// How many of each instance are acknowledged before the database goes, and again after it is back.
const ENOUGH: usize = 8;
const AT_ONCE: usize = 3;

/// One who invites at one instance without a rest, and what came of it.
struct Inviter {
    person: Person,
    name: String,
    acknowledged: Mutex<Vec<String>>,
    refused: AtomicUsize,
}

impl Inviter {
    fn new(person: &Person, name: String) -> Self {
        Self {
            person: person.clone(),
            name,
            acknowledged: Mutex::default(),
            refused: AtomicUsize::new(0),
        }
    }

    fn count(&self) -> usize {
        self.acknowledged.lock().expect("no panic").len()
    }

    fn was_refused(&self) -> bool {
        self.refused.load(Ordering::SeqCst) > 0
    }

    /// Invites one address after the other, each until it is done: what is refused is refused clearly.
    async fn invites_until(&self, done: &AtomicBool) {
        for number in 0.. {
            let email = format!("{}-{number}@example.com", self.name);
            let body = Invite {
                email: email.clone(),
                ..Default::default()
            };
            let mut tried_before = false;
            loop {
                if done.load(Ordering::SeqCst) {
                    return;
                }
                let outcome = self.person.invite(self.person.id, &body).await;
                let error = match outcome {
                    Ok(_) => break,
                    Err(error) => error,
                };
                match error.code() {
                    Some(ErrorCode::Unavailable) => {
                        assert_eq!(error.status(), Some(503), "{error:?}");
                        self.refused.fetch_add(1, Ordering::SeqCst);
                        tried_before = true;
                    }
                    // It was committed, and the database went before it could say so.
                    Some(ErrorCode::MemberExists) if tried_before => break,
                    _ => panic!("neither done nor clearly refused: {error:?}"),
                }
            }
            self.acknowledged.lock().expect("no panic").push(email);
        }
    }
}

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
        mail.is_some_and(|mail| mail.state == MailState::Sent)
    });
    sent.map(|member| member.email).collect()
}

/// Ids of the messages that count as delivered.
async fn noted_as_delivered(owner: &Person, webhook: Uuid) -> BTreeSet<String> {
    let all = deliveries(owner, webhook).await.into_iter();
    let delivered = all.filter(|one| one.status == WebhookDeliveryStatus::Delivered);
    delivered.map(|one| one.id.to_string()).collect()
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
    let body = CreateWebhook {
        url: receiver.url("/hooks"),
        event_types: vec![WebhookEventType::MemberInvited],
        description: String::new(),
        enabled: None,
    };
    let webhook = ada.create_webhook(ada.id, &body).await;
    let webhook = webhook.expect("a webhook").webhook.id;

    let inviters: Vec<Inviter> = (0..2 * AT_ONCE)
        .map(|number| match number % 2 {
            0 => Inviter::new(&ada, format!("here{number}")),
            _ => Inviter::new(&ada_there, format!("there{number}")),
        })
        .collect();
    let of_each = |least: &[usize]| {
        let counts = inviters.iter().map(Inviter::count);
        counts.zip(least).all(|(count, least)| count >= *least)
    };
    let done = AtomicBool::new(false);
    let outage = async {
        let before = vec![ENOUGH; inviters.len()];
        eventually("everybody invites", async || of_each(&before)).await;
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
        let all_refused = async || inviters.iter().all(Inviter::was_refused);
        eventually("everybody is refused", all_refused).await;

        let started = cluster.clone();
        let start = tokio::task::spawn_blocking(move || started.start());
        start.await.expect("started");
        let more: Vec<usize> = inviters.iter().map(|one| one.count() + ENOUGH).collect();
        eventually("everybody goes on", async || of_each(&more)).await;
        done.store(true, Ordering::SeqCst);
    };
    let inviting = inviters.iter().map(|one| one.invites_until(&done));
    tokio::join!(futures_util::future::join_all(inviting), outage);

    let acknowledged: BTreeSet<String> = inviters
        .iter()
        .flat_map(|one| one.acknowledged.lock().expect("no panic").clone())
        .collect();
    let of_here = members(&ada).await;
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

    // What went out is noted; then nothing is under way where the programs were stopped in good order.
    let mail_server = || here.mail_server().expect("a mail server");
    let mailed = || -> BTreeSet<String> {
        let mails = mail_server().received().into_iter();
        let invitations = mails.filter(|mail| mail.text().contains("/invitations/"));
        invitations.flat_map(|mail| mail.rcpt_to).collect()
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

    // Both answer alike, and hear each other again.
    assert_eq!(members(&ada).await, members(&ada_there).await);
    let (log, log_there) = (
        deliveries(&ada, webhook).await,
        deliveries(&ada_there, webhook).await,
    );
    assert_eq!(log, log_there);
    let made = ada_there.adds_environment("after it").await;
    let seen = ada.environment(ada.id, made.id).await;
    assert_eq!(seen.expect("seen at once").into_inner(), made);
}
