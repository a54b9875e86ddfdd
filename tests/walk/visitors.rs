//! What is seen without an account, and on the first day with one.

use accord_client::types::Item;
use accord_testkit::browser::{Browser, Stage};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person};
use chrono::Duration;

use super::{Eye, signed_in, visit};

/// Everything that is seen by whoever is not signed in.
pub(crate) async fn visitors(stage: &Stage, eye: &mut impl Eye) {
    let browser = stage.browser_of("visitor").await;
    for (name, place, words) in [
        ("sign-in", "/sign-in", "Sign in"),
        ("sign-up", "/sign-up", "Create an account"),
        (
            "forgot-password",
            "/forgot-password",
            "Forgotten your password?",
        ),
        (
            "reset-password",
            "/reset-password/token",
            "Choose a new password",
        ),
        ("verify-email", "/verify-email/token", "Verify your address"),
        ("not-found", "/no-such-place", "Nothing here"),
    ] {
        visit(eye, &browser, name, place, words).await;
    }
    forms(stage, eye, &browser).await;
    let owner = stage.app.owner("ingrid").await;
    owner.adds_environment("shop").await;
    way_out(stage, eye, &browser, &owner).await;
    invited_person(stage, eye).await;
    invitations(stage, eye, &browser, &owner).await;
}

/// Forms that were filled in wrongly, and what they answer.
async fn forms(stage: &Stage, eye: &mut impl Eye, browser: &Browser) {
    browser.expects(401, "/auth/sign-in");
    browser.expects(400, "/auth/");
    browser.expects(404, "/auth/");
    browser.expects(410, "/auth/");
    browser.expects(422, "/auth/");
    browser.opens("/sign-in").await;
    browser
        .field("E-mail address")
        .fill("nobody@example.com")
        .await;
    browser.field("Password").fill("not this one").await;
    browser.button("Sign in").click().await;
    browser
        .words("No account has this address with this password.")
        .is_said()
        .await;
    eye.look(browser, "sign-in-refused").await;
    browser.opens("/sign-up").await;
    browser.button("Create account").click().await;
    browser
        .words("Enter your name, or your company's")
        .is_said()
        .await;
    eye.look(browser, "sign-up-wrong").await;
    browser.opens("/forgot-password").await;
    browser
        .field("E-mail address")
        .fill("nobody@example.com")
        .await;
    browser.button("Send the link").click().await;
    browser
        .words("a mail with a link is on its way")
        .is_said()
        .await;
    eye.look(browser, "forgot-password-sent").await;
    browser.opens("/reset-password/token").await;
    browser.field("New password").fill(PASSWORD).await;
    browser.button("Change password").click().await;
    browser.link("Ask for a new link").appears().await;
    eye.look(browser, "reset-password-refused").await;
    let nora = stage.app.sign_up("nora@example.com", "nora").await;
    let token = stage.app.token_for(&nora.email, "verify-email").await;
    browser.opens(&format!("/verify-email/{token}")).await;
    browser.button("Verify my address").click().await;
    browser.words("Your address is verified.").is_said().await;
    eye.look(browser, "verify-email-done").await;
}

/// Where a mail to the owner, that somebody accepted, leads who wants no more of them.
pub(super) async fn place_of_way_out(stage: &Stage, owner: &Person) -> String {
    let bob = stage.app.owner("bob").await;
    owner.invites(&bob.email, Vec::new()).await;
    bob.accepts(owner).await;
    let token = stage.app.token_for(&owner.email, "unsubscribe").await;
    format!("/unsubscribe/{token}")
}

async fn way_out(stage: &Stage, eye: &mut impl Eye, browser: &Browser, owner: &Person) {
    visit(
        eye,
        browser,
        "unsubscribe",
        &place_of_way_out(stage, owner).await,
        "Accepted invitations",
    )
    .await;
    browser.button("Stop these mails").click().await;
    browser
        .words("No more mail is sent to you about this")
        .is_said()
        .await;
    eye.look(browser, "unsubscribe-done").await;
    browser.expects(404, "/unsubscribe/made-up");
    visit(
        eye,
        browser,
        "unsubscribe-unknown",
        "/unsubscribe/made-up",
        "This link is not valid.",
    )
    .await;
}

