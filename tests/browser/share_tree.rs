//! The tree of shared items: nested, searched, by keyboard alone, with what will come of it, and as
//! quick with a thousand environments as with three.

use accord_client::types::{Item, ItemKind};
use accord_testkit::browser::{Browser, Key, Place, Stage};
use accord_testkit::people::share;
use accord_testkit::{Person, in_chromium};

use super::steps::{choose_role, owner_in_browser};

async fn form_of(browser: &Browser) -> Place {
    browser.opens("/settings/members").await;
    browser.button("Invite").first().click().await;
    let form = browser.dialog("Invite a member");
    form.field("E-mail address").appears().await;
    form
}

/// What has the focus, by its label.
async fn focused(browser: &Browser) -> String {
    let label = browser
        .script("return document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent")
        .await;
    label.as_str().unwrap_or_default().to_owned()
}

async fn an_environment_stands_under_each_of_its_groups(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let live = olga.group_at("web/live").await;
    let data = olga.group_at("data").await;
    olga.adds_environment_in("shop", &[&live, &data]).await;
    olga.adds_environment("lab").await;
    let form = form_of(&browser).await;
    form.button("Roles on web/live: No role").appears().await;
    assert_eq!(form.button("Roles on shop: No role").count().await, 2);
    assert_eq!(form.button("Roles on lab: No role").count().await, 1);

    // One choice shows at both places.
    form.button("Roles on shop: No role").first().click().await;
    browser.option("Viewer").click().await;
    form.button("Roles on shop: Viewer").first().appears().await;
    assert_eq!(form.button("Roles on shop: Viewer").count().await, 2);
    form.words("1 item is shared.").is_said().await;

    form.field("Find an item").fill("live").await;
    form.button("Roles on data: No role").disappears().await;
    form.button("Roles on web/live: No role").appears().await;
    form.field("Find an item").fill("nothing like it").await;
    form.words("Nothing by this name.").is_said().await;
    browser.has_no_barriers("a search that finds nothing").await;
    form.field("Find an item").fill("").await;
    form.button("Fold web").click().await;
    form.button("Roles on web/live: No role").disappears().await;
    browser.has_no_barriers("a tree with folded lines").await;
}

async fn the_tree_is_used_with_the_keyboard_alone(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let live = olga.group_at("web/live").await;
    olga.adds_environment_in("shop", &[&live]).await;
    olga.adds_environment("lab").await;
    let form = form_of(&browser).await;
    form.button("Roles on web/live: No role").appears().await;
    browser.types("bob@example.com").await;
    // One press of the tab key enters the tree, at its first line.
    browser.tabs_to(&form.line("also those made later")).await;
    for (key, there) in [
        (Key::Down, "lab: No role"),
        (Key::Down, "Environment groups: No role"),
        (Key::Down, "web: No role"),
        (Key::Left, "web: No role"),
        (Key::Down, "web: No role"),
        (Key::Right, "web: No role"),
        (Key::Down, "web/live: No role"),
        (Key::Left, "web/live: No role"),
        (Key::Left, "web: No role"),
        (Key::End, "web/live: No role"),
        (Key::Home, "Environments: No role"),
    ] {
        browser.presses(key).await;
        let mut now = focused(&browser).await;
        for _ in 0..50 {
            if now == there {
                break;
            }
            now = focused(&browser).await;
        }
        assert_eq!(now, there, "after {key:?}");
    }

    // Enter chooses roles, Ctrl and Enter adds, and the focus comes back to the line.
    browser.presses(Key::Enter).await;
    let viewer = browser.option("Viewer");
    viewer.appears().await;
    while !viewer.has_focus().await {
        browser.presses(Key::Down).await;
    }
    browser.presses_holding(Key::Control, Key::Enter).await;
    form.button("Roles on Environments: Viewer").appears().await;
    browser.types("d").await;
    browser.presses_holding(Key::Control, Key::Enter).await;
    form.button("Roles on Environments: Developer, Viewer")
        .appears()
        .await;
    browser.presses(Key::Escape).await;
    viewer.disappears().await;
    assert_eq!(focused(&browser).await, "Environments: Developer, Viewer");

    // Space selects, Shift and an arrow go on selecting, Alt and Enter sets all that is selected.
    browser.presses_holding(Key::Shift, Key::Down).await;
    form.words("2 selected").first().is_said().await;
    browser.presses(Key::Enter).await;
    browser.option("Admin").appears().await;
    while !browser.option("User").has_focus().await {
        browser.presses(Key::Down).await;
    }
    browser.presses_holding(Key::Alt, Key::Enter).await;
    form.button("Roles on Environments: User").appears().await;
    form.button("Roles on lab: User").appears().await;
    browser
        .has_no_barriers("the tree, used with the keyboard")
        .await;

    // Escape with something typed asks; what was typed stays.
    browser.presses(Key::Escape).await;
    form.words("Discard what you typed?").is_said().await;
    browser.presses(Key::Escape).await;
    form.words("Discard what you typed?").disappears().await;
    form.field("E-mail address").holds("bob@example.com").await;
}

