//! The outbox and its worker, with a real database, a real mail server and a clock that is set.

mod common;

use accord_domain::ids::{AccountId, MemberId};
use accord_mail::mailbox;
use accord_mail::outbox::{QueueError, queue};
use accord_mail::worker::Round;
use accord_mail::{LinkSealer, Message};
use accord_store::StoreError;
use accord_store::outbox::claim_due;
use accord_testkit::databases::{Backend, PostgresCluster};
use accord_testkit::smtp::{SmtpMode, SmtpPeer, SmtpTls};
use chrono::TimeDelta;
use common::{LINK, Office, invitation, mail_id, reset_for};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;
use uuid::Uuid;

/// Makes each of these a test on both databases.
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            use super::Backend;
            $(#[tokio::test] async fn $test() { super::$test(Backend::Sqlite).await; })+
        }
        mod postgresql {
            use super::Backend;
            $(#[tokio::test] async fn $test() { super::$test(Backend::PostgreSql).await; })+
        }
    };
}

on_both_databases!(
    a_mail_is_sent_once_and_its_link_is_erased,
    passing_failures_are_tried_again_until_exactly_one_mail_arrives,
    a_refused_recipient_is_given_up_at_once_and_visibly,
    mail_waits_while_the_mail_server_is_away,
    after_two_days_without_a_mail_server_a_mail_is_given_up,
    what_was_kept_before_there_was_a_mail_server_is_given_up_when_it_is_old,
    an_invitation_that_is_over_is_not_mailed,
    a_connection_that_breaks_leaves_one_recognisable_mail,
    two_workers_on_one_database_never_send_a_mail_twice,
    what_a_dead_worker_had_claimed_is_sent_when_its_claim_lapses,
    the_running_worker_wakes_and_stops_when_it_is_told,
    the_worker_outlives_a_database_that_cannot_be_read,
    a_link_that_cannot_be_opened_is_not_left_out_but_waited_for,
    a_mail_lives_and_dies_with_its_transaction,
    the_development_mailbox_shows_the_newest_first_with_their_links,
    optional_mail_to_an_account_has_a_way_out,
    what_follows_on_giving_up_is_noted_with_it_or_not_at_all,
);

const NOTHING: Round = Round {
    sent: 0,
    postponed: 0,
    given_up: 0,
};
const SENT: Round = Round { sent: 1, ..NOTHING };
const POSTPONED: Round = Round {
    postponed: 1,
    ..NOTHING
};
const GIVEN_UP: Round = Round {
    given_up: 1,
    ..NOTHING
};

async fn plain() -> SmtpPeer {
    SmtpPeer::start(SmtpMode::new(SmtpTls::None)).await
}

async fn a_mail_is_sent_once_and_its_link_is_erased(backend: Backend) {
    let peer = SmtpPeer::start(SmtpMode::new(SmtpTls::StartTls).with_auth("me", "secret")).await;
    let office = Office::new(backend);
    office.queue(1, "ben@example.com", &reset_for("Ben"), Some(LINK));
    let stored = office.stored(1);
    let sealed = stored.sealed_link.expect("the link is stored");
    assert!(!String::from_utf8_lossy(&sealed).contains("secret-token"));
    assert!(!stored.params.to_string().contains("secret-token"));

    let worker = office.worker(&peer);
    assert_eq!(worker.send_due().await.unwrap(), SENT);
    assert_eq!(worker.send_due().await.unwrap(), NOTHING);
    let [mail] = peer.received().try_into().unwrap();
    assert_eq!(mail.link().as_deref(), Some(LINK));
    assert_eq!(mail.subject(), "Reset your password");
    let stored = office.stored(1);
    assert_eq!(stored.sent_at, Some(office.now()));
    assert_eq!((stored.sealed_link, stored.last_error), (None, None));
}

