use accord_api_types::Collaboration;
use leptos::prelude::*;

use crate::components::{Dialog, DialogFooter, Glyph, Icon, SharedItems};

/// What came with joining a collaboration, each leading to where it is now.
#[component]
pub(crate) fn Added(collaboration: Collaboration) -> impl IntoView {
    let owner = collaboration.owner;
    let nothing_yet = collaboration.shares.is_empty();
    view! {
        <div class="added">
            <p class="added-head"><Glyph icon=Icon::CircleCheck/><span>
                {if nothing_yet {
                    format!("You joined {}. As soon as something is shared with you, it appears among your environments.", owner.name)
                } else {
                    format!("{} shares this with you from now on. You find it among your environments.", owner.name)
                }}
            </span></p>
            {(!nothing_yet).then(|| view! { <SharedItems items=collaboration.shares owner=owner.id/> })}
        </div>
    }
}

/// Says what was added, after accepting.
#[component]
pub(super) fn AddedDialog(
    open: RwSignal<bool>,
    joined: RwSignal<Option<Collaboration>>,
) -> impl IntoView {
    let place = move || {
        joined.with(|joined| {
            joined
                .as_ref()
                .map(|joined| format!("/environments?owner={}", joined.owner.id))
                .unwrap_or_default()
        })
    };
    view! {
        <Dialog open=open title="Added to your dashboard">
            <div class="dialog-body">
                {joined.get_untracked().map(|joined| view! { <Added collaboration=joined/> })}
            </div>
            <DialogFooter>
                <a class="button" data-kind="primary" href=place>"Show environments"</a>
            </DialogFooter>
        </Dialog>
    }
}
