//! The list of members: several at once, each answered for itself, and as long as it may be.

use accord_client::types::Item;
use accord_testkit::browser::Stage;
use accord_testkit::in_chromium;
use accord_testkit::people::share;

use super::steps::{assert_search, dismiss_notice, owner_in_browser};

async fn several_are_suspended_and_that_is_undone(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    for name in ["ada", "bob"] {
        let person = stage.app.owner(name).await;
        olga.invites(&person.email, Vec::new()).await;
        person.accepts(&olga).await;
    }
    olga.invites("carol@example.com", Vec::new()).await;
    browser.opens("/settings/members").await;
    browser.row("ada@example.com").says("Active").await;
    browser.checkbox("Select all members").click().await;
    browser.words("3 selected").is_said().await;
    browser.has_no_barriers("members that are selected").await;
    browser.button("Suspend (2)").click().await;
    let question = browser.dialog("Suspend 2 members?");
    question.entry("ada@example.com").appears().await;
    question
        .words("Nobody's access to an environment changes.")
        .is_said()
        .await;
    question.button("Suspend").click().await;
    browser.row("ada@example.com").says("Suspended").await;
    browser.row("bob@example.com").says("Suspended").await;
    browser
        .row("carol@example.com")
        .says("Pending acceptance")
        .await;
    browser
        .words("Suspended 2 members.")
        .first()
        .is_said()
        .await;
    browser.button("Undo").click().await;
    browser.row("ada@example.com").says("Active").await;
    browser.row("bob@example.com").says("Active").await;
    browser.button("Deselect").click().await;
    browser.words("3 selected").disappears().await;
}

async fn each_member_is_answered_for_itself(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    for name in ["ada", "bob"] {
        let person = stage.app.owner(name).await;
        olga.invites(&person.email, Vec::new()).await;
        person.accepts(&olga).await;
    }
    browser.opens("/settings/members").await;
    browser.row("bob@example.com").says("Active").await;
    // What is asked about one of them never arrives.
    let members = olga.members(olga.id, &Default::default()).await;
    let bob = members.expect("members").items.remove(1);
    browser
        .script(&format!(
            "const real = window.fetch; \
             window.fetch = (what, ...rest) => (what.url ?? String(what)).includes('{}/suspend') \
                 ? Promise.reject(new TypeError('the network is away')) \
                 : real(what, ...rest)",
            bob.id
        ))
        .await;
    browser.checkbox("Select ada@example.com").click().await;
    browser.checkbox("Select bob@example.com").click().await;
    browser.button("Suspend").click().await;
    let question = browser.dialog("Suspend 2 members?");
    question.button("Suspend").click().await;
    browser.words("Suspend: done for 1 of 2.").is_said().await;
    browser.row("ada@example.com").says("Suspended").await;
    browser
        .has_no_barriers("a verb that did not work on everybody")
        .await;
}

async fn removing_says_what_is_lost(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let viewer = olga.role_named("Viewer").await;
    for name in ["ada", "bob"] {
        let shares = vec![share(Item::ENVIRONMENTS, &[&viewer])];
        olga.invites(&format!("{name}@example.com"), shares).await;
    }
    browser.opens("/settings/members").await;
    browser.checkbox("Select all members").click().await;
    browser.button("Remove").click().await;
    let question = browser.dialog("Remove 2 members?");
    question.words("2 shares are lost.").is_said().await;
    question.entry("ada@example.com").appears().await;
    browser
        .has_no_barriers("the question before removing")
        .await;
    question.button("Remove").click().await;
    question.disappears().await;
    browser.row("ada@example.com").says("Removed").await;
    dismiss_notice(&browser, "Removed 2 members.").await;
}

async fn one_that_is_selected_is_edited_from_the_panel(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    olga.invites("ada@example.com", Vec::new()).await;
    browser.opens("/settings/members").await;
    browser.checkbox("Select ada@example.com").click().await;
    browser.button("Edit").click().await;
    let form = browser.dialog("Edit ada@example.com");
    form.field("Display name optional").fill("Ada").await;
    form.button("Save changes").click().await;
    form.disappears().await;
    browser.row("ada@example.com").says("Ada").await;
    browser.words("1 selected").is_said().await;
}

