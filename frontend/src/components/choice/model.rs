//! Many things to choose from: what is shown of them, under which headings.

use std::collections::HashSet;

use accord_api_types::Uuid;

/// The ids of the chosen, in an order that does not depend on how they were chosen.
pub(crate) fn chosen_ids(chosen: &HashSet<String>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = chosen.iter().filter_map(|id| id.parse().ok()).collect();
    ids.sort();
    ids
}

/// One of many.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Choice {
    pub(crate) id: String,
    pub(crate) label: String,
    /// Stands under the label.
    pub(crate) note: String,
    /// The heading it stands under; empty without one.
    pub(crate) category: String,
    /// The colour of the dot before the label.
    pub(crate) color: Option<String>,
    /// What it comes down to, (words, id) each: shown while it is pointed at.
    pub(crate) parts: Vec<(String, String)>,
}

impl Choice {
    /// Whether a search, in lower case, finds it.
    fn is_found_by(&self, looked_for: &str) -> bool {
        let texts = [&self.label, &self.note, &self.category].into_iter();
        let parts = self.parts.iter().flat_map(|(words, id)| [words, id]);
        texts
            .chain(parts)
            .any(|text| text.to_lowercase().contains(looked_for))
    }
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    /// A heading, with the ids of what stands under it.
    Heading(String, Vec<String>),
    Choice(Choice),
}

impl Line {
    /// Stays the same as long as the line may stay as it is drawn.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Heading(category, ids) => format!("# {category} {}", ids.join(" ")),
            Self::Choice(choice) => format!("{choice:?}"),
        }
    }
}

/// The lines to show: what a search finds, only the chosen where asked, under their headings in the
/// order in which these first come.
pub(super) fn lines(
    choices: &[Choice],
    looked_for: &str,
    only: Option<&HashSet<String>>,
) -> Vec<Line> {
    let looked_for = looked_for.trim().to_lowercase();
    let mut categories: Vec<(&str, Vec<&Choice>)> = Vec::new();
    let found = choices
        .iter()
        .filter(|choice| only.is_none_or(|chosen| chosen.contains(&choice.id)))
        .filter(|choice| choice.is_found_by(&looked_for));
    for choice in found {
        match categories
            .iter_mut()
            .find(|(category, _)| *category == choice.category)
        {
            Some((_, under)) => under.push(choice),
            None => categories.push((&choice.category, vec![choice])),
        }
    }
    categories
        .into_iter()
        .flat_map(|(category, under)| {
            let ids = under.iter().map(|choice| choice.id.clone()).collect();
            let heading = (!category.is_empty()).then(|| Line::Heading(category.to_owned(), ids));
            heading
                .into_iter()
                .chain(under.into_iter().cloned().map(Line::Choice))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(id: &str, category: &str) -> Choice {
        Choice {
            id: id.into(),
            label: format!("Do {id}"),
            category: category.into(),
            parts: vec![("Read files".into(), "files.read".into())],
            ..Choice::default()
        }
    }

    fn keys(lines: &[Line]) -> Vec<String> {
        lines
            .iter()
            .map(|line| match line {
                Line::Heading(category, ids) => format!("{category}: {}", ids.len()),
                Line::Choice(choice) => choice.id.clone(),
            })
            .collect()
    }

    #[test]
    fn what_belongs_together_stands_together() {
        let all = [
            choice("a", "Files"),
            choice("b", "Logs"),
            choice("c", "Files"),
        ];
        assert_eq!(
            keys(&lines(&all, "", None)),
            ["Files: 2", "a", "c", "Logs: 1", "b"]
        );
    }

    #[test]
    fn without_categories_there_are_no_headings() {
        let all = [choice("a", ""), choice("b", "")];
        assert_eq!(keys(&lines(&all, "", None)), ["a", "b"]);
    }

    #[test]
    fn a_search_looks_at_words_headings_and_parts() {
        let all = [choice("a", "Files"), choice("b", "Logs")];
        assert_eq!(keys(&lines(&all, " LOGS ", None)), ["Logs: 1", "b"]);
        assert_eq!(keys(&lines(&all, "do a", None)), ["Files: 1", "a"]);
        assert_eq!(keys(&lines(&all, "files.r", None)).len(), 4);
        assert!(lines(&all, "nothing", None).is_empty());
    }

    #[test]
    fn only_the_chosen_can_be_reviewed() {
        let all = [choice("a", "Files"), choice("b", "Logs")];
        let chosen = HashSet::from(["b".to_owned()]);
        assert_eq!(keys(&lines(&all, "", Some(&chosen))), ["Logs: 1", "b"]);
    }
}
