//! Fields with their label, hint and error, tied together for everybody who cannot see the layout.

use leptos::prelude::*;

use super::{Glyph, Icon, next_id};

/// What a text field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum FieldKind {
    #[default]
    Text,
    Email,
    /// The password that the person has.
    Password,
    /// A password being chosen.
    NewPassword,
    /// Where something is on the web.
    Url,
    /// A day and a time, in the browser's own picker and zone.
    Moment,
}

impl FieldKind {
    const fn is_password(self) -> bool {
        matches!(self, Self::Password | Self::NewPassword)
    }

    const fn autocomplete(self) -> &'static str {
        match self {
            Self::Text | Self::Moment => "off",
            Self::Url => "url",
            Self::Email => "email",
            Self::Password => "current-password",
            Self::NewPassword => "new-password",
        }
    }
}

/// What a field's `aria-describedby` names: its hint and, while there is one, its error.
fn described_by(
    id: &str,
    has_hint: bool,
    error: Signal<Option<String>>,
) -> impl Fn() -> Option<String> + Send + 'static {
    let (hint, wrong) = (format!("{id}-hint"), format!("{id}-error"));
    move || match (has_hint, error.with(Option::is_some)) {
        (true, true) => Some(format!("{wrong} {hint}")),
        (true, false) => Some(hint.clone()),
        (false, true) => Some(wrong.clone()),
        (false, false) => None,
    }
}

/// What is wrong with a value, for as long as it is the value that was wrong.
fn until_changed(error: Signal<Option<String>>, value: RwSignal<String>) -> Signal<Option<String>> {
    let found = Memo::new(move |_| error.get().map(|error| (error, value.get_untracked())));
    Signal::derive(move || {
        let (error, about) = found.get()?;
        value.with(|now| *now == about).then_some(error)
    })
}

/// Keeps what a field shows the same as `value`. It is written only where the two differ: browsers
/// hand out what is typed into some fields tidied up, and writing that back would take away the space
/// that was just typed, and move the caret.
pub(super) fn show_in(field: NodeRef<leptos::html::Input>, value: impl Fn() -> String + 'static) {
    Effect::new(move |_| {
        let value = value();
        if let Some(field) = field.get()
            && field.value() != value
        {
            field.set_value(&value);
        }
    });
}

/// The label above a field and the hint and error below it.
#[component]
fn FieldFrame(
    id: String,
    label: String,
    optional: bool,
    hint: Option<String>,
    error: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    view! {
        <div class="field">
            <label class="field-label" for=id>
                {label}
                {optional.then(|| view! { <span class="field-optional">"optional"</span> })}
            </label>
            {children()}
            {move || {
                error.get().map(|error| {
                    view! {
                        <p class="field-error" id=error_id.clone()>
                            <Glyph icon=Icon::TriangleAlert size=14/>
                            {error}
                        </p>
                    }
                })
            }}
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
        </div>
    }
}

/// One line of text.
#[component]
pub(crate) fn TextField(
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(optional)] kind: FieldKind,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional, into)] autocomplete: Option<&'static str>,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] optional: bool,
    #[prop(optional)] readonly: bool,
) -> impl IntoView {
    let id = next_id("field");
    let error = until_changed(error, value);
    let shown = RwSignal::new(false);
    let described_by = described_by(&id, hint.is_some(), error);
    let input = NodeRef::<leptos::html::Input>::new();
    show_in(input, move || value.get());
    if autofocus {
        Effect::new(move |_| {
            if let Some(input) = input.get() {
                // A field that vanished meanwhile needs no focus.
                let _ = input.focus();
            }
        });
    }
    let input_type = move || match kind {
        FieldKind::Email => "email",
        FieldKind::Url => "url",
        FieldKind::Moment => "datetime-local",
        FieldKind::Password | FieldKind::NewPassword if !shown.get() => "password",
        _ => "text",
    };
    view! {
        <FieldFrame id=id.clone() label=label optional=optional hint=hint error=error>
            <span class="input-frame">
                <input
                    class="input"
                    id=id
                    node_ref=input
                    type=input_type
                    placeholder=placeholder
                    autocomplete=autocomplete.unwrap_or(kind.autocomplete())
                    autocapitalize=(kind != FieldKind::Text).then_some("none")
                    spellcheck="false"
                    readonly=readonly
                    aria-required=(!optional).then_some("true")
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=described_by
                    on:input=move |event| value.set(event_target_value(&event))
                />
                {kind.is_password().then(|| view! {
                    <button
                        class="reveal"
                        type="button"
                        aria-label=move || if shown.get() { "Hide password" } else { "Show password" }
                        aria-pressed=move || if shown.get() { "true" } else { "false" }
                        on:click=move |_| shown.update(|shown| *shown = !*shown)
                    >
                        {move || view! { <Glyph icon=if shown.get() { Icon::EyeOff } else { Icon::Eye }/> }}
                    </button>
                })}
            </span>
        </FieldFrame>
    }
}

