//! What pushes a customer to leave, of what the files can tell.
//!
//! The parts do not simply add up: a price that rose is felt by whoever looks at the bill and may soon go, and
//! competitors court by tenure. Trees can find that and straight lines cannot, as in the published figures.

use super::knobs::{PRESSURES, Pressures};
use crate::generator::attributes::{Attributes, Channel, Segment};
use crate::generator::geography::{PROVINCES, Province, customer_shares};
use crate::generator::levels::Level;
use crate::generator::lifecycle::Lifecycle;
use crate::generator::prices::Tariff;
use crate::generator::quantiles::interpolate;
use crate::generator::random::{Purpose, normal, stream};

/// What each province likes, beside everything else.
pub struct Tastes([f64; 52]);

impl Tastes {
    /// Mean 0 and deviation 1 over the customers outside the high competition provinces, so that they move neither the two
    /// groups nor, from seed to seed, their weight.
    pub fn draw(seed: u64) -> Self {
        let rng = &mut stream(seed, Purpose::ProvinceEffect, 0);
        let draws = PROVINCES.map(|_| normal(rng, 0.0, 1.0));
        let shares = customer_shares();
        let average = |value: &dyn Fn(usize) -> f64| {
            let others = PROVINCES.iter().filter(|p| !p.is_high_competition()).map(Province::index);
            let (sum, weight) = others.fold((0.0, 0.0), |(sum, w), i| (sum + shares[i] * value(i), w + shares[i]));
            sum / weight
        };
        let mean = average(&|i| draws[i]);
        let deviation = average(&|i| (draws[i] - mean).powi(2)).sqrt();
        Self(PROVINCES.map(|p| if p.is_high_competition() { 0.0 } else { (draws[p.index()] - mean) / deviation }))
    }

    /// The log-odds of one customer, up to what all have in common.
    pub fn pressure(&self, customer: &Attributes, lifecycle: &Lifecycle, level: &Level, tariff: &Tariff) -> f64 {
        let by_renewal = interpolate(lifecycle.renewal_days as f64, PRESSURES.by_renewal_days);
        (by_renewal / (1.0 - by_renewal)).ln()
            + interpolate(tenure_months(lifecycle), PRESSURES.by_tenure_months)
            + by_channel(customer.channel)
            + by_kind(customer, lifecycle, level)
            + by_competition(customer, lifecycle)
            + by_price(lifecycle, level, tariff)
            + PRESSURES.province * self.0[customer.province.index()]
    }
}

fn tenure_months(lifecycle: &Lifecycle) -> f64 {
    lifecycle.tenure_days as f64 / 30.0
}

fn by_channel(channel: Channel) -> f64 {
    match channel {
        Channel::InPerson => 0.33,
        Channel::Office => 0.11,
        Channel::Telemarketing => -0.17,
        Channel::Unknown => -0.31,
        Channel::Comparison => -0.44,
        Channel::OwnWebsite => -0.88,
    }
}

fn by_kind(customer: &Attributes, lifecycle: &Lifecycle, level: &Level) -> f64 {
    let Pressures { corporate, new_corporate, overlooked_holds, overlooked, gas, second_home, .. } = PRESSURES;
    let by_size = if customer.segment == Segment::Corporate {
        corporate + if lifecycle.tenure_days < 365 { new_corporate } else { 0.0 }
    } else {
        -overlooked_holds * interpolate(level.size_rank, overlooked)
    };
    by_size + if level.has_gas { gas } else { 0.0 } + if customer.is_second_residence { second_home } else { 0.0 }
}

fn by_competition(customer: &Attributes, lifecycle: &Lifecycle) -> f64 {
    if !customer.province.is_high_competition() {
        return 0.0;
    }
    PRESSURES.competition + PRESSURES.courting * interpolate(tenure_months(lifecycle), PRESSURES.courted)
}

/// Whoever pays a dear price that did not rise has stayed with open eyes, and a rise of a cheap one still leaves it cheap.
fn by_price(lifecycle: &Lifecycle, level: &Level, tariff: &Tariff) -> f64 {
    let felt = match (tariff.trend > 0.0, tariff.tier1_december > PRESSURES.dear_from_eur) {
        (true, true) => PRESSURES.dear_and_rising,
        (false, false) => PRESSURES.cheap_and_steady,
        _ => return 0.0,
    };
    let noticed = (1.0 - interpolate(level.size_rank, PRESSURES.overlooked)).clamp(0.0, 1.0);
    felt * noticed * interpolate(lifecycle.renewal_days as f64, PRESSURES.nearness)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::attributes;
    use crate::generator::costs::ProvinceCosts;
    use crate::generator::{levels, lifecycle, prices};

    /// A household of middle size in another province than the three, and what it pays.
    struct Household {
        customer: Attributes,
        lifecycle: Lifecycle,
        level: Level,
        tariff: Tariff,
    }

    impl Household {
        fn of_middle_size() -> Self {
            let customers = attributes::draw(500, 1);
            let levels = levels::draw(&customers, 1);
            let tariffs = prices::draw(&customers, &levels, &ProvinceCosts::draw(1), 1);
            let is_plain = |i: &usize| {
                customers[*i].segment == Segment::Residential
                    && !customers[*i].province.is_high_competition()
                    && (0.3..0.5).contains(&levels[*i].size_rank)
            };
            let place = (0..500).find(is_plain).unwrap();
            let lifecycle = Lifecycle { tenure_days: 900, ..lifecycle::draw(1, 1)[0] };
            Self { customer: customers[place], lifecycle, level: levels[place], tariff: tariffs[place] }
        }

        fn pressure(&self, renewal_days: i64, tier1_december: f64, trend: f64) -> f64 {
            let lifecycle = Lifecycle { renewal_days, ..self.lifecycle };
            let tariff = Tariff { tier1_december, trend, ..self.tariff };
            Tastes([0.0; 52]).pressure(&self.customer, &lifecycle, &self.level, &tariff)
        }
    }

    #[test]
    fn what_presses_is_more_than_the_sum_of_its_parts() {
        let home = Household::of_middle_size();
        let [cheap, dear] = [0.12, 0.18];
        let near = |price, trend| home.pressure(60, price, trend);
        let both = near(dear, 0.05) - near(cheap, -0.05);
        let one_by_one = near(dear, -0.05) + near(cheap, 0.05) - 2.0 * near(cheap, -0.05);
        assert!(both > one_by_one + 1.0, "{both} {one_by_one}");
        let far = home.pressure(250, dear, 0.05) - home.pressure(250, dear, -0.05);
        assert_eq!(far, 0.0, "far from the renewal nobody minds");
    }

    #[test]
    fn nobody_is_pressed_who_has_been_there_for_eleven_years() {
        let mut home = Household::of_middle_size();
        let before = home.pressure(60, 0.18, 0.05);
        home.lifecycle.tenure_days = 11 * 365;
        assert!(home.pressure(60, 0.18, 0.05) < before - 5.0);
    }
}
