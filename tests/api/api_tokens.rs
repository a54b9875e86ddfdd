//! Tokens of programs: made, shown once, listed, used, and gone at once; and the platform's own.

use accord_client::types::{
    CreateApiToken, CreateEnvironment, ErrorCode, Invite, Item, MemberStatus, NewApiToken,
    PostLoadAlert, ResetPassword, TasksQuery, TokenScope,
};
use accord_client::{Client, Error};
use accord_testkit::people::share;
use accord_testkit::{Backend, Person, TestApp, eventually, on_both_databases};
use chrono::Duration;

use crate::support::{invalid, refusal};

fn token(scopes: &[TokenScope]) -> CreateApiToken {
    CreateApiToken {
        name: "Deployment".into(),
        scopes: scopes.to_vec(),
        expires_at: None,
    }
}

async fn made(person: &Person, scopes: &[TokenScope]) -> NewApiToken {
    let made = person.create_api_token(&token(scopes)).await;
    made.expect("a token")
}

/// The newest entry of the person's record.
async fn newest(person: &Person) -> accord_client::types::Task {
    let tasks = person.tasks(person.id, &TasksQuery::default()).await;
    tasks.expect("the record").items.remove(0)
}

async fn a_token_is_made_used_and_revoked(app: TestApp) {
    let ada = app.owner("ada").await;
    let made = made(&ada, &[TokenScope::Read, TokenScope::Environments]).await;
    assert!(made.secret.starts_with("acc_") && made.secret.starts_with(&made.token.hint));
    assert_eq!(
        made.token.scopes,
        [TokenScope::Read, TokenScope::Environments]
    );
    let entry = newest(&ada).await;
    assert_eq!(entry.action, "token.create");
    assert_eq!(entry.means, "session");
    let mail = app.mail_about(&ada.email, "API token").await;
    assert!(mail.text.contains("Deployment") && mail.text.contains("read environments"));
    assert!(!mail.text.contains(&made.secret[8..]));

    let listed = ada.api_tokens(&Default::default()).await.expect("a list");
    assert_eq!(listed.items, std::slice::from_ref(&made.token));
    let text = serde_json::to_string(&listed).expect("JSON");
    assert!(!text.contains(&made.secret[8..]), "shown once");
    let alone = ada.api_token(made.token.id).await.expect("it is there");
    assert_eq!(alone, made.token);

    let program = app.with_token(&made.secret);
    assert_eq!(program.account().await.expect("read").id, ada.id);
    let body = CreateEnvironment {
        name: "shop".into(),
        ..Default::default()
    };
    let environment = program.create_environment(ada.id, &body).await;
    let environment = environment.expect("made").into_inner();
    assert_eq!(environment.created_by, Some(ada.id));
    let entry = newest(&ada).await;
    assert_eq!(entry.means, "api_token");
    let by = entry.token.expect("the record names the token");
    assert_eq!((by.id, by.name.as_str()), (made.token.id, "Deployment"));
    assert_eq!(entry.actor.and_then(|actor| actor.id), Some(ada.id));
    let refused = program
        .delete_environment(ada.id, environment.id, None)
        .await;
    refused.expect("environments is good for it");

    let invite = Invite {
        email: "grace@example.com".into(),
        ..Default::default()
    };
    let refused = program.invite(ada.id, &invite).await;
    let Err(Error::Problem { problem, .. }) = refused else {
        panic!("refused");
    };
    assert_eq!(problem.code, ErrorCode::ScopeMissing);
    let missing = problem.context.and_then(|context| context.missing_scope);
    assert_eq!(missing.as_deref(), Some("members"));
    for refused in [
        program
            .create_api_token(&token(&[TokenScope::Read]))
            .await
            .map(drop),
        program.api_tokens(&Default::default()).await.map(drop),
        program.revoke_api_token(made.token.id).await,
        program.sessions(&Default::default()).await.map(drop),
    ] {
        assert_eq!(refusal(refused), ErrorCode::SessionNeeded);
    }
    eventually("the use is noted", async || {
        let token = ada.api_token(made.token.id).await.expect("it is there");
        token.last_used_at.is_some()
    })
    .await;

    ada.revoke_api_token(made.token.id).await.expect("revoked");
    assert_eq!(refusal(program.account().await), ErrorCode::NotSignedIn);
    assert_eq!(newest(&ada).await.action, "token.revoke");
    assert_eq!(
        refusal(ada.api_token(made.token.id).await),
        ErrorCode::NotFound
    );
    assert!(
        ada.api_tokens(&Default::default())
            .await
            .expect("none")
            .items
            .is_empty()
    );
}

