//! The bell, the notifications, the preferences, the way out of mail and a member's timeline.

use accord_client::types::{Item, NotificationKind, PostLoadAlert};
use accord_testkit::browser::{Key, Stage};
use accord_testkit::people::share;
use accord_testkit::{eventually, in_chromium};

use super::steps::{assert_search, open_mailed_link, owner_in_browser};
use super::tokens::secret_shown;

async fn the_bell_tells_and_everything_can_be_read(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    browser.button("Notifications").click().await;
    browser.words("Nothing new").is_said().await;
    browser.has_no_barriers("an empty bell").await;
    browser.presses(Key::Escape).await;
    browser.words("Nothing new").disappears().await;

    let bob = stage.app.owner("bob").await;
    let shop = olga.adds_environment("shop").await;
    let viewer = olga.role_named("Viewer").await;
    let member = olga
        .invites(
            &bob.email,
            vec![share(Item::environment(shop.id), &[&viewer])],
        )
        .await;
    bob.accepts(&olga).await;
    let alert = PostLoadAlert {
        metric: "CPU load, %".into(),
        value: 97.5,
        threshold: 90.0,
        message: Some("The third time today".into()),
    };
    olga.post_load_alert(olga.id, shop.id, &alert)
        .await
        .expect("posted");
    // It rings by itself, wherever one is.
    let bell = browser.button("Notifications, 2 unread");
    bell.appears().await;
    browser.has_no_barriers("a bell with a number").await;

    // By the keyboard alone: to the bell, into its window, along it, and to what it is about.
    browser.tabs_to(&bell).await;
    browser.presses(Key::Enter).await;
    let about_shop = browser.link("CPU load, % of shop is at 97.5");
    about_shop.appears().await;
    browser.words("The third time today").is_said().await;
    browser.has_no_barriers("the window of the bell").await;
    while !about_shop.has_focus().await {
        let before = browser
            .script("return document.activeElement.textContent")
            .await;
        browser.presses(Key::Down).await;
        let after = browser
            .script("return document.activeElement.textContent")
            .await;
        assert_ne!(before, after, "the window ends before the alert");
    }
    browser.presses(Key::Enter).await;
    browser.heading("shop").appears().await;
    browser
        .is_at(&format!("/environments/{}/{}", olga.id, shop.id))
        .await;
    about_shop.disappears().await;
    browser.button("Notifications, 1 unread").click().await;

    browser.link("All notifications").click().await;
    browser.heading("Notifications").appears().await;
    browser
        .entry("bob@example.com accepted your invitation")
        .says("unread")
        .await;
    browser.has_no_barriers("the notifications").await;
    browser.field("Which notifications").choose("Unread").await;
    browser
        .entry("CPU load, % of shop is at 97.5")
        .disappears()
        .await;
    browser.button("Mark as read").click().await;
    browser.words("Nothing is unread").is_said().await;
    browser.button("Notifications").appears().await;
    browser.field("Which notifications").choose("All").await;
    browser
        .link("bob@example.com accepted your invitation")
        .click()
        .await;
    browser
        .is_at(&format!("/settings/members/{}", member.id))
        .await;

    olga.suspend_member(olga.id, member.id)
        .await
        .expect("suspended");
    bob.leave_collaboration(member.id).await.expect("left");
    browser.opens("/notifications").await;
    browser
        .entry("bob@example.com left your account")
        .says("unread")
        .await;
    browser.button("Mark all as read").click().await;
    browser.words("All read").is_said().await;
    browser.words("unread").disappears().await;
}

