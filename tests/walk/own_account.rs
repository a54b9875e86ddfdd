//! The account itself: what waits, what ends, and the end of the session.

use accord_client::types::PageQuery;
use accord_testkit::PASSWORD;
use accord_testkit::browser::Stage;

use super::{Eye, small_company};

/// What the page of the account, and the end of a session, bring.
pub(crate) async fn own_account(stage: &Stage, eye: &mut impl Eye) {
    let (owner, browser) = small_company(stage).await;
    owner.signed_in_elsewhere().await;
    browser.expects(403, "/account/");
    browser.opens("/settings/profile").await;
    browser.button("End all other sessions").appears().await;
    browser
        .field("New e-mail address")
        .fill("new@example.com")
        .await;
    browser.field("Password").fill("not this one").await;
    browser.button("Change address").click().await;
    browser
        .words("This is not your present password.")
        .is_said()
        .await;
    eye.look(&browser, "profile-refused").await;
    browser.field("Password").fill(PASSWORD).await;
    browser.button("Change address").click().await;
    browser.button("Keep the present address").appears().await;
    eye.look(&browser, "profile-address-waits").await;
    browser.opens("/settings/profile").await;
    browser.button("Delete account").click().await;
    browser
        .words("6 environments of yours")
        .first()
        .is_said()
        .await;
    eye.look(&browser, "profile-delete").await;

    browser.opens("/settings/members").await;
    browser.button("Invite").first().click().await;
    browser.dialog("Invite a member").appears().await;
    let sessions = owner.sessions(&PageQuery::default()).await;
    for session in sessions.expect("sessions").items {
        if !session.current {
            owner.end_session(session.id).await.expect("ended");
        }
    }
    browser.expects(401, "/");
    browser.dialog("Your session has ended").appears().await;
    eye.look(&browser, "session-ended").await;
}
