//! `accord demo`: fills an empty database with a believable company, by the use cases that people
//! use. Time passes in it, so that some things lie weeks back.

mod company;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use accord_domain::email::EmailAddress;
use accord_domain::environment::EnvironmentStatus;
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId};
use accord_domain::sharing::{Item, ShareDraft};
use accord_domain::text::{Color, Description, DisplayName, Name, group_path};
use accord_mail::mailbox::recent;
use accord_service::{
    Call, Clock, CreateEnvironment, CreateGroup, CreatePolicy, CreateRole, Credential, Invite,
    NewAccountChoice, NewGroupPlace, Page, RequestInfo, SecretToken, Service, ServiceError, SignUp,
    SignedInView,
};
use accord_store::Db;
use anyhow::{Context as _, anyhow, bail};
use chrono::{DateTime, Duration, Utc};

use self::company::{
    COLLEAGUES, Colleague, ENVIRONMENTS, Fate, GROUPS, OWNER, PASSWORD, POLICY, ROLES, Shared,
};
use super::{say, service};
use crate::settings::{PublicUrl, Settings};

/// How long ago the company began to use Accord.
const BEGAN_DAYS_AGO: i64 = 40;

/// Fills the database, or leaves it alone where somebody has an account.
pub(super) fn fill(settings: &Settings) -> anyhow::Result<()> {
    if settings.smtp.is_some() {
        bail!(
            "The demonstration would write to people who do not exist, so it is not made where a mail \
             server is set up (ACCORD_SMTP_URL)."
        );
    }
    let began = Utc::now() - Duration::days(BEGAN_DAYS_AGO);
    let now = Arc::new(Mutex::new(began));
    let clock = {
        let now = Arc::clone(&now);
        Clock::from_fn(move || *now.lock().unwrap_or_else(PoisonError::into_inner))
    };
    let (db, service, public_url) = service(settings, clock)?;
    if !service.list_accounts().map_err(failed)?.is_empty() {
        return say("The database holds accounts already, so it was left alone.");
    }
    let mut company = Company::found(Demo {
        db,
        service,
        public_url,
        now,
    })?;
    company.equip()?;
    for colleague in COLLEAGUES {
        company.take_on(colleague)?;
    }
    say(&format!(
        "{} is there. Everybody's password: {PASSWORD}",
        OWNER.company
    ))?;
    say(&format!(
        "{}\towner\t{}",
        OWNER.email, company.demo.public_url
    ))?;
    for colleague in COLLEAGUES
        .iter()
        .filter(|colleague| colleague.fate.has_account())
    {
        say(&format!(
            "{}\t{}\t{}",
            colleague.email,
            colleague.fate.word(),
            company.demo.public_url
        ))?;
    }
    Ok(())
}

/// The link to that page in the newest mail to an address, while it is kept.
pub(super) fn newest_link(
    db: &Db,
    service: &Service,
    public_url: &PublicUrl,
    email: &str,
    page: &str,
) -> anyhow::Result<Option<String>> {
    const SEARCHED: u32 = 20;
    let mails = db
        .read(|tx| {
            Ok::<_, ServiceError>(recent(
                tx,
                service.link_sealer(),
                public_url.as_str(),
                Some(email),
                SEARCHED,
            )?)
        })
        .map_err(failed)?;
    let start = format!("{public_url}/{page}/");
    Ok(mails.into_iter().find_map(|mail| {
        // The link stands alone on its line.
        mail.text
            .lines()
            .map(str::trim)
            .find(|line| line.starts_with(&start))
            .map(str::to_owned)
    }))
}

/// What the story is told with.
struct Demo {
    db: Db,
    service: Service,
    public_url: PublicUrl,
    now: Arc<Mutex<DateTime<Utc>>>,
}

impl Demo {
    fn pass(&self, time: Duration) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }

    /// The secret at the end of the newest link of that kind.
    fn mailed_token(&self, email: &str, page: &str) -> anyhow::Result<SecretToken> {
        let link = newest_link(&self.db, &self.service, &self.public_url, email, page)?
            .with_context(|| format!("no mail to {email} has a link"))?;
        Ok(SecretToken::presented(
            link.rsplit('/').next().unwrap_or_default(),
        ))
    }

    fn call(&self, signed_in: &SignedInView) -> anyhow::Result<Call> {
        let credential = self
            .service
            .verify_access_token(&signed_in.access_token)
            .context("a fresh token is no good")?;
        Ok(Call {
            credential: Credential::Session(credential),
            scope: None,
            request: request(),
        })
    }
}

