//! Dates whose day and month changed places: up to the 12th of a month they can be read, and are others.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use polars::prelude::DataFrame;

use super::{Evaluation, Finding, Severity};
use crate::columns::dates;
use crate::error::Result;

const RULE: &str = "day_and_month";
const CUSTOMERS: &str = "bronze_customer";
const CONTACTS: &str = "customer_interactions";
const OUTCOMES: &str = "offer_outcomes";
const OF_CUSTOMERS: [&str; 4] =
    ["customer_first_activation_date", "contract_start_date", "last_product_change_date", "next_renewal_date"];
/// Of fewer dates nobody can say how their days and months are spread.
const MANY: usize = 500;
const TOO_FEW: &str = "fewer than 500 dates, whose days and months tell nothing";
/// A day up to this one may as well be a month.
const MONTHS: u32 = 12;
/// Dates that are always of the same day or two of a month are so on purpose; those of a month or two are of a campaign.
const ONE_OR_TWO: usize = 2;
/// Shares that are so far apart are so by no chance: those of honest dates, 500 or more, differ by half of it.
const APART: f64 = 0.1;
/// The numbers that are looked at: from 2 to 12. Many contracts begin on the first of a month.
const NUMBERS: usize = 11;

/// How often each of these numbers comes, as shares.
type Shares = [f64; NUMBERS];

/// Whether day and month changed places in a column of dates of `bronze_customer`, the contacts or the outcomes of offers.
pub fn of_days_and_months(
    bronze_customer: &DataFrame,
    customer_interactions: Option<&DataFrame>,
    offer_outcomes: Option<&DataFrame>,
) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let (mut findings, mut checks) = of_columns(CUSTOMERS, bronze_customer, &OF_CUSTOMERS)?;
    for (name, table) in [(CONTACTS, customer_interactions), (OUTCOMES, offer_outcomes)] {
        if let Some(table) = table {
            let (found, made) = of_columns(name, table, &["date"])?;
            findings.extend(found);
            checks.extend(made);
        }
    }
    Ok((findings, checks))
}

fn of_columns(name: &str, table: &DataFrame, columns: &[&str]) -> Result<(Vec<Finding>, Vec<Evaluation>)> {
    let (mut findings, mut are_many) = (Vec::new(), false);
    for column in columns {
        let known: Vec<NaiveDate> = dates(table, column)?.into_iter().flatten().collect();
        are_many |= known.len() >= MANY;
        findings.extend(changed_places(name, column, &known));
    }
    let check =
        if are_many { Evaluation::of(name, RULE, &findings) } else { Evaluation::not_made(name, RULE, TOO_FEW) };
    Ok((findings, vec![check]))
}

fn changed_places(table: &str, column: &str, known: &[NaiveDate]) -> Option<Finding> {
    let (early, late): (Vec<NaiveDate>, Vec<NaiveDate>) = known.iter().copied().partition(|date| date.day() <= MONTHS);
    let (count, all) = (early.len() as u64, known.len() as u64);
    let looks_like =
        "it looks like day and month that changed places where a day can be a month (2024-03-07 as 2024-07-03)";
    let words = if late.is_empty() {
        let days: BTreeSet<u32> = early.iter().map(NaiveDate::day).collect();
        let months: BTreeSet<(i32, u32)> = early.iter().map(|date| (date.year(), date.month())).collect();
        if early.len() < MANY || days.len() <= ONE_OR_TWO || months.len() <= ONE_OR_TWO {
            return None;
        }
        format!(
            "none of {all} dates of {column} is after the 12th of its month: {looks_like}, and dates that were lost where it \
             cannot; deliver all of them as YYYY-MM-DD"
        )
    } else {
        if !is_mirrored(&early, &late) {
            return None;
        }
        format!(
            "of {all} dates of {column}, the {count} up to the 12th have days that come as often as the months of all others, \
             and months that do not: {looks_like}, as a spreadsheet of another country reads them; deliver them as YYYY-MM-DD \
             from where they were written"
        )
    };
    Some(Finding::new(Severity::Warn, table, RULE, words).of_column(column).counting_of(count, all))
}

/// Whether the days of the early dates are spread as the months of the late ones, which cannot have changed places, much more
/// than as evenly as days are, and their months are not. Where months are spread as evenly as days, nothing tells them apart.
fn is_mirrored(early: &[NaiveDate], late: &[NaiveDate]) -> bool {
    if early.len() < MANY || late.len() < MANY {
        return false;
    }
    let usual = shares(late.iter().map(NaiveDate::month));
    let may_be_either = |date: &&NaiveDate| date.day() > 1 && date.month() > 1;
    let either = || early.iter().filter(may_be_either);
    let of_months = apart(&shares(either().map(NaiveDate::month)), &usual);
    let of_days = apart(&shares(either().map(NaiveDate::day)), &usual);
    let seasons = apart(&[1.0 / NUMBERS as f64; NUMBERS], &usual);
    // Months may be others for an honest reason, as a takeover in one of them; their days are then even.
    seasons > APART && of_days < seasons * 2.0 / 3.0 && of_months - of_days > APART
}

