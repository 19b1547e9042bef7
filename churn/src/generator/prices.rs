//! What a customer pays: three electricity prices by month, fixed fees, and the gas price.

use rand::RngExt;
use rand_distr::Gamma;

use super::attributes::{Attributes, Channel, Segment};
use super::costs::{GRID_FEE_EUR_KWH, ProvinceCosts};
use super::levels::Level;
use super::quantiles::{Knots, interpolate, mid_ranks, round};
use super::random::{Purpose, Stream, normal, stream, uniform, weighted};

/// December price of the first tier, EUR/kWh: published quantiles.
const TIER1_DECEMBER: &Knots =
    &[(0.0, 0.088), (0.01, 0.1001), (0.25, 0.1281), (0.50, 0.1486), (0.75, 0.1641), (0.99, 0.2444), (1.0, 0.3307)];
/// Change of the first tier from January to December: published quantiles, 63.8 % positive.
const TREND: &Knots = &[
    (0.0, -0.16),
    (0.01, -0.0925),
    (0.25, -0.0206),
    (0.3622, 0.0),
    (0.50, 0.0257),
    (0.75, 0.0733),
    (0.985, 0.16),
    (0.99, 0.4866),
    (1.0, 0.60),
];
/// The largest customers pay close to cost: how far their price may lie from [`NEAR_COST`].
const SIZE_SPREAD: &Knots = &[(0.0, 1.0), (0.75, 1.0), (0.95, 0.35), (1.0, 0.28)];
const NEAR_COST: f64 = 0.1440;
/// The second and the third tier, EUR/kWh, of the first one: a share of it, and what is added. So the customer in the middle
/// pays a cent more than the energy costs, and few pay less.
const TIER2: (f64, f64) = (0.80, 0.022);
const TIER3: (f64, f64) = (0.62, 0.035);
/// How a plant's energy spreads over the tiers.
const PLANT_TIERS: [f64; 3] = [0.272, 0.264, 0.464];
/// What corporates pay above cost, EUR/kWh.
const PLANT_MARGIN: (f64, f64) = (0.005, 0.006);

/// Months of half a year.
const HALF_YEAR: usize = 6;

/// The prices of one customer.
#[derive(Debug, Clone, Copy)]
pub struct Tariff {
    /// First tier by month, EUR/kWh.
    pub tier1: [f64; 12],
    /// First tier of December before rounding and wiggles.
    pub tier1_december: f64,
    /// Relative change of the first tier over the year, as intended.
    pub trend: f64,
    /// Fixed fee and fixed cost of electricity, EUR/month.
    pub electricity_fee: f64,
    pub electricity_fixed_cost: f64,
    /// Gas price, EUR/m3, constant over the year.
    pub gas_price: f64,
    /// Fixed gas revenue and cost, EUR/year: every row has them, with or without gas.
    pub gas_fixed_revenue: f64,
    pub gas_fixed_cost: f64,
}

impl Tariff {
    /// The three tiers of a month.
    pub fn tiers(&self, month: usize) -> [f64; 3] {
        tiers_of(self.tier1[month])
    }
}

/// The three tiers, of the first one.
pub fn tiers_of(tier1: f64) -> [f64; 3] {
    [round(tier1, 6), round(TIER2.0 * tier1 + TIER2.1, 6), round(TIER3.0 * tier1 + TIER3.1, 6)]
}

/// The first tier of the six months after the year: as far as a year's change goes in half of one, with small wiggles.
pub fn half_year(tariff: &Tariff, rng: &mut Stream) -> [f64; HALF_YEAR] {
    let change = interpolate(uniform(rng), TREND) / 2.0;
    std::array::from_fn(|month| {
        let covered = (month + 1) as f64 / HALF_YEAR as f64;
        let wiggle = if month + 1 == HALF_YEAR { 0.0 } else { normal(rng, 0.0, 0.013) };
        tariff.tier1_december * (1.0 + change * covered) * (1.0 + wiggle)
    })
}

/// Draws the prices of every customer.
pub fn draw(attributes: &[Attributes], levels: &[Level], costs: &ProvinceCosts, seed: u64) -> Vec<Tariff> {
    let mut streams: Vec<Stream> = (0..attributes.len()).map(|index| stream(seed, Purpose::Prices, index)).collect();
    let scores: Vec<f64> = attributes
        .iter()
        .zip(levels)
        .zip(&mut streams)
        .map(|((customer, level), rng)| {
            normal(rng, 0.0, 1.0)
                - 0.18 * (level.size_rank - 0.5)
                - if customer.channel == Channel::Comparison { 0.35 } else { 0.0 }
                - if level.size_rank > 0.95 { 0.25 } else { 0.0 }
        })
        .collect();
    mid_ranks(&scores)
        .into_iter()
        .enumerate()
        .map(|(index, rank)| {
            let cost = &costs.0[attributes[index].province.index()];
            let rng = &mut streams[index];
            let december = december_price(&attributes[index], &levels[index], rank, cost.mean_electricity(), rng);
            draw_one(&attributes[index], december, cost.mean_gas(), rng)
        })
        .collect()
}

