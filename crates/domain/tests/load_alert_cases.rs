//! Runs the cases of `tests/cases/load-alerts.yaml`: whom a load alert goes to, as people read it.

use std::collections::{BTreeMap, HashMap};

use accord_domain::access::{MemberAccess, Relations, RoleFacts};
use accord_domain::ids::{AccountId, EnvironmentId, GroupId, RoleId, ShareId};
use accord_domain::load_alerts::{Candidate, recipients};
use accord_domain::sharing::{Item, Share};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

const FILE: &str = include_str!("../../../tests/cases/load-alerts.yaml");
/// The environment whose alert it is, where a case names no other.
const ALARMED: &str = "shop";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    #[serde(rename = "about")]
    _about: String,
    now: DateTime<Utc>,
    roles: BTreeMap<String, bool>,
    groups: Vec<String>,
    environments: BTreeMap<String, Vec<String>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    environment: Option<String>,
    #[serde(default)]
    owner: Person,
    members: BTreeMap<String, Person>,
    expect: BTreeMap<String, Way>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    member: Option<String>,
    #[serde(default)]
    unverified: bool,
    #[serde(default)]
    disabled: bool,
    #[serde(default)]
    shares: Vec<Given>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    on: String,
    #[serde(rename = "as")]
    roles: Vec<String>,
    until: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    Mail,
    Dashboard,
}

/// The account of the file, with the names that its ids stand for.
#[derive(Default)]
struct Account {
    relations: Relations,
    roles: HashMap<String, RoleId>,
    groups: HashMap<String, GroupId>,
    environments: HashMap<String, EnvironmentId>,
}

fn id(kind: u128, at: usize) -> Uuid {
    Uuid::from_u128((kind << 64) + at as u128 + 1)
}

impl Account {
    fn of(file: &CaseFile) -> Self {
        let mut account = Self::default();
        for (at, (name, flag)) in file.roles.iter().enumerate() {
            let role = RoleId(id(1, at));
            let facts = RoleFacts {
                policy_ids: Vec::new(),
                receive_load_alerts: *flag,
            };
            account.relations.roles.insert(role, facts);
            account.roles.insert(name.clone(), role);
        }
        for (at, path) in file.groups.iter().enumerate() {
            let parent = path
                .rsplit_once('/')
                .map(|(parent, _)| account.groups[parent]);
            let group = GroupId(id(2, at));
            account.relations.groups.insert(group, parent);
            account.groups.insert(path.clone(), group);
        }
        for (at, (name, groups)) in file.environments.iter().enumerate() {
            let environment = EnvironmentId(id(3, at));
            let held_by = groups.iter().map(|path| account.groups[path]).collect();
            account.relations.environments.insert(environment, held_by);
            account.environments.insert(name.clone(), environment);
        }
        account
    }

    fn item(&self, text: &str) -> Item {
        match text.split_once(' ') {
            None if text == "Environments" => Item::Environments,
            Some(("Environment", "groups")) => Item::Groups,
            Some(("group", path)) => Item::Group(self.groups[path]),
            Some(("environment", name)) => Item::Environment(self.environments[name]),
            _ => panic!("{text:?} is no item"),
        }
    }

    fn access(&self, person: &Person) -> MemberAccess {
        let status = person.member.as_deref().unwrap_or("active");
        let share = |(at, given): (usize, &Given)| Share {
            id: ShareId(id(4, at)),
            item: self.item(&given.on),
            role_ids: given.roles.iter().map(|role| self.roles[role]).collect(),
            expires_at: given.until,
        };
        MemberAccess {
            status: status.parse().expect("a state of a member"),
            account_disabled: person.disabled,
            shares: person.shares.iter().enumerate().map(share).collect(),
        }
    }

    fn told(&self, case: &Case, now: DateTime<Utc>) -> BTreeMap<String, Way> {
        let candidate = |at: usize, person: &Person| Candidate {
            account_id: AccountId(id(5, at)),
            email_verified: !person.unverified,
            disabled: person.disabled,
        };
        let mut names = vec!["owner".to_owned()];
        let mut members = Vec::new();
        for (name, person) in &case.members {
            members.push((candidate(names.len(), person), self.access(person)));
            names.push(name.clone());
        }
        let environment = case.environment.as_deref().unwrap_or(ALARMED);
        // A name that the file does not know is an environment that is not there.
        let environment = self.environments.get(environment).copied();
        let environment = environment.unwrap_or(EnvironmentId(Uuid::nil()));
        let owner = candidate(0, &case.owner);
        let told = recipients(&self.relations, &owner, &members, environment, now);
        let name = |account: AccountId| {
            let at = (0..names.len()).find(|at| AccountId(id(5, *at)) == account);
            names[at.expect("one of the people")].clone()
        };
        let count = told.len();
        let told: BTreeMap<String, Way> = told
            .into_iter()
            .map(|recipient| {
                let way = if recipient.by_mail {
                    Way::Mail
                } else {
                    Way::Dashboard
                };
                (name(recipient.account_id), way)
            })
            .collect();
        assert_eq!(told.len(), count, "{}: somebody is told twice", case.name);
        told
    }
}

#[test]
fn every_case_holds() {
    let file: CaseFile = serde_saphyr::from_str(FILE).expect("the cases are read");
    let account = Account::of(&file);
    let failures: Vec<String> = file
        .cases
        .iter()
        .filter_map(|case| {
            let told = account.told(case, file.now);
            (told != case.expect)
                .then(|| format!("\"{}\": {told:?} instead of {:?}", case.name, case.expect))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(file.cases.len() >= 12, "only {} cases", file.cases.len());
}
