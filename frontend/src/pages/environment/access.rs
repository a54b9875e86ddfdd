use accord_api_types::{
    EnvironmentAccess, EnvironmentAccessQuery, MAX_LIMIT, MemberStatus, PageQuery, ShareableRole,
    Uuid,
};
use leptos::prelude::*;

use super::model::{COLUMNS, name};
use super::removal::RemovalDialog;
use super::share::{ShareDialog, Shared, Target};
use super::table::{AccessTable, Todo};
use crate::address::kept_in_address;
use crate::components::{
    Button, Empty, FailureNotice, Icon, SearchField, Section, Skeleton, Toasts, order_asked_for,
    screen,
};
use crate::listing::every_page;
use crate::live::Topic;
use crate::pages::roles::all_actions;
use crate::pages::why::{Question, Whose, Why};
use crate::reader::{Found, Reader};
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;
use crate::undo::say_done;

/// Members, where their access comes from, and direct sharing.
#[component]
pub(super) fn WhoHasAccess(
    owner_id: Uuid,
    environment_id: Uuid,
    #[prop(into)] environment_name: Signal<String>,
) -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let (looked_for, sort) = (kept_in_address("q"), kept_in_address("sort"));
    let reader = Reader::new(
        move || EnvironmentAccessQuery {
            q: Some(looked_for.get().trim().to_owned()).filter(|text| !text.is_empty()),
            sort: Some(sort.with(|sort| order_asked_for(&COLUMNS, sort))),
            ..Default::default()
        },
        move |query, cursor| {
            let client = session.client();
            async move {
                let query = EnvironmentAccessQuery {
                    limit: Some(MAX_LIMIT),
                    cursor,
                    ..query
                };
                client
                    .environment_access(owner_id, environment_id, &query)
                    .await
            }
        },
    );
    let access = reader.remote.follows(&[Topic::Access]);
    let narrowed = move || !looked_for.with(|text| text.trim().is_empty());
    let roles = Remote::new(move || shareable_roles(session, owner_id, environment_id))
        .follows(&[Topic::Roles, Topic::Access]);
    let choices = Signal::derive(move || roles.data.get().unwrap_or_default());
    let why = Why::new(move |id| {
        access.data.with(|found| {
            let mut all = found.iter().flat_map(|found| &found.items);
            let who = all.find(|one| one.member_id == id)?;
            Some(Question {
                owner_id,
                environment_id,
                environment_name: environment_name.get(),
                member_id: id,
                whose: Whose::Of(name(who)),
                held: who.action_ids.clone(),
                counts: who.status == MemberStatus::Active && !who.account_disabled,
                on_members_page: false,
            })
        })
    });
    let open = RwSignal::new(false);
    let target = RwSignal::new(None::<Target>);
    let share = move |who: Option<EnvironmentAccess>| {
        target.set(Some(Target {
            owner_id,
            environment_id,
            who,
        }));
        open.set(true);
    };
    let removing = RwSignal::new(None::<Target>);
    let asking = RwSignal::new(false);
    let catalogue = Remote::new(move || all_actions(session));
    let actions = Signal::derive(move || catalogue.data.get().unwrap_or_default());
    let resending = Submission::new();
    let resend = Callback::new(move |who: EnvironmentAccess| {
        let client = session.client();
        resending.send(
            async move {
                client
                    .resend_environment_invitation(owner_id, environment_id, who.member_id)
                    .await
                    .map(|_| who)
            },
            move |who| toasts.done(format!("Invitation sent again to {}.", who.email)),
        );
    });
    let edit = Callback::new(move |who| share(Some(who)));
    let ask = Callback::new(move |who| {
        removing.set(Some(Target {
            owner_id,
            environment_id,
            who: Some(who),
        }));
        asking.set(true);
    });
    let todo = Todo {
        edit,
        remove: ask,
        resend,
    };
    let add = Callback::new(move |()| share(None));
    view! {
        <Section
            title="Collaboration"
            lead="Who has access to this environment, and where it comes from."
            actions=move || view! { <Button icon=Icon::UserPlus on_press=add>"Share"</Button> }
        >
            <FailureNotice failure=resending.failure shown_by_fields=&[]/>
            <div class="toolbar">
                <SearchField label="Find somebody" value=looked_for/>
                <span class="toolbar-end" aria-live="polite">
                    {move || access.data.with(|found| found.as_ref().map(|found| found.in_words("person", "people")))}
                </span>
            </div>
            {screen(
                access,
                Skeleton::Rows(4),
                |found: &Found<EnvironmentAccess>| found.items.is_empty(),
                move || if narrowed() {
                    view! { <Empty icon=Icon::Search title="Nobody like that" text="Nobody with access matches what you look for."/> }.into_any()
                } else {
                    view! {
                        <Empty icon=Icon::Users title="Only you" text="Nobody else has access. Share this environment directly, or through its groups.">
                            <Button icon=Icon::UserPlus on_press=add>"Share"</Button>
                        </Empty>
                    }
                    .into_any()
                },
                move |found| view! {
                    <AccessTable found=found reader=reader sort=sort actions=actions todo=todo/>
                },
            )}
        </Section>
        {why.view()}
        <ShareDialog
            open=open
            target=target
            roles=choices
            on_saved=Callback::new(move |Shared { whom, reverse }| {
                let words = format!("Shared with {whom}.");
                say_done(toasts, session, words, reverse);
                access.reload();
            })
        />
        <RemovalDialog open=asking target=removing on_removed=Callback::new(move |()| access.reload())/>
    }
}

/// The roles that the caller may give here.
async fn shareable_roles(
    session: Session,
    owner_id: Uuid,
    environment_id: Uuid,
) -> accord_client::Result<Vec<ShareableRole>> {
    let client = session.client();
    every_page(|limit, cursor| {
        let client = client.clone();
        async move {
            client
                .shareable_roles(
                    owner_id,
                    environment_id,
                    &PageQuery {
                        limit,
                        cursor,
                        ..Default::default()
                    },
                )
                .await
        }
    })
    .await
}
