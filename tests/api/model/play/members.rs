//! Invitations, what happens to members, and their shares.

use accord_client::Error;
use accord_client::types::{
    AccessLevel, CopyMember, DirectRoles, Invite, MemberStatus, NewShare, Shares,
};
use chrono::SubsecRound;

use super::super::faults::Fault;
use super::super::picture::{Record, Share, What, invitation_lifetime};
use super::super::steps::{Event, Given, ItemChoice};
use super::{
    Agreed, Answer, BTreeMap, Choice, DateTime, Disagreement, Duration, ErrorCode, Over, Play,
    Reasons, Utc, all_there, chosen, ids, reasons, several,
};

/// Whether the refusal says the state that the record is in, and the event.
fn names_conflict(error: &Error, status: MemberStatus, event: Event) -> bool {
    let event = format!("{event:?}").to_lowercase();
    error.context().is_some_and(|context| {
        context.status == Some(status) && context.event.as_deref() == Some(event.as_str())
    })
}

/// Whether a refusal because of the record that is there names that one.
fn names_record<T>(answer: &Answer<T>, there: Option<&Record>, now: DateTime<Utc>) -> Agreed {
    if let (Err(error), Some(record)) = (answer, there)
        && error.code() == Some(ErrorCode::MemberExists)
    {
        let context = error.context();
        let named = context.map(|context| (context.member_id, context.status));
        if named != Some((Some(record.id), Some(record.status(now)))) {
            let how = format!("another record is named: {error:?}");
            return Err(Disagreement::new(Over::Answer, how));
        }
    }
    Ok(())
}

