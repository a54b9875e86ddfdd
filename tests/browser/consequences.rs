//! What a change does to people's access is said before it is saved, and can be taken back after, as long as
//! nobody has changed it again.

use accord_client::types::{Item, MemberStatus, UpdateRole};
use accord_testkit::browser::{Browser, Stage};
use accord_testkit::people::share;
use accord_testkit::{Person, in_chromium};

use super::steps::{choose_and_confirm, choose_from_menu, dismiss_notice, owner_in_browser};

const MENU: &str = "What to do with bob@example.com";

/// Olga shares all environments with Bob, who reads files there.
async fn bob_reads(stage: &Stage, olga: &Person) -> accord_client::types::Member {
    olga.adds_environment("lab").await;
    olga.adds_environment("shop").await;
    let reader = olga.role_of("Reader", &["files.read"]).await;
    olga.role_of("Writer", &["files.write"]).await;
    let bob = stage.app.owner("bob").await;
    let member = olga
        .invites(&bob.email, vec![share(Item::ENVIRONMENTS, &[&reader])])
        .await;
    bob.accepts(olga).await;
    member
}

async fn adds_writing_to_the_role(browser: &Browser) {
    browser.opens("/settings/roles").await;
    choose_from_menu(browser, "What to do with Reader", "Edit").await;
    let form = browser.dialog("Edit Reader");
    form.checkbox("Writer").click().await;
    form.words("bob@example.com gains 1 action on lab and shop.")
        .first()
        .is_said()
        .await;
}

async fn a_change_of_a_role_says_who_gains_and_is_undone(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    bob_reads(stage, &olga).await;
    adds_writing_to_the_role(&browser).await;
    let form = browser.dialog("Edit Reader");
    form.words("This changes what 1 member may do on 2 environments.")
        .is_said()
        .await;
    form.button("bob@example.com gains 1 action on lab and shop.")
        .click()
        .await;
    form.words("gains files.write").first().is_said().await;
    browser.has_no_barriers("what a change would do").await;
    form.checkbox("Writer").click().await;
    form.words("This changes what").disappears().await;
    form.checkbox("Writer").click().await;
    form.button("Save role").click().await;
    browser.words("Role Reader saved.").is_said().await;
    let changed = olga.role_named("Reader").await;
    assert_eq!(changed.policy_ids.len(), 2);
    browser.button("Undo").click().await;
    dismiss_notice(&browser, "Role Reader is as it was.").await;
    assert_eq!(olga.role_named("Reader").await.policy_ids.len(), 1);

    // What somebody else changed since is not overwritten.
    adds_writing_to_the_role(&browser).await;
    form.button("Save role").click().await;
    browser.words("Role Reader saved.").is_said().await;
    let theirs = UpdateRole {
        description: Some("Theirs".into()),
        ..UpdateRole::default()
    };
    olga.update_role(olga.id, changed.id, &theirs, None)
        .await
        .expect("changed elsewhere");
    browser.expects(412, "/accounts/");
    browser.button("Undo").click().await;
    browser
        .words("This cannot be undone any more: somebody has changed it since.")
        .is_said()
        .await;
    let now = olga.role_named("Reader").await;
    assert_eq!(
        (now.policy_ids.len(), now.description.as_str()),
        (2, "Theirs")
    );
}

async fn changed_shares_say_what_is_lost_and_come_back(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let bob = bob_reads(stage, &olga).await;
    browser.opens("/settings/members").await;
    choose_from_menu(&browser, MENU, "Edit").await;
    let form = browser.dialog("Edit bob@example.com");
    form.button("Roles on Environments: Reader").click().await;
    browser.option("Writer").click().await;
    form.words("bob@example.com gains 1 action on lab and shop; loses 1 action on lab and shop.")
        .first()
        .is_said()
        .await;
    form.button("Save changes").click().await;
    browser.words("Saved bob@example.com.").is_said().await;
    // The offer outlives the page that it was made on.
    browser.link("Environments").first().click().await;
    browser.row("shop").appears().await;
    browser.button("Undo").click().await;
    dismiss_notice(&browser, "bob@example.com is as before.").await;
    let reader = olga.role_named("Reader").await;
    assert_eq!(
        olga.member_now(&bob).await.shares[0].role_ids,
        [reader.id],
        "as before"
    );

    browser.opens("/settings/members").await;
    choose_from_menu(&browser, MENU, "Remove").await;
    browser
        .dialog("Remove bob@example.com?")
        .words("bob@example.com loses all access to lab and shop.")
        .first()
        .is_said()
        .await;
}

