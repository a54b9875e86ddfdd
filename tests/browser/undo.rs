//! What was just done to access is taken back, for the version that it made, and never over somebody else's change.

use accord_client::types::{
    AccessLevel, Environment, Group, Item, Member, Policy, UpdateEnvironment, UpdateGroup,
    UpdateMember, UpdatePolicy,
};
use accord_testkit::browser::{Browser, Stage};
use accord_testkit::people::share;
use accord_testkit::{Person, in_chromium};

use super::steps::{choose_from_menu, dismiss_notice, owner_in_browser};

/// What Olga has.
struct House {
    olga: Person,
    shop: Environment,
    web: Group,
    inner: Group,
    watch: Policy,
    bob: Member,
}

impl House {
    async fn of(olga: Person) -> Self {
        let web = olga.group_at("web").await;
        let inner = olga.group_at("web/inner").await;
        let shop = olga.adds_environment_in("shop", &[&web]).await;
        let watch = olga.policy_of("Night watch", &["logs.read"]).await;
        let reader = olga.role_of("Reader", &["files.read"]).await;
        let direct = vec![share(Item::environment(shop.id), &[&reader])];
        let bob = olga.invites("bob@example.com", direct).await;
        Self {
            olga,
            shop,
            web,
            inner,
            watch,
            bob,
        }
    }
}

/// What can be taken back.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Policy,
    GroupContents,
    GroupMove,
    EnvironmentsGroups,
    RemovalOfDirectAccess,
}

impl Deed {
    const ALL: [Self; 5] = [
        Self::Policy,
        Self::GroupContents,
        Self::GroupMove,
        Self::EnvironmentsGroups,
        Self::RemovalOfDirectAccess,
    ];

    /// Does it in the browser, and answers what is then said.
    async fn is_done(self, browser: &Browser, house: &House) -> &'static str {
        match self {
            Self::Policy => {
                browser.opens("/settings/policies?kind=custom").await;
                choose_from_menu(browser, "What to do with Night watch", "Edit").await;
                let form = browser.dialog("Edit Night watch");
                form.checkbox("View statistics").click().await;
                form.button("Save policy").click().await;
                "Policy Night watch saved."
            }
            Self::GroupContents => {
                browser.opens("/groups").await;
                choose_from_menu(browser, "Change group web", "Choose environments").await;
                let form = browser.dialog("Environments in web");
                form.checkbox("shop").click().await;
                form.button("Save").click().await;
                "Environments of web saved."
            }
            Self::GroupMove => {
                browser.opens("/groups").await;
                choose_from_menu(browser, "Change group web/inner", "Edit").await;
                let form = browser.dialog("Edit web/inner");
                form.field("Inside").choose("No group: at the root").await;
                form.button("Save group").click().await;
                "Group inner saved."
            }
            Self::EnvironmentsGroups => {
                browser.opens("/environments").await;
                choose_from_menu(browser, "What to do with shop", "Edit").await;
                let form = browser.dialog("Edit shop");
                form.checkbox("web").click().await;
                form.button("Save environment").click().await;
                "Environment shop saved."
            }
            Self::RemovalOfDirectAccess => {
                let page = format!("/environments/{}/{}", house.olga.id, house.shop.id);
                browser.opens(&page).await;
                choose_from_menu(
                    browser,
                    "What to do with bob@example.com",
                    "Remove direct access",
                )
                .await;
                let question = browser.dialog("Remove direct access of bob@example.com?");
                question.button("Remove direct access").click().await;
                "Direct access of bob@example.com removed."
            }
        }
    }

    /// What is said once it was taken back.
    const fn undone(self) -> &'static str {
        match self {
            Self::Policy => "Policy Night watch is as it was.",
            Self::GroupContents => "Environments of web are as before.",
            Self::GroupMove => "Group inner is as it was.",
            Self::EnvironmentsGroups => "Environment shop is as it was.",
            Self::RemovalOfDirectAccess => "Direct access of bob@example.com is as before.",
        }
    }

    /// Whether it is as it was before the deed.
    async fn is_as_before(self, house: &House) -> bool {
        let (olga, account) = (&house.olga, house.olga.id);
        match self {
            Self::Policy => olga.policy_named("Night watch").await.action_ids == ["logs.read"],
            Self::GroupContents | Self::EnvironmentsGroups => {
                let shop = olga.environment(account, house.shop.id).await;
                shop.expect("there").group_ids == [house.web.id]
            }
            Self::GroupMove => {
                let inner = olga.group(account, house.inner.id).await;
                inner.expect("there").parent_id == Some(house.web.id)
            }
            Self::RemovalOfDirectAccess => {
                let (shop, bob) = (house.shop.id, house.bob.id);
                let access = olga.environment_access_of(account, shop, bob).await;
                access.expect("there").access_level == AccessLevel::Direct
            }
        }
    }

    /// What somebody else does to the same thing.
    async fn is_followed_elsewhere(self, house: &House) {
        let (olga, account) = (&house.olga, house.olga.id);
        let renamed = || Some("Theirs".to_owned());
        match self {
            Self::Policy => {
                let body = UpdatePolicy {
                    description: renamed(),
                    ..UpdatePolicy::default()
                };
                let saved = olga.update_policy(account, house.watch.id, &body, None);
                saved.await.expect("changed elsewhere");
            }
            Self::GroupContents | Self::GroupMove => {
                let group = match self {
                    Self::GroupMove => &house.inner,
                    _ => &house.web,
                };
                let body = UpdateGroup {
                    color: Some("#14b8a6".into()),
                    ..UpdateGroup::default()
                };
                let saved = olga.update_group(account, group.id, &body, None).await;
                saved.expect("changed elsewhere");
            }
            Self::EnvironmentsGroups => {
                let body = UpdateEnvironment {
                    display_name: Some(renamed()),
                    ..UpdateEnvironment::default()
                };
                let saved = olga.update_environment(account, house.shop.id, &body, None);
                saved.await.expect("changed elsewhere");
            }
            Self::RemovalOfDirectAccess => {
                let body = UpdateMember {
                    display_name: Some(renamed()),
                    ..UpdateMember::default()
                };
                let saved = olga.update_member(account, house.bob.id, &body, None).await;
                saved.expect("changed elsewhere");
            }
        }
    }
}

