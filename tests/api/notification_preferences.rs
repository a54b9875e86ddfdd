//! By which ways people hear, and how they leave one.

use accord_client::types::{
    ChooseNotification, ChooseNotifications, ErrorCode, Invite, NotificationKind,
};
use accord_testkit::smtp::{SmtpMode, SmtpPeer, SmtpTls};
use accord_testkit::{Backend, Person, TestApp, eventually, on_both_databases};

use crate::notifications::{kinds, told};
use crate::support::{invalid, refusal};

pub(crate) async fn chooses(
    person: &Person,
    kind: NotificationKind,
    email: Option<bool>,
    dashboard: Option<bool>,
) {
    let body = ChooseNotifications::one(kind, ChooseNotification { email, dashboard });
    person
        .choose_notifications(&body, None)
        .await
        .expect("chosen");
}

async fn preferences_decide_by_which_ways_somebody_hears(app: TestApp) {
    use NotificationKind as K;
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let cleo = app.owner("cleo").await;
    let before = ada.notification_preferences().await.expect("preferences");
    for kind in K::ALL {
        let preference = before.get(*kind);
        assert!(
            preference.email != Some(false) && preference.dashboard != Some(false),
            "{kind}"
        );
        assert!(
            preference.email.is_some() || preference.dashboard.is_some(),
            "{kind}"
        );
    }
    assert!(!before.invitation_received.optional && !before.password_reset.optional);
    assert!(before.load_alert.optional);

    chooses(&ada, K::InvitationAccepted, Some(false), None).await;
    chooses(&bob, K::CollaborationSuspended, None, Some(false)).await;
    let for_bob = ada.invites(&bob.email, Vec::new()).await;
    ada.invites(&cleo.email, Vec::new()).await;
    bob.accepts(&ada).await;
    assert_eq!(kinds(&ada).await, [K::InvitationAccepted]);
    let to_ada = app.mail_to(&ada.email).await;
    assert!(
        to_ada.iter().all(|mail| !mail.subject.contains("accepted")),
        "{to_ada:#?}"
    );
    ada.suspend_member(ada.id, for_bob.id)
        .await
        .expect("suspended");
    app.mail_about(&bob.email, "is suspended").await;
    assert!(!kinds(&bob).await.contains(&K::CollaborationSuspended));

    chooses(&ada, K::InvitationAccepted, Some(true), Some(false)).await;
    cleo.accepts(&ada).await;
    app.mail_about(&ada.email, "cleo@example.com accepted your invitation")
        .await;
    assert_eq!(
        kinds(&ada).await.len(),
        1,
        "the second acceptance came by mail alone"
    );

    for kind in [
        K::InvitationReceived,
        K::AddressVerification,
        K::PasswordReset,
        K::SecurityNotice,
    ] {
        let off = ChooseNotification {
            email: Some(false),
            dashboard: None,
        };
        let mut body = ChooseNotifications::one(kind, off);
        body.load_alert = Some(ChooseNotification {
            email: Some(false),
            dashboard: None,
        });
        let refused = ada.choose_notifications(&body, None).await;
        assert_eq!(invalid(refused), format!("/{kind}/email"));
    }
    let after = ada.notification_preferences().await.expect("preferences");
    assert_eq!(
        after.load_alert.email,
        Some(true),
        "a refused choice changes nothing else"
    );
    let mailed = ChooseNotifications::one(
        K::SharesChanged,
        ChooseNotification {
            email: Some(true),
            dashboard: None,
        },
    );
    assert_eq!(
        invalid(ada.choose_notifications(&mailed, None).await),
        "/shares_changed/email"
    );

    let stale = ada
        .choose_notifications(&ChooseNotifications::default(), before.etag.as_deref())
        .await;
    assert_eq!(refusal(stale), ErrorCode::PreconditionFailed);
    let same = ada
        .choose_notifications(&ChooseNotifications::default(), after.etag.as_deref())
        .await;
    assert_eq!(same.expect("nothing to change").etag, after.etag);
}

