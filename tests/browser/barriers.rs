//! Every screen and dialog in every state: no barrier in light or in dark, and nothing to be scrolled
//! sideways on a small screen.

use accord_testkit::browser::{Browser, Stage};
use accord_testkit::in_chromium;

use super::walk::{self, Eye, NARROW, WIDE};

/// What reaches over the right edge of the page or of the open dialog.
const TOO_WIDE: &str = "
const top = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.scrollingElement;
if (top.scrollWidth <= top.clientWidth && document.scrollingElement.scrollWidth <= innerWidth) return [];
const wide = [...top.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1);
return [`${top.scrollWidth} > ${top.clientWidth}`, ...wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 160))];";

/// Looks for barriers. The tests fail at their ends, with all that was found.
#[derive(Default)]
struct Barriers {
    too_wide: Vec<String>,
}

impl Eye for Barriers {
    async fn look(&mut self, browser: &Browser, name: &str) {
        browser.has_no_barriers(name).await;
        browser.has_screen(NARROW.0, NARROW.1).await;
        browser
            .has_no_barriers(&format!("{name} on a small screen"))
            .await;
        let too_wide = browser.script(TOO_WIDE).await;
        if too_wide != serde_json::json!([]) {
            self.too_wide.push(format!("{name}: {too_wide}"));
        }
        browser.has_screen(WIDE.0, WIDE.1).await;
    }
}

macro_rules! walked {
    ($($part:ident),+ $(,)?) => {
        $(async fn $part(stage: &Stage) {
            let mut barriers = Barriers::default();
            walk::$part(stage, &mut barriers).await;
            let too_wide = barriers.too_wide.join("\n");
            assert!(too_wide.is_empty(), "must be scrolled sideways:\n{too_wide}");
        })+
        in_chromium!($($part),+);
    };
}

walked!(
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
    inside,
);
