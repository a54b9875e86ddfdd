//! Checks over HTTP: how many there are in a second, and how long they take, by the size of the account,
//! beside the same server's plain static answer.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use accord_client::Client;
use accord_client::types::{CreateApiToken, SignUp, TokenScope, Uuid};
use accord_domain::account::AccountKind;
use accord_domain::authorize::{
    Caller, Grant, Host, ManageEnvironments, ManageMembers, OwnerPermission, Standing, authorize,
};
use accord_domain::environment::EnvironmentStatus;
use accord_domain::ids::{AccountId, EnvironmentId, MemberId, RoleId, ShareId};
use accord_domain::member::StoredStatus;
use accord_domain::sharing::{Item, Share};
use accord_store::environments::{EnvironmentContent, NewEnvironment};
use accord_store::members::{MemberLife, NewMember};
use accord_store::{Db, Insert, StoreError, environments, members, shares};
use chrono::Utc;

use crate::measure::Figures;
use crate::server::ServerProcess;
use crate::wire::{Request, hammer, steady};
use crate::{PASSWORD, verified_owner};

/// Environments that the member has a role on.
const SHARED: usize = 1_000;

/// One account with environments, and one member who has a role on some of them.
pub struct Account {
    token: String,
    owner_id: Uuid,
    member: Uuid,
    member_id: MemberId,
    role: Uuid,
    environments: Vec<EnvironmentId>,
}

fn grant<P: OwnerPermission>(account: AccountId) -> Grant<P> {
    let caller = Caller {
        account_id: account,
        kind: AccountKind::Billing,
        email_verified: true,
    };
    let host = Host {
        account_id: account,
        kind: AccountKind::Billing,
        frozen: false,
    };
    authorize(caller, &host, Standing::Owner).expect("an owner may")
}

impl Account {
    /// Fills the database beside the running server, which hears of it.
    pub async fn with(server: &ServerProcess, database: &str, count: usize) -> Self {
        let (owner, owner_id) = verified_owner(server.url(), "owner@example.com").await;
        let sign_up = SignUp {
            email: MEMBER.into(),
            password: PASSWORD.into(),
            name: "Member".into(),
        };
        let member = Client::new(server.url()).sign_up(&sign_up).await;
        let member = member.expect("signs up").account.id;
        let roles = owner.roles(owner_id, &Default::default()).await;
        let role = roles.expect("roles").items[0].id;
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
        let fill = move || {
            fill(
                &url,
                AccountId(owner_id),
                AccountId(member),
                RoleId(role),
                count,
            )
        };
        let filled = tokio::task::spawn_blocking(fill).await;
        let (environments, member_id) = filled.expect("filled");
        Self {
            token,
            owner_id,
            member,
            member_id,
            role,
            environments,
        }
    }

    /// Jumping about, so that no few environments stay in the processor's own memory.
    fn check(&self, number: usize) -> Request {
        let id = self.environments[number.wrapping_mul(7_919) % self.environments.len()];
        let member = self.member;
        let body = format!(
            r#"{{"checks":[{{"subject":{{"account_id":"{member}"}},"environment_id":"{id}","action_ids":["files.read"],"mode":"all"}}]}}"#
        );
        Request::new("POST", "/api/v1/checks", &self.token, &body)
    }

    /// Gives the member's share of one environment another end, in one request of a hundred.
    fn change(&self, number: usize) -> Option<Request> {
        if !number.is_multiple_of(100) {
            return None;
        }
        let hours = u64::try_from(1 + number % 10_000).expect("few");
        let end = Utc::now() + Duration::from_secs(3_600 * hours);
        let (owner, member, role) = (self.owner_id, self.member_id, self.role);
        let id = self.environments[0];
        let path = format!("/api/v1/accounts/{owner}/environments/{id}/access/{member}");
        let body = format!(
            r#"{{"role_ids":["{role}"],"expires_at":"{}"}}"#,
            end.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        );
        Some(Request::new("PUT", &path, &self.token, &body))
    }