async fn what_narrows_the_members_stands_in_the_address(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let ada = stage.app.owner("ada").await;
    olga.invites(&ada.email, Vec::new()).await;
    ada.accepts(&olga).await;
    olga.invites("bob@example.com", Vec::new()).await;
    browser.opens("/settings/members").await;
    browser.row("ada@example.com").says("Active").await;
    browser.field("Find a member").fill("bob").await;
    browser.row("ada@example.com").disappears().await;
    assert_search(&browser, "?q=bob").await;
    browser.reloads().await;
    browser.row("bob@example.com").appears().await;
    browser.field("Find a member").holds("bob").await;
    assert_eq!(browser.row("ada@example.com").count().await, 0);

    browser.field("Status").choose("Active").await;
    browser.words("Nobody like that").is_said().await;
    assert_search(&browser, "?q=bob&status=active").await;
    browser
        .has_no_barriers("a list of members without a find")
        .await;
    browser.button("Show all members").click().await;
    browser.row("ada@example.com").appears().await;
    assert_search(&browser, "").await;

    browser.button("Member").click().await;
    assert_search(&browser, "?sort=-email").await;
    browser.reloads().await;
    browser.row("ada@example.com").appears().await;
    let order = "return [...document.querySelectorAll('tr[data-row]')].map((row) => row.innerText.match(/\\w+(?=@)/)[0])";
    assert_eq!(
        browser.script(order).await,
        serde_json::json!(["bob", "ada"])
    );
    // From a member and back, the list is as it was left.
    browser.field("Find a member").fill("ada").await;
    assert_search(&browser, "?sort=-email&q=ada").await;
    browser.link("ada@example.com").click().await;
    browser.heading("What they may do where").appears().await;
    browser.goes_back().await;
    browser.field("Find a member").holds("ada").await;
    browser.row("bob@example.com").disappears().await;
    browser
        .opens("/settings/members?sort=mass&status=planet")
        .await;
    browser.row("bob@example.com").appears().await;
}

/// Pages of members as the API would answer them, so that the list meets ten thousand.
const MANY: &str = "
const real = window.fetch;
window.askedFor = 0;
window.fetch = async (request, options) => {
  const address = new URL(request.url ?? request);
  if (!address.pathname.endsWith('/members')) return real(request, options);
  const from = Number(address.searchParams.get('cursor') ?? 0);
  const limit = Number(address.searchParams.get('limit') ?? 50);
  // The first steps ask whether there is any.
  if (limit > 1) window.askedFor += 1;
  const items = [];
  for (let at = from; at < Math.min(from + limit, 10000); at += 1) {
    const number = String(at).padStart(5, '0');
    items.push({
      id: `01890000-0000-7000-8000-0000000${number}`, email: `member-${number}@example.com`,
      display_name: at % 3 ? `Member ${number}` : null, status: at % 2 ? 'active' : 'suspended', account_id: null,
      invited_at: '2026-01-01T00:00:00Z', invitation_expires_at: null, accepted_at: null, suspended_at: null,
      ended_at: null, shares: [], allowed_actions: ['edit', 'copy', at % 2 ? 'suspend' : 'activate', 'remove'],
      invitation_mail: null,
    });
  }
  const next = from + limit < 10000 ? String(from + limit) : null;
  const answer = new Response(JSON.stringify({ items, next_cursor: next }), { headers: { 'content-type': 'application/json' } });
  return Object.defineProperty(answer, 'url', { value: address.href });
};
window.longTasks = [];
new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((one) => one.duration)))
  .observe({ type: 'longtask' });";

const SCROLL: &str = "
let left = 3000, last = -1;
return new Promise((done) => {
  const step = () => {
    window.scrollTo(0, document.documentElement.scrollHeight);
    const all = document.querySelector('.toolbar-end').textContent;
    (all === '10000 members' || (left -= 1) === 0) ? done(all) : requestAnimationFrame(step);
  };
  step();
})";

async fn ten_thousand_members_scroll_well(stage: &Stage) {
    let (_, browser) = owner_in_browser(stage, "olga").await;
    browser.script(MANY).await;
    browser.link("Settings").click().await;
    browser.row("member-00001@example.com").appears().await;
    browser.script("window.longTasks.length = 0").await;
    assert_eq!(browser.script(SCROLL).await, "10000 members");
    browser.row("member-09999@example.com").appears().await;
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
        format!("longest task while scrolling, in ms: {longest}\n").as_bytes(),
    )
    .expect("standard error can be written");
    let index = browser
        .script("return [...document.querySelectorAll('tr[data-row]')].at(-1).getAttribute('aria-rowindex')")
        .await;
    assert_eq!(index, "10001");
    browser.has_no_barriers("the end of a very long list").await;
    browser
        .checkbox("Select member-09999@example.com")
        .click()
        .await;
    browser.button("Suspend").appears().await;
}

in_chromium!(both: several_are_suspended_and_that_is_undone);
in_chromium!(
    what_narrows_the_members_stands_in_the_address,
    each_member_is_answered_for_itself,
    removing_says_what_is_lost,
    one_that_is_selected_is_edited_from_the_panel,
    ten_thousand_members_scroll_well,
);
