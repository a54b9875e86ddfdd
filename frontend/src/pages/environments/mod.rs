//! The environments that the person can see: their own and those shared with them.

mod draft;
mod first_steps;
mod form;
pub(crate) mod model;
mod put_away;
mod remove;
mod table;

use accord_api_types::{
    AccountKind, AccountSummary, Environment, ErrorCode, Group, MAX_LIMIT, Page, PageQuery, Uuid,
    VisibleEnvironmentsQuery,
};
use leptos::prelude::*;

use crate::address::kept_in_address;
use crate::chunks::Part;
use crate::components::{
    Button, ButtonKind, Empty, FailureNotice, Icon, PageHeader, SearchField, Select, Skeleton,
    Toasts, screen,
};
use crate::listing::{every_page, first_pages, in_words};
use crate::live::Topic;
use crate::pages::groups::groups_of;
use crate::remote::Remote;
use crate::session::Session;
use crate::submission::Submission;
pub(crate) use first_steps::FirstSteps;
pub(crate) use form::{EnvironmentDialog, Purpose, SavedEnvironment};
use model::{
    NothingOf, Owner, narrowed, nothing_at_all, nothing_of, owner_choices, owners, status_filter,
    who_lets_create,
};
pub(crate) use remove::RemoveEnvironment;
use table::EnvironmentTable;

/// How many environments come at once.
const PAGE: usize = 50;

