//! How fast the program answers, and how much memory it then holds, on both databases.
//!
//! The server runs in a process of its own, and so does the load; on a machine of few cores they
//! compete, so only comparisons within one run mean anything. `cargo xtask bench` runs it.
// It is a command: its table goes to standard output.
#![allow(clippy::print_stdout)]

mod account;
mod checks;
mod measure;
mod server;
mod wire;

use std::time::Duration;

use accord_client::Client;
use accord_client::types::{
    CreateEnvironment, CreateGroup, Invite, Item, NewShare, SignIn, SignUp, Uuid,
};
use accord_testkit::databases::{Backend, TestDatabase};
use chrono::{SecondsFormat, Utc};

use account::Size;
use measure::{Figures, hammer};
use server::ServerProcess;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PASSWORD: &str = "mauve otters climb stairs";
const OWNER: &str = "owner@example.com";
const MEMBERS: usize = 25;
const ENVIRONMENTS: usize = 40;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == server::CHILD) {
        server::serve_until_killed();
        return;
    }
    // A test runner that starts every target calls it without the argument that `cargo bench` gives.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if arguments.iter().any(|argument| argument == "--checks") {
        let words = arguments.iter().filter(|word| !word.starts_with("--"));
        measure_checks(&runtime, &words.collect::<Vec<_>>());
        return;
    }
    println!("| database | operation | requests/s | p50 ms | p99 ms | failed |");
    println!("| --- | --- | ---: | ---: | ---: | ---: |");
    for (backend, title) in [
        (Backend::Sqlite, "SQLite"),
        (Backend::PostgreSql, "PostgreSQL"),
    ] {
        let database = TestDatabase::new(backend);
        let server = ServerProcess::start(database.url());
        let before = server.resident_kib();
        runtime.block_on(async {
            let world = World::fill(server.url()).await;
            for (operation, figures) in world.measure().await {
                println!("| {title} | {operation} | {figures} |");
            }
        });
        println!(
            "| {title} | resident memory | {} MiB at start, {} MiB after all of it | | | |",
            before / 1024,
            server.resident_kib() / 1024
        );
    }
    accord_testkit::databases::stop_shared_cluster();
}

/// Where there is much of one thing, there is so much of the others.
const USUAL: Size = Size {
    environments: 1_000,
    members: 10,
    groups: 10,
    roles: 10,
};

/// The accounts that checks are about: ever more of one thing at a time.
fn sizes() -> Vec<(String, Size)> {
    let mut sizes = Vec::new();
    for environments in [10, 1_000, 100_000, 1_000_000] {
        // No groups: the member has direct roles, which are changed meanwhile.
        let size = Size {
            environments,
            members: 1,
            groups: 0,
            roles: 1,
        };
        sizes.push((format!("{environments} environments"), size));
    }
    for members in [1_000, 100_000] {
        sizes.push((format!("{members} members"), Size { members, ..USUAL }));
    }
    for groups in [1_000, 100_000] {
        sizes.push((format!("{groups} groups"), Size { groups, ..USUAL }));
    }
    for roles in [1_000, 100_000] {
        sizes.push((format!("{roles} roles"), Size { roles, ..USUAL }));
    }
    sizes
}

