//! A filter as it may stand in a log: what people wrote into an address may name a customer, and no line holds one.

use chrono::NaiveDate;

use super::vocabulary;
use crate::query;

/// Keys of numbers.
const NUMBERS: [&str; 7] = ["from", "to", "loss", "budget", "t", "page", "per"];
/// Keys of days.
const DAYS: [&str; 2] = ["from", "to"];
/// What stands for a name or a value that may be a customer's.
const HIDDEN: &str = "?";

/// A filter as it may stand in a log: its keys, and the values that are a number, a day, a word of ours, the run whose
/// results are asked for, or a column of the table. Whatever else somebody wrote into the address may name a customer,
/// whatever the key.
pub fn of<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    run: Option<&str>,
    is_column: impl Fn(&str) -> bool,
) -> String {
    let shown = |(key, value): (&'a str, &'a str)| {
        let name = if vocabulary::keys().any(|known| known == key) { key } else { HIDDEN };
        let names_a_column = || vocabulary::names_columns(key) && is_column(vocabulary::ordered_by(key, value));
        // Only of a run that is on record there are results.
        let is_run = key == query::RUN && run == Some(value);
        let value = if is_harmless(key, value) || is_run || names_a_column() { value } else { HIDDEN };
        format!("{name}={value}")
    };
    pairs.into_iter().map(shown).collect::<Vec<_>>().join(" ")
}

fn is_harmless(key: &str, value: &str) -> bool {
    // As the pages read numbers: people in Spain write a comma.
    let is_number = || value.replacen(',', ".", 1).parse::<f64>().is_ok_and(f64::is_finite);
    let is_day = || !value.contains(char::is_whitespace) && value.parse::<NaiveDate>().is_ok();
    (NUMBERS.contains(&key) && is_number()) || (DAYS.contains(&key) && is_day()) || vocabulary::knows(key, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        super::of(pairs, None, |_| false)
    }

    #[test]
    fn the_run_whose_results_are_asked_for_is_shown_and_no_other_word_in_its_place() {
        let shown = |run| super::of([("run", run), ("q", "r1")], Some("r1"), |_| false);
        assert_eq!(shown("r1"), "run=r1 q=?");
        assert_eq!(shown("C00371"), "run=? q=?");
    }

    #[test]
    fn a_filter_shows_words_of_ours_and_no_customer() {
        let pairs = [("tier", "critical"), ("tier", "high"), ("q", "24011ae4ebbe3035"), ("loss", "10.5")];
        assert_eq!(of(pairs), "tier=critical tier=high q=? loss=10.5");
        assert_eq!(of([("from", "2024-01-31"), ("to", "0.5"), ("lang", "es")]), "from=2024-01-31 to=0.5 lang=es");
        assert_eq!(of([("from", "12,5"), ("loss", "-3,25"), ("t", "0,3,1")]), "from=12,5 loss=-3,25 t=?");
        assert_eq!(of([]), "");
        let all = "segment=SME sales_channel=Office province=28 sort=-churn_proba state=failed o1=ge per=all";
        let pairs: Vec<_> = all.split(' ').filter_map(|pair| pair.split_once('=')).collect();
        assert_eq!(of(pairs), all);
    }

    #[test]
    fn the_columns_of_a_table_are_shown_where_they_are_known_and_no_value_of_theirs() {
        let (name, descending) = ("tenure_months", "-tenure_months");
        let pairs = [("col", name), ("c1", name), ("sort", descending), ("v1", name)];
        assert_eq!(of(pairs), "col=? c1=? sort=-tenure_months v1=?");
        let known = super::of(pairs, None, |column| column == name);
        assert_eq!(known, "col=tenure_months c1=tenure_months sort=-tenure_months v1=?");
    }

    #[test]
    fn a_customer_under_any_key_or_as_a_key_is_not_shown() {
        for key in vocabulary::keys() {
            for id in ["C00371", "c00371", "-C00371", "24011ae4ebbe3035"] {
                assert_eq!(super::of([(key, id)], None, |name| name == "tenure_months"), format!("{key}=?"));
            }
        }
        assert_eq!(of([("C00371", "1"), ("f\n1", "customer_id eq c1")]), "?=? ?=?");
        let pairs = [("segment", "SME\nINFO"), ("from", "2024\n-01-31"), ("loss", "inf"), ("segment", "12345")];
        assert_eq!(of(pairs), "segment=? from=? loss=? segment=?");
    }
}
