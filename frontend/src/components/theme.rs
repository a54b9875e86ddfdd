//! Light or dark: as the system says, or as the person chose.

use leptos::prelude::*;

use super::{Glyph, Icon, next_id};

/// Where the choice is kept; `theme.js` reads it before the first paint.
const KEY: &str = "accord-theme";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::System => "Theme of the system",
            Self::Light => "Light theme",
            Self::Dark => "Dark theme",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::System => Icon::Monitor,
            Self::Light => Icon::Sun,
            Self::Dark => Icon::Moon,
        }
    }

    fn chosen() -> Self {
        let kept = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
        Self::ALL
            .into_iter()
            .find(|theme| kept.as_deref() == Some(theme.word()))
            .unwrap_or(Self::System)
    }

    /// Shows it and keeps it. A browser that keeps nothing shows it all the same.
    fn choose(self) {
        if let Some(root) = document().document_element() {
            let _ = match self {
                Self::System => root.remove_attribute("data-theme"),
                Self::Light | Self::Dark => root.set_attribute("data-theme", self.word()),
            };
        }
        if let Some(storage) = storage() {
            let _ = match self {
                Self::System => storage.remove_item(KEY),
                Self::Light | Self::Dark => storage.set_item(KEY, self.word()),
            };
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// What is chosen, for all switches on the screen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ThemeChoice(RwSignal<Theme>);

impl ThemeChoice {
    /// Begins with what was chosen before.
    pub(crate) fn start() {
        provide_context(Self(RwSignal::new(Theme::chosen())));
    }
}

/// Three ways to see the dashboard.
#[component]
pub(crate) fn ThemeSwitch() -> impl IntoView {
    let ThemeChoice(theme) = expect_context();
    let name = next_id("theme");
    view! {
        <div class="segmented" role="radiogroup" aria-label="Theme">
            {Theme::ALL.into_iter().map(|choice| view! {
                <label class="segment" title=choice.label()>
                    <input
                        class="visually-hidden"
                        type="radio"
                        name=name.clone()
                        value=choice.word()
                        aria-label=choice.label()
                        prop:checked=move || theme.get() == choice
                        on:change=move |_| { choice.choose(); theme.set(choice); }
                    />
                    <Glyph icon=choice.icon() size=14/>
                </label>
            }).collect_view()}
        </div>
    }
}
