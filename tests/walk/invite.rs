//! The invite form, as it is filled, wrong, answered, and used for editing and copying.

use accord_client::types::UpdateMember;
use accord_testkit::browser::{Key, Stage};

use super::super::steps::choose_from_menu;
use super::{Eye, small_company};

/// The form in its states.
pub(crate) async fn invite(stage: &Stage, eye: &mut impl Eye) {
    let (owner, browser) = small_company(stage).await;
    browser.opens("/settings/members").await;
    browser.button("Invite").first().click().await;
    let form = browser.dialog("Invite a member");
    form.button("Roles on Environments: No role")
        .appears()
        .await;
    form.words("They will see no environment.").is_said().await;
    eye.look(&browser, "invite").await;
    form.button("Roles on shop: No role").click().await;
    browser.option("Developer").appears().await;
    eye.look(&browser, "invite-roles").await;
    browser.option("Developer").click().await;
    browser.presses(Key::Escape).await;
    form.button("Roles on Environments: No role").click().await;
    browser.option("Viewer").click().await;
    browser.presses(Key::Escape).await;
    form.field("E-mail address").fill("sofia@example.com").await;
    form.words("They will see all 6 environments.")
        .is_said()
        .await;
    eye.look(&browser, "invite-filled").await;
    form.words("They will see all 6 environments.")
        .click()
        .await;
    eye.look(&browser, "invite-outcomes").await;
    form.button("Change group shop").click().await;
    browser.menu_item("Add a group inside").appears().await;
    eye.look(&browser, "invite-group-menu").await;
    browser.presses(Key::Escape).await;

    // Several, each answered for itself.
    browser.opens("/settings/members").await;
    browser.button("Invite").first().click().await;
    form.button("Roles on Environments: No role")
        .appears()
        .await;
    browser
        .types("ada@example.com jonas@example.com nonsense;")
        .await;
    form.button("Send 3 invitations").click().await;
    form.button("Change nonsense: Enter an address such as name@example.com")
        .appears()
        .await;
    eye.look(&browser, "invite-several-wrong").await;
    browser.presses(Key::Left).await;
    browser.presses(Key::Delete).await;
    browser.expects(409, "/accounts/");
    form.button("Send 2 invitations").click().await;
    form.words("Invited: ada@example.com.").is_said().await;
    eye.look(&browser, "invite-several-answered").await;

    browser.opens("/settings/members").await;
    choose_from_menu(&browser, "What to do with Mei-Ling Zhou", "Edit").await;
    let form = browser.dialog("Edit Mei-Ling Zhou");
    form.button("Roles on Environments: Viewer").appears().await;
    eye.look(&browser, "member-edit").await;
    form.field("Display name optional").fill("Mei-Ling").await;
    let members = owner.members(owner.id, &Default::default()).await;
    let members = members.expect("members").items;
    let mei_ling = members
        .iter()
        .find(|one| one.email.starts_with("mei-ling"))
        .expect("she is there");
    let theirs = UpdateMember {
        display_name: Some(Some("M. Zhou".into())),
        ..Default::default()
    };
    owner
        .update_member(owner.id, mei_ling.id, &theirs, None)
        .await
        .expect("changed elsewhere");
    browser.expects(412, "/accounts/");
    form.button("Save changes").click().await;
    form.words("You changed this too.").first().is_said().await;
    eye.look(&browser, "member-edit-conflict").await;

    browser.opens("/settings/members").await;
    choose_from_menu(
        &browser,
        "What to do with Tomás Ferreira",
        "Copy to another address",
    )
    .await;
    let form = browser.dialog("Share the same as Tomás Ferreira");
    form.button("Roles on Environments: Viewer").appears().await;
    eye.look(&browser, "member-copy").await;
}
