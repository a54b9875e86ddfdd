//! The record of tasks: who did what, when, to what.

mod changes;
mod list;
mod model;
mod narrowed;

use accord_api_types::{
    Collaboration, DateTime, ExportFormat, ExportTasksQuery, MemberStatus, PageQuery, Task, Utc,
};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::components::{
    Button, ButtonKind, Empty, Glyph, Icon, Menu, MenuItem, PageHeader, Select, Skeleton, Toasts,
    download, screen,
};
use crate::listing::every_page;
use crate::live::Topic;
use crate::pages::roles::all_actions;
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;
use changes::needs_catalogue;
use list::TaskList;
use model::{Narrowing, OLDEST_FIRST, family_choices, order_choices, span_choices};
use narrowed::Narrowed;

/// The page.
#[component]
pub(crate) fn Tasks() -> impl IntoView {
    let session = Session::current();
    let me = session.account_id();
    let query = use_query_map();
    let navigate = use_navigate();
    let narrowing = Memo::new(move |_| query.with(|query| Narrowing::read(|name| query.get(name))));
    let go = Callback::new(move |to: Narrowing| {
        let options = NavigateOptions {
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(&to.address(), options);
    });

    // As many pages as the person asked to see, one after the other.
    let pages = RwSignal::new(1u32);
    Effect::new(move |before: Option<Narrowing>| {
        let now = narrowing.get();
        if before.is_some_and(|before| before != now) {
            pages.set(1);
        }
        now
    });
    let tasks = Remote::new(move || {
        let (client, narrowing, pages) = (session.client(), narrowing.get(), pages.get());
        let owner = narrowing.owner.unwrap_or(me);
        let mut query = narrowing.query(now());
        async move {
            let mut shown = Shown::default();
            for _ in 0..pages {
                let page = client.tasks(owner, &query).await?;
                shown.tasks.extend(page.items);
                shown.more = page.next_cursor.is_some();
                if !shown.more {
                    break;
                }
                query.cursor = page.next_cursor;
            }
            Ok::<_, accord_client::Error>(shown)
        }
    })
    .follows(&[Topic::Tasks, Topic::Environments]);
    // Few entries name actions.
    let needs_catalogue = Memo::new(move |_| {
        let needs = |shown: &Option<Shown>| {
            let mut tasks = shown.iter().flat_map(|shown| &shown.tasks);
            tasks.any(needs_catalogue)
        };
        tasks.data.with(needs)
    });
    let catalogue = Remote::new(move || {
        let needed = needs_catalogue.get();
        async move {
            if needed {
                all_actions(session).await
            } else {
                Ok(Vec::new())
            }
        }
    });
    let actions = Signal::derive(move || catalogue.data.get().unwrap_or_default());
    let collaborations = Remote::new(move || {
        let client = session.client();
        async move {
            every_page(|limit, cursor| {
                let client = client.clone();
                async move {
                    client
                        .collaborations(&PageQuery {
                            limit,
                            cursor,
                            ..PageQuery::default()
                        })
                        .await
                }
            })
            .await
        }
    })
    .follows(&[Topic::Collaborations]);
    let owners = Signal::derive(move || {
        collaborations
            .data
            .with(|known| owner_choices(known.as_deref().unwrap_or_default()))
    });

    view! {
        <PageHeader title="Tasks" lead="The record of who did what, when, and to what. Nobody can change it.">
            <ExportMenu narrowing=narrowing/>
        </PageHeader>
        <div class="toolbar">
            {move || (owners.with(Vec::len) > 1).then(|| view! {
                <Choice
                    label="Whose record"
                    choices=owners
                    read=move || narrowing.with(|now| now.owner.map(|id| id.to_string()).unwrap_or_default())
                    write=Callback::new(move |owner: String| go.run(Narrowing { owner: owner.parse().ok(), ..Narrowing::default() }))
                />
            })}
            <Choice
                label="About"
                choices=family_choices()
                read=move || narrowing.with(|now| now.family.clone().unwrap_or_default())
                write=Callback::new(move |family: String| go.run(Narrowing { family: Some(family).filter(|family| !family.is_empty()), ..narrowing.get_untracked() }))
            />
            <Choice
                label="When"
                choices=span_choices()
                read=move || narrowing.with(|now| now.days.map(|days| days.to_string()).unwrap_or_default())
                write=Callback::new(move |days: String| go.run(Narrowing { days: days.parse().ok(), ..narrowing.get_untracked() }))
            />
            <Choice
                label="Order"
                choices=order_choices()
                read=move || narrowing.with(|now| now.order().to_owned())
                write=Callback::new(move |order: String| go.run(Narrowing { oldest_first: order == OLDEST_FIRST, ..narrowing.get_untracked() }))
            />
            {move || narrowing.with(Narrowing::narrows).then(|| view! {
                <Button
                    kind=ButtonKind::Ghost
                    icon=Icon::X
                    on_press=Callback::new(move |()| go.run(narrowing.with_untracked(Narrowing::everything)))
                >
                    "Show everything"
                </Button>
            })}
        </div>
        <Narrowed narrowing=narrowing tasks=Signal::derive(move || tasks.data.with(|shown| shown.as_ref().map(|shown| shown.tasks.clone()).unwrap_or_default()))/>
        {screen(
            tasks,
            Skeleton::Rows(8),
            |shown: &Shown| shown.tasks.is_empty(),
            move || if narrowing.with(Narrowing::narrows) {
                view! { <Empty icon=Icon::Search title="Nothing like that" text="Nothing in the record matches what you look for."/> }.into_any()
            } else {
                view! {
                    <Empty
                        icon=Icon::ListChecks
                        title="Nothing was done yet"
                        text="Whatever is changed here is recorded: environments, members, roles, and who changed them."
                    />
                }
                .into_any()
            },
            move |shown| view! {
                <TaskList tasks=Signal::derive(move || shown.with(|shown| shown.tasks.clone())) narrowing=narrowing actions=actions me=me/>
                {move || shown.with(|shown| shown.more).then(|| view! {
                    <p class="list-end">
                        <Button busy=tasks.busy on_press=Callback::new(move |()| pages.update(|pages| *pages += 1))>
                            {move || if narrowing.with(|now| now.oldest_first) { "Show newer" } else { "Show older" }}
                        </Button>
                    </p>
                })}
            },
        )}
    }
}

/// What is shown of the record.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    tasks: Vec<Task>,
    /// Whether there is more.
    more: bool,
}

