//! Events that wait for webhooks.

use crate::support::{account, after, grant, new_id, now, on_both, read, write};
use accord_domain::ids::{AccountId, DeliveryId, WebhookId};
use accord_domain::webhook::{DeliveryStatus, WebhookEvent};
use accord_store::webhook_deliveries::{
    self as deliveries, AfterFailure, Attempt, Delivery, NewDelivery, Take,
};
use accord_store::webhooks::{self, SealedSecrets, Webhook, WebhookContent};
use accord_store::{Db, Page, StoreError};
use std::collections::HashMap;

on_both!(
    what_is_due_is_claimed_for_a_while_and_no_webhook_takes_all,
    who_was_too_slow_has_no_say_unless_it_arrived,
    a_rolled_back_change_queues_nothing,
    the_log_keeps_the_newest,
    former_secrets_are_erased_when_they_are_over,
);

fn webhook(db: &Db, account: AccountId) -> Webhook {
    let content = WebhookContent {
        url: "https://example.com/".to_owned(),
        description: String::new(),
        events: vec![WebhookEvent::RoleUpdated],
        switched_off: None,
        failing_since: None,
    };
    write(db, |tx| {
        webhooks::insert(tx, &grant(account), new_id(), &content, &[1, 2], now())
    })
}

fn queue(db: &Db, webhook: &Webhook, at: i64) -> Delivery {
    let new = NewDelivery {
        id: new_id(),
        webhook_id: webhook.id,
        event_type: "role.updated".to_owned(),
        body: "{}".to_owned(),
    };
    write(db, |tx| {
        deliveries::queue(tx, webhook.account_id, &new, after(at))
    })
}

fn claim(db: &Db, at: i64, limit: usize, in_hand: &HashMap<WebhookId, usize>) -> Vec<DeliveryId> {
    let take = Take {
        limit,
        of_one_webhook: 2,
        in_hand,
        until: after(at + 60),
    };
    let claimed = write(db, |tx| deliveries::claim_due(tx, take, after(at)));
        lapsed_by: after(at),
    claimed
        .into_iter()
        .map(|(delivery, _)| delivery.id)
        .collect()
}

fn stored(db: &Db, delivery: &Delivery) -> Delivery {
    let found = read(db, |tx| {
        deliveries::by_id(tx, delivery.webhook_id, delivery.id)
    });
    found.expect("it is there")
}

fn what_is_due_is_claimed_for_a_while_and_no_webhook_takes_all(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let (busy, other) = (webhook(db, ann), webhook(db, ann));
    let of_busy: Vec<Delivery> = (0..4).map(|at| queue(db, &busy, at)).collect();
    let of_other = queue(db, &other, 5);
    let none = HashMap::new();
    assert!(!read(db, |tx| deliveries::any_due(
        tx,
        after(-1),
        after(-1)
    )));
    assert!(read(db, |tx| deliveries::any_due(tx, after(5), after(5))));
    assert_eq!(
        claim(db, 10, 10, &none),
        [of_busy[0].id, of_busy[1].id, of_other.id]
    );
    let in_hand = HashMap::from([(busy.id, 2)]);
    assert_eq!(claim(db, 11, 10, &in_hand), []);
    assert_eq!(
        claim(db, 11, 1, &none),
        [of_busy[2].id],
        "no more than asked"
    );
    // Whoever had them died: they are due again when the time is over.
    assert_eq!(claim(db, 69, 10, &none), [of_busy[3].id]);
    assert_eq!(claim(db, 70, 1, &none), [of_busy[0].id]);
    assert_eq!(stored(db, &of_busy[0]).attempts, 2);
    let not_yet = Take {
        limit: 1,
        of_one_webhook: 2,
        in_hand: &none,
        until: after(130),
        lapsed_by: after(69),
    };
    let kept = write(db, |tx| deliveries::claim_due(tx, not_yet, after(70)));
    assert_eq!(kept, [], "unless they only could not say what they did");
}

