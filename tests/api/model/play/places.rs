//! Groups and environments.

use accord_client::types::{
    CreateEnvironment, CreateGroup, GroupEnvironments, MemberStatus, UpdateEnvironment, UpdateGroup,
};

use super::super::picture::Thing;
use super::{
    Agreed, Choice, ErrorCode, Play, Reasons, all_there, changing, chosen, deleting, ids, name,
    reasons, several,
};

impl Play<'_> {
    fn group(&self, choice: Option<Choice>) -> Option<usize> {
        choice.and_then(|choice| chosen(&self.picture.groups, choice))
    }

    pub(super) async fn makes_group(&mut self, choice: Choice, parent: Option<Choice>) -> Agreed {
        let name = name(choice);
        let parent = self.group(parent);
        let known = all_there(&self.picture.groups, &parent);
        let taken = self.picture.sibling_taken(&name, parent, None);
        let body = CreateGroup {
            name: Some(name.clone()),
            parent_id: parent.map(|parent| self.picture.groups[parent].id),
            ..Default::default()
        };
        let reasons = reasons([
            (taken, ErrorCode::NameTaken),
            (!known, ErrorCode::ValidationFailed),
        ]);
        let answer = self.owner.create_group(self.owner.id, &body).await;
        if let Some(made) = self.agreed(answer, &reasons)? {
            let group = Thing::new(made.id, name, parent);
            self.picture.groups.push(group);
        }
        Ok(())
    }

    pub(super) async fn moves_group(&mut self, group: Choice, parent: Option<Choice>) -> Agreed {
        let Some(number) = chosen(&self.picture.groups, group) else {
            return Ok(());
        };
        let parent = self.group(parent);
        let reasons = self.moving(number, parent);
        let body = UpdateGroup {
            parent_id: Some(parent.map(|parent| self.picture.groups[parent].id)),
            ..Default::default()
        };
        let id = self.picture.groups[number].id;
        let answer = self
            .owner
            .update_group(self.owner.id, id, &body, None)
            .await;
        if self.agreed(answer, &reasons)?.is_some() {
            self.picture.groups[number].of = parent;
        }
        Ok(())
    }

    fn moving(&self, group: usize, parent: Option<usize>) -> Reasons {
        let picture = &self.picture;
        if !picture.groups[group].there {
            return vec![ErrorCode::NotFound];
        }
        if !all_there(&picture.groups, &parent) {
            return vec![ErrorCode::ValidationFailed];
        }
        let name = &picture.groups[group].name;
        let taken = picture.sibling_taken(name, parent, Some(group));
        let cycle = parent.is_some_and(|parent| picture.is_within(parent, group));
        reasons([
            (cycle, ErrorCode::GroupCycle),
            (taken, ErrorCode::NameTaken),
        ])
    }

    pub(super) async fn fills_group(&mut self, group: Choice, environments: &[Choice]) -> Agreed {
        let Some(number) = chosen(&self.picture.groups, group) else {
            return Ok(());
        };
        let held = several(&self.picture.environments, environments);
        let there = self.picture.groups[number].there;
        let known = all_there(&self.picture.environments, &held);
        let reasons = reasons([
            (!there, ErrorCode::NotFound),
            (!known, ErrorCode::ValidationFailed),
        ]);
        let body = GroupEnvironments {
            environment_ids: ids(&self.picture.environments, &held),
        };
        let id = self.picture.groups[number].id;
        let answer = self
            .owner
            .set_group_environments(self.owner.id, id, &body, None)
            .await;
        if self.agreed(answer, &reasons)?.is_some() {
            for (one, environment) in self.picture.environments.iter_mut().enumerate() {
                if held.contains(&one) {
                    environment.of.insert(number);
                } else {
                    environment.of.remove(&number);
                }
            }
        }
        Ok(())
    }

    pub(super) async fn deletes_group(&mut self, group: Choice) -> Agreed {
        let Some(number) = chosen(&self.picture.groups, group) else {
            return Ok(());
        };
        let reasons = deleting(&self.picture.groups, number, false);
        let id = self.picture.groups[number].id;
        let answer = self.owner.delete_group(self.owner.id, id, None).await;
        if self.agreed(answer, &reasons)?.is_some() {
            self.picture.delete_group(number);
        }
        Ok(())
    }

    /// By the owner, or by one of the people.
    pub(super) async fn makes_environment(
        &mut self,
        by: Option<Choice>,
        choice: Choice,
        groups: &[Choice],
    ) -> Agreed {
        let name = name(choice);
        let of = several(&self.picture.groups, groups);
        let known = all_there(&self.picture.groups, &of);
        let taken = self
            .picture
            .name_taken(&self.picture.environments, &name, None);
        let mut reasons = reasons([
            (taken, ErrorCode::NameTaken),
            (!known, ErrorCode::ValidationFailed),
        ]);
        let body = CreateEnvironment {
            name: name.clone(),
            group_ids: ids(&self.picture.groups, &of),
            ..Default::default()
        };
        let caller = match by.map(|who| self.who(who)) {
            None => &self.owner,
            Some(who) => {
                let now = self.app.clock.now();
                if self.status(who, now) != Some(MemberStatus::Active) {
                    reasons = vec![ErrorCode::NotFound];
                } else if !self.picture.may_create(who, &of, now) {
                    reasons.push(ErrorCode::Forbidden);
                }
                &self.people[who]
            }
        };
        let answer = caller.create_environment(self.owner.id, &body).await;
        if let Some(made) = self.agreed(answer, &reasons)? {
            let environment = Thing::new(made.id, name, of);
            self.picture.environments.push(environment);
        }
        Ok(())
    }

    pub(super) async fn edits_environment(
        &mut self,
        environment: Choice,
        choice: Option<Choice>,
        groups: Option<&[Choice]>,
    ) -> Agreed {
        let Some(number) = chosen(&self.picture.environments, environment) else {
            return Ok(());
        };
        let name = choice.map(name);
        let of = groups.map(|groups| several(&self.picture.groups, groups));
        let environments = &self.picture.environments;
        let mut reasons = changing(&self.picture, environments, number, name.as_deref());
        if !all_there(&self.picture.groups, of.iter().flatten()) {
            reasons.push(ErrorCode::ValidationFailed);
        }
        let body = UpdateEnvironment {
            name: name.clone(),
            group_ids: of.as_ref().map(|of| ids(&self.picture.groups, of)),
            ..Default::default()
        };
        let id = environments[number].id;
        let answer = self
            .owner
            .update_environment(self.owner.id, id, &body, None)
            .await;
        if self.agreed(answer, &reasons)?.is_some() {
            self.picture.environments[number].becomes(name, of);
        }
        Ok(())
    }

    pub(super) async fn deletes_environment(&mut self, environment: Choice) -> Agreed {
        let Some(number) = chosen(&self.picture.environments, environment) else {
            return Ok(());
        };
        let reasons = deleting(&self.picture.environments, number, false);
        let id = self.picture.environments[number].id;
        let answer = self.owner.delete_environment(self.owner.id, id, None).await;
        if self.agreed(answer, &reasons)?.is_some() {
            self.picture.delete_environment(number);
        }
        Ok(())
    }
}
