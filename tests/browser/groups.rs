//! The tree of groups, by mouse and by keys.

use accord_client::types::{CreateGroup, Item};
use accord_testkit::browser::{Key, Stage};
use accord_testkit::in_chromium;
use accord_testkit::people::share;

use super::steps::{choose_from_menu, dismiss_notice, owner_in_browser};

async fn groups_are_added_moved_and_removed(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    olga.group_at("web/live/eu").await;
    let live = olga.group_at("web/live").await;
    olga.group_at("archive").await;
    let shop = olga.adds_environment_in("shop", &[&live]).await;
    let viewer = olga.role_named("Viewer").await;
    olga.invites(
        "bob@example.com",
        vec![share(Item::group(live.id), &[&viewer])],
    )
    .await;

    browser.opens("/groups").await;
    choose_from_menu(&browser, "Change group web/live", "Add a group inside").await;
    let form = browser.dialog("New group in web/live");
    form.field("Name").fill("us/east").await;
    browser
        .script("document.querySelector('dialog input[value=\"#14b8a6\"]').click()")
        .await;
    form.button("Create group").click().await;
    dismiss_notice(&browser, "Group web/live/us/east saved.").await;
    browser.link("web/live/us/east").appears().await;
    assert_eq!(olga.group_at("web/live/us/east").await.color, "#14b8a6");

    choose_from_menu(&browser, "Change group web/live", "Edit").await;
    let form = browser.dialog("Edit web/live");
    form.field("Inside").appears().await;
    browser.has_no_barriers("editing a group").await;
    let refused = "return [...document.querySelectorAll('dialog option')].filter((one) => one.disabled).map((one) => one.textContent)";
    assert_eq!(
        browser.script(refused).await,
        serde_json::json!([
            "web/live (itself)",
            "web/live/eu (inside it)",
            "web/live/us (inside it)",
            "web/live/us/east (inside it)"
        ])
    );
    form.field("Inside").choose("archive").await;
    form.button("Save group").click().await;
    dismiss_notice(&browser, "Group archive/live saved.").await;
    browser.link("archive/live/us/east").appears().await;

    choose_from_menu(&browser, "Change group archive/live", "Remove").await;
    let question = browser.dialog("Remove archive/live?");
    question
        .words("3 subgroups inside it, removed with it")
        .is_said()
        .await;
    question
        .words("bob@example.com (archive/live)")
        .is_said()
        .await;
    question
        .words("1 environment: they only lose the tag.")
        .is_said()
        .await;
    browser.has_no_barriers("removing a group").await;
    question.button("Remove group").click().await;
    dismiss_notice(&browser, "Group archive/live removed.").await;
    browser.link("archive/live").disappears().await;
    assert_eq!(olga.sees().await[0].id, shop.id, "environments stay");
}

/// Two groups swap places behind the back of an open form: the circle is refused, and said where.
async fn a_circle_is_refused_where_it_is_chosen(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let one = olga.group_at("one").await;
    let two = olga.group_at("two").await;
    browser.opens("/groups").await;
    choose_from_menu(&browser, "Change group one", "Edit").await;
    let form = browser.dialog("Edit one");
    form.field("Inside").choose("two").await;
    let into_one = accord_client::types::UpdateGroup {
        parent_id: Some(Some(one.id)),
        ..Default::default()
    };
    olga.update_group(olga.id, two.id, &into_one, None)
        .await
        .expect("moved");
    browser.expects(409, "/accounts/");
    form.button("Save group").click().await;
    form.words("A group cannot be inside itself, nor inside what it holds.")
        .first()
        .is_said()
        .await;
    browser.has_no_barriers("a circle of groups").await;
}

async fn the_tree_is_walked_with_the_keyboard(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    olga.group_at("shop").await;
    olga.group_at("web/live/eu").await;
    browser.opens("/groups").await;
    let (shop, web, live) = (
        browser.link("shop"),
        browser.link("web"),
        browser.link("web/live"),
    );
    browser.tabs_to(&shop).await;
    browser.presses(Key::Down).await;
    assert!(web.has_focus().await);
    browser.presses(Key::Left).await;
    live.disappears().await;
    assert!(web.has_focus().await, "folding keeps the place");
    browser.presses(Key::Right).await;
    live.appears().await;
    browser.presses(Key::Right).await;
    assert!(live.has_focus().await);
    browser.presses(Key::Left).await;
    live.appears().await;
    browser.link("web/live/eu").disappears().await;
    browser.presses(Key::Left).await;
    assert!(web.has_focus().await, "a folded one leads to its parent");
    browser.has_no_barriers("a folded tree").await;
    browser.button("Fold web").click().await;
    live.disappears().await;
    browser.button("Unfold all").click().await;
    browser.link("web/live/eu").appears().await;
}

/// A chain of forty and a crowd of more than a hundred: found, folded, and never pushed off a small screen.
async fn a_large_and_deep_tree_stays_usable_on_a_small_screen(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let deep = (1..=40)
        .map(|depth| format!("level-{depth:02}"))
        .collect::<Vec<_>>()
        .join("/");
    let body = CreateGroup {
        path: Some(deep.clone()),
        ..Default::default()
    };
    olga.create_group(olga.id, &body).await.expect("a group");
    for team in 0..30 {
        for part in ["live", "test"] {
            olga.group_at(&format!("team-{team:02}/{part}")).await;
        }
    }
    browser.has_screen(360, 740).await;
    browser.opens("/groups").await;
    browser.words("130 groups").is_said().await;
    browser.link("team-29").appears().await;
    assert_eq!(
        browser.link("team-29/live").count().await,
        0,
        "what cannot be overlooked comes folded"
    );
    browser.button("Unfold all").click().await;
    browser.link(&deep).appears().await;
    let sideways = "return document.scrollingElement.scrollWidth > innerWidth";
    assert_eq!(browser.script(sideways).await, false);
    browser
        .has_no_barriers("a deep tree on a small screen")
        .await;
    browser.field("Find a group").fill("level-40").await;
    browser.words("1 found").is_said().await;
    browser.link(&deep).appears().await;
    browser
        .has_no_barriers("a find in a deep tree on a small screen")
        .await;
}

in_chromium!(both: groups_are_added_moved_and_removed);
in_chromium!(
    a_circle_is_refused_where_it_is_chosen,
    the_tree_is_walked_with_the_keyboard,
    a_large_and_deep_tree_stays_usable_on_a_small_screen,
);