async fn passing_failures_are_tried_again_until_exactly_one_mail_arrives(backend: Backend) {
    let peer = plain().await;
    let office = Office::new(backend);
    let worker = office.worker(&peer);
    office.queue(1, "ben@example.com", &reset_for("Ben"), Some(LINK));
    peer.fail_next(2, 451);
    assert_eq!(worker.send_due().await.unwrap(), POSTPONED);
    assert_eq!(
        worker.send_due().await.unwrap(),
        NOTHING,
        "the pause was skipped"
    );
    let stored = office.stored(1);
    assert!(stored.last_error.unwrap().contains("451"));
    assert!(stored.sealed_link.is_some(), "the link is still needed");

    office.pass(TimeDelta::seconds(59));
    assert_eq!(worker.send_due().await.unwrap(), NOTHING);
    office.pass(TimeDelta::seconds(8));
    assert_eq!(worker.send_due().await.unwrap(), POSTPONED);
    office.pass(TimeDelta::seconds(66));
    assert_eq!(
        worker.send_due().await.unwrap(),
        NOTHING,
        "pauses do not grow"
    );
    office.pass(TimeDelta::minutes(6));
    assert_eq!(worker.send_due().await.unwrap(), SENT);
    office.pass(TimeDelta::days(3));
    assert_eq!(worker.send_due().await.unwrap(), NOTHING);
    assert_eq!((peer.received().len(), peer.turned_away()), (1, 2));
    let stored = office.stored(1);
    assert_eq!((stored.attempts, stored.last_error), (3, None));
}

async fn a_refused_recipient_is_given_up_at_once_and_visibly(backend: Backend) {
    let peer = plain().await;
    peer.refuse("gone@example.com");
    let office = Office::new(backend);
    let worker = office.worker(&peer);
    office.queue(1, "gone@example.com", &reset_for("Ben"), Some(LINK));
    assert_eq!(worker.send_due().await.unwrap(), GIVEN_UP);
    let stored = office.stored(1);
    assert_eq!(stored.gave_up_at, Some(office.now()));
    assert!(
        stored
            .last_error
            .unwrap()
            .contains("refused the recipient: 550")
    );
    assert_eq!(stored.sealed_link, None);
    office.pass(TimeDelta::days(3));
    assert_eq!(worker.send_due().await.unwrap(), NOTHING);
    assert!(peer.received().is_empty());
}

async fn mail_waits_while_the_mail_server_is_away(backend: Backend) {
    let mut peer = plain().await;
    let office = Office::new(backend);
    let worker = office.worker(&peer);
    peer.stop();
    for number in 1..=3 {
        office.queue(number, "ben@example.com", &reset_for("Ben"), Some(LINK));
    }
    let all_postponed = Round {
        postponed: 3,
        ..NOTHING
    };
    assert_eq!(worker.send_due().await.unwrap(), all_postponed);
    assert!(
        office
            .stored(1)
            .last_error
            .unwrap()
            .contains("cannot be reached")
    );
    peer.start_again();
    office.pass(TimeDelta::seconds(67));
    let all_sent = Round { sent: 3, ..NOTHING };
    assert_eq!(worker.send_due().await.unwrap(), all_sent);
    assert_eq!(peer.received().len(), 3);
}

async fn after_two_days_without_a_mail_server_a_mail_is_given_up(backend: Backend) {
    let mut peer = plain().await;
    let office = Office::new(backend);
    let worker = office.worker(&peer);
    peer.stop();
    office.queue(1, "ben@example.com", &reset_for("Ben"), Some(LINK));
    let written = office.now();
    let mut attempts = 0;
    while office.stored(1).gave_up_at.is_none() {
        assert!(
            office.now() - written < TimeDelta::days(4),
            "it is never given up"
        );
        let round = worker.send_due().await.unwrap();
        attempts += round.postponed + round.given_up;
        office.pass(TimeDelta::minutes(10));
    }
    let lasted = office.stored(1).gave_up_at.unwrap() - written;
    assert!(
        lasted > TimeDelta::hours(48) && lasted < TimeDelta::hours(60),
        "{lasted}"
    );
    assert_eq!(attempts, 10);
    assert_eq!(office.stored(1).sealed_link, None);
}

async fn what_was_kept_before_there_was_a_mail_server_is_given_up_when_it_is_old(backend: Backend) {
    let office = Office::new(backend);
    office.queue(1, "old@example.com", &reset_for("Old"), Some(LINK));
    office.pass(TimeDelta::hours(2));
    office.queue(2, "new@example.com", &reset_for("New"), Some(LINK));
    office.pass(TimeDelta::days(3) - TimeDelta::hours(1));
    let peer = plain().await;
    let worker = office.worker(&peer);
    let expected = Round {
        sent: 1,
        given_up: 1,
        ..NOTHING
    };
    assert_eq!(worker.send_due().await.unwrap(), expected);
    let [mail] = peer.received().try_into().unwrap();
    assert_eq!(mail.rcpt_to, ["new@example.com"]);
    let stored = office.stored(1);
    assert_eq!(stored.gave_up_at, Some(office.now()));
    assert!(stored.last_error.unwrap().contains("more than three days"));
    assert_eq!(stored.sealed_link, None);
    assert_eq!(worker.send_due().await.unwrap(), NOTHING);
}

