//! What people are told: by which ways, whom, and what not.

use accord_client::types::{
    DeleteAccount, EndedBecause, Item, MarkNotificationsRead, Notification, NotificationKind,
    NotificationsQuery, UpdateMember, Uuid,
};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person, TestApp, on_both_databases};
use chrono::Duration;

use crate::support::invalid;

/// Everything that somebody was told, the newest first.
pub(crate) async fn told(person: &Person) -> Vec<Notification> {
    let query = NotificationsQuery {
        limit: Some(200),
        ..Default::default()
    };
    person.notifications(&query).await.expect("a page").items
}

pub(crate) async fn kinds(person: &Person) -> Vec<NotificationKind> {
    told(person)
        .await
        .into_iter()
        .map(|told| told.kind)
        .collect()
}

async fn unread(person: &Person) -> u64 {
    let page = person.notifications(&NotificationsQuery::default()).await;
    page.expect("a page").unread_count
}

fn read(ids: &[Uuid]) -> MarkNotificationsRead {
    MarkNotificationsRead {
        ids: Some(ids.to_vec()),
        all_until: None,
    }
}

fn read_until(until: &str) -> MarkNotificationsRead {
    MarkNotificationsRead {
        ids: None,
        all_until: Some(until.to_owned()),
    }
}

async fn a_collaboration_is_told_to_both_sides_and_never_to_who_did_it(app: TestApp) {
    use NotificationKind as K;
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let viewer = ada.role_named("Viewer").await;
    let developer = ada.role_named("Developer").await;
    let shop = ada.adds_environment("shop").await;
    let member = ada
        .invites(
            &bob.email,
            vec![share(Item::environment(shop.id), &[&viewer])],
        )
        .await;

    let invitation = told(&bob).await.remove(0);
    assert_eq!(invitation.kind, K::InvitationReceived);
    assert_eq!(invitation.params.owner_name.as_deref(), Some("ada"));
    assert_eq!(invitation.params.items[0].item, "shop");
    assert_eq!(invitation.params.items[0].roles, ["Viewer"]);
    assert_eq!(invitation.account_id, Some(ada.id));
    assert_eq!(invitation.member_id, Some(member.id));
    assert_eq!(unread(&bob).await, 1);
    assert_eq!(kinds(&ada).await, [], "she invited him herself");

    bob.accepts(&ada).await;
    assert_eq!(kinds(&ada).await, [K::InvitationAccepted]);
    let accepted = told(&ada).await.remove(0);
    assert_eq!(
        accepted.params.member_email.as_deref(),
        Some("bob@example.com")
    );
    assert_eq!(
        kinds(&bob).await,
        [K::CollaborationJoined, K::InvitationReceived]
    );
    let joined = told(&bob).await.remove(0);
    assert_eq!(joined.params.items[0].item, "shop");
    let decided = told(&bob).await.remove(1);
    assert!(
        decided.read_at.is_some(),
        "what is decided asks for nothing"
    );

    let body = UpdateMember {
        shares: Some(vec![
            share(Item::environment(shop.id), &[&developer]),
            share(Item::ENVIRONMENTS, &[&viewer]),
        ]),
        ..Default::default()
    };
    ada.update_member(ada.id, member.id, &body, None)
        .await
        .expect("edited");
    let changed = told(&bob).await.remove(0);
    assert_eq!(changed.kind, K::SharesChanged);
    let items: Vec<_> = changed
        .params
        .items
        .iter()
        .map(|item| {
            (
                item.item.as_str(),
                item.roles.join(", "),
                item.roles_before.clone(),
            )
        })
        .collect();
    assert_eq!(items.len(), 2, "{items:?}");
    assert!(
        items.contains(&("shop", "Developer".into(), Some(vec!["Viewer".into()]))),
        "{items:?}"
    );
    assert!(
        items
            .iter()
            .any(|(_, roles, before)| roles == "Viewer" && before.as_deref() == Some(&[]))
    );
    ada.update_member(ada.id, member.id, &body, None)
        .await
        .expect("the same again");
    assert_eq!(
        kinds(&bob).await.len(),
        3,
        "nothing changed, and nothing is told"
    );

    ada.remove_direct_roles(ada.id, shop.id, member.id, None)
        .await
        .expect("taken away");
    let lost = told(&bob).await.remove(0);
    assert_eq!(lost.kind, K::SharesChanged);
    assert!(lost.params.items[0].roles.is_empty());

    ada.suspend_member(ada.id, member.id)
        .await
        .expect("suspended");
    let body = UpdateMember {
        shares: Some(Vec::new()),
        ..Default::default()
    };
    ada.update_member(ada.id, member.id, &body, None)
        .await
        .expect("edited");
    assert_eq!(
        kinds(&bob).await[0],
        K::CollaborationSuspended,
        "who is suspended does not see the shares, nor their changes"
    );
    ada.activate_member(ada.id, member.id)
        .await
        .expect("activated");
    assert_eq!(kinds(&bob).await[0], K::CollaborationActivated);

    bob.leave_collaboration(member.id).await.expect("left");
    assert_eq!(kinds(&ada).await, [K::MemberLeft, K::InvitationAccepted]);
    assert_eq!(
        kinds(&bob).await[0],
        K::CollaborationActivated,
        "he left himself"
    );

    ada.reinvite_member(ada.id, member.id)
        .await
        .expect("invited again");
    bob.accepts(&ada).await;
    ada.remove_member(ada.id, member.id, None)
        .await
        .expect("removed");
    let ended = told(&bob).await.remove(0);
    assert_eq!(ended.kind, K::CollaborationEnded);
    assert_eq!(ended.params.ended_because, Some(EndedBecause::Removed));
    assert!(
        bob.collaboration_with(&ada).await.is_none(),
        "gone, with a notification that says so"
    );

    let member = ada.invites("grace@example.com", Vec::new()).await;
    let grace = app.owner("grace").await;
    let invited = told(&grace).await;
    assert_eq!(
        invited[0].member_id,
        Some(member.id),
        "told when the address is proven"
    );
    grace
        .reject_collaboration(member.id)
        .await
        .expect("rejected");
    assert_eq!(kinds(&ada).await[0], K::InvitationRejected);
}

