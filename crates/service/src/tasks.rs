//! Every change leaves an entry in the record and, where somebody must hear of it, a mail in the
//! outbox: both in the transaction of the change.

use accord_domain::ids::{AccountId, EnvironmentId, GroupId, MemberId, PolicyId, RoleId, TaskId};
use accord_domain::record::Mentioned;
use accord_mail::Message;
use accord_mail::outbox::QueueError;
use accord_store::accounts::Account;
use accord_store::members::Member;
use accord_store::{Conn, accounts, groups, notification_preferences, policies, roles, tasks};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::Service;
use crate::call::{Call, RequestInfo, Stage};
use crate::error::{Result, ServiceError};
use crate::groups::environments_among;
use crate::shares::tree_of;

/// A thing of an account, in the words in which the record keeps what it was and became.
pub(crate) trait Recorded {
    const KIND: &'static str;
    fn id(&self) -> uuid::Uuid;
    fn name(&self) -> &str;
    fn facts(&self) -> Value;
    /// The environment that it is, if it is one.
    fn environment_id(&self) -> Option<EnvironmentId> {
        None
    }
}

/// What happened, before it is known by whom and when.
#[derive(Clone, Debug, Default)]
pub(crate) struct Happening {
    pub action: &'static str,
    pub member_id: Option<MemberId>,
    pub environment_id: Option<EnvironmentId>,
    pub item: Option<Value>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

impl Happening {
    pub(crate) fn new(action: &'static str) -> Self {
        Self {
            action,
            ..Self::default()
        }
    }

    /// Something was made (nothing before), changed, or deleted (nothing after).
    fn of_thing<T: Recorded>(action: &'static str, before: Option<&T>, after: Option<&T>) -> Self {
        let mut happening = Self::new(action);
        if let Some(thing) = after.or(before) {
            happening = happening.item(T::KIND, thing.id(), thing.name());
            happening.environment_id = thing.environment_id();
        }
        Self {
            before: before.map(T::facts),
            after: after.map(T::facts),
            ..happening
        }
    }

    pub(crate) fn member(mut self, id: MemberId) -> Self {
        self.member_id = Some(id);
        self
    }

    pub(crate) fn environment(mut self, id: EnvironmentId) -> Self {
        self.environment_id = Some(id);
        self
    }

    /// What it happened to.
    pub(crate) fn item(mut self, kind: &str, id: impl Into<uuid::Uuid>, name: &str) -> Self {
        self.item = Some(serde_json::json!({ "kind": kind, "id": id.into(), "name": name }));
        self
    }

    pub(crate) fn before(mut self, value: Value) -> Self {
        self.before = Some(value);
        self
    }

    pub(crate) fn after(mut self, value: Value) -> Self {
        self.after = Some(value);
        self
    }
}

/// Who did it: a person, signed in or by a token, the holder of a link who is not, or the platform.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Actor<'a> {
    pub account: Option<&'a Account>,
    /// How the record names somebody without an account.
    pub name: &'a str,
    pub request: &'a RequestInfo,
    pub means: Means,
    /// The id and the name of the token, if it was one.
    pub token: Option<(uuid::Uuid, &'a str)>,
}

/// By which means somebody did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// Signed in.
    Session,
    /// By a token of the account that did it.
    ApiToken,
    /// By a token of the platform.
    PlatformToken,
    /// Holding the link of a mail.
    Link,
    /// At the command line of the program itself.
    Operator,
    /// Nobody did: it follows from what was decided before.
    Itself,
}

impl Means {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::ApiToken => "api_token",
            Self::PlatformToken => "platform_token",
            Self::Link => "link",
            Self::Operator => "operator",
            Self::Itself => "itself",
        }
    }
}

impl<'a> Actor<'a> {
    /// Whoever holds the link that was made for this address.
    pub(crate) fn link(address: &'a str, request: &'a RequestInfo) -> Self {
        Self {
            account: None,
            name: address,
            request,
            means: Means::Link,
            token: None,
        }
    }

    /// Whoever runs the program.
    pub(crate) fn operator(request: &'a RequestInfo) -> Self {
        Self {
            account: None,
            name: "operator",
            request,
            means: Means::Operator,
            token: None,
        }
    }

    /// Nobody: the program, as was decided before.
    pub(crate) fn by_itself(request: &'a RequestInfo) -> Self {
        Self {
            account: None,
            name: "Accord",
            token: None,
            request,
            means: Means::Itself,
        }
    }

    /// Somebody who follows a link that was mailed to them, or whose account it made.
    pub(crate) fn account_by_link(account: &'a Account, request: &'a RequestInfo) -> Self {
        Self {
            means: Means::Link,
            ..Self::account(account, request)
        }
    }

    pub(crate) fn account(account: &'a Account, request: &'a RequestInfo) -> Self {
        Self {
            account: Some(account),
            name: &account.name,
            request,
            means: Means::Session,
            token: None,
        }
    }
}

impl Service {
    /// Records that the caller made, changed or deleted one of the host's things.
    pub(crate) fn thing_changed<T: Recorded>(
        &self,
        tx: &mut Conn<'_>,
        stage: &Stage,
        call: &Call,
        action: &'static str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Result<()> {
        self.changed(tx, stage, call, Happening::of_thing(action, before, after))
    }

    /// The same where nobody's access can have changed.
    pub(crate) fn thing_recorded<T: Recorded>(
        &self,
        tx: &mut Conn<'_>,
        stage: &Stage,
        call: &Call,
        action: &'static str,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Result<()> {
        let actor = stage.party.actor(&call.request);
        let happening = Happening::of_thing(action, before, after);
        self.record(tx, stage.host.account_id, actor, happening, stage.now)
    }

