//! By which address whoever did something is known to who reads the record.

use std::collections::BTreeSet;

use accord_client::types::{
    DeleteAccount, ExportFormat, ExportTasksQuery, Item, Task, TasksQuery, UpdateEnvironment,
};
use accord_testkit::people::share;
use accord_testkit::{PASSWORD, Person, TestApp, on_both_databases};

use crate::change_of_address::leaves;

async fn tasks(reader: &Person, owner: &Person) -> Vec<Task> {
    let page = reader.tasks(owner.id, &TasksQuery::default()).await;
    page.expect("the record").items
}

/// Who did something there, each with their address.
fn doers(tasks: &[Task]) -> BTreeSet<(String, Option<String>)> {
    let actors = tasks.iter().filter_map(|task| task.actor.clone());
    actors.map(|actor| (actor.name, actor.email)).collect()
}

fn known<const N: usize>(doers: [(&str, Option<&str>); N]) -> BTreeSet<(String, Option<String>)> {
    doers
        .map(|(name, email)| (name.to_owned(), email.map(str::to_owned)))
        .into()
}

async fn owners_know_addresses_of_members_and_members_the_owners_and_their_own(app: TestApp) {
    let olga = app.owner("olga").await;
    let shop = olga.adds_environment("shop").await;
    let editor = olga.role_of("Editor", &["environment.edit"]).await;
    let mut people = Vec::new();
    for name in ["bob", "dana"] {
        let person = app.owner(name).await;
        let shares = vec![share(Item::environment(shop.id), &[&editor])];
        let member = olga.invites(&person.email, shares).await;
        person.accepts(&olga).await;
        let body = UpdateEnvironment {
            display_name: Some(Some(format!("{name}'s shop"))),
            ..Default::default()
        };
        person
            .update_environment(olga.id, shop.id, &body, None)
            .await
            .expect("changed");
        people.push((person, member));
    }
    let [(bob, bobs_record), (dana, _)] = &people[..] else {
        panic!("two people");
    };
    let everybody = [
        ("olga", Some("olga@example.com")),
        ("bob", Some("bob@example.com")),
        ("dana", Some("dana@example.com")),
    ];
    assert_eq!(doers(&tasks(&olga, &olga).await), known(everybody));
    let as_bob_knows = known([everybody[0], everybody[1], ("dana", None)]);
    let seen = tasks(bob, &olga).await;
    assert_eq!(doers(&seen), as_bob_knows);

    // A file says the same, and no more.
    let lines = ExportTasksQuery {
        format: Some(ExportFormat::Ndjson),
        ..Default::default()
    };
    let file = bob.export_tasks(olga.id, &lines).await.expect("a file");
    let exported: Vec<Task> = String::from_utf8(file)
        .expect("UTF-8")
        .lines()
        .map(|line| serde_json::from_str(line).expect("an entry"))
        .collect();
    assert_eq!(exported, seen);
    let sheet = bob
        .export_tasks(olga.id, &ExportTasksQuery::default())
        .await
        .expect("a file");
    let sheet = String::from_utf8(sheet).expect("UTF-8");
    assert!(sheet.contains("olga@example.com"), "{sheet}");
    assert!(!sheet.contains("dana@example.com"), "{sheet}");

    // Whoever left is known by the record that the owner keeps of them, until that is deleted.
    leaves(bob, &olga).await;
    assert_eq!(doers(&tasks(&olga, &olga).await), known(everybody));
    olga.forget_member(olga.id, bobs_record.id, None)
        .await
        .expect("forgotten");
    let without_bobs = known([everybody[0], ("bob", None), everybody[2]]);
    assert_eq!(doers(&tasks(&olga, &olga).await), without_bobs);

    // An account that is gone takes its address along.
    let body = DeleteAccount {
        password: PASSWORD.into(),
    };
    dana.delete_account(&body).await.expect("deleted");
    let olgas_alone = known([everybody[0], ("bob", None), ("dana", None)]);
    assert_eq!(doers(&tasks(&olga, &olga).await), olgas_alone);
}

on_both_databases!(owners_know_addresses_of_members_and_members_the_owners_and_their_own);
