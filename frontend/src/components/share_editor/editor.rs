//! What the tree of shared items knows and does, apart from how it is drawn.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use accord_api_types::{Item, RoleSummary};
use leptos::html;
use leptos::prelude::*;

use super::keys::{Focus, Wish, wish};
use super::model::{ShareDraft, pick};
use super::outcomes::Outcomes;
use super::tree::{Line, LineKey, Shown, Tree};
use crate::components::{Pick, dom};

/// A list that opens at the line whose button was pressed; one for the whole tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinePanel {
    pub(super) element: NodeRef<html::Div>,
    pub(super) open: RwSignal<bool>,
    pub(super) target: RwSignal<Option<LineKey>>,
    /// The line at which it was open when the mouse went down: that press closes it.
    pub(super) pressed: StoredValue<Option<LineKey>>,
}

impl LinePanel {
    pub(super) fn new() -> Self {
        Self {
            element: NodeRef::new(),
            open: RwSignal::new(false),
            target: RwSignal::new(None),
            pressed: StoredValue::new(None),
        }
    }

    pub(super) fn is_open_at(self, key: LineKey) -> bool {
        self.open.get() && self.target.get() == Some(key)
    }

    pub(super) fn mouse_down(self, key: LineKey) {
        let at = self.target.get_untracked();
        let open = self.open.get_untracked();
        self.pressed.set_value(at.filter(|at| open && *at == key));
    }

    pub(super) fn press(self, key: LineKey) {
        let was_open = self.pressed.get_value() == Some(key);
        self.pressed.set_value(None);
        if was_open {
            self.hide();
        } else {
            self.show(key);
        }
    }

    pub(super) fn show(self, key: LineKey) {
        self.target.set(Some(key));
        if let Some(element) = self.element.get_untracked() {
            // It may be open at another line.
            let _ = element.hide_popover();
            let _ = element.show_popover();
        }
    }

    pub(super) fn hide(self) {
        if let Some(element) = self.element.get_untracked() {
            // It may be closed already.
            let _ = element.hide_popover();
        }
    }
}

/// Everything that a line needs.
#[derive(Clone, Copy)]
pub(super) struct Editor {
    pub(super) tree: Signal<Arc<Tree>>,
    pub(super) roles: Signal<Vec<RoleSummary>>,
    pub(super) draft: RwSignal<Vec<ShareDraft>>,
    pub(super) outcomes: Signal<Outcomes>,
    /// What is wrong with the share on an item.
    pub(super) troubles: Signal<HashMap<Item, String>>,
    pub(super) looked_for: RwSignal<String>,
    pub(super) folded: RwSignal<HashSet<Item>>,
    pub(super) selected: RwSignal<HashSet<Item>>,
    /// The line that the tab key reaches.
    pub(super) active: RwSignal<Option<LineKey>>,
    pub(super) shown: Memo<Arc<Vec<Shown>>>,
    /// Where each shown line stands.
    pub(super) places: Memo<Arc<HashMap<LineKey, usize>>>,
    pub(super) picker: LinePanel,
    pub(super) ends: LinePanel,
}

impl Editor {
    pub(super) fn line(self, key: LineKey) -> Option<Line> {
        self.tree
            .with_untracked(|tree| tree.lines.iter().find(|line| line.key == key).cloned())
    }

    pub(super) fn name_of(self, key: LineKey) -> String {
        self.line(key)
            .map(|line| line.full_name)
            .unwrap_or_default()
    }

    /// The line that the tab key reaches: the one that had the focus last, if it is shown.
    pub(super) fn reachable(self) -> Option<LineKey> {
        let active = self.active.get();
        self.places.with(|places| {
            active.filter(|key| places.contains_key(key)).or_else(|| {
                self.shown.with(|shown| {
                    let first = shown.first()?;
                    Some(self.tree.with(|tree| tree.lines[first.line].key))
                })
            })
        })
    }

    pub(super) fn key_at(self, place: usize) -> Option<LineKey> {
        let line = self
            .shown
            .with_untracked(|shown| shown.get(place).copied())?;
        Some(self.tree.with_untracked(|tree| tree.lines[line.line].key))
    }

    /// Puts the focus on a line, or on the thing of this kind in it.
    pub(super) fn focus(self, key: LineKey, thing: Option<String>) {
        self.active.set(Some(key));
        request_animation_frame(move || {
            let Some(line) = document().get_element_by_id(&key.element_id()) else {
                return;
            };
            let inside = thing.and_then(|thing| {
                line.query_selector(&format!("[data-thing=\"{thing}\"]"))
                    .ok()
                    .flatten()
            });
            dom::focus(&inside.unwrap_or(line));
        });
    }