async fn preferences_are_saved_at_once(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    browser.opens("/settings/notifications").await;
    browser.heading("Notification preferences").appears().await;
    browser.has_no_barriers("the preferences").await;
    let mailed = browser.checkbox("E-mail: Load alerts");
    mailed.appears().await;
    assert!(mailed.is_ticked().await);
    mailed.click().await;
    let stored = async || {
        let preferences = olga.notification_preferences().await.expect("preferences");
        preferences.load_alert.email == Some(false)
    };
    accord_testkit::eventually("the choice is stored", stored).await;
    browser.reloads().await;
    browser.checkbox("E-mail: Load alerts").appears().await;
    assert!(!browser.checkbox("E-mail: Load alerts").is_ticked().await);
    assert!(browser.checkbox("Dashboard: Load alerts").is_ticked().await);
    let fixed = browser.checkbox("E-mail: Forgotten passwords");
    assert!(fixed.is_ticked().await);
    let disabled = browser
        .script("return document.querySelector('[aria-label=\"E-mail: Forgotten passwords\"]').disabled")
        .await;
    assert_eq!(disabled, serde_json::json!(true), "it cannot be turned off");
}

/// What is asked by this method at this place waits, and the first fails when it is told to.
fn the_first_fails(method: &str, place: &str) -> String {
    format!(
        "const real = window.fetch;
         let first = true;
         window.fetch = (what, ...more) => {{
           const address = new URL(what.url ?? what, location.href);
           if (!first || what.method !== '{method}' || !address.pathname.endsWith('{place}')) return real(what, ...more);
           first = false;
           return new Promise((_, fail) => {{ window.failNow = () => fail(new TypeError('the network is away')); }});
         }}"
    )
}

async fn reading_is_shown_at_once_and_taken_back_where_it_failed(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    for name in ["ada", "bob"] {
        let person = stage.app.owner(name).await;
        olga.invites(&person.email, Vec::new()).await;
        person.accepts(&olga).await;
    }
    browser.opens("/notifications").await;
    browser.button("Notifications, 2 unread").appears().await;
    let of_ada = browser.entry("ada@example.com accepted your invitation");
    of_ada.says("unread").await;
    let failing = the_first_fails("POST", "/notifications/read");
    browser.script(&failing).await;
    of_ada.button("Mark as read").click().await;
    browser.button("Notifications, 1 unread").appears().await;
    of_ada.words("unread").disappears().await;
    browser.script("window.failNow()").await;
    browser
        .words("Not marked as read. No answer came.")
        .first()
        .is_said()
        .await;
    browser.button("Notifications, 2 unread").appears().await;
    of_ada.says("unread").await;
    browser.has_no_barriers("a mark that was taken back").await;

    browser.script(&failing).await;
    browser.button("Mark all as read").click().await;
    browser.words("All read").is_said().await;
    browser.button("Notifications").appears().await;
    browser.script("window.failNow()").await;
    browser.button("Notifications, 2 unread").appears().await;
    of_ada.says("unread").await;

    // The next try is not in the way of anything.
    of_ada.button("Mark as read").click().await;
    browser.button("Notifications, 1 unread").appears().await;
    let one_is_left = async || {
        let page = olga.notifications(&Default::default()).await;
        page.expect("notifications").unread_count == 1
    };
    accord_testkit::eventually("one is marked", one_is_left).await;
    browser.field("Which notifications").choose("Unread").await;
    of_ada.disappears().await;
    assert_search(&browser, "?which=unread").await;
    browser.reloads().await;
    browser
        .entry("bob@example.com accepted your invitation")
        .appears()
        .await;
    browser.field("Which notifications").holds("unread").await;
    assert_eq!(of_ada.count().await, 0);
}

