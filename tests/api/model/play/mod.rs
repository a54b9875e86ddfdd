//! Carries a step out against the API and upon the picture, and says where the two do not agree.

mod members;
mod places;
mod roles;

use std::collections::{BTreeMap, BTreeSet};

use accord_client::Result as Answer;
use accord_client::types::{DateTime, ErrorCode, MemberStatus, Utc, Uuid};
use accord_testkit::{Person, TestApp};
use chrono::Duration;

use super::compare::Before;
use super::disagreement::{Agreed, Disagreement, Over};
use super::picture::{Picture, Thing};
use super::steps::{Choice, Step};

/// Few, so that they meet; some differ by their letter case alone, from each other or from what was there first.
const NAMES: [&str; 8] = ["Red", "red", "Blue", "Gold", "Grey", "READ", "WEB", "Shop"];
/// Choices from here on are among what is gone, if anything is.
const GONE: Choice = 232;

/// One owner with all that is theirs, and people who outlive them.
pub(super) struct Play<'a> {
    pub(super) app: &'a TestApp,
    pub(super) owner: Person,
    pub(super) people: &'a [Person],
    pub(super) picture: Picture,
    pub(super) before: Option<Before>,
    pub(super) carried_out: usize,
    pub(super) refused: usize,
}

/// The reasons for which a call may be refused; none where it must be carried out.
type Reasons = Vec<ErrorCode>;

/// Those that hold.
fn reasons<const N: usize>(all: [(bool, ErrorCode); N]) -> Reasons {
    let holding = all.into_iter().filter(|(holds, _)| *holds);
    holding.map(|(_, code)| code).collect()
}

fn changing<T>(
    picture: &Picture,
    things: &[Thing<T>],
    number: usize,
    name: Option<&str>,
) -> Reasons {
    let taken = name.is_some_and(|name| picture.name_taken(things, name, Some(number)));
    reasons([
        (!things[number].there, ErrorCode::NotFound),
        (taken, ErrorCode::NameTaken),
    ])
}

fn deleting<T>(things: &[Thing<T>], number: usize, used: bool) -> Reasons {
    if things[number].there {
        reasons([(used, ErrorCode::InUse)])
    } else {
        vec![ErrorCode::NotFound]
    }
}

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

fn all_there<'a, T>(things: &[Thing<T>], numbers: impl IntoIterator<Item = &'a usize>) -> bool {
    numbers.into_iter().all(|number| things[*number].there)
}

fn name(choice: Choice) -> String {
    NAMES[usize::from(choice) % NAMES.len()].to_owned()
}

impl Play<'_> {
    fn who(&self, choice: Choice) -> usize {
        usize::from(choice) % self.people.len()
    }

    /// Somebody who has a record, or none; anybody by the last few choices, and where there is nobody like that.
    fn who_is_invited(&self, choice: Choice, invited: bool) -> usize {
        let mut among: Vec<usize> = (0..self.people.len()).collect();
        if choice < GONE {
            let records = &self.picture.records;
            among.retain(|who| records[*who].is_some() == invited);
        }
        let anybody = self.who(choice);
        let number = usize::from(choice) % among.len().max(1);
        among.get(number).copied().unwrap_or(anybody)
    }

    pub(super) fn status(&self, who: usize, now: DateTime<Utc>) -> Option<MemberStatus> {
        let record = self.picture.records[who].as_ref();
        record.map(|record| record.status(now))
    }

    /// Whether the API did as the picture says it must.
    fn agreed<T: std::fmt::Debug>(
        &mut self,
        answer: Answer<T>,
        reasons: &Reasons,
    ) -> Agreed<Option<T>> {
        match answer {
            Ok(value) if reasons.is_empty() => {
                self.carried_out += 1;
                Ok(Some(value))
            }
            Err(error) if error.code().is_some_and(|code| reasons.contains(&code)) => {
                self.refused += 1;
                Ok(None)
            }
            other => Err(Disagreement::new(
                Over::Answer,
                format!("expected {reasons:?}, got {other:?}"),
            )),
        }
    }

    /// Carries it out on both sides.
    pub(super) async fn carry_out(&mut self, step: &Step) -> Agreed {
        match step {
            Step::Invite { who, shares } => self.invites(*who, shares).await,
            Step::InviteOneself => self.invites_oneself().await,
            Step::Copy { who, to } => self.copies(*who, *to).await,
            Step::Happens { who, event } => self.happens(*who, *event).await,
            Step::LivesOn { who, choice } => self.lives_on(*who, *choice).await,
            Step::SetShares { who, shares } => self.sets_shares(*who, shares).await,
            Step::GiveDirectly {
                who,
                environment,
                roles,
                hours,
            } => self.gives_directly(*who, *environment, roles, *hours).await,
            Step::TakeDirectly { who, environment } => {
                self.takes_directly(*who, *environment).await
            }
            Step::LooksAtAccess { who, environment } => {
                self.looks_at_access(*who, *environment).await
            }
            Step::LooksAtMembers { who } => self.looks_at_members(*who).await,
            Step::MakePolicy { name, actions } => self.makes_policy(*name, actions).await,
            Step::EditPolicy {
                policy,
                name,
                actions,
            } => self.edits_policy(*policy, *name, actions.as_deref()).await,
            Step::DeletePolicy { policy, detach } => self.deletes_policy(*policy, *detach).await,
            Step::MakeRole { name, policies } => self.makes_role(*name, policies).await,
            Step::EditRole {
                role,
                name,
                policies,
            } => self.edits_role(*role, *name, policies.as_deref()).await,
            Step::DeleteRole { role, detach } => self.deletes_role(*role, *detach).await,
            Step::MakeGroup { name, parent } => self.makes_group(*name, *parent).await,
            Step::MoveGroup { group, parent } => self.moves_group(*group, *parent).await,
            Step::FillGroup {
                group,
                environments,
            } => self.fills_group(*group, environments).await,
            Step::DeleteGroup { group } => self.deletes_group(*group).await,
            Step::MakeEnvironment { by, name, groups } => {
                self.makes_environment(*by, *name, groups).await
            }
            Step::EditEnvironment {
                environment,
                name,
                groups,
            } => {
                self.edits_environment(*environment, *name, groups.as_deref())
                    .await
            }
            Step::DeleteEnvironment { environment } => self.deletes_environment(*environment).await,
            Step::HoursPass(hours) => self.passes(Duration::hours((*hours).into())).await,
            Step::EightDaysPass => self.passes(Duration::days(8)).await,
        }
    }

    async fn passes(&mut self, time: Duration) -> Agreed {
        self.app.clock.advance(time);
        // Who does nothing for weeks is asked to sign in again.
        for person in self.people.iter().chain([&self.owner]) {
            match person.account().await {
                Ok(_) => {}
                Err(error) if error.is_signed_out() => self.app.signs_in(person).await,
                Err(error) => return Err(Disagreement::unread(&person.name, &error)),
            }
        }
        // What ends with time changes what people have, and the revision does not move for it.
        self.before = None;
        Ok(())
    }
}