async fn a_token_ends_at_its_time_and_stays_listed(app: TestApp) {
    let ada = app.owner("ada").await;
    let end = app.clock.now() + Duration::minutes(2);
    let body = CreateApiToken {
        expires_at: Some(end),
        ..token(&[TokenScope::Read])
    };
    let made = ada.create_api_token(&body).await.expect("a token");
    let program = app.with_token(&made.secret);
    program.account().await.expect("good so far");
    app.clock.advance(Duration::minutes(2));
    assert_eq!(refusal(program.account().await), ErrorCode::NotSignedIn);
    let listed = ada.api_token(made.token.id).await.expect("listed");
    assert!(listed.expired);
    let past = CreateApiToken {
        expires_at: Some(app.clock.now()),
        ..token(&[TokenScope::Read])
    };
    assert_eq!(invalid(ada.create_api_token(&past).await), "/expires_at");
    assert_eq!(invalid(ada.create_api_token(&token(&[])).await), "/scopes");
}

async fn what_is_no_token_is_refused(app: TestApp) {
    let ada = app.owner("ada").await;
    let made = made(&ada, &[TokenScope::Read]).await;
    let secret = &made.secret;
    let mistyped = format!("{}{}", &secret[..20], secret[20..].replace(|_| true, "a"));
    for wrong in [
        "acc_",
        &secret[4..],
        &secret.to_uppercase(),
        &secret.replacen("acc_", "acp_", 1),
        &mistyped,
        &secret[..secret.len() - 1],
    ] {
        let refused = app.with_token(wrong).account().await;
        assert_eq!(refusal(refused), ErrorCode::NotSignedIn, "{wrong}");
    }
    let address = format!("/api/v1/account?token={secret}");
    let refused = app.visitor().raw("GET", &address, &[], "").await;
    assert_eq!(refused.expect("an answer").status, 401, "never in a query");
}

async fn a_new_password_by_the_link_ends_tokens_another_password_does_not(app: TestApp) {
    let ada = app.owner("ada").await;
    let made = made(&ada, &[TokenScope::Read]).await;
    let program = app.with_token(&made.secret);
    let body = accord_client::types::ChangePassword {
        current_password: ada.password.clone(),
        new_password: "another-correct-horse-9".into(),
    };
    ada.change_password(&body).await.expect("changed");
    program.account().await.expect("programs go on");
    ada.forgot_password(&accord_client::types::ForgotPassword {
        email: ada.email.clone(),
    })
    .await
    .expect("asked");
    let body = ResetPassword {
        token: app.token_for(&ada.email, "reset-password").await,
        password: "yet-another-correct-horse-9".into(),
    };
    ada.reset_password(&body).await.expect("reset");
    assert_eq!(refusal(program.account().await), ErrorCode::NotSignedIn);
}

async fn a_token_is_as_good_as_its_person(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let shop = ada.adds_environment("shop").await;
    let viewer = ada.role_named("Viewer").await;
    let member = ada
        .invites(&grace.email, vec![share(Item::ENVIRONMENTS, &[&viewer])])
        .await;
    grace.accepts(&ada).await;
    let made = made(&grace, &[TokenScope::Read]).await;
    let program = app.with_token(&made.secret);
    program.environment(ada.id, shop.id).await.expect("shared");
    ada.suspend_member(ada.id, member.id)
        .await
        .expect("suspended");
    let refused = program.environment(ada.id, shop.id).await;
    assert_eq!(refusal(refused), ErrorCode::NotFound);
    ada.activate_member(ada.id, member.id)
        .await
        .expect("active");
    program.environment(ada.id, shop.id).await.expect("again");
    app.disables(&ada, true).await;
    let refused = program.environment(ada.id, shop.id).await;
    assert_eq!(refusal(refused), ErrorCode::NotFound, "the host is frozen");
    app.disables(&ada, false).await;
    app.disables(&grace, true).await;
    assert_eq!(refusal(program.account().await), ErrorCode::NotSignedIn);
    app.disables(&grace, false).await;
    program
        .account()
        .await
        .expect("enabled again, and so is what she made");
}

