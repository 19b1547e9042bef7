//! How much of a delivery may be otherwise before people hear of it, and before a run stops: the section `checks` of
//! `column_registry.yaml`.

use serde::{Deserialize, Serialize};

use super::Severity;

/// Shares from 0 to 1 above which a check warns and blocks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Above this share people are warned.
    pub warn: f64,
    /// Above this share the run stops.
    pub block: f64,
}

impl Limits {
    const fn of(warn: f64, block: f64) -> Self {
        Self { warn, block }
    }

    /// What a share leads to; [`Severity::Info`] where it is within both limits.
    pub fn severity(self, share: f64) -> Severity {
        match share {
            share if share > self.block => Severity::Block,
            share if share > self.warn => Severity::Warn,
            _ => Severity::Info,
        }
    }
}

/// What a figure may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plausible {
    /// The least that is plausible.
    pub least: f64,
    /// The most that is plausible.
    pub most: f64,
}

impl Plausible {
    const fn of(least: f64, most: f64) -> Self {
        Self { least, most }
    }

    /// Whether a figure is within, both ends included.
    pub fn holds(self, figure: f64) -> bool {
        (self.least..=self.most).contains(&figure)
    }
}

/// The limits of all checks that no single column has.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckRules {
    /// The date of a run is the last day on which this share of the customers has readings.
    pub as_of_share: f64,
    /// Up to this share of readings without a value a month is scaled; beyond it, the month is unknown.
    pub nulls_scaled_to: f64,
    /// Customers with more readings in a month than it has hours.
    pub more_readings_than_hours: Limits,
    /// Customers whose half-hours or quarter-hours repeat the one before, in the worst month.
    pub equal_within_the_hour: Limits,
    /// Customers who lack more than a tenth of a month's hours between their first reading and their last, in the worst
    /// month.
    pub fewer_readings_than_hours: Limits,
    /// Hours without a reading, of all hours between each customer's first reading and the last.
    pub lost_hours: Limits,
    /// Days between the first and the last that hardly anybody has readings of.
    pub missing_days: Limits,
    /// Customers whose readings stop in the same month, long before those of most.
    pub stopped_readings: Limits,
    /// Customers whose readings stop in any month of the window, long before those of most.
    pub stopped_in_all: Limits,
    /// Customers whose readings begin more than a month after the window, or after they became customers.
    pub late_readings: Limits,
    /// Customers with totals of days or months instead of hourly readings.
    pub not_hourly: Limits,
    /// Readings in months that hardly anybody has, far from all others or between them.
    pub stray_readings: Limits,
    /// Months between the first and the last that nobody has.
    pub missing_months: Limits,
    /// Customers with a lone hour at the edge: labels of the hour's end, or another zone's clock.
    pub lone_hours: Limits,
    /// Customer-days with readings after the date of the run.
    pub after_as_of: Limits,
    /// Readings without a value, of fuels that the customer has.
    pub null_readings: Limits,
    /// Readings below 0.
    pub negative_readings: Limits,
    /// Customers whose electricity is exactly 0 in more than a thirtieth of the hours of a month in which they consume, in the
    /// worst month.
    pub zeros_among_hours: Limits,
    /// Customer-months whose consumption is not known.
    pub unknown_consumption: Limits,
    /// A month may hold this much more than contracted power times hours.
    pub power_margin: f64,
    /// Customers above contracted power in a month.
    pub above_power: Limits,
    /// From this share of customers far above it, by as much as Wh in place of kWh, the run stops.
    pub far_above_power: f64,
    /// The contracted power, kW, of the customer in the middle: outside of it, it is of another unit.
    pub power_kw: Plausible,
    /// A customer who draws less than this share of contracted power, on average over all months, draws hardly anything.
    pub least_load: f64,
    /// Customers who draw hardly anything: many of them have readings of another unit.
    pub low_load: Limits,
    /// The gas, m3 in an average month, of the home in the middle: outside of it, it is of another unit.
    pub gas_month_m3: Plausible,
    /// Homes with gas, second homes aside, that burn less than that.
    pub gas_too_little: Limits,
    /// Those that burn more.
    pub gas_too_much: Limits,
    /// Those that burn more than thirty times as much, which no house does.
    pub gas_far_too_much: Limits,
    /// Customers with a price of gas who burn none.
    pub gas_without_readings: Limits,
    /// Customers who burn gas, have a price of electricity and consume none.
    pub electricity_without_readings: Limits,
    /// The share of the electricity of the customer in the middle that is of nights, weekends and holidays.
    pub off_peak_share: Plausible,
    /// Customers whose month is less than a hundredth, or more than a hundred times, of their others.
    pub odd_months: Limits,
    /// Customers whose electricity is 0 in the last months, after months that were not.
    pub zeros_to_the_end: Limits,
    /// Customers whose consumption only rises, as the index of a meter does.
    pub only_rising: Limits,
    /// The share of customers with a label who left.
    pub base_rate: Plausible,
    /// The industrial customer in the middle has at least this share of the contracted power of the home in the middle.
    pub industrial_power: f64,
    /// Homes that are second homes.
    pub second_homes: Limits,
    /// Customers whose region is not that of most with their province code.
    pub province_regions: Limits,
    /// Customers whose contract ends before it starts, or starts before they were customers.
    pub contract_dates: Limits,
    /// Customers whose contract starts after the date of the run.
    pub future_contracts: Limits,
    /// Customers whose contract ended before it.
    pub expired_contracts: Limits,
    /// Contacts after the date of the run.
    pub contacts_after_as_of: Limits,
    /// Offers with an outcome that lie after the date of the run.
    pub outcomes_after_as_of: Limits,
    /// Customer-months whose prices or costs were carried forward.
    pub carried_forward: Limits,
    /// Customer-months that consumed something and that the files have no price or cost of, column by column.
    pub missing_prices: Limits,
    /// Customer-months whose energy costs nothing.
    pub zero_costs: Limits,
    /// What customers pay, as a multiple of what it costs, in the customer-month in the middle.
    pub price_and_cost: Plausible,
    /// The same of the fixed amount of gas.
    pub gas_fixed_and_cost: Plausible,
    /// Customer-months in which what customers pay is far from what it costs.
    pub price_and_cost_of_some: Limits,
    /// Customers who pay less than they cost.
    pub below_cost: Limits,
    /// The fixed cost of electricity, EUR a month per kW of contracted power, of the customer in the middle.
    pub fixed_cost_per_kw: Plausible,
    /// Customers whose fixed cost per kW is far from that.
    pub fixed_cost_and_power: Limits,
    /// Customers whose margin is not known.
    pub unknown_margin: Limits,
    /// Rows, customers, months and monthly sums that are fewer than in the last published run, and nulls that are more.
    pub published: Limits,
    /// Monthly sums that are more than in the last published run: what is more may be new customers, and 1 is double. A
    /// delivery that was doubled is so but for the last digits.
    pub published_more: Limits,
    /// The middle of a price or a cost, as a multiple of that in the last published run: outside of it people are warned.
    pub published_money: Plausible,
    /// The same: outside of it the run stops.
    pub published_money_block: Plausible,
    /// Customers of the same ID who have another sales channel, first activation or kind of home than in the last published
    /// run.
    pub published_attributes: Limits,
    /// Rows with a category that the last published run did not have.
    pub unseen_categories: Limits,
}

