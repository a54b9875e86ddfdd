//! Two who edit the same at a time: what the other changed is told, nothing is overwritten, nothing typed is lost.

use accord_client::types::{
    DirectRoles, Environment, EnvironmentStatus, Group, GroupEnvironments, Item, Member, Policy,
    Role, UpdateEnvironment, UpdateGroup, UpdatePolicy, UpdateRole,
};
use accord_testkit::browser::{Browser, Place, Stage};
use accord_testkit::people::share;
use accord_testkit::{Person, eventually, in_chromium};

use super::steps::{choose_from_menu, owner_in_browser};

/// Waits until the focus is on what says that somebody else was faster.
const LED_TO_THE_CONFLICT: &str = "return new Promise((done) => {
  const look = () => document.activeElement.matches('.conflict') ? done() : requestAnimationFrame(look);
  look();
})";

/// Answers to what is asked for arrive only after something was written: until then news are not known.
const NO_NEWS: &str = "const real = window.fetch;
  let written = false;
  window.fetch = (what, ...more) => {
    written ||= ['PATCH', 'PUT'].includes(what.method);
    return written || what.method !== 'GET' ? real(what, ...more) : new Promise(() => {});
  };";

/// What Olga has.
struct House {
    olga: Person,
    shop: Environment,
    lab: Environment,
    web: Group,
    data: Group,
    watch: Policy,
    reader: Role,
    writer: Role,
    bob: Member,
}

impl House {
    async fn of(olga: Person) -> Self {
        let (shop, lab) = (
            olga.adds_environment("shop").await,
            olga.adds_environment("lab").await,
        );
        let (web, data) = (olga.group_at("web").await, olga.group_at("data").await);
        let watch = olga.policy_of("Night watch", &["logs.read"]).await;
        let reader = olga.role_of("Reader", &["files.read"]).await;
        let writer = olga.role_of("Writer", &["files.write"]).await;
        let direct = vec![share(Item::environment(lab.id), &[&reader])];
        let bob = olga.invites("bob@example.com", direct).await;
        Self {
            olga,
            shop,
            lab,
            web,
            data,
            watch,
            reader,
            writer,
            bob,
        }
    }
}

/// What two edit at a time.
#[derive(Clone, Copy, Debug)]
enum Thing {
    Role,
    Policy,
    Group,
    Contents,
    Environment,
    DirectShare,
}

impl Thing {
    const ALL: [Self; 6] = [
        Self::Role,
        Self::Policy,
        Self::Group,
        Self::Contents,
        Self::Environment,
        Self::DirectShare,
    ];

    /// Where it is edited: the page, the menu, its entry, and the dialog that it opens.
    fn place(self, house: &House) -> (String, &'static str, &'static str, &'static str) {
        let (page, menu, entry, dialog) = match self {
            Self::Role => (
                "/settings/roles",
                "What to do with Reader",
                "Edit",
                "Edit Reader",
            ),
            Self::Policy => (
                "/settings/policies?kind=custom",
                "What to do with Night watch",
                "Edit",
                "Edit Night watch",
            ),
            Self::Group => ("/groups", "Change group web", "Edit", "Edit web"),
            Self::Contents => (
                "/groups",
                "Change group data",
                "Choose environments",
                "Environments in data",
            ),
            Self::Environment => ("/environments", "What to do with shop", "Edit", "Edit shop"),
            Self::DirectShare => {
                let page = format!("/environments/{}/{}", house.olga.id, house.lab.id);
                return (
                    page,
                    "What to do with bob@example.com",
                    "Change direct roles",
                    "Direct access of bob@example.com",
                );
            }
        };
        (page.to_owned(), menu, entry, dialog)
    }