fn who_was_too_slow_has_no_say_unless_it_arrived(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let hook = webhook(db, ann);
    let delivery = queue(db, &hook, 0);
    claim(db, 1, 1, &HashMap::new());
    let first = stored(db, &delivery);
    claim(db, 100, 1, &HashMap::new());
    let failed = Attempt {
        error: Some("no".to_owned()),
        ..Attempt::default()
    };
    let then = AfterFailure::RetryAt(after(500));
    let late = write(db, |tx| {
        deliveries::mark_failed(tx, &first, &failed, then, after(101))
    });
    assert!(!late, "another set out since");
    let arrived = write(db, |tx| {
        deliveries::mark_delivered(tx, delivery.id, &Attempt::default(), after(102))
    });
    assert!(arrived);
    let second = stored(db, &delivery);
    assert_eq!(second.status, DeliveryStatus::Delivered);
    let overtaken = write(db, |tx| {
        deliveries::mark_failed(tx, &second, &failed, then, after(103))
    });
    assert!(!overtaken, "what arrived stays so");
    let again = write(db, |tx| {
        deliveries::send_again(tx, ann, &second, after(104))
    });
    let again = again.expect("nobody has it");
    assert_eq!((again.status, again.failures), (DeliveryStatus::Pending, 0));
    claim(db, 104, 1, &HashMap::new());
    let under_way = write(db, |tx| {
        deliveries::send_again(tx, ann, &second, after(105))
    });
    assert_eq!(under_way, None, "somebody has it in hand");
}

fn a_rolled_back_change_queues_nothing(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let hook = webhook(db, ann);
    let new = NewDelivery {
        id: new_id(),
        webhook_id: hook.id,
        event_type: "role.updated".to_owned(),
        body: "{}".to_owned(),
    };
    let outcome = db.write(|tx| {
        deliveries::queue(tx, ann, &new, now())?;
        Err::<(), _>(StoreError::Internal("something else went wrong".to_owned()))
    });
    assert!(outcome.is_err());
    assert!(!read(db, |tx| deliveries::any_due(
        tx,
        after(10),
        after(10)
    )));
}

fn the_log_keeps_the_newest(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let (long, short) = (webhook(db, ann), webhook(db, ann));
    let finish = |delivery: &Delivery, at: i64| {
        write(db, |tx| {
            deliveries::mark_delivered(tx, delivery.id, &Attempt::default(), after(at))
        });
    };
    let log: Vec<Delivery> = (0..5).map(|at| queue(db, &long, at)).collect();
    for delivery in &log {
        finish(delivery, 10);
    }
    let waiting = queue(db, &long, 0);
    let only = queue(db, &short, 0);
    finish(&only, 10);
    assert_eq!(write(db, |tx| deliveries::keep_newest(tx, 2)), 3);
    let left = read(db, |tx| {
        deliveries::page(tx, long.id, None, &Page::first(10))
    });
    let mut left: Vec<DeliveryId> = left.items.iter().map(|one| one.id).collect();
    left.sort();
    let mut expected = vec![log[3].id, log[4].id, waiting.id];
    expected.sort();
    assert_eq!(left, expected, "what waits is not part of the log");
    assert_eq!(
        write(db, |tx| deliveries::delete_finished(tx, after(10))),
        0
    );
    assert_eq!(
        write(db, |tx| deliveries::delete_finished(tx, after(11))),
        3
    );
}

fn former_secrets_are_erased_when_they_are_over(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let hook = webhook(db, ann);
    let secrets = SealedSecrets {
        secret: vec![3],
        former: Some((vec![1, 2], after(60))),
    };
    write(db, |tx| {
        webhooks::set_secrets(tx, &grant(ann), hook.id, &secrets, now())
    });
    assert_eq!(
        write(db, |tx| webhooks::erase_former_secrets(tx, after(59))),
        0
    );
    assert_eq!(
        write(db, |tx| webhooks::erase_former_secrets(tx, after(60))),
        1
    );
    let left = read(db, |tx| webhooks::by_id(tx, ann, hook.id)).expect("there");
    assert_eq!(
        (left.sealed_secret, left.sealed_former_secret),
        (vec![3], None)
    );
}