    pub(super) fn pick(self, item: Item, chosen: Pick) {
        self.draft.update(|draft| {
            self.selected
                .with_untracked(|selected| pick(draft, item, selected, chosen));
        });
    }

    pub(super) fn set_folded(self, item: Item, folded: bool) {
        self.folded.update(|all| {
            if folded {
                all.insert(item);
            } else {
                all.remove(&item);
            }
        });
    }

    pub(super) fn set_selected(self, item: Item, on: bool) {
        self.selected.update(|selected| {
            if on {
                selected.insert(item);
            } else {
                selected.remove(&item);
            }
        });
    }

    pub(super) fn on_key(self, event: &web_sys::KeyboardEvent) {
        let Some(target) = event.target() else {
            return;
        };
        // A menu that is open in a line has its own keys.
        let Some(line) = dom::closest_unless(&target, "[role=row]", "[popover]") else {
            return;
        };
        let Some(key) = self.active.get_untracked() else {
            return;
        };
        let place = self
            .places
            .with_untracked(|places| places.get(&key).copied());
        let Some((at, shown)) = place.zip(self.line(key)) else {
            return;
        };
        let inside = !dom::is_same(&target, &line);
        let focus = Focus {
            at,
            shown: self.shown.with_untracked(|shown| shown.len()),
            inside,
            folded: shown.has_children.then(|| {
                self.folded
                    .with_untracked(|folded| folded.contains(&key.item))
            }),
        };
        let control = event.ctrl_key() || event.meta_key();
        let Some(wish) = wish(&event.key(), control, focus) else {
            return;
        };
        event.prevent_default();
        let thing = inside
            .then(|| dom::attribute_of(&target, "data-thing"))
            .flatten();
        match wish {
            Wish::Go(to) => {
                if let Some(to) = self.key_at(to) {
                    if event.shift_key() {
                        self.set_selected(key.item, true);
                        self.set_selected(to.item, true);
                    }
                    self.focus(to, thing);
                }
            }
            Wish::Fold => self.set_folded(key.item, true),
            Wish::Unfold => self.set_folded(key.item, false),
            Wish::UnfoldAll => self.folded.set(HashSet::new()),
            Wish::Up => {
                let above = self.tree.with_untracked(|tree| tree.parent_of(&shown));
                if let Some(above) = above {
                    self.focus(above, None);
                }
            }
            Wish::Inside(forward) => {
                let things = dom::all_below(&line, "[data-thing]");
                let now = things.iter().position(|thing| dom::is_same(&target, thing));
                let next = match (now, forward) {
                    (None, true) => Some(0),
                    (Some(now), true) => Some((now + 1).min(things.len().saturating_sub(1))),
                    (Some(now), false) => now.checked_sub(1),
                    (None, false) => None,
                };
                dom::focus(next.and_then(|next| things.get(next)).unwrap_or(&line));
            }
            Wish::Select => {
                let on = self
                    .selected
                    .with_untracked(|selected| selected.contains(&key.item));
                self.set_selected(key.item, !on);
            }
            Wish::SelectAll => self.select_all_shown(),
            Wish::Roles => self.picker.show(key),
        }
    }

    pub(super) fn select_all_shown(self) {
        let all = self.shown.with_untracked(|shown| {
            self.tree.with_untracked(|tree| {
                shown
                    .iter()
                    .map(|one| tree.lines[one.line].key.item)
                    .collect()
            })
        });
        self.selected.set(all);
    }

    /// Shows a line wherever it hangs, and puts the focus on it.
    pub(super) fn reveal(self, item: Item) {
        let found = self.tree.with_untracked(|tree| {
            let line = tree.lines.iter().find(|line| line.key.item == item)?;
            let mut above = Vec::new();
            let mut at = tree.parent_of(line);
            while let Some(key) = at {
                above.push(key.item);
                let line = tree.lines.iter().find(|line| line.key == key)?;
                at = tree.parent_of(line);
            }
            Some((line.key, above))
        });
        if let Some((key, above)) = found {
            self.looked_for.set(String::new());
            self.folded
                .update(|folded| folded.retain(|item| !above.contains(item)));
            self.focus(key, None);
        }
    }
}