impl Default for CheckRules {
    fn default() -> Self {
        Self {
            as_of_share: 0.5,
            nulls_scaled_to: 0.25,
            more_readings_than_hours: Limits::of(0.0, 0.0),
            equal_within_the_hour: Limits::of(0.10, 0.50),
            fewer_readings_than_hours: Limits::of(0.01, 0.20),
            lost_hours: Limits::of(0.005, 0.10),
            missing_days: Limits::of(0.0, 0.25),
            stopped_readings: Limits::of(0.05, 0.20),
            stopped_in_all: Limits::of(0.15, 0.50),
            late_readings: Limits::of(0.05, 0.50),
            not_hourly: Limits::of(0.01, 0.05),
            stray_readings: Limits::of(0.0, 0.05),
            missing_months: Limits::of(0.0, 0.25),
            lone_hours: Limits::of(0.0, 1.0),
            after_as_of: Limits::of(0.0, 0.05),
            null_readings: Limits::of(0.01, 0.50),
            negative_readings: Limits::of(0.02, 0.50),
            zeros_among_hours: Limits::of(0.25, 1.0),
            unknown_consumption: Limits::of(0.0, 0.20),
            power_margin: 1.1,
            above_power: Limits::of(0.0, 0.20),
            far_above_power: 0.05,
            power_kw: Plausible::of(0.1, 1_000.0),
            least_load: 0.001,
            low_load: Limits::of(0.15, 0.60),
            gas_month_m3: Plausible::of(2.0, 350.0),
            gas_too_little: Limits::of(0.05, 0.20),
            gas_too_much: Limits::of(0.25, 0.40),
            gas_far_too_much: Limits::of(0.0, 0.05),
            gas_without_readings: Limits::of(0.05, 0.50),
            electricity_without_readings: Limits::of(0.10, 0.50),
            off_peak_share: Plausible::of(0.15, 0.62),
            odd_months: Limits::of(0.10, 0.75),
            zeros_to_the_end: Limits::of(0.05, 0.75),
            only_rising: Limits::of(0.05, 0.50),
            base_rate: Plausible::of(0.002, 0.60),
            industrial_power: 0.6,
            second_homes: Limits::of(0.50, 1.0),
            province_regions: Limits::of(0.05, 1.0),
            contract_dates: Limits::of(0.01, 0.20),
            future_contracts: Limits::of(0.05, 1.0),
            expired_contracts: Limits::of(0.15, 1.0),
            contacts_after_as_of: Limits::of(0.10, 0.50),
            outcomes_after_as_of: Limits::of(0.10, 1.0),
            carried_forward: Limits::of(0.01, 1.0),
            missing_prices: Limits::of(0.50, 0.50),
            zero_costs: Limits::of(0.01, 0.50),
            price_and_cost: Plausible::of(0.2, 5.0),
            gas_fixed_and_cost: Plausible::of(0.25, 5.0),
            price_and_cost_of_some: Limits::of(0.01, 0.20),
            below_cost: Limits::of(0.50, 1.0),
            fixed_cost_per_kw: Plausible::of(1.0, 10.0),
            fixed_cost_and_power: Limits::of(0.02, 1.0),
            unknown_margin: Limits::of(0.01, 0.20),
            published: Limits::of(0.05, 0.20),
            published_more: Limits::of(0.05, 0.95),
            published_money: Plausible::of(0.75, 1.25),
            published_money_block: Plausible::of(0.33, 3.0),
            published_attributes: Limits::of(0.20, 1.0),
            unseen_categories: Limits::of(0.05, 0.20),
        }
    }
}

