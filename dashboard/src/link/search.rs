//! Finding a customer by what somebody typed: the whole id, or its begin.

/// The characters of a typed ID, as the form's `maxlength` has it: the search compares each of them with every customer.
pub const MOST_TYPED: usize = 64;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hits<'a> {
    /// The customer of this id; or the only one whose id begins so.
    One(&'a str),
    /// Some whose ids begin so, in their order; and how many there are in all.
    Some {
        /// The first of them.
        ids: Vec<&'a str>,
        /// All of them.
        all: usize,
    },
    /// Nobody; these ids begin as the typed text does, as far as any does.
    Near(Vec<&'a str>),
    /// Fewer than two characters say nothing.
    TooShort,
}

/// Looks for a text among ids in ascending order; at most `limit` are named. Small and large letters are the same, where
/// no id is written exactly so. A text of more than 64 characters is nobody's, and is not looked for.
pub fn search<'a>(sorted_ids: &[&'a str], typed: &str, limit: usize) -> Hits<'a> {
    let typed = typed.trim();
    if typed.chars().nth(MOST_TYPED).is_some() {
        return Hits::Near(Vec::new());
    }
    if let Ok(place) = sorted_ids.binary_search(&typed) {
        return Hits::One(sorted_ids[place]);
    }
    if typed.chars().count() < 2 {
        return Hits::TooShort;
    }
    let found = beginning(sorted_ids, typed);
    match found.as_slice() {
        [] => Hits::Near(near(sorted_ids, typed, limit)),
        [one] => Hits::One(one),
        all => Hits::Some { ids: all.iter().take(limit).copied().collect(), all: all.len() },
    }
}

fn beginning<'a>(ids: &[&'a str], begin: &str) -> Vec<&'a str> {
    let begins = |id: &&&'a str| id.get(..begin.len()).is_some_and(|start| start.eq_ignore_ascii_case(begin));
    ids.iter().filter(begins).copied().collect()
}

/// Those with the longest common begin, two characters or more.
fn near<'a>(ids: &[&'a str], typed: &str, limit: usize) -> Vec<&'a str> {
    let ends = typed.char_indices().map(|(end, _)| end).skip(2).collect::<Vec<_>>();
    let begins = ends.into_iter().rev().map(|end| beginning(ids, &typed[..end]));
    let mut found = begins.into_iter().find(|found| !found.is_empty()).unwrap_or_default();
    found.truncate(limit);
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const IDS: [&str; 5] = ["ab1", "ab12", "ab2", "cd1", "ñandú"];

    #[test]
    fn the_whole_id_wins_over_longer_ones_and_a_begin_that_one_has_is_enough() {
        assert_eq!(search(&IDS, " ab1 ", 10), Hits::One("ab1"));
        assert_eq!(search(&IDS, "CD", 10), Hits::One("cd1"));
        assert_eq!(search(&IDS, "ab", 2), Hits::Some { ids: vec!["ab1", "ab12"], all: 3 });
    }

    #[test]
    fn where_nobody_is_the_nearest_are_named() {
        assert_eq!(search(&IDS, "ab9zz", 2), Hits::Near(vec!["ab1", "ab12"]));
        assert_eq!(search(&IDS, "zz", 10), Hits::Near(vec![]));
        assert_eq!(search(&IDS, "a", 10), Hits::TooShort);
        assert_eq!(search(&IDS, "", 10), Hits::TooShort);
    }

    #[test]
    fn a_text_longer_than_the_form_allows_finds_nobody_however_it_begins() {
        let (longest, longer) = ("ñ".repeat(MOST_TYPED), "ñ".repeat(MOST_TYPED + 1));
        let ids = [longest.as_str(), longer.as_str()];
        assert_eq!(search(&ids, &format!("  {longest}  "), 10), Hits::One(&longest));
        assert_eq!(search(&ids, &longer, 10), Hits::Near(Vec::new()));
        assert_eq!(search(&IDS, &format!("ab1{}", "x".repeat(60_000)), 10), Hits::Near(Vec::new()));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_whatever_is_found_begins_so(typed in "\\PC{0,12}") {
            if let Hits::Some { ids, all } = search(&IDS, &typed, 2) {
                prop_assert!(ids.len() <= 2 && all >= ids.len());
                prop_assert!(ids.iter().all(|id| id.to_lowercase().starts_with(&typed.trim().to_lowercase())));
            }
        }
    }
}
