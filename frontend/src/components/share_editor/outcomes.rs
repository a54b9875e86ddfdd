//! What would come of a draft, as the server answered it.

use std::collections::HashMap;

use accord_api_types::{AccessLevel, DraftAccess, Uuid};
use leptos::prelude::*;

use crate::components::{AccessLevelTag, RoleTags};

/// The server's answer, ready to be looked up.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcomes {
    list: Vec<DraftAccess>,
    by_environment: HashMap<Uuid, usize>,
    names: HashMap<Uuid, String>,
}

impl Outcomes {
    /// `names` are those of the environments.
    pub(crate) fn new(list: Vec<DraftAccess>, names: HashMap<Uuid, String>) -> Self {
        let by_environment = list
            .iter()
            .enumerate()
            .flat_map(|(at, one)| one.environment_ids.iter().map(move |id| (*id, at)))
            .collect();
        Self {
            list,
            by_environment,
            names,
        }
    }

    /// What comes out on an environment; nothing before the first answer.
    pub(super) fn of(&self, environment: Uuid) -> Option<&DraftAccess> {
        self.list.get(*self.by_environment.get(&environment)?)
    }

    /// How far the shares reach, in a sentence.
    pub(crate) fn sentence(&self) -> String {
        let all = self.by_environment.len();
        let reached: usize = self
            .list
            .iter()
            .filter(|one| one.access_level != AccessLevel::None)
            .map(|one| one.environment_ids.len())
            .sum();
        match (reached, all) {
            (_, 0) => "There are no environments yet.".into(),
            (0, _) => "They will see no environment.".into(),
            (1, 1) => "They will see the one environment there is.".into(),
            (reached, all) if reached == all => format!("They will see all {all} environments."),
            (reached, all) => format!("They will see {reached} of {all} environments."),
        }
    }

    fn names_of(&self, one: &DraftAccess) -> Vec<String> {
        let mut names: Vec<String> = one
            .environment_ids
            .iter()
            .filter_map(|id| self.names.get(id).cloned())
            .collect();
        names.sort();
        names
    }
}

/// `12 actions`.
pub(super) fn actions_in_words(one: &DraftAccess) -> String {
    match one.action_ids.len() {
        1 => "1 action".into(),
        count => format!("{count} actions"),
    }
}

/// What is the same on several environments, from the highest level down, with all that it is made of
/// for who opens it.
#[component]
pub(crate) fn OutcomeList(outcomes: Signal<Outcomes>) -> impl IntoView {
    move || {
        outcomes.with(|outcomes| {
            let results = outcomes
                .list
                .iter()
                .filter(|one| !one.environment_ids.is_empty());
            let lines = results
                .map(|one| view! { <Outcome one=one.clone() names=outcomes.names_of(one)/> })
                .collect_view();
            view! { <ul class="outcomes">{lines}</ul> }
        })
    }
}

#[component]
fn Outcome(one: DraftAccess, names: Vec<String>) -> impl IntoView {
    let count = match names.len() {
        1 => "1 environment".to_owned(),
        count => format!("{count} environments"),
    };
    let actions = actions_in_words(&one);
    let sees = one.access_level != AccessLevel::None;
    view! {
        <li>
            <details class="outcome">
                <summary>
                    <AccessLevelTag level=one.access_level/>
                    <span class="outcome-roles"><RoleTags names=one.role_names/></span>
                    <span class="outcome-count">{sees.then(|| format!("{actions} · "))}{count}</span>
                </summary>
                <p class="outcome-names">{names.join(", ")}</p>
                {(!one.action_ids.is_empty()).then(|| view! {
                    <ul class="outcome-actions" aria-label="Actions">
                        {one.action_ids.into_iter().map(|action| view! { <li><code>{action}</code></li> }).collect_view()}
                    </ul>
                })}
            </details>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(level: AccessLevel, environments: &[u128]) -> DraftAccess {
        DraftAccess {
            access_level: level,
            role_ids: Vec::new(),
            role_names: Vec::new(),
            action_ids: Vec::new(),
            environment_ids: environments.iter().map(|id| Uuid::from_u128(*id)).collect(),
        }
    }

    fn outcomes(list: Vec<DraftAccess>) -> Outcomes {
        Outcomes::new(list, HashMap::new())
    }

    #[test]
    fn every_environment_finds_what_comes_out_on_it() {
        let answer = outcomes(vec![
            outcome(AccessLevel::Group, &[1, 3]),
            outcome(AccessLevel::None, &[2]),
        ]);
        let level = |id| answer.of(Uuid::from_u128(id)).map(|one| one.access_level);
        assert_eq!(level(3), Some(AccessLevel::Group));
        assert_eq!(level(2), Some(AccessLevel::None));
        assert_eq!(level(4), None);
    }

    #[test]
    fn the_reach_is_said_in_a_sentence() {
        let reach = |reached: &[u128], rest: &[u128]| {
            outcomes(vec![
                outcome(AccessLevel::Base, reached),
                outcome(AccessLevel::None, rest),
            ])
            .sentence()
        };
        assert_eq!(reach(&[], &[]), "There are no environments yet.");
        assert_eq!(reach(&[], &[1]), "They will see no environment.");
        assert_eq!(
            reach(&[1], &[]),
            "They will see the one environment there is."
        );
        assert_eq!(reach(&[1, 2], &[]), "They will see all 2 environments.");
        assert_eq!(reach(&[1], &[2, 3]), "They will see 1 of 3 environments.");
    }
}