async fn the_end_of_an_account_is_told_to_all_whom_it_concerns(app: TestApp) {
    use NotificationKind as K;
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let cleo = app.owner("cleo").await;
    ada.invites(&bob.email, Vec::new()).await;
    ada.invites(&cleo.email, Vec::new()).await;
    bob.accepts(&ada).await;
    bob.invites(&cleo.email, Vec::new()).await;
    cleo.accepts(&bob).await;
    let body = DeleteAccount {
        password: ada.password.clone(),
    };
    ada.delete_account(&body).await.expect("deleted");
    for person in [&bob, &cleo] {
        let ended = told(person).await.remove(0);
        assert_eq!(ended.kind, K::CollaborationEnded, "{}", person.name);
        assert_eq!(ended.params.ended_because, Some(EndedBecause::HostGone));
        assert_eq!(ended.params.owner_name.as_deref(), Some("ada"));
        app.mail_about(&person.email, "Your collaboration with ada has ended")
            .await;
    }
    let body = DeleteAccount {
        password: cleo.password.clone(),
    };
    cleo.delete_account(&body).await.expect("deleted");
    assert_eq!(told(&bob).await[0].kind, K::MemberLeft);
}

async fn only_a_proven_address_is_told_of_invitations(app: TestApp) {
    let ada = app.owner("ada").await;
    let eve = app.sign_up("eve@example.com", "eve").await;
    let member = ada.invites(&eve.email, Vec::new()).await;
    assert_eq!(told(&eve).await, []);
    assert_eq!(unread(&eve).await, 0);
    app.verify(&eve).await;
    let invited = told(&eve).await;
    assert_eq!(invited.len(), 1);
    assert_eq!(invited[0].member_id, Some(member.id));

    // Sent again, the former one gives way; taken back, it is told.
    eve.mark_notifications_read(&read(&[invited[0].id]))
        .await
        .expect("read");
    ada.resend_invitation(ada.id, member.id)
        .await
        .expect("sent again");
    let again = told(&eve).await;
    assert_eq!((again.len(), again[0].read_at), (1, None));
    assert_ne!(again[0].id, invited[0].id);
    ada.remove_member(ada.id, member.id, None)
        .await
        .expect("taken back");
    let now = told(&eve).await;
    assert_eq!(now[0].params.ended_because, Some(EndedBecause::Withdrawn));
    assert!(now[1].read_at.is_some());
    assert!(
        app.mail_to(&eve.email)
            .await
            .iter()
            .all(|mail| !mail.subject.contains("ended")),
        "who had not joined gets no mail about an end"
    );

    // An address without an account is told nothing, and nobody else hears of it.
    ada.invites("nobody@example.com", Vec::new()).await;
    assert_eq!(told(&ada).await, []);
}

async fn a_new_account_learns_of_the_other_invitations_that_wait(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    ada.invites("zoe@example.com", Vec::new()).await;
    let of_bob = bob.invites("zoe@example.com", Vec::new()).await;
    let token = app.invitation_token_for("zoe@example.com").await;
    let zoe = app.accepts_as_new_person(&token, "Zoe", PASSWORD).await;
    let mut told_to_zoe = told(&zoe).await;
    // Both came at one moment.
    told_to_zoe.sort_by_key(|told| told.kind);
    let kinds: Vec<NotificationKind> = told_to_zoe.iter().map(|told| told.kind).collect();
    assert_eq!(
        kinds,
        [
            NotificationKind::InvitationReceived,
            NotificationKind::CollaborationJoined
        ],
        "what she accepted is no invitation any more"
    );
    assert_eq!(
        told_to_zoe[0].account_id,
        Some(ada.id),
        "the newest link was bob's"
    );
    assert_eq!(told_to_zoe[1].member_id, Some(of_bob.id));
}

