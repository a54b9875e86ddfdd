//! Requests at the same moment: whoever wins, one legal state is left.

use accord_client::Client;
use accord_client::types::{
    AcceptInvitation, CreateEnvironment, ErrorCode, InvitationState, Invite, Item, MemberStatus,
    SignUp,
};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, TestApp, on_both_databases};
use futures_util::future::join_all;

const AT_ONCE: usize = 8;

/// Clients with connections of their own, so that requests really travel side by side.
async fn visitors(app: &TestApp) -> Vec<Client> {
    let visitors: Vec<Client> = (0..AT_ONCE).map(|_| app.visitor()).collect();
    join_all(visitors.iter().map(Client::livez)).await;
    visitors
}

async fn one_address_is_invited_once(app: TestApp) {
    let ada = app.owner("ada").await;
    for round in 0..3 {
        let body = Invite {
            email: format!("Grace{round}@example.com"),
            ..Default::default()
        };
        let outcomes = join_all((0..AT_ONCE).map(|_| ada.invite(ada.id, &body))).await;
        let (made, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(made.len(), 1, "{refused:?}");
        let member = made.into_iter().flatten().next().expect("one").into_inner();
        for error in refused.into_iter().filter_map(Result::err) {
            assert_eq!(error.code(), Some(ErrorCode::MemberExists), "{error:?}");
            assert_eq!(
                error.context().expect("names it").member_id,
                Some(member.id)
            );
        }
        assert_eq!(app.mail_to(&body.email).await.len(), 1, "and one mail");
    }
    assert_eq!(
        ada.members(ada.id, &Default::default())
            .await
            .expect("members")
            .items
            .len(),
        3
    );
}

async fn a_new_person_accepts_once(app: TestApp) {
    let ada = app.owner("ada").await;
    let member = ada.invites("grace@example.com", Vec::new()).await;
    let token = app.invitation_token_for("grace@example.com").await;
    let visitors = visitors(&app).await;
    let body = AcceptInvitation {
        password: Some(PASSWORD.into()),
        name: Some("Grace".into()),
    };
    let outcomes = join_all(
        visitors
            .iter()
            .map(|visitor| visitor.accept_invitation(&token, &body)),
    )
    .await;
    assert_eq!(
        outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
        1,
        "{outcomes:?}"
    );
    for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        let known = matches!(
            error.code(),
            Some(ErrorCode::InvitationNotOpen | ErrorCode::AccountExists)
        );
        assert!(known, "{error:?}");
    }
    assert_eq!(ada.status_of(&member).await, MemberStatus::Active);
}

async fn a_signed_in_person_accepts_once(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let member = ada.invites(&grace.email, Vec::new()).await;
    let outcomes = join_all((0..AT_ONCE).map(|_| grace.accept_collaboration(member.id))).await;
    assert_eq!(
        outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
        1,
        "{outcomes:?}"
    );
    for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert_eq!(
            error.code(),
            Some(ErrorCode::IllegalTransition),
            "{error:?}"
        );
    }
    assert_eq!(ada.status_of(&member).await, MemberStatus::Active);
    let accepted = app
        .mail_to(&ada.email)
        .await
        .iter()
        .filter(|mail| mail.subject.contains("accepted"))
        .count();
    assert_eq!(accepted, 1, "the owner hears of it once");
}

async fn accepting_races_removing(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let viewer = ada.role_named("Viewer").await;
    ada.adds_environment("shop").await;
    for _ in 0..6 {
        let member = ada
            .invites(&grace.email, vec![share(Item::ENVIRONMENTS, &[&viewer])])
            .await;
        let token = app.invitation_token_for(&grace.email).await;
        let (accepted, removed) = tokio::join!(
            grace.accepts_link(&token),
            ada.remove_member(ada.id, member.id, None)
        );
        removed.expect("removing is legal before and after acceptance");
        let now = ada.member_now(&member).await;
        assert_eq!((now.status, now.shares.len()), (MemberStatus::Removed, 0));
        assert!(grace.sees().await.is_empty());
        let link = app.visitor().invitation(&token).await.expect("known").state;
        match accepted {
            Ok(_) => assert_eq!(link, InvitationState::Accepted),
            Err(error) => {
                assert_eq!(
                    error.code(),
                    Some(ErrorCode::InvitationNotOpen),
                    "{error:?}"
                );
                assert_eq!(link, InvitationState::Withdrawn);
            }
        }
        ada.forget_member(ada.id, member.id, None)
            .await
            .expect("forgotten");
    }
}

