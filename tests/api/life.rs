//! The life of a member over REST: every event in every state, from the table that the rule itself is
//! tested with (`tests/cases/member-life.yaml`).

use std::collections::BTreeMap;

use accord_client::types::{ErrorCode, InvitationState, Item, Member, MemberStatus};
use accord_client::{Error, Result};
use accord_testkit::people::share;
use accord_testkit::{Person, TestApp, on_both_databases};
use chrono::Duration;
use serde::Deserialize;

#[derive(Deserialize)]
struct Table {
    /// Event, then state, to what becomes of it.
    events: BTreeMap<String, BTreeMap<MemberStatus, String>>,
    new_invitation: Vec<String>,
    deletes_shares: Vec<String>,
    ends_invitation: BTreeMap<String, InvitationState>,
}

fn table() -> Table {
    serde_saphyr::from_str(include_str!("../cases/member-life.yaml")).expect("the table is read")
}

/// The owner's account and the person whom all the records are about.
struct Scene {
    app: TestApp,
    owner: Person,
    person: Person,
}

impl Scene {
    async fn set(app: TestApp) -> Self {
        let owner = app.owner("ada").await;
        let person = app.owner("grace").await;
        Self { app, owner, person }
    }

    /// A record in that state, with a share.
    async fn member(&self, state: MemberStatus) -> Member {
        let viewer = self.owner.role_named("Viewer").await;
        let member = self
            .owner
            .invites(
                &self.person.email,
                vec![share(Item::ENVIRONMENTS, &[&viewer])],
            )
            .await;
        let (owner, person, id) = (&self.owner, &self.person, member.id);
        match state {
            MemberStatus::Pending => {}
            MemberStatus::Active | MemberStatus::Suspended | MemberStatus::Left => {
                person.accepts(owner).await;
                if state == MemberStatus::Suspended {
                    owner.suspend_member(owner.id, id).await.expect("suspended");
                }
                if state == MemberStatus::Left {
                    person.leave_collaboration(id).await.expect("left");
                }
            }
            MemberStatus::Rejected => person.reject_collaboration(id).await.expect("rejected"),
            MemberStatus::Removed => drop(
                owner
                    .remove_member(owner.id, id, None)
                    .await
                    .expect("removed"),
            ),
            MemberStatus::Expired => {
                self.app.clock.advance(Duration::days(8));
                // Sessions end after a month, and many of these weeks pass here.
                self.app.signs_in(owner).await;
                self.app.signs_in(person).await;
            }
        }
        let member = owner.member_now(&member).await;
        assert_eq!(member.status, state);
        member
    }

    async fn cause(&self, event: &str, id: accord_client::types::Uuid) -> Result<()> {
        let (owner, person, account) = (&self.owner, &self.person, self.owner.id);
        match event {
            "accept" => person.accept_collaboration(id).await.map(drop),
            "reject" => person.reject_collaboration(id).await,
            "leave" => person.leave_collaboration(id).await,
            "resend" => owner.resend_invitation(account, id).await.map(drop),
            "suspend" => owner.suspend_member(account, id).await.map(drop),
            "activate" => owner.activate_member(account, id).await.map(drop),
            "remove" => owner.remove_member(account, id, None).await.map(drop),
            "reinvite" => owner.reinvite_member(account, id).await.map(drop),
            "forget" => owner.forget_member(account, id, None).await,
            other => panic!("the table has an event {other:?} that this test does not know"),
        }
    }

    /// Deletes the record for good, whatever became of it, so that the person can be invited anew.
    async fn clear(&self, member: &Member) {
        if let Ok(member) = self.owner.member(self.owner.id, member.id).await {
            if !member
                .allowed_actions
                .iter()
                .any(|action| action == "forget")
            {
                self.owner
                    .remove_member(self.owner.id, member.id, None)
                    .await
                    .expect("removed");
            }
            self.owner
                .forget_member(self.owner.id, member.id, None)
                .await
                .expect("forgotten");
        }
    }

