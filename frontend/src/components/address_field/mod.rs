//! A field for one or several addresses: each becomes a chip that can be mended or taken away.

pub(crate) mod model;

use leptos::html;
use leptos::prelude::*;

use super::dom;
use super::field::show_in;
use super::{Glyph, Icon, each, next_id};
use model::{Parsed, parse, same, take_complete};

/// One of the addresses, with why it cannot be written to, or was not.
#[derive(Clone, Debug, PartialEq, Hash)]
pub(crate) struct Recipient {
    id: u32,
    who: Parsed,
    trouble: Option<String>,
}

/// What stands in the field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipients {
    /// Those that are complete.
    list: RwSignal<Vec<Recipient>>,
    /// What is still being typed.
    typed: RwSignal<String>,
    /// What is wrong with that, where it is the only one and was sent as it stands.
    typed_trouble: RwSignal<Option<String>>,
    next: StoredValue<u32>,
    check: fn(&str) -> Option<String>,
}

impl Recipients {
    /// `check` says what is wrong with an address, if a glance can tell.
    pub(crate) fn new(check: fn(&str) -> Option<String>) -> Self {
        Self {
            list: RwSignal::new(Vec::new()),
            typed: RwSignal::new(String::new()),
            typed_trouble: RwSignal::new(None),
            next: StoredValue::new(0),
            check,
        }
    }

    /// Everybody in the field. A single one stays the text that it is; otherwise what is being typed
    /// joins the others.
    pub(crate) fn everybody(self) -> Vec<(RecipientId, Parsed)> {
        let typed = self.typed.with_untracked(|typed| parse(typed));
        if let ([only], true) = (&typed[..], self.list.with_untracked(Vec::is_empty)) {
            return vec![(RecipientId::Typed, only.clone())];
        }
        self.complete();
        self.list.with_untracked(|list| {
            list.iter()
                .map(|one| (RecipientId::Chip(one.id), one.who.clone()))
                .collect()
        })
    }

    /// What is wrong with those that something is wrong with, at a glance.
    pub(crate) fn troubles(
        self,
        everybody: &[(RecipientId, Parsed)],
    ) -> Vec<(RecipientId, String)> {
        everybody
            .iter()
            .filter_map(|(id, who)| Some((*id, (self.check)(&who.address)?)))
            .collect()
    }

    /// How many there are, what is being typed among them.
    pub(crate) fn count(self) -> usize {
        self.list.with(Vec::len) + self.typed.with(|typed| parse(typed).len())
    }

    /// Whether nothing stands in the field.
    pub(crate) fn is_empty(self) -> bool {
        self.list.with(Vec::is_empty) && self.typed.with(String::is_empty)
    }

    /// Marks those that something is wrong with.
    pub(crate) fn mark(self, troubles: &[(RecipientId, String)]) {
        let trouble_of = |id: RecipientId| {
            troubles
                .iter()
                .find(|(troubled, _)| *troubled == id)
                .map(|(_, words)| words.clone())
        };
        self.typed_trouble.set(trouble_of(RecipientId::Typed));
        self.list.update(|list| {
            for recipient in list {
                recipient.trouble = trouble_of(RecipientId::Chip(recipient.id));
            }
        });
    }

    /// Takes away those that are done with.
    pub(crate) fn take_away(self, done: &[RecipientId]) {
        if done.contains(&RecipientId::Typed) {
            self.typed.set(String::new());
        }
        self.list
            .update(|list| list.retain(|one| !done.contains(&RecipientId::Chip(one.id))));
    }

    /// Makes chips of what was typed.
    fn complete(self) {
        let typed = self.typed.get_untracked();
        if !typed.trim().is_empty() {
            self.typed.set(String::new());
            self.typed_trouble.set(None);
            self.add(parse(&typed));
        }
    }

