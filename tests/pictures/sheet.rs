//! The contact sheet: every screen in its states, light and dark, wide and narrow, for people to look at.
//! It goes to `target/pictures`, with a page that shows all of it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use accord_client::types::{CreateGroup, Item};
use accord_testkit::browser::{Browser, Scheme, Stage};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person};

/// Screens that are looked at, in pixels.
const WIDE: (u32, u32) = (1280, 860);
const NARROW: (u32, u32) = (360, 780);

/// Answers of the server as the page gets them: none yet, and one that says it failed. Given to the
/// page's own `fetch`, so that the console stays clean.
const NO_ANSWER: &str = "window.fetch = () => new Promise(() => {})";
const FAILURE: &str = "window.fetch = () => Promise.resolve(new Response(JSON.stringify({
  type: 'about:blank', title: 'Internal error', status: 500, detail: '', code: 'internal', request_id: '0197'
}), { status: 500, headers: { 'content-type': 'application/problem+json' } }))";

/// Where the pictures go, and what there is so far.
struct Sheet {
    folder: PathBuf,
    page: String,
}

impl Sheet {
    fn new() -> Self {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
            PathBuf::from,
        );
        let folder = target.join("pictures");
        // What an earlier run left would be taken for this one's.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        Self {
            folder,
            page: String::from("<!doctype html><meta charset=utf-8><title>Contact sheet</title>\n"),
        }
    }

    /// Takes what a browser shows, on both screens and in both schemes.
    async fn take(&mut self, browser: &Browser, name: &str) {
        let _ = writeln!(self.page, "<h2>{name}</h2>");
        for (width, (across, down)) in [("wide", WIDE), ("narrow", NARROW)] {
            browser.has_screen(across, down).await;
            for (word, scheme) in [("light", Scheme::Light), ("dark", Scheme::Dark)] {
                browser.prefers(scheme).await;
                browser.script(SETTLED).await;
                let file = format!("{name}-{width}-{word}.png");
                std::fs::write(self.folder.join(&file), browser.picture().await)
                    .expect("a picture is written");
                let shown = if width == "wide" { 640 } else { 240 };
                let _ = writeln!(self.page, "<img src=\"{file}\" width={shown} alt=\"\">");
            }
        }
        browser.has_screen(WIDE.0, WIDE.1).await;
        browser.prefers(Scheme::Light).await;
    }

    /// Opens a place, waits until these words are there, and takes it.
    async fn visit(&mut self, browser: &Browser, name: &str, place: &str, words: &str) {
        browser.opens(place).await;
        browser.words(words).first().is_said().await;
        self.take(browser, name).await;
    }

    /// The same place while nothing has come yet, and when the server fails.
    async fn wait_and_fail(&mut self, browser: &Browser, name: &str, place: &str) {
        for (state, script, sign) in [
            ("loading", NO_ANSWER, ".skeleton"),
            ("error", FAILURE, ".empty[role=alert]"),
        ] {
            browser.opens("/no-such-place").await;
            browser.words("Nothing here").first().is_said().await;
            // From a page inside, so that only the new page's own questions are left open.
            browser.opens("/settings/profile").await;
            browser.heading("Profile").first().appears().await;
            browser.script(script).await;
            browser
                .script(&format!(
                    "const link = document.createElement('a'); link.href = '{place}';
                     document.querySelector('main').append(link); link.click(); link.remove()"
                ))
                .await;
            let mut looks = 0;
            let there = format!("return document.querySelector('{sign}') !== null");
            while browser.script(&there).await != true {
                looks += 1;
                assert!(looks < 500, "{place} never shows {sign}");
                browser.script(SETTLED).await;
            }
            self.take(browser, &format!("{name}-{state}")).await;
        }
    }

    fn finish(self) -> PathBuf {
        let page = self.folder.join("index.html");
        std::fs::write(&page, self.page).expect("the sheet is written");
        page
    }
}

/// Answers when the page has been drawn as it is now.
const SETTLED: &str = "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))";

/// Takes all pictures, and says where they are.
pub(crate) async fn take(stage: &Stage) -> PathBuf {
    let mut sheet = Sheet::new();
    let owner = stage.app.owner(super::OWNER).await;
    super::fill(&stage.app, &owner).await;
    visitors(stage, &mut sheet, &owner).await;
    beginner(stage, &mut sheet).await;
    full(stage, &mut sheet, &owner).await;
    crowded(stage, &mut sheet).await;
    member(stage, &mut sheet, &owner).await;
    sheet.finish()
}

async fn signed_in(stage: &Stage, person: &Person) -> Browser {
    let browser = stage.browser_of(&person.name).await;
    browser.has_screen(WIDE.0, WIDE.1).await;
    browser.opens("/sign-in").await;
    browser.field("E-mail address").fill(&person.email).await;
    browser.field("Password").fill(PASSWORD).await;
    browser.button("Sign in").click().await;
    browser.heading("Environments").appears().await;
    browser
}

