//! An account that begins is led to its first shared environment, by what is really there.

use accord_client::types::Item;
use accord_testkit::browser::Stage;
use accord_testkit::in_chromium;
use accord_testkit::people::share;

use super::steps::{dismiss_notice, fill_sign_in, owner_in_browser};

/// What is asked about members gets no answer, or one that says it failed, or the server's own.
const ANSWERS: &str = "
const real = window.fetch;
window.answers = 'none';
window.fetch = (what, ...more) => {
  const address = new URL(what.url ?? what, location.href);
  if (window.answers === 'real' || !address.pathname.endsWith('/members')) return real(what, ...more);
  if (window.answers === 'none') return new Promise(() => {});
  const answer = new Response(JSON.stringify({
    type: 'about:blank', title: 'Internal error', status: 500, detail: '', code: 'internal', request_id: '0197'
  }), { status: 500, headers: { 'content-type': 'application/problem+json' } });
  return Promise.resolve(Object.defineProperty(answer, 'url', { value: address.href }));
};";

async fn each_step_is_done_when_it_is_done(stage: &Stage) {
    let olga = stage.app.sign_up("olga@example.com", "olga").await;
    let browser = stage.browser_of("olga").await;
    browser.opens("/sign-in").await;
    fill_sign_in(&browser, &olga.email).await;
    let steps = browser.article("Share your first environment");
    steps.says("0 of 4 done").await;
    steps
        .words("Open the link that was mailed to")
        .is_said()
        .await;
    browser
        .has_no_barriers("the first of the first steps")
        .await;

    stage.app.verify(&olga).await;
    steps.says("1 of 4 done").await;
    steps.button("Create an environment").click().await;
    let form = browser.dialog("New environment");
    form.field("Name").fill("shop").await;
    form.button("Create environment").click().await;
    dismiss_notice(&browser, "Environment shop saved.").await;
    steps.says("2 of 4 done").await;
    browser
        .has_no_barriers("the third of the first steps")
        .await;
    steps.link("Look at the roles").click().await;
    browser.heading("Roles").appears().await;

    olga.role_of("Helper", &["files.read"]).await;
    browser.link("Environments").first().click().await;
    steps.says("3 of 4 done").await;
    steps.link("Invite a member").appears().await;

    let helper = olga.role_named("Helper").await;
    olga.invites(
        "bob@example.com",
        vec![share(Item::ENVIRONMENTS, &[&helper])],
    )
    .await;
    steps.disappears().await;
}

async fn the_steps_can_be_put_away(stage: &Stage) {
    let (_, browser) = owner_in_browser(stage, "olga").await;
    let steps = browser.article("Share your first environment");
    steps.says("1 of 4 done").await;
    browser.button("Put the first steps away").click().await;
    steps.disappears().await;
    browser.reloads().await;
    browser.words("No environments yet").is_said().await;
    assert_eq!(steps.count().await, 0);
}

async fn the_steps_wait_and_are_tried_again(stage: &Stage) {
    let (_, browser) = owner_in_browser(stage, "olga").await;
    let steps = browser.article("Share your first environment");
    steps.says("1 of 4 done").await;
    browser.link("Groups").click().await;
    browser.words("No groups yet").is_said().await;
    browser.script(ANSWERS).await;
    browser.link("Environments").first().click().await;
    browser.words("No environments yet").is_said().await;
    browser.words("Loading…").is_said().await;
    browser.has_no_barriers("first steps that wait").await;

    browser.script("window.answers = 'failure'").await;
    browser.link("Groups").click().await;
    browser.words("No groups yet").is_said().await;
    browser.link("Environments").first().click().await;
    browser.button("Try again").appears().await;
    browser.has_no_barriers("first steps that failed").await;
    browser.script("window.answers = 'real'").await;
    browser.button("Try again").click().await;
    steps.says("1 of 4 done").await;
}

/// An account that was made by accepting an invitation.
async fn who_takes_part_may_host_too(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    olga.invites("vera@example.com", Vec::new()).await;
    let token = stage.app.invitation_token_for("vera@example.com").await;
    let vera = stage
        .app
        .accepts_as_new_person(&token, "vera", accord_testkit::PASSWORD)
        .await;
    let browser = stage.browser_of("vera").await;
    browser.opens("/sign-in").await;
    fill_sign_in(&browser, &vera.email).await;
    browser.is_at("/environments").await;
    browser.opens("/settings/profile").await;
    browser.button("Upgrade this account").appears().await;
    browser
        .has_no_barriers("an account that may be upgraded")
        .await;
    browser.opens("/settings/members").await;
    browser
        .words("This account takes part, it does not host")
        .is_said()
        .await;
    browser.button("Upgrade this account").click().await;
    browser.button("Invite").first().appears().await;
    browser.opens("/settings/profile").await;
    browser.words("May host a collaboration").is_said().await;
    assert_eq!(browser.button("Upgrade this account").count().await, 0);
}

in_chromium!(both: each_step_is_done_when_it_is_done);
in_chromium!(
    the_steps_can_be_put_away,
    the_steps_wait_and_are_tried_again,
    who_takes_part_may_host_too,
);