    /// The button that saves it.
    const fn save(self) -> &'static str {
        match self {
            Self::Role => "Save role",
            Self::Policy => "Save policy",
            Self::Group => "Save group",
            Self::Environment => "Save environment",
            Self::Contents | Self::DirectShare => "Save",
        }
    }

    /// What is typed or chosen in the form.
    async fn is_changed_here(self, browser: &Browser, form: &Place) {
        match self {
            Self::Role => {
                form.field("Description optional")
                    .fill("Reads by night")
                    .await;
            }
            Self::Policy => form.checkbox("View statistics").click().await,
            Self::Group => form.field("Name").fill("site").await,
            Self::Contents => form.checkbox("lab").click().await,
            Self::Environment => form.field("Display name optional").fill("The shop").await,
            Self::DirectShare => {
                form.button("Roles: Reader").click().await;
                browser.option("Writer").click().await;
                form.button("Roles: Writer").appears().await;
            }
        }
    }

    /// What somebody else does meanwhile.
    async fn is_changed_elsewhere(self, house: &House) {
        let (olga, account) = (&house.olga, house.olga.id);
        match self {
            Self::Role => {
                let both = [&house.reader.policy_ids[..], &house.writer.policy_ids].concat();
                let body = UpdateRole {
                    policy_ids: Some(both),
                    ..UpdateRole::default()
                };
                let saved = olga
                    .update_role(account, house.reader.id, &body, None)
                    .await;
                saved.expect("changed elsewhere");
            }
            Self::Policy => {
                let body = UpdatePolicy {
                    description: Some("Theirs".into()),
                    ..UpdatePolicy::default()
                };
                let saved = olga
                    .update_policy(account, house.watch.id, &body, None)
                    .await;
                saved.expect("changed elsewhere");
            }
            Self::Group => {
                let body = UpdateGroup {
                    color: Some("#14b8a6".into()),
                    ..UpdateGroup::default()
                };
                let saved = olga.update_group(account, house.web.id, &body, None).await;
                saved.expect("changed elsewhere");
            }
            // From the other side: what the environment lies in is what the group holds.
            Self::Contents => {
                let body = UpdateEnvironment {
                    group_ids: Some(vec![house.data.id]),
                    ..UpdateEnvironment::default()
                };
                let saved = olga.update_environment(account, house.shop.id, &body, None);
                saved.await.expect("changed elsewhere");
            }
            Self::Environment => {
                let body = UpdateEnvironment {
                    status: Some(EnvironmentStatus::Stopped),
                    ..UpdateEnvironment::default()
                };
                let saved = olga.update_environment(account, house.shop.id, &body, None);
                saved.await.expect("changed elsewhere");
            }
            Self::DirectShare => {
                let viewer = olga.role_named("Viewer").await;
                let body = DirectRoles {
                    role_ids: vec![house.reader.id, viewer.id],
                    expires_at: None,
                };
                let (lab, bob) = (house.lab.id, house.bob.id);
                let saved = olga.set_direct_roles(account, lab, bob, &body, None).await;
                saved.expect("changed elsewhere");
            }
        }
    }

    /// How the form says so.
    async fn is_told(self, form: &Place) {
        let listed = |words, item| form.entry(words).entry(item);
        let place = match self {
            Self::Role => listed("Policies were added:", "Writer"),
            Self::Policy => form.entry("The description is “Theirs” now."),
            Self::Group => form.entry("The colour is Teal now."),
            Self::Contents => listed("It holds these, too, now:", "shop"),
            Self::Environment => form.entry("The status is Stopped now."),
            Self::DirectShare => listed("Roles were given:", "Viewer"),
        };
        place.appears().await;
    }

    /// What is stored: what was changed here, and what was changed elsewhere.
    async fn stored(self, house: &House) -> (bool, bool) {
        let (olga, account) = (&house.olga, house.olga.id);
        match self {
            Self::Role => {
                let role = olga.role_named("Reader").await;
                (
                    role.description == "Reads by night",
                    role.policy_ids.len() == 2,
                )
            }
            Self::Policy => {
                let policy = olga.policy_named("Night watch").await;
                (policy.action_ids.len() == 2, policy.description == "Theirs")
            }
            Self::Group => {
                let group = olga.group(account, house.web.id).await.expect("there");
                (group.name == "site", group.color == "#14b8a6")
            }
            Self::Contents => {
                let is_in = async |environment: &Environment| {
                    let now = olga.environment(account, environment.id).await;
                    now.expect("there").group_ids.contains(&house.data.id)
                };
                (is_in(&house.lab).await, is_in(&house.shop).await)
            }
            Self::Environment => {
                let shop = olga.environment(account, house.shop.id).await;
                let shop = shop.expect("there").into_inner();
                (
                    shop.display_name.as_deref() == Some("The shop"),
                    shop.status == EnvironmentStatus::Stopped,
                )
            }
            Self::DirectShare => {
                let viewer = olga.role_named("Viewer").await;
                let shares = olga.member_now(&house.bob).await.shares;
                let has = |role: &Role| shares[0].role_ids.contains(&role.id);
                (has(&house.writer) && !has(&house.reader), has(&viewer))
            }
        }
    }
}