fn december_price(customer: &Attributes, level: &Level, rank: f64, cost: f64, rng: &mut Stream) -> f64 {
    if customer.segment == Segment::Corporate {
        return passed_through(cost + GRID_FEE_EUR_KWH + normal(rng, PLANT_MARGIN.0, PLANT_MARGIN.1));
    }
    NEAR_COST + (interpolate(rank, TIER1_DECEMBER) - NEAR_COST) * interpolate(level.size_rank, SIZE_SPREAD)
}

/// The first tier at which a plant pays so much per kWh on average.
fn passed_through(eur_kwh: f64) -> f64 {
    let [peak, standard, off_peak] = PLANT_TIERS;
    let (slope, added) = (peak + standard * TIER2.0 + off_peak * TIER3.0, standard * TIER2.1 + off_peak * TIER3.1);
    (eur_kwh - added) / slope
}

fn draw_one(customer: &Attributes, december: f64, gas_cost: f64, rng: &mut Stream) -> Tariff {
    let trend = interpolate(uniform(rng), TREND);
    let (fee_margin, fee_sd, gas_scale) = match customer.segment {
        Segment::Residential => (2.2, 0.65, 1.0),
        Segment::Sme => (6.1, 0.45, 1.0),
        Segment::Corporate => (8.5, 1.5, 2.5),
    };
    let electricity_fixed_cost = round(customer.power_kw * 3.05 + 1.2, 4);
    let gas_fixed_revenue = weighted(rng, &[(105.60, 0.70), (118.80, 0.12), (171.60, 0.08), (63.60, 0.10)]) * gas_scale;
    let gas_fixed_margin = weighted(rng, &[(63.7368, 0.66), (63.8148, 0.20), (37.1196, 0.08), (35.8020, 0.06)]);
    Tariff {
        tier1: price_path(december / (1.0 + trend), december, rng),
        tier1_december: december,
        trend,
        electricity_fee: round(electricity_fixed_cost + normal(rng, fee_margin, fee_sd), 4),
        electricity_fixed_cost,
        gas_price: round(gas_cost + 0.060 + normal(rng, 0.0, 0.075), 6),
        gas_fixed_revenue: round(gas_fixed_revenue, 4),
        gas_fixed_cost: round(gas_fixed_revenue - gas_fixed_margin, 4),
    }
}

/// From January to December in eleven uneven steps (Dirichlet shares), with small wiggles between.
fn price_path(january: f64, december: f64, rng: &mut Stream) -> [f64; 12] {
    let step = Gamma::new(0.6, 1.0).expect("shape and scale are positive");
    let steps: [f64; 11] = std::array::from_fn(|_| rng.sample(step));
    let total: f64 = steps.iter().sum();
    let mut covered = 0.0;
    std::array::from_fn(|month| match month {
        0 => january,
        11 => december,
        _ => {
            covered += steps[month - 1] / total;
            (january + (december - january) * covered) * (1.0 + normal(rng, 0.0, 0.013))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::{attributes, levels};
    use super::*;

    #[test]
    fn most_homes_and_corporates_pay_more_than_their_energy_costs() {
        /// How the energy of a home spreads over the tiers.
        const HOME_TIERS: [f64; 3] = [0.31, 0.27, 0.42];
        let customers = attributes::draw(10_000, 3);
        let costs = ProvinceCosts::draw(3);
        let tariffs = draw(&customers, &levels::draw(&customers, 3), &costs, 3);
        let margin = |index: usize, shares: [f64; 3]| {
            let prices = tariffs[index].tiers(11);
            let paid: f64 = shares.iter().zip(prices).map(|(share, price)| share * price).sum();
            paid - costs.0[customers[index].province.index()].mean_electricity() - GRID_FEE_EUR_KWH
        };
        for (segment, shares) in [(Segment::Residential, HOME_TIERS), (Segment::Corporate, PLANT_TIERS)] {
            let of = (0..customers.len()).filter(|index| customers[*index].segment == segment);
            let margins: Vec<f64> = of.map(|index| margin(index, shares)).collect();
            let mean = margins.iter().sum::<f64>() / margins.len() as f64;
            let positive = margins.iter().filter(|margin| **margin > 0.0).count() as f64 / margins.len() as f64;
            assert!((0.002..0.03).contains(&mean) && positive > 0.6, "{segment:?}: {mean}, {positive}");
        }
    }

    #[test]
    fn an_hour_of_the_peak_costs_most_and_one_at_night_least() {
        for tier1 in [0.115, 0.1486, 0.25] {
            let [peak, standard, off_peak] = tiers_of(tier1);
            assert!(peak > standard && standard > off_peak, "{tier1}: {standard} {off_peak}");
        }
    }
}