/// The page.
#[component]
pub(crate) fn Environments() -> impl IntoView {
    let session = Session::current();
    let toasts = Toasts::current();
    let filters = Filters::of_the_address();
    let (environments, more) = listed(session, filters);
    let around = Remote::new(move || {
        session.shared.track();
        surroundings(session)
    })
    .follows(&[Topic::Groups, Topic::Collaborations]);
    let around_now = move || {
        around
            .data
            .with(|around| around.clone().unwrap_or_default())
    };
    let groups = Memo::new(move |_| around_now().groups);
    let known_owners = Memo::new(move |_| around_now().owners);
    let all_groups = Memo::new(move |_| {
        groups.with(|groups| {
            groups
                .iter()
                .flat_map(|(_, groups)| groups.clone())
                .collect::<Vec<_>>()
        })
    });
    let group_choices = Signal::derive(move || {
        known_owners.with(|owners| {
            groups.with(|groups| {
                filters
                    .group
                    .with(|chosen| model::group_choices(owners, groups, filters.owner_id(), chosen))
            })
        })
    });

    let form_open = RwSignal::new(false);
    let purpose = RwSignal::new(Purpose::Create(Vec::new()));
    let create = Callback::new(move |()| {
        purpose.set(Purpose::Create(
            known_owners.with_untracked(|owners| who_lets_create(owners)),
        ));
        form_open.set(true);
    });
    let changed = RwSignal::new(0_u32);
    let on_saved = Callback::new(move |saved: SavedEnvironment| {
        saved.say(toasts, session);
        environments.reload();
        around.reload();
        changed.update(|changed| *changed += 1);
    });
    let edit = Callback::new(move |environment: Environment| {
        purpose.set(Purpose::Edit(Box::new(environment)));
        form_open.set(true);
    });
    let begins = Memo::new(move |_| {
        session.account().is_some_and(|account| {
            account.kind == AccountKind::Billing && !put_away::is(account.id)
        })
    });
    let may_create = move || known_owners.with(|owners| !who_lets_create(owners).is_empty());
    let clear = Callback::new(move |()| filters.clear());
    view! {
        <PageHeader title="Environments" lead="Yours, and those that others share with you.">
            {move || may_create().then(|| view! {
                <Button kind=ButtonKind::Primary icon=Icon::Plus on_press=create>"New environment"</Button>
            })}
        </PageHeader>
        {move || begins.get().then(|| Part::FirstSteps { on_create: create, changed }.view())}
        <div class="toolbar">
            <SearchField label="Find an environment" value=filters.looked_for/>
            {move || (known_owners.with(Vec::len) > 1 || !filters.owner.with(String::is_empty)).then(|| view! {
                <Select label="Owner" bare=true value=filters.owner choices=Signal::derive(move || owner_choices(&known_owners.get()))/>
            })}
            {move || (!all_groups.with(Vec::is_empty) || !filters.group.with(String::is_empty)).then(|| view! {
                <Select label="Group" bare=true value=filters.group choices=group_choices/>
            })}
            <Select label="Status" bare=true value=filters.status choices=Signal::derive(status_filter)/>
            {move || filters.any().then(|| view! { <Button kind=ButtonKind::Ghost icon=Icon::X on_press=clear>"Clear"</Button> })}
            <span class="toolbar-end" aria-live="polite">
                {move || environments.data.with(|page| page.as_ref().map(|page| {
                    let count = in_words(page.items.len(), "environment");
                    if page.next_cursor.is_some() { format!("the first {count}") } else { count }
                }))}
            </span>
        </div>
        {screen(
            environments,
            Skeleton::Rows(6),
            |page| page.items.is_empty(),
            move || {
                if filters.any_untracked() {
                    view! {
                        {move || {
                            let found = around.data.with(|around| nothing_of(around.as_ref().map(|around| around.owners.as_slice()), filters.owner_id(), filters.only_owner()));
                            let ended = found == NothingOf::Ended;
                            let (title, text) = found.words();
                            view! {
                                <Empty icon=Icon::Search title=title text=text>
                                    <Button on_press=clear>"Show all environments"</Button>
                                    {ended.then(|| view! { <a class="button" data-kind="secondary" href="/settings/shared-with-me">"Shared with me"</a> })}
                                </Empty>
                            }
                        }}
                    }.into_any()
                } else {
                    view! {
                        {move || {
                            let (title, text) = around.data.with(|around| nothing_at_all(may_create(), around.as_ref().map_or(&[], |around| &around.suspended)));
                            view! {
                                <Empty icon=Icon::Layers title=title text=text>
                                    {move || may_create().then(|| view! {
                                        <Button kind=ButtonKind::Primary icon=Icon::Plus on_press=create>"New environment"</Button>
                                    })}
                                </Empty>
                            }
                        }}
                    }
                    .into_any()
                }
            },
            move |page: Signal<Page<Environment>>| view! {
                <EnvironmentTable
                    environments=Signal::derive(move || page.with(|page| page.items.clone()))
                    groups=all_groups.into()
                    owners=known_owners.into()
                    sort=filters.sort
                    on_edit=edit
                    on_removed=Callback::new(move |()| { environments.reload(); changed.update(|changed| *changed += 1); })
                />
                <FailureNotice failure=more.submission.failure/>
                {move || page.with(|page| page.next_cursor.is_some()).then(|| view! {
                    <p class="list-more"><Button busy=more.submission.busy on_press=more.press>"Show more"</Button></p>
                })}
            },
        )}
        {Part::EnvironmentForm { open: form_open, purpose, on_saved }.view()}
    }
}

/// What narrows and sorts the list; all of it stands in the address.
#[derive(Clone, Copy)]
struct Filters {
    looked_for: RwSignal<String>,
    owner: RwSignal<String>,
    group: RwSignal<String>,
    status: RwSignal<String>,
    sort: RwSignal<String>,
}

impl Filters {
    fn of_the_address() -> Self {
        Self {
            looked_for: kept_in_address("q"),
            owner: kept_in_address("owner"),
            group: kept_in_address("group"),
            status: kept_in_address("status"),
            sort: kept_in_address("sort"),
        }
    }

    const fn narrowing(self) -> [RwSignal<String>; 4] {
        [self.looked_for, self.owner, self.group, self.status]
    }

    fn any(self) -> bool {
        self.narrowing()
            .iter()
            .any(|filter| !filter.with(|text| text.trim().is_empty()))
    }

    fn any_untracked(self) -> bool {
        untrack(move || self.any())
    }

