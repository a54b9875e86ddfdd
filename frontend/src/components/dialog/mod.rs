//! Dialogs on the browser's own `<dialog>`: they keep the focus, and give up nothing typed by accident.

mod leaving;

use leptos::html;
use leptos::prelude::*;

use super::dom;
use super::{Button, ButtonKind, FailureNotice, Icon, IconButton, next_id};
use crate::submission::Submission;

/// How much room a dialog needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DialogSize {
    /// A question.
    Small,
    #[default]
    Medium,
    /// A form with a tree in it: as much room as there is, whatever is in it.
    Large,
}

/// What is asked before closing would lose something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parting {
    pub(crate) question: &'static str,
    /// The answer that loses nothing.
    pub(crate) stay: &'static str,
    pub(crate) leave: &'static str,
}

impl Default for Parting {
    fn default() -> Self {
        Self {
            question: "Discard what you typed?",
            stay: "Keep editing",
            leave: "Discard",
        }
    }
}

/// A modal dialog, there while `open`. Its content is made anew at each opening.
#[component]
pub(crate) fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] lead: Option<String>,
    #[prop(optional)] size: DialogSize,
    /// Something was typed that closing would lose: closing asks first.
    #[prop(optional, into)]
    dirty: Signal<bool>,
    /// How it asks.
    #[prop(optional)]
    parting: Parting,
    /// The browser's back button and the closing of the tab ask too.
    #[prop(optional)]
    guards_page: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    let lead = StoredValue::new(lead);
    move || {
        open.get().then(|| {
            view! {
                <OpenDialog open=open title=title lead=lead.get_value() size=size dirty=dirty parting=parting guards_page=guards_page>
                    {children.with_value(|children| children())}
                </OpenDialog>
            }
        })
    }
}

#[component]
fn OpenDialog(
    open: RwSignal<bool>,
    title: Signal<String>,
    lead: Option<String>,
    size: DialogSize,
    dirty: Signal<bool>,
    parting: Parting,
    guards_page: bool,
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let asking = RwSignal::new(false);
    // Where a link leads that was followed meanwhile.
    let followed = StoredValue::new_local(None::<web_sys::HtmlAnchorElement>);
    if guards_page {
        leaving::ask_before_leaving(dirty, Callback::new(move |()| asking.set(true)));
    }
    Effect::new(move |_| {
        if asking.get() {
            request_animation_frame(move || {
                let dialog = dialog.try_get_untracked().flatten();
                let found = dialog.and_then(|dialog| dialog.query_selector(KEEP).ok().flatten());
                if let Some(button) = found {
                    dom::focus(&button);
                }
            });
        }
    });
    let title_id = next_id("dialog");
    let lead_id = lead.is_some().then(|| format!("{title_id}-lead"));

    let before = StoredValue::new_local(dom::focused());
    on_cleanup(move || {
        if let Some(Some(before)) = before.try_get_value() {
            dom::focus_again(before);
        }
    });
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            // Fails only for a dialog that is not in the document, which then shows nothing.
            let _ = dialog.show_modal();
        }
    });

    let close = move || {
        if dirty.get_untracked() {
            asking.set(true);
        } else {
            open.set(false);
        }
    };
    provide_context(CloseDialog(Callback::new(move |()| close())));
    let on_key = move |event: web_sys::KeyboardEvent| {
        event.stop_propagation();
        if event.key() != "Escape" {
            return;
        }
        let popover_open = dialog
            .get_untracked()
            .is_some_and(|dialog| matches!(dialog.query_selector(":popover-open"), Ok(Some(_))));
        if popover_open {
            return;
        }
        event.prevent_default();
        if asking.get_untracked() {
            asking.set(false);
        } else {
            close();
        }
    };
    let on_click = move |event: web_sys::MouseEvent| {
        if dirty.get_untracked()
            && open.get_untracked()
            && let Some(link) = leaving::link_followed(&event)
        {
            event.prevent_default();
            followed.set_value(Some(link));
            asking.set(true);
        }
    };
    let keep = move || {
        followed.set_value(None);
        asking.set(false);
    };
    let discard = move || {
        let link = followed.try_update_value(Option::take).flatten();
        open.set(false);
        if let Some(link) = link {
            leaving::leave_history_alone();
            // The dialog that would ask is on its way out; the link is still in the page.
            link.click();
        }
    };
    // The browser may close it by itself, against our asking: then what was typed comes back.
    let on_close = move |event: web_sys::Event| {
        event.stop_propagation();
        let still_typed = dirty.try_get_untracked().unwrap_or(false);
        if still_typed {
            if let Some(dialog) = dialog.get_untracked() {
                let _ = dialog.show_modal();
                asking.set(true);
            }
        } else {
            open.try_set(false);
        }
    };
    // A press on the scrim hits the dialog element itself.
    let on_press = move |event: web_sys::MouseEvent| {
        // One that bubbles up from a dialog inside is that one's.
        if event.target().is_some() && event.target() == event.current_target() {
            close();
        }
    };

    view! {
        <dialog
            class="dialog"
            data-size=match size {
                DialogSize::Small => "small",
                DialogSize::Medium => "medium",
                DialogSize::Large => "large",
            }
            node_ref=dialog
            aria-labelledby=title_id
            aria-describedby=lead_id
            on:keydown=on_key
            on:close=on_close
            on:mousedown=on_press
            on:click=on_click
        >
            <div class="dialog-frame">
                <header class="dialog-head">
                    <div>
                        <h2 id=title_id.clone()>{move || title.get()}</h2>
                        {lead.map(|lead| view! { <p class="muted" id=lead_id.clone()>{lead}</p> })}
                    </div>
                    <IconButton icon=Icon::X label="Close" on_press=Callback::new(move |()| close())/>
                </header>
                {children()}
                {move || asking.get().then(|| view! {
                    <div class="dialog-asking" role="alertdialog" aria-label=parting.question>
                        <p>{parting.question}</p>
                        <Button kind=ButtonKind::Secondary on_press=Callback::new(move |()| keep())>{parting.stay}</Button>
                        <Button kind=ButtonKind::Danger on_press=Callback::new(move |()| discard())>{parting.leave}</Button>
                    </div>
                })}
            </div>
        </dialog>
    }
}