async fn choices_are_shown_at_once_and_taken_back_where_they_failed(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    browser.opens("/settings/notifications").await;
    let (mailed, shown) = (
        browser.checkbox("E-mail: Load alerts"),
        browser.checkbox("Dashboard: Load alerts"),
    );
    mailed.appears().await;
    browser
        .script(&the_first_fails(
            "PATCH",
            "/account/notification-preferences",
        ))
        .await;
    mailed.click().await;
    // Nobody has to wait for the one before.
    shown.click().await;
    assert!(!mailed.is_ticked().await && !shown.is_ticked().await);
    browser.script("window.failNow()").await;
    browser
        .words("“E-mail: Load alerts” was not saved. No answer came.")
        .first()
        .is_said()
        .await;
    assert!(mailed.is_ticked().await, "it is shown as it is stored");
    browser.has_no_barriers("a choice that was not saved").await;
    let stored = async || {
        let preferences = olga.notification_preferences().await.expect("preferences");
        let alerts = &preferences.load_alert;
        (alerts.email, alerts.dashboard) == (Some(true), Some(false))
    };
    accord_testkit::eventually("the other choice is stored", stored).await;
    assert!(!shown.is_ticked().await);
}

async fn the_way_out_of_mail_asks_first(stage: &Stage) {
    let olga = stage.app.owner("olga").await;
    let bob = stage.app.owner("bob").await;
    olga.invites(&bob.email, Vec::new()).await;
    bob.accepts(&olga).await;
    let visitor = stage.browser_of("visitor").await;
    visitor.has_screen(360, 740).await;
    open_mailed_link(stage, &visitor, &olga.email, "unsubscribe").await;
    visitor.words("Accepted invitations").is_said().await;
    visitor.has_no_barriers("the way out of mail").await;
    let before = olga.notification_preferences().await.expect("preferences");
    assert_eq!(
        before.get(NotificationKind::InvitationAccepted).email,
        Some(true),
        "looking changes nothing"
    );
    visitor.button("Stop these mails").click().await;
    visitor
        .words("No more mail is sent to you about this")
        .is_said()
        .await;
    visitor.has_no_barriers("out of mail").await;
    let after = olga.notification_preferences().await.expect("preferences");
    assert_eq!(
        after.get(NotificationKind::InvitationAccepted).email,
        Some(false)
    );
    visitor.reloads().await;
    visitor
        .words("No more mail is sent to you about this")
        .is_said()
        .await;

    visitor.expects(404, "/unsubscribe/made-up");
    visitor.opens("/unsubscribe/made-up").await;
    visitor.words("This link is not valid.").is_said().await;
    visitor.has_no_barriers("a way out that is none").await;
}

async fn an_invitation_explains_itself(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let member = olga.invites("bob@example.com", Vec::new()).await;
    browser
        .opens(&format!("/settings/members/{}", member.id))
        .await;
    browser
        .entry("Mail written; no mail server is set up")
        .appears()
        .await;
    browser.entry("Invited").says("by olga").await;
    browser.button("Copy link").click().await;
    let link = browser.dialog("Invitation link for bob@example.com");
    link.field("Link").appears().await;
    let link = secret_shown(&browser).await;
    browser.presses(Key::Escape).await;
    let token = link.rsplit('/').next().expect("a token");
    let link_made = browser.entry("Link made to be copied");
    let opened = browser.entry("Invitation opened by a person");
    // Whatever merely follows links, as a mail scanner does, is no person.
    let guest = stage.browser_of("bob").await;
    guest.opens(&format!("/invitations/{token}")).await;
    guest.heading("olga invites you").appears().await;
    browser.reloads().await;
    link_made.first().appears().await;
    assert_eq!(opened.count().await, 0);
    guest.presses(Key::Tab).await;
    eventually("it is told that a person is there", async || {
        browser.reloads().await;
        link_made.first().appears().await;
        opened.count().await == 1
    })
    .await;
    link_made.is_said().await;
    browser.has_no_barriers("a member's timeline").await;
    browser.has_screen(360, 740).await;
    browser
        .has_no_barriers("a member's timeline on a small screen")
        .await;
}

in_chromium!(
    both:
    the_bell_tells_and_everything_can_be_read,
    an_invitation_explains_itself,
    preferences_are_saved_at_once,
    the_way_out_of_mail_asks_first,
);
in_chromium!(
    reading_is_shown_at_once_and_taken_back_where_it_failed,
    choices_are_shown_at_once_and_taken_back_where_they_failed,
);
