//! The five CSV files, with the dirt that the pipeline must cope with.

use std::io::Write;

use super::attributes::{Channel, Segment};
use super::costs::GRID_FEE_EUR_KWH;
use super::generated::GeneratedFile;
use super::geography::PROVINCES;
use super::later::{self, Later};
use super::population::{Population, customer_id};
use super::prices::tiers_of;
use super::random::{Purpose, Stream, any, between, chance, permutation, stream};
use super::staging::Staging;
use super::world::{LabelDate, World};
use crate::error::Result;

/// `churn_label.csv`: one row per customer, in random order. Where something comes after the date of the labels each row
/// says its date, and a second date has a row for each customer who is still there.
pub fn churn_label(world: &World, staging: &Staging) -> Result<GeneratedFile> {
    let population = &world.population;
    let order = permutation(&mut stream(population.seed, Purpose::LabelOrder, 0), population.len());
    let is_dated = world.later.is_some();
    write(staging, "churn_label.csv", |out| {
        writeln!(out, "customer_id,churn{}", if is_dated { ",label_date" } else { "" })?;
        let mut rows = 0;
        for LabelDate { date, minds, .. } in world.label_dates() {
            let date = if is_dated { format!(",{date}") } else { String::new() };
            for (index, mind) in order.iter().filter_map(|index| Some((index, minds[*index]?))) {
                writeln!(out, "{},{}{date}", customer_id(*index), u8::from(mind.leaves))?;
                rows += 1;
            }
        }
        Ok(rows)
    })
}

/// `customer_attributes.csv`. Dirt: impossible second residences, power that fits no segment,
/// repeated rows.
pub fn customer_attributes(population: &Population, staging: &Staging) -> Result<GeneratedFile> {
    let mut repeated = Vec::new();
    write(staging, "customer_attributes.csv", |out| {
        writeln!(
            out,
            "customer_id,contracted_power_kw,is_industrial,is_second_residence,province_code,region,\
             is_high_competition_province,is_urban"
        )?;
        for (index, customer) in population.attributes.iter().enumerate() {
            let rng = &mut stream(population.seed, Purpose::AttributeDirt, index);
            let is_industrial = customer.is_industrial();
            let is_impossible_residence = chance(rng, 0.004) && is_industrial;
            // Of a small business, whose consumption 8.05 kW let through as well.
            let power_kw =
                if chance(rng, 0.004) && customer.segment == Segment::Sme { 8.05 } else { customer.power_kw };
            let line = format!(
                "{},{power_kw:?},{},{},{},{},{},{}",
                customer_id(index),
                u8::from(is_industrial),
                u8::from(customer.is_second_residence || is_impossible_residence),
                customer.province.code,
                customer.province.region,
                u8::from(customer.province.is_high_competition()),
                u8::from(customer.is_urban),
            );
            writeln!(out, "{line}")?;
            if chance(rng, 0.0005) {
                repeated.push(line);
            }
        }
        append(out, &repeated)?;
        Ok((population.len() + repeated.len()) as u64)
    })
}

/// `customer_contracts.csv`. Dirt: channels in odd case and with blanks or in English, and second
/// contract rows with a later renewal, which come last.
pub fn customer_contracts(population: &Population, staging: &Staging) -> Result<GeneratedFile> {
    let mut repeated = Vec::new();
    write(staging, "customer_contracts.csv", |out| {
        writeln!(
            out,
            "customer_id,sales_channel,customer_first_activation_date,contract_start_date,\
             last_product_change_date,next_renewal_date"
        )?;
        for (index, dates) in population.lifecycles.iter().enumerate() {
            let rng = &mut stream(population.seed, Purpose::ContractDirt, index);
            let start = format!(
                "{},{},{},{},{}",
                customer_id(index),
                written_channel(population.attributes[index].channel, rng),
                dates.activation,
                dates.contract_start,
                dates.last_change.map(|date| date.to_string()).unwrap_or_default(),
            );
            writeln!(out, "{start},{}", dates.renewal)?;
            if chance(rng, 0.001) {
                repeated.push(format!("{start},{}", dates.renewal + chrono::Days::new(365)));
            }
        }
        append(out, &repeated)?;
        Ok((population.len() + repeated.len()) as u64)
    })
}