async fn a_finger_ticks_roles(stage: &Stage) {
    let (_, browser) = owner_in_browser(stage, "olga").await;
    let form = form_of(&browser).await;
    form.button("Roles on Environments: No role").click().await;
    for role in ["Viewer", "Developer"] {
        browser.option(role).appears().await;
        let tap = format!(
            "[...document.querySelectorAll('[role=option]')].find((one) => one.textContent.trim() === '{role}')
               .dispatchEvent(new PointerEvent('click', {{ pointerType: 'touch', bubbles: true }}))"
        );
        browser.script(&tap).await;
    }
    browser.option("Viewer").appears().await;
    form.button("Roles on Environments: Developer, Viewer")
        .appears()
        .await;
}

async fn what_they_will_have_follows_the_draft(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let live = olga.group_at("web/live").await;
    olga.adds_environment_in("shop", &[&live]).await;
    olga.adds_environment("lab").await;
    let form = form_of(&browser).await;
    form.words("They will see no environment.").is_said().await;
    form.line("lab").says("None").await;

    choose_role(&browser, "web", "Developer").await;
    form.words("They will see 1 of 2 environments.")
        .is_said()
        .await;
    form.line("shop").says("Group").await;
    choose_role(&browser, "Environments", "Viewer").await;
    form.words("They will see all 2 environments.")
        .is_said()
        .await;
    form.line("lab").says("Base").await;
    form.line("shop").says("Group").await;
    choose_role(&browser, "lab", "Admin").await;
    form.line("lab").says("Direct").await;
    form.entry("Admin").first().says("1 environment").await;
    form.entry("Developer").first().says("1 environment").await;
    browser
        .has_no_barriers("the invite form with what will come of it")
        .await;
}

async fn shares_end_and_are_extended(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let lab = olga.adds_environment("lab").await;
    let viewer = olga.role_named("Viewer").await;
    let form = form_of(&browser).await;
    form.field("E-mail address").fill("bob@example.com").await;
    choose_role(&browser, "lab", "Viewer").await;
    form.button("End of the share on lab: Never").click().await;
    browser.button("In a week").click().await;
    browser.presses(Key::Escape).await;
    browser.button("In a week").disappears().await;
    browser.has_no_barriers("a share with an end").await;
    form.button("Send invitation").click().await;
    form.disappears().await;
    let member = olga
        .members(olga.id, &Default::default())
        .await
        .expect("members")
        .items
        .remove(0);
    assert!(member.shares[0].expires_at.is_some() && !member.shares[0].ended);

    // The dashboard goes by the server's clock when it says what has ended.
    // Access tokens ended meanwhile; what is asked with one is asked again with a new one.
    browser.expects(401, "/");
    stage.app.clock.advance(chrono::Duration::days(8));
    stage.app.signs_in(&olga).await;
    browser.opens("/settings/members").await;
    super::steps::choose_from_menu(&browser, "What to do with bob@example.com", "Edit").await;
    let form = browser.dialog("Edit bob@example.com");
    form.line("lab").says("Ended").await;
    form.line("lab").says("None").await;

    // Changing it without a later end is refused at its line, and said above the tree.
    form.button("Roles on lab: Viewer").click().await;
    browser.expects(422, "/accounts/");
    browser.option("Admin").click().await;
    form.words("The end of a share must lie in the future.")
        .first()
        .is_said()
        .await;
    browser
        .has_no_barriers("a share that cannot be saved so")
        .await;
    form.button("lab").click().await;
    form.button("Roles on lab: Admin").click().await;
    browser.option("Viewer").click().await;
    form.words("The end of a share must lie in the future.")
        .disappears()
        .await;
    browser
        .script("document.querySelector('.end-button').click()")
        .await;
    browser.button("Without an end").click().await;
    form.line("lab").says("Direct").await;
    form.button("Save changes").click().await;
    form.disappears().await;
    let member = olga.member_now(&member).await;
    assert_eq!(
        (member.shares[0].item, member.shares[0].expires_at),
        (Item::environment(lab.id), None)
    );
    assert_eq!(member.shares[0].role_ids, [viewer.id]);
}

/// A thousand environments in two hundred groups, some in two of them.
async fn fill(olga: &Person) {
    use accord_client::types::{CreateEnvironment, CreateGroup};
    use futures_util::{StreamExt, stream};
    let mut groups = Vec::new();
    for number in 0..200 {
        let body = CreateGroup {
            path: Some(format!("team-{:02}/part-{number:03}", number / 10)),
            ..Default::default()
        };
        let group = olga.create_group(olga.id, &body).await.expect("a group");
        groups.push(group.into_inner());
    }
    let groups = &groups;
    stream::iter(0..1_000_usize)
        .map(|number| async move {
            let mut group_ids = vec![groups[number % 200].id];
            if number % 5 == 0 {
                group_ids.push(groups[(number + 7) % 200].id);
            }
            let body = CreateEnvironment {
                name: format!("environment-{number:04}"),
                group_ids,
                ..Default::default()
            };
            olga.create_environment(olga.id, &body)
                .await
                .expect("an environment");
        })
        .buffer_unordered(4)
        .collect::<Vec<()>>()
        .await;
}

