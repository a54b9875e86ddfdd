//! States and levels as a symbol and a word: never a colour alone.

use accord_api_types::{
    AccessLevel, EnvironmentStatus, MemberStatus, Webhook, WebhookDeliveryStatus, WebhookOffBecause,
};
use leptos::prelude::*;

use super::{Glyph, Icon};

#[component]
fn Tag(
    tone: &'static str,
    icon: Icon,
    word: &'static str,
    #[prop(optional)] hint: &'static str,
) -> impl IntoView {
    view! {
        <span class="status" data-tone=tone title=(!hint.is_empty()).then_some(hint)>
            <Glyph icon=icon size=14/>
            {word}
        </span>
    }
}

/// Where a member stands.
#[component]
pub(crate) fn MemberStatusTag(status: MemberStatus) -> impl IntoView {
    let (tone, icon, word) = match status {
        MemberStatus::Pending => ("info", Icon::Clock, "Pending acceptance"),
        MemberStatus::Active => ("good", Icon::CircleCheck, "Active"),
        MemberStatus::Suspended => ("warn", Icon::CirclePause, "Suspended"),
        MemberStatus::Rejected => ("quiet", Icon::CircleX, "Rejected"),
        MemberStatus::Left => ("quiet", Icon::DoorOpen, "Left"),
        MemberStatus::Removed => ("quiet", Icon::UserX, "Removed"),
        MemberStatus::Expired => ("bad", Icon::Hourglass, "Expired"),
    };
    view! { <Tag tone=tone icon=icon word=word/> }
}

/// What an environment is doing.
#[component]
pub(crate) fn EnvironmentStatusTag(status: EnvironmentStatus) -> impl IntoView {
    let (tone, icon, word) = match status {
        EnvironmentStatus::Running => ("good", Icon::CirclePlay, "Running"),
        EnvironmentStatus::Stopped => ("quiet", Icon::CircleStop, "Stopped"),
        EnvironmentStatus::Sleeping => ("info", Icon::Moon, "Sleeping"),
    };
    view! { <Tag tone=tone icon=icon word=word/> }
}

/// Where access comes from.
#[component]
pub(crate) fn AccessLevelTag(level: AccessLevel) -> impl IntoView {
    let (tone, icon, word, hint) = match level {
        AccessLevel::Owner => (
            "ink",
            Icon::ShieldCheck,
            "Owner",
            "Everything: the environment belongs to this account",
        ),
        AccessLevel::Direct => (
            "info",
            Icon::Link,
            "Direct",
            "Roles on the environment itself",
        ),
        AccessLevel::Group => (
            "info",
            Icon::FolderTree,
            "Group",
            "Roles on groups that hold the environment",
        ),
        AccessLevel::Base => (
            "info",
            Icon::Layers,
            "Base",
            "Roles on all environments of the account",
        ),
        AccessLevel::None => ("quiet", Icon::Ban, "None", "No access"),
    };
    view! { <Tag tone=tone icon=icon word=word hint=hint/> }
}

/// Whether a webhook is told anything, and why not.
#[component]
pub(crate) fn WebhookStateTag<'a>(webhook: &'a Webhook) -> impl IntoView + use<> {
    let off = webhook.disabled_because.unwrap_or(WebhookOffBecause::Owner);
    let (tone, icon, word) = match (webhook.enabled, off) {
        (true, _) if webhook.failing_since.is_some() => {
            ("warn", Icon::TriangleAlert, "On, but failing")
        }
        (true, _) => ("good", Icon::CircleCheck, "On"),
        (false, WebhookOffBecause::Owner) => ("quiet", Icon::CirclePause, "Off"),
        (false, WebhookOffBecause::Gone) => ("bad", Icon::CircleX, "Off: its receiver is gone"),
        (false, WebhookOffBecause::Failing) => ("bad", Icon::CircleX, "Off after failures"),
    };
    view! { <Tag tone=tone icon=icon word=word/> }
}

/// What became of something that was sent to a webhook.
#[component]
pub(crate) fn DeliveryStatusTag(status: WebhookDeliveryStatus, attempts: u32) -> impl IntoView {
    let (tone, icon, word) = match (status, attempts) {
        (WebhookDeliveryStatus::Pending, 0) => ("info", Icon::Clock, "On its way"),
        (WebhookDeliveryStatus::Pending, _) => ("warn", Icon::RotateCcw, "Tried again"),
        (WebhookDeliveryStatus::Delivered, _) => ("good", Icon::CircleCheck, "Delivered"),
        (WebhookDeliveryStatus::Failed, _) => ("bad", Icon::CircleX, "Given up"),
    };
    view! { <Tag tone=tone icon=icon word=word/> }
}

/// An environment group: its colour and its path; with `href`, a link to what it holds.
#[component]
pub(crate) fn GroupTag(
    #[prop(into)] path: String,
    #[prop(into)] color: String,
    #[prop(optional, into)] href: Option<String>,
) -> impl IntoView {
    let words = view! {
        <span class="dot" aria-hidden="true" style=("--dot", color)></span>
        <span class="tag-words">{path.clone()}</span>
    };
    match href {
        Some(href) => view! { <a class="tag" href=href title=path>{words}</a> }.into_any(),
        None => view! { <span class="tag" title=path>{words}</span> }.into_any(),
    }
}

/// Roles by their names.
#[component]
pub(crate) fn RoleTags(#[prop(into)] names: Vec<String>) -> impl IntoView {
    view! {
        <span class="tags">
            {names.into_iter().map(|name| view! { <span class="tag"><span class="tag-words">{name}</span></span> }).collect_view()}
        </span>
    }
}