async fn what_was_done_is_taken_back_unless_somebody_was_there_since(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let house = House::of(olga).await;
    browser.expects(412, "/accounts/");
    for deed in Deed::ALL {
        assert!(deed.is_as_before(&house).await, "{deed:?}");
        let said = deed.is_done(&browser, &house).await;
        browser.words(said).is_said().await;
        assert!(!deed.is_as_before(&house).await, "{deed:?}");
        browser.button("Undo").click().await;
        dismiss_notice(&browser, deed.undone()).await;
        assert!(deed.is_as_before(&house).await, "{deed:?}");
    }
    for deed in Deed::ALL {
        let said = deed.is_done(&browser, &house).await;
        browser.words(said).is_said().await;
        deed.is_followed_elsewhere(&house).await;
        browser.button("Undo").click().await;
        let refused = "This cannot be undone any more: somebody has changed it since.";
        browser.words(refused).is_said().await;
        assert!(!deed.is_as_before(&house).await, "{deed:?}");
        if matches!(deed, Deed::GroupContents) {
            // The next deed takes the environment out of the group once more.
            let body = UpdateEnvironment {
                group_ids: Some(vec![house.web.id]),
                ..UpdateEnvironment::default()
            };
            let olga = &house.olga;
            let saved = olga.update_environment(olga.id, house.shop.id, &body, None);
            saved.await.expect("put back");
        }
    }
}

/// The roles that were asked about are removed, and no others.
async fn direct_roles_that_were_changed_meanwhile_are_not_removed(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let house = House::of(olga).await;
    let olga = &house.olga;
    let admin = olga.role_named("Admin").await;
    let page = format!("/environments/{}/{}", olga.id, house.shop.id);
    browser.opens(&page).await;
    let menu = "What to do with bob@example.com";
    choose_from_menu(&browser, menu, "Remove direct access").await;
    let question = browser.dialog("Remove direct access of bob@example.com?");
    question.appears().await;
    olga.shares_directly(&house.shop, &house.bob, &[&admin])
        .await;
    question.button("Remove direct access").click().await;
    question
        .words("Somebody else changed these direct roles meanwhile.")
        .first()
        .is_said()
        .await;
    question.words("They are Admin now.").is_said().await;
    browser
        .has_no_barriers("roles that are others than was asked about")
        .await;
    assert_eq!(olga.member_now(&house.bob).await.shares.len(), 1);
    question.button("Remove direct access").click().await;
    question.disappears().await;
    assert!(olga.member_now(&house.bob).await.shares.is_empty());
    browser.button("Undo").click().await;
    dismiss_notice(&browser, Deed::RemovalOfDirectAccess.undone()).await;
    let shares = olga.member_now(&house.bob).await.shares;
    assert_eq!(shares[0].role_ids, [admin.id], "what was removed last");
}

in_chromium!(both: what_was_done_is_taken_back_unless_somebody_was_there_since);
in_chromium!(direct_roles_that_were_changed_meanwhile_are_not_removed);