    pub fn measure(&self, server: &ServerProcess) {
        let count = self.environments.len();
        let show = |what: &str, measure: &dyn Fn() -> Figures| {
            let (before, begun) = (server.busy(), Instant::now());
            let figures = measure();
            let requests = figures.per_second() * begun.elapsed().as_secs_f64();
            let busy = (server.busy() - before).as_secs_f64() * 1_000_000.0 / requests;
            println!("| {count} | {what} | {figures} | {busy:.1} |");
            figures.per_second()
        };
        let (address, check) = (server.address(), |number| self.check(number));
        let before = server.resident_kib();
        let made = steady(address, 0.2, check, |_| None).median();
        let (before, after) = (before / 1_024, server.resident_kib() / 1_024);
        let made = made.as_secs_f64() * 1_000.0;
        println!(
            "| {count} | the first check, which makes the index: {made:.0} ms; resident memory {before} MiB before and {after} MiB after | | | | | |"
        );
        let livez = Request::new("GET", "/livez", &self.token, "");
        let still = show("static JSON (`/livez`)", &|| {
            hammer(address, |_| livez.clone())
        });
        let full = show("one check", &|| hammer(address, check));
        println!(
            "| {count} | rate of checks to that of the static answer | {:.0} % | | | | |",
            full / still * 100.0
        );
        let half = full / 2.0;
        show("one check, at half of that rate", &|| {
            steady(address, half, check, |_| None)
        });
        show("the same, and 1 % change shares of that account", &|| {
            steady(address, half, check, |number| self.change(number))
        });
    }
}

const MEMBER: &str = "member@example.com";

fn fill(
    url: &str,
    owner: AccountId,
    person: AccountId,
    role: RoleId,
    count: usize,
) -> (Vec<EnvironmentId>, MemberId) {
    let db = Db::connect(url, 1).expect("it answers");
    let now = Utc::now();
    let mut ids = Vec::with_capacity(count);
    let all: Vec<usize> = (0..count).collect();
    for numbers in all.chunks(10_000) {
        let made = db.write(|tx| {
            let mut made = Vec::with_capacity(numbers.len());
            for number in numbers {
                let name = format!("environment-{number}");
                let new = NewEnvironment {
                    id: EnvironmentId(Uuid::now_v7()),
                    content: EnvironmentContent {
                        name_key: name.clone(),
                        name,
                        display_name: None,
                        status: EnvironmentStatus::Running,
                    },
                    created_by: Some(owner),
                    group_ids: BTreeSet::new(),
                };
                let grant = grant::<ManageEnvironments>(owner);
                match environments::insert(tx, &grant, &new, now)? {
                    Insert::Done(environment) => made.push(environment.id),
                    Insert::Taken(_) => return Err(StoreError::BadPosition),
                }
            }
            Ok::<_, StoreError>(made)
        });
        ids.extend(made.expect("environments"));
    }
    let member = MemberId(Uuid::now_v7());
    db.write(|tx| {
        let grant = grant::<ManageMembers>(owner);
        let new = NewMember {
            id: member,
            email: MEMBER.to_owned(),
            email_key: MEMBER.to_owned(),
            display_name: None,
            invitation_expires_at: now,
        };
        let _ = members::insert(tx, &grant, &new, now)?;
        let life = MemberLife {
            status: StoredStatus::Active,
            person_id: Some(person),
            invited_at: now,
            invitation_expires_at: None,
            accepted_at: Some(now),
            suspended_at: None,
            ended_at: None,
        };
        let _ = members::update_life(tx, &grant, member, &life, None, now)?;
        let given: Vec<Share> = ids
            .iter()
            .step_by(10)
            .take(SHARED)
            .map(|id| Share {
                id: ShareId(Uuid::now_v7()),
                item: Item::Environment(*id),
                role_ids: [role].into(),
                expires_at: None,
            })
            .collect();
        shares::replace_all(tx, &grant, member, &given, now).map(drop)
    })
    .expect("a member");
    (ids, member)
}
