//! What is measured of offers, and what cannot be: for `offers.json`, for people and for the policy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::MeasureSettings;
use super::effect::Measured;
use super::observed::Observed;
use super::read::Outcomes;
use super::uplift::Uplift;
use crate::recommend::Action;

/// What became of offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfferEffects {
    /// Rows of the file up to the run's date.
    pub rows: u64,
    /// Rows of later days, which are not in view.
    pub later: u64,
    /// Rows whose outcome is not known yet, or too young to count.
    pub waiting: u64,
    /// Rows of customers who had had an offer before.
    pub repeated: u64,
    /// The customers that count.
    pub customers: u64,
    /// Those of them whose segment is not known, since they are in no table of today.
    pub without_segment: u64,
    /// Who accepted, by action. It decides nothing: an offer may work unaccepted, and be taken by who would have stayed.
    pub accepted: BTreeMap<Action, Acceptance>,
    /// The effect of all offers together.
    pub overall: Measured,
    /// The effect by action.
    pub by_action: BTreeMap<Action, Measured>,
    /// The effect by segment; empty where too many segments are not known.
    pub by_segment: BTreeMap<String, Measured>,
    /// Where offers save most; none where that cannot be compared.
    pub uplift: Option<Uplift>,
    /// What people should know of all this.
    pub notes: Vec<String>,
}

/// How many took an offer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Customers of whom it is known whether they accepted.
    pub known: u64,
    /// Those who did.
    pub accepted: u64,
}

/// Measures offers. `segments` has the segment of every customer of today; `is_even` says that the share of the control
/// group is the same in all segments.
pub fn measure<'a>(
    outcomes: &Outcomes<'a>,
    segments: &BTreeMap<&'a str, &'a str>,
    is_even: bool,
    settings: &MeasureSettings,
) -> OfferEffects {
    let observed = Observed::of(outcomes, segments, settings);
    let (customers, without_segment) = (observed.customers.len() as u64, observed.without_segment());
    let unknown_share = without_segment as f64 / customers.max(1) as f64;
    let mixes = match (unknown_share <= settings.max_unknown_segments, is_even) {
        (true, _) => Mixes::BySegment,
        (false, true) => Mixes::Together,
        (false, false) => Mixes::Unknown,
    };
    let mut notes = Vec::new();
    notes.extend(note_of_segments(mixes, without_segment, customers));
    notes.extend(note_of_control(&observed));
    OfferEffects {
        rows: outcomes.rows.len() as u64,
        later: outcomes.later,
        waiting: observed.waiting,
        repeated: observed.repeated,
        customers,
        without_segment,
        accepted: acceptance(&observed),
        overall: mixes.effect(&observed, None),
        by_action: Action::OFFERS.map(|action| (action, mixes.effect(&observed, Some(action)))).into(),
        by_segment: by_segment(mixes, &observed),
        uplift: (mixes == Mixes::BySegment).then(|| Uplift::of(&observed, settings)).flatten(),
        notes,
    }
}

/// What is compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mixes {
    /// Segment by segment.
    BySegment,
    /// All segments together: the draw was alike in all of them.
    Together,
    /// Nothing: the draw was not alike, and too many segments are not known.
    Unknown,
}

impl Mixes {
    /// The effect of one action, or of all: those who were due for the same are compared.
    fn effect(self, observed: &Observed<'_>, of: Option<Action>) -> Measured {
        let is_asked = |action: Action| of.is_none_or(|of| of == action);
        match self {
            Self::BySegment => {
                let cells = observed.cells(|customer| {
                    Some((customer.action, customer.segment?)).filter(|(action, _)| is_asked(*action))
                });
                Measured::of(cells.into_values())
            }
            Self::Together => {
                let cells = observed.cells(|customer| Some(customer.action).filter(|action| is_asked(*action)));
                Measured::of(cells.into_values())
            }
            Self::Unknown => Measured::NotEvaluated(
                "the share of the control group differs by segment, and too many segments are not known".to_owned(),
            ),
        }
    }
}

fn by_segment(mixes: Mixes, observed: &Observed<'_>) -> BTreeMap<String, Measured> {
    if mixes != Mixes::BySegment {
        return BTreeMap::new();
    }
    let mut cells: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for ((segment, _), cell) in observed.cells(|customer| Some((customer.segment?, customer.action))) {
        cells.entry(segment.to_owned()).or_default().push(cell);
    }
    cells.into_iter().map(|(segment, cells)| (segment, Measured::of(cells))).collect()
}

fn acceptance(observed: &Observed<'_>) -> BTreeMap<Action, Acceptance> {
    let mut all: BTreeMap<Action, Acceptance> = BTreeMap::new();
    for customer in observed.customers.iter().filter(|customer| !customer.is_control) {
        if let Some(accepted) = customer.accepted {
            let of_action = all.entry(customer.action).or_default();
            of_action.known += 1;
            of_action.accepted += u64::from(accepted);
        }
    }
    all
}

