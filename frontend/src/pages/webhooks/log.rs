use std::time::Duration;

use accord_api_types::{Uuid, Webhook, WebhookDeliveriesQuery, WebhookDelivery};
use leptos::prelude::*;

use super::delivery::DeliveryDialog;
use super::model::{Log, PAGE, delivery_words, last_answer, look_again_in, status_choices};
use crate::address::kept_in_address;
use crate::components::{
    Button, DeliveryStatusTag, Empty, Icon, RelativeTime, Select, Skeleton, Toasts, each, now,
    screen,
};
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;

/// What was or shall be sent to a webhook.
#[component]
pub(super) fn DeliveryLog(
    hook: Signal<Webhook>,
    /// Counts what was asked to be sent on the page.
    sent: RwSignal<u32>,
    /// The receiver answered something.
    on_news: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let id = Memo::new(move |_| hook.with(|hook| hook.id));
    let enabled = Memo::new(move |_| hook.with(|hook| hook.enabled));
    let status = kept_in_address("status");
    // As many pages as the person asked to see, one after the other.
    let pages = RwSignal::new(1u32);
    let log = Remote::new(move || {
        sent.track();
        // What waited when it was switched off is given up.
        enabled.track();
        let (client, account_id) = (session.client(), session.account_id());
        let (id, pages) = (id.get(), pages.get());
        let mut query = WebhookDeliveriesQuery {
            limit: Some(PAGE),
            status: status.with(|status| status.parse().ok()),
            ..WebhookDeliveriesQuery::default()
        };
        async move {
            let mut log = Log::default();
            for _ in 0..pages {
                let page = client.webhook_deliveries(account_id, id, &query).await?;
                log.deliveries.extend(page.items);
                log.more = page.next_cursor.is_some();
                if !log.more {
                    break;
                }
                query.cursor = page.next_cursor;
            }
            Ok::<_, accord_client::Error>(log)
        }
    })
    // Whatever happens on the account may be told to it.
    .follows(&[Topic::Webhooks, Topic::Tasks]);
    Effect::new(move |before: Option<()>| {
        status.track();
        if before.is_some() {
            pages.set(1);
        }
    });
    look_again(log);
    Effect::new(move |before: Option<bool>| {
        let known = log.data.with(Option::is_some);
        if before == Some(true) {
            on_news.run(());
        }
        known
    });
    let looked_at = RwSignal::new(None::<Uuid>);
    let reload = Callback::new(move |()| log.reload());
    let asked_for_more = Signal::derive(move || {
        let there = log.data.with(|log| {
            log.as_ref()
                .map_or(0, |log| log.deliveries.len().div_ceil(PAGE as usize))
        });
        log.busy.get() && there < pages.get() as usize
    });
    view! {
        <div class="toolbar">
            <Select label="Which deliveries" bare=true value=status choices=status_choices()/>
        </div>
        {screen(
            log,
            Skeleton::Rows(4),
            |log: &Log| log.deliveries.is_empty(),
            move || if status.with(String::is_empty) {
                view! { <Empty icon=Icon::Send title="Nothing was sent yet" text="As soon as something happens that this webhook is told of, you see here what became of it. A test shows at once whether the receiver is there."/> }.into_any()
            } else {
                view! { <Empty icon=Icon::Search title="Nothing like that" text="Nothing that was sent to this webhook is in that state."/> }.into_any()
            },
            move |shown| {
                view! {
                    <div class="table-frame">
                        <table class="table folds">
                            <thead>
                                <tr>
                                    <th scope="col">"Event"</th>
                                    <th scope="col">"State"</th>
                                    <th scope="col">"Answer"</th>
                                    <th scope="col">"Happened"</th>
                                    <th scope="col">"Next attempt"</th>
                                    <th scope="col"><span class="visually-hidden">"What to do"</span></th>
                                </tr>
                            </thead>
                            <tbody>
                                {each(
                                    move || shown.with(|log| log.deliveries.clone()),
                                    |one| (one.id, one.status, one.attempt_count, one.next_attempt_at),
                                    move |one| view! { <Row delivery=one hook=id enabled=enabled looked_at=looked_at reload=reload/> }.into_any(),
                                )}
                            </tbody>
                        </table>
                    </div>
                    {move || shown.with(|log| log.more).then(|| view! {
                        <p class="list-end">
                            <Button busy=asked_for_more on_press=Callback::new(move |()| pages.update(|pages| *pages += 1))>"Show older"</Button>
                        </p>
                    })}
                    <DeliveryDialog which=looked_at log=shown/>
                }
            },
        )}
    }
}

/// Asks for the log again when something in it should have been sent.
fn look_again(log: Remote<Log>) {
    Effect::new(move |_| {
        // Who cannot be asked now is asked when the stream of events is there again.
        if log.busy.get() || log.failure.with_untracked(Option::is_some) {
            return;
        }
        let wait = log.data.with_untracked(|log| {
            log.as_ref()
                .and_then(|log| look_again_in(&log.deliveries, now()))
        });
        let Some(wait) = wait else { return };
        let waiting =
            set_timeout_with_handle(move || log.reload(), Duration::from_secs(u64::from(wait)));
        if let Ok(waiting) = waiting {
            on_cleanup(move || waiting.clear());
        }
    });
}

#[component]
fn Row(
    delivery: WebhookDelivery,
    hook: Memo<Uuid>,
    enabled: Memo<bool>,
    looked_at: RwSignal<Option<Uuid>>,
    reload: Callback<()>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let attempt = Submission::new();
    Effect::new(move |_| {
        if let Some(failure) = attempt.failure.get() {
            toasts.failed(failure.sentence());
        }
    });
    let id = delivery.id;
    let send_again = Callback::new(move |()| {
        let (client, account_id) = (session.client(), session.account_id());
        let hook = hook.get_untracked();
        attempt.send(
            async move { client.redeliver_webhook(account_id, hook, id).await },
            move |_| {
                toasts.done("It is on its way again.");
                reload.try_run(());
            },
        );
    });
    let words = delivery_words(&delivery.event_type);
    let label = format!("Redeliver: {words}");
    view! {
        <tr>
            <td class="cell-name">
                <button class="row-name" type="button" on:click=move |_| looked_at.set(Some(id))>{words}</button>
                <code class="cell-sub">{delivery.event_type.clone()}</code>
            </td>
            <td data-label="State" class="delivery-state">
                <DeliveryStatusTag status=delivery.status attempts=delivery.attempt_count/>
                {delivery.error.clone().map(|error| view! { <span class="cell-sub">{error}</span> })}
            </td>
            <td data-label="Answer" class="cell-time">{last_answer(&delivery)}</td>
            <td data-label="Happened" class="cell-time"><RelativeTime at=delivery.created_at/></td>
            <td data-label="Next attempt" class="cell-time">
                {delivery.next_attempt_at.map(|at| view! { <RelativeTime at=at/> })}
            </td>
            <td class="cell-end">
                {move || enabled.get().then(|| view! {
                    <Button busy=attempt.busy label=label.clone() on_press=send_again>"Redeliver"</Button>
                })}
            </td>
        </tr>
    }
}
