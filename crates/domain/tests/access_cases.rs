//! Runs the cases of `tests/cases/access-*.yaml`: the access-level rule as people read it.

mod account;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use accord_domain::access::{
    Access, AccessLevel, MemberAccess, Step, Why, may_create, resolve, resolve_as_if_active,
};
use accord_domain::catalogue::ActionId;
use accord_domain::explain::Missing;
use accord_domain::ids::{GroupId, RoleId};
use accord_domain::member::MemberStatus;
use accord_domain::sharing::Item;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use account::{Account, Checked, Given, Owned};

/// Fewer would mean that the files were not found.
const FEWEST_CASES: usize = 40;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    #[serde(rename = "about")]
    _about: String,
    now: DateTime<Utc>,
    policies: BTreeMap<String, Vec<String>>,
    roles: BTreeMap<String, Vec<String>>,
    load_alert_roles: Vec<String>,
    groups: Vec<String>,
    environments: BTreeMap<String, Vec<String>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    member: Option<String>,
    #[serde(default)]
    account_disabled: bool,
    groups: Option<Vec<String>>,
    environments: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    deleted_roles: Vec<String>,
    shares: Vec<Given>,
    #[serde(default)]
    expect: BTreeMap<String, Expected>,
    #[serde(default)]
    if_active: BTreeMap<String, Expected>,
    load_alerts: Option<Vec<String>>,
    #[serde(default)]
    may_create: Vec<Creation>,
    #[serde(default)]
    steps: BTreeMap<String, Vec<String>>,
    /// Environment to action to what is missing for it.
    #[serde(default)]
    missing: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    level: String,
    #[serde(default)]
    roles: Vec<String>,
    actions: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Creation {
    #[serde(rename = "in")]
    groups: Vec<String>,
    answer: bool,
}

fn member(account: &mut Account, case: &Case) -> Checked<MemberAccess> {
    let status = case.member.as_deref().unwrap_or("active");
    let status: MemberStatus = status.parse().map_err(|e| format!("{e}"))?;
    let shares = case
        .shares
        .iter()
        .map(|given| account.share(given))
        .collect::<Checked<_>>()?;
    Ok(MemberAccess {
        status,
        account_disabled: case.account_disabled,
        shares,
    })
}

/// The words of a case for what the rule answers with ids.
struct Words<'a>(&'a Account);

impl Words<'_> {
    fn role_name(&self, id: &RoleId) -> &str {
        self.0
            .roles
            .iter()
            .find(|(_, known)| *known == id)
            .map_or("?", |(name, _)| name)
    }

    fn group_path(&self, id: GroupId) -> &str {
        self.0
            .groups
            .iter()
            .find(|(_, known)| **known == id)
            .map_or("?", |(path, _)| path)
    }

    fn item_name(&self, item: Item) -> String {
        match item {
            Item::Environments => "Environments".to_owned(),
            Item::Groups => "Environment groups".to_owned(),
            Item::Group(id) => format!("group {}", self.group_path(id)),
            Item::Environment(id) => {
                let name = self
                    .0
                    .environments
                    .iter()
                    .find(|(_, known)| **known == id)
                    .map_or("?", |(name, _)| name);
                format!("environment {name}")
            }
        }
    }

    fn step(&self, step: &Step) -> String {
        let via = match step.via {
            Some(group) if step.item != Item::Group(group) => {
                format!(", from {}", self.group_path(group))
            }
            _ => String::new(),
        };
        let why = match step.why {
            Why::Counted => "counts",
            Why::NearestAncestorWithRoles => "counts as the nearest above with roles",
            Why::GroupsCategoryDefault => "counts as the default for every group",
            Why::HiddenByHigherLevel => "hidden by a higher level",
            Why::HiddenByNearerGroup => "hidden by a nearer group",
            Why::NoShareHere => "nothing is shared here",
            Why::ShareEnded => "the share has ended",
            Why::NoKnownRoles => "no role of it exists",
            Why::MemberNotActive => "would count, but the member is not active",
            Why::AccountDisabled => "would count, but the member's account is disabled",
            Why::NoSuchEnvironment => "there is no such environment",
        };
        format!("{}, {}{via}: {why}", step.level, self.item_name(step.item))
    }

    fn compare(&self, access: &Access, expected: &Expected) -> Checked<()> {
        let level: AccessLevel = expected.level.parse().map_err(|e| format!("{e}"))?;
        if access.level != level {
            return Err(format!("level {} instead of {level}", access.level));
        }
        let roles: BTreeSet<&str> = access
            .role_ids
            .iter()
            .map(|id| self.role_name(id))
            .collect();
        let wanted: BTreeSet<&str> = expected.roles.iter().map(String::as_str).collect();
        if roles != wanted {
            return Err(format!("roles {roles:?} instead of {wanted:?}"));
        }
        if let Some(wanted) = &expected.actions {
            let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
            let actions = access.actions(&self.0.relations);
            let actions: BTreeSet<&str> = actions.iter().map(ActionId::as_str).collect();
            if actions != wanted {
                return Err(format!("actions {actions:?} instead of {wanted:?}"));
            }
        }
        Ok(())
    }
}

