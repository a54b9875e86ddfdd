//! Where there is much of everything, and names are long.

use accord_testkit::browser::Stage;

use super::{Eye, company, signed_in, visit};

/// A deep tree, dozens of groups and environments, long names.
pub(crate) async fn crowd(stage: &Stage, eye: &mut impl Eye) {
    let owner = stage.app.owner("casimir").await;
    company::fill_much(&owner).await;
    let browser = signed_in(stage, &owner).await;
    let place = "/environments";
    visit(eye, &browser, "environments-many", place, "service-001").await;
    visit(eye, &browser, "groups-many", "/groups", "team-01").await;
    browser.button("Unfold all").click().await;
    eye.look(&browser, "groups-deep").await;
    visit(eye, &browser, "groups-found", "/groups?q=long", "team-01").await;
    let place = "/settings/members";
    visit(eye, &browser, "members-long", place, "zoe@").await;
    browser.button("Invite").first().click().await;
    let form = browser.dialog("Invite a member");
    form.button("Unfold all").click().await;
    form.button("Fold all").appears().await;
    eye.look(&browser, "invite-many").await;
}