/// Everything that is seen without an account.
async fn visitors(stage: &Stage, sheet: &mut Sheet, owner: &Person) {
    let browser = stage.browser_of("visitor").await;
    for (name, place, words) in [
        ("sign-in", "/sign-in", "Sign in"),
        ("sign-up", "/sign-up", "Create an account"),
        (
            "forgot-password",
            "/forgot-password",
            "Forgotten your password?",
        ),
        (
            "reset-password",
            "/reset-password/token",
            "Choose a new password",
        ),
        ("verify-email", "/verify-email/token", "Verify your address"),
        ("not-found", "/no-such-place", "Nothing here"),
    ] {
        sheet.visit(&browser, name, place, words).await;
    }
    let viewer = owner.role_named("Viewer").await;
    let shares = || vec![share(Item::ENVIRONMENTS, &[&viewer])];
    let new = owner.invites("nadia@example.com", shares()).await;
    let token = stage.app.invitation_token_for(&new.email).await;
    let place = format!("/invitations/{token}");
    sheet
        .visit(
            &browser,
            "invitation-new",
            &place,
            "Choose a password to accept",
        )
        .await;
    let known = stage.app.owner("oskar").await;
    let record = owner.invites(&known.email, shares()).await;
    let token = stage.app.invitation_token_for(&known.email).await;
    let place = format!("/invitations/{token}");
    sheet
        .visit(&browser, "invitation-sign-in", &place, "Sign in to accept")
        .await;
    owner
        .resend_invitation(owner.id, record.id)
        .await
        .expect("sent again");
    sheet
        .visit(
            &browser,
            "invitation-replaced",
            &place,
            "A newer link was sent",
        )
        .await;
    let browser = signed_in(stage, &known).await;
    browser.dialog("ingrid invites you").appears().await;
    sheet.take(&browser, "join").await;
    browser
        .button("Accept the invitation of ingrid")
        .click()
        .await;
    browser
        .words("shares this with you from now on")
        .is_said()
        .await;
    sheet.take(&browser, "joined").await;
}

/// An account without anything in it.
async fn beginner(stage: &Stage, sheet: &mut Sheet) {
    let beginner = stage.app.sign_up("nils@example.com", "nils").await;
    let browser = signed_in(stage, &beginner).await;
    browser.words("0 of 4 done").is_said().await;
    sheet.take(&browser, "first-steps").await;
    stage.app.verify(&beginner).await;
    for (name, place, words) in [
        ("environments-empty", "/environments", "1 of 4 done"),
        ("groups-empty", "/groups", "No groups yet"),
        ("members-empty", "/settings/members", "Nobody yet"),
        (
            "policies-none-own",
            "/settings/policies?kind=custom",
            "No policies of your own",
        ),
        (
            "shared-with-me-empty",
            "/settings/shared-with-me",
            "Nothing is shared with you",
        ),
    ] {
        sheet.visit(&browser, name, place, words).await;
    }
}