const WATCH: &str = "
window.longTasks = [];
new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((one) => one.duration)))
  .observe({ type: 'longtask' });";

/// The longest that the page was busy since it was asked last, in milliseconds; 0 below 50.
async fn longest_task(browser: &Browser) -> f64 {
    let longest = browser
        .script("return new Promise((done) => setTimeout(() => done(Math.max(0, ...window.longTasks.splice(0))), 300))")
        .await;
    longest.as_f64().unwrap_or_default()
}

async fn a_thousand_environments_do_not_slow_it_down(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    fill(&olga).await;
    browser.opens("/settings/members").await;
    browser.button("Invite").first().appears().await;
    browser.script(WATCH).await;
    let mut told = Vec::new();
    let form = browser.dialog("Invite a member");
    browser.button("Invite").first().click().await;
    form.button("Unfold all").appears().await;
    form.words("They will see no environment.").is_said().await;
    told.push(("opening", longest_task(&browser).await));

    form.button("Unfold all").click().await;
    form.button("Fold all").appears().await;
    told.push(("unfolding all", longest_task(&browser).await));
    let rows = "return document.querySelectorAll('.share-line').length";
    let drawn = browser.script(rows).await.as_u64().expect("a number");
    assert!(drawn < 60, "{drawn} lines are in the document");
    let said = browser
        .script("return [document.querySelector('[role=treegrid]').getAttribute('aria-rowcount'), document.querySelector('.share-line').getAttribute('aria-setsize')]")
        .await;
    // The categories, the teams, their parts, the environments, and a fifth of them twice; and the heads.
    assert_eq!(said, serde_json::json!(["1423", "2"]));

    browser
        .script(
            "const box = document.querySelector('.share-scroller'); let left = 120;
             return new Promise((done) => { const step = () => { box.scrollTop += 300; (left -= 1) ? requestAnimationFrame(step) : done(); }; step(); })",
        )
        .await;
    told.push(("scrolling", longest_task(&browser).await));
    let drawn = browser.script(rows).await.as_u64().expect("a number");
    assert!(drawn < 60, "{drawn} lines are in the document");

    form.field("Find an item").fill("environment-0777").await;
    form.button("Roles on environment-0777: No role")
        .appears()
        .await;
    told.push(("searching", longest_task(&browser).await));
    choose_role(&browser, "environment-0777", "Viewer").await;
    form.words("They will see 1 of 1000 environments.")
        .is_said()
        .await;
    told.push(("choosing a role", longest_task(&browser).await));
    form.field("Find an item").fill("").await;
    choose_role(&browser, "Environments", "Viewer").await;
    form.words("They will see all 1000 environments.")
        .is_said()
        .await;
    told.push(("sharing everything", longest_task(&browser).await));
    browser.has_no_barriers("a large tree").await;
    std::io::Write::write_all(
        &mut std::io::stderr(),
        format!("longest tasks in ms: {told:?}\n").as_bytes(),
    )
    .expect("standard error can be written");

    form.field("E-mail address").fill("bob@example.com").await;
    form.button("Send invitation").click().await;
    browser
        .row("bob@example.com")
        .says("All environments, 1 environment")
        .await;
    let members = olga.members(olga.id, &Default::default()).await;
    let shares = members.expect("members").items.remove(0).shares;
    assert_eq!(shares.len(), 2);
    assert!(
        shares
            .iter()
            .any(|share| share.item.kind == ItemKind::Environment)
    );
}

async fn groups_and_roles_change_under_the_form(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let web = olga.group_at("web").await;
    let viewer = olga.role_named("Viewer").await;
    olga.invites(
        "bob@example.com",
        vec![share(Item::group(web.id), &[&viewer])],
    )
    .await;
    browser.opens("/settings/members").await;
    super::steps::choose_from_menu(&browser, "What to do with bob@example.com", "Edit").await;
    let form = browser.dialog("Edit bob@example.com");
    form.button("Roles on web: Viewer").appears().await;
    form.field("Display name optional").fill("Bob").await;

    super::steps::choose_from_menu(&browser, "Change group web", "Remove").await;
    let question = browser.dialog("Remove web?");
    question.button("Remove group").click().await;
    question.disappears().await;
    form.words("Nothing is shared yet.").is_said().await;
    form.field("Display name optional").holds("Bob").await;

    // One's own doing on the way is no surprise afterwards.
    form.button("Save changes").click().await;
    form.disappears().await;
    browser.row("bob@example.com").says("Bob").await;
}

in_chromium!(
    both:
    what_they_will_have_follows_the_draft,
    shares_end_and_are_extended,
    groups_and_roles_change_under_the_form,
);
in_chromium!(
    an_environment_stands_under_each_of_its_groups,
    the_tree_is_used_with_the_keyboard_alone,
    a_finger_ticks_roles,
    a_thousand_environments_do_not_slow_it_down,
);
