//! What the keys do in the tree, apart from any browser.

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// To the line at this place among those shown; with Shift its selection goes along.
    Go(usize),
    Fold,
    Unfold,
    UnfoldAll,
    /// To the line that this one hangs under.
    Up,
    /// To the next or the one before of the things in the line; before the first is the line itself.
    Inside(bool),
    Select,
    SelectAll,
    /// Opens the list of roles.
    Roles,
}

/// Where the focus is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Focus {
    /// The place of its line among those shown.
    pub(super) at: usize,
    pub(super) shown: usize,
    /// On one of the things in the line, not on the line itself.
    pub(super) inside: bool,
    /// Whether the line can be folded and, if so, is.
    pub(super) folded: Option<bool>,
}

/// Lines that a page key goes over.
const PAGE: usize = 10;

/// What a key means there; nothing if it is none of the tree's.
pub(super) fn wish(key: &str, control: bool, focus: Focus) -> Option<Wish> {
    let last = focus.shown.checked_sub(1)?;
    Some(match (key, focus.inside) {
        ("ArrowDown", _) => Wish::Go((focus.at + 1).min(last)),
        ("ArrowUp", _) => Wish::Go(focus.at.saturating_sub(1)),
        ("PageDown", _) => Wish::Go((focus.at + PAGE).min(last)),
        ("PageUp", _) => Wish::Go(focus.at.saturating_sub(PAGE)),
        ("Home", false) => Wish::Go(0),
        ("End", false) => Wish::Go(last),
        ("ArrowRight", false) if focus.folded == Some(true) => Wish::Unfold,
        ("ArrowRight", _) => Wish::Inside(true),
        ("ArrowLeft", true) => Wish::Inside(false),
        ("ArrowLeft", false) if focus.folded == Some(false) => Wish::Fold,
        ("ArrowLeft", false) => Wish::Up,
        ("a" | "A", _) if control => Wish::SelectAll,
        ("*", _) => Wish::UnfoldAll,
        (" ", false) => Wish::Select,
        ("Enter", false) => Wish::Roles,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: Focus = Focus {
        at: 3,
        shown: 20,
        inside: false,
        folded: None,
    };

    #[test]
    fn arrows_move_and_stay_inside() {
        assert_eq!(wish("ArrowDown", false, LINE), Some(Wish::Go(4)));
        assert_eq!(wish("PageUp", false, LINE), Some(Wish::Go(0)));
        assert_eq!(wish("End", false, LINE), Some(Wish::Go(19)));
        let last = Focus { at: 19, ..LINE };
        assert_eq!(wish("ArrowDown", false, last), Some(Wish::Go(19)));
        let nothing = Focus { shown: 0, ..LINE };
        assert_eq!(wish("ArrowDown", false, nothing), None);
    }

    #[test]
    fn sideways_folds_first_and_then_moves() {
        let with = |folded, inside| Focus {
            folded,
            inside,
            ..LINE
        };
        assert_eq!(
            wish("ArrowRight", false, with(Some(true), false)),
            Some(Wish::Unfold)
        );
        assert_eq!(
            wish("ArrowRight", false, with(Some(false), false)),
            Some(Wish::Inside(true))
        );
        assert_eq!(
            wish("ArrowLeft", false, with(Some(false), false)),
            Some(Wish::Fold)
        );
        assert_eq!(
            wish("ArrowLeft", false, with(Some(true), false)),
            Some(Wish::Up)
        );
        assert_eq!(
            wish("ArrowLeft", false, with(None, true)),
            Some(Wish::Inside(false))
        );
    }

    #[test]
    fn what_stands_in_a_line_keeps_its_own_keys() {
        let inside = Focus {
            inside: true,
            ..LINE
        };
        for key in [" ", "Enter", "Home", "End", "x"] {
            assert_eq!(wish(key, false, inside), None, "{key}");
        }
        assert_eq!(wish(" ", false, LINE), Some(Wish::Select));
        assert_eq!(wish("a", true, inside), Some(Wish::SelectAll));
        assert_eq!(wish("a", false, LINE), None);
    }
}