    async fn allowed(
        &self,
        table: &Table,
        state: MemberStatus,
        event: &str,
        becomes: &str,
        member: &Member,
    ) {
        let case = format!("{event} while {state}");
        let link = self.app.invitation_token_for(&self.person.email).await;
        self.cause(event, member.id)
            .await
            .unwrap_or_else(|error| panic!("{case}: {error:?}"));
        let after = self.owner.member(self.owner.id, member.id).await;
        if becomes == "forgotten" {
            assert_eq!(
                after.expect_err("gone").code(),
                Some(ErrorCode::NotFound),
                "{case}"
            );
        } else {
            let after = after.expect("a record");
            assert_eq!(after.status.as_str(), becomes, "{case}");
            assert_eq!(
                after.shares.is_empty(),
                table.deletes_shares.iter().any(|known| known == event)
                    || state == MemberStatus::Removed,
                "{case}: {:?}",
                after.shares
            );
        }
        if table.new_invitation.iter().any(|known| known == event) {
            let newer = self.app.invitation_token_for(&self.person.email).await;
            assert_ne!(newer, link, "{case}: a new link is mailed");
            let opened = self.app.visitor().invitation(&newer).await.expect("known");
            assert_eq!(opened.state, InvitationState::Open, "{case}");
        }
        let open_before = matches!(state, MemberStatus::Pending | MemberStatus::Expired);
        if let Some(ended_as) = table.ends_invitation.get(event).filter(|_| open_before) {
            match self.app.visitor().invitation(&link).await {
                Ok(old) => assert_eq!(old.state, *ended_as, "{case}: what the old link says"),
                // A forgotten record takes its links along.
                Err(error) => assert_eq!(
                    (error.code(), becomes),
                    (Some(ErrorCode::NotFound), "forgotten"),
                    "{case}"
                ),
            }
        }
    }

    async fn refused(&self, state: MemberStatus, event: &str, member: &Member) {
        let case = format!("{event} while {state}");
        match self.cause(event, member.id).await {
            Err(Error::Problem {
                problem,
                status: 409,
                ..
            }) => {
                assert_eq!(problem.code, ErrorCode::IllegalTransition, "{case}");
                let context = problem
                    .context
                    .unwrap_or_else(|| panic!("{case}: names the state and the event"));
                assert_eq!(
                    (context.status, context.event.as_deref()),
                    (Some(state), Some(event)),
                    "{case}"
                );
            }
            other => panic!("{case}: expected a conflict, got {other:?}"),
        }
        let after = self.owner.member_now(member).await;
        assert_eq!(&after, member, "{case}: changes nothing");
    }
}

async fn every_event_in_every_state(app: TestApp) {
    let table = table();
    let scene = Scene::set(app).await;
    let mut pairs = 0;
    for state in MemberStatus::ALL {
        for (event, outcomes) in &table.events {
            let becomes = outcomes
                .get(state)
                .unwrap_or_else(|| panic!("{event} says nothing of {state}"));
            let member = scene.member(*state).await;
            if becomes == "-" {
                scene.refused(*state, event, &member).await;
            } else {
                scene.allowed(&table, *state, event, becomes, &member).await;
            }
            scene.clear(&member).await;
            pairs += 1;
        }
    }
    assert_eq!(pairs, MemberStatus::ALL.len() * 9);
}

async fn inviting_somebody_who_has_a_record_names_it_and_its_state(app: TestApp) {
    let scene = Scene::set(app).await;
    for state in MemberStatus::ALL {
        let member = scene.member(*state).await;
        let body = accord_client::types::Invite {
            email: scene.person.email.to_uppercase(),
            ..Default::default()
        };
        let error = scene
            .owner
            .invite(scene.owner.id, &body)
            .await
            .expect_err("refused");
        assert_eq!(error.code(), Some(ErrorCode::MemberExists), "{state}");
        let context = error.context().expect("names the record");
        assert_eq!(
            (context.member_id, context.status),
            (Some(member.id), Some(*state))
        );
        assert_eq!(scene.owner.member_now(&member).await, member);
        scene.clear(&member).await;
    }
}

async fn editing_works_in_every_state_but_removed(app: TestApp) {
    let scene = Scene::set(app).await;
    for state in MemberStatus::ALL {
        let member = scene.member(*state).await;
        let body = accord_client::types::UpdateMember {
            display_name: Some(Some(format!("Grace, {state}"))),
            shares: None,
        };
        let edited = scene
            .owner
            .update_member(scene.owner.id, member.id, &body, None)
            .await;
        if *state == MemberStatus::Removed {
            assert_eq!(
                crate::support::refusal(edited),
                ErrorCode::IllegalTransition
            );
            assert_eq!(scene.owner.member_now(&member).await, member);
        } else {
            assert_eq!(
                edited.expect("edited").display_name,
                Some(format!("Grace, {state}"))
            );
            assert_eq!(scene.owner.status_of(&member).await, *state);
        }
        scene.clear(&member).await;
    }
}

on_both_databases! {
    every_event_in_every_state,
    inviting_somebody_who_has_a_record_names_it_and_its_state,
    editing_works_in_every_state_but_removed,
}
