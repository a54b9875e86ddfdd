//! Carries a step out against the API and upon the picture, and says where the two do not agree.

use std::collections::{BTreeMap, BTreeSet};

use accord_client::types::{
    CreateEnvironment, CreateGroup, CreatePolicy, CreateRole, DateTime, DeleteQuery, DirectRoles,
    ErrorCode, GroupEnvironments, Invite, MemberStatus, NewShare, Shares, UpdateEnvironment,
    UpdateGroup, UpdatePolicy, UpdateRole, Utc, Uuid,
};
use accord_client::{Error, Result as Answer};
use accord_testkit::{Person, TestApp};
use chrono::{Duration, SubsecRound};

use super::picture::{
    ACTIONS, Picture, Record, Share, Thing, What, invitation_lifetime, name_taken,
};
use super::steps::{Choice, Event, Given, ItemChoice, Step};

/// Few, so that they meet; two of them are the same name.
const NAMES: [&str; 7] = ["Red", "red", "Blue", "Green", "Gold", "Grey", "Pink"];
/// Choices from here on are among what is gone, if anything is.
const GONE: Choice = 232;

/// One owner with all that is theirs, and people who outlive them.
pub(super) struct Play<'a> {
    pub(super) app: &'a TestApp,
    pub(super) owner: Person,
    pub(super) people: &'a [Person],
    pub(super) picture: Picture,
    pub(super) carried_out: usize,
    pub(super) refused: usize,
}

/// The reasons for which a call may be refused; none where it must be carried out.
type Reasons = Vec<ErrorCode>;

fn chosen<T>(things: &[Thing<T>], choice: Choice) -> Option<usize> {
    let which = |there: bool| -> Vec<usize> {
        let all = things.iter().enumerate();
        all.filter(|(_, thing)| thing.there == there)
            .map(|(number, _)| number)
            .collect()
    };
    let (there, gone) = (which(true), which(false));
    let among = if there.is_empty() || (choice >= GONE && !gone.is_empty()) {
        gone
    } else {
        there
    };
    (!among.is_empty()).then(|| among[usize::from(choice) % among.len()])
}

fn several<T>(things: &[Thing<T>], choices: &[Choice]) -> BTreeSet<usize> {
    let chosen = choices.iter().filter_map(|choice| chosen(things, *choice));
    chosen.collect()
}

fn ids<T>(things: &[Thing<T>], numbers: &BTreeSet<usize>) -> Vec<Uuid> {
    numbers.iter().map(|number| things[*number].id).collect()
}

fn name(choice: Choice) -> String {
    NAMES[usize::from(choice) % NAMES.len()].to_owned()
}

fn actions(choices: &[Choice]) -> BTreeSet<&'static str> {
    choices
        .iter()
        .map(|choice| ACTIONS[usize::from(*choice) % ACTIONS.len()])
        .collect()
}

fn words(actions: &BTreeSet<&'static str>) -> Vec<String> {
    actions.iter().map(|action| (*action).to_owned()).collect()
}

/// A reason, if it holds.
fn reason(holds: bool, code: ErrorCode) -> Option<ErrorCode> {
    holds.then_some(code)
}

fn thing<T>(id: Uuid, name: String, of: T) -> Thing<T> {
    Thing {
        id,
        name,
        there: true,
        of,
    }
}