/// The person's own record, and those of who shares with them now.
fn owner_choices(collaborations: &[Collaboration]) -> Vec<(String, String)> {
    let theirs = collaborations
        .iter()
        .filter(|collaboration| collaboration.status == MemberStatus::Active)
        .map(|collaboration| {
            let name = collaboration.label.as_ref();
            (
                collaboration.owner.id.to_string(),
                name.unwrap_or(&collaboration.owner.name).clone(),
            )
        });
    std::iter::once((String::new(), "Your account".to_owned()))
        .chain(theirs)
        .collect()
}

fn now() -> DateTime<Utc> {
    let since_1970 = std::time::Duration::from_secs_f64(js_sys::Date::now().max(0.0) / 1_000.0);
    DateTime::UNIX_EPOCH + since_1970
}

/// A filter that the page's address holds.
#[component]
fn Choice(
    label: &'static str,
    #[prop(into)] choices: Signal<Vec<(String, String)>>,
    read: impl Fn() -> String + Send + Sync + 'static,
    write: Callback<String>,
) -> impl IntoView {
    let chosen = RwSignal::new(untrack(&read));
    let held = Memo::new(move |_| read());
    Effect::new(move |_| {
        let held = held.get();
        if chosen.get_untracked() != held {
            chosen.set(held);
        }
    });
    Effect::new(move |before: Option<()>| {
        let chosen = chosen.get();
        if before.is_some() && chosen != held.get_untracked() {
            write.run(chosen);
        }
    });
    view! { <Select label=label bare=true value=chosen choices=choices/> }
}

const fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "text/csv",
        ExportFormat::Ndjson => "application/x-ndjson",
    }
}

/// Takes what is shown away, all of its pages.
#[component]
fn ExportMenu(narrowing: Memo<Narrowing>) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let submission = Submission::new();
    Effect::new(move |_| {
        if let Some(failure) = submission.failure.get() {
            toasts.failed(failure.sentence());
        }
    });
    let export = move |format: ExportFormat| {
        Callback::new(move |()| {
            let (client, narrowing) = (session.client(), narrowing.get_untracked());
            let owner = narrowing.owner.unwrap_or(session.account_id());
            let query = ExportTasksQuery {
                format: Some(format),
                actor_id: narrowing.actor,
                environment_id: narrowing.environment,
                member_id: narrowing.member,
                from: narrowing.from(now()),
                action: narrowing.family,
                to: None,
            };
            submission.send(
                async move { client.export_tasks(owner, &query).await },
                move |file| {
                    download(&format!("accord-tasks.{format}"), media_type(format), &file);
                    toasts.done("The record was saved as a file.");
                },
            );
        })
    };
    view! {
        <Menu label="Export" class="with-words" trigger=|| view! { <Glyph icon=Icon::Download/> "Export" }>
            <MenuItem icon=Icon::Download on_press=export(ExportFormat::Csv)>"For a spreadsheet (CSV)"</MenuItem>
            <MenuItem icon=Icon::Download on_press=export(ExportFormat::Ndjson)>"For a program (NDJSON)"</MenuItem>
        </Menu>
    }
}
