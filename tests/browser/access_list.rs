//! Who has access where: searched, sorted, and as long as it may be.

use accord_client::types::Item;
use accord_testkit::browser::{Browser, Stage};
use accord_testkit::in_chromium;
use accord_testkit::people::share;

use super::steps::owner_in_browser;

async fn people_with_access_are_found_and_sorted(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let viewer = olga.role_named("Viewer").await;
    let shop = olga.adds_environment("shop").await;
    let everywhere = vec![share(Item::ENVIRONMENTS, &[&viewer])];
    let on_shop = vec![share(Item::environment(shop.id), &[&viewer])];
    olga.invites("ada@example.com", everywhere).await;
    olga.invites("bob@example.com", on_shop).await;
    let place = format!("/environments/{}/{}", olga.id, shop.id);
    browser.opens(&place).await;
    browser.words("2 people").is_said().await;
    browser.field("Find somebody").fill("ADA").await;
    browser.row("bob@example.com").disappears().await;
    browser.row("ada@example.com").says("Base").await;
    browser.words("1 person").is_said().await;
    browser.field("Find somebody").fill("nobody").await;
    browser.words("Nobody like that").is_said().await;
    browser.has_no_barriers("nobody with access is found").await;
    browser.field("Find somebody").fill("").await;

    // The nearest access stands first, and does so after a reload.
    browser.button("Access level").click().await;
    first_row_says(&browser, "bob@example.com").await;
    browser.button("Access level").click().await;
    first_row_says(&browser, "ada@example.com").await;
    browser.reloads().await;
    first_row_says(&browser, "ada@example.com").await;
    browser.has_no_barriers("who has access, sorted").await;
}

async fn first_row_says(browser: &Browser, words: &str) {
    accord_testkit::eventually(words, async || {
        let text = browser
            .script("return document.querySelector('tr[data-row]')?.innerText ?? ''")
            .await;
        text.as_str().is_some_and(|text| text.contains(words))
    })
    .await;
}

async fn what_a_member_may_do_where_is_searched_and_sorted(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let viewer = olga.role_named("Viewer").await;
    let (shop, blog) = (
        olga.adds_environment("shop").await,
        olga.adds_environment("blog").await,
    );
    let bob = stage.app.owner("bob").await;
    let on_both = vec![
        share(Item::environment(shop.id), &[&viewer]),
        share(Item::environment(blog.id), &[&viewer]),
    ];
    let member = olga.invites(&bob.email, on_both).await;
    olga.adds_environment("attic").await;
    browser
        .opens(&format!("/settings/members/{}", member.id))
        .await;
    // Before he joins: what he would have, in the order of names alone.
    browser.row("attic").says("None").await;
    browser.button("Environment").click().await;
    first_row_says(&browser, "shop").await;
    assert_eq!(browser.button("Access level").count().await, 0);
    bob.accepts(&olga).await;
    browser.button("Access level").click().await;
    first_row_says(&browser, "Direct").await;
    browser.button("Access level").click().await;
    first_row_says(&browser, "attic").await;
    browser.field("Find an environment").fill("blo").await;
    browser.row("attic").disappears().await;
    browser.row("blog").says("Direct").await;
    browser.field("Find an environment").fill("nothing").await;
    browser.words("Nothing like that").is_said().await;
    browser
        .has_no_barriers("no environment of a member is found")
        .await;
}

