//! Settings, Programs, Webhooks: where events of the account are sent, and what became of them.

mod content;
mod delivery;
mod dialogs;
mod form;
mod log;
mod model;
mod page;
mod tools;

use accord_api_types::{PageQuery, Webhook};
use leptos::prelude::*;

use crate::address::kept_in_address;
use crate::components::{
    Button, ButtonKind, Empty, Icon, PageHeader, RelativeTime, SearchField, Select, Skeleton,
    WebhookStateTag, each, order_asked_for, orders, screen,
};
use crate::listing::{every_page, in_words};
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;
use model::{COLUMNS, event_words, found, last_delivery, told_in_words};
pub(crate) use page::WebhookPage;
use tools::WebhookTools;

/// The page.
#[component]
pub(crate) fn Webhooks() -> impl IntoView {
    let session = Session::current();
    let (looked_for, order) = (kept_in_address("q"), kept_in_address("sort"));
    let webhooks = Remote::new(move || {
        let (client, account_id) = (session.client(), session.account_id());
        let sort = order.with(|order| order_asked_for(&COLUMNS, order));
        async move {
            every_page(|limit, cursor| {
                let (client, sort) = (client.clone(), sort.clone());
                async move {
                    let query = PageQuery {
                        limit,
                        cursor,
                        sort: Some(sort),
                    };
                    client.webhooks(account_id, &query).await
                }
            })
            .await
        }
    })
    // Whatever happens on the account may have been sent to them.
    .follows(&[Topic::Webhooks, Topic::Tasks]);
    let reload = Callback::new(move |()| webhooks.reload());
    let tools = WebhookTools::new(reload, reload);
    let add = Callback::new(move |()| tools.add());
    view! {
        <PageHeader title="Webhooks" lead="Programs of yours that hear of what happens on this account: who joins, what is shared, which roles change.">
            <Button kind=ButtonKind::Primary icon=Icon::Plus on_press=add>"New webhook"</Button>
        </PageHeader>
        {screen(
            webhooks,
            Skeleton::Rows(3),
            Vec::is_empty,
            move || view! {
                <Empty icon=Icon::Webhook title="No webhooks yet" text="A webhook is an address of yours to which events of this account are sent as they happen, signed, and again until they are taken.">
                    <Button kind=ButtonKind::Primary icon=Icon::Plus on_press=add>"New webhook"</Button>
                    <a class="button" data-kind="secondary" href="/docs/" rel="external">"API reference"</a>
                </Empty>
            },
            move |webhooks| {
                let list = Memo::new(move |_| webhooks.with(|webhooks| looked_for.with(|looked_for| found(webhooks, looked_for))));
                view! {
                    <div class="toolbar">
                        <SearchField label="Find a webhook" value=looked_for/>
                        <Select label="Order" bare=true value=order choices=orders(&COLUMNS)/>
                        <span class="toolbar-end" aria-live="polite">{move || in_words(list.with(Vec::len), "webhook")}</span>
                    </div>
                    {move || list.with(Vec::is_empty).then(|| view! {
                        <Empty icon=Icon::Search title="Nothing like that" text="No webhook matches what you look for: neither by address, by description, nor by an event.">
                            <Button on_press=Callback::new(move |()| looked_for.set(String::new()))>"Clear the search"</Button>
                        </Empty>
                    })}
                    <div class="table-frame" hidden=move || list.with(Vec::is_empty)>
                        <table class="table folds">
                            <thead>
                                <tr>
                                    <th scope="col">"Webhook"</th>
                                    <th scope="col">"Told of"</th>
                                    <th scope="col">"State"</th>
                                    <th scope="col">"Last delivery"</th>
                                    <th scope="col"><span class="visually-hidden">"What to do"</span></th>
                                </tr>
                            </thead>
                            <tbody>
                                {each(
                                    move || list.get(),
                                    |hook| (hook.id, hook.updated_at, hook.enabled, hook.failing_since, hook.last_success_at, hook.last_failure_at),
                                    move |hook| view! { <WebhookRow hook=hook tools=tools/> }.into_any(),
                                )}
                            </tbody>
                        </table>
                    </div>
                }
            },
        )}
        {tools.view()}
    }
}

#[component]
fn WebhookRow(hook: Webhook, tools: WebhookTools) -> impl IntoView {
    let all = hook
        .event_types
        .iter()
        .map(|event| event_words(*event).1)
        .collect::<Vec<_>>()
        .join(" · ");
    let menu = tools.menu(&hook, true);
    view! {
        <tr>
            <td class="cell-name hook-url">
                <a href=format!("/settings/webhooks/{}", hook.id)>{hook.url.clone()}</a>
                {(!hook.description.is_empty()).then(|| view! { <span class="cell-sub">{hook.description.clone()}</span> })}
            </td>
            <td data-label="Told of" class="cell-time" title=all>{told_in_words(&hook.event_types)}</td>
            <td data-label="State"><WebhookStateTag webhook=&hook/></td>
            <td data-label="Last delivery" class="cell-time">
                {match last_delivery(&hook) {
                    Some((word, at)) => view! { <span>{word} " " <RelativeTime at=at/></span> }.into_any(),
                    None => "Nothing yet".into_any(),
                }}
            </td>
            <td class="cell-end">{menu}</td>
        </tr>
    }
}
