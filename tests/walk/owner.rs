//! A small company at work: what its owner sees, and every dialog but the invite form.

use accord_testkit::Person;
use accord_testkit::browser::{Browser, Key, Stage};

use super::super::steps::choose_from_menu;
use super::{Eye, shows, small_company, visit};

/// Every screen, with something in it.
pub(crate) async fn owner_screens(stage: &Stage, eye: &mut impl Eye) {
    let (owner, browser) = small_company(stage).await;
    for (name, place, words) in [
        ("environments", "/environments", "shop-web"),
        (
            "environments-narrowed",
            "/environments?q=qqq",
            "Nothing like that",
        ),
        ("groups", "/groups", "production"),
        ("groups-narrowed", "/groups?q=qqq", "Nothing like that"),
        ("members", "/settings/members", "Mei-Ling Zhou"),
        ("roles", "/settings/roles", "Release manager"),
        (
            "roles-narrowed",
            "/settings/roles?q=qqq",
            "Nothing like that",
        ),
        ("policies", "/settings/policies", "Manage collaboration"),
        (
            "policies-narrowed",
            "/settings/policies?q=qqq",
            "Nothing like that",
        ),
        ("tasks", "/tasks", "invited"),
        ("tasks-about-roles", "/tasks?about=role", "Release manager"),
        (
            "notifications",
            "/notifications",
            "accepted your invitation",
        ),
        ("preferences", "/settings/notifications", "Load alerts"),
        ("profile", "/settings/profile", "This browser"),
    ] {
        visit(eye, &browser, name, place, words).await;
    }
    browser.opens("/settings/members").await;
    browser.field("Find a member").fill("nobody at all").await;
    browser.words("Nobody like that").is_said().await;
    eye.look(&browser, "members-narrowed").await;
    members_own_pages(eye, &owner, &browser).await;
    environment(eye, &owner, &browser).await;
    what_opens_over_a_page(eye, &browser).await;
}

async fn members_own_pages(eye: &mut impl Eye, owner: &Person, browser: &Browser) {
    let members = owner.members(owner.id, &Default::default()).await;
    for member in members.expect("members").items {
        let name = match member.email.split('@').next() {
            Some("mei-ling") => "member-active",
            Some("amara") => "member-suspended",
            Some("jonas") => "member-pending",
            Some("former") => "member-removed",
            _ => continue,
        };
        let place = format!("/settings/members/{}", member.id);
        visit(eye, browser, name, &place, "magazine").await;
        if name == "member-active" {
            let found = browser.field("Find an environment");
            found.fill("shop").await;
            browser.row("magazine").disappears().await;
            eye.look(browser, "member-access-found").await;
            found.fill("nowhere").await;
            browser.words("Nothing like that").is_said().await;
            eye.look(browser, "member-access-none-found").await;
            browser.link("Record").click().await;
            shows(browser, "what it is narrowed down to", ".narrowings").await;
            eye.look(browser, "tasks-of-a-member").await;
        }
    }
    browser.expects(404, "/accounts/");
    let place = "/settings/members/00000000-0000-0000-0000-000000000001";
    visit(eye, browser, "member-unknown", place, "Not found").await;
}

async fn environment(eye: &mut impl Eye, owner: &Person, browser: &Browser) {
    let environments = owner.sees().await;
    let named = |name: &str| {
        let found = environments.iter().find(|one| one.name == name);
        let found = found.expect("an environment of the company");
        format!("/environments/{}/{}", owner.id, found.id)
    };
    let shop = named("shop-web");
    visit(eye, browser, "environment", &shop, "Mei-Ling Zhou").await;
    let found = browser.field("Find somebody");
    found.fill("mei").await;
    browser.row("Jonas Lindqvist").disappears().await;
    eye.look(browser, "environment-found").await;
    found.fill("nobody").await;
    browser.words("Nobody like that").is_said().await;
    eye.look(browser, "environment-none-found").await;
    browser.opens(&shop).await;
    why(eye, browser).await;
    browser.opens(&shop).await;
    browser.button("Share").first().click().await;
    let form = browser.dialog("Share this environment");
    form.appears().await;
    eye.look(browser, "environment-share").await;
    form.button("Share").click().await;
    form.words("Choose at least one role").is_said().await;
    form.button("Roles: No role").click().await;
    browser.option("Viewer").appears().await;
    eye.look(browser, "environment-share-roles").await;
    browser.opens(&shop).await;
    choose_from_menu(
        browser,
        "What to do with Mei-Ling Zhou",
        "Give direct roles",
    )
    .await;
    let form = browser.dialog("Direct access of Mei-Ling Zhou");
    form.button("Roles: No role").click().await;
    browser.option("Developer").click().await;
    form.button("Roles: Developer").appears().await;
    form.button("Save").click().await;
    form.disappears().await;
    // The row is drawn anew, and its menu with it.
    browser.row("Mei-Ling Zhou").says("Direct").await;
    choose_from_menu(
        browser,
        "What to do with Mei-Ling Zhou",
        "Remove direct access",
    )
    .await;
    browser
        .dialog("Remove direct access of Mei-Ling Zhou?")
        .appears()
        .await;
    eye.look(browser, "environment-unshare").await;
    browser.expects(404, "/accounts/");
    let place = format!(
        "/environments/{}/00000000-0000-0000-0000-000000000001",
        owner.id
    );
    visit(eye, browser, "environment-unknown", &place, "Not found").await;
}