impl Play<'_> {
    fn who(&self, choice: Choice) -> usize {
        usize::from(choice) % self.people.len()
    }

    /// The shares as they are asked for, each item once, and whether all that they name is there.
    fn shares(&self, given: &[Given]) -> (Vec<NewShare>, BTreeMap<What, Share>, bool) {
        let mut shares = BTreeMap::new();
        for one in given {
            let picture = &self.picture;
            let what = match one.item {
                ItemChoice::Environments => Some(What::Environments),
                ItemChoice::Groups => Some(What::Groups),
                ItemChoice::Group(choice) => chosen(&picture.groups, choice).map(What::Group),
                ItemChoice::Environment(choice) => {
                    chosen(&picture.environments, choice).map(What::Environment)
                }
            };
            let roles = several(&picture.roles, &one.roles);
            if let Some(what) = what.filter(|_| !roles.is_empty()) {
                let until = one.hours.map(|hours| self.in_hours(hours));
                shares.insert(what, Share { roles, until });
            }
        }
        let asked = shares.iter().map(|(what, share)| NewShare {
            item: self.picture.item(*what),
            role_ids: ids(&self.picture.roles, &share.roles),
            expires_at: share.until,
        });
        let known = shares.iter().all(|(what, share)| {
            self.picture.is_there(*what)
                && share
                    .roles
                    .iter()
                    .all(|role| self.picture.roles[*role].there)
        });
        (asked.collect(), shares.clone(), known)
    }

    fn in_hours(&self, hours: u8) -> DateTime<Utc> {
        (self.app.clock.now() + Duration::hours(hours.into())).trunc_subsecs(6)
    }

    /// Whether the API did as the picture says it must.
    fn agreed<T: std::fmt::Debug>(
        &mut self,
        answer: Answer<T>,
        reasons: &Reasons,
    ) -> Result<Option<T>, String> {
        match answer {
            Ok(value) if reasons.is_empty() => {
                self.carried_out += 1;
                Ok(Some(value))
            }
            Err(error) if error.code().is_some_and(|code| reasons.contains(&code)) => {
                self.refused += 1;
                Ok(None)
            }
            other => Err(format!("expected {reasons:?}, got {other:?}")),
        }
    }

    /// Carries it out on both sides.
    pub(super) async fn carry_out(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Invite { .. }
            | Step::InviteOneself
            | Step::Happens { .. }
            | Step::SetShares { .. }
            | Step::GiveDirectly { .. }
            | Step::TakeDirectly { .. }
            | Step::LooksAtAccess { .. }
            | Step::LooksAtMembers { .. } => self.with_members(step).await,
            Step::HoursPass(hours) => self.passes(Duration::hours((*hours).into())).await,
            Step::EightDaysPass => self.passes(Duration::days(8)).await,
            Step::MakePolicy { .. }
            | Step::EditPolicy { .. }
            | Step::DeletePolicy { .. }
            | Step::MakeRole { .. }
            | Step::EditRole { .. }
            | Step::DeleteRole { .. } => self.with_roles(step).await,
            Step::MakeGroup { .. }
            | Step::MoveGroup { .. }
            | Step::FillGroup { .. }
            | Step::DeleteGroup { .. }
            | Step::MakeEnvironment { .. }
            | Step::EditEnvironment { .. }
            | Step::DeleteEnvironment { .. } => self.with_places(step).await,
        }
    }

    async fn passes(&mut self, time: Duration) -> Result<(), String> {
        self.app.clock.advance(time);
        // Who does nothing for weeks is asked to sign in again.
        for person in self.people.iter().chain([&self.owner]) {
            match person.account().await {
                Ok(_) => {}
                Err(error) if error.is_signed_out() => self.app.signs_in(person).await,
                Err(error) => return Err(format!("{} is not there: {error:?}", person.name)),
            }
        }
        Ok(())
    }

    async fn with_members(&mut self, step: &Step) -> Result<(), String> {
        let (host, now) = (self.owner.id, self.app.clock.now());
        let owner = self.owner.clone();
        match step {
            Step::Invite { who, shares } => {
                let who = self.who(*who);
                let (asked, shares, known) = self.shares(shares);
                let there = self.picture.records[who].clone();
                let exists = reason(there.is_some(), ErrorCode::MemberExists);
                let unknown = reason(!known, ErrorCode::ValidationFailed);
                let body = Invite {
                    email: self.people[who].email.to_uppercase(),
                    display_name: None,
                    shares: asked,
                };
                let answer = owner.invite(host, &body).await;
                if let (Err(error), Some(record)) = (&answer, &there)
                    && error.code() == Some(ErrorCode::MemberExists)
                {
                    let context = error.context();
                    let named = context.map(|context| (context.member_id, context.status));
                    if named != Some((Some(record.id), Some(record.status(now)))) {
                        return Err(format!("another record is named: {error:?}"));
                    }
                }
                let reasons = exists.into_iter().chain(unknown).collect();
                if let Some(member) = self.agreed(answer, &reasons)? {
                    self.picture.records[who] = Some(Record {
                        id: member.id,
                        status: MemberStatus::Pending,
                        open_until: now + invitation_lifetime(),
                        shares,
                    });
                }
            }
            Step::InviteOneself => {
                let body = Invite {
                    email: owner.email.clone(),
                    ..Default::default()
                };
                let answer = owner.invite(host, &body).await;
                self.agreed(answer, &vec![ErrorCode::OwnAccount])?;
            }
            Step::Happens { who, event } => {
                let who = self.who(*who);
                if self.picture.records[who].is_some() {
                    self.happens(who, *event).await?;
                }
            }
            Step::SetShares { who, shares } => {
                let who = self.who(*who);
                let (asked, shares, known) = self.shares(shares);
                let Some(record) = self.picture.records[who].clone() else {
                    return Ok(());
                };
                let removed = record.status == MemberStatus::Removed;
                let reasons = reason(removed, ErrorCode::IllegalTransition)
                    .into_iter()
                    .chain(reason(!known, ErrorCode::ValidationFailed))
                    .collect();
                let body = Shares { shares: asked };
                let answer = owner.set_member_shares(host, record.id, &body, None).await;
                if self.agreed(answer, &reasons)?.is_some() {
                    self.record(who).shares = shares;
                }
            }
            Step::GiveDirectly {
                who,
                environment,
                roles,
                hours,
            } => {
                let who = self.who(*who);
                let roles = several(&self.picture.roles, roles);
                let chosen = chosen(&self.picture.environments, *environment);
                let (Some(record), Some(number)) = (self.picture.records[who].clone(), chosen)
                else {
                    return Ok(());
                };
                if roles.is_empty() {
                    return Ok(());
                }
                let there = self.picture.environments[number].there;
                let known = roles.iter().all(|role| self.picture.roles[*role].there);
                let removed = record.status == MemberStatus::Removed;
                let reasons: Reasons = if there {
                    reason(removed, ErrorCode::IllegalTransition)
                        .into_iter()
                        .chain(reason(!known, ErrorCode::ValidationFailed))
                        .collect()
                } else {
                    vec![ErrorCode::NotFound]
                };
                let until = hours.map(|hours| self.in_hours(hours));
                let body = DirectRoles {
                    role_ids: ids(&self.picture.roles, &roles),
                    expires_at: until,
                };
                let environment = self.picture.environments[number].id;
                let answer = owner
                    .set_direct_roles(host, environment, record.id, &body, None)
                    .await;
                if self.agreed(answer, &reasons)?.is_some() {
                    let share = Share { roles, until };
                    self.record(who)
                        .shares
                        .insert(What::Environment(number), share);
                }
            }
            Step::TakeDirectly { who, environment } => {
                let who = self.who(*who);
                let chosen = chosen(&self.picture.environments, *environment);
                let (Some(record), Some(number)) = (self.picture.records[who].clone(), chosen)
                else {
                    return Ok(());
                };
                let what = What::Environment(number);
                let shared = record.shares.contains_key(&what);
                let removed = record.status == MemberStatus::Removed;
                let reasons = reason(removed, ErrorCode::IllegalTransition)
                    .into_iter()
                    .chain(reason(!shared, ErrorCode::NotFound))
                    .collect();
                let environment = self.picture.environments[number].id;
                let answer = owner
                    .remove_direct_roles(host, environment, record.id, None)
                    .await;
                if self.agreed(answer, &reasons)?.is_some() {
                    self.record(who).shares.remove(&what);
                }
            }
            Step::LooksAtAccess { who, environment } => {
                let who = self.who(*who);
                let Some(number) = chosen(&self.picture.environments, *environment) else {
                    return Ok(());
                };
                let access = self.picture.access(who, number, now);
                let sees = access.level != accord_client::types::AccessLevel::None;
                let manages = access.actions.contains("collaboration.manage");
                let reasons = if sees {
                    reason(!manages, ErrorCode::Forbidden).into_iter().collect()
                } else {
                    vec![ErrorCode::NotFound]
                };
                let environment = self.picture.environments[number].id;
                let query = Default::default();
                let answer = self.people[who]
                    .environment_access(host, environment, &query)
                    .await;
                self.agreed(answer, &reasons)?;
            }
            Step::LooksAtMembers { who } => {
                let who = self.who(*who);
                let active = self.status(who, now) == Some(MemberStatus::Active);
                let code = if active {
                    ErrorCode::Forbidden
                } else {
                    ErrorCode::NotFound
                };
                let answer = self.people[who].members(host, &Default::default()).await;
                self.agreed(answer, &vec![code])?;
            }
            _ => unreachable!("not about members"),
        }
        Ok(())
    }

    fn record(&mut self, who: usize) -> &mut Record {
        self.picture.records[who]
            .as_mut()
            .expect("looked up before")
    }

    pub(super) fn status(&self, who: usize, now: DateTime<Utc>) -> Option<MemberStatus> {
        let record = self.picture.records[who].as_ref();
        record.map(|record| record.status(now))
    }

    async fn happens(&mut self, who: usize, event: Event) -> Result<(), String> {
        use MemberStatus::{Active, Expired, Left, Pending, Rejected, Removed, Suspended};
        let (host, now) = (self.owner.id, self.app.clock.now());
        let record = self.record(who).clone();
        let status = record.status(now);
        let allowed_in: &[MemberStatus] = match event {
            Event::Accept | Event::Reject => &[Pending],
            Event::Leave => &[Active, Suspended],
            Event::Suspend => &[Active],
            Event::Activate => &[Suspended],
            Event::Resend => &[Pending, Expired],
            Event::Reinvite | Event::Forget => &[Rejected, Left, Removed, Expired],
            Event::Remove => &[Pending, Active, Suspended, Rejected, Left, Expired],
        };
        let (owner, person, id) = (&self.owner, &self.people[who], record.id);
        let answer: Answer<()> = match event {
            Event::Accept => person.accept_collaboration(id).await.map(drop),
            Event::Reject => person.reject_collaboration(id).await,
            Event::Leave => person.leave_collaboration(id).await,
            Event::Suspend => owner.suspend_member(host, id).await.map(drop),
            Event::Activate => owner.activate_member(host, id).await.map(drop),
            Event::Resend => owner.resend_invitation(host, id).await.map(drop),
            Event::Reinvite => owner.reinvite_member(host, id).await.map(drop),
            Event::Remove => owner.remove_member(host, id, None).await.map(drop),
            Event::Forget => owner.forget_member(host, id, None).await,
        };
        let allowed = allowed_in.contains(&status);
        if let Some(wrong) = answer.as_ref().err().and_then(|error| {
            (!allowed && !names_conflict(error, status, event)).then(|| format!("{error:?}"))
        }) {
            return Err(format!("the refusal names another conflict: {wrong}"));
        }
        let reasons = reason(!allowed, ErrorCode::IllegalTransition);
        let reasons = reasons.into_iter().collect();
        if self.agreed(answer, &reasons)?.is_none() {
            return Ok(());
        }
        let record = self.record(who);
        match event {
            Event::Accept | Event::Activate => record.status = Active,
            Event::Reject => record.status = Rejected,
            Event::Leave => record.status = Left,
            Event::Suspend => record.status = Suspended,
            Event::Resend | Event::Reinvite => {
                record.status = Pending;
                record.open_until = now + invitation_lifetime();
            }
            Event::Remove => {
                record.status = Removed;
                record.shares.clear();
            }
            Event::Forget => self.picture.records[who] = None,
        }
        Ok(())
    }

    async fn with_roles(&mut self, step: &Step) -> Result<(), String> {
        let (owner, host) = (self.owner.clone(), self.owner.id);
        match step {
            Step::MakePolicy {
                name: choice,
                actions: chosen,
            } => {
                let (name, of) = (name(*choice), actions(chosen));
                let taken = name_taken(&self.picture.policies, &name, None);
                let body = CreatePolicy {
                    name: name.clone(),
                    description: String::new(),
                    action_ids: words(&of),
                };
                let answer = owner.create_policy(host, &body).await;
                let reasons = reason(taken, ErrorCode::NameTaken).into_iter().collect();
                if let Some(made) = self.agreed(answer, &reasons)? {
                    self.picture.policies.push(thing(made.id, name, of));
                }
            }
            Step::EditPolicy {
                policy,
                name: choice,
                actions: wanted,
            } => {
                let Some(number) = chosen(&self.picture.policies, *policy) else {
                    return Ok(());
                };
                let (name, of) = (choice.map(name), wanted.as_deref().map(actions));
                let body = UpdatePolicy {
                    name: name.clone(),
                    action_ids: of.as_ref().map(words),
                    ..Default::default()
                };
                let reasons = changing(&self.picture.policies, number, name.as_deref());
                let id = self.picture.policies[number].id;
                let answer = owner.update_policy(host, id, &body, None).await;
                if self.agreed(answer, &reasons)?.is_some() {
                    let policy = &mut self.picture.policies[number];
                    policy.name = name.unwrap_or(policy.name.clone());
                    policy.of = of.unwrap_or(policy.of.clone());
                }
            }
            Step::DeletePolicy { policy, detach } => {
                let Some(number) = chosen(&self.picture.policies, *policy) else {
                    return Ok(());
                };
                let used = self.picture.policy_in_use(number) && !detach;
                let reasons = deleting(&self.picture.policies, number, used);
                let query = DeleteQuery {
                    detach: Some(*detach),
                };
                let id = self.picture.policies[number].id;
                let answer = owner.delete_policy(host, id, &query, None).await;
                if self.agreed(answer, &reasons)?.is_some() {
                    self.picture.delete_policy(number);
                }
            }
            Step::MakeRole {
                name: choice,
                policies,
            } => {
                let (name, of) = (name(*choice), several(&self.picture.policies, policies));
                let known = of.iter().all(|policy| self.picture.policies[*policy].there);
                let body = CreateRole {
                    name: name.clone(),
                    description: String::new(),
                    policy_ids: ids(&self.picture.policies, &of),
                    receive_load_alerts: false,
                };
                let taken = name_taken(&self.picture.roles, &name, None);
                let reasons = reason(taken, ErrorCode::NameTaken)
                    .into_iter()
                    .chain(reason(!known, ErrorCode::ValidationFailed))
                    .collect();
                let answer = owner.create_role(host, &body).await;
                if let Some(made) = self.agreed(answer, &reasons)? {
                    self.picture.roles.push(thing(made.id, name, of));
                }
            }
            Step::EditRole {
                role,
                name: choice,
                policies,
            } => {
                let Some(number) = chosen(&self.picture.roles, *role) else {
                    return Ok(());
                };
                let name = choice.map(name);
                let of = policies
                    .as_deref()
                    .map(|policies| several(&self.picture.policies, policies));
                let mut reasons = changing(&self.picture.roles, number, name.as_deref());
                let known = of
                    .iter()
                    .flatten()
                    .all(|policy| self.picture.policies[*policy].there);
                reasons.extend(reason(!known, ErrorCode::ValidationFailed));
                let body = UpdateRole {
                    name: name.clone(),
                    policy_ids: of.as_ref().map(|of| ids(&self.picture.policies, of)),
                    ..Default::default()
                };
                let id = self.picture.roles[number].id;
                let answer = owner.update_role(host, id, &body, None).await;
                if self.agreed(answer, &reasons)?.is_some() {
                    let role = &mut self.picture.roles[number];
                    role.name = name.unwrap_or(role.name.clone());
                    role.of = of.unwrap_or(role.of.clone());
                }
            }
            Step::DeleteRole { role, detach } => {
                let Some(number) = chosen(&self.picture.roles, *role) else {
                    return Ok(());
                };
                let used = self.picture.role_in_use(number) && !detach;
                let reasons = deleting(&self.picture.roles, number, used);
                let query = DeleteQuery {
                    detach: Some(*detach),
                };
                let id = self.picture.roles[number].id;
                let answer = owner.delete_role(host, id, &query, None).await;
                if self.agreed(answer, &reasons)?.is_some() {
                    self.picture.delete_role(number);
                }
            }
            _ => unreachable!("not about roles"),
        }
        Ok(())
    }

    async fn with_places(&mut self, step: &Step) -> Result<(), String> {
        let (owner, host, now) = (self.owner.clone(), self.owner.id, self.app.clock.now());
        match step {
            Step::MakeGroup {
                name: choice,
                parent,
            } => {
                let name = name(*choice);
                let parent = parent.and_then(|parent| chosen(&self.picture.groups, parent));
                let known = parent.is_none_or(|parent| self.picture.groups[parent].there);
                let taken = self.picture.sibling_taken(&name, parent, None);
                let body = CreateGroup {
                    name: Some(name.clone()),
                    parent_id: parent.map(|parent| self.picture.groups[parent].id),
                    ..Default::default()
                };
                let reasons = reason(taken, ErrorCode::NameTaken)
                    .into_iter()
                    .chain(reason(!known, ErrorCode::ValidationFailed))
                    .collect();
                let answer = owner.create_group(host, &body).await;
                if let Some(made) = self.agreed(answer, &reasons)? {
                    self.picture.groups.push(thing(made.id, name, parent));
                }
            }
            Step::MoveGroup { group, parent } => {
                let Some(number) = chosen(&self.picture.groups, *group) else {
                    return Ok(());
                };
                let parent = parent.and_then(|parent| chosen(&self.picture.groups, parent));
                let reasons = self.moving(number, parent);
                let body = UpdateGroup {
                    parent_id: Some(parent.map(|parent| self.picture.groups[parent].id)),
                    ..Default::default()
                };
                let id = self.picture.groups[number].id;
                let answer = owner.update_group(host, id, &body, None).await;
                if self.agreed(answer, &reasons)?.is_some() {
                    self.picture.groups[number].of = parent;
                }
            }
            Step::FillGroup {
                group,
                environments,
            } => {
                let Some(number) = chosen(&self.picture.groups, *group) else {
                    return Ok(());
                };
                let held = several(&self.picture.environments, environments);
                let there = self.picture.groups[number].there;
                let known = held.iter().all(|one| self.picture.environments[*one].there);
                let reasons = reason(!there, ErrorCode::NotFound)
                    .into_iter()
                    .chain(reason(!known, ErrorCode::ValidationFailed))
                    .collect();
                let body = GroupEnvironments {
                    environment_ids: ids(&self.picture.environments, &held),
                };
                let id = self.picture.groups[number].id;
                let answer = owner.set_group_environments(host, id, &body, None).await;
                if self.agreed(answer, &reasons)?.is_some() {
                    for (one, environment) in self.picture.environments.iter_mut().enumerate() {
                        if held.contains(&one) {
                            environment.of.insert(number);
                        } else {
                            environment.of.remove(&number);
                        }
                    }
                }
            }
            Step::DeleteGroup { group } => {
                let Some(number) = chosen(&self.picture.groups, *group) else {
                    return Ok(());
                };
                let reasons = deleting(&self.picture.groups, number, false);
                let id = self.picture.groups[number].id;
                let answer = owner.delete_group(host, id, None).await;
                if self.agreed(answer, &reasons)?.is_some() {
                    self.picture.delete_group(number);
                }
            }
            Step::MakeEnvironment {
                by,
                name: choice,
                groups,
            } => {
                let name = name(*choice);
                let of = several(&self.picture.groups, groups);
                let known = of.iter().all(|group| self.picture.groups[*group].there);
                let taken = name_taken(&self.picture.environments, &name, None);
                let mut reasons: Reasons = reason(taken, ErrorCode::NameTaken)
                    .into_iter()
                    .chain(reason(!known, ErrorCode::ValidationFailed))
                    .collect();
                let body = CreateEnvironment {
                    name: name.clone(),
                    group_ids: ids(&self.picture.groups, &of),
                    ..Default::default()
                };
                let caller = match by {
                    None => &owner,
                    Some(who) => {
                        let who = self.who(*who);
                        if self.status(who, now) != Some(MemberStatus::Active) {
                            reasons = vec![ErrorCode::NotFound];
                        } else if !self.picture.may_create(who, &of, now) {
                            reasons.push(ErrorCode::Forbidden);
                        }
                        &self.people[who]
                    }
                };
                let answer = caller.create_environment(host, &body).await;
                if let Some(made) = self.agreed(answer, &reasons)? {
                    self.picture.environments.push(thing(made.id, name, of));
                }
            }
            Step::EditEnvironment {
                environment,
                name: choice,
                groups,
            } => {
                let Some(number) = chosen(&self.picture.environments, *environment) else {
                    return Ok(());
                };
                let name = choice.map(name);
                let of = groups
                    .as_deref()
                    .map(|groups| several(&self.picture.groups, groups));
                let mut reasons = changing(&self.picture.environments, number, name.as_deref());
                let known = of
                    .iter()
                    .flatten()
                    .all(|group| self.picture.groups[*group].there);
                reasons.extend(reason(!known, ErrorCode::ValidationFailed));
                let body = UpdateEnvironment {
                    name: name.clone(),
                    group_ids: of.as_ref().map(|of| ids(&self.picture.groups, of)),
                    ..Default::default()
                };
                let id = self.picture.environments[number].id;
                let answer = owner.update_environment(host, id, &body, None).await;
                if self.agreed(answer, &reasons)?.is_some() {
                    let environment = &mut self.picture.environments[number];
                    environment.name = name.unwrap_or(environment.name.clone());
                    environment.of = of.unwrap_or(environment.of.clone());
                }
            }
            Step::DeleteEnvironment { environment } => {
                let Some(number) = chosen(&self.picture.environments, *environment) else {
                    return Ok(());
                };
                let reasons = deleting(&self.picture.environments, number, false);
                let id = self.picture.environments[number].id;
                let answer = owner.delete_environment(host, id, None).await;
                if self.agreed(answer, &reasons)?.is_some() {
                    self.picture.delete_environment(number);
                }
            }
            _ => unreachable!("not about groups and environments"),
        }
        Ok(())
    }

    fn moving(&self, group: usize, parent: Option<usize>) -> Reasons {
        let picture = &self.picture;
        if !picture.groups[group].there {
            return vec![ErrorCode::NotFound];
        }
        let Some(parent) = parent else {
            let taken = picture.sibling_taken(&picture.groups[group].name, None, Some(group));
            return reason(taken, ErrorCode::NameTaken).into_iter().collect();
        };
        if !picture.groups[parent].there {
            return vec![ErrorCode::ValidationFailed];
        }
        let name = &picture.groups[group].name;
        let taken = picture.sibling_taken(name, Some(parent), Some(group));
        reason(picture.is_within(parent, group), ErrorCode::GroupCycle)
            .into_iter()
            .chain(reason(taken, ErrorCode::NameTaken))
            .collect()
    }
}

/// Whether the refusal says the state that the record is in, and the event.
fn names_conflict(error: &Error, status: MemberStatus, event: Event) -> bool {
    let event = format!("{event:?}").to_lowercase();
    error.context().is_some_and(|context| {
        context.status == Some(status) && context.event.as_deref() == Some(event.as_str())
    })
}

fn changing<T>(things: &[Thing<T>], number: usize, name: Option<&str>) -> Reasons {
    let taken = name.is_some_and(|name| name_taken(things, name, Some(number)));
    reason(!things[number].there, ErrorCode::NotFound)
        .into_iter()
        .chain(reason(taken, ErrorCode::NameTaken))
        .collect()
}

fn deleting<T>(things: &[Thing<T>], number: usize, used: bool) -> Reasons {
    if things[number].there {
        reason(used, ErrorCode::InUse).into_iter().collect()
    } else {
        vec![ErrorCode::NotFound]
    }
}
