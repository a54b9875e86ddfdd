//! The main line of the story, by mouse and keys, through the dashboard.

use accord_testkit::browser::{Browser, Stage};
use accord_testkit::{PASSWORD, eventually, in_chromium};

use super::steps::{
    choose_and_confirm, choose_from_menu, choose_role, dismiss_notice, open_mailed_link,
};

const OLGA: &str = "olga@example.com";
const BOB: &str = "bob@example.com";
const CAROL: &str = "carol@example.com";
/// The menu of Bob's line in lists of members.
const BOBS_MENU: &str = "What to do with Bob";

async fn from_signing_up_to_inviting_again(stage: &Stage) {
    let olga = stage.browser_of("olga").await;
    sign_up(stage, &olga).await;
    make_environments_and_groups(&olga).await;
    invite(&olga).await;

    let bob = stage.browser_of("bob").await;
    let first_link = accept_by_mail(stage, &bob).await;
    bob_sees_his_levels(&bob).await;
    owner_hears_of_it(stage, &olga).await;
    share_directly(&olga, &bob).await;
    suspend_and_activate(&olga, &bob).await;
    leave_and_come_back(&olga, &bob).await;
    copy_to_carol(stage, &olga).await;
    remove_and_invite_again(stage, &olga, &bob).await;

    let nobody = stage.browser_of("nobody").await;
    nobody.opens(&first_link).await;
    nobody.heading("Already accepted").appears().await;
    nobody.has_no_barriers("an accepted invitation").await;
}

async fn sign_up(stage: &Stage, olga: &Browser) {
    olga.opens("/").await;
    olga.heading("Sign in").appears().await;
    olga.has_no_barriers("signing in").await;
    olga.link("Create an account").click().await;
    olga.heading("Create an account").appears().await;
    olga.button("Create account").click().await;
    olga.words("Enter your name, or your company's")
        .is_said()
        .await;
    eventually("the first wrong field has the focus", async || {
        olga.field("Name").has_focus().await
    })
    .await;
    olga.has_no_barriers("signing up, with errors").await;
    olga.field("Name").fill("Olga").await;
    olga.field("E-mail address").fill(OLGA).await;
    olga.field("Password").fill(PASSWORD).await;
    olga.button("Create account").click().await;

    olga.is_at("/environments").await;
    olga.words("No environments yet").is_said().await;
    olga.words("Verify your address.").is_said().await;
    olga.has_no_barriers("the first screen of somebody new")
        .await;

    open_mailed_link(stage, olga, OLGA, "verify-email").await;
    olga.heading("Verify your address").appears().await;
    olga.has_no_barriers("verifying the address").await;
    olga.button("Verify my address").click().await;
    olga.words("Your address is verified.").is_said().await;
    olga.has_no_barriers("a verified address").await;
    olga.link("Go to your environments").click().await;
    olga.words("No environments yet").is_said().await;
    olga.words("Verify your address.").disappears().await;
}

async fn make_environments_and_groups(olga: &Browser) {
    olga.link("Groups").click().await;
    olga.words("No groups yet").is_said().await;
    olga.has_no_barriers("no groups").await;
    olga.button("New group").first().click().await;
    let form = olga.dialog("New group");
    form.field("Name").fill("web/live").await;
    olga.has_no_barriers("a new group").await;
    form.button("Create group").click().await;
    dismiss_notice(olga, "Group web/live saved.").await;
    olga.entry("live").appears().await;
    olga.has_no_barriers("the groups").await;

    olga.link("Environments").click().await;
    olga.button("New environment").first().click().await;
    let form = olga.dialog("New environment");
    form.field("Name").fill("blog").await;
    form.button("Create environment").click().await;
    dismiss_notice(olga, "Environment blog saved.").await;
    olga.row("blog").says("You").await;

    olga.button("New environment").first().click().await;
    form.field("Name").fill("shop").await;
    form.checkbox("web/live").click().await;
    olga.has_no_barriers("a new environment").await;
    form.button("Create environment").click().await;
    dismiss_notice(olga, "Environment shop saved.").await;
    olga.row("shop").says("web/live").await;
    olga.has_no_barriers("the environments").await;
}

