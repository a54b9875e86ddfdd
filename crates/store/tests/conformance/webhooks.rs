//! Events that wait for webhooks.

use crate::support::{account, after, grant, new_id, now, on_both, read, write};
use accord_domain::ids::{AccountId, DeliveryId, WebhookId};
use accord_domain::webhook::{DeliveryStatus, WebhookEvent};
use accord_store::webhook_attempts::{self, MadeAttempt};
use accord_store::webhook_deliveries::{
    self as deliveries, AfterFailure, Attempt, Delivery, NewDelivery, Take,
};
use accord_store::webhook_secrets::{self, FormerSecret, SealedSecrets};
use accord_store::webhooks::{self, Webhook, WebhookContent};
use accord_store::{Db, Page, StoreError};
use std::collections::HashMap;

on_both!(
    what_is_due_is_claimed_for_a_while_and_no_webhook_takes_all,
    who_was_too_slow_has_no_say_unless_it_arrived,
    each_attempt_is_kept_up_to_a_bound,
    the_oldest_beyond_a_bound_are_given_up,
    a_rolled_back_change_queues_nothing,
    the_log_keeps_the_newest,
    former_secrets_are_erased_when_they_are_over,
    secrets_are_sealed_anew_where_they_still_stand,
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
        lapsed_by: after(at),
    };
    let claimed = write(db, |tx| deliveries::claim_due(tx, take, after(at)));
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

fn attempts(db: &Db, delivery: &Delivery) -> Vec<MadeAttempt> {
    let mut made = read(db, |tx| webhook_attempts::of(tx, &[delivery.id]));
    made.remove(&delivery.id).unwrap_or_default()
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
    let not_yet = Take {
        limit: 1,
        of_one_webhook: 2,
        in_hand: &none,
        until: after(130),
        lapsed_by: after(69),
    };
    let kept = write(db, |tx| deliveries::claim_due(tx, not_yet, after(70)));
    assert_eq!(kept, [], "unless they only could not say what they did");
    assert_eq!(claim(db, 70, 1, &none), [of_busy[0].id]);
    assert_eq!(stored(db, &of_busy[0]).attempts, 2);
}

fn who_was_too_slow_has_no_say_unless_it_arrived(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let hook = webhook(db, ann);
    let delivery = queue(db, &hook, 0);
    claim(db, 1, 1, &HashMap::new());
    let first = stored(db, &delivery);
    claim(db, 100, 1, &HashMap::new());
    let second = stored(db, &delivery);
    claim(db, 200, 1, &HashMap::new());
    let third = stored(db, &delivery);
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
        deliveries::mark_delivered(tx, &second, &Attempt::default(), after(102))
    });
    assert!(arrived);
    assert_eq!(stored(db, &delivery).status, DeliveryStatus::Delivered);
    let overtaken = write(db, |tx| {
        deliveries::mark_failed(tx, &third, &failed, then, after(103))
    });
    assert!(!overtaken, "what arrived stays so");
    let wrong: Vec<bool> = attempts(db, &delivery)
        .iter()
        .map(|one| one.error.is_some())
        .collect();
    assert_eq!(wrong, [true, false, true], "each is written down");
    let again = write(db, |tx| deliveries::send_again(tx, ann, &third, after(104)));
    let again = again.expect("nobody has it");
    assert_eq!((again.status, again.failures), (DeliveryStatus::Pending, 0));
    claim(db, 104, 1, &HashMap::new());
    let under_way = write(db, |tx| deliveries::send_again(tx, ann, &third, after(105)));
    assert_eq!(under_way, None, "somebody has it in hand");
}

fn each_attempt_is_kept_up_to_a_bound(db: &Db) {
    const KEPT: i32 = 50;
    let ann = account(db, "ann@example.com").id;
    let hook = webhook(db, ann);
    let (delivery, other) = (queue(db, &hook, 0), queue(db, &hook, 1_000_000));
    let failed = Attempt {
        duration_ms: 12,
        response_status: Some(503),
        error: Some("The receiver answered 503.".to_owned()),
        ..Attempt::default()
    };
    for number in 1..=KEPT + 2 {
        let at = i64::from(number) * 100;
        claim(db, at, 1, &HashMap::new());
        let claimed = stored(db, &delivery);
        assert_eq!(claimed.attempts, number);
        let then = AfterFailure::RetryAt(after(at + 50));
        for _ in 0..2 {
            // Whoever does not know whether it was written down writes it again.
            write(db, |tx| {
                deliveries::mark_failed(tx, &claimed, &failed, then, after(at + 1))
            });
        }
    }
    let made = attempts(db, &delivery);
    let numbers: Vec<i32> = made.iter().map(|one| one.number).collect();
    assert_eq!(numbers, (3..=KEPT + 2).collect::<Vec<_>>());
    let expected = MadeAttempt {
        delivery_id: delivery.id,
        number: 3,
        ended_at: after(301),
        duration_ms: 12,
        response_status: Some(503),
        error: failed.error,
    };
    assert_eq!(made[0], expected);
    assert_eq!(attempts(db, &other), []);
    write(db, |tx| webhooks::delete(tx, &grant(ann), hook.id));
    assert_eq!(attempts(db, &delivery), []);
}