fn request() -> RequestInfo {
    RequestInfo {
        id: "demo".into(),
        network_address: "192.0.2.10".into(),
        user_agent: "accord demo".into(),
    }
}

/// The company while it comes to be.
struct Company {
    demo: Demo,
    owner: Call,
    id: AccountId,
    policies: BTreeMap<String, PolicyId>,
    roles: BTreeMap<String, RoleId>,
    groups: BTreeMap<&'static str, GroupId>,
    environments: BTreeMap<&'static str, EnvironmentId>,
}

impl Company {
    /// The owner signs up and proves the address.
    fn found(demo: Demo) -> anyhow::Result<Self> {
        let command = SignUp {
            email: EmailAddress::parse(OWNER.email)?,
            password: PASSWORD.to_owned(),
            name: DisplayName::parse(OWNER.name)?,
        };
        let signed_in = made(demo.service.sign_up(&request(), &command), OWNER.email)?;
        let token = demo.mailed_token(OWNER.email, "verify-email")?;
        made(demo.service.verify_email(&request(), &token), OWNER.email)?;
        let owner = demo.call(&signed_in)?;
        Ok(Self {
            demo,
            owner,
            id: signed_in.account.id,
            policies: BTreeMap::new(),
            roles: BTreeMap::new(),
            groups: BTreeMap::new(),
            environments: BTreeMap::new(),
        })
    }

    /// Groups, environments, a policy and roles of its own.
    fn equip(&mut self) -> anyhow::Result<()> {
        let service = self.demo.service.clone();
        for (path, color) in GROUPS {
            self.demo.pass(Duration::minutes(3));
            let command = CreateGroup {
                place: NewGroupPlace::Path(group_path(path)?),
                color: Some(Color::parse(color)?),
            };
            let view = made(service.create_group(&self.owner, self.id, &command), path)?;
            self.groups.insert(path, view.group.id);
        }
        for (name, display_name, status, groups) in ENVIRONMENTS {
            self.demo.pass(Duration::minutes(20));
            let command = CreateEnvironment {
                name: Name::parse(name)?,
                display_name: Some(DisplayName::parse(display_name)?),
                status: *status,
                group_ids: groups
                    .iter()
                    .map(|path| self.group(path))
                    .collect::<Result<_, _>>()?,
            };
            let view = made(
                service.create_environment(&self.owner, self.id, &command),
                name,
            )?;
            self.environments.insert(name, view.environment.id);
        }
        let (name, description, actions) = POLICY;
        let command = CreatePolicy {
            name: Name::parse(name)?,
            description: Description::parse(description)?,
            // An operator's own catalogue may lack some of these.
            action_ids: actions
                .iter()
                .filter(|wanted| {
                    service
                        .catalogue()
                        .actions
                        .iter()
                        .any(|action| action.id.as_str() == **wanted)
                })
                .map(|action| (*action).to_owned())
                .collect(),
        };
        if !command.action_ids.is_empty() {
            made(service.create_policy(&self.owner, self.id, &command), name)?;
        }
        self.learn_policies_and_roles()?;
        for (name, description, policies, receive_load_alerts) in ROLES {
            let command = CreateRole {
                name: Name::parse(name)?,
                description: Description::parse(description)?,
                policy_ids: policies
                    .iter()
                    .filter_map(|policy| self.policies.get(*policy).copied())
                    .collect(),
                receive_load_alerts: *receive_load_alerts,
            };
            made(service.create_role(&self.owner, self.id, &command), name)?;
        }
        self.learn_policies_and_roles()
    }

    fn learn_policies_and_roles(&mut self) -> anyhow::Result<()> {
        let page = Page::first(1_000);
        let service = &self.demo.service;
        let policies = made(
            service.list_policies(&self.owner, self.id, None, &page),
            "policies",
        )?;
        self.policies = policies
            .items
            .into_iter()
            .map(|policy| (policy.name, policy.id))
            .collect();
        let roles = made(
            service.list_roles(&self.owner, self.id, None, &page),
            "roles",
        )?;
        self.roles = roles
            .items
            .into_iter()
            .map(|role| (role.name, role.id))
            .collect();
        Ok(())
    }

