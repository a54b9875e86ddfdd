//! A delegate at the Collaboration tab, and a member who makes environments on somebody else's account.

use accord_client::types::Item;
use accord_testkit::browser::{Browser, Key, Stage};
use accord_testkit::people::share;
use accord_testkit::{Person, in_chromium};

use super::steps::{choose_from_menu, dismiss_notice, owner_in_browser};

const BOB: &str = "bob@example.com";
const WILL: &str = "will@example.com";
const HANNA: &str = "hanna@example.com";
const DANA: &str = "dana@example.com";

/// Olga shares the shop with Carla, who manages who has access to it and reads files, and with others.
async fn shop_with_a_delegate(stage: &Stage, carla: &Person) {
    let olga = stage.app.owner("olga").await;
    let shop = olga.adds_environment("shop").await;
    let manager = olga.role_of("Manager", &["collaboration.manage"]).await;
    let reader = olga.role_of("Reader", &["files.read"]).await;
    let writer = olga.role_of("Writer", &["files.write"]).await;
    let on_shop = |role| share(Item::environment(shop.id), &[role]);
    let everywhere = |role| share(Item::ENVIRONMENTS, &[role]);
    let carlas = vec![share(Item::environment(shop.id), &[&manager, &reader])];
    olga.invites(&carla.email, carlas).await;
    carla.accepts(&olga).await;
    for (name, shares) in [
        ("bob", vec![everywhere(&reader)]),
        ("will", vec![on_shop(&writer)]),
        ("hanna", vec![on_shop(&reader), everywhere(&writer)]),
    ] {
        let person = stage.app.owner(name).await;
        olga.invites(&person.email, shares).await;
        person.accepts(&olga).await;
    }
}

async fn gives_and_takes(carla: &Browser) {
    carla.row(BOB).says("Base").await;
    choose_from_menu(
        carla,
        "What to do with bob@example.com",
        "Give direct roles",
    )
    .await;
    let form = carla.dialog("Direct access of bob@example.com");
    form.button("Roles: No role").click().await;
    carla.option("Manager").appears().await;
    assert_eq!(
        carla.option("Writer").count().await,
        0,
        "what she lacks is not offered"
    );
    carla
        .has_no_barriers("choosing among the roles one may give")
        .await;
    carla.option("Manager").click().await;
    form.button("Roles: Manager").appears().await;
    form.button("Save").click().await;
    dismiss_notice(carla, "Shared with bob@example.com.").await;
    carla.row(BOB).says("Direct").await;
    carla.row(BOB).says("Manager").await;

    choose_from_menu(
        carla,
        "What to do with bob@example.com",
        "Remove direct access",
    )
    .await;
    let question = carla.dialog("Remove direct access of bob@example.com?");
    question.appears().await;
    question.button("Remove direct access").click().await;
    dismiss_notice(carla, "Direct access of bob@example.com removed.").await;
    carla.row(BOB).says("Base").await;
}

async fn sees_why_not(carla: &Browser) {
    for (whom, why) in [
        (
            WILL,
            "Only the owner can change these direct roles: they hold what you do not have here (Change files).",
        ),
        (
            HANNA,
            "what lies under them would give what you do not have here (Change files).",
        ),
        (
            "carla@example.com",
            "Your own access is the owner's to change.",
        ),
    ] {
        let button = carla.button(&format!("What you cannot do with {whom}"));
        button.click().await;
        carla.words(why).is_said().await;
        carla.has_no_barriers("what a delegate cannot do").await;
        carla.presses(Key::Escape).await;
        carla.words(why).disappears().await;
    }
    assert_eq!(
        carla
            .button("What to do with will@example.com")
            .count()
            .await,
        0,
        "there is nothing to do"
    );
}

async fn invites_and_withdraws(stage: &Stage, carla: &Browser) {
    carla.button("Share").first().click().await;
    let form = carla.dialog("Share this environment");
    form.field("E-mail address").fill(DANA).await;
    form.button("Roles: No role").click().await;
    carla.option("Reader").click().await;
    form.button("Roles: Reader").appears().await;
    carla.has_no_barriers("inviting to an environment").await;
    form.button("Share").click().await;
    dismiss_notice(carla, "Shared with dana@example.com.").await;
    carla.row(DANA).says("Pending acceptance").await;
    stage.app.invitation_token_for(DANA).await;

    choose_from_menu(
        carla,
        "What to do with dana@example.com",
        "Send the invitation again",
    )
    .await;
    dismiss_notice(carla, "Invitation sent again to dana@example.com.").await;
    choose_from_menu(
        carla,
        "What to do with dana@example.com",
        "Withdraw invitation",
    )
    .await;
    let question = carla.dialog("Withdraw the invitation of dana@example.com?");
    question.appears().await;
    carla.has_no_barriers("withdrawing an invitation").await;
    question.button("Withdraw invitation").click().await;
    dismiss_notice(carla, "Invitation of dana@example.com withdrawn.").await;
    carla.row(DANA).disappears().await;
}

async fn a_delegate_manages_an_environments_collaboration(stage: &Stage) {
    let (person, carla) = owner_in_browser(stage, "carla").await;
    shop_with_a_delegate(stage, &person).await;
    carla.opens("/environments").await;
    carla.link("shop").click().await;
    carla.heading("Collaboration").appears().await;
    sees_why_not(&carla).await;
    carla
        .has_no_barriers("a delegate's view of who has access")
        .await;
    gives_and_takes(&carla).await;
    invites_and_withdraws(stage, &carla).await;
}

async fn a_member_makes_environments_where_they_may(stage: &Stage) {
    let (person, carla) = owner_in_browser(stage, "carla").await;
    let olga = stage.app.owner("olga").await;
    let web = olga.group_at("web").await;
    olga.group_at("data").await;
    let creator = olga
        .role_of("Creator", &["environment.create", "environment.edit"])
        .await;
    let given = vec![share(Item::group(web.id), &[&creator])];
    olga.invites(&person.email, given).await;
    person.accepts(&olga).await;

    carla.opens("/environments").await;
    carla.button("New environment").first().click().await;
    let form = carla.dialog("New environment");
    form.field("Owner").choose("olga").await;
    form.field("Name").fill("shop").await;
    form.checkbox("web").appears().await;
    assert_eq!(
        form.checkbox("data").count().await,
        0,
        "where she may not create is not offered"
    );
    form.button("Create environment").click().await;
    form.words("Choose a group").is_said().await;
    carla
        .has_no_barriers("an environment without a place")
        .await;
    form.checkbox("web").click().await;
    form.button("Create environment").click().await;
    dismiss_notice(&carla, "Environment shop saved.").await;
    carla.row("shop").says("olga").await;

    choose_from_menu(&carla, "What to do with shop", "Edit").await;
    let form = carla.dialog("Edit shop");
    form.field("Name").fill("store").await;
    form.button("Save environment").click().await;
    dismiss_notice(&carla, "Environment store saved.").await;
    carla.row("store").appears().await;
    carla.button("What to do with store").click().await;
    carla.menu_item("Edit").appears().await;
    assert_eq!(
        carla.menu_item("Remove").count().await,
        0,
        "she may not delete it"
    );
}

in_chromium!(both: a_delegate_manages_an_environments_collaboration, a_member_makes_environments_where_they_may);