async fn an_invitation_that_is_over_is_not_mailed(backend: Backend) {
    let office = Office::new(backend);
    office.queue_about_nobody(1, "gone@example.com", &invitation());
    let peer = plain().await;
    let worker = office.worker(&peer);
    assert_eq!(worker.send_due().await.unwrap(), GIVEN_UP);
    assert!(peer.received().is_empty());
    let stored = office.stored(1);
    assert!(stored.last_error.unwrap().contains("was over"));
}

async fn a_connection_that_breaks_leaves_one_recognisable_mail(backend: Backend) {
    let peer = plain().await;
    let office = Office::new(backend);
    let worker = office.worker(&peer);
    office.queue(1, "ben@example.com", &reset_for("Ben"), Some(LINK));
    peer.drop_next(1);
    assert_eq!(worker.send_due().await.unwrap(), POSTPONED);
    office.pass(TimeDelta::seconds(67));
    assert_eq!(worker.send_due().await.unwrap(), SENT);
    let [mail] = peer.received().try_into().unwrap();
    let id = mail.raw_header("Message-ID").unwrap();
    assert_eq!(id, format!("<{}@localhost>", mail_id(1)));
}

async fn two_workers_on_one_database_never_send_a_mail_twice(backend: Backend) {
    let peer = plain().await;
    let office = Office::new(backend);
    let recipients: BTreeSet<_> = (1..=40)
        .map(|number| format!("p{number}@example.com"))
        .collect();
    for (number, recipient) in (1..).zip(&recipients) {
        office.queue(number, recipient, &reset_for("Ben"), Some(LINK));
    }
    let empty = |worker: accord_mail::Worker| async move {
        let mut sent = 0;
        loop {
            match worker.send_due().await.unwrap() {
                NOTHING => return sent,
                round => sent += round.sent,
            }
        }
    };
    let (first, second) = tokio::join!(
        tokio::spawn(empty(office.worker(&peer))),
        tokio::spawn(empty(office.second_connection().worker(&peer))),
    );
    assert_eq!(first.unwrap() + second.unwrap(), recipients.len());
    let received = peer.received();
    assert_eq!(received.len(), recipients.len());
    let reached: BTreeSet<_> = received.into_iter().flat_map(|mail| mail.rcpt_to).collect();
    assert_eq!(reached, recipients);
}

async fn what_a_dead_worker_had_claimed_is_sent_when_its_claim_lapses(backend: Backend) {
    let peer = plain().await;
    let office = Office::new(backend);
    let worker = office.worker(&peer);
    office.queue(1, "ben@example.com", &reset_for("Ben"), Some(LINK));
    let now = office.now();
    let claimed = office
        .db
        .write(|tx| claim_due(tx, now, now + TimeDelta::minutes(3), now, 1))
        .unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(worker.send_due().await.unwrap(), NOTHING);
    office.pass(TimeDelta::minutes(3));
    assert_eq!(
        worker.send_due().await.unwrap(),
        NOTHING,
        "the database may have been away"
    );
    office.pass(TimeDelta::seconds(14));
    assert_eq!(worker.send_due().await.unwrap(), NOTHING);
    office.pass(TimeDelta::seconds(1));
    assert_eq!(worker.send_due().await.unwrap(), SENT);
}

/// The mail server has taken it, and the database goes before that is noted, for longer than the claim lasts:
/// the other worker leaves it to the one who knows.
#[tokio::test]
async fn what_was_sent_before_an_outage_is_not_sent_again_after_it() {
    let cluster = tokio::task::spawn_blocking(PostgresCluster::private).await;
    let cluster = Arc::new(cluster.unwrap());
    let peer = Arc::new(plain().await);
    let office = Office::on_url(&cluster.create_database("accord"));
    office.db.migrate().unwrap();
    let other = office.second_connection().worker(&peer);
    assert_eq!(other.send_due().await.unwrap(), NOTHING);
    office.queue(1, "ben@example.com", &reset_for("Ben"), Some(LINK));

    let mut sending = office.worker(&peer);
    let away = Arc::new(Notify::new());
    sending.clock = {
        let (clock, peer) = (sending.clock.clone(), peer.clone());
        let (cluster, away, stopped) = (cluster.clone(), away.clone(), AtomicBool::new(false));
        // The worker looks at the clock when the mail server has answered.
        Arc::new(move || {
            if !peer.received().is_empty() && !stopped.swap(true, Ordering::SeqCst) {
                cluster.stop();
                away.notify_one();
            }
            clock()
        })
    };
    let sent = tokio::spawn(async move { sending.send_due().await });
    away.notified().await;
    office.pass(TimeDelta::hours(1));
    assert!(other.send_due().await.is_err(), "the database is away");
    cluster.start();
    while !sent.is_finished() {
        assert_eq!(other.send_due().await.unwrap(), NOTHING);
    }
    assert_eq!(sent.await.unwrap().unwrap(), SENT);
    office.pass(TimeDelta::seconds(20));
    assert_eq!(other.send_due().await.unwrap(), NOTHING);
    assert_eq!(peer.received().len(), 1);
    assert!(office.stored(1).sent_at.is_some());
}

