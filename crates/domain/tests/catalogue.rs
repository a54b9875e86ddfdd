//! The embedded catalogue, and which catalogues are refused.

use std::collections::{BTreeMap, BTreeSet};

use accord_domain::access::{AccessLevel, Why};
use accord_domain::account::AccountKind;
use accord_domain::catalogue::{ActionId, Catalogue, ExampleRole, reserved};
use accord_domain::environment::EnvironmentStatus;
use accord_domain::member::{InvitationEnd, MemberEvent, MemberStatus, StoredStatus};
use accord_domain::sharing::{Item, ItemError, ItemKind};
use serde_json::{Value, json};
use uuid::Uuid;

fn actions_of(catalogue: &Catalogue, role: &ExampleRole) -> BTreeSet<ActionId> {
    role.policies
        .iter()
        .filter_map(|key| catalogue.policy(key))
        .flat_map(|policy| policy.actions.clone())
        .collect()
}

#[test]
fn the_embedded_catalogue_is_complete() {
    let catalogue = Catalogue::embedded();
    assert!(
        catalogue.actions.len() >= 60,
        "{} actions",
        catalogue.actions.len()
    );
    assert!(
        catalogue.policies.len() >= 20,
        "{} policies",
        catalogue.policies.len()
    );
    let used: BTreeSet<_> = catalogue
        .policies
        .iter()
        .flat_map(|policy| &policy.actions)
        .collect();
    for action in &catalogue.actions {
        assert!(catalogue.contains(&action.id));
        assert!(used.contains(&action.id), "{} is in no policy", action.id);
        assert!(
            !action.description.is_empty(),
            "{} has no description",
            action.id
        );
    }
    assert!(!catalogue.contains(&ActionId::parse("moon.land").expect("an id")));
    assert!(
        catalogue
            .policies
            .iter()
            .all(|policy| !policy.description.is_empty())
    );
    // A category is one block of the list.
    let mut categories: Vec<&str> = catalogue
        .actions
        .iter()
        .map(|action| action.category.as_str())
        .collect();
    categories.dedup();
    assert_eq!(
        categories.iter().collect::<BTreeSet<_>>().len(),
        categories.len()
    );
}

#[test]
fn the_example_roles_are_a_ladder() {
    let catalogue = Catalogue::embedded();
    let names: Vec<&str> = catalogue
        .example_roles
        .iter()
        .map(|role| role.name.as_str())
        .collect();
    assert_eq!(names, ["Viewer", "User", "Developer", "Admin"]);
    let rungs: Vec<_> = catalogue
        .example_roles
        .iter()
        .map(|role| actions_of(&catalogue, role))
        .collect();
    for pair in rungs.windows(2) {
        assert!(pair[0].is_subset(&pair[1]) && pair[0] != pair[1]);
    }
    assert_eq!(
        rungs[3].len(),
        catalogue.actions.len(),
        "Admin may do everything"
    );
    let has = |rung: usize, action: &str| rungs[rung].contains(action);
    assert!(!has(2, reserved::COLLABORATION_MANAGE) && !has(2, reserved::ENVIRONMENT_DELETE));
    assert!(has(2, reserved::ENVIRONMENT_CREATE) && has(2, reserved::ENVIRONMENT_EDIT));
    assert!(reserved::ALL.iter().all(|action| !has(1, action)));
    for action in &rungs[0] {
        let verb = action.as_str().rsplit('.').next().unwrap_or_default();
        assert!(
            ["view", "read", "download", "export"].contains(&verb),
            "Viewer changes something: {action}"
        );
    }
}

/// Something done to a catalogue that makes it wrong.
type Change = Box<dyn Fn(&mut Value)>;

/// A small catalogue that is right.
fn small() -> Value {
    let action = |id: &str| json!({"id": id, "category": "Things", "title": "Do", "description": "Does it."});
    json!({
        "actions": reserved::ALL.map(action),
        "policies": [
            {"key": "all-of-it", "name": "All", "description": "", "actions": reserved::ALL},
            {"key": "edit", "name": "Edit", "description": "", "actions": [reserved::ENVIRONMENT_EDIT]},
        ],
        "example_roles": [
            {"name": "Boss", "description": "", "receive_load_alerts": true, "policies": ["all-of-it"]},
        ],
    })
}

