//! The environments that the person can see: their own and those shared with them.

mod form;
pub(crate) mod model;
mod table;

use accord_api_types::{
    AccountKind, AccountSummary, Environment, Group, PageQuery, VisibleEnvironmentsQuery,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::components::{
    Button, ButtonKind, Empty, Icon, PageHeader, SearchField, Select, Skeleton, Toasts, screen,
};
use crate::listing::every_page;
use crate::live::Topic;
use crate::pages::groups::all_groups;
use crate::remote::Remote;
use crate::session::Session;
pub(crate) use form::{EnvironmentDialog, Purpose};
use model::{Owner, owner_choices, owners, who_lets_create};
use table::EnvironmentTable;
pub(crate) use table::RemoveEnvironment;

/// The page.
#[component]
pub(crate) fn Environments() -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let query = use_query_map();
    let looked_for = RwSignal::new(String::new());
    let owner = RwSignal::new(String::new());
    let group = RwSignal::new(query.with_untracked(|query| query.get("group").unwrap_or_default()));
    let environments = Remote::new(move || {
        let client = session.client();
        let narrowed = VisibleEnvironmentsQuery {
            q: Some(looked_for.get().trim().to_owned()).filter(|text| !text.is_empty()),
            owner_id: owner.with(|owner| owner.parse().ok()),
            group_id: group.with(|group| group.parse().ok()),
            ..VisibleEnvironmentsQuery::default()
        };
        async move {
            every_page(|limit, cursor| {
                let client = client.clone();
                let narrowed = VisibleEnvironmentsQuery {
                    limit,
                    cursor,
                    ..narrowed.clone()
                };
                async move { client.visible_environments(&narrowed).await }
            })
            .await
        }
    })
    .follows(&[Topic::Environments]);
    let around =
        Remote::new(move || surroundings(session)).follows(&[Topic::Groups, Topic::Collaborations]);
    let groups = Signal::derive(move || {
        around.data.with(|around| {
            around
                .as_ref()
                .map(|around| around.groups.clone())
                .unwrap_or_default()
        })
    });
    let known_owners = Signal::derive(move || {
        around.data.with(|around| {
            around
                .as_ref()
                .map(|around| around.owners.clone())
                .unwrap_or_default()
        })
    });
    let group_choices = Signal::derive(move || {
        std::iter::once((String::new(), "Every group".to_owned()))
            .chain(
                groups
                    .get()
                    .into_iter()
                    .map(|group| (group.id.to_string(), group.path)),
            )
            .collect::<Vec<_>>()
    });
    let narrowed = move || {
        !looked_for.with(|text| text.trim().is_empty())
            || !owner.with(String::is_empty)
            || !group.with(String::is_empty)
    };

    let form_open = RwSignal::new(false);
    let purpose = RwSignal::new(Purpose::Create(Vec::new()));
    let create = Callback::new(move |()| {
        purpose.set(Purpose::Create(
            known_owners.with_untracked(|owners| who_lets_create(owners)),
        ));
        form_open.set(true);
    });
    let on_saved = Callback::new(move |environment: Environment| {
        toasts.done(format!("Environment {} saved.", environment.name));
        environments.reload();
        around.reload();
    });
    let edit = Callback::new(move |environment: Environment| {
        purpose.set(Purpose::Edit(Box::new(environment)));
        form_open.set(true);
    });
    let may_create = move || known_owners.with(|owners| !who_lets_create(owners).is_empty());
    view! {
        <PageHeader title="Environments" lead="Yours, and those that others share with you.">
            {move || may_create().then(|| view! {
                <Button kind=ButtonKind::Primary icon=Icon::Plus on_press=create>"New environment"</Button>
            })}
        </PageHeader>
        <div class="toolbar">
            <SearchField label="Find an environment" value=looked_for/>
            {move || (known_owners.with(Vec::len) > 1).then(|| view! {
                <Select label="Owner" bare=true value=owner choices=Signal::derive(move || owner_choices(&known_owners.get()))/>
            })}
            {move || (!groups.with(Vec::is_empty)).then(|| view! {
                <Select label="Group" bare=true value=group choices=group_choices/>
            })}
            <span class="toolbar-end" aria-live="polite">
                {move || environments.data.with(|all| all.as_ref().map(|all| match all.len() {
                    1 => "1 environment".to_owned(),
                    count => format!("{count} environments"),
                }))}
            </span>
        </div>
        {screen(
            environments,
            Skeleton::Rows(6),
            Vec::is_empty,
            move || {
                if narrowed() {
                    view! { <Empty icon=Icon::Search title="Nothing like that" text="No environment matches what you look for."/> }.into_any()
                } else {
                    view! {
                        <Empty
                            icon=Icon::Layers
                            title="No environments yet"
                            text="Environments are what you share. Make one, or accept an invitation to see somebody else's."
                        >
                            {move || may_create().then(|| view! {
                                <Button kind=ButtonKind::Primary icon=Icon::Plus on_press=create>"New environment"</Button>
                            })}
                        </Empty>
                    }
                    .into_any()
                }
            },
            move |environments_signal| view! {
                <EnvironmentTable
                    environments=environments_signal
                    groups=groups
                    on_edit=edit
                    on_removed=Callback::new(move |()| environments.reload())
                />
            },
        )}
        <EnvironmentDialog open=form_open purpose=purpose on_saved=on_saved/>
    }
}

/// What stands around the list: for its filters, its tags and its form.
#[derive(Clone, Debug, PartialEq)]
struct Surroundings {
    groups: Vec<Group>,
    owners: Vec<Owner>,
}

async fn surroundings(session: Session) -> accord_client::Result<Surroundings> {
    let client = session.client();
    let account = session.phase.with_untracked(|phase| match phase {
        crate::session::Phase::SignedIn(account) => Some(account.clone()),
        _ => None,
    });
    let hosts = account
        .as_ref()
        .is_some_and(|account| account.kind == AccountKind::Billing);
    let groups = if hosts {
        all_groups(session).await?
    } else {
        Vec::new()
    };
    // Until the address is verified nothing is shared with the account.
    let collaborations = if account
        .as_ref()
        .is_some_and(|account| account.email_verified)
    {
        every_page(|limit, cursor| {
            let client = client.clone();
            async move {
                client
                    .collaborations(&PageQuery {
                        limit,
                        cursor,
                        ..Default::default()
                    })
                    .await
            }
        })
        .await?
    } else {
        Vec::new()
    };
    let me = account.map(|account| AccountSummary {
        id: account.id,
        name: account.name,
        email: account.email,
    });
    let owners = me
        .map(|me| owners(&me, hosts, &collaborations))
        .unwrap_or_default();
    Ok(Surroundings { groups, owners })
}