    /// Whether the owner is all that narrows it.
    fn only_owner(self) -> bool {
        [self.looked_for, self.group, self.status]
            .iter()
            .all(|filter| filter.with(|text| text.trim().is_empty()))
    }

    fn clear(self) {
        for filter in self.narrowing() {
            filter.set(String::new());
        }
    }

    fn owner_id(self) -> Option<Uuid> {
        self.owner.with(|owner| owner.parse().ok())
    }

    fn query(self) -> VisibleEnvironmentsQuery {
        let [looked_for, owner, group, status] = self.narrowing().map(|filter| filter.get());
        narrowed(&looked_for, &owner, &group, &status, &self.sort.get())
    }
}

/// Brings the next page under what is shown.
#[derive(Clone, Copy)]
struct More {
    submission: Submission,
    press: Callback<()>,
}

/// The environments, page by page. What is asked for again comes as far as it was shown before.
fn listed(session: Session, filters: Filters) -> (Remote<Page<Environment>>, More) {
    let shown = StoredValue::new((VisibleEnvironmentsQuery::default(), PAGE));
    let environments = Remote::new(move || {
        session.shared.track();
        let client = session.client();
        let query = filters.query();
        let (before, wanted) = shown.get_value();
        let wanted = if before == query { wanted } else { PAGE };
        shown.set_value((query.clone(), wanted));
        async move {
            first_pages(wanted, |limit, cursor| {
                let client = client.clone();
                let query = VisibleEnvironmentsQuery {
                    limit,
                    cursor,
                    ..query.clone()
                };
                async move { client.visible_environments(&query).await }
            })
            .await
        }
    })
    .follows(&[Topic::Environments]);
    let submission = Submission::new();
    let press = Callback::new(move |()| {
        let next = |page: &Option<Page<Environment>>| page.as_ref()?.next_cursor.clone();
        let Some(cursor) = environments.data.with_untracked(next) else {
            return;
        };
        let client = session.client();
        let (query, _) = shown.get_value();
        let query = VisibleEnvironmentsQuery {
            limit: Some(MAX_LIMIT),
            cursor: Some(cursor.clone()),
            ..query
        };
        submission.send(
            async move { client.visible_environments(&query).await },
            move |page| {
                environments.data.update(|shown_now| {
                    // The list may be another by now.
                    let Some(all) = shown_now
                        .as_mut()
                        .filter(|all| all.next_cursor.as_ref() == Some(&cursor))
                    else {
                        return;
                    };
                    all.items.extend(page.items);
                    all.next_cursor = page.next_cursor;
                    let count = all.items.len();
                    shown.update_value(|(_, wanted)| *wanted = count);
                });
            },
        );
    });
    (environments, More { submission, press })
}

/// What stands around the list: for its filters, its tags and its form.
#[derive(Clone, Debug, Default, PartialEq)]
struct Surroundings {
    /// By their owner.
    groups: Vec<(Uuid, Vec<Group>)>,
    owners: Vec<Owner>,
    /// What those are called who suspended the caller.
    suspended: Vec<String>,
}

async fn surroundings(session: Session) -> accord_client::Result<Surroundings> {
    let client = session.client();
    let Some(account) = untrack(|| session.account()) else {
        return Ok(Surroundings::default());
    };
    let hosts = account.kind == AccountKind::Billing;
    // Until the address is verified nothing is shared with the account.
    let collaborations = if account.email_verified {
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
    let me = AccountSummary {
        id: account.id,
        name: account.name,
        email: account.email,
    };
    let owners = owners(&me, hosts, &collaborations);
    let mut groups = Vec::new();
    for owner in &owners {
        match groups_of(session, owner.id).await {
            Ok(some) => groups.push((owner.id, some)),
            // One collaboration that ended this moment must not take the rest of the page along.
            Err(error) if !owner.is_caller && error.code() == Some(ErrorCode::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Surroundings {
        groups,
        owners,
        suspended: model::suspended(&collaborations),
    })
}