fn written_channel(channel: Channel, rng: &mut Stream) -> String {
    let name = channel.as_str();
    if channel == Channel::Unknown && chance(rng, 0.05) {
        return "unknown".to_owned();
    }
    if !chance(rng, 0.004) {
        return name.to_owned();
    }
    let (first, rest) = name.split_at(1);
    any(rng, &[name.to_uppercase(), format!(" {}{rest} ", first.to_uppercase())]).clone()
}

/// `price_history.csv`: one row per customer and month, until the customer leaves. Dirt of the first year: zero prices,
/// prices missing alone or for the whole year, absurdly small first prices, absent months, and rows without a customer.
pub fn price_history(world: &World, staging: &Staging) -> Result<GeneratedFile> {
    let population = &world.population;
    write(staging, "price_history.csv", |out| {
        writeln!(
            out,
            "customer_id,pricing_date,variable_price_tier1_eur_kwh,variable_price_tier2_eur_kwh,\
             variable_price_tier3_eur_kwh,elec_fixed_fee_eur_month,elec_fixed_cost_eur_month,\
             gas_variable_price_eur_m3,gas_fixed_revenue_eur_year,gas_fixed_cost_eur_year"
        )?;
        let mut rows = 0;
        for index in 0..population.len() {
            let year = PriceYear::of(population, index);
            for line in year.kept_lines() {
                writeln!(out, "{}{line}", customer_id(index))?;
                rows += 1;
            }
        }
        // Published: 252 rows without a customer, the full years of 21 lost keys.
        let rng = &mut stream(population.seed, Purpose::PriceDirt, population.len());
        let lost_keys = (21.0 * population.len() as f64 / 20_099.0).round().max(1.0) as usize;
        for _ in 0..lost_keys {
            let index = between(rng, 0, population.len());
            for line in PriceYear::of(population, index).lines() {
                writeln!(out, "{line}")?;
                rows += 1;
            }
        }
        if let Some(later) = &world.later {
            rows += later_prices(population, later, out)?;
        }
        Ok(rows)
    })
}

/// The rows after the first date of the labels, without dirt; how many.
fn later_prices(population: &Population, later: &Later, out: &mut dyn Write) -> std::io::Result<u64> {
    let mut rows = 0;
    for index in 0..population.len() {
        for month in later.months_of(index) {
            let tiers = Some(tiers_of(later.tier1[index][month]));
            let line = price_line(population, index, &later::name_of(month), tiers);
            writeln!(out, "{}{line}", customer_id(index))?;
            rows += 1;
        }
    }
    Ok(rows)
}

/// The twelve price rows of a customer, dirt included.
struct PriceYear<'a> {
    population: &'a Population,
    index: usize,
    /// Electricity prices by month; `None` is missing.
    tiers: [Option<[f64; 3]>; 12],
    /// Months without a row.
    absent: std::ops::Range<usize>,
}

impl<'a> PriceYear<'a> {
    fn of(population: &'a Population, index: usize) -> Self {
        let rng = &mut stream(population.seed, Purpose::PriceDirt, index);
        let tariff = &population.tariffs[index];
        let mut tiers: [Option<[f64; 3]>; 12] = std::array::from_fn(|month| Some(tariff.tiers(month)));
        if chance(rng, 0.0110) {
            tiers[months_in_a_row(rng, 3)].fill(Some([0.0; 3]));
        }
        if chance(rng, 0.000_15) {
            tiers[0] = Some([0.0006; 3]);
        }
        for price in &mut tiers {
            if chance(rng, 0.0004) {
                *price = None;
            }
        }
        if chance(rng, 2.0 / 20_099.0) {
            tiers.fill(None);
        }
        // Published: 203 rows absent. Whoever left lacks none more often: what is missing tells nothing.
        let is_incomplete = chance(rng, 0.0034);
        let absent = if is_incomplete { months_in_a_row(rng, 5) } else { 0..0 };
        Self { population, index, tiers, absent }
    }