fn shares(numbers: impl Iterator<Item = u32>) -> Shares {
    let (mut shares, mut all) = ([0.0_f64; NUMBERS], 0.0_f64);
    for number in numbers {
        if let Some(share) = number.checked_sub(2).and_then(|place| shares.get_mut(place as usize)) {
            *share += 1.0;
            all += 1.0;
        }
    }
    shares.map(|count| count / all.max(1.0))
}

/// The share that is elsewhere in the other one (the total variation distance).
fn apart(one: &Shares, other: &Shares) -> f64 {
    one.iter().zip(other).map(|(one, other)| (one - other).abs()).sum::<f64>() / 2.0
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use polars::prelude::df;

    use super::*;

    /// So many dates of contracts that begin mostly in spring and summer of a year, each day as often as the others of its month.
    fn seasonal(count: u64) -> Vec<NaiveDate> {
        let first = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let of_year = (0..count).map(|number| (number * 7_919 % 366, number));
        let is_there = |day: u64, number: u64| (90..240).contains(&day) || number.is_multiple_of(4);
        of_year.filter(|(day, number)| is_there(*day, *number)).map(|(day, _)| first + Days::new(day)).collect()
    }

    /// As a spreadsheet of another country reads them.
    fn swapped(date: NaiveDate) -> NaiveDate {
        NaiveDate::from_ymd_opt(date.year(), date.day(), date.month()).unwrap_or(date)
    }

    fn found(known: &[NaiveDate]) -> Option<(u64, String)> {
        let finding = changed_places(CUSTOMERS, "contract_start_date", known)?;
        assert_eq!(finding.severity, Severity::Warn);
        Some((finding.count, finding.words))
    }

    #[test]
    fn dates_that_a_spreadsheet_read_otherwise_are_told_and_honest_ones_are_not() {
        let honest = seasonal(6_000);
        assert_eq!(found(&honest), None);
        let read_otherwise: Vec<NaiveDate> = honest.iter().copied().map(swapped).collect();
        let (count, words) = found(&read_otherwise).unwrap();
        assert_eq!(count, honest.iter().filter(|date| date.day() <= 12).count() as u64);
        assert!(words.contains("contract_start_date") && words.contains("2024-03-07 as 2024-07-03"), "{words}");
        assert_eq!(found(&read_otherwise[..900]), None, "of so few nobody can say");
    }

    #[test]
    fn months_that_are_spread_as_evenly_as_days_tell_nothing_and_no_takeover_is_a_swap() {
        let first = NaiveDate::from_ymd_opt(2016, 1, 1).unwrap();
        let even: Vec<NaiveDate> = (0..2_922).map(|day| first + Days::new(day)).collect();
        assert_eq!(found(&even), None);
        let seasonal = seasonal(6_000);
        for honest in [even, seasonal] {
            let takeover = (0..1_500).map(|number| NaiveDate::from_ymd_opt(2021, 11, 2 + number % 11).unwrap());
            assert_eq!(found(&honest.iter().copied().chain(takeover).collect::<Vec<_>>()), None);
        }
    }

    #[test]
    fn a_campaign_of_some_days_is_no_swap() {
        let days =
            |month: u32| (0..600).map(move |number| NaiveDate::from_ymd_opt(2024, month, 3 + number % 7).unwrap());
        assert_eq!(found(&days(3).collect::<Vec<_>>()), None);
        assert_eq!(found(&days(3).chain(days(9)).collect::<Vec<_>>()), None);
        assert!(found(&days(3).chain(days(9)).chain(days(10)).collect::<Vec<_>>()).is_some());
    }

    #[test]
    fn a_column_without_a_day_after_the_12th_is_told_unless_it_has_a_day_or_two_of_the_month() {
        let early: Vec<NaiveDate> = seasonal(4_000).into_iter().filter(|date| date.day() <= 12).collect();
        let (count, words) = found(&early).unwrap();
        assert_eq!(count, early.len() as u64);
        assert!(words.contains("is after the 12th of its month"), "{words}");
        assert_eq!(found(&early[..499]), None, "of so few nobody can say");
        let first_of_month: Vec<NaiveDate> = early.iter().filter_map(|date| date.with_day(1)).collect();
        assert_eq!(found(&first_of_month), None);
    }

    #[test]
    fn every_column_of_dates_is_looked_at_where_it_has_enough() {
        let columns = |known: Vec<NaiveDate>| {
            df!(
                OF_CUSTOMERS[0] => &known, OF_CUSTOMERS[1] => &known, OF_CUSTOMERS[2] => &known, OF_CUSTOMERS[3] => &known,
                "date" => &known,
            )
            .unwrap()
        };
        let honest = seasonal(6_000);
        let (many, few) = (columns(honest.iter().copied().map(swapped).collect()), columns(honest[..499].to_vec()));
        let (findings, checks) = of_days_and_months(&many, Some(&many), Some(&many)).unwrap();
        let tables: Vec<&str> = findings.iter().map(|finding| finding.table.as_str()).collect();
        assert_eq!(tables, [CUSTOMERS, CUSTOMERS, CUSTOMERS, CUSTOMERS, CONTACTS, OUTCOMES]);
        assert_eq!(checks.len(), 3);
        let (findings, checks) = of_days_and_months(&few, None, None).unwrap();
        assert_eq!((findings, checks), (Vec::new(), vec![Evaluation::not_made(CUSTOMERS, RULE, TOO_FEW)]));
    }
}