/// Pages as the API would answer them, so that the lists meet ten thousand.
const MANY: &str = "
const real = window.fetch;
window.askedFor = 0;
const person = (number, at) => ({
  member_id: `01890000-0000-7000-8000-0000000${number}`, email: `member-${number}@example.com`,
  display_name: at % 3 ? `Member ${number}` : null, status: at % 2 ? 'active' : 'suspended',
  account_disabled: false, access_level: at % 2 ? 'direct' : 'base',
  role_ids: ['01890000-0000-7000-8000-000000000001'], policy_ids: [], action_ids: ['files.read'],
  direct_share: null, roles: [{ id: '01890000-0000-7000-8000-000000000001', name: 'Viewer' }],
  allowed_actions: ['edit'], refusals: [],
});
const environment = (number, at) => ({
  environment_id: `01890000-0000-7000-8000-0000000${number}`, environment_name: `environment-${number}`,
  access_level: at % 2 ? 'direct' : 'none', role_ids: [], role_names: at % 2 ? ['Viewer'] : [],
  action_ids: at % 2 ? ['files.read'] : [],
});
window.fetch = async (request, options) => {
  const address = new URL(request.url ?? request);
  if (!address.pathname.endsWith('/access')) return real(request, options);
  const make = address.pathname.includes('/environments/') ? person : environment;
  const from = Number(address.searchParams.get('cursor') ?? 0);
  const limit = Number(address.searchParams.get('limit') ?? 50);
  window.askedFor += 1;
  const items = [];
  for (let at = from; at < Math.min(from + limit, 10000); at += 1) items.push(make(String(at).padStart(5, '0'), at));
  const next = from + limit < 10000 ? String(from + limit) : null;
  const answer = new Response(JSON.stringify({ items, next_cursor: next }), { headers: { 'content-type': 'application/json' } });
  return Object.defineProperty(answer, 'url', { value: address.href });
};
window.longTasks = [];
new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((one) => one.duration)))
  .observe({ type: 'longtask' });";

/// Scrolls until all was read, or for so many frames.
const SCROLL: &str = "
let left = 3000;
return new Promise((done) => {
  const step = () => {
    window.scrollTo(0, document.documentElement.scrollHeight);
    const all = document.querySelector('.toolbar-end').textContent;
    (all.startsWith('10000') || (left -= 1) === 0) ? done(all) : requestAnimationFrame(step);
  };
  step();
})";

/// The list on the screen is scrolled to its end: few rows are drawn, and each page is asked for once.
async fn scrolls_well(browser: &Browser, what: &str, last: &str) {
    browser.script("window.longTasks.length = 0").await;
    assert_eq!(browser.script(SCROLL).await, format!("10000 {what}"));
    browser.row(last).appears().await;
    let drawn = browser
        .script("return document.querySelectorAll('tr[data-row]').length")
        .await;
    assert!(
        drawn.as_u64().is_some_and(|drawn| drawn < 60),
        "{drawn} rows are in the document"
    );
    let asked = browser.script("return window.askedFor").await;
    assert_eq!(asked, 50, "each page once");
    let longest = browser
        .script("return Math.max(0, ...window.longTasks)")
        .await;
    std::io::Write::write_all(
        &mut std::io::stderr(),
        format!("longest task while scrolling {what}, in ms: {longest}\n").as_bytes(),
    )
    .expect("standard error can be written");
    let index = browser
        .script("return [...document.querySelectorAll('tr[data-row]')].at(-1).getAttribute('aria-rowindex')")
        .await;
    assert_eq!(index, "10001");
    browser.has_no_barriers("the end of a very long list").await;
}

async fn ten_thousand_people_with_access_scroll_well(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    olga.adds_environment("shop").await;
    browser.row("shop").appears().await;
    browser.script(MANY).await;
    browser.link("shop").click().await;
    browser.row("member-00001@example.com").appears().await;
    scrolls_well(&browser, "people", "member-09999@example.com").await;
    browser.button("What to do with Member 09998").click().await;
    browser.menu_item("Give direct roles").appears().await;
}

async fn ten_thousand_environments_of_a_member_scroll_well(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let bob = stage.app.owner("bob").await;
    olga.invites(&bob.email, Vec::new()).await;
    bob.accepts(&olga).await;
    browser.opens("/settings/members").await;
    browser.row(&bob.email).appears().await;
    browser.script(MANY).await;
    browser.link(&bob.email).click().await;
    browser.row("environment-00001").appears().await;
    scrolls_well(&browser, "environments", "environment-09999").await;
}

in_chromium!(both: people_with_access_are_found_and_sorted);
in_chromium!(
    what_a_member_may_do_where_is_searched_and_sorted,
    ten_thousand_people_with_access_scroll_well,
    ten_thousand_environments_of_a_member_scroll_well,
);
