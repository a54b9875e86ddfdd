//! What somebody else changed while the form was open.

use accord_api_types::{Item, Member, Uuid};
use accord_client::Versioned;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::merge::{Change, Content, changes};
use super::state::Form;
use crate::components::share_editor::tree::Tree;
use crate::editing::{self, Three, Version};
use crate::live::{Live, Topic};

impl Form {
    /// Says what somebody else changed, and lets the person choose.
    pub(super) fn conflict(self) -> AnyView {
        let told = move |three: Three<'_, Content>| {
            changes(three)
                .into_iter()
                .map(|(change, clashes)| editing::Change {
                    words: in_words(self, change),
                    items: Vec::new(),
                    clashes,
                })
                .collect()
        };
        self.editing.conflict("member", told)
    }

    /// Reads the member again whenever something is heard of members.
    pub(super) fn follow(self, id: Uuid) {
        let Some(live) = use_context::<Live>() else {
            return;
        };
        Effect::new(move |before: Option<()>| {
            live.track(&[Topic::Members]);
            if before.is_none() {
                return;
            }
            let (client, account_id) = (self.session.client(), self.session.account_id());
            spawn_local(async move {
                let fresh = client.member(account_id, id).await;
                // What cannot be read is told when it is saved.
                let Ok(fresh) = fresh else { return };
                // The form may be gone by now, or not know yet what there is to share.
                let is_known = self.things.data.try_update_untracked(|things| {
                    let things = things.as_mut()?;
                    things.member = Some(fresh.clone());
                    Some(())
                });
                if is_known.flatten().is_some() {
                    self.arrived(&fresh);
                }
            });
        });
    }

    /// The member came anew from the server. What was removed on the way here is no surprise.
    pub(super) fn arrived(self, fresh: &Versioned<Member>) {
        let items = self.tree.with_untracked(|tree| tree.items());
        self.editing
            .forget(|begun| begun.shares.retain(|share| items.contains(&share.item)));
        self.editing.arrived(Version::of(fresh, Content::of));
    }
}

fn in_words(form: Form, change: Change) -> String {
    match change {
        Change::Name(name) if name.is_empty() => "The display name was taken away.".into(),
        Change::Name(name) => format!("The display name is {name} now."),
        Change::Share(item, share) => {
            let name = form
                .tree
                .with(|tree| name_in(tree, item))
                .unwrap_or_else(|| "An item that is gone".into());
            match share {
                None => format!("{name} is not shared any more."),
                Some(share) => {
                    let roles = form.role_names(&share.role_ids);
                    let end = match (share.expires_at, share.ended) {
                        (None, _) => "",
                        (Some(_), true) => ", and has ended",
                        (Some(_), false) => ", with an end",
                    };
                    format!("{name} is shared as {roles}{end}.")
                }
            }
        }
    }
}

fn name_in(tree: &Tree, item: Item) -> Option<String> {
    tree.lines
        .iter()
        .find(|line| line.key.item == item)
        .map(|line| line.full_name.clone())
}