    /// The rows that the file has, each starting with the comma after the key.
    fn kept_lines(&self) -> impl Iterator<Item = String> {
        self.lines().enumerate().filter(|(month, _)| !self.absent.contains(month)).map(|(_, line)| line)
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        (0..12).map(|month| self.line(month))
    }

    fn line(&self, month: usize) -> String {
        price_line(self.population, self.index, &format!("2024-{:02}", month + 1), self.tiers[month])
    }
}

/// A row of a month, starting with the comma after the key.
fn price_line(population: &Population, index: usize, month: &str, tiers: Option<[f64; 3]>) -> String {
    let tariff = &population.tariffs[index];
    let tiers = match tiers {
        Some([tier1, tier2, tier3]) => format!("{tier1:?},{tier2:?},{tier3:?}"),
        None => ",,".to_owned(),
    };
    let has_gas = population.levels[index].has_gas;
    let gas_price = if has_gas { format!("{:?}", tariff.gas_price) } else { String::new() };
    format!(
        ",{month}-01,{tiers},{:?},{:?},{gas_price},{:?},{:?}",
        tariff.electricity_fee, tariff.electricity_fixed_cost, tariff.gas_fixed_revenue, tariff.gas_fixed_cost
    )
}

/// One to `longest` neighbouring months of the year.
fn months_in_a_row(rng: &mut Stream, longest: usize) -> std::ops::Range<usize> {
    let length = between(rng, 1, longest + 1);
    let start = between(rng, 0, 12 - length + 1);
    start..start + length
}

/// `costs_by_province_month.csv`: complete.
pub fn costs_by_province_month(world: &World, staging: &Staging) -> Result<GeneratedFile> {
    let costs = &world.population.costs.0;
    write(staging, "costs_by_province_month.csv", |out| {
        writeln!(out, "month,province,elec_var_cost_eur_kwh,gas_var_cost_eur_m3,peaje_elec_eur_kwh")?;
        for (province, cost) in PROVINCES.iter().zip(costs) {
            for (month, (electricity, gas)) in cost.electricity_eur_kwh.iter().zip(cost.gas_eur_m3).enumerate() {
                writeln!(out, "2024-{:02},{},{electricity:?},{gas:?},{GRID_FEE_EUR_KWH:?}", month + 1, province.code)?;
            }
        }
        let later = world.later.as_ref().map_or(0, |later| later.months);
        for (province, cost) in PROVINCES.iter().zip(costs) {
            for month in 0..later {
                let (name, (electricity, gas)) = (later::name_of(month), cost.a_year_later(month));
                writeln!(out, "{name},{},{electricity:?},{gas:?},{GRID_FEE_EUR_KWH:?}", province.code)?;
            }
        }
        Ok((PROVINCES.len() * (12 + later)) as u64)
    })
}

fn append(out: &mut dyn Write, lines: &[String]) -> std::io::Result<()> {
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn write(
    staging: &Staging,
    name: &'static str,
    fill: impl FnOnce(&mut dyn Write) -> std::io::Result<u64>,
) -> Result<GeneratedFile> {
    Ok(GeneratedFile { name, rows: staging.write(name, fill)? })
}

#[cfg(test)]
mod tests {
    use super::super::settings::GenerateSettings;
    use super::*;

    #[test]
    fn what_is_missing_of_the_prices_does_not_depend_on_the_label() {
        let settings = GenerateSettings { customers: 4_000, seed: 5, offers: None, months: 12 };
        let mut population = World::imagine(&settings).population;
        let rows = |population: &Population| -> Vec<Vec<String>> {
            (0..population.len()).map(|index| PriceYear::of(population, index).kept_lines().collect()).collect()
        };
        let before = rows(&population);
        assert!(before.iter().any(|rows| rows.len() < 12));
        population.minds.iter_mut().for_each(|mind| mind.leaves = !mind.leaves);
        assert!(before == rows(&population));
    }
}
