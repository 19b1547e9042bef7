//! How much a customer uses: the average month of electricity and gas. Contracted power, the people of a home and what it
//! heats with decide most of it.
//!
//! Ranks of a hidden size score are pushed through the published quantiles, so that the
//! distribution holds whatever the number of customers.

use super::attributes::{Attributes, Channel, Segment};
use super::quantiles::{Knots, interpolate_log, mid_ranks};
use super::random::{Purpose, Stream, chance, normal, stream, weighted};

/// kWh of the average month before contracted power, idle spells and feed-in take their share. What is left has the
/// published quartiles (34, 90, 294), closely; above them contracted power decides: nine customers of ten are homes of
/// 2.3 to 10.35 kW, so that the published 99 % (23,042), maximum (92,559) and mean (1,142) are beyond what their contracts
/// let through.
const ELECTRICITY_KWH: &Knots = &[
    (0.0, 0.002),
    (0.01, 0.0121),
    (0.05, 3.0),
    (0.12, 13.0),
    (0.25, 36.5),
    (0.50, 92.5),
    (0.75, 300.0),
    (0.90, 1_800.0),
    (0.95, 5_250.0),
    (0.99, 23_500.0),
    (0.999, 33_000.0),
    (1.0, 95_000.0),
];
/// m3 of the average month among gas customers.
const GAS_M3: &Knots = &[
    (0.0, 0.5),
    (0.01, 3.0),
    (0.25, 30.0),
    (0.50, 70.0),
    (0.75, 160.0),
    (0.9447, 1_548.24),
    (0.995, 3_200.0),
    (1.0, 7_131.0),
];
/// The greatest share of contracted power that is drawn, on average over a year: homes, small businesses, plants.
const LOAD_HOME: f64 = 0.25;
const LOAD_BUSINESS: f64 = 0.35;
const LOAD_PLANT: f64 = 0.55;
/// Hours of an average month.
const HOURS_PER_MONTH: f64 = 732.0;

/// What makes a home large or small, in deviations of all sizes: contracted power, people, heating, and what is its own.
const BY_POWER: f64 = 0.45;
const BY_PEOPLE: f64 = 0.30;
const BY_HEATING: f64 = 0.35;
const OF_ITS_OWN: f64 = 0.75;
/// Logarithm of the contracted power, kW: mean and deviation of homes and of corporates.
const LOG_POWER_HOME: (f64, f64) = (1.56, 0.41);
const LOG_POWER_PLANT: (f64, f64) = (3.81, 0.75);
/// How many people live in a home, with mean and deviation.
const PEOPLE: [(f64, f64); 5] = [(1.0, 0.27), (2.0, 0.30), (3.0, 0.21), (4.0, 0.17), (5.0, 0.05)];
const PEOPLE_MEAN: f64 = 2.43;
const PEOPLE_SD: f64 = 1.20;
/// Homes that heat with electricity: without gas, and with it.
const HEATING_SHARE: f64 = 0.35;
const HEATING_SHARE_WITH_GAS: f64 = 0.08;
/// Mean and deviation of the heating, 0 or 1, over all homes.
const HEATING_MEAN: f64 = 0.30;
const HEATING_SD: f64 = 0.46;

/// Gas customers without electricity, and connections that are never used.
const GAS_ONLY_SHARE: f64 = 30.0 / 3_632.0;
const IDLE_SHARE: f64 = 120.0 / 20_099.0;

/// The consumption level of one customer.
#[derive(Debug, Clone, Copy)]
pub struct Level {
    /// Electricity, kWh a month on average; 0 for none.
    pub electricity_kwh: f64,
    /// Gas, m3 a month on average; 0 without gas.
    pub gas_m3: f64,
    /// Whether the customer has a gas contract.
    pub has_gas: bool,
    /// Rank of the customer's size in (0, 1).
    pub size_rank: f64,
    /// A home that heats with electricity; it has a winter in its readings.
    pub heats_electrically: bool,
}

struct Draft {
    size: f64,
    gas_size: f64,
    has_gas: bool,
    has_electricity: bool,
    heats_electrically: bool,
}

/// Draws the level of every customer.
pub fn draw(attributes: &[Attributes], seed: u64) -> Vec<Level> {
    let drafts: Vec<Draft> =
        attributes.iter().enumerate().map(|(index, customer)| draft(customer, seed, index)).collect();
    let size_ranks = mid_ranks(&drafts.iter().map(|d| d.size).collect::<Vec<_>>());
    let gas_sizes: Vec<f64> = drafts.iter().filter(|d| d.has_gas).map(|d| d.gas_size).collect();
    let mut gas_ranks = mid_ranks(&gas_sizes).into_iter();
    drafts
        .iter()
        .zip(size_ranks)
        .zip(attributes)
        .map(|((draft, size_rank), customer)| Level {
            electricity_kwh: if draft.has_electricity {
                within_power(interpolate_log(size_rank, ELECTRICITY_KWH), customer)
            } else {
                0.0
            },
            gas_m3: if draft.has_gas {
                interpolate_log(gas_ranks.next().expect("one rank per gas customer"), GAS_M3)
            } else {
                0.0
            },
            has_gas: draft.has_gas,
            size_rank,
            heats_electrically: draft.heats_electrically,
        })
        .collect()
}