async fn two_who_edit_at_a_time_lose_nothing(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let house = House::of(olga).await;
    browser.expects(412, "/accounts/");
    for thing in Thing::ALL {
        let (page, menu, entry, dialog) = thing.place(&house);
        browser.opens(&page).await;
        choose_from_menu(&browser, menu, entry).await;
        let form = browser.dialog(dialog);
        thing.is_changed_here(&browser, &form).await;
        thing.is_changed_elsewhere(&house).await;
        thing.is_told(&form).await;
        // Who saves all the same overwrites nothing, and is led to what is said of it.
        form.button(thing.save()).click().await;
        browser.script(LED_TO_THE_CONFLICT).await;
        thing.is_told(&form).await;
        browser
            .has_no_barriers(&format!("a change that came too late: {thing:?}"))
            .await;
        assert_eq!(thing.stored(&house).await, (false, true), "{thing:?}");

        form.button("Take over these changes").click().await;
        form.words("Somebody else changed this").disappears().await;
        form.button(thing.save()).click().await;
        form.disappears().await;
        assert_eq!(thing.stored(&house).await, (true, true), "{thing:?}");
    }
}

/// Nothing is known of the other change before the form is saved.
async fn a_change_that_is_not_known_yet_is_not_overwritten(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let house = House::of(olga).await;
    browser.expects(412, "/accounts/");
    for thing in Thing::ALL {
        let (page, menu, entry, dialog) = thing.place(&house);
        browser.opens(&page).await;
        choose_from_menu(&browser, menu, entry).await;
        let form = browser.dialog(dialog);
        thing.is_changed_here(&browser, &form).await;
        browser.script(NO_NEWS).await;
        thing.is_changed_elsewhere(&house).await;
        form.button(thing.save()).click().await;
        thing.is_told(&form).await;
        assert_eq!(thing.stored(&house).await, (false, true), "{thing:?}");
        form.button("Drop mine and start from theirs").click().await;
        form.words("Somebody else changed this").disappears().await;
        // Nothing of one's own is left that closing would lose.
        form.button("Cancel").click().await;
        form.disappears().await;
        assert_eq!(thing.stored(&house).await, (false, true), "{thing:?}");
    }
}

/// Where both changed the same, it is said so, and bringing it together keeps one's own.
async fn what_both_changed_stays_as_it_is_typed(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let reader = olga.role_of("Reader", &["files.read"]).await;
    browser.opens("/settings/roles").await;
    choose_from_menu(&browser, "What to do with Reader", "Edit").await;
    let form = browser.dialog("Edit Reader");
    let description = form.field("Description optional");
    description.fill("Mine").await;
    let theirs = UpdateRole {
        name: Some("Librarian".into()),
        description: Some("Theirs".into()),
        ..UpdateRole::default()
    };
    let saved = olga.update_role(olga.id, reader.id, &theirs, None).await;
    saved.expect("changed elsewhere");
    form.entry("The name is “Librarian” now.").appears().await;
    form.entry("The description is “Theirs” now. You changed this too.")
        .appears()
        .await;
    // What is typed to be the same is no difference any more.
    description.fill("Theirs").await;
    form.entry("The description is").disappears().await;
    description.fill("Mine").await;
    form.words("bringing it together keeps yours.")
        .is_said()
        .await;
    form.alert("Somebody else changed this role")
        .is_said()
        .await;
    form.button("Take over these changes").click().await;
    form.field("Name").holds("Librarian").await;
    eventually("who chose goes on in the form", async || {
        form.field("Name").has_focus().await
    })
    .await;
    description.holds("Mine").await;
    form.button("Save role").click().await;
    form.disappears().await;
    let now = olga.role(olga.id, reader.id).await.expect("there");
    assert_eq!(
        (now.name.as_str(), now.description.as_str()),
        ("Librarian", "Mine")
    );
}

/// What the form does not change is no reason to ask: a group is renamed while something is put into it.
async fn a_change_of_something_else_does_not_stand_in_the_way(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let web = olga.group_at("web").await;
    let shop = olga.adds_environment("shop").await;
    browser.opens("/groups").await;
    choose_from_menu(&browser, "Change group web", "Edit").await;
    let form = browser.dialog("Edit web");
    form.field("Name").fill("site").await;
    browser.script(NO_NEWS).await;
    let theirs = GroupEnvironments {
        environment_ids: vec![shop.id],
    };
    let saved = olga.set_group_environments(olga.id, web.id, &theirs, None);
    saved.await.expect("changed elsewhere");
    browser.expects(412, "/accounts/");
    form.button("Save group").click().await;
    form.disappears().await;
    let now = olga.group(olga.id, web.id).await.expect("there");
    assert_eq!((now.name.as_str(), now.environment_count), ("site", 1));
}

in_chromium!(both: two_who_edit_at_a_time_lose_nothing);
in_chromium!(
    a_change_that_is_not_known_yet_is_not_overwritten,
    what_both_changed_stays_as_it_is_typed,
    a_change_of_something_else_does_not_stand_in_the_way,
);
