//! The log of the running program: one JSON object a line, with the id of the request that it belongs to, and
//! nothing in it that opens anything.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use accord_client::types::{
    AcceptInvitation, CreateApiToken, CreateWebhook, ForgotPassword, Invite, PageQuery,
    ResetPassword, SignIn, SignUp, TokenScope, VerifyEmail, WebhookEventType,
};
use accord_client::{Client, RawAnswer};
use accord_testkit::receiver::Receiver;
use serde_json::{Value, json};
use tempfile::TempDir;

const ADA: &str = "ada@example.com";
const GRACE: &str = "grace@example.com";
const PASSWORD: &str = "correct-horse-battery-staple-9";
const NEXT_PASSWORD: &str = "another-horse-battery-staple-8";
const WRONG_PASSWORD: &str = "not-a-horse-battery-staple-7";

/// The program, as an operator starts it.
struct Program {
    child: Child,
    folder: TempDir,
    url: String,
    log: mpsc::Receiver<String>,
    read: Vec<String>,
}

impl Program {
    /// Starts it with everything logged that it has to say itself.
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = accord(&folder)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--log-format", "json", "--log", "info,accord=trace"])
            .args(["--webhook-allowed-networks", "127.0.0.1"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = BufReader::new(child.stderr.take().expect("its log"));
        let (sender, log) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.lines() {
                let line = line.expect("text");
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut program = Self {
            child,
            folder,
            url: String::new(),
            log,
            read: Vec::new(),
        };
        let listens = program.wait_for(|line| line["message"] == "Accord listens");
        program.url = listens["public_url"].as_str().expect("a URL").to_owned();
        program
    }

    /// Reads the log up to the line for which this holds.
    fn wait_for(&mut self, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = self.log.recv().expect("it goes on");
            let parsed: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
            self.read.push(line);
            if holds(&parsed) {
                return parsed;
            }
        }
    }

    fn visitor(&self) -> Client {
        Client::new(&self.url)
    }

    /// A token of the platform, made beside the running program.
    fn platform_token(&self) -> String {
        let output = accord(&self.folder)
            .args(["token", "create", "--scopes", "read"])
            .output()
            .expect("the program runs");
        assert!(output.status.success(), "{output:?}");
        let printed = String::from_utf8(output.stdout).expect("text");
        printed.trim().to_owned()
    }

    /// The token in the newest mail to this address that has a link to this page.
    async fn link_for(&self, address: &str, page: &str) -> String {
        let mails = self.visitor().development_mailbox_of(address).await;
        let marker = format!("/{page}/");
        mails
            .expect("the development mailbox")
            .iter()
            .flat_map(|mail| mail.text.lines())
            .find_map(|line| Some(line.trim_end().split_once(&marker)?.1.to_owned()))
            .unwrap_or_else(|| panic!("no link to {page} was mailed to {address}"))
    }

    /// Ends it, and answers all that it logged.
    fn end(mut self) -> Vec<String> {
        self.child.kill().expect("it ran");
        self.child.wait().expect("it ended");
        self.read.extend(self.log.iter());
        std::mem::take(&mut self.read)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Ended already, unless the test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn accord(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_accord"));
    command
        .env_clear()
        .env("ACCORD_DATA_DIR", folder.path())
        .stdin(Stdio::null());
    command
}

/// What was sent and answered: secrets, and the ids by which the log names the requests.
#[derive(Default)]
struct Told {
    secrets: Vec<(&'static str, String)>,
    request_ids: BTreeSet<String>,
}

impl Told {
    fn secret(&mut self, what: &'static str, secret: impl Into<String>) {
        let secret = secret.into();
        assert!(secret.len() > 10, "{what}: {secret}");
        self.secrets.push((what, secret));
    }

    /// Notes which request that was.
    fn answered(&mut self, status: u16, answer: &RawAnswer) -> String {
        assert_eq!(answer.status, status, "{}", answer.text());
        let id = answer.header("x-request-id").expect("an id").to_owned();
        self.request_ids.insert(id.clone());
        id
    }

    fn token_of(&mut self, what: &'static str, client: &Client) {
        self.secret(what, client.access_token().expect("signed in"));
    }
}

async fn send(client: &Client, method: &str, path: &str, body: &Value) -> RawAnswer {
    let headers = [("content-type", "application/json")];
    let body = match body {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    let answer = client.raw(method, path, &headers, body).await;
    answer.expect("an answer")
}

/// Signing up, in and out, with the mistakes that people make.
async fn an_account(program: &Program, told: &mut Told) -> Client {
    let ada = program.visitor();
    for (what, password) in [
        ("the first password", PASSWORD),
        ("the next password", NEXT_PASSWORD),
        ("a wrong password", WRONG_PASSWORD),
    ] {
        told.secret(what, password);
    }
    let sign_up = SignUp {
        email: ADA.into(),
        password: PASSWORD.into(),
        name: "Ada".into(),
    };
    ada.sign_up(&sign_up).await.expect("signed up");
    told.token_of("an access token", &ada);
    let token = program.link_for(ADA, "verify-email").await;
    told.secret("the link that proves an address", token.as_str());
    ada.verify_email(&VerifyEmail { token })
        .await
        .expect("verified");

    let sign_in = |password: &str| json!({ "email": ADA, "password": password });
    let path = "/api/v1/auth/sign-in";
    let wrong = send(&ada, "POST", path, &sign_in(WRONG_PASSWORD)).await;
    told.answered(401, &wrong);
    let again = send(&ada, "POST", path, &sign_in(PASSWORD)).await;
    told.answered(200, &again);
    let cookie = again.header("set-cookie").expect("a cookie");
    let cookie = cookie.split(['=', ';']).nth(1).expect("its value");
    told.secret("a cookie", cookie);
    ada.refresh().await.expect("refreshed");
    told.token_of("another access token", &ada);

    // As a browser opens it, and as somebody mistypes it.
    let forgot = ForgotPassword { email: ADA.into() };
    ada.forgot_password(&forgot).await.expect("mailed");
    let token = program.link_for(ADA, "reset-password").await;
    told.secret("the link to a new password", token.as_str());
    for page in ["reset-password", "reset-pasword", "api/v1/reset-password"] {
        let opened = send(&ada, "GET", &format!("/{page}/{token}"), &Value::Null).await;
        told.answered(opened.status, &opened);
    }
    let reset = ResetPassword {
        token,
        password: NEXT_PASSWORD.into(),
    };
    ada.reset_password(&reset).await.expect("reset");
    let body = SignIn {
        email: ADA.into(),
        password: NEXT_PASSWORD.into(),
    };
    ada.sign_in(&body).await.expect("signed in");
    told.token_of("the access token after it", &ada);
    ada
}

/// An invitation, from the mail to the new account.
async fn an_invitation(program: &Program, told: &mut Told, ada: &Client) {
    let id = ada.account().await.expect("an account").id;
    let invite = Invite {
        email: GRACE.into(),
        ..Default::default()
    };
    ada.invite(id, &invite).await.expect("invited");
    let token = program.link_for(GRACE, "invitations").await;
    told.secret("the link of an invitation", token.as_str());
    let grace = program.visitor();
    for page in ["invitations", "api/v1/invitations", "api/v1/invitation"] {
        let opened = send(&grace, "GET", &format!("/{page}/{token}"), &Value::Null).await;
        told.answered(opened.status, &opened);
    }
    let accept = AcceptInvitation {
        password: Some(PASSWORD.into()),
        name: Some("Grace".into()),
    };
    grace
        .accept_invitation(&token, &accept)
        .await
        .expect("accepted");
    told.token_of("the access token of who joined", &grace);
    let mails = program.visitor().development_mailbox_of(ADA).await;
    let way_out = mails
        .expect("the development mailbox")
        .iter()
        .flat_map(|mail| mail.text.split_whitespace())
        .find_map(|word| Some(word.split_once("/unsubscribe/")?.1.to_owned()))
        .expect("a way out of optional mail");
    told.secret("the way out of mail", way_out.as_str());
    ada.mail_way_out(&way_out).await.expect("it leads there");
    ada.unsubscribe(&way_out).await.expect("unsubscribed");
}

/// Tokens of programs, good and bad ones, and a webhook.
async fn programs(program: &Program, told: &mut Told, ada: &Client) {
    let id = ada.account().await.expect("an account").id;
    let body = CreateApiToken {
        name: "CI".into(),
        scopes: vec![TokenScope::Read],
        expires_at: None,
    };
    let made = ada.create_api_token(&body).await.expect("a token");
    let platform = program.platform_token();
    let calls = [
        ("an API token", made.secret.clone(), 200),
        ("a platform token", platform, 200),
        ("a mistyped token", format!("{}x", made.secret), 401),
        ("no token at all", "acc_notatokenbutlong".to_owned(), 401),
    ];
    let path = format!("/api/v1/accounts/{id}/environments");
    for (what, token, status) in calls {
        told.secret(what, token.as_str());
        let client = program.visitor();
        client.set_access_token(Some(token));
        let answer = send(&client, "GET", &path, &Value::Null).await;
        told.answered(status, &answer);
    }
    ada.api_tokens(&PageQuery::default()).await.expect("listed");

    let receiver = Receiver::start().await;
    let body = CreateWebhook {
        url: receiver.url("/hooks"),
        event_types: vec![WebhookEventType::MemberInvited],
        description: String::new(),
        enabled: None,
    };
    let hook = ada.create_webhook(id, &body).await.expect("a webhook");
    told.secret("the secret of a webhook", hook.secret.as_str());
    let rotated = ada.rotate_webhook_secret(id, hook.webhook.id).await;
    let rotated = rotated.expect("rotated").into_inner();
    told.secret("its next secret", rotated.secret.as_str());
    ada.test_webhook(id, hook.webhook.id).await.expect("queued");
    receiver.wait_for(1).await;
}

/// A write that is sent twice with one key. Answers under which ids.
async fn a_keyed_write(told: &mut Told, ada: &Client) -> [String; 2] {
    let id = ada.account().await.expect("an account").id;
    let path = format!("/api/v1/accounts/{id}/environments");
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", "one"),
    ];
    let body = json!({ "name": "shop" }).to_string();
    let first = ada.raw("POST", &path, &headers, body.clone()).await;
    let again = ada.raw("POST", &path, &headers, body).await;
    [first, again].map(|answer| told.answered(201, &answer.expect("an answer")))
}

/// What the program says of itself, and of what it does by itself.
fn belongs_to_no_request(line: &Value) -> bool {
    let target = line["target"].as_str().expect("where it comes from");
    let by_itself = [
        "accord_server::running",
        "accord_server::commands",
        "accord_store::migrations",
        "accord_store::changes",
        "accord_webhooks::worker",
        "actix_server::",
    ];
    by_itself.iter().any(|known| target.starts_with(known))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_line_names_its_request_and_none_tells_a_secret() {
    let mut program = Program::start();
    let mut told = Told::default();
    let ada = an_account(&program, &mut told).await;
    an_invitation(&program, &mut told, &ada).await;
    programs(&program, &mut told, &ada).await;
    let [carried_out, again] = a_keyed_write(&mut told, &ada).await;
    ada.sign_out().await.expect("signed out");
    program.wait_for(|line| line["message"] == "webhook delivered");
    let lines = program.end();

    let mut answered = BTreeSet::new();
    let mut keyed = Vec::new();
    for text in &lines {
        let line: Value = serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON: {text}"));
        for part in ["timestamp", "level", "message", "target"] {
            assert!(line[part].is_string(), "without {part}: {text}");
        }
        let request = line["span"]["id"].as_str();
        match request {
            Some(id) => assert_eq!(line["span"]["name"], "request", "{id}: {text}"),
            None => assert!(belongs_to_no_request(&line), "of which request? {text}"),
        }
        let request = request.map(str::to_owned);
        match line["message"].as_str() {
            Some("answered") => answered.extend(request),
            Some("a write with a key was answered") => keyed.push(request),
            _ => {}
        }
    }
    let missing: Vec<_> = told.request_ids.difference(&answered).collect();
    assert!(missing.is_empty(), "not in the log: {missing:?}");
    assert_eq!(keyed, [Some(carried_out)], "and not the second time");
    assert!(answered.contains(&again));

    let log = lines.join("\n");
    for (what, secret) in &told.secrets {
        assert!(!log.contains(secret.as_str()), "the log tells {what}");
    }
    for beginning in [
        "acc_",
        "acp_",
        "whsec_",
        "eyJ",
        "Bearer",
        "accord_refresh",
        "$argon2",
    ] {
        assert!(
            !log.contains(beginning),
            "the log tells something with {beginning}"
        );
    }
}
