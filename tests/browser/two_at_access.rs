//! An owner and somebody who manages an environment's collaboration, each in a browser of their own; and an
//! owner before a member's page while the invitation is opened.

use accord_client::types::Item;
use accord_testkit::browser::Stage;
use accord_testkit::in_chromium;
use accord_testkit::people::share;

use super::steps::{
    choose_and_confirm, choose_from_menu, dismiss_notice, is_looked_up, owner_in_browser,
};
use super::times::Times;

const BOB: &str = "bob@example.com";
const MENU: &str = "What to do with bob@example.com";
const ERIN: &str = "erin@example.com";

async fn who_manages_sees_what_the_owner_changes(stage: &Stage) {
    let (owner, olga) = owner_in_browser(stage, "olga").await;
    let (person, carla) = owner_in_browser(stage, "carla").await;
    let shop = owner.adds_environment("shop").await;
    let manager = owner.role_of("Manager", &["collaboration.manage"]).await;
    let reader = owner.role_of("Reader", &["files.read"]).await;
    let on_shop = |role| vec![share(Item::environment(shop.id), &[role])];
    owner.invites(&person.email, on_shop(&manager)).await;
    person.accepts(&owner).await;
    let bob = stage.app.owner("bob").await;
    owner
        .invites(&bob.email, vec![share(Item::ENVIRONMENTS, &[&reader])])
        .await;
    bob.accepts(&owner).await;
    carla
        .opens(&format!("/environments/{}/{}", owner.id, shop.id))
        .await;
    carla.row(BOB).says("Base").await;
    let mut times = Times::default();

    olga.opens("/settings/members").await;
    choose_and_confirm(&olga, MENU, "Suspend").await;
    times
        .until(
            "suspending, before a delegate",
            carla.row(BOB).says("Suspended"),
        )
        .await;
    dismiss_notice(&olga, "Suspended bob@example.com.").await;
    choose_and_confirm(&olga, MENU, "Activate").await;
    times
        .until(
            "activating, before a delegate",
            carla.row(BOB).says("Active"),
        )
        .await;
    dismiss_notice(&olga, "Activated bob@example.com.").await;

    owner.invites(ERIN, on_shop(&reader)).await;
    times
        .until(
            "a new member, before a delegate",
            carla.row(ERIN).says("Pending acceptance"),
        )
        .await;
    carla
        .has_no_barriers("who has access, changed by the owner")
        .await;

    choose_from_menu(&olga, MENU, "Remove").await;
    let question = olga.dialog("Remove bob@example.com?");
    is_looked_up(&question).await;
    question.button("Remove").click().await;
    times
        .until("removing, before a delegate", carla.row(BOB).disappears())
        .await;
    times.tell();
}

async fn a_members_page_follows_the_invitation(stage: &Stage) {
    let (owner, olga) = owner_in_browser(stage, "olga").await;
    let member = owner.invites(BOB, Vec::new()).await;
    olga.opens(&format!("/settings/members/{}", member.id))
        .await;
    olga.words("Invited").first().is_said().await;
    let opened = olga.words("Invitation opened by a person");
    assert_eq!(opened.count().await, 0);
    let token = stage.app.invitation_token_for(BOB).await;
    stage
        .app
        .visitor()
        .invitation_opened(&token)
        .await
        .expect("opened");
    let mut times = Times::default();
    times
        .until("an invitation that is opened", opened.is_said())
        .await;
    times.tell();
}

in_chromium!(
    both:
    who_manages_sees_what_the_owner_changes,
    a_members_page_follows_the_invitation,
);
