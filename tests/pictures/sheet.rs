//! The contact sheet: every screen in its states, light and dark, wide and narrow, for people to look at.
//! It goes to `target/pictures`, with a page that shows all of it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use accord_testkit::Backend;
use accord_testkit::browser::{Browser, Scheme, play};

use super::walk::{self, Eye, NARROW, SETTLED, WIDE};

/// Where the pictures go, and what there is so far.
struct Sheet {
    folder: PathBuf,
    page: String,
    /// Parts of names: only such pictures are taken. All of them where it is empty.
    wanted: Vec<String>,
}

impl Sheet {
    fn new(wanted: Vec<String>) -> Self {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
            PathBuf::from,
        );
        let folder = target.join("pictures");
        // What an earlier run left would be taken for this one's.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        Self {
            folder,
            page: String::from("<!doctype html><meta charset=utf-8><title>Contact sheet</title>\n"),
            wanted,
        }
    }

    fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|part| name.contains(part))
    }
}

impl Eye for Sheet {
    /// Takes what a browser shows, on both screens and in both schemes.
    async fn look(&mut self, browser: &Browser, name: &str) {
        if !self.wants(name) {
            return;
        }
        let _ = writeln!(self.page, "<h2>{name}</h2>");
        for (width, (across, down)) in [("wide", WIDE), ("narrow", NARROW)] {
            browser.has_screen(across, down).await;
            for (word, scheme) in [("light", Scheme::Light), ("dark", Scheme::Dark)] {
                browser.prefers(scheme).await;
                browser.script(SETTLED).await;
                let file = format!("{name}-{width}-{word}.png");
                std::fs::write(self.folder.join(&file), browser.picture().await)
                    .expect("a picture is written");
                let shown = if width == "wide" { 640 } else { 240 };
                let _ = writeln!(self.page, "<img src=\"{file}\" width={shown} alt=\"\">");
            }
        }
        browser.has_screen(WIDE.0, WIDE.1).await;
        browser.prefers(Scheme::Light).await;
    }
}

/// Takes the pictures whose names hold one of these words, and says where they are. A word with a colon at
/// its end is a part of the walk, and only such parts are walked.
pub(crate) async fn take(words: Vec<String>) -> PathBuf {
    let (parts, words): (Vec<_>, Vec<_>) = words.into_iter().partition(|word| word.ends_with(':'));
    let mut sheet = Sheet::new(words);
    macro_rules! walk {
        ($($part:ident),+) => {$(
            if parts.is_empty() || parts.iter().any(|part| part == concat!(stringify!($part), ":")) {
                play(concat!("pictures-", stringify!($part)), Backend::Sqlite, async |stage| {
                    walk::$part(stage, &mut sheet).await;
                })
                .await;
            }
        )+};
    }
    walk!(
        visitors,
        beginner,
        owner_screens,
        owner_dialogs,
        invite,
        member,
        own_account,
        programs,
        crowd,
        failing,
        failing_elsewhere,
        inside
    );
    let page = sheet.folder.join("index.html");
    std::fs::write(&page, sheet.page).expect("the sheet is written");
    page
}