    /// Invites a colleague, and lets happen what became of it.
    fn take_on(&mut self, colleague: &Colleague) -> anyhow::Result<()> {
        self.travel_to(colleague.invited_days_ago);
        // The session of the day before may have ended meanwhile.
        let signed_in = made(
            self.demo.service.sign_in(&request(), OWNER.email, PASSWORD),
            OWNER.email,
        )?;
        self.owner = self.demo.call(&signed_in)?;
        let (service, owner, host) = (&self.demo.service, &self.owner, self.id);
        let command = Invite {
            email: EmailAddress::parse(colleague.email)?,
            display_name: Some(DisplayName::parse(colleague.name)?),
            shares: colleague
                .shares
                .iter()
                .map(|shared| self.draft(shared))
                .collect::<Result<_, _>>()?,
        };
        let member = made(
            service.invite_member(owner, host, &command),
            colleague.email,
        )?
        .member
        .id;
        self.demo.pass(Duration::hours(2));
        match colleague.fate {
            Fate::Pending | Fate::Expired => {}
            Fate::Rejected => {
                let token = self.demo.mailed_token(colleague.email, "invitations")?;
                made(
                    service.reject_invitation(&request(), &token),
                    colleague.email,
                )?;
            }
            Fate::Active => {
                self.accept(colleague)?;
            }
            Fate::Suspended => {
                self.accept(colleague)?;
                self.demo.pass(Duration::days(1));
                made(
                    service.suspend_member(owner, host, member, None),
                    colleague.email,
                )?;
            }
            Fate::Left => {
                let call = self.accept(colleague)?;
                self.demo.pass(Duration::days(1));
                made(service.leave_collaboration(&call, member), colleague.email)?;
            }
            Fate::Removed => {
                self.accept(colleague)?;
                self.demo.pass(Duration::days(1));
                self.remove(member, colleague)?;
            }
        }
        Ok(())
    }

    fn remove(&self, member: MemberId, colleague: &Colleague) -> anyhow::Result<()> {
        made(
            self.demo
                .service
                .remove_member(&self.owner, self.id, member, None),
            colleague.email,
        )
        .map(drop)
    }

    /// The colleague follows the mailed link and chooses a password.
    fn accept(&self, colleague: &Colleague) -> anyhow::Result<Call> {
        let token = self.demo.mailed_token(colleague.email, "invitations")?;
        let choice = NewAccountChoice {
            password: Some(PASSWORD.to_owned()),
            name: Some(DisplayName::parse(colleague.name)?),
        };
        let accepted = made(
            self.demo
                .service
                .accept_invitation(None, &request(), &token, &choice),
            colleague.email,
        )?;
        let signed_in = accepted.signed_in.context("a new account is signed in")?;
        self.demo.call(&signed_in)
    }

    /// Never back: what was written later would stand before what was written earlier.
    fn travel_to(&self, days_ago: i64) {
        let wanted = Utc::now() - Duration::days(days_ago);
        let mut now = self.demo.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = wanted.max(*now);
    }

    fn group(&self, path: &str) -> anyhow::Result<GroupId> {
        self.groups
            .get(path)
            .copied()
            .with_context(|| format!("no group {path}"))
    }

    fn draft(&self, shared: &Shared) -> anyhow::Result<ShareDraft> {
        let (item, roles) = match shared {
            Shared::Environments(roles) => (Item::Environments, roles),
            Shared::Groups(roles) => (Item::Groups, roles),
            Shared::Group(path, roles) => (Item::Group(self.group(path)?), roles),
            Shared::Environment(name, roles) => {
                let id = self
                    .environments
                    .get(name)
                    .with_context(|| format!("no environment {name}"))?;
                (Item::Environment(*id), roles)
            }
        };
        let role_ids: Vec<RoleId> = roles
            .iter()
            .filter_map(|role| self.roles.get(*role).copied())
            .collect();
        // With a catalogue of the operator's own, the example roles may be others.
        let role_ids = if role_ids.is_empty() {
            self.roles.values().take(1).copied().collect()
        } else {
            role_ids
        };
        Ok(ShareDraft {
            item,
            role_ids,
            expires_at: None,
        })
    }
}

fn made<T>(outcome: Result<T, ServiceError>, what: &str) -> anyhow::Result<T> {
    outcome
        .map_err(failed)
        .with_context(|| format!("the demonstration stopped at {what:?}"))
}

fn failed(error: ServiceError) -> anyhow::Error {
    match error {
        ServiceError::Invalid(invalid) => anyhow!("{invalid:?}"),
        other => anyhow!("{other}"),
    }
}

/// An environment of the demonstration: name, shown name, status, groups.
type DemoEnvironment = (
    &'static str,
    &'static str,
    EnvironmentStatus,
    &'static [&'static str],
);