impl CheckRules {
    /// What does not fit together, one line each.
    pub fn problems(&self) -> Vec<String> {
        let limits = [
            ("more_readings_than_hours", self.more_readings_than_hours),
            ("equal_within_the_hour", self.equal_within_the_hour),
            ("fewer_readings_than_hours", self.fewer_readings_than_hours),
            ("lost_hours", self.lost_hours),
            ("missing_days", self.missing_days),
            ("stopped_readings", self.stopped_readings),
            ("stopped_in_all", self.stopped_in_all),
            ("late_readings", self.late_readings),
            ("not_hourly", self.not_hourly),
            ("stray_readings", self.stray_readings),
            ("missing_months", self.missing_months),
            ("lone_hours", self.lone_hours),
            ("after_as_of", self.after_as_of),
            ("null_readings", self.null_readings),
            ("negative_readings", self.negative_readings),
            ("zeros_among_hours", self.zeros_among_hours),
            ("unknown_consumption", self.unknown_consumption),
            ("above_power", self.above_power),
            ("low_load", self.low_load),
            ("gas_too_little", self.gas_too_little),
            ("gas_too_much", self.gas_too_much),
            ("gas_far_too_much", self.gas_far_too_much),
            ("gas_without_readings", self.gas_without_readings),
            ("electricity_without_readings", self.electricity_without_readings),
            ("odd_months", self.odd_months),
            ("zeros_to_the_end", self.zeros_to_the_end),
            ("only_rising", self.only_rising),
            ("second_homes", self.second_homes),
            ("province_regions", self.province_regions),
            ("contract_dates", self.contract_dates),
            ("future_contracts", self.future_contracts),
            ("expired_contracts", self.expired_contracts),
            ("contacts_after_as_of", self.contacts_after_as_of),
            ("outcomes_after_as_of", self.outcomes_after_as_of),
            ("carried_forward", self.carried_forward),
            ("missing_prices", self.missing_prices),
            ("zero_costs", self.zero_costs),
            ("price_and_cost_of_some", self.price_and_cost_of_some),
            ("below_cost", self.below_cost),
            ("fixed_cost_and_power", self.fixed_cost_and_power),
            ("unknown_margin", self.unknown_margin),
            ("published", self.published),
            ("published_more", self.published_more),
            ("published_attributes", self.published_attributes),
            ("unseen_categories", self.unseen_categories),
        ];
        let share = |share: f64| (0.0..=1.0).contains(&share);
        let mut problems = Vec::new();
        for (name, Limits { warn, block }) in limits {
            if !share(warn) || !share(block) || warn > block {
                problems
                    .push(format!("checks.{name}: warn {warn} and block {block} are not shares from 0 to 1, rising"));
            }
        }
        let shares = [
            ("as_of_share", self.as_of_share),
            ("nulls_scaled_to", self.nulls_scaled_to),
            ("far_above_power", self.far_above_power),
            ("least_load", self.least_load),
            ("industrial_power", self.industrial_power),
        ];
        for (name, value) in shares {
            if !share(value) {
                problems.push(format!("checks.{name}: {value} is not a share from 0 to 1"));
            }
        }
        let plausible = [
            ("power_kw", self.power_kw),
            ("gas_month_m3", self.gas_month_m3),
            ("off_peak_share", self.off_peak_share),
            ("base_rate", self.base_rate),
            ("price_and_cost", self.price_and_cost),
            ("gas_fixed_and_cost", self.gas_fixed_and_cost),
            ("fixed_cost_per_kw", self.fixed_cost_per_kw),
            ("published_money", self.published_money),
            ("published_money_block", self.published_money_block),
        ];
        for (name, Plausible { least, most }) in plausible {
            if !(0.0..=most).contains(&least) {
                problems.push(format!("checks.{name}: least {least} and most {most} are not from 0 up, rising"));
            }
        }
        if !(1.0..=100.0).contains(&self.power_margin) {
            problems.push(format!("checks.power_margin: {} is not a factor from 1 to 100", self.power_margin));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_at_the_limit_is_within_it() {
        let limits = Limits::of(0.05, 0.2);
        let of = [0.0, 0.05, 0.06, 0.2, 0.21].map(|share| limits.severity(share));
        assert_eq!(of, [Severity::Info, Severity::Info, Severity::Warn, Severity::Warn, Severity::Block]);
    }

    #[test]
    fn the_defaults_fit_and_what_does_not_is_named() {
        assert!(CheckRules::default().problems().is_empty());
        let odd = CheckRules { published: Limits::of(0.3, 0.2), power_margin: 0.0, ..CheckRules::default() };
        let problems = odd.problems();
        assert!(problems[0].contains("published") && problems[1].contains("power_margin"), "{problems:?}");
        let odd = CheckRules { base_rate: Plausible::of(0.9, 0.1), ..CheckRules::default() };
        assert!(odd.problems()[0].starts_with("checks.base_rate: least 0.9"), "{:?}", odd.problems());
    }
}
