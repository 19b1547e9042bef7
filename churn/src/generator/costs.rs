//! What a kWh and a m3 cost the company, by province and month.

use super::geography::PROVINCES;
use super::quantiles::{Knots, interpolate, mid_ranks, round};
use super::random::{Purpose, stream, uniform};

/// Mean electricity cost of a province, EUR/kWh.
const ELECTRICITY_EUR: &Knots =
    &[(0.0, 0.0761), (0.25, 0.0771), (0.5, 0.0775), (0.75, 0.0782), (0.97, 0.0810), (1.0, 0.0811)];
/// Mean gas cost of a province, EUR/m3.
const GAS_EUR: &Knots =
    &[(0.0, 0.6919), (0.02, 0.7020), (0.25, 0.7531), (0.5, 0.7677), (0.75, 0.7857), (0.97, 0.8618), (1.0, 0.8618)];
/// Rise of the electricity cost over the year.
const ELECTRICITY_TREND: &Knots = &[(0.0, 0.0499), (0.25, 0.0557), (0.5, 0.0604), (0.75, 0.0612), (1.0, 0.0655)];
/// Course of the electricity cost in the year, in units of any size.
const COURSE: [f64; 12] = [-0.5, -0.9, -1.0, -1.0, -0.8, -0.3, 0.2, 0.6, 0.5, 0.4, 0.3, 0.5];
/// Network tariff, the same everywhere.
pub const GRID_FEE_EUR_KWH: f64 = 0.05;

/// The costs of one province.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub electricity_eur_kwh: [f64; 12],
    pub gas_eur_m3: [f64; 12],
}

impl Cost {
    pub fn mean_electricity(&self) -> f64 {
        self.electricity_eur_kwh.iter().sum::<f64>() / 12.0
    }

    pub fn mean_gas(&self) -> f64 {
        self.gas_eur_m3.iter().sum::<f64>() / 12.0
    }

    /// Electricity and gas of a month a year later: electricity goes on from where the year ended.
    pub fn a_year_later(&self, month: usize) -> (f64, f64) {
        let electricity = &self.electricity_eur_kwh;
        (round(electricity[month] * electricity[11] / electricity[0], 6), self.gas_eur_m3[month])
    }
}

/// The costs of every province, in the order of [`PROVINCES`].
#[derive(Debug)]
pub struct ProvinceCosts(pub Vec<Cost>);

impl ProvinceCosts {
    /// Draws the costs of the 52 provinces.
    pub fn draw(seed: u64) -> Self {
        let rng = &mut stream(seed, Purpose::Costs, 0);
        let mut draws = || PROVINCES.map(|_| uniform(rng));
        let electricity_ranks = mid_ranks(&draws());
        let gas_ranks = mid_ranks(&draws());
        let trend_draws = draws();
        let costs = PROVINCES
            .iter()
            .map(|province| {
                let place = province.index();
                // The three large provinces sit mid-range: they hold a third of the customers.
                let (electricity, gas) = match province.code {
                    8 => (0.0775, 0.7820),
                    28 => (0.0771, 0.7677),
                    46 => (0.0779, 0.7677),
                    _ => {
                        (interpolate(electricity_ranks[place], ELECTRICITY_EUR), interpolate(gas_ranks[place], GAS_EUR))
                    }
                };
                through_the_year(electricity, gas, interpolate(trend_draws[place], ELECTRICITY_TREND))
            })
            .collect();
        Self(costs)
    }
}

fn through_the_year(electricity: f64, gas: f64, trend: f64) -> Cost {
    let course = COURSE.map(|c| 1.0 + trend * (c - COURSE[0]) / (COURSE[11] - COURSE[0]));
    let course_mean = course.iter().sum::<f64>() / 12.0;
    // A cosine over whole years has mean 1 without scaling.
    let gas_course: [f64; 12] =
        std::array::from_fn(|month| 1.0 + 0.03 * (std::f64::consts::TAU * month as f64 / 12.0).cos());
    Cost {
        electricity_eur_kwh: course.map(|c| round(electricity * c / course_mean, 6)),
        gas_eur_m3: gas_course.map(|c| round(gas * c, 6)),
    }
}