async fn only_proven_people_make_tokens_and_not_without_end(app: TestApp) {
    let ada = app.sign_up("ada@example.com", "Ada").await;
    let refused = ada.create_api_token(&token(&[TokenScope::Read])).await;
    assert_eq!(refusal(refused), ErrorCode::EmailNotVerified);
    app.verify(&ada).await;
    let attempts = (0..55).map(|_| async {
        let made = ada.create_api_token(&token(&[TokenScope::Read])).await;
        match made {
            Ok(_) => true,
            refused => {
                assert_eq!(refusal(refused), ErrorCode::TooManyTokens);
                false
            }
        }
    });
    let outcomes = futures_util::future::join_all(attempts).await;
    assert_eq!(outcomes.iter().filter(|made| **made).count(), 50);
}

async fn the_platform_acts_on_every_account(app: TestApp) {
    let ada = app.owner("ada").await;
    let grace = app.owner("grace").await;
    let shop = ada.adds_environment("shop").await;
    let all = "read members roles environments alerts";
    let control = app.platform_token("Control plane", all, None).await;
    for owner in [&ada, &grace] {
        let seen = control.members(owner.id, &Default::default()).await;
        assert!(seen.expect("seen").items.is_empty());
    }
    let role = ada.role_named("Viewer").await;
    let invite = Invite {
        email: grace.email.clone(),
        shares: vec![share(Item::ENVIRONMENTS, &[&role])],
        ..Default::default()
    };
    let member = control.invite(ada.id, &invite).await;
    let member = member.expect("invited").into_inner();
    let entry = newest(&ada).await;
    assert_eq!(entry.means, "platform_token");
    let actor = entry.actor.expect("named");
    assert_eq!((actor.id, actor.name.as_str()), (None, "Control plane"));
    assert_eq!(entry.token.map(|token| token.id), Some(control.id));
    let mail = app.mail_about(&grace.email, "ada").await;
    assert!(!mail.text.contains("Control plane"), "in the owner's name");
    grace.accepts(&ada).await;
    assert_eq!(ada.status_of(&member).await, MemberStatus::Active);
    let body = PostLoadAlert {
        metric: "CPU".into(),
        value: 99.0,
        threshold: 90.0,
        message: None,
    };
    let told = control.post_load_alert(ada.id, shop.id, &body).await;
    assert_eq!(told.expect("told").notified, 1);
    let own = Invite {
        email: ada.email.clone(),
        ..Default::default()
    };
    let refused = control.invite(ada.id, &own).await;
    assert_eq!(refusal(refused), ErrorCode::OwnAccount);

    for refused in [
        control.account().await.map(drop),
        control
            .visible_environments(&Default::default())
            .await
            .map(drop),
        control.collaborations(&Default::default()).await.map(drop),
        control.notifications(&Default::default()).await.map(drop),
    ] {
        assert_eq!(refusal(refused), ErrorCode::PersonNeeded);
    }
    let refused = control.leave_collaboration(member.id).await;
    assert_eq!(refusal(refused), ErrorCode::SessionNeeded);
    let nowhere = accord_client::types::Uuid::from_u128(7);
    let refused = control.members(nowhere, &Default::default()).await;
    assert_eq!(refusal(refused), ErrorCode::NotFound);

    app.disables(&ada, true).await;
    let refused = control.suspend_member(ada.id, member.id).await;
    assert_eq!(refusal(refused), ErrorCode::AccountDisabled, "frozen");
    app.revokes(&control).await;
    let refused = control.members(grace.id, &Default::default()).await;
    assert_eq!(refusal(refused), ErrorCode::NotSignedIn);
}

on_both_databases! {
    a_token_is_made_used_and_revoked,
    a_token_ends_at_its_time_and_stays_listed,
    what_is_no_token_is_refused,
    a_new_password_by_the_link_ends_tokens_another_password_does_not,
    a_token_is_as_good_as_its_person,
    only_proven_people_make_tokens_and_not_without_end,
    the_platform_acts_on_every_account,
}

/// What another instance knows of a token is gone with the token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_revoked_elsewhere_is_refused_here() {
    let app = TestApp::start(Backend::PostgreSql).await;
    let other = app.another_instance().await;
    let ada = app.owner("ada").await;
    let made = made(&ada, &[TokenScope::Read]).await;
    let there: Client = other.with_token(&made.secret);
    there.account().await.expect("good at both");
    ada.revoke_api_token(made.token.id).await.expect("revoked");
    assert_eq!(refusal(there.account().await), ErrorCode::NotSignedIn);
}