/// Several lines of text.
#[component]
pub(crate) fn TextArea(
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] optional: bool,
) -> impl IntoView {
    let id = next_id("field");
    let error = until_changed(error, value);
    let described_by = described_by(&id, hint.is_some(), error);
    let area = NodeRef::<leptos::html::Textarea>::new();
    Effect::new(move |_| {
        let value = value.get();
        if let Some(area) = area.get()
            && area.value() != value
        {
            area.set_value(&value);
        }
    });
    view! {
        <FieldFrame id=id.clone() label=label optional=optional hint=hint error=error>
            <textarea
                class="input"
                id=id
                node_ref=area
                rows="2"
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described_by
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
        </FieldFrame>
    }
}

/// One of a few: the browser's own list. Choices are (value, words).
#[component]
pub(crate) fn Select(
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(into)] choices: Signal<Vec<(String, String)>>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    /// The label is spoken, not drawn: for filters that explain themselves.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let id = next_id("field");
    let described_by = described_by(&id, hint.is_some(), error);
    let spoken = bare.then(|| label.clone());
    let select = view! {
        <span class="select-frame">
            <select
                class="input"
                id=id.clone()
                aria-label=spoken
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described_by
                on:change=move |event| value.set(event_target_value(&event))
            >
                {move || {
                    choices.get().into_iter().map(|(choice, words)| {
                        let selected = { let choice = choice.clone(); move || value.with(|value| *value == choice) };
                        view! { <option value=choice prop:selected=selected>{words}</option> }
                    }).collect_view()
                }}
            </select>
            <Glyph icon=Icon::ChevronDown/>
        </span>
    };
    if bare {
        select.into_any()
    } else {
        view! {
            <FieldFrame id=id label=label optional=false hint=hint error=error>{select}</FieldFrame>
        }
        .into_any()
    }
}

/// A box to tick, with its words.
#[component]
pub(crate) fn Checkbox(
    #[prop(into)] label: String,
    #[prop(into)] checked: Signal<bool>,
    #[prop(into)] on_change: Callback<bool>,
    #[prop(optional, into)] hint: Option<String>,
) -> impl IntoView {
    let id = next_id("box");
    let hint_id = hint.is_some().then(|| format!("{id}-hint"));
    view! {
        <div class="checkbox">
            <input
                type="checkbox"
                id=id.clone()
                aria-describedby=hint_id.clone()
                prop:checked=move || checked.get()
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            <label for=id>{label}</label>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
        </div>
    }
}

/// Narrows a list down as the person types; `value` follows after a short rest.
#[component]
pub(crate) fn SearchField(#[prop(into)] label: String, value: RwSignal<String>) -> impl IntoView {
    let typed = RwSignal::new(value.get_untracked());
    let settle = leptos::leptos_dom::helpers::debounce(
        std::time::Duration::from_millis(180),
        move |text: String| {
            value.try_set(text);
        },
    );
    let mut settle = settle;
    // Whoever clears the search from elsewhere clears what is seen too.
    Effect::new(move |_| {
        let set = value.get();
        if typed.with_untracked(|typed| typed.trim() != set.trim()) {
            typed.set(set);
        }
    });
    let input = NodeRef::<leptos::html::Input>::new();
    show_in(input, move || typed.get());
    view! {
        <span class="search">
            <Glyph icon=Icon::Search/>
            <input
                class="input"
                type="search"
                node_ref=input
                aria-label=label.clone()
                placeholder=label
                autocomplete="off"
                spellcheck="false"
                on:input=move |event| {
                    let text = event_target_value(&event);
                    typed.set(text.clone());
                    settle(text);
                }
            />
        </span>
    }
}
