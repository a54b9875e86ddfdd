//! The person's own account: another address, sessions, taking everything along, and the end of it.

use accord_testkit::browser::Stage;
use accord_testkit::{PASSWORD, in_chromium};

use super::steps::{dismiss_notice, fill_sign_in, open_mailed_link, owner_in_browser};

async fn an_account_from_another_address_to_its_end(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    olga.adds_environment("shop").await;
    olga.invites("bob@example.com", Vec::new()).await;
    olga.signed_in_elsewhere().await;

    browser.opens("/settings/profile").await;
    browser.heading("Account").appears().await;
    browser.button("End all other sessions").appears().await;
    browser.has_no_barriers("the account").await;
    browser.button("End all other sessions").click().await;
    dismiss_notice(&browser, "You are signed out everywhere else.").await;
    browser.button("End all other sessions").disappears().await;

    browser.expects(403, "/account/email");
    browser
        .field("New e-mail address")
        .fill("new@example.com")
        .await;
    browser
        .field("Password")
        .fill("a password that is not hers")
        .await;
    browser.button("Change address").click().await;
    browser
        .words("This is not your present password.")
        .is_said()
        .await;
    browser
        .field("New e-mail address")
        .holds("new@example.com")
        .await;
    browser.field("Password").fill(PASSWORD).await;
    browser.button("Change address").click().await;
    dismiss_notice(&browser, "A link is on its way to the new address.").await;
    browser.button("Keep the present address").appears().await;
    browser.has_no_barriers("an address that waits").await;

    open_mailed_link(stage, &browser, "new@example.com", "verify-email").await;
    browser.button("Verify my address").click().await;
    browser.words("Your address is verified.").is_said().await;
    browser.opens("/settings/profile").await;
    browser.words("new@example.com").first().is_said().await;
    browser
        .button("Keep the present address")
        .disappears()
        .await;

    browser.button("Download my data").click().await;
    browser.button("Delete account").click().await;
    let question = browser.dialog("Delete your account?");
    question.appears().await;
    browser
        .words("1 environment of yours, for everybody who sees them")
        .is_said()
        .await;
    browser
        .words("the collaboration with 1 member; they are told")
        .is_said()
        .await;
    browser.has_no_barriers("the end of an account").await;
    question.field("Password").fill(PASSWORD).await;
    question.button("Delete my account").click().await;
    browser.words("Your account was deleted.").is_said().await;
    browser.heading("Sign in").appears().await;
    browser.expects(401, "/auth/sign-in");
    fill_sign_in(&browser, "new@example.com").await;
    browser
        .words("No account has this address with this password.")
        .is_said()
        .await;
}

in_chromium!(both: an_account_from_another_address_to_its_end);