async fn invite(olga: &Browser) {
    olga.link("Settings").click().await;
    olga.is_at("/settings/members").await;
    olga.words("Nobody yet").is_said().await;
    olga.has_no_barriers("no members").await;
    olga.button("Invite").first().click().await;
    let form = olga.dialog("Invite a member");
    form.field("E-mail address").fill(BOB).await;
    form.field("Display name optional").fill("Bob").await;
    olga.has_no_barriers("the invite form").await;

    form.button("Roles on web: No role").click().await;
    olga.option("Viewer").appears().await;
    olga.has_no_barriers("choosing roles").await;
    olga.button("Create new role").click().await;
    let role = olga.dialog("New role");
    role.field("Name").fill("Deployer").await;
    role.field("Find a policy").fill("deploy").await;
    role.checkbox("Change files").disappears().await;
    role.checkbox("Deploy").click().await;
    role.checkbox("View deployments").click().await;
    olga.has_no_barriers("a new role inside the invite form")
        .await;
    role.button("Create role").click().await;
    role.disappears().await;

    form.button("Roles on web: Deployer").appears().await;
    form.field("E-mail address").holds(BOB).await;
    form.field("Display name optional").holds("Bob").await;
    choose_role(olga, "Environments", "Viewer").await;
    form.words("2 items are shared.").is_said().await;
    olga.has_no_barriers("a filled invite form").await;
    form.button("Send invitation").click().await;
    dismiss_notice(olga, "Invited Bob.").await;
    olga.row(BOB).says("Pending acceptance").await;
    olga.has_no_barriers("the members").await;
}

async fn accept_by_mail(stage: &Stage, bob: &Browser) -> String {
    let link = open_mailed_link(stage, bob, BOB, "invitations").await;
    bob.heading("Olga invites you").appears().await;
    bob.entry("web").says("Deployer").await;
    bob.entry("All environments").says("Viewer").await;
    bob.has_no_barriers("an invitation for somebody new").await;
    bob.field("E-mail address").holds(BOB).await;
    bob.field("Password").fill("short").await;
    bob.button("Accept invitation").click().await;
    bob.field("Password").appears().await;
    assert!(
        bob.field("Password").has_focus().await,
        "the wrong field has the focus"
    );
    bob.has_no_barriers("an invitation with a password that is too short")
        .await;
    bob.field("Password").fill(PASSWORD).await;
    bob.button("Accept invitation").click().await;
    bob.heading("You are in").appears().await;
    bob.has_no_barriers("having joined").await;
    bob.link("Go to your environments").click().await;
    link
}

async fn bob_sees_his_levels(bob: &Browser) {
    bob.row("shop").says("Group").await;
    bob.row("blog").says("Base").await;
    bob.row("shop").says("Olga").await;
    bob.has_no_barriers("shared environments").await;
    bob.link("shop").click().await;
    bob.heading("What you may do here").appears().await;
    bob.words("Roll back").is_said().await;
    assert_eq!(
        bob.words("Read files").count().await,
        0,
        "Viewer counts at a lower level"
    );
    bob.has_no_barriers("a shared environment").await;

    bob.opens("/settings/shared-with-me").await;
    let from_olga = bob.article("Olga");
    from_olga.says("Active").await;
    from_olga.button("What you may do where").click().await;
    from_olga.entry("shop").says("Group").await;
    from_olga.entry("blog").says("Base").await;
    bob.has_no_barriers("shared with me").await;
}

async fn owner_hears_of_it(stage: &Stage, olga: &Browser) {
    let mail = stage.app.mail_about(OLGA, "accepted your invitation").await;
    assert!(mail.subject.starts_with("Bob"), "{}", mail.subject);
    olga.reloads().await;
    olga.row(BOB).says("Active").await;
    olga.link("Bob").click().await;
    olga.heading("What they may do where").appears().await;
    olga.row("shop").says("Group").await;
    olga.row("shop").says("Deployer").await;
    olga.row("blog").says("Base").await;
    olga.row("blog").says("Viewer").await;
    olga.has_no_barriers("a member").await;
}

async fn share_directly(olga: &Browser, bob: &Browser) {
    olga.link("shop").click().await;
    olga.heading("Collaboration").appears().await;
    olga.row(BOB).says("Group").await;
    olga.has_no_barriers("who has access to an environment")
        .await;
    olga.button(BOBS_MENU).click().await;
    olga.menu_item("Give direct roles").appears().await;
    olga.has_no_barriers("an open menu").await;
    olga.menu_item("Give direct roles").click().await;
    let form = olga.dialog("Direct access of Bob");
    form.button("Roles: No role").click().await;
    olga.option("Viewer").click().await;
    form.button("Roles: Viewer").appears().await;
    olga.has_no_barriers("sharing directly").await;
    form.button("Save").click().await;
    dismiss_notice(olga, "Shared with Bob.").await;
    olga.row(BOB).says("Direct").await;

    bob.opens("/environments").await;
    bob.row("shop").says("Direct").await;
    bob.link("shop").click().await;
    bob.words("Read files").is_said().await;
    assert_eq!(
        bob.words("Roll back").count().await,
        0,
        "direct roles take the place of the group's"
    );
}

