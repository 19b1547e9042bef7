//! `offer_outcomes.csv`: a year of offers with a control group, and the effect that was asked for. It is an experiment of
//! its own: who leaves in it is not who leaves in `churn_label.csv`.

use chrono::{Days, NaiveDate};

use super::attributes::{self, Segment};
use super::generated::GeneratedFile;
use super::population::{Population, customer_id};
use super::random::{Purpose, between, chance, stream, uniform};
use super::settings::PlantedOffers;
use super::staging::Staging;
use crate::error::Result;
use crate::raw::RawTable;
use crate::recommend::Action;

/// The offers lie within this year, long enough before its end for their outcomes to be known.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2024, 1, 8).expect("a date of the calendar");
const DAYS: usize = 240;
/// The risk of those who are due for an offer, without one.
const RISK: (f64, f64) = (0.25, 0.85);
/// From these risks on a larger offer is due, as the tiers have it.
const MEDIUM_FROM: f64 = 0.45;
const LARGE_FROM: f64 = 0.65;
/// Whom an offer saves accepts it more often than the others.
const ACCEPTED: f64 = 0.30;
const ACCEPTED_BY_SAVED: f64 = 0.80;

/// One row of the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PlantedOutcome {
    /// The customer's number.
    pub index: usize,
    pub date: NaiveDate,
    pub action: Action,
    pub is_control: bool,
    /// None of the control group.
    pub accepted: Option<bool>,
    pub churned: bool,
}

/// The offers of so many customers, in their order, with the segments of who was due for one.
pub(crate) fn planted(customers: usize, seed: u64, offers: &PlantedOffers) -> Vec<(Segment, PlantedOutcome)> {
    let segments = attributes::draw(customers, seed).into_iter().map(|customer| customer.segment).enumerate();
    segments.filter_map(|(index, segment)| Some((segment, outcome(seed, offers, index, segment)?))).collect()
}

fn outcome(seed: u64, planted: &PlantedOffers, index: usize, segment: Segment) -> Option<PlantedOutcome> {
    let rng = &mut stream(seed, Purpose::Offers, index);
    if !chance(rng, planted.share) {
        return None;
    }
    let date = FIRST_DAY + Days::new(between(rng, 0, DAYS) as u64);
    let risk = RISK.0 + (RISK.1 - RISK.0) * uniform(rng);
    let action = if risk < MEDIUM_FROM {
        Action::OfferSmall
    } else if risk < LARGE_FROM {
        Action::OfferMedium
    } else {
        Action::OfferLarge
    };
    let is_control = chance(rng, planted.control_share);
    let would_leave = chance(rng, risk);
    let save_rate = if segment == Segment::Residential { planted.save_rate } else { planted.business_save_rate };
    let is_saved = chance(rng, save_rate) && would_leave && !is_control;
    let accepts = chance(rng, if is_saved { ACCEPTED_BY_SAVED } else { ACCEPTED });
    let accepted = (!is_control).then_some(accepts);
    Some(PlantedOutcome { index, date, action, is_control, accepted, churned: would_leave && !is_saved })
}

/// Writes the file.
pub(super) fn offer_outcomes(
    population: &Population,
    offers: &PlantedOffers,
    staging: &Staging,
) -> Result<GeneratedFile> {
    let name = RawTable::OfferOutcomes.file_name();
    let outcomes = planted(population.len(), population.seed, offers);
    let rows = staging.write(name, |out| {
        writeln!(out, "customer_id,date,action,control,accepted,churned")?;
        for (_, outcome) in &outcomes {
            let accepted = outcome.accepted.map(|accepted| u8::from(accepted).to_string()).unwrap_or_default();
            writeln!(
                out,
                "{},{},{},{},{accepted},{}",
                customer_id(outcome.index),
                outcome.date,
                outcome.action.as_str(),
                u8::from(outcome.is_control),
                u8::from(outcome.churned),
            )?;
        }
        Ok(outcomes.len() as u64)
    })?;
    Ok(GeneratedFile { name, rows })
}