/// Before an action is chosen, a yes, and a no.
async fn why(eye: &mut impl Eye, browser: &Browser) {
    browser.link("Why? Access of Mei-Ling Zhou").click().await;
    let dialog = browser.dialog("Access of Mei-Ling Zhou to shop-web");
    dialog.radio("Read files").appears().await;
    eye.look(browser, "why-empty").await;
    dialog.radio("Read files").click().await;
    dialog.words("Yes: Mei-Ling Zhou").is_said().await;
    eye.look(browser, "why-yes").await;
    dialog.radio("Deploy").click().await;
    dialog.words("No: Mei-Ling Zhou").is_said().await;
    eye.look(browser, "why-no").await;
}

/// The bell, the account's menu, and an export.
async fn what_opens_over_a_page(eye: &mut impl Eye, browser: &Browser) {
    browser.opens("/tasks").await;
    browser.button("Export").click().await;
    browser.menu_item("For a spreadsheet (CSV)").appears().await;
    eye.look(browser, "tasks-export").await;
    browser.opens("/environments").await;
    browser.row("shop-web-next").appears().await;
    browser.button("Your account").click().await;
    browser.menu_item("Sign out").appears().await;
    eye.look(browser, "account-menu").await;
    browser.presses(Key::Escape).await;
    browser
        .script("document.querySelector('.bell').closest('button').click()")
        .await;
    browser.link("All notifications").appears().await;
    eye.look(browser, "bell").await;
}

/// The dialogs of its environments, groups, roles and policies, and what is done to several members.
pub(crate) async fn owner_dialogs(stage: &Stage, eye: &mut impl Eye) {
    let (_, browser) = small_company(stage).await;
    environment_dialogs(eye, &browser).await;
    group_dialogs(eye, &browser).await;
    role_dialogs(eye, &browser).await;
    policy_dialogs(eye, &browser).await;
    member_dialogs(eye, &browser).await;
}

async fn environment_dialogs(eye: &mut impl Eye, browser: &Browser) {
    browser.expects(409, "/accounts/");
    browser.button("New environment").first().click().await;
    let form = browser.dialog("New environment");
    form.checkbox("content").appears().await;
    eye.look(browser, "environment-new").await;
    form.button("Create environment").click().await;
    form.words("Give the environment a name").is_said().await;
    eye.look(browser, "environment-new-wrong").await;
    form.field("Name").fill("magazine").await;
    form.button("Close").click().await;
    browser.button("Keep editing").appears().await;
    eye.look(browser, "discard").await;
    browser.opens("/environments").await;
    browser.button("What to do with shop-web").click().await;
    browser.menu_item("Remove").appears().await;
    eye.look(browser, "environment-menu").await;
    browser.menu_item("Edit").click().await;
    browser
        .dialog("Edit shop-web")
        .checkbox("content")
        .appears()
        .await;
    eye.look(browser, "environment-edit").await;
    browser.opens("/environments").await;
    choose_from_menu(browser, "What to do with shop-web", "Remove").await;
    browser
        .words("Nobody has direct access to it.")
        .is_said()
        .await;
    eye.look(browser, "environment-remove").await;
}

async fn group_dialogs(eye: &mut impl Eye, browser: &Browser) {
    browser.opens("/groups").await;
    browser.button("New group").first().click().await;
    browser.dialog("New group").appears().await;
    eye.look(browser, "group-new").await;
    browser.opens("/groups").await;
    browser.button("Change group shop").click().await;
    browser.menu_item("Add a group inside").appears().await;
    eye.look(browser, "group-menu").await;
    browser.menu_item("Edit").click().await;
    browser.dialog("Edit shop").field("Inside").appears().await;
    eye.look(browser, "group-edit").await;
    browser.opens("/groups").await;
    choose_from_menu(browser, "Change group content", "Choose environments").await;
    let form = browser.dialog("Environments in content");
    form.checkbox("magazine").appears().await;
    eye.look(browser, "group-contents").await;
    browser.opens("/groups").await;
    choose_from_menu(browser, "Change group shop", "Remove").await;
    browser.words("Stays").is_said().await;
    eye.look(browser, "group-remove").await;
}