/// A small company at work.
async fn full(stage: &Stage, sheet: &mut Sheet, owner: &Person) {
    let browser = signed_in(stage, owner).await;
    for (name, place, words) in [
        ("environments", "/environments", "shop-web"),
        (
            "environments-narrowed",
            "/environments?q=nothing",
            "Nothing like that",
        ),
        ("groups", "/groups", "production"),
        ("members", "/settings/members", "Mei-Ling Zhou"),
        ("roles", "/settings/roles", "Developer"),
        ("policies", "/settings/policies", "Manage collaboration"),
        ("profile", "/settings/profile", "Profile"),
    ] {
        sheet.visit(&browser, name, place, words).await;
    }
    for (name, place) in [
        ("environments", "/environments"),
        ("groups", "/groups"),
        ("roles", "/settings/roles"),
        ("policies", "/settings/policies"),
        ("shared-with-me", "/settings/shared-with-me"),
    ] {
        sheet.wait_and_fail(&browser, name, place).await;
    }
    browser.opens("/environments").await;
    browser.button("New environment").first().click().await;
    browser
        .dialog("New environment")
        .checkbox("content")
        .appears()
        .await;
    sheet.take(&browser, "environment-new").await;
    browser.opens("/environments").await;
    browser
        .button("What to do with shop-web")
        .first()
        .click()
        .await;
    browser.menu_item("Remove").appears().await;
    sheet.take(&browser, "environment-menu").await;
    browser.menu_item("Remove").click().await;
    browser
        .words("Nobody has direct access to it.")
        .is_said()
        .await;
    sheet.take(&browser, "environment-remove").await;

    browser.opens("/groups").await;
    browser.button("Change group shop").click().await;
    browser.menu_item("Edit").click().await;
    browser.dialog("Edit shop").field("Inside").appears().await;
    sheet.take(&browser, "group-edit").await;
    browser.opens("/groups").await;
    browser.button("Change group shop").click().await;
    browser.menu_item("Remove").click().await;
    browser.words("Stays").is_said().await;
    sheet.take(&browser, "group-remove").await;

    browser.opens("/settings/roles").await;
    browser.button("What to do with Developer").click().await;
    browser.menu_item("Edit").click().await;
    let form = browser.dialog("Edit Developer");
    form.checkbox("Deploy").appears().await;
    form.checkbox("Deploy").click().await;
    sheet.take(&browser, "role-edit").await;
    browser.opens("/settings/roles").await;
    browser.button("What to do with Developer").click().await;
    browser.menu_item("Who has it").click().await;
    browser
        .dialog("Who has Developer")
        .entry("Mei-Ling")
        .appears()
        .await;
    sheet.take(&browser, "role-users").await;
    browser.opens("/settings/roles").await;
    browser.button("What to do with Developer").click().await;
    browser.menu_item("Remove").click().await;
    browser
        .dialog("Remove Developer?")
        .entry("Mei-Ling")
        .appears()
        .await;
    sheet.take(&browser, "role-remove").await;

    browser.opens("/settings/policies").await;
    browser.entry("Connect by SSH").first().appears().await;
    browser
        .script("for (const one of [...document.querySelectorAll('.policy details')].slice(0, 3)) one.open = true")
        .await;
    sheet.take(&browser, "policy-actions").await;
    browser.opens("/settings/policies").await;
    browser.button("New policy").first().click().await;
    browser
        .dialog("New policy")
        .checkbox("View topology")
        .appears()
        .await;
    sheet.take(&browser, "policy-new").await;
}

/// Much of everything: a deep tree, hundreds of groups and environments.
async fn crowded(stage: &Stage, sheet: &mut Sheet) {
    let owner = stage.app.owner("casimir").await;
    let deep = (1..=25)
        .map(|depth| format!("level-{depth:02}"))
        .collect::<Vec<_>>()
        .join("/");
    let body = CreateGroup {
        path: Some(deep),
        ..CreateGroup::default()
    };
    owner.create_group(owner.id, &body).await.expect("a group");
    let mut parts = Vec::new();
    for team in 0..12 {
        for part in [
            "live",
            "test",
            "live/a-part-with-a-name-that-is-rather-long",
        ] {
            parts.push(owner.group_at(&format!("team-{team:02}/{part}")).await);
        }
    }
    for number in 0..70 {
        let groups = [
            &parts[number % 36],
            &parts[(number * 7) % 36],
            &parts[(number * 11) % 36],
        ];
        let name = if number % 9 == 0 {
            format!("environment-with-a-name-that-is-rather-long-{number:03}")
        } else {
            format!("service-{number:03}")
        };
        let mut groups = groups.to_vec();
        groups.dedup_by_key(|group| group.id);
        groups.truncate(1 + number % 3);
        owner.adds_environment_in(&name, &groups).await;
    }
    let browser = signed_in(stage, &owner).await;
    sheet
        .visit(
            &browser,
            "environments-many",
            "/environments",
            "service-001",
        )
        .await;
    sheet
        .visit(&browser, "groups-many", "/groups", "team-01")
        .await;
    browser.button("Unfold all").click().await;
    sheet.take(&browser, "groups-deep").await;
    sheet
        .visit(&browser, "groups-found", "/groups?q=long", "team-01")
        .await;
}

/// Somebody with whom others share.
async fn member(stage: &Stage, sheet: &mut Sheet, owner: &Person) {
    let bob = stage.app.owner("bob").await;
    let viewer = owner.role_named("Viewer").await;
    let developer = owner.role_named("Developer").await;
    let staging = owner.group_at("shop/staging").await;
    owner
        .invites(
            &bob.email,
            vec![
                share(Item::ENVIRONMENTS, &[&viewer]),
                share(Item::group(staging.id), &[&developer]),
            ],
        )
        .await;
    bob.accepts(owner).await;
    let other = stage.app.owner("hedwig").await;
    let user = other.role_named("User").await;
    other
        .invites(&bob.email, vec![share(Item::GROUPS, &[&user])])
        .await;
    let browser = signed_in(stage, &bob).await;
    browser
        .dialog("hedwig invites you")
        .button("Later")
        .click()
        .await;
    sheet
        .visit(&browser, "environments-shared", "/environments", "shop-web")
        .await;
    sheet
        .visit(
            &browser,
            "shared-with-me",
            "/settings/shared-with-me",
            "Waiting for your answer",
        )
        .await;
    browser.article("hedwig").button("Accept").click().await;
    browser.dialog("Added to your dashboard").appears().await;
    sheet.take(&browser, "added").await;
}
