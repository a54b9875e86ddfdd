use accord_api_types::{Uuid, WebhookAttempt, WebhookDelivery};
use leptos::prelude::*;

use super::model::{Log, answer_in_words, delivery_words, last_answer, untold};
use crate::components::{DeliveryStatusTag, Dialog, RelativeTime};

/// One delivery in full: what was sent, and what came back.
#[component]
pub(super) fn DeliveryDialog(which: RwSignal<Option<Uuid>>, log: Signal<Log>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(which.with(Option::is_some)));
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            which.set(None);
        }
        now
    });
    // It follows the log, in which more may become of it meanwhile.
    let delivery = Memo::new(move |_| {
        let id = which.get()?;
        log.with(|log| log.deliveries.iter().find(|one| one.id == id).cloned())
    });
    let title = Signal::derive(move || {
        delivery.with(|delivery| {
            delivery
                .as_ref()
                .map(|delivery| delivery_words(&delivery.event_type))
                .unwrap_or_default()
        })
    });
    view! {
        <Dialog open=open title=title>
            <div class="dialog-body">
                {move || delivery.get().map(|delivery| view! { <Whole delivery=delivery/> })}
            </div>
        </Dialog>
    }
}

#[component]
fn Whole(delivery: WebhookDelivery) -> impl IntoView {
    let sent = serde_json::to_string_pretty(&delivery.payload).unwrap_or_default();
    let answered = delivery.response_body.clone().unwrap_or_default();
    let answer = last_answer(&delivery);
    let earlier = untold(&delivery);
    let times = [
        ("Happened", Some(delivery.created_at)),
        ("Last attempt", delivery.last_attempt_at),
        ("Next attempt", delivery.next_attempt_at),
    ];
    view! {
        <dl class="facts in-dialog">
            <div><dt>"State"</dt><dd><DeliveryStatusTag status=delivery.status attempts=delivery.attempt_count/></dd></div>
            <div><dt>"Attempts"</dt><dd>{delivery.attempt_count}</dd></div>
            {(!answer.is_empty()).then(|| view! { <div><dt>"Answer"</dt><dd>{answer}</dd></div> })}
            {times.into_iter().filter_map(|(words, at)| Some((words, at?))).map(|(words, at)| view! {
                <div><dt>{words}</dt><dd><RelativeTime at=at/></dd></div>
            }).collect_view()}
            <div><dt>"webhook-id"</dt><dd><code>{delivery.id.to_string()}</code></dd></div>
        </dl>
        {delivery.error.map(|error| view! { <p class="field-error breaks">{error}</p> })}
        {(!delivery.attempts.is_empty()).then(|| view! { <Attempts attempts=delivery.attempts earlier=earlier/> })}
        <Text title="What is sent" text=sent/>
        {(!answered.is_empty()).then(|| view! { <Text title="What the receiver answered" text=answered/> })}
    }
}

/// What came of each attempt.
#[component]
fn Attempts(attempts: Vec<WebhookAttempt>, earlier: Option<String>) -> impl IntoView {
    view! {
        <div class="attempts">
            {earlier.map(|words| view! { <p class="muted small">{words}</p> })}
            <div class="table-frame">
                <table class="table folds" aria-label="Attempts">
                    <thead>
                        <tr>
                            <th scope="col">"Attempt"</th>
                            <th scope="col">"When"</th>
                            <th scope="col">"Answer"</th>
                            <th scope="col">"What went wrong"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {attempts.into_iter().map(|one| view! {
                            <tr>
                                <td data-label="Attempt">{one.number}</td>
                                <td data-label="When" class="cell-time"><RelativeTime at=one.ended_at/></td>
                                <td data-label="Answer" class="cell-time">{answer_in_words(one.response_status, Some(one.duration_ms))}</td>
                                <td data-label="What went wrong" class="breaks">{one.error.unwrap_or_else(|| "Nothing".to_owned())}</td>
                            </tr>
                        }).collect_view()}
                    </tbody>
                </table>
            </div>
        </div>
    }
}

/// A text of programs, which may be long.
#[component]
fn Text(title: &'static str, text: String) -> impl IntoView {
    view! {
        <div class="program-text">
            <h3 class="field-label">{title}</h3>
            <pre tabindex="0" role="region" aria-label=title>{text}</pre>
        </div>
    }
}
