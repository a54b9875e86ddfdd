//! Runs the cases of `tests/cases/delegation.yaml`: what a delegate may do to others' direct shares.

mod account;

use std::collections::{BTreeMap, BTreeSet};

use accord_domain::access::MemberAccess;
use accord_domain::catalogue::ActionId;
use accord_domain::delegation::{Delegation, DirectRoles, NotDelegated};
use accord_domain::ids::MemberId;
use accord_domain::member::MemberStatus;
use accord_domain::sharing::Share;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use account::{Account, Checked, Given, Owned};

/// Fewer would mean that the file was not read whole.
const FEWEST_CASES: usize = 25;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    #[serde(rename = "about")]
    _about: String,
    now: DateTime<Utc>,
    policies: BTreeMap<String, Vec<String>>,
    roles: BTreeMap<String, Vec<String>>,
    groups: Vec<String>,
    environments: BTreeMap<String, Vec<String>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    delegate: Vec<Given>,
    /// Whether the delegate turns to their own access.
    #[serde(default)]
    themselves: bool,
    status: Option<String>,
    member: Vec<Given>,
    #[serde(default)]
    deleted_roles: Vec<String>,
    change: Change,
    answer: Answer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    to: Roles,
    until: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Roles {
    These(Vec<String>),
    Word(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Word(String),
    Lacks(Lacks),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lacks {
    holds: Option<Vec<String>>,
    asks: Option<Vec<String>>,
    gains: Option<Vec<String>>,
    from: Option<DateTime<Utc>>,
}

fn actions(ids: &[String]) -> Checked<BTreeSet<ActionId>> {
    ids.iter()
        .map(|id| ActionId::parse(id).map_err(|error| error.to_string()))
        .collect()
}

impl Answer {
    fn wanted(&self, now: DateTime<Utc>) -> Checked<Result<(), NotDelegated>> {
        let lacks = match self {
            Self::Word(word) if word == "allowed" => return Ok(Ok(())),
            Self::Word(word) if word == "own" => return Ok(Err(NotDelegated::Own)),
            Self::Word(word) => return Err(format!("\"{word}\" is no answer")),
            Self::Lacks(lacks) => lacks,
        };
        Ok(Err(match (&lacks.holds, &lacks.asks, &lacks.gains) {
            (Some(ids), None, None) => NotDelegated::Holds {
                action_ids: actions(ids)?,
            },
            (None, Some(ids), None) => NotDelegated::Asks {
                action_ids: actions(ids)?,
            },
            (None, None, Some(ids)) => NotDelegated::Gains {
                action_ids: actions(ids)?,
                from: lacks.from.unwrap_or(now),
                at_once: lacks.from.is_none(),
            },
            _ => return Err("the answer names one thing that is lacking".to_owned()),
        }))
    }
}

fn given(account: &mut Account, shares: &[Given]) -> Checked<Vec<Share>> {
    shares.iter().map(|given| account.share(given)).collect()
}

fn run(file: &CaseFile, case: &Case) -> Checked<()> {
    let mut account = Account::new(&Owned {
        policies: &file.policies,
        roles: &file.roles,
        load_alert_roles: &[],
        deleted_roles: &case.deleted_roles,
        groups: &file.groups,
        environments: &file.environments,
    })?;
    let own = MemberAccess {
        status: MemberStatus::Active,
        account_disabled: false,
        shares: given(&mut account, &case.delegate)?,
    };
    let shares = if case.themselves {
        own.shares.clone()
    } else {
        given(&mut account, &case.member)?
    };
    // The rule does not ask for the state of the other member; the case says that it must not matter.
    if let Some(status) = &case.status {
        status
            .parse::<MemberStatus>()
            .map_err(|error| error.to_string())?;
    }
    let after = match &case.change.to {
        Roles::Word(word) if word == "nothing" => None,
        Roles::Word(word) => return Err(format!("\"{word}\" is no change")),
        Roles::These(roles) => Some(DirectRoles {
            role_ids: roles
                .iter()
                .map(|role| account.role(role))
                .collect::<Checked<_>>()?,
            expires_at: case.change.until,
        }),
    };
    let shop = account.environment("shop")?;
    let (delegate, other) = (MemberId(Uuid::from_u128(1)), MemberId(Uuid::from_u128(2)));
    let delegation = Delegation::new(&account.relations, delegate, &own, shop, file.now);
    let member = if case.themselves { delegate } else { other };
    let answer = delegation.check(member, &shares, after.as_ref());
    if answer == case.answer.wanted(file.now)? {
        Ok(())
    } else {
        Err(format!("the answer is {answer:?}"))
    }
}

#[test]
fn every_case_holds() {
    let text = include_str!("../../../tests/cases/delegation.yaml");
    let file: CaseFile = serde_saphyr::from_str(text).expect("the cases are read");
    let mut names = BTreeSet::new();
    let mut failures = Vec::new();
    for case in &file.cases {
        if !names.insert(&case.name) {
            failures.push(format!("there are two cases \"{}\"", case.name));
        }
        if let Err(failure) = run(&file, case) {
            failures.push(format!("\"{}\": {failure}", case.name));
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
