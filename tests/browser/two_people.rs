//! An owner and a member at work at the same time, each in a browser of their own: what one does in the
//! dashboard appears in that of the other.
//!
//! How long it took is told and not judged: a machine may be busy. What is judged is that it was heard at
//! all: a dashboard that hears nothing looks again by itself later than these tests wait.

use accord_client::types::{Environment, Item};
use accord_testkit::browser::{Browser, Stage};
use accord_testkit::people::share;
use accord_testkit::{Person, in_chromium};

use super::steps::{
    choose_and_confirm, choose_from_menu, dismiss_notice, is_looked_up, owner_in_browser,
};
use super::times::Times;

const BOB: &str = "bob@example.com";
const MENU: &str = "What to do with bob@example.com";

/// Both, and what there is between them.
struct Two {
    olga: Browser,
    bob: Browser,
    owner: Person,
    lab: Environment,
    shop: Environment,
}

/// Olga shares the lab and the group `web`, which holds the shop, with Bob, who reads files there.
async fn olga_and_bob(stage: &Stage) -> Two {
    let (owner, olga) = owner_in_browser(stage, "olga").await;
    let (person, bob) = owner_in_browser(stage, "bob").await;
    let web = owner.group_at("web").await;
    let lab = owner.adds_environment("lab").await;
    let shop = owner.adds_environment_in("shop", &[&web]).await;
    owner.adds_environment("blog").await;
    let reader = owner.role_of("Reader", &["files.read"]).await;
    owner.role_of("Writer", &["files.write"]).await;
    let shares = vec![
        share(Item::environment(lab.id), &[&reader]),
        share(Item::group(web.id), &[&reader]),
    ];
    owner.invites(&person.email, shares).await;
    person.accepts(&owner).await;
    bob.row("shop").says("Group").await;
    Two {
        olga,
        bob,
        owner,
        lab,
        shop,
    }
}

async fn what_is_shared_changes_before_the_member(stage: &Stage) {
    let two = olga_and_bob(stage).await;
    let mut times = Times::default();
    two.an_edited_share(&mut times).await;
    two.an_edited_role(&mut times).await;
    two.a_changed_group(&mut times).await;
    two.the_collaboration_tab(&mut times).await;
    times.tell();
}

impl Two {
    async fn an_edited_share(&self, times: &mut Times) {
        let (olga, bob) = (&self.olga, &self.bob);
        bob.opens("/settings/shared-with-me").await;
        let card = bob.article("olga");
        card.entry("lab").says("Reader").await;
        olga.opens("/settings/members").await;
        choose_from_menu(olga, MENU, "Edit").await;
        let form = olga.dialog("Edit bob@example.com");
        form.button("Roles on lab: Reader").click().await;
        olga.option("Writer").click().await;
        form.button("Roles on lab: Writer").appears().await;
        form.button("Save changes").click().await;
        times
            .until("an edited share", card.entry("lab").says("Writer"))
            .await;
        assert_eq!(card.entry("lab").words("Reader").count().await, 0);
        card.entry("web").says("Reader").await;
        bob.has_no_barriers("what is shared, changed by somebody else")
            .await;
        dismiss_notice(olga, "Saved bob@example.com.").await;
    }

    async fn an_edited_role(&self, times: &mut Times) {
        let (olga, bob) = (&self.olga, &self.bob);
        bob.opens(&format!("/environments/{}/{}", self.owner.id, self.lab.id))
            .await;
        bob.words("Change files").is_said().await;
        assert_eq!(bob.words("Read files").count().await, 0);
        olga.opens("/settings/roles").await;
        choose_from_menu(olga, "What to do with Writer", "Edit").await;
        let form = olga.dialog("Edit Writer");
        form.checkbox("Reader").click().await;
        form.button("Save role").click().await;
        times
            .until("an edited role", bob.words("Read files").is_said())
            .await;
        dismiss_notice(olga, "Role Writer saved.").await;
    }

