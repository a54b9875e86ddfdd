//! Invitations explain themselves: what became of each, step by step.

use accord_client::types::{Member, TimelineEvent, TimelineEventKind, TimelineQuery};
use accord_testkit::smtp::{SmtpMode, SmtpPeer, SmtpTls};
use accord_testkit::{Backend, Person, TestApp, eventually, on_both_databases};
use chrono::Duration;

use TimelineEventKind as K;

async fn timeline(owner: &Person, member: &Member) -> Vec<TimelineEvent> {
    let query = TimelineQuery {
        limit: Some(200),
        sort: Some("at".into()),
        ..Default::default()
    };
    let page = owner.member_timeline(owner.id, member.id, &query).await;
    page.expect("a page").items
}

async fn kinds(owner: &Person, member: &Member) -> Vec<K> {
    timeline(owner, member)
        .await
        .into_iter()
        .map(|event| event.event)
        .collect()
}

async fn without_a_mail_server_the_timeline_says_what_to_do(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let member = ada.invites(&bob.email, Vec::new()).await;
    assert_eq!(kinds(&ada, &member).await, [K::Invited, K::MailKept]);
    app.clock.advance(Duration::minutes(1));
    let link = ada
        .invitation_link(ada.id, member.id)
        .await
        .expect("a link")
        .url;
    assert_eq!(
        kinds(&ada, &member).await,
        [K::Invited, K::MailKept, K::LinkMade]
    );

    app.clock.advance(Duration::minutes(1));
    let token = link.rsplit('/').next().expect("a token");
    app.visitor().invitation(token).await.expect("looking");
    assert_eq!(kinds(&ada, &member).await.len(), 3, "a scanner looks, too");
    app.visitor()
        .invitation_opened(token)
        .await
        .expect("opened");
    app.clock.advance(Duration::days(8));
    app.signs_in(&ada).await;
    app.signs_in(&bob).await;
    let expired = [K::Invited, K::MailKept, K::LinkMade, K::Opened, K::Expired];
    assert_eq!(kinds(&ada, &member).await, expired);

    ada.resend_invitation(ada.id, member.id)
        .await
        .expect("sent again");
    app.clock.advance(Duration::minutes(1));
    bob.accepts(&ada).await;
    app.clock.advance(Duration::minutes(1));
    ada.suspend_member(ada.id, member.id)
        .await
        .expect("suspended");
    app.clock.advance(Duration::minutes(1));
    ada.activate_member(ada.id, member.id)
        .await
        .expect("activated");
    app.clock.advance(Duration::minutes(1));
    bob.leave_collaboration(member.id).await.expect("left");
    let mut all = expired.to_vec();
    all.extend([
        K::Resent,
        K::MailKept,
        K::Accepted,
        K::Suspended,
        K::Activated,
        K::Left,
    ]);
    assert_eq!(kinds(&ada, &member).await, all);
    let told = timeline(&ada, &member).await;
    assert_eq!(told[0].detail.as_deref(), Some("ada"));
    assert_eq!(told.last().expect("an end").detail.as_deref(), Some("bob"));
    assert!(told.is_sorted_by_key(|event| event.at));

    // The newest first where nothing else is asked for, page by page.
    let mut walked = Vec::new();
    let mut query = TimelineQuery {
        limit: Some(2),
        ..Default::default()
    };
    loop {
        let page = ada
            .member_timeline(ada.id, member.id, &query)
            .await
            .expect("a page");
        walked.extend(page.items);
        match page.next_cursor {
            Some(next) => query.cursor = Some(next),
            None => break,
        }
    }
    walked.reverse();
    assert_eq!(walked, told);
    let other = ada.invites("other@example.com", Vec::new()).await;
    assert_eq!(
        kinds(&ada, &other).await,
        [K::Invited, K::MailKept],
        "each their own"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_mail_server_the_timeline_says_whether_it_took_the_mail() {
    let peer = SmtpPeer::start(SmtpMode::new(SmtpTls::None)).await;
    peer.refuse("typo@example.com");
    let app = TestApp::start_with_mail_server(Backend::Sqlite, peer).await;
    let ada = app.owner("ada").await;
    let sent = ada.invites("bob@example.com", Vec::new()).await;
    let arrived = async || kinds(&ada, &sent).await.contains(&K::MailSent);
    eventually("it is handed over", arrived).await;
    assert_eq!(
        kinds(&ada, &sent).await,
        [K::Invited, K::MailQueued, K::MailSent]
    );

    let refused = ada.invites("typo@example.com", Vec::new()).await;
    let given_up = async || kinds(&ada, &refused).await.contains(&K::MailGivenUp);
    eventually("it is given up", given_up).await;
    let told = timeline(&ada, &refused).await;
    let last = told.last().expect("an end");
    assert!(
        last.detail.as_deref().expect("a reason").contains("550"),
        "{last:?}"
    );

    let peer = app.mail_server().expect("a mail server");
    peer.fail_next(1, 451);
    let waits = ada.invites("cleo@example.com", Vec::new()).await;
    let delayed = async || kinds(&ada, &waits).await.contains(&K::MailDelayed);
    eventually("it is tried again", delayed).await;
    let told = timeline(&ada, &waits).await;
    let last = told.last().expect("an event");
    assert!(
        last.detail.as_deref().expect("a reason").contains("451"),
        "{last:?}"
    );
}

on_both_databases! {
    without_a_mail_server_the_timeline_says_what_to_do,
}