async fn what_was_read_is_said_once_and_by_its_reader_alone(app: TestApp) {
    let ada = app.owner("ada").await;
    let eve = app.owner("eve").await;
    for name in ["bob", "cleo", "dan", "finn"] {
        let person = app.owner(name).await;
        ada.invites(&person.email, Vec::new()).await;
        app.clock.advance(Duration::seconds(1));
        person.accepts(&ada).await;
    }
    let all = told(&ada).await;
    assert_eq!((all.len(), unread(&ada).await), (4, 4));
    assert!(
        all.is_sorted_by(|one, other| one.created_at >= other.created_at),
        "the newest first"
    );

    let some = read(&[all[0].id, all[2].id]);
    for _ in 0..2 {
        let left = ada.mark_notifications_read(&some).await.expect("read");
        assert_eq!(left.unread_count, 2);
    }
    let query = NotificationsQuery {
        unread: Some(true),
        ..Default::default()
    };
    let page = ada.notifications(&query).await.expect("a page");
    let ids: Vec<Uuid> = page.items.iter().map(|told| told.id).collect();
    assert_eq!(ids, [all[1].id, all[3].id]);

    let foreign = eve.mark_notifications_read(&read(&[all[1].id])).await;
    assert_eq!(
        invalid(foreign),
        "/ids/0",
        "another's is nothing that is there"
    );
    let foreign = eve
        .mark_notifications_read(&read_until(&all[0].id.to_string()))
        .await;
    assert_eq!(invalid(foreign), "/all_until");
    let mixed = ada
        .mark_notifications_read(&read(&[all[1].id, Uuid::from_u128(7)]))
        .await;
    assert_eq!(invalid(mixed), "/ids/1");
    assert_eq!(unread(&ada).await, 2, "nothing of it was noted");

    let until = read_until(&all[1].id.to_string());
    ada.mark_notifications_read(&until).await.expect("read");
    assert_eq!(unread(&ada).await, 0, "that one and all before it");
    let gil = app.owner("gil").await;
    ada.invites(&gil.email, Vec::new()).await;
    gil.accepts(&ada).await;
    ada.mark_notifications_read(&until).await.expect("read");
    assert_eq!(unread(&ada).await, 1, "what came later is unread");
    let moment = app.clock.now().to_rfc3339();
    ada.mark_notifications_read(&read_until(&moment))
        .await
        .expect("read");
    assert_eq!(unread(&ada).await, 0);
    assert_eq!(
        invalid(ada.mark_notifications_read(&read_until("soon")).await),
        "/all_until"
    );
    let both = MarkNotificationsRead {
        ids: Some(Vec::new()),
        all_until: Some(moment),
    };
    assert_eq!(invalid(ada.mark_notifications_read(&both).await), "");
}

async fn notifications_come_in_pages_and_go_after_ninety_days(app: TestApp) {
    let ada = app.owner("ada").await;
    let bob = app.owner("bob").await;
    let member = ada.invites(&bob.email, Vec::new()).await;
    bob.accepts(&ada).await;
    for _ in 0..3 {
        ada.suspend_member(ada.id, member.id)
            .await
            .expect("suspended");
        ada.activate_member(ada.id, member.id)
            .await
            .expect("activated");
    }
    let whole: Vec<Uuid> = told(&bob).await.iter().map(|told| told.id).collect();
    assert_eq!(whole.len(), 8);
    for sort in [None, Some("created_at".to_owned())] {
        let mut walked = Vec::new();
        let mut query = NotificationsQuery {
            limit: Some(3),
            sort: sort.clone(),
            ..Default::default()
        };
        loop {
            let page = bob.notifications(&query).await.expect("a page");
            walked.extend(page.items.iter().map(|told| told.id));
            assert_eq!(
                page.unread_count, 7,
                "on every page; the invitation was decided"
            );
            match page.next_cursor {
                Some(next) => query.cursor = Some(next),
                None => break,
            }
        }
        if sort.is_some() {
            walked.reverse();
        }
        assert_eq!(walked, whole);
    }

    app.clock.advance(Duration::days(91));
    app.signs_in(&ada).await;
    app.signs_in(&bob).await;
    ada.suspend_member(ada.id, member.id)
        .await
        .expect("suspended");
    assert_eq!(
        kinds(&bob).await,
        [NotificationKind::CollaborationSuspended]
    );
}

on_both_databases! {
    a_collaboration_is_told_to_both_sides_and_never_to_who_did_it,
    the_end_of_an_account_is_told_to_all_whom_it_concerns,
    only_a_proven_address_is_told_of_invitations,
    a_new_account_learns_of_the_other_invitations_that_wait,
    what_was_read_is_said_once_and_by_its_reader_alone,
    notifications_come_in_pages_and_go_after_ninety_days,
}
