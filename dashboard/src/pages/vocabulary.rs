//! The keys that the pages read out of addresses, and the words of ours under them: taken from the enumerations and the
//! lists by which the pages read them, so that a new one is known here at once. What data or people may put into an
//! address is none of these words.

use churn::model::RiskTier;
use churn::recommend::{Action, RuleReason, TimingWindow};
use protocol::pipeline::{Mode, Outcome};

use super::{compare, drift, explorer, model, names, recommendations, risk, status};
use crate::frame::Theme;
use crate::query;
use crate::temporal::RunState;
use crate::words::Language;

/// The keys of all pages: state of the frame and of tables.
const EVERYWHERE: [&str; 6] = [query::RUN, query::LANG, query::THEME, query::PAGE, query::PER, query::SORT];
/// The keys of single pages that are no field of a form of filters.
const OF_PAGES: [&str; 11] = [
    compare::ALL,
    drift::COLUMN,
    drift::STATE,
    explorer::BY,
    explorer::COLUMN,
    explorer::LAYER,
    explorer::TABLE,
    model::THRESHOLD,
    model::VERSION,
    status::TOKEN,
    // What other programs call a search; no page of ours reads it.
    "q",
];

/// The keys; the name of another one may be anything.
pub fn keys() -> impl Iterator<Item = &'static str> {
    let lists: [&'static [&'static str]; 5] =
        [&EVERYWHERE, &OF_PAGES, &risk::FIELDS, &recommendations::FIELDS, &status::FIELDS];
    lists.into_iter().flatten().copied().chain(explorer::KEYS.into_iter().flatten())
}

/// Whether a value of a key is one of our words.
pub fn knows(key: &str, value: &str) -> bool {
    words(key).contains(&ordered_by(key, value)) || (key == risk::Category::Province.key() && names::is_province(value))
}

/// Whether the values of a key name columns of a table.
pub fn names_columns(key: &str) -> bool {
    let of_filters = || explorer::KEYS.iter().any(|[column, ..]| *column == key);
    [drift::COLUMN, explorer::COLUMN, query::SORT].contains(&key) || of_filters()
}

/// The column of an order, without its direction; of another key the value itself.
pub fn ordered_by<'a>(key: &str, value: &'a str) -> &'a str {
    if key == query::SORT { value.strip_prefix('-').unwrap_or(value) } else { value }
}

/// The words of a key: those of every page that reads it.
fn words(key: &str) -> Vec<&'static str> {
    match key {
        "tier" => RiskTier::ALL.map(risk::tier_value).into(),
        risk::IN_TRAINING => risk::Training::ALL.map(risk::Training::value).into(),
        "has_interaction" => risk::Contact::ALL.map(risk::Contact::value).into(),
        "action" => Action::ALL.map(Action::as_str).into(),
        "timing" => recommendations::WINDOWS.map(TimingWindow::as_str).into(),
        "reason" => RuleReason::ALL.map(RuleReason::as_str).into(),
        "mode" => status::MODES.map(Mode::as_str).into(),
        "outcome" => status::OUTCOMES.map(Outcome::as_str).into(),
        // The states of runs, and those of columns.
        "state" => {
            let of_runs = RunState::ALL.map(RunState::as_str).into_iter();
            of_runs.chain(drift::Status::ALL.map(drift::Status::value)).collect()
        }
        query::LANG => Language::ALL.map(Language::lang).into(),
        query::THEME => Theme::ALL.map(Theme::name).into(),
        query::PER => vec![query::ALL_ROWS],
        query::SORT => [&risk::SORTED_BY[..], &recommendations::SORTED_BY, &drift::SORTED_BY].concat(),
        explorer::LAYER => explorer::Layer::ALL.map(explorer::Layer::value).into(),
        explorer::BY => vec![explorer::NULLS],
        compare::ALL => compare::ANSWERS.into(),
        _ if risk::Category::ALL.iter().any(|category| category.key() == key) => names::words().collect(),
        _ if explorer::KEYS.iter().any(|[_, op, _]| *op == key) => explorer::Op::ALL.map(explorer::Op::value).into(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Query, Reader};

    /// Keys whose values are numbers or days, or come out of data, of the server, or of people.
    const WORDLESS: [&str; 17] = [
        "from", "to", "loss", "budget", "t", "page", "run", "version", "table", "col", "token", "q", "v1", "v2", "v3",
        "v4", "v5",
    ];

    #[test]
    fn every_key_of_the_pages_has_words_or_is_known_to_have_none() {
        for key in keys() {
            let names_a_column = names_columns(key) && words(key).is_empty();
            assert!(
                !words(key).is_empty() || WORDLESS.contains(&key) || names_a_column,
                "{key}: say in words() which words it has, or here that it has none"
            );
        }
    }

    /// What two pages of filters do with the words of their fields.
    #[test]
    fn the_pages_understand_every_word_that_stands_for_their_keys() {
        for key in risk::FIELDS.into_iter().chain(["sort", "per"]) {
            for word in words(key).into_iter().filter(|word| key != "sort" || risk::SORTED_BY.contains(word)) {
                let text = form_urlencoded::Serializer::new(String::new()).append_pair(key, word).finish();
                let query = Query::parse("/risk", Some(&text));
                let mut reader = Reader::new(&query);
                let _ = risk::State::read(&mut reader);
                assert_eq!(reader.bad(), [], "{key}={word}");
            }
        }
    }

    #[test]
    fn words_are_known_under_their_own_keys_alone() {
        for (key, value) in [
            ("tier", "critical"),
            ("segment", "SME"),
            ("sales_channel", "Own Website"),
            ("renewal_bucket", "0-3m"),
            ("province", "28"),
            ("action", "offer_large"),
            ("timing", "immediate"),
            ("sort", "-expected_monthly_loss"),
            ("sort", "p_value"),
            ("state", "timed_out"),
            ("state", "drifted"),
            ("mode", "score"),
            ("outcome", "already_champion"),
            ("layer", "gold"),
            ("o3", "ge"),
            ("by", "nulls"),
            ("per", "all"),
            ("theme", "auto"),
        ] {
            assert!(knows(key, value), "{key}={value}");
        }
        for (key, value) in [("tier", "SME"), ("mode", "C00371"), ("province", "53"), ("v1", "SME")] {
            assert!(!knows(key, value), "{key}={value}");
        }
    }
}