    async fn a_changed_group(&self, times: &mut Times) {
        let (olga, bob) = (&self.olga, &self.bob);
        bob.opens("/environments").await;
        bob.row("shop").appears().await;
        assert_eq!(bob.row("blog").count().await, 0);
        olga.opens("/groups").await;
        choose_from_menu(olga, "Change group web", "Choose environments").await;
        let form = olga.dialog("Environments in web");
        form.checkbox("blog").click().await;
        form.button("Save").click().await;
        times
            .until("a group that holds more", bob.row("blog").says("Group"))
            .await;
        form.disappears().await;
    }

    async fn the_collaboration_tab(&self, times: &mut Times) {
        let (olga, bob) = (&self.olga, &self.bob);
        olga.opens(&format!("/environments/{}/{}", self.owner.id, self.shop.id))
            .await;
        olga.row(BOB).says("Group").await;
        choose_from_menu(olga, MENU, "Give direct roles").await;
        let form = olga.dialog("Direct access of bob@example.com");
        form.button("Roles: No role").click().await;
        olga.option("Writer").click().await;
        form.button("Roles: Writer").appears().await;
        form.button("Save").click().await;
        times
            .until("direct roles", bob.row("shop").says("Direct"))
            .await;
        dismiss_notice(olga, "Shared with bob@example.com.").await;
        olga.row(BOB).says("Writer").await;

        choose_from_menu(olga, MENU, "Remove direct access").await;
        let question = olga.dialog("Remove direct access of bob@example.com?");
        question.button("Remove direct access").click().await;
        times
            .until("direct roles taken away", bob.row("shop").says("Group"))
            .await;
        dismiss_notice(olga, "Direct access of bob@example.com removed.").await;
    }
}

async fn the_life_of_a_member_is_seen_by_both(stage: &Stage) {
    let two = olga_and_bob(stage).await;
    let mut times = Times::default();
    let (olga, bob) = (&two.olga, &two.bob);
    olga.opens("/settings/members").await;
    olga.row(BOB).says("Active").await;

    choose_and_confirm(olga, MENU, "Suspend").await;
    times
        .until("suspending", bob.row("shop").disappears())
        .await;
    bob.words("olga suspended your access")
        .first()
        .is_said()
        .await;
    dismiss_notice(olga, "Suspended bob@example.com.").await;
    choose_and_confirm(olga, MENU, "Activate").await;
    times.until("activating", bob.row("shop").appears()).await;
    dismiss_notice(olga, "Activated bob@example.com.").await;

    // He leaves, and she sees it; she asks him back, and he sees that.
    bob.opens("/settings/shared-with-me").await;
    bob.article("olga").button("Leave").click().await;
    let question = bob.dialog("Leave the collaboration?");
    question.button("Leave").click().await;
    times.until("leaving", olga.row(BOB).says("Left")).await;
    bob.words("Nothing is shared with you").is_said().await;
    choose_from_menu(olga, MENU, "Re-invite").await;
    let invited = bob.heading("Waiting for your answer");
    times.until("inviting again", invited.appears()).await;
    dismiss_notice(olga, "Invited again: bob@example.com.").await;
    bob.article("olga").button("Accept").click().await;
    times.until("accepting", olga.row(BOB).says("Active")).await;
    let added = bob.dialog("Added to your dashboard");
    added.link("Show environments").click().await;
    bob.row("shop").appears().await;

    choose_from_menu(olga, MENU, "Remove").await;
    let question = olga.dialog("Remove bob@example.com?");
    is_looked_up(&question).await;
    question.button("Remove").click().await;
    times.until("removing", bob.row("shop").disappears()).await;
    bob.words("Your collaboration with olga has ended.")
        .first()
        .is_said()
        .await;
    dismiss_notice(olga, "Removed bob@example.com.").await;
    times.tell();
}

in_chromium!(
    both:
    what_is_shared_changes_before_the_member,
    the_life_of_a_member_is_seen_by_both,
);