async fn suspend_and_activate(olga: &Browser, bob: &Browser) {
    // What he has open is asked for again when it is taken away.
    bob.expects(404, "/accounts/");
    olga.link("Settings").click().await;
    choose_and_confirm(olga, BOBS_MENU, "Suspend").await;
    olga.row(BOB).says("Suspended").await;
    dismiss_notice(olga, "Suspended Bob.").await;
    olga.has_no_barriers("a suspended member").await;

    bob.link("Environments").first().click().await;
    bob.words("Olga suspended the collaboration with you.")
        .is_said()
        .await;
    bob.opens("/settings/shared-with-me").await;
    bob.article("Olga")
        .says("Olga suspended this collaboration.")
        .await;
    bob.has_no_barriers("a suspended collaboration").await;

    choose_and_confirm(olga, BOBS_MENU, "Activate").await;
    olga.row(BOB).says("Active").await;
    dismiss_notice(olga, "Activated Bob.").await;
    bob.link("Environments").click().await;
    bob.row("shop").says("Direct").await;
    bob.row("blog").says("Base").await;
}

async fn leave_and_come_back(olga: &Browser, bob: &Browser) {
    bob.opens("/settings/shared-with-me").await;
    bob.article("Olga").button("Leave").click().await;
    let question = bob.dialog("Leave the collaboration?");
    question
        .words("You lose 2 environments: blog and shop.")
        .is_said()
        .await;
    bob.has_no_barriers("leaving").await;
    question.button("Leave").click().await;
    bob.words("Nothing is shared with you").is_said().await;
    bob.has_no_barriers("nothing shared").await;

    olga.reloads().await;
    olga.row(BOB).says("Left").await;
    choose_from_menu(olga, BOBS_MENU, "Re-invite").await;
    olga.row(BOB).says("Pending acceptance").await;
    dismiss_notice(olga, "Invited again: Bob.").await;

    bob.reloads().await;
    bob.heading("Waiting for your answer").appears().await;
    bob.has_no_barriers("an invitation that waits").await;
    bob.article("Olga").button("Accept").click().await;
    let added = bob.dialog("Added to your dashboard");
    added.entry("shop").says("Viewer").await;
    bob.has_no_barriers("what was added").await;
    added.link("Show environments").click().await;
    bob.heading("Environments").appears().await;
    bob.row("shop").says("Direct").await;
    bob.row("blog").says("Base").await;
}

async fn copy_to_carol(stage: &Stage, olga: &Browser) {
    olga.reloads().await;
    olga.row(BOB).says("Active").await;
    choose_from_menu(olga, BOBS_MENU, "Copy to another address").await;
    let form = olga.dialog("Share the same as Bob");
    form.field("E-mail address").fill(CAROL).await;
    form.button("Roles on web: Deployer").appears().await;
    form.button("Roles on shop: Viewer").appears().await;
    form.button("Send invitation").click().await;
    dismiss_notice(olga, "Invited carol@example.com.").await;
    olga.row(CAROL).says("Pending acceptance").await;
    stage.app.invitation_token_for(CAROL).await;
}

async fn remove_and_invite_again(stage: &Stage, olga: &Browser, bob: &Browser) {
    choose_from_menu(olga, BOBS_MENU, "Remove").await;
    let question = olga.dialog("Remove Bob?");
    question
        .words("all shares and roles are deleted")
        .is_said()
        .await;
    olga.has_no_barriers("removing a member").await;
    question.button("Remove").click().await;
    dismiss_notice(olga, "Removed Bob.").await;
    olga.row(BOB).says("Removed").await;
    olga.row(BOB).says("Nothing").await;
    bob.reloads().await;
    bob.words("This owner shares no environments with you any more")
        .is_said()
        .await;
    bob.has_no_barriers("the environments of an owner who shares no more")
        .await;

    choose_from_menu(olga, BOBS_MENU, "Re-invite").await;
    olga.row(BOB).says("Pending acceptance").await;
    open_mailed_link(stage, bob, BOB, "invitations").await;
    bob.heading("Olga invites you").appears().await;
    bob.words("Nothing yet: items can be shared with you after you have joined.")
        .is_said()
        .await;
    bob.button("Accept invitation").click().await;
    bob.heading("You are in").appears().await;
    bob.link("Go to your environments").click().await;
    bob.words("What others share with you appears here.")
        .is_said()
        .await;
}

in_chromium!(both: from_signing_up_to_inviting_again);