    /// Records what the caller did on the host's account.
    pub(crate) fn changed(
        &self,
        tx: &mut Conn<'_>,
        stage: &Stage,
        call: &Call,
        happening: Happening,
    ) -> Result<()> {
        let actor = stage.party.actor(&call.request);
        self.access_changed(tx, stage.host.account_id, actor, happening, stage.now)
    }

    /// Records what may have changed somebody's access, and counts the account's revision up.
    pub(crate) fn access_changed(
        &self,
        tx: &mut Conn<'_>,
        host: AccountId,
        actor: Actor<'_>,
        happening: Happening,
        now: DateTime<Utc>,
    ) -> Result<()> {
        accounts::bump_revision(tx, host)?;
        self.record(tx, host, actor, happening, now)
    }

    /// Records what somebody did to an account itself, in that account's own record.
    pub(crate) fn account_changed(
        &self,
        tx: &mut Conn<'_>,
        account: &Account,
        actor: Actor<'_>,
        happening: Happening,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let happening = happening.item("account", account.id, &account.name);
        self.record(tx, account.id, actor, happening, now)
    }

    /// Records what leaves everybody's access as it was.
    pub(crate) fn record(
        &self,
        tx: &mut Conn<'_>,
        host: AccountId,
        actor: Actor<'_>,
        happening: Happening,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let (before, after) = (happening.before, happening.after);
        let names = names_of(
            tx,
            host,
            &Mentioned::in_change(before.as_ref(), after.as_ref()),
        )?;
        let task = tasks::Task {
            id: self.randomness.id::<TaskId>(now),
            account_id: host,
            at: now,
            actor_id: actor.account.map(|account| account.id),
            actor_name: actor.name.to_owned(),
            action: happening.action.to_owned(),
            member_id: happening.member_id,
            environment_id: happening.environment_id,
            item: happening.item,
            before,
            after,
            means: actor.means.as_str().to_owned(),
            request_id: actor.request.id.clone(),
            network_address: actor.request.network_address.clone(),
            token: actor
                .token
                .map(|(id, name)| serde_json::json!({ "id": id, "name": name })),
            names,
        };
        tasks::append(tx, &task)?;
        self.queue_events(tx, &task)
    }

    /// Queues a mail to somebody with an account, unless they chose to get none of its kind.
    pub(crate) fn queue_mail_to_account(
        &self,
        tx: &mut Conn<'_>,
        account: &Account,
        message: &Message,
        link: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let wanted = notification_preferences::of(tx, account.id)?.preferences;
        if !wanted.mails(message.notification_kind()) {
            return Ok(());
        }
        let to = (account.email.as_str(), Some(account.id));
        self.queue_mail(tx, to, None, message, link, now)
    }

    pub(crate) fn queue_mail_to_member(
        &self,
        tx: &mut Conn<'_>,
        member: &Member,
        message: &Message,
        link: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.queue_mail(
            tx,
            (member.email.as_str(), None),
            Some((member.account_id, member.id)),
            message,
            link,
            now,
        )
    }

    /// To an address that has no account yet, or is not yet the account's.
    pub(crate) fn queue_mail_to_address(
        &self,
        tx: &mut Conn<'_>,
        address: &str,
        message: &Message,
        link: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.queue_mail(tx, (address, None), None, message, link, now)
    }

    fn queue_mail(
        &self,
        tx: &mut Conn<'_>,
        (to, recipient): (&str, Option<AccountId>),
        about: Option<(AccountId, MemberId)>,
        message: &Message,
        link: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        accord_mail::outbox::queue(
            tx,
            &self.sealer,
            now,
            self.randomness.id(now),
            to,
            recipient,
            about.map(|(account, _)| account),
            about.map(|(_, member)| member),
            message,
            link,
        )
        .map_err(|error| match error {
            QueueError::Store(error) => error.into(),
            QueueError::Seal(_) | QueueError::LinkMismatch(_) => ServiceError::internal(error),
        })
    }
}

/// What these things of the account are called now, by id; nothing where there are none. Groups are called
/// by their paths.
fn names_of(tx: &mut Conn<'_>, host: AccountId, mentioned: &Mentioned) -> Result<Option<Value>> {
    let mut names: Vec<(uuid::Uuid, String)> = Vec::new();
    let role_ids: Vec<RoleId> = mentioned.role_ids.iter().copied().collect();
    for (id, (name, _)) in roles::names_among(tx, host, &role_ids)? {
        names.push((id.into(), name));
    }
    let policy_ids: Vec<PolicyId> = mentioned.policy_ids.iter().copied().collect();
    for (id, name) in policies::names(tx, &policy_ids)? {
        names.push((id.into(), name));
    }
    let environment_ids: Vec<EnvironmentId> = mentioned.environment_ids.iter().copied().collect();
    for environment in environments_among(tx, host, &environment_ids)? {
        names.push((environment.id.into(), environment.name));
    }
    if !mentioned.group_ids.is_empty() {
        let tree = tree_of(&groups::all(tx, host)?);
        let path = |id: &GroupId| Some(((*id).into(), tree.path(*id)?));
        names.extend(mentioned.group_ids.iter().filter_map(path));
    }
    let names: serde_json::Map<String, Value> = names
        .into_iter()
        .map(|(id, name)| (id.to_string(), Value::String(name)))
        .collect();
    Ok((!names.is_empty()).then_some(Value::Object(names)))
}
