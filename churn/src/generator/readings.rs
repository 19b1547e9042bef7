//! One customer's year of hourly readings, with idle spells, feed-in and meter glitches.

use rand::RngExt;
use rand_distr::Gamma;

use super::attributes::{Attributes, Segment};
use super::levels::Level;
use super::profiles::{DAYS, HOURS, SWINGS, YearShape};
use super::random::{Purpose, Stream, any, between, chance, normal, rare_events, stream, uniform, weighted};

/// Customers whose roof feeds into the grid, and who have an idle spell.
const FEED_IN_SHARE: f64 = 0.045;
const IDLE_SPELL_SHARE: f64 = 0.030;
/// Readings below zero by a fault of the meter, per hour.
const ELECTRICITY_GLITCHES: f64 = 0.00184;
const GAS_GLITCHES: f64 = 0.00082;
/// Last day (month and day from 0) before an idle spell, chosen so that the month has nothing but
/// weekends and holidays before it: such months have off-peak consumption only.
const SPELLS_AFTER_HOLIDAYS: [(usize, usize); 6] = [(0, 1), (4, 1), (5, 2), (8, 1), (10, 3), (11, 1)];

/// Electricity that falls away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Easing {
    /// From this hour of the year to its end.
    pub from_hour: usize,
    /// So much of it, from 0 to 1.
    pub share: f64,
}

/// Nothing falls away.
pub const NO_EASING: Easing = Easing { from_hour: HOURS, share: 0.0 };

/// Who consumes.
#[derive(Debug, Clone, Copy)]
pub struct Consumer<'a> {
    pub attributes: &'a Attributes,
    pub level: &'a Level,
    /// One after the other.
    pub easings: [Easing; 2],
}

/// Fills one year of electricity (kWh) and gas (m3) for the customer `index`.
///
/// Both slices must hold [`HOURS`] values.
pub fn fill(
    shape: &YearShape,
    consumer: &Consumer<'_>,
    seed: u64,
    index: usize,
    electricity_kwh: &mut [f64],
    gas_m3: &mut [f64],
) {
    let Consumer { attributes: customer, level, easings } = *consumer;
    let rng = &mut stream(seed, Purpose::Readings, index);
    let swing = weighted(rng, swings(customer.segment, level.heats_electrically));
    debug_assert!(swing < SWINGS.len());
    if level.electricity_kwh > 0.0 {
        let average_hour = level.electricity_kwh * 12.0 / HOURS as f64;
        // The means of the logarithms make the noise average 1 over a year.
        fill_noisy(electricity_kwh, shape.electricity(customer.segment, swing), average_hour, -0.0512, 0.32, rng);
        // More than the contracted power trips the switch.
        for kwh in electricity_kwh.iter_mut() {
            *kwh = kwh.min(customer.power_kw);
        }
        for Easing { from_hour, share } in easings {
            for kwh in &mut electricity_kwh[from_hour..] {
                *kwh *= 1.0 - share;
            }
        }
        if chance(rng, IDLE_SPELL_SHARE) {
            idle_spell(electricity_kwh, &shape.month_starts, rng);
        }
        if chance(rng, FEED_IN_SHARE) {
            feed_in(electricity_kwh, &shape.sunny_hours, rng);
        }
        let depth = Gamma::new(1.2, 0.48).expect("shape and scale are positive");
        for hour in rare_events(rng, HOURS, ELECTRICITY_GLITCHES) {
            electricity_kwh[hour] = -electricity_kwh[hour].abs() * rng.sample(depth);
        }
    } else {
        electricity_kwh.fill(0.0);
    }
    if level.has_gas {
        let average_hour = level.gas_m3 * 12.0 / HOURS as f64;
        fill_noisy(gas_m3, &shape.gas, average_hour, -0.045, 0.30, rng);
        for hour in rare_events(rng, HOURS, GAS_GLITCHES) {
            if shape.gas[hour] > 0.0 {
                gas_m3[hour] = -normal(rng, 0.0061f64.ln(), 1.55).exp().min(0.23);
            }
        }
    } else {
        gas_m3.fill(0.0);
    }
}

/// How often each of the [`SWINGS`] comes: whoever heats with electricity has a winter.
fn swings(segment: Segment, heats_electrically: bool) -> &'static [(usize, f64)] {
    match (segment, heats_electrically) {
        (Segment::Residential, true) => &[(1, 0.10), (2, 0.30), (3, 0.35), (4, 0.25)],
        (Segment::Residential, false) => &[(0, 0.20), (1, 0.35), (2, 0.35), (3, 0.10)],
        _ => &[(0, 0.1), (1, 0.2), (2, 0.4), (3, 0.2), (4, 0.1)],
    }
}

/// Average hour x shape x a factor of the day x noise of the hour (both log-normal).
fn fill_noisy(values: &mut [f64], shape: &[f64], average_hour: f64, log_mean: f64, log_sd: f64, rng: &mut Stream) {
    for day in 0..DAYS {
        let day_factor = average_hour * normal(rng, -0.02, 0.20).exp();
        let hours = day * 24..(day + 1) * 24;
        for (value, share) in values[hours.clone()].iter_mut().zip(&shape[hours]) {
            *value = if *share > 0.0 { day_factor * share * normal(rng, log_mean, log_sd).exp() } else { 0.0 };
        }
    }
}

/// Nothing for three to twelve months, or nothing until the customer was connected.
fn idle_spell(values: &mut [f64], month_starts: &[usize; 13], rng: &mut Stream) {
    let (month, days) = if chance(rng, 0.55) { *any(rng, &SPELLS_AFTER_HOLIDAYS) } else { (between(rng, 0, 12), 0) };
    let start = month_starts[month] + 24 * days;
    if chance(rng, 0.5) {
        let end = month_starts[(month + between(rng, 3, 13)).min(12)];
        values[start..end].fill(0.0);
        return;
    }
    let day_earlier = if start > 0 && chance(rng, 0.2) { 24 } else { 0 };
    values[..start - day_earlier].fill(0.0);
}

fn feed_in(values: &mut [f64], sunny_hours: &[usize], rng: &mut Stream) {
    let depth = Gamma::new(1.5, 0.40).expect("shape and scale are positive");
    for hour in sunny_hours {
        if uniform(rng) < 0.14 {
            values[*hour] = -values[*hour].abs() * rng.sample(depth);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{attributes, levels};
    use super::*;

    #[test]
    fn what_falls_away_does_so_from_its_hour_on_and_nothing_else_changes() {
        let customers = attributes::draw(1, 1);
        let (attributes, level) = (&customers[0], &levels::draw(&customers, 1)[0]);
        let shape = YearShape::of_2024();
        let year = |easing| {
            let (mut electricity_kwh, mut gas_m3) = (vec![0.0; HOURS], vec![0.0; HOURS]);
            let consumer = Consumer { attributes, level, easings: [easing, NO_EASING] };
            fill(&shape, &consumer, 1, 0, &mut electricity_kwh, &mut gas_m3);
            (electricity_kwh, gas_m3)
        };
        let ((plain, gas), (eased, same_gas)) = (year(NO_EASING), year(Easing { from_hour: 6_000, share: 0.25 }));
        assert!(plain.iter().sum::<f64>() > 0.0 && gas == same_gas);
        assert!(plain[..6_000] == eased[..6_000]);
        assert!(plain[6_000..].iter().zip(&eased[6_000..]).all(|(whole, left)| (0.75 * whole - left).abs() < 1e-9));
    }
}
