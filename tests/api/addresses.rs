//! Addresses as people write them: capitals, plus signs, other scripts; and text in any language.

use accord_client::types::{ErrorCode, Invite, SignIn, UpdateMember};
use accord_testkit::{PASSWORD, TestApp, on_both_databases};

use crate::support::{invalid, refusal};

fn invite(email: &str) -> Invite {
    Invite {
        email: email.into(),
        ..Default::default()
    }
}

async fn capitals_are_kept_and_do_not_count(app: TestApp) {
    let ada = app.owner("ada").await;
    let member = ada.invites("Grace.Hopper@Navy.Example", Vec::new()).await;
    assert_eq!(member.email, "Grace.Hopper@Navy.Example");
    for same in [
        "grace.hopper@navy.example",
        "GRACE.HOPPER@NAVY.EXAMPLE",
        "\u{20}Grace.Hopper@navy.example ",
    ] {
        let error = ada
            .invite(ada.id, &invite(same))
            .await
            .expect_err("the same person");
        assert_eq!(error.code(), Some(ErrorCode::MemberExists), "{same}");
        assert_eq!(
            error.context().expect("names it").member_id,
            Some(member.id)
        );
    }
}

async fn a_plus_sign_makes_another_address(app: TestApp) {
    let ada = app.owner("ada").await;
    let plain = ada.invites("grace@example.com", Vec::new()).await;
    let plus = ada.invites("grace+work@example.com", Vec::new()).await;
    assert_ne!(plain.id, plus.id);
    let link = app.invitation_token_for("grace+work@example.com").await;
    let grace = app.accepts_as_new_person(&link, "Grace", PASSWORD).await;
    assert_eq!(
        grace.account().await.expect("an account").email,
        "grace+work@example.com"
    );
    let body = SignIn {
        email: "Grace+Work@example.com".into(),
        password: PASSWORD.into(),
    };
    app.visitor().sign_in(&body).await.expect("signed in");
    let query = accord_client::types::MembersQuery {
        q: Some("grace+work".into()),
        ..Default::default()
    };
    let found = ada.members(ada.id, &query).await.expect("members").items;
    assert_eq!(
        found.iter().map(|member| member.id).collect::<Vec<_>>(),
        [plus.id],
        "+ is no space in a query"
    );
}

async fn international_domains_are_one_however_they_are_written(app: TestApp) {
    let ada = app.owner("ada").await;
    let member = ada.invites("post@BÜCHER.example", Vec::new()).await;
    assert_eq!(member.email, "post@BÜCHER.example");
    for same in [
        "post@bücher.example",
        "post@xn--bcher-kva.example",
        "Post@XN--BCHER-KVA.example",
        "post@bu\u{308}cher.example",
    ] {
        let outcome = ada.invite(ada.id, &invite(same)).await;
        assert_eq!(refusal(outcome), ErrorCode::MemberExists, "{same}");
    }
    let link = app.invitation_token_for("post@BÜCHER.example").await;
    app.accepts_as_new_person(&link, "Post", PASSWORD).await;
    let body = SignIn {
        email: "post@xn--bcher-kva.example".into(),
        password: PASSWORD.into(),
    };
    app.visitor()
        .sign_in(&body)
        .await
        .expect("the same account");
}

async fn other_scripts_are_welcome(app: TestApp) {
    let ada = app.owner("ada").await;
    for (address, name) in [
        ("用户@例子.公司", "王小明"),
        ("δοκιμή@παράδειγμα.ελ", "Δοκιμή Παράδειγμα"),
        ("مثال@مثال.إختبار", "مثال"),
        (
            "o'brien@example.com",
            "Seán O'Brien <script>alert(1)</script> & \"quotes\"",
        ),
        (
            "a.very.long.local.part.that.still.fits.in.sixty.four.bytes@example.com",
            "👩‍💻 Ingrid Ångström",
        ),
    ] {
        let body = Invite {
            email: address.into(),
            display_name: Some(name.into()),
            ..Default::default()
        };
        let member = ada
            .invite(ada.id, &body)
            .await
            .unwrap_or_else(|error| panic!("{address}: {error:?}"));
        assert_eq!(
            (member.email.as_str(), member.display_name.as_deref()),
            (address, Some(name))
        );
        let mail = app.mail_to(address).await;
        assert_eq!(mail.len(), 1, "{address}");
        assert!(
            !mail[0].html.contains("<script>"),
            "typed text is escaped: {}",
            mail[0].html
        );
    }
}

async fn what_is_no_address_is_refused(app: TestApp) {
    let ada = app.owner("ada").await;
    let long = format!("{}@example.com", "a".repeat(65));
    let longer = format!("a@{}example.com", "a.".repeat(150));
    for wrong in [
        "",
        " ",
        "@",
        "a@",
        "@example.com",
        "a b@example.com",
        "a@b@example.com",
        "a@exa mple.com",
        "a@.com",
        "a@example..com",
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        "\"a\"@example.com",
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        "a@-example.com",
        "Ada <ada@example.org>",
        "a@example.com,b@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com\n",
        "a\u{0}@example.com",
        "a\u{202e}@example.com",
        "a@exa\u{200b}mple.com",
        "mailto:a@example.com",
        &long,
        &longer,
    ] {
        assert_eq!(
            invalid(ada.invite(ada.id, &invite(wrong)).await),
            "/email",
            "{wrong:?}"
        );
    }
    assert!(
        ada.members(ada.id, &Default::default())
            .await
            .expect("members")
            .items
            .is_empty()
    );
}

async fn names_are_unique_whatever_the_case_and_script(app: TestApp) {
    let ada = app.owner("ada").await;
    for (first, same) in [
        ("Straße-Σ", "STRASSE"),
        ("ÄÖÜ", "äöü"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("cafe\u{301}", "CAFÉ"),
    ] {
        ada.adds_environment(first).await;
        let body = accord_client::types::CreateEnvironment {
            name: same.into(),
            ..Default::default()
        };
        let outcome = ada.create_environment(ada.id, &body).await;
        if first == "Straße-Σ" {
            outcome.expect("another name: case is folded letter by letter");
        } else {
            assert_eq!(refusal(outcome), ErrorCode::NameTaken, "{first} {same}");
        }
    }
}

async fn a_display_name_is_set_changed_and_cleared(app: TestApp) {
    let ada = app.owner("ada").await;
    let member = ada.invites("grace@example.com", Vec::new()).await;
    let named = |name: Option<&str>| UpdateMember {
        display_name: Some(name.map(str::to_owned)),
        shares: None,
    };
    let set = ada
        .update_member(ada.id, member.id, &named(Some("  Grace  ")), None)
        .await
        .expect("set");
    assert_eq!(set.display_name.as_deref(), Some("Grace"));
    let same = ada
        .update_member(ada.id, member.id, &UpdateMember::default(), None)
        .await
        .expect("nothing asked");
    assert_eq!(same.display_name.as_deref(), Some("Grace"));
    let cleared = ada
        .update_member(ada.id, member.id, &named(None), None)
        .await
        .expect("cleared");
    assert_eq!(cleared.display_name, None);
}

on_both_databases! {
    capitals_are_kept_and_do_not_count,
    a_plus_sign_makes_another_address,
    international_domains_are_one_however_they_are_written,
    other_scripts_are_welcome,
    what_is_no_address_is_refused,
    names_are_unique_whatever_the_case_and_script,
    a_display_name_is_set_changed_and_cleared,
}
