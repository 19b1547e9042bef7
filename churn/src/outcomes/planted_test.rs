//! What the generator has planted is found, within its interval, and where it has planted nothing, nothing is found.

use std::collections::BTreeMap;

use super::read::tests::{Written, table};
use super::{MeasureSettings, OfferEffects, Outcomes, measure};
use crate::generator::{PlantedOffers, Segment, planted};
use crate::recommend::Action;
use crate::snapshot_date::SnapshotDate;

/// So many generated years are looked at.
const SEEDS: u64 = 40;
/// Of 40 intervals of 95 %, 38 hold what is true; fewer than 32 do in one of 7,000 trials.
const LEAST: usize = 32;

fn segment_name(segment: Segment) -> &'static str {
    match segment {
        Segment::Residential => "Residential",
        Segment::Sme => "SME",
        Segment::Corporate => "Corporate",
    }
}

/// The file of a generated year, as it is read, measured at the year's end.
fn measured(seed: u64, offers: &PlantedOffers) -> OfferEffects {
    let made = planted(10_000, seed, offers);
    let ids: Vec<String> = made.iter().map(|(_, outcome)| format!("C{:05}", outcome.index + 1)).collect();
    let first_day = SnapshotDate::parse("2024-01-01").unwrap().date();
    let written = ids.iter().zip(&made).map(|(id, (_, outcome))| {
        let days = outcome.date.signed_duration_since(first_day).num_days() as i32;
        let accepted = outcome.accepted.map(i32::from);
        let (is_control, has_left) = (i32::from(outcome.is_control), i32::from(outcome.churned));
        (id.as_str(), days, outcome.action.as_str(), is_control, accepted, Some(has_left))
    });
    let table = table(&written.collect::<Vec<Written<'_>>>());
    let segments = made.iter().map(|(segment, _)| segment_name(*segment));
    let segments: BTreeMap<&str, &str> = ids.iter().map(String::as_str).zip(segments).collect();
    let outcomes = Outcomes::of(&table, SnapshotDate::parse("2024-12-31").unwrap()).unwrap();
    let settings = MeasureSettings { resamples: 200, ..MeasureSettings::default() };
    measure(&outcomes, &segments, true, &settings)
}

/// How many of the save rates' intervals, of all offers together and of each action, hold the planted rate.
fn holding(rate: f64) -> BTreeMap<Option<Action>, usize> {
    let mut holding = BTreeMap::new();
    for seed in 1..=SEEDS {
        let effects = measured(seed, &PlantedOffers::saving(rate));
        let by_action = effects.by_action.iter().map(|(action, measured)| (Some(*action), measured));
        for (of, measured) in by_action.chain([(None, &effects.overall)]) {
            let effect = measured.effect().unwrap_or_else(|| panic!("{measured:?}"));
            *holding.entry(of).or_default() += usize::from(effect.save_rate.holds(rate));
        }
    }
    holding
}

#[test]
fn a_planted_effect_is_recovered_within_its_interval() {
    let holding = holding(0.25);
    assert_eq!(holding.len(), 4);
    assert!(holding.values().all(|count| *count >= LEAST), "{holding:?}");
    let effects = measured(42, &PlantedOffers::saving(0.25));
    let overall = effects.overall.effect().unwrap();
    assert!(overall.difference.low > 0.0, "4,000 customers are enough to see it: {overall:?}");
}

#[test]
fn where_no_effect_is_planted_none_is_found() {
    let holding = holding(0.0);
    assert!(holding.values().all(|count| *count >= LEAST), "{holding:?}");
    // Nor is it said where offers save more: the lower end is above 0 in one of 40 trials.
    let found = (1..=SEEDS).filter(|seed| {
        let effects = measured(*seed, &PlantedOffers::saving(0.0));
        effects.uplift.is_some_and(|uplift| uplift.qini.low > 0.0)
    });
    assert!(found.count() <= 5);
}

#[test]
fn where_offers_save_more_is_found_on_customers_who_taught_nothing() {
    let offers = PlantedOffers { business_save_rate: 0.9, share: 1.0, ..PlantedOffers::saving(0.0) };
    let mut found = 0;
    for seed in 1..=10 {
        let effects = measured(seed, &offers);
        let (households, businesses) =
            (effects.by_segment["Residential"].effect().unwrap(), effects.by_segment["SME"].effect().unwrap());
        assert!(businesses.save_rate.low > households.save_rate.high, "seed {seed}: {effects:?}");
        let uplift = effects.uplift.unwrap();
        found += usize::from(uplift.qini.low > 0.0);
        assert_ne!(uplift.predicted[0].segment, "Residential", "seed {seed}: {:?}", uplift.predicted);
    }
    assert!(found >= 8, "found in {found} of 10 years");
}