#[test]
fn wrong_catalogues_are_refused_with_the_reason() {
    Catalogue::from_json(&small().to_string()).expect("the small catalogue is right");
    let refusal = |change: &dyn Fn(&mut Value)| {
        let mut catalogue = small();
        change(&mut catalogue);
        Catalogue::from_json(&catalogue.to_string())
            .expect_err("a wrong catalogue")
            .to_string()
    };
    let action = json!({"id": "a.b", "category": "c", "title": "t", "description": "d"});
    let table: Vec<(&str, Change)> = vec![
        (
            "environment.edit is in the catalogue twice",
            Box::new(|c| c["actions"][0]["id"] = json!("environment.edit")),
        ),
        (
            "lacks the reserved action environment.create",
            Box::new(move |c| c["actions"][0] = action.clone()),
        ),
        (
            "not the id of an action",
            Box::new(|c| c["actions"][0]["id"] = json!("Environment.Create")),
        ),
        (
            "unknown field",
            Box::new(|c| c["actions"][0]["color"] = json!("red")),
        ),
        ("unknown field", Box::new(|c| c["roles"] = json!([]))),
        (
            "missing field",
            Box::new(|c| c["policies"] = json!([{"key": "x"}])),
        ),
        (
            "policy key edit is in the catalogue twice",
            Box::new(|c| c["policies"][0]["key"] = json!("edit")),
        ),
        (
            "name \"EDIT\" is in the catalogue twice",
            Box::new(|c| {
                c["policies"][0]["name"] = json!("Edit");
                c["policies"][1]["name"] = json!("EDIT");
            }),
        ),
        (
            "is not the key of a policy",
            Box::new(|c| c["policies"][1]["key"] = json!("Edit It")),
        ),
        (
            "edit holds the unknown action a.b",
            Box::new(|c| c["policies"][1]["actions"] = json!(["a.b"])),
        ),
        (
            "edit holds no action",
            Box::new(|c| c["policies"][1]["actions"] = json!([])),
        ),
        (
            "edit holds the action environment.edit twice",
            Box::new(|c| {
                c["policies"][1]["actions"] = json!(["environment.edit", "environment.edit"]);
            }),
        ),
        (
            "Boss holds the unknown policy gone",
            Box::new(|c| c["example_roles"][0]["policies"] = json!(["gone"])),
        ),
        (
            "Boss must hold policies, each once",
            Box::new(|c| c["example_roles"][0]["policies"] = json!([])),
        ),
        (
            "Boss must hold policies, each once",
            Box::new(|c| {
                c["example_roles"][0]["policies"] = json!(["edit", "edit"]);
            }),
        ),
        (
            "line breaks are not allowed",
            Box::new(|c| c["policies"][1]["name"] = json!("a\nb")),
        ),
        (
            "may not be empty",
            Box::new(|c| c["actions"][1]["title"] = json!(" ")),
        ),
    ];
    for (reason, change) in &table {
        let refusal = refusal(change);
        assert!(
            refusal.contains(reason),
            "\"{refusal}\" does not say \"{reason}\""
        );
    }
    assert!(Catalogue::from_json("{").is_err());
}

#[test]
fn ids_of_actions() {
    for id in [
        "files.read",
        "a.b",
        "ssh.keys.edit",
        "node.reset-password",
        "x_1.y2",
    ] {
        assert_eq!(ActionId::parse(id).as_ref().map(ActionId::as_str), Ok(id));
    }
    let long = format!("a.{}", "b".repeat(99));
    for id in [
        "",
        "files",
        ".",
        "files.",
        ".read",
        "files..read",
        "Files.read",
        "files read",
        "1.a",
        "ä.b",
        "a.b\n",
        &long,
    ] {
        assert!(ActionId::parse(id).is_err(), "{id}");
    }
}

/// The words are stored and sent: a changed one would orphan data, so they are pinned here.
#[test]
fn stored_words_are_fixed() {
    macro_rules! words {
        ($($kind:ty),+) => {
            BTreeMap::from([$((stringify!($kind), {
                for variant in <$kind>::ALL {
                    assert_eq!(variant.as_str().parse().as_ref(), Ok(variant));
                    let sent = serde_json::to_value(variant).expect("a word");
                    assert_eq!(sent, json!(variant.as_str()));
                    assert_eq!(serde_json::from_value::<$kind>(sent).ok().as_ref(), Some(variant));
                }
                assert!("nonsense".parse::<$kind>().is_err());
                <$kind>::ALL.iter().map(|variant| variant.as_str()).collect::<Vec<_>>().join(" ")
            })),+])
        };
    }
    let words = words!(
        AccountKind,
        EnvironmentStatus,
        StoredStatus,
        MemberStatus,
        MemberEvent,
        InvitationEnd,
        ItemKind,
        AccessLevel,
        Why
    );
    let pinned = BTreeMap::from([
        ("AccountKind", "billing member"),
        ("EnvironmentStatus", "running stopped sleeping"),
        (
            "StoredStatus",
            "pending active suspended rejected left removed",
        ),
        (
            "MemberStatus",
            "pending active suspended rejected left removed expired",
        ),
        (
            "MemberEvent",
            "accept reject resend suspend activate leave remove reinvite forget",
        ),
        ("InvitationEnd", "accepted rejected withdrawn replaced"),
        ("ItemKind", "environments groups group environment"),
        ("AccessLevel", "owner direct group base none"),
        (
            "Why",
            "counted nearest_ancestor_with_roles groups_category_default hidden_by_higher_level \
             hidden_by_nearer_group no_share_here share_ended no_known_roles member_not_active account_disabled no_such_environment",
        ),
    ]);
    assert_eq!(
        words
            .iter()
            .map(|(kind, words)| (*kind, words.as_str()))
            .collect::<BTreeMap<_, _>>(),
        pinned
    );
    assert!(Why::ALL.iter().all(|why| why.sentence().ends_with('.')));
}

#[test]
fn items_go_through_their_parts() {
    let id = Uuid::from_u128(7);
    for item in [
        Item::Environments,
        Item::Groups,
        Item::Group(id.into()),
        Item::Environment(id.into()),
    ] {
        assert_eq!(Item::from_parts(item.kind(), item.id()), Ok(item));
        let wrong = if item.id().is_some() { None } else { Some(id) };
        let refused = Item::from_parts(item.kind(), wrong);
        match item.id() {
            Some(_) => assert_eq!(refused, Err(ItemError::MissingId(item.kind()))),
            None => assert_eq!(refused, Err(ItemError::UnexpectedId(item.kind()))),
        }
    }
}
