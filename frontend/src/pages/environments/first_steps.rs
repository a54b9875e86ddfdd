//! For an account that begins: the way to its first shared environment, each step from what is there.

use accord_api_types::{Account, EnvironmentsQuery, MembersQuery, Role};
use leptos::prelude::*;

use super::put_away;
use crate::components::{Button, ButtonKind, Glyph, Icon, IconButton, Skeleton, screen};
use crate::live::Topic;
use crate::pages::roles::all_roles;
use crate::remote::Remote;
use crate::session::Session;

/// Leads from signing up to the first invitation; gone when all is done, or when it is put away.
#[component]
pub(crate) fn FirstSteps(
    on_create: Callback<()>,
    /// Counts what the page itself made or removed.
    changed: RwSignal<u32>,
) -> impl IntoView {
    let session = Session::current();
    let account = Memo::new(move |_| session.account());
    let hidden = RwSignal::new(false);
    let there = Remote::new(move || {
        changed.track();
        account.track();
        what_is_there(session)
    })
    .follows(&[Topic::Environments, Topic::Members, Topic::Roles]);
    let steps_of = move |there: &There| account.get().map(|account| Steps::of(&account, there));
    let is_done = move |there: &There| {
        let steps = steps_of(there);
        steps.is_none_or(|steps| steps.done() == Steps::COUNT)
    };
    let put_away = Callback::new(move |()| {
        if let Some(account) = account.get_untracked() {
            put_away::put(account.id);
        }
        hidden.set(true);
    });
    // Whoever has done them all needs them no more, whatever goes later.
    Effect::new(move |_| {
        if account.with(Option::is_some)
            && there.data.with(|there| there.as_ref().is_some_and(is_done))
        {
            put_away.run(());
        }
    });
    move || {
        (!hidden.get()).then(|| {
            view! {
                <div class="first-steps-place">
                    // Says what it is that waits or failed, above a list that may be there.
                    {move || there.data.with(Option::is_none).then(|| view! { <h2>"Your first steps"</h2> })}
                    {screen(
                        there,
                        Skeleton::Card,
                        is_done,
                        || (),
                        move |there| {
                            let steps = Memo::new(move |_| there.with(steps_of));
                            move || {
                                let email = account.with(|account| account.as_ref().map(|account| account.email.clone()));
                                steps.get().zip(email).map(|(steps, email)| view! {
                                    <StepsCard steps=steps email=email on_create=on_create on_put_away=put_away/>
                                })
                            }
                        },
                    )}
                </div>
            }
        })
    }
}

#[component]
fn StepsCard(
    steps: Steps,
    email: String,
    on_create: Callback<()>,
    on_put_away: Callback<()>,
) -> impl IntoView {
    let (done, next) = (steps.done(), steps.next());
    view! {
        <section class="card first-steps" aria-labelledby="first-steps">
            <header class="first-steps-head">
                <div>
                    <h2 id="first-steps">"Share your first environment"</h2>
                    <p class="muted small">{done} " of " {Steps::COUNT} " done"</p>
                </div>
                <IconButton icon=Icon::X label="Put the first steps away" on_press=on_put_away/>
            </header>
            <ol>
                <Step at=0 next=next done=steps.verified title="Verify your address">
                    <p>"Open the link that was mailed to " <span class="strong">{email.clone()}</span> ". Until then you cannot invite anybody."</p>
                </Step>
                <Step at=1 next=next done=steps.has_environment title="Create an environment">
                    <p>"It is what you share. Groups can hold several."</p>
                    <Button kind=if next == 1 { ButtonKind::Primary } else { ButtonKind::Secondary } icon=Icon::Plus on_press=on_create>"Create an environment"</Button>
                </Step>
                <Step at=2 next=next done=steps.has_chosen_role title="Choose what others may do">
                    <p>"A role says it. Four examples are there: look at them, change them, or make your own."</p>
                    <a class="button" data-kind=if next == 2 { "primary" } else { "secondary" } href="/settings/roles">"Look at the roles"</a>
                </Step>
                <Step at=3 next=next done=steps.has_invited title="Invite somebody">
                    <p>"They get a mail with a link, and see nothing before they accept."</p>
                    <a class="button" data-kind=if next == 3 { "primary" } else { "secondary" } href="/settings/members">"Invite a member"</a>
                </Step>
            </ol>
        </section>
    }
}

