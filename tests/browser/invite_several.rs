//! Several addresses in one form: typed, pasted, mended by keyboard, and each answered for itself.

use accord_testkit::browser::{Browser, Key, Place, Stage};
use accord_testkit::in_chromium;

use super::steps::owner_in_browser;

async fn form_of(browser: &Browser) -> Place {
    browser.opens("/settings/members").await;
    browser.button("Invite").first().click().await;
    let form = browser.dialog("Invite a member");
    form.appears().await;
    form
}

/// Pastes where the focus is, as from a mail program.
async fn pastes(browser: &Browser, text: &str) {
    let text = serde_json::json!(text);
    browser
        .script(&format!(
            "const data = new DataTransfer(); data.setData('text', {text});
             document.activeElement.dispatchEvent(new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }}))"
        ))
        .await;
}

async fn a_pasted_list_is_invited_at_once(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    let form = form_of(&browser).await;
    pastes(
        &browser,
        "Ada Lovelace <ada@example.com>, \"Hopper, Grace\" <grace@example.com>;\r\nbob@example.com carol@example.com",
    )
    .await;
    for chip in [
        "Change Ada Lovelace <ada@example.com>",
        "Change Hopper, Grace <grace@example.com>",
        "Change bob@example.com",
        "Change carol@example.com",
    ] {
        form.button(chip).appears().await;
    }
    browser.types("dora@example.com,").await;
    form.button("Change dora@example.com").appears().await;
    browser
        .has_no_barriers("several addresses in the invite form")
        .await;

    form.button("Send 5 invitations").click().await;
    form.disappears().await;
    browser.words("Invited 5 people.").first().is_said().await;
    browser.row("dora@example.com").appears().await;
    let members = olga.members(olga.id, &Default::default()).await;
    let names: Vec<_> = members
        .expect("members")
        .items
        .into_iter()
        .map(|member| member.display_name)
        .collect();
    assert_eq!(
        names,
        [
            Some("Ada Lovelace".to_owned()),
            None,
            None,
            None,
            Some("Hopper, Grace".to_owned())
        ]
    );
}

async fn each_address_is_answered_for_itself(stage: &Stage) {
    let (olga, browser) = owner_in_browser(stage, "olga").await;
    olga.invites("bob@example.com", Vec::new()).await;
    let form = form_of(&browser).await;
    browser
        .types("ada@example.com bob@example.com nonsense;")
        .await;
    form.field("Display name optional").disappears().await;

    // What is no address is said before anything is sent.
    form.button("Send 3 invitations").click().await;
    let wrong = "Change nonsense: Enter an address such as name@example.com";
    form.button(wrong).appears().await;
    assert!(form.field("E-mail addresses").has_focus().await);
    assert_eq!(
        olga.members(olga.id, &Default::default())
            .await
            .expect("members")
            .items
            .len(),
        1
    );

    // It is mended by keyboard: taken back into the text, and made whole.
    browser.presses(Key::Left).await;
    assert!(form.button(wrong).has_focus().await);
    browser.presses(Key::Enter).await;
    form.field("E-mail addresses").holds("nonsense").await;
    browser.types("@").await;
    browser.types("example.com").await;
    browser.presses(Key::Enter).await;
    form.button("Change nonsense@example.com").appears().await;

    browser.expects(409, "/accounts/");
    form.button("Send 3 invitations").click().await;
    form.words("Invited: ada@example.com, nonsense@example.com.")
        .is_said()
        .await;
    form.button("Change bob@example.com: is a member already")
        .appears()
        .await;
    browser
        .has_no_barriers("addresses that were answered for themselves")
        .await;
    assert_eq!(form.button("Change ada@example.com").count().await, 0);
    assert_eq!(
        olga.members(olga.id, &Default::default())
            .await
            .expect("members")
            .items
            .len(),
        3
    );

    // The record that exists is one click away, and nothing is lost by looking at it.
    form.link("Open the record that exists").click().await;
    form.words("Discard what you typed?").is_said().await;
    form.button("Keep editing").click().await;
    form.button("Change bob@example.com: is a member already")
        .appears()
        .await;
    form.link("Open the record that exists").click().await;
    form.button("Discard").click().await;
    browser.heading("bob@example.com").appears().await;
}

async fn addresses_are_mended_and_taken_away_by_keyboard(stage: &Stage) {
    let (_, browser) = owner_in_browser(stage, "olga").await;
    let form = form_of(&browser).await;
    browser.types("ada@example.com, bob@example.com,").await;
    form.button("Change bob@example.com").appears().await;
    browser.presses(Key::Backspace).await;
    assert!(form.button("Change bob@example.com").has_focus().await);
    browser.presses(Key::Left).await;
    assert!(form.button("Change ada@example.com").has_focus().await);
    browser.presses(Key::Delete).await;
    form.button("Change ada@example.com").disappears().await;
    assert!(form.button("Change bob@example.com").has_focus().await);
    browser.presses(Key::Right).await;
    assert!(form.field("E-mail address").has_focus().await);
    // The same once more is one.
    browser.types("BOB@example.com ").await;
    form.field("E-mail address").holds("").await;
    assert_eq!(form.button("Change BOB@example.com").count().await, 0);
}

async fn what_is_typed_into_a_field_stays_as_it_was_typed(stage: &Stage) {
    let browser = stage.browser_of("olga").await;
    browser.opens("/sign-in").await;
    let field = browser.field("E-mail address");
    field.appears().await;
    // A browser hands out an address without the spaces around it; written back, the one just typed
    // would be gone.
    browser.types("ada").await;
    browser.types(" ").await;
    browser.types("lovelace").await;
    field.holds("ada lovelace").await;
    browser.presses(Key::Home).await;
    browser.types(" x").await;
    field.holds("xada lovelace").await;
    browser.types("y").await;
    field.holds("xyada lovelace").await;
}

in_chromium!(both: a_pasted_list_is_invited_at_once);
in_chromium!(
    each_address_is_answered_for_itself,
    addresses_are_mended_and_taken_away_by_keyboard,
    what_is_typed_into_a_field_stays_as_it_was_typed,
);
