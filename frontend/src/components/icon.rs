//! Symbols of one sprite that travels with the program: no request, no flash.

use leptos::prelude::*;

const SPRITE: &str = include_str!("icons.svg");

macro_rules! icons {
    ($($name:ident = $id:literal),+ $(,)?) => {
        /// A symbol of the sprite.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Icon { $($name),+ }

        impl Icon {
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$name),+];

            const fn href(self) -> &'static str {
                match self { $(Self::$name => concat!("#i-", $id)),+ }
            }
        }
    };
}

icons! {
    Users = "users",
    User = "user",
    UserPlus = "user-plus",
    Check = "check",
    X = "x",
    CircleCheck = "circle-check",
    CircleX = "circle-x",
    CirclePause = "circle-pause",
    Clock = "clock",
    TriangleAlert = "triangle-alert",
    Info = "info",
    LogOut = "log-out",
    Settings = "settings",
    Layers = "layers",
    Box = "box",
    Folder = "folder",
    FolderTree = "folder-tree",
    FolderPlus = "folder-plus",
    Search = "search",
    Plus = "plus",
    Pencil = "pencil",
    Trash = "trash-2",
    Copy = "copy",
    Ellipsis = "ellipsis",
    ChevronDown = "chevron-down",
    ChevronRight = "chevron-right",
    ChevronLeft = "chevron-left",
    Send = "send",
    RotateCcw = "rotate-ccw",
    Play = "play",
    Pause = "pause",
    Link = "link",
    Shield = "shield",
    ShieldCheck = "shield-check",
    Eye = "eye",
    EyeOff = "eye-off",
    Sun = "sun",
    Moon = "moon",
    Monitor = "monitor",
    Share = "share-2",
    DoorOpen = "door-open",
    Ban = "ban",
    Inbox = "inbox",
    RefreshCw = "refresh-cw",
    CirclePlay = "circle-play",
    CircleStop = "circle-stop",
    Building = "building-2",
    ArrowUpDown = "arrow-up-down",
    Hourglass = "hourglass",
    UserX = "user-x",
    ListChecks = "list-checks",
    Download = "download",
    Bell = "bell",
    Mail = "mail",
    Activity = "activity",
    KeyRound = "key-round",
    Webhook = "webhook",
    BookOpen = "book-open",
    Power = "power",
}

/// The sprite itself: once, before everything that uses it.
#[component]
pub(crate) fn Sprite() -> impl IntoView {
    view! { <div class="sprite" aria-hidden="true" inner_html=SPRITE></div> }
}

/// Draws a symbol; decoration only, so the word beside it carries the meaning.
#[component]
pub(crate) fn Glyph(icon: Icon, #[prop(default = 16)] size: u8) -> impl IntoView {
    view! {
        <svg
            class="glyph"
            width=size
            height=size
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <use href=icon.href()></use>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::{Icon, SPRITE};

    #[test]
    fn every_icon_has_its_symbol() {
        for icon in Icon::ALL {
            let id = icon.href().trim_start_matches('#');
            assert!(
                SPRITE.contains(&format!("id=\"{id}\"")),
                "{icon:?} is missing from the sprite"
            );
        }
    }
}