/// Checks beside the same server's plain static answer; with words, those accounts that are called so.
fn measure_checks(runtime: &tokio::runtime::Runtime, words: &[&String]) {
    println!("| account | what | requests/s | p50 ms | p99 ms | failed | CPU µs of the server |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
    let is_asked = |title: &str| words.is_empty() || words.iter().any(|word| title.contains(*word));
    for (title, size) in sizes().into_iter().filter(|(title, _)| is_asked(title)) {
        let database = TestDatabase::new(Backend::Sqlite);
        let server = ServerProcess::start(database.url());
        let account = checks::Account::with(&server, database.url(), title, size);
        runtime.block_on(account).measure(&server);
    }
}

/// Signs up, and follows the link of the mail.
pub async fn verified_owner(url: &str, email: &str) -> (Client, Uuid) {
    let client = Client::new(url);
    let sign_up = SignUp {
        email: email.into(),
        password: PASSWORD.into(),
        name: "Owner".into(),
    };
    let account = client.sign_up(&sign_up).await.expect("signs up").account.id;
    let mail = client.development_mailbox().await.expect("the mailbox");
    let link = mail
        .iter()
        .filter(|mail| mail.to == email)
        .flat_map(|mail| mail.text.lines())
        .find(|line| line.contains("/verify-email/"))
        .expect("a link");
    let token = link.trim().rsplit('/').next().expect("a token").to_owned();
    client
        .verify_email(&accord_client::types::VerifyEmail { token })
        .await
        .expect("verifies");
    (client, account)
}

/// An account with members, groups and environments, and whoever asks about them.
struct World {
    client: Client,
    account: Uuid,
    member: Uuid,
    role: Uuid,
    environment: Uuid,
}

impl World {
    async fn fill(url: &str) -> Self {
        let (client, account) = verified_owner(url, OWNER).await;
        let role = client
            .roles(account, &Default::default())
            .await
            .expect("roles")
            .items[0]
            .id;
        let group = client
            .create_group(
                account,
                &CreateGroup {
                    path: Some("web/live".into()),
                    ..Default::default()
                },
            )
            .await
            .expect("a group")
            .into_inner()
            .id;
        let mut environment = Uuid::nil();
        for number in 0..ENVIRONMENTS {
            let body = CreateEnvironment {
                name: format!("environment-{number}"),
                group_ids: if number % 2 == 0 {
                    vec![group]
                } else {
                    Vec::new()
                },
                ..Default::default()
            };
            environment = client
                .create_environment(account, &body)
                .await
                .expect("an environment")
                .into_inner()
                .id;
        }
        let mut member = Uuid::nil();
        for number in 0..MEMBERS {
            let body = invitation(&format!("member-{number}@example.com"), role, group);
            member = client
                .invite(account, &body)
                .await
                .expect("a member")
                .into_inner()
                .id;
        }
        Self {
            client,
            account,
            member,
            role,
            environment,
        }
    }

    async fn measure(&self) -> Vec<(&'static str, Figures)> {
        let Self {
            client,
            account,
            member,
            role,
            environment,
        } = self;
        let (account, member, role) = (*account, *member, *role);
        let list = format!("/api/v1/accounts/{account}/members?limit=25");
        let access = format!("/api/v1/accounts/{account}/members/{member}/access");
        let direct =
            format!("/api/v1/accounts/{account}/environments/{environment}/access/{member}");
        let begun = Utc::now();
        let share = move |number: usize| {
            let later = Duration::from_secs(3_600 + u64::try_from(number).expect("few"));
            let end = (begun + later).to_rfc3339_opts(SecondsFormat::Secs, true);
            format!(r#"{{"role_ids":["{role}"],"expires_at":"{end}"}}"#)
        };
        let sign_in = serde_json::to_string(&SignIn {
            email: OWNER.into(),
            password: PASSWORD.into(),
        })
        .expect("JSON");
        let invite = move |number: usize| {
            let mut body = invitation(&format!("load-{number}@example.com"), role, role);
            body.shares.truncate(1);
            serde_json::to_string(&body).expect("JSON")
        };
        vec![
            (
                "livez (no database)",
                hammer(client, "GET", "/livez", 200, |_| String::new()).await,
            ),
            (
                "member list (25)",
                hammer(client, "GET", &list, 200, |_| String::new()).await,
            ),
            (
                "access view (40 environments)",
                hammer(client, "GET", &access, 200, |_| String::new()).await,
            ),
            (
                "direct share, ending ever later",
                hammer(client, "PUT", &direct, 200, share).await,
            ),
            (
                "sign-in (Argon2id)",
                hammer(client, "POST", "/api/v1/auth/sign-in", 200, move |_| {
                    sign_in.clone()
                })
                .await,
            ),
            (
                "invite (with mail queued)",
                hammer(
                    client,
                    "POST",
                    &format!("/api/v1/accounts/{account}/members"),
                    201,
                    invite,
                )
                .await,
            ),
        ]
    }
}

fn invitation(email: &str, role: Uuid, group: Uuid) -> Invite {
    let share = |item| NewShare {
        item,
        role_ids: vec![role],
        expires_at: None,
    };
    Invite {
        email: email.into(),
        display_name: None,
        shares: vec![share(Item::ENVIRONMENTS), share(Item::group(group))],
    }
}