fn note_of_segments(mixes: Mixes, without: u64, customers: u64) -> Option<String> {
    // Who left is in no table of today: what is known by segment would be known of those who stayed.
    (mixes != Mixes::BySegment).then(|| {
        let who = format!("{without} of {customers} customers with an outcome");
        format!("{who} are in no table of today, so nothing is said by segment")
    })
}

fn note_of_control(observed: &Observed<'_>) -> Option<String> {
    let has_control = observed.customers.iter().any(|customer| customer.is_control);
    let words = "no outcome is of a control group, so the effect of offers cannot be measured";
    (!has_control && !observed.customers.is_empty()).then(|| words.to_owned())
}

#[cfg(test)]
mod tests {
    use polars::prelude::DataFrame;

    use super::super::read::tests::{Written, table};
    use super::*;
    use crate::snapshot_date::SnapshotDate;

    /// So many customers of each kind: who got the offer and left, got it and stayed, did not get it and left, stayed.
    fn written(ids: &[String], kinds: [usize; 4]) -> DataFrame {
        let kinds = kinds.into_iter().enumerate().flat_map(|(kind, count)| std::iter::repeat_n(kind, count));
        let rows: Vec<Written<'_>> = ids
            .iter()
            .zip(kinds)
            .map(|(id, kind)| {
                let (is_control, has_left) = (kind >= 2, kind % 2 == 0);
                let accepted = (!is_control).then_some(1);
                (id.as_str(), 0, "offer_small", i32::from(is_control), accepted, Some(i32::from(has_left)))
            })
            .collect();
        table(&rows)
    }

    fn ids(count: usize) -> Vec<String> {
        (0..count).map(|place| format!("C{place:04}")).collect()
    }

    fn measured(table: &DataFrame, segments: &BTreeMap<&str, &str>, is_even: bool) -> OfferEffects {
        let outcomes = Outcomes::of(table, SnapshotDate::parse("2024-12-31").unwrap()).unwrap();
        measure(&outcomes, segments, is_even, &MeasureSettings::default())
    }

    #[test]
    fn an_effect_is_measured_by_action_and_by_segment_with_who_accepted() {
        let ids = ids(400);
        let table = written(&ids, [60, 140, 100, 100]);
        let segments: BTreeMap<&str, &str> = ids.iter().map(|id| (id.as_str(), "SME")).collect();
        let effects = measured(&table, &segments, true);
        let effect = effects.by_action[&Action::OfferSmall].effect().unwrap();
        assert!((effect.save_rate.value - 0.4).abs() < 1e-12, "{effect:?}");
        assert_eq!(effects.by_segment["SME"], effects.by_action[&Action::OfferSmall]);
        assert_eq!(effects.overall, effects.by_action[&Action::OfferSmall]);
        assert!(effects.by_action[&Action::OfferLarge].effect().is_none(), "nobody was due for it");
        assert_eq!(effects.accepted[&Action::OfferSmall], Acceptance { known: 200, accepted: 200 });
        assert_eq!((effects.customers, effects.notes.len()), (400, 0));
        let json = serde_json::to_value(&effects).unwrap();
        assert!(json["by_action"]["offer_small"]["evaluated"]["save_rate"]["low"].is_number(), "{json:#}");
        assert_eq!(serde_json::from_value::<OfferEffects>(json).unwrap(), effects);
    }

    #[test]
    fn where_who_left_is_in_no_table_nothing_is_said_by_segment() {
        let ids = ids(400);
        let table = written(&ids, [60, 140, 100, 100]);
        // Who left is not delivered any more: among the others there is no difference.
        let stayed = |place: usize| (60..200).contains(&place) || place >= 300;
        let segments: BTreeMap<&str, &str> =
            ids.iter().enumerate().filter(|(place, _)| stayed(*place)).map(|(_, id)| (id.as_str(), "SME")).collect();
        let effects = measured(&table, &segments, true);
        assert!((effects.overall.effect().unwrap().save_rate.value - 0.4).abs() < 1e-12, "{effects:?}");
        assert!(effects.by_segment.is_empty() && effects.uplift.is_none());
        assert!(effects.notes[0].starts_with("160 of 400 customers"), "{:?}", effects.notes);
        // Where the draw was another in some segments, not even that can be compared.
        assert!(measured(&table, &segments, false).overall.effect().is_none());
    }

    #[test]
    fn without_a_control_group_the_measurement_says_that_there_is_none() {
        let ids = ids(100);
        let table = written(&ids, [60, 40, 0, 0]);
        let effects = measured(&table, &BTreeMap::new(), true);
        assert!(effects.overall.effect().is_none());
        assert!(effects.notes.iter().any(|note| note.contains("cannot be measured")), "{:?}", effects.notes);
    }
}
