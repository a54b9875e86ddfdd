//! Policies and roles.

use accord_client::types::{CreatePolicy, CreateRole, DeleteQuery, UpdatePolicy, UpdateRole};

use super::super::picture::{ACTIONS, Thing};
use super::{
    Agreed, BTreeSet, Choice, ErrorCode, Play, all_there, changing, chosen, deleting, ids, name,
    reasons, several,
};

fn actions(choices: &[Choice]) -> BTreeSet<&'static str> {
    choices
        .iter()
        .map(|choice| ACTIONS[usize::from(*choice) % ACTIONS.len()])
        .collect()
}

fn words(actions: &BTreeSet<&'static str>) -> Vec<String> {
    actions.iter().map(|action| (*action).to_owned()).collect()
}

impl Play<'_> {
    pub(super) async fn makes_policy(&mut self, choice: Choice, chosen: &[Choice]) -> Agreed {
        let (name, of) = (name(choice), actions(chosen));
        let taken = self.picture.name_taken(&self.picture.policies, &name, None);
        let body = CreatePolicy {
            name: name.clone(),
            description: String::new(),
            action_ids: words(&of),
        };
        let answer = self.owner.create_policy(self.owner.id, &body).await;
        let reasons = reasons([(taken, ErrorCode::NameTaken)]);
        if let Some(made) = self.agreed(answer, &reasons)? {
            let policy = Thing::new(made.id, name, of);
            self.picture.policies.push(policy);
        }
        Ok(())
    }

    pub(super) async fn edits_policy(
        &mut self,
        policy: Choice,
        choice: Option<Choice>,
        wanted: Option<&[Choice]>,
    ) -> Agreed {
        let Some(number) = chosen(&self.picture.policies, policy) else {
            return Ok(());
        };
        let (name, of) = (choice.map(name), wanted.map(actions));
        let body = UpdatePolicy {
            name: name.clone(),
            action_ids: of.as_ref().map(words),
            ..Default::default()
        };
        let policies = &self.picture.policies;
        let reasons = changing(&self.picture, policies, number, name.as_deref());
        let id = policies[number].id;
        let answer = self
            .owner
            .update_policy(self.owner.id, id, &body, None)
            .await;
        if self.agreed(answer, &reasons)?.is_some() {
            self.picture.policies[number].becomes(name, of);
        }
        Ok(())
    }

    pub(super) async fn deletes_policy(&mut self, policy: Choice, detach: bool) -> Agreed {
        let Some(number) = chosen(&self.picture.policies, policy) else {
            return Ok(());
        };
        let used = self.picture.policy_in_use(number) && !detach;
        let reasons = deleting(&self.picture.policies, number, used);
        let query = DeleteQuery {
            detach: Some(detach),
        };
        let id = self.picture.policies[number].id;
        let answer = self
            .owner
            .delete_policy(self.owner.id, id, &query, None)
            .await;
        if self.agreed(answer, &reasons)?.is_some() {
            self.picture.delete_policy(number);
        }
        Ok(())
    }

    pub(super) async fn makes_role(&mut self, choice: Choice, policies: &[Choice]) -> Agreed {
        let (name, of) = (name(choice), several(&self.picture.policies, policies));
        let known = all_there(&self.picture.policies, &of);
        let taken = self.picture.name_taken(&self.picture.roles, &name, None);
        let body = CreateRole {
            name: name.clone(),
            description: String::new(),
            policy_ids: ids(&self.picture.policies, &of),
            receive_load_alerts: false,
        };
        let reasons = reasons([
            (taken, ErrorCode::NameTaken),
            (!known, ErrorCode::ValidationFailed),
        ]);
        let answer = self.owner.create_role(self.owner.id, &body).await;
        if let Some(made) = self.agreed(answer, &reasons)? {
            self.picture.roles.push(Thing::new(made.id, name, of));
        }
        Ok(())
    }

    pub(super) async fn edits_role(
        &mut self,
        role: Choice,
        choice: Option<Choice>,
        policies: Option<&[Choice]>,
    ) -> Agreed {
        let Some(number) = chosen(&self.picture.roles, role) else {
            return Ok(());
        };
        let name = choice.map(name);
        let of = policies.map(|policies| several(&self.picture.policies, policies));
        let roles = &self.picture.roles;
        let mut reasons = changing(&self.picture, roles, number, name.as_deref());
        if !all_there(&self.picture.policies, of.iter().flatten()) {
            reasons.push(ErrorCode::ValidationFailed);
        }
        let body = UpdateRole {
            name: name.clone(),
            policy_ids: of.as_ref().map(|of| ids(&self.picture.policies, of)),
            ..Default::default()
        };
        let id = roles[number].id;
        let answer = self.owner.update_role(self.owner.id, id, &body, None).await;
        if self.agreed(answer, &reasons)?.is_some() {
            self.picture.roles[number].becomes(name, of);
        }
        Ok(())
    }

    pub(super) async fn deletes_role(&mut self, role: Choice, detach: bool) -> Agreed {
        let Some(number) = chosen(&self.picture.roles, role) else {
            return Ok(());
        };
        let used = self.picture.role_in_use(number) && !detach;
        let reasons = deleting(&self.picture.roles, number, used);
        let query = DeleteQuery {
            detach: Some(detach),
        };
        let id = self.picture.roles[number].id;
        let answer = self
            .owner
            .delete_role(self.owner.id, id, &query, None)
            .await;
        if self.agreed(answer, &reasons)?.is_some() {
            self.picture.delete_role(number);
        }
        Ok(())
    }
}