async fn a_suspension_is_undone_unless_somebody_was_there_since(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let bob = bob_reads(stage, &olga).await;
    browser.opens("/settings/members").await;
    choose_from_menu(&browser, MENU, "Suspend").await;
    let question = browser.dialog("Suspend bob@example.com?");
    question
        .words("bob@example.com loses all access to lab and shop.")
        .first()
        .is_said()
        .await;
    browser.has_no_barriers("before suspending").await;
    question.button("Suspend").click().await;
    browser.words("Suspended bob@example.com.").is_said().await;
    browser.button("Undo").click().await;
    dismiss_notice(&browser, "Activated bob@example.com.").await;
    assert_eq!(olga.status_of(&bob).await, MemberStatus::Active);
    browser.row("bob@example.com").says("Active").await;

    choose_and_confirm(&browser, MENU, "Suspend").await;
    browser.words("Suspended bob@example.com.").is_said().await;
    olga.activate_member(olga.id, bob.id).await.expect("active");
    olga.suspend_member(olga.id, bob.id)
        .await
        .expect("suspended on purpose");
    browser.expects(412, "/accounts/");
    browser.button("Undo").click().await;
    browser
        .words("This cannot be undone any more: somebody has changed it since.")
        .is_said()
        .await;
    assert_eq!(olga.status_of(&bob).await, MemberStatus::Suspended);
}

async fn what_is_done_to_several_is_added_up(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    bob_reads(stage, &olga).await;
    let ada = stage.app.owner("ada").await;
    let (writer, lab) = (olga.role_named("Writer").await, olga.sees().await.remove(0));
    olga.invites(
        &ada.email,
        vec![share(Item::environment(lab.id), &[&writer])],
    )
    .await;
    ada.accepts(&olga).await;
    browser.opens("/settings/members").await;
    browser.checkbox("Select all members").click().await;
    browser.button("Suspend").click().await;
    let question = browser.dialog("Suspend 2 members?");
    question
        .words("This changes what 2 members may do on 2 environments.")
        .is_said()
        .await;
    question
        .words(&format!(
            "ada@example.com loses all access to {}.",
            lab.name
        ))
        .first()
        .is_said()
        .await;
    question.button("Suspend").click().await;
    browser.row("ada@example.com").says("Suspended").await;
    dismiss_notice(&browser, "Suspended 2 members.").await;
    browser.button("Activate").click().await;
    let question = browser.dialog("Activate 2 members?");
    question
        .words("bob@example.com gets to see lab and shop (1 action).")
        .first()
        .is_said()
        .await;
    question.button("Activate").click().await;
    browser.row("bob@example.com").says("Active").await;
    browser.button("Remove").click().await;
    browser
        .dialog("Remove 2 members?")
        .words("bob@example.com loses all access to lab and shop.")
        .first()
        .is_said()
        .await;
}

async fn removing_an_environment_says_who_loses_it(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    bob_reads(stage, &olga).await;
    browser.reloads().await;
    choose_from_menu(&browser, "What to do with shop", "Remove").await;
    let question = browser.dialog("Remove shop?");
    question
        .words("This changes what 1 member may do on 1 environment.")
        .is_said()
        .await;
    question
        .words("bob@example.com loses all access to shop.")
        .first()
        .is_said()
        .await;
    question
        .words("Nobody has direct access to it.")
        .is_said()
        .await;
    browser
        .has_no_barriers("before removing an environment")
        .await;
}

async fn saving_does_not_wait_for_what_cannot_be_said(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    bob_reads(stage, &olga).await;
    browser.opens("/settings/roles").await;
    choose_from_menu(&browser, "What to do with Reader", "Edit").await;
    let form = browser.dialog("Edit Reader");
    form.checkbox("Writer").appears().await;
    let no_preview = "const real = window.fetch;
        window.fetch = (what, ...more) => (what.url ?? what).endsWith('/preview')
          ? Promise.reject(new TypeError('no answer')) : real(what, ...more);";
    browser.script(no_preview).await;
    form.checkbox("Writer").click().await;
    form.words("What this changes for members is not known.")
        .is_said()
        .await;
    form.button("Save role").click().await;
    browser.words("Role Reader saved.").is_said().await;
    assert_eq!(olga.role_named("Reader").await.policy_ids.len(), 2);
}

in_chromium!(both: a_change_of_a_role_says_who_gains_and_is_undone);
in_chromium!(
    changed_shares_say_what_is_lost_and_come_back,
    a_suspension_is_undone_unless_somebody_was_there_since,
    what_is_done_to_several_is_added_up,
    removing_an_environment_says_who_loses_it,
    saving_does_not_wait_for_what_cannot_be_said,
);
