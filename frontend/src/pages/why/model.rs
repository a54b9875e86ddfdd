//! What is asked, and the answer as it is laid out.

use accord_api_types::{AccessLevel, Action, ExplainedStep, Explanation, StepReason, Uuid};

/// Whose access is asked about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Whose {
    Own,
    Of(String),
}

/// Access that is shown somewhere, and can be asked about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    /// Whose environment it is.
    pub(crate) owner_id: Uuid,
    pub(crate) environment_id: Uuid,
    pub(crate) environment_name: String,
    pub(crate) member_id: Uuid,
    pub(crate) whose: Whose,
    /// The actions that the line shows.
    pub(crate) held: Vec<String>,
    /// Whether these are there now, or would be if the member were active.
    pub(crate) counts: bool,
    /// Whether the question is asked on the member's own page, which then needs no link.
    pub(crate) on_members_page: bool,
}

impl Question {
    pub(super) fn title(&self) -> String {
        let environment = &self.environment_name;
        match &self.whose {
            Whose::Own => format!("Your access to {environment}"),
            Whose::Of(name) => format!("Access of {name} to {environment}"),
        }
    }

    /// The answer in a sentence.
    pub(super) fn verdict(&self, allowed: bool) -> String {
        let (yes_or_no, may) = if allowed {
            ("Yes", "may")
        } else {
            ("No", "may not")
        };
        let who = match &self.whose {
            Whose::Own => "you",
            Whose::Of(name) => name,
        };
        format!(
            "{yes_or_no}: {who} {may} do this on {}.",
            self.environment_name
        )
    }
}

/// A line of the list of actions.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    Heading(&'static str, usize),
    Action(Action),
}

/// The actions that a search finds, those held before the others.
pub(super) fn lines(
    actions: &[Action],
    held: &[String],
    counts: bool,
    looked_for: &str,
) -> Vec<Line> {
    let looked_for = looked_for.trim().to_lowercase();
    let found = |action: &&Action| {
        [
            &action.title,
            &action.id,
            &action.category,
            &action.description,
        ]
        .into_iter()
        .any(|text| text.to_lowercase().contains(&looked_for))
    };
    let (holds, lacks): (Vec<_>, Vec<_>) = actions
        .iter()
        .filter(found)
        .partition(|action| held.contains(&action.id));
    let (holds_words, lacks_words) = if counts {
        ("Allowed", "Not allowed")
    } else {
        ("Would be allowed", "Would not be allowed")
    };
    [(holds_words, holds), (lacks_words, lacks)]
        .into_iter()
        .filter(|(_, actions)| !actions.is_empty())
        .flat_map(|(words, actions)| {
            let heading = Line::Heading(words, actions.len());
            std::iter::once(heading).chain(actions.into_iter().cloned().map(Line::Action))
        })
        .collect()
}

/// One level of the rule with what it looked at there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Level {
    pub(super) level: AccessLevel,
    pub(super) steps: Vec<ExplainedStep>,
}

/// The levels in the order of the rule. An owner is also told of one where there was nothing to look at;
/// others may merely not know of it.
pub(super) fn levels(explanation: &Explanation, tells_all: bool) -> Vec<Level> {
    [AccessLevel::Direct, AccessLevel::Group, AccessLevel::Base]
        .into_iter()
        .map(|level| Level {
            level,
            steps: explanation
                .steps
                .iter()
                .filter(|step| step.level == level)
                .cloned()
                .collect(),
        })
        .filter(|level| tells_all || !level.steps.is_empty())
        .collect()
}

/// What a level is called, and what it is.
pub(super) const fn level_words(level: AccessLevel) -> (&'static str, &'static str) {
    match level {
        AccessLevel::Direct => ("Direct", "roles on the environment itself"),
        AccessLevel::Group => ("Groups", "roles on groups that hold it, or on those above"),
        AccessLevel::Base => ("Base", "roles on all environments"),
        AccessLevel::Owner => ("Owner", "everything"),
        AccessLevel::None => ("None", "no access"),
    }
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Counts,
    /// There are roles, and they do not count.
    DoesNotCount,
    Nothing,
}