async fn the_running_worker_wakes_and_stops_when_it_is_told(backend: Backend) {
    let peer = plain().await;
    let office = Office::new(backend);
    let worker = office.worker(&peer);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(worker.clone().run(async {
        let _ = stopped.await;
    }));
    for number in 1..=20 {
        office.queue(number, "ben@example.com", &reset_for("Ben"), Some(LINK));
        worker.wake.notify_one();
    }
    peer.wait_for(20).await;
    stop.send(()).unwrap();
    running.await.unwrap();
    assert_eq!(peer.received().len(), 20);
    assert!((1..=20).all(|number| office.stored(number).sent_at.is_some()));
}

async fn the_worker_outlives_a_database_that_cannot_be_read(backend: Backend) {
    let peer = plain().await;
    let office = Office::without_tables(backend);
    let mut worker = office.worker(&peer);
    let asked = std::sync::Arc::new(tokio::sync::Notify::new());
    let (clock, rung) = (worker.clock.clone(), asked.clone());
    worker.clock = std::sync::Arc::new(move || {
        rung.notify_one();
        clock()
    });
    let wake = worker.wake.clone();
    assert!(worker.send_due().await.is_err(), "there are no tables yet");
    let running = tokio::spawn(worker.run(std::future::pending()));
    asked.notified().await;
    office.db.migrate().unwrap();
    office.queue(1, "ben@example.com", &reset_for("Ben"), Some(LINK));
    wake.notify_one();
    peer.wait_for(1).await;
    running.abort();
}

async fn a_link_that_cannot_be_opened_is_not_left_out_but_waited_for(backend: Backend) {
    let peer = plain().await;
    let office = Office::new(backend);
    let mut worker = office.worker(&peer);
    office.queue(1, "ben@example.com", &reset_for("Ben"), Some(LINK));
    worker.sealer = LinkSealer::new(&[b"a secret that the mail was not sealed with"]);
    assert_eq!(worker.send_due().await.unwrap(), POSTPONED);
    assert!(
        office
            .stored(1)
            .last_error
            .unwrap()
            .contains("cannot be decrypted")
    );
    assert!(peer.received().is_empty());
    worker.sealer = office.sealer.clone();
    office.pass(TimeDelta::seconds(67));
    assert_eq!(worker.send_due().await.unwrap(), SENT);
    assert_eq!(peer.received()[0].link().as_deref(), Some(LINK));
}

async fn a_mail_lives_and_dies_with_its_transaction(backend: Backend) {
    let office = Office::new(backend);
    let now = office.now();
    let (account, member) = (AccountId(Uuid::from_u128(7)), MemberId(Uuid::from_u128(8)));
    let write = |message: &Message, link: Option<&str>, commit: bool| {
        office.db.write(|tx| {
            let (account, member) = (Some(account), Some(member));
            let to = "ben@example.com";
            queue(
                tx,
                &office.sealer,
                now,
                mail_id(1),
                to,
                None,
                account,
                member,
                message,
                link,
            )?;
            if commit {
                Ok(())
            } else {
                Err(QueueError::Store(StoreError::MissingReference))
            }
        })
    };
    let left = Message::Left {
        member_name: None,
        member_email: "ben@example.com".into(),
    };
    assert!(write(&left, None, false).is_err());
    assert!(office.all().is_empty());
    for (message, link) in [(reset_for("Ben"), None), (left.clone(), Some(LINK))] {
        let refused = write(&message, link, true);
        assert!(matches!(refused, Err(QueueError::LinkMismatch(kind)) if kind == message.kind()));
        assert!(office.all().is_empty());
    }
    write(&left, None, true).unwrap();
    let [stored] = office.all().try_into().unwrap();
    assert_eq!(
        (stored.account_id, stored.member_id),
        (Some(account), Some(member))
    );
    assert_eq!(
        (stored.kind.as_str(), stored.recipient.as_str()),
        ("left", "ben@example.com")
    );
}