/// The page of an invitation before everybody who may stand there.
async fn invitations(stage: &Stage, eye: &mut impl Eye, browser: &Browser, owner: &Person) {
    let viewer = owner.role_named("Viewer").await;
    let shares = || vec![share(Item::ENVIRONMENTS, &[&viewer])];
    let new = owner.invites("nadia@example.com", shares()).await;
    let place = stage.app.invitation_token_for(&new.email).await;
    let place = format!("/invitations/{place}");
    let words = "Choose a password to accept";
    visit(eye, browser, "invitation-new", &place, words).await;
    browser.button("Reject").click().await;
    browser.dialog("Reject the invitation?").appears().await;
    eye.look(browser, "invitation-reject").await;

    let known = stage.app.owner("oskar").await;
    let record = owner.invites(&known.email, shares()).await;
    let first = stage.app.invitation_token_for(&known.email).await;
    let first = format!("/invitations/{first}");
    visit(
        eye,
        browser,
        "invitation-sign-in",
        &first,
        "Sign in to accept",
    )
    .await;
    owner
        .resend_invitation(owner.id, record.id)
        .await
        .expect("sent again");
    let words = "A newer link was sent";
    visit(eye, browser, "invitation-replaced", &first, words).await;
    let second = stage.app.invitation_token_for(&known.email).await;
    let second = format!("/invitations/{second}");

    let other = signed_in(stage, &stage.app.owner("eve").await).await;
    let words = "and you are signed in as eve@example.com";
    visit(eye, &other, "invitation-for-another", &second, words).await;

    let his = signed_in(stage, &known).await;
    his.dialog("ingrid invites you").appears().await;
    eye.look(&his, "join").await;
    his.button("Accept the invitation of ingrid").click().await;
    his.words("shares this with you from now on")
        .is_said()
        .await;
    eye.look(&his, "joined").await;
    visit(
        eye,
        browser,
        "invitation-accepted",
        &second,
        "Already accepted",
    )
    .await;

    stage.app.clock.advance(Duration::days(8));
    visit(eye, browser, "invitation-expired", &place, "Expired").await;
    stage.app.signs_in(owner).await;
    owner
        .remove_member(owner.id, new.id, None)
        .await
        .expect("removed");
    visit(eye, browser, "invitation-withdrawn", &place, "Withdrawn").await;
    browser.expects(404, "/invitations/");
    visit(
        eye,
        browser,
        "invitation-unknown",
        "/invitations/there-never-was-such-a-token",
        "Not found",
    )
    .await;
}

/// An invitation before the person whom it is for, what it brought, and one that was rejected.
async fn invited_person(stage: &Stage, eye: &mut impl Eye) {
    let olga = stage.app.owner("olga").await;
    let shop = olga.adds_environment("shop").await;
    let (viewer, user) = (
        olga.role_named("Viewer").await,
        olga.role_named("User").await,
    );
    let pia = stage.app.owner("pia").await;
    let browser = signed_in(stage, &pia).await;
    let shares = vec![
        share(Item::ENVIRONMENTS, &[&viewer]),
        share(Item::environment(shop.id), &[&user, &viewer]),
    ];
    olga.invites(&pia.email, shares).await;
    let place = stage.app.invitation_token_for(&pia.email).await;
    let place = format!("/invitations/{place}");
    let words = "It also waits in";
    visit(eye, &browser, "invitation-own", &place, words).await;
    browser.button("Accept invitation").click().await;
    browser.heading("You are in").appears().await;
    eye.look(&browser, "invitation-joined").await;

    let zora = stage.app.owner("zora").await;
    zora.invites(&pia.email, Vec::new()).await;
    let place = stage.app.invitation_token_for(&pia.email).await;
    let place = format!("/invitations/{place}");
    visit(
        eye,
        &browser,
        "invitation-own-nothing",
        &place,
        "Nothing yet",
    )
    .await;
    browser.button("Reject").click().await;
    let question = browser.dialog("Reject the invitation?");
    question.button("Reject invitation").click().await;
    browser.heading("Rejected").appears().await;
    eye.look(&browser, "invitation-rejected").await;
}

/// An account without anything in it.
pub(crate) async fn beginner(stage: &Stage, eye: &mut impl Eye) {
    let beginner = stage.app.sign_up("nils@example.com", "nils").await;
    let browser = signed_in(stage, &beginner).await;
    browser.words("0 of 4 done").is_said().await;
    eye.look(&browser, "first-steps-unverified").await;
    stage.app.verify(&beginner).await;
    for (name, place, words) in [
        ("first-steps", "/environments", "1 of 4 done"),
        ("groups-empty", "/groups", "No groups yet"),
        ("members-empty", "/settings/members", "Nobody yet"),
        (
            "policies-none-own",
            "/settings/policies?kind=custom",
            "No policies of your own",
        ),
        (
            "shared-with-me-empty",
            "/settings/shared-with-me",
            "Nothing is shared with you",
        ),
        ("tasks-narrowed", "/tasks?about=policy", "Nothing like that"),
        (
            "notifications-empty",
            "/notifications",
            "You were told nothing yet",
        ),
    ] {
        visit(eye, &browser, name, place, words).await;
    }
    browser.button("Notifications").click().await;
    browser.words("Nothing new").is_said().await;
    eye.look(&browser, "bell-empty").await;
    browser.opens("/environments").await;
    browser.button("Put the first steps away").click().await;
    browser.words("No environments yet").is_said().await;
    eye.look(&browser, "environments-empty").await;
    for role in beginner
        .roles(beginner.id, &Default::default())
        .await
        .expect("roles")
        .items
    {
        beginner
            .delete_role(beginner.id, role.id, &Default::default(), None)
            .await
            .expect("deleted");
    }
    let place = "/settings/roles";
    visit(eye, &browser, "roles-empty", place, "No roles yet").await;
    browser.opens("/settings/members").await;
    browser.button("Invite").first().click().await;
    browser
        .words("There are no environments yet.")
        .is_said()
        .await;
    eye.look(&browser, "invite-empty").await;

    let blog = beginner.adds_environment("blog").await;
    let place = format!("/environments/{}/{}", beginner.id, blog.id);
    visit(eye, &browser, "environment-only-you", &place, "Only you").await;
    browser.button("Share").first().click().await;
    browser.dialog("Share this environment").appears().await;
    eye.look(&browser, "environment-share-empty").await;
}
