//! One thing in three states, told apart and brought together.

use std::collections::HashSet;
use std::hash::Hash;

/// A thing as it was when a form began with it, as somebody else made it since, and as it is in the form.
#[derive(Debug)]
pub(crate) struct Three<'a, T: ?Sized> {
    pub(crate) before: &'a T,
    pub(crate) after: &'a T,
    pub(crate) mine: &'a T,
}

impl<T: ?Sized> Copy for Three<'_, T> {}

impl<T: ?Sized> Clone for Three<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

/// Something that somebody else changed and that is not as in the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) words: String,
    /// What the words are about, where that is a list.
    pub(crate) items: Vec<String>,
    /// The form changes the same, in another way.
    pub(crate) clashes: bool,
}

impl<'a, T: ?Sized> Three<'a, T> {
    /// One part of the thing.
    pub(crate) fn of<Part: ?Sized>(self, part: impl Fn(&'a T) -> &'a Part) -> Three<'a, Part> {
        Three {
            before: part(self.before),
            after: part(self.after),
            mine: part(self.mine),
        }
    }
}

impl<T: PartialEq + Clone> Three<'_, T> {
    /// What the form has, unless only somebody else changed it.
    pub(crate) fn one(self) -> T {
        if self.mine == self.before {
            self.after.clone()
        } else {
            self.mine.clone()
        }
    }

    /// What somebody else made of it.
    pub(crate) fn told(self, words: impl FnOnce(&T) -> String) -> Option<Change> {
        (self.after != self.before && self.after != self.mine).then(|| Change {
            words: words(self.after),
            items: Vec::new(),
            clashes: self.mine != self.before,
        })
    }
}

impl Three<'_, String> {
    /// What somebody else made of a text that is called so.
    pub(crate) fn told_text(self, name: &str) -> Option<Change> {
        self.told(|text| {
            if text.is_empty() {
                format!("The {name} was taken away.")
            } else {
                format!("The {name} is “{text}” now.")
            }
        })
    }
}

impl<K: Eq + Hash + Clone> Three<'_, HashSet<K>> {
    /// What the form has with what somebody else put in, and without what they took out.
    pub(crate) fn each(self) -> HashSet<K> {
        let mut all = self.mine.clone();
        all.extend(self.after.difference(self.before).cloned());
        all.retain(|one| self.after.contains(one) || !self.before.contains(one));
        all
    }

    /// What somebody else put in and took out. Each is chosen for itself: where two chose differently, one of
    /// them left it as it was, so that nothing clashes.
    pub(crate) fn told_each(
        self,
        put_in: &str,
        taken_out: &str,
        names: impl Fn(HashSet<K>) -> Vec<String>,
    ) -> Vec<Change> {
        let is_new = |one: &&K| !self.before.contains(*one) && !self.mine.contains(*one);
        let is_gone = |one: &&K| !self.after.contains(*one) && self.mine.contains(*one);
        let new: HashSet<K> = self.after.iter().filter(is_new).cloned().collect();
        let gone: HashSet<K> = self.before.iter().filter(is_gone).cloned().collect();
        [(put_in, new), (taken_out, gone)]
            .into_iter()
            .filter(|(_, ids)| !ids.is_empty())
            .map(|(words, ids)| Change {
                words: words.to_owned(),
                items: names(ids),
                clashes: false,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three<'a, T: ?Sized>(before: &'a T, after: &'a T, mine: &'a T) -> Three<'a, T> {
        Three {
            before,
            after,
            mine,
        }
    }

    #[test]
    fn of_one_value_mine_stays_where_both_changed_it() {
        let [a, b, c] = ["a", "b", "c"].map(str::to_owned);
        for (after, mine, whole, clashes) in [
            (&a, &a, &a, None),
            (&b, &a, &b, Some(false)),
            (&a, &b, &b, None),
            (&b, &b, &b, None),
            (&b, &c, &c, Some(true)),
        ] {
            let three = three(&a, after, mine);
            assert_eq!(three.one(), *whole, "{three:?}");
            let told = three.told_text("name");
            assert_eq!(told.as_ref().map(|told| told.clashes), clashes, "{three:?}");
        }
    }

    #[test]
    fn a_text_is_told_as_it_is_now() {
        let [none, some] = ["", "Night watch"].map(str::to_owned);
        let words = |before, after| {
            let told = three(before, after, before).told_text("description");
            told.map(|told| told.words)
        };
        assert_eq!(
            words(&none, &some).as_deref(),
            Some("The description is “Night watch” now.")
        );
        assert_eq!(
            words(&some, &none).as_deref(),
            Some("The description was taken away.")
        );
    }

    #[test]
    fn of_a_set_everybodys_choices_stay() {
        let set = |ids: &[u8]| ids.iter().copied().collect::<HashSet<_>>();
        let (before, after, mine) = (set(&[1, 2, 3]), set(&[2, 3, 4, 5]), set(&[1, 2, 5, 6]));
        let three = three(&before, &after, &mine);
        assert_eq!(three.each(), set(&[2, 4, 5, 6]));
        let names = |ids: HashSet<u8>| ids.iter().map(u8::to_string).collect::<Vec<_>>();
        let told = |words: &str, item: &str| Change {
            words: words.to_owned(),
            items: vec![item.to_owned()],
            clashes: false,
        };
        // That 5 is in it is known: it was put in here, too.
        assert_eq!(
            three.told_each("New:", "Gone:", names),
            [told("New:", "4"), told("Gone:", "1")]
        );
    }

    #[test]
    fn what_both_changed_alike_is_not_told() {
        let before = HashSet::from([1]);
        let after = HashSet::from([2]);
        let told = three(&before, &after, &after).told_each("New:", "Gone:", |_| Vec::new());
        assert_eq!(told, []);
    }
}