/// What the contract lets through of a wish, kWh a month: all of it up to half of the most, and less and less beyond.
fn within_power(wish_kwh: f64, customer: &Attributes) -> f64 {
    let load = match customer.segment {
        Segment::Residential => LOAD_HOME,
        Segment::Sme => LOAD_BUSINESS,
        Segment::Corporate => LOAD_PLANT,
    };
    let half = load * customer.power_kw * HOURS_PER_MONTH / 2.0;
    if wish_kwh <= half { wish_kwh } else { half + half * (1.0 - ((half - wish_kwh) / half).exp()) }
}

fn draft(customer: &Attributes, seed: u64, index: usize) -> Draft {
    let rng = &mut stream(seed, Purpose::Levels, index);
    // Published shares per segment.
    let gas_share = match customer.segment {
        Segment::Residential => 3_272.0 / 18_090.0,
        Segment::Sme => 284.0 / 1_832.0,
        Segment::Corporate => 76.0 / 177.0,
    };
    let has_gas = chance(rng, gas_share);
    let is_gas_only = chance(rng, GAS_ONLY_SHARE) && has_gas;
    let is_idle = chance(rng, IDLE_SHARE) && !has_gas;
    let heating_share = if has_gas { HEATING_SHARE_WITH_GAS } else { HEATING_SHARE };
    let heats_electrically = chance(rng, heating_share) && customer.segment == Segment::Residential;
    let size = size(customer, heats_electrically, rng);
    let gas_size = normal(rng, 0.35 * size, 1.0);
    Draft { size, gas_size, has_gas, has_electricity: !is_gas_only && !is_idle, heats_electrically }
}

/// A hidden score; the numbers put each segment where its published quartiles lie.
fn size(customer: &Attributes, heats_electrically: bool, rng: &mut Stream) -> f64 {
    match customer.segment {
        Segment::Residential => {
            let people = (weighted(rng, &PEOPLE) - PEOPLE_MEAN) / PEOPLE_SD;
            let heating = (f64::from(u8::from(heats_electrically)) - HEATING_MEAN) / HEATING_SD;
            let compares = if customer.channel == Channel::Comparison { 0.95 } else { 0.0 };
            let second = if customer.is_second_residence { -0.5 } else { 0.0 };
            let power = standardised_log(customer.power_kw, LOG_POWER_HOME);
            BY_POWER * power
                + BY_PEOPLE * people
                + BY_HEATING * heating
                + normal(rng, 0.0, OF_ITS_OWN)
                + compares
                + second
        }
        Segment::Sme => normal(rng, -0.05, 0.78),
        Segment::Corporate => normal(rng, 1.75, 0.8) + 0.6 * standardised_log(customer.power_kw, LOG_POWER_PLANT),
    }
}

fn standardised_log(value: f64, (mean, sd): (f64, f64)) -> f64 {
    (value.ln() - mean) / sd
}

#[cfg(test)]
mod tests {
    use super::super::geography::PROVINCES;
    use super::*;

    #[test]
    fn small_wishes_are_granted_and_no_wish_goes_beyond_the_contract() {
        let home = Attributes {
            province: PROVINCES[0],
            segment: Segment::Residential,
            is_second_residence: false,
            is_urban: true,
            power_kw: 4.0,
            channel: Channel::Office,
        };
        // A quarter of 4 kW in 732 hours.
        let most = 732.0;
        assert_eq!(within_power(366.0, &home), 366.0);
        let granted = [367.0, 500.0, 1_000.0, 100_000.0].map(|wish| within_power(wish, &home));
        assert!(granted.is_sorted() && granted[0] > 366.0 && granted[3] <= most, "{granted:?}");
    }
    #[test]
    fn consumption_follows_the_contracted_power_and_the_heating_of_a_home() {
        let customers = super::super::attributes::draw(8_000, 3);
        let levels = draw(&customers, 3);
        let homes = customers.iter().zip(&levels).filter(|(customer, level)| {
            customer.segment == Segment::Residential && !customer.is_second_residence && level.electricity_kwh > 0.0
        });
        let points: Vec<(f64, f64)> =
            homes.clone().map(|(customer, level)| (customer.power_kw.ln(), level.electricity_kwh.ln())).collect();
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
        let (x, y) = (mean(|point| point.0), mean(|point| point.1));
        let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
        for (a, b) in &points {
            (xy, xx, yy) = (xy + (a - x) * (b - y), xx + (a - x).powi(2), yy + (b - y).powi(2));
        }
        let correlation = xy / (xx * yy).sqrt();
        assert!((0.3..0.6).contains(&correlation), "{correlation}");
        let median = |heats: bool| {
            let of = homes.clone().filter(|(_, level)| level.heats_electrically == heats);
            let mut kwh: Vec<f64> = of.map(|(_, level)| level.electricity_kwh).collect();
            kwh.sort_by(f64::total_cmp);
            kwh[kwh.len() / 2]
        };
        assert!(median(true) > 1.5 * median(false), "{} {}", median(true), median(false));
    }
}