impl Mark {
    pub(super) fn of(step: &ExplainedStep) -> Self {
        match (step.counted, step.why) {
            (true, _) => Self::Counts,
            (false, StepReason::NoShareHere | StepReason::NoSuchEnvironment) => Self::Nothing,
            (false, _) => Self::DoesNotCount,
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Counts => "Counts: ",
            Self::DoesNotCount => "Does not count: ",
            Self::Nothing => "Nothing: ",
        }
    }
}

/// The group that holds the environment, where a step looks at one above it.
pub(super) fn reached_from(step: &ExplainedStep) -> Option<&str> {
    let is_itself = step.item.and_then(|item| item.id) == step.via;
    step.via_name.as_deref().filter(|_| !is_itself)
}

#[cfg(test)]
mod tests {
    use accord_api_types::Item;

    use super::*;

    fn action(id: &str, title: &str) -> Action {
        Action {
            id: id.into(),
            category: "Files".into(),
            title: title.into(),
            description: String::new(),
        }
    }

    fn step(level: AccessLevel, item: Item, via: Option<Uuid>, why: StepReason) -> ExplainedStep {
        ExplainedStep {
            level,
            item: Some(item),
            item_name: None,
            via,
            via_name: via.map(|_| "web/live".into()),
            share: None,
            role_ids: Vec::new(),
            roles: Vec::new(),
            counted: why == StepReason::Counted,
            why,
            sentence: String::new(),
        }
    }

    fn question(whose: Whose) -> Question {
        Question {
            owner_id: Uuid::nil(),
            environment_id: Uuid::nil(),
            environment_name: "shop".into(),
            member_id: Uuid::nil(),
            whose,
            held: Vec::new(),
            counts: true,
            on_members_page: false,
        }
    }

    #[test]
    fn the_answer_is_a_sentence() {
        assert_eq!(
            question(Whose::Own).verdict(true),
            "Yes: you may do this on shop."
        );
        assert_eq!(
            question(Whose::Of("Ada".into())).verdict(false),
            "No: Ada may not do this on shop."
        );
    }

    #[test]
    fn what_is_held_stands_first() {
        let all = [action("files.write", "Write"), action("files.read", "Read")];
        let held = ["files.read".to_owned()];
        let words = |looked_for: &str, counts: bool| -> Vec<String> {
            lines(&all, &held, counts, looked_for)
                .into_iter()
                .map(|line| match line {
                    Line::Heading(words, count) => format!("{words} {count}"),
                    Line::Action(action) => action.id,
                })
                .collect()
        };
        assert_eq!(
            words("", true),
            ["Allowed 1", "files.read", "Not allowed 1", "files.write"]
        );
        assert_eq!(
            words(" WRITE ", false),
            ["Would not be allowed 1", "files.write"]
        );
        assert!(words("nothing", true).is_empty());
    }

    #[test]
    fn only_who_sees_all_is_told_that_nothing_was_there() {
        let explanation = Explanation {
            allowed: false,
            access_level: AccessLevel::None,
            steps: vec![step(
                AccessLevel::Direct,
                Item::environment(Uuid::nil()),
                None,
                StepReason::NoShareHere,
            )],
            granted_by: Vec::new(),
            missing: None,
        };
        assert_eq!(levels(&explanation, true).len(), 3);
        assert_eq!(levels(&explanation, false).len(), 1);
    }

    #[test]
    fn a_group_above_says_from_where_it_was_reached() {
        let (live, web) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let at = |id| {
            step(
                AccessLevel::Group,
                Item::group(id),
                Some(live),
                StepReason::Counted,
            )
        };
        assert_eq!(reached_from(&at(live)), None);
        assert_eq!(reached_from(&at(web)), Some("web/live"));
        assert_eq!(Mark::of(&at(web)), Mark::Counts);
        let ended = step(
            AccessLevel::Base,
            Item::ENVIRONMENTS,
            None,
            StepReason::ShareEnded,
        );
        assert_eq!(Mark::of(&ended), Mark::DoesNotCount);
    }
}
