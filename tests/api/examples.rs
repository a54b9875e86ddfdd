//! The examples in `docs/integrating.md` are files, and the files do what the page says.

use std::path::{Path, PathBuf};
use std::process::Command;

use accord_client::types::{CreateApiToken, CreateWebhook, Item, TokenScope, WebhookEventType};
use accord_testkit::people::share;
use accord_testkit::receiver::Receiver;
use accord_testkit::{PASSWORD, TestApp, on_both_databases};

use crate::typescript::{compiled, runs};

#[path = "../../docs/examples/first_check.rs"]
mod first_check;

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

fn read(file: impl AsRef<Path>) -> String {
    std::fs::read_to_string(docs().join(file)).expect("a file of the documentation")
}

#[test]
fn the_page_shows_the_files() {
    let page = read("integrating.md");
    for (language, file) in [
        ("sh", "first-check.sh"),
        ("ts", "first-check.ts"),
        ("rust", "first_check.rs"),
        ("ts", "receive-webhook.ts"),
    ] {
        let shown = format!(
            "```{language}\n{}```\n",
            read(Path::new("examples").join(file))
        );
        assert!(page.contains(&shown), "{file} is not what the page shows");
    }
}

async fn each_language_gets_to_a_first_check(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let user = ada.role_of("Starter", &["environment.start"]).await;
    let shop = ada.adds_environment("shop").await;
    ada.invites(
        &bob.email,
        vec![share(Item::environment(shop.id), &[&user])],
    )
    .await;
    bob.accepts(&ada).await;
    let url = app.public_url().to_owned();

    let mut script = Command::new("sh");
    script
        .arg(docs().join("examples/first-check.sh"))
        .env("ACCORD_URL", &url)
        .env("OWNER_EMAIL", &ada.email)
        .env("OWNER_PASSWORD", PASSWORD)
        .env("MEMBER_EMAIL", &bob.email)
        .env("ENVIRONMENT", "shop");
    let printed = tokio::task::spawn_blocking(move || runs(&mut script));
    let printed = printed.await.expect("it went well");
    assert!(printed.contains(r#""allowed":true"#), "{printed}");

    let body = CreateApiToken {
        name: "checker".into(),
        scopes: vec![TokenScope::Checks],
        expires_at: None,
    };
    let token = ada.create_api_token(&body).await.expect("a token").secret;
    let strangers = "nobody@example.com";
    for (email, expected) in [(bob.email.as_str(), true), (strangers, false)] {
        let answer = first_check::may_start(&url, &token, email, shop.id).await;
        assert_eq!(answer.expect("an answer"), expected, "{email}");
    }

    let main = format!(
        "import {{ mayStart }} from \"./first-check.js\";\n\
         const ask = (email: string) => mayStart({url:?}, {token:?}, email, \"{}\");\n\
         console.log(await ask({:?}), await ask({strangers:?}));\n",
        shop.id, bob.email
    );
    let said = tokio::task::spawn_blocking(move || {
        let example = docs().join("examples/first-check.ts");
        let build = compiled(&[&example], &[("main.ts", &main)]);
        runs(
            Command::new("node")
                .arg("main.js")
                .current_dir(build.path()),
        )
    });
    assert_eq!(said.await.expect("it went well").trim(), "true false");
}

/// What the example says of a message: its type, or why it does not take it.
const RECEIVING: &str = r#"
import { receive } from "./receive-webhook.js";
const [, , secret, id, timestamp, signature, body] = process.argv;
const headers = new Headers({
  "webhook-id": id!,
  "webhook-timestamp": timestamp!,
  "webhook-signature": signature!,
});
console.log(await receive(secret!, headers, body!).then((event) => event.type, String));
declare const process: { argv: string[] };
"#;

async fn a_receiver_takes_what_accord_sent_and_nothing_else(app: TestApp) {
    let ada = app.owner("ada").await;
    let receiver = Receiver::start().await;
    let body = CreateWebhook {
        url: receiver.url("/hooks"),
        event_types: vec![WebhookEventType::SharesChanged],
        description: String::new(),
        enabled: None,
    };
    let made = ada.create_webhook(ada.id, &body).await;
    let made = made.expect("a webhook").into_inner();
    let test = ada.test_webhook(ada.id, made.webhook.id).await;
    test.expect("a test");
    let sent = receiver.wait_for(1).await.remove(0);

    let said = tokio::task::spawn_blocking(move || {
        let example = docs().join("examples/receive-webhook.ts");
        let build = compiled(&[&example], &[("main.ts", RECEIVING)]);
        let say = |secret: &str, timestamp: &str, body: &str| {
            runs(
                Command::new("node")
                    .args(["main.js", secret, sent.header("webhook-id"), timestamp])
                    .args([sent.header("webhook-signature"), body])
                    .current_dir(build.path()),
            )
            .trim()
            .to_owned()
        };
        let time = sent.header("webhook-timestamp");
        let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        [
            say(&made.secret, time, &sent.body),
            say(other, time, &sent.body),
            say(
                &made.secret,
                time,
                &sent.body.replace("webhook.test", "shares.changed"),
            ),
            say(&made.secret, "1000000000", &sent.body),
        ]
    });
    assert_eq!(
        said.await.expect("it went well"),
        [
            "webhook.test",
            "Error: not signed with this secret",
            "Error: not signed with this secret",
            "Error: too old, or without a time",
        ]
    );
}

on_both_databases! {
    each_language_gets_to_a_first_check,
    a_receiver_takes_what_accord_sent_and_nothing_else,
}