async fn accepting_races_rejecting(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    for _ in 0..6 {
        let member = ada.invites(&grace.email, Vec::new()).await;
        let token = app.invitation_token_for(&grace.email).await;
        let visitor = app.visitor();
        let (accepted, rejected) = tokio::join!(
            grace.accepts_link(&token),
            visitor.reject_invitation(&token)
        );
        assert_ne!(
            accepted.is_ok(),
            rejected.is_ok(),
            "{accepted:?} {rejected:?}"
        );
        let status = ada.status_of(&member).await;
        let expected = if accepted.is_ok() {
            MemberStatus::Active
        } else {
            MemberStatus::Rejected
        };
        assert_eq!(status, expected);
        if status == MemberStatus::Active {
            ada.remove_member(ada.id, member.id, None)
                .await
                .expect("removed");
        }
        ada.forget_member(ada.id, member.id, None)
            .await
            .expect("forgotten");
    }
}

async fn suspending_races_leaving(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let member = ada.invites(&grace.email, Vec::new()).await;
    for _ in 0..6 {
        grace.accepts(&ada).await;
        let (suspended, left) = tokio::join!(
            ada.suspend_member(ada.id, member.id),
            grace.leave_collaboration(member.id)
        );
        left.expect("leaving is legal while active and while suspended");
        assert_eq!(ada.status_of(&member).await, MemberStatus::Left);
        if let Err(error) = suspended {
            assert_eq!(
                error.code(),
                Some(ErrorCode::IllegalTransition),
                "{error:?}"
            );
        }
        ada.reinvite_member(ada.id, member.id)
            .await
            .expect("invited again");
    }
}

async fn one_name_and_one_address_are_taken_once(app: TestApp) {
    let ada = app.owner("ada").await;
    let body = CreateEnvironment {
        name: "shop".into(),
        ..Default::default()
    };
    let outcomes = join_all((0..AT_ONCE).map(|_| ada.create_environment(ada.id, &body))).await;
    assert_eq!(
        outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
        1,
        "{outcomes:?}"
    );
    let taken = |error: &accord_client::Error| error.code() == Some(ErrorCode::NameTaken);
    assert!(
        outcomes
            .iter()
            .filter_map(|outcome| outcome.as_ref().err())
            .all(taken),
        "{outcomes:?}"
    );

    let visitors = visitors(&app).await;
    let body = SignUp {
        email: "grace@example.com".into(),
        password: PASSWORD.into(),
        name: "Grace".into(),
    };
    let outcomes = join_all(visitors.iter().map(|visitor| visitor.sign_up(&body))).await;
    assert_eq!(
        outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
        1,
        "{outcomes:?}"
    );
    let taken = |error: &accord_client::Error| error.code() == Some(ErrorCode::EmailTaken);
    assert!(
        outcomes
            .iter()
            .filter_map(|outcome| outcome.as_ref().err())
            .all(taken),
        "{outcomes:?}"
    );
}

async fn of_writes_with_one_version_one_wins(app: TestApp) {
    let ada = app.owner("ada").await;
    let shop = ada.adds_environment("shop").await;
    let version = ada
        .environment(ada.id, shop.id)
        .await
        .expect("an environment")
        .etag
        .expect("a version");
    let bodies: Vec<_> = (0..AT_ONCE)
        .map(|number| accord_client::types::UpdateEnvironment {
            display_name: Some(Some(format!("Shop {number}"))),
            ..Default::default()
        })
        .collect();
    let writes = bodies
        .iter()
        .map(|body| ada.update_environment(ada.id, shop.id, body, Some(&version)));
    let outcomes = join_all(writes).await;
    let won: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| outcome.as_ref().ok())
        .collect();
    assert_eq!(won.len(), 1, "{outcomes:?}");
    let stale = |error: &accord_client::Error| error.code() == Some(ErrorCode::PreconditionFailed);
    assert!(
        outcomes
            .iter()
            .filter_map(|outcome| outcome.as_ref().err())
            .all(stale),
        "{outcomes:?}"
    );
    let now = ada
        .environment(ada.id, shop.id)
        .await
        .expect("an environment");
    assert_eq!(now.display_name, won[0].display_name);
}

on_both_databases! {
    one_address_is_invited_once,
    a_new_person_accepts_once,
    a_signed_in_person_accepts_once,
    accepting_races_removing,
    accepting_races_rejecting,
    suspending_races_leaving,
    one_name_and_one_address_are_taken_once,
    of_writes_with_one_version_one_wins,
}