async fn role_dialogs(eye: &mut impl Eye, browser: &Browser) {
    const MENU: &str = "What to do with Developer";
    browser.opens("/settings/roles").await;
    browser.button("New role").first().click().await;
    let form = browser.dialog("New role");
    form.checkbox("Deploy").appears().await;
    form.button("Create role").click().await;
    form.words("Give the role a name").is_said().await;
    eye.look(browser, "role-new-wrong").await;
    browser.opens("/settings/roles").await;
    browser.button(MENU).click().await;
    browser.menu_item("Who has it").appears().await;
    eye.look(browser, "role-menu").await;
    browser.menu_item("Edit").click().await;
    let form = browser.dialog("Edit Developer");
    form.checkbox("Deploy").appears().await;
    form.checkbox("Deploy").click().await;
    form.words("This changes what").is_said().await;
    eye.look(browser, "role-edit").await;
    browser.opens("/settings/roles").await;
    choose_from_menu(browser, MENU, "Copy").await;
    browser.field("Name of the copy").appears().await;
    eye.look(browser, "role-copy").await;
    browser.opens("/settings/roles").await;
    choose_from_menu(browser, MENU, "Who has it").await;
    let users = browser.dialog("Who has Developer");
    users.entry("Mei-Ling").appears().await;
    eye.look(browser, "role-users").await;
    browser.opens("/settings/roles").await;
    choose_from_menu(browser, MENU, "Remove").await;
    let question = browser.dialog("Remove Developer?");
    question.entry("Mei-Ling").first().appears().await;
    question
        .words("This changes what 1 member may do")
        .is_said()
        .await;
    eye.look(browser, "role-remove").await;
}

async fn policy_dialogs(eye: &mut impl Eye, browser: &Browser) {
    browser.opens("/settings/policies").await;
    browser.entry("Connect by SSH").first().appears().await;
    browser
        .script("for (const one of [...document.querySelectorAll('.policy details')].slice(0, 3)) one.open = true")
        .await;
    eye.look(browser, "policy-actions").await;
    browser.opens("/settings/policies").await;
    browser.button("New policy").first().click().await;
    let form = browser.dialog("New policy");
    form.checkbox("View topology").appears().await;
    form.button("Create policy").click().await;
    form.words("Choose at least one action").is_said().await;
    eye.look(browser, "policy-new-wrong").await;
    browser.opens("/settings/policies").await;
    choose_from_menu(browser, "What to do with Release manager", "Edit").await;
    let form = browser.dialog("Edit Release manager");
    form.checkbox("View topology").appears().await;
    eye.look(browser, "policy-edit").await;
    browser.opens("/settings/policies").await;
    choose_from_menu(browser, "What to do with Release manager", "Remove").await;
    let question = browser.dialog("Remove Release manager?");
    question.button("Take out and remove").appears().await;
    eye.look(browser, "policy-remove").await;
}

async fn member_dialogs(eye: &mut impl Eye, browser: &Browser) {
    browser.opens("/settings/members").await;
    browser
        .button("What to do with Mei-Ling Zhou")
        .click()
        .await;
    browser.menu_item("Suspend").appears().await;
    eye.look(browser, "member-menu").await;
    browser.presses(Key::Escape).await;
    for whom in ["Mei-Ling Zhou", "Tomás Ferreira"] {
        browser.checkbox(&format!("Select {whom}")).click().await;
    }
    browser.words("2 selected").is_said().await;
    eye.look(browser, "members-selected").await;
    browser.button("Remove").first().click().await;
    browser.dialog("Remove 2 members?").appears().await;
    eye.look(browser, "members-remove").await;
    browser.opens("/settings/members").await;
    choose_from_menu(browser, "What to do with Mei-Ling Zhou", "Suspend").await;
    let question = browser.dialog("Suspend Mei-Ling Zhou?");
    question
        .words("Mei-Ling Zhou loses all access")
        .first()
        .is_said()
        .await;
    eye.look(browser, "member-suspend").await;
    question.button("Suspend").click().await;
    browser.words("Suspended Mei-Ling Zhou.").is_said().await;
    eye.look(browser, "toast").await;
    choose_from_menu(
        browser,
        "What to do with Jonas Lindqvist",
        "Copy invitation link",
    )
    .await;
    let link = browser.dialog("Invitation link for Jonas Lindqvist");
    link.button("Copy").appears().await;
    eye.look(browser, "member-link").await;
    browser.opens("/settings/members").await;
    choose_from_menu(browser, "What to do with former@example.com", "Forget").await;
    browser.dialog("Forget former@example.com?").appears().await;
    eye.look(browser, "member-forget").await;
}
