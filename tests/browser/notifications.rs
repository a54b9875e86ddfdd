//! The bell, the notifications, the preferences, the way out of mail and a member's timeline.

use accord_client::types::{Item, NotificationKind, PostLoadAlert};
use accord_testkit::browser::{Key, Stage};
use accord_testkit::in_chromium;
use accord_testkit::people::share;

use super::steps::{open_mailed_link, owner_in_browser};

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
    browser
        .dialog("Invitation link for bob@example.com")
        .appears()
        .await;
    browser.presses(Key::Escape).await;
    let link = olga
        .invitation_link(olga.id, member.id)
        .await
        .expect("a link")
        .url;
    let token = link.rsplit('/').next().expect("a token");
    stage
        .app
        .visitor()
        .invitation_opened(token)
        .await
        .expect("opened");
    browser.reloads().await;
    browser
        .entry("Invitation opened by a person")
        .appears()
        .await;
    browser.entry("Link made to be copied").is_said().await;
    browser.has_no_barriers("a member's timeline").await;
    browser.has_screen(360, 740).await;
    browser
        .has_no_barriers("a member's timeline on a small screen")
        .await;
}

in_chromium!(both: the_bell_tells_and_everything_can_be_read, an_invitation_explains_itself);
in_chromium!(
    preferences_are_saved_at_once,
    the_way_out_of_mail_asks_first
);