impl Play<'_> {
    fn record(&mut self, who: usize) -> &mut Record {
        self.picture.records[who]
            .as_mut()
            .expect("looked up before")
    }

    fn in_hours(&self, hours: u8) -> DateTime<Utc> {
        (self.app.clock.now() + Duration::hours(hours.into())).trunc_subsecs(6)
    }

    /// The shares as they are asked for, each item once, and whether all that they name is there.
    fn shares(&self, given: &[Given]) -> (Vec<NewShare>, BTreeMap<What, Share>, bool) {
        let picture = &self.picture;
        let mut shares = BTreeMap::new();
        for one in given {
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
        let asked = self.asked(&shares);
        let known = shares.iter().all(|(what, share)| {
            picture.is_there(*what) && all_there(&picture.roles, &share.roles)
        });
        (asked, shares, known)
    }

    /// Two of the people are members from the start, by shares on every kind of item; one of them ends soon.
    pub(in super::super) async fn two_join(&mut self) {
        let [read, create, manage] = [0, 1, 2];
        let given = |roles: &[usize], until| Share {
            roles: roles.iter().copied().collect(),
            until,
        };
        let soon = Some(self.in_hours(2));
        let [outer, inner, shop] = [What::Group(0), What::Group(1), What::Environment(0)];
        let of_each = [
            vec![
                (outer, given(&[read], None)),
                (What::Environments, given(&[create], None)),
            ],
            vec![
                (shop, given(&[manage], soon)),
                (inner, given(&[create], None)),
                (What::Groups, given(&[read], None)),
            ],
        ];
        for (who, shares) in of_each.into_iter().enumerate() {
            let shares: BTreeMap<What, Share> = shares.into_iter().collect();
            let asked = self.asked(&shares);
            let person = &self.people[who];
            let member = self.owner.invites(&person.email, asked).await;
            person.accepts(&self.owner).await;
            self.picture.records[who] = Some(Record {
                id: member.id,
                status: MemberStatus::Active,
                open_until: self.app.clock.now() + invitation_lifetime(),
                shares,
            });
        }
    }

    fn asked(&self, shares: &BTreeMap<What, Share>) -> Vec<NewShare> {
        let each = shares.iter().map(|(what, share)| NewShare {
            item: self.picture.item(*what),
            role_ids: ids(&self.picture.roles, &share.roles),
            expires_at: share.until,
        });
        each.collect()
    }

    pub(super) async fn invites(&mut self, who: Choice, shares: &[Given]) -> Agreed {
        let now = self.app.clock.now();
        let who = self.who(who);
        let (asked, shares, known) = self.shares(shares);
        let there = self.picture.records[who].clone();
        let body = Invite {
            email: self.people[who].email.to_uppercase(),
            display_name: None,
            shares: asked,
        };
        let answer = self.owner.invite(self.owner.id, &body).await;
        names_record(&answer, there.as_ref(), now)?;
        let reasons = reasons([
            (there.is_some(), ErrorCode::MemberExists),
            (!known, ErrorCode::ValidationFailed),
        ]);
        if let Some(member) = self.agreed(answer, &reasons)? {
            self.picture.records[who] = Some(Record {
                id: member.id,
                status: MemberStatus::Pending,
                open_until: now + invitation_lifetime(),
                shares,
            });
        }
        Ok(())
    }

    pub(super) async fn invites_oneself(&mut self) -> Agreed {
        let body = Invite {
            email: self.owner.email.clone(),
            ..Default::default()
        };
        let answer = self.owner.invite(self.owner.id, &body).await;
        self.agreed(answer, &vec![ErrorCode::OwnAccount])?;
        Ok(())
    }

    pub(super) async fn copies(&mut self, who: Choice, to: Choice) -> Agreed {
        let now = self.app.clock.now();
        let (who, to) = (
            self.who_is_invited(who, true),
            self.who_is_invited(to, false),
        );
        let Some(original) = self.picture.records[who].clone() else {
            return Ok(());
        };
        let there = self.picture.records[to].clone();
        let body = CopyMember {
            email: self.people[to].email.clone(),
            display_name: None,
        };
        let answer = self
            .owner
            .copy_member(self.owner.id, original.id, &body)
            .await;
        names_record(&answer, there.as_ref(), now)?;
        let reasons = reasons([(there.is_some(), ErrorCode::MemberExists)]);
        if let Some(member) = self.agreed(answer, &reasons)? {
            self.picture.records[to] = Some(Record {
                id: member.id,
                status: MemberStatus::Pending,
                open_until: now + invitation_lifetime(),
                shares: self.picture.copied(&original, now),
            });
        }
        Ok(())
    }

    /// In which states it may happen.
    fn allowed_in(&self, event: Event) -> &'static [MemberStatus] {
        use MemberStatus::{Active, Expired, Left, Pending, Rejected, Removed, Suspended};
        match event {
            Event::Accept if self.picture.gets_wrong(Fault::ExpiredInvitationsAreOpen) => {
                &[Pending, Expired]
            }
            Event::Accept | Event::Reject => &[Pending],
            Event::Leave => &[Active, Suspended],
            Event::Suspend => &[Active],
            Event::Activate => &[Suspended],
            Event::Resend => &[Pending, Expired],
            Event::Reinvite | Event::Forget => &[Rejected, Left, Removed, Expired],
            Event::Remove => &[Pending, Active, Suspended, Rejected, Left, Expired],
        }
    }

    /// One of the things that their state allows.
    pub(super) async fn lives_on(&mut self, who: Choice, choice: Choice) -> Agreed {
        let status = self.status(self.who(who), self.app.clock.now());
        let Some(status) = status else {
            return Ok(());
        };
        let mut allowed: Vec<Event> = Event::LIFE.to_vec();
        allowed.retain(|event| self.allowed_in(*event).contains(&status));
        let event = allowed[usize::from(choice) % allowed.len()];
        self.happens(who, event).await
    }

    pub(super) async fn happens(&mut self, who: Choice, event: Event) -> Agreed {
        use MemberStatus::{Active, Left, Pending, Rejected, Removed, Suspended};
        let (host, now) = (self.owner.id, self.app.clock.now());
        let who = self.who(who);
        let Some(record) = self.picture.records[who].clone() else {
            return Ok(());
        };
        let status = record.status(now);
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
        let allowed = self.allowed_in(event).contains(&status);
        if let Some(error) = answer.as_ref().err()
            && !allowed
            && !names_conflict(error, status, event)
        {
            let how = format!("the refusal names another conflict: {error:?}");
            return Err(Disagreement::new(Over::Answer, how));
        }
        let reasons = reasons([(!allowed, ErrorCode::IllegalTransition)]);
        if self.agreed(answer, &reasons)?.is_none() {
            return Ok(());
        }
        let shares_stay = self
            .picture
            .gets_wrong(Fault::RemovedMembersKeepTheirShares);
        let shares_go = self.picture.gets_wrong(Fault::ReinvitedMembersStartEmpty);
        let record = self.record(who);
        match event {
            Event::Accept | Event::Activate => record.status = Active,
            Event::Reject => record.status = Rejected,
            Event::Leave => record.status = Left,
            Event::Suspend => record.status = Suspended,
            Event::Resend | Event::Reinvite => {
                record.status = Pending;
                record.open_until = now + invitation_lifetime();
                if shares_go && event == Event::Reinvite {
                    record.shares.clear();
                }
            }
            Event::Remove => {
                record.status = Removed;
                if !shares_stay {
                    record.shares.clear();
                }
            }
            Event::Forget => self.picture.records[who] = None,
        }
        Ok(())
    }

    pub(super) async fn sets_shares(&mut self, who: Choice, shares: &[Given]) -> Agreed {
        let who = self.who(who);
        let (asked, shares, known) = self.shares(shares);
        let Some(record) = self.picture.records[who].clone() else {
            return Ok(());
        };
        let removed = record.status == MemberStatus::Removed;
        let reasons = reasons([
            (removed, ErrorCode::IllegalTransition),
            (!known, ErrorCode::ValidationFailed),
        ]);
        let body = Shares { shares: asked };
        let answer = self
            .owner
            .set_member_shares(self.owner.id, record.id, &body, None)
            .await;
        if self.agreed(answer, &reasons)?.is_some() {
            self.record(who).shares = shares;
        }
        Ok(())
    }

    pub(super) async fn gives_directly(
        &mut self,
        who: Choice,
        environment: Choice,
        roles: &[Choice],
        hours: Option<u8>,
    ) -> Agreed {
        let who = self.who(who);
        let roles = several(&self.picture.roles, roles);
        let chosen = chosen(&self.picture.environments, environment);
        let (Some(record), Some(number)) = (self.picture.records[who].clone(), chosen) else {
            return Ok(());
        };
        if roles.is_empty() {
            return Ok(());
        }
        let removed = record.status == MemberStatus::Removed;
        let known = all_there(&self.picture.roles, &roles);
        let reasons: Reasons = if self.picture.environments[number].there {
            reasons([
                (removed, ErrorCode::IllegalTransition),
                (!known, ErrorCode::ValidationFailed),
            ])
        } else {
            vec![ErrorCode::NotFound]
        };
        let until = hours.map(|hours| self.in_hours(hours));
        let body = DirectRoles {
            role_ids: ids(&self.picture.roles, &roles),
            expires_at: until,
        };
        let environment = self.picture.environments[number].id;
        let answer = self
            .owner
            .set_direct_roles(self.owner.id, environment, record.id, &body, None)
            .await;
        if self.agreed(answer, &reasons)?.is_some() {
            let share = Share { roles, until };
            let shares = &mut self.record(who).shares;
            shares.insert(What::Environment(number), share);
        }
        Ok(())
    }

    pub(super) async fn takes_directly(&mut self, who: Choice, environment: Choice) -> Agreed {
        let who = self.who(who);
        let chosen = chosen(&self.picture.environments, environment);
        let (Some(record), Some(number)) = (self.picture.records[who].clone(), chosen) else {
            return Ok(());
        };
        let what = What::Environment(number);
        let removed = record.status == MemberStatus::Removed;
        let reasons = reasons([
            (removed, ErrorCode::IllegalTransition),
            (!record.shares.contains_key(&what), ErrorCode::NotFound),
        ]);
        let environment = self.picture.environments[number].id;
        let answer = self
            .owner
            .remove_direct_roles(self.owner.id, environment, record.id, None)
            .await;
        if self.agreed(answer, &reasons)?.is_some() {
            self.record(who).shares.remove(&what);
        }
        Ok(())
    }

    pub(super) async fn looks_at_access(&mut self, who: Choice, environment: Choice) -> Agreed {
        let who = self.who(who);
        let Some(number) = chosen(&self.picture.environments, environment) else {
            return Ok(());
        };
        let access = self.picture.access(who, number, self.app.clock.now());
        let manages = access.actions.contains("collaboration.manage");
        let reasons = if access.level == AccessLevel::None {
            vec![ErrorCode::NotFound]
        } else {
            reasons([(!manages, ErrorCode::Forbidden)])
        };
        let environment = self.picture.environments[number].id;
        let answer = self.people[who]
            .environment_access(self.owner.id, environment, &Default::default())
            .await;
        self.agreed(answer, &reasons)?;
        Ok(())
    }

    pub(super) async fn looks_at_members(&mut self, who: Choice) -> Agreed {
        let who = self.who(who);
        let active = self.status(who, self.app.clock.now()) == Some(MemberStatus::Active);
        let code = if active || self.picture.gets_wrong(Fault::StrangersAreToldOfAccounts) {
            ErrorCode::Forbidden
        } else {
            ErrorCode::NotFound
        };
        let answer = self.people[who]
            .members(self.owner.id, &Default::default())
            .await;
        self.agreed(answer, &vec![code])?;
        Ok(())
    }
}