/// The answer that loses nothing.
const KEEP: &str = ".dialog-asking button";

/// Closes the dialog around, asking first if something would be lost.
#[derive(Clone, Copy)]
struct CloseDialog(Callback<()>);

/// Leaves the dialog around as its cross does.
#[component]
pub(crate) fn CancelButton() -> impl IntoView {
    let close = use_context::<CloseDialog>();
    view! {
        <Button on_press=Callback::new(move |()| if let Some(CloseDialog(close)) = close { close.run(()) })>"Cancel"</Button>
    }
}

/// The row of buttons at a dialog's end.
#[component]
pub(crate) fn DialogFooter(children: Children) -> impl IntoView {
    view! { <footer class="dialog-foot">{children()}</footer> }
}

/// Asks before something of weight, and says what comes of it.
#[component]
pub(crate) fn ConfirmDialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] action: Signal<String>,
    /// It cannot be taken back easily.
    #[prop(optional, into)]
    danger: Signal<bool>,
    /// The focus begins on the action: for what can be taken back, so that it stays quick.
    #[prop(optional, into)]
    at_hand: Signal<bool>,
    submission: Submission,
    #[prop(into)] on_confirm: Callback<()>,
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    Effect::new(move |_| {
        if open.get() {
            submission.failure.set(None);
        }
    });
    view! {
        <Dialog open=open title=title size=DialogSize::Small>
            <div class="dialog-body">
                {children.with_value(|children| children())}
                <FailureNotice failure=submission.failure/>
            </div>
            <DialogFooter>
                <CancelButton/>
                <Button
                    kind=if danger.get_untracked() { ButtonKind::Danger } else { ButtonKind::Primary }
                    autofocus=at_hand.get_untracked()
                    busy=submission.busy
                    on_press=on_confirm
                >
                    {move || action.get()}
                </Button>
            </DialogFooter>
        </Dialog>
    }
}