async fn the_development_mailbox_shows_the_newest_first_with_their_links(backend: Backend) {
    let office = Office::new(backend);
    office.queue(1, "ben@example.com", &reset_for("Ben"), Some(LINK));
    office.pass(TimeDelta::seconds(1));
    let removed = Message::Removed {
        owner_name: "Anna".into(),
    };
    office.queue(2, "cara@example.com", &removed, None);
    let shown = |to: Option<&str>, limit| {
        let url = "https://accord.example";
        office
            .db
            .read(|tx| mailbox::recent(tx, &office.sealer, url, to, limit))
            .unwrap()
    };
    let [newest, oldest] = shown(None, 10).try_into().unwrap();
    assert_eq!(newest.subject, "Your collaboration with Anna has ended");
    assert_eq!(newest.to, "cara@example.com");
    assert_eq!(newest.sent_at, office.now());
    assert!(oldest.text.lines().any(|line| line == LINK));
    assert!(oldest.html.contains(LINK));
    assert_eq!(shown(None, 1), [newest]);
    assert_eq!(shown(Some("ben@example.com"), 10), [oldest]);
    assert_eq!(shown(Some("dora@example.com"), 10), []);
}

fn alert() -> Message {
    Message::Suspended {
        owner_name: "Anna".into(),
    }
}

async fn optional_mail_to_an_account_has_a_way_out(backend: Backend) {
    let peer = plain().await;
    let office = Office::new(backend);
    let ben = AccountId(Uuid::from_u128(42));
    office.queue_to_account(1, "ben@example.com", ben, &alert(), None);
    office.queue_to_account(2, "ben@example.com", ben, &reset_for("Ben"), Some(LINK));
    office.queue(3, "nobody@example.com", &alert(), None);
    let sent = office.worker(&peer).send_due().await.unwrap().sent;
    assert_eq!(sent, 3);
    let received = peer.received();
    let mail = |subject: &str, to: &str| {
        let fits = |mail: &&accord_testkit::smtp::ReceivedMail| {
            mail.subject().contains(subject) && mail.rcpt_to.iter().any(|known| known == to)
        };
        received.iter().find(fits).expect("it arrived")
    };

    let optional = mail("suspended", "ben@example.com");
    let header = optional.raw_header("List-Unsubscribe").expect("a way out");
    let link = header.trim_matches(['<', '>']).to_owned();
    let token = link
        .strip_prefix("https://accord.example/unsubscribe/")
        .expect("a page of ours");
    let out = office.sealer.ways_out().read(token).expect("made here");
    assert_eq!((out.account, out.kind), (ben, alert().notification_kind()));
    assert_eq!(
        optional.raw_header("List-Unsubscribe-Post").as_deref(),
        Some("List-Unsubscribe=One-Click")
    );
    assert!(optional.text().lines().any(|line| line.trim_end() == link));
    assert!(optional.html().contains(&link));

    // Nobody leaves what guards an account, and an address without an account has no preferences.
    for mail in [
        mail("Reset", "ben@example.com"),
        mail("suspended", "nobody@example.com"),
    ] {
        assert_eq!(mail.raw_header("List-Unsubscribe"), None);
        assert_eq!(mail.raw_header("List-Unsubscribe-Post"), None);
        assert!(!mail.text().contains("/unsubscribe/"));
    }
}

async fn what_follows_on_giving_up_is_noted_with_it_or_not_at_all(backend: Backend) {
    let peer = plain().await;
    let office = Office::new(backend);
    office.queue(1, "ben@example.com", &reset_for("Ben"), Some(LINK));
    office.queue(2, "eve@example.com", &reset_for("Eve"), Some(LINK));
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let mut worker = office.worker(&peer);
    worker.given_up = {
        let told = told.clone();
        std::sync::Arc::new(move |tx, mail, _| {
            // In the transaction that notes it: what is read here has not been committed.
            let stored = accord_store::outbox::recent(tx, 10)?;
            let noted = stored
                .iter()
                .any(|one| one.id == mail.id && one.gave_up_at.is_some());
            told.lock().unwrap().push((mail.id, noted));
            Ok(())
        })
    };
    peer.refuse("eve@example.com");
    let round = worker.send_due().await.unwrap();
    assert_eq!((round.sent, round.given_up), (1, 1));
    assert_eq!(told.lock().unwrap().as_slice(), [(mail_id(2), true)]);
}
