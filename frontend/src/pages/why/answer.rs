use accord_api_types::{Action, ExplainedStep, GrantingPolicy, Item, ItemKind, NamedRole, Uuid};
use leptos::prelude::*;

use super::dialog::Answered;
use super::model::{Level, Mark, level_words, levels, reached_from};
use crate::components::{AccessLevelTag, Glyph, Icon, RelativeTime};
use crate::pages::catalogue::title as title_of;
use crate::remote::Remote;
use crate::session::Session;

/// Where the things that an answer names can be opened by whoever looks at it.
#[derive(Clone, Copy)]
struct Places {
    owner_id: Uuid,
    /// Roles, policies and members' pages are the owner's.
    is_owner: bool,
    /// The page of the member, unless it is open already.
    member: Option<Uuid>,
}

impl Places {
    fn item(self, item: Item, name: &str) -> Option<String> {
        let owner_id = self.owner_id;
        match (item.kind, item.id) {
            (ItemKind::Group, Some(_)) if self.is_owner => Some(search("/groups", name)),
            (ItemKind::Group, Some(id)) => {
                Some(format!("/environments?owner={owner_id}&group={id}"))
            }
            (ItemKind::Environments, _) => Some(format!("/environments?owner={owner_id}")),
            (ItemKind::Groups, _) if self.is_owner => Some("/groups".to_owned()),
            // The environment is what the question is about.
            _ => None,
        }
    }

    fn role(self, name: &str) -> Option<String> {
        self.is_owner.then(|| search("/settings/roles", name))
    }

    fn policy(self, name: &str) -> Option<String> {
        self.is_owner.then(|| search("/settings/policies", name))
    }

    fn share(self) -> Option<String> {
        let id = self.member.filter(|_| self.is_owner)?;
        Some(format!("/settings/members/{id}"))
    }
}

fn search(page: &str, name: &str) -> String {
    format!("{page}?q={}", js_sys::encode_uri_component(name))
}

/// Yes or no, and the way to it.
#[component]
pub(super) fn Answer(answered: Answered, catalogue: Remote<Vec<Action>>) -> impl IntoView {
    let Answered {
        question,
        action_id,
        explanation,
    } = answered;
    let is_owner = question.owner_id == Session::current().account_id();
    let places = Places {
        owner_id: question.owner_id,
        is_owner,
        member: (!question.on_members_page).then_some(question.member_id),
    };
    let title = {
        let action_id = action_id.clone();
        move || {
            catalogue
                .data
                .with(|actions| title_of(actions.as_deref().unwrap_or_default(), &action_id))
        }
    };
    let levels = levels(&explanation, is_owner);
    let granted = explanation.granted_by;
    view! {
        <header class="why-verdict" data-tone=if explanation.allowed { "good" } else { "bad" }>
            <Glyph icon=if explanation.allowed { Icon::CircleCheck } else { Icon::CircleX } size=20/>
            <div>
                <h3>{title} " " <code class="muted">{action_id}</code></h3>
                <p>{question.verdict(explanation.allowed)}</p>
                {explanation.missing.map(|missing| view! { <p class="muted">{missing.sentence}</p> })}
            </div>
            <AccessLevelTag level=explanation.access_level/>
        </header>
        {(!granted.is_empty()).then(|| view! {
            <section>
                <h4>"Granted by"</h4>
                <ul class="why-granted">
                    {granted.into_iter().map(|by| view! { <Granting by=by places=places/> }).collect_view()}
                </ul>
            </section>
        })}
        <section>
            <h4>"What was looked at"</h4>
            <p class="muted small">"Only the highest level that has roles counts."</p>
            <ol class="why-levels">
                {levels.into_iter().map(|level| view! { <LevelSteps level=level places=places/> }).collect_view()}
            </ol>
        </section>
    }
}

#[component]
fn Granting(by: GrantingPolicy, places: Places) -> impl IntoView {
    let (role, policy) = (places.role(&by.role_name), places.policy(&by.policy_name));
    view! {
        <li><p>"Role " <Named name=by.role_name href=role/> ", by its policy " <Named name=by.policy_name href=policy/></p></li>
    }
}

#[component]
fn LevelSteps(level: Level, places: Places) -> impl IntoView {
    let (name, what) = level_words(level.level);
    let steps = level.steps;
    view! {
        <li>
            <p class="why-level"><span class="strong">{name}</span> <span class="muted small">{what}</span></p>
            {if steps.is_empty() {
                view! { <p class="muted small">"The environment is in no group."</p> }.into_any()
            } else {
                view! {
                    <ul class="why-steps">
                        {steps.into_iter().map(|step| view! { <Step step=step places=places/> }).collect_view()}
                    </ul>
                }.into_any()
            }}
        </li>
    }
}

#[component]
fn Step(step: ExplainedStep, places: Places) -> impl IntoView {
    let mark = Mark::of(&step);
    let (tone, icon) = match mark {
        Mark::Counts => ("good", Icon::CircleCheck),
        Mark::DoesNotCount => ("warn", Icon::Ban),
        Mark::Nothing => ("quiet", Icon::X),
    };
    let from = reached_from(&step).map(|via| format!("above {via}"));
    let name = step
        .item_name
        .unwrap_or_else(|| "A group that you do not see".to_owned());
    let href = step.item.and_then(|item| places.item(item, &name));
    let share = step.share;
    let share_place = share.as_ref().and_then(|_| places.share());
    let end = share.and_then(|share| share.expires_at.map(|at| (share.ended, at)));
    let roles = step.roles;
    view! {
        <li class="why-step" data-tone=tone>
            <Glyph icon=icon/>
            <div>
                <p class="why-item">
                    <span class="visually-hidden">{mark.words()}</span>
                    <Named name=name href=href/>
                    {from.map(|from| view! { <span class="muted small">{from}</span> })}
                    {(!roles.is_empty()).then(|| view! {
                        <span class="tags">
                            {roles.into_iter().map(|role| view! { <RoleTag role=role places=places/> }).collect_view()}
                        </span>
                    })}
                </p>
                <p class="muted small">
                    {step.sentence}
                    {end.map(|(ended, at)| view! { " " {if ended { "It ended " } else { "It ends " }} <RelativeTime at=at/> "." })}
                    {share_place.map(|href| view! { " " <a href=href>"The member's shares"</a> })}
                </p>
            </div>
        </li>
    }
}

#[component]
fn RoleTag(role: NamedRole, places: Places) -> impl IntoView {
    let words = view! { <span class="tag-words">{role.name.clone()}</span> };
    match places.role(&role.name) {
        Some(href) => view! { <a class="tag" href=href>{words}</a> }.into_any(),
        None => view! { <span class="tag">{words}</span> }.into_any(),
    }
}

/// A name that leads to what it names, where that can be opened.
#[component]
fn Named(name: String, href: Option<String>) -> impl IntoView {
    match href {
        Some(href) => view! { <a href=href>{name}</a> }.into_any(),
        None => view! { <span class="strong">{name}</span> }.into_any(),
    }
}