/// Every way in which the case does not hold.
fn run(file: &CaseFile, case: &Case) -> Vec<String> {
    let mut failures = Vec::new();
    let mut note = |what: String, outcome: Checked<()>| {
        if let Err(failure) = outcome {
            failures.push(format!("{what}: {failure}"));
        }
    };
    let owned = Owned {
        policies: &file.policies,
        roles: &file.roles,
        load_alert_roles: &file.load_alert_roles,
        deleted_roles: &case.deleted_roles,
        groups: case.groups.as_ref().unwrap_or(&file.groups),
        environments: case.environments.as_ref().unwrap_or(&file.environments),
    };
    let prepared = Account::new(&owned).and_then(|mut account| {
        let member = member(&mut account, case)?;
        Ok((account, member))
    });
    let (account, member) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return vec![failure],
    };
    let relations = &account.relations;
    let words = Words(&account);
    let ask = |name: &str| {
        Ok(resolve(
            relations,
            &member,
            account.environment(name)?,
            file.now,
        ))
    };

    if case.expect.is_empty() && case.may_create.is_empty() {
        note("case".to_owned(), Err("expects nothing".to_owned()));
    }
    for (name, expected) in &case.expect {
        note(
            name.clone(),
            ask(name).and_then(|access| words.compare(&access, expected)),
        );
    }
    for (name, expected) in &case.if_active {
        let access = account
            .environment(name)
            .map(|id| resolve_as_if_active(relations, &member, id, file.now));
        note(
            format!("{name} if active"),
            access.and_then(|access| words.compare(&access, expected)),
        );
    }
    if let Some(wanted) = &case.load_alerts {
        let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
        let alerted: BTreeSet<&str> = account
            .environments
            .iter()
            .filter(|(_, id)| {
                resolve(relations, &member, **id, file.now).receives_load_alerts(relations)
            })
            .map(|(name, _)| name.as_str())
            .collect();
        let outcome = if alerted == wanted {
            Ok(())
        } else {
            Err(format!("{alerted:?} instead of {wanted:?}"))
        };
        note("load alerts".to_owned(), outcome);
    }
    for creation in &case.may_create {
        let groups = creation
            .groups
            .iter()
            .map(|path| account.group(path))
            .collect::<Checked<Vec<_>>>();
        let outcome = groups.and_then(|groups| {
            let answer = may_create(relations, &member, &groups, file.now);
            if answer == creation.answer {
                Ok(())
            } else {
                Err(format!("the answer is {answer}"))
            }
        });
        note(format!("creating in {:?}", creation.groups), outcome);
    }
    for (name, wanted) in &case.steps {
        let outcome = ask(name).and_then(|access| {
            let steps: Vec<String> = access.steps.iter().map(|step| words.step(step)).collect();
            if steps == *wanted {
                Ok(())
            } else {
                Err(format!("steps\n    {}", steps.join("\n    ")))
            }
        });
        note(format!("{name} explained"), outcome);
    }
    for (name, actions) in &case.missing {
        for (action, wanted) in actions {
            let outcome = ask(name).and_then(|access| {
                let missing = access.missing(relations, action);
                let missing = missing.map_or("nothing", Missing::as_str);
                if missing == wanted {
                    Ok(())
                } else {
                    Err(format!("{missing} is missing"))
                }
            });
            note(format!("{action} on {name}"), outcome);
        }
    }
    failures
}

fn case_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let entries = std::fs::read_dir(&folder).expect("the folder of cases is there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    files.retain(|path| {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        name.starts_with("access-") && name.ends_with(".yaml")
    });
    files.sort();
    files
}

#[test]
fn every_case_holds() {
    let mut failures = Vec::new();
    let mut names = BTreeSet::new();
    for path in case_files() {
        let text = std::fs::read_to_string(&path).expect("a readable file of cases");
        let file: CaseFile = match serde_saphyr::from_str(&text) {
            Ok(file) => file,
            Err(error) => {
                failures.push(format!("{} cannot be read: {error}", path.display()));
                continue;
            }
        };
        for case in &file.cases {
            if !names.insert(case.name.clone()) {
                failures.push(format!("there are two cases \"{}\"", case.name));
            }
            failures.extend(
                run(&file, case)
                    .into_iter()
                    .map(|failure| format!("\"{}\": {failure}", case.name)),
            );
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(
        names.len() >= FEWEST_CASES,
        "only {} cases were found",
        names.len()
    );
}
