//! One environment: what it is, and who may do what with it.

mod access;
mod draft;
mod model;
mod removal;
mod share;
mod table;

use accord_api_types::{AccessLevel, Environment, Group, Uuid};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};

use crate::address::record_of_environment;
use crate::components::{
    AccessLevelTag, Button, Empty, EnvironmentStatusTag, Glyph, GroupTag, Icon, PageHeader,
    RelativeTime, Section, Skeleton, Toasts, screen,
};
use crate::live::Topic;
use crate::pages::catalogue::by_category;
use crate::pages::environments::model::may;
use crate::pages::environments::{EnvironmentDialog, Purpose, RemoveEnvironment, SavedEnvironment};
use crate::pages::groups::all_groups;
use crate::pages::groups::model::tags;
use crate::pages::roles::all_actions;
use crate::remote::Remote;
use crate::session::Session;
use access::WhoHasAccess;

/// The page.
#[component]
pub(crate) fn EnvironmentPage() -> impl IntoView {
    let session = Session::current();
    let params = use_params_map();
    // Leaving also touches the parameters; what is not asked for anew must not be asked for again.
    let ids = Memo::new(move |_| {
        params.with(|params| {
            let id = |name| {
                params
                    .get(name)
                    .and_then(|id| id.parse::<Uuid>().ok())
                    .unwrap_or_default()
            };
            (id("owner_id"), id("environment_id"))
        })
    });
    let environment = Remote::new(move || {
        let (client, (owner_id, environment_id)) = (session.client(), ids.get());
        async move {
            client
                .environment(owner_id, environment_id)
                .await
                .map(accord_client::Versioned::into_inner)
        }
    })
    .follows(&[Topic::Environments, Topic::Access]);
    view! {
        <p class="crumbs"><a href="/environments"><Glyph icon=Icon::ChevronLeft size=14/>"Environments"</a></p>
        {screen(environment, Skeleton::Page, |_| false, || (), move |shown| {
            let reload = Callback::new(move |()| environment.reload());
            view! { <Details environment=shown reload=reload/> }
        })}
    }
}

#[component]
fn Details(environment: Signal<Environment>, reload: Callback<()>) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let navigate = use_navigate();
    let form_open = RwSignal::new(false);
    let purpose = RwSignal::new(Purpose::Create(Vec::new()));
    let asking = RwSignal::new(false);
    let removing = RwSignal::new(None::<Environment>);
    let edit = Callback::new(move |()| {
        purpose.set(Purpose::Edit(Box::new(environment.get_untracked())));
        form_open.set(true);
    });
    let ask = Callback::new(move |()| {
        removing.set(Some(environment.get_untracked()));
        asking.set(true);
    });
    let allowed =
        move |action: &'static str| environment.with(|environment| may(environment, action));
    let ids =
        Memo::new(move |_| environment.with(|environment| (environment.owner.id, environment.id)));
    let me = Session::current().account_id();
    let record = move || {
        let (owner_id, environment_id) = ids.get();
        record_of_environment(owner_id, environment_id, me)
    };
    let may_share = Memo::new(move |_| allowed("share"));
    view! {
        <PageHeader title=Signal::derive(move || environment.with(|environment| environment.name.clone()))>
            <a class="button" data-kind="secondary" href=record><Glyph icon=Icon::ListChecks/>"Record"</a>
            {move || allowed("delete").then(|| view! { <Button icon=Icon::Trash on_press=ask>"Remove"</Button> })}
            {move || allowed("edit").then(|| view! { <Button icon=Icon::Pencil on_press=edit>"Edit"</Button> })}
        </PageHeader>
        {move || view! { <Facts environment=environment.get()/> }}
        {move || if may_share.get() {
            let (owner_id, environment_id) = ids.get();
            let environment_name = Signal::derive(move || environment.with(|environment| environment.name.clone()));
            view! { <WhoHasAccess owner_id=owner_id environment_id=environment_id environment_name=environment_name/> }.into_any()
        } else {
            view! { <OwnActions environment=environment/> }.into_any()
        }}
        <EnvironmentDialog
            open=form_open
            purpose=purpose
            on_saved=Callback::new(move |saved: SavedEnvironment| { saved.say(toasts, session); reload.run(()); })
        />
        <RemoveEnvironment
            open=asking
            environment=removing
            on_removed=Callback::new({
                let navigate = send_wrapper(navigate);
                move |()| navigate("/environments")
            })
        />
    }
}

/// Navigation as a callback takes it.
fn send_wrapper(
    navigate: impl Fn(&str, NavigateOptions) + Clone + Send + Sync + 'static,
) -> impl Fn(&str) + Send + Sync + 'static {
    move |path| navigate(path, NavigateOptions::default())
}

#[component]
fn Facts(environment: Environment) -> impl IntoView {
    let session = Session::current();
    let owned = environment.access_level == AccessLevel::Owner;
    let groups = Remote::new(move || async move {
        if owned {
            all_groups(session).await
        } else {
            Ok(Vec::<Group>::new())
        }
    })
    .follows(&[Topic::Groups]);
    let group_ids = environment.group_ids;
    let grouped = !group_ids.is_empty();
    view! {
        <dl class="card facts">
            <div><dt>"Status"</dt><dd><EnvironmentStatusTag status=environment.status/></dd></div>
            {environment.display_name.map(|name| view! { <div><dt>"Display name"</dt><dd>{name}</dd></div> })}
            <div><dt>"Owner"</dt><dd>{if owned { "You".to_owned() } else { environment.owner.name }}</dd></div>
            <div><dt>"Your access"</dt><dd><AccessLevelTag level=environment.access_level/></dd></div>
            {(owned && grouped).then(|| view! {
                <div>
                    <dt>"Groups"</dt>
                    <dd class="tags">
                        {move || groups.data.with(|groups| tags(groups.as_deref().unwrap_or_default(), &group_ids)).into_iter().map(|(path, color)| view! {
                            <GroupTag path=path color=color/>
                        }).collect_view()}
                    </dd>
                </div>
            })}
            <div><dt>"Created"</dt><dd><RelativeTime at=environment.created_at/></dd></div>
        </dl>
    }
}

/// For those who may not see who else has access: what they may do themselves.
#[component]
fn OwnActions(environment: Signal<Environment>) -> impl IntoView {
    let session = Session::current();
    let catalogue = Remote::new(move || all_actions(session));
    let own = Memo::new(move |_| {
        environment.with(|environment| environment.action_ids.clone().unwrap_or_default())
    });
    view! {
        <Section title="What you may do here" lead="By the roles that you were given.">
            {screen(
                catalogue,
                Skeleton::Rows(4),
                move |_| own.with(Vec::is_empty),
                || view! {
                    <Empty
                        icon=Icon::ListChecks
                        title="You may see it, and nothing else"
                        text="None of your roles here holds an action. Its owner can give you one that does."
                    />
                },
                move |actions| view! {
                    <div class="card areas">
                        {move || actions.with(|actions| own.with(|own| by_category(actions, own))).into_iter().map(|(area, actions)| view! {
                            <section aria-label=area>
                                <h3>{area.clone()}</h3>
                                <ul>
                                    {actions.into_iter().map(|action| view! {
                                        <li>{action.title} <span class="muted small">{action.description}</span></li>
                                    }).collect_view()}
                                </ul>
                            </section>
                        }).collect_view()}
                    </div>
                },
            )}
        </Section>
    }
}
