//! Walking through a screen with the tab key: what has the focus is seen, is seen to have it, and lies on the
//! screen.

use accord_testkit::browser::{Browser, Key, Place};

/// A width and a height in pixels.
pub(super) type Screen = (u32, u32);

/// More stops than any screen of the tests has.
const ENOUGH: usize = 200;

/// Keeps how everything that can have the focus looks without it. A box that is drawn by its label is seen in
/// its label.
const BEFORE: &str = "
window.faceOf = (one) => {
  const hidden = one.matches('input[type=radio], input[type=checkbox]') && getComputedStyle(one).clipPath !== 'none';
  return hidden ? one.closest('label') ?? one.labels[0] ?? one : one;
};
window.looksOf = (face) => {
  const style = getComputedStyle(face);
  const outline = style.outlineStyle === 'none' || parseFloat(style.outlineWidth) === 0 ? '' : style.outline;
  return [outline, style.boxShadow, style.borderColor].join(' | ');
};
window.withoutFocus ??= new WeakMap();
for (const one of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')) {
  const face = window.faceOf(one);
  if (one !== document.activeElement && !window.withoutFocus.has(face)) window.withoutFocus.set(face, window.looksOf(face));
}";

/// What has the focus once it is drawn, and what is wrong with that; nothing where it has left the page.
const STOP: &str = "
const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
const atRest = () => Promise.all(document.getAnimations().map((moving) => moving.finished.catch(() => {})));
return drawn().then(atRest).then(() => {
const one = document.activeElement;
if (!one || one === document.body || one === document.documentElement || one === window.walkBegan) return null;
if (window.walkBegan === null) window.walkBegan = one;
const face = window.faceOf(one);
const name = (one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent ?? (one.textContent || one.placeholder || '')).replace(/\\s+/g, ' ').trim();
const wrong = [];
const around = face.getBoundingClientRect();
const part = face.getClientRects()[0] ?? around;
if (!face.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) || part.width < 4 || part.height < 4) {
  wrong.push(`is not seen: ${face.outerHTML.slice(0, 80)}`);
} else {
  if (around.left < -1 || around.right > innerWidth + 1) wrong.push(`reaches over the side: ${around.left} to ${around.right} of ${innerWidth}`);
  if (around.height <= innerHeight && (around.top < -1 || around.bottom > innerHeight + 1)) wrong.push(`is not on the screen: ${around.top} to ${around.bottom} of ${innerHeight}`);
  const top = document.elementFromPoint(part.left + part.width / 2, part.top + part.height / 2);
  if (!top || !(face.contains(top) || top.contains(face))) wrong.push(`is covered by ${top?.outerHTML.slice(0, 80)}`);
}
if (window.withoutFocus.get(face) === window.looksOf(face)) wrong.push(`looks the same without the focus: ${window.looksOf(face)}`);
return { name, wrong: wrong.map((what) => `${one.tagName.toLowerCase()} ${JSON.stringify(name)} ${what}`) };
});";

/// Whether the tab key goes forwards or, with shift, backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Forwards,
    Backwards,
}

/// What stands where the focus is.
pub(super) struct Stop {
    pub(super) name: String,
    pub(super) wrong: Vec<String>,
}

/// Presses the tab key once. Answers with where the focus is then, unless it left the page.
pub(super) async fn next_stop(browser: &Browser, way: Way) -> Option<Stop> {
    browser.script(BEFORE).await;
    match way {
        Way::Forwards => browser.presses(Key::Tab).await,
        Way::Backwards => browser.presses_holding(Key::Shift, Key::Tab).await,
    }
    let stop = browser.script(STOP).await;
    let words = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    stop.is_object().then(|| Stop {
        name: words(&stop["name"]),
        wrong: stop["wrong"]
            .as_array()
            .map(|wrong| wrong.iter().map(words).collect())
            .unwrap_or_default(),
    })
}

/// Every stop from where the focus is to the end of the page, or round to the first.
pub(super) async fn all_stops(browser: &Browser, way: Way) -> Vec<Stop> {
    let mut stops = Vec::new();
    browser.script("window.walkBegan = null").await;
    while let Some(stop) = next_stop(browser, way).await {
        stops.push(stop);
        assert!(stops.len() < ENOUGH, "the tab key does not come to an end");
    }
    browser.script("delete window.walkBegan").await;
    stops
}

/// Goes forwards to this place, and fails with the first stop on the way that is not as it should be.
pub(super) async fn walks_to(browser: &Browser, place: &Place) {
    place.appears().await;
    for _ in 0..ENOUGH {
        if place.has_focus().await {
            return;
        }
        if let Some(stop) = next_stop(browser, Way::Forwards).await {
            assert!(
                stop.wrong.is_empty(),
                "on the way to {place}: {:?}",
                stop.wrong
            );
        }
    }
    panic!("{place} was not reached with {ENOUGH} presses of the tab key");
}
