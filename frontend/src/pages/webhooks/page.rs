use accord_api_types::{Uuid, Webhook};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map};

use super::log::DeliveryLog;
use super::model::{event_words, told_in_words, trouble};
use super::tools::WebhookTools;
use crate::components::{
    Button, ButtonKind, Glyph, Icon, Notice, PageHeader, RelativeTime, Section, Skeleton, Tone,
    WebhookStateTag, each, now, screen,
};
use crate::live::Topic;
use crate::remote::Remote;
use crate::session::Session;

/// One webhook: where it stands, and what was sent to it.
#[component]
pub(crate) fn WebhookPage() -> impl IntoView {
    let session = Session::current();
    let params = use_params_map();
    let id = Memo::new(move |_| {
        params.with(|params| {
            params
                .get("webhook_id")
                .and_then(|id| id.parse::<Uuid>().ok())
                .unwrap_or_default()
        })
    });
    let hook = Remote::new(move || {
        let (client, account_id, id) = (session.client(), session.account_id(), id.get());
        async move {
            client
                .webhook(account_id, id)
                .await
                .map(accord_client::Versioned::into_inner)
        }
    })
    .follows(&[Topic::Webhooks]);
    view! {
        <p class="crumbs"><a href="/settings/webhooks"><Glyph icon=Icon::ChevronLeft size=14/>"Webhooks"</a></p>
        {screen(hook, Skeleton::Page, |_| false, || (), move |shown| {
            let reload = Callback::new(move |()| hook.reload());
            view! { <Details hook=shown reload=reload/> }
        })}
    }
}

#[component]
fn Details(hook: Signal<Webhook>, reload: Callback<()>) -> impl IntoView {
    let navigate = use_navigate();
    let on_deleted = Callback::new(move |()| navigate("/settings/webhooks", Default::default()));
    // Counts what was asked to be sent here: the log looks again.
    let sent = RwSignal::new(0u32);
    let tools = WebhookTools::new(reload, on_deleted).after_a_test(Callback::new(move |()| {
        sent.update(|sent| *sent = sent.wrapping_add(1));
    }));
    let may = move |action: &'static str| {
        Memo::new(move |_| {
            hook.with(|hook| hook.allowed_actions.iter().any(|allowed| allowed == action))
        })
    };
    let (may_edit, may_test) = (may("edit"), may("test"));
    let may_switch_on = Memo::new(move |_| may_edit.get() && hook.with(|hook| !hook.enabled));
    let switch_on = Callback::new(move |()| tools.switch_on(hook.get_untracked()));
    // What the menu offers depends on these; an open one stays while deliveries come and go.
    let in_menu = move || {
        hook.with(|hook| {
            vec![(
                hook.allowed_actions.clone(),
                hook.enabled,
                hook.url.clone(),
                hook.former_secret_until,
            )]
        })
    };
    let troubled = move || {
        hook.with(|hook| trouble(hook).map(|words| (words, hook.last_error.clone())))
            .map(|(words, error)| {
                let error = error.map(|error| format!(" The last attempt: {error}"));
                view! {
                    <Notice tone=Tone::Warn>
                        <p class="breaks">{words}{error}</p>
                        {move || may_switch_on.get().then(|| view! {
                            <Button busy=tools.busy() icon=Icon::Power on_press=switch_on>"Switch on"</Button>
                        })}
                    </Notice>
                }
            })
    };
    view! {
        <PageHeader title=Signal::derive(move || hook.with(|hook| hook.url.clone()))>
            {move || may_test.get().then(|| view! {
                <Button icon=Icon::Send busy=tools.busy() on_press=Callback::new(move |()| tools.test(hook.get_untracked()))>"Send a test"</Button>
            })}
            {move || may_edit.get().then(|| view! {
                <Button kind=ButtonKind::Primary icon=Icon::Pencil on_press=Callback::new(move |()| tools.edit(hook.get_untracked()))>"Edit"</Button>
            })}
            {each(in_menu, Clone::clone, move |_| tools.menu(&hook.get_untracked(), false))}
        </PageHeader>
        {troubled}
        {move || view! { <Facts hook=hook.get()/> }}
        <Section title="What was sent" lead="The newest first, with what the receiver answered last. It is kept for 30 days, the newest 1,000 at most.">
            <DeliveryLog hook=hook sent=sent on_news=reload/>
        </Section>
        {tools.view()}
    }
}

#[component]
fn Facts(hook: Webhook) -> impl IntoView {
    let all = hook
        .event_types
        .iter()
        .map(|event| event_words(*event).1)
        .collect::<Vec<_>>();
    let former = hook
        .former_secret_until
        .filter(|until| until.timestamp() > now());
    let times = [
        ("Last taken", hook.last_success_at),
        ("Last failed", hook.last_failure_at),
        ("Switched off", hook.disabled_at.filter(|_| !hook.enabled)),
        ("Failing since", hook.failing_since),
        ("Former secret signs until", former),
        ("Created", Some(hook.created_at)),
    ];
    view! {
        <dl class="card facts">
            <div><dt>"State"</dt><dd><WebhookStateTag webhook=&hook/></dd></div>
            <div>
                <dt>"Told of"</dt>
                <dd>
                    {if all.len() > 1 {
                        view! {
                            <details class="told-of">
                                <summary>{told_in_words(&hook.event_types)}</summary>
                                <ul>{all.into_iter().map(|words| view! { <li>{words}</li> }).collect_view()}</ul>
                            </details>
                        }.into_any()
                    } else {
                        told_in_words(&hook.event_types).into_any()
                    }}
                </dd>
            </div>
            {(!hook.description.is_empty()).then(|| view! { <div><dt>"Description"</dt><dd>{hook.description.clone()}</dd></div> })}
            {times.into_iter().filter_map(|(words, at)| Some((words, at?))).map(|(words, at)| view! {
                <div><dt>{words}</dt><dd><RelativeTime at=at/></dd></div>
            }).collect_view()}
        </dl>
    }
}