#[component]
fn Step(
    at: usize,
    next: usize,
    done: bool,
    title: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    view! {
        <li class="first-step" data-done=done.then_some("true") aria-current=(at == next).then_some("step")>
            <span class="first-step-mark" aria-hidden="true">
                {if done { view! { <Glyph icon=Icon::Check size=14/> }.into_any() } else { (at + 1).into_any() }}
            </span>
            <div class="first-step-words">
                <h3>{title} {done.then(|| view! { <span class="visually-hidden">" (done)"</span> })}</h3>
                {(at == next).then(|| children())}
            </div>
        </li>
    }
}

/// What the account has so far.
#[derive(Clone, Debug, Default, PartialEq)]
struct There {
    environments: bool,
    members: bool,
    roles: Vec<Role>,
}

async fn what_is_there(session: Session) -> accord_client::Result<There> {
    let (client, account_id) = (session.client(), session.account_id());
    let one = EnvironmentsQuery {
        limit: Some(1),
        ..EnvironmentsQuery::default()
    };
    let environments = client.environments(account_id, &one).await?;
    let one = MembersQuery {
        limit: Some(1),
        ..MembersQuery::default()
    };
    let members = client.members(account_id, &one).await?;
    Ok(There {
        environments: !environments.items.is_empty(),
        members: !members.items.is_empty(),
        roles: all_roles(session).await?,
    })
}

/// Which of the steps are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Steps {
    verified: bool,
    has_environment: bool,
    has_chosen_role: bool,
    has_invited: bool,
}

impl Steps {
    const COUNT: usize = 4;

    fn of(account: &Account, there: &There) -> Self {
        Self {
            verified: account.email_verified,
            has_environment: there.environments,
            has_chosen_role: is_one_chosen(&there.roles),
            has_invited: there.members,
        }
    }

    const fn all(self) -> [bool; Self::COUNT] {
        [
            self.verified,
            self.has_environment,
            self.has_chosen_role,
            self.has_invited,
        ]
    }

    fn done(self) -> usize {
        self.all().into_iter().filter(|done| *done).count()
    }

    /// The first that is not done.
    fn next(self) -> usize {
        self.all()
            .into_iter()
            .position(|done| !done)
            .unwrap_or(Self::COUNT)
    }
}

/// Whether a role was given to somebody, made or changed: the examples come together, in one moment.
fn is_one_chosen(roles: &[Role]) -> bool {
    let first = roles.iter().map(|role| role.updated_at).min();
    roles
        .iter()
        .any(|role| role.share_count > 0 || Some(role.updated_at) > first)
}

#[cfg(test)]
mod tests {
    use accord_api_types::{DateTime, Utc, Uuid};

    use super::*;

    fn role(share_count: u64, updated_at: DateTime<Utc>) -> Role {
        Role {
            id: Uuid::nil(),
            name: "Viewer".into(),
            description: String::new(),
            policy_ids: Vec::new(),
            receive_load_alerts: false,
            share_count,
            member_count: share_count,
            updated_at,
            allowed_actions: Vec::new(),
        }
    }

    #[test]
    fn examples_that_nobody_touched_are_not_chosen() {
        let made = DateTime::UNIX_EPOCH;
        let later = DateTime::from_timestamp(60, 0).unwrap();
        assert!(!is_one_chosen(&[]));
        assert!(!is_one_chosen(&[role(0, made), role(0, made)]));
        assert!(is_one_chosen(&[role(1, made), role(0, made)]), "given");
        assert!(is_one_chosen(&[role(0, made), role(0, later)]), "changed");
    }

    #[test]
    fn the_next_step_is_the_first_that_is_not_done() {
        let steps = Steps {
            verified: true,
            has_environment: false,
            has_chosen_role: true,
            has_invited: false,
        };
        assert_eq!((steps.done(), steps.next()), (2, 1));
    }
}