fn the_oldest_beyond_a_bound_are_given_up(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let (crowded, other) = (webhook(db, ann), webhook(db, ann));
    let waiting: Vec<Delivery> = (0..6).map(|at| queue(db, &crowded, at)).collect();
    let of_other = queue(db, &other, 0);
    let give_up = |most: u32, at: i64| {
        write(db, |tx| {
            deliveries::give_up_beyond(tx, crowded.id, most, "too many", after(at))
        })
    };
    assert_eq!(give_up(6, 10), 0);
    // The two oldest of this one are under way.
    let in_hand = HashMap::from([(other.id, 2)]);
    claim(db, 10, 10, &in_hand);
    assert_eq!(give_up(3, 20), 1, "what is under way goes on");
    let states = |expected: [DeliveryStatus; 6]| {
        let found = waiting.iter().map(|one| stored(db, one).status);
        assert_eq!(found.collect::<Vec<_>>(), expected);
    };
    use DeliveryStatus::{Failed, Pending};
    states([Pending, Pending, Failed, Pending, Pending, Pending]);
    let gone = stored(db, &waiting[2]);
    assert_eq!(gone.last_error.as_deref(), Some("too many"));
    assert_eq!(gone.finished_at, Some(after(20)));
    assert_eq!(give_up(3, 80), 2, "nobody has them any more");
    states([Failed, Failed, Failed, Pending, Pending, Pending]);
    assert_eq!(stored(db, &of_other).status, Pending);
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
            deliveries::mark_delivered(tx, delivery, &Attempt::default(), after(at))
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

fn former(sealed: u8, ends_at: i64) -> FormerSecret {
    FormerSecret {
        sealed: vec![sealed],
        ends_at: after(ends_at),
    }
}

fn former_secrets_are_erased_when_they_are_over(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let (hook, other) = (webhook(db, ann), webhook(db, ann));
    let secrets = SealedSecrets {
        secret: vec![3],
        former: vec![former(1, 60), former(2, 120)],
    };
    let changed = write(db, |tx| {
        webhook_secrets::replace(tx, &grant(ann), hook.id, &secrets, now())
    });
    let changed = changed.expect("there");
    assert_eq!(
        (changed.sealed_secret, changed.former_secrets),
        (vec![3], vec![former(2, 120), former(1, 60)]),
        "the newest first"
    );
    let bob = account(db, "bob@example.com").id;
    let of_another = write(db, |tx| {
        webhook_secrets::replace(tx, &grant(bob), hook.id, &secrets, now())
    });
    assert_eq!(of_another, None);
    let erase = |at: i64| write(db, |tx| webhook_secrets::erase_former(tx, after(at)));
    assert_eq!((erase(59), erase(60)), (0, 1));
    let left = read(db, |tx| webhooks::by_id(tx, ann, hook.id)).expect("there");
    assert_eq!(left.former_secrets, [former(2, 120)]);
    let untouched = read(db, |tx| webhooks::by_id(tx, ann, other.id));
    assert_eq!(untouched, Some(other));
}

fn secrets_are_sealed_anew_where_they_still_stand(db: &Db) {
    let ann = account(db, "ann@example.com").id;
    let hooks: Vec<Webhook> = (0..3).map(|_| webhook(db, ann)).collect();
    let secrets = SealedSecrets {
        secret: vec![3],
        former: vec![former(1, 60)],
    };
    write(db, |tx| {
        webhook_secrets::replace(tx, &grant(ann), hooks[1].id, &secrets, now())
    });
    let page = |last: Option<WebhookId>| read(db, |tx| webhook_secrets::after(tx, last, 2));
    let ids = |page: &[(WebhookId, SealedSecrets)]| -> Vec<WebhookId> {
        page.iter().map(|(id, _)| *id).collect()
    };
    let first = page(None);
    assert_eq!(ids(&first), [hooks[0].id, hooks[1].id]);
    assert_eq!(first[1].1, secrets);
    assert_eq!(ids(&page(Some(hooks[1].id))), [hooks[2].id]);
    assert_eq!(page(Some(hooks[2].id)), []);

    let reseal = |before: u8, sealed: u8| {
        write(db, |tx| {
            webhook_secrets::reseal(tx, hooks[1].id, &[before], &[sealed])
        });
    };
    reseal(3, 30);
    reseal(1, 10);
    reseal(7, 70);
    let now_sealed = page(Some(hooks[0].id)).remove(0).1;
    assert_eq!(
        now_sealed,
        SealedSecrets {
            secret: vec![30],
            former: vec![former(10, 60)],
        }
    );
    let version = read(db, |tx| webhooks::by_id(tx, ann, hooks[1].id)).map(|hook| hook.version);
    assert_eq!(version, Some(2), "nobody changed anything but the rotation");
}