    fn add(self, found: Vec<Parsed>) {
        self.list.update(|list| {
            for who in found {
                if list
                    .iter()
                    .any(|known| same(&known.who.address, &who.address))
                {
                    continue;
                }
                let id = self.next.get_value();
                self.next.set_value(id.wrapping_add(1));
                list.push(Recipient {
                    id,
                    trouble: (self.check)(&who.address),
                    who,
                });
            }
        });
    }

    fn remove(self, id: u32) -> Option<Recipient> {
        let mut removed = None;
        self.list.update(|list| {
            if let Some(at) = list.iter().position(|known| known.id == id) {
                removed = Some(list.remove(at));
            }
        });
        removed
    }
}

/// One of those in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecipientId {
    Chip(u32),
    /// The only one, as it is being typed.
    Typed,
}

const CHIPS: &str = ".chip-words";

/// The field.
#[component]
pub(crate) fn AddressField(
    recipients: Recipients,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] hint: String,
    /// What is wrong with the field as a whole.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let id = next_id("addresses");
    let input = NodeRef::<html::Input>::new();
    let frame = NodeRef::<html::Div>::new();
    // The chip that the tab key reaches.
    let active = RwSignal::new(None::<u32>);
    show_in(input, move || recipients.typed.get());
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            // A field that vanished meanwhile needs no focus.
            let _ = input.focus();
        }
    });
    let focus_input = move || {
        if let Some(input) = input.get_untracked() {
            let _ = input.focus();
        }
    };
    // At once, so that the next key of somebody quick goes to it.
    let focus_chip = move |at: usize| {
        let Some(frame) = frame.get_untracked() else {
            return;
        };
        let chips = dom::all_below(&frame, CHIPS);
        match chips.get(at.min(chips.len().saturating_sub(1))) {
            Some(chip) => dom::focus(chip),
            None => focus_input(),
        }
    };
    let remove = move |id: u32, at: usize| {
        recipients.remove(id);
        // The chip leaves the page with the next drawing.
        request_animation_frame(move || focus_chip(at));
    };
    let edit = move |id: u32| {
        recipients.complete();
        if let Some(recipient) = recipients.remove(id) {
            recipients.typed.set(recipient.who.text());
        }
        focus_input();
    };
    let on_input = move |event: web_sys::Event| {
        let (complete, rest) = take_complete(&event_target_value(&event));
        recipients.add(complete);
        recipients.typed.set(rest);
        recipients.typed_trouble.set(None);
    };
    let on_paste = move |event: web_sys::ClipboardEvent| {
        let pasted = event
            .clipboard_data()
            .and_then(|data| data.get_data("text").ok())
            .unwrap_or_default();
        let several = parse(&pasted).len() > 1 || pasted.contains('<');
        // A single address goes into the text like any other; a list would lose its line breaks there.
        if several {
            event.prevent_default();
            recipients.complete();
            recipients.add(parse(&pasted));
        }
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let at_start = input.selection_start().ok().flatten() == Some(0)
            && input.selection_end().ok().flatten() == Some(0);
        let count = recipients.list.with_untracked(Vec::len);
        match event.key().as_str() {
            // The first makes an address of it, the second sends the form.
            "Enter" if !input.value().trim().is_empty() => {
                event.prevent_default();
                recipients.complete();
            }
            "Backspace" | "ArrowLeft" if at_start && count > 0 => {
                event.prevent_default();
                focus_chip(count - 1);
            }
            _ => {}
        }
    };
    let invalid = move || {
        error.with(Option::is_some)
            || recipients.typed_trouble.with(Option::is_some)
            || recipients
                .list
                .with(|list| list.iter().any(|one| one.trouble.is_some()))
    };
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described_by = {
        let (hint_id, error_id) = (hint_id.clone(), error_id.clone());
        move || {
            if invalid() {
                format!("{error_id} {hint_id}")
            } else {
                hint_id.clone()
            }
        }
    };
    let chip = move |recipient: Recipient| {
        let id = recipient.id;
        let text = recipient.who.text();
        let trouble = recipient.trouble;
        let called = match &trouble {
            Some(trouble) => format!("Change {text}: {trouble}"),
            None => format!("Change {text}"),
        };
        let on_chip_key = move |event: web_sys::KeyboardEvent| {
            let place = recipients
                .list
                .with_untracked(|list| list.iter().position(|one| one.id == id));
            let Some(at) = place else {
                return;
            };
            let last = recipients.list.with_untracked(Vec::len).saturating_sub(1);
            match event.key().as_str() {
                "ArrowLeft" => focus_chip(at.saturating_sub(1)),
                "ArrowRight" if at == last => focus_input(),
                "ArrowRight" => focus_chip(at + 1),
                "Home" => focus_chip(0),
                "End" => focus_input(),
                "Backspace" => remove(id, at.saturating_sub(1)),
                "Delete" => remove(id, at),
                "F2" => edit(id),
                _ => return,
            }
            event.prevent_default();
        };
        let is_first = move || {
            recipients
                .list
                .with(|list| list.first().is_some_and(|first| first.id == id))
        };
        let is_active = move || match active.get() {
            Some(active)
                if recipients
                    .list
                    .with(|list| list.iter().any(|one| one.id == active)) =>
            {
                active == id
            }
            _ => is_first(),
        };
        view! {
            <li class="chip" class:wrong=trouble.is_some()>
                {trouble.is_some().then(|| view! { <Glyph icon=Icon::TriangleAlert size=14/> })}
                <button
                    class="chip-words"
                    type="button"
                    title=trouble.clone().unwrap_or_else(|| "Change".to_owned())
                    aria-label=called
                    tabindex=move || if is_active() { "0" } else { "-1" }
                    on:focus=move |_| active.set(Some(id))
                    on:click=move |_| edit(id)
                    on:keydown=on_chip_key
                >
                    {text.clone()}
                </button>
                <button
                    class="chip-remove"
                    type="button"
                    tabindex="-1"
                    aria-label=format!("Take away {text}")
                    on:click=move |_| { recipients.remove(id); focus_input(); }
                >
                    <Glyph icon=Icon::X size=12/>
                </button>
            </li>
        }
    };
    let any = Memo::new(move |_| !recipients.list.with(Vec::is_empty));
    let troubles = move || {
        let own = error
            .get()
            .into_iter()
            .chain(recipients.typed_trouble.get());
        let of_chips = recipients.list.with(|list| {
            list.iter()
                .filter_map(|one| Some(format!("{}: {}", one.who.address, one.trouble.as_ref()?)))
                .collect::<Vec<_>>()
        });
        own.chain(of_chips).collect::<Vec<_>>()
    };
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{move || label.get()}</label>
            <div class="addresses" class:wrong=invalid node_ref=frame on:click=move |event| {
                // Beside the chips is still in the field.
                if event.target() == event.current_target() {
                    focus_input();
                }
            }>
                {move || any.get().then(|| view! {
                    <ul class="chips" aria-label="Addresses so far">
                        {each(move || recipients.list.get(), Clone::clone, move |one| chip(one).into_any())}
                    </ul>
                })}
                <input
                    id=id
                    class="addresses-input"
                    node_ref=input
                    type="text"
                    inputmode="email"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    aria-required="true"
                    aria-invalid=move || invalid().then_some("true")
                    aria-describedby=described_by
                    on:input=on_input
                    on:paste=on_paste
                    on:keydown=on_key
                />
            </div>
            {move || {
                let troubles = troubles();
                (!troubles.is_empty()).then(|| view! {
                    <ul class="field-errors" id=error_id.clone()>
                        {troubles.into_iter().map(|trouble| view! {
                            <li class="field-error"><Glyph icon=Icon::TriangleAlert size=14/>{trouble}</li>
                        }).collect_view()}
                    </ul>
                })
            }}
            <p class="field-hint" id=hint_id>{hint}</p>
        </div>
    }
}
