//! Checks over HTTP: how many there are in a second, and how long they take, by the size of the account,
//! beside the same server's plain static answer.

use std::time::{Duration, Instant};

use accord_client::types::{CreateApiToken, TokenScope, Uuid};
use accord_domain::ids::{AccountId, PolicyId};
use chrono::Utc;

use crate::account::{Filled, Size, fill};
use crate::measure::Figures;
use crate::server::ServerProcess;
use crate::verified_owner;
use crate::wire::{Request, hammer, steady};

/// One account whose members are asked about.
pub struct Account {
    token: String,
    owner_id: Uuid,
    filled: Filled,
    /// What it has most of, in the table.
    title: String,
}

impl Account {
    /// Of that size.
    pub async fn with(server: &ServerProcess, database: &str, title: String, size: Size) -> Self {
        let (owner, owner_id) = verified_owner(server.url(), "owner@example.com").await;
        let roles = owner.roles(owner_id, &Default::default()).await;
        let policy = roles.expect("roles").items[0].policy_ids[0];
        // The platform calls with a token, and one does not end while a large account is filled.
        let token = CreateApiToken {
            name: "load".into(),
            scopes: vec![TokenScope::Checks, TokenScope::Members],
            expires_at: None,
        };
        let token = owner
            .create_api_token(&token)
            .await
            .expect("a token")
            .secret;
        let url = database.to_owned();
        let fill = move || fill(&url, AccountId(owner_id), PolicyId(policy), size);
        let filled = tokio::task::spawn_blocking(fill).await.expect("filled");
        Self {
            token,
            owner_id,
            filled,
            title,
        }
    }

    /// Half of them about what the member has a share on, the rest about anything. Jumping about, so that no few
    /// environments stay in the processor's own memory.
    fn check(&self, number: usize) -> Request {
        let Filled {
            environments,
            members,
            shared,
            ..
        } = &self.filled;
        let far = number.wrapping_mul(7_919);
        let (member, id) = if number.is_multiple_of(2) {
            shared[far % shared.len()]
        } else {
            let (_, member) = members[far % members.len()];
            (member, environments[far / 7 % environments.len()])
        };
        let body = format!(
            r#"{{"checks":[{{"subject":{{"account_id":"{member}"}},"environment_id":"{id}","action_ids":["files.read"],"mode":"all"}}]}}"#
        );
        Request::new("POST", "/api/v1/checks", &self.token, &body)
    }

    /// Gives a member direct roles on one environment, and then those another end, in one request of a hundred.
    fn change(&self, number: usize) -> Option<Request> {
        if !number.is_multiple_of(100) {
            return None;
        }
        let hours = u64::try_from(1 + number % 10_000).expect("few");
        let end = Utc::now() + Duration::from_secs(3_600 * hours);
        let (owner, (member, _), role) =
            (self.owner_id, self.filled.members[0], self.filled.roles[0]);
        let id = self.filled.environments[0];
        let path = format!("/api/v1/accounts/{owner}/environments/{id}/access/{member}");
        let body = format!(
            r#"{{"role_ids":["{role}"],"expires_at":"{}"}}"#,
            end.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        );
        Some(Request::new("PUT", &path, &self.token, &body))
    }

    pub fn measure(&self, server: &ServerProcess) {
        let title = &self.title;
        let show = |what: &str, measure: &dyn Fn() -> Figures| {
            let (before, begun) = (server.busy(), Instant::now());
            let figures = measure();
            let requests = figures.per_second() * begun.elapsed().as_secs_f64();
            let busy = (server.busy() - before).as_secs_f64() * 1_000_000.0 / requests;
            println!("| {title} | {what} | {figures} | {busy:.1} |");
            figures.per_second()
        };
        let (address, check) = (server.address(), |number| self.check(number));
        let before = server.resident_kib();
        let made = steady(address, 0.2, check, |_| None).median();
        let (before, after) = (before / 1_024, server.resident_kib() / 1_024);
        let made = made.as_secs_f64() * 1_000.0;
        println!(
            "| {title} | the first check, which makes the index: {made:.0} ms; resident memory {before} MiB before and {after} MiB after | | | | | |"
        );
        let livez = Request::new("GET", "/livez", &self.token, "");
        let still = show("static JSON (`/livez`)", &|| {
            hammer(address, |_| livez.clone())
        });
        let full = show("one check", &|| hammer(address, check));
        println!(
            "| {title} | rate of checks to that of the static answer | {:.0} % | | | | |",
            full / still * 100.0
        );
        let half = full / 2.0;
        show("static JSON, at half of the rate of checks", &|| {
            steady(address, half, |_| livez.clone(), |_| None)
        });
        show("one check, at half of that rate", &|| {
            steady(address, half, check, |_| None)
        });
        let mixed = |number| self.change(number).unwrap_or_else(|| check(number));
        let full = show("checks, and 1 % change shares of that member", &|| {
            hammer(address, mixed)
        });
        show("the checks among these, at half of that rate", &|| {
            steady(address, full / 2.0, check, |number| self.change(number))
        });
    }
}