async fn one_click_leads_out_of_a_kind_of_mail(app: TestApp) {
    use NotificationKind as K;
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let member = ada.invites(&bob.email, Vec::new()).await;
    bob.accepts(&ada).await;
    ada.suspend_member(ada.id, member.id)
        .await
        .expect("suspended");
    let visitor = app.visitor();
    let token = app.token_for(&bob.email, "unsubscribe").await;

    // Looking changes nothing, at the link itself either, however often a scanner does it.
    for _ in 0..2 {
        let out = visitor.mail_way_out(&token).await.expect("a link");
        assert_eq!((out.kind, out.mailed), (K::CollaborationSuspended, true));
        let page = visitor
            .raw("GET", &format!("/unsubscribe/{token}"), &[], "")
            .await;
        let page = page.expect("an answer");
        let kind = page.header("content-type").unwrap_or_default();
        assert!(
            kind.starts_with("text/html"),
            "a page that asks first: {kind}"
        );
    }
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for path in [
        format!("/unsubscribe/{token}"),
        format!("/api/v1/unsubscribe/{token}"),
    ] {
        chooses(&bob, K::CollaborationSuspended, Some(true), None).await;
        let answer = visitor
            .raw("POST", &path, &form, "List-Unsubscribe=One-Click")
            .await
            .expect("an answer");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let preferences = bob.notification_preferences().await.expect("preferences");
        assert_eq!(
            preferences.collaboration_suspended.email,
            Some(false),
            "{path}"
        );
        assert_eq!(preferences.collaboration_suspended.dashboard, Some(true));
        assert_eq!(
            preferences.collaboration_activated.email,
            Some(true),
            "that kind alone"
        );
    }
    let again = visitor.unsubscribe(&token).await.expect("again");
    assert!(!again.mailed);

    ada.activate_member(ada.id, member.id)
        .await
        .expect("activated");
    ada.suspend_member(ada.id, member.id)
        .await
        .expect("suspended");
    let suspended = async || {
        let mails = app.mail_to(&bob.email).await;
        mails
            .iter()
            .filter(|mail| mail.subject.contains("is suspended"))
            .count()
    };
    assert_eq!(suspended().await, 1, "the one before");
    assert_eq!(kinds(&bob).await[0], K::CollaborationSuspended);

    for made_up in [
        "x".to_owned(),
        "A".repeat(78),
        token.chars().rev().collect(),
    ] {
        assert_eq!(
            refusal(visitor.mail_way_out(&made_up).await),
            ErrorCode::NotFound
        );
        assert_eq!(
            refusal(visitor.unsubscribe(&made_up).await),
            ErrorCode::NotFound
        );
        let one_click = visitor
            .raw("POST", &format!("/unsubscribe/{made_up}"), &form, "")
            .await;
        assert_eq!(one_click.expect("an answer").status, 404);
    }
    // No way out of what invites: that goes to an address, and is the sender's doing.
    let invitation = app.mail_about(&bob.email, "invites you").await;
    assert!(!invitation.text.contains("/unsubscribe/"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_that_never_arrives_is_told_to_the_owner() {
    let peer = SmtpPeer::start(SmtpMode::new(SmtpTls::None)).await;
    peer.refuse("typo@example.com");
    let app = TestApp::start_with_mail_server(Backend::Sqlite, peer).await;
    let ada = app.owner("ada").await;
    let body = Invite {
        email: "typo@example.com".into(),
        display_name: Some("Ty".into()),
        ..Default::default()
    };
    let member = ada
        .invite(ada.id, &body)
        .await
        .expect("invited")
        .into_inner();
    let heard = async || !told(&ada).await.is_empty();
    eventually("the owner is told", heard).await;
    let notice = told(&ada).await.remove(0);
    assert_eq!(notice.kind, NotificationKind::MailGivenUp);
    assert_eq!(notice.member_id, Some(member.id));
    assert_eq!(notice.params.member_name.as_deref(), Some("Ty"));
    assert!(notice.params.error.expect("a reason").contains("550"));

    // Through a real mail server the way out travels in the headers, too.
    let bob = app.owner("bob").await;
    ada.invites(&bob.email, Vec::new()).await;
    bob.accepts(&ada).await;
    let peer = app.mail_server().expect("a mail server");
    let mail = peer.wait_for_mail(&ada.email, "accepted").await;
    let header = mail.raw_header("List-Unsubscribe").expect("a way out");
    let link = header.trim_matches(['<', '>']);
    let token = link.rsplit('/').next().expect("a token");
    assert_eq!(link, format!("{}/unsubscribe/{token}", app.public_url()));
    assert_eq!(
        mail.raw_header("List-Unsubscribe-Post").as_deref(),
        Some("List-Unsubscribe=One-Click")
    );
    let out = app.visitor().unsubscribe(token).await.expect("out");
    assert_eq!(
        (out.kind, out.mailed),
        (NotificationKind::InvitationAccepted, false)
    );
}

on_both_databases! {
    preferences_decide_by_which_ways_somebody_hears,
    one_click_leads_out_of_a_kind_of_mail,
}
